"""LaTeX as a stream of tokens: comments gone, macros expanded, within a budget that no loop of macros escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from seedlint.paper.latex_commands import latex_commands

MAX_EXPANDED = 400_000
"""Tokens that macros may add to a paper; beyond them a macro stands for nothing."""

MAX_ARGUMENTS = 9

_TOKEN = re.compile(
    r"(?P<break>\n[ \t]*\n\s*)|\\(?P<command>[A-Za-z@]+)\*?[ \t]*(?:\n[ \t]*(?!\s))?|\\(?P<escaped>.|\n)"
    r"|(?P<comment>%[^\n]*(?:\n[ \t]*(?!\s))?)"
    r"|(?P<mark>\$\$?|[{}\[\]&~^_#])|(?P<text>[^\\%$&~^_#{}\[\]\n]+|\n|\\)"
)
_VERBATIM = re.compile(r"\\(?:verb\*?|lstinline|mintinline\{[^{}\n]{0,40}\})([^A-Za-z\s*{\[])(.{0,400}?)\1")
_SWITCH = re.compile(r"\\(iffalse|if[A-Za-z@]{1,40}|else|fi)(?![A-Za-z@])|\\.|%[^\n]*")


@dataclass(frozen=True)
class Token:
    """One token. `kind` is "text", "command" (`value` without backslash), "escaped" (a sign after one), "mark" or "break"."""

    kind: str
    value: str


@dataclass(frozen=True)
class Macro:
    """A command that the paper defines: how many arguments it takes, whether the first has a default, and what it stands for."""

    arguments: int
    has_default: bool
    body: tuple[Token, ...]


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of LaTeX source in one pass. Two blank lines or more are one break."""
    for found in _TOKEN.finditer(without_unread(text)):
        kind = found.lastgroup or "text"
        if kind != "comment":
            yield Token(kind, found[kind])


def without_unread(text: str) -> str:
    r"""Source without what \iffalse hides, and with \verb as plain text."""
    text = _VERBATIM.sub(lambda found: re.sub(r"[\\%${}&~^_#\[\]]", " ", found[2]), text)
    if r"\iffalse" not in text:
        return text
    kept, last, hidden = [], 0, 0
    for found in _SWITCH.finditer(text):
        name = found[1] or ""
        if not hidden and name == "iffalse":
            kept.append(text[last : found.start()])
            hidden = 1
        elif hidden and name.startswith("if"):
            hidden += 1
        elif hidden and (name == "fi" or (name == "else" and hidden == 1)):
            hidden -= 1
            last = found.end()
    return "".join(kept) + ("" if hidden else text[last:])


@dataclass
class Macros:
    """The macros of a paper that are known so far, and how many tokens they may still add."""

    known: dict[str, Macro] = field(default_factory=dict)
    budget: int = MAX_EXPANDED

    def learn(self, name: str, macro: Macro) -> None:
        """Take in a definition, but not that of a command by which the paper is read."""
        if name not in latex_commands().structure:
            self.known[name] = macro


