"""A study on the disk: one JSON line for each thing that happened, appended whole and never changed, so that a kill loses nothing.

Lines are, in this order: the study, the environments it ran in, its trials, and each time that the test set was opened.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from seedlint.trainer.space import Config, Space

VERSION = 1
SELECTED = "selected by validation"
BEGINNING = b'{"study":'


class StoreError(ValueError):
    """A store that cannot be used, with its path and the reason."""


@dataclass(frozen=True)
class Head:
    """What makes two stores parts of one study. `selection` says how trials are chosen to be trained: random or halving.

    `validation` names the validation labels. `reference` is where the task was loaded from, if from a name; it and the version of
    seedlint may differ.
    """

    task: str
    fingerprint: str
    space: Space
    search_seed: int
    family: str
    steps: int
    selection: str
    seedlint: str
    validation: str = ""
    reference: str | None = None
    version: int = VERSION


@dataclass(frozen=True)
class Environment:
    """What the bits of a trial depend on beside its configuration."""

    engine: str
    lanes: int
    threads: int
    device: str
    processor: str
    torch: str
    numpy: str
    python: str


@dataclass(frozen=True)
class Trial:
    """One training run. `score` is on validation, and chance where the trial diverged; `correct` marks validation examples."""

    id: int
    config: Config
    steps: int
    score: float
    diverged: bool
    curve: tuple[tuple[int, float], ...]
    correct: NDArray[np.bool_]
    weights: str
    environment: Environment


@dataclass(frozen=True)
class Opening:
    """One look at the test set: which trials' model, when (UTC), its score, and which test examples it got right.

    `what` is how the model is made of the trials. `same_weights`: training it again gave the recorded weights.
    """

    trials: tuple[int, ...]
    at: str
    score: float
    correct: NDArray[np.bool_]
    what: str = SELECTED
    same_weights: bool = True


@dataclass
class Store:
    """The study in memory, and in a file where it has a path. Use it as a context manager to write: no other can then."""

    head: Head
    path: Path | None = None
    trials: dict[tuple[int, int], Trial] = field(default_factory=dict)
    """(id, steps) → trial: a trial that survives a halving has one for each rung."""
    openings: list[Opening] = field(default_factory=list)
    _file: BinaryIO | None = None

    @property
    def final(self) -> list[Trial]:
        """The trials that were trained for all their steps, by their ids."""
        return [trial for key, trial in sorted(self.trials.items()) if trial.steps == self.head.steps]

    @property
    def tried(self) -> int:
        """How many trials were begun, halved ones among them."""
        return len({id for id, _ in self.trials})

    def add(self, trials: Iterable[Trial]) -> None:
        """Record trials; one that is recorded already is left as it is."""
        new = {(trial.id, trial.steps): trial for trial in trials if (trial.id, trial.steps) not in self.trials}
        known = {trial.environment for trial in self.trials.values()}
        environments = {trial.environment: None for trial in new.values() if trial.environment not in known}
        self.trials.update(new)
        self._append([*map(_environment_line, environments), *map(_trial_line, new.values())])

    def open_test(
        self,
        trials: Sequence[int],
        score: float,
        correct: NDArray[np.bool_],
        *,
        what: str = SELECTED,
        same_weights: bool = True,
    ) -> Opening:
        """Record that the test set was opened for the model made of these trials, and return what was recorded first."""
        known = self.opened(trials, what)
        if known is not None:
            return known
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        opening = Opening(tuple(trials), now, float(score), correct, what, same_weights)
        self.openings.append(opening)
        self._append([_opening_line(opening)])
        return opening

    def opened(self, trials: Sequence[int], what: str = SELECTED) -> Opening | None:
        """Return what the test set said of that model, if it was asked already."""
        model = (tuple(trials), what)
        return next((opening for opening in self.openings if (opening.trials, opening.what) == model), None)

    def __enter__(self) -> Store:
        if self.path is not None:
            self._file = _locked(self.path)
            if self._file.tell() == 0:
                self._append([_head_line(self.head)])
            else:
                self._catch_up(self.path)
        return self

    def _catch_up(self, path: Path) -> None:
        """Take up what others wrote between reading and locking: to rewrite the file would lose it."""
        try:
            now = open_store(path, self.head)
        except StoreError:
            self._close()
            raise
        self.trials, self.openings = now.trials, now.openings

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # of what could not be written, and was reported then
                self._file.close()
            self._file = None

    def _append(self, lines: Sequence[str]) -> None:
        if self.path is None or not lines:
            return
        if self._file is None:
            raise StoreError(f"{self.path}: is not open for writing")
        try:
            _write(self._file, "".join(lines))
        except OSError as error:
            raise StoreError(f"{self.path}: {error.strerror}") from error

    def rewrite(self) -> None:
        """Put the lines of a complete study into their order, and close it: one file however many workers or attempts."""
        if self.path is None or self._file is None:
            return
        text = "".join(lines_of(self))
        target = self.path.resolve()
        beside = target.with_name(target.name + ".new")
        try:
            if self.path.read_bytes() != text.encode():
                with beside.open("wb") as file:
                    _write(file, text)
                if os.name == "nt":  # replaces no open file
                    self._close()
                os.replace(beside, target)
        except OSError as error:
            raise StoreError(f"{self.path}: {error.strerror}") from error
        self._close()


def open_store(path: Path, head: Head) -> Store:
    """Return the store at `path`, with what it holds if it exists; StoreError where that is another study."""
    if not holds_study(path):
        return Store(head, path)
    store = read_store(path)
    difference = differing(store.head, head)
    if difference:
        raise StoreError(f"{path}: holds another study ({difference})")
    return store


def holds_study(path: Path) -> bool:
    """Return False where nothing is at `path`, or what a kill left of a first line; StoreError where that is no study's."""
    if not os.path.exists(path):
        return False
    raw = _contents(path)
    if b"\n" in raw:
        return True
    if raw.startswith(BEGINNING) or BEGINNING.startswith(raw):
        return False
    raise StoreError(f"{path}: no study in it")


