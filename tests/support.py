"""What several tests need: the findings that a user standing in a folder would get."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner

from seedlint.cli import cli


@contextmanager
def standing_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def findings_of(folder: Path) -> list[tuple[str, int, str]]:
    """(path, line, code) of every finding in the folder that its author has not acknowledged, in order."""
    with standing_in(folder):
        arguments = ["check", "--format", "json", "--no-cache", "--jobs", "1", "."]
        result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code in (0, 1), result.output
    report = json.loads(result.stdout)
    assert report["errors"] == []
    found = [(entry["path"], entry["line"], entry["code"]) for entry in report["findings"] if not entry["acknowledged"]]
    return sorted(found)
