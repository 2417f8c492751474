"""Where sentences begin and end, who their neighbours are, and where they stand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seedlint.paper.abbreviations import AbbreviationsError, abbreviations, read_abbreviations
from seedlint.paper.boundaries import sentence_starts, words_of
from seedlint.paper.document import Block, Box, Document, Kind, Line, Status
from seedlint.paper.sentences import WINDOW, sentences, sentences_around

ONE_SENTENCE = [
    "We follow Smith et al. and train five models.",
    "We follow Smith et al. (2018) and Lee et al. [7] in this.",
    "As Fig. 3 and Tab. 2 show, Eq. (4) holds in Sec. 5.",
    "Some hyperparameters, e.g. the seed, i.e. an integer, vary.",
    "Cf. Appendix B for details.",
    "The gain w.r.t. BERT is small.",
    "We compare ours vs. GPT-2 over 5 runs.",
    "The score is 88.1 ± 0.3 on average.",
    "It was proposed by D. P. Kingma and J. Ba last year.",
    "We draw x1, x2, ..., xn from it.",
    "We train (cf. Sec. 3. The setup differs. It is old) three models.",
    "See https://example.org/a.b?Seed=1 for it.",
    "The model torch.nn.Linear is used.",
    "The claim (Lee et al. 2019. Table 2) is ours.",
    "There are approx. 100 runs, of which No. 5 failed.",
    "Standard deviations are given in brackets (resp. Table 3).",
    "Figure 3. mean over five runs",
    "They said “We repeat it. Then we stop.” in the text.",
]

CUT = [
    "We fix the seed. | We train once.",
    "We compare to Smith et al. | We then train.",
    "The score is 88.1. | It has a spread of 0.3.",
    "It is shown in Fig. 3. | The rest is in Appendix A. | We go on.",
    "Is it stable? | We ask five times!",
    'They call it "robust." | We do not.',
    "It is used (Lee et al., 2018).7 | Similar results hold.",
    "It is used in this work.12 | Similar results hold.",
    "It is as in earlier work.† | Similar results hold.",
    "All share one seed (see Sec. 2). | (We ran it twice. | It failed.) | We report means.",
    "It was so in 2018. | Five runs follow.",
    "1. We train five models. | 2. We report the best.",
    "We see • one seed • five seeds",
    "The seed is fixed, etc. | We do not vary it.",
    "It holds for class C. | Other classes differ.",
    "The result is old [3]. | [4] found the same.",
    "The result is old. [3] | We found the same.",
    "It is used in U.S. | The seed is fixed.",
    "We use five runs. | fastText is deterministic.",
    "Bars are errors over 5 seeds. | (c) Top 1 accuracy. | (d) Loss (see (a) and Fig. (b) for more).",
    "The stop is glued.We see the blank lost.",
    "It goes on ... | We stop.",
]


def block(text: str, kind: Kind = Kind.BODY, section: str = "") -> Block:
    return Block(text, kind, (Line(0, 1),), section)


def document(*blocks: Block) -> Document:
    return Document("paper.txt", Status.OK, blocks=blocks)


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in sentences(document(block(text)))]


@pytest.mark.parametrize("text", ONE_SENTENCE)
def test_a_stop_that_ends_no_sentence_cuts_nothing(text: str) -> None:
    assert texts(text) == [text]


@pytest.mark.parametrize("marked", [case for case in CUT if "•" not in case and "glued" not in case])
def test_a_sentence_ends_where_the_next_begins(marked: str) -> None:
    parts = marked.split(" | ")
    assert texts(" ".join(parts)) == parts


def test_a_bullet_begins_a_sentence() -> None:
    assert texts("We see • one seed • five seeds") == ["We see", "• one seed", "• five seeds"]


def test_a_stop_that_lost_its_blank_still_ends_a_sentence() -> None:
    assert texts("We fix the seed.The rest varies.") == ["We fix the seed.", "The rest varies."]


def test_a_bracket_that_is_never_closed_swallows_no_sentences() -> None:
    text = "We train (as before. " + "We repeat it. " * 40
    assert len(texts(text)) > 30


def test_a_sentence_knows_its_characters_whatever_blanks_stand_between() -> None:
    text = "  We fix\n the  seed.\tWe train\u00a0once.  "
    found = list(sentences(document(block(text))))
    assert (
        [text[s.start : s.end] for s in found]
        == [s.text for s in found]
        == ["We fix\n the  seed.", "We train\u00a0once."]
    )


def test_neighbours_in_the_body_cross_paragraphs_captions_and_footnotes() -> None:
    blocks = (block("One. We go on."), block("Table 1. Means.", Kind.CAPTION), block("Three follows."), block("Four."))
    found = {sentence.text: (sentence.prev, sentence.next) for sentence in sentences(document(*blocks))}
    assert found["We go on."] == ("One.", "Three follows.")
    assert found["Three follows."] == ("We go on.", "Four.")


def test_neighbours_end_at_a_heading() -> None:
    blocks = (block("One.", section="A"), block("B", Kind.HEADING, "B"), block("Two.", section="B"))
    assert [(s.prev, s.next) for s in sentences(document(*blocks))] == [("", ""), ("", "")]


def test_a_caption_and_a_footnote_have_neighbours_of_their_own_only() -> None:
    blocks = (block("One."), block("Mean of runs. Bars show it.", Kind.CAPTION), block("We use five.", Kind.FOOTNOTE))
    found = {sentence.text: (sentence.prev, sentence.next) for sentence in sentences(document(*blocks))}
    assert found["Mean of runs."] == ("", "Bars show it.")
    assert found["We use five."] == ("", "")


def test_headings_and_tables_hold_no_sentences() -> None:
    assert list(sentences(document(block("Random seeds", Kind.HEADING), block("seed 42 0.1", Kind.TABLE)))) == []


def test_only_the_sentences_around_the_offsets_are_returned_with_their_neighbours() -> None:
    text = "One is here. Two has a seed. Three is here."
    (found,) = sentences_around([block(text)], 0, [text.index("seed")])
    assert (found.prev, found.text, found.next) == ("One is here.", "Two has a seed.", "Three is here.")


def test_offsets_in_a_text_without_paragraphs_find_the_same_sentences_as_all_of_it() -> None:
    text = " ".join(f"Sentence {number} speaks of seeds in brackets (see Fig. {number})." for number in range(900))
    assert len(text) > 10 * WINDOW
    offsets = list(range(0, len(text), 7000))
    whole = {(s.start, s.end): (s.prev, s.next) for s in sentences_around([block(text)], 0)}
    near = sentences_around([block(text)], 0, offsets)
    assert [(s.start, s.end) for s in near] == [span for span in whole if any(span[0] <= o < span[1] for o in offsets)]
    assert all((s.prev, s.next) == whole[s.start, s.end] for s in near)


def test_a_sentence_knows_its_page_kind_section_and_place() -> None:
    text = "We fix it. We train."
    lines = (Line(0, 2, 10, 20, tuple(range(12))), Line(11, 3, 50, 60, tuple(range(100, 110))))
    found = list(sentences(document(Block(text, Kind.CAPTION, lines, "Setup"))))
    assert [(s.page, s.kind, s.section) for s in found] == [(2, Kind.CAPTION, "Setup"), (3, Kind.CAPTION, "Setup")]
    assert found[1].boxes() == (Box(3, 100, 50, 109, 60),)


@pytest.mark.parametrize(
    "text", ["", "   ", ".", "...", "(((((", "• ", "a" * 50_000, "(" * 50_000, "a. " * 20_000, "?! " * 20_000]
)
def test_odd_text_loses_no_word(text: str) -> None:
    found = list(sentences(document(block(text))))
    assert "".join("".join(s.text.split()) for s in found) == "".join(text.split())


def test_words_are_cut_at_blanks_only() -> None:
    text = "a p<0.05 (x.y) torch.Tensor end"
    assert [text[start:end] for start, end in words_of(text)] == text.split()


def test_the_first_word_begins_a_sentence() -> None:
    assert sentence_starts([]) == []
    assert sentence_starts(["lower", "case"]) == [True, False]


def test_the_abbreviations_that_come_along_follow_their_schema() -> None:
    assert {"fig", "e.g"} <= abbreviations().never_last
    assert not abbreviations().never_last & abbreviations().may_end
    assert not abbreviations().never_last & abbreviations().openers


@pytest.mark.parametrize("word", ["Fig", "fig.", "a b", ""])
def test_a_word_that_breaks_the_schema_is_named(word: str, tmp_path: Path) -> None:
    path = tmp_path / "abbreviations.toml"
    rest = "".join(f"{name} = []\n" for name in ("before_number", "may_end", "parts", "openers"))
    path.write_text(f'never_last = ["{word}"]\n{rest}')
    with pytest.raises(AbbreviationsError, match="never_last"):
        read_abbreviations(path)


def test_sentences_are_cut_without_spacy() -> None:
    program = (
        "import sys; from seedlint.paper.sentences import sentence_spans; "
        "print(len(list(sentence_spans('We stop. We go on.'))), 'spacy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "2 False\n"
