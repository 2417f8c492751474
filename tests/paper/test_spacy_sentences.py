"""The component for spaCy: it cuts a text where the review of a paper does, whatever the tokens are."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from seedlint.paper.sentences import sentence_spans
from tests.paper.test_sentences import CUT, ONE_SENTENCE

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

spacy = pytest.importorskip("spacy")
from spacy.tokens import Doc  # noqa: E402

from seedlint.paper.spacy_sentences import mark_sentences  # noqa: E402

TEXTS = [*ONE_SENTENCE, *(text.replace(" |", "") for text in CUT), " ".join(ONE_SENTENCE)]


@pytest.mark.parametrize("text", TEXTS)
def test_spacy_gets_the_sentences_that_a_review_gets(text: str) -> None:
    language = spacy.blank("en")
    language.add_pipe("seedlint_sentences")
    assert [sentence.text.strip() for sentence in language(text).sents] == [
        text[start:end] for start, end in sentence_spans(text)
    ]


def test_blanks_before_the_first_word_are_no_sentence() -> None:
    language = spacy.blank("en")
    language.add_pipe("seedlint_sentences")
    assert [str(sentence) for sentence in language("  We stop. We go on.").sents] == ["  We stop.", "We go on."]


def test_a_text_without_words_has_no_sentence() -> None:
    language = spacy.blank("en")
    language.add_pipe("seedlint_sentences")
    assert not list(language("").sents)


def test_what_is_known_of_the_tokens_stays() -> None:
    doc = Doc(spacy.blank("en").vocab, words=["We", "stop", ".", "We", "go", "on", "."], tags=["X"] * 7)
    marked = mark_sentences(doc)
    assert [token.tag_ for token in marked] == ["X"] * 7
    assert [token.i for token in marked if token.is_sent_start] == [0, 3]


def test_spacy_finds_the_component_by_the_entry_point_of_the_package() -> None:
    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8"))
    points = project["project"]["entry-points"]["spacy_factories"]
    assert EntryPoint("", points["seedlint_sentences"], "spacy_factories").load() is mark_sentences
