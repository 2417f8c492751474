"""The record of the best: names by which a loop over runs keeps the best of them, and what it chooses that by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seedlint.code.collected import is_empty
from seedlint.code.facts import Assign, Scope
from seedlint.code.origins import RunLoop
from seedlint.code.project import targets
from seedlint.code.runs import root_of
from seedlint.code.syntax import Attr, Call, Choice, Expr, Group, Name, Op, Table, access_path, tail, walk
from seedlint.code.vocabulary import expression_words, mentions, names_split, paths

RECORD = re.compile(r"best|top_?(score|acc|f1)|record|(max|min)_(score|acc|f1|loss|val|dev)", re.I)
"""Names of the best value so far."""


@dataclass(frozen=True)
class Record:
    """A name that keeps the best of the runs, the line that sets it, and the words of what it is chosen by."""

    name: str
    line: int
    chosen_by: frozenset[str]


def records(run: RunLoop, scope: Scope) -> Iterator[Record]:
    """`if score > best: best = score`, `best = max(best, score)`, with `best` bound before the loop."""
    if run.loop is None:
        return
    index = run.loop.number
    for assign in scope.assigns:
        if index in assign.loops:
            yield from _guarded(assign, scope, index)
            yield from _extreme(assign, scope, index)


def _guarded(assign: Assign, scope: Scope, index: int) -> Iterator[Record]:
    """`if score > best: best = score`."""
    for part in targets(assign.target):
        target = access_path(part) or root_of(part)
        if target is None or _restarts(scope, index, target):
            continue
        for guard in assign.guards:
            scores = _compared_with(guard.test, target)
            if scores is not None and _kept_from(assign.value, scores):
                yield Record(target, assign.line, _words(scope, scores, index))


def _extreme(assign: Assign, scope: Scope, index: int) -> Iterator[Record]:
    """`best = max(best, score)`."""
    target = access_path(assign.target)
    if type(assign.value) is not Call or tail(assign.value) not in {"max", "min", "maximum", "minimum"}:
        return
    others = [arg for arg in assign.value.args if access_path(arg) != target]
    if target is None or len(others) == len(assign.value.args) or _restarts(scope, index, target):
        return
    yield Record(target, assign.line, frozenset().union(*(_words(scope, other, index) for other in others)))


def _restarts(scope: Scope, index: int, target: str) -> bool:
    """Whether the record is set back in each turn: then it is the best epoch of one run, not the best run."""
    bindings = [item for item in scope.assigns if target in {access_path(part) for part in targets(item.target)}]
    return any(index in item.loops and not item.guards and not mentions(item.value, {target}) for item in bindings)


def _words(scope: Scope, expr: Expr, index: int) -> frozenset[str]:
    """The names in an expression and, where they say neither validation nor test, in what they are bound to."""
    words = expression_words(expr)
    if not names_split(words):
        for assign in scope.assigns:
            bound = {access_path(part) for part in targets(assign.target)}
            if index in assign.loops and bound & {access_path(node) for node in walk(expr)}:
                words |= expression_words(assign.value)
    return frozenset(words)


def _compared_with(test: Expr, target: str) -> Expr | None:
    """The score that a test compares with a record: `score` of `score > best`."""
    match test:
        case Op(operator="Gt" | "GtE" | "Lt" | "LtE", operands=(left, right)):
            if target in paths(right):
                return left
            if target in paths(left):
                return right
            for side, other in ((left, right), (right, left)):
                if any(RECORD.search(path) for path in paths(other)):
                    return side
        case Choice():
            for option in test.options:
                found = _compared_with(option, target)
                if found is not None:
                    return found
    return None


def _kept_from(value: Expr, scores: Expr) -> bool:
    """Whether a record takes over the score itself, or whatever belongs to it."""
    return bool(paths(value) & paths(scores)) or (
        type(value) in (Call, Name, Group, Table, Attr) and not is_empty(value)
    )
