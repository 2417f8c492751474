"""From facts to seed uses: the order in which the questions are asked of a project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedlint.code.apis import ApiTable, Governs, load_apis
from seedlint.code.calls import Calls
from seedlint.code.cells import in_cells
from seedlint.code.claims import claims
from seedlint.code.comparison import Comparisons, outermost
from seedlint.code.declarations import Declarations
from seedlint.code.discover import Source
from seedlint.code.facts import FileFacts
from seedlint.code.fate import Fates
from seedlint.code.fixed import fixed_uses
from seedlint.code.gather import Gathering
from seedlint.code.kinds import is_program
from seedlint.code.looking import content_of
from seedlint.code.origins import Kind
from seedlint.code.outside.judging import Outside
from seedlint.code.outside.pinned import defaults_of_launchers
from seedlint.code.project import Project, Ref
from seedlint.code.roles import Role
from seedlint.code.runs import Runs
from seedlint.code.searches import searched_seeds
from seedlint.code.sinks import GOVERNING, Sink, Sinks
from seedlint.code.trace import Tracer
from seedlint.code.training import Training
from seedlint.code.unittests import is_test
from seedlint.uses import SeedUse

if TYPE_CHECKING:
    from seedlint.code.cache import FactsCache

ESTIMATORS = GOVERNING | {Governs.ESTIMATOR}


DECLARED = re.compile(rb"[\"']-{1,2}[\w-]+[\"']|add_argument|DEFINE_|\.option\(|^\s*#|^\s*\w+\s*:\s*[\w\[\]|. ]+=")
"""Lines that declare an option or a field."""

MAX_HELD = 100_000_000
"""Bytes of files that are kept at hand, since several questions are asked of each."""

MAX_DEFINING = 24
"""A method that more files than this define says nothing about which one a value made by name runs."""


class Reader:
    """Reads the facts of files that the prefilter left out, when a question leads to them."""

    def __init__(self, sources: Mapping[str, Source], cache: FactsCache | None = None) -> None:
        self.sources = sources
        self.python = frozenset(path for path in sources if is_program(path))
        self._cache = cache
        self._training = _training_calls(load_apis())
        self._insisted: set[str] = set()
        self._held: dict[str, bytes] = {}
        self._lines: dict[str, list[str]] = {}
        self._room = MAX_HELD

    def insist(self, paths: Iterable[str]) -> None:
        """Have files read when they are asked for, whatever they hold."""
        self._insisted.update(paths)

    def content(self, path: str) -> bytes:
        """The bytes of a file; empty where it cannot be read, which the first pass has reported."""
        held = self._held.get(path)
        if held is not None:
            return held
        try:
            content = content_of(self.sources[path])
        except OSError:
            return b""
        if len(content) <= self._room:
            self._held[path] = content
            self._room -= len(content)
        return content

    def lines(self, path: str) -> list[str]:
        """The text of a file, line by line, as far as it can be decoded; a notebook's as its facts count lines."""
        if path not in self._lines:
            self._lines[path] = self._read_lines(path)
        return self._lines[path]

    def _read_lines(self, path: str) -> list[str]:
        if path.endswith(".ipynb"):
            from seedlint.code.readers.notebook import joined_lines

            return joined_lines(self.content(path))
        return self.content(path).decode("utf-8", "replace").splitlines()

    def defining(self, name: str) -> list[str]:
        """The files that define a method of a name and may train."""
        definition = re.compile(rb"\bdef %s\(\s*self\b" % re.escape(name.encode()))
        word = f"def {name}(".encode()
        found = [
            path for path in sorted(self.python) if word in (text := self.content(path)) and definition.search(text)
        ]
        return found if len(found) <= MAX_DEFINING else []

    def reads_name(self, name: str) -> bool:
        """Whether Python code reads a setting of this name, beyond declaring it as an option or a field."""
        letters = name.rpartition(".")[2].replace("-", "_").encode()
        word = re.compile(rb"\b%s\b" % re.escape(letters))
        for path in sorted(self.python):
            content = self.content(path)
            lines = content.splitlines() if letters in content else ()
            if any(letters in line and word.search(line) and not DECLARED.search(line) for line in lines):
                return True
        return False

    def facts(self, path: str) -> FileFacts | None:
        """The facts of a file; None where it cannot be parsed, or holds nothing that trains or passes names on."""
        from seedlint.code.readers.dispatch import read
        from seedlint.code.readers.unreadable import UnreadableSource

        content = self.content(path)
        telling = path in self._insisted or path not in self.python or path.endswith("__init__.py")
        if not telling and not self._training.search(content):
            return None
        kept = None if self._cache is None else self._cache.facts(path, content)
        if kept is not None:
            return kept
        try:
            facts = read(path, content)
        except UnreadableSource:
            return None
        if self._cache is not None:
            self._cache.keep_facts(content, facts)
        return facts


