"""Reads gin configurations into facts: `scope/module.fn.param = value` is a value under nested keys, `%MACRO` another value."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator
from io import StringIO
from tokenize import TokenInfo

from seedlint.code.facts import FileFacts
from seedlint.code.readers.config_tree import MAX_DEPTH, TOO_DEEP, Branch, config_facts, decoded, listed
from seedlint.code.readers.references import config_path
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.syntax import Attr, Call, Const, Expr, Name, Table

_PASSED_OVER = frozenset({tokenize.NL, tokenize.COMMENT, tokenize.ENCODING})
_WORDS = {"True": True, "False": False, "None": None}
_CLOSING = {"[": "]", "(": ")", "{": "}"}


def read_gin(path: str, content: bytes) -> FileFacts:
    """The facts of a gin file; the files that it includes are its stars."""
    text = decoded(content)
    root = Branch()
    includes: list[str] = []
    block: list[Const] = []
    for indented, statement in _statements(text):
        block = block if indented else []
        first, *rest = statement
        if first.string == "include" and rest and rest[0].type == tokenize.STRING:
            includes.append(str(_literal(rest[0])))
        elif first.string not in ("import", "from", "include"):
            block = _statement(root, block, statement)
    return config_facts(path, root.table(), text, includes=includes)


def _statement(root: Branch, block: list[Const], statement: list[TokenInfo]) -> list[Const]:
    """Take in one binding, or the head of a block of them; the keys under which what is indented below it stands."""
    equals = next((index for index, token in enumerate(statement) if token.string == "="), 0)
    if equals:
        root.put([*block, *_keys(statement[:equals])], _Value(statement[equals + 1 :]).whole())
        return block
    if statement[-1].string == ":":
        return _keys(statement[:-1])
    raise UnreadableSource(f"line {statement[0].start[0]}: neither a binding nor an include")


def _statements(text: str) -> Iterator[tuple[bool, list[TokenInfo]]]:
    """The words of each statement, and whether it is indented."""
    depth = 0
    words: list[TokenInfo] = []
    try:
        for token in tokenize.generate_tokens(StringIO(text).readline):
            match token.type:
                case tokenize.INDENT:
                    depth += 1
                case tokenize.DEDENT:
                    depth -= 1
                case tokenize.NEWLINE | tokenize.ENDMARKER:
                    if words:
                        yield depth > 0, words
                    words = []
                case tokenize.ERRORTOKEN:
                    raise UnreadableSource(f"line {token.start[0]}: {token.string[:20]!r} opens nothing that ends")
                case kind if kind not in _PASSED_OVER:
                    words.append(token)
    except (tokenize.TokenError, SyntaxError) as error:
        raise UnreadableSource(f"not gin: {error.args[0]}") from error


def _keys(words: list[TokenInfo]) -> list[Const]:
    """`scope/module.fn.param` as the keys "scope/module", "fn" and "param"."""
    if len(words) > MAX_DEPTH:
        raise UnreadableSource(f"line {words[0].start[0]}: a name too long to be one")
    keys: list[Const] = []
    joined = False
    for token in words:
        if token.string == "/" and keys:
            keys[-1] = _longer(keys[-1], token)
            joined = True
        elif token.type == tokenize.NAME and joined:
            keys[-1] = _longer(keys[-1], token)
            joined = False
        elif token.type == tokenize.NAME:
            keys.append(_constant(token.string, token))
        elif token.string != ".":
            raise UnreadableSource(f"line {token.start[0]}: {token.string[:20]!r} is no name of a parameter")
    if not keys:
        raise UnreadableSource(f"line {words[0].start[0] if words else 1}: a value without a name")
    return keys


def _longer(key: Const, token: TokenInfo) -> Const:
    return Const(f"{key.value}{token.string}", key.line, key.column, token.end[0], token.end[1] + 1)


def _constant(value: int | float | str | bool | None, token: TokenInfo) -> Const:
    return Const(value, token.start[0], token.start[1] + 1, token.end[0], token.end[1] + 1)


def _literal(token: TokenInfo) -> int | float | str | bool | None:
    """What a number or a string of Python is worth."""
    try:
        value = ast.literal_eval(token.string)
    except (ValueError, SyntaxError) as error:
        raise UnreadableSource(f"line {token.start[0]}: {token.string[:20]!r} is no value") from error
    return value if isinstance(value, (int, float, str)) else None


class _Value:
    """The words of one value, which may stand on several lines."""

    def __init__(self, words: list[TokenInfo]) -> None:
        self._words = words
        self._next = 0

    def whole(self) -> Expr:
        """The value, if it is all there is."""
        value = self._value(0)
        if self._next < len(self._words):
            raise self._unexpected()
        return value

    def _unexpected(self) -> UnreadableSource:
        token = self._words[min(self._next, len(self._words) - 1)] if self._words else None
        return UnreadableSource(f"line {token.start[0]}: no value of gin" if token else "a name without a value")

    def _take(self) -> TokenInfo:
        if self._next >= len(self._words):
            raise self._unexpected()
        self._next += 1
        return self._words[self._next - 1]

    def _skip(self, text: str) -> bool:
        found = self._next < len(self._words) and self._words[self._next].string == text
        self._next += found
        return found

    def _value(self, depth: int) -> Expr:
        if depth > MAX_DEPTH:
            raise UnreadableSource(TOO_DEEP)
        token = self._take()
        line = token.start[0]
        match token.type, token.string:
            case tokenize.NUMBER, _:
                return _constant(_literal(token), token)
            case tokenize.STRING, _:
                return self._string(token)
            case tokenize.NAME, name:
                return _constant(_WORDS[name], token) if name in _WORDS else Name(name, line)
            case _, ("-" | "+") as sign:
                return self._signed(sign, token, depth)
            case _, "[" | "(":
                return self._group(token, depth)
            case _, "{":
                return self._table(line, depth)
            case _, "%":
                return config_path(self._dotted(), line)
            case _, "@":
                return self._reference(line)
        self._next -= 1
        raise self._unexpected()

    def _string(self, token: TokenInfo) -> Expr:
        parts, last = [_literal(token)], token
        while self._next < len(self._words) and self._words[self._next].type == tokenize.STRING:
            last = self._take()
            parts.append(_literal(last))
        text = "".join(part for part in parts if isinstance(part, str))
        return _longer(_constant(text, token), last._replace(string=""))

    def _signed(self, sign: str, token: TokenInfo, depth: int) -> Expr:
        match self._value(depth + 1):
            case Const(value=(int() | float()) as number) as found:
                place = _constant(-number if sign == "-" else number, token)
                return Const(place.value, place.line, place.column, found.end_line, found.end_column)
        raise self._unexpected()

    def _group(self, opening: TokenInfo, depth: int) -> Expr:
        items: list[Expr] = []
        closing, comma = _CLOSING[opening.string], False
        while not self._skip(closing):
            items.append(self._value(depth + 1))
            comma = self._skip(",")
            if not comma and not self._skip(closing):
                raise self._unexpected()
            if not comma:
                break
        if opening.string == "(" and len(items) == 1 and not comma:
            return items[0]
        return listed(items, opening.start[0], opening.start[1] + 1)

    def _table(self, line: int, depth: int) -> Expr:
        pairs: list[tuple[Expr, Expr]] = []
        while not self._skip("}"):
            key = self._value(depth + 1)
            if not self._skip(":"):
                raise self._unexpected()
            pairs.append((key, self._value(depth + 1)))
            if not self._skip(",") and not self._skip("}"):
                raise self._unexpected()
            if self._words[self._next - 1].string == "}":
                break
        return Table(tuple(pairs), line)

    def _dotted(self) -> list[str]:
        """A name with its dots; its scopes are left out."""
        names = [self._take().string]
        while (
            len(names) < MAX_DEPTH
            and self._next < len(self._words)
            and (joint := self._words[self._next].string) in "./"
        ):
            self._take()
            names = [*(names if joint == "." else []), self._take().string]
        return names

    def _reference(self, line: int) -> Expr:
        """`@fn` is the function itself, `@fn()` what a call of it gives."""
        first, *rest = self._dotted()
        func: Expr = Name(first, line)
        for name in rest:
            func = Attr(func, name, line)
        if self._skip("("):
            self._skip(")")
            return Call(func, (), (), line, 1, line, 1)
        return func
