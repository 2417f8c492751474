"""Commands that stand in YAML: steps of GitHub, GitLab and CircleCI, containers of Kubernetes, Argo and Compose, stages of DVC.

What a file says is run becomes calls of its module, under the loops that a matrix or a list of items stands for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from seedlint.code.facts import CONFIG_ROOT, Assign, CallSite, FileFacts, Loop
from seedlint.code.readers.lowering import KEY, literal
from seedlint.code.syntax import Call, Const, Expr, Group, Name, Op, Table, Text, command, walk

SCRIPTS = ("setup", "before_script", "run", "script", "cmd", "cmds", "commands", "after_script")
"""Keys of shell text, or of a list of such texts; a container's `source` is another."""

PROGRAMS = ("entrypoint", "command")
"""Keys of the words of a command; `args` are more of them. One text is a script."""

VARIABLES = ("env", "envs", "environment", "variables")
"""Keys of what stands in the environment of commands."""

_ANY = re.compile(rf"(?m)^[ \t-]*[\"']?(?:{'|'.join((*SCRIPTS, *PROGRAMS, 'source'))})[\"']?[ \t]*:")
_SHELLS = re.compile(r"(?:\S*/)?(?:ba|z|k|da)?sh")
_SHELL_SCRIPT = re.compile(r"-[a-z]*c")
_VARIABLE = re.compile(r"\$\((\w+)\)")
_MAX_DEPTH = 16

Entries = Mapping[str, tuple[Const, Expr]]
"""What stands directly in a table: each key's place and value by its name."""


def add_commands(facts: FileFacts, root: Expr, text: str, strings: Mapping[int, Const]) -> None:
    """Add to the facts of a YAML file what it says is run; `strings` are the texts, as written, of expressions."""
    entries = _entries(root)
    is_sweep = "parameters" in entries and ("method" in entries or "program" in entries)
    if _ANY.search(text) and not is_sweep:
        reader = _Reader(facts, text.split("\n"), strings, is_dvc="stages" in entries)
        reader.visit(root, (), 0)
        reader.finish(entries)


def _entries(expr: Expr | None) -> Entries:
    if type(expr) is not Table:
        return {}
    return {str(key.value): (key, value) for key, value in expr.pairs if type(key) is Const}


def _value(entries: Entries, *keys: str) -> Expr | None:
    """What stands under a path of keys."""
    found: Expr | None = None
    for key in keys:
        if key not in entries:
            return None
        found = entries[key][1]
        entries = _entries(found)
    return found


