"""Every example of every rule page gets exactly the findings that its marks name; the good ones have no marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import findings_of

from seedlint.rulebook import DEFAULT_FILES, Example, load_rulebook

EXAMPLES = [
    pytest.param(example, id=f"{rule.code}-{example.project}")
    for rule in load_rulebook()
    for example in rule.examples()
]
PAPER = DEFAULT_FILES["text"]
LENGTH = "\n\n" + "The archive keeps the letters, ledgers and maps of a trading town, all written by hand. " * 100
"""What a page leaves out: little papers are shown, and the rules look at whole ones."""


def write(example: Example, folder: Path) -> None:
    for name, text in example.files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def paper_findings_of(path: Path) -> list[tuple[str, int, str]]:
    """(path, line, code) of every finding in a paper of one sentence a line that its authors have not acknowledged.

    Line 1 for a finding on the whole paper.
    """
    from seedlint.paper.findings import findings
    from seedlint.paper.review import review
    from seedlint.paper.source import read

    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines) + LENGTH, encoding="utf-8")
    found = [one for one in findings(review(read(path))) if not one.acknowledged]
    return sorted((path.name, lines.index(one.sentence) + 1 if one.sentence else 1, one.code) for one in found)


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_gets_the_findings_it_is_marked_with(example: Example, tmp_path: Path) -> None:
    write(example, tmp_path)
    paper = tmp_path / PAPER
    found = paper_findings_of(paper) if paper.exists() else findings_of(tmp_path)
    assert found == sorted((wanted.file, wanted.line, wanted.code) for wanted in example.expected)
