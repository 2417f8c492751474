"""Finds the seeds that a script hands to a program by its environment: `export SEED=3; python train.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from seedlint.code.calls import speaks_of_seed
from seedlint.code.configs import settings
from seedlint.code.facts import CONFIG
from seedlint.code.modules import Ref
from seedlint.code.outside.governed import Governed
from seedlint.code.outside.invocations import Invocation, Option
from seedlint.code.project import Project
from seedlint.code.syntax import Attr, Call, Const, Expr, Item, Name, walk


class Environment:
    """The variables that programs, and the configuration files that commands give them, take their seeds from."""

    def __init__(self, project: Project, governed: Governed) -> None:
        self.project = project
        self._governed = governed
        self._by_config: dict[str, set[str]] = defaultdict(set)
        for facts in list(project.files.values()):
            if facts.language == CONFIG and "os" in facts.imports:
                name = facts.path.rpartition("/")[2]
                for setting in settings(facts):
                    if speaks_of_seed(setting.keys[-1]):
                        self._by_config[name].update(_variables(setting.value))

    def options(self, invocation: Invocation, programs: Iterable[str]) -> Iterator[Option]:
        """The variables of the script that the command's program reads, as if they were options of the command."""
        wanted = {name for path in programs for name in self._governed.environment(path)}
        wanted |= {name for config in invocation.configs for name in self._by_config.get(config, ())}
        given = {option.name for option in invocation.options}
        for name in sorted(wanted - given):
            bound = self.project.bindings(invocation.ref, name) or self.project.bindings(
                Ref(invocation.ref.path, 0), name
            )
            if any(assign.line <= invocation.line for assign in bound):
                yield Option(name, Name(name, invocation.line), invocation.line)


def _variables(value: Expr) -> Iterator[str]:
    """The variables that a value reads from the environment: `std.extVar("SEED")`, `${oc.env:SEED}`."""
    for node in walk(value):
        match node:
            case Item(base=Attr(name="environ"), key=Const(value=str() as name)):
                yield name
            case Call(func=Attr(base=Attr(name="environ"), name="get"), args=(Const(value=str() as name), *_)):
                yield name
