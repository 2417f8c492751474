"""Comments by which an author silences or acknowledges findings: reads them, applies them, finds those that do nothing.

`# seedlint: ignore[SL101] reason`, `# seedlint: acknowledge[SL101] reason` and `# noqa: SL101` at the end of a line
speak of that line; on a line of their own they speak of the statement below. `# seedlint: ignore-file[SL101]` speaks of
the whole file, or notebook. Files whose comments begin with `//` hold the same words behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seedlint.judge import Judge
from seedlint.lines import Lines
from seedlint.settings import SettingsError
from seedlint.uses import Circumstance, Finding, Place, SeedUse, Use

if TYPE_CHECKING:
    from seedlint.comments import Comment

KINDS = ("ignore", "ignore-file", "acknowledge")
UNUSED = "SL001"

_DIRECTIVE = re.compile(
    r"(?:#|//)\s*seedlint:\s*(?P<kind>[\w-]+)(?:[ \t]*\[(?P<rules>[^]#]*)\])?(?P<reason>(?:(?!\s+#\s).)*)"
)
_NOQA = re.compile(r"(?:#|//)\s*noqa:\s*(?P<rules>[A-Za-z]+[0-9]+(?:[,\s]+[A-Za-z]+[0-9]+)*)", re.IGNORECASE)
_OUR_NOQA = re.compile(rb"noqa:[^\r\n]*\bsl[0-9]")
"""What a file's lower-case bytes hold if one of those may name a rule of ours; most name other linters' rules."""


@dataclass(frozen=True)
class Directive:
    """One comment: what it asks (`kind`), of which rules as written (none: all), why, where, and of which lines.

    `first` to `last` are the lines that it speaks of, in a notebook those of its `cell`; `kind` is one of KINDS, "noqa", or
    a word that means nothing.
    """

    kind: str
    rules: tuple[str, ...]
    reason: str
    line: int
    column: int
    end_column: int
    first: int
    last: int
    cell: int | None = None

    @property
    def does_something(self) -> bool:
        """Whether its kind is known and, where a reason is the point, one is given."""
        return self.kind in ("ignore", "ignore-file", "noqa") or (self.kind == "acknowledge" and bool(self.reason))

    def written(self, rules: Sequence[str] | None = None) -> str:
        """The comment's head as its author would recognise it, with all or some of its rules."""
        shown = ", ".join(self.rules if rules is None else rules)
        return f"{self.kind}[{shown}]" if shown else self.kind

    def place(self, path: str) -> Place:
        """Where the comment stands in its file."""
        return Place(path, self.line, self.column, self.line, self.end_column, self.cell)

    def meets(self, place: Place) -> bool:
        """Whether the place stands on a line that the comment speaks of."""
        if self.kind == "ignore-file":
            return True
        return self.cell == place.cell and self.first <= max(place.end_line, place.line) and place.line <= self.last


def in_comment(text: str) -> Iterator[re.Match[str]]:
    """The seedlint directives in the text of a comment."""
    return _DIRECTIVE.finditer(text)


def named_rules(match: re.Match[str]) -> tuple[str, ...]:
    """The rules that a directive's brackets name."""
    return tuple(re.split(r"[,\s]+", match["rules"].strip(" \t,"))) if (match["rules"] or "").strip(" \t,") else ()


def read_directives(path: str, data: bytes) -> tuple[Directive, ...]:
    """The directives in the comments of a file; none where its comments cannot be told."""
    from seedlint.comments import read_comments

    return tuple(directive for comment in read_comments(path, data) for directive in _directives(comment))


def _directives(comment: Comment) -> Iterator[Directive]:
    found = [
        (match["kind"].lower(), named_rules(match), match["reason"].strip(), match)
        for match in in_comment(comment.text)
    ]
    found += [("noqa", tuple(re.split(r"[,\s]+", match["rules"])), "", match) for match in _NOQA.finditer(comment.text)]
    for kind, rules, reason, match in found:
        start, end = comment.column + match.start(), comment.column + match.start() + len(match[0].rstrip())
        yield Directive(kind, rules, reason, comment.line, start, end, comment.first, comment.last, comment.cell)


