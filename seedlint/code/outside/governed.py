"""Knows the settings, by name, from which training takes its seed: what gives one of them a value gives training its seed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from seedlint.code.calls import speaks_of_seed
from seedlint.code.declarations import Declarations
from seedlint.code.facts import FileFacts
from seedlint.code.modules import Ref
from seedlint.code.origins import Kind, Read
from seedlint.code.outside.entries import Entries
from seedlint.code.outside.layouts import Layouts, holds_section, is_target
from seedlint.code.outside.programs import shared_folders
from seedlint.code.project import Project
from seedlint.code.sinks import Sink, Sinks
from seedlint.code.syntax import Attr, Const, Expr, Item, tail, walk
from seedlint.code.unittests import is_test_path
from seedlint.uses import Place

ELSEWHERE = re.compile(
    r"(^|_)(data|dataset|split|sampl\w+|eval\w*|test\w*|valid\w*|val|env\w*|environment|generat\w*|decod\w*|augment\w*|mask\w*|noise|plot"
    r"|sweeper|sampler|shuffle|fold|subset|shot|search|hpo|tuner|server|inference|predict\w*|corrupt\w*|negative\w*|attack|dataloader"
    r"|random_search|grid_search|preprocess\w*|simulat\w*|graph|bootstrap|hash|xgb\w*|lgbm?\w*|lightgbm|catboost|sklearn|svm|forest"
    r"|kmeans|umap|tsne|pca)(_|$)",
    re.I,
)
"""Sections and prefixes of settings that seed something else than training."""


LOADERS = frozenset(
    "yaml ruamel json json5 commentjson toml tomli tomllib tomlkit configparser configargparse jsonargparse "
    "omegaconf hydra gin yacs ml_collections pyrallis simple_parsing draccus dacite munch addict easydict box "
    "anyconfig dynaconf confuse sacred _jsonnet pyhocon transformers trl allennlp fairseq lightning "
    "pytorch_lightning detectron2 fvcore mmcv mmengine mmdet speechbrain hyperpyyaml spacy confection thinc paddle "
    "ray wandb dvc mlflow clearml mosaicml llmfoundry composer recbole".split()
)
"""Packages by which programs read configuration files."""


class Governed:
    """The settings that reach a seeding call which governs training."""

    def __init__(self, sinks: Iterable[Sink], finder: Sinks, declarations: Declarations) -> None:
        self.project: Project = finder.project
        self._declarations = declarations
        self._entries = Entries(finder.project, finder.calls)
        self._loading: dict[str, bool] = {}
        self._replaced: dict[tuple[str, str], bool] = {}
        self.layouts = Layouts(finder.project, declarations)
        self._sinks = list(sinks)
        self._finder = finder

    @cached_property
    def _by_key(self) -> dict[str, list[Read]]:
        """The settings by their last names. Only asked where something outside the code gives one of them a value."""
        found: dict[str, list[Read]] = defaultdict(list)
        for sink in self._sinks:
            judged: dict[tuple[Ref, ...], bool] = {}
            for read in sink.reads:
                callers = read.trail.callers
                if callers not in judged:
                    origin = read.trail.origin(Kind.UNKNOWN, Place(read.ref.path, read.line))
                    judged[callers] = self._finder.governs_training(sink, origin)
                if judged[callers]:
                    found[_plain(read.name.rpartition(".")[2])].append(read)
        return found

    def option(self, program: str, key: str, value: object = None) -> bool | None:
        """Whether an option or override of a program governs what it trains; None where the code does not show it."""
        name = _plain(key.rpartition(".")[2])
        near = self._near(program)
        reads = [read for read in self._by_key.get(name, ()) if read.ref.path in near]
        if reads:
            agreeing = [read for read in reads if _agree(read.name, key.split("."))]
            return any(value is None or read.trail.allows(value) for read in agreeing)
        declared = [
            item for item in self._declarations.by_key.get(name, ()) if item.ref.path in near and item.is_option
        ]
        return False if declared or self._entries.declares(name, near) else None

    def _reads_option(self, program: str, key: str) -> bool:
        """Whether training takes its seed from an option that a program declares."""
        name, near = _plain(key), self._near(program)
        declared = [
            item for item in self._declarations.by_key.get(name, ()) if item.is_option and item.ref.path in near
        ]
        places = {(item.ref.path, item.line) for item in declared}
        return any((read.ref.path, read.line) in places for read in self._by_key.get(name, ()))

    def _replaces(self, path: str, name: str) -> bool:
        """Whether a program writes an option that has a default of its own over a key: `params["seed"] = args.seed`."""
        if (path, name) not in self._replaced:
            self._replaced[path, name] = self._writes_option(path, name)
        return self._replaced[path, name]

    def _writes_option(self, path: str, name: str) -> bool:
        declared = [
            item for item in self._declarations.by_key.get(name, ()) if item.is_option and item.ref.path == path
        ]
        if not any(type(item.default) is Const and item.default.value is not None for item in declared):
            return False
        return any(
            type(assign.target) is Item and _plain(tail(assign.target)) == name and _reads(assign.value, name)
            for scope in self.project.files[path].scopes
            for assign in scope.assigns
        )

    def _near(self, program: str) -> frozenset[str]:
        return self.project.connected(program) | {program}

    def config(self, facts: FileFacts, keys: tuple[str, ...], value: object) -> list[Read]:
        """The reads of a key of a configuration file by code that stands near it."""
        path, program = facts.path, self.layouts.program_of(facts)
        if program is not None and len(keys) == 1 and not self._reads_option(program, keys[0]):
            return []
        keys = self.layouts.seen_as(facts, keys)
        named = self._by_key.get(_plain(keys[-1]), ())
        if is_elsewhere(keys):
            reads = [read for read in named if _names_sections(read.name, keys)]
        else:
            reads = [read for read in named if _agree(read.name, keys)]
            reads = [read for read in reads if len(keys) > 1 or not holds_section(facts, _sections(read.name))]
        reads = [read for read in reads if read.trail.allows(value) and not is_test_path(read.ref.path)]
        reads = [
            read for read in reads if self._loads_configs(read.ref.path) and _fits(self.layouts, facts, keys, read)
        ]
        reads = [read for read in reads if not self._replaces(read.ref.path, _plain(keys[-1]))]
        owners = self.layouts.owners(facts)
        if owners:
            near = {other for program in owners for other in self._near(program)}
            reads = [read for read in reads if read.ref.path in near]
        best = max((shared_folders(path, read.ref.path) for read in reads), default=0)
        return [read for read in reads if shared_folders(path, read.ref.path) == best]

    def _loads_configs(self, path: str) -> bool:
        """Whether a program, by what it or a file connected with it imports, reads configuration files."""
        if path not in self._loading:
            near = [self.project.files[other] for other in self._near(path) if other in self.project.files]
            roots = {target.lstrip(".").partition(".")[0] for facts in near for target in facts.imports.values()}
            self._loading[path] = bool(roots & LOADERS)
        return self._loading[path]

    def environment(self, program: str) -> frozenset[str]:
        """The variables of its environment from which a program takes a seed of training."""
        near = self._near(program)
        reads = [read for reads in self._by_key.values() for read in reads if read.ref.path in near]
        return frozenset(read.name.rpartition(".")[2] for read in reads if "environ." in read.name)

    def sets(self, program: str, key: str, reads: Iterable[Read]) -> bool:
        """Whether an option or override of a program sets what these reads read."""
        near = self._near(program)
        written = key.split(".")
        return any(
            read.ref.path in near
            and _plain(read.name.rpartition(".")[2]) == _plain(written[-1])
            and _agree(read.name, written)
            for read in reads
        )


def _fits(layouts: Layouts, facts: FileFacts, keys: tuple[str, ...], read: Read) -> bool:
    """Whether a key of a file can be what is read: an option among others of the file, an argument of the function named."""
    function, called, _ = read.name.partition("().")
    if called:
        return is_target(facts, keys[:-1], function)
    return len(keys) > 1 or layouts.fits(facts, read.ref.path, _plain(keys[-1]))


def _reads(value: Expr, name: str) -> bool:
    """Whether an expression reads an attribute of that name: `int(args.seed)`."""
    return any(type(node) is Attr and _plain(node.name) == name for node in walk(value))


def is_elsewhere(keys: Iterable[str]) -> bool:
    """Whether the names of sections and of the key say that something else than training is seeded."""
    return any(ELSEWHERE.search(_plain(key)) for key in keys)


def speaks_of_training_seed(key: str) -> bool:
    """Whether a key by itself names the seed of a run."""
    return speaks_of_seed(key) and not is_elsewhere([key])


def _plain(name: str) -> str:
    return name.lstrip("-").replace("-", "_").lower()


def _sections(name: str) -> list[str]:
    """The sections of a setting as code writes it, without the object that holds the settings."""
    parts = [_plain(part) for part in name.split(".")]
    if parts[0] in ("self", "cls"):
        parts = parts[1:]
    return parts[1:-1]


def _agree(name: str, keys: Iterable[str]) -> bool:
    """Whether a setting of code can be the key of a file: the sections of one end with those of the other."""
    written = _sections(name)
    given = [_plain(key) for key in keys][:-1]
    shared = min(len(written), len(given))
    return shared == 0 or written[-shared:] == given[-shared:]


def _names_sections(name: str, keys: tuple[str, ...]) -> bool:
    """Whether code names a section that would otherwise speak of something else, or a key that does."""
    parts = [_plain(part) for part in name.split(".")]
    return all(_plain(key) in parts for key in keys if is_elsewhere([key]))
