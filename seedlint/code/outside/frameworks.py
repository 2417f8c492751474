"""What frameworks are known to do with commands and configuration files, whether or not a line of their code is in the project."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedlint.code.apis import load_apis
from seedlint.code.configs import MAX_SETTINGS, Setting, interpolated, parts, root_of
from seedlint.code.facts import FileFacts
from seedlint.code.framework_rows import ConfigFormat, KnownProgram
from seedlint.code.names import names_bound
from seedlint.code.outside.invocations import SHELLS, Invocation, Option
from seedlint.code.readers.python_config import as_config
from seedlint.code.syntax import Call, Const, Expr, Name, Table, Text, command_name
from seedlint.code.tables import find, meets

LAUNCHERS = SHELLS | frozenset(
    "accelerate deepspeed torchrun srun mpirun mpiexec horovodrun jsrun aprun poetry uv uvx pipenv pdm rye hatch conda mamba "
    "micromamba singularity apptainer docker numactl taskset stdbuf setsid caffeinate xvfb-run".split()
)
"""Programs that run another one, named among their words."""

INTERPRETER = re.compile(r"(?:.*/)?(?:python|pypy)[\d.]*$")

_LOCALS = 8
"""Names that stand for names: further than this nobody follows them."""

NUMBERED = re.compile(r"""([\w.]+)["']?\s*:\s*["']?(-?\d+)(?![\w.])""")
UNFINISHED = re.compile(r"""([\w.]+)["']?\s*:\s*["']?$""")
"""A key and its number in a text of JSON, and a key whose value comes after the text."""


def framework_seeds(facts: FileFacts) -> Iterator[tuple[Setting, str]]:
    """The constants of a configuration, in a file of its own or as a Python module, from which a framework seeds training: each
    value once, with the framework's name.

    A setting stands under its keys as the framework knows it, and where its constant stands.
    """
    root = as_config(facts) if facts.is_python else root_of(facts)
    if root is None:
        return
    by_key = load_apis().config_formats
    known: set[int] = set()
    for keys, table in _tables(root):
        firsts = {str(key.value).partition(".")[0] for key, _ in table.pairs if type(key) is Const}
        layouts = dict.fromkeys(layout for first in firsts & by_key.keys() for layout in by_key[first])
        for layout in layouts:
            if (layout.anywhere or not keys) and _is_one(layout, facts, table):
                for number, setting in _seeds(layout, facts, keys, table):
                    if number not in known:
                        known.add(number)
                        yield setting, layout.framework


def _tables(root: Expr) -> Iterator[tuple[tuple[str, ...], Table]]:
    """The tables of a file in order, each with the keys that lead to it."""
    left = MAX_SETTINGS
    stack: list[tuple[tuple[str, ...], Expr]] = [((), root)]
    while stack and left:
        keys, value = stack.pop()
        left -= 1
        if type(value) is Table:
            yield keys, value
        stack.extend(((*keys, name), inner) for name, _, inner in reversed(parts(value)) if type(inner) is not Const)


def _is_one(layout: ConfigFormat, facts: FileFacts, table: Table) -> bool:
    return (
        (layout.modules or not facts.is_python)
        and re.search(layout.files, facts.path) is not None
        and all(meets(table, condition) for condition in layout.holds)
        and (not layout.marks or any(meets(table, condition) for condition in layout.marks))
    )


def _seeds(
    layout: ConfigFormat, facts: FileFacts, keys: tuple[str, ...], table: Table
) -> Iterator[tuple[int, Setting]]:
    """The constants of one table that seed."""
    given = [(key, value) for key in layout.seeds if (value := find(table, key)) is not None]
    given = given or [(key, value) for key in layout.otherwise if (value := find(table, key)) is not None]
    for key, value in given:
        constant = _constant(facts, value)
        number = None if constant is None else constant.value
        if constant is None or type(number) is not int or number < 0 or number in layout.off:
            continue
        yield number, Setting((*keys, *key.split(".")), constant, constant.line, constant.column)


def _constant(facts: FileFacts, expr: Expr) -> Const | None:
    """The constant that a value stands for, by way of references and of the names that the file binds."""
    for _ in range(_LOCALS):
        expr = interpolated(facts, expr)
        if type(expr) is not Name:
            break
        name = expr.id
        bound = [item.value for item in facts.scopes[0].assigns if name in names_bound(item)]
        if not bound:
            break
        expr = bound[-1]
    return expr if type(expr) is Const else None


def known_program(invocation: Invocation) -> KnownProgram | None:
    """The program of a framework that a command runs, be it by its name, as a module or through a launcher."""
    programs = load_apis().programs
    words = [_word(word) for word in invocation.words]
    for index, word in enumerate(words):
        is_module = index > 0 and words[index - 1] == "-m"
        name = f"-m {word}" if is_module else word.rpartition("/")[2]
        rest = tuple(other for other in words[index + 1 :] if other and not other.startswith("-"))
        for further, program in programs.get(name, ()):
            if rest[: len(further)] == further:
                return program
        if index == 0 and name not in LAUNCHERS and not INTERPRETER.match(word):
            break
    return None


def _word(word: Expr) -> str:
    """A word as text; a program that a command looks up (`$(which fairseq-train)`) by its name."""
    match word:
        case Const(value=str() as text):
            return text
        case Text(parts=(Const(value=str() as name), Const(value=str() as text))):
            return name + text
        case Call(args=(Const(value=str() as text),)) if command_name(word) == "which":
            return text
    return ""


def overrides(program: KnownProgram, invocation: Invocation) -> Iterator[Option]:
    """The settings that a command gives in a text of JSON: `-o '{"random_seed": 3}'`, `-o "{\\"random_seed\\": $SEED}"`."""
    for option in invocation.options:
        if option.key not in program.overrides:
            continue
        pieces = option.value.parts if type(option.value) is Text else (option.value,)
        for index, piece in enumerate(pieces):
            if type(piece) is Const and isinstance(piece.value, str):
                yield from _settings(piece, piece.value, pieces[index + 1 : index + 2], option.line)


def _settings(piece: Const, text: str, after: tuple[Expr | None, ...], line: int) -> Iterator[Option]:
    """The settings in one piece of a text; the last may take its value from what comes after."""
    for found in NUMBERED.finditer(text):
        yield Option(found[1], Const(int(found[2]), piece.line, piece.column, piece.end_line, piece.end_column), line)
    last = UNFINISHED.search(text)
    if last is not None and after and after[0] is not None:
        yield Option(last[1], after[0], line)