class Stream:
    """Tokens to be taken one after the other, with the macros that were defined on the way put in their place."""

    def __init__(self, tokens: Iterator[Token], macros: Macros | None = None) -> None:
        self._source = tokens
        self._ahead: list[Token] = []
        self._macros = Macros() if macros is None else macros

    def within(self, tokens: list[Token]) -> Stream:
        """A stream of other tokens that knows the same macros and has the same budget."""
        return Stream(iter(tokens), self._macros)

    def raw(self) -> Token | None:
        """The next token as it stands, or None at the end."""
        return self._ahead.pop() if self._ahead else next(self._source, None)

    def take(self) -> Token | None:
        """The next token after macros are expanded and definitions are learnt, or None at the end."""
        while (token := self.raw()) is not None:
            if token.kind != "command":
                return token
            if token.value in latex_commands().definitions:
                self._define()
            elif token.value == "def":
                self._define_plainly()
            elif token.value in self._macros.known:
                self._expand(self._macros.known[token.value])
            else:
                return token
        return None

    def back(self, token: Token | None) -> None:
        """Put a token back before all others."""
        if token is not None:
            self._ahead.append(token)

    def skip_blanks(self) -> None:
        """Pass over blanks, but not over the end of a paragraph."""
        while (token := self.raw()) is not None:
            if token.kind != "text" or token.value.strip():
                stripped = Token("text", token.value.lstrip()) if token.kind == "text" else token
                self.back(stripped)
                return

    def argument(self) -> list[Token]:
        """The tokens of an argument in braces without them, or the one token that stands for it; unexpanded."""
        self.skip_blanks()
        token = self.raw()
        if token is None or token.kind == "break":
            self.back(token)
            return []
        if token != Token("mark", "{"):
            return self._one_sign(token)
        return self._until("{", "}")

    def option(self) -> list[Token] | None:
        """The tokens of an optional argument in square brackets, or None where there is none."""
        token = self.raw()
        if token != Token("mark", "["):
            self.back(token)
            return None
        return self._until("[", "]")

    def splice(self, tokens: list[Token] | tuple[Token, ...]) -> None:
        """Put tokens before all others, in their order."""
        self._ahead.extend(reversed(tokens))

    def _one_sign(self, token: Token) -> list[Token]:
        if token == Token("mark", "}"):
            self.back(token)
            return []
        if token.kind == "text" and len(token.value) > 1:
            self.back(Token("text", token.value[1:]))
            return [Token("text", token.value[0])]
        return [token]

    def _until(self, opening: str, closing: str) -> list[Token]:
        """The tokens up to a closing mark; braces inside square brackets hide theirs."""
        found: list[Token] = []
        depth = braces = 0
        while (token := self.raw()) is not None:
            if token.kind == "mark" and not (braces and opening != "{"):
                if token.value == closing and not depth:
                    return found
                depth += (token.value == opening) - (token.value == closing)
            if opening != "{" and token.kind == "break":
                self.back(token)
                return found
            if token.kind == "mark" and opening != "{":
                braces = max(0, braces + (token.value == "{") - (token.value == "}"))
            found.append(token)
        return found

    def _define(self) -> None:
        name = next((token.value for token in self.argument() if token.kind == "command"), "")
        count = "".join(token.value for token in self.option() or ()).strip()
        default = self.option()
        body = tuple(self.argument())
        if name:
            arguments = min(int(count), MAX_ARGUMENTS) if count.isdecimal() else 0
            self._macros.learn(name, Macro(arguments, default is not None, body))

    def _define_plainly(self) -> None:
        name, arguments = self.raw(), 0
        while (token := self.raw()) is not None and token != Token("mark", "{") and token.kind != "break":
            arguments += token == Token("mark", "#")
        self.back(token)
        body = tuple(self.argument())
        if name is not None and name.kind == "command":
            self._macros.learn(name.value, Macro(min(arguments, MAX_ARGUMENTS), False, body))

    def _expand(self, macro: Macro) -> None:
        given: list[list[Token]] = []
        for number in range(macro.arguments):
            given.append((self.option() or []) if number == 0 and macro.has_default else self.argument())
        expanded = _substituted(macro.body, given, self._macros.budget)
        self._macros.budget -= len(expanded) + 1
        if self._macros.budget > 0:
            self.splice(expanded)


def _substituted(body: tuple[Token, ...], given: list[list[Token]], budget: int) -> list[Token]:
    """The body of a macro with its arguments in place of #1, #2, and so on; cut where it is longer than the budget."""
    expanded: list[Token] = []
    parts = iter(body)
    for token in parts:
        if len(expanded) > budget:
            break
        if token != Token("mark", "#"):
            expanded.append(token)
            continue
        following = next(parts, None)
        digit = following.value[:1] if following else ""
        if digit.isdecimal() and 0 < int(digit) <= len(given):
            expanded.extend(given[int(digit) - 1])
        if following and len(following.value) > 1:
            expanded.append(Token(following.kind, following.value[1:]))
    return expanded
