"""Pipelines, redirections and substitutions: what one command prints and another one takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedlint.code.readers.lowering import counted, draw, flat, literal, other, text_of
from seedlint.code.readers.shell_loops import program
from seedlint.code.readers.shell_tree import fields, named
from seedlint.code.readers.shell_words import Words, unescaped
from seedlint.code.syntax import Call, Const, Expr, Op, command, command_name

if TYPE_CHECKING:
    from tree_sitter import Node

    from seedlint.code.readers.shell_script import Script, Sinks, Span

DRAWS = frozenset("date shuf od openssl uuidgen hexdump xxd jot mktemp".split())
"""Programs that print something else every time."""

FILTERS = frozenset("sort uniq tr head tail grep egrep sed tee cat xargs fmt column paste".split())
"""Programs that print a part of what they read, or print it in another way."""

RUNS_SCRIPTS = re.compile(r"(.*/)?((ba|z|k|da)?sh|parallel|sbatch|qsub|bsub|msub|at|batch|ssh|simple_gpu_scheduler)")
"""Programs that run the script that they read."""

RUNS_LINES = re.compile(r"xargs\b.*\b(?:ba)?sh\s+-\w*c\s+[\"']?(?:\{\}|%|\$0|\$@)[\"']?\s*$")
"""`xargs` that runs each line as a command."""

SCRIPT_FILE = re.compile(r".*\.(sh|bash|slurm|sbatch|pbs|job|qsub|lsf|sub)")
"""Names of files that are written to be run."""

_OUTPUT = frozenset({">", ">>", "&>", "&>>", ">|", ">&"})
_ARITHMETIC = {"+": "Add", "-": "Sub", "*": "Mult", "/": "FloorDiv", "%": "Mod"}


class Pipes:
    """What the commands of one script print, and who takes it."""

    def __init__(self, script: Script) -> None:
        self.script = script

    # redirections

    def sinks(self, redirects: Sequence[Node], words: Words) -> Sinks:
        """The files into which redirections write, as keywords."""
        found: list[tuple[str, Expr]] = []
        for node in redirects:
            target = node.child_by_field_name("destination")
            errors = node.child_by_field_name("descriptor")
            sign = next((child.type for child in node.children if not child.is_named), "")
            if target is None or target.type == "number" or sign not in _OUTPUT:
                continue
            if errors is None or words.text(errors) == "1":
                found.append((">", words.word(target)))
        return tuple(found)

    def redirected(self, node: Node, words: Words) -> None:
        """A statement whose input or output is a file or a text."""
        body = node.child_by_field_name("body")
        redirects = fields(node, "redirect")
        sinks = self.sinks(redirects, words)
        here = next((item for item in redirects if item.type == "heredoc_redirect"), None)
        if here is not None:
            sinks = (*sinks, *self.sinks(fields(here, "redirect"), words))
        if body is not None:
            printing = self.script.printing or self.taken(redirects, words)
            with self.script.fed(self.read(redirects, words), printing=printing):
                if body.type == "command":
                    self.script.commands.command(body, words, sinks)
                else:
                    with self.script.into(sinks):
                        self.script.statements.statement(body, words)
        if here is not None:
            self._heredoc(here, body, redirects, words)

    def taken(self, redirects: Sequence[Node], words: Words) -> bool:
        """Whether the file into which something is written is a script, by its name or because it is run here."""
        targets = [node.child_by_field_name("destination") for node in redirects if node.type == "file_redirect"]
        names = [words.text(target).strip("\"'") for target in targets if target is not None]
        return any(name in self.script.run_here or SCRIPT_FILE.fullmatch(name) for name in names)

    def read(self, redirects: Sequence[Node], words: Words) -> Expr | None:
        """What `< file` and `<<< text` give to read; what a pipe gives where there is neither."""
        for node in redirects:
            inner = named(node)
            if node.type == "herestring_redirect" and inner:
                return words.value(inner[-1])
            if node.type == "file_redirect" and node.children[0].type == "<" and inner:
                if inner[-1].type == "process_substitution":
                    return self.substituted(inner[-1], words)
                return _command("cat", (words.word(inner[-1]),), words.span(node))
        return self.script.lines

    def _heredoc(self, node: Node, body: Node | None, redirects: Sequence[Node], words: Words) -> None:
        """Read the text of a heredoc as a script where a shell or a scheduler takes it, or a script's file."""
        text = next((child for child in node.children if child.type == "heredoc_body"), None)
        after = [child for child in named(node) if child.type in ("pipeline", "command", "redirected_statement")]
        for item in [*after, *fields(node, "right")]:
            self.script.statements.statement(item, words)
        if text is None:
            return
        takers = [program(body, words)] if body is not None else []
        takers += [
            program(item, words) for part in after for item in ([part] if part.type == "command" else named(part))
        ]
        if self.taken([*redirects, *fields(node, "redirect")], words) or any(
            RUNS_SCRIPTS.fullmatch(taker) for taker in takers
        ):
            start = next((child for child in node.children if child.type == "heredoc_start"), None)
            quoted = start is not None and words.text(start)[:1] in ("'", '"', "\\")
            source = words.source.part(text.start_byte, text.end_byte)
            self.script.job(source if quoted else unescaped(source))

    # pipelines

    def pipeline(self, node: Node, words: Words) -> None:
        """Record the commands of a pipeline, each in what it reads, and the pipeline itself."""
        stages = named(node)
        takes = [
            bool(RUNS_SCRIPTS.fullmatch(_program(stage, words)) or RUNS_LINES.match(words.text(stage)))
            for stage in stages
        ]
        tees = [self._tee(stage, words) for stage in stages]
        lines: Expr | None = self.script.lines
        calls: list[Call] = []
        for index, stage in enumerate(stages):
            sinks = tuple(sink for tee in tees[index + 1 :] for sink in tee)
            before = len(self.script.scope.calls)
            printing = any(takes[index + 1 :]) or self.script.printing
            with self.script.fed(lines, printing=printing), self.script.into(sinks):
                self.script.statements.statement(stage, words)
            made = [site.call for site in self.script.scope.calls[before:]]
            lines = self._passed(lines, made, words.span(stage), first=index == 0)
            calls += made[-1:]
        if len(calls) > 1:
            self.script.call(_command("|", tuple(calls), words.span(node)))

    def _tee(self, node: Node, words: Words) -> Sinks:
        """The files into which a `tee` writes what passes."""
        inner = node.child_by_field_name("body") or node if node.type == "redirected_statement" else node
        if program(inner, words) != "tee":
            return ()
        targets = [words.word(part) for part in fields(inner, "argument") if not words.text(part).startswith("-")]
        return tuple((">", target) for target in targets)

    def _passed(self, lines: Expr | None, calls: Sequence[Call], span: Span, *, first: bool) -> Expr | None:
        """What one stage of a pipeline passes on."""
        if not calls:
            return None
        last = calls[-1]
        if not first and command_name(last) in FILTERS:
            return lines
        return printed(last)

    # substitutions

    def substituted(self, node: Node, words: Words) -> Expr:
        """What `$(…)` gives; its commands are recorded."""
        span = words.span(node)
        before = len(self.script.scope.calls)
        outer, self.script.sinks = self.script.sinks, ()
        with self.script.fed(None):
            self.script.statements.block([child for child in named(node) if child.type != "file_redirect"], words)
        self.script.sinks = outer
        calls = [site.call for site in self.script.scope.calls[before:]]
        if "/dev/urandom" in words.text(node) or "/dev/random" in words.text(node):
            return draw(*span)
        if calls:
            return printed(calls[-1])
        files = [item for item in named(node) if item.type == "file_redirect"]
        if files and named(files[0]):
            return _command("cat", (words.word(named(files[0])[-1]),), span)
        return other((), span[0][0])


