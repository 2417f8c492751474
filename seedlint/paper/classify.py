"""The classifier of sentences: what a sentence of a paper says of seeds, how surely, and by which of its phrases.

A net of words keeps what may speak of seeds; the argument reads it; the trained part, which sees the argument's marks and the
words, decides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from seedlint.paper.argument import GUESSED, LABELS, LIKELY, NONE, OTHER, RISKY, STATED, Context, View
from seedlint.paper.candidates import is_candidate
from seedlint.paper.features import Evidence, Features, as_written, evidence, features_of
from seedlint.paper.learned import model

__all__ = ["LABELS", "NONE", "OTHER", "RISKY", "Context", "Verdict", "classify"]

SHOWN = 3
"""Rows of words that are shown for a verdict which no claim of the argument shares."""

TRUST = {STATED: 2.0, LIKELY: 1.0, GUESSED: 0.0}
"""What the argument's label gains in log odds, by how sure it is, for a sentence that somebody picked out (the model card says how
this was found)."""

RARITY = {Evidence.SEEDS: 0.0, Evidence.REPEATS: 3.0, Evidence.POOL_AND_REPEATS_BESIDE: 5.0}
"""How much the log odds of NONE are higher for any sentence of a paper than for one that somebody picked out. A sentence with less
evidence is NONE."""


@dataclass(frozen=True)
class Verdict:
    """What a sentence says of seeds: `label` is one of LABELS, `why` the phrases of the sentence that decided it.

    `confidence` is the probability of the label. `acknowledged`: the authors state the risk, or a limit of resources, that led
    to it.
    """

    label: str
    confidence: float
    acknowledged: bool = False
    why: tuple[str, ...] = ()


def classify(context: Context, *, picked: bool = True) -> Verdict:
    """Say what a sentence says of seeds, and by which of its phrases. What no word of the net stands in is NONE.

    `picked`: somebody took the sentence for one about seeds or runs; otherwise it is any sentence of a paper, where most are not,
    and OTHER stands also for what would be a use if somebody had picked it out.
    """
    if not is_candidate(context.sentence, context.prev, context.next, context.kind):
        return Verdict(NONE, 1.0)
    view = View(context)
    rarity = 0.0 if picked else _rarity(view)
    if rarity is None:
        return Verdict(NONE, 1.0)
    features = features_of(view)
    given = model().probabilities(features)
    probabilities = _with_argument(given, view) if picked else _weighed(given, {NONE: rarity})
    label = _likeliest(probabilities)
    if not picked and label == NONE != _likeliest(given):
        return Verdict(OTHER, round(1 - probabilities[NONE], 3))
    why = _phrases(view, label) or _words(view, features, label)
    return Verdict(label, round(probabilities[label], 3), label in RISKY and view.says("cost"), why)


def _likeliest(probabilities: dict[str, float]) -> str:
    return max(probabilities, key=lambda label: probabilities[label])


def _with_argument(probabilities: dict[str, float], view: View) -> dict[str, float]:
    """The probabilities of a sentence that somebody picked out, by what the argument says too."""
    return _weighed(probabilities, {claim.label: TRUST[claim.confidence] for claim in view.claims[:1]})


def _rarity(view: View) -> float | None:
    """What a sentence's NONE gains where nobody picked it out: nothing where experiments are said to be done a number of times.

    None: it is NONE.
    """
    several_times = view.says("times") and not view.says("multiplied")
    return 0.0 if several_times and view.says("experiments", "averaged_over") else RARITY.get(evidence(view))


def _weighed(probabilities: dict[str, float], log_odds: dict[str, float]) -> dict[str, float]:
    odds = {label: value * math.exp(log_odds.get(label, 0.0)) for label, value in probabilities.items()}
    return {label: value / sum(odds.values()) for label, value in odds.items()}


def _phrases(view: View, label: str) -> tuple[str, ...]:
    """The phrases of the first claim of the argument that holds and has this label."""
    claim = next((claim for claim in view.claims if claim.label == label), None)
    return tuple(dict.fromkeys(words for cue in claim.cues if (words := view.here.find(cue)))) if claim else ()


def _words(view: View, features: Features, label: str) -> tuple[str, ...]:
    """The rows of two words or more that speak most for this label; none within another."""
    rows = [row for row in features.words if " " in row]
    shown: list[str] = []
    for row in model().speaking_for(label, rows):
        if not any(row in other or other in row for other in shown):
            shown.append(row)
    return tuple(words for row in shown[:SHOWN] if (words := as_written(row, view.here.wording)))
