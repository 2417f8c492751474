"""Studies whose trials were never trained, for what is made of records alone."""

from __future__ import annotations

import numpy as np
from tiny import Tiny
from torch import Tensor, nn

from seedlint.trainer import stats
from seedlint.trainer.comparison import BestComparison
from seedlint.trainer.patterns import OTHERS, STREAMS, Ensemble, Selection, Sensitivity
from seedlint.trainer.space import Space
from seedlint.trainer.store import Environment, Head, Store, Trial
from seedlint.trainer.study import Study
from seedlint.trainer.task import Part

ENVIRONMENT = Environment("eager", 64, 1, "cpu", "x86_64 AVX2", "2.13.0", "2.4.0", "3.11.7")
HALVING = "halving(factor=3,rungs=2)"


class Untrainable(Tiny):
    """Tells when somebody trains it, or looks at its examples."""

    def model(self) -> nn.Module:
        raise AssertionError("a model was made")

    def examples(self, part: Part) -> tuple[Tensor, Tensor]:
        raise AssertionError(f"the {part.value} examples were opened")


def fabricated(
    family: str = "tiny",
    n: int = 24,
    *,
    mean: float = 0.7,
    space: Space = Tiny.space,
    halved: bool = False,
    search_seed: int = 7,
) -> Study:
    """A study of n trials, of which the second diverged; where halved, every third ran to its end."""
    rng = np.random.default_rng(n)
    head = Head(
        "tiny", "0123456789abcdef", space, search_seed, family, Tiny.steps, HALVING if halved else "random", "0.1"
    )
    store = Store(head)
    for id, score in enumerate(np.clip(rng.normal(mean, 0.05, n), 0, 1).tolist()):
        rungs = ((4,) if id % 3 else (4, Tiny.steps)) if halved else (Tiny.steps,)
        store.add(_trial(id, steps, 1 / 3 if id == 1 else score, id == 1, head) for steps in rungs)
    return Study(Untrainable(family), store)


def _trial(id: int, steps: int, score: float, diverged: bool, head: Head) -> Trial:
    marks = np.arange(40) < 40 * score
    config = head.space.config(head.search_seed, id, head.family)
    return Trial(id, config, steps, score, diverged, ((steps, score),), marks, f"{id:08x}", ENVIRONMENT)


def selection(study: Study, right: int) -> Selection:
    """The best trial, with the first `right` of 50 test examples right."""
    marks = np.arange(50) < right
    return Selection(
        study.family,
        study.searched,
        study.best,
        len(study.trials),
        1,
        right / 50,
        right / 50,
        stats.accuracy_interval(marks),
        marks,
        "2026-01-01T00:00:00+00:00",
        1,
        True,
    )


def best_comparison() -> BestComparison:
    first, second = selection(fabricated("one"), 45), selection(fabricated("other"), 40)
    bootstrap = stats.paired_bootstrap(first.correct, second.correct, rng=np.random.default_rng(1))
    return BestComparison(first, second, bootstrap, stats.mcnemar(first.correct, second.correct), 1)


def sensitivity() -> Sensitivity:
    rng = np.random.default_rng(1)
    return Sensitivity("tiny", 3, {what: stats.spread(rng.normal(0.7, 0.01, 20)) for what in (*STREAMS, OTHERS)})


def ensemble() -> Ensemble:
    average, single = np.arange(50) < 45, np.arange(50) < 40
    gain = stats.paired_bootstrap(average, single, rng=np.random.default_rng(1))
    return Ensemble("tiny", (4, 0, 2), 5, 0.8, 0.9, 0.88, gain, 1)
