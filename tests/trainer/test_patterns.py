"""What one family's trials allow: the test set is opened once for each model, and every sentence says no more than was measured."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tiny import Tiny
from torch import Tensor

from seedlint.trainer import stats
from seedlint.trainer.patterns import (
    OTHERS,
    STREAMS,
    Ensemble,
    Refused,
    Selection,
    Sensitivity,
    ensemble,
    select,
    sensitivity,
)
from seedlint.trainer.population import Fitted, Population
from seedlint.trainer.search import Halving, search
from seedlint.trainer.space import ANY_SEED, SEED_NAMES, Config, LogUniform, Space
from seedlint.trainer.stats import Interval, PairedBootstrap, Spread
from seedlint.trainer.store import read_store
from seedlint.trainer.study import Study
from seedlint.trainer.task import Part
from seedlint.trainer.trials import retrain


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of lanes of each training."""
    lanes: list[int] = []
    fit = Population.fit

    def counted(self: Population, configs: Sequence[Config], *, steps: int | None = None) -> Fitted:
        lanes.append(len(configs))
        return fit(self, configs, steps=steps)

    monkeypatch.setattr(Population, "fit", counted)
    return lanes


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Part]:
    """The parts whose examples were asked for through a population."""
    parts: list[Part] = []
    examples = Population.examples

    def watched(self: Population, part: Part) -> object:
        parts.append(part)
        return examples(self, part)

    monkeypatch.setattr(Population, "examples", watched)
    return parts


def probabilities(study: Study, ids: Sequence[int]) -> NDArray[np.float64]:
    """(members, examples, classes), by numpy."""
    population, fitted, _ = retrain(study, ids)
    logits = population.logits(fitted.parameters, fitted.hyperparameters, Part.TEST).numpy().astype(np.float64)
    exponentials = np.exp(logits - logits.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)  # type: ignore[no-any-return]


def labels() -> NDArray[np.int64]:
    return Tiny().examples(Part.TEST)[1].numpy()  # type: ignore[no-any-return]


def test_the_selected_model_is_the_best_by_validation_and_scored_on_the_test_set() -> None:
    study = search(Tiny(), 12, search_seed=3)
    selection = select(study)
    assert selection.trial.score == max(trial.score for trial in study.trials)
    right = probabilities(study, [selection.trial.id])[0].argmax(-1) == labels()
    assert np.array_equal(selection.correct, right)
    assert selection.test == pytest.approx(right.mean())
    assert selection.interval == stats.accuracy_interval(right)
    assert (selection.trials, selection.openings, selection.same_weights) == (12, 1, True)


def test_the_test_set_is_closed_until_a_model_is_selected(opened: list[Part]) -> None:
    study = search(Tiny(), 6, search_seed=3)
    sensitivity(study, 3)
    assert Part.TEST not in opened
    select(study)
    assert Part.TEST in opened


def test_the_test_set_is_opened_once_for_a_model_and_the_store_says_when(
    tmp_path: Path, fits: list[int], opened: list[Part]
) -> None:
    path = tmp_path / "s"
    first = select(search(Tiny(), 6, search_seed=3, path=path))
    assert fits == [6, 1]
    opened.clear()
    second = select(search(Tiny(), 6, path=path))
    assert (fits, opened) == ([6, 1], [])
    (opening,) = read_store(path).openings
    assert (opening.trials, opening.score, opening.at) == ((first.trial.id,), first.test, first.opened_at)
    assert timedelta(0) <= datetime.now(timezone.utc) - datetime.fromisoformat(opening.at) < timedelta(minutes=2)
    assert (second.test, second.opened_at, second.openings) == (first.test, first.opened_at, 1)
    assert np.array_equal(second.correct, first.correct)


def test_a_better_model_of_a_longer_search_opens_the_test_set_again_and_says_so(tmp_path: Path) -> None:
    scores = [trial.score for trial in search(Tiny(), 30, search_seed=3).trials]
    later = next(k for k in range(1, 30) if scores[k] > max(scores[:k]))
    path = tmp_path / "s"
    first = select(search(Tiny(), later, search_seed=3, path=path))
    second = select(search(Tiny(), later + 1, path=path))
    assert (first.openings, second.openings) == (1, 2)
    assert second.trial.id == later
    assert "opened" not in first.sentence
    assert second.sentence.endswith(" The test set was opened 2 times in this search.")
    assert [opening.trials for opening in read_store(path).openings] == [(first.trial.id,), (later,)]


def test_a_model_that_does_not_come_out_the_same_is_said_to(tmp_path: Path) -> None:
    study = search(Tiny(), 3, search_seed=3)
    best = study.best
    study.store.trials[best.id, best.steps] = replace(best, weights="0" * 16)
    assert not select(study).same_weights


