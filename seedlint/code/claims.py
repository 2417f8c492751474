"""Finds the claim that a fixed seed makes results reproducible, where nothing asks for deterministic algorithms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from seedlint.code.calls import Calls
from seedlint.code.project import Project, Ref
from seedlint.code.readers.python import CLAIM
from seedlint.code.syntax import Const, access_path
from seedlint.uses import Circumstance, Confidence, Evidence, SeedUse

DENIAL = re.compile(
    r"\b(not|non|no|never|cannot|can't|n't|isn't|without|hardly|in)[\s-]*(fully |exactly |bitwise )?(reproduc|replicab|determinis)",
    re.I,
)
COMMENT = re.compile(r"#(.*)$")
ABOVE = 4
"""Lines of comment above a seed that still speak of it."""


def claims(
    uses: Iterable[SeedUse], project: Project, calls: Calls, lines_of: Callable[[str], list[str]]
) -> list[SeedUse]:
    """The fixed seeds whose comment or docstring promises what a seed alone does not give.

    A claim that stands elsewhere, as in a helper that seeds for every script, is noted once: at the first of its seeds.
    """
    found = []
    asking: dict[str, bool] = {}
    noted = set()
    for use in sorted(uses, key=lambda item: (item.place.path, item.place.line, item.place.column)):
        path = use.place.path
        if path not in asking:
            near = {path, *project.imported(path), *(step.path for step in use.evidence)}
            asking[path] = any(_asks(project, calls, item) for item in near if item in project.files)
        if asking[path]:
            continue
        claim = _claim(use, project, lines_of)
        if claim is None:
            continue
        direct = claim.path == use.place.path and claim.line in _speaking(lines_of(claim.path), use.place.line)
        if direct or (claim.path, claim.line) not in noted:
            noted.add((claim.path, claim.line))
            found.append(
                replace(
                    use, circumstance=Circumstance.CLAIM, evidence=(claim, *use.evidence), confidence=Confidence.MEDIUM
                )
            )
    return found


def _asks(project: Project, calls: Calls, path: str) -> bool:
    """Whether a file asks for deterministic algorithms."""
    apis = calls.apis
    for scope in project.files[path].scopes:
        ref = Ref(path, scope.index)
        for site in scope.calls:
            if project.external(ref, site.call.func) in apis.deterministic_calls:
                return True
            for key, value in site.call.keywords:
                if key in apis.deterministic_keywords and not (type(value) is Const and not value.value):
                    return True
        for assign in scope.assigns:
            target = access_path(assign.target)
            if target and any(target.endswith(name.split(".", 1)[-1]) for name in apis.deterministic_attributes):
                return not (type(assign.value) is Const and not assign.value.value)
    return False


def _claim(use: SeedUse, project: Project, lines_of: Callable[[str], list[str]]) -> Evidence | None:
    places = [(use.place.path, use.place.line), *((step.path, step.line) for step in use.evidence)]
    for path, line in dict.fromkeys(places):
        lines = lines_of(path)
        for number in _speaking(lines, line):
            match = COMMENT.search(lines[number - 1])
            if match and CLAIM.search(match[1]) and not DENIAL.search(match[1]):
                return Evidence(path, number, "the comment claims reproducibility")
    for path, line in dict.fromkeys(places):
        facts = project.files.get(path)
        for scope in reversed(facts.scopes) if facts else ():
            if scope.kind == "function" and scope.claims and scope.line <= line <= scope.end_line:
                return Evidence(path, scope.line, "the docstring claims reproducibility")
    return None


def _speaking(lines: list[str], line: int) -> list[int]:
    """The lines whose comment may speak of a line: its own, and the comment directly above."""
    found = [line] if line <= len(lines) else []
    above = line - 1
    while above >= 1 and line - above <= ABOVE and lines[above - 1].lstrip().startswith("#"):
        found.append(above)
        above -= 1
    return found
