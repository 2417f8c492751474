"""What a researcher writes to search something of their own: a model, three sets of examples, and a search space."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from seedlint.trainer import rng
from seedlint.trainer.space import Space


class Part(Enum):
    """The three sets of examples. A study records each time that the test set is opened."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Lane(Mapping[str, Tensor]):
    """One trial as its model sees it: its hyperparameters, tensors without dimensions, and its dropout."""

    def __init__(self, hyperparameters: Mapping[str, Tensor], key: Tensor | None) -> None:
        self._hyperparameters = hyperparameters
        self._key = key
        self._layer = 0

    def __getitem__(self, name: str) -> Tensor:
        return self._hyperparameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._hyperparameters)

    def __len__(self) -> int:
        return len(self._hyperparameters)

    def dropout(self, hidden: Tensor, rate: Tensor) -> Tensor:
        """Drop numbers of `hidden` at `rate` in [0, 1) while training, and none in evaluation (no key)."""
        if self._key is None:
            return hidden
        self._layer += 1
        return rng.dropout(rng.fold(self._key, self._layer), hidden, rate)

    def narrow(self, hidden: Tensor, width: Tensor) -> Tensor:
        """Keep the first `width` of the last dimension: lanes of several widths in one shape."""
        return hidden * (torch.arange(hidden.shape[-1], device=hidden.device) < width)


class Task(Protocol):
    """One family of models on one data set. Subclass it, and override what differs."""

    name: str
    """The family, as reports call it."""
    space: Space
    classes: int
    batch: int
    """Examples in a step."""
    steps: int
    """Optimiser steps of a whole trial."""

    def model(self) -> nn.Module:
        """Return a module whose `forward(features, lane)` gives logits (examples, classes).

        Its weights are drawn anew for each lane; vectors, such as those of a normalisation, start as they are here.
        """
        ...

    def examples(self, part: Part) -> tuple[Tensor, Tensor]:
        """Return features (examples, ...) and labels (examples,)."""
        ...

    def fan_in(self, name: str, shape: tuple[int, ...], lane: Mapping[str, Tensor]) -> Tensor | int:
        """Return how many inputs a unit of this weight has; initial weights are uniform within ±1/√fan_in."""
        return int(torch.Size(shape[1:]).numel())

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the loss of one lane's batch, a scalar."""
        return nn.functional.cross_entropy(logits, labels)

    def score(self, logits: Tensor, labels: Tensor) -> float:
        """Return what selection maximises, in [0, 1], from one lane's logits."""
        return (logits.argmax(-1) == labels).double().mean().item()

    @property
    def chance(self) -> float:
        """The score of guessing: what a diverged trial counts as."""
        return 1 / self.classes


class TaskError(ValueError):
    """A task that cannot be loaded or trained, with the reason."""


def fingerprint(task: Task) -> str:
    """Return sixteen hexadecimal digits that change with the task's values, training or validation examples, and with the code
    of the modules that its class, its model and what these inherit from stand in.
    """
    try:
        digest = _digest(task)
        sizes = {part.value: len(task.examples(part)[1]) for part in (Part.TRAIN, Part.VALIDATION)}
        few = [
            f"{name} is {size}"
            for name, size in {"batch": task.batch, "steps": task.steps, **sizes}.items()
            if size < 1
        ]
    except Exception as error:  # whatever the user's own model and examples raise
        raise TaskError(f"{type(task).__name__}: {type(error).__name__}: {error}") from error
    if few:
        raise TaskError(f"{task.name}: {', '.join(few)}, and at least 1 is needed")
    return digest


def labels_digest(labels: Tensor) -> str:
    """Return eight hexadecimal digits that name a set of labels."""
    return hashlib.sha256(labels.cpu().contiguous().numpy().tobytes()).hexdigest()[:8]


def _digest(task: Task) -> str:
    model = task.model()
    values = re.sub(r" at 0x[0-9a-f]+", "", repr(sorted(vars(task).items())))
    kinds = [type(task).__qualname__, type(model).__qualname__]
    parts = [
        *kinds,
        task.name,
        task.classes,
        task.batch,
        task.steps,
        repr(model),
        values,
        *_code((type(task), type(model))),
    ]
    digest = hashlib.sha256("\0".join(map(str, parts)).encode())
    for part in (Part.TRAIN, Part.VALIDATION):
        for tensor in task.examples(part):
            digest.update(repr((tuple(tensor.shape), tensor.dtype)).encode())
            digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def _code(classes: tuple[type, ...]) -> Iterator[str]:
    """The source of the modules of classes and of what they inherit from, those of Python, torch and this one left out."""
    names = {ancestor.__module__ for one in classes for ancestor in one.__mro__}
    for name in sorted(names - {__name__}):
        if name.partition(".")[0] not in {"builtins", "typing", "torch"}:
            with contextlib.suppress(OSError, TypeError, KeyError):  # written at a prompt
                yield inspect.getsource(sys.modules[name])


def load_task(reference: str) -> Task:
    """Load `module:name` or `file.py:name`: a task, or a class or function that makes one without arguments."""
    where, _, name = reference.rpartition(":")
    if not where:
        raise TaskError(f"{reference}: a task is named as module:name or file.py:name")
    try:
        module = _module_of_file(Path(where)) if where.endswith(".py") else _module_of_name(where)
        found = getattr(module, name)
        task: Task = found() if callable(found) else found
    except TaskError:
        raise
    except Exception as error:  # whatever the user's own module raises while it is imported
        raise TaskError(f"{reference}: {type(error).__name__}: {error}") from error
    absent = [name for name in (*Task.__annotations__, "model", "examples") if not hasattr(task, name)]
    if absent:
        raise TaskError(f"{reference}: not a task, for it has no {', '.join(absent)}")
    return task


def _module_of_name(name: str) -> object:
    """Import a module, also one of the current folder, which `python -m` finds and an installed command does not."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    return importlib.import_module(name)


def _module_of_file(path: Path) -> object:
    if not path.is_file():
        raise TaskError(f"{path}: no such file")
    spec = importlib.util.spec_from_file_location(f"_task_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise TaskError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