def test_diverged_trials_are_counted_and_never_dropped() -> None:
    study = search(Tiny(), 6, search_seed=3)
    for id in (1, 4):
        study.store.trials[id, Tiny.steps] = replace(study.trials[id], diverged=True, score=1 / 3)
    selection = select(study)
    assert (selection.trials, selection.diverged) == (6, 2)


def test_a_selection_says_the_trials_both_scores_and_the_interval() -> None:
    trial = replace(search(Tiny(), 1, search_seed=3).best, score=0.9625)
    selection = Selection(
        "tiny",
        "a random search over seed and lr",
        trial,
        64,
        2,
        0.944,
        0.944,
        Interval(0.928, 0.957, 0.95),
        np.ones(997, bool),
        "2026-01-01",
        1,
        True,
    )
    assert selection.sentence == (
        "From 64 trials of a random search over seed and lr (2 diverged and counted as chance), "
        "the model with the best validation score (96.2 %) was selected; of the "
        "997 test examples it gets 94.4 % right (95 % interval 92.8 to 95.7)."
    )


def test_what_was_searched_says_a_fixed_seed_and_halving() -> None:
    fixed = Space({"seed": 5, "lr": LogUniform(1e-3, 1e-1), "dropout": 0.1, "width": 8, "weight_decay": 0.0})
    halved = search(Tiny(), 9, search_seed=3, space=fixed, halving=Halving())
    assert halved.searched == "a random search, halved by early validation scores, over lr with the seed fixed at 5"


def test_the_fixed_seed_of_one_stream_is_named() -> None:
    space = Space({"seed": ANY_SEED, "init_seed": 7, "lr": 0.01, "dropout": 0.1, "width": 8, "weight_decay": 0.0})
    assert (
        search(Tiny(), 2, search_seed=3, space=space).searched == "a random search over seed with init_seed fixed at 7"
    )


def test_an_ensemble_averages_probabilities_and_counts_votes_of_members_that_differ_by_their_seeds(
    tmp_path: Path,
) -> None:
    study, path = search(Tiny(), 8, search_seed=3), tmp_path / "seeds"
    result = ensemble(study, 4, candidates=7, path=path, resampling_seed=5)
    best = study.best.config
    pool = search(Tiny(), 7, search_seed=3, space=Tiny.space.held_at(best), family="tiny, seeds", path=path)
    assert all({**trial.config, "seed": 0} == {**best, "seed": 0} for trial in pool.trials)
    assert len({trial.config["seed"] for trial in pool.trials}) == 7
    assert result.members == tuple(t.id for t in sorted(pool.trials, key=lambda t: (-t.score, t.id))[:4])
    members, truth = probabilities(pool, result.members), labels()
    mean = members.mean(0)
    votes = np.zeros_like(mean)
    for member in members:
        votes[np.arange(len(truth)), member.argmax(-1)] += 1
    tied = (votes == votes.max(-1, keepdims=True)).sum(-1) > 1
    assert tied.any(), "no vote is tied: the test shows less than it says"
    winners = np.where(votes == votes.max(-1, keepdims=True), mean, -1).argmax(-1)
    right, alone = mean.argmax(-1) == truth, members[0].argmax(-1) == truth
    assert result.average == pytest.approx(right.mean())
    assert result.single == pytest.approx(alone.mean())
    assert result.vote == pytest.approx((winners == truth).mean())
    assert result.gain == stats.paired_bootstrap(right, alone, rng=np.random.default_rng(5))
    assert [opening.trials for opening in read_store(path).openings] == [result.members]


def test_an_ensemble_asked_for_again_opens_the_test_set_no_more(tmp_path: Path) -> None:
    study, path = search(Tiny(), 4, search_seed=3), tmp_path / "seeds"
    one, two = (ensemble(study, 3, path=path, resampling_seed=5) for _ in range(2))
    assert one == two
    assert [one.what for one in read_store(path).openings] == ["ensemble of 3 of 3 seeds"]
    assert [(one.trials, one.what) for one in study.store.openings] == [((study.best.id,), "ensemble of 3 of 3 seeds")]


def test_halved_candidates_must_leave_enough_members() -> None:
    study = search(Tiny(), 4, search_seed=3)
    assert len(ensemble(study, 2, candidates=18, halving=Halving()).members) == 2
    with pytest.raises(Refused, match=r"^2 of 18 candidates ran to a sound end, and 3 members were asked for$"):
        ensemble(study, 3, candidates=18, halving=Halving())


