"""Finds the programs that commands name among the project's files, and tells whether they train."""

from __future__ import annotations

import re
from collections import defaultdict

from seedlint.code.apis import Governs
from seedlint.code.facts import SHELL
from seedlint.code.outside.frameworks import known_program
from seedlint.code.outside.invocations import Invocation, invocations
from seedlint.code.project import Project
from seedlint.code.sinks import SCRIPT_ASIDE
from seedlint.code.training import Training

TRAINER_NAME = re.compile(
    r"train|fine_?tune|language_modeling|run_(glue|squad|ner|mlm|clm|seq2seq|summarization|translation|qa|lm)", re.I
)
"""Names of programs that by them train, where their code is not here."""

BESIDE_TRAINING = re.compile(
    r"(^|_)(data|dataset|prepare|preprocess\w*|create|convert|export|eval\w*|generate|test|predict|infer\w*|plot|tokeni[sz]e\w*|split"
    r"|download|visuali[sz]e|sample)(_|\.|$)",
    re.I,
)
"""Names of programs that by them make data or look at results, where their code is not here."""

TRAINING_OPTION = re.compile(
    r"^(lr|learning_rate|(num_|max_|n_)?(train_)?(epochs?|steps|iters|updates|timesteps)|total_timesteps|weight_decay|momentum|dropout"
    r"|optimi[sz]er|warmup_\w+|wandb_\w+|grad_clip|gamma|train_batch_size|hidden_(size|dim))$",
    re.I,
)
"""Options of programs that train."""

MAX_NESTED = 4
"""Scripts that call scripts that call scripts: deeper than this nobody reads."""


class Programs:
    """The programs of a project by the names under which commands run them."""

    def __init__(self, project: Project, training: Training) -> None:
        self.project = project
        self.training = training
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for path in sorted(project.paths):
            self._by_name[path.rpartition("/")[2]].append(path)
        self._trains: dict[str, bool] = {}

    def paths(self, invocation: Invocation) -> tuple[str, ...]:
        """The project's files that a command runs; a framework's program is one only where its own code is here."""
        known = known_program(invocation)
        if known is not None:
            return tuple(path for ending in known.module_paths for path in self._ending(ending))
        found = [self._path(invocation.ref.path, name) for name in invocation.programs]
        return tuple(path for path in dict.fromkeys(found) if path is not None)

    def _path(self, script: str, name: str) -> str | None:
        """The file that a script means by a name: the one whose path ends like it, and nearest to the script."""
        name = re.sub(r"^(\./|\.\./|\$\w+/|\$\{\w+\}/|~/)+", "", name)
        found = self._ending(name) or self._by_name.get(name.rpartition("/")[2], [])
        return max(found, key=lambda path: shared_folders(script, path), default=None) if found else None

    def _ending(self, name: str) -> list[str]:
        """The files whose paths end in a path."""
        return [path for path in self._by_name.get(name.rpartition("/")[2], ()) if f"/{path}".endswith("/" + name)]

    def trains(self, invocation: Invocation, depth: int = 0) -> bool:
        """Whether what a command runs trains: by its code, or by what is known of its name where the code is not here."""
        paths = self.paths(invocation)
        if paths:
            return any(self._file_trains(path, depth) for path in paths)
        if known_program(invocation) is not None:
            return True
        names = [name.rpartition("/")[2] for name in invocation.programs]
        if any(BESIDE_TRAINING.search(name) for name in names):
            return False
        return any(TRAINER_NAME.search(name) for name in names) or _is_told_to_train(invocation)

    def trains_otherwise(self, script: str, program: str) -> bool:
        """Whether the program that a file names is here and fits models without gradients, such as boosted trees."""
        path = self._path(script, program)
        facts = self.project.file(path) if path is not None else None
        if path is None or facts is None or self._file_trains(path, 0):
            return False
        apis = self.training.calls.apis
        estimators = [
            name for name, rows in apis.seeders.items() if any(row.governs is Governs.ESTIMATOR for row in rows)
        ]
        roots = {name.partition(".")[0] for name in estimators} - apis.neural_packages
        return any(target.partition(".")[0] in roots for target in facts.imports.values())

    def _file_trains(self, path: str, depth: int) -> bool:
        if path not in self._trains:
            self._trains[path] = False
            facts = self.project.file(path)
            if facts is not None and facts.language == SHELL:
                self._trains[path] = depth < MAX_NESTED and any(
                    self.trains(inner, depth + 1) for inner in invocations(facts)
                )
            elif facts is not None and facts.is_python:
                aside = SCRIPT_ASIDE.search(path) and not self.training.trains_itself(path)
                self._trains[path] = not aside and (self.training.trains_somewhere(path) or _is_named_trainer(path))
            elif facts is None:
                self._trains[path] = _is_named_trainer(path)
        return self._trains[path]


def _is_told_to_train(invocation: Invocation) -> bool:
    """Whether the options of a Python program that is not here are those of a training run."""
    python = any(name.endswith(".py") for name in invocation.programs)
    return python and any(TRAINING_OPTION.search(option.key) for option in invocation.options)


def _is_named_trainer(path: str) -> bool:
    """Whether a program is called like one that trains: what it trains with may be a package's."""
    return path.endswith(".py") and bool(TRAINER_NAME.match(path.rpartition("/")[2]))


def shared_folders(first: str, second: str) -> int:
    """How many folders two paths share from the root on."""
    count = 0
    for one, other in zip(first.split("/")[:-1], second.split("/")[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count
