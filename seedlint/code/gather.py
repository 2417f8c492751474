"""Finds scripts that train nothing but gather the results of several runs: loops over files, groups of a table, checkpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedlint.code.calls import Calls, speaks_of_seed
from seedlint.code.facts import CallSite, Loop, Scope
from seedlint.code.origins import RunLoop
from seedlint.code.project import Project, Ref, names_bound
from seedlint.code.runs import body_sites, loop_names, names_a_repeat
from seedlint.code.sinks import DATA
from seedlint.code.syntax import Attr, Call, Comp, Const, Name, access_path, argument, tail, walk
from seedlint.code.training import Training
from seedlint.code.unittests import is_test
from seedlint.code.variation import over_systems
from seedlint.code.vocabulary import SYSTEM_COLUMN
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use

RUN_WORD = re.compile(r"(^|[_\W])(runs?|seeds?|trials?|repeats?|replicates?)([_\W\d]|$)", re.I)
"""Strings and columns that speak of repeated runs."""


RUN_PATH = re.compile(r"(^|_)(run|seed|trial|rep)s?_?(dir|path|folder|file|log|ckpt)s?$", re.I)
"""Names of the paths of runs."""

READS = frozenset("open load loads read_csv read_json read_pickle read_text loadtxt genfromtxt read_parquet".split())
"""Calls that read a file."""

LISTS = frozenset({"listdir", "iterdir", "glob", "iglob", "rglob", "scandir", "walk"})
"""Calls that list a folder."""

READS_RESULTS = re.compile(r"(read|load|parse)_\w*(result|score|metric|log|json|eval|csv|stat|pred|line)")
"""Names of functions that read results."""


class Gathering:
    """What a project's analysis scripts do with the results of runs that other programs trained."""

    def __init__(self, project: Project, calls: Calls, training: Training) -> None:
        self.project = project
        self.calls = calls
        self.training = training
        self._reading: dict[str, bool] = {}

    def loops(self) -> list[RunLoop]:
        """Loops that go over the results of several seeds or runs, or over their checkpoints."""
        found = []
        for ref, scope in list(self.project.scopes()):
            if is_test(self.project.files[ref.path]):
                continue
            for loop in scope.loops:
                if self._gathers(ref, scope, loop):
                    found.append(RunLoop(ref, loop.line, loop.end_line, loop.column, loop))
        return found

    def listings(self) -> list[RunLoop]:
        """Loops over whatever a folder holds that read files and train nothing."""
        found = []
        for ref, scope in list(self.project.scopes()):
            if is_test(self.project.files[ref.path]):
                continue
            for loop in scope.loops:
                sites = body_sites(scope, loop)
                reads = self._lists(scope, loop) and self._reads_files(ref, sites)
                if reads and not any(self.training.site_reaches(ref, site) for site in sites):
                    found.append(RunLoop(ref, loop.line, loop.end_line, loop.column, loop))
        return found

    def _lists(self, scope: Scope, loop: Loop) -> bool:
        """Whether a loop goes over the entries of a folder, listed in its header or just before."""
        if loop.iterable is None:
            return False
        names = {node.id for node in walk(loop.iterable) if type(node) is Name}
        values = [loop.iterable, *(assign.value for assign in scope.assigns if names_bound(assign) & names)]
        return any(type(node) is Call and tail(node) in LISTS for value in values for node in walk(value))

    def _gathers(self, ref: Ref, scope: Scope, loop: Loop) -> bool:
        sites = body_sites(scope, loop)
        named = names_a_repeat(loop) and (_names_results(loop) or self._reads_files(ref, sites))
        named = named or (self._reads_files(ref, sites) and _unpacks_seed(scope, loop))
        globbed = _reads_runs(loop) and (loop.kind == "for" or self._reads_files(ref, sites))
        if named or globbed or self._reads_paths(ref, scope, loop, sites):
            gathers = not any(self._draws_data(ref, site) for site in sites)
        else:
            gathers = any(self._loads_weights(ref, site, loop, scope) for site in sites)
        return gathers and not any(self.training.site_reaches(ref, site) for site in sites)

    def _reads_paths(self, ref: Ref, scope: Scope, loop: Loop, sites: list[CallSite]) -> bool:
        """Whether a loop reads files whose paths were made of seeds: `for run_dir in dirs`, `[f"{s}.npy" for s in seeds]`."""
        if loop.iterable is None or not self._reads_files(ref, sites):
            return False
        sources = {node.id for node in walk(loop.iterable) if type(node) is Name}
        if any(RUN_PATH.search(name) for name in (*sources, *loop_names(loop))):
            return True
        made = [assign.value for assign in scope.assigns if names_bound(assign) & sources]
        return any(
            type(node) is Comp and any(names_a_repeat(scope.loops[index]) for index in node.loops)
            for value in made
            for node in walk(value)
        )

    def _reads_files(self, ref: Ref, sites: list[CallSite]) -> bool:
        return any(
            tail(site.call.func) in READS
            or READS_RESULTS.match(tail(site.call.func))
            or self.calls.is_in(ref, site.call, self.calls.apis.load, frozenset())
            for site in sites
        )

    def _draws_data(self, ref: Ref, site: CallSite) -> bool:
        """Seeds that make data: what follows varies the data, not the training."""
        if tail(site.call.func) == "split" and type(site.call.func) is Attr:
            return False  # of a text
        if DATA.search(tail(site.call.func)) and not self.calls.is_in(
            ref, site.call, self.calls.apis.load, frozenset()
        ):
            return tail(site.call.func).startswith(("split", "make", "sample", "shuffle", "generate", "create"))
        return bool(self.calls.seeders(ref, site.call)) or self._seeds(ref, site)

    def _seeds(self, ref: Ref, site: CallSite) -> bool:
        """Whether a call runs a project function that seeds: it makes something up, and gathers nothing."""
        symbol = self.project.callee(ref, site.call.func)
        if symbol is None or symbol.kind != "function":
            return False
        return any(self.calls.seeders(symbol.ref, inner.call) for inner in self.project.scope(symbol.ref).calls)

    def _loads_weights(self, ref: Ref, site: CallSite, loop: Loop, scope: Scope) -> bool:
        """Whether each turn loads other trained weights: the path depends on what the loop changes."""
        if site.loops[-1:] != (loop.number,) or tail(site.call.func) not in self.calls.apis.load_methods:
            return False
        changing = set(loop_names(loop))
        for assign in scope.assigns:
            if loop.number in assign.loops:
                changing |= names_bound(assign)
        named = [node.id for arg in site.call.args for node in walk(arg) if type(node) is Name]
        return bool(changing & set(named)) and not re.search(r"epoch|step|iter", " ".join(changing), re.I)

    # tables

    def tables(self, *, scripted: bool = False) -> list[SeedUse]:
        """Groups and pivots of a table by seed or run, whose means or curves are the result.

        Where scripts of the project start runs with several seeds (`scripted`), the mean and deviation that a script takes of
        what it has read are those of these runs.
        """
        found = []
        for ref, site in self.project.sites(("groupby", "group", "group_by", "pivot", "pivot_table")):
            if type(site.call.func) is Attr and not is_test(self.project.files[ref.path]):
                use = self._grouped(ref, self.project.scope(ref), site)
                found += [use] if use else []
        for ref, scope in list(self.project.scopes()):
            compares = self._imports_tests(ref) or (scripted and self._reads_results(ref))
            if compares and not is_test(self.project.files[ref.path]):
                found += list(self._averaged_runs(ref, scope))
        return found

    def bands(self) -> list[SeedUse]:
        """Plots of the mean curve of each system with a band over its runs."""
        return [
            _band(ref, site)
            for ref, site in self.project.sites(("lineplot", "relplot"))
            if not is_test(self.project.files[ref.path]) and _draws_band(site)
        ]

    def _grouped(self, ref: Ref, scope: Scope, site: CallSite) -> SeedUse | None:
        columns = {word for word in _strings(site.call) if speaks_of_seed(word) or RUN_WORD.search(word)}
        if not columns:
            return None
        shown = self._shown_after(ref, scope, site)
        if shown is None:
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

    def _averaged_runs(self, ref: Ref, scope: Scope) -> Iterator[SeedUse]:
        """Mean and standard deviation of the same logged runs, system by system, in a script that trains nothing."""
        shown = [(site, role, path) for site in scope.calls for role, path in self._averaged(ref, scope, site)]
        if not shown or any(self.training.site_reaches(ref, site) for site in scope.calls):
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
            if role == "mean" and spread is not None:
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


