"""Random search with the seed among the hyperparameters (Bethard 2022, section 2.4), recorded trial by trial."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import seedlint
from seedlint.chunks import Backend, Failed, map_chunks
from seedlint.trainer.machine import ONE_THREAD, Machine
from seedlint.trainer.rng import SEEDS
from seedlint.trainer.space import Space
from seedlint.trainer.store import Head, Store, holds_study, open_store, read_store
from seedlint.trainer.study import SearchError, Study
from seedlint.trainer.task import Part, Task, fingerprint, labels_digest, load_task
from seedlint.trainer.trials import Chunk, train_chunk

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Halving:
    """Successive halving (Jamieson and Talwalkar 2016): of each rung the best 1/`factor` get `factor` times the steps."""

    factor: int = 3
    rungs: int = 3

    def steps(self, whole: int) -> list[int]:
        """Return the steps of each rung, the last of which is the whole."""
        return [max(1, math.ceil(whole / self.factor**rung)) for rung in reversed(range(self.rungs))]


def search(
    task: Task | str,
    trials: int,
    *,
    search_seed: int | None = None,
    space: Space | None = None,
    family: str | None = None,
    path: Path | None = None,
    machine: Machine = ONE_THREAD,
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
        task, trials, search_seed=search_seed, space=space, family=family, path=path, machine=machine, halving=halving
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
    trials: int,
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
        selection=f"halving(trials={trials},factor={halving.factor},rungs={halving.rungs})" if halving else "random",
        validation=labels_digest(task.examples(Part.VALIDATION)[1]),
        seedlint=seedlint.__version__,
        reference=reference,
    )
    return Study(task, open_store(path, head) if path else Store(head), machine)


def _chunks(task: Task | str, study: Study, ids: Sequence[int], steps: int) -> Iterator[Chunk]:
    head, lanes = study.store.head, study.machine.lanes or 1
    missing = [id for id in ids if (id, steps) not in study.store.trials]
    for start in range(0, len(missing), lanes):
        configs = tuple(
            (id, head.space.config(head.search_seed, id, head.family)) for id in missing[start : start + lanes]
        )
        yield Chunk(task, head.fingerprint, configs, steps, study.machine)


def _recorded_seed(path: Path | None) -> int | None:
    return read_store(path).head.search_seed if path and holds_study(path) else None
