"""Reads one Python file into facts: stdlib `ast`, one pass, no metadata."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from seedlint.code.facts import GIVEN, Assign, CallSite, FileFacts, Guard, Loop, Param, Return, Scope
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.syntax import (
    Attr,
    Call,
    Choice,
    Comp,
    Const,
    Expr,
    Group,
    Item,
    Lambda,
    Name,
    Op,
    Other,
    Table,
    Text,
)

CLAIM = re.compile(
    r"reproduc|replicab|determinis(?!tic[\s-]+(polic|actor|action|agent|version|env|annealing|algorithm|model|gradient))",
    re.IGNORECASE,
)
"""What promises that a run can be had again; a deterministic policy or model is something else."""

CHANCE = re.compile(r"seed|random|result|run|experiment", re.IGNORECASE)
"""What a docstring's sentence speaks of if its promise is one of repeated runs."""

OLD_NAME = re.compile(
    rb"(?<![\w\"'-])(?:(async)(?!\s+(?:def|for|with)\b)|(await)(?=[ \t]*(?:[=,.):\]]|$)))(?![\w\"'-])", re.MULTILINE
)
"""`async` and `await` where they name something, as they could before Python 3.7: `tensor.cuda(async=True)`."""

MAX_DISPLAY = 64
"""Longer list and dict displays are data tables, not seeds or methods; their rest is dropped."""


def read_python(path: str, content: bytes) -> FileFacts:
    """The facts of one file. Raises UnreadableSource with a one-line reason."""
    try:
        tree = _parsed(path, content)
    except SyntaxError as error:
        raise UnreadableSource(_syntax_reason(error, content)) from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableSource("nested too deeply to parse") from error
    except ValueError as error:
        raise UnreadableSource(f"cannot be parsed: {error}") from error
    try:
        return _Reader(path).read(tree)
    except RecursionError as error:
        raise UnreadableSource("nested too deeply to analyse") from error


def with_new_names(content: bytes) -> bytes:
    """The source with names that have become keywords since replaced by others of the same length."""
    return OLD_NAME.sub(lambda match: b"asynk" if match[1] else b"awayt", content)


