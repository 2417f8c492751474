"""Finds plots of the mean curve of each system with a band over its runs."""

from __future__ import annotations

import re

from seedlint.code.facts import CallSite
from seedlint.code.project import Ref
from seedlint.code.syntax import Const
from seedlint.code.vocabulary import SYSTEM_COLUMN
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use


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