EVERYDAY = frozenset(
    {"run", "main", "create", "update", "step", "record", "pipeline", "initialize", "experiment", "tune", "grad"}
)
"""Names of training calls that far more files use for something else; what trains by them holds another word too."""


def _training_calls(apis: ApiTable) -> re.Pattern[bytes]:
    """What the bytes of a file hold if it trains or calls what does: it is worth reading although it seeds nothing."""
    names = ({name.rpartition(".")[2] for name in apis.training} | set(apis.training_methods)) - EVERYDAY
    return re.compile(
        rb"\b(?:" + "|".join(sorted(names)).encode() + rb"|train\w*|Trainer|[oO]pt\w*\.(?:step|update)|sess\w*\.run)\("
    )


@dataclass(frozen=True)
class Judged:
    """A project as judged: its uses, safe and risky, in order of place, and what they were judged by."""

    project: Project
    finder: Sinks
    sinks: tuple[Sink, ...]
    outside: Outside
    uses: tuple[SeedUse, ...]


def judge_project(facts: Iterable[FileFacts], reader: Reader, apis: ApiTable, *, everything: bool) -> Judged:
    """A project with every seed use in it, and what they were judged by."""
    project = Project(facts, reader.sources, reader.facts)
    kinds = ESTIMATORS if everything else GOVERNING
    finder, sinks = _sinks(project, apis, kinds, reader)
    if _fetch_callers(project, reader, finder, sinks, apis):
        finder, sinks = _sinks(project, apis, kinds, reader)
    live = [sink for sink in sinks if not is_test(project.files[sink.ref.path])]
    outside = Outside(project, finder, live, reader.reads_name)
    uses = _uses(project, reader, finder, live, outside)
    cells = {path: item.cells for path, item in project.files.items() if item.cells}
    uses = [in_cells(use, cells) for use in uses] if cells else uses
    return Judged(project, finder, tuple(sinks), outside, tuple(sorted(uses, key=_place_order)))


def _uses(project: Project, reader: Reader, finder: Sinks, sinks: list[Sink], outside: Outside) -> list[SeedUse]:
    runs = Runs(project, finder.training).find(sinks)
    fixed = [use for use in fixed_uses(sinks, finder) if not outside.varies(use)]
    places = {use.place for use in fixed}
    fixed += [use for use in defaults_of_launchers(project, outside.commands) if use.place not in places]
    fixed += claims(fixed, project, finder.calls, reader.lines)
    comparisons = Comparisons(project, finder.training, Fates(project, finder.calls))
    repeated = comparisons.uses(runs)
    gathered = _gathered(project, finder, comparisons, scripted=outside.repeats_runs)
    if gathered and not (finder.training.project_trains() or _others_train(project, reader, finder.training)):
        gathered = []
    uses = [*fixed, *repeated, *searched_seeds(project, finder.calls), *gathered]
    return uses + outside.uses(runs, repeated, gathered)


def _place_order(use: SeedUse) -> tuple[str, int, int, int, str]:
    place = use.place
    return place.path, place.cell or 0, place.line, place.column, use.circumstance.value


