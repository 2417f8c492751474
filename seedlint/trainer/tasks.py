"""Tasks that come with the trainer: real data small enough for two cores."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import torch
from torch import Tensor, nn

from seedlint.trainer import rng
from seedlint.trainer.space import ANY_SEED, Integers, LogUniform, Space, Uniform
from seedlint.trainer.task import Lane, Part, Task, TaskError

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}

DIGITS_SPACE = Space(
    {
        "seed": ANY_SEED,
        "lr": LogUniform(5e-4, 5e-2),
        "weight_decay": LogUniform(1e-4, 1.0),
        "dropout": Uniform(0.0, 0.6),
        "width": Integers(8, 32),
    }
)


class TwoHiddenLayers(nn.Module):
    """A perceptron whose hidden layers are as wide as each lane says, up to `width`."""

    def __init__(self, inputs: int, width: int, classes: int, activation: str) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[activation]
        self.first = nn.Linear(inputs, width)
        self.second = nn.Linear(width, width)
        self.last = nn.Linear(width, classes)

    def forward(self, features: Tensor, lane: Lane) -> Tensor:
        """Return logits (examples, classes)."""
        hidden = features
        for layer in (self.first, self.second):
            hidden = lane.narrow(self.activation(layer(hidden)), lane["width"])
            hidden = lane.dropout(hidden, lane["dropout"])
        return self.last(hidden)  # type: ignore[no-any-return]


class Digits(Task):
    """Handwritten digits, 8 x 8 pixels: 400 to train on, 400 for validation, 997 to test (scikit-learn's `load_digits`)."""

    classes = 10
    batch = 32
    steps = 200
    space = DIGITS_SPACE

    def __init__(self, activation: str = "relu", width: int = 32) -> None:
        if activation not in ACTIVATIONS:
            raise TaskError(f"no activation {activation!r}: {', '.join(ACTIVATIONS)}")
        self.name = f"digits-{activation}"
        self.activation, self.width = activation, width

    def model(self) -> nn.Module:
        """Return a perceptron with two hidden layers."""
        return TwoHiddenLayers(64, self.width, self.classes, self.activation)

    def examples(self, part: Part) -> tuple[Tensor, Tensor]:
        """Return pixels of mean 0 and deviation 1 (examples, 64), and digits (examples,)."""
        return _digits()[part]

    def fan_in(self, name: str, shape: tuple[int, ...], lane: Mapping[str, Tensor]) -> Tensor | int:
        """Return the true width of the layer below, not the padded one."""
        return 64 if name == "first.weight" else lane["width"]


def tanh_digits() -> Digits:
    """Return the family of tanh networks."""
    return Digits("tanh")


@lru_cache(maxsize=1)
def _digits() -> dict[Part, tuple[Tensor, Tensor]]:
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]

    pixels, digits = load_digits(return_X_y=True)
    # One fixed order for every trial: as they come, the parts would hold the hands of different writers.
    mixed = rng.order(torch.zeros((), dtype=torch.int32), len(digits))
    features, labels = torch.tensor(pixels, dtype=torch.float32)[mixed], torch.tensor(digits)[mixed]
    parts = ((Part.TRAIN, slice(0, 400)), (Part.VALIDATION, slice(400, 800)), (Part.TEST, slice(800, None)))
    seen = features[parts[0][1]]
    features = (features - seen.mean()) / seen.std()
    return {part: (features[rows], labels[rows]) for part, rows in parts}
