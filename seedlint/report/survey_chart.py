"""The chart of a survey: the share of documents by primary use in each year, as in Figure 1 of Bethard (2022)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedlint.paper.tally import YearRow, risky_first
from seedlint.report.taxonomy import NAMES
from seedlint.uses import Use

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {
    Use.FIXED_SEED: "#D55E00",
    Use.PERFORMANCE_COMPARISON: "#E69F00",
    Use.MODEL_SELECTION: "#0072B2",
    Use.ENSEMBLE_CREATION: "#56B4E9",
    Use.SENSITIVITY_ANALYSIS: "#009E73",
}
"""Warm where risky; told apart by colour-blind readers, too (Okabe and Ito 2008)."""

RISKY_HATCH = "///"
MISSING = "the chart needs matplotlib; install it with: python -m pip install 'seedlint[plots]'"
UPRIGHT = 12
"""Over so many years the labels stand upright."""

WIDEST = 20.0
"""Inches."""


class ChartError(ValueError):
    """A chart that cannot be drawn, with the reason."""


def render(years: Sequence[YearRow]) -> dict[str, bytes]:
    """Return the chart as PNG and SVG by their suffixes; the same counts give the same bytes.

    Raises ChartError without matplotlib.
    """
    figure = draw(years)
    return {kind: _saved(figure, kind) for kind in ("png", "svg")}


def draw(years: Sequence[YearRow]) -> Figure:
    """Draw one bar for each of the years, in their order: its documents by primary use, in percent, their number above it."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ChartError(MISSING) from error
    places = [row.year for row in years]
    span = places[-1] - places[0] + 1
    figure = Figure(figsize=(min(max(6.4, 1.5 + 0.45 * span), WIDEST), 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    below = [0.0] * len(years)
    for use in risky_first():
        shares = [100 * row.primary.get(use, 0) / row.documents for row in years]
        hatch = None if use.safe else RISKY_HATCH
        name = f"{NAMES[use]} ({'safe' if use.safe else 'risky'})"
        axes.bar(places, shares, bottom=below, color=COLOURS[use], hatch=hatch, edgecolor="white", label=name)
        below = [low + share for low, share in zip(below, shares, strict=True)]
    for row in years:
        axes.annotate(f"{row.documents}", (row.year, 101), horizontalalignment="center")
    axes.set_ylim(0, 107)
    axes.set_xticks(places)
    axes.set_xlim(places[0] - 0.6, places[-1] + 0.6)
    axes.set_yticks(range(0, 101, 20))
    axes.set_ylabel("documents by primary use, %")
    axes.set_xlabel("year; above each bar, the documents with a primary use")
    if span > UPRIGHT:
        axes.tick_params("x", rotation=90)
    figure.legend(frameon=False, loc="outside upper left", ncols=2)
    return figure


def _saved(figure: Figure, kind: str) -> bytes:
    import matplotlib

    metadata = {"Date": None} if kind == "svg" else {}
    data = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "seedlint", "svg.fonttype": "none"}):
        figure.savefig(data, format=kind, dpi=200, facecolor="white", bbox_inches="tight", metadata=metadata)
    return data.getvalue()
