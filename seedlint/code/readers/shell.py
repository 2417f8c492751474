"""Reads a shell script into facts: commands with their words, variables, loops and conditions, parsed by tree-sitter."""

from __future__ import annotations

import re

from seedlint.code.facts import FileFacts
from seedlint.code.readers.shell_script import Script
from seedlint.code.readers.shell_source import Source
from seedlint.code.readers.unreadable import UnreadableSource, refuse_binary

_HIDDEN = re.compile(r"`#[^`\n]*`")
"""A comment between the words of a command, of which the grammar makes the rest of the line."""


def read_shell(path: str, content: bytes) -> FileFacts:
    """The facts of a script. Raises UnreadableSource with a one-line reason."""
    refuse_binary(content)
    return read_script(path, content.removeprefix(b"\xef\xbb\xbf").decode(errors="replace"))


def read_script(path: str, text: str, first_line: int = 1) -> FileFacts:
    """The facts of shell code that begins on some line of a file. Raises UnreadableSource with a one-line reason."""
    text = _HIDDEN.sub(lambda match: " " * len(match.group().encode(errors="replace")), text.replace("\r\n", "\n"))
    source = Source.of(text.encode(errors="replace"), first_line)
    script = Script(path)
    script.scope.line = first_line
    script.scope.end_line = source.places[-1][0]
    return facts_of(script, source)


def facts_of(script: Script, source: Source) -> FileFacts:
    """The facts of a script whose text is put together."""
    try:
        root = script.read(source)
    except RecursionError as error:
        raise UnreadableSource("nested too deeply to analyse") from error
    if root.has_error and not (script.scope.calls or script.scope.assigns or len(script.scopes) > 1):
        raise UnreadableSource("cannot be parsed as shell code")
    return script.facts()
