"""Walks the statements of a script: branches, loops and functions; commands, pipelines and assignments go to their rooms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from seedlint.code.facts import Guard
from seedlint.code.readers.lowering import other
from seedlint.code.readers.shell_builtins import read_names
from seedlint.code.readers.shell_loops import c_style, read_command
from seedlint.code.readers.shell_tests import condition
from seedlint.code.readers.shell_tokens import Token
from seedlint.code.readers.shell_tree import fields, flattened, named
from seedlint.code.readers.shell_words import Words
from seedlint.code.syntax import Choice, Expr, Group, Name, Op

if TYPE_CHECKING:
    from tree_sitter import Node

    from seedlint.code.readers.shell_script import Script

MAX_GUARDS = 40
"""Conditions around one statement beyond which the outermost are forgotten."""

BRANCHES = ("elif_clause", "else_clause")
_LEAVING = frozenset({b"exit", b"return", b"continue", b"break"})


class Statements:
    """The statements of one script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._waiting: list[tuple[Node, Words]] = []

    def block(self, nodes: Iterable[Node], words: Words) -> None:
        """Walk statements in order; what follows `[ … ] && exit` runs under the opposite condition."""
        script = self.script
        outer = script.guards
        for node in nodes:
            left = self.statement(node, words)
            if left is not None:
                script.guards = (*script.guards, left)[-MAX_GUARDS:]
        script.guards = outer

    def statement(self, node: Node, words: Words) -> Guard | None:
        """Walk one statement of any kind. Gives the condition under which the script goes on where it may end here."""
        script = self.script
        match node.type:
            case "command":
                script.commands.command(node, words)
            case "redirected_statement":
                script.pipes.redirected(node, words)
            case "pipeline":
                script.pipes.pipeline(node, words)
            case "variable_assignment":
                script.values.assignment(node, words)
            case "declaration_command" | "variable_assignments":
                for child in named(node):
                    if child.type == "variable_assignment":
                        script.values.assignment(child, words)
            case "list":
                return self._chain(node, words)
            case "if_statement":
                return self._if(node, words)
            case "case_statement":
                self._case(node, words)
            case "for_statement":
                self._for(node, words)
            case "c_style_for_statement":
                self._c_style(node, words)
            case "while_statement":
                self._while(node, words)
            case "function_definition":
                self._waiting.append((node, words))
            case "test_command":
                condition(words, node)  # for the commands that are substituted in it
            case "postfix_expression" | "unary_expression" | "binary_expression":
                script.values.computed(node, words)
            case "program" | "compound_statement" | "do_group" | "subshell" | "negated_command" | "ERROR":
                self.block(named(node), words)
        return None

    def finish(self) -> None:
        """Walk the bodies of functions, which see what the script binds around them."""
        while self._waiting:
            node, words = self._waiting.pop(0)
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if name is not None and body is not None:
                with self.script.function(words.text(name), words.span(node)):
                    self.statement(body, words)

    # branches

    def _chain(self, node: Node, words: Words) -> Guard | None:
        """`a && b || c`: what follows a test runs under its condition."""
        parts = flattened(node)
        operators = {operator for operator, _ in parts[1:]}
        test = condition(words, parts[0][1])
        tests = [] if test is None else [test]
        if test is None:
            self.statement(parts[0][1], words)
        for operator, part in parts[1:]:
            with self.script.under(*([] if test is None else [Guard(test, operator == "&&")])):
                asked = condition(words, part)
                if asked is None:
                    self.statement(part, words)
            if asked is not None and operator == "&&":
                tests = [*tests, asked][-MAX_GUARDS:]
                test = asked if len(tests) == 1 else Choice("And", tuple(tests), None, words.start(part)[0])
        if test is not None and len(operators) == 1 and _leaves([parts[-1][1]], words):
            return Guard(test, operators == {"||"})
        return None

    def _if(self, node: Node, words: Words) -> Guard | None:
        conditions, body = _split(node)
        test = self._asked(conditions, words, node)
        with self.script.under(Guard(test, True)):
            self.block(body, words)
        failed = [Guard(test, False)]
        clauses = [child for child in node.named_children if child.type in BRANCHES]
        for clause in clauses:
            conditions, body = _split(clause)
            with self.script.under(*failed):
                tests = [self._asked(conditions, words, clause)] if conditions else []
                with self.script.under(*(Guard(test, True) for test in tests)):
                    self.block(body, words)
            failed = [*failed, *(Guard(test, False) for test in tests)][-MAX_GUARDS:]
        return failed[0] if not clauses and _leaves(body, words) else None

    def _asked(self, nodes: Sequence[Node], words: Words, node: Node) -> Expr:
        """What a condition asks; the commands in it run."""
        test = condition(words, nodes[-1]) if nodes else None
        self.block(nodes if test is None else nodes[:-1], words)
        return other((), words.start(node)[0]) if test is None else test

    def _case(self, node: Node, words: Words) -> None:
        subject = fields(node, "value")
        value = words.word(subject[0]) if subject else Name("", words.start(node)[0])
        failed: list[Guard] = []
        for item in named(node):
            if item.type != "case_item":
                continue
            patterns = fields(item, "value")
            seen = {pattern.id for pattern in patterns}
            body = [child for child in named(item) if child.id not in seen]
            if any(words.text(pattern) == "*" for pattern in patterns):
                with self.script.under(*failed):
                    self.block(body, words)
                continue
            line = words.start(item)[0]
            equal = tuple(Op("Eq", (value, words.value(pattern)), line) for pattern in patterns)
            test = equal[0] if len(equal) == 1 else Choice("Or", equal, None, line)
            with self.script.under(Guard(test, True)):
                self.block(body, words)
            failed.append(Guard(test, False))

    # loops

    def _for(self, node: Node, words: Words) -> None:
        variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        if variable is None or body is None:
            return
        values = fields(node, "value")
        line = words.start(node)[0]
        iterable = self.script.values.listed(values, words) if values else words.parameter("@", node)
        name = words.text(variable)
        self.script.values.turns(name, values, words, line)
        with self.script.looped("for", Name(name, line), iterable, words.span(node)):
            self.statement(body, words)

    def _c_style(self, node: Node, words: Words) -> None:
        body = node.child_by_field_name("body")
        if body is None:
            return
        target, iterable = c_style(node, words)
        if target is not None:
            self.script.variables.forget(target.id)
        with self.script.looped("for", target, iterable, words.span(node)):
            self.statement(body, words)

    def _while(self, node: Node, words: Words) -> None:
        """`while` and `until`; `while read` is a loop over the lines that come in."""
        conditions, body = fields(node, "condition"), node.child_by_field_name("body")
        if body is None:
            return
        reader = read_command(conditions, words)
        if reader is None:
            test = self._asked(conditions, words, node)
            with self.script.looped("while", None, test, words.span(node)):
                self.statement(body, words)
            return
        parts = [*fields(reader, "name"), *fields(reader, "argument")]
        names = read_names([Token(words.word(part), part, words) for part in parts])
        for name in names:
            self.script.variables.forget(name.id)
        line, column = words.start(reader)
        target = names[0] if len(names) == 1 else Group(tuple(names), line, column + 1)
        lines, self.script.lines = self.script.lines, None
        with self.script.looped("while", target, other((), line) if lines is None else lines, words.span(node)):
            self.statement(body, words)


def _split(node: Node) -> tuple[list[Node], list[Node]]:
    """The condition and the body of a branch: what stands before `then` and behind it."""
    before: list[Node] = []
    after: list[Node] = []
    present = after if node.type == "else_clause" else before
    for child in node.children:
        if child.type == "then":
            present = after
        elif child.is_named and child.type not in ("comment", *BRANCHES):
            present.append(child)
    return before, after


def _leaves(body: Sequence[Node], words: Words) -> bool:
    """Whether a body ends the script, the function or the turn."""
    while body and body[-1].type in ("compound_statement", "subshell"):
        body = named(body[-1])
    if not body or body[-1].type != "command":
        return False
    text = words.source.text[body[-1].start_byte : body[-1].end_byte].split(None, 1)
    return bool(text) and text[0] in _LEAVING
