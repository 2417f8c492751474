"""The statistics against scipy, brute force and opda, and, simulated, against the errors and coverages that they promise."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import combinations, product

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("scipy")

from scipy import stats as scipy_stats

from seedlint.trainer import stats

REPETITIONS = 4_000

Marks = NDArray[np.bool_]
Scores = NDArray[np.float64]


def marks(right: int, n: int) -> Marks:
    return np.arange(n) < right


def covers(intervals: Iterable[stats.Interval], truth: float) -> float:
    return float(np.mean([interval.contains(truth) for interval in intervals]))


def binomial_coverage(interval_of: Callable[[int], stats.Interval], n: int, share: float) -> float:
    """The exact coverage of a share by the interval for k of n, over all k."""
    chance = scipy_stats.binom.pmf(np.arange(n + 1), n, share)
    return float(sum(chance[k] for k in range(n + 1) if interval_of(k).contains(share)))


def two_models(rng: np.random.Generator, better_on_hard: float = 0.5) -> tuple[Marks, Marks]:
    """Two models on REPETITIONS test sets of 1,000: most examples easy for both, 10 % too hard, 15 % a coin's toss."""
    kinds = rng.choice(3, p=[0.75, 0.10, 0.15], size=(REPETITIONS, 1000))
    a = rng.random(kinds.shape) < np.array([0.995, 0.02, better_on_hard])[kinds]
    b = rng.random(kinds.shape) < np.array([0.995, 0.02, 0.5])[kinds]
    return a, b


def skewed_runs(rng: np.random.Generator, n: int) -> Scores:
    """Validation accuracies over 400 examples of n runs in each repetition: most good, a tail of bad, some at chance."""
    good = 1 - rng.gamma(1.2, 0.06, size=(REPETITIONS, n))
    return np.round(np.where(rng.random(good.shape) < 0.05, 0.1, np.clip(good, 0.1, 1)) * 400) / 400


def false_positives(test: Callable[[NDArray, NDArray], float], a: NDArray, b: NDArray) -> float:
    return float(np.mean([test(x, y) < 0.05 for x, y in zip(a, b, strict=True)]))


def bootstrap(rng: np.random.Generator) -> Callable[[Marks, Marks], stats.PairedBootstrap]:
    return lambda a, b: stats.paired_bootstrap(a, b, rng=rng, resamples=1_000)


@pytest.mark.parametrize(("right", "n"), [(0, 12), (1, 12), (7, 12), (12, 12), (951, 997)])
def test_accuracy_interval_is_wilsons(right: int, n: int) -> None:
    found = stats.accuracy_interval(marks(right, n), 0.9)
    assert (found.low, found.high) == pytest.approx(scipy_stats.binomtest(right, n).proportion_ci(0.9, "wilson"))
    assert 0 <= found.low < found.high <= 1


def test_accuracy_interval_covers() -> None:
    assert 0.94 < binomial_coverage(lambda k: stats.accuracy_interval(marks(k, 400)), 400, 0.97) < 0.965


def test_mean_interval_is_students() -> None:
    values = [0.91, 0.93, 0.96]
    sem = scipy_stats.sem(values)
    found = stats.mean_interval(values)
    assert (found.low, found.high) == pytest.approx(scipy_stats.t.interval(0.95, 2, np.mean(values), sem))


def test_mean_interval_of_one_score_is_the_whole_line_and_of_equal_scores_a_point() -> None:
    assert stats.mean_interval([0.9]) == stats.Interval(-math.inf, math.inf, 0.95)
    assert stats.mean_interval([0.5, 0.5]) == stats.Interval(0.5, 0.5, 0.95)


@pytest.mark.parametrize("n", [2, 5, 20])
def test_mean_interval_covers_at_every_n_where_scores_are_normal(n: int) -> None:
    runs = np.random.default_rng(n).normal(0.9, 0.01, size=(REPETITIONS, n))
    assert 0.94 < covers(map(stats.mean_interval, runs), 0.9) < 0.96


def test_paired_bootstrap_is_the_bootstrap_over_test_examples() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random(60) < 0.9, rng.random(60) < 0.7
    found = stats.paired_bootstrap(a, b, rng=rng, resamples=200_000)
    drawn = rng.integers(60, size=(200_000, 60))
    gaps = a[drawn].mean(axis=1) - b[drawn].mean(axis=1)
    gap = a.mean() - b.mean()
    assert found.gap == pytest.approx(gap)
    assert (found.interval.low, found.interval.high) == pytest.approx(np.quantile(gaps, [0.025, 0.975]), abs=1e-9)
    assert found.p_value == pytest.approx(np.mean(abs(gaps - gap) >= abs(gap) - 1e-9), abs=0.003)