@pytest.mark.parametrize(("members", "candidates"), [(1, None), (0, None), (-1, None), (5, 4)])
def test_an_ensemble_needs_two_members_and_as_many_candidates(members: int, candidates: int | None) -> None:
    with pytest.raises(Refused, match="two members or more"):
        ensemble(search(Tiny(), 2, search_seed=3), members, candidates=candidates)


class Unsound(Tiny):
    """Every trial's loss is not a number."""

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return super().loss(logits, labels) * math.nan


def test_of_trials_that_all_diverged_none_is_selected() -> None:
    study = search(Unsound(), 3, search_seed=3)
    with pytest.raises(Refused, match="all 3 trials diverged"):
        select(study)
    assert not study.store.openings


class Halved(Tiny):
    """Its own score is half of the accuracy."""

    def score(self, logits: Tensor, labels: Tensor) -> Tensor:
        return (logits.argmax(-1) == labels).float().mean() / 2


def test_a_score_of_the_tasks_own_is_told_apart_from_the_accuracy() -> None:
    selection = select(search(Halved(), 3, search_seed=3))
    assert selection.score == pytest.approx(selection.test / 2)
    assert f"; the score that selects models is {100 * selection.score:.1f} % there." in selection.sentence


def test_members_differ_where_every_stream_has_a_seed_of_its_own() -> None:
    space = Space({**Tiny.space.dimensions, "init_seed": ANY_SEED, "order_seed": ANY_SEED, "dropout_seed": ANY_SEED})
    study = search(Tiny(), 2, search_seed=3, space=space)
    assert sensitivity(study, 4).spreads["seed"].sd > 0


def test_an_ensemble_says_its_gain_with_the_interval() -> None:
    gain = PairedBootstrap(0.0062, Interval(-0.0011, 0.0135, 0.95), 0.2, 20, 14, 997)
    assert Ensemble("tiny", (3, 1, 4), 9, 0.9605, 0.9667, 0.9649, gain, 5).sentence == (
        "The averaged probabilities of 3 models that differ only in their seeds get 96.7 % of the 997 test examples right "
        "(majority vote 96.5 %); the member with the best validation score alone 96.0 %: +0.6 points (95 % interval -0.1 to +1.4)."
    )


def test_sensitivity_varies_one_thing_at_a_time_around_the_best_trial(tmp_path: Path) -> None:
    study = search(Tiny(), 8, search_seed=3)
    best, result = study.best, sensitivity(study, 6, folder=tmp_path)
    assert (result.held_at, list(result.spreads)) == (best.id, [*STREAMS, OTHERS])
    for what, spread in result.spreads.items():
        store = read_store(tmp_path / f"{what.replace(' ', '-')}.jsonl")
        varied = {name for trial in store.final for name in trial.config if trial.config[name] != best.config.get(name)}
        searched = set(Tiny.space.searched) - set(SEED_NAMES)
        assert varied == (searched if what == OTHERS else {STREAMS[what]})
        assert spread == stats.spread([trial.score for trial in store.final])
        assert spread.n == 6


def test_dropout_alone_moves_nothing_where_none_is_dropped() -> None:
    space = Space({**Tiny.space.dimensions, "dropout": 0.0})
    spreads = sensitivity(search(Tiny(), 8, search_seed=3, space=space), 6).spreads
    assert spreads["dropout"].low == spreads["dropout"].high
    assert all(spreads[what].low < spreads[what].high for what in ("seed", "initialisation", OTHERS))


def test_one_seed_has_no_spread() -> None:
    with pytest.raises(Refused, match=r"^a spread needs two seeds or more: not 1$"):
        sensitivity(search(Tiny(), 2, search_seed=3), 1)


def test_sensitivity_says_both_spreads_and_names_no_winner() -> None:
    spreads = {what: Spread(0.0, 0.9, 0.9, 20) for what in STREAMS}
    spreads |= {"seed": Spread(0.0036, 0.9375, 0.957, 64), OTHERS: Spread(0.1234, 0.1, 0.9625, 20)}
    assert Sensitivity("tiny", 5, spreads).sentence == (
        "At the selected configuration, validation scores over 64 seeds have a standard deviation of 0.36 points (range "
        "93.8 % to 95.7 %); with the seed held, over 20 draws of the other hyperparameters, 12.34 points (range 10.0 % to "
        "96.2 %)."
    )


def test_nothing_is_concluded_from_a_search_without_a_finished_trial() -> None:
    study = search(Tiny(), 1, search_seed=3, shard=(1, 2))
    for pattern in (select, ensemble, sensitivity):
        with pytest.raises(RuntimeError, match=re.escape("tiny: no trial has run to its end")):
            pattern(study)
