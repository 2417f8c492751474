"""What a loop over runs leaves behind: the names outside it that its body fills, or the list that a comprehension makes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedlint.code.facts import Assign, FileFacts, Loop, Scope
from seedlint.code.origins import RunLoop
from seedlint.code.project import names_bound, targets
from seedlint.code.runs import loop_names, root_of
from seedlint.code.syntax import Attr, Call, Comp, Const, Expr, Group, Item, Name, Op, Table, access_path, tail, walk
from seedlint.code.vocabulary import SCORES, expression_words, mentions

COLLECT = re.compile(
    r"^(append|extend|add|update|put|insert|record|push|store|collect|log|write|writerow|setdefault|concat|save)(_|$|all|left)"
    r"|^(add|log|record|save|store|append|collect|update|report)_",
    re.I,
)
"""Methods by which an object takes a score in."""

GROWING = frozenset("append concat concatenate vstack hstack dstack stack cat add merge join max min".split())
"""Functions that return their first argument with something added."""

TOOLS = re.compile(r"optim|writer|tqdm|bar$|logging")


def collected(run: RunLoop, scope: Scope, facts: FileFacts) -> set[str]:
    """The names outside a loop that its body fills."""
    if run.loop is None or run.loop.kind == "comprehension":
        return set()
    index = run.loop.number
    local = _fresh_names(scope, index)
    found = _filled_by_nested(run.loop, scope, facts)
    for assign in scope.assigns:
        root = root_of(assign.target) if index in assign.loops else None
        if root is not None and root not in local and _takes_in(assign, root):
            found.add(root)
    for site in scope.calls:
        keeper = keeper_of(site.call, facts) if index in site.loops else None
        if keeper and keeper not in local:
            found.add(keeper)
    return found


def ingredients(run: RunLoop, scope: Scope, names: set[str]) -> Iterator[tuple[str, set[str]]]:
    """Each collecting call's name with the words of what it takes in, and of what these were made of in the loop."""
    if run.loop is None:
        return
    made: dict[str, set[str]] = {}
    for assign in scope.assigns:
        if run.loop.number in assign.loops:
            for name in names_bound(assign):
                made.setdefault(name, set()).update(expression_words(assign.value))
    for site in scope.calls:
        root = root_of(site.call.func) if run.loop.number in site.loops and collects(site.call) else None
        if root is not None and root in names:
            words = {word for arg in site.call.args for word in expression_words(arg)}
            yield root, words.union(*(made.get(word, ()) for word in words))


def carrier_of(run: RunLoop, scope: Scope) -> Expr | None:
    """The expression that holds all values of a comprehension or a mapping call."""
    if run.site is not None:
        return run.site.call
    if run.loop is None or run.loop.kind != "comprehension":
        return None
    for expr in expressions(scope):
        for node in walk(expr):
            if type(node) is Comp and run.loop.number in node.loops:
                return node
    return None


def bound_to(scope: Scope, carrier: Expr) -> set[str]:
    """The names that hold a carrier's values, but not those that hold only the greatest or least of them."""
    found: set[str] = set()
    for assign in scope.assigns:
        single = type(assign.value) is Call and assign.value is not carrier and tail(assign.value) in ("max", "min")
        if not single and any(node is carrier for node in walk(assign.value)):
            roots = (root_of(part) for part in targets(assign.target))
            found |= {root for root in roots if root}
    return found


def replacing(scope: Scope, carrier: Expr) -> Iterator[int]:
    """The loops of the comprehensions that later take the place of a carrier's values, under the same name."""
    bound = [assign for assign in scope.assigns if any(node is carrier for node in walk(assign.value))]
    names = {name for assign in bound for name in names_bound(assign)}
    for assign in scope.assigns:
        if names & names_bound(assign) and any(assign.line > first.line for first in bound):
            yield from (number for node in walk(assign.value) if type(node) is Comp for number in node.loops)


def collects(call: Call) -> bool:
    """Whether a call puts something into the object whose method it is."""
    return type(call.func) is Attr and bool(COLLECT.search(call.func.name))


def keeper_of(call: Call, facts: FileFacts) -> str | None:
    """The object that a call puts something into, unless it is a tool: `scores` of `scores.append(score)`."""
    root = root_of(call.func.base) if type(call.func) is Attr and COLLECT.search(call.func.name) else None
    return root if root and not is_tool(facts, root) else None


def is_tool(facts: FileFacts, root: str) -> bool:
    """Whether an object is a module or a tool of the run, not a keeper of scores."""
    return root in facts.imports or bool(TOOLS.search(root))


def is_empty(value: Expr) -> bool:
    """Whether a value only makes room for what comes: `scores[seed] = []`."""
    match value:
        case Group(items=()) | Table(pairs=()) | Const():
            return True
        case Call(args=()):
            return tail(value) in {"list", "dict", "set", "defaultdict"}
    return False


def expressions(scope: Scope) -> Iterator[Expr]:
    """Every value that a scope binds, calls or returns."""
    for assign in scope.assigns:
        yield assign.value
    for site in scope.calls:
        yield site.call
    for returned in scope.returns:
        yield returned.value


def _takes_in(assign: Assign, root: str) -> bool:
    """Whether an assignment in a loop keeps an outcome: `total += score`, `scores[seed] = score`, `self.acc = acc`."""
    if type(assign.target) is Item and is_empty(assign.value):
        return False
    if assign.augmented or type(assign.target) is Item:
        return True
    if type(assign.target) is Attr:  # any other attribute is a setting of the next run, not its outcome
        return bool(SCORES.search(access_path(assign.target) or ""))
    return _grows(assign.value, root)


def _grows(value: Expr, name: str) -> bool:
    """Whether a value is the name's old one with something added: `total + score`, `np.append(scores, score)`."""
    grown = type(value) is Op or (type(value) is Call and tail(value) in GROWING)
    return grown and mentions(value, {name})


def _filled_by_nested(loop: Loop, scope: Scope, facts: FileFacts) -> set[str]:
    """What a function nested in the scope, and called in the loop, fills from outside itself."""
    called = {tail(site.call.func) for site in scope.calls if loop.number in site.loops}
    found: set[str] = set()
    for child in (facts.scopes[index] for index in scope.children):
        if child.name in called and child.kind == "function":
            own = {name for assign in child.assigns for name in names_bound(assign)}
            own |= {param.name for param in child.params}
            filled = [root_of(site.call.func) for site in child.calls if collects(site.call)]
            filled += [root_of(assign.target) for assign in child.assigns if type(assign.target) is Item]
            found |= {root for root in filled if root and root not in own}
    return found


def _fresh_names(scope: Scope, index: int) -> set[str]:
    """Names that are bound afresh in each turn of a loop."""
    fresh = set()
    for assign in scope.assigns:
        if type(assign.target) is not Name or assign.augmented or index not in assign.loops:
            continue
        name = assign.target.id
        kept = assign.guards and _bound_before(scope, index, name, assign.line)
        if not kept and not mentions(assign.value, {name}):
            fresh.add(name)
    for loop in scope.loops:
        if loop.number == index or index in loop.parents:
            fresh.update(loop_names(loop))
    return fresh


def _bound_before(scope: Scope, index: int, name: str, line: int) -> bool:
    """Whether a name has a value from outside a loop where a line of the loop binds it."""
    return any(item.line < line and index not in item.loops and name in names_bound(item) for item in scope.assigns)
