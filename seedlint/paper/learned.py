"""The trained part of the classifier: multinomial logistic regression over features, with the weights that ship beside the rules.

rules/papers/CLASSIFIER.md is its model card; fixtures/papers/classifier.py is what trained it.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from seedlint.paper.argument import LABELS
from seedlint.paper.features import Features
from seedlint.resources import rules_folder

WEIGHTS = "classifier.json.gz"
ROUNDED = 127
"""The largest weight is this whole number; the others are rounded to it."""


@dataclass(frozen=True)
class Model:
    """Weights by feature. Of `marks` and of `words` the values are divided by the square root of how many a sentence has."""

    bias: tuple[float, ...]
    marks: dict[str, int]
    words: dict[str, int]
    """Feature → the place of its first weight; there is one for each of LABELS."""
    weights: array[int]
    unit: float
    """What a rounded weight of 1 stands for."""
    marks_count: float
    """How much marks count beside words."""

    def probabilities(self, features: Features) -> dict[str, float]:
        """Return the probability of each of LABELS; they sum to 1."""
        logits = list(self.bias)
        for names, places, share in ((features.marks, self.marks, self.marks_count), (features.words, self.words, 1.0)):
            known = [places[name] for name in names if name in places]
            scale = self.unit * share / math.sqrt(len(known) or 1)
            for label in range(len(logits)):
                logits[label] += scale * sum(self.weights[place + label] for place in known)
        highest = max(logits)
        odds = [math.exp(logit - highest) for logit in logits]
        return {label: odd / sum(odds) for label, odd in zip(LABELS, odds, strict=True)}

    def speaking_for(self, label: str, rows: Iterable[str]) -> list[str]:
        """Return the rows of words that raise this label above the mean of all, those that raise it most first."""
        at = LABELS.index(label)
        leads = {row: self._lead(self.words[row], at) for row in rows if row in self.words}
        return sorted((row for row in leads if leads[row] > 0), key=lambda row: -leads[row])

    def _lead(self, place: int, label: int) -> float:
        weights = self.weights[place : place + len(LABELS)]
        return weights[label] - sum(weights) / len(weights)


@cache
def model() -> Model:
    """The model that comes with the package."""
    with gzip.open(rules_folder() / "papers" / WEIGHTS, "rt", encoding="utf-8") as file:
        return from_json(json.load(file))


def from_json(data: dict[str, Any]) -> Model:
    """Make a model of what `as_json` returned. KeyError or ValueError: it is not that."""
    if data["labels"] != list(LABELS):
        raise ValueError(f"the weights are for {', '.join(data['labels'])}")
    names = [*data["marks"], *data["words"]]
    weights = array("b", base64.b64decode(data["weights"]))
    if len(weights) != len(names) * len(LABELS):
        raise ValueError(f"{len(weights)} weights for {len(names)} features")
    places = [number * len(LABELS) for number in range(len(names))]
    count = len(data["marks"])
    return Model(
        bias=tuple(data["bias"]),
        marks=dict(zip(data["marks"], places[:count], strict=True)),
        words=dict(zip(data["words"], places[count:], strict=True)),
        weights=weights,
        unit=data["unit"],
        marks_count=data["marks_count"],
    )


def as_json(
    bias: Sequence[float],
    weights: Sequence[Sequence[float]],
    marks: Sequence[str],
    words: Sequence[str],
    marks_count: float,
) -> dict[str, Any]:
    """Return a model as plain data. `weights` has a row for each of `marks`, then of `words`: real numbers, one for each label."""
    unit = max(abs(value) for row in weights for value in row) / ROUNDED
    rounded = array("b", (round(value / unit) for row in weights for value in row))
    return {
        "labels": list(LABELS),
        "bias": [round(value, 4) for value in bias],
        "unit": unit,
        "marks_count": marks_count,
        "marks": list(marks),
        "words": list(words),
        "weights": base64.b64encode(rounded.tobytes()).decode("ascii"),
    }
