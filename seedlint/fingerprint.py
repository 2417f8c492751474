"""What makes two findings the same one over time: rule, path and the line's text, never the line's number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from seedlint.uses import Finding

Identity = tuple[str, str, str]
"""Rule code, normalised path and normalised line text."""


def identity(finding: Finding) -> Identity:
    """What the finding is known by; several findings on equal lines of one file share it."""
    return finding.code, same_path(finding.place.path), same_text(finding.text)


def same_path(path: str) -> str:
    """One spelling for a path: `./a\\\\b.py`, `a//b.py` and `a/b.py` are the same file."""
    import posixpath

    return posixpath.normpath(path.replace("\\", "/"))


def same_text(text: str) -> str:
    """One spelling for a line: indentation and spacing may change."""
    return " ".join(text.split())


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """A hash for each finding, unique within the findings and stable when lines move or are indented anew."""
    from hashlib import sha256

    result = [""] * len(findings)
    seen: Counter[Identity] = Counter()
    for index in sorted(range(len(findings)), key=lambda index: position(findings[index])):
        key = identity(findings[index])
        parts = (*key, str(seen[key]))
        result[index] = sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
        seen[key] += 1
    return result


def position(finding: Finding) -> tuple[str, int, int, int]:
    """The order in which equal findings are counted: from the top of the file down."""
    place = finding.place
    return same_path(place.path), place.cell or 0, place.line, place.column