def test_paired_bootstrap_counts_the_discordant_and_changes_sign_with_the_order() -> None:
    a, b = np.array([1, 1, 1, 0, 1, 1], bool), np.array([0, 0, 1, 1, 1, 0], bool)
    ahead, behind = (stats.paired_bootstrap(x, y, rng=np.random.default_rng(0)) for x, y in ((a, b), (b, a)))
    assert (ahead.wins, ahead.losses, ahead.n, ahead.gap) == (3, 1, 6, pytest.approx(2 / 6))
    assert (behind.wins, behind.losses, behind.gap) == (1, 3, pytest.approx(-2 / 6))


def test_paired_bootstrap_is_never_certain() -> None:
    lost = stats.paired_bootstrap(marks(0, 50), marks(50, 50), rng=np.random.default_rng(0), resamples=99)
    assert (lost.gap, lost.p_value) == (-1, 0.01)


def test_models_that_agree_everywhere_show_no_difference_yet_leave_one_possible() -> None:
    same = stats.paired_bootstrap(marks(95, 100), marks(95, 100), rng=np.random.default_rng(0))
    assert (same.gap, same.p_value) == (0, 1)
    assert same.interval.high == -same.interval.low == stats.accuracy_interval(marks(0, 100)).high


def test_paired_bootstrap_of_one_generator_state_is_one_result() -> None:
    first, again = (stats.paired_bootstrap(marks(9, 12), marks(5, 12), rng=np.random.default_rng(3)) for _ in range(2))
    assert first == again


def test_paired_bootstrap_errs_as_often_as_it_says_and_covers_a_true_gap() -> None:
    rng = np.random.default_rng(5)
    null = [bootstrap(rng)(a, b) for a, b in zip(*two_models(rng), strict=True)]
    assert 0.03 < np.mean([result.p_value < 0.05 for result in null]) < 0.062
    apart = [bootstrap(rng)(a, b).interval for a, b in zip(*two_models(rng, better_on_hard=0.7), strict=True)]
    assert 0.935 < covers(apart, 0.15 * 0.2) < 0.965


def test_mcnemar_is_the_exact_sign_test_on_the_discordant() -> None:
    a, b = np.array([1] * 8 + [0] * 2 + [1] * 30, bool), np.array([0] * 8 + [1] * 2 + [1] * 30, bool)
    assert stats.mcnemar(a, b) == pytest.approx(2 * (1 + 10 + 45) / 2**10)
    assert stats.mcnemar(a, a) == 1


def test_mcnemar_errs_no_more_often_than_it_says() -> None:
    assert 0.03 < false_positives(stats.mcnemar, *two_models(np.random.default_rng(6))) < 0.05


def test_mann_whitney_is_scipys() -> None:
    rng = np.random.default_rng(7)
    a, b = rng.random(30), rng.random(25) ** 2
    assert stats.mann_whitney(a, b) == pytest.approx(scipy_stats.mannwhitneyu(a, b, method="asymptotic").pvalue)
    assert stats.mann_whitney(a[:6], b[:7]) == pytest.approx(
        scipy_stats.mannwhitneyu(a[:6], b[:7], method="exact").pvalue
    )


def test_mann_whitney_of_few_tied_runs_enumerates_every_regrouping() -> None:
    a, b = [0.9, 0.9, 0.8, 0.7], [0.9, 0.7, 0.6, 0.6, 0.5]
    ranks = scipy_stats.rankdata(a + b)
    sums = np.array([ranks[list(group)].sum() for group in combinations(range(9), 4)])
    least = min(np.mean(sums >= ranks[:4].sum()), np.mean(sums <= ranks[:4].sum()))
    assert stats.mann_whitney(a, b) == pytest.approx(2 * least)


@pytest.mark.parametrize("n", [1, 3, 30])
def test_equal_runs_show_no_difference(n: int) -> None:
    same = np.full(n, 0.8)
    assert stats.mann_whitney(same, same) == stats.wilcoxon(same, same) == 1
    assert stats.rank_biserial(same, same) == stats.cliffs_delta(same, same) == 0


def test_mann_whitney_errs_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    assert 0.035 < false_positives(stats.mann_whitney, skewed_runs(rng, 20), skewed_runs(rng, 20)) < 0.06


