"""Random search with the seed among the hyperparameters (Bethard 2022, section 2.4), and the retraining of single trials."""

from __future__ import annotations

import math
import os
import platform
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

import seedlint
from seedlint.chunks import Backend, Failed, map_chunks
from seedlint.trainer.population import Engine, Fitted, Population
from seedlint.trainer.rng import SEEDS
from seedlint.trainer.space import Config, Space
from seedlint.trainer.store import Environment, Head, Store, Trial, holds_study, open_store, read_store
from seedlint.trainer.task import Part, Task, TaskError, fingerprint, load_task
from seedlint.trainer.wording import listed

Progress = Callable[[int, int], None]


class SearchError(RuntimeError):
    """Trials that could not be trained; what was trained beside them is recorded."""


@dataclass(frozen=True)
class Machine:
    """Where and how lanes are trained: `device` is auto, cpu, cuda or mps; None lets the device decide."""

    device: str = "cpu"
    engine: Engine | None = None
    lanes: int | None = None
    threads: int = 1

    def resolved(self) -> Machine:
        """Return the machine with nothing left open."""
        device = best_device() if self.device == "auto" else self.device
        on_cuda = device.startswith("cuda")
        if on_cuda and not torch.cuda.is_available():
            raise TaskError("torch sees no CUDA device")
        engine = self.engine or (Engine.GRAPH if on_cuda else Engine.EAGER)
        return replace(self, device=device, engine=engine, lanes=self.lanes or (1024 if on_cuda else 64))


@dataclass(frozen=True)
class Halving:
    """Successive halving (Jamieson and Talwalkar 2016): of each rung the best 1/`factor` get `factor` times the steps."""

    factor: int = 3
    rungs: int = 3

    def steps(self, whole: int) -> list[int]:
        """Return the steps of each rung, the last of which is the whole."""
        return [max(1, math.ceil(whole / self.factor**rung)) for rung in reversed(range(self.rungs))]


@dataclass(frozen=True)
class Study:
    """What was recorded of a search, and its task, which nothing but training needs."""

    loaded: Task | None
    store: Store
    machine: Machine = Machine()

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
        held = "" if space.seeds_searched else f" with the seed fixed at {space.dimensions['seed']}"
        return f"a random search{early} over {listed(space.searched)}{held}"

    def signature(self) -> str:
        """One line that says what was run and where, to be printed beside its results."""
        head, trials = self.store.head, self.trials
        where = trials[-1].environment if trials else environment(self.machine.resolved())
        parts = [
            f"seedlint-trainer:{head.seedlint}",
            f"task={head.family}:{head.fingerprint[:8]}",
            f"space={head.space.digest}",
            f"search_seed={head.search_seed}",
            f"trials={len(trials)}",
            f"steps={head.steps}",
            f"selection={head.selection}",
            f"engine={where.engine}",
            f"lanes={where.lanes}",
            f"threads={where.threads}",
            f"torch={where.torch}",
            f"device={where.device}",
        ]
        return "|".join(parts)


@dataclass(frozen=True)
class Chunk:
    """Trials to train together: what a worker is sent."""

    task: Task | str
    fingerprint: str
    configs: tuple[tuple[int, Config], ...]
    steps: int
    machine: Machine


