"""`seedlint classify`: what sentences say of seeds, JSON lines in and JSON lines out, one at a time."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from seedlint.paper.classify import Context
from seedlint.paper.classify import classify as verdict_on
from seedlint.paper.document import Kind

TEXTS = ("sentence", "prev", "next", "section")


class BadLine(ValueError):
    """A line of the input that is no sentence to classify; the message says why in one line."""


@click.command()
def classify() -> None:
    """Say what sentences of papers say of random seeds.

    Reads JSON lines from standard input: "id" and "sentence", and where they are known "prev" and "next" (the sentences before
    and after), "section" (the heading above) and "kind" (body, caption, footnote, table). Writes one JSON line for each: "id",
    "label" (one of the five uses, other or none), "confidence" (0 to 1) and "why" (the phrases that decided it). A line that
    cannot be used is named on standard error, and the exit code is then 2.
    """
    bad = False
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            answer = answer_to(line)
        except BadLine as error:
            click.echo(f"seedlint: line {number}: {error}", err=True)
            bad = True
        else:
            sys.stdout.write(json.dumps(answer) + "\n")
    if bad:
        sys.exit(2)


def answer_to(line: bytes) -> dict[str, Any]:
    """Classify one line's sentence. Raises BadLine."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"not JSON in UTF-8 ({str(error).splitlines()[0]})") from error
    if not isinstance(asked, dict) or "id" not in asked or "sentence" not in asked:
        raise BadLine('an object with "id" and "sentence" is needed')
    wrong = next((key for key in TEXTS if not isinstance(asked.get(key) or "", str)), None)
    if wrong is not None:
        raise BadLine(f'"{wrong}" must be a text')
    sentence, prev, following, section = (asked.get(key) or "" for key in TEXTS)
    verdict = verdict_on(Context(sentence, prev, following, section, _kind(asked.get("kind") or Kind.BODY.value)))
    return {"id": asked["id"], "label": verdict.label, "confidence": verdict.confidence, "why": list(verdict.why)}


def _kind(name: Any) -> Kind:
    try:
        return Kind(name)
    except ValueError as error:
        raise BadLine(f'"kind" must be one of {", ".join(kind.value for kind in Kind)}') from error
