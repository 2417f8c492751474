"""What the commands of scripts, notebooks and workflows run: the programs that they name and the options that they give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from seedlint.code.facts import CallSite, FileFacts, Scope
from seedlint.code.modules import Ref
from seedlint.code.syntax import Const, Expr, Group, Name, Text, command_name, walk

PROGRAM = re.compile(r"[\w./${}-]*\.(py|sh|bash|zsh|slurm|sbatch|pbs|sub|job|ipynb)$")
"""Words that name a program by the suffix of its file."""

CONFIG_FILE = re.compile(r"[\w./${}-]*\.(ya?ml|jsonc?|json5|jsonnet|toml|ini|cfg|conf|gin)$")
"""Words that name a configuration file."""

SHELLS = frozenset("bash sh zsh ksh dash source . eval exec env nohup time command sudo nice".split())
LAUNCHING_MODULES = re.compile(
    r"^(torch\.distributed\.\w+|accelerate\.commands\.\w+|deepspeed\.\w+|cProfile|pdb|debugpy|kernprof)$"
)
"""Modules that `python -m` runs to start another program."""

NEGATIVE = re.compile(r"-\d")


class Option(NamedTuple):
    """An option of a command or an override `key=value`; the value is None for a flag."""

    name: str
    value: Expr | None
    line: int

    @property
    def key(self) -> str:
        """The name as a program knows it: `--random-seed` is `random_seed`, `+trainer.seed` is `trainer.seed`."""
        return self.name.lstrip("-+~").replace("-", "_")


@dataclass(frozen=True)
class Invocation:
    """A command: the names of the programs in it (files or modules), its options and the other words in order."""

    ref: Ref
    site: CallSite
    programs: tuple[str, ...]
    options: tuple[Option, ...]
    words: tuple[Expr, ...]

    @property
    def line(self) -> int:
        """The line on which the command begins."""
        return self.site.call.line

    @property
    def configs(self) -> frozenset[str]:
        """The names of the configuration files that the command mentions."""
        texts = [node.value for word in self.words for node in walk(word) if type(node) is Const]
        return frozenset(text.rpartition("/")[2] for text in texts if isinstance(text, str) and CONFIG_FILE.match(text))


def invocations(facts: FileFacts) -> Iterator[Invocation]:
    """The commands of one file that run a program, pipelines aside."""
    for scope in facts.scopes:
        named = _programs_in_variables(facts, scope)
        for site in scope.calls:
            name = command_name(site.call)
            if name is not None and name != "|":
                yield invocation(Ref(facts.path, scope.index), site, name, named)


def _programs_in_variables(facts: FileFacts, scope: Scope) -> dict[str, Const]:
    """The variables of a script that hold the name of one program: `code=train.py`."""
    values: dict[str, list[Expr]] = {}
    for assign in (*scope.assigns, *(facts.scopes[0].assigns if scope.index else ())):
        if type(assign.target) is Name:
            values.setdefault(assign.target.id, []).append(assign.value)
    return {
        name: bound[0]
        for name, bound in values.items()
        if type(bound[0]) is Const and len(bound) == 1 and PROGRAM.match(str(bound[0].value))
    }


def invocation(ref: Ref, site: CallSite, name: str, named: Mapping[str, Const] | None = None) -> Invocation:
    """One command as what it runs: `python -m pkg.train --seed 3 lr=0.1` runs `pkg/train.py` with two options.

    `named` are the variables that hold the name of a program.
    """
    args = (named.get(word.id, word) if named and type(word) is Name else word for word in site.call.args)
    words = (Const(name, site.call.line, 1, site.call.line, 1), *args)
    environment = tuple(
        Option(key, value, value.line) for key, value in site.call.keywords if key and key.isidentifier()
    )
    return Invocation(ref, site, _programs(words), (*environment, *_options(words[1:])), words)


def _programs(words: tuple[Expr, ...]) -> tuple[str, ...]:
    """The files and modules that a command runs, the outermost first; its first word where it names none."""
    texts = [_text(word) for word in words]
    found = [text for text in texts if text and PROGRAM.match(text)]
    for flag, module in pairwise(texts):
        if (
            flag
            and re.fullmatch(r"-[A-Za-z]*m", flag)
            and module
            and re.match(r"[\w.]+$", module)
            and not LAUNCHING_MODULES.match(module)
        ):
            found.append(module.replace(".", "/") + ".py")
            break
    if found:
        return tuple(dict.fromkeys(found))
    named = [text for text in texts if text and text not in SHELLS and not text.startswith("-")]
    return tuple(named[:1])


def _text(word: Expr) -> str | None:
    """A word as text where its end is constant: `train.py` of `$DIR/train.py`."""
    if type(word) is Const and isinstance(word.value, str):
        return word.value
    if type(word) is Text and type(word.parts[-1]) is Const and isinstance(word.parts[-1].value, str):
        return word.parts[-1].value.lstrip("/")
    return None


def _options(words: tuple[Expr, ...]) -> Iterator[Option]:
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        named = _assigned(word)
        if named is not None:
            yield named
        elif _is_flag(word):
            values = []
            while position < len(words) and not _is_flag(words[position]) and _assigned(words[position]) is None:
                values.append(words[position])
                position += 1
                if not all(type(value) is Const and isinstance(value.value, int) for value in values):
                    break
            yield Option(str(_text(word)), _value(values), word.line)


def _value(values: list[Expr]) -> Expr | None:
    """The value of an option: a list where several numbers follow it."""
    if len(values) > 1:
        return Group(tuple(values), values[0].line, 1)
    return values[0] if values else None


def _is_flag(word: Expr) -> bool:
    text = _text(word)
    return text is not None and text.startswith("-") and text != "-" and not NEGATIVE.match(text)


def _assigned(word: Expr) -> Option | None:
    """`--seed=3` and `trainer.seed=$s`."""
    if type(word) is not Text or type(word.parts[0]) is not Const:
        return None
    name = word.parts[0].value
    if not isinstance(name, str) or not re.match(r"[-+~]*[\w./@-]+=$", name):
        return None
    rest = word.parts[1:]
    if not rest:
        return Option(name[:-1], None, word.line)
    return Option(name[:-1], rest[0] if len(rest) == 1 else Text(rest, word.line), word.line)