def suppress(
    findings: Sequence[Finding], directives: Iterable[str], judge: Judge, lines: Lines
) -> tuple[tuple[Finding, ...], tuple[SeedUse, ...]]:
    """The findings that stay, acknowledged ones marked, and the comments that do nothing, as uses for the judge.

    `directives` are the files whose bytes speak of seedlint; other files are read only where a finding may meet a noqa.
    """
    by_path: dict[str, list[Finding]] = {path: [] for path in sorted(directives)}
    for finding in findings:
        by_path.setdefault(finding.place.path, []).append(finding)
    kept: list[Finding] = []
    idle: list[SeedUse] = []
    for path, of_file in by_path.items():
        data = lines.data(path)
        if b"seedlint:" in data or _OUR_NOQA.search(data.lower()):
            file = _FileDirectives(path, read_directives(path, data), judge)
            kept += [staying for finding in of_file if (staying := file.verdict(finding)) is not None]
            idle += file.idle()
        else:
            kept += of_file
    return tuple(kept), tuple(idle)


class _FileDirectives:
    """The directives of one file, and which of them have met a finding."""

    def __init__(self, path: str, directives: Sequence[Directive], judge: Judge) -> None:
        self._path = path
        self._judge = judge
        self._directives = directives
        self._codes = {rule: _codes(judge, rule) for directive in directives for rule in directive.rules}
        self._met: set[tuple[Directive, str]] = set()

    def verdict(self, finding: Finding) -> Finding | None:
        """The finding, acknowledged where the author says so; None where it is ignored."""
        ignored = False
        for directive in self._directives:
            if directive.does_something and directive.meets(finding.place) and self._names(directive, finding.code):
                if directive.kind == "acknowledge":
                    finding = replace(finding, acknowledged=directive.reason)
                else:
                    ignored = True
        return finding if finding.acknowledged is not None or not ignored else None

    def _names(self, directive: Directive, code: str) -> bool:
        """Whether a directive names the code, each word that does being noted as of use."""
        words = [rule for rule in directive.rules if code in self._codes[rule]] if directive.rules else [""]
        self._met.update((directive, word) for word in words)
        return bool(words)

    def idle(self) -> list[SeedUse]:
        """The directives that do nothing, each at its comment, unless another one on the line allows for that."""
        allowed = [
            directive for directive in self._directives if any(UNUSED in self._codes[r] for r in directive.rules)
        ]
        uses = []
        for directive in self._directives:
            why = self._why_idle(directive)
            place = directive.place(self._path)
            if why and not any(other.kind.startswith("ignore") and other.meets(place) for other in allowed):
                uses.append(SeedUse(Use.FIXED_SEED, Circumstance.UNUSED_SUPPRESSION, place, subject=why))
        return uses

    def _why_idle(self, directive: Directive) -> str:
        """The directive as the message names it; empty where it is of use, or where this run cannot tell."""
        if directive.kind == "noqa":
            return ""
        if directive.kind not in KINDS:
            return f"`{directive.kind}`, which is none of {', '.join(KINDS)},"
        unknown = [rule for rule in directive.rules if not self._codes[rule]]
        if unknown:
            return f"`{directive.written()}`, where {' and '.join(unknown)} names no rule,"
        if not directive.does_something:
            return f"`{directive.written()}` without a reason"
        if not directive.rules:
            whole = self._judge.selected >= self._judge.codes("ALL")
            return f"`{directive.written()}`" if whole and (directive, "") not in self._met else ""
        idle = [rule for rule in directive.rules if (directive, rule) not in self._met and self._looked_for(rule)]
        return f"`{directive.written(idle)}`" if idle else ""

    def _looked_for(self, rule: str) -> bool:
        codes = self._codes[rule] - {UNUSED}
        return bool(codes) and all(self._judge.speaks(code, self._path) for code in codes)


def _codes(judge: Judge, rule: str) -> frozenset[str]:
    """The codes that a code, a name or a prefix stands for; none where no rule is so called."""
    try:
        return judge.codes(rule)
    except SettingsError:
        return frozenset()
