"""Comparisons refuse what the trials do not allow, err as seldom as they say, and their sentences say no more than was tested."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike
from tiny import Tiny

from seedlint.rulebook import load_rulebook
from seedlint.trainer import stats
from seedlint.trainer.comparison import (
    BestComparison,
    FamilyComparison,
    compare_best,
    compare_families,
    scores,
    tuning_curve,
)
from seedlint.trainer.patterns import Refused, Selection
from seedlint.trainer.search import Halving, search
from seedlint.trainer.space import ANY_SEED, Choice, Space
from seedlint.trainer.stats import Interval, PairedBootstrap, Superiority
from seedlint.trainer.store import Environment, Head, Store, Trial
from seedlint.trainer.study import Study
from seedlint.trainer.task import Part, labels_digest

HERE = Environment("eager", 64, 1, "cpu", "none", "2", "2", "3")
MARKS = np.ones(4, bool)
REPETITIONS = 1_000
SEEDS_ONLY = Space({"seed": ANY_SEED, "lr": 0.01, "dropout": 0.0, "width": 8})


def synthetic(
    family: str, values: ArrayLike, *, search_seed: int = 7, selection: str = "random", ids: range | None = None
) -> Study:
    """A study of these validation scores, of which nothing was trained."""
    labels = labels_digest(Tiny().examples(Part.VALIDATION)[1])
    store = Store(Head(family, "0", Tiny.space, search_seed, family, 12, selection, "0", labels))
    for id, score in zip(ids or range(10_000), np.asarray(values).tolist(), strict=False):
        store.trials[id, 12] = Trial(id, {}, 12, score, False, ((12, score),), MARKS, "0", HERE)
    return Study(Tiny(), store)


def landscape(rng: np.random.Generator, trials: int) -> np.ndarray:
    """What configurations score on average: most of them well, with a long tail, and one in ten by chance alone."""
    return np.where(rng.random(trials) < 0.1, 0.1, 0.95 - rng.exponential(0.1, trials).clip(0, 0.85))


def validated(rng: np.random.Generator, means: np.ndarray) -> np.ndarray:
    """Scores on 400 validation examples of configurations with these means, each trained with a seed of its own."""
    return rng.binomial(400, (means + rng.normal(0, 0.01, means.size)).clip(0, 1)) / 400


@pytest.mark.parametrize("paired", [True, False], ids=["paired", "unpaired"])
@pytest.mark.parametrize("trials", [20, 40])
def test_a_family_against_itself_differs_in_about_one_comparison_of_twenty(trials: int, paired: bool) -> None:
    rng, significant = np.random.default_rng(1), 0
    for _ in range(REPETITIONS):
        means = landscape(rng, trials)
        others = means if paired else landscape(rng, trials)
        a = synthetic("a", validated(rng, means))
        b = synthetic("b", validated(rng, others), search_seed=7 if paired else 8)
        (one,) = compare_families([a, b])
        assert one.paired == paired
        significant += "The families differ" in one.sentence
    assert 0.02 <= significant / REPETITIONS <= 0.08


def test_three_families_alike_are_seldom_told_apart_anywhere() -> None:
    rng, any_significant = np.random.default_rng(2), 0
    for _ in range(REPETITIONS // 2):
        studies = [synthetic(f, validated(rng, landscape(rng, 20)), search_seed=s) for s, f in enumerate("abc")]
        any_significant += any("The families differ" in one.sentence for one in compare_families(studies))
    assert 0.01 <= any_significant / (REPETITIONS // 2) <= 0.08


def test_shared_configurations_find_a_difference_that_independent_ones_miss() -> None:
    rng = np.random.default_rng(3)
    found = {True: 0, False: 0}
    for _ in range(200):
        means = landscape(rng, 20)
        a = synthetic("a", validated(rng, means + 0.03))
        for search_seed, others in ((7, means), (8, landscape(rng, 20))):
            (one,) = compare_families([a, synthetic("b", validated(rng, others), search_seed=search_seed)])
            found[one.paired] += one.adjusted < 0.05
    assert found[True] > 0.8 * 200
    assert found[False] < 0.3 * 200


def test_families_of_one_space_and_search_seed_are_compared_pair_by_pair() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.random(25), rng.random(25)
    (one,) = compare_families([synthetic("a", x), synthetic("b", y)])
    assert one == FamilyComparison(
        first="a",
        second="b",
        varied="seed, lr, weight_decay, dropout and width",
        n=(25, 25),
        means=(x.mean(), y.mean()),
        paired=True,
        p_value=stats.wilcoxon(x, y),
        adjusted=stats.wilcoxon(x, y),
        superiority=stats.paired_superiority(x, y),
        effect=stats.rank_biserial(x, y),
        comparisons=1,
    )


def test_families_without_shared_configurations_are_compared_by_ranks() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.random(25), rng.random(30)
    a = synthetic("a", x)
    narrower = synthetic("b", y[:25])
    narrower = replace(narrower, store=replace(narrower.store, head=replace(narrower.store.head, space=SEEDS_ONLY)))
    others = {
        "of another search seed": synthetic("b", y[:25], search_seed=8),
        "of another space": narrower,
    }
    for what, b in others.items():
        (one,) = compare_families([a, b], seed_is_all=True)
        theirs = scores(b)
        assert not one.paired, what
        assert (one.n, one.p_value) == ((25, theirs.size), stats.mann_whitney(x, theirs))
        assert (one.superiority, one.effect) == (stats.superiority(x, theirs), stats.cliffs_delta(x, theirs))


def test_of_families_that_share_configurations_the_trials_that_both_have_are_compared() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.random(25), rng.random(30)
    for b, common in (
        (synthetic("b", y), slice(0, 25)),
        (synthetic("b", y[1:25], ids=range(1, 25)), slice(1, 25)),
    ):
        (one,) = compare_families([synthetic("a", x), b])
        assert one.paired
        assert (one.n, one.p_value) == ((x[common].size,) * 2, stats.wilcoxon(x[common], y[common]))
    with pytest.raises(Refused, match="share a space and a search seed, but no trial"):
        compare_families([synthetic("a", x), synthetic("b", y, ids=range(40, 70))])


def test_spaces_that_draw_otherwise_share_no_configurations() -> None:
    whole, real = (Space({**Tiny.space.dimensions, "weight_decay": value}) for value in (0, 0.0))
    assert whole == real
    a, b = search(Tiny("a"), 3, search_seed=3, space=whole), search(Tiny("b"), 3, search_seed=3, space=real)
    assert not compare_families([a, b])[0].paired


def test_what_varied_is_told_apart_where_it_differs() -> None:
    fixed = Space({**Tiny.space.dimensions, "lr": Choice((0.01,)), "dropout": 0.1})
    (one,) = compare_families([search(Tiny("a"), 3, search_seed=3), search(Tiny("b"), 3, search_seed=3, space=fixed)])
    assert one.varied == "seed, lr, weight_decay, dropout and width (a) or seed, weight_decay and width (b)"


def test_searches_of_two_families_share_all_but_their_seeds() -> None:
    a, b = (search(Tiny(name), 6, search_seed=3) for name in ("one", "other"))
    for x, y in zip(a.trials, b.trials, strict=True):
        assert {name for name in x.config if x.config[name] != y.config[name]} == {"seed"}
    assert compare_families([a, b])[0].paired


def test_scores_are_in_the_order_of_ids_so_that_pairs_are_pairs() -> None:
    study = synthetic("a", [0.1, 0.2, 0.3])
    study.store.trials = dict(reversed(study.store.trials.items()))
    assert scores(study).tolist() == [0.1, 0.2, 0.3]


def test_several_comparisons_are_adjusted_by_holm() -> None:
    rng = np.random.default_rng(5)
    studies = [synthetic(name, (rng.random(30) + shift) / 2) for name, shift in (("a", 0.0), ("b", 0.4), ("c", 0.8))]
    found = compare_families(studies)
    assert [(one.first, one.second) for one in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    raw = [one.p_value for one in found]
    assert [one.adjusted for one in found] == stats.holm(raw).tolist()
    assert any(one.adjusted > one.p_value for one in found)
    assert all("after Holm's method for 3" in one.sentence for one in found)
    assert "Holm" not in compare_families(studies[:2])[0].sentence


def test_the_verdict_is_of_the_adjusted_value() -> None:
    one = replace(compare_families([synthetic("a", [0.5]), synthetic("b", [0.6])])[0], p_value=0.03, comparisons=3)
    assert "The families are not shown to differ." in replace(one, adjusted=0.06).sentence
    assert "The families differ." in replace(one, adjusted=0.04).sentence


@pytest.mark.parametrize(("trials", "warned"), [(19, True), (20, False)])
def test_fewer_than_twenty_trials_are_warned_of(trials: int, warned: bool) -> None:
    rng = np.random.default_rng(6)
    (one,) = compare_families([synthetic("a", rng.random(trials)), synthetic("b", rng.random(40))])
    assert (one.warning is not None) == warned
    assert one.sentence.endswith("With 19 trials, fewer than 20, most differences are missed.") == warned


def test_families_whose_trials_vary_only_the_seed_are_refused_with_the_text_of_the_rule() -> None:
    rule = load_rulebook().find("SL201")
    a, b = search(Tiny("one"), 3, search_seed=3), search(Tiny("other"), 3, search_seed=3, space=SEEDS_ONLY)
    said = f"other: its trials vary only the seed (SL201 {rule.name}: {rule.help})."
    for compare in (lambda: compare_families([a, b]), lambda: compare_best(a, b), lambda: compare_best(b, a)):
        with pytest.raises(Refused, match=f"^{re.escape(said)}"):
            compare()
    assert not b.store.openings


def test_families_that_share_one_seed_are_refused_with_the_text_of_the_rule() -> None:
    rule = load_rulebook().find("SL101")
    fixed = Space({**Tiny().space.dimensions, "seed": 5})
    a, b = search(Tiny("one"), 3, search_seed=3), search(Tiny("other"), 3, search_seed=3, space=fixed)
    said = f"other: its trials share a seed, and with it one draw (SL101 {rule.name}: {rule.help})"
    for compare in (lambda: compare_families([a, b]), lambda: compare_best(b, a)):
        with pytest.raises(Refused, match=f"^{re.escape(said)}$"):
            compare()


def test_families_whose_only_hyperparameter_is_the_seed_are_compared_where_that_is_said() -> None:
    a, b = (search(Tiny(name), 3, search_seed=3, space=SEEDS_ONLY) for name in ("one", "other"))
    assert compare_families([a, b], seed_is_all=True)[0].n == (3, 3)
    assert compare_best(a, b, seed_is_all=True).bootstrap.n == 50


def test_halved_searches_are_no_sample_for_families_and_curves() -> None:
    halved = search(Tiny("one"), 9, search_seed=3, halving=Halving())
    said = "one: early scores decided which trials ran to their end, so they are no random sample"
    for conclude in (
        lambda: compare_families([halved, synthetic("b", [0.5])]),
        lambda: compare_families([synthetic("b", [0.5]), halved]),
        lambda: tuning_curve(halved),
    ):
        with pytest.raises(Refused, match=f"^{said}$"):
            conclude()


def test_halved_searches_have_a_best_model_to_compare() -> None:
    studies = [search(Tiny(name), 9, search_seed=3, halving=Halving()) for name in ("one", "other")]
    assert compare_best(studies[0], studies[1]).first.trials == 9


def test_one_family_name_for_two_is_refused() -> None:
    with pytest.raises(Refused, match="two studies have one family name"):
        compare_families([synthetic("a", [0.5]), synthetic("a", [0.6], search_seed=8)])


def test_fewer_than_two_studies_and_studies_without_trials_are_refused() -> None:
    for studies in ([], [synthetic("a", [0.5])]):
        with pytest.raises(Refused, match="two studies or more"):
            compare_families(studies)
    with pytest.raises(Refused, match=r"^b: no trial has run to its end$"):
        compare_families([synthetic("a", [0.5]), synthetic("b", [])])
    with pytest.raises(Refused, match="no trial has run to its end"):
        tuning_curve(synthetic("b", []))


def test_the_best_models_are_compared_on_the_same_test_examples() -> None:
    a, b = (search(Tiny(name), 8, search_seed=3) for name in ("one", "other"))
    result = compare_best(a, b, resampling_seed=5)
    first, second = result.first.correct, result.second.correct
    assert (result.first.trial.id, result.second.trial.id) == (a.best.id, b.best.id)
    assert result.bootstrap == stats.paired_bootstrap(first, second, rng=np.random.default_rng(5))
    assert result.mcnemar == stats.mcnemar(first, second)
    assert result.bootstrap.gap == pytest.approx(result.first.test - result.second.test)
    assert (len(a.store.openings), len(b.store.openings)) == (1, 1)


def test_the_seed_of_the_bootstrap_is_drawn_anew_and_recorded() -> None:
    a, b = (search(Tiny(name), 8, search_seed=3) for name in ("one", "other"))
    one, two = compare_best(a, b), compare_best(a, b)
    assert one.resampling_seed != two.resampling_seed
    assert compare_best(a, b, resampling_seed=one.resampling_seed).bootstrap == one.bootstrap


class Longer(Tiny):
    def examples(self, part: Part):  # type: ignore[no-untyped-def]
        features, labels = super().examples(part)
        return (features[:30], labels[:30]) if part is Part.TEST else (features, labels)


def test_models_of_different_test_sets_are_not_compared() -> None:
    with pytest.raises(Refused, match=r"^tiny and longer have different test sets$"):
        compare_best(search(Tiny(), 2, search_seed=3), search(Longer("longer"), 2, search_seed=3))


def test_a_comparison_of_the_best_says_both_tests_and_nothing_of_the_families(tmp_path: Path) -> None:
    trial = search(Tiny(), 1, search_seed=3).best
    ends = Interval(0.9, 0.97, 0.95)
    a, b = (
        Selection(
            name, "a random search over seed and lr", trial, trials, 0, test, test, ends, MARKS, "2026-01-01", 1, True
        )
        for name, trials, test in (("relu", 64, 0.9509), ("tanh", 32, 0.9428))
    )
    bootstrap = PairedBootstrap(0.0081, Interval(-0.003, 0.0192, 0.95), 0.152, 30, 22, 997)
    result = BestComparison(a, b, bootstrap, 0.0331, 5)
    said = (
        "The best models by validation of relu (64 trials of a random search over seed and lr) and tanh (32 trials of a random "
        "search over seed and lr) score 95.1 % and 94.3 % on the 997 test examples: +0.8 points (95 % interval -0.3 to +1.9), "
        "p = 0.152 by paired bootstrap, p = 0.033 by McNemar's exact test. The two models differ; of "
        "the families this says nothing."
    )
    assert result.sentence == said
    assert replace(result, mcnemar=0.05).sentence.endswith(
        "p = 0.050 by McNemar's exact test. The two models are not shown to differ; of the families this says nothing."
    )


def test_a_comparison_of_families_says_design_test_effect_and_n() -> None:
    result = FamilyComparison(
        "relu",
        "tanh",
        "seed, lr and width",
        (64, 64),
        (0.765, 0.838),
        True,
        0.00004,
        0.00004,
        Superiority(0.3125, Interval(0.21, 0.43, 0.95)),
        -0.5,
        1,
    )
    assert result.sentence == (
        "With seed, lr and width varied over 64 pairs of trials that share all but the seed, relu and tanh have mean "
        "validation scores of 76.5 % and 83.8 %; the first beats the second with probability 0.31 (95 % interval 0.21 to "
        "0.43; rank-biserial correlation -0.50; Wilcoxon signed-rank test, p = 4e-05). The families differ."
    )
    independent = replace(result, n=(12, 64), paired=False, p_value=0.04, adjusted=0.12, comparisons=3)
    assert independent.sentence == (
        "With seed, lr and width varied over 64 and 12 trials sampled independently, relu and tanh have mean validation "
        "scores of 76.5 % and 83.8 %; the first beats the second with probability 0.31 (95 % interval 0.21 to 0.43; Cliff's "
        "delta -0.50; Mann-Whitney test, p = 0.040, p = 0.120 after Holm's method for 3). The families are not shown to "
        "differ. With 12 trials, fewer than 20, most differences are missed."
    )


def test_a_tuning_curve_runs_to_half_of_the_trials_within_its_band() -> None:
    values = np.random.default_rng(7).random(21)
    curve = tuning_curve(synthetic("a", values))
    assert curve.n.tolist() == list(range(1, 11))
    assert np.array_equal(curve.expected, stats.expected_max(values, curve.n))
    low, high = stats.expected_max_band(values, curve.n)
    assert np.array_equal(curve.low, low)
    assert np.array_equal(curve.high, high)
    assert (curve.low <= curve.expected).all()
    assert (curve.expected <= curve.high).all()
    assert tuning_curve(synthetic("a", [0.5])).n.tolist() == [1]
