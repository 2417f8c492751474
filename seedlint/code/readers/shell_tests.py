"""Arithmetic and conditions of shell code as operations: `$((s + 2))`, `[ "$x" = 1 ]`, `[[ … ]]`, `(( x > 3 ))`."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from seedlint.code.readers.lowering import literal, other
from seedlint.code.readers.shell_tree import flattened
from seedlint.code.readers.shell_words import Words
from seedlint.code.syntax import Choice, Const, Expr, Item, Name, Op

if TYPE_CHECKING:
    from tree_sitter import Node

ARITHMETIC = {
    "+": "Add", "-": "Sub", "*": "Mult", "/": "FloorDiv", "%": "Mod", "**": "Pow", "<<": "LShift", ">>": "RShift",
    "&": "BitAnd", "|": "BitOr", "^": "BitXor", "==": "Eq", "!=": "NotEq", "<": "Lt", "<=": "LtE", ">": "Gt", ">=": "GtE",
}  # fmt: skip
COMPARISONS = {
    "=": "Eq", "==": "Eq", "!=": "NotEq", "-eq": "Eq", "-ne": "NotEq", "<": "Lt", ">": "Gt",
    "-lt": "Lt", "-le": "LtE", "-gt": "Gt", "-ge": "GtE",
}  # fmt: skip
_ANDS, _ORS = frozenset({"&&", "-a"}), frozenset({"||", "-o"})


def arithmetic(words: Words, node: Node) -> Expr:
    """What an arithmetic expression computes; names need no `$` in it."""
    start = words.start(node)
    match node.type:
        case "word" | "variable_name":
            text = words.text(node)
            if text.isidentifier():
                return words.parameter(text, node)
            return literal(text, start, words.end(node))
        case "number":
            return literal(words.text(node), start, words.end(node))
        case "parenthesized_expression" if node.named_child_count == 1:
            return arithmetic(words, node.named_children[0])
        case "binary_expression":
            return _binary(words, node)
        case "unary_expression":
            return _unary(words, node)
        case "ternary_expression":
            test, first, second = (
                arithmetic(words, child) if (child := node.child_by_field_name(name)) else Name("", start[0])
                for name in ("condition", "consequence", "alternative")
            )
            return Choice("IfExp", (first, second), test, start[0])
        case "subscript":
            return words.name(node)
        case "string" if node.named_child_count == 1 and node.named_children[0].type != "string_content":
            return words.value(node)
        case "postfix_expression":
            words.around.computed(node, words)
            return other([arithmetic(words, child) for child in node.named_children], start[0])
    return words.value(node)


def _binary(words: Words, node: Node) -> Expr:
    sides = [node.child_by_field_name("left"), node.child_by_field_name("right")]
    operands = tuple(arithmetic(words, side) for side in sides if side is not None)
    line = words.start(node)[0]
    operator = _operator(words, node)
    if len(operands) == 2 and operator in ARITHMETIC:
        return Op(ARITHMETIC[operator], operands, line)
    if len(operands) == 2 and operator in ("&&", "||"):
        return Choice("And" if operator == "&&" else "Or", operands, None, line)
    return other(operands, line)


def _unary(words: Words, node: Node) -> Expr:
    line = words.start(node)[0]
    if words.text(node)[:2] in ("++", "--"):
        words.around.computed(node, words)
    inner = [arithmetic(words, child) for child in node.named_children if child.type != "test_operator"]
    if len(inner) != 1:
        return other(inner, line)
    match words.text(node)[:1], inner[0]:
        case "-", Const(value=int() as value) as number if words.text(node)[1:2] != "-":
            return Const(-value, number.line, number.column - 1, number.end_line, number.end_column)
        case "-", operand:
            return Op("USub", (operand,), line)
        case "!", operand:
            return Op("Not", (operand,), line)
        case "+", operand:
            return operand
    return other(inner, line)


def _operator(words: Words, node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return words.text(operator) if operator is not None else ""


def condition(words: Words, node: Node) -> Expr | None:
    """What a test asks; None for a command that is no test."""
    match node.type:
        case "test_command":
            inner = node.named_children
            if not inner:
                return other((), words.start(node)[0])
            if node.children[0].type == "((":
                return arithmetic(words, inner[0])
            return _asked(words, inner[0])
        case "compound_statement" if node.children[0].type == "((" and node.named_children:
            return arithmetic(words, node.named_children[0])
        case "negated_command" if node.named_children:
            inside = condition(words, node.named_children[-1])
            return None if inside is None else Op("Not", (inside,), words.start(node)[0])
        case "list":
            return _both(words, node)
        case "command":
            return _test_builtin(words, node)
    return None


def _both(words: Words, node: Node) -> Expr | None:
    """`[ … ] && [ … ]`: what both ask, if both are tests."""
    parts = flattened(node)
    asked = [condition(words, part) for _, part in parts]
    found = [item for item in asked if item is not None]
    if len(found) != len(asked) or len(found) < 2:
        return None
    line = words.start(node)[0]
    result = found[0]
    for kind, group in groupby(zip(parts[1:], found[1:], strict=True), lambda pair: pair[0][0]):
        name = "And" if kind == "&&" else "Or"
        result = Choice(name, (result, *(item for _, item in group)), None, line)
    return result


def _test_builtin(words: Words, node: Node) -> Expr | None:
    """`test "$x" = 1`."""
    parts = node.named_children
    name = words.text(node).split(None, 1)[0] if parts else ""
    if name in ("true", "false") and len(parts) == 1:
        (line, column), (end_line, end_column) = words.span(node)
        return Const(name == "true", line, column + 1, end_line, end_column + 1)
    if name != "test":
        return None
    tokens: list[str | Expr] = []
    for part in parts[1:]:
        text = words.text(part)
        tokens.append(text if text in COMPARISONS or text in _ANDS | _ORS or _is_flag(text) else words.word(part))
    return _parsed(tokens, words.start(node)[0])


def _is_flag(text: str) -> bool:
    return text == "!" or (len(text) == 2 and text[0] == "-" and text[1].isalpha())


def _asked(words: Words, node: Node) -> Expr:
    """The grammar nests `$a -gt 3 -a "$b" = x` wrongly, so that it is laid flat and nested anew."""
    tokens: list[str | Expr] = []
    stack = [node]
    while stack:
        item = stack.pop()
        if item.type in ("binary_expression", "unary_expression"):
            stack.extend(reversed(item.children))
        elif item.type == "parenthesized_expression":
            tokens.append(_asked(words, item.named_children[0]) if item.named_children else "")
        elif item.type == "test_operator" or not item.is_named:
            tokens.append(words.text(item))
        else:
            tokens.append(words.word(item))
    return _parsed(tokens, words.start(node)[0])


def _parsed(tokens: list[str | Expr], line: int) -> Expr:
    for name, operators in (("Or", _ORS), ("And", _ANDS)):
        groups = _split(tokens, operators)
        if len(groups) > 1:
            return Choice(name, tuple(_parsed(group, line) for group in groups), None, line)
    return _simple(tokens, line)


def _split(tokens: list[str | Expr], operators: frozenset[str]) -> list[list[str | Expr]]:
    groups: list[list[str | Expr]] = [[]]
    for token in tokens:
        if isinstance(token, str) and token in operators and groups[-1]:
            groups.append([])
        else:
            groups[-1].append(token)
    return groups


def _simple(tokens: list[str | Expr], line: int) -> Expr:
    match tokens:
        case ["!", *rest] if rest:
            return Op("Not", (_simple(rest, line),), line)
        case [str() as flag, operand] if not isinstance(operand, str):
            if flag == "-z":
                return Op("Not", (operand,), line)
            return operand if flag == "-n" else other([operand], line)
        case [left, str() as operator, right] if not isinstance(left, str) and not isinstance(right, str):
            if operator in COMPARISONS:
                return Op(COMPARISONS[operator], (left, right), line)
        case [operand] if not isinstance(operand, str):
            return operand
    return other([token for token in tokens if not isinstance(token, str)], line)


def increment(value: Expr, name: str) -> Expr | None:
    """What a computed value adds to the name itself: 1 of `x + 1`; None where it is no count."""
    match value:
        case Op(operator="Add", operands=(Name(id=same), Const(value=int()) as step)) if same == name:
            return step
        case Op(operator="Add", operands=(Const(value=int()) as step, Name(id=same))) if same == name:
            return step
    return None


def assigned(words: Words, node: Node) -> tuple[Expr, Expr, bool] | None:
    """What `i++`, `i += 2` and `i = i + 1` bind: the target, the value, and whether it is added to what was there."""
    match node.type:
        case "postfix_expression" | "unary_expression" if words.text(node).strip()[-2:] in ("++", "--") or words.text(
            node
        ).strip()[:2] in ("++", "--"):
            return _stepped(words, node)
        case "binary_expression" | "variable_assignment":
            return _bound(words, node)
    return None


def _stepped(words: Words, node: Node) -> tuple[Expr, Expr, bool] | None:
    inner = [child for child in node.named_children if child.type in ("word", "variable_name", "subscript")]
    if not inner:
        return None
    start, end = words.start(node), words.end(node)
    step = literal("-1" if "--" in words.text(node) else "1", start, end)
    target = words.name(inner[0])
    return (target, step, True) if type(target) in (Name, Item) else None


def _bound(words: Words, node: Node) -> tuple[Expr, Expr, bool] | None:
    left = node.child_by_field_name("left") or node.child_by_field_name("name")
    right = node.child_by_field_name("right") or node.child_by_field_name("value")
    if left is None or right is None:
        return None
    middle = words.source.text[left.end_byte : right.start_byte].strip()
    if middle not in (b"=", b"+=", b"-=", b"*=", b"/=", b"%="):
        return None
    target = words.name(left)
    if middle == b"=":
        value = arithmetic(words, right)
        step = increment(value, words.text(left))
        return (target, value, False) if step is None else (target, step, True)
    return target, arithmetic(words, right), True