def test_wilcoxon_is_scipys_without_the_pairs_that_tie() -> None:
    rng = np.random.default_rng(9)
    a, b = rng.random(25), rng.random(25) ** 2
    untied = scipy_stats.wilcoxon(a, b, method="exact").pvalue
    assert stats.wilcoxon(a, b) == pytest.approx(untied)
    assert stats.wilcoxon([*a, 0.5, 0.6], [*b, 0.5, 0.6]) == pytest.approx(untied)


def test_wilcoxon_of_few_tied_differences_enumerates_every_sign() -> None:
    a = np.array([0.95, 0.90, 0.71, 0.83, 0.64, 0.77, 0.58, 0.92])
    differences = np.array([1, 1, 2, -1, 2, 3, -2, 1])
    b = np.array([round(x - d / 100, 2) for x, d in zip(a, differences, strict=True)])
    ranks = scipy_stats.rankdata(abs(differences))
    sums = np.array([np.array(signs) @ ranks for signs in product((0, 1), repeat=8)])
    assert stats.wilcoxon(a, b) == pytest.approx(2 * np.mean(sums >= ranks[differences > 0].sum()))


def test_differences_that_tie_on_paper_tie() -> None:
    assert 0.3 - 0.2 != 0.2 - 0.1
    assert stats.rank_biserial([0.3, 0.1], [0.2, 0.2]) == 0
    assert stats.wilcoxon([0.1 + 0.2], [0.3]) == 1
    assert stats.paired_superiority([0.1 + 0.2], [0.3]).probability == 0.5


def test_wilcoxon_errs_as_often_as_it_says() -> None:
    rng = np.random.default_rng(10)
    shared = skewed_runs(rng, 20)
    a, b = (shared + rng.integers(-9, 10, size=shared.shape) / 400 for _ in range(2))
    assert 0.035 < false_positives(stats.wilcoxon, a, b) < 0.06


@pytest.mark.filterwarnings("error")
def test_no_test_warns_of_ties_zeros_or_one_run() -> None:
    for a, b in (([0.9], [0.8]), ([0.9, 0.9], [0.9, 0.8]), ([0.9] * 60, [0.8] * 60), ([0.9] * 9, [0.9] * 9)):
        for function in (stats.mann_whitney, stats.wilcoxon, stats.superiority, stats.rank_biserial):
            function(a, b)
        stats.spread(a)
        stats.mean_interval(a)


def test_superiority_counts_the_pairs_of_runs_a_tie_as_half() -> None:
    a, b = [3.0, 1.0, 2.0], [2.0, 0.0]
    assert stats.superiority(a, b).probability == (2 + 1 + 1.5) / 6
    assert stats.cliffs_delta(a, b) == pytest.approx((2 + 1 + 1 - 1) / 6)
    assert stats.superiority(b, a).probability == 1 - stats.superiority(a, b).probability


@pytest.mark.parametrize("theta", [0.04, 0.48, 0.88])
def test_superiority_interval_ends_where_the_score_test_rejects(theta: float) -> None:
    n, m = 25, 20
    found = stats.superiority(marks(round(theta * n), n) - 0.5, np.zeros(m))
    assert found.probability == theta
    for end in (found.interval.low, found.interval.high):
        others = (n + m) / 2 - 1
        variance = end * (1 - end) * (1 + others * (1 - end) / (2 - end) + others * end / (1 + end)) / (n * m)
        assert abs(found.probability - end) / math.sqrt(variance) == pytest.approx(1.959964)


def test_superiority_interval_leaves_out_a_half_exactly_when_mann_whitney_rejects() -> None:
    b = np.arange(20) + 0.5
    verdicts = set()
    for shift in range(-10, 11):
        a = np.arange(20.0) + shift
        p_value = scipy_stats.mannwhitneyu(a, b, use_continuity=False, method="asymptotic").pvalue
        found = stats.superiority(a, b).interval.contains(0.5)
        assert found == (p_value > 0.05)
        verdicts.add(found)
    assert verdicts == {True, False}


def test_superiority_interval_keeps_a_width_where_every_run_wins() -> None:
    high, low = np.linspace(0.9, 1, 10), np.linspace(0.1, 0.2, 10)
    won, lost = stats.superiority(high, low), stats.superiority(low, high)
    assert (won.probability, won.interval.high) == (1, 1)
    assert 0.6 < won.interval.low < 0.9
    assert (lost.interval.low, lost.interval.high) == pytest.approx((0, 1 - won.interval.low))
    assert 0.99 < stats.superiority(np.ones(2_000), np.zeros(2_000)).interval.low < 1


