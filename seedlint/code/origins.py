"""Where a seed comes from: the records that a trace leaves, and what a condition says of a value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from seedlint.code.facts import CallSite, Guard, Loop
from seedlint.code.project import Ref
from seedlint.code.syntax import Attr, Call, Choice, Const, Expr, Group, Name, Op, access_path
from seedlint.uses import Evidence, Place


class Kind(Enum):
    """The kinds of origin."""

    LITERAL = "a constant in the code"
    DEFAULT = "a constant that something outside can replace"
    LOOP = "one of several values"
    FRESH = "drawn anew in every run"
    NONE = "not given"
    SEARCHED = "drawn by a search"
    UNKNOWN = "not seen in these files"


@dataclass(frozen=True)
class RunLoop:
    """A loop whose body is run once a seed: a loop of a scope, or a call that maps a function over values."""

    ref: Ref
    line: int
    end_line: int
    column: int
    loop: Loop | None
    site: CallSite | None = None


@dataclass(frozen=True)
class Origin:
    """Where a seed's value comes from. `frames` are the scopes passed on the way, the sink's first; `callers` are those
    of them that call one another down to the sink."""

    kind: Kind
    place: Place
    value: object = None
    subject: str = ""
    trail: tuple[Evidence, ...] = ()
    frames: tuple[Ref, ...] = ()
    callers: tuple[Ref, ...] = ()
    loop: RunLoop | None = None


@dataclass(frozen=True)
class Condition:
    """A guard that speaks of the seed under the name `subject`."""

    guard: Guard
    subject: str


@dataclass(frozen=True)
class Read:
    """A setting that a seed is read from: its dotted name as code writes it (`cfg.training.seed`, `args.seed`, or the
    parameter `train().seed`), the line that reads or declares it, and the trail up to there."""

    ref: Ref
    name: str
    line: int
    trail: Trail


@dataclass(frozen=True)
class Trail:
    """What a trace has gathered so far: steps, scopes, conditions on the value, and whether something can replace it.

    All trails of one trace share `reads`, the settings met on any of its ways.
    """

    steps: tuple[Evidence, ...] = ()
    frames: tuple[Ref, ...] = ()
    callers: tuple[Ref, ...] = ()
    conditions: tuple[Condition, ...] = ()
    replaceable: bool = False
    seen: frozenset[tuple[object, ...]] = frozenset()
    reads: list[Read] = field(default_factory=list, compare=False)

    def read(self, ref: Ref, name: str, line: int) -> None:
        """Note that the seed is read from a setting here."""
        self.reads.append(Read(ref, name, line, self))

    def step(self, path: str, line: int, note: str) -> Trail:
        """The trail with one more piece of evidence."""
        evidence = Evidence(path, line, note)
        return self if evidence in self.steps else replace(self, steps=(*self.steps, evidence))

    def into(self, ref: Ref) -> Trail:
        """The trail in another scope."""
        return self if ref in self.frames else replace(self, frames=(*self.frames, ref))

    def called_from(self, ref: Ref) -> Trail:
        """The trail in the scope that calls the present one."""
        return replace(self.into(ref), callers=(*self.callers, ref))

    def origin(
        self, kind: Kind, place: Place, value: object = None, subject: str = "", loop: RunLoop | None = None
    ) -> Origin:
        """An origin at which this trail ends."""
        return Origin(kind, place, value, subject, self.steps, self.frames, self.callers, loop)

    def under(self, guards: tuple[Guard, ...], subject: str) -> Trail:
        """The trail with the guards that speak of the seed."""
        found = tuple(Condition(guard, subject) for guard in guards if _speaks(guard.test, subject))
        return replace(self, conditions=(*self.conditions, *found)) if found else self

    def allows(self, value: object) -> bool:
        """False where a condition on the way shows that the value switches the seed off."""
        return all(
            holds(condition.guard.test, condition.subject, value) in (None, condition.guard.holds)
            for condition in self.conditions
        )


def _speaks(test: Expr, subject: str) -> bool:
    match test:
        case Op() | Choice():
            parts = test.operands if isinstance(test, Op) else test.options
            return any(_speaks(part, subject) for part in parts)
        case Const():
            return False
        case Group():
            return any(_speaks(item, subject) for item in test.items)
    return access_path(test) == subject or _own_test(test, subject)


def _own_test(test: Expr, subject: str) -> bool:
    """`cfg.get("seed")` and `hasattr(cfg, "seed")` as a test of `cfg.seed`."""
    match test:
        case Call(func=Attr(base=base, name="get"), args=(Const(value=str() as key), *_)):
            return f"{access_path(base)}.{key}" == subject
        case Call(func=Name(id="isinstance"), args=(value, *_)):
            return access_path(value) == subject
    return False


def holds(test: Expr, subject: str, value: object) -> bool | None:
    """Whether a condition is true when the seed called `subject` has this value; None where it does not say."""
    match test:
        case Op(operator="Not", operands=(inner,)):
            answer = holds(inner, subject, value)
            return None if answer is None else not answer
        case Choice(operator="And" | "Or" as operator):
            answers = [holds(option, subject, value) for option in test.options]
            decisive = operator == "Or"
            if decisive in answers:
                return decisive
            return None if None in answers else not decisive
        case Op(operands=(left, right)):
            return _compare(test.operator, left, right, subject, value)
    if _own_test(test, subject):
        is_type_test = isinstance(test, Call) and isinstance(test.func, Name)
        return isinstance(value, int) if is_type_test else bool(value)
    return bool(value) if access_path(test) == subject else None


def _compare(operator: str, left: Expr, right: Expr, subject: str, value: object) -> bool | None:
    swapped = {"Lt": "Gt", "Gt": "Lt", "LtE": "GtE", "GtE": "LtE"}
    if access_path(right) == subject:
        left, right, operator = right, left, swapped.get(operator, operator)
    if access_path(left) != subject and not _own_test(left, subject):
        return None
    match operator, right:
        case ("Is" | "Eq", Const(value=other)):
            return value == other and (value is None) == (other is None)
        case ("IsNot" | "NotEq", Const(value=other)):
            return not (value == other and (value is None) == (other is None))
        case ("In" | "NotIn", Group(items=items)):
            inside = any(isinstance(item, Const) and item.value == value for item in items)
            return inside == (operator == "In")
        case (_, Const(value=int() | float() as bound)) if isinstance(value, (int, float)):
            answers = {"Lt": value < bound, "LtE": value <= bound, "Gt": value > bound, "GtE": value >= bound}
            return answers.get(operator)
    return None
