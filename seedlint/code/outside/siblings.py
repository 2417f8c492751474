"""Finds configuration files that differ only by their seed: one decision to run the same thing with several seeds."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from seedlint.code.calls import speaks_of_seed
from seedlint.code.configs import Setting, shape
from seedlint.code.facts import CONFIG, Loop
from seedlint.code.outside.batches import OUTPUT
from seedlint.code.project import Project
from seedlint.code.syntax import Const, Group
from seedlint.uses import Evidence, Place, SeedUse


@dataclass(frozen=True)
class Siblings:
    """The pinned seeds of configuration files that are otherwise the same, in the order of their paths."""

    uses: tuple[SeedUse, ...]

    @property
    def count(self) -> int:
        """How many seeds they have between them."""
        return len({use.subject for use in self.uses})

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Where the first few of them stand."""
        return tuple(Evidence(use.place.path, use.place.line, use.subject) for use in self.uses[:5])


def siblings(project: Project, pinned: Iterable[SeedUse]) -> list[Siblings]:
    """The groups of files with different seeds under the same key among those whose seeds are pinned."""
    groups: dict[tuple[str, bytes, str], dict[str, SeedUse]] = defaultdict(dict)
    for use in pinned:
        path = use.place.path
        if project.files[path].language == CONFIG:
            key, _, _ = use.subject.rpartition(" = ")
            groups[_family(path), shape(project.files[path], _names_the_run), key].setdefault(path, use)
    found = []
    for uses in groups.values():
        if len({use.subject for use in uses.values()}) > 1:
            found.append(
                Siblings(tuple(sorted(uses.values(), key=lambda use: (_number(use.place.path), use.place.path))))
            )
    return found


class FileLoops:
    """The loops of a project's scripts and programs that go over files by their names."""

    def __init__(self, project: Project) -> None:
        self._by_name: dict[str, list[tuple[Place, frozenset[str]]]] = defaultdict(list)
        for facts in list(project.files.values()):
            for scope in facts.scopes:
                for loop in scope.loops:
                    names = _file_names(loop)
                    place = Place(facts.path, loop.line, loop.column + 1)
                    for name in names if len(names) > 1 else ():
                        self._by_name[name].append((place, names))

    def over(self, group: Siblings) -> list[Place]:
        """Where loops go over two files of a group or more."""
        members = {use.place.path.rpartition("/")[2] for use in group.uses}
        found = [
            place
            for name in sorted(members)
            for place, names in self._by_name.get(name, ())
            if len(names & members) > 1
        ]
        return list(dict.fromkeys(found))


def _file_names(loop: Loop) -> frozenset[str]:
    if type(loop.iterable) is not Group:
        return frozenset()
    texts = [item.value for item in loop.iterable.items if type(item) is Const and isinstance(item.value, str)]
    return frozenset(text.rpartition("/")[2] for text in texts)


def _names_the_run(setting: Setting) -> bool:
    """Whether a setting is the seed or only names what its run leaves behind."""
    return speaks_of_seed(setting.keys[-1]) or bool(OUTPUT.search(setting.keys[-1]))


def _family(path: str) -> str:
    """The path with its numbers left out, and with what names a seed in the file's name."""
    folder, _, name = path.rpartition("/")
    return re.sub(r"\d+", "#", folder) + "/" + re.sub(r"[-_.]?(seed|run|rep|s)?[-_]?\d+$", "", name.rpartition(".")[0])


def _number(path: str) -> int:
    numbers = re.findall(r"\d+", path.rpartition("/")[2])
    return int(numbers[-1]) if numbers else -1
