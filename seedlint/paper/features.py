"""What a learner sees of a sentence: its words, and the marks that the argument leaves on it and on its neighbours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from seedlint.paper.argument import NONE, View
from seedlint.paper.cues import load_cues
from seedlint.paper.wording import CITATION, Wording

SEEDS = ("random_seed", "seed_list", "ran_independently")
REPEATS = (
    *(
        "seed_word",
        "fixed_seed",
        "random_init",
        "runs",
        "times",
        "many_trained",
        "pooled",
        "one_ensemble",
        "best_of_several",
    ),
    "declined",
)
POOL = ("average", "averaged_over", "spread", "significance", "pooled_reported", "steady_over", "ensemble_word")
REPEATS_BESIDE = ("random_seed", "seed_list", "random_init", "runs", "times", "pooled", "many_trained")
"""Cues of random seeds, of what may be repeated training, of what is made of many numbers, and of repeats in a neighbour."""

LONGEST = 3
"""Words in a row."""

BEGINNING = 30
"""Characters."""


class Evidence(Enum):
    """Where seeds or repeats are spoken of, and whether numbers are averaged or compared."""

    SEEDS = "seeds"
    REPEATS = "repeats"
    POOL_AND_REPEATS_BESIDE = "pool, repeats beside"
    POOL = "pool"
    REPEATS_BESIDE = "repeats beside"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Features:
    """Names, each once: `words` are rows of up to three words ("averaged over #"), `marks` are cues, claims and the verdict."""

    words: tuple[str, ...]
    marks: tuple[str, ...]


def features_of(view: View) -> Features:
    """Name what stands in a sentence and around it. A number is "#", one is "#1", one with a fraction "#."."""
    words = _words(view.here.wording)
    rows = (
        " ".join(words[first : first + length])
        for length in range(1, LONGEST + 1)
        for first in range(len(words) - length + 1)
    )
    return Features(words=tuple(dict.fromkeys(rows)), marks=_marks(view))


def evidence(view: View) -> Evidence:
    """Say where a sentence has what it would need to speak of seeds."""
    beside = view.around.has(*REPEATS_BESIDE)
    if view.says(*SEEDS):
        return Evidence.SEEDS
    if view.says(*REPEATS):
        return Evidence.REPEATS
    if view.says(*POOL):
        return Evidence.POOL_AND_REPEATS_BESIDE if beside else Evidence.POOL
    return Evidence.REPEATS_BESIDE if beside else Evidence.NOTHING


def _marks(view: View) -> tuple[str, ...]:
    """Cues (":pooled" in the sentence, "~:pooled" beside it), every claim that holds ("!keeps-best"), the first ("!!keeps-best"),
    or that none does ("!!none"), where the evidence stands, and citations.
    """
    cues = load_cues()
    claims = [claim.name for claim in view.claims]
    return (
        *(f":{name}" for name in cues if view.here.has(name)),
        *(f"~:{name}" for name in cues if view.around.has(name)),
        *(f"!{name}" for name in claims),
        f"!!{claims[0] if claims else NONE}",
        f"?{evidence(view).value}",
        *_citing(view.context.sentence),
    )


def _citing(text: str) -> tuple[str, ...]:
    """Whether a text cites, and whether it begins so: what it then says is often said of others."""
    cited = re.search(rf"{CITATION.pattern}|\bet al\b", text)
    if cited is None:
        return ()
    return ("@cites", "@begins-citing") if cited.start() < BEGINNING else ("@cites",)


def as_written(row: str, wording: Wording) -> str:
    """Return the first words of a text that gave this row, as they stand in it, or an empty string."""
    words, wanted = _words(wording), row.split()
    for first in range(len(words) - len(wanted) + 1):
        if words[first : first + len(wanted)] == wanted:
            return wording.text[wording.spans[first][0] : wording.spans[first + len(wanted) - 1][1]]
    return ""


def _words(wording: Wording) -> list[str]:
    return [_kind_of_number(word) if word[0] == "#" else word for word in wording.normal.split()]


def _kind_of_number(word: str) -> str:
    if word == "#1":
        return word
    return "#." if "." in word else "#"