def _draws_band(site: CallSite) -> bool:
    """Whether a plot shows the mean curve of each system with a band over its runs: `lineplot(x="step", hue="agent", ci="sd")`."""
    given = dict(site.call.keywords)
    band = given.get("ci", given.get("errorbar"))
    if band is None or "hue" not in given or (type(band) is Const and not band.value):
        return False
    steps, hue = given.get("x"), given["hue"]
    over_steps = type(steps) is Const and bool(re.search(r"step|epoch|frame|iter", str(steps.value), re.I))
    return over_steps and type(hue) is Const and bool(SYSTEM_COLUMN.search(str(hue.value)))


def _band(ref: Ref, site: CallSite) -> SeedUse:
    evidence = (Evidence(ref.path, site.call.line, "the mean curve of each system, with a band over its runs"),)
    place = Place(ref.path, site.call.line, site.call.column)
    words = ("logged runs", "the curves of the runs")
    return SeedUse(Use.PERFORMANCE_COMPARISON, Circumstance.COMPARISON, place, evidence, Confidence.LOW, *words)


def _items(loop: Loop) -> bool:
    """Whether a loop goes over what was collected under several names: `for metric, values in results.items()`."""
    return type(loop.iterable) is Call and tail(loop.iterable) == "items"


def _names_results(loop: Loop) -> bool:
    """Whether a loop over seeds goes over what is there for each, not over a count: a dict, a folder, a list of seeds."""
    names = loop_names(loop)
    counted = type(loop.iterable) is Call and tail(loop.iterable) in {"range", "trange"}
    return any(speaks_of_seed(name) or RUN_WORD.search(name) for name in names) and not (
        counted and not any(speaks_of_seed(name) for name in names)
    )


_AVERAGES = frozenset({"mean", "median", "agg", "aggregate", "describe", "sem"})


def _unpacks_seed(scope: Scope, loop: Loop) -> bool:
    """Whether each turn learns which seed it has before it: `model, dataset, seed = parse(name)`."""
    return any(
        loop.number in assign.loops and any(speaks_of_seed(name) for name in names_bound(assign))
        for assign in scope.assigns
    )


def _reads_runs(loop: Loop) -> bool:
    """Whether a loop goes over paths that name seeds: `glob("out/seed_*/scores.json")`."""
    if loop.iterable is None:
        return False
    texts = [word for node in walk(loop.iterable) if type(node) is Call for word in _strings(node)]
    return any(
        speaks_of_seed(text.replace("*", "").replace("{", " ").strip("_-")) or "seed" in text.lower() for text in texts
    )


def _strings(call: Call) -> list[str]:
    values = [*call.args, *(value for _, value in call.keywords)]
    return [
        node.value for value in values for node in walk(value) if type(node) is Const and isinstance(node.value, str)
    ]
