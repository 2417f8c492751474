"""Facts and verdicts as bytes and back, for the cache and for worker processes: pickles that can hold nothing else."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache, partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from seedlint.code.facts import FileFacts
    from seedlint.uses import FileError, SeedUse

Makers: TypeAlias = Mapping[tuple[str, str], Callable[..., object]]


def encode(facts: FileFacts) -> bytes | None:
    """The facts as bytes; None where they are nested too deeply for pickle."""
    return _encoded(facts, _of_facts())


def decode(path: str, encoded: bytes) -> FileFacts | None:
    """The facts of a file that now stands at `path`; None where the bytes do not hold facts. Runs nothing they name."""
    from seedlint.code.facts import FileFacts

    facts = _decoded(encoded, _of_facts())
    if not isinstance(facts, FileFacts):
        return None
    facts.path = path
    return facts


def encode_verdict(uses: tuple[SeedUse, ...], errors: tuple[FileError, ...]) -> bytes | None:
    """What an analysis said, as bytes."""
    return _encoded((uses, errors), _of_uses())


def decode_verdict(encoded: bytes) -> tuple[tuple[SeedUse, ...], tuple[FileError, ...]] | None:
    """What an analysis said; None where the bytes do not hold that. Runs nothing they name."""
    from seedlint.uses import FileError, SeedUse

    match _decoded(encoded, _of_uses()):
        case (tuple() as uses, tuple() as errors) if all(type(use) is SeedUse for use in uses) and all(
            type(error) is FileError for error in errors
        ):
            return uses, errors
    return None


def _encoded(value: object, makers: Makers) -> bytes | None:
    stream = io.BytesIO()
    try:
        _Encoder(stream, makers).dump(value)
    except RecursionError:
        return None
    return stream.getvalue()


def _decoded(encoded: bytes, makers: Makers) -> object:
    try:
        return _Decoder(io.BytesIO(encoded), makers).load()
    except Exception:  # Bytes that are neither can make pickle raise almost anything.
        return None


@cache
def _of_facts() -> Makers:
    from seedlint.code import facts, syntax

    return _makers(facts, syntax)


@cache
def _of_uses() -> Makers:
    from seedlint import uses

    return _makers(uses)


def _makers(*modules: ModuleType) -> Makers:
    """What may be made, by module and name. A NamedTuple is made in C from one tuple, past its own slower `__new__`."""
    kinds = [
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__
    ]
    return {
        (kind.__module__, kind.__qualname__): partial(tuple.__new__, kind) if issubclass(kind, tuple) else kind
        for kind in kinds
    }


class _Encoder(pickle.Pickler):
    """Writes each piece of facts, or of a verdict, as its class and its fields in order."""

    def __init__(self, stream: io.BytesIO, makers: Makers) -> None:
        super().__init__(stream, protocol=5)
        self._makers = makers

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if isinstance(value, tuple):
            return kind, (tuple(value),)
        if isinstance(value, Enum):
            return kind, (value.value,)
        if (kind.__module__, kind.__qualname__) in self._makers:
            fields = getattr(kind, "__slots__", None) or vars(value)
            return kind, tuple(getattr(value, name) for name in fields)
        return NotImplemented


class _Decoder(pickle.Unpickler):
    """Makes pieces of facts, or of a verdict, only."""

    def __init__(self, stream: io.BytesIO, makers: Makers) -> None:
        super().__init__(stream)
        self._makers = makers

    def find_class(self, module: str, name: str) -> Any:
        """The maker of a piece; a pickle that names anything else is refused."""
        maker = self._makers.get((module, name))
        if maker is None:
            raise pickle.UnpicklingError(f"{module}.{name} is neither facts nor a verdict")
        return maker
