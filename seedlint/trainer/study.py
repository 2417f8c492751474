"""A search as its patterns see it: what was recorded, and the task to train more of."""

from __future__ import annotations

from dataclasses import dataclass

from seedlint.trainer.machine import ONE_THREAD, Machine, environment
from seedlint.trainer.space import SEED_NAMES
from seedlint.trainer.store import Environment, Store, Trial
from seedlint.trainer.task import Task
from seedlint.trainer.wording import listed


class SearchError(RuntimeError):
    """Trials that could not be trained; what was trained beside them is recorded."""


@dataclass(frozen=True)
class Study:
    """What was recorded of a search, and its task, which nothing but training needs."""

    loaded: Task | None
    store: Store
    machine: Machine = ONE_THREAD

    @property
    def task(self) -> Task:
        """The task; SearchError where the study was read for its records only."""
        if self.loaded is None:
            raise SearchError(f"{self.family}: read without its task, so nothing can be trained")
        return self.loaded

    @property
    def family(self) -> str:
        """What reports call the study."""
        return self.store.head.family

    @property
    def trials(self) -> list[Trial]:
        """The trials that ran to their end, by their ids."""
        return self.store.final

    @property
    def best(self) -> Trial:
        """The trial of the highest validation score; of several, the first."""
        if not self.trials:
            raise SearchError(f"{self.family}: no trial has run to its end")
        return max(self.trials, key=lambda trial: (trial.score, -trial.id))

    @property
    def halved(self) -> bool:
        """Whether early scores decided which trials ran to their end."""
        return self.store.head.selection != "random"

    @property
    def searched(self) -> str:
        """What was varied, in words that keep silent on nothing."""
        space = self.store.head.space
        early = ", halved by early validation scores," if self.halved else ""
        held = f" with {listed(self._fixed_seeds())}" if not space.seeds_searched else ""
        return f"a random search{early} over {listed(space.searched)}{held}"

    def _fixed_seeds(self) -> list[str]:
        """Name the seeds of one value, each with it."""
        space = self.store.head.space
        values = space.config(self.store.head.search_seed, 0)
        fixed = [name for name in SEED_NAMES if name in values and name not in space.searched]
        return [f"{'the seed' if name == 'seed' else name} fixed at {values[name]}" for name in fixed]

    def signature(self) -> str:
        """One line that says what was run and where, to be printed beside its results."""
        head, trials = self.store.head, self.trials
        environments = [trial.environment for trial in trials] or [environment(self.machine.resolved())]
        parts = [
            f"seedlint-trainer:{head.seedlint}",
            f"task={head.family}:{head.fingerprint[:8]}",
            f"space={head.space.digest}",
            f"search_seed={head.search_seed}",
            f"trials={len(trials)}",
            f"steps={head.steps}",
            f"selection={head.selection}",
            *(f"{name}={_all(environments, name)}" for name in ("engine", "lanes", "threads", "torch", "device")),
        ]
        return "|".join(parts)


def _all(environments: list[Environment], name: str) -> str:
    """Join the values of one name: several where trials were trained in several environments."""
    return "+".join(dict.fromkeys(str(getattr(one, name)) for one in environments))
