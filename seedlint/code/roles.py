"""What is done with scores: the role of each call, quotient or sum that takes the values of several runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from seedlint.code.calls import Calls, text_of
from seedlint.code.facts import Scope
from seedlint.code.origins import RunLoop
from seedlint.code.project import Project, Ref
from seedlint.code.syntax import Attr, Call, Const, Expr, Name, Op, access_path, tail, walk
from seedlint.code.vocabulary import (
    COMBINING,
    PREDICTIONS,
    SCORES,
    SPREADING,
    SYSTEM_COLUMN,
    TIMES,
    TRUTH,
    WEIGHTS,
    combines,
    expression_words,
    mentions,
    speak_of,
    telling_word,
)
from seedlint.uses import Evidence

VOTING = frozenset({"bincount", "mode", "Counter", "most_common", "argmax", "unique", "majority"})
POOLING = frozenset({"logsumexp", "logaddexp", "logmeanexp", "gmean", "hmean"})
VOTED = re.compile(r"(^|_)(ensembled?|vote|majority)(_|$)", re.I)
"""Names of functions that can only make one prediction of several."""

SUMS = frozenset({"sum", "fsum", "add_n"})
TOTAL = re.compile(r"sum|total|avg|mean|acc", re.I)
"""Names of what sums up the runs."""

WEIGHTS_WORDS = frozenset({"weights", "weight"})


class Role(str, Enum):
    """What becomes of the scores of several runs."""

    MEAN = "mean"
    SPREAD = "spread"
    TEST = "test"
    PLOT = "plot"
    BEST = "best"
    COMBINE = "combine"


class Act(str, Enum):
    """What one call does with what it is given: the roles of the frameworks' tables, and one that words tell."""

    MEAN = "mean"
    SPREAD = "spread"
    TEST = "test"
    TABLE = "table"
    PLOT = "plot"
    EXTREME = "extreme"
    DIFFER = "differ"
    COMBINE = "combine"


METHODS = {
    "mean": Act.MEAN,
    "median": Act.MEAN,
    "std": Act.SPREAD,
    "var": Act.SPREAD,
    "argmax": Act.EXTREME,
    "idxmax": Act.EXTREME,
}
"""What methods of arrays and tables do, on values of unknown type."""


@dataclass
class Fate:
    """What was found of one loop: each role with the line that shows it, and what the best was chosen by."""

    roles: dict[Role, Evidence] = field(default_factory=dict)
    chosen_by: set[str] = field(default_factory=set)
    by_system: bool = False
    diverging: bool = False
    kept: set[str] = field(default_factory=set)
    words: dict[str, set[str]] = field(default_factory=dict)
    passed: set[tuple[Ref, int]] = field(default_factory=set)
    """The loops that the scores go through on their way, each by its scope and its number there."""
    handing_on: set[Ref] = field(default_factory=set)
    """The functions that only return what another returns to them."""

    def remember(self, name: str, words: set[str]) -> None:
        """Keeps the telling words of what a name is made of; scores made of predictions are scores."""
        if not speak_of(SCORES, words):
            self.words.setdefault(name, set()).update(word for word in words if PREDICTIONS.search(word))

    def known(self, names: Iterable[str]) -> set[str]:
        """The telling words of what some names are made of."""
        return {word for name in names for word in self.words.get(name, ())}

    def note(self, role: Role, path: str, line: int, text: str) -> None:
        """Keeps the first line that shows a role."""
        self.roles.setdefault(role, Evidence(path, line, text))


class Roles:
    """Tells the roles of calls by the frameworks' tables, and by names where the tables say nothing."""

    def __init__(self, project: Project, calls: Calls) -> None:
        self.project = project
        self.calls = calls

    def act(self, ref: Ref, call: Call) -> Act | None:
        """What the frameworks' tables say that a call does with scores."""
        statistic = self.calls.statistic(ref, call)
        return Act(statistic) if statistic else None

    def note(self, ref: Ref, call: Call, fate: Fate, words: set[str], *, picks: bool) -> None:
        """Notes what one call does with scores that go by some words; one that `picks` may choose the best of them."""
        listed = self.act(ref, call)
        ours = self.project.callee(ref, call.func) is not None
        about = words | expression_words(call)
        act = _told_by_words(call, listed, about, fate.kept, ours=ours)
        label = tail(call.func) if listed and ours else text_of(call.func)
        match act:
            case Act.MEAN:
                fate.note(Role.MEAN, ref.path, call.line, f"{label}(…) averages over the runs")
            case Act.DIFFER:
                fate.diverging = True
                fate.note(Role.SPREAD, ref.path, call.line, f"{label}(…) measures how far the runs differ")
            case Act.SPREAD:
                fate.note(Role.SPREAD, ref.path, call.line, f"{label}(…) takes their spread")
            case Act.TEST:
                fate.note(Role.TEST, ref.path, call.line, f"{label}(…) tests them")
            case Act.PLOT:
                fate.note(Role.PLOT, ref.path, call.line, f"{label}(…) plots them")
            case Act.COMBINE:
                fate.note(Role.COMBINE, ref.path, call.line, f"{label} combines {telling_word(about)}")
            case Act.EXTREME if picks and not _is_length(call):
                fate.note(Role.BEST, ref.path, call.line, f"{label}(…) picks one")
                fate.chosen_by |= expression_words(call)
            case Act.TABLE:
                fate.by_system = fate.by_system or _groups_systems(call)
                if _aggregates(call):
                    fate.note(Role.MEAN, ref.path, call.line, f"{label}(…) aggregates them")

    def note_holder(self, method: Ref, call: Call, fate: Fate) -> None:
        """Notes the mean or the spread that a method takes of what its object holds: `logger.print_statistics()`."""
        for site in self.project.scope(method).calls:
            match self.act(method, site.call) or _method_act(site.call):
                case Act.MEAN:
                    fate.note(Role.MEAN, method.path, site.call.line, f"{tail(call.func)} takes their mean")
                case Act.SPREAD:
                    fate.note(Role.SPREAD, method.path, site.call.line, f"{tail(call.func)} takes their spread")


