"""`seedlint rules`: the rules at a glance."""

from __future__ import annotations

import click

from seedlint.rulebook import Rule, Rulebook, load_rulebook

HEADINGS = ("code", "name", "severity", "use")
NO_USE = "-"


@click.command()
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to list them.",
)
def rules(format_: str) -> None:
    """List the rules: code, name, severity, and the use of a seed that each is about."""
    rulebook = load_rulebook()
    click.echo(as_json(rulebook) if format_ == "json" else as_table(rulebook))


def as_table(rulebook: Rulebook) -> str:
    """The rules as aligned columns under a line of headings."""
    rows = [HEADINGS, *(_row(rule) for rule in rulebook)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def as_json(rulebook: Rulebook) -> str:
    """The rules as a JSON array of objects."""
    import json

    return json.dumps([_record(rule) for rule in rulebook], indent=2, ensure_ascii=False)


def _row(rule: Rule) -> tuple[str, ...]:
    return rule.code, rule.name, rule.severity.value, rule.use.value if rule.use else NO_USE


def _record(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "use": rule.use.value if rule.use else None,
        "since": rule.since,
        "applies_to": list(rule.applies_to),
        "message": rule.message,
        "help": rule.help,
    }
