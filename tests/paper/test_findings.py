"""What the rules say of papers: each sentence has at most one rule, and silence is told only of papers read whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from samples import RISKY

from seedlint.cli import cli
from seedlint.cli.review import review
from seedlint.paper.cues import parse_cues
from seedlint.paper.document import Block, Document, Kind, Line, Status
from seedlint.paper.findings import (
    ENOUGH_WORDS,
    MOST_WORDS,
    PaperFinding,
    document_findings,
    findings,
    rule_of,
    words_of_test_choice,
)
from seedlint.paper.review import PaperUse, Review
from seedlint.report import papers_draft, papers_html, papers_json, papers_text
from seedlint.report.taxonomy import ADVICE
from seedlint.resources import rules_folder
from seedlint.rulebook import load_rulebook
from seedlint.uses import Severity, Use

SENTENCE = replace(RISKY, use=None, sentence="We fix the seed to 3.", prev="", section="Experiments")
FIXED = replace(SENTENCE, use=Use.FIXED_SEED)
COMPARED = replace(SENTENCE, use=Use.PERFORMANCE_COMPARISON, sentence="We average over 5 runs.", why=())
BEST_ON_TEST = replace(
    SENTENCE, use=Use.MODEL_SELECTION, sentence="Of 5 seeds we select the one with the best test accuracy."
)
FILLER = "The archive keeps letters, ledgers and maps of a trading town, all written by hand. " * 110
TRAINING = "We train a convolutional network for 30 epochs."


def paper(*texts: str, status: Status = Status.OK) -> Document:
    """A document with one paragraph a page."""
    blocks = (Block(text, Kind.BODY, (Line(0, number),)) for number, text in enumerate(texts, 1))
    return Document("paper.pdf", status, pages=len(texts), blocks=tuple(blocks))


def reviewed(*uses: PaperUse) -> Review:
    return Review(paper(FILLER), uses)


def chooses(sentence: str, prev: str = "", next: str = "") -> bool:
    return bool(words_of_test_choice(replace(BEST_ON_TEST, sentence=sentence, prev=prev, next=next)))


def codes(document: Document) -> list[str]:
    return [one.code for one in document_findings(Review(document))]


@pytest.mark.parametrize(
    ("use", "code"),
    [
        (FIXED, "SL401"),
        (COMPARED, "SL402"),
        (BEST_ON_TEST, "SL404"),
        (replace(FIXED, acknowledged=True), "SL401"),
        (replace(BEST_ON_TEST, sentence="Of 5 seeds we select the best by validation accuracy."), None),
        (replace(SENTENCE, use=Use.ENSEMBLE_CREATION), None),
        (replace(SENTENCE, use=Use.SENSITIVITY_ANALYSIS), None),
        (replace(BEST_ON_TEST, use=Use.ENSEMBLE_CREATION), None),
        (SENTENCE, None),
    ],
)
def test_a_risky_use_and_a_choice_by_test_have_a_rule_and_the_rest_has_none(use: PaperUse, code: str | None) -> None:
    rule = rule_of(use)
    assert (rule and rule.code) == code


def test_findings_are_those_of_the_sentences_in_their_order() -> None:
    found = findings(reviewed(COMPARED, SENTENCE, BEST_ON_TEST, FIXED))
    assert [one.code for one in found] == ["SL402", "SL404", "SL401"]
    assert [one.sentence for one in found] == [COMPARED.sentence, BEST_ON_TEST.sentence, FIXED.sentence]


def test_a_finding_has_the_words_of_its_rule_and_the_place_of_its_sentence() -> None:
    (found,) = findings(reviewed(replace(FIXED, confidence=0.75)))
    rule = load_rulebook().find("SL401")
    assert found == PaperFinding(
        "SL401",
        "paper-fixed-seed",
        Severity.WARNING,
        4,
        FIXED.sentence,
        rule.message.format(subject="“fix the seed”"),
        rule.help,
        0.75,
        False,
    )


def test_a_choice_by_test_is_shown_by_the_words_that_say_so() -> None:
    (found,) = findings(reviewed(BEST_ON_TEST))
    assert "(“best test accuracy”)" in found.message


def test_a_message_is_whole_where_no_phrase_of_the_sentence_decided() -> None:
    (found,) = findings(reviewed(COMPARED))
    assert "together with its neighbours" in found.message


@pytest.mark.parametrize(
    ("found", "warns"),
    [
        (FIXED, True),
        (replace(FIXED, acknowledged=True), False),
        (BEST_ON_TEST, True),
    ],
)
def test_what_the_authors_say_themselves_does_not_warn(found: PaperUse, warns: bool) -> None:
    (one,) = findings(reviewed(found))
    assert one.warns is warns


@pytest.mark.parametrize(
    "sentence",
    [
        "We report the best test accuracy of ten runs.",
        "Of five seeds, the one with the highest F1 on the test set is shown.",
        "The best seed is selected by its score on the test split.",
        "From 8 restarts we choose the model according to its test error.",
        "We ran each model 4 times and picked the run whose test accuracy was highest.",
        "For every system the seed was tuned on the test set.",
        "After fine-tuning five times we show the lowest test RMSE.",
        "The seed that maximises the test score is used.",
        "The seed is chosen to minimise the loss on the test data.",
        "Numbers are the best of three runs (test set).",
        "The best of five runs on the test set is given in Table 2.",
    ],
)
def test_a_choice_by_the_test_score_is_recognised(sentence: str) -> None:
    assert chooses(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "We keep the best of five seeds.",
        "The best of five seeds by dev accuracy is evaluated on the test set.",
        "We select the run with the highest validation score and report its test score.",
        "The best seed on held-out data is applied to the test set once.",
        "The run with the lowest training loss is kept and scored on the test data.",
        "We never choose the best seed on the test set.",
        "We test ten seeds and keep the best one.",
        "The best of three runs is kept and scored on the test set.",
        "We select the best of three runs and report results on the test set.",
        "Among 10 restarts we keep that of the highest likelihood and evaluate it on the test data.",
        "The test score of the best of ten models is reported.",
    ],
)
def test_what_another_score_chose_or_may_have_chosen_is_no_choice_by_test(sentence: str) -> None:
    assert not chooses(sentence)


def test_the_best_run_on_the_test_set_was_chosen_by_what_its_neighbours_say() -> None:
    sentence = "The best of five runs on the test set is given in Table 2."
    assert chooses(sentence, prev="We train five networks.")
    assert not chooses(sentence, prev="Runs are compared by development accuracy.")
    assert not chooses(sentence, next="Validation accuracy decides which is best.")


def test_a_paper_that_trains_and_is_silent_on_seeds_gets_one_note_on_its_first_page() -> None:
    (found,) = document_findings(Review(paper(FILLER, "Our network is trained with Adam.", TRAINING)))
    assert (found.code, found.severity, found.page, found.sentence) == ("SL403", Severity.NOTE, 1, "")
    assert "on page 2" in found.message
    assert not found.warns


@pytest.mark.parametrize(
    "text",
    [
        "Our transformer is fine-tuned with AdamW.",
        "We train a bidirectional LSTM with a learning rate of 0.01.",
        "The encoder and decoder are trained with a batch size of 64.",
        "Deep neural networks were trained. Dropout was set to 0.5.",
    ],
)
def test_training_is_known_by_the_network_and_by_a_setting(text: str) -> None:
    assert codes(paper(FILLER, text)) == ["SL403"]
    assert codes(paper(FILLER, *text.split(". ", 1))) == ["SL403"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Deep neural networks are trained on large data.",
        "The learning rate of pupils is 0.3 pages a day.",
        "The rail network is visited with Adam.",
        "Neural nets are not used. Training courses were held, with Adam.",
    ],
)
def test_a_paper_that_trains_nothing_is_not_asked_for_seeds(text: str) -> None:
    assert codes(paper(FILLER, text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "We use random seeds.",
        "The seed is 17.",
        "Weights are initialised from a normal distribution.",
        "Embeddings are randomly initialized.",
        "Three runs are shown.",
        "Scores are averaged over several trials.",
        "We repeat the experiment.",
    ],
)
def test_a_paper_that_speaks_of_chance_in_any_way_is_not_silent(text: str) -> None:
    assert codes(paper(FILLER, TRAINING, text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Seed words are listed.",
        "We run the program.",
        "It is three times faster.",
        "The data are split at random.",
        "We use 10-fold cross-validation and average over the folds.",
        "Random noise is added to the images.",
        "The encoder is initialised with the pre-trained weights.",
        "Negative examples are drawn at random.",
    ],
)
def test_words_in_another_sense_do_not_break_the_silence(text: str) -> None:
    assert codes(paper(FILLER, TRAINING, text)) == ["SL403"]


def test_any_of_the_five_uses_breaks_the_silence_and_a_random_split_does_not() -> None:
    silent = paper(FILLER, TRAINING)
    assert document_findings(Review(silent, (replace(SENTENCE, use=Use.SENSITIVITY_ANALYSIS),))) == ()
    split = replace(SENTENCE, use=None, sentence="The data are split at random.")
    assert [one.code for one in document_findings(Review(silent, (split,)))] == ["SL403"]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_nothing_is_missed_in_a_paper_that_was_not_read_whole(status: Status) -> None:
    assert codes(paper(FILLER, TRAINING, status=status)) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (ENOUGH_WORDS - 1, []),
        (ENOUGH_WORDS, ["SL403"]),
        (MOST_WORDS, ["SL403"]),
        (MOST_WORDS + 1, []),
    ],
)
def test_nothing_is_missed_in_a_part_of_a_paper_or_in_a_shelf_of_them(words: int, expected: list[str]) -> None:
    rest = " ".join(["word"] * (words - len(TRAINING.split())))
    assert codes(paper(TRAINING, rest)) == expected


def test_every_cue_of_whole_papers_is_read() -> None:
    path = rules_folder() / "papers" / "documents.toml"
    cues = parse_cues(path.read_text(encoding="utf-8"), path)
    source = Path(findings.__code__.co_filename).read_text(encoding="utf-8")
    assert all(f'"{name}"' in source for name in cues)


def test_reports_give_the_advice_of_the_rule_page() -> None:
    rules = {rule.use: rule.help for rule in load_rulebook() if rule.code in ("SL401", "SL402")}
    assert rules == ADVICE


def test_json_names_the_rule_of_each_sentence() -> None:
    (document,) = json.loads(
        papers_json.render(
            [reviewed(FIXED, BEST_ON_TEST, replace(BEST_ON_TEST, sentence="Of 5 seeds we keep the best."))]
        )
    )["documents"]
    assert [use["rule"] for use in document["uses"]] == ["SL401", "SL404", None]


def test_json_lists_the_findings_of_a_document() -> None:
    (document,) = json.loads(papers_json.render([reviewed(FIXED)]))["documents"]
    rule = load_rulebook().find("SL401")
    assert document["findings"] == [
        {
            "code": "SL401",
            "name": "paper-fixed-seed",
            "severity": "warning",
            "page": 4,
            "sentence": FIXED.sentence,
            "message": rule.message.format(subject="“fix the seed”"),
            "help": rule.help,
            "confidence": 0.9,
            "acknowledged": False,
        }
    ]


@pytest.mark.parametrize("one", [FIXED, COMPARED, BEST_ON_TEST])
def test_text_and_html_name_the_rule_beside_the_use_and_give_its_advice(one: PaperUse) -> None:
    rule = rule_of(one)
    assert rule
    for shown in (papers_text.render([reviewed(one)], width=400), papers_html.render([reviewed(one)])):
        assert f"(risky, {rule.code} {rule.name}" in shown
        assert "confidence 0.90" in shown
        assert rule.help in shown


def test_reports_tell_of_a_silent_paper() -> None:
    silent = Review(paper(FILLER, TRAINING))
    (found,) = findings(silent)
    for shown in (papers_text.render([silent], width=400), papers_html.render([silent])):
        assert "SL403 paper-seed-unreported" in shown
        assert found.message[1:] in shown
        assert found.help in shown
    assert "nothing on seeds" in papers_draft.paragraph(silent)


def test_one_page_is_a_page() -> None:
    assert "paper.pdf: 1 page; sentences on seeds: 1 risky" in papers_text.render([reviewed(FIXED)])


def test_a_draft_asks_about_a_choice_by_test_and_does_not_praise_it() -> None:
    draft = papers_draft.paragraph(reviewed(BEST_ON_TEST))
    assert f"“{BEST_ON_TEST.sentence}” (p. 4)" in draft
    assert "appreciate" not in draft
    safe = papers_draft.paragraph(reviewed(replace(BEST_ON_TEST, sentence="Of 5 seeds we keep the best.")))
    assert "sound, model selection (p. 4)" in safe


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("We report the best test accuracy of ten runs with different random seeds.", 1),
        ("We keep the best of ten random seeds by validation accuracy.", 0),
        (f"{TRAINING} {FILLER}", 0),
    ],
)
def test_a_choice_by_test_sets_the_exit_code_and_a_note_does_not(text: str, code: int, tmp_path: Path) -> None:
    path = tmp_path / "paper.txt"
    path.write_text(f"1 Experiments\n\n{text}\n", encoding="utf-8")
    assert CliRunner().invoke(review, [str(path)]).exit_code == code


@pytest.mark.parametrize("select", ["ALL", "SL4", "SL401"])
def test_the_check_of_code_leaves_papers_alone(select: str, tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text("The random seed is fixed to 42.\n", encoding="utf-8")
    (tmp_path / "model.py").write_text("layers = 3\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["check", "--no-cache", "--select", select, str(tmp_path)])
    assert result.exit_code == 0
    assert "1 file" in result.stdout
