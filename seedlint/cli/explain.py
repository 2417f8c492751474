"""`seedlint explain`: a rule's page, to read in the terminal."""

from __future__ import annotations

import re
import sys

import click

from seedlint.rulebook import Rule, UnknownRule, load_rulebook

FENCE_LINE = re.compile(r"^```(?:\w+(?P<options>[^\n]*))?$")


@click.command()
@click.argument("rule", metavar="CODE_OR_NAME")
def explain(rule: str) -> None:
    """Say what a rule finds, why it is risky, and what to do instead.

    CODE_OR_NAME is a rule's code or its name, such as SL101 or hard-coded-seed.
    """
    try:
        found = load_rulebook().find(rule)
    except UnknownRule as error:
        click.echo(f"seedlint: {error}", err=True)
        sys.exit(2)
    click.echo(as_text(found))


def as_text(rule: Rule) -> str:
    """A rule's page as plain text: a title, underlined headings and indented code."""
    about = f"{rule.severity.value}, since {rule.since}"
    if rule.use:
        about += f", use: {rule.use.value.replace('_', ' ')}"
    title = f"{rule.code} {rule.name}"
    return "\n".join([title, "=" * len(title), about, "", *_plain(rule.body)]).rstrip()


def _plain(markdown: str) -> list[str]:
    lines: list[str] = []
    in_code = False
    for line in markdown.splitlines():
        fence = FENCE_LINE.match(line)
        if fence:
            in_code = not in_code
            if in_code:
                lines += _caption(fence["options"] or "")
        elif in_code:
            lines.append(f"    {line}".rstrip())
        elif line.startswith("## "):
            lines += [line[3:], "-" * len(line[3:])]
        else:
            lines.append(line)
    return lines


def _caption(options: str) -> list[str]:
    """What a block's info string says of it: good or bad, and which file it is."""
    words = options.split()
    kind = [word for word in words if word in ("good", "bad")]
    file = [word.removeprefix("file=") for word in words if word.startswith("file=")]
    return [f"  {' '.join([*kind, *file])}:"] if kind or file else []
