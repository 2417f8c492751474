"""The statistics of the reference trainer: pure functions of arrays, each with its assumptions and its source.

Scores are accuracies or any finite number for which more is better; `correct` marks which test examples a model got right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special, stats  # type: ignore[import-untyped]

from seedlint.wilson import wilson

Floats = NDArray[np.float64]

LEVEL = 0.95
"""The usual confidence level."""

ENUMERABLE = 20_000
"""So many rearrangements are enumerated for an exact p-value: two groups of 8 have 12,870."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval, ends included, of coverage `level`."""

    low: float
    high: float
    level: float

    def contains(self, value: float) -> bool:
        """Whether the value lies within the ends."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class PairedBootstrap:
    """Two models on one test set: accuracy(a) - accuracy(b), and the counts of examples that only one of them got right."""

    gap: float
    interval: Interval
    p_value: float
    wins: int
    losses: int
    n: int


@dataclass(frozen=True)
class Superiority:
    """P(A > B) + P(A = B) / 2: how probably a run of A beats a run of B. Families alike have 1/2."""

    probability: float
    interval: Interval


@dataclass(frozen=True)
class Spread:
    """How far n scores lie apart: standard deviation (nan for one score), least and greatest."""

    sd: float
    low: float
    high: float
    n: int


def accuracy_interval(correct: ArrayLike, level: float = LEVEL) -> Interval:
    """Wilson's score interval for the accuracy of one model over all examples like the n tested; `correct` is bool (n,).

    It keeps a width when all or none are correct. Wilson 1927; Brown, Cai and DasGupta 2001, section 3.1.1.
    """
    marks = _marks(correct)
    return _wilson(float(marks.mean()), marks.size, level)


def mean_interval(values: ArrayLike, level: float = LEVEL) -> Interval:
    """Student's t interval for the mean of independent scores (n,): the whole line for n = 1.

    Exact for normal scores. It misses rare failures: where one run in twenty diverges, a nominal 95 % covers about 70 % at
    n = 10 and 90 % at n = 50 (simulated).
    """
    scores = _scores(values)
    tail = _tail(level)
    if scores.size == 1:
        return Interval(-math.inf, math.inf, level)
    mean = float(scores.mean())
    reach = float(stats.t.isf(tail, scores.size - 1) * scores.std(ddof=1) / math.sqrt(scores.size))
    return Interval(mean - reach, mean + reach, level)


def paired_bootstrap(
    correct_a: ArrayLike,
    correct_b: ArrayLike,
    *,
    rng: np.random.Generator,
    resamples: int = 10_000,
    level: float = LEVEL,
) -> PairedBootstrap:
    """Compare two models on the same n test examples, both arguments bool (n,): it says nothing of other trainings of either.

    To resample examples changes only how many are won, lost and tied, so these counts are drawn from their multinomial.
    Percentile interval; two-sided p against the bootstrap distribution moved to gap 0, with one added above and below so
    that it is never 0. Where the models agree on every example the interval is Wilson's bound on the rate of disagreement.
    Dror et al. 2018, section 3.2; Berg-Kirkpatrick, Burkett and Klein 2012, section 2.
    """
    wins, losses, n = _discordant(correct_a, correct_b)
    tail = _tail(level)
    if resamples < 1:
        raise ValueError(f"resamples must be 1 or more, got {resamples}")
    if wins + losses == 0:
        reach = _wilson(0.0, n, level).high
        return PairedBootstrap(0.0, Interval(-reach, reach, level), 1.0, 0, 0, n)
    counts = rng.multinomial(n, [wins / n, losses / n, (n - wins - losses) / n], size=resamples)
    gaps = counts[:, 0] - counts[:, 1]
    gap = wins - losses
    low, high = np.quantile(gaps, [tail, 1 - tail]) / n
    p_value = (np.count_nonzero(np.abs(gaps - gap) >= abs(gap)) + 1) / (resamples + 1)
    return PairedBootstrap(gap / n, Interval(float(low), float(high), level), float(p_value), wins, losses, n)


def mcnemar(correct_a: ArrayLike, correct_b: ArrayLike) -> float:
    """McNemar's exact two-sided p that two models are equally accurate, from the same n test examples, both bool (n,).

    Never above its nominal error, and below it where few examples are discordant. McNemar 1947; Dietterich 1998.
    """
    wins, losses, _ = _discordant(correct_a, correct_b)
    return float(stats.binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def mann_whitney(a: ArrayLike, b: ArrayLike) -> float:
    """Two-sided p that independent runs a (n,) and b (m,) come from one distribution; Mann and Whitney 1947.

    Exact for small groups, with ties too; else normal, corrected for ties and continuity.
    """
    a, b = _scores(a), _scores(b)
    distinct = np.unique(np.concatenate([a, b])).size
    if distinct == 1:
        return 1.0
    enumerate_all = distinct < a.size + b.size and math.comb(a.size + b.size, a.size) <= ENUMERABLE
    method = stats.PermutationMethod(n_resamples=ENUMERABLE) if enumerate_all else "auto"
    return float(stats.mannwhitneyu(a, b, alternative="two-sided", method=method).pvalue)


def wilcoxon(a: ArrayLike, b: ArrayLike) -> float:
    """Two-sided p that the differences of the pairs a (n,) and b (n,) are symmetric about 0; Wilcoxon 1945.

    Pairs without a difference are dropped; none left gives 1. Exact up to 50 pairs (13 if differences tie), else normal.
    """
    differences = _differences(a, b)
    differences = differences[differences != 0]
    return float(stats.wilcoxon(differences).pvalue) if differences.size else 1.0


def superiority(a: ArrayLike, b: ArrayLike, level: float = LEVEL) -> Superiority:
    """The probability that a run of A beats one of B, from independent runs a (n,) and b (m,), with a score interval.

    Unlike a bootstrap's, the interval keeps a width where every run of one beats every run of the other. Its variance is that
    of exponential scores, at 1/2 the Mann-Whitney test's; where one family spreads two or three times as wide as the other,
    95 % covers 92 to 94 % (simulated). Newcombe 2006 (part 2), method 5; Hanley and McNeil 1982.
    """
    a, b = _scores(a), _scores(b)
    probability = _superiority(a, b)
    low = _newcombe_low(probability, a.size, b.size, level)
    high = 1 - _newcombe_low(1 - probability, a.size, b.size, level)
    return Superiority(probability, Interval(low, high, level))


def paired_superiority(a: ArrayLike, b: ArrayLike, level: float = LEVEL) -> Superiority:
    """The share of the pairs a (n,) and b (n,) that A wins, a tie as half, with Wilson's interval (too wide if many tie)."""
    signs = np.sign(_differences(a, b))
    probability = float((1 + signs.mean()) / 2)
    return Superiority(probability, _wilson(probability, signs.size, level))


