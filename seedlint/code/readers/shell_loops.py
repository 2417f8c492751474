"""The headers of loops: what `for ((i = 0; i < 5; i++))` counts, and what `while read` reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedlint.code.readers.lowering import call, numbers, other
from seedlint.code.readers.shell_tests import arithmetic, assigned
from seedlint.code.readers.shell_tree import fields, named
from seedlint.code.readers.shell_words import Words
from seedlint.code.syntax import Const, Expr, Name, Op

if TYPE_CHECKING:
    from tree_sitter import Node


def c_style(node: Node, words: Words) -> tuple[Name | None, Expr]:
    """The counter of a C-style loop and the numbers that it takes."""
    begun = [assigned(words, part) for part in fields(node, "initializer")]
    tests = [arithmetic(words, part) for part in fields(node, "condition")]
    steps = [assigned(words, part) for part in fields(node, "update")]
    span = words.span(node)
    match begun, tests, steps:
        case [(Name() as target, first, False), *_], [Op() as test], [
            (Name(id=same), Const(value=int(step)), True),
            *_,
        ] if same == target.id and step:
            return target, _counted(target.id, first, test, step, span) or other((first, test), target.line)
        case [(Name() as target, first, _), *_], _, _:
            return target, other((first, *tests), target.line)
    return None, other(tests, span[0][0])


def _counted(name: str, first: Expr, test: Op, step: int, span: tuple[tuple[int, int], tuple[int, int]]) -> Expr | None:
    match test:
        case Op(operator="Lt" | "LtE" | "Gt" | "GtE" | "NotEq" as operator, operands=(Name(id=same), last)) if (
            same == name
        ):
            pass
        case _:
            return None
    beyond = {"LtE": 1, "GtE": -1}.get(operator, 0)
    if isinstance(first, Const) and isinstance(last, Const):
        match first.value, last.value:
            case int() as low, int() as high:
                return numbers(range(low, high + beyond, step), *span)
    if beyond:
        (line, column), (end_line, end_column) = span
        last = Op("Add", (last, Const(beyond, line, column + 1, end_line, end_column + 1)), line)
    if step == 1:
        return call("range", (first, last), *span)
    (line, column), (end_line, end_column) = span
    return call("range", (first, last, Const(step, line, column + 1, end_line, end_column + 1)), *span)


def read_command(conditions: Sequence[Node], words: Words) -> Node | None:
    """The `read` in the condition of a loop over lines."""
    waiting = list(conditions)
    while waiting:
        node = waiting.pop()
        if node.type in ("list", "redirected_statement", "negated_command"):
            waiting += named(node)
        elif program(node, words) == "read":
            return node
    return None


def program(node: Node, words: Words) -> str:
    """The first word of a command as it stands; empty for everything else."""
    name = node.child_by_field_name("name") if node.type == "command" else None
    return words.text(name) if name is not None else ""