@pytest.mark.parametrize(("shift", "sd"), [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (1.0, 2.0)])
def test_superiority_interval_covers(shift: float, sd: float) -> None:
    rng = np.random.default_rng(11)
    a, b = rng.normal(shift, sd, size=(REPETITIONS, 20)), rng.normal(size=(REPETITIONS, 25))
    truth = scipy_stats.norm.cdf(shift / math.hypot(1, sd))
    found = [stats.superiority(x, y).interval for x, y in zip(a, b, strict=True)]
    assert 0.92 < covers(found, truth) < 0.975


def test_paired_superiority_is_the_share_of_pairs_won() -> None:
    found = stats.paired_superiority([0.9, 0.8, 0.7, 0.6], [0.8, 0.7, 0.7, 0.7])
    assert found.probability == 2.5 / 4
    untied = stats.paired_superiority([1] * 7 + [0] * 3, [0] * 7 + [1] * 3)
    assert (untied.probability, untied.interval) == (0.7, stats.accuracy_interval(marks(7, 10)))


def test_paired_superiority_interval_covers() -> None:
    def of_wins(k: int) -> stats.Interval:
        return stats.paired_superiority(marks(k, 20), np.full(20, 0.5)).interval

    assert 0.93 < binomial_coverage(of_wins, 20, 0.7) < 0.98


def test_rank_biserial_is_the_difference_of_wilcoxons_rank_sums() -> None:
    a, b = np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([0.7, 0.5, 0.8, 0.6, 0.1])
    assert stats.rank_biserial(a, b) == pytest.approx((2 + 3 + 4 - 1) / 10)
    assert stats.rank_biserial(b, a) == -stats.rank_biserial(a, b)


def test_holm_adjusts_step_by_step_in_the_order_given() -> None:
    assert stats.holm([0.04, 0.01, 0.03, 0.005]) == pytest.approx([0.06, 0.03, 0.06, 0.02])
    assert stats.holm([0.9, 0.7]) == pytest.approx([1, 1])
    assert stats.holm([0.03]) == pytest.approx([0.03])


def test_holm_keeps_the_family_wise_error_and_finds_more_than_bonferroni() -> None:
    rng = np.random.default_rng(12)
    p = rng.random((REPETITIONS, 6))
    p[:, :4] = rng.random((REPETITIONS, 4)) * 1e-6
    adjusted = np.array([stats.holm(row) for row in p])
    assert 0.04 < np.mean((adjusted[:, 4:] < 0.05).any(axis=1)) < 0.06


def test_expected_max_is_the_mean_maximum_of_all_subsets() -> None:
    values = [0.91, 0.34, 0.88, 0.88, 0.57, 0.93, 0.1]
    brute = [np.mean([max(subset) for subset in combinations(values, n)]) for n in range(1, 8)]
    assert stats.expected_max(values, np.arange(1, 8)) == pytest.approx(brute, abs=1e-12)


def test_expected_max_and_its_band_are_opdas() -> None:
    nonparametric = pytest.importorskip("opda.nonparametric")
    values, n = np.random.default_rng(13).beta(8, 2, size=300), np.array([1, 2, 10, 150, 300])
    point = nonparametric.EmpiricalDistribution(values)
    assert stats.expected_max(values, n) == pytest.approx(point.u_tuning_curve(n), abs=1e-10)
    least, _, most = nonparametric.EmpiricalDistribution.confidence_bands(values, 0.9, a=0.0, b=1.0, method="dkw")
    low, high = stats.expected_max_band(values, n, 0.9)
    assert low == pytest.approx(most.average_tuning_curve(n), abs=1e-10)
    assert high == pytest.approx(least.average_tuning_curve(n), abs=1e-10)


def test_expected_max_of_thousands_of_trials_neither_overflows_nor_drifts() -> None:
    values = np.linspace(0, 1, 5_000)
    n = np.array([1, 2, 2_500, 5_000])
    # Of N evenly spaced ranks the expected greatest of n is n (N + 1) / (n + 1).
    assert stats.expected_max(values, n) == pytest.approx((n * 5_001 / (n + 1) - 1) / 4_999, abs=1e-9)


def test_expected_max_is_unbiased() -> None:
    searches, n = np.random.default_rng(14).random((REPETITIONS, 15)), np.array([1, 5, 10, 15])
    means = np.mean([stats.expected_max(scores, n) for scores in searches], axis=0)
    assert means == pytest.approx(n / (n + 1), abs=0.005)


