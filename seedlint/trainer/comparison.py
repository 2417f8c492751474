"""Which is better? Two questions (section 2.5): whether two best models differ, and whether two families of models do."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from seedlint.rulebook import load_rulebook
from seedlint.trainer import stats
from seedlint.trainer.patterns import Refused, Selection, select
from seedlint.trainer.study import Study
from seedlint.trainer.task import Part, labels_digest
from seedlint.trainer.wording import fractions, gap, listed, p, percent

ALPHA = 0.05
ENOUGH_TRIALS = 20
"""With fewer trials of a family, differences that exist are mostly missed."""


@dataclass(frozen=True)
class BestComparison:
    """The best model of one search against that of another, on the test examples."""

    first: Selection
    second: Selection
    bootstrap: stats.PairedBootstrap
    mcnemar: float
    resampling_seed: int

    @property
    def sentence(self) -> str:
        """What may be said in a paper."""
        a, b = self.first, self.second
        verdict = "The two models differ" if self.mcnemar < ALPHA else "The two models are not shown to differ"
        return (
            f"The best models by validation of {a.family} ({a.trials} trials of {a.searched}) and {b.family} ({b.trials} trials "
            f"of {b.searched}) score {percent(a.test)} and {percent(b.test)} on the {self.bootstrap.n} test examples: "
            f"{gap(self.bootstrap.gap, self.bootstrap.interval)}, {p(self.bootstrap.p_value)} by paired bootstrap, "
            f"{p(self.mcnemar)} by McNemar's exact test. {verdict}; of the families this says nothing."
        )


def compare_best(
    a: Study, b: Study, *, seed_is_all: bool = False, resampling_seed: int | None = None
) -> BestComparison:
    """Compare the best models of two searches by a paired bootstrap (Dror et al. 2018, section 3) and McNemar's exact test.

    Refused where the trials of one vary only the seed, or all but the seed: then it was not searched. `seed_is_all` states that
    there is no other hyperparameter (footnote 1). The bootstrap's seed is drawn where it is None, and recorded.
    """
    _refuse_unsearched((a, b), seed_is_all)
    if labels_digest(a.task.examples(Part.TEST)[1]) != labels_digest(b.task.examples(Part.TEST)[1]):
        raise Refused(f"{a.family} and {b.family} have different test sets")
    first, second = select(a), select(b)
    seed = secrets.randbits(32) if resampling_seed is None else resampling_seed
    bootstrap = stats.paired_bootstrap(first.correct, second.correct, rng=np.random.default_rng(seed))
    return BestComparison(first, second, bootstrap, stats.mcnemar(first.correct, second.correct), seed)


@dataclass(frozen=True)
class FamilyComparison:
    """Two families over the hyperparameters `varied`, by validation scores; `adjusted` is p after Holm's method."""

    first: str
    second: str
    varied: str
    n: tuple[int, int]
    means: tuple[float, float]
    paired: bool
    p_value: float
    adjusted: float
    superiority: stats.Superiority
    effect: float
    comparisons: int

    @property
    def warning(self) -> str | None:
        """What to bear in mind of a small comparison."""
        few = min(self.n)
        return (
            None
            if few >= ENOUGH_TRIALS
            else f"With {few} trials, fewer than {ENOUGH_TRIALS}, most differences are missed."
        )

    @property
    def sentence(self) -> str:
        """What may be said in a paper."""
        runs = " and ".join(str(n) for n in sorted(set(self.n), reverse=True))
        design = "pairs of trials that share all but the seed" if self.paired else "trials sampled independently"
        effect = "rank-biserial correlation" if self.paired else "Cliff's delta"
        test = "Wilcoxon signed-rank test" if self.paired else "Mann-Whitney test"
        holm = f", {p(self.adjusted)} after Holm's method for {self.comparisons}" if self.comparisons > 1 else ""
        verdict = "The families differ" if self.adjusted < ALPHA else "The families are not shown to differ"
        return (
            f"With {self.varied} varied over {runs} {design}, {self.first} and {self.second} have mean "
            "validation scores "
            f"of {percent(self.means[0])} and {percent(self.means[1])}; the first beats the second with probability "
            f"{self.superiority.probability:.2f} ({fractions(self.superiority.interval)}; {effect} {self.effect:+.2f}; "
            f"{test}, {p(self.p_value)}{holm}). {verdict}.{' ' + self.warning if self.warning else ''}"
        )