def cliffs_delta(a: ArrayLike, b: ArrayLike) -> float:
    """P(A > B) - P(A < B) among independent runs a (n,) and b (m,), from -1 to 1; Cliff 1993."""
    return 2 * _superiority(_scores(a), _scores(b)) - 1


def rank_biserial(a: ArrayLike, b: ArrayLike) -> float:
    """Wilcoxon's rank sums of pairs a (n,) and b (n,), (for A - for B) / all, -1 to 1; 0 if no pair differs. Kerby 2014."""
    differences = _differences(a, b)
    differences = differences[differences != 0]
    ranks = stats.rankdata(np.abs(differences))
    return float(np.sign(differences) @ ranks / ranks.sum()) if ranks.size else 0.0


def holm(p_values: ArrayLike) -> Floats:
    """Adjust the p-values (k,) of k comparisons, in their order.

    To call those below alpha significant keeps the family-wise error at alpha, however they depend. Holm 1979; Dror et al. 2017.
    """
    p = _scores(p_values)
    if p.min() < 0 or p.max() > 1:
        raise ValueError(f"p-values lie in [0, 1], got {p.min():g} to {p.max():g}")
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(np.arange(p.size, 0, -1) * p[order]), 1)
    return adjusted


def expected_max(values: ArrayLike, n: ArrayLike) -> Floats:
    """Expected best validation score of n trials, for each n in (k,), from the scores (N,) of N trials of a random search.

    The mean of the maximum over all subsets of n: unbiased, where the estimate with replacement is too low. Trials must be
    independent draws from one search space, so neither adaptive nor halved. At n = N it is one observation, the best score.
    Introduced by Dodge et al. 2019, unbiased by Tang et al. 2020.
    """
    scores, budgets = np.sort(_scores(values)), _budgets(n)
    if budgets.max() > scores.size:
        raise ValueError(f"no expected best of {budgets.max()} trials can be had from {scores.size}")
    rank = np.arange(1, scores.size + 1)
    log_weights = _log_choose(rank - 1, budgets[:, None] - 1) - _log_choose(scores.size, budgets[:, None])
    return np.asarray(np.exp(log_weights) @ scores)


