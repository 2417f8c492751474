"""Reads Jsonnet, and with it all of JSON's family, into facts: objects merged, locals bound, what is computed left open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from seedlint.code.facts import CONFIG_ROOT, FileFacts
from seedlint.code.readers.config_tree import MAX_DEPTH, TOO_DEEP, Places, config_facts, decoded, listed
from seedlint.code.readers.jsonnet_library import called, combined, merged
from seedlint.code.readers.jsonnet_tokens import Token, Words, number_of, string_of
from seedlint.code.readers.references import config_path, string_value
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.syntax import Attr, Call, Choice, Const, Expr, Item, Name, Op, Other, Table

IMPORT = "import"
"""The callee of an imported file; its one argument is the file's path."""

_LEVELS = (
    {"||": "Or"},
    {"&&": "And"},
    {"|": "BitOr"},
    {"^": "BitXor"},
    {"&": "BitAnd"},
    {"==": "Eq", "!=": "NotEq"},
    {"<": "Lt", ">": "Gt", "<=": "LtE", ">=": "GtE", "in": "In"},
    {"<<": "LShift", ">>": "RShift"},
    {"+": "Add", "-": "Sub"},
    {"*": "Mult", "/": "Div", "%": "Mod"},
)
_BINARY = {mark: (level, name) for level, names in enumerate(_LEVELS) for mark, name in names.items()}
_UNARY = {"-": "USub", "+": "UAdd", "!": "Not", "~": "Invert"}
_LITERALS = {"true": True, "false": False, "null": None, "Infinity": float("inf"), "NaN": float("nan")}
_PLAIN = frozenset({"string", "number"})
_ENDS = frozenset({",", "}", "]"})
_FIELDS = frozenset({":", "::", ":::", "+:", "+::", "+:::"})


def read_jsonnet(path: str, content: bytes) -> FileFacts:
    """The facts of a Jsonnet file."""
    text = decoded(content)
    parser = _Parser(text, Places(text))
    root = parser.document()
    return config_facts(path, root, text, bound=parser.bound.items())


def read_value(text: str, places: Places) -> Expr:
    """The value of a piece of JSON that stands within a file of another kind."""
    return _Parser(text, places).document()


