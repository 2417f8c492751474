"""What one document says of its seeds: each sentence that speaks of them, with its use, and the use of the whole paper."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from seedlint.paper.classify import NONE, OTHER, Context, classify
from seedlint.paper.document import Box, Document, Kind
from seedlint.paper.sentences import Sentence, sentences
from seedlint.uses import Use


@dataclass(frozen=True)
class PaperUse:
    """A sentence that speaks of seeds, initialisations or repeated runs. `use` is None where it is none of the five."""

    use: Use | None
    confidence: float
    acknowledged: bool
    page: int
    sentence: str
    prev: str
    next: str
    section: str
    kind: Kind
    boxes: tuple[Box, ...]
    why: tuple[str, ...]

    @property
    def risky(self) -> bool:
        """Whether the taxonomy calls the use risky, acknowledged or not."""
        return self.use is not None and not self.use.safe


@dataclass(frozen=True)
class Review:
    """A document and the uses found in it, in the order of its text."""

    document: Document
    uses: tuple[PaperUse, ...] = ()

    @property
    def primary(self) -> Use | None:
        """The one use that stands for the paper, of those its sentences have; None where there is none.

        Bethard (2022, section 3) assigns one to each article. Here it is the use that its sentences speak of most surely, all
        their confidences added.
        """
        weights: dict[Use, float] = defaultdict(float)
        for found in self.uses:
            if found.use is not None:
                weights[found.use] += found.confidence
        return max(weights, key=lambda use: weights[use]) if weights else None


def review(document: Document) -> Review:
    """Return the uses of a document. Sentences whose words mean something else are left out."""
    return Review(document, tuple(found for sentence in sentences(document) if (found := _use_of(sentence))))


def _use_of(sentence: Sentence) -> PaperUse | None:
    context = Context(sentence.text, sentence.prev, sentence.next, sentence.section, sentence.kind)
    verdict = classify(context, picked=False)
    if verdict.label == NONE:
        return None
    return PaperUse(
        use=None if verdict.label == OTHER else Use(verdict.label),
        confidence=verdict.confidence,
        acknowledged=verdict.acknowledged,
        page=sentence.page,
        sentence=sentence.text,
        prev=sentence.prev,
        next=sentence.next,
        section=sentence.section,
        kind=sentence.kind,
        boxes=sentence.boxes(),
        why=verdict.why,
    )