def printed(call: Call) -> Expr:
    """What a command prints, as far as that is known; else the command."""
    name = command_name(call)
    span = (call.line, call.column - 1), (call.end_line, call.end_column - 1)
    match name, call.args:
        case "seq", args if args:
            return _sequence(args, span) or call
        case "echo", args:
            values = [item for item in args if text_of(item) not in ("-n", "-e")]
            return flat(values, call.line, call.column) if len(values) != 1 else values[0]
        case "printf", (_, *values) if values:
            return flat(values, call.line, call.column)
        case "expr", (left, Const(value=str() as sign), right) if sign in _ARITHMETIC:
            return Op(_ARITHMETIC[sign], (left, right), call.line)
        case "|", (first, *rest):
            return _of_pipeline(call, first, [item for item in rest if type(item) is Call], span)
    if name in DRAWS:
        return draw(*span)
    if name is not None and name.rpartition("/")[2].startswith("python") and _draws(call):
        return draw(*span)
    return call


def _of_pipeline(call: Call, first: Expr, rest: Sequence[Call], span: Span) -> Expr:
    if type(first) is not Call:
        return call
    names = [command_name(item) for item in (first, *rest)]
    if any(name in DRAWS for name in names):
        return draw(*span)
    if all(name in FILTERS for name in names[1:]):
        given = printed(first)
        return given if given is not first else call
    if names[-1] == "bc":
        return other(first.args, call.line)
    return call


def _sequence(args: Sequence[Expr], span: Span) -> Expr | None:
    """`seq LAST`, `seq FIRST LAST`, `seq FIRST STEP LAST`."""
    values: list[Expr] = []
    skip = False
    for item in args:
        text = text_of(item) or ""
        if skip or (text.startswith("-") and not re.fullmatch(r"-\d+", text)):
            skip = not skip and text in ("-s", "-f", "-t")
            continue
        values.append(item)
    match values:
        case [last]:
            return counted(literal("1", *span), last, None, *span)
        case [first, last]:
            return counted(first, last, None, *span)
        case [first, step, last]:
            return counted(first, last, step, *span)
    return None


def _draws(call: Call) -> bool:
    """`python -c "import random; …"` without a seed."""
    code = " ".join(text_of(item) or "" for item in call.args)
    return "rand" in code and "seed" not in code


def _command(name: str, args: tuple[Expr, ...], span: Span) -> Call:
    (line, column), (end_line, end_column) = span
    return Call(command(name, line), args, (), line, column + 1, end_line, end_column + 1)


def _program(node: Node, words: Words) -> str:
    while node.type in ("redirected_statement", "negated_command"):
        inner = node.child_by_field_name("body") or (named(node)[-1] if named(node) else None)
        if inner is None:
            return ""
        node = inner
    return program(node, words)
