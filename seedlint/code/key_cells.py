"""Answers whether the cells of a notebook train what is made of a JAX key: a guide makes many models, and trains few."""

from __future__ import annotations

from seedlint.code.collected import expressions
from seedlint.code.facts import CallSite
from seedlint.code.project import Project, Ref, names_bound
from seedlint.code.reach import END
from seedlint.code.syntax import Call, names_in, walk
from seedlint.code.training import Training


def is_trained(ref: Ref, key: Call, project: Project, training: Training) -> bool:
    """Whether a cell of a notebook trains what is made of a key, before another key makes it anew; True elsewhere."""
    scope = project.scope(ref)
    if not project.files[ref.path].cells or scope.kind != "module":
        return True
    steps = [site for site in scope.calls if training.site_reaches(ref, site)]
    if any(node is key for site in steps for node in walk(site.call)):
        return True
    made: set[str] = set()
    bindings = sorted((assign for assign in scope.assigns if assign.line >= key.line), key=lambda item: item.line)
    ends = [*(assign.line for assign in bindings[1:]), END]
    for assign, end in zip(bindings, ends, strict=False):
        names = names_bound(assign)
        if names_in(assign.value) & made or any(node is key for node in walk(assign.value)):
            made |= names
        elif not (assign.guards or assign.loops or assign.augmented):
            made -= names
        later = [site for site in steps if assign.line <= site.call.line <= end]
        if made and any(_reads(ref, site, project) & made for site in later):
            return True
    return False


def _reads(ref: Ref, site: CallSite, project: Project) -> set[str]:
    """The names that a call reads, itself or in the function of the same file that it runs."""
    symbol = project.callee(ref, site.call.func)
    read = names_in(site.call)
    if symbol is not None and symbol.ref.path == ref.path:
        read = read.union(*(names_in(expr) for expr in expressions(project.scope(symbol.ref))))
    return read
