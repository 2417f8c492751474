"""The cut into sentences as a component for spaCy: `nlp.add_pipe("seedlint_sentences")` in any pipeline, blank ones too.

spaCy finds it by its entry point. seedlint itself cuts without spaCy, whose import takes longer than the reading of a paper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy
from spacy.language import Language
from spacy.tokens import Doc

from seedlint.paper.sentences import sentence_spans

if TYPE_CHECKING:
    from thinc.types import Ints2d


@Language.component("seedlint_sentences", assigns=["token.is_sent_start", "doc.sents"])
def mark_sentences(doc: Doc) -> Doc:
    """Say of each token whether a sentence of a paper begins with it, whatever the tokens are that its words were cut into."""
    if len(doc):
        starts = {0, *[start for start, _ in sentence_spans(doc.text)][1:]}
        marks = numpy.array([[1 if token.idx in starts else -1] for token in doc], dtype="int64").astype("uint64")
        # All at once: for each token that is set by itself spaCy looks at every other.
        doc.from_array(["SENT_START"], cast("Ints2d", marks))
    return doc
