"""The facts of one file: what a reader saw, joined and judged elsewhere. Small, serialisable, free of verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from seedlint.code.syntax import Call, Expr, Name

GIVEN: Expr = Name("", 0)
"""Stands for a value that whoever runs the code must give."""


def is_given(value: Expr | None) -> bool:
    """Whether a value is one that must be given from outside."""
    return type(value) is Name and not value.id


class Param(NamedTuple):
    """A parameter of a function."""

    name: str
    default: Expr | None
    annotation: str
    line: int


class Loop(NamedTuple):
    """A `for`, `while` or comprehension; `number` is its place among the loops of the scope; `parents` are
    those around it, outermost first."""

    number: int
    kind: str
    target: Expr | None
    iterable: Expr | None
    line: int
    column: int
    end_line: int
    parents: tuple[int, ...]


class Guard(NamedTuple):
    """A condition under which a statement runs; `holds` is False in an else branch and after an early exit."""

    test: Expr
    holds: bool


class Assign(NamedTuple):
    """A binding of a name, attribute or item; a field of a class that has no value is bound to GIVEN."""

    target: Expr
    value: Expr
    line: int
    column: int
    loops: tuple[int, ...]
    guards: tuple[Guard, ...]
    augmented: bool
    annotation: str


class CallSite(NamedTuple):
    """A call where it stands."""

    call: Call
    loops: tuple[int, ...]
    guards: tuple[Guard, ...]


class Return(NamedTuple):
    """A returned or yielded value."""

    value: Expr
    line: int
    loops: tuple[int, ...]
    guards: tuple[Guard, ...]


@dataclass
class Scope:
    """A module, class or function body. `parent` and `children` index the scopes of the file; 0 is the module."""

    index: int
    parent: int
    kind: str
    name: str
    line: int
    end_line: int
    params: tuple[Param, ...] = ()
    decorators: tuple[Expr, ...] = ()
    bases: tuple[Expr, ...] = ()
    assigns: list[Assign] = field(default_factory=list)
    calls: list[CallSite] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    children: list[int] = field(default_factory=list)
    claims: bool = False
    """Whether the docstring claims reproducibility."""


class Cell(NamedTuple):
    """A code cell of a notebook: its number among the code cells, from 0, and the line of the joined module on which it begins."""

    number: int
    line: int


PYTHON = "python"
NOTEBOOK = "notebook"
CONFIG = "config"
SHELL = "shell"
"""The languages of facts. Notebooks are Python; a config is a module that binds CONFIG_ROOT to one table; a shell script (also a
Makefile, a justfile, a Dockerfile) is a module whose calls are commands."""

CONFIG_ROOT = "config"
"""The name to which a config file binds what it holds; `${system.seed}` in it is `config.system.seed`."""


@dataclass
class FileFacts:
    """Everything one file says: a Python file, the code cells of a notebook joined, a config file, a shell script.

    `imports` maps a local name to what it stands for ("np" → "numpy", "helper" → ".utils.helper"; leading dots are
    relative levels); `stars` are the modules imported with `*`, or the scripts that a shell script sources.
    """

    path: str
    scopes: list[Scope]
    imports: dict[str, str]
    stars: tuple[str, ...]
    language: str = PYTHON
    cells: tuple[Cell, ...] = ()

    @property
    def is_python(self) -> bool:
        """Whether it is Python code, in a file of its own or in a notebook."""
        return self.language in (PYTHON, NOTEBOOK)
