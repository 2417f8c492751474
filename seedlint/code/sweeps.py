"""What a sweep or a search space does with the seed: searches it, repeats runs with it, or pins it.

The layouts in which files and code state one are read elsewhere; here they are one list of dimensions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from seedlint.code.apis import load_apis
from seedlint.code.calls import speaks_of_seed
from seedlint.code.tables import written
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use


class Strategy(str, Enum):
    """How a sweep chooses its trials: every combination, at random, or by the scores so far."""

    GRID = "grid"
    RANDOM = "random"
    TUNER = "tuner"


@dataclass(frozen=True)
class Dimension:
    """What a sweep varies, or holds at one setting.

    `values` counts the values that it lists; None means a range, a distribution, or a list that only a run can tell. `numbers`
    says whether they are numbers, `counting` whether these count up by one; `pinned` is the only value, where that is a constant.
    A finding stands at `line` and `column`.
    """

    name: str
    values: int | None
    line: int
    column: int = 1
    end_column: int = 0
    numbers: bool = True
    counting: bool = False
    pinned: int | float | str | bool | None = None

    @property
    def several(self) -> bool:
        """Whether it takes more than one value."""
        return self.values is None or self.values > 1


@dataclass(frozen=True)
class Sweep:
    """A search space. `format` names its layout; `guess` says that nothing but lists and a name make it one."""

    path: str
    line: int
    format: str
    dimensions: tuple[Dimension, ...]
    strategy: Strategy = Strategy.GRID
    program: str | None = None
    guess: bool = False


Note: TypeAlias = tuple[Dimension, str]
"""A dimension, and what is to be said at its place."""


class Role(Enum):
    """What a dimension varies."""

    SEED = "seed"
    REPEAT = "repeat"
    CASE = "case"
    SYSTEM = "system"
    HYPERPARAMETER = "hyperparameter"
    UNKNOWN = "unknown"


NO_SEED = re.compile(
    r"(^|_)(n|num|number|total|max|min)_|seeds?[_-]?(frames?|steps?|size|nodes?|episodes?|count|num\w*|len\w*|words?|budget|samples?"
    r"|tasks?|tokens?|dir|path|file|prob\w*|ratio|points?)$",
    re.I,
)
"""Names that hold the word and are counts, sizes or inputs of something else."""

OTHER_SEED = re.compile(
    r"(data(set)?|sampl(e|er|ing)|split|fold|subset|shuffle|shot|env(ironment)?|eval|test|noise|graph|mask|gen(eration)?)[._-]?"
    r"(random_?)?seeds?$",
    re.I,
)
"""Seeds that by their names vary something else than training."""

REPEAT = re.compile(
    r"_+|sweep_?(id|no|num|idx|index)?(_\w+)?|_*(dummy|dummies|ignore|ignored|placeholder|noop)(_\w+)?|"
    r"_*(run|rep|repeat|repeats|repetition|replicate|replica|rerun|trial)(_?(i|id|ix|idx|index|no|nr|num|number))?_*",
    re.I,
)
"""Keys that number repeated runs."""

COUNTER = re.compile(
    r"_?(i|iter|iteration|attempt|exp|experiment|copy|instance|index|idx|id|n)(_?(id|idx|no|nr|num|number))?_?", re.I
)
"""Keys that number repeated runs if their values count up."""

BACKENDS = frozenset({"torch", "numpy", "np", "python", "random", "tf", "tensorflow", "jax"})
"""What stands below a key that speaks of a seed, and is a seed too."""

MAX_NAME = 200
"""So much of a name is looked at, from its end."""

VAGUE = frozenset(
    {"size", "sizes", "type", "mode", "rate", "steps", "step", "version", "setting", "setup", "model", "net"}
)
"""Words that say little at the end of a name: what stands before them decides, `dataset_size`, `optimizer_type`."""

OFF = frozenset({"", "none", "null", "-1", "random", "???"})
"""What a seed is set to so that it is drawn fresh, or must be given."""

WORD = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*|[a-z]+")


def role_of(dimension: Dimension, words: Mapping[str, str]) -> Role:
    """What a dimension varies, by its name."""
    name = dimension.name.lstrip("+~-")[-MAX_NAME:]
    last = re.split(r"[./:]|__", name)[-1] or name
    if speaks_of_seed(name) and (speaks_of_seed(last) or last in BACKENDS) and not NO_SEED.search(last):
        return Role.CASE if OTHER_SEED.search(name) else Role.SEED
    if REPEAT.fullmatch(last) or (dimension.counting and COUNTER.fullmatch(last)):
        return Role.REPEAT
    said = _role_said(last, words)
    if said is Role.UNKNOWN and re.fullmatch(r"(class_?)?(name|id|_target_|kind|key|value)", last, re.I):
        said = _role_said(name[: -len(last)], words)
    return said


def _role_said(name: str, words: Mapping[str, str]) -> Role:
    """What the words of a name say, the last first, as it is the noun."""
    spoken = [word.lower().rstrip("0123456789") for word in reversed(WORD.findall(name))]
    for word in [*(word for word in spoken if word not in VAGUE), *spoken]:
        if word in words:
            return Role(words[word])
    return Role.UNKNOWN


def sweep_uses(sweeps: Iterable[Sweep], reads: Callable[[str], bool] = lambda key: True) -> list[SeedUse]:
    """The seed uses in sweeps. `reads` tells whether the program reads a key: one that it does not only repeats the runs."""
    words = load_apis().dimension_words
    return [use for sweep in sweeps for use in _Judge(sweep, words, reads).uses()]


class _Judge:
    """The questions that are asked of one sweep."""

    def __init__(self, sweep: Sweep, words: Mapping[str, str], reads: Callable[[str], bool]) -> None:
        self.sweep = sweep
        roles = [(item, role_of(item, words)) for item in sweep.dimensions]
        if not sweep.guess:
            roles = [(item, _unread(item, role, reads)) for item, role in roles]
        self.constants = [item for item, role in roles if role is Role.SEED and _is_constant(item)]
        self.several = {role: [item for item, of in roles if of is role and item.several] for role in Role}

    def uses(self) -> list[SeedUse]:
        """A use for each seed that varies, or for the key that repeats the runs; and one for each seed that is pinned."""
        seeds, searched = self.several[Role.SEED], self._searched_beside_seeds()
        if seeds:
            return [self._searched(seed, searched) for seed in seeds] if searched else [self._alone(seeds[0])]
        varied = any(self.several.values())
        pinned = [self._pinned(item, searched) for item in self.constants if varied or not self.sweep.guess]
        repeats = [] if self.sweep.guess or self._searched_anyway() else self.several[Role.REPEAT]
        return pinned or [self._alone(item) for item in repeats[:1]]

    def _searched_anyway(self) -> list[Dimension]:
        """The hyperparameters that vary: in a search, all that names no case."""
        known = self.several[Role.HYPERPARAMETER]
        if self.sweep.strategy is Strategy.GRID:
            return known
        return [*known, *self.several[Role.SYSTEM], *self.several[Role.UNKNOWN]]

    def _searched_beside_seeds(self) -> list[Dimension]:
        """The hyperparameters that vary: in a grid, an unknown key with numbers is one beside a seed, but no reason to doubt a
        key that says it repeats the runs."""
        if self.sweep.strategy is not Strategy.GRID:
            return self._searched_anyway()
        return [*self._searched_anyway(), *(item for item in self.several[Role.UNKNOWN] if item.numbers)]

    def _searched(self, seed: Dimension, others: list[Dimension]) -> SeedUse:
        guessed = self.sweep.guess or not (self.several[Role.HYPERPARAMETER] or self.several[Role.SYSTEM])
        return self._use(
            (Use.MODEL_SELECTION, Circumstance.SEARCHED),
            [
                (seed, "the search draws the seed like any other hyperparameter"),
                (others[0], f"{_listed(others)} searched too"),
            ],
            Confidence.MEDIUM if guessed else Confidence.HIGH,
            ("a searched seed", "the search"),
        )

    def _alone(self, repeated: Dimension) -> SeedUse:
        """The seed, or a key that repeats the runs, varies and no hyperparameter does."""
        subject = _subject(repeated)
        compared = [*self.several[Role.SYSTEM], *self.several[Role.UNKNOWN]]
        if self.sweep.strategy is Strategy.TUNER:
            kept = (Use.MODEL_SELECTION, Circumstance.SEARCHED)
            notes = [(repeated, "the search keeps the best of the runs")]
            return self._use(kept, notes, Confidence.MEDIUM, (subject, "the search"))
        if re.search(r"ensemble", self.sweep.path, re.I):
            combined = (Use.ENSEMBLE_CREATION, Circumstance.COMBINED)
            notes = [(repeated, f"{subject}: by the name of the file, members of an ensemble")]
            return self._use(combined, notes, Confidence.LOW, (subject, "the ensemble"))
        sure = speaks_of_seed(repeated.name) and not compared and not self.sweep.guess
        return self._use(
            (Use.PERFORMANCE_COMPARISON, Circumstance.SWEEP),
            [(repeated, f"the sweep varies {subject}"), *self._held(repeated, compared)],
            Confidence.HIGH if sure else Confidence.MEDIUM,
            (subject, "the sweep"),
        )

    def _held(self, repeated: Dimension, compared: list[Dimension]) -> Iterator[Note]:
        """What else the sweep varies, and that no hyperparameter is among it."""
        cases = self.several[Role.CASE]
        if compared:
            yield compared[0], f"{_listed(compared)} what is compared"
        if cases:
            yield cases[0], f"{_listed(cases)} varied too, and no hyperparameter"
        elif not compared:
            yield repeated, "every other parameter has one value"

    def _pinned(self, seed: Dimension, others: list[Dimension]) -> SeedUse:
        sink = "every trial of the search" if others else "every run"
        return self._use(
            (Use.FIXED_SEED, Circumstance.PINNED),
            [
                (seed, f"{sink} trains with seed {seed.pinned}"),
                *((others[0], f"{_listed(others)} searched") for _ in others[:1]),
            ],
            Confidence.HIGH if others else Confidence.MEDIUM,
            (f"seed {seed.pinned}", sink),
        )

    def _use(
        self, kind: tuple[Use, Circumstance], notes: list[Note], confidence: Confidence, words: tuple[str, str]
    ) -> SeedUse:
        """A use at the place of the first note's dimension."""
        path, site = self.sweep.path, notes[0][0]
        place = Place(path, site.line, site.column, site.line if site.end_column else 0, site.end_column)
        return SeedUse(*kind, place, tuple(Evidence(path, item.line, text) for item, text in notes), confidence, *words)


