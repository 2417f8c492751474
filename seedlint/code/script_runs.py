"""The commands that run the shell scripts of a project, and what each hands over: words, variables, the numbers of an array."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from seedlint.code.facts import CallSite
from seedlint.code.modules import Ref
from seedlint.code.readers.lowering import glued, listed, literal
from seedlint.code.readers.shell_jobs import numbers_of
from seedlint.code.syntax import Const, Expr, Group, Name, Text, command_name

SUFFIXES = (".sh", ".bash", ".slurm", ".sbatch", ".pbs", ".job", ".sub", ".zsh")
"""How the names of scripts end."""

HANDLERS = frozenset(
    "cat cd chmod cp diff dos2unix echo git grep head ls mkdir mv printf rm sed tail touch vi wget".split()
)
"""Programs that do something else with a script than running it."""

EXPORTS = frozenset({"--export", "-v", "--variable_list"})
"""Options by which schedulers hand variables to a job."""

ARRAYS = frozenset({"--array", "-a", "-t", "-J"})
"""Options by which schedulers run a job once for each of several numbers."""

ARRAY_VARIABLES = frozenset({"SLURM_ARRAY_TASK_ID", "PBS_ARRAY_INDEX", "PBS_ARRAYID", "SGE_TASK_ID", "LSB_JOBINDEX"})
"""The variables that tell a job its number."""

_SETTING = re.compile(r"([A-Za-z_]\w*)=")
_NUMBERS = re.compile(r"\d{1,7}(-\d{1,7}(:\d{1,7})?)?(,\d{1,7}(-\d{1,7}(:\d{1,7})?)?)*(%\d+)?")


ALL_WORDS = "@"
"""The name that stands for every word that a script or a function of one is given."""


class ScriptRun(NamedTuple):
    """A command that runs a script: the script as it is named there, the words before it and those behind it."""

    ref: Ref
    site: CallSite
    script: str
    before: tuple[Expr, ...]
    words: tuple[Expr, ...]

    @property
    def variables(self) -> dict[str, Expr]:
        """The variables that the command sets for the script."""
        found = {key: value for key, value in self.site.call.keywords if key is not None and key.isidentifier()}
        for value in self._values(EXPORTS):
            found |= dict(_settings(value))
        return found

    @property
    def array(self) -> Group | None:
        """The numbers of the array in which the command runs the script."""
        for value in self._values(ARRAYS):
            if type(value) is Const and _NUMBERS.fullmatch(str(value.value)):
                start, end = (value.line, value.column - 1), (value.end_line, value.end_column - 1)
                items = tuple(literal(str(number), start, end) for number in numbers_of(str(value.value)))
                return Group(items, value.line, value.column)
        return None

    def _values(self, names: frozenset[str]) -> Iterator[Expr]:
        """The values of some options of what runs the script: `--array=0-4`, `-v SEED=3`."""
        for word, following in zip(self.before, (*self.before[1:], None), strict=False):
            match word:
                case Const(value=str() as name) if name in names and following is not None:
                    yield following
                case Text(parts=(Const(value=str() as name), *rest)) if name.rstrip("=") in names and rest:
                    yield glued(rest, word.line)


def scripts_run(ref: Ref, site: CallSite) -> Iterator[ScriptRun]:
    """The scripts that a command names: `sbatch job.sh 3`, `./job.sh 3`."""
    program = command_name(site.call)
    if program is None or program.rpartition("/")[2] in HANDLERS:
        return
    if program.endswith(SUFFIXES):
        yield ScriptRun(ref, site, program, (), site.call.args)
    for position, word in enumerate(site.call.args):
        name = _ending(word)
        if name.endswith(SUFFIXES):
            yield ScriptRun(ref, site, name, site.call.args[:position], site.call.args[position + 1 :])


def word_at(words: tuple[Expr, ...], position: int) -> Expr | None:
    """The word at a position, from 0, among those that are given; behind `"$@"`, one that was given there."""
    for index, word in enumerate(words[: position + 1]):
        if type(word) is Name and word.id == ALL_WORDS:
            return Name(str(position - index + 1), word.line)
    return words[position] if 0 <= position < len(words) else None


def _ending(word: Expr) -> str:
    """A word where its end is constant: `/job.sh` of `$HERE/job.sh`."""
    last = word.parts[-1] if type(word) is Text and word.parts else word
    return last.value if type(last) is Const and isinstance(last.value, str) else ""


def _settings(expr: Expr) -> Iterator[tuple[str, Expr]]:
    """What `ALL,MAP=a,SEED=$s` sets."""
    entries: list[list[Expr]] = [[]]
    for piece in _pieces(expr):
        for number, part in enumerate(_split(piece)):
            if number:
                entries.append([])
            entries[-1].append(part)
    for first, *rest in filter(None, entries):
        match = _SETTING.match(str(first.value)) if type(first) is Const else None
        if match is not None and type(first) is Const:
            value = [_from(first, match.end()), *rest] if match.end() < len(str(first.value)) or not rest else rest
            yield match[1], listed(_number(value[0])) if len(value) == 1 else glued(value, first.line)


def _pieces(expr: Expr) -> Iterator[Expr]:
    """The parts of a word, those of texts in it too."""
    if type(expr) is Text:
        for part in expr.parts:
            yield from _pieces(part)
    else:
        yield expr


def _split(piece: Expr) -> Iterator[Expr]:
    """A constant part of a word between its commas; what is no constant is whole."""
    if type(piece) is not Const or not isinstance(piece.value, str):
        yield piece
        return
    for match in re.finditer(r"(?:^|(?<=,))[^,]*", piece.value):
        yield Const(match[0], piece.line, piece.column + match.start(), piece.end_line, piece.column + match.end())


def _from(const: Const, offset: int) -> Const:
    """The rest of a constant part."""
    return Const(str(const.value)[offset:], const.line, const.column + offset, const.end_line, const.end_column)


def _number(expr: Expr) -> Expr:
    """A part of a word as a word of its own, which may be a number."""
    if type(expr) is Const and isinstance(expr.value, str):
        return literal(expr.value, (expr.line, expr.column - 1), (expr.end_line, expr.end_column - 1))
    return expr
