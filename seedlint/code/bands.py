"""Finds plots of the mean curve of each system with a band over its runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedlint.code.calls import speaks_of_seed
from seedlint.code.collected import expressions
from seedlint.code.facts import CallSite, FileFacts
from seedlint.code.project import Ref
from seedlint.code.syntax import Const, tail, walk
from seedlint.code.vocabulary import SYSTEM_COLUMN
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use

SUMMARIES = re.compile(r"mean_(sd|se|cl)")
"""Summaries of a layer that draw a mean with its spread: `mean_sdl`, `mean_se`, `mean_cl_boot`."""

GROUPS = frozenset({"color", "colour", "fill", "linetype", "shape"})
"""Aesthetics that set the systems apart."""


def summaries(facts: FileFacts) -> Iterator[tuple[Ref, CallSite]]:
    """The first layer of each plot that shows mean and spread of what its colours tell apart, in a file that knows of seeds."""
    if not _knows_seeds(facts):
        return
    for scope in facts.scopes:
        coloured = shown = False
        for site in sorted(scope.calls, key=lambda site: (site.call.line, site.call.column)):
            if tail(site.call.func) == "ggplot":
                coloured = shown = False
            coloured = coloured or (tail(site.call.func) == "aes" and _tells_apart(site))
            if tail(site.call.func) == "stat_summary" and coloured and not shown and _summarises(site):
                shown = True
                yield Ref(facts.path, scope.index), site


def _knows_seeds(facts: FileFacts) -> bool:
    """Whether the rows of a file's tables are of seeds: a string or a key says so."""
    values = (value for scope in facts.scopes for value in expressions(scope))
    texts = (node.value for value in values for node in walk(value) if type(node) is Const)
    return any(isinstance(text, str) and speaks_of_seed(text) for text in texts)


def _tells_apart(site: CallSite) -> bool:
    """Whether colours tell columns of text apart, other than the seeds: `aes(color="method")`."""
    return any(
        key in GROUPS and type(value) is Const and isinstance(value.value, str) and not speaks_of_seed(value.value)
        for key, value in site.call.keywords
    )


def _summarises(site: CallSite) -> bool:
    return any(
        key == "fun_data" and type(value) is Const and SUMMARIES.match(str(value.value)) is not None
        for key, value in site.call.keywords
    )


def draws_band(site: CallSite) -> bool:
    """Whether a plot shows the mean curve of each system with a band over its runs: `lineplot(x="step", hue="agent", ci="sd")`."""
    given = dict(site.call.keywords)
    band = given.get("ci", given.get("errorbar"))
    if band is None or "hue" not in given or (type(band) is Const and not band.value):
        return False
    steps, hue = given.get("x"), given["hue"]
    over_steps = type(steps) is Const and bool(re.search(r"step|epoch|frame|iter", str(steps.value), re.I))
    return over_steps and type(hue) is Const and bool(SYSTEM_COLUMN.search(str(hue.value)))


def band_use(ref: Ref, site: CallSite) -> SeedUse:
    """The use that such a plot shows."""
    evidence = (Evidence(ref.path, site.call.line, "the mean curve of each system, with a band over its runs"),)
    place = Place(ref.path, site.call.line, site.call.column)
    words = ("logged runs", "the curves of the runs")
    return SeedUse(Use.PERFORMANCE_COMPARISON, Circumstance.COMPARISON, place, evidence, Confidence.LOW, *words)