def _parsed(path: str, content: bytes) -> ast.Module:
    """The tree of a file, also of one that only an older Python can run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the compiler dislikes about the file is another linter's matter
        try:
            return ast.parse(content, filename=path)
        except SyntaxError as error:
            from seedlint.code.readers.python2 import as_python3

            renamed = with_new_names(content)
            for older in dict.fromkeys((renamed, as_python3(content))):
                try:
                    return ast.parse(older, filename=path)
                except (SyntaxError, ValueError):
                    continue
            raise error from None


def _syntax_reason(error: SyntaxError, content: bytes) -> str:
    if not error.lineno:
        return f"cannot be decoded: {error.msg}"
    text = re.search(rb"(?m)^\s*(print\s+[\"'\w%]|exec\s+[\"'\w]|raise\s+\w+\s*,|except\s+\w+\s*,\s*\w+\s*:)", content)
    hint = " (Python 2?)" if text else ""
    return f"line {error.lineno}: {error.msg}{hint}"


class _Reader:
    """One walk over one tree; state is the scope, the loops and the guards around the present statement."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.scopes: list[Scope] = []
        self.imports: dict[str, str] = {}
        self.stars: list[str] = []
        self.scope = Scope(0, -1, "module", "", 1, 1)
        self.loops: tuple[int, ...] = ()
        self.guards: tuple[Guard, ...] = ()

    def read(self, tree: ast.Module) -> FileFacts:
        self.scopes.append(self.scope)
        self.scope.claims = _claims(tree.body)
        self.scope.end_line = max((node.end_lineno or 1 for node in tree.body), default=1)
        self._block(tree.body)
        return FileFacts(self.path, self.scopes, self.imports, tuple(self.stars))

    # statements

    def _block(self, body: Iterable[ast.stmt]) -> None:
        outer = self.guards
        for statement in body:
            self._statement(statement)
            if isinstance(statement, ast.If) and not statement.orelse and _leaves(statement.body):
                self.guards = (*self.guards, Guard(self._quiet(statement.test), False))
        self.guards = outer

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign():
                value = self._expr(node.value)
                for target in node.targets:
                    self._bind(target, value, node)
            case ast.AnnAssign():
                if node.value is not None:
                    self._bind(node.target, self._expr(node.value), node, annotation=_text(node.annotation))
                elif self.scope.kind == "class" and isinstance(node.target, ast.Name):
                    self._bind(node.target, GIVEN, node, annotation=_text(node.annotation))
            case ast.AugAssign():
                self._bind(node.target, self._expr(node.value), node, augmented=True)
            case ast.Expr():
                self._expr(node.value)
            case ast.Return():
                if node.value is not None:
                    self._returned(node.value, node.lineno)
            case ast.If():
                test = self._expr(node.test)
                self._guarded(node.body, Guard(test, True))
                self._guarded(node.orelse, Guard(test, False))
            case ast.For() | ast.AsyncFor():
                self._loop("for", self._expr(node.target), self._expr(node.iter), node, node.body)
                self._block(node.orelse)
            case ast.While():
                self._loop("while", None, self._expr(node.test), node, node.body)
                self._block(node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    value = self._expr(item.context_expr)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, value, node)
                self._block(node.body)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.ClassDef():
                self._class(node)
            case ast.Import():
                for name in node.names:
                    self.imports[name.asname or name.name.split(".")[0]] = (
                        name.name if name.asname else name.name.split(".")[0]
                    )
            case ast.ImportFrom():
                self._import_from(node)
            case ast.Match():
                subject = self._expr(node.subject)
                for case in node.cases:
                    self._guarded(case.body, Guard(Other((subject,), node.lineno), True))
            case ast.Try():
                self._block(node.body)
                for handler in node.handlers:
                    self._block(handler.body)
                self._block(node.orelse)
                self._block(node.finalbody)
            case _:
                if type(node).__name__ == "TryStar":
                    self._block(getattr(node, "body", []))
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._expr(child)

    def _guarded(self, body: list[ast.stmt], guard: Guard) -> None:
        outer = self.guards
        self.guards = (*outer, guard)
        self._block(body)
        self.guards = outer

    def _bind(
        self, target: ast.expr, value: Expr, node: ast.AST, *, augmented: bool = False, annotation: str = ""
    ) -> None:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        place = self._expr(target)
        self.scope.assigns.append(Assign(place, value, line, column, self.loops, self.guards, augmented, annotation))

    def _returned(self, value: ast.expr, line: int) -> Expr:
        expr = self._expr(value)
        self.scope.returns.append(Return(expr, line, self.loops, self.guards))
        return expr

    def _loop(
        self, kind: str, target: Expr | None, iterable: Expr, node: ast.stmt | ast.expr, body: list[ast.stmt]
    ) -> None:
        index = len(self.scope.loops)
        loop = Loop(
            index, kind, target, iterable, node.lineno, node.col_offset, node.end_lineno or node.lineno, self.loops
        )
        self.scope.loops.append(loop)
        outer = self.loops
        self.loops = (*outer, index)
        self._block(body)
        self.loops = outer

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = tuple(self._expr(item) for item in node.decorator_list)
        params = self._params(node.args)
        scope = self._open("function", node.name, node.lineno, node.end_lineno or node.lineno)
        scope.params, scope.decorators = params, decorators
        scope.claims = _claims(node.body)
        self._inside(scope, node.body)

    def _class(self, node: ast.ClassDef) -> None:
        decorators = tuple(self._expr(item) for item in node.decorator_list)
        bases = tuple(self._expr(item) for item in node.bases)
        scope = self._open("class", node.name, node.lineno, node.end_lineno or node.lineno)
        scope.bases, scope.decorators = bases, decorators
        scope.claims = _claims(node.body)
        self._inside(scope, node.body)

    def _open(self, kind: str, name: str, line: int, end_line: int) -> Scope:
        scope = Scope(len(self.scopes), self.scope.index, kind, name, line, end_line)
        self.scopes.append(scope)
        self.scope.children.append(scope.index)
        return scope

    def _inside(self, scope: Scope, body: list[ast.stmt]) -> None:
        outer = self.scope, self.loops, self.guards
        self.scope, self.loops, self.guards = scope, (), ()
        self._block(body)
        self.scope, self.loops, self.guards = outer

    def _params(self, args: ast.arguments) -> tuple[Param, ...]:
        plain = [*args.posonlyargs, *args.args]
        defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
        pairs = [*zip(plain, defaults, strict=True), *zip(args.kwonlyargs, args.kw_defaults, strict=True)]
        params = [
            Param(arg.arg, None if default is None else self._expr(default), _text(arg.annotation), arg.lineno)
            for arg, default in pairs
        ]
        for arg in (args.vararg, args.kwarg):
            if arg is not None:
                params.append(Param("*" + arg.arg, None, "", arg.lineno))
        return tuple(params)

    def _import_from(self, node: ast.ImportFrom) -> None:
        source = "." * node.level + (node.module or "")
        for name in node.names:
            if name.name == "*":
                self.stars.append(source)
            else:
                joint = "" if source.endswith(".") or not source else "."
                self.imports[name.asname or name.name] = f"{source}{joint}{name.name}"

    # expressions

    def _quiet(self, node: ast.expr) -> Expr:
        """An expression that was recorded before: its calls are not recorded again."""
        calls, assigns, loops = len(self.scope.calls), len(self.scope.assigns), len(self.scope.loops)
        expr = self._expr(node)
        del self.scope.calls[calls:], self.scope.assigns[assigns:], self.scope.loops[loops:]
        return expr

    def _expr(self, node: ast.expr) -> Expr:
        handler = _HANDLERS.get(type(node))
        if handler is None:
            inner = tuple(self._expr(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
            return Other(inner, node.lineno)
        return handler(self, node)

    def _constant(self, node: ast.Constant) -> Expr:
        value = node.value if isinstance(node.value, (int, float, str, bool)) else None
        end = node.end_lineno or node.lineno, (node.end_col_offset or node.col_offset) + 1
        return Const(value, node.lineno, node.col_offset + 1, *end)

    def _name(self, node: ast.Name) -> Expr:
        return Name(node.id, node.lineno)

    def _attribute(self, node: ast.Attribute) -> Expr:
        return Attr(self._expr(node.value), node.attr, node.end_lineno or node.lineno)

    def _subscript(self, node: ast.Subscript) -> Expr:
        return Item(self._expr(node.value), self._expr(node.slice), node.lineno)

    def _call(self, node: ast.Call) -> Expr:
        call = Call(
            self._expr(node.func),
            tuple(self._expr(arg) for arg in node.args),
            tuple((keyword.arg, self._expr(keyword.value)) for keyword in node.keywords),
            node.lineno,
            node.col_offset + 1,
            node.end_lineno or node.lineno,
            (node.end_col_offset or 0) + 1,
        )
        self.scope.calls.append(CallSite(call, self.loops, self.guards))
        return call

    def _binary(self, node: ast.BinOp) -> Expr:
        return Op(type(node.op).__name__, (self._expr(node.left), self._expr(node.right)), node.lineno)

    def _unary(self, node: ast.UnaryOp) -> Expr:
        inner = self._expr(node.operand)
        if isinstance(node.op, ast.USub) and type(inner) is Const and isinstance(inner.value, (int, float)):
            return Const(-inner.value, inner.line, node.col_offset + 1, inner.end_line, inner.end_column)
        return Op(type(node.op).__name__, (inner,), node.lineno)

    def _compare(self, node: ast.Compare) -> Expr:
        operands = (self._expr(node.left), *(self._expr(item) for item in node.comparators))
        return Op(type(node.ops[0]).__name__, operands, node.lineno)

    def _boolean(self, node: ast.BoolOp) -> Expr:
        return Choice(type(node.op).__name__, tuple(self._expr(value) for value in node.values), None, node.lineno)

    def _conditional(self, node: ast.IfExp) -> Expr:
        test = self._expr(node.test)
        return Choice("IfExp", (self._expr(node.body), self._expr(node.orelse)), test, node.lineno)

    def _display(self, node: ast.List | ast.Tuple | ast.Set) -> Expr:
        items = tuple(self._expr(item) for item in node.elts[:MAX_DISPLAY])
        return Group(items, node.lineno, node.col_offset + 1)

    def _dict(self, node: ast.Dict) -> Expr:
        pairs = list(zip(node.keys, node.values, strict=True))[:MAX_DISPLAY]
        return Table(
            tuple((None if key is None else self._expr(key), self._expr(value)) for key, value in pairs), node.lineno
        )

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Expr:
        outer = self.loops
        for generator in node.generators:
            iterable = self._expr(generator.iter)
            index = len(self.scope.loops)
            end = node.end_lineno or node.lineno
            self.scope.loops.append(
                Loop(
                    index,
                    "comprehension",
                    self._expr(generator.target),
                    iterable,
                    generator.target.lineno,
                    generator.target.col_offset,
                    end,
                    self.loops,
                )
            )
            self.loops = (*self.loops, index)
            for test in generator.ifs:
                self._expr(test)
        if isinstance(node, ast.DictComp):
            element: Expr = Table(((self._expr(node.key), self._expr(node.value)),), node.lineno)
        else:
            element = self._expr(node.elt)
        indices = self.loops[len(outer) :]
        self.loops = outer
        return Comp(element, indices, node.lineno)

    def _lambda(self, node: ast.Lambda) -> Expr:
        names = tuple(arg.arg for arg in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs])
        return Lambda(names, self._expr(node.body), node.lineno)

    def _joined(self, node: ast.JoinedStr) -> Expr:
        parts = [item.value if isinstance(item, ast.FormattedValue) else item for item in node.values]
        return Text(tuple(self._expr(part) for part in parts), node.lineno)

    def _walrus(self, node: ast.NamedExpr) -> Expr:
        value = self._expr(node.value)
        self._bind(node.target, value, node)
        return value

    def _passing(self, node: ast.Await | ast.Starred) -> Expr:
        return self._expr(node.value)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Expr:
        return self._returned(node.value, node.lineno) if node.value is not None else Other((), node.lineno)


_HANDLERS: dict[type[ast.expr], Callable[[_Reader, Any], Expr]] = {
    ast.Constant: _Reader._constant,
    ast.Name: _Reader._name,
    ast.Attribute: _Reader._attribute,
    ast.Subscript: _Reader._subscript,
    ast.Call: _Reader._call,
    ast.BinOp: _Reader._binary,
    ast.UnaryOp: _Reader._unary,
    ast.Compare: _Reader._compare,
    ast.BoolOp: _Reader._boolean,
    ast.IfExp: _Reader._conditional,
    ast.List: _Reader._display,
    ast.Tuple: _Reader._display,
    ast.Set: _Reader._display,
    ast.Dict: _Reader._dict,
    ast.ListComp: _Reader._comprehension,
    ast.SetComp: _Reader._comprehension,
    ast.GeneratorExp: _Reader._comprehension,
    ast.DictComp: _Reader._comprehension,
    ast.Lambda: _Reader._lambda,
    ast.JoinedStr: _Reader._joined,
    ast.NamedExpr: _Reader._walrus,
    ast.Await: _Reader._passing,
    ast.Starred: _Reader._passing,
    ast.Yield: _Reader._yield,
    ast.YieldFrom: _Reader._yield,
}


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _text(node: ast.expr | None) -> str:
    """An annotation as its dotted name; the inner one of Optional[X], X | None and "X"."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{_text(node.value)}.{node.attr}"
        case ast.Constant(value=str()):
            return str(node.value)
        case ast.Subscript():
            outer = _text(node.value).rpartition(".")[2]
            return _text(node.slice) if outer in {"Optional", "Final", "Annotated", "Union"} else _text(node.value)
        case ast.Tuple() if node.elts:
            return _text(node.elts[0])
        case ast.BinOp():
            return _text(node.left) if _text(node.left) != "None" else _text(node.right)
    return ""


def _claims(body: list[ast.stmt]) -> bool:
    match body:
        case [ast.Expr(value=ast.Constant(value=str() as text)), *_]:
            sentences = re.split(r"[.;:]\s|\n\s*\n", text)
            return any(CLAIM.search(sentence) and CHANCE.search(sentence) for sentence in sentences)
    return False
