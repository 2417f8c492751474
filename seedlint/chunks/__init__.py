"""Maps a function over chunks of work: in this process, in processes that may crash or hang, or on a Ray cluster.

Whatever one chunk does, be it to kill its worker, costs that chunk and no other.
"""

from __future__ import annotations

import enum
import math
import textwrap
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

C = TypeVar("C")
T = TypeVar("T")


class Backend(enum.Enum):
    """Where the function runs."""

    SERIAL = "serial"
    PROCESSES = "processes"
    RAY = "ray"


class Failure(enum.Enum):
    """How a chunk failed: its worker died, it took too long, or it raised an exception."""

    CRASHED = "crashed"
    TIMEOUT = "timeout"
    ERROR = "error"


@dataclass(frozen=True)
class Done(Generic[T]):
    """What the function returned for the chunk at this index."""

    index: int
    value: T


@dataclass(frozen=True)
class Failed:
    """Why there is no value for the chunk at this index, in one line."""

    index: int
    reason: Failure
    message: str


Outcome = Done[Any] | Failed


class Pool(Protocol):
    """Workers for up to `size` chunks at once: `start` hands one over, `wait` returns what has ended, maybe nothing yet."""

    size: int

    def start(self, index: int, chunk: Any) -> None:
        """Begins an attempt at a chunk; only when fewer than `size` are running."""

    def wait(self) -> list[Outcome]:
        """Waits a while for attempts to end."""

    def close(self) -> None:
        """Stops every worker at once."""


def map_chunks(
    function: Callable[[C], T],
    chunks: Iterable[C],
    *,
    backend: Backend = Backend.SERIAL,
    workers: int = 1,
    timeout: float | None = None,
    retries: int = 0,
    chunks_per_worker: int | None = None,
    gpus_per_task: float = 0,
) -> Generator[Done[T] | Failed, None, None]:
    """Yields one outcome for each chunk, in order of completion; closing the generator stops the workers.

    `chunks` is read as workers come free, so memory does not grow with it. A chunk that fails, in whichever way, is tried
    `retries` more times. `timeout` is in seconds for each attempt; on Ray it includes the wait for a free worker.
    `chunks_per_worker` replaces a worker after so many chunks, against leaks of memory.

    PROCESSES starts fresh interpreters, so function, chunks and values must pickle, a script needs the usual
    `if __name__ == "__main__"`, and the function may start programs but not processes of multiprocessing.

    RAY uses the cluster that is initialised or that RAY_ADDRESS names, on whose machines seedlint must be installed;
    otherwise it starts one of `workers` CPUs and stops it at the end.

    Raises ValueError for a setting that the backend cannot honour or a function that cannot reach a worker,
    ModuleNotFoundError where Ray is missing, and RuntimeError where no worker comes up.
    """
    if workers < 1 or retries < 0 or (chunks_per_worker is not None and chunks_per_worker < 1):
        raise ValueError("workers and chunks_per_worker must be at least 1, retries at least 0")
    if timeout is not None and (backend is Backend.SERIAL or not timeout > 0):
        raise ValueError("timeout must be a positive number of seconds, and needs the backend processes or ray")
    if gpus_per_task and backend is not Backend.RAY:
        raise ValueError("gpus_per_task needs the backend ray: no other assigns GPUs to tasks")
    limit = math.inf if timeout is None else timeout
    if backend is Backend.SERIAL:
        return _serially(function, chunks, retries)
    pool: Pool
    if backend is Backend.PROCESSES:
        from seedlint.chunks.processes import Processes

        pool = Processes(function, workers, limit, chunks_per_worker)
    else:
        from seedlint.chunks.raytasks import RayTasks

        pool = RayTasks(function, workers, limit, chunks_per_worker, gpus_per_task)
    return _spread(pool, chunks, retries)


def one_line(error: BaseException) -> str:
    """`TypeName: message`, shortened to what fits a log."""
    return textwrap.shorten(f"{type(error).__name__}: {error}".removesuffix(": "), 500, placeholder=" …")


def _serially(function: Callable[[C], T], chunks: Iterable[C], retries: int) -> Generator[Done[T] | Failed, None, None]:
    for index, chunk in enumerate(chunks):
        outcome: Done[T] | Failed
        for _ in range(retries + 1):
            try:
                outcome = Done(index, function(chunk))
                break
            except Exception as error:
                outcome = Failed(index, Failure.ERROR, one_line(error))
        yield outcome


@dataclass(frozen=True)
class _Task:
    index: int
    chunk: Any
    retries: int


def _spread(pool: Pool, chunks: Iterable[Any], retries: int) -> Generator[Outcome, None, None]:
    fresh: Iterator[_Task] = (_Task(index, chunk, retries) for index, chunk in enumerate(chunks))
    again: list[_Task] = []
    running: dict[int, _Task] = {}
    outcomes: list[Outcome] = []
    try:
        while True:
            while len(running) < pool.size and (task := again.pop() if again else next(fresh, None)):
                running[task.index] = task
                pool.start(task.index, task.chunk)
            yield from outcomes  # after the refill: no worker idles while the caller is busy with these
            if not running:
                return
            outcomes = []
            for outcome in pool.wait():
                task = running.pop(outcome.index)
                if isinstance(outcome, Failed) and task.retries:
                    again.append(_Task(task.index, task.chunk, task.retries - 1))
                else:
                    outcomes.append(outcome)
    finally:
        pool.close()
