"""The renderers: one output format a file, a report in, text out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from seedlint.uses import Report

FORMATS: tuple[str, ...] = ("text", "json", "sarif", "github", "gitlab", "rdjson", "junit")

ReadLine = Callable[[str, int, "int | None"], "str | None"]
"""Path, line and notebook cell in, that source line out; None where it cannot be read."""

FileLine = Callable[[str, int, "int | None"], "int | None"]
"""Path, line and notebook cell in, the line of the file on which that line stands out; None where it cannot be found."""


@dataclass(frozen=True)
class View:
    """How the reader wants to see a report.

    `statistics` shows counts per rule in place of the findings (text only). `width` is the terminal's. `file_line` is for
    formats that know no notebooks. `hidden` counts the findings that a baseline has taken out. `root` is the absolute folder
    that reported paths are relative to; only SARIF names it. `rule_url` is the address of a rule's page with `{code}` and
    `{name}` to fill in, if there is one.
    """

    colour: bool = False
    show_safe: bool = False
    statistics: bool = False
    width: int = 100
    read_line: ReadLine | None = None
    file_line: FileLine | None = None
    hidden: int = 0
    root: str | None = None
    rule_url: str | None = None


def render(report: Report, format: str, *, view: View) -> str:
    """The report in one of `FORMATS`; each renderer's module says how it treats acknowledged findings and errors."""
    if format not in FORMATS:
        raise ValueError(f"unknown format {format!r}; choose one of {', '.join(FORMATS)}")
    renderer = cast(Callable[[Report, View], str], import_module(f"seedlint.report.as_{format}").render)
    return renderer(report, view)