def compare_families(studies: Sequence[Study], *, seed_is_all: bool = False) -> list[FamilyComparison]:
    """Compare families by the validation scores of all their trials, two by two.

    Families searched over one space with one search seed share their configurations and are compared pair by pair, which finds
    far more at the same cost; others by ranks. Refused are trials that vary only the seed (`seed_is_all` states that it is the
    only hyperparameter, footnote 1) or all but the seed, and halved searches, whose trials are no random sample.
    """
    if len(studies) < 2:
        raise Refused("a comparison needs two studies or more")
    if len({study.family for study in studies}) < len(studies):
        raise Refused(
            "two studies have one family name; search one of them under another, so that its seeds are its own"
        )
    if len({study.store.head.validation for study in studies}) > 1:
        raise Refused("the studies were validated on different examples")
    _refuse_unsearched(studies, seed_is_all)
    for study in studies:
        _refuse_halved(study)
    pairs = list(combinations(studies, 2))
    tested = [_tested(a, b, len(pairs)) for a, b in pairs]
    adjusted = stats.holm([one.p_value for one in tested])
    return [replace(one, adjusted=value) for one, value in zip(tested, adjusted.tolist(), strict=True)]


def _tested(a: Study, b: Study, comparisons: int) -> FamilyComparison:
    paired = _share_configurations(a, b)
    shared = sorted({trial.id for trial in a.trials} & {trial.id for trial in b.trials}) if paired else None
    if paired and not shared:
        raise Refused(f"{a.family} and {b.family} share a space and a search seed, but no trial")
    x, y = scores(a, shared), scores(b, shared)
    return FamilyComparison(
        first=a.family,
        second=b.family,
        varied=_varied(a, b),
        n=(x.size, y.size),
        means=(float(x.mean()), float(y.mean())),
        paired=paired,
        p_value=stats.wilcoxon(x, y) if paired else stats.mann_whitney(x, y),
        adjusted=1.0,
        superiority=stats.paired_superiority(x, y) if paired else stats.superiority(x, y),
        effect=stats.rank_biserial(x, y) if paired else stats.cliffs_delta(x, y),
        comparisons=comparisons,
    )


def _varied(a: Study, b: Study) -> str:
    one, other = (listed(study.store.head.space.searched) for study in (a, b))
    return one if one == other else f"{one} ({a.family}) or {other} ({b.family})"


@dataclass(frozen=True)
class TuningCurve:
    """Expected validation performance of the best of n trials, n from 1 to N/2, with a band that holds for all n at once."""

    family: str
    n: NDArray[np.int64]
    expected: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float


def tuning_curve(study: Study, level: float = stats.LEVEL) -> TuningCurve:
    """Return the unbiased curve of a random search (Dodge et al. 2019; Tang et al. 2020); Refused for a halved one.

    Beyond N/2 it rests on the few best trials.
    """
    _refuse_halved(study)
    values = scores(study)
    n = np.arange(1, max(1, values.size // 2) + 1)
    low, high = stats.expected_max_band(values, n, level)
    return TuningCurve(study.family, n, stats.expected_max(values, n), low, high, level)


def scores(study: Study, ids: Sequence[int] | None = None) -> NDArray[np.float64]:
    """Return the validation scores of the trials, or of those named, by their ids: (trials,)."""
    return np.array([trial.score for trial in study.trials if ids is None or trial.id in ids])


def _share_configurations(a: Study, b: Study) -> bool:
    """Whether trial k of one has the configuration of trial k of the other: the draws depend on the space's digest."""
    one, other = a.store.head, b.store.head
    return (one.space.digest, one.search_seed) == (other.space.digest, other.search_seed)


def _refuse_unsearched(studies: Sequence[Study], seed_is_all: bool) -> None:
    for study in studies:
        space = study.store.head.space
        if space.seeds_only and not seed_is_all:
            raise Refused(
                f"{study.family}: its trials vary only the seed ({_rule('SL201')}). "
                "If the seed is the only hyperparameter there is, say so: seed_is_all, or --seed-is-all"
            )
        if not space.seeds_searched:
            raise Refused(f"{study.family}: its trials share a seed, and with it one draw ({_rule('SL101')})")


def _rule(code: str) -> str:
    rule = load_rulebook().find(code)
    return f"{rule.code} {rule.name}: {rule.help}"


def _refuse_halved(study: Study) -> None:
    if study.halved:
        raise Refused(
            f"{study.family}: early scores decided which trials ran to their end, so they are no random sample"
        )
    if not study.trials:
        raise Refused(f"{study.family}: no trial has run to its end")
