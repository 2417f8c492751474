from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("scipy")
pytest.importorskip("matplotlib")

import matplotlib
from fabricated import best_comparison, fabricated, sensitivity

from seedlint.trainer import plots
from seedlint.trainer.comparison import scores, tuning_curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWN: dict[str, Callable[[], Figure]] = {
    "tuning curves": lambda: plots.tuning_curves([tuning_curve(fabricated("a")), tuning_curve(fabricated("b", 50))]),
    "distributions": lambda: plots.distributions([fabricated("a"), fabricated("b", 50)]),
    "spreads": lambda: plots.spreads(sensitivity()),
    "best": lambda: plots.best(best_comparison()),
}


def words(figure: Figure) -> list[str]:
    root = ElementTree.fromstring(plots.svg(figure))
    return ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]


def line(figure: Figure, label: str) -> Any:
    (found,) = (line for line in figure.axes[0].lines if line.get_label() == label)
    return found


@pytest.mark.parametrize("drawn", DRAWN)
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_same_results_give_the_same_bytes(drawn: str, suffix: str, tmp_path: Path) -> None:
    one, other = tmp_path / f"one.{suffix}", tmp_path / f"other.{suffix}"
    plots.save(DRAWN[drawn](), one)
    plots.save(DRAWN[drawn](), other)
    assert one.read_bytes() == other.read_bytes()
    assert one.read_bytes().startswith(b"\x89PNG" if suffix == "png" else b"<?xml")


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ("tuning curves", ["number of trials n", "expected best validation score, %", "best of n: a", "best of n: b"]),
        (
            "distributions",
            ["validation score, %", "share of trials at or below the score", "24 trials: a", "50 trials: b"],
        ),
        ("spreads", ["validation score of tiny, %: least to greatest", "initialisation", "data order", "dropout"]),
        ("best", ["test score of one", "minus other, points (95 % interval, n = 50)", "+10.0"]),
    ],
)
def test_axes_and_lines_say_what_they_are(drawn: str, expected: list[str]) -> None:
    assert set(expected) <= set(words(DRAWN[drawn]()))


def test_the_band_is_said_to_be_simultaneous() -> None:
    assert "Shaded: 95 % band for all n at once" in words(DRAWN["tuning curves"]())


def test_a_curve_is_drawn_to_half_of_the_trials_inside_its_band() -> None:
    curve = tuning_curve(fabricated("a", 50))
    figure = plots.tuning_curves([curve])
    x, y = line(figure, "best of n: a").get_data()
    assert (x[0], x[-1]) == (1, 25)
    assert np.allclose(y, 100 * curve.expected)
    (band,) = figure.axes[0].collections
    low, high = band.get_datalim(figure.axes[0].transData).intervaly
    assert (low, high) == pytest.approx((100 * curve.low.min(), 100 * curve.high.max()))


def test_the_curve_of_two_trials_is_a_visible_point() -> None:
    figure = plots.tuning_curves([tuning_curve(fabricated("a", 2))])
    assert line(figure, "best of n: a").get_marker() == "o"


def test_a_distribution_rises_from_the_worst_trial_to_one_at_the_best() -> None:
    study = fabricated("a")
    x, y = line(plots.distributions([study]), "24 trials: a").get_data()
    assert x[np.isfinite(x)].max() == pytest.approx(100 * scores(study).max())
    assert y[-1] == 1
    assert y[np.searchsorted(x, 100 * np.median(scores(study)))] == pytest.approx(0.5, abs=0.05)


def test_a_gap_is_drawn_in_its_interval_beside_the_line_of_no_difference() -> None:
    zero, interval, gap = plots.best(best_comparison()).axes[0].lines
    bootstrap = best_comparison().bootstrap
    assert set(zero.get_xdata()) == {0}
    assert list(interval.get_xdata()) == pytest.approx([100 * bootstrap.interval.low, 100 * bootstrap.interval.high])
    assert list(gap.get_xdata()) == pytest.approx([100 * bootstrap.gap])


def test_a_spread_is_drawn_from_the_least_score_to_the_greatest() -> None:
    found = sensitivity()
    for line, spread in zip(plots.spreads(found).axes[0].lines, found.spreads.values(), strict=True):
        assert list(line.get_xdata()) == pytest.approx([100 * spread.low, 100 * spread.high])


def test_no_two_of_many_lines_look_alike() -> None:
    figure = plots.distributions([fabricated(f"family {i}", 3) for i in range(12)])
    assert len({(line.get_color(), line.get_linestyle()) for line in figure.axes[0].lines}) == 12


@pytest.mark.parametrize("name", ["$x", "$x$ and $y$", r"$\frac{$", "_hidden", "a & <b>", "naïve\nBayes"])
def test_a_name_is_drawn_as_it_was_written(name: str) -> None:
    shown = " ".join(name.split())
    assert f"24 trials: {shown}" in words(plots.distributions([fabricated(name)]))


def test_a_long_name_is_cut() -> None:
    assert f"24 trials: {'x' * 47}…" in words(plots.distributions([fabricated("x" * 500)]))


@pytest.mark.parametrize("drawn", DRAWN)
def test_drawing_leaves_no_setting_of_matplotlib_changed(drawn: str, tmp_path: Path) -> None:
    with matplotlib.rc_context({"svg.hashsalt": "mine", "svg.fonttype": "path"}):
        before = dict(matplotlib.rcParams)
        plots.save(DRAWN[drawn](), tmp_path / "plot.svg")
        assert dict(matplotlib.rcParams) == before


def test_svg_does_not_say_when_it_was_drawn() -> None:
    assert "date>" not in plots.svg(DRAWN["best"]())


@pytest.mark.parametrize("name", ["plot.pdf", "plot"])
def test_another_suffix_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(plots.PlotError, match=r"saved as \.png or \.svg"):
        plots.save(DRAWN["best"](), tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(plots.PlotError, match=r"missing.plot\.png: No such file"):
        plots.save(DRAWN["best"](), tmp_path / "missing" / "plot.png")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert not plots.available()
    with pytest.raises(plots.PlotError, match=r"pip install 'seedlint\[plots\]'"):
        plots.best(best_comparison())
