"""The training of trials: a chunk of new ones side by side, or recorded ones once more."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from seedlint.trainer.machine import Machine, environment, recorded_machine
from seedlint.trainer.population import Engine, Fitted, Population
from seedlint.trainer.space import Config
from seedlint.trainer.store import Trial
from seedlint.trainer.study import SearchError, Study
from seedlint.trainer.task import Part, Task, TaskError, fingerprint, load_task


@dataclass(frozen=True)
class Chunk:
    """Trials to train together: what a worker is sent."""

    task: Task | str
    fingerprint: str
    configs: tuple[tuple[int, Config], ...]
    steps: int
    machine: Machine


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


def retrain(study: Study, ids: Sequence[int]) -> tuple[Population, Fitted, list[bool]]:
    """Train recorded trials once more, and say of each whether its weights came out the same, bit for bit."""
    recorded = {trial.id: trial for trial in study.trials}
    missing = [id for id in ids if id not in recorded]
    if missing:
        raise SearchError(f"{study.family}: trial {missing[0]} is not among the trials that ran to their end")
    machine = study.machine.resolved()
    where = recorded[ids[0]].environment
    if where.device == machine.device and where.engine in {engine.value for engine in Engine}:
        machine = recorded_machine(where)
    population = _population(Chunk(study.task, study.store.head.fingerprint, (), 0, machine))
    fitted = fit(population, [recorded[id].config for id in ids], study.store.head.steps, machine)
    return population, fitted, [fitted.weights_digest(lane) == recorded[id].weights for lane, id in enumerate(ids)]


def correct(population: Population, fitted: Fitted, part: Part) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return which examples each lane gets right: bool (lanes, examples)."""
    logits = population.logits(fitted.parameters, fitted.hyperparameters, part)
    marks = logits.argmax(-1) == population.examples(part)[1]
    return marks.cpu().numpy()


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
    """Train lanes. Where their bits depend on how many they are, they are filled up with copies, then cut again."""
    filling = [configs[-1]] * (_filled(population, machine) - len(configs))
    return population.fit([*configs, *filling], steps=steps).first(len(configs))


def _filled(population: Population, machine: Machine) -> int:
    """Return the number of lanes to fill up to: none where a lane alone has the same bits.

    Several threads divide one lane's products otherwise than many lanes'; compiled steps are made for one number.
    """
    alone = population.engine is Engine.EAGER and population.device.type == "cpu" and machine.threads == 1
    return 0 if alone else machine.lanes or 1


def _population(chunk: Chunk) -> Population:
    machine = chunk.machine
    assert machine.engine is not None
    torch.set_num_threads(machine.threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # deterministic matrix products on CUDA need it
    key = (chunk.fingerprint, machine.device, machine.engine)
    if key not in _POPULATIONS:
        task = load_task(chunk.task) if isinstance(chunk.task, str) else chunk.task
        if fingerprint(task) != chunk.fingerprint:
            raise TaskError(f"{task.name}: its code or examples here are not those of the search")
        _POPULATIONS.clear()
        _POPULATIONS[key] = Population(task, torch.device(machine.device), machine.engine)
    return _POPULATIONS[key]


_POPULATIONS: dict[tuple[str, str, Engine], Population] = {}
"""The last one, since its compiled step costs seconds."""


def _out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