class _Reader:
    """One walk over the tree of a file."""

    def __init__(self, facts: FileFacts, lines: list[str], strings: Mapping[int, Const], *, is_dvc: bool) -> None:
        self.facts = facts
        self.module = facts.scopes[0]
        self._lines = lines
        self._strings = strings
        self._is_dvc = is_dvc
        self._variables: list[Assign] = []

    def visit(self, node: Expr, loops: tuple[int, ...], depth: int) -> None:
        """Read what a table or list says is run, and what those in it say."""
        entries = _entries(node)
        if entries:
            loops = self._repeated(entries, loops)
            self._environment(entries, loops)
            self._commands(entries, loops)
        inner = node.items if type(node) is Group else [value for _, value in entries.values()]
        for value in inner:
            if depth < _MAX_DEPTH and type(value) in (Table, Group):
                self.visit(value, loops, depth + 1)

    def finish(self, entries: Entries) -> None:
        """Bind what the commands take from their surroundings, if there are commands."""
        if not self.module.calls:
            return
        for trigger in ("workflow_dispatch", "workflow_call"):
            for name, (_, described) in _entries(_value(entries, "on", trigger, "inputs")).items():
                default = _value(_entries(described), "default")
                if default is not None:
                    self._bind(f"inputs.{name}", default, ())
                    self._bind(f"github.event.inputs.{name}", default, ())
        self.module.assigns[:0] = self._variables

    # loops

    def _repeated(self, entries: Entries, loops: tuple[int, ...]) -> tuple[int, ...]:
        """The loops around what stands in a table: a matrix, or one turn an item."""
        loops = self._matrix(_value(entries, "strategy", "matrix"), "matrix.", loops)
        if self._is_dvc:
            loops = self._matrix(_value(entries, "matrix"), "item.", loops)
        parallel = _value(entries, "parallel", "matrix")
        for axes in parallel.items if type(parallel) is Group else ():
            loops = self._matrix(axes, "", loops)
        for key in ("foreach", "withItems"):
            if key in entries:
                loops = self._items(*entries[key], loops)
        if "withSequence" in entries:
            loops = self._sequence(*entries["withSequence"], loops)
        return loops

    def _matrix(self, matrix: Expr | None, prefix: str, loops: tuple[int, ...]) -> tuple[int, ...]:
        axes = _entries(matrix)
        for name, (key, values) in axes.items():
            if type(values) is Group and name not in ("include", "exclude"):
                loops = self._loop(Name(f"{prefix}{name}", key.line), key, values, loops)
        if set(axes) == {"include"}:
            loops = self._rows(prefix, *axes["include"], loops)
        return loops

    def _items(self, key: Const, items: Expr, loops: tuple[int, ...]) -> tuple[int, ...]:
        if type(items) is Table:
            items = Group(tuple(value for _, value in items.pairs), items.line, 1)
        if type(items) is Group and any(type(item) is Table for item in items.items):
            return self._rows("item.", key, items, loops)
        return self._loop(Name("item", key.line), key, items, loops)

    def _rows(self, prefix: str, key: Const, rows: Expr, loops: tuple[int, ...]) -> tuple[int, ...]:
        """A loop over tables as one over the values that they give to the same names."""
        tables = [_entries(row) for row in rows.items] if type(rows) is Group else []
        names = [name for name in (tables[0] if tables else ()) if all(name in table for table in tables)]
        if not names:
            return loops
        line = key.line
        if len(names) == 1:
            values = Group(tuple(table[names[0]][1] for table in tables), line, key.column)
            return self._loop(Name(prefix + names[0], line), key, values, loops)
        values = Group(tuple(Group(tuple(t[n][1] for n in names), line, key.column) for t in tables), line, key.column)
        return self._loop(Group(tuple(Name(prefix + n, line) for n in names), line, key.column), key, values, loops)

    def _sequence(self, key: Const, sequence: Expr, loops: tuple[int, ...]) -> tuple[int, ...]:
        """Argo's numbers from `start` to `end`, or as many as `count`."""
        entries, line = _entries(sequence), key.line
        zero, one = Const(0, line, 1, line, 1), Const(1, line, 1, line, 1)
        start = self._number(_value(entries, "start")) or zero
        count, end = self._number(_value(entries, "count")), self._number(_value(entries, "end"))
        last = Op("Add", (start, count), line) if count else Op("Add", (end, one), line) if end else None
        if last is None:
            return loops
        numbers = Call(Name("range", line), (start, last), (), line, key.column, line, key.column)
        return self._loop(Name("item", line), key, numbers, loops)

    def _loop(self, target: Expr, key: Const, iterable: Expr, loops: tuple[int, ...]) -> tuple[int, ...]:
        if len(loops) >= _MAX_DEPTH:
            return loops
        number = len(self.module.loops)
        end = max(node.line for node in walk(iterable))
        self.module.loops.append(
            Loop(number, "for", target, iterable, key.line, key.column - 1, max(end, key.line), loops)
        )
        return *loops, number

    # variables

    def _environment(self, entries: Entries, loops: tuple[int, ...]) -> None:
        for key in VARIABLES:
            for name, value in self._pairs(_value(entries, key)):
                self._bind(name, value, loops)
        for name, value in self._pairs(_value(entries, "arguments", "parameters")):
            self._bind(f"inputs.parameters.{name}", value, loops)
            self._bind(f"workflow.parameters.{name}", value, loops)

    def _pairs(self, expr: Expr | None) -> Iterator[tuple[str, Expr]]:
        """Names and values: of a table, of a list of tables with `name` and `value`, of a list of NAME=value."""
        for name, (_, value) in _entries(expr).items():
            yield name, value
        for item in expr.items if type(expr) is Group else ():
            pair = _entries(item)
            match _value(pair, "name"), _value(pair, "value"), item:
                case Const(value=str() as name), given, _ if given is not None:
                    yield name, given
                case _, _, Const(value=str() as text) if "=" in text:
                    name, _, rest = text.partition("=")
                    yield name, Const(rest, item.line, item.column, item.end_line, item.end_column)

    def _bind(self, name: str, value: Expr, loops: tuple[int, ...]) -> None:
        if type(value) not in (Table, Group) and name != CONFIG_ROOT:
            value = self._number(value) or value
            self._variables.append(Assign(Name(name, value.line), value, value.line, 0, loops, (), False, ""))

    def _number(self, value: Expr | None) -> Expr | None:
        """A text that is a number as that number."""
        match value:
            case Const(value=str() as text):
                return literal(text, (value.line, value.column - 1), (value.end_line, value.end_column - 1))
        return value

    # commands

    def _commands(self, entries: Entries, loops: tuple[int, ...]) -> None:
        match _value(entries, "shell"):
            case Const(value=str() as shell) if not _SHELLS.fullmatch(shell.partition(" ")[0]):
                return
        for key in (*SCRIPTS, *(("source",) if "image" in entries else ())):
            if key in entries:
                self._script(entries[key][1], loops)
        for key in PROGRAMS:
            value = _value(entries, key)
            args = _value(entries, "args")
            if type(value) is Group:
                self._command([*value.items, *(args.items if type(args) is Group else ())], loops)
            elif value is not None:
                self._script(value, loops)

    def _script(self, value: Expr, loops: tuple[int, ...]) -> None:
        texts = [self._text(item) for item in (value.items if type(value) is Group else (value,))]
        known = [text for text in texts if text is not None]
        if known:
            from seedlint.code.readers.workflow_scripts import read_embedded

            read_embedded(self.facts, known, self._lines, loops, is_dvc=self._is_dvc)

    def _command(self, words: list[Expr], loops: tuple[int, ...]) -> None:
        """A command whose words stand in a list; what a shell is given there is a script."""
        texts = [self._text(word) for word in words]
        if not texts or texts[0] is None:
            return
        if " " in str(texts[0].value):  # Whole lines of shell text.
            self._script(Group(tuple(words), texts[0].line, 1), loops)
            return
        for index, text in enumerate(texts[:-1]):
            if text is not None and _SHELL_SCRIPT.fullmatch(str(text.value)) and _SHELLS.fullmatch(str(texts[0].value)):
                self._script(words[index + 1], loops)
                return
        first = texts[0]
        args = tuple(self._word(word) for word in words[1:])
        end = max((word.line for word in words), default=first.line)
        call = Call(command(str(first.value), first.line), args, (), first.line, first.column, end, 1)
        self.module.calls.append(CallSite(call, loops, ()))

    def _text(self, expr: Expr) -> Const | None:
        """A text as it is written in the file."""
        written = self._strings.get(id(expr), expr)
        return written if type(written) is Const and isinstance(written.value, str) else None

    def _word(self, word: Expr) -> Expr:
        """`--seed=42` as its option and its value; `$(SEED)` is Kubernetes' variable."""
        if type(word) is not Const or not isinstance(word.value, str):
            return word
        text, line = word.value, word.line
        quoted = self._lines[line - 1][word.column - 1 : word.column] in ('"', "'")
        column = word.column - 1 + quoted
        key = KEY.match(text)
        start = key.end() if key is not None else 0
        variable = _VARIABLE.fullmatch(text, start)
        value: Expr
        if variable is not None:
            value = Name(variable[1], line)
        else:
            value = literal(text[start:], (line, column + start), (line, column + len(text)))
        if key is None:
            return value
        return Text((Const(key[0], line, column + 1, line, column + start + 1), value), line)