def expected_max_band(
    values: ArrayLike, n: ArrayLike, level: float = LEVEL, low: float = 0.0, high: float = 1.0
) -> tuple[Floats, Floats]:
    """Lower and upper ends, (k,) each, of a band that holds the expected best of n trials for every n at once.

    `values` (N,) are independent scores within [low, high], and n (k,) may pass N. The band on the distribution of scores
    holds at every N (Dvoretzky, Kiefer and Wolfowitz 1956; constant by Massart 1990), and the expected best is high minus the
    integral of its n-th power. A conservative band: curves whose bands part differ; curves whose bands meet may differ, too.
    """
    scores, budgets, tail = np.sort(_scores(values)), _budgets(n), _tail(level)
    if not low <= scores[0] <= scores[-1] <= high:
        raise ValueError(f"scores from {scores[0]:g} to {scores[-1]:g} leave the bounds [{low:g}, {high:g}]")
    reach = math.sqrt(-math.log(tail) / (2 * scores.size))
    steps = np.diff(scores, prepend=low, append=high)
    share = np.arange(scores.size + 1) / scores.size
    most, least = np.minimum(share + reach, 1), np.maximum(share - reach, 0)
    return high - most ** budgets[:, None] @ steps, high - least ** budgets[:, None] @ steps


def spread(values: ArrayLike) -> Spread:
    """The spread of scores (n,), as of one configuration under n seeds; the sd is the sample's (n - 1)."""
    scores = _scores(values)
    sd = float(scores.std(ddof=1)) if scores.size > 1 else math.nan
    return Spread(sd, float(scores.min()), float(scores.max()), scores.size)


def _wilson(share: float, n: int, level: float) -> Interval:
    low, high = wilson(share, n, float(stats.norm.isf(_tail(level))))
    return Interval(low, high, level)


def _superiority(a: Floats, b: Floats) -> float:
    b = np.sort(b)
    beaten_twice = np.searchsorted(b, a, "left") + np.searchsorted(b, a, "right")
    return float(beaten_twice.sum() / (2 * a.size * b.size))


def _newcombe_low(probability: float, n: int, m: int, level: float) -> float:
    """The lower root of (probability - x)^2 = z^2 variance(x); the upper one mirrors it, since the variance is symmetric."""
    z2 = float(stats.norm.isf(_tail(level))) ** 2
    others = (n + m) / 2 - 1

    def excess(x: float) -> float:
        shape = 1 + others * ((1 - x) / (2 - x) + x / (1 + x))
        return (probability - x) ** 2 - z2 * x * (1 - x) * shape / (n * m)

    # At probability 1 the estimate itself is a root, so the bracket stops short of it.
    return float(optimize.brentq(excess, 0.0, min(probability, 1 - 1e-9)))


def _log_choose(n: NDArray[np.int64] | int, k: NDArray[np.int64]) -> Floats:
    """The logarithm of the binomial coefficient, -inf where k > n."""
    return np.asarray(special.gammaln(n + 1.0) - special.gammaln(k + 1.0) - special.gammaln(n - k + 1.0))


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, got {level:g}")
    return (1 - level) / 2


def _scores(values: ArrayLike) -> Floats:
    scores = np.asarray(values, dtype=np.float64)
    if scores.ndim != 1 or not scores.size:
        raise ValueError(f"expected one dimension and at least one value, got shape {scores.shape}")
    if not np.isfinite(scores).all():
        raise ValueError("a value is NaN or infinite: count a diverged trial as chance first, do not drop it")
    return scores


def _differences(a: ArrayLike, b: ArrayLike) -> Floats:
    a, b = _scores(a), _scores(b)
    if a.size != b.size:
        raise ValueError(f"pairs need as many of a as of b, got {a.size} and {b.size}")
    # Without rounding .95 - .94 and .90 - .89 do not tie, and neither rank is earned.
    return np.round(a - b, 12)


def _marks(correct: ArrayLike) -> NDArray[np.bool_]:
    marks = np.asarray(correct)
    if marks.ndim != 1 or not marks.size:
        raise ValueError(f"expected one dimension and at least one test example, got shape {marks.shape}")
    if marks.dtype != np.bool_:
        raise ValueError(f"correctness is one bool per test example, got {marks.dtype}")
    return marks


def _discordant(correct_a: ArrayLike, correct_b: ArrayLike) -> tuple[int, int, int]:
    """How many examples only a got right, how many only b, and how many there are."""
    a, b = _marks(correct_a), _marks(correct_b)
    if a.size != b.size:
        raise ValueError(f"the models need the same test examples, got {a.size} and {b.size}")
    return int((a & ~b).sum()), int((b & ~a).sum()), a.size


def _budgets(n: ArrayLike) -> NDArray[np.int64]:
    budgets = np.asarray(n)
    if budgets.ndim != 1 or not budgets.size or not np.issubdtype(budgets.dtype, np.integer) or budgets.min() < 1:
        raise ValueError("n is an array of whole numbers of trials, each 1 or more")
    return budgets.astype(np.int64)
