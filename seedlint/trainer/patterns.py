"""What one family's trials allow: a selected model, an ensemble, and how far scores move with the seed.

Each pattern takes a study and returns a record whose `sentence` says, fit for a paper, what may be concluded and no more.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from seedlint.trainer import stats
from seedlint.trainer.search import Halving, Progress, search
from seedlint.trainer.space import SEED_NAMES, Space
from seedlint.trainer.stats import Interval, Spread
from seedlint.trainer.store import Trial
from seedlint.trainer.study import Study
from seedlint.trainer.task import Part
from seedlint.trainer.trials import correct, retrain
from seedlint.trainer.wording import gap, percent, percents, points


class Refused(ValueError):
    """A conclusion that the trials do not allow, with the reason."""


@dataclass(frozen=True)
class Selection:
    """The best trial by validation and its test accuracy. `openings` counts the looks at the test set so far."""

    family: str
    searched: str
    """What was varied, in words."""
    trial: Trial
    trials: int
    diverged: int
    test: float
    score: float
    """The task's own score on the test set, which is the accuracy unless the task says otherwise."""
    interval: Interval
    correct: NDArray[np.bool_]
    opened_at: str
    openings: int
    same_weights: bool
    """Whether training the trial again gave the recorded weights, bit for bit."""

    @property
    def sentence(self) -> str:
        """What may be said in a paper."""
        lost = f" ({self.diverged} diverged and counted as chance)" if self.diverged else ""
        own = f"; the score that selects models is {percent(self.score)} there" if self.score != self.test else ""
        again = f" The test set was opened {self.openings} times in this search." if self.openings > 1 else ""
        other = "" if self.same_weights else " Trained again, the model came out with other weights than in the search."
        return (
            f"From {self.trials} trials of {self.searched}{lost}, the model with the best validation score "
            f"({percent(self.trial.score)}) was selected; of the {self.correct.size} test examples it gets "
            f"{percent(self.test)} right ({percents(self.interval)}){own}.{again}{other}"
        )


def select(study: Study) -> Selection:
    """Select the best trial by validation, and open the test set for it once (section 2.1).

    A search keeps no weights, so the model is trained again. What the test set said is recorded, and returned when asked again.
    Refused where even the best trial diverged.
    """
    best, store = study.best, study.store
    if best.diverged:
        raise Refused(f"{study.family}: all {len(study.trials)} trials diverged, so there is no model to select")
    opening = store.opened([best.id])
    if opening is None:
        population, fitted, (same,) = retrain(study, [best.id])
        logits = population.logits(fitted.parameters, fitted.hyperparameters, Part.TEST)[0]
        score = study.task.score(logits, population.examples(Part.TEST)[1])
        with store:
            right = correct(population, fitted, Part.TEST)[0]
            opening = store.open_test([best.id], score, right, same_weights=same)
    return Selection(
        family=study.family,
        searched=study.searched,
        trial=best,
        trials=store.tried,
        diverged=sum(trial.diverged for trial in study.trials),
        test=float(opening.correct.mean()),
        score=opening.score,
        interval=stats.accuracy_interval(opening.correct),
        correct=opening.correct,
        opened_at=opening.at,
        openings=len(store.openings),
        same_weights=opening.same_weights,
    )


@dataclass(frozen=True)
class Ensemble:
    """Members that differ only by their seeds; accuracies are on the test set. `gain` is of averaging over the best member."""

    family: str
    members: tuple[int, ...]
    candidates: int
    single: float
    average: float
    vote: float
    gain: stats.PairedBootstrap
    resampling_seed: int

    @property
    def sentence(self) -> str:
        """What may be said in a paper."""
        return (
            f"The averaged probabilities of {len(self.members)} models that differ only in their seeds get "
            f"{percent(self.average)} of the {self.gain.n} test examples right (majority vote {percent(self.vote)}); the member "
            f"with the best validation score alone {percent(self.single)}: {gap(self.gain.gap, self.gain.interval)}."
        )


