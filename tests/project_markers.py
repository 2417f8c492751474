"""Reads the expectations that the fixture projects carry as trailing comments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"
PROJECTS = FIXTURES / "projects"

CODES = re.compile(r"# expect: (SL\d{3}(?:, SL\d{3})*)(?= *(?:#|$))")
USE = re.compile(r"# expect-use: ([a-z_]+)(?= *(?:#|$))")
ANY = re.compile(r"# *expect")


@dataclass(frozen=True)
class Markers:
    """What a project expects, each as (path, line, code or use), and the lines whose marker does not parse."""

    findings: frozenset[tuple[str, int, str]]
    uses: frozenset[tuple[str, int, str]]
    malformed: tuple[str, ...]


def project_folders() -> list[Path]:
    return sorted(folder for folder in PROJECTS.iterdir() if folder.is_dir())


def markers_of(project: Path) -> Markers:
    findings, uses, malformed = set(), set(), []
    for path in sorted(project.rglob("*.py")):
        relative = path.relative_to(project).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            codes, use = CODES.search(line), USE.search(line)
            if codes:
                findings |= {(relative, number, code) for code in codes[1].split(", ")}
            if use:
                uses.add((relative, number, use[1]))
            if len(ANY.findall(line)) != bool(codes) + bool(use):
                malformed.append(f"{relative}:{number}: {line.strip()}")
    return Markers(frozenset(findings), frozenset(uses), tuple(malformed))
