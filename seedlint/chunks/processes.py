"""Workers as processes with a pipe each, so that whatever breaks in one, or in its messages, leaves the others whole.

The libraries share one queue among their workers: a worker that dies at the wrong moment, or a value that cannot be
unpickled, then takes all that is outstanding with it, or hangs it.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from seedlint.chunks import Failed, Failure, Outcome, one_line
from seedlint.chunks.messages import answer, outcome

START_LIMIT = 300.0  # seconds for a worker to import what the function needs, be it from a slow network disk
FAILED_STARTS = 3  # in a row: the program is at fault then, not a chunk
READY = pickle.dumps((True, None))  # from a worker that reads: to send it anything earlier might block
LOOK_AGAIN = 1.0  # seconds; a dead worker's pipe stays open while a process that it forked holds it


@dataclass
class _Worker:
    """A process, the chunk in its hands and when it must have answered; `unsent` holds what it is not ready to read."""

    process: BaseProcess
    connection: Connection
    deadline: float
    index: int | None = None
    unsent: list[bytes] = field(default_factory=list)
    up: bool = False
    served: int = 0


class Processes:
    """A `Pool` of fresh interpreters, each in a process group of its own so that what it starts is stopped with it."""

    def __init__(self, function: Callable[[Any], Any], size: int, limit: float, chunks_per_worker: int | None) -> None:
        try:
            self.function = pickle.dumps(function)
        except Exception as error:
            raise ValueError(f"the function cannot be sent to a worker: {one_line(error)}") from error
        self.size, self.limit, self.chunks_per_worker = size, limit, chunks_per_worker or math.inf
        self.workers: list[_Worker] = []
        self.unsendable: list[Failed] = []
        self.failed_starts = 0

    def start(self, index: int, chunk: Any) -> None:
        """Gives the chunk to an idle worker or a new one."""
        try:
            payload = pickle.dumps(chunk)
        except Exception as error:
            message = f"the chunk cannot be sent to a worker: {one_line(error)}"
            self.unsendable.append(Failed(index, Failure.ERROR, message))
            return
        worker = next((worker for worker in self.workers if worker.index is None), None) or self._new_worker()
        worker.index = index
        worker.unsent.append(payload)
        if worker.up:
            self._send(worker)
            worker.deadline = time.monotonic() + self.limit

    def wait(self) -> list[Outcome]:
        """Waits until a worker is heard, dies or is late."""
        if self.unsendable:
            return [self.unsendable.pop()]
        busy = [worker for worker in self.workers if worker.index is not None]
        soonest = min(worker.deadline for worker in busy) - time.monotonic()
        heard = wait([worker.connection for worker in busy], max(0.0, min(soonest, LOOK_AGAIN)))
        ended: list[Outcome] = []
        for worker in busy:
            end = self._end(worker, worker.connection in heard)
            if end is not None:
                ended.append(end)
        return ended

    def close(self) -> None:
        """Kills every worker."""
        while self.workers:
            self._stop(self.workers[-1])

    def _end(self, worker: _Worker, heard: bool) -> Outcome | None:
        if heard:
            try:
                message = worker.connection.recv_bytes()
            except (EOFError, OSError):
                return self._lost(worker, Failure.CRASHED)
            if worker.up:
                return self._answered(worker, message)
            self._coming_up(worker, message)
        elif not worker.process.is_alive() and not worker.connection.poll():
            return self._lost(worker, Failure.CRASHED)
        elif time.monotonic() >= worker.deadline:
            return self._lost(worker, Failure.TIMEOUT)
        return None

    def _answered(self, worker: _Worker, message: bytes) -> Outcome:
        index = _held(worker)
        worker.index = None
        worker.served += 1
        if worker.served >= self.chunks_per_worker:
            self._stop(worker)
        return outcome(index, message)

    def _coming_up(self, worker: _Worker, message: bytes) -> None:
        loaded, reason = pickle.loads(message)
        if not loaded:
            raise ValueError(f"the function cannot be loaded in a worker: {reason}")
        self._send(worker)
        if not worker.unsent:
            self.failed_starts, worker.up, worker.deadline = 0, True, time.monotonic() + self.limit

    def _lost(self, worker: _Worker, reason: Failure) -> Failed | None:
        self._stop(worker)
        if worker.up:
            late = f"stopped after {self.limit:g} seconds"
            message = late if reason is Failure.TIMEOUT else f"the worker {_ending(worker.process)}"
            return Failed(_held(worker), reason, message)
        self.failed_starts += 1
        if self.failed_starts == FAILED_STARTS:
            raise RuntimeError(f"{FAILED_STARTS} workers in a row did not start: the last {_ending(worker.process)}")
        replacement = self._new_worker()
        replacement.index, replacement.unsent = worker.index, [self.function, worker.unsent[-1]]
        return None

    def _new_worker(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process, ours, time.monotonic() + START_LIMIT, unsent=[self.function])
        self.workers.append(worker)
        return worker

    def _send(self, worker: _Worker) -> None:
        with contextlib.suppress(OSError):  # a worker that has died: wait() finds it
            worker.connection.send_bytes(worker.unsent.pop(0))

    def _stop(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.connection.close()
        if sys.platform != "win32" and worker.process.pid is not None:
            with contextlib.suppress(OSError):  # not a group yet, or no group any more
                os.killpg(worker.process.pid, signal.SIGKILL)
        worker.process.kill()
        worker.process.join()


def _held(worker: _Worker) -> int:
    assert worker.index is not None
    return worker.index


def _ending(process: BaseProcess) -> str:
    code = process.exitcode or 0
    return f"exited with code {code}" if code >= 0 else f"was killed by signal {-code} ({signal.strsignal(-code)})"


def _serve(connection: Connection) -> None:
    if sys.platform != "win32":
        os.setpgrp()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):  # the caller has gone
        connection.send_bytes(READY)
        try:
            function = pickle.loads(connection.recv_bytes())
        except Exception as error:
            connection.send_bytes(pickle.dumps((False, one_line(error))))
            return
        connection.send_bytes(READY)
        while True:
            connection.send_bytes(answer(function, connection.recv_bytes(), pickle.dumps))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
