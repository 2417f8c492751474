"""Answers whether a seed is replaced before anything trains: then the later seeding is the one that counts."""

from __future__ import annotations

import re
from collections import defaultdict

from seedlint.code.cells import cell_of
from seedlint.code.facts import CallSite, Guard
from seedlint.code.origins import Origin
from seedlint.code.project import Project, Ref
from seedlint.code.sinks import Sink
from seedlint.code.syntax import Attr, Const, Name, names_in, tail
from seedlint.code.training import Training

DRAWS = re.compile(
    r"^(rand(n|int|perm|om)?(_like)?|random_split|shuffle|permutation|normal|uniform|choice|choices|sample|multinomial"
    r"|train_test_split|make_(blobs|moons|circles|classification|regression)|split)$"
)
"""Calls that draw data."""

MAX_CALLS = 2
"""Calls up and down that are followed to a later seeding."""


class Reseeding:
    """The later seedings of a project."""

    def __init__(self, sinks: list[Sink], project: Project, training: Training) -> None:
        self.project = project
        self.training = training
        self._by_scope: dict[Ref, list[Sink]] = defaultdict(list)
        self._lines: dict[Ref, list[int]] = {}
        self._asked: dict[Ref, frozenset[str]] = {}
        for sink in sinks:
            self._by_scope[sink.ref].append(sink)

    def replaces(self, sink: Sink, origin: Origin) -> bool:
        """Whether every way on from where the constant is seeded meets another seeding of the same generator first."""
        ref, site = sink.ref, sink.site
        if len(origin.callers) > 1:
            outer = self._call_of(origin.callers[-1], origin.callers[-2], origin.place.line)
            # what trains once it has seeded is not undone by what comes later
            if outer is not None and not self.training.site_reaches(origin.callers[-1], outer):
                ref, site = origin.callers[-1], outer
        if self._spent_in_cell(ref, site):
            return True
        return self._replaced_after(sink, origin, ref, site, 0)

    def _spent_in_cell(self, ref: Ref, start: CallSite) -> bool:
        """Whether a notebook that is seeded already seeds once more for what one cell draws, or for what is done with an
        untrained model before the next seeding."""
        facts = self.project.files[ref.path]
        cell = cell_of(start.call.line, facts.cells)
        if cell is None or self.project.scope(ref).kind != "module":
            return False
        seedings = self._seedings(ref)
        earlier = any(line < cell.line for line in seedings)
        later = [site for site in self.project.scope(ref).calls if site.call.line >= start.call.line]
        inside = [site for site in later if cell_of(site.call.line, facts.cells) == cell and site is not start]
        if not earlier or any(self.training.site_reaches(ref, site) for site in inside):
            return False
        if any(DRAWS.search(tail(site.call.func)) for site in inside):
            return True
        following = min((line for line in seedings if line > start.call.end_line), default=None)
        trained = (site.call.line for site in later if self.training.site_reaches(ref, site))
        return bool(inside) and following is not None and following < min(trained, default=following + 1)

    def _seedings(self, ref: Ref) -> list[int]:
        """The lines of a scope on which a seeder is called, itself or by a helper of the project."""
        if ref not in self._lines:
            helpers = {sink.ref for sinks in self._by_scope.values() for sink in sinks if sink.ref.path == ref.path}
            lines = [sink.line for sink in self._by_scope.get(ref, ())]
            for site in self.project.scope(ref).calls:
                symbol = self.project.callee(ref, site.call.func)
                if symbol is not None and symbol.ref in helpers and not self.training.reaches(symbol.ref):
                    lines.append(site.call.line)
            self._lines[ref] = sorted(lines)
        return self._lines[ref]

    def _call_of(self, caller: Ref, callee: Ref, line: int) -> CallSite | None:
        """The call by which a scope runs the next one, the one at the constant's line where there are several."""
        sites = []
        for site in self.project.scope(caller).calls:
            symbol = self.project.callee(caller, site.call.func)
            if symbol is not None and symbol.ref == callee:
                sites.append(site)
        at_line = [site for site in sites if site.call.line <= line <= site.call.end_line]
        return next(iter(at_line or sites), None)

    def _replaced_after(self, sink: Sink, origin: Origin, ref: Ref, start: CallSite, depth: int) -> bool:
        for site in sorted(self.project.scope(ref).calls, key=lambda item: item.call.line):
            if site.call.line <= start.call.end_line:
                continue
            conditions = {guard for guard in site.guards if not _is_main_guard(guard)}
            certain = conditions <= set(start.guards) and self._turns(ref, set(site.loops) - set(start.loops))
            if certain and self._reseeds(sink, origin, ref, site, 0):
                return True
            if self.training.site_reaches(ref, site) or (certain and self._builds_model(ref, site)):
                return False
        callers = [caller for caller in self.project.callers(ref) if caller.mapped < 0]
        if depth > MAX_CALLS or not callers or self.project.scope(ref).kind != "function":
            return False
        return all(self._replaced_after(sink, origin, item.ref, item.site, depth + 1) for item in callers)

    def _turns(self, ref: Ref, loops: set[int]) -> bool:
        """Whether loops surely take a turn: those that go over something, not those that wait for something."""
        return all(self.project.scope(ref).loops[index].kind == "for" for index in loops)

    def _builds_model(self, ref: Ref, site: CallSite) -> bool:
        """Whether a call makes a network, whose first weights are drawn then: something whose parameters are asked for."""
        if ref not in self._asked:
            funcs = [other.call.func for other in self.project.scope(ref).calls]
            bases = [func.base for func in funcs if type(func) is Attr and func.name == "parameters"]
            self._asked[ref] = frozenset(base.id for base in bases if type(base) is Name)
        asked = self._asked[ref]
        return bool(asked) and not asked.isdisjoint(self.project.names_given(ref).get(id(site.call), ()))

    def _reseeds(self, sink: Sink, origin: Origin, ref: Ref, site: CallSite, depth: int) -> bool:
        """Whether a call seeds the same generator with something else, itself or first of all in the function it runs."""
        if any(type(arg) is Const and arg.value == origin.value for arg in site.call.args):
            return False
        for other in self._by_scope.get(ref, ()):
            if other.site is site:
                return other.name == sink.name and not _same_value(other, sink)
        symbol = self.project.callee(ref, site.call.func)
        if symbol is None or symbol.kind != "function" or depth > MAX_CALLS:
            return False
        for inner in sorted(self.project.scope(symbol.ref).calls, key=lambda item: item.call.line):
            if not inner.guards and not inner.loops and self._reseeds(sink, origin, symbol.ref, inner, depth + 1):
                return True
            if self.training.site_reaches(symbol.ref, inner):
                return False
        return False


def _same_value(other: Sink, sink: Sink) -> bool:
    """Whether two seeding calls take the same value; one helper that is called twice need not."""
    return other is not sink and {item.place for item in other.origins} == {item.place for item in sink.origins}


def _is_main_guard(guard: Guard) -> bool:
    return guard.holds and "__name__" in names_in(guard.test)
