"""Knows under which names a program sees the settings of a file: the groups of Hydra, and files that hold a program's options."""

from __future__ import annotations

import re
from collections import defaultdict

from seedlint.code.configs import lookup, parts, root_of
from seedlint.code.declarations import Declarations
from seedlint.code.facts import CONFIG, FileFacts
from seedlint.code.project import Project
from seedlint.code.syntax import Const, Group, Table

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
        root = root_of(facts)
        if type(root) is not Table:
            return None
        keys = {name.lstrip("-").replace("-", "_") for name, _, value in parts(root) if not isinstance(value, Table)}
        best = max(self._options, key=lambda path: len(self._options[path] & keys), default=None)
        known = len(self._options[best] & keys) if best is not None else 0
        return best if known >= LEAST_OPTIONS and known >= MOST_KEYS * len(keys) else None


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
