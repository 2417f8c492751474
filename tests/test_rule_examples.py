"""Every example of every rule page gets exactly the findings that its marks name; the good ones have no marks."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import findings_of

from seedlint.rulebook import Example, load_rulebook

EXAMPLES = [
    pytest.param(example, id=f"{rule.code}-{example.project}")
    for rule in load_rulebook()
    for example in rule.examples()
]


def write(example: Example, folder: Path) -> None:
    for name, text in example.files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_gets_the_findings_it_is_marked_with(example: Example, tmp_path: Path) -> None:
    write(example, tmp_path)
    assert findings_of(tmp_path) == sorted((wanted.file, wanted.line, wanted.code) for wanted in example.expected)
