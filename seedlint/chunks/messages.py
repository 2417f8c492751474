"""What a worker and its caller say to each other: pickled bytes, in which whatever goes wrong is itself an answer."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from seedlint.chunks import Done, Failed, Failure, Outcome, one_line


def answer(function: Callable[[Any], Any], chunk: bytes, dumps: Callable[[Any], bytes]) -> bytes:
    """In the worker: the function's value for the pickled chunk, or why there is none."""
    try:
        return dumps((True, function(pickle.loads(chunk))))
    except BaseException as error:  # SystemExit too: a function that exits has failed, its worker has not
        return dumps((False, one_line(error)))


def outcome(index: int, message: bytes) -> Outcome:
    """At the caller: what the worker's answer means for the chunk at this index."""
    try:
        returned, value = pickle.loads(message)
    except Exception as error:
        return Failed(index, Failure.ERROR, f"the value cannot be read back: {one_line(error)}")
    return Done(index, value) if returned else Failed(index, Failure.ERROR, value)