def _gathered(project: Project, finder: Sinks, comparisons: Comparisons, *, scripted: bool) -> list[SeedUse]:
    """The seed uses in what gathers the results of runs that were started elsewhere."""
    gathering = Gathering(project, finder.calls, finder.training)
    tables = gathering.tables(scripted=scripted)
    grouped = {use.place.path for use in tables}
    loops = [run for run in gathering.loops() if run.ref.path not in grouped]
    if scripted:
        known = {(run.ref, run.line) for run in loops}
        listed = [run for run in gathering.listings() if (run.ref, run.line) not in known]
        loops += [run for run in listed if {Role.MEAN, Role.SPREAD} <= comparisons.fates.of(run).roles.keys()]
    found = outermost([*comparisons.uses(loops, gathered=True), *tables])
    shown = {use.place.path for use in found}
    return found + [use for use in gathering.bands() if use.place.path not in shown]


def _others_train(project: Project, reader: Reader, training: Training) -> bool:
    """Whether a file that the prefilter left out trains: a trainer that speaks of no seed."""
    return any(
        project.file(path) is not None and training.trains_itself(path)
        for path in sorted(reader.python - project.files.keys())
    )


def _sinks(
    project: Project, apis: ApiTable, kinds: frozenset[Governs], reader: Reader | None = None
) -> tuple[Sinks, list[Sink]]:
    """The governing sinks; with a reader, learners are looked for in files that the prefilter left out too."""
    calls = Calls(project, apis)
    tracer = Tracer(project, calls, Declarations(project, calls))
    training = Training(project, calls, reader.defining) if reader else Training(project, calls)
    finder = Sinks(project, calls, tracer, training)
    return finder, finder.find(kinds)


MAX_HELPERS = 6
"""Seeder helpers whose callers are looked for in every file; a library with more is not asked about all of them."""

EVERYWHERE = frozenset({"main", "train", "run", "fit", "forward", "setup", "build", "test", "init", "call"})
"""Names that say too little to look for their callers by them."""


def _called_name(project: Project, ref: Ref) -> str:
    """The name by which a function is called: a constructor's is its class's."""
    name = project.scope(ref).name
    owner = project.parent(ref)
    return project.scope(owner).name if name == "__init__" and owner else name


def _fetch_callers(project: Project, reader: Reader, finder: Sinks, sinks: list[Sink], apis: ApiTable) -> bool:
    """Reads the files that call a seeder helper without a word that the prefilter knows; whether there were any."""
    helpers = set()
    for sink in sinks:
        for origin in sink.origins:
            helper = origin.callers[-1]
            scope = project.scope(helper)
            given = origin.kind in (Kind.UNKNOWN, Kind.DEFAULT) and scope.params
            unused = (
                origin.kind is Kind.LITERAL and scope.kind == "function" and not finder.governs_training(sink, origin)
            )
            name = _called_name(project, helper)
            if (given or unused) and name and not any(word in name.lower().encode() for word in apis.words):
                helpers.add((name, _module_name(helper.path) if name in EVERYWHERE else ""))
    wanted = [(name, _calls(name, module)) for name, module in sorted(helpers)[:MAX_HELPERS]]
    fetched = []
    for path in sorted(reader.python - project.files.keys()) if wanted else ():
        content = reader.content(path)
        if any(name.encode() in content and all(p.search(content) for p in patterns) for name, patterns in wanted):
            fetched.append(path)
    reader.insist(fetched)
    project.reconsider(fetched)
    read = {path for path in fetched if project.file(path) is not None}
    return any(ref.path in read for ref, _ in project.sites({name for name, _ in wanted}))


def _module_name(path: str) -> str:
    """The name by which a file is imported."""
    stem = path.rpartition("/")[2].partition(".")[0]
    return path.split("/")[-2] if stem == "__init__" and "/" in path else stem


def _calls(name: str, module: str) -> list[re.Pattern[bytes]]:
    """What the bytes of a file hold that calls a function, and imports its module where the name alone says too little."""
    patterns = [re.compile(rb"\b%s\b" % re.escape(name.encode()))]
    if module:
        imports = rb"^\s*(?:from\s+[\w.]*\b%s\s+import|import\s[^\n]*\b%s\b|from\s[^\n]*import\s[^\n]*\b%s\b)"
        patterns.append(re.compile(imports % ((re.escape(module.encode()),) * 3), re.MULTILINE))
    return patterns
