"""The baseline: the findings that a project already had, so that only new ones speak.

The file is JSON, one entry a line, sorted, and knows findings by rule, path and text, never by line number. It only
shrinks: an entry whose finding is gone is stale and is to be taken out, so that the finding cannot come back unseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from seedlint.fingerprint import Identity, identity, position, same_path, same_text
from seedlint.uses import Finding

VERSION = 1


class BaselineError(Exception):
    """A baseline that cannot be read or written, and why, in one line."""


@dataclass(frozen=True, order=True)
class Entry:
    """Findings of one rule on equal lines of one file; `count` is how many."""

    path: str
    rule: str
    text: str
    count: int = 1

    @property
    def identity(self) -> Identity:
        """What the findings of this entry are known by, however the file spells it."""
        return self.rule, same_path(self.path), same_text(self.text)


@dataclass(frozen=True)
class Applied:
    """A run's findings held against a baseline.

    `kept` are the findings that are still to be reported, `matched` the known ones, and `stale` the entries (or the
    part of their count) that match nothing any more.
    """

    kept: tuple[Finding, ...]
    matched: tuple[Finding, ...]
    stale: tuple[Entry, ...]


def write(path: Path, findings: Iterable[Finding]) -> int:
    """Make the findings the baseline, and say how many they are; acknowledged ones need none and are left out."""
    known = Counter(identity(finding) for finding in findings if finding.acknowledged is None)
    _save(path, known)
    return known.total()


def apply(path: Path, findings: Sequence[Finding], judged: Callable[[Entry], bool] = lambda entry: True) -> Applied:
    """Take the known findings out. `judged` says of an entry whether this run looked at its file and rule at all.

    An entry that was not judged is never stale: a run over five changed files says nothing of the others. Acknowledged
    findings are always kept, and an entry for one is stale. Where more lines are equal than the entry counts, the
    lower ones are new.
    """
    left = read(path)
    matched = set()
    for index in sorted(range(len(findings)), key=lambda index: position(findings[index])):
        key = identity(findings[index])
        if findings[index].acknowledged is None and left[key] > 0:
            left[key] -= 1
            matched.add(index)
    return Applied(
        kept=tuple(finding for index, finding in enumerate(findings) if index not in matched),
        matched=tuple(finding for index, finding in enumerate(findings) if index in matched),
        stale=tuple(entry for entry in _entries(left) if judged(entry)),
    )


def shrink(path: Path, stale: Iterable[Entry]) -> None:
    """Rewrite the baseline without the stale entries."""
    known = read(path)
    known.subtract({entry.identity: entry.count for entry in stale})
    _save(path, known)


def read(path: Path) -> Counter[Identity]:
    """How many findings the baseline knows of each identity; BaselineError where it is no baseline."""
    import json

    try:
        document = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))
    except FileNotFoundError as error:
        raise BaselineError(f"{path}: no such baseline; write one with --write-baseline") from error
    except OSError as error:
        raise BaselineError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path}: is not JSON; mend it, or write it anew with --write-baseline") from error
    version = document.get("version") if isinstance(document, dict) else None
    if version != VERSION:
        raise BaselineError(f"{path}: is not a baseline of version {VERSION}; write it anew with --write-baseline")
    listed = document.get("findings")
    if not isinstance(listed, list):
        raise BaselineError(f"{path}: has no list of findings")
    known: Counter[Identity] = Counter()
    for number, fields in enumerate(listed, 1):
        entry = _entry(fields)
        if entry is None:
            raise BaselineError(f"{path}: entry {number} needs path, rule and text, and a count of at least 1")
        known[entry.identity] += entry.count
    return known


def _entry(fields: object) -> Entry | None:
    """One item of the file's list, if it is an entry."""
    if not isinstance(fields, dict) or fields.keys() != {"path", "rule", "text", "count"}:
        return None
    path, rule, text, count = fields["path"], fields["rule"], fields["text"], fields["count"]
    if not all(isinstance(value, str) for value in (path, rule, text)):
        return None
    return Entry(path, rule, text, count) if type(count) is int and count >= 1 else None


def _entries(known: Counter[Identity]) -> list[Entry]:
    """What is left of a baseline, in the order of the file."""
    return sorted(Entry(path, rule, text, count) for (rule, path, text), count in known.items() if count > 0)


def _save(path: Path, known: Counter[Identity]) -> None:
    """Write the file, one entry a line, so that a change of it reads as what changed."""
    import json

    from seedlint.files import write_file

    lines = [
        json.dumps(
            {"path": entry.path, "rule": entry.rule, "text": entry.text, "count": entry.count}, ensure_ascii=False
        )
        for entry in _entries(known)
    ]
    listed = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
    document = f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'
    try:
        write_file(str(path), document.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise BaselineError(f"{path}: cannot be written: {error.strerror}") from error