class _Parser:
    """Recursive descent over the words of one file. `bound` are its locals; `at` are the keys around the present value,
    None inside a local, whose place in the tree nobody knows."""

    def __init__(self, text: str, places: Places) -> None:
        self.bound: dict[str, Expr] = {}
        self.words = Words(text, places)
        self._depth = 0
        self._at: tuple[str, ...] | None = ()
        self._objects: list[tuple[str, ...] | None] = []
        self._extending: set[int] = set()

    def document(self) -> Expr:
        """The value of the whole file; of a file that is a function, what it returns."""
        if self.words.peek().kind == "end":
            return Table((), 1)
        value = self._expression()
        if self.words.peek().kind != "end":
            raise self.words.unexpected()
        match value:
            case Other(children=(Table() as body,)):
                return body
        return value

    # expressions

    def _expression(self, least: int = 0) -> Expr:
        if self.words.peek().kind in _PLAIN and self.words.peek(1).text in _ENDS:  # Nearly all that JSON holds.
            return self._primary()
        with self._deeper():
            while self.words.peek().text in ("local", "assert") and self.words.peek().kind == "word":
                self._local() if self.words.take().text == "local" else self._assertion()
                self.words.need(";")
            left = self._operand()
            while (
                (found := _BINARY.get(self.words.peek().text))
                and found[0] >= least
                and self.words.peek().kind != "string"
            ):
                token = self.words.take()
                right = self._expression(found[0] + 1)
                left = self._known(left) if found[1] == "Add" else left
                left = combined(found[1], left, right, self.words.line(token.start), self._extending)
            return left

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnreadableSource(TOO_DEEP)
        yield
        self._depth -= 1

    def _known(self, value: Expr) -> Expr:
        """What a local name stands for if that is an object."""
        bound = self.bound.get(value.id) if type(value) is Name else None
        return bound if type(bound) is Table else value

    def _operand(self) -> Expr:
        token = self.words.peek()
        if token.kind == "mark" and token.text in _UNARY:
            self.words.take()
            with self._deeper():
                return self._negated(token, self._operand())
        value = self._primary()
        while (token := self.words.peek()).kind == "mark" and token.text in ".[({":
            value = self._suffixed(value, self.words.line(token.start))
        return value

    def _negated(self, mark: Token, value: Expr) -> Expr:
        match value:
            case Const(value=(int() | float()) as number) if mark.text in "+-" and not isinstance(number, bool):
                sign = self.words.constant(-number if mark.text == "-" else number, mark)
                return Const(sign.value, sign.line, sign.column, value.end_line, value.end_column)
        return Op(_UNARY[mark.text], (value,), value.line)

    def _primary(self) -> Expr:
        token = self.words.take()
        line = self.words.line(token.start)
        match token.kind, token.text:
            case "number", _:
                return self.words.constant(number_of(token), token)
            case (("string" | "verbatim" | "block"), _):
                text = string_of(token)
                return string_value(text, self.words.constant(text, token), lambda: self._at or ())
            case "mark", "{":
                return self._object(line)
            case "mark", "[":
                return self._array(token)
            case "mark", "(":
                value = self._expression()
                self.words.need(")")
                return value
            case "mark", "$":
                return Name(CONFIG_ROOT, line) if self._at is not None else Other((), line)
            case "word", _:
                return self._word(token, line)
        raise self.words.unexpected(token)

    def _word(self, token: Token, line: int) -> Expr:
        match token.text:
            case word if word in _LITERALS:
                return self.words.constant(_LITERALS[word], token)
            case "self":
                around = self._objects[-1] if self._objects else None
                return Other((), line) if around is None else config_path(around, line)
            case "super":
                return Other((), line)
            case "import" | "importstr" | "importbin":
                file = self._primary()
                return Call(Name(IMPORT, line), (file,), (), line, 1, line, 1)
            case "if":
                return self._condition(line)
            case "function":
                self._parameters()
                return Other((self._expression(),), line)
            case "error":
                return Other((self._expression(),), line)
        return Name(_local_name(token.text), line)

    def _condition(self, line: int) -> Expr:
        test = self._expression()
        self.words.need("then")
        then = self._expression()
        other: Expr = self._expression() if self.words.skip("else") else Const(None, line, 1, line, 1)
        return Choice("IfExp", (then, other), test, line)

    def _suffixed(self, value: Expr, line: int) -> Expr:
        match self.words.take().text:
            case ".":
                return Attr(value, self.words.take().text, line)
            case "[":
                return self._indexed(value, line)
            case "(":
                args = self._arguments()
                self.words.skip("tailstrict")
                return called(value, args, line)
        return merged(self._known(value), self._object(line), line, self._extending)

    def _indexed(self, value: Expr, line: int) -> Expr:
        steps: list[Expr] = []
        while not self.words.skip("]"):
            if not self.words.skip(":", "::"):
                steps.append(self._expression())
            elif not steps:
                steps.append(Other((), line))
        sliced = self.words.peek(-2).text in (":", "::") or len(steps) != 1
        return Other((value, *steps), line) if sliced else Item(value, steps[0], line)

    def _arguments(self) -> tuple[Expr, ...]:
        found: list[Expr] = []
        while not self.words.skip(")"):
            if self.words.peek(1).text == "=":
                self.words.take()
                self.words.take()
            found.append(self._expression())
            if not self.words.skip(","):
                self.words.need(")")
                break
        return tuple(found)

    # objects, arrays and names

    def _object(self, line: int) -> Expr:
        pairs: dict[object, tuple[Expr | None, Expr]] = {}
        self._objects.append(self._at)
        while not self.words.skip("}"):
            if self.words.peek().text == "for" and pairs:
                self._loops()
                self.words.need("}")
                self._objects.pop()
                return Other(tuple(value for _, value in pairs.values()), line)
            self._member(pairs)
            if self.words.peek().text != "for" and not self.words.skip(","):
                self.words.need("}")
                break
        self._objects.pop()
        return Table(tuple(pairs.values()), line)

    def _member(self, pairs: dict[object, tuple[Expr | None, Expr]]) -> None:
        token = self.words.take()
        if token.kind == "word" and self.words.peek().text not in _FIELDS and token.text in ("local", "assert"):
            self._binding() if token.text == "local" else self._assertion()
            return
        key: Expr
        if token.text == "[" and token.kind == "mark":
            key = self._expression()
            self.words.need("]")
        elif token.kind in ("string", "verbatim", "block"):
            key = self.words.constant(string_of(token), token)
        elif token.kind in ("word", "number"):
            key = self.words.constant(token.text, token)
        else:
            raise self.words.unexpected(token)
        is_method = self.words.peek().text == "("
        if is_method:
            self._parameters()
        name = str(key.value) if type(key) is Const else ""
        value = self._field_value(name, key)
        pairs.pop(name or id(key), None)
        pairs[name or id(key)] = key, Other((value,), value.line) if is_method else value

    def _field_value(self, name: str, key: Expr) -> Expr:
        mark = self.words.take()
        if mark.text not in _FIELDS:
            raise self.words.unexpected(mark)
        if mark.text.startswith("+"):
            self._extending.add(id(key))
        return self._under(name)

    def _array(self, opening: Token) -> Expr:
        items: list[Expr] = []
        place = self.words.constant(None, opening)
        while not self.words.skip("]"):
            if self.words.peek().text == "for" and items:
                self._loops()
                self.words.need("]")
                return Other(tuple(items), place.line)
            items.append(self._under(str(len(items))))
            if self.words.peek().text != "for" and not self.words.skip(","):
                self.words.need("]")
                break
        return listed(items, place.line, place.column)

    def _loops(self) -> None:
        """`for x in xs if y`: what a comprehension makes is unknown."""
        while self.words.peek().text in ("for", "if"):
            if self.words.take().text == "for":
                self.words.take()
                self.words.need("in")
            self._expression()

    def _local(self) -> None:
        self._binding()
        while self.words.skip(","):
            self._binding()

    def _binding(self) -> None:
        name = self.words.take()
        is_function = self.words.peek().text == "("
        if is_function:
            self._parameters()
        self.words.need("=")
        outer, self._at = self._at, None
        value = self._expression()
        self._at = outer
        self.bound[_local_name(name.text)] = Other((value,), value.line) if is_function else value

    def _assertion(self) -> None:
        self._expression()
        if self.words.skip(":"):
            self._expression()

    def _parameters(self) -> None:
        self.words.need("(")
        depth = 1
        while depth:
            text = self.words.take().text
            depth += (text == "(") - (text == ")")

    def _under(self, key: str) -> Expr:
        """The expression that comes next, which stands under a key."""
        outer = self._at
        self._at = None if outer is None else (*outer, key)
        value = self._expression()
        self._at = outer
        return value


def _local_name(name: str) -> str:
    """The name that a local gets: the tree of the file is called `config`, and no local may be."""
    return f"{name}_" if name == CONFIG_ROOT else name
