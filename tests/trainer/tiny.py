"""A task that trains in milliseconds: which third of [0, 1) the first of four numbers lies in."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from seedlint.trainer import rng
from seedlint.trainer.space import ANY_SEED, Choice, LogUniform, Space, Uniform
from seedlint.trainer.task import Lane, Part, Task

INPUTS = 4
SIZES = {Part.TRAIN: 60, Part.VALIDATION: 40, Part.TEST: 50}


class OneHiddenLayer(nn.Module):
    def __init__(self, width: int, norm: bool) -> None:
        super().__init__()
        self.first = nn.Linear(INPUTS, width)
        self.norm = nn.LayerNorm(width) if norm else nn.Identity()
        self.last = nn.Linear(width, Tiny.classes)

    def forward(self, features: Tensor, lane: Lane) -> Tensor:
        hidden = lane.narrow(torch.relu(self.norm(self.first(features))), lane["width"])
        return self.last(lane.dropout(hidden, lane["dropout"]))


class Tiny(Task):
    classes = 3
    batch = 16
    steps = 12
    space = Space(
        {
            "seed": ANY_SEED,
            "lr": LogUniform(1e-2, 1e-1),
            "weight_decay": LogUniform(1e-4, 1.0),
            "dropout": Uniform(0.0, 0.5),
            "width": Choice((4, 8, 16)),
        }
    )

    def __init__(self, name: str = "tiny", width: int = 16, norm: bool = False) -> None:
        self.name, self.width, self.norm = name, width, norm

    def model(self) -> nn.Module:
        return OneHiddenLayer(self.width, self.norm)

    def examples(self, part: Part) -> tuple[Tensor, Tensor]:
        key = rng.mix(torch.tensor(list(Part).index(part), dtype=torch.int32))
        features = rng.uniform(key, (SIZES[part], INPUTS))
        return features * 2 - 1, (features[:, 0] * self.classes).long()

    def fan_in(self, name: str, shape: tuple[int, ...], lane: Mapping[str, Tensor]) -> Tensor | int:
        return INPUTS if name == "first.weight" else lane["width"]


def normed() -> Tiny:
    """The tiny task with layer normalisation."""
    return Tiny("tiny-normed", norm=True)
