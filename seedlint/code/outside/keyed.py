"""Finds the seeds of command lines whose options are named by the keys of dicts: `f"--{key} {value}"` for each item of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seedlint.code.calls import speaks_of_seed
from seedlint.code.facts import CallSite, Scope
from seedlint.code.outside.invocations import Invocation, Option
from seedlint.code.project import Project, Ref
from seedlint.code.runs import loop_names
from seedlint.code.syntax import Call, Comp, Const, Expr, Group, Item, Table, children, command, names_in, tail
from seedlint.code.trace import At

LISTS = frozenset({"arange", "linspace", "list", "range", "sample", "sorted"})
"""Calls that give several values."""


def names_options_by_key(texts: Iterable[str]) -> bool:
    """Whether one of the texts in a command line ends where the name of an option begins."""
    return any(text.endswith(" --") or text == "--" for text in texts)


def keyed(project: Project, path: str, programs: tuple[str, ...]) -> Iterator[Invocation]:
    """A command for each seed among the dicts of a file that varies; one constant may belong to a dict of another kind."""
    for scope in project.files[path].scopes:
        for key, value, at in _items(scope):
            several = _is_list(value)
            if speaks_of_seed(key) and (several or _is_turned(scope, value, at)):
                line = value.line
                seed = _SEVERAL if several else value
                made = Call(command(programs[0], line), (), (), line, 1, line, 1)
                site = CallSite(made, _without_other_seeds(scope, value, at.loops), at.guards)
                words = (Const(programs[0], line, 1, line, 1),)
                yield Invocation(Ref(path, scope.index), site, programs, (Option("--" + key, seed, line),), words)


_SEVERAL = Group((Const(0, 1, 1, 1, 1), Const(1, 1, 1, 1, 1)), 1, 1)
"""Stands for a list of seeds, of which others tell how they are combined with the lists beside it."""


def _items(scope: Scope) -> Iterator[tuple[str, Expr, At]]:
    """The items of dicts in a scope: their keys, their values and where they stand."""
    for assign in scope.assigns:
        at = At(assign.line, assign.loops, assign.guards)
        match assign.target:
            case Item(key=Const(value=str() as key)):
                yield key, assign.value, at
        yield from _in_tables(assign.value, at)
    for site in scope.calls:
        at = At(site.call.line, site.loops, site.guards)
        for arg in site.call.args:
            yield from _in_tables(arg, at)
        if tail(site.call.func) in ("dict", "update"):
            yield from ((key, value, at) for key, value in site.call.keywords if key is not None)


def _in_tables(expr: Expr, at: At) -> Iterator[tuple[str, Expr, At]]:
    if type(expr) is Call:
        return  # recorded by itself
    if type(expr) is Table:
        for key, value in expr.pairs:
            if type(key) is Const and isinstance(key.value, str):
                yield key.value, value, at
    within = at.inside(expr.loops) if type(expr) is Comp else at
    for child in children(expr):
        yield from _in_tables(child, within)


def _is_list(value: Expr) -> bool:
    """Whether a value lists several seeds, as a grid does."""
    match value:
        case Group():
            return len(value.items) > 1
        case Comp():
            return True
        case Call():
            return tail(value) in LISTS
    return False


def _without_other_seeds(scope: Scope, value: Expr, loops: tuple[int, ...]) -> tuple[int, ...]:
    """The loops around an item but for those over other seeds, such as that of a random search: they are no hyperparameters."""
    own = names_in(value)
    others = [
        index
        for index in loops
        if any(speaks_of_seed(name) and name not in own for name in loop_names(scope.loops[index]))
    ]
    return tuple(index for index in loops if index not in others)


def _is_turned(scope: Scope, value: Expr, at: At) -> bool:
    """Whether a value changes with the loops around it."""
    names = {name for index in at.loops for name in loop_names(scope.loops[index])}
    return bool(names & names_in(value))
