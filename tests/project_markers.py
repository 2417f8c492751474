"""Reads the expectations that the fixture projects carry in comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"
PROJECTS = FIXTURES / "projects"

SLASHED = (".jsonnet", ".libsonnet", ".json5")
"""Where comments begin with `//`; plain JSON holds its markers as the value of a key `"//"`, all others after a `#`."""

OPENER = r'(?:"//": "|# |// )'
CODES = re.compile(OPENER + r'expect(?: \+(\d+))?: (SL\d{3}(?:, SL\d{3})*)(?=" *[,}\]]| *(?:#|//|$))')
USE = re.compile(OPENER + r'expect-use(?: \+(\d+))?: ([a-z_]+)(?=" *[,}\]]| *(?:#|//|$))')
ANY = re.compile(r'(?:#|//"?:? *"?) *expect')


@dataclass(frozen=True)
class Markers:
    """What a project expects, each as (file or cell, line, code or use), and the lines whose marker does not parse."""

    findings: frozenset[tuple[str, int, str]]
    uses: frozenset[tuple[str, int, str]]
    malformed: tuple[str, ...]


def project_folders() -> list[Path]:
    return sorted(folder for folder in PROJECTS.iterdir() if folder.is_dir())


def project_files(project: Path) -> list[Path]:
    return sorted(path for path in project.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def spot(path: str, cell: int | None) -> str:
    """The file, or the cell of a notebook, in which a line stands."""
    return path if cell is None else f"{path}:cell {cell}"


def markers_of(project: Path) -> Markers:
    findings, uses, malformed = set(), set(), []
    for path in project_files(project):
        for where, text in _texts(path, path.relative_to(project).as_posix()):
            for number, line in enumerate(text.splitlines(), start=1):
                codes, use = CODES.search(line), USE.search(line)
                if codes:
                    findings |= {(where, number + int(codes[1] or 0), code) for code in codes[2].split(", ")}
                if use:
                    uses.add((where, number + int(use[1] or 0), use[2]))
                if len(ANY.findall(line)) != bool(codes) + bool(use) or not _in_style(path, codes or use):
                    malformed.append(f"{where}:{number}: {line.strip()}")
    return Markers(frozenset(findings), frozenset(uses), tuple(malformed))


def _texts(path: Path, relative: str) -> Iterator[tuple[str, str]]:
    """The text of a file, or of each code cell of a notebook, and the name of where it stands."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        yield relative, text
        return
    code = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    for index, cell in enumerate(code):
        yield spot(relative, index), "".join(cell["source"])


def _in_style(path: Path, marker: re.Match[str] | None) -> bool:
    """Whether a marker is a comment in the language of its file."""
    style = {".json": '"//": "'} | dict.fromkeys(SLASHED, "// ")
    return marker is None or marker[0].startswith(style.get(path.suffix, "# "))
