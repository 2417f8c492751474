"""What makes two findings the same one over time: rule, path and the line's text, never the line's number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

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
    order = sorted(range(len(findings)), key=lambda index: position(findings[index]))
    found = dict(zip(order, hashes(identity(findings[index]) for index in order), strict=True))
    return [found[index] for index in range(len(findings))]


def hashes(identities: Iterable[Identity]) -> list[str]:
    """A hash for each identity; equal ones are told apart by their order."""
    from hashlib import sha256

    seen: Counter[Identity] = Counter()
    result = []
    for key in identities:
        parts = (*key, str(seen[key]))
        result.append(sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest())
        seen[key] += 1
    return result


def position(finding: Finding) -> tuple[str, int, int, int]:
    """The order in which equal findings are counted: from the top of the file down."""
    place = finding.place
    return same_path(place.path), place.cell or 0, place.line, place.column
