"""Shows the facts of scripts as short texts, so that tests read like the scripts they are about."""

from __future__ import annotations

from textwrap import dedent

from seedlint.code.facts import FileFacts, Guard, Scope
from seedlint.code.readers.shell import read_script
from seedlint.code.syntax import Attr, Call, Choice, Const, Expr, Group, Item, Name, Op, Other, Text, command_name, walk


def script(text: str) -> FileFacts:
    return read_script("run.sh", dedent(text))


def shown(expr: Expr | None) -> str:
    match expr:
        case Const(value=str() as value):
            return repr(value)
        case Const():
            return str(expr.value)
        case Name():
            return expr.id
        case Attr():
            return f"{shown(expr.base)}.{expr.name}"
        case Item():
            return f"{shown(expr.base)}[{shown(expr.key)}]"
        case Call():
            words = [shown(word) for word in expr.args] + [f"{key}={shown(value)}" for key, value in expr.keywords]
            return f"{command_name(expr) or shown(expr.func)}({', '.join(words)})"
        case Op():
            return f"{expr.operator}({', '.join(map(shown, expr.operands))})"
        case Choice():
            test = f" if {shown(expr.test)}" if expr.test is not None else ""
            return f"{expr.operator}({', '.join(map(shown, expr.options))}{test})"
        case Group():
            return f"[{', '.join(map(shown, expr.items))}]"
        case Text():
            return " + ".join(map(shown, expr.parts))
        case Other():
            return f"?({', '.join(map(shown, expr.children))})"
    return "-"


def commands(facts: FileFacts, scope: int = 0) -> list[str]:
    """The commands of a scope, pipelines aside."""
    return [shown(site.call) for site in facts.scopes[scope].calls if command_name(site.call) != "|"]


def assigns(facts: FileFacts, scope: int = 0) -> list[str]:
    return [
        f"{shown(item.target)} {'+=' if item.augmented else '='} {shown(item.value)}"
        for item in facts.scopes[scope].assigns
    ]


def loops(facts: FileFacts, scope: int = 0) -> list[str]:
    return [f"{loop.kind} {shown(loop.target)} in {shown(loop.iterable)}" for loop in facts.scopes[scope].loops]


def guards(conditions: tuple[Guard, ...]) -> str:
    return ", ".join(("" if guard.holds else "not ") + shown(guard.test) for guard in conditions)


def function(facts: FileFacts, name: str) -> Scope:
    return next(scope for scope in facts.scopes if scope.name == name)


def places(facts: FileFacts, value: object) -> list[tuple[int, int]]:
    """Where the constants of this value stand that are words of commands."""
    found = []
    for scope in facts.scopes:
        for site in scope.calls:
            for node in walk(site.call):
                if type(node) is Const and node.value == value and type(node.value) is type(value):
                    found.append((node.line, node.column))
    return sorted(set(found))
