"""The words of a command with the text that they were made from, and the launchers that stand in front of a program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from seedlint.code.readers.lowering import text_of
from seedlint.code.readers.shell_source import Source
from seedlint.code.readers.shell_words import Words
from seedlint.code.syntax import Choice, Const, Expr, Text

if TYPE_CHECKING:
    from tree_sitter import Node

LAUNCHERS = frozenset(
    "sudo nice ionice timeout env stdbuf caffeinate taskset numactl chrt srun mpirun mpiexec jsrun aprun ibrun xvfb-run "
    "conda mamba micromamba poetry pipenv uv pdm rye hatch pixi singularity apptainer docker podman nvidia-docker kubectl "
    "strace ltrace nsys nvprof perf gdb ssh screen tmux pueue ts tsp cgexec systemd-run proxychains catchsegv gpurun".split()
)
"""Programs that run the program which one of their later words names."""

PLAIN_LAUNCHERS = frozenset("nohup time exec command builtin setsid unbuffer".split())
"""Launchers behind whose flags the program stands, whatever it is called."""

INTERPRETER = re.compile(
    r"(.*/)?(python[\d.]*|pypy3?|ipython|(ba|z|k|da)?sh|torchrun|accelerate|deepspeed|horovodrun|papermill"
    r"|[\w.-]+\.(py|sh))"
)
"""How the program behind a launcher is known."""

SHELL = re.compile(r"(.*/)?(ba|z|k|da)?sh")

SCRIPT_TAKERS = frozenset(
    "ssh sbatch qsub bsub msub tmux screen su watch script tsp ts pueue gcloud flock xterm gnome-terminal parallel xargs "
    "concurrently simple_gpu_scheduler".split()
)
"""Programs whose quoted words are commands."""

TALKERS = frozenset(
    "echo printf print cat grep egrep sed awk git log logger info warn error die test notify-send".split()
)
"""Programs whose quoted words are text, whatever it reads like."""

_LIKE_A_COMMAND = re.compile(
    rb"\s*(?:\w+=\S*\s+)*(?:nohup\s+|srun\s+)?(?:python[\d.]*|torchrun|accelerate|deepspeed|(?:ba)?sh|\S+\.(?:py|sh))\s"
)
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=")
_SHELL_FLAG = re.compile(r"-[a-z]*c")


class Token(NamedTuple):
    """A word of a command."""

    expr: Expr
    node: Node
    words: Words

    @property
    def text(self) -> str:
        """The word if it is literal; else how it is written."""
        value = text_of(self.expr)
        return self.words.text(self.node) if value is None else value

    def source(self) -> Source:
        """What a quoted word holds, to be read as a script."""
        return self.words.inner(self.node)


def launched(tokens: Sequence[Token]) -> tuple[list[tuple[str, Expr]], list[Token]]:
    """A command without the launchers in front of its program, and the environment that `env` gives it."""
    environment: list[tuple[str, Expr]] = []
    rest = list(tokens)
    while len(rest) > 1:
        name = rest[0].text.rpartition("/")[2]
        if name in PLAIN_LAUNCHERS:
            position = next((i for i, token in enumerate(rest) if i and not token.text.startswith("-")), len(rest))
        elif name in LAUNCHERS:
            position = next((i for i, token in enumerate(rest) if i and INTERPRETER.fullmatch(token.text)), len(rest))
        else:
            break
        if position == len(rest):
            break
        environment += [pair for token in rest[1:position] for pair in assigned(token.expr)]
        rest = rest[position:]
    return environment, rest


def assigned(expr: Expr) -> list[tuple[str, Expr]]:
    """`VAR=x` as a word of `env` or of `make`."""
    if type(expr) is Text and type(expr.parts[0]) is Const and _ASSIGNED.fullmatch(str(expr.parts[0].value)):
        rest = expr.parts[1:]
        if rest:
            return [(str(expr.parts[0].value)[:-1], rest[0] if len(rest) == 1 else Text(rest, expr.line))]
    return []


def scripts_in(program: str, tokens: Sequence[Token], *, known: bool) -> list[Source]:
    """The commands in the quoted words of a command; `known` is whether it calls a function of the script."""
    name = program.rpartition("/")[2]
    if SHELL.fullmatch(program):
        flag = next((i for i, token in enumerate(tokens) if _SHELL_FLAG.fullmatch(token.text)), len(tokens))
        return [token.source() for token in tokens[flag + 1 : flag + 2]]
    if name in TALKERS:
        return []
    spaced = [source for token in tokens if b" " in (source := _held(token)).text.strip()]
    if name in SCRIPT_TAKERS:
        return spaced
    runs_others = known or "/" in program or INTERPRETER.fullmatch(program) is None
    return [source for source in spaced if runs_others and _LIKE_A_COMMAND.match(source.text)]


def _held(token: Token) -> Source:
    """What a word holds, behind the `=` of `--wrap="…"`."""
    if token.node.type == "concatenation" and token.node.named_child_count > 1:
        first, *rest = token.node.named_children
        if token.words.text(first).endswith("=") and len(rest) == 1:
            return token.words.inner(rest[0])
        return token.words.source.part(token.node.start_byte, token.node.start_byte)
    if token.node.type in ("string", "raw_string", "ansi_c_string"):
        return token.source()
    return token.words.source.part(token.node.start_byte, token.node.start_byte)


def program_of(token: Token) -> str:
    """The program that a command runs, as written; a default stands for a parameter that may be given."""
    expr = token.expr
    if type(expr) is Choice and expr.operator == "Or":
        return text_of(expr.options[-1]) or token.text
    return token.text
