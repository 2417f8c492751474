"""Numbers as a paper prints them. Scores are fractions; they are printed in percent, and differences of them in points."""

from __future__ import annotations

from collections.abc import Sequence

from seedlint.trainer.stats import Interval


def percent(score: float) -> str:
    """0.951 → 95.1 %."""
    return f"{100 * score:.1f} %"


def points(difference: float) -> str:
    """0.0036 → 0.36."""
    return f"{100 * difference:.2f}"


def level(interval: Interval) -> str:
    """Name the interval by its level: 95 % interval."""
    return f"{100 * interval.level:g} % interval"


def percents(interval: Interval) -> str:
    """Name an interval of scores and its ends in percent."""
    return f"{level(interval)} {100 * interval.low:.1f} to {100 * interval.high:.1f}"


def fractions(interval: Interval) -> str:
    """Name an interval of probabilities and its ends."""
    return f"{level(interval)} {interval.low:.2f} to {interval.high:.2f}"


def gap(difference: float, interval: Interval) -> str:
    """Print a difference of scores in points, never without its interval."""
    ends = f"{100 * interval.low:+.1f} to {100 * interval.high:+.1f}"
    return f"{100 * difference:+.1f} points ({level(interval)} {ends})"


def listed(names: Sequence[str]) -> str:
    """Join names as prose does: seed, lr and dropout."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names) or "nothing"


def p(value: float) -> str:
    """Print a p-value to three places, or to one digit where that is 0."""
    return f"p = {value:.3f}" if value >= 0.0005 else f"p = {value:.0e}"
