"""Pictures of results, drawn with matplotlib where it is installed. Lines differ in colour and in dashes."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seedlint.trainer.comparison import BestComparison, TuningCurve, scores
from seedlint.trainer.patterns import Sensitivity
from seedlint.trainer.study import Study
from seedlint.trainer.wording import level, points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#000000", "#CC79A7", "#E69F00", "#56B4E9")
"""Told apart by colour-blind readers, too (Okabe and Ito 2008)."""
DASHES = ("solid", "dashed", "dashdot", "dotted")
LONGEST_NAME = 48
MISSING = "plots need matplotlib: pip install 'seedlint[plots]'"


class PlotError(ValueError):
    """A picture that cannot be drawn or saved, with the reason."""


def available() -> bool:
    """Whether matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def tuning_curves(curves: Sequence[TuningCurve]) -> Figure:
    """Draw the expected best validation score against the number of trials, each in its simultaneous band."""
    figure, axes = _axes(height=4.2)
    for i, curve in enumerate(curves):
        colour, dashes = _line(i)
        alone = curve.n.size == 1
        axes.fill_between(curve.n, 100 * curve.low, 100 * curve.high, color=colour, alpha=0.13, linewidth=0)
        for end in (curve.low, curve.high):
            mark = "_" if alone else ""
            axes.plot(curve.n, 100 * end, marker=mark, color=colour, linestyle=dashes, linewidth=0.6)
        mark, label = "o" if alone else "", f"best of n: {_name(curve.family)}"
        axes.plot(curve.n, 100 * curve.expected, marker=mark, color=colour, linestyle=dashes, label=label)
    axes.set_xscale("log")
    axes.set_xlim(0.9, 1.1 * max([2, *(curve.n[-1] for curve in curves)]))
    _plain_log_ticks(axes)
    axes.set_xlabel("number of trials n")
    axes.set_ylabel("expected best validation score, %")
    _legend(axes, f"Shaded: {100 * curves[0].level:g} % band for all n at once")
    return figure


def distributions(studies: Sequence[Study]) -> Figure:
    """Draw the share of trials at or below each validation score (Radosavovic et al. 2020, section 3.1)."""
    figure, axes = _axes(height=4.2)
    for i, study in enumerate(studies):
        colour, dashes = _line(i)
        label = f"{len(study.trials)} trials: {_name(study.family)}"
        axes.ecdf(100 * scores(study), label=label, color=colour, linestyle=dashes)
    axes.set_xlabel("validation score, %")
    axes.set_ylabel("share of trials at or below the score")
    _legend(axes)
    return figure


def spreads(sensitivity: Sensitivity) -> Figure:
    """Draw the range of validation scores by what was varied, with its standard deviation in words."""
    rows = list(sensitivity.spreads.values())
    figure, axes = _axes(height=0.9 + 0.4 * len(rows))
    for row, spread in enumerate(rows):
        axes.plot([100 * spread.low, 100 * spread.high], [row, row], "|-", color=COLOURS[0], markersize=10)
        words = f"sd {points(spread.sd)} points, n = {spread.n}"
        axes.annotate(words, (1.02, row), xycoords=("axes fraction", "data"), verticalalignment="center")
    axes.spines["left"].set_visible(False)
    axes.tick_params("y", length=0)
    axes.set_yticks(range(len(rows)), list(sensitivity.spreads))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(f"validation score of {_name(sensitivity.family)}, %: least to greatest")
    return figure


def best(comparison: BestComparison) -> Figure:
    """Draw the gap between two selected models on the test set, its interval, and the line of no difference."""
    bootstrap = comparison.bootstrap
    gap, low, high = (100 * value for value in (bootstrap.gap, bootstrap.interval.low, bootstrap.interval.high))
    figure, axes = _axes(height=1.7)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.plot([low, high], [0, 0], "|-", color=COLOURS[0], markersize=12)
    axes.plot([gap], [0], "o", color=COLOURS[0])
    shown = f"{gap:+.1f}".replace("-", "−")
    axes.annotate(shown, (gap, 0), xytext=(0, 9), textcoords="offset points", horizontalalignment="center")
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.set_ylim(-1, 1)
    first, second = _name(comparison.first.family), _name(comparison.second.family)
    axes.set_xlabel(f"test score of {first}\nminus {second}, points ({level(bootstrap.interval)}, n = {bootstrap.n})")
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write PNG or SVG, as the suffix says; the same figure gives the same bytes."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("png", "svg"):
        raise PlotError(f"{path}: a plot is saved as .png or .svg")
    try:
        path.write_bytes(_rendered(figure, kind, "white"))
    except OSError as error:
        raise PlotError(f"{path}: {error.strerror}") from error


def svg(figure: Figure) -> str:
    """Return the figure as SVG without a background."""
    return _rendered(figure, "svg", "none").decode()


def _rendered(figure: Figure, kind: str, background: str) -> bytes:
    import matplotlib

    metadata = {"Date": None} if kind == "svg" else {}
    data = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "seedlint", "svg.fonttype": "none"}):
        figure.savefig(data, format=kind, dpi=200, facecolor=background, bbox_inches="tight", metadata=metadata)
    return data.getvalue()


def _axes(height: float) -> tuple[Figure, Axes]:
    """Return an empty figure, 6.4 inches wide and `height` inches high, and its axes."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PlotError(MISSING) from error
    figure = Figure(figsize=(6.4, height), layout="constrained")
    axes = figure.add_subplot(facecolor="none")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _line(i: int) -> tuple[str, str]:
    return COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)]


def _legend(axes: Axes, title: str | None = None) -> None:
    axes.legend(title=title, frameon=False, loc="lower left", bbox_to_anchor=(0, 1), alignment="left")


def _plain_log_ticks(axes: Axes) -> None:
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_locator(NullLocator())


def _name(family: str) -> str:
    """Return a family's name in one line that is not read as mathematics."""
    name = " ".join(family.split())
    return (name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…").replace("$", r"\$")
