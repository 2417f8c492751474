"""Facts as bytes and back, for the cache and for worker processes: a pickle that can hold nothing but facts."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

from seedlint.code import facts as _facts
from seedlint.code import syntax as _syntax
from seedlint.code.facts import FileFacts


def encode(facts: FileFacts) -> bytes | None:
    """The facts as bytes; None where they are nested too deeply for pickle."""
    stream = io.BytesIO()
    try:
        _Encoder(stream, protocol=5).dump(facts)
    except RecursionError:
        return None
    return stream.getvalue()


def decode(path: str, encoded: bytes) -> FileFacts | None:
    """The facts of a file that now stands at `path`; None where the bytes do not hold facts. Runs nothing they name."""
    try:
        facts = _Decoder(io.BytesIO(encoded)).load()
    except Exception:  # Bytes that are no facts can make pickle raise almost anything.
        return None
    if not isinstance(facts, FileFacts):
        return None
    facts.path = path
    return facts


def _makers() -> dict[tuple[str, str], Callable[..., object]]:
    """What may be made, by module and name. A NamedTuple is made in C from one tuple, past its own slower `__new__`."""
    kinds = [
        kind
        for module in (_facts, _syntax)
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__
    ]
    return {
        (kind.__module__, kind.__qualname__): partial(tuple.__new__, kind) if issubclass(kind, tuple) else kind
        for kind in kinds
    }


_MAKERS = _makers()


class _Encoder(pickle.Pickler):
    """Writes each piece of facts as its class and its fields in order."""

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if isinstance(value, tuple):
            return kind, (tuple(value),)
        if (kind.__module__, kind.__qualname__) in _MAKERS:
            fields = getattr(kind, "__slots__", None) or vars(value)
            return kind, tuple(getattr(value, name) for name in fields)
        return NotImplemented


class _Decoder(pickle.Unpickler):
    """Makes pieces of facts only."""

    def find_class(self, module: str, name: str) -> Any:
        """The maker of a piece of facts; a pickle that names anything else is refused."""
        maker = _MAKERS.get((module, name))
        if maker is None:
            raise pickle.UnpicklingError(f"{module}.{name} is no fact")
        return maker