def search(
    task: Task | str,
    trials: int,
    *,
    search_seed: int | None = None,
    space: Space | None = None,
    family: str | None = None,
    path: Path | None = None,
    machine: Machine = Machine(),
    halving: Halving | None = None,
    shard: tuple[int, int] = (0, 1),
    backend: Backend = Backend.SERIAL,
    workers: int = 1,
    progress: Progress | None = None,
) -> Study:
    """Train trials 0 to `trials` - 1 of the space, or every n-th from the i-th for the shard (i, n), and record them.

    Trials that `path` holds are not trained again. `search_seed` is drawn where it is None, and recorded. `family` names the
    study, and tells its seeds from those of another family of the same space and search seed. Section 2.4 and, for random
    search, Bergstra and Bengio 2012.
    """
    if trials < 1:
        raise SearchError("a search needs at least one trial")
    if not 0 <= shard[0] < shard[1]:
        raise SearchError(f"shard {shard[0]}/{shard[1]}: shards of n count from 0 to n - 1")
    if halving and shard[1] > 1:
        raise SearchError("halving compares the trials of a rung, so it cannot be divided into shards")
    machine = machine.resolved()
    study = start(
        task, search_seed=search_seed, space=space, family=family, path=path, machine=machine, halving=halving
    )
    ids: Sequence[int] = range(shard[0], trials, shard[1])
    rungs = halving.steps(study.task.steps) if halving else [study.task.steps]
    with study.store as store:
        for rung, steps in enumerate(rungs):
            chunks = list(_chunks(task, study, ids, steps))
            recorded = len(ids) - sum(len(chunk.configs) for chunk in chunks)
            for done in _train(chunks, store, backend, workers):
                if progress:
                    progress(recorded + done, len(ids))
            if halving and rung + 1 < len(rungs):
                keep = max(1, len(ids) // halving.factor)
                ranked = sorted(ids, key=lambda id: (-store.trials[id, steps].score, id))
                ids = sorted(ranked[:keep])
        store.rewrite()
    return study


def _train(chunks: Sequence[Chunk], store: Store, backend: Backend, workers: int) -> Iterator[int]:
    """Train and record chunks, and count the trials; SearchError at the end for those that could not be trained."""
    done, failures = 0, []
    yield done
    gpus = 1 if backend is Backend.RAY and chunks and chunks[0].machine.device.startswith("cuda") else 0
    for result in map_chunks(train_chunk, chunks, backend=backend, workers=workers, retries=1, gpus_per_task=gpus):
        if isinstance(result, Failed):
            failures.append(f"trials from {chunks[result.index].configs[0][0]}: {result.message}")
        else:
            store.add(result.value)
            done += len(result.value)
            yield done
    if failures:
        raise SearchError("; ".join(failures))


def start(
    task: Task | str,
    *,
    search_seed: int | None,
    space: Space | None,
    family: str | None,
    path: Path | None,
    machine: Machine,
    halving: Halving | None,
) -> Study:
    """Return the study at `path`, or a new one."""
    reference = task if isinstance(task, str) else None
    task = load_task(task) if isinstance(task, str) else task
    recorded = _recorded_seed(path) if search_seed is None else None
    head = Head(
        task=task.name,
        fingerprint=fingerprint(task),
        space=space or task.space,
        search_seed=next(seed for seed in (search_seed, recorded, secrets.randbelow(SEEDS)) if seed is not None),
        family=family or task.name,
        steps=task.steps,
        selection=f"halving(factor={halving.factor},rungs={halving.rungs})" if halving else "random",
        seedlint=seedlint.__version__,
        reference=reference,
    )
    return Study(task, open_store(path, head) if path else Store(head), machine)


def train_chunk(chunk: Chunk) -> tuple[Trial, ...]:
    """Train the trials of a chunk side by side; where they do not fit into memory, in half as many lanes."""
    population = _population(chunk)
    fitted = _fitted(population, chunk)
    if fitted is None:
        return tuple(trial for part in _halves(chunk) for trial in train_chunk(part))
    where = environment(chunk.machine)
    marks = correct(population, fitted, Part.VALIDATION)
    return tuple(
        Trial(
            id=id,
            config=config,
            steps=chunk.steps,
            score=population.task.chance if math.isnan(curve[-1][1]) else curve[-1][1],
            diverged=math.isnan(curve[-1][1]),
            curve=tuple((step, population.task.chance if math.isnan(score) else score) for step, score in curve),
            correct=marks[lane],
            weights=fitted.weights_digest(lane),
            environment=where,
        )
        for lane, ((id, config), curve) in enumerate(zip(chunk.configs, fitted.curves, strict=True))
    )


def _fitted(population: Population, chunk: Chunk) -> Fitted | None:
    """Train the lanes of a chunk; None where memory is short. The error goes with this frame, and with it what it kept alive."""
    fitting = population.lanes_that_fit()
    if fitting is not None and fitting < max(len(chunk.configs), _filled(population, chunk.machine)):
        return None
    try:
        return fit(population, [config for _, config in chunk.configs], chunk.steps, chunk.machine)
    except RuntimeError as error:
        if chunk.machine.lanes == 1 or not _out_of_memory(error):
            raise
        return None


def _halves(chunk: Chunk) -> Iterator[Chunk]:
    lanes = (chunk.machine.lanes or 1) // 2
    for start in range(0, len(chunk.configs), lanes):
        part = chunk.configs[start : start + lanes]
        yield replace(chunk, configs=part, machine=replace(chunk.machine, lanes=lanes))


def fit(population: Population, configs: Sequence[Config], steps: int | None, machine: Machine) -> Fitted:
    """Train lanes. Compiled steps are made for one number of lanes, so they are filled up with copies, then cut again."""
    filling = [configs[-1]] * (_filled(population, machine) - len(configs))
    return population.fit([*configs, *filling], steps=steps).first(len(configs))


def _filled(population: Population, machine: Machine) -> int:
    """Return the number of lanes to fill up to: none where a lane alone has the same bits."""
    alone = population.engine is Engine.EAGER and population.device.type == "cpu"
    return 0 if alone else machine.lanes or 1


def retrain(study: Study, ids: Sequence[int]) -> tuple[Population, Fitted, list[bool]]:
    """Train recorded trials once more, and say of each whether its weights came out the same, bit for bit."""
    recorded = {trial.id: trial for trial in study.trials}
    missing = [id for id in ids if id not in recorded]
    if missing:
        raise SearchError(f"{study.family}: trial {missing[0]} is not among the trials that ran to their end")
    machine = study.machine.resolved()
    population = _population(Chunk(study.task, study.store.head.fingerprint, (), 0, machine))
    fitted = fit(population, [recorded[id].config for id in ids], study.store.head.steps, machine)
    return population, fitted, [fitted.weights_digest(lane) == recorded[id].weights for lane, id in enumerate(ids)]


def correct(population: Population, fitted: Fitted, part: Part) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return which examples each lane gets right: bool (lanes, examples)."""
    logits = population.logits(fitted.parameters, fitted.hyperparameters, part)
    marks = logits.argmax(-1) == population.examples(part)[1]
    return marks.cpu().numpy()


def best_device() -> str:
    """Return the fastest kind of device that torch finds here."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def environment(machine: Machine) -> Environment:
    """Return what the bits of a trial depend on here."""
    assert machine.engine is not None
    assert machine.lanes is not None
    on_cuda = machine.device.startswith("cuda")
    return Environment(
        engine=machine.engine.value,
        lanes=machine.lanes,
        threads=machine.threads,
        device=machine.device,
        processor=torch.cuda.get_device_name()
        if on_cuda
        else f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
        torch=torch.__version__,
        numpy=np.__version__,
        python=platform.python_version(),
    )


def _chunks(task: Task | str, study: Study, ids: Sequence[int], steps: int) -> Iterator[Chunk]:
    head, lanes = study.store.head, study.machine.lanes or 1
    missing = [id for id in ids if (id, steps) not in study.store.trials]
    for start in range(0, len(missing), lanes):
        configs = tuple(
            (id, head.space.config(head.search_seed, id, head.family)) for id in missing[start : start + lanes]
        )
        yield Chunk(task, head.fingerprint, configs, steps, study.machine)


def _population(chunk: Chunk) -> Population:
    machine = chunk.machine
    assert machine.engine is not None
    torch.set_num_threads(machine.threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # deterministic matrix products on CUDA need it
    key = (chunk.fingerprint, machine.device, machine.engine)
    if key not in _POPULATIONS:
        task = load_task(chunk.task) if isinstance(chunk.task, str) else chunk.task
        _POPULATIONS.clear()
        _POPULATIONS[key] = Population(task, torch.device(machine.device), machine.engine)
    return _POPULATIONS[key]


_POPULATIONS: dict[tuple[str, str, Engine], Population] = {}
"""The last one, since its compiled step costs seconds."""


def _recorded_seed(path: Path | None) -> int | None:
    return read_store(path).head.search_seed if path and holds_study(path) else None


def _out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
