"""Reads a Dockerfile into facts: what it sets, what it runs, and the command that its containers start with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from seedlint.code.facts import FileFacts
from seedlint.code.readers.lowering import glued, listed, literal
from seedlint.code.readers.shell_script import Script
from seedlint.code.readers.shell_source import Source, joined
from seedlint.code.readers.unreadable import UnreadableSource, refuse_binary
from seedlint.code.syntax import Choice, Expr, Name

_INSTRUCTION = re.compile(rb"[ \t]*([A-Za-z]+)[ \t]+")
_HEREDOC = re.compile(rb"<<-?[\"']?(\w+)[\"']?")
_FLAGS = re.compile(rb"(?:--[\w-]+(?:=\S*)?[ \t]+)*")
_PAIR = re.compile(rb"(?<!\w)([A-Za-z_]\w*)(=|[ \t]+)((?:\"(?:\\.|[^\"\\])*\"|'[^']*'|\\.|[^\s\"'\\])*)", re.DOTALL)
_BETWEEN = re.compile(rb"\"(?:\\.|[^\"\\])*\"|(?:[\[\],\s]|\\\n)+", re.DOTALL)


class Instruction(NamedTuple):
    """An instruction and the text behind it."""

    name: str
    text: Source


def read_dockerfile(path: str, content: bytes) -> FileFacts:
    """The facts of a Dockerfile. Raises UnreadableSource with a one-line reason."""
    refuse_binary(content)
    source = Source.of(content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n"))
    script = Script(path)
    script.scope.end_line = source.places[-1][0]
    try:
        _read(script, source)
    except RecursionError as error:
        raise UnreadableSource("nested too deeply to analyse") from error
    script.statements.finish()
    return script.facts()


def _read(script: Script, source: Source) -> None:
    """What starts a container is its last ENTRYPOINT and its last CMD, one behind the other."""
    entry: Source | None = None
    last: Source | None = None
    for instruction in _instructions(source):
        match instruction.name:
            case "FROM":
                entry = last = None
            case "ENV" | "ARG":
                _settings(script, instruction)
            case "RUN":
                script.walk(_command(instruction.text))
            case "ENTRYPOINT":
                entry = _command(instruction.text)
            case "CMD":
                last = _command(instruction.text)
    started = [part for part in (entry, last) if part is not None]
    if started:
        gap = started[0].beside(b" ")
        script.walk(joined([started[0], *(item for part in started[1:] for item in (gap, part))]))


def _instructions(source: Source) -> Iterator[Instruction]:
    """The instructions in order, comments inside of them blanked out."""
    lines = source.text.split(b"\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    index = 0
    while index < len(lines):
        begin = index
        match = _INSTRUCTION.match(lines[index])
        if match is None or lines[index].lstrip().startswith(b"#"):
            index += 1
            continue
        while index < len(lines) - 1 and (
            lines[index].rstrip().endswith(b"\\") or _is_blank(lines[index], inside=index > begin)
        ):
            index += 1
        index += 1
        name = match.group(1).decode().upper()
        here = _HEREDOC.search(lines[begin]) if name == "RUN" else None
        if here is None:
            text = source.part(starts[begin] + match.end(), max(starts[index] - 1, starts[begin] + match.end()))
            yield Instruction(name, _without_comments(text))
            continue
        end = next((i for i in range(index, len(lines)) if lines[i].strip() == here.group(1)), index)
        if b"python" not in lines[begin]:
            yield Instruction(name, source.part(starts[index], max(starts[end] - 1, starts[index])))
        index = end + 1


def _is_blank(line: bytes, *, inside: bool) -> bool:
    return inside and (not line.strip() or line.lstrip().startswith(b"#"))


def _without_comments(text: Source) -> Source:
    lines = text.text.split(b"\n")
    kept = [
        b" " * (len(line) - 1) + b"\\" if line and index and _is_blank(line, inside=True) else line
        for index, line in enumerate(lines)
    ]
    return Source(b"\n".join(kept), text.starts, text.places)


def _command(text: Source) -> Source:
    """A command as shell text: `["python", "train.py"]` without its brackets and commas."""
    flags = _FLAGS.match(text.text)
    text = text.part(flags.end() if flags else 0, len(text.text))
    if not (text.text.strip().startswith(b"[") and text.text.strip().endswith(b"]")):
        return text
    if _BETWEEN.sub(b"", text.text):
        return text
    words = _BETWEEN.sub(
        lambda match: match.group() if match.group().startswith(b'"') else b" " * len(match.group()), text.text
    )
    return Source(words, text.starts, text.places)


def _settings(script: Script, instruction: Instruction) -> None:
    """`ENV SEED=42`, and `ARG SEED=42`, which a build may set otherwise."""
    for match in _PAIR.finditer(instruction.text.text):
        name, joint, value = match.groups()
        if not value and joint != b"=":
            continue
        place = instruction.text.place(match.start())
        text = instruction.text.part(*match.span(3))
        target = Name(name.decode(), place[0])
        expr = _value(script, text)
        if instruction.name == "ARG":
            expr = Choice("Or", (target, expr), None, place[0])
        script.bind(target, expr, place)
        script.variables.forget(name.decode())
        if joint != b"=":
            return


def _value(script: Script, text: Source) -> Expr:
    tokens = script.commands.tokens_in(text) or []
    parts = [token.expr for token in tokens]
    return listed(glued(parts, text.place(0)[0])) if parts else literal("", text.place(0), text.place(0))