def ensemble(
    study: Study,
    members: int = 5,
    *,
    candidates: int | None = None,
    halving: Halving | None = None,
    path: Path | None = None,
    resampling_seed: int | None = None,
    progress: Progress | None = None,
) -> Ensemble:
    """Combine models that have the selected configuration and seeds of their own (section 2.2).

    Of `candidates` seeds (`members` where None) the best by validation are taken, diverged ones left out; halving stops the others
    early. The look at the test set is recorded with the study and with the candidates. The bootstrap's seed is drawn where None.
    """
    head, number = study.store.head, candidates or members
    if not 2 <= members <= number:
        raise Refused(f"an ensemble needs two members or more, and as many candidates: not {members} of {number}")
    pool = search(
        study.task,
        number,
        search_seed=head.search_seed,
        space=head.space.held_at(study.best.config),
        family=f"{head.family}, seeds",
        path=path,
        machine=study.machine,
        halving=halving,
        progress=progress,
    )
    usable = [trial for trial in pool.trials if trial.id < number and not trial.diverged]
    ids = tuple(trial.id for trial in sorted(usable, key=lambda trial: (-trial.score, trial.id))[:members])
    if len(ids) < members:
        raise Refused(f"{len(ids)} of {number} candidates ran to a sound end, and {members} members were asked for")
    population, fitted, same = retrain(pool, ids)
    labels = population.examples(Part.TEST)[1]
    probabilities = population.logits(fitted.parameters, fitted.hyperparameters, Part.TEST).double().softmax(-1)
    mean = probabilities.mean(0)
    votes = nn.functional.one_hot(probabilities.argmax(-1), mean.shape[-1]).sum(0) + mean / 2  # the mean breaks ties
    single, average, vote = ((output.argmax(-1) == labels).cpu().numpy() for output in (probabilities[0], mean, votes))
    score = study.task.score(mean.log(), labels)
    for store, trials in ((pool.store, ids), (study.store, (study.best.id,))):
        with store:
            what = f"ensemble of {members} of {number} seeds"
            store.open_test(trials, score, average, what=what, same_weights=all(same))
    seed = secrets.randbits(32) if resampling_seed is None else resampling_seed
    return Ensemble(
        family=head.family,
        members=ids,
        candidates=number,
        single=float(single.mean()),
        average=float(average.mean()),
        vote=float(vote.mean()),
        gain=stats.paired_bootstrap(average, single, rng=np.random.default_rng(seed)),
        resampling_seed=seed,
    )


STREAMS = {"seed": "seed", "initialisation": "init_seed", "data order": "order_seed", "dropout": "dropout_seed"}
OTHERS = "other hyperparameters"


@dataclass(frozen=True)
class Sensitivity:
    """How far a family's validation scores spread, by what is varied while all else is held at trial `held_at`."""

    family: str
    held_at: int
    spreads: dict[str, Spread]

    @property
    def sentence(self) -> str:
        """What may be said in a paper. It names no winner, since one configuration has none."""
        seed, others = self.spreads["seed"], self.spreads.get(OTHERS)
        beside = (
            f"; with the seed held, over {others.n} draws of the other hyperparameters, {points(others.sd)} points "
            f"(range {percent(others.low)} to {percent(others.high)})"
            if others
            else ""
        )
        return (
            f"At the selected configuration, validation scores over {seed.n} seeds have a standard deviation of "
            f"{points(seed.sd)} points (range {percent(seed.low)} to {percent(seed.high)}){beside}."
        )


def sensitivity(
    study: Study, seeds: int = 20, *, folder: Path | None = None, progress: Progress | None = None
) -> Sensitivity:
    """Measure the spread over seeds, over one stream of randomness at a time, and over the other hyperparameters (section 2.3).

    Streams are told apart as in Dodge et al. 2020, section 3. The test set stays closed.
    """
    if seeds < 2:
        raise Refused(f"a spread needs two seeds or more: not {seeds}")
    head, best = study.store.head, study.best
    spaces = {what: head.space.held_at(best.config, free=(name,)) for what, name in STREAMS.items()}
    seed = {name: value for name, value in best.config.items() if name in SEED_NAMES}
    others = Space({**head.space.dimensions, **seed})
    if others.searched:
        spaces[OTHERS] = others
    spreads = {}
    for what, space in spaces.items():
        varied = search(
            study.task,
            seeds,
            search_seed=head.search_seed,
            space=space,
            family=f"{head.family}, {what}",
            path=folder / f"{what.replace(' ', '-')}.jsonl" if folder else None,
            machine=study.machine,
            progress=progress,
        )
        spreads[what] = stats.spread([trial.score for trial in varied.trials])
    return Sensitivity(head.family, best.id, spreads)
