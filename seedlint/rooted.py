"""The paths of a run as the analysis sees them: from the project's root, wherever the command is given."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from seedlint.code.analysis import Analysis
from seedlint.code.discover import Source
from seedlint.globs import below, slashed
from seedlint.uses import Evidence, FileError, SeedUse


class Rooted:
    """Sources under their paths from the root of their project, and what is said of them under the paths of the report.

    Where the command is given in a folder of the project, the paths of a report lead out of that folder, and imports and
    neighbours could not be told by them.
    """

    def __init__(self, sources: Iterable[Source], root: str | None) -> None:
        """Without a root, or outside of it, paths stay as they are."""
        self._shown: dict[str, str] = {}
        self._inner: dict[str, str] = {}
        found = []
        for source in sources:
            inside = below(slashed(os.fspath(source.location)), root) if root is not None else None
            path = inside or source.path
            self._shown[path] = source.path
            self._inner[source.path] = path
            found.append(source if path == source.path else replace(source, path=path))
        self.sources = sorted(found, key=lambda source: source.path)

    def inner(self, path: str) -> str:
        """The path as the analysis sees it."""
        return self._inner.get(path, path)

    def shown(self, analysis: Analysis) -> Analysis:
        """What was found, under the paths of the report and in their order."""
        uses = sorted(map(self.use, analysis.uses), key=lambda use: use.place.path)
        errors = tuple(FileError(self._path(error.path), error.message) for error in analysis.errors)
        return Analysis(tuple(uses), errors, frozenset(map(self._path, analysis.directives)))

    def use(self, use: SeedUse) -> SeedUse:
        """A use under the paths of the report."""
        return replace(
            use, place=replace(use.place, path=self._path(use.place.path)), evidence=self.steps(use.evidence)
        )

    def steps(self, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """Steps under the paths of the report."""
        return tuple(replace(step, path=self._path(step.path)) for step in evidence)

    def _path(self, path: str) -> str:
        return self._shown.get(path, path)
