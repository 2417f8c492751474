"""Where a file has Python look for modules besides the usual places: the folders that it adds to `sys.path`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seedlint.code.facts import FileFacts
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Name, dotted, tail, walk

ADDING = frozenset({"sys.path.append", "sys.path.insert", "sys.path.extend"})


def added_folders(facts: FileFacts) -> tuple[str, ...]:
    """The folders that a file adds to `sys.path`, as paths of the project: from its own folder, then from the root."""
    return tuple(dict.fromkeys(folder for expr in _added(facts) for folder in _folders(facts.path, expr)))


def _added(facts: FileFacts) -> Iterator[Expr]:
    """What a file adds, with lists of folders taken apart."""
    if facts.imports.get("sys") != "sys":
        return
    module = facts.scopes[0]
    values = [site.call.args[-1] for site in module.calls if site.call.args and dotted(site.call.func) in ADDING]
    values += [assign.value for assign in module.assigns if assign.augmented and dotted(assign.target) == "sys.path"]
    for value in values:
        yield from value.items if type(value) is Group else (value,)


def _folders(path: str, expr: Expr) -> Iterator[str]:
    """The folders of the project that an expression can mean: `"lib"`, `os.path.join(os.path.dirname(__file__), "..", "lib")`."""
    here = posixpath.dirname(path)
    nodes = list(walk(expr))
    words = [node.value for node in nodes if type(node) is Const and isinstance(node.value, str)]
    if any(type(node) is Name and node.id == "__file__" for node in nodes):
        steps = sum((type(node) is Call and tail(node) == "dirname") or _is_parent(node) for node in nodes)
        bases = [posixpath.join(here, *[".."] * (steps - 1))]
    else:
        bases = [here, ""] if words else []
    for base in bases:
        folder = posixpath.normpath(posixpath.join(base, *(word for word in words if not word.startswith("/"))))
        if not folder.startswith(".."):
            yield "" if folder == "." else folder


def _is_parent(expr: Expr) -> bool:
    """`.parent` of a path."""
    return type(expr) is Attr and expr.name == "parent"
