"""The classifier of sentences: what a sentence of a paper says of seeds, how surely, and by which of its phrases."""

from __future__ import annotations

from dataclasses import dataclass

from seedlint.paper.argument import ARGUMENT, FIXED, GUESSED, LABELS, LIKELY, NONE, OTHER, STATED, Context, View
from seedlint.paper.candidates import is_candidate
from seedlint.paper.cues import load_cues
from seedlint.uses import Use

__all__ = ["LABELS", "NONE", "OTHER", "Context", "Verdict", "classify", "features"]

RISKY = frozenset(use.value for use in Use if not use.safe)


@dataclass(frozen=True)
class Verdict:
    """What a sentence says of seeds: `label` is one of LABELS, `why` the phrases of the sentence that decided it.

    `acknowledged`: the authors state the risk, or a limit of resources, that led to it.
    """

    label: str
    confidence: float
    acknowledged: bool = False
    why: tuple[str, ...] = ()


def classify(context: Context) -> Verdict:
    """Say what a sentence says of seeds, and by which of its phrases."""
    if not is_candidate(context.sentence, context.prev, context.next, context.kind):
        return Verdict(NONE, STATED)
    view = View(context)
    claim = next((claim for claim in ARGUMENT if claim.holds(view)), None)
    if claim is None:
        return Verdict(NONE, GUESSED)
    confidence = claim.confidence if view.of_repeats or claim.label == FIXED else min(claim.confidence, LIKELY)
    why = tuple(dict.fromkeys(words for cue in claim.cues if (words := view.here.find(cue))))
    return Verdict(claim.label, confidence, claim.label in RISKY and view.says("cost"), why)


def features(context: Context) -> tuple[str, ...]:
    """Name what stands in a sentence and around it, for a learner: cues ("pooled", "near:runs") and claims ("claim:keeps-best").

    Sorted, each once.
    """
    view = View(context)
    here = [name for name in load_cues() if view.says(name)]
    near = [f"near:{name}" for name in load_cues() if view.around.has(name)]
    claims = [f"claim:{claim.name}" for claim in ARGUMENT if claim.holds(view)]
    return tuple(sorted([*here, *near, *claims, f"kind:{context.kind.value}"]))
