"""The demonstrations measure what they say: on scores whose answer is known, and the A/A test on real data in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

pytest.importorskip("torch")

import scipy.stats
from click.testing import CliRunner
from numpy.typing import NDArray
from tiny import Tiny

from seedlint.cli import cli
from seedlint.cli.trainer import DEMO_CODES
from seedlint.rulebook import load_rulebook
from seedlint.trainer import demos
from seedlint.trainer.demos import DEMOS, Demo, Scores
from seedlint.trainer.patterns import select
from seedlint.trainer.search import Progress, search
from seedlint.trainer.space import SEED_NAMES, Config
from seedlint.trainer.tables import shown
from seedlint.trainer.task import Task

SEED = 7
TESTS = 200

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass
class Fabricated:
    """Takes the place of training: scores by rule, and a record of what was to be trained."""

    validation: Callable[[Sequence[Config]], Floats]
    correct: Callable[[Sequence[Config]], Bools]
    asked: list[list[Config]]
    given: list[Scores]

    def __call__(self, task: Task, configs: Sequence[Config], progress: Progress | None = None) -> Scores:
        scores = Scores(self.validation(configs), self.correct(configs))
        self.asked.append(list(configs))
        self.given.append(scores)
        return scores


def noise(configs: Sequence[Config]) -> Floats:
    """Scores that nothing has an effect on."""
    return np.random.default_rng(len(configs)).normal(0.7, 0.05, len(configs))


def by_configuration(configs: Sequence[Config]) -> Floats:
    """Scores that the configuration decides, and the seed all but not."""
    return np.array([np.log10(config["lr"]) / 10 + 1 for config in configs]) + noise(configs) * 1e-6


def luck(configs: Sequence[Config]) -> Bools:
    """Test examples that every model gets right with probability 0.8."""
    return np.random.default_rng(len(configs)).random((len(configs), TESTS)) < 0.8


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Fabricated]:
    def replaced(
        validation: Callable[[Sequence[Config]], Floats] = noise,
        correct: Callable[[Sequence[Config]], Bools] = luck,
    ) -> Fabricated:
        fabricated = Fabricated(validation, correct, [], [])
        monkeypatch.setattr(demos, "train", fabricated)
        return fabricated

    return replaced


def rows(demo: Demo) -> dict[str, list[str]]:
    """The table as a reader sees it: the first cell of each row → the others."""
    return {str(name): [shown(cell) for cell in cells] for name, *cells in demo.table.rows}


def percents(demo: Demo) -> list[float]:
    """The first number of each row, in percent."""
    return [float(cells[0].removesuffix(" %")) for cells in rows(demo).values()]


def others(config: Config) -> Config:
    return {name: value for name, value in config.items() if name not in SEED_NAMES}


def percent(score: float) -> str:
    return f"{100 * score:.1f} %"


def points(difference: float) -> str:
    return f"{100 * difference:.2f}"


def test_the_a_a_test_on_digits_finds_differences_by_seeds_and_few_by_all_hyperparameters() -> None:
    counted = []
    demo = demos.comparison(SEED, lambda done, total: counted.append((done, total)))
    own, tuned, sampled, pairs = percents(demo)
    assert own > 50
    assert tuned > 20
    assert 1 < sampled < 10
    assert 1 < pairs < 10
    assert demo.trials == 800
    assert counted[-1] == (800, 800)
    assert counted == sorted(counted)


class TestComparison:
    def test_it_finds_no_difference_where_configurations_have_none(self, trained: Callable[..., Fabricated]) -> None:
        trained(noise)
        assert max(percents(demos.comparison(SEED))) < 10

    def test_it_always_finds_a_difference_by_seeds_where_configurations_decide(
        self, trained: Callable[..., Fabricated]
    ) -> None:
        trained(by_configuration)
        demo = demos.comparison(SEED, repetitions=300)
        own, tuned, sampled, pairs = percents(demo)
        assert (own, tuned) == (100, 100)
        assert 1 < sampled < 10
        assert 1 < pairs < 10

    def test_tuning_ends_it_where_all_good_configurations_are_alike(self, trained: Callable[..., Fabricated]) -> None:
        def good_or_bad(configs: Sequence[Config]) -> Floats:
            good = np.array([config["lr"] > 5e-3 for config in configs])
            return np.where(good, 1 + noise(configs) / 5, by_configuration(configs))

        trained(good_or_bad)
        own, tuned, *_ = percents(demos.comparison(SEED, repetitions=300))
        assert own > 35
        assert tuned < 15

    def test_its_sentences_hold_the_numbers_of_its_table(self, trained: Callable[..., Fabricated]) -> None:
        trained(by_configuration)
        demo = demos.comparison(SEED, configs=20, seeds=5, repetitions=50)
        assert all(cells[0] in demo.shows for cells in rows(demo).values())
        assert "20 configurations" in demo.does_not_show
        assert demo.trials == 200
        assert list(rows(demo))[-1] == "all hyperparameters, 10 pairs of one configuration"

    def test_its_pool_is_configurations_with_their_seeds_and_as_many_free_trials(
        self, trained: Callable[..., Fabricated]
    ) -> None:
        fabricated = trained()
        demos.comparison(SEED, configs=20, seeds=5, repetitions=2)
        (asked,) = fabricated.asked
        grid, free = asked[:100], asked[100:]
        blocks = [grid[start : start + 5] for start in range(0, 100, 5)]
        assert all(others(config) == others(block[0]) for block in blocks for config in block)
        assert len({config["seed"] for config in grid}) == 100
        assert len({config["lr"] for config in (*grid, *free)}) == 20 + 100


class TestFixedSeed:
    def test_its_table_is_what_the_selected_models_score(self, trained: Callable[..., Fabricated]) -> None:
        fabricated = trained()
        demo = demos.fixed_seed(SEED, searches=4, trials=6)
        (scores,) = fabricated.given
        selected = []
        for start in range(0, 48, 6):
            best = max(range(start, start + 6), key=lambda row: scores.validation[row])
            selected.append(scores.correct[best].sum() / TESTS)
        for cells, tests in zip(rows(demo).values(), (selected[:4], selected[4:]), strict=True):
            low, high = percent(min(tests)), percent(max(tests))
            assert cells == [percent(np.mean(tests)), points(np.std(tests, ddof=1)), low, high]
        assert f"from {percent(min(selected[:4]))} to {percent(max(selected[:4]))}" in demo.shows
        moved = 100 * (np.mean(selected[4:]) - np.mean(selected[:4]))
        assert f"moves by {moved:+.2f} points" in demo.does_not_show
        assert demo.trials == 48

    def test_its_searches_share_configurations_and_differ_by_their_seeds(
        self, trained: Callable[..., Fabricated]
    ) -> None:
        fabricated = trained()
        demos.fixed_seed(SEED, searches=4, trials=6)
        (asked,) = fabricated.asked
        blocks = [asked[start : start + 6] for start in range(0, 48, 6)]
        assert all([others(config) for config in block] == [others(config) for config in blocks[0]] for block in blocks)
        assert [{config["seed"] for config in block} for block in blocks[:4]] == [{0}, {1}, {2}, {3}]
        assert len({config["seed"] for block in blocks[4:] for config in block}) == 24


class TestDefaultSeed:
    def test_its_table_is_the_spread_over_the_seeds_of_each_stream(self, trained: Callable[..., Fabricated]) -> None:
        fabricated = trained()
        demo = demos.default_seed(SEED, trials=8, seeds=6)
        test = fabricated.given[1].correct.sum(1) / TESTS
        default, *streams = rows(demo).values()
        assert default == [percent(test[0]), "", "", "1"]
        for number, cells in enumerate(streams):
            block = test[1 + 6 * number : 7 + 6 * number]
            ends = f"{percent(block.min())} to {percent(block.max())}"
            assert cells == [percent(block.mean()), points(np.std(block, ddof=1)), ends, "6"]
        every, validation = test[1:7], fabricated.given[1].validation[1:7]
        assert f"from {percent(every.min())} to {percent(every.max())}" in demo.shows
        assert f"beat {percent(np.mean(every < test[0]))} of them" in demo.shows.replace("happens to ", "")
        assert f"{100 * (every[validation.argmax()] - every.mean()):+.2f} points" in demo.does_not_show
        assert demo.trials == 8 + 25

    def test_it_varies_the_seeds_of_one_stream_at_a_time_at_the_best_configuration(
        self, trained: Callable[..., Fabricated]
    ) -> None:
        fabricated = trained()
        demos.default_seed(SEED, trials=8, seeds=6)
        drawn, asked = fabricated.asked
        best = drawn[int(fabricated.given[0].validation.argmax())]
        assert asked[0] == {**best, "seed": 42}
        for number, name in enumerate(("seed", "init_seed", "order_seed", "dropout_seed")):
            block = asked[1 + 6 * number : 7 + 6 * number]
            assert len({config[name] for config in block}) == 6
            assert all({**config, name: 0} == {**best, name: 0} for config in block)


class TestDistribution:
    def test_its_first_row_is_the_t_interval_of_each_configuration(self, trained: Callable[..., Fabricated]) -> None:
        fabricated = trained(lambda configs: by_configuration(configs) + noise(configs) / 5)
        demo = demos.distribution(SEED, configs=12, seeds=5, repetitions=20)
        scores = fabricated.given[0].validation
        grid, truth = scores[:60].reshape(12, 5), scores[60:].mean()
        low, high = scipy.stats.t.interval(0.95, 4, grid.mean(1), scipy.stats.sem(grid, axis=1))
        held = percent(np.mean((low <= truth) & (truth <= high)))
        assert rows(demo)["5 seeds of one configuration"] == [held, points(np.mean(high - low))]
        assert demo.table.title.endswith(percent(truth))
        assert f"from {percent(grid.mean(1).min())} to {percent(grid.mean(1).max())}" in demo.shows
        assert demo.trials == 120

    def test_intervals_over_seeds_miss_and_those_over_all_hold_where_configurations_decide(
        self, trained: Callable[..., Fabricated]
    ) -> None:
        trained(by_configuration)
        at_one, sampled = percents(demos.distribution(SEED))
        assert at_one == 0
        assert 90 < sampled <= 100

    def test_intervals_of_both_kinds_hold_where_nothing_has_an_effect(self, trained: Callable[..., Fabricated]) -> None:
        trained(noise)
        at_one, sampled = percents(demos.distribution(SEED, configs=100))
        assert 88 < at_one <= 100
        assert 92 < sampled < 98


class TestSelectedOnTest:
    def test_its_optimism_is_that_of_the_best_of_many_coins(self, trained: Callable[..., Fabricated]) -> None:
        trained()
        demo = demos.selected_on_test(SEED)
        best, again, honest, average = percents(demo)
        half = np.arange(TESTS // 2 + 1)
        beaten = scipy.stats.binom.cdf(half, TESTS // 2, 0.8) ** 20
        expected = 100 * float((np.diff(beaten, prepend=0) * half).sum()) / (TESTS // 2)
        assert best == pytest.approx(expected, abs=0.8)
        assert [again, honest, average] == pytest.approx([80, 80, 80], abs=1.5)
        optimism = float(demo.shows.partition("reports ")[2].partition(" points")[0])
        assert optimism == pytest.approx(best - again, abs=0.11)

    @pytest.mark.parametrize("knows", [True, False])
    def test_the_seed_that_validation_prefers_is_judged_on_examples_that_chose_nothing(
        self, knows: bool, trained: Callable[..., Fabricated]
    ) -> None:
        def quality(configs: Sequence[Config]) -> Floats:
            return np.array([config["seed"] / 2**31 for config in configs])

        def correct(configs: Sequence[Config]) -> Bools:
            return np.random.default_rng(0).random((len(configs), TESTS)) < quality(configs)[:, None]

        trained(lambda configs: quality(configs) if knows else 1 - quality(configs), correct)
        demo = demos.selected_on_test(SEED)
        best, again, honest, average = percents(demo)
        assert min(best, again) > 90
        assert honest > 90 if knows else honest < 10
        assert average == pytest.approx(50, abs=5)
        gain = float(demo.does_not_show.partition("here ")[2].partition(" points")[0])
        assert gain == pytest.approx(honest - average, abs=0.11)

    def test_models_that_answer_alike_give_no_optimism(self, trained: Callable[..., Fabricated]) -> None:
        trained(correct=lambda configs: np.tile(np.arange(TESTS) < 160, (len(configs), 1)))
        demo = demos.selected_on_test(SEED, repetitions=3200)
        assert percents(demo) == pytest.approx([80, 80, 80, 80], abs=0.2)

    def test_its_configurations_are_the_best_by_validation(self, trained: Callable[..., Fabricated]) -> None:
        fabricated = trained(by_configuration)
        demo = demos.selected_on_test(SEED, configs=3, seeds=4, repetitions=6)
        drawn, asked = fabricated.asked
        rates = sorted((config["lr"] for config in drawn), reverse=True)[:3]
        assert [config["lr"] for config in asked] == [rate for rate in rates for _ in range(4)]
        assert len({config["seed"] for config in asked}) == 12
        assert demo.trials == 12 + 12


class TestTraining:
    def test_it_scores_as_a_search_and_a_selection_do(self) -> None:
        task, counted = Tiny(), []
        study = search(task, 70, search_seed=SEED)
        scores = demos.train(task, [trial.config for trial in study.trials], lambda *done: counted.append(done))
        assert scores.validation.tolist() == [trial.score for trial in study.trials]
        selected = select(study)
        assert scores.test[study.best.id] == selected.test
        assert scores.correct[study.best.id].tolist() == selected.correct.tolist()
        assert counted == [(64, 70), (70, 70)]

    def test_a_diverged_trial_counts_as_chance(self) -> None:
        config = {**Tiny.space.config(SEED, 0), "lr": 1e38}
        assert demos.train(Tiny(), [config]).validation.tolist() == [1 / 3]


def test_every_demonstration_is_a_command_and_has_a_rule() -> None:
    assert tuple(DEMOS) == DEMO_CODES
    assert all(load_rulebook().find(code).code == code for code in DEMO_CODES)


@pytest.mark.parametrize("code", DEMO_CODES)
class TestEveryDemonstration:
    def test_it_is_a_function_of_its_search_seed(self, code: str, trained: Callable[..., Fabricated]) -> None:
        fabricated = trained()
        first, second = (DEMOS[code](SEED, None) for _ in range(2))
        assert first == second
        assert (first.code, first.search_seed) == (code, SEED)
        assert first.trials * 2 == sum(map(len, fabricated.asked))
        DEMOS[code](SEED + 1, None)
        assert fabricated.asked[-1] != fabricated.asked[0]

    def test_its_command_prints_the_table_both_sentences_and_the_seed(
        self, code: str, trained: Callable[..., Fabricated]
    ) -> None:
        trained()
        demo = DEMOS[code](SEED, None)
        result = CliRunner().invoke(cli, ["trainer", "demo", code.lower(), "--search-seed", str(SEED)])
        assert (result.exit_code, result.stderr) == (0, "")
        assert f"It shows: {demo.shows}\n" in result.stdout
        assert f"It does not show: {demo.does_not_show}\n" in result.stdout
        assert all(cell in result.stdout for cells in rows(demo).values() for cell in cells)
        assert f"{demo.trials} trials, search_seed={SEED}. More: seedlint explain {code}" in result.stdout


@pytest.mark.parametrize(("format_", "beginning"), [("md", "**"), ("csv", ",mean,"), ("tex", "\\begin{table}")])
def test_a_demonstration_is_printed_as_a_table_alone(
    format_: str, beginning: str, trained: Callable[..., Fabricated]
) -> None:
    trained()
    result = CliRunner().invoke(cli, ["trainer", "demo", "SL101", "--search-seed", "7", "--format", format_])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(beginning)
    assert "It shows" not in result.stdout


def test_a_seed_that_was_drawn_is_printed_and_repeats_the_demonstration(trained: Callable[..., Fabricated]) -> None:
    trained()
    drawn = CliRunner().invoke(cli, ["trainer", "demo", "SL101"]).stdout
    seed = drawn.partition("search_seed=")[2].partition(".")[0]
    assert CliRunner().invoke(cli, ["trainer", "demo", "SL101", "--search-seed", seed]).stdout == drawn
