"""Workers as plain Ray tasks, on a cluster that is there already or on a local one for the length of the map."""

from __future__ import annotations

import importlib
import logging
import math
import os
import pickle
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seedlint.chunks import Failed, Failure, Outcome, one_line
from seedlint.chunks.messages import answer, outcome


@dataclass(frozen=True)
class _Attempt:
    index: int
    deadline: float


class RayTasks:
    """A `Pool` of Ray tasks. Ray itself retries nothing, so that an attempt means what it means elsewhere."""

    def __init__(
        self, function: Callable[[Any], Any], size: int, limit: float, chunks_per_worker: int | None, gpus: float
    ) -> None:
        try:
            self.ray: Any = importlib.import_module("ray")
        except ImportError as error:
            raise ModuleNotFoundError("the ray backend needs Ray: pip install 'seedlint[ray]'") from error
        self.function, self.size, self.limit, self.gpus = function, size, limit, gpus
        self.chunks_per_worker = chunks_per_worker or 0
        self.task: Any = None
        self.ours = False
        self.attempts: dict[Any, _Attempt] = {}
        self.unsendable: list[Failed] = []

    def start(self, index: int, chunk: Any) -> None:
        """Submits a task; the first one initialises Ray where nobody has."""
        if self.task is None:
            self._open()
        try:
            payload = self.ray.cloudpickle.dumps(chunk)
        except Exception as error:
            message = f"the chunk cannot be sent to a worker: {one_line(error)}"
            self.unsendable.append(Failed(index, Failure.ERROR, message))
            return
        reference = self.task.remote(self.shared, payload)
        self.attempts[reference] = _Attempt(index, time.monotonic() + self.limit)

    def wait(self) -> list[Outcome]:
        """Waits until a task has ended or is late."""
        if self.unsendable:
            return [self.unsendable.pop()]
        soonest = min(attempt.deadline for attempt in self.attempts.values()) - time.monotonic()
        patience = None if soonest == math.inf else max(0.0, soonest)
        heard, _ = self.ray.wait(list(self.attempts), timeout=patience)
        ended = [self._end(reference, self.attempts.pop(reference).index) for reference in heard]
        now = time.monotonic()
        for reference in [reference for reference, attempt in self.attempts.items() if attempt.deadline <= now]:
            self.ray.cancel(reference, force=True)
            message = f"stopped after {self.limit:g} seconds"
            ended.append(Failed(self.attempts.pop(reference).index, Failure.TIMEOUT, message))
        return ended

    def close(self) -> None:
        """Cancels what runs, and leaves Ray if this pool initialised it."""
        if self.ray.is_initialized():
            for reference in self.attempts:
                self.ray.cancel(reference, force=True)
        if self.ours:
            self.ray.shutdown()

    def _open(self) -> None:
        self.ours = not self.ray.is_initialized()
        if self.ours:
            self._initialise()
        try:
            self.shared = self.ray.put(self.ray.cloudpickle.dumps(self.function))
        except Exception as error:
            raise ValueError(f"the function cannot be sent to a worker: {one_line(error)}") from error
        # max_calls=0 keeps a worker, and the GPU memory that it has, for the next chunk.
        settings = {"num_cpus": 1, "num_gpus": self.gpus, "max_calls": self.chunks_per_worker, "max_retries": 0}
        self.task = self.ray.remote(**settings)(_call)

    def _initialise(self) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
        if "RAY_ADDRESS" in os.environ:
            self.ray.init(**quiet)
            return
        imports = {"env_vars": {"PYTHONPATH": os.pathsep.join(sys.path)}}
        self.ray.init(address="local", num_cpus=self.size, include_dashboard=False, runtime_env=imports, **quiet)
        found = self.ray.cluster_resources().get("GPU", 0)
        if self.gpus > found:  # Ray would wait for one for ever
            raise ValueError(f"gpus_per_task is {self.gpus:g}, but Ray finds {found:g} GPUs on this machine")

    def _end(self, reference: Any, index: int) -> Outcome:
        try:
            loaded, message = self.ray.get(reference)
        except self.ray.exceptions.RayError as error:
            return Failed(index, Failure.CRASHED, one_line(error))
        if not loaded:
            raise ValueError(f"the function cannot be loaded in a worker: {message}")
        return outcome(index, message)


def _call(pickled: bytes, chunk: bytes) -> tuple[bool, Any]:
    from ray import cloudpickle  # the standard pickle cannot take what a script's own classes make out of a worker

    try:
        function = pickle.loads(pickled)
    except Exception as error:
        return False, one_line(error)
    return True, answer(function, chunk, cloudpickle.dumps)
