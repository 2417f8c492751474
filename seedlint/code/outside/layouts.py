"""Knows under which names a program sees the settings of a file: the groups of Hydra, and files that hold a program's options."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from seedlint.code.configs import lookup, parts, root_of
from seedlint.code.declarations import Declarations
from seedlint.code.facts import CONFIG, FileFacts
from seedlint.code.project import Project
from seedlint.code.syntax import Call, Const, Group, Table

DEFAULTS = "defaults"
"""The key under which a configuration of Hydra lists those that it is composed of."""

GLOBAL_GROUP = re.compile(
    r"^(experiments?|exps?|hparams?_search|hpo|sweeps?|debug|local|runs?|overrides?|presets?|recipes?)$", re.I
)
"""Groups whose files by custom set the keys of the whole configuration (`@package _global_`)."""

LEAST_OPTIONS = 3
MOST_KEYS = 0.6
"""A file whose keys are for the most part the options of a program, and at least a few, holds that program's options."""


class Layouts:
    """The layouts of a project's configuration files."""

    def __init__(self, project: Project, declarations: Declarations) -> None:
        self._roots = sorted(
            {
                facts.path.rpartition("/")[0]
                for facts in list(project.files.values())
                if facts.language == CONFIG and _composes(facts)
            },
            key=len,
        )
        self._options: dict[str, set[str]] = defaultdict(set)
        for key, declared in declarations.by_key.items():
            for item in declared:
                if item.is_option:
                    self._options[item.ref.path].add(key)

        self._hydra: dict[str, set[str]] = defaultdict(set)
        for ref, scope in list(project.scopes()):
            calls = [*(item for item in scope.decorators if type(item) is Call), *(site.call for site in scope.calls)]
            for call in calls:
                name = dict(call.keywords).get("config_name")
                if type(name) is Const and isinstance(name.value, str):
                    self._hydra[name.value.rpartition("/")[2].partition(".")[0]].add(ref.path)
        self._given: dict[str, set[str]] = defaultdict(set)

    def gives(self, name: str, programs: Iterable[str]) -> None:
        """Note that a command gives a configuration file of this name to programs."""
        self._given[name].update(programs)

    def owners(self, facts: FileFacts) -> frozenset[str]:
        """The programs that a file is for: those that commands give it to, or the one that names it; none where nothing
        shows."""
        name = facts.path.rpartition("/")[2]
        folder = facts.path.rpartition("/")[0]
        given = self._given.get(name, set())
        nested = any(folder.startswith(f"{root}/") for root in self._roots if root)
        return frozenset(given or (set() if nested else self._hydra.get(name.partition(".")[0], set())))

    def fits(self, facts: FileFacts, program: str, key: str) -> bool:
        """Whether a file can hold a program's options: where the key is one of them, half of the others are too."""
        options = self._options.get(program, set())
        keys = _flat_keys(facts)
        return key not in options or len(keys) < LEAST_OPTIONS or 2 * len(options & keys) >= len(keys)

    def seen_as(self, facts: FileFacts, keys: tuple[str, ...]) -> tuple[str, ...]:
        """The keys of a setting as the composed configuration has them: a file of the group `dataset` sets `dataset.…`."""
        folder = facts.path.rpartition("/")[0]
        root = next((root for root in self._roots if not root or folder.startswith(root + "/")), None)
        if root is None or folder == root:
            return keys
        groups = tuple(folder[len(root) + 1 :].split("/")) if root else tuple(folder.split("/"))
        if any(GLOBAL_GROUP.match(group) for group in groups) or _composes(facts):
            return keys
        return (*groups, *keys)

    def program_of(self, facts: FileFacts) -> str | None:
        """The file whose program takes its options from a flat configuration file; None where nothing shows one."""
        keys = _flat_keys(facts)
        best = max(self._options, key=lambda path: len(self._options[path] & keys), default=None)
        known = len(self._options[best] & keys) if best is not None else 0
        return best if known >= LEAST_OPTIONS and known >= MOST_KEYS * len(keys) else None


def _flat_keys(facts: FileFacts) -> set[str]:
    """The keys at the top of a file that hold no sections, as options are spelled in code."""
    root = root_of(facts)
    if type(root) is not Table:
        return set()
    return {name.lstrip("-").replace("-", "_") for name, _, value in parts(root) if type(value) is not Table}


def is_target(facts: FileFacts, sections: tuple[str, ...], function: str) -> bool:
    """Whether a section holds the arguments of a function: by its name, as gin has it, or by its `_target_`."""
    if sections and sections[-1].lower() == function.lower():
        return True
    target = lookup(facts, (*sections, "_target_"))
    return type(target) is Const and str(target.value).rpartition(".")[2] == function


def holds_section(facts: FileFacts, sections: list[str]) -> bool:
    """Whether a file has a section of its own by that name."""
    return bool(sections) and type(lookup(facts, tuple(sections))) is Table


def _composes(facts: FileFacts) -> bool:
    """Whether a configuration file lists others that it is composed of."""
    root = root_of(facts)
    if type(root) is not Table:
        return False
    for name, _, value in parts(root):
        if name == DEFAULTS and type(value) is Group:
            return any(type(item) is Const or type(item) is Table for item in value.items)
    return False
