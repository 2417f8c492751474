"""A recorded study, taken up again: for its records, or with its task to train more of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from seedlint.trainer.machine import Machine, environment, recorded_machine
from seedlint.trainer.store import Environment, Trial, read_store
from seedlint.trainer.study import SearchError, Study
from seedlint.trainer.task import Part, fingerprint, load_task
from seedlint.trainer.trials import correct, retrain


def read_study(path: Path) -> Study:
    """Return the records at `path`; the task is not loaded, so that no code that a file names is run."""
    return Study(None, read_store(path))


def reopen_study(path: Path, task: str | None = None, device: str | None = None) -> Study:
    """Return the study at `path` with its task, loaded from `task` or from where it was recorded to come from.

    Training goes on as recorded, or on another `device` with what suits that. SearchError where the task is not what it was.
    """
    store = read_store(path)
    reference = task or store.head.reference
    if reference is None:
        raise SearchError(f"{path}: does not say where its task {store.head.task} comes from; name it")
    loaded = load_task(reference)
    if fingerprint(loaded) != store.head.fingerprint:
        raise SearchError(f"{path}: the code or the examples of {reference} are not what this search was made with")
    return Study(loaded, store, _machine(store.final, device))


def _machine(trials: list[Trial], device: str | None) -> Machine:
    if not trials or device not in (None, trials[-1].environment.device):
        return Machine(device or "cpu")
    return recorded_machine(trials[-1].environment)


@dataclass(frozen=True)
class Replay:
    """One recorded trial trained again. `differs` names what the environments do not share."""

    trial: Trial
    score: float
    same_weights: bool
    same_record: bool
    """Whether configuration, validation score and the examples that were right are as recorded, too."""
    differs: tuple[str, ...]

    @property
    def verified(self) -> bool:
        """Whether all of the record came out again."""
        return self.same_weights and self.same_record

    @property
    def sentence(self) -> str:
        """What the replay showed."""
        scores = f"validation score {self.score:.4f}, recorded {self.trial.score:.4f}"
        if self.verified:
            return f"Trial {self.trial.id} came out with the same weights, bit for bit (validation score {self.score:.4f})."
        if self.same_weights:
            return f"Trial {self.trial.id} came out with the same weights, but its record is not theirs: {scores}."
        where = (
            f"recorded with another {', '.join(self.differs)}" if self.differs else "recorded in the same environment"
        )
        return (
            f"Trial {self.trial.id}, {where}, came out with other weights: {scores}. "
            "Bits are only promised within one environment."
        )


def replay(study: Study, id: int) -> Replay:
    """Train one recorded trial again, and compare its weights, scores and configuration with those recorded."""
    population, fitted, (same,) = retrain(study, [id])
    head, trial = study.store.head, next(trial for trial in study.trials if trial.id == id)
    found = population.scores(fitted.parameters, fitted.hyperparameters)[0]
    score = study.task.chance if math.isnan(found) else found
    record = (trial.score, trial.config, trial.correct.tolist())
    again = (
        score,
        head.space.config(head.search_seed, id, head.family),
        correct(population, fitted, Part.VALIDATION)[0].tolist(),
    )
    here = environment(study.machine.resolved())
    names = [
        name for name in Environment.__dataclass_fields__ if getattr(here, name) != getattr(trial.environment, name)
    ]
    return Replay(trial, score, same, record == again, tuple(names))
