"""The search space: what is drawn for every trial, the seed among it (Bergstra and Bengio 2012, random search).

The configuration of trial k is a pure function of (search seed, space, k): any number of workers draw the same trials, and
a search resumes by leaving out the trials that it has.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from seedlint.trainer.rng import SEEDS

Value: TypeAlias = int | float
Config: TypeAlias = dict[str, Value]

SEED_NAMES = ("seed", "init_seed", "order_seed", "dropout_seed")
"""`seed` seeds every stream; a stream that is named has a seed of its own."""


@dataclass(frozen=True)
class Uniform:
    """Real numbers in [low, high)."""

    low: float
    high: float

    def at(self, u: float) -> float:
        """Return the value at quantile u in [0, 1)."""
        return self.low + u * (self.high - self.low)


@dataclass(frozen=True)
class LogUniform:
    """Positive real numbers whose logarithm is uniform in [log low, log high)."""

    low: float
    high: float

    def at(self, u: float) -> float:
        """Return the value at quantile u in [0, 1)."""
        return math.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low)))


@dataclass(frozen=True)
class Integers:
    """Whole numbers from low to high, both included."""

    low: int
    high: int

    def at(self, u: float) -> int:
        """Return the value at quantile u in [0, 1)."""
        return self.low + int(u * (self.high - self.low + 1))


@dataclass(frozen=True)
class Choice:
    """One of several numbers. A choice between kinds of model makes families, which are searched apart and compared."""

    values: tuple[Value, ...]

    def at(self, u: float) -> Value:
        """Return the value at quantile u in [0, 1)."""
        return self.values[int(u * len(self.values))]


Dimension: TypeAlias = Uniform | LogUniform | Integers | Choice

ANY_SEED = Integers(0, SEEDS - 1)

_KINDS: dict[str, type[Dimension]] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "integers": Integers,
    "choice": Choice,
}


class SpaceError(ValueError):
    """A search space that cannot be searched, with the reason."""


@dataclass(frozen=True)
class Space:
    """Name → dimension, or a number that is the same in every trial. `seed` and `lr` must be among the names."""

    dimensions: Mapping[str, Dimension | Value]

    def __post_init__(self) -> None:
        for name in ("seed", "lr"):
            if name not in self.dimensions:
                raise SpaceError(f"a search space needs {name!r} among its names")
        for name, dimension in self.dimensions.items():
            problem = _problem(dimension) or (_seed_problem(dimension) if name in SEED_NAMES else None)
            if problem:
                raise SpaceError(f"{name}: {problem}")

    @property
    def searched(self) -> tuple[str, ...]:
        """The names whose value differs from trial to trial."""
        return tuple(name for name, dimension in self.dimensions.items() if _varies(dimension))

    @property
    def seeds_only(self) -> bool:
        """Whether trials differ by their seeds and nothing else."""
        return bool(self.searched) and all(name in SEED_NAMES for name in self.searched)

    @property
    def seeds_searched(self) -> bool:
        """Whether the seed of every stream of randomness differs from trial to trial."""
        streams = (name if name in self.dimensions else "seed" for name in SEED_NAMES[1:])
        return all(name in self.searched for name in streams)

    @cached_property
    def digest(self) -> str:
        """Eight hexadecimal digits that name the space."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()[:8]

    def config(self, search_seed: int, trial: int, family: str = "") -> Config:
        """Draw the configuration of one trial.

        Two families of one space and search seed share all values but those of the seeds: that is the paired design.
        """
        return {
            name: dimension
            if isinstance(dimension, (int, float))
            else dimension.at(self._u(search_seed, trial, name, family))
            for name, dimension in self.dimensions.items()
        }

    def _u(self, search_seed: int, trial: int, name: str, family: str) -> float:
        whose = family if name in SEED_NAMES else ""
        # Python documents that this sequence stays the same from version to version.
        return random.Random(f"{search_seed}:{self.digest}:{trial}:{name}:{whose}").random()

    def held_at(self, config: Config, *, free: tuple[str, ...] = ("seed",)) -> Space:
        """Return the space around one configuration in which only `free`, names of seeds, are drawn."""
        others = {name: value for name, value in config.items() if not ("seed" in free and name in SEED_NAMES)}
        return Space({**others, **dict.fromkeys(free, ANY_SEED)})

    def as_json(self) -> dict[str, object]:
        """Return the space as plain data, which `from_json` reads."""
        return {name: _as_json(dimension) for name, dimension in self.dimensions.items()}

    @classmethod
    def from_json(cls, data: object) -> Space:
        """Read a space such as `{"seed": {"integers": [0, 9]}, "lr": {"log_uniform": [1e-4, 1e-1]}, "dropout": 0.1}`."""
        if not isinstance(data, dict):
            raise SpaceError("a search space is a table of names and dimensions")
        return cls({str(name): _from_json(str(name), entry) for name, entry in data.items()})


def _varies(dimension: Dimension | Value) -> bool:
    match dimension:
        case Choice(values):
            return len(set(values)) > 1
        case Uniform(low, high) | LogUniform(low, high) | Integers(low, high):
            return low < high
    return False


def _problem(dimension: Dimension | Value) -> str | None:
    match dimension:
        case bool():
            return "a value must be a number"
        case int() | float():
            return None if math.isfinite(dimension) else "a value must be finite"
        case Choice(values):
            return None if values and all(_problem(value) is None for value in values) else "a choice needs numbers"
        case LogUniform(low, high):
            return None if 0 < low <= high < math.inf else f"log_uniform needs 0 < low <= high, not [{low}, {high}]"
        case Uniform(low, high) | Integers(low, high):
            return None if -math.inf < low <= high < math.inf else f"low must not exceed high: [{low}, {high}]"
    return f"{dimension!r} is neither a number nor a dimension"


def _seed_problem(dimension: Dimension | Value) -> str | None:
    match dimension:
        case Integers(low, high):
            ends: tuple[Value, ...] = (low, high)
        case Choice(values):
            ends = values
        case _:
            ends = (dimension,) if isinstance(dimension, int) else ()
    if ends and all(isinstance(end, int) and 0 <= end < SEEDS for end in ends):
        return None
    return f"a seed is a whole number in [0, {SEEDS}), or integers or a choice of them"


def _as_json(dimension: Dimension | Value) -> object:
    match dimension:
        case Choice(values):
            return {"choice": list(values)}
        case Integers(low, high):
            return {"integers": [low, high]}
        case Uniform(low, high) | LogUniform(low, high):
            kind = next(name for name, kind in _KINDS.items() if kind is type(dimension))
            return {kind: [float(low), float(high)]}  # as they are read, so that the digest stays
    return dimension


def _from_json(name: str, entry: Any) -> Dimension | Value:
    match entry:
        case bool():
            pass
        case int() | float():
            return entry
        case {"choice": [*values]} if len(entry) == 1:
            return Choice(tuple(values))
        case {"integers": [int(low), int(high)]} if len(entry) == 1:
            return Integers(low, high)
        case {"uniform": [int() | float() as low, int() | float() as high]} if len(entry) == 1:
            return Uniform(float(low), float(high))
        case {"log_uniform": [int() | float() as low, int() | float() as high]} if len(entry) == 1:
            return LogUniform(float(low), float(high))
    raise SpaceError(f"{name}: {entry!r} is neither a number nor one of {', '.join(_KINDS)} with its bounds")
