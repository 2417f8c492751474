"""Finds the loops that go over the results of several runs: over their files and folders, or over their checkpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedlint.code.calls import Calls, speaks_of_seed
from seedlint.code.collected import carrier_of, expressions
from seedlint.code.facts import CallSite, FileFacts, Loop, Scope
from seedlint.code.origins import RunLoop
from seedlint.code.project import Project, Ref, names_bound
from seedlint.code.runs import body_sites, loop_names, names_a_repeat, root_of
from seedlint.code.sinks import DATA
from seedlint.code.syntax import Attr, Call, Comp, Const, Item, Name, tail, walk
from seedlint.code.training import Training
from seedlint.code.unittests import is_test
from seedlint.code.vocabulary import expression_words

RUN_WORD = re.compile(r"(^|[_\W])(runs?|seeds?|trials?|repeats?|replicates?)([_\W\d]|$)", re.I)
"""Strings and columns that speak of repeated runs."""

RUN_PATH = re.compile(r"(^|_)(run|seed|trial|rep)s?_?(dir|path|folder|file|log|ckpt)s?$", re.I)
"""Names of the paths of runs."""

PREDICTION_FILES = re.compile(r"(^|_)pred(iction)?s?_(files?|paths?)(_list)?$", re.I)
"""Names of lists of files with the predictions of several models."""

ALL_RUNS = re.compile(r"(\w+_)?runs$")
"""Names of lists of runs, and of the methods by which a tracker of experiments lists them."""

REPEATED = re.compile(r"(^|[_\W])(re_?runs?|repeat(s|ed)?|repetitions?|replicates?)([_\W\d]|$)", re.I)
"""Words by which a program says that a run was made again, its settings unchanged."""

READS = frozenset("open load loads read_csv read_json read_pickle read_text loadtxt genfromtxt read_parquet".split())
"""Calls that read a file."""

LISTS = frozenset({"listdir", "iterdir", "glob", "iglob", "rglob", "scandir", "walk"})
"""Calls that list a folder."""

READS_RESULTS = re.compile(r"(read|load|parse)_\w*(result|score|metric|log|json|eval|csv|stat|pred|line)")
"""Names of functions that read results."""


class ResultLoops:
    """The loops of a project that go over the results of runs that other programs trained."""

    def __init__(self, project: Project, calls: Calls, training: Training) -> None:
        self.project = project
        self.calls = calls
        self.training = training
        self._reading: dict[str, bool] = {}

    def over_runs(self) -> list[RunLoop]:
        """Loops that go over the results of several seeds or runs, or over their checkpoints."""
        return [
            RunLoop(ref, loop.line, loop.end_line, loop.column, loop)
            for ref, scope, loop in self._loops()
            if self.gathers(ref, scope, loop)
        ]

    def over_folders(self) -> list[RunLoop]:
        """Loops over whatever a folder holds that read files and train nothing."""
        found = []
        for ref, scope, loop in self._loops():
            sites = body_sites(scope, loop)
            reads = self.lists(scope, loop) and self.reads_files(ref, sites)
            if reads and not any(self.training.site_reaches(ref, site) for site in sites):
                found.append(RunLoop(ref, loop.line, loop.end_line, loop.column, loop))
        return found

    def _loops(self) -> Iterator[tuple[Ref, Scope, Loop]]:
        """Every loop of the project but those of tests."""
        for ref, scope in list(self.project.scopes()):
            if not is_test(self.project.files[ref.path]):
                for loop in scope.loops:
                    yield ref, scope, loop

    def lists(self, scope: Scope, loop: Loop) -> bool:
        """Whether a loop goes over the entries of a folder, listed in its header or just before."""
        if loop.iterable is None:
            return False
        names = {node.id for node in walk(loop.iterable) if type(node) is Name}
        values = [loop.iterable, *(assign.value for assign in scope.assigns if names_bound(assign) & names)]
        return any(type(node) is Call and tail(node) in LISTS for value in values for node in walk(value))

    def gathers(self, ref: Ref, scope: Scope, loop: Loop) -> bool:
        """Whether a loop goes over the results or the checkpoints of several runs, and trains nothing."""
        sites = body_sites(scope, loop)
        named = names_a_repeat(loop) and (
            _names_seeds(scope, loop) or self._over_repeats(ref, scope, loop) or self.reads_files(ref, sites)
        )
        named = named or (self.reads_files(ref, sites) and _unpacks_seed(scope, loop))
        globbed = _reads_runs(loop) and (loop.kind == "for" or self.reads_files(ref, sites))
        if named or globbed or self._reads_paths(ref, scope, loop, sites):
            gathers = not any(self._draws_data(ref, site) for site in sites)
        else:
            gathers = any(self._loads_weights(ref, site, loop, scope) for site in sites)
        return gathers and not any(self.training.site_reaches(ref, site) for site in sites)

    def _over_repeats(self, ref: Ref, scope: Scope, loop: Loop) -> bool:
        """Whether a loop over runs or trials, none of them called a seed, goes over repeats that other programs have logged.

        The trials that an object keeps, or that a search of the same program made, may differ in every hyperparameter.
        """
        if _reads_kept(scope, loop) or not self._reads_logs(ref.path):
            return False
        return _takes_from_runs(scope, loop) or (_names_runs(loop) and _speaks_of_repeats(self.project.files[ref.path]))

    def _reads_logs(self, path: str) -> bool:
        """Whether a file reads what was logged, and trains nothing."""
        if path not in self._reading:
            reads = any(
                _lists_runs(site.call) or self.reads_files(Ref(path, scope.index), [site])
                for scope in self.project.files[path].scopes
                for site in scope.calls
            )
            self._reading[path] = reads and not self.training.trains_somewhere(path)
        return self._reading[path]

    def _reads_paths(self, ref: Ref, scope: Scope, loop: Loop, sites: list[CallSite]) -> bool:
        """Whether a loop reads files whose paths were made of seeds: `for run_dir in dirs`, `[f"{s}.npy" for s in seeds]`."""
        if loop.iterable is None or not self.reads_files(ref, sites):
            return False
        sources = {node.id for node in walk(loop.iterable) if type(node) is Name}
        if PREDICTION_FILES.search(tail(loop.iterable)):
            return True
        if any(RUN_PATH.search(name) for name in (*sources, *loop_names(loop))):
            return True
        made = [assign.value for assign in scope.assigns if names_bound(assign) & sources]
        return any(
            type(node) is Comp and any(names_a_repeat(scope.loops[index]) for index in node.loops)
            for value in made
            for node in walk(value)
        )

    def reads_files(self, ref: Ref, sites: list[CallSite]) -> bool:
        """Whether any of some calls reads a file."""
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


def _names_seeds(scope: Scope, loop: Loop) -> bool:
    """Whether a loop goes over what is there for each seed, a dict, a folder, a list of seeds, and does not only pass seeds on:
    `next(seed for seed in (given, kept) if seed)`."""
    made = _made_by(scope, loop)
    passed_on = made is not None and type(made.element) is Name and loop_names(loop) == [made.element.id]
    return not passed_on and any(speaks_of_seed(name) for name in loop_names(loop))


def _names_runs(loop: Loop) -> bool:
    """Whether a loop goes over runs, not over their numbers: `for run in runs`, not `for run, score in enumerate(scores)`."""
    iterated = tail(loop.iterable) if type(loop.iterable) is Call else ""
    names = loop_names(loop)[1 if iterated == "enumerate" else 0 :]
    return iterated not in {"range", "trange"} and any(RUN_WORD.search(name) for name in names)


def _reads_kept(scope: Scope, loop: Loop) -> bool:
    """Whether a loop reads the records that an object keeps: `[trial.score for trial in study.trials]`; the paths of an object,
    `[load(run) for run in args.runs]`, are given to what reads them."""
    given = [value for site in body_sites(scope, loop) for value in site.call.given]
    return type(loop.iterable) is Attr and not any(
        type(value) is Name and value.id in loop_names(loop) for value in given
    )


def _lists_runs(call: Call) -> bool:
    """Whether a call asks a tracker of experiments for its runs: `wandb.Api().runs("lab/project")`."""
    return type(call.func) is Attr and bool(ALL_RUNS.match(call.func.name))


def _speaks_of_repeats(facts: FileFacts) -> bool:
    """Whether a name or a text of a file speaks of seeds or of repeated runs."""
    return any(
        speaks_of_seed(word) or REPEATED.search(word)
        for scope in facts.scopes
        for expr in expressions(scope)
        for word in expression_words(expr)
    )


def _takes_from_runs(scope: Scope, loop: Loop) -> bool:
    """Whether a comprehension takes one thing of each run: `[r.scores for r in runs]`, not `[r for r in runs if r.done]`."""
    if loop.kind != "comprehension" or type(loop.iterable) is not Name or not ALL_RUNS.match(loop.iterable.id):
        return False
    made = _made_by(scope, loop)
    names = {*loop_names(loop)}
    return made is not None and any(
        type(node) in (Attr, Item) and root_of(node) in names for node in walk(made.element)
    )


def _made_by(scope: Scope, loop: Loop) -> Comp | None:
    """The comprehension that a loop belongs to."""
    made = carrier_of(RunLoop(Ref("", scope.index), loop.line, loop.end_line, loop.column, loop), scope)
    return made if type(made) is Comp else None


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
    texts = [word for node in walk(loop.iterable) if type(node) is Call for word in strings(node)]
    return any(
        speaks_of_seed(text.replace("*", "").replace("{", " ").strip("_-")) or "seed" in text.lower() for text in texts
    )


def strings(call: Call) -> list[str]:
    """The texts that a call is given, however deep."""
    return [
        node.value
        for value in call.given
        for node in walk(value)
        if type(node) is Const and isinstance(node.value, str)
    ]