def test_expected_max_band_integrates_the_powers_of_the_band_on_the_distribution() -> None:
    scores, n = np.round(np.random.default_rng(16).beta(8, 2, size=40), 2), np.array([1, 7, 60])
    low, high = stats.expected_max_band(scores, n, 0.9, low=-1.0)
    reach = math.sqrt(math.log(2 / 0.1) / (2 * 40))
    middles = np.arange(-0.995, 1, 0.01)
    share = (scores <= middles[:, None]).mean(axis=1)
    assert low == pytest.approx([1 - 0.01 * (np.minimum(share + reach, 1) ** k).sum() for k in n])
    assert high == pytest.approx([1 - 0.01 * (np.maximum(share - reach, 0) ** k).sum() for k in n])


def test_expected_max_band_holds_every_n_at_once() -> None:
    n = np.concatenate([np.arange(1, 51), [100, 1_000]])
    for scores, truth in (
        (np.random.default_rng(15).random((1_000, 50)) ** (1 / 3), 3 * n / (3 * n + 1)),
        (np.random.default_rng(15).integers(0, 2, (1_000, 50)), 1 - 0.5**n),
    ):
        bands = (stats.expected_max_band(row, n) for row in scores)
        assert np.mean([((low <= truth) & (truth <= high)).all() for low, high in bands]) >= 0.95


def test_expected_max_band_is_finite_in_any_bounds_and_moves_with_them() -> None:
    scores, n = np.array([0.2, 0.5, 0.9]), np.array([1, 3])
    low, high = stats.expected_max_band(scores, n)
    shifted_low, shifted_high = stats.expected_max_band(10 * scores - 4, n, low=-4, high=6)
    assert shifted_low == pytest.approx(10 * low - 4)
    assert shifted_high == pytest.approx(10 * high - 4)


def test_spread_is_the_samples() -> None:
    found = stats.spread([0.9, 0.94, 0.92])
    assert (found.sd, found.low, found.high, found.n) == (pytest.approx(0.02), 0.9, 0.94, 3)
    assert math.isnan(stats.spread([0.9]).sd)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: stats.mean_interval([]), "at least one"),
        (lambda: stats.mean_interval([[0.9]]), "one dimension"),
        (lambda: stats.mean_interval([0.9, math.nan]), "NaN"),
        (lambda: stats.spread([0.9, math.inf]), "NaN or infinite"),
        (lambda: stats.mann_whitney([0.9], [math.nan]), "NaN"),
        (lambda: stats.wilcoxon([math.nan], [0.9]), "NaN"),
        (lambda: stats.superiority([math.nan], [0.9]), "NaN"),
        (lambda: stats.cliffs_delta([0.9], [math.nan]), "NaN"),
        (lambda: stats.holm([0.1, math.nan]), "NaN"),
        (lambda: stats.expected_max([math.nan], [1]), "NaN"),
        (lambda: stats.accuracy_interval([]), "at least one test example"),
        (lambda: stats.accuracy_interval([1.0, math.nan]), "float64"),
        (lambda: stats.mcnemar([True], [True, False]), "same test examples, got 1 and 2"),
        (lambda: stats.paired_bootstrap([], [], rng=np.random.default_rng(0)), "at least one test example"),
        (lambda: stats.paired_bootstrap([True], [True], rng=np.random.default_rng(0), resamples=0), "resamples"),
        (lambda: stats.wilcoxon([0.9], [0.9, 0.8]), "got 1 and 2"),
        (lambda: stats.paired_superiority([0.9], [0.9, 0.8]), "got 1 and 2"),
        (lambda: stats.rank_biserial([0.9], [0.9, 0.8]), "got 1 and 2"),
        (lambda: stats.superiority([0.9], [0.8], level=95), "between 0 and 1, got 95"),
        (lambda: stats.mean_interval([0.9], level=1), "between 0 and 1, got 1"),
        (lambda: stats.holm([0.1, 1.2]), "p-values"),
        (lambda: stats.expected_max([0.9, 0.8], [3]), "best of 3 trials can be had from 2"),
        (lambda: stats.expected_max([0.9, 0.8], [0]), "1 or more"),
        (lambda: stats.expected_max([0.9, 0.8], [1.5]), "whole numbers"),
        (lambda: stats.expected_max_band([0.9, 1.2], [1]), r"leave the bounds \[0, 1\]"),
    ],
)
def test_bad_input_is_refused_by_its_reason(call: Callable[[], object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        call()