def _unread(dimension: Dimension, role: Role, reads: Callable[[str], bool]) -> Role:
    """A key that the program does not read repeats the runs, whatever its name."""
    counted = dimension.several and dimension.counting
    return Role.REPEAT if role is Role.UNKNOWN and counted and not reads(dimension.name) else role


def _is_constant(seed: Dimension) -> bool:
    """Whether a seed that is not varied has a constant value."""
    pinned = seed.pinned
    if seed.several or pinned is None or isinstance(pinned, bool):
        return False
    return written(pinned).strip().lower() not in OFF


def _subject(repeated: Dimension) -> str:
    """The words of a message for what is repeated: "5 seeds", "10 repeats (dummy key `run`)"."""
    if speaks_of_seed(repeated.name):
        return f"{repeated.values} seeds" if repeated.values is not None else "the seed"
    count = f"{repeated.values} repeats" if repeated.values is not None else "repeats"
    return f"{count} (dummy key `{repeated.name}`)"


def _listed(dimensions: list[Dimension]) -> str:
    """The names of dimensions and the verb that follows them."""
    names = [item.name for item in dimensions]
    shown = names[:4] + ([f"{len(names) - 4} more"] if len(names) > 4 else [])
    return f"{', '.join(shown)} {'is' if len(names) == 1 else 'are'}"
