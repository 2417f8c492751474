"""The commands of a script as calls: words that variables hold are put in, launchers in front of a program are taken away,
and commands inside quoted words are given too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from seedlint.code.facts import Guard, Return
from seedlint.code.readers.shell_builtins import BUILTINS
from seedlint.code.readers.shell_fanout import FANS, fan_out
from seedlint.code.readers.shell_source import Place, Source, braced, joined
from seedlint.code.readers.shell_tokens import INTERPRETER, TALKERS, Token, launched, program_of, scripts_in
from seedlint.code.readers.shell_tree import fields, named
from seedlint.code.readers.shell_variables import Held, contradict
from seedlint.code.readers.shell_words import Words
from seedlint.code.syntax import Call, Expr, Group, Name, command

if TYPE_CHECKING:
    from tree_sitter import Node

    from seedlint.code.readers.shell_script import Script, Sinks, Span

RESERVED = frozenset({"done", "fi", "esac", "do", "then", "}"})
"""Words of the shell that are left over where a script is broken; no commands."""

MAX_COPIES = 16
"""A command that its variables turn into more commands than this is left as it is written."""

SPEAKS_OF_SEED = re.compile(rb"seed|rng|random", re.IGNORECASE)
"""What options must name if a command is to be told apart by them."""

_VARIABLE = re.compile(r"\"?\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?P<all>\[[@*]\])?\})\"?")

Copy: TypeAlias = tuple[tuple[Guard, ...], list[Token]]
"""The words of a command under some conditions."""


class Commands:
    """The commands of one script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._known: dict[int, tuple[Source, list[Token] | None]] = {}

    def command(self, node: Node, words: Words, sinks: Sinks = ()) -> None:
        """Record a command, once for every text that its variables may hold."""
        environment = self._environment(node, words)
        name = node.child_by_field_name("name")
        if name is None or words.text(name) in RESERVED:
            return
        tokens = [Token(words.word(name), name, words)]
        tokens += [Token(words.word(part), part, words) for part in fields(node, "argument") if part.type != "comment"]
        sinks = (*self.script.pipes.sinks(fields(node, "redirect"), words), *sinks)
        span = self.script.site or (self._begin(node, words), words.end(node))
        lines = self.script.pipes.read(fields(node, "redirect"), words)
        for guards, copy in self._copies(tokens):
            with self.script.under(*guards), self.script.fed(lines, printing=self.script.printing):
                self.run(copy, (*environment, *sinks), span)
        if not self._is_read_as_words(tokens[0]) and not self._run_as_scripts(tokens[0], node, span):
            self.run(tokens, (*environment, *sinks), span)

    def _run_as_scripts(self, token: Token, node: Node, span: Span) -> bool:
        """Walk the scripts that a variable holds in which a command begins, with the words behind it."""
        source = token.words.source
        rest = source.part(token.node.end_byte, node.end_byte)
        read = [
            self.script.inside(joined([item.text, rest]), item.guards, span) for item in self._held(token, first=True)
        ]
        return any(read)

    def _environment(self, node: Node, words: Words) -> Sinks:
        """The variables that are set for a command. The grammar takes assignments on the lines above for its own."""
        found: list[tuple[str, Expr]] = []
        assignments = [child for child in node.named_children if child.type == "variable_assignment"]
        name = node.child_by_field_name("name")
        if not assignments:
            return ()
        ends = [item.start_byte for item in assignments[1:]] + [name.start_byte if name is not None else node.end_byte]
        gaps = [words.source.text[item.end_byte : end] for item, end in zip(assignments, ends, strict=True)]
        alone = max((i + 1 for i, gap in enumerate(gaps) if b"\n" in gap.replace(b"\\\n", b"")), default=0)
        for item in assignments[: len(assignments) if name is None else alone]:
            self.script.values.assignment(item, words)
        for item in assignments[alone:]:
            key, value = item.child_by_field_name("name"), item.child_by_field_name("value")
            if key is not None and value is not None:
                found.append((words.text(key), words.value(value)))
        return tuple(found)

    def _begin(self, node: Node, words: Words) -> Place:
        """Where a command begins: the first of the variables on its own line, or its name."""
        first = node.child_by_field_name("name") or node
        for item in reversed([child for child in node.named_children if child.type == "variable_assignment"]):
            if b"\n" in words.source.text[item.end_byte : first.start_byte].replace(b"\\\n", b""):
                break
            first = item
        return words.start(first)

    # words that variables hold

    def tokens_in(self, source: Source) -> list[Token] | None:
        """The words of a text of options; None where it is no plain row of words."""
        known = self._known.get(id(source))
        if known is None:
            known = self._known[id(source)] = source, self._read_words(source)
        return known[1]

    def _read_words(self, source: Source) -> list[Token] | None:
        flat = Source(source.text.replace(b"\\\n", b"  ").replace(b"\n", b" "), source.starts, source.places)
        text = braced(joined([source.beside(b": "), flat]))
        root = self.script.again(text)
        statements = named(root) if root is not None and not root.has_error else []
        if len(statements) != 1 or statements[0].type != "command" or fields(statements[0], "redirect"):
            return None
        words = self.script.words(text)
        return [Token(words.word(part), part, words) for part in fields(statements[0], "argument")]

    def _copies(self, tokens: Sequence[Token]) -> list[Copy]:
        """A command with the words put in that its variables hold, for everything that they may hold."""
        if tokens[0].text in TALKERS:
            return [((), list(tokens))]
        if not self._is_read_as_words(tokens[0]):
            return []
        found: list[Copy] = [((), [])]
        for index, token in enumerate(tokens):
            choices = self._held_words(token, first=index == 0)
            if not choices or len(found) * len(choices) > MAX_COPIES:
                for _, copy in found:
                    copy.append(token)
                continue
            found = [
                ((*guards, *(guard for guard in more if guard not in guards)), [*before, *after])
                for guards, before in found
                for more, after in choices
                if not contradict(guards, more)
            ]
        return [copy for copy in found if copy[1]]

    def _is_read_as_words(self, token: Token) -> bool:
        """Whether what a variable at the place of the program holds is one command, not a script."""
        return all(self.tokens_in(item.text) is not None for item in self._held(token, first=True))

    def _held_words(self, token: Token, *, first: bool) -> list[Copy]:
        held = self._held(token, first=first)
        if not any(item.has_options or first for item in held):
            return []
        if len(held) > 1 and not first and not any(SPEAKS_OF_SEED.search(item.text.text) for item in held):
            return []
        found: list[Copy] = []
        for item in held:
            tokens = self.tokens_in(item.text)
            if tokens is None:
                return []
            found.append((item.guards, tokens))
        return found

    def _held(self, token: Token, *, first: bool = False) -> Sequence[Held]:
        """What the variable that a word consists of may hold; a quoted one stays one word."""
        match = _VARIABLE.fullmatch(token.words.text(token.node))
        if match is None or (token.node.type == "string" and not match["all"] and not first):
            return ()
        return self.script.variables.held(match["plain"] or match["name"], self.script.guards)

    # calls

    def run(self, tokens: Sequence[Token], keywords: Sinks, span: Span) -> None:
        """Record what a row of words runs."""
        environment, tokens = launched(tokens)
        keywords = (*environment, *keywords)
        program = program_of(tokens[0])
        if program in BUILTINS and BUILTINS[program](self.script, tokens, span):
            return
        if program.rpartition("/")[2] in FANS and fan_out(self.script, tokens, keywords, span):
            return
        self.script.call(self._call(program, tokens, (*keywords, *self.script.sinks), span))
        for source in self._scripts(program, tokens):
            self.script.inside(source, span=self.script.site)

    def _call(self, program: str, tokens: Sequence[Token], keywords: Sinks, span: Span) -> Call:
        (line, column), (end_line, end_column) = span
        known = program in self.script.functions and not INTERPRETER.fullmatch(program)
        func = Name(program, line) if known else command(program, line)
        arguments = tuple(self.script.placed(token.expr) for token in tokens[1:])
        keywords = tuple((key, self.script.placed(value)) for key, value in keywords)
        call = Call(func, arguments, keywords, line, column + 1, end_line, end_column + 1)
        if program in ("echo", "printf") and self.script.scope.kind == "function" and not keywords and arguments:
            value = arguments[0] if len(arguments) == 1 else Group(arguments, line, column + 1)
            self.script.scope.returns.append(Return(value, line, self.script.loops, self.script.guards))
        return call

    def _scripts(self, program: str, tokens: Sequence[Token]) -> list[Source]:
        """The scripts in the words of a command; `echo` prints one where a shell or a script's file takes it."""
        if program in ("echo", "printf"):
            row = _row(tokens[1:])
            return [row] if self.script.printing and (program == "echo" or b"%" not in row.text) else []
        return scripts_in(program, tokens[1:], known=program in self.script.functions)


def _row(tokens: Sequence[Token]) -> Source:
    """The words of `echo` as the text that it prints."""
    return joined([part for token in tokens for part in (token.source(), token.source().beside(b" "))])
