"""Finds scripts that train nothing but gather the results of several runs: loops over files, groups of a table, checkpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedlint.code.bands import band_use, draws_band, summaries
from seedlint.code.calls import Calls, speaks_of_seed
from seedlint.code.collected import expressions
from seedlint.code.facts import CallSite, Loop, Scope
from seedlint.code.origins import RunLoop
from seedlint.code.project import Project, Ref, names_bound
from seedlint.code.result_loops import LISTS, READS, READS_RESULTS, RUN_WORD, ResultLoops, strings
from seedlint.code.runs import body_sites
from seedlint.code.seed_counts import counts_seeds, gives_mean_and_spread
from seedlint.code.syntax import Attr, Call, Comp, Expr, Name, access_path, argument, tail, walk
from seedlint.code.training import Training
from seedlint.code.unittests import is_test
from seedlint.code.variation import over_systems
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use

ONE_SEED = re.compile(r"(seed|(?<![a-z])s)[-_=]?\d+(?![\d*?\[{-])", re.I)
"""Patterns of paths that name a single seed."""

SEEDS_IN_PATH = re.compile(r"(seed|(?<![a-z])s[-_=])\w*[-_=]?[*?\[{]", re.I)
"""Patterns of paths in which the seed is left open."""

WITHIN_RUN = re.compile(r"epoch|step|iter|batch|fold|time|date|layer|token|word|sentence|example|^id$|_id$|index", re.I)
"""Columns whose groups lie within a run."""


class Gathering:
    """What a project's analysis scripts do with the results of runs that other programs trained."""

    def __init__(self, project: Project, calls: Calls, training: Training) -> None:
        self.project = project
        self.calls = calls
        self.training = training
        self.over = ResultLoops(project, calls, training)
        self._reading: dict[str, bool] = {}
        self._counting: dict[str, bool] = {}
        self._tables: dict[bool, list[SeedUse]] = {}

    def loops(self) -> list[RunLoop]:
        """Loops that go over the results of several seeds or runs, or over their checkpoints."""
        return self.over.over_runs()

    def listings(self) -> list[RunLoop]:
        """Loops over whatever a folder holds that read files and train nothing, where no table of the file says what the
        scores become."""
        shown = {use.place.path for use in self.tables(scripted=True)}
        return [run for run in self.over.over_folders() if run.ref.path not in shown]

    def tables(self, *, scripted: bool = False) -> list[SeedUse]:
        """Groups and pivots of a table by seed or run, whose means or curves are the result.

        Where scripts of the project start runs with several seeds (`scripted`), the mean and deviation that a script takes of
        what it has read are those of these runs.
        """
        if scripted not in self._tables:
            self._tables[scripted] = self._find_tables(scripted=scripted)
        return self._tables[scripted]

    def _find_tables(self, *, scripted: bool) -> list[SeedUse]:
        found = []
        for ref, site in self.project.sites(("groupby", "group", "group_by", "pivot", "pivot_table")):
            if type(site.call.func) is Attr and not is_test(self.project.files[ref.path]):
                use = self._grouped(ref, self.project.scope(ref), site, scripted=scripted)
                found += [use] if use else []
        for ref, scope in list(self.project.scopes()):
            compares = self._imports_tests(ref) or (scripted and self._reads_results(ref))
            if compares and not is_test(self.project.files[ref.path]):
                found += list(self._averaged_runs(ref, scope))
        return found

    def bands(self) -> list[SeedUse]:
        """Plots of the mean curve of each system with a band over its runs."""
        drawn = [(ref, site) for ref, site in self.project.sites(("lineplot", "relplot")) if draws_band(site)]
        summarised = {ref.path: None for ref, _ in self.project.sites(("stat_summary",))}
        drawn += [layer for path in summarised for layer in summaries(self.project.files[path])]
        return [band_use(ref, site) for ref, site in drawn if not is_test(self.project.files[ref.path])]

    def _grouped(self, ref: Ref, scope: Scope, site: CallSite, *, scripted: bool) -> SeedUse | None:
        columns = {word for word in strings(site.call) if speaks_of_seed(word) or RUN_WORD.search(word)}
        shown = self._shown_after(ref, scope, site) if columns else None
        if not columns and scripted and self._reads_runs_of(ref.path):
            columns = set(strings(site.call))
            systems = bool(columns) and not any(WITHIN_RUN.search(word) for word in columns)
            shown = self._averaged_after(ref, scope, site) if systems else None
        if shown is None and self._counts_seeds(ref.path):
            columns = set(strings(site.call))
            shown = _aggregated(ref, scope, site) if columns else None
        if shown is None or self._reads_one_seed(ref.path):
            return None
        func = site.call.func
        assert isinstance(func, Attr)
        place = Place(ref.path, func.line)
        start = Evidence(ref.path, func.line, f"results grouped by {', '.join(sorted(columns))}")
        return SeedUse(
            Use.PERFORMANCE_COMPARISON,
            Circumstance.COMPARISON,
            place,
            (start, shown),
            Confidence.MEDIUM,
            "logged runs",
            "the mean over the runs",
        )

    def _shown_after(self, ref: Ref, scope: Scope, site: CallSite) -> Evidence | None:
        """The call by which the groups become a result: `.mean()` on them, or a plot of what they are bound to."""
        for other in scope.calls:
            chained = any(node is site.call for node in walk(other.call.func))
            if chained and tail(other.call.func) in _AVERAGES:
                return Evidence(ref.path, other.call.end_line, f"{tail(other.call.func)}(…) over the runs")
        names = {
            name
            for assign in scope.assigns
            if any(node is site.call for node in walk(assign.value))
            for name in names_bound(assign)
        }
        for other in scope.calls:
            read = {node.id for node in walk(other.call) if type(node) is Name} & names
            if read and other.call.line >= site.call.line and self.calls.statistic(ref, other.call) == "plot":
                return Evidence(ref.path, other.call.line, f"{tail(other.call.func)}(…) plots the runs")
        return None

    def _averaged_after(self, ref: Ref, scope: Scope, site: CallSite) -> Evidence | None:
        """The call that reduces each group to its mean: a project function applied to each, or, where the files that are
        read are named by seeds, a method of groups."""
        by_seed = any(SEEDS_IN_PATH.search(text) for text in self._listings(ref.path))
        for other in scope.calls:
            if not any(node is site.call for node in walk(other.call.func)):
                continue
            applied = other.call.given
            means = tail(other.call.func) == "apply" and any(self._takes_mean(ref, value) for value in applied)
            if means or (by_seed and tail(other.call.func) in _AVERAGES):
                return Evidence(ref.path, other.call.end_line, f"{tail(other.call.func)}(…) over the runs")
        return None

    def _counts_seeds(self, path: str) -> bool:
        """Whether a script that trains nothing counts the seeds behind its scores: `frame.seed.nunique()`."""
        if path not in self._counting:
            calls = (site.call for scope in self.project.files[path].scopes for site in scope.calls)
            counts = any(counts_seeds(call) for call in calls)
            self._counting[path] = counts and not self.training.trains_somewhere(path)
        return self._counting[path]

    def _takes_mean(self, ref: Ref, value: Expr) -> bool:
        """Whether a function, or the one that a call makes, takes a mean."""
        symbol = self.project.callee(ref, value.func if type(value) is Call else value)
        if symbol is None or symbol.kind != "function":
            return False
        nested = self.project.scope(symbol.ref).children if type(value) is Call else ()
        scopes = [symbol.ref, *(Ref(symbol.ref.path, index) for index in nested)]
        return any(
            self.calls.statistic(inner, site.call) == "mean"
            for inner in scopes
            for site in self.project.scope(inner).calls
        )

    def _reads_runs_of(self, path: str) -> bool:
        """Whether a file that trains nothing reads a whole folder of files."""
        if self.training.trains_somewhere(path):
            return False
        scopes = self.project.files[path].scopes
        return any(
            self.over.lists(scope, loop) and self.over.reads_files(Ref(path, scope.index), body_sites(scope, loop))
            for scope in scopes
            for loop in scope.loops
        )

    def _reads_one_seed(self, path: str) -> bool:
        """Whether all files that a file lists are those of one seed: `glob("*_seed-0_*.csv")`."""
        listings = self._listings(path)
        return bool(listings) and all(ONE_SEED.search(text) for text in listings)

    def _listings(self, path: str) -> list[str]:
        """The patterns of the files that a file lists."""
        sites = [site for scope in self.project.files[path].scopes for site in scope.calls]
        return [" ".join(strings(site.call)) for site in sites if tail(site.call.func) in LISTS]

    def _averaged_runs(self, ref: Ref, scope: Scope) -> Iterator[SeedUse]:
        """Mean and standard deviation of the same logged runs, system by system, in a script that trains nothing."""
        shown = [(site, role, path) for site in scope.calls for role, path in self._averaged(ref, scope, site)]
        if not shown or any(self.training.site_reaches(ref, site) for site in scope.calls) or self._is_unused(ref):
            return
        for site, role, path in shown:
            line = site.call.line
            spread = next(
                (
                    other.call.line
                    for other, its, same in shown
                    if its == "spread" and same == path and 0 <= other.call.line - line <= 3
                ),
                None,
            )
            if role == "mean" and spread is not None and not self._listed(ref, scope, path):
                yield SeedUse(
                    Use.PERFORMANCE_COMPARISON,
                    Circumstance.COMPARISON,
                    Place(ref.path, line, site.call.column),
                    (
                        Evidence(ref.path, line, "mean over the logged runs"),
                        Evidence(ref.path, spread, "and their standard deviation"),
                    ),
                    Confidence.LOW,
                    "logged runs",
                    "the mean over the runs",
                )

    def _listed(self, ref: Ref, scope: Scope, path: str) -> bool:
        """Whether data is what a comprehension reads from files: then that is where the runs are gone over."""
        values = [item.value for item in scope.assigns if path in names_bound(item) and type(item.value) is Comp]
        loops = [scope.loops[index] for value in values for index in value.loops]
        return any(
            self.over.gathers(ref, scope, loop)
            or (self.over.lists(scope, loop) and self.over.reads_files(ref, body_sites(scope, loop)))
            for loop in loops
        )

    def _is_unused(self, ref: Ref) -> bool:
        """Whether nothing in sight calls a function, or names it to have it called."""
        scope = self.project.scope(ref)
        if scope.kind != "function" or scope.decorators or self.project.callers(ref):
            return False
        values = [expr for other in self.project.files[ref.path].scopes for expr in expressions(other)]
        return not any(tail(node) == scope.name for value in values for node in walk(value))

    def _averaged(self, ref: Ref, scope: Scope, site: CallSite) -> Iterator[tuple[str, str]]:
        """The role of a call inside a loop over systems, and the data that it takes the mean or spread of."""
        role = self.calls.statistic(ref, site.call)
        data = argument(site.call, ("a", "x"), 0)
        path = access_path(data) if data is not None else None
        loops = [scope.loops[index] for index in site.loops]
        if (
            path is not None
            and role in ("mean", "spread")
            and any(over_systems(loop) or _items(loop) for loop in loops)
        ):
            yield role, path

    def _reads_results(self, ref: Ref) -> bool:
        """Whether a file reads files and trains nothing: a script that collects what others have left."""
        if ref.path not in self._reading:
            calls = [site.call for scope in self.project.files[ref.path].scopes for site in scope.calls]
            reads = any(tail(call.func) in READS or READS_RESULTS.match(tail(call.func)) for call in calls)
            self._reading[ref.path] = reads and not self.training.trains_somewhere(ref.path)
        return self._reading[ref.path]

    def _imports_tests(self, ref: Ref) -> bool:
        """Whether a file imports a library for comparing runs: then what it averages are runs."""
        imports = self.project.files[ref.path].imports.values()
        return any(target.split(".")[0] in {"rliable", "deepsig"} for target in imports)


def _aggregated(ref: Ref, scope: Scope, site: CallSite) -> Evidence | None:
    """The call that gives each group its mean and its spread: `.agg(["mean", "std"])`."""
    for other in scope.calls:
        chained = any(node is site.call for node in walk(other.call.func))
        if chained and tail(other.call.func) in ("agg", "aggregate") and gives_mean_and_spread(other.call):
            return Evidence(ref.path, other.call.end_line, "agg(…) gives mean and spread over the seeds")
    return None


def _items(loop: Loop) -> bool:
    """Whether a loop goes over what was collected under several names: `for metric, values in results.items()`."""
    return type(loop.iterable) is Call and tail(loop.iterable) == "items"


_AVERAGES = frozenset({"mean", "median", "agg", "aggregate", "describe", "sem"})
