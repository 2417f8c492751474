"""What becomes of the scores of several runs: follows what a loop leaves behind through its scope, callees and callers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seedlint.code.calls import Calls, text_of
from seedlint.code.collected import (
    bound_to,
    carrier_of,
    collected,
    collects,
    expressions,
    ingredients,
    is_tool,
    keeper_of,
    replacing,
)
from seedlint.code.facts import CallSite, Scope
from seedlint.code.origins import RunLoop
from seedlint.code.project import Project, Ref, names_bound, targets
from seedlint.code.records import records
from seedlint.code.roles import VOTING, Act, Fate, Role, Roles, note_quotients, note_running_sums
from seedlint.code.runs import loop_names, root_of
from seedlint.code.syntax import Attr, Call, Comp, Expr, tail, walk
from seedlint.code.vocabulary import REPORTING, SPREADING, expression_words, mentions

TRAINS = re.compile(r"train|(^|_)fit(_|$)|learn|optimi[sz]e|finetune|fine_tune|pretrain", re.I)

MAX_DEPTH = 2
"""How many calls away from the loop its scores are looked for."""

MAX_CALLERS = 8
"""How many callers of a function that returns scores are looked into."""


@dataclass(frozen=True)
class View:
    """A scope in which scores are looked for: under which names, from which line on, and how many calls away."""

    ref: Ref
    names: frozenset[str]
    since: int
    depth: int
    inside: int = -1
    """The loop over the runs itself, by its number; -1 where it stands in another scope."""
    entered: bool = False
    """Whether a call led here: then what the scope returns goes back to that call, not to all of its callers."""


class Fates:
    """Follows the values that loops collect."""

    def __init__(self, project: Project, calls: Calls) -> None:
        self.project = project
        self.calls = calls
        self.roles = Roles(project, calls)

    def of(self, run: RunLoop) -> Fate:
        """What becomes of the values of a run loop."""
        fate = Fate()
        scope = self.project.scope(run.ref)
        names = collected(run, scope, self.project.files[run.ref.path])
        for name, words in ingredients(run, scope, names):
            fate.remember(name, words)
        fate.kept = set(names)
        carrier = carrier_of(run, scope)
        if carrier is not None:
            self._carried(run.ref, carrier, fate, 0)
            names |= bound_to(scope, carrier)
            fate.passed |= {(run.ref, number) for number in replacing(scope, carrier)}
        for record in records(run, scope):
            fate.note(Role.BEST, run.ref.path, record.line, f"{record.name} keeps the best")
            fate.chosen_by |= record.chosen_by
        note_running_sums(run, scope, fate)
        if names:
            inside = run.loop.number if run.loop is not None else -1
            self._follow(View(run.ref, frozenset(names), run.line, 0, inside), fate)
        if not fate.roles:
            self._reported_elsewhere(run, scope, fate)
        return fate

    def _carried(self, ref: Ref, carrier: Expr, fate: Fate, depth: int) -> None:
        """Roles of calls that take the carrier directly: `np.mean([train(s) for s in seeds])`."""
        scope = self.project.scope(ref)
        words = expression_words(carrier.element) if type(carrier) is Comp else set()
        for site in scope.calls:
            call = site.call
            around = call is not carrier and any(node is carrier for node in walk(call))
            if around and not any(node is call for node in walk(carrier)):
                self.roles.note(ref, call, fate, words, picks=depth == 0)
        for returned in scope.returns:
            if returned.value is carrier and depth and ref not in fate.handing_on:
                fate.handing_on.add(ref)  # it only hands them on: its callers are no further away
                self._in_callers(ref, fate, depth - 1)
            elif any(node is carrier for node in walk(returned.value)):
                self._in_callers(ref, fate, depth)

    # after the loop

    def _follow(self, view: View, fate: Fate) -> None:
        """Notes what a scope does with the scores, under every name that they come to have."""
        scope = self.project.scope(view.ref)
        names = self._all_names(view, scope, fate)
        fate.kept |= names
        whole = names - _single_values(view, scope, names)
        for site in scope.calls:
            call = site.call
            counted = names if tail(call.func) in VOTING or SPREADING.search(tail(call.func)) else whole
            if _is_read(view, site) and mentions(call, counted):
                read = {name for name in names if mentions(call, {name})}
                self.roles.note(view.ref, call, fate, read | fate.known(read), picks=view.depth == 0)
                self._into_callee(view, call, whole, fate)
        for expr in expressions(scope):
            if getattr(expr, "line", 0) >= view.since:
                note_quotients(view.ref, expr, names, fate)
        late = [returned for returned in scope.returns if returned.line >= view.since]
        if not view.entered and any(mentions(returned.value, names) for returned in late):
            self._in_callers(view.ref, fate, view.depth)

    def _all_names(self, view: View, scope: Scope, fate: Fate) -> set[str]:
        """The names that the scores have in a scope, and those of all that is made of them there."""
        names = set(view.names)
        for _ in range(4):
            size = len(names)
            self._through_assigns(view, scope, names, fate)
            for loop in scope.loops:
                late = loop.line >= view.since and view.inside not in loop.parents and loop.number != view.inside
                if late and loop.iterable is not None and mentions(loop.iterable, names):
                    names.update(loop_names(loop))
                    fate.passed.add((view.ref, loop.number))
            for site in scope.calls:
                late = site.call.line >= view.since and view.inside not in site.loops
                keeper = keeper_of(site.call, self.project.files[view.ref.path]) if late else None
                if keeper and keeper != "self" and _takes(site.call, names):
                    names.add(keeper)
                    fate.passed |= {(view.ref, number) for number in site.loops}
            if len(names) == size:
                break
        return names

    def _through_assigns(self, view: View, scope: Scope, names: set[str], fate: Fate) -> None:
        """Adds the names that are bound to what is made of the scores, and remembers what they are made of."""
        facts = self.project.files[view.ref.path]
        for assign in scope.assigns:
            late = assign.line >= view.since and view.inside not in assign.loops
            if late and mentions(assign.value, names):
                heads = {root_of(part) for part in targets(assign.target)}
                bound = {root for root in heads if root and root != "self" and not is_tool(facts, root)}
                known = fate.known({name for name in names if mentions(assign.value, {name})})
                for name in bound:
                    fate.remember(name, known | expression_words(assign.value))
                made = [node for node in walk(assign.value) if type(node) is Comp and mentions(node.element, names)]
                fate.passed |= {(view.ref, number) for node in made for number in node.loops}
                names |= bound

    # other scopes

    def _into_callee(self, view: View, call: Call, names: set[str], fate: Fate) -> None:
        """Looks into a project function that is given the scores, or a method of the object that holds them."""
        if view.depth >= MAX_DEPTH:
            return
        symbol = self.project.callee(view.ref, call.func)
        if symbol is None and type(call.func) is Attr:
            for method in self._near_methods(view.ref, call.func.name):
                self._in_holder(method, call, fate)
            return
        if symbol is None or symbol.kind != "function" or TRAINS.search(symbol.name):
            return  # what trains is given settings, not scores
        owner = self.project.parent(symbol.ref)
        is_method = owner is not None and self.project.scope(owner).kind == "class"
        if is_method and type(call.func) is Attr and mentions(call.func.base, names):
            self._in_holder(symbol.ref, call, fate)
        params = [param.name for param in self.project.scope(symbol.ref).params][1 if is_method else 0 :]
        given = {param for param, arg in zip(params, call.args, strict=False) if mentions(arg, names)}
        given |= {key for key, value in call.keywords if key and mentions(value, names)}
        if given:
            self._follow(View(symbol.ref, frozenset(given), 0, view.depth + 1, entered=True), fate)

    def _near_methods(self, ref: Ref, name: str) -> list[Ref]:
        """The methods that a call on a value of unknown type may run; of several, those in files that belong together."""
        methods = self.project.methods_named(name)
        near = self.project.connected(ref.path) if len(methods) > 1 else {method.path for method in methods}
        return [method for method in methods if method.path in near][:2]

    def _in_holder(self, method: Ref, call: Call, fate: Fate) -> None:
        """Looks into a method of the object that took the scores in, unless it only takes in more."""
        if REPORTING.search(tail(call.func)) or not collects(call):
            self.roles.note_holder(method, call, fate)

    def _in_callers(self, ref: Ref, fate: Fate, depth: int) -> None:
        """Follows scores that a function returns into the functions that call it."""
        if depth >= MAX_DEPTH:
            return
        for caller in self.project.callers(ref)[:MAX_CALLERS]:
            scope = self.project.scope(caller.ref)
            call = caller.site.call
            self._carried(caller.ref, call, fate, depth + 1)
            names = bound_to(scope, call)
            for site in scope.calls:
                if collects(site.call) and site.call is not call and any(node is call for node in walk(site.call)):
                    root = root_of(site.call.func)
                    names |= {root} if root else set()
            if names:
                self._follow(View(caller.ref, frozenset(names), call.line, depth + 1), fate)

    def _reported_elsewhere(self, run: RunLoop, scope: Scope, fate: Fate) -> None:
        """A call after the loop, without the scores in hand, of a project function that gathers and averages them."""
        for site in scope.calls if run.loop is not None else ():
            call = site.call
            if call.line > run.end_line and REPORTING.search(tail(call.func)):
                symbol = self.project.callee(run.ref, call.func)
                if symbol is not None and symbol.kind == "function" and self._averages(symbol.ref, 0):
                    fate.note(Role.MEAN, run.ref.path, call.line, f"{text_of(call.func)}(…) averages over the runs")

    def _averages(self, ref: Ref, depth: int) -> bool:
        """Whether a function, or one that it calls, takes a mean."""
        for site in self.project.scope(ref).calls:
            if self.roles.act(ref, site.call) is Act.MEAN:
                return True
            symbol = self.project.callee(ref, site.call.func)
            called = symbol is not None and symbol.kind == "function" and depth < MAX_DEPTH
            if symbol is not None and called and self._averages(symbol.ref, depth + 1):
                return True
        return False


def _is_read(view: View, site: CallSite) -> bool:
    """Whether a call may read the scores: one after the loop, or one in it that takes what was collected so far."""
    if site.call.end_line < view.since:
        return False
    return view.inside not in site.loops or (not collects(site.call) and _takes(site.call, view.names))


def _takes(call: Call, names: set[str] | frozenset[str]) -> bool:
    """Whether a call takes one of some names as an argument, or is a method of it that reads."""
    if any(mentions(value, names) for value in call.given):
        return True
    return type(call.func) is Attr and mentions(call.func.base, names) and not collects(call)


def _single_values(view: View, scope: Scope, names: set[str]) -> set[str]:
    """The names that hold one run's value, not all of them: targets of loops over a list, the best one."""
    single: set[str] = set()
    for loop in scope.loops:
        listed = loop.iterable is not None and loop.line >= view.since and mentions(loop.iterable, names)
        if listed and not (
            type(loop.iterable) is Call and tail(loop.iterable) in ("items", "values", "zip", "groupby")
        ):
            single.update(loop_names(loop))
    for assign in scope.assigns:
        if type(assign.value) is Call and assign.line >= view.since and tail(assign.value) in ("max", "min"):
            single |= names_bound(assign)
    return single - view.names
