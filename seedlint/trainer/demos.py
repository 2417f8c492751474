"""For each risky use of a seed, the risky pattern and the corrected one on real data, and what the difference is and is not.

Each demonstration trains a few hundred small networks on scikit-learn's digits and replays protocols on their scores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from seedlint.trainer import stats
from seedlint.trainer.population import Population
from seedlint.trainer.search import Progress
from seedlint.trainer.space import Config, Space
from seedlint.trainer.tables import Table
from seedlint.trainer.task import Part, Task
from seedlint.trainer.tasks import Digits
from seedlint.trainer.trials import correct
from seedlint.trainer.wording import percent, points

ALPHA = 0.05
LANES = 64

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Demo:
    """What a demonstration measured. `shows` and `does_not_show` are sentences with the measured numbers."""

    code: str
    title: str
    table: Table
    shows: str
    does_not_show: str
    trials: int
    search_seed: int


@dataclass(frozen=True)
class Scores:
    """Validation scores (trials,), and which test examples each trial gets right: bool (trials, examples)."""

    validation: Floats
    correct: NDArray[np.bool_]

    @property
    def test(self) -> Floats:
        """Test accuracies: (trials,)."""
        return np.asarray(self.correct.mean(1))


def train(task: Task, configs: Sequence[Config], progress: Progress | None = None) -> Scores:
    """Train configurations and look at validation and test: for a simulation of protocols, not for a study."""
    torch.set_num_threads(1)
    population = Population(task, torch.device("cpu"))
    validation: list[float] = []
    marks = []
    for start in range(0, len(configs), LANES):
        fitted = population.fit(configs[start : start + LANES], evaluations=1)
        validation += [curve[-1][1] for curve in fitted.curves]
        marks.append(correct(population, fitted, Part.TEST))
        if progress:
            progress(len(validation), len(configs))
    return Scores(np.nan_to_num(np.array(validation), nan=task.chance), np.concatenate(marks))


def grid(space: Space, search_seed: int, configs: int, seeds: int) -> list[Config]:
    """Return `configs` sampled configurations, each with `seeds` seeds: (configs * seeds) in rows of one configuration."""
    drawn = [space.config(search_seed, trial) for trial in range(configs)]
    return [space.held_at(config).config(search_seed, trial) for config in drawn for trial in range(seeds)]


def fixed_seed(search_seed: int, progress: Progress | None = None, *, searches: int = 10, trials: int = 32) -> Demo:
    """SL101: searches whose seed is fixed at one constant or another, and searches with the seed among the hyperparameters."""
    task = Digits()
    drawn = [task.space.config(search_seed, trial) for trial in range(trials)]
    fixed = [{**config, "seed": constant} for constant in range(searches) for config in drawn]
    searched = [
        {**config, "seed": task.space.config(search_seed, trial, f"search {number}")["seed"]}
        for number in range(searches)
        for trial, config in enumerate(drawn)
    ]
    scores = train(task, [*fixed, *searched], progress)
    selected = [
        [block[0] + int(np.argmax(scores.validation[block])) for block in half.reshape(searches, trials)]
        for half in np.arange(2 * searches * trials).reshape(2, -1)
    ]
    at_constant, in_search = (scores.test[rows] for rows in selected)
    rows = tuple(
        (what, percent(test.mean()), points(test.std(ddof=1)), percent(test.min()), percent(test.max()))
        for what, test in ((f"seed fixed at 0, 1, … {searches - 1}", at_constant), ("seed searched", in_search))
    )
    return Demo(
        code="SL101",
        title="A fixed seed is a lottery ticket",
        table=Table(
            f"Test accuracy of the best by validation of the same {trials} configurations, {searches} times",
            ("", "mean", "sd, points", "least", "greatest"),
            rows,
        ),
        shows=(
            f"Under {searches} constants the same search ends anywhere from {percent(at_constant.min())} to "
            f"{percent(at_constant.max())}: a constant reports one of these draws as though it were the method."
        ),
        does_not_show=(
            f"That a searched seed scores higher: at an equal number of trials the mean moves by "
            f"{100 * (in_search.mean() - at_constant.mean()):+.2f} points. It costs nothing, and makes the "
            "comparisons that follow valid."
        ),
        trials=len(fixed) + len(searched),
        search_seed=search_seed,
    )


def default_seed(search_seed: int, progress: Progress | None = None, *, trials: int = 64, seeds: int = 64) -> Demo:
    """SL102: what one default seed says of a selected configuration, and what its seeds, stream by stream, say."""
    task = Digits()
    drawn = [task.space.config(search_seed, trial) for trial in range(trials)]
    best = drawn[int(np.argmax(train(task, drawn).validation))]
    names = {"all": "seed", "initialisation": "init_seed", "data order": "order_seed", "dropout": "dropout_seed"}
    configs = [{**best, "seed": 42}]
    for name in names.values():
        space = task.space.held_at(best, free=(name,))
        configs += [space.config(search_seed, trial, name) for trial in range(seeds)]
    scores = train(task, configs, progress)
    streams = {what: slice(1 + seeds * i, 1 + seeds * (i + 1)) for i, what in enumerate(names)}
    rows = [("default, 42", percent(scores.test[0]), "", "", 1)]
    for what, block in streams.items():
        spread = stats.spread(scores.test[block])
        rows.append(
            (
                what,
                percent(scores.test[block].mean()),
                points(spread.sd),
                f"{percent(spread.low)} to {percent(spread.high)}",
                seeds,
            )
        )
    every = streams["all"]
    test, validation = scores.test[every], scores.validation[every]
    beaten = float((test < scores.test[0]).mean())
    gain = test[int(np.argmax(validation))] - test.mean()
    return Demo(
        code="SL102",
        title="A default seed is one draw that nobody chose",
        table=Table(
            "Test accuracy of one configuration, by the stream of randomness whose seed is varied",
            ("seeds varied", "mean", "sd, points", "range", "n"),
            tuple(rows),
        ),
        shows=(
            f"Seeds alone move the test accuracy of one configuration from {percent(test.min())} to "
            f"{percent(test.max())}; the default "
            f"happens to beat {percent(beaten)} of them. Fixing one stream does not remove the spread of the others."
        ),
        does_not_show=(
            f"On the test set, the best of {seeds} seeds by validation is {100 * gain:+.2f} points from the average "
            "seed. A lucky seed is "
            "not what an open seed is for: the result stops hanging on a constant, and the spread can be reported."
        ),
        trials=trials + len(configs),
        search_seed=search_seed,
    )


def comparison(
    search_seed: int, progress: Progress | None = None, *, configs: int = 40, seeds: int = 10, repetitions: int = 1000
) -> Demo:
    """SL201: one family compared with itself. Whatever is significant is so by mistake (the A/A test)."""
    pool = _pool(search_seed, configs, seeds, progress)
    rng = np.random.default_rng(search_seed)
    protocols: dict[str, Callable[[], float]] = {
        f"{seeds} seeds, each side at a configuration of its own": lambda: _seeds_only(pool, rng, tuned=1),
        f"{seeds} seeds, each side at its best of 8 configurations": lambda: _seeds_only(pool, rng, tuned=8),
        f"all hyperparameters, {seeds} trials a side": lambda: _all_hyperparameters(pool, rng, seeds),
        f"all hyperparameters, {configs // 2} pairs of one configuration": lambda: _pairs(pool, rng, configs // 2),
    }
    rates = {what: float(np.mean([test() < ALPHA for _ in range(repetitions)])) for what, test in protocols.items()}
    own, tuned, *searched = rates.values()
    return Demo(
        code="SL201",
        title="A family against itself, compared by seeds and by all hyperparameters",
        table=Table(
            f"How often p is below {ALPHA} over {repetitions} comparisons of a family with itself (nominal {percent(ALPHA)})",
            ("what is varied", "significant"),
            tuple((what, percent(rate)) for what, rate in rates.items()),
        ),
        shows=(
            f"Scores over seeds at one configuration each find a difference where there is none in {percent(own)} of "
            "comparisons, and in "
            f"{percent(tuned)} after tuning; with all hyperparameters sampled it is "
            f"{' and '.join(map(percent, searched))}."
        ),
        does_not_show=(
            "The test over seeds is not wrong about the two configurations, which do differ; the sentence about the "
            "families is. "
            f"The repetitions are drawn from one pool of {configs} configurations, so the percentages are exact to "
            "several points only."
        ),
        trials=configs * seeds * 2,
        search_seed=search_seed,
    )


def distribution(
    search_seed: int, progress: Progress | None = None, *, configs: int = 40, seeds: int = 10, repetitions: int = 1000
) -> Demo:
    """SL202: "mean ± interval over seeds" as the result of a system, against the same over all hyperparameters."""
    pool = _pool(search_seed, configs, seeds, progress)
    rng = np.random.default_rng(search_seed)
    truth = float(pool.free.mean())
    at_one = [stats.mean_interval(row) for row in pool.grid]
    sampled = [stats.mean_interval(rng.choice(pool.free, seeds, replace=False)) for _ in range(repetitions)]
    rows = tuple(
        (what, percent(float(np.mean([one.contains(truth) for one in intervals]))), points(_width(intervals)))
        for what, intervals in ((f"{seeds} seeds of one configuration", at_one), (f"{seeds} trials over all", sampled))
    )
    means = pool.grid.mean(1)
    return Demo(
        code="SL202",
        title="A mean over seeds speaks for one configuration",
        table=Table(
            f"95 % intervals of a mean of {seeds} validation scores, and the family's mean of {percent(truth)}",
            ("scores of", "intervals that hold it", "mean width, points"),
            rows,
        ),
        shows=(
            f"The mean over seeds depends on the configuration that they were run at: from {percent(means.min())} to "
            f"{percent(means.max())} "
            f"over {configs} configurations. Its interval is narrow around a number that is not the family's."
        ),
        does_not_show=(
            "The spread over seeds is a true answer to another question, how far one configuration can be trusted. "
            "And ten trials over "
            "all hyperparameters tell little: their interval is honest and wide, and with diverged trials among them "
            "still too narrow."
        ),
        trials=configs * seeds * 2,
        search_seed=search_seed,
    )


def selected_on_test(
    search_seed: int, progress: Progress | None = None, *, configs: int = 16, seeds: int = 20, repetitions: int = 200
) -> Demo:
    """SL301: the best seed by the test score, against the best by validation, judged on test examples that chose nothing."""
    task = Digits()
    drawn = [task.space.config(search_seed, trial) for trial in range(4 * configs)]
    good = np.argsort(-train(task, drawn).validation, kind="stable")[:configs]
    spaces = [task.space.held_at(drawn[row]) for row in good]
    scores = train(task, [space.config(search_seed, trial) for space in spaces for trial in range(seeds)], progress)
    rng = np.random.default_rng(search_seed)
    reported, fresh, honest = [], [], []
    for marks, validation in zip(
        scores.correct.reshape(configs, seeds, -1), scores.validation.reshape(configs, seeds), strict=True
    ):
        for _ in range(repetitions // configs):
            seen, unseen = np.array_split(rng.permutation(marks.shape[1]), 2)
            by_test = int(marks[:, seen].mean(1).argmax())
            reported.append(marks[by_test][seen].mean())
            fresh.append(marks[by_test][unseen].mean())
            honest.append(marks[int(validation.argmax())][unseen].mean())
    average = scores.test.mean()
    optimism = float(np.mean(reported) - np.mean(fresh))
    return Demo(
        code="SL301",
        title="The best seed on the test set is best on that test set only",
        table=Table(
            f"Accuracy of one of {seeds} seeds, mean over {configs} good configurations",
            ("the seed is chosen", "accuracy"),
            (
                ("by the test half that is then reported", percent(float(np.mean(reported)))),
                ("the same models on the other test half", percent(float(np.mean(fresh)))),
                ("by validation, on the other test half", percent(float(np.mean(honest)))),
                ("not at all: the average seed", percent(float(average))),
            ),
        ),
        shows=f"Choosing the seed by the test score reports {points(optimism)} points that no new example confirms.",
        does_not_show=(
            "That choosing a seed is wrong: by validation it is sound, and here "
            f"{100 * float(np.mean(honest) - average):+.2f} points "
            "from the average seed on examples that chose nothing."
        ),
        trials=len(drawn) + configs * seeds,
        search_seed=search_seed,
    )


DEMOS: dict[str, Callable[[int, Progress | None], Demo]] = {
    "SL101": fixed_seed,
    "SL102": default_seed,
    "SL201": comparison,
    "SL202": distribution,
    "SL301": selected_on_test,
}


@dataclass(frozen=True)
class _Pool:
    """Validation scores: `grid` (configurations, seeds), and `free` (trials,) with all hyperparameters sampled."""

    grid: Floats
    free: Floats


def _pool(search_seed: int, configs: int, seeds: int, progress: Progress | None) -> _Pool:
    task = Digits()
    free = [task.space.config(search_seed, configs + trial) for trial in range(configs * seeds)]
    scores = train(task, [*grid(task.space, search_seed, configs, seeds), *free], progress).validation
    return _Pool(scores[: configs * seeds].reshape(configs, seeds), scores[configs * seeds :])


def _seeds_only(pool: _Pool, rng: np.random.Generator, *, tuned: int) -> float:
    """Return the p-value of seeds at one configuration a side, each the best of `tuned` by one run."""
    sides = rng.permutation(len(pool.grid))[: 2 * tuned].reshape(2, tuned)
    runs = rng.integers(pool.grid.shape[1], size=sides.shape)
    chosen = [side[np.argmax(pool.grid[side, run])] for side, run in zip(sides, runs, strict=True)]
    return stats.mann_whitney(pool.grid[chosen[0]], pool.grid[chosen[1]])


def _all_hyperparameters(pool: _Pool, rng: np.random.Generator, n: int) -> float:
    drawn = rng.choice(pool.free, 2 * n, replace=False)
    return stats.mann_whitney(drawn[:n], drawn[n:])


def _pairs(pool: _Pool, rng: np.random.Generator, n: int) -> float:
    """Return the p-value of n shared configurations, on each side with a seed of its own."""
    rows = rng.permutation(len(pool.grid))[:n]
    seeds = np.array([rng.permutation(pool.grid.shape[1])[:2] for _ in rows])
    return stats.wilcoxon(pool.grid[rows, seeds[:, 0]], pool.grid[rows, seeds[:, 1]])


def _width(intervals: Sequence[stats.Interval]) -> float:
    return float(np.mean([interval.high - interval.low for interval in intervals]))
