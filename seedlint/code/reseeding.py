"""Answers whether a seed is replaced before anything trains: then the later seeding is the one that counts."""

from __future__ import annotations

from collections import defaultdict

from seedlint.code.facts import CallSite, Guard
from seedlint.code.origins import Origin
from seedlint.code.project import Project, Ref
from seedlint.code.sinks import Sink
from seedlint.code.syntax import Const, names_in
from seedlint.code.training import Training

MAX_CALLS = 2
"""Calls up and down that are followed to a later seeding."""


class Reseeding:
    """The later seedings of a project."""

    def __init__(self, sinks: list[Sink], project: Project, training: Training) -> None:
        self.project = project
        self.training = training
        self._by_scope: dict[Ref, list[Sink]] = defaultdict(list)
        for sink in sinks:
            self._by_scope[sink.ref].append(sink)

    def replaces(self, sink: Sink, origin: Origin) -> bool:
        """Whether every way on from where the constant is seeded meets another seeding of the same generator first."""
        ref, site = sink.ref, sink.site
        if len(origin.callers) > 1:
            outer = self._call_of(origin.callers[-1], origin.callers[-2], origin.place.line)
            if outer is not None:
                ref, site = origin.callers[-1], outer
        return self._replaced_after(sink, origin, ref, site, 0)

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
            certain = conditions <= set(start.guards) and set(site.loops) <= set(start.loops)
            if certain and self._reseeds(sink, origin, ref, site, 0):
                return True
            if self.training.site_reaches(ref, site):
                return False
        callers = [caller for caller in self.project.callers(ref) if caller.mapped < 0]
        if depth > MAX_CALLS or not callers or self.project.scope(ref).kind != "function":
            return False
        return all(self._replaced_after(sink, origin, item.ref, item.site, depth + 1) for item in callers)

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
