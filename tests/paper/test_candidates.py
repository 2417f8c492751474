"""The net catches whatever may speak of seeds or repeated runs, and the phrases that it feeds are well formed data."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedlint.paper.argument import ARGUMENT
from seedlint.paper.candidates import is_candidate
from seedlint.paper.cues import BadCues, load_cues, parse_cues, read
from seedlint.paper.document import Kind
from seedlint.paper.wording import phrase_of, wording_of
from tests.paper.test_classify import TABLE

CUES = Path("cues.toml")


@pytest.mark.parametrize("sentence", [sentence for sentence, label in TABLE if label not in ("other", "none")])
def test_every_use_is_caught(sentence: str) -> None:
    assert is_candidate(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Figure 3: accuracy (mean ± std).",
        "Error bars are one standard error.",
        "Every model was trained once.",
        "Weights were drawn anew for all twelve networks.",
        "We report the median of seven trainings.",
        "Both nets vote.",
    ],
)
def test_sentences_that_never_say_seed_are_caught(sentence: str) -> None:
    assert is_candidate(sentence)


@pytest.mark.parametrize(
    "sentence", ["", "We thank the reviewers.", "The encoder has a linear layer on top.", "This section is about data."]
)
def test_other_sentences_are_let_go(sentence: str) -> None:
    assert not is_candidate(sentence)


def test_a_sentence_beside_one_on_seeds_is_caught() -> None:
    assert is_candidate("That figure is in the table.", prev="We train with five random seeds.")
    assert is_candidate("That figure is in the table.", next="We train with five random seeds.")


def test_a_heading_is_let_go() -> None:
    assert not is_candidate("Random seeds", kind=Kind.HEADING)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("averaged over N runs", "is averaged over five runs.", "averaged over five runs"),
        ("averaged over N runs", "is averaged over one run.", ""),
        ("over N ~2 runs", "over 5 fully independent runs", "over 5 fully independent runs"),
        ("over N ~2 runs", "over 5 fully and truly independent runs", ""),
        ("seed VALUE", "the seed=42", "seed=42"),
        ("seed VALUE", "seedlings 42", ""),
        ("over NUMBER", "over 0.5", "over 0.5"),
        ("over N", "over 0.5", ""),
        ("over N", "over 1 run", ""),
        ("over N", "over 1,000 runs", "over 1,000"),
        ("a? run|trial", "one run", "run"),
        ("fail*", "It failed", "failed"),
        ("*lstms", "BiLSTMs", "BiLSTMs"),
        ("top_k|nucleus", "Top-k sampling", "Top-k"),
        ("RUN", "a re-run", "re-run"),
    ],
)
def test_a_phrase_is_found_as_it_stands_in_the_text(phrase: str, text: str, found: str) -> None:
    assert phrase_of(phrase, {"RUN": ["re run", "trial"]}).find(wording_of(text)) == found


def test_a_citation_is_not_read_and_a_list_of_seeds_is() -> None:
    assert "#2020" not in wording_of("seeds (Novak et al., 2020; Dvorak, 2021)").words
    assert "#14" not in wording_of("as noted before [14]").words
    assert "#2020" in wording_of("seeds (1, 2020)").words
    assert "#7" in wording_of("seeds [7, 8]").words


def test_every_cue_of_the_argument_is_in_the_data() -> None:
    assert {cue for claim in ARGUMENT for cue in claim.cues} <= load_cues().keys()


def test_a_cue_that_is_not_in_the_data_is_an_error() -> None:
    with pytest.raises(KeyError):
        read("seeds").find("no-such-cue")


def test_every_cue_says_what_it_is_about_and_repeats_no_phrase() -> None:
    for cue in load_cues().values():
        assert cue.about.endswith(".")
        patterns = [phrase.pattern.pattern for phrase in cue.phrases]
        assert len(set(patterns)) == len(patterns), cue.name


@pytest.mark.parametrize(
    "text",
    [
        "[cue",
        "extra = 1",
        "[words]\nSEED = 'seed'",
        "[cue.a]\nphrases = ['x']",
        "[cue.a]\nabout = 'A.'\nphrases = []",
        "[cue.a]\nabout = 'A.'\nphrases = ['x']\nmore = 1",
        "[cue.a]\nabout = 'A.'\nphrases = ['UNKNOWN x']",
        "[cue.a]\nabout = 'A.'\nphrases = ['x ~y']",
        "cue = 5",
    ],
)
def test_a_file_of_cues_that_is_wrong_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadCues, match=r"^cues\.toml: ") as raised:
        parse_cues(text, CUES)
    assert "\n" not in str(raised.value)