def read_store(path: Path) -> Store:
    """Read a store. A last line that a kill cut short is left out; any other line that is not a record is an error."""
    raw = _contents(path)
    environments: dict[str, Environment] = {}
    store: Store | None = None
    for number, line in enumerate(raw[: raw.rfind(b"\n") + 1].splitlines(), start=1):
        try:
            record = json.loads(line)
            if store is None:
                store = Store(_head(record["study"]), path)
            elif "environment" in record and "trial" not in record:
                environment = Environment(**record["environment"])
                environments[_digest(environment)] = environment
            elif "trial" in record:
                trial = _trial(record, environments)
                store.trials.setdefault((trial.id, trial.steps), trial)
            else:
                store.openings.append(_opening(record["opened"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{path}: line {number} is no record of a study: {error}") from error
    if store is None:
        raise StoreError(f"{path}: no study in it")
    return store


def differing(one: Head, other: Head) -> str:
    """Say in what two studies differ: an empty string if they are parts of one."""
    compared = [name for name in Head.__dataclass_fields__ if name not in ("seedlint", "reference")]
    pairs = {name: (_brief(getattr(one, name)), _brief(getattr(other, name))) for name in compared}
    return ", ".join(f"{name}: {a} and {b}" for name, (a, b) in pairs.items() if a != b)


def merge(paths: Sequence[Path], into: Path) -> Store:
    """Join the shards of one study into a new file: the same as of a search that was not divided."""
    stores = [read_store(path) for path in paths]
    if into.exists():
        raise StoreError(f"{into}: exists already")
    merged = Store(stores[0].head, into)
    for path, store in zip(paths, stores, strict=True):
        difference = differing(merged.head, store.head)
        if difference:
            raise StoreError(f"{path}: is of another study than {paths[0]} ({difference})")
        for key, trial in store.trials.items():
            if merged.trials.setdefault(key, trial).weights != trial.weights:
                raise StoreError(f"{path}: trial {trial.id} came out otherwise than in the files before it")
        known = {(opening.trials, opening.what, opening.at) for opening in merged.openings}
        merged.openings += [
            opening for opening in store.openings if (opening.trials, opening.what, opening.at) not in known
        ]
    with merged:
        merged.rewrite()
    return merged


def lines_of(store: Store) -> list[str]:
    """Return the file of a study, line by line, in its order."""
    trials = [trial for _, trial in sorted(store.trials.items(), key=lambda item: (item[0][1], item[0][0]))]
    environments = {trial.environment: None for trial in trials}
    openings = sorted(store.openings, key=lambda opening: opening.at)
    return [
        _head_line(store.head),
        *map(_environment_line, environments),
        *map(_trial_line, trials),
        *map(_opening_line, openings),
    ]


def _contents(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # to read a pipe or a device may never end
            raise StoreError(f"{path}: not a file")
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error


def _write(file: BinaryIO, text: str) -> None:
    file.write(text.encode())
    file.flush()
    os.fsync(file.fileno())


def _locked(path: Path) -> BinaryIO:
    """Open for appending, alone, behind the last whole line."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("r+b" if path.exists() else "w+b")
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(file.fileno()), path.stat()):
            raise BlockingIOError("replaced between opening and locking")
    except ImportError:  # Windows: nothing guards against a second writer
        pass
    except BlockingIOError as error:
        file.close()
        raise StoreError(f"{path}: another search is writing to it") from error
    except OSError as error:
        file.close()
        raise StoreError(f"{path}: cannot be locked: {error.strerror}") from error
    file.seek(file.read().rfind(b"\n") + 1)
    file.truncate()
    return file


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":")) + "\n"


def _head_line(head: Head) -> str:
    fields = {name: getattr(head, name) for name in Head.__dataclass_fields__}
    return _line({"study": {**fields, "space": head.space.as_json()}})


def _environment_line(environment: Environment) -> str:
    return _line({"environment": asdict(environment)})


def _trial_line(trial: Trial) -> str:
    fields = {name: getattr(trial, name) for name in Trial.__dataclass_fields__ if name != "id"}
    return _line(
        {"trial": trial.id, **fields, "correct": _packed(trial.correct), "environment": _digest(trial.environment)}
    )


def _opening_line(opening: Opening) -> str:
    return _line({"opened": {**asdict(opening), "correct": _packed(opening.correct)}})


def _head(record: dict[str, Any]) -> Head:
    if record["version"] != VERSION:
        raise ValueError(f"version {record['version']} of the format, not {VERSION}")
    return Head(**{**record, "space": Space.from_json(record["space"])})


def _trial(record: dict[str, Any], environments: dict[str, Environment]) -> Trial:
    fields = {name: record[name] for name in Trial.__dataclass_fields__ if name != "id"}
    for name, kind in {
        "trial": int,
        "steps": int,
        "score": float,
        "diverged": bool,
        "config": dict,
        "weights": str,
    }.items():
        if type(record[name]) is not kind:
            raise ValueError(f"{name} is {record[name]!r}")
    fields["curve"] = tuple((int(step), float(score)) for step, score in record["curve"])
    fields["correct"] = _unpacked(record["correct"])
    fields["environment"] = environments[record["environment"]]
    return Trial(id=record["trial"], **fields)


def _opening(record: dict[str, Any]) -> Opening:
    fields = {**record, "trials": tuple(record["trials"]), "correct": _unpacked(record["correct"])}
    return Opening(**fields)


def _packed(marks: NDArray[np.bool_]) -> str:
    return f"{marks.size}:{base64.b64encode(np.packbits(marks).tobytes()).decode()}"


def _unpacked(text: str) -> NDArray[np.bool_]:
    size, _, packed = text.partition(":")
    return np.unpackbits(np.frombuffer(base64.b64decode(packed), np.uint8), count=int(size)).astype(bool)


def _digest(environment: Environment) -> str:
    import hashlib

    return hashlib.sha256(json.dumps(asdict(environment), sort_keys=True).encode()).hexdigest()[:8]


def _brief(value: object) -> str:
    return value.digest if isinstance(value, Space) else str(value)