def note_quotients(ref: Ref, expr: Expr, names: set[str], fate: Fate) -> None:
    """`sum(scores) / len(scores)`, `total / n`, `max(scores) - min(scores)`."""
    for node in walk(expr):
        if type(node) is not Op or len(node.operands) != 2:
            continue
        left, right = node.operands
        if node.operator == "Div" and _sums(left, names):
            about = expression_words(left)
            if combines(None, about):
                fate.note(Role.COMBINE, ref.path, node.line, f"{telling_word(about)} are averaged")
            else:
                fate.note(Role.MEAN, ref.path, node.line, "the sum over the runs is divided by their number")
        if node.operator == "Sub" and {tail(left), tail(right)} == {"max", "min"} and mentions(node, names):
            fate.note(Role.SPREAD, ref.path, node.line, "the range between the runs is taken")


def note_running_sums(run: RunLoop, scope: Scope, fate: Fate) -> None:
    """`predictions += member(x) / n`: a sum that the loop itself turns into a mean."""
    for assign in scope.assigns:
        if run.loop is None or run.loop.number not in assign.loops or not assign.augmented:
            continue
        words = expression_words(assign.target)
        divided = type(assign.value) is Op and assign.value.operator == "Div"
        if speak_of(PREDICTIONS, words) and not speak_of(SCORES, words):
            fate.note(Role.COMBINE, run.ref.path, assign.line, f"{telling_word(words)} are summed over the members")
        elif divided and assign.loops[-1] == run.loop.number and not speak_of(TIMES, words):
            fate.note(Role.MEAN, run.ref.path, assign.line, "the loop averages over the runs")


def _told_by_words(call: Call, listed: Act | None, about: set[str], kept: set[str], *, ours: bool) -> Act | None:
    """What a call does, with regard to the names of what it takes; `ours` is a function of the project."""
    act = listed if listed or ours else _method_act(call)
    if _pools(call, about, kept, ours=ours):
        return Act.COMBINE
    if act is Act.MEAN and _counts_differences(call, kept):
        return Act.DIFFER
    if act is None and (ours or type(call.func) is Name):
        act = _named_act(tail(call.func), about)
    return Act.COMBINE if act in (Act.MEAN, Act.TABLE) and combines(call, about) else act


def _method_act(call: Call) -> Act | None:
    return METHODS.get(call.func.name) if type(call.func) is Attr else None


def _named_act(name: str, about: set[str]) -> Act | None:
    """What a project function or lambda does by its name, where its body is not looked into."""
    if SPREADING.search(name):
        return Act.DIFFER
    if VOTED.search(name):
        return Act.COMBINE
    tells = speak_of(PREDICTIONS, about) or speak_of(WEIGHTS, about)
    return Act.COMBINE if COMBINING.search(name) and tells and combines(None, about) else None


def _pools(call: Call, about: set[str], kept: set[str], *, ours: bool) -> bool:
    """Whether a call makes one prediction or model of several: by votes, by a pool of probabilities, by a sum."""
    name = tail(call.func)
    if name in VOTING and any("vote" in word for word in about | kept):
        return True
    if name in POOLING and speak_of(PREDICTIONS, about):
        return True
    return name in ("sum", "add_n") and not ours and combines(None, about - WEIGHTS_WORDS)


def _counts_differences(call: Call, kept: set[str]) -> bool:
    """Whether a mean is the rate at which runs differ: `np.mean(predictions[0] != predictions[1])`."""
    return any(type(node) is Op and node.operator in ("NotEq", "Eq") and _between(node, kept) for node in walk(call))


def _between(comparison: Op, names: set[str]) -> bool:
    """Whether a comparison sets two of the collected values side by side."""
    both = all(mentions(side, names) for side in comparison.operands)
    return both and not speak_of(TRUTH, expression_words(comparison))


def _sums(expr: Expr, names: set[str]) -> bool:
    """A sum over the collected values, or the collected total itself."""
    if type(expr) is Call:
        return tail(expr) in SUMS and mentions(expr, names)
    return type(expr) in (Name, Attr) and access_path(expr) in names and bool(TOTAL.search(tail(expr)))


def _is_length(call: Call) -> bool:
    """Whether a call compares lengths or bounds, not scores: `max(len(row), 1)`."""
    return any(type(node) is Call and tail(node) in {"len", "map"} for arg in call.args for node in walk(arg)) or any(
        type(arg) is Const for arg in call.args
    )


def _groups_systems(call: Call) -> bool:
    """Whether a table is grouped by the system: `frame.groupby("model")`."""
    grouping = tail(call.func) in ("groupby", "pivot_table", "pivot")
    return grouping and bool(SYSTEM_COLUMN.search(" ".join(expression_words(call))))


def _aggregates(call: Call) -> bool:
    """Whether a call on a table reduces it: `frame.groupby("model").mean()`."""
    named = expression_words(call) & {"mean", "std", "median", "agg", "aggregate"}
    return bool(named) or tail(call) in {"agg", "aggregate", "describe", "pivot_table"}
