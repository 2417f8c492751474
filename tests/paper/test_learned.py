"""The trained part of the classifier: its weights as data, what they give, and that those that ship fit the features of today."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from types import ModuleType

import pytest

from seedlint.paper.argument import LABELS, NONE, Context, View
from seedlint.paper.classify import classify
from seedlint.paper.features import Evidence, Features, as_written, evidence, features_of
from seedlint.paper.learned import as_json, from_json, model
from seedlint.paper.wording import wording_of
from seedlint.resources import rules_folder

FOLDER = Path(__file__).parents[2] / "fixtures" / "papers"
MARKS, WORDS = ("!a", ":b"), ("five runs", "seed")
WEIGHTS = [[0.0] * 7, [0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 2, 0, 0], [-0.5, 0, 0, 0.5, 0, 0, 0]]


def test_weights_come_back_from_their_data_within_a_rounding_step() -> None:
    made = from_json(as_json([0.0] * 7, WEIGHTS, MARKS, WORDS, 1.0))
    given = made.probabilities(Features(words=("seed", "five runs", "unknown"), marks=(":b",)))
    logits = [-0.5 / math.sqrt(2), 0, 0, 1 + 0.5 / math.sqrt(2), 2 / math.sqrt(2), 0, 0]
    odds = [math.exp(logit) for logit in logits]
    assert list(given.values()) == pytest.approx([odd / sum(odds) for odd in odds], abs=0.01)
    assert tuple(given) == LABELS


def test_marks_count_as_much_as_the_model_says() -> None:
    light, heavy = (from_json(as_json([0.0] * 7, WEIGHTS, MARKS, WORDS, count)) for count in (0.5, 2.0))
    features = Features(words=("five runs",), marks=(":b",))
    assert light.probabilities(features)[LABELS[4]] > heavy.probabilities(features)[LABELS[4]]
    assert light.probabilities(features)[LABELS[3]] < heavy.probabilities(features)[LABELS[3]]


def test_only_rows_that_speak_for_a_label_are_named_the_strongest_first() -> None:
    made = from_json(as_json([0.0] * 7, WEIGHTS, MARKS, WORDS, 1.0))
    assert made.speaking_for(LABELS[4], ["seed", "five runs", "unknown"]) == ["five runs"]
    assert made.speaking_for(LABELS[0], ["seed"]) == []


def test_weights_of_other_labels_or_of_another_size_are_refused() -> None:
    data = as_json([0.0] * 7, WEIGHTS, MARKS, WORDS, 1.0)
    with pytest.raises(ValueError, match="the weights are for"):
        from_json({**data, "labels": ["other"]})
    with pytest.raises(ValueError, match="28 weights for 3 features"):
        from_json({**data, "words": ["seed"]})


def test_the_weights_that_ship_are_small_and_know_the_marks_of_today() -> None:
    assert (rules_folder() / "papers" / "classifier.json.gz").stat().st_size < 3_000_000
    marks = features_of(View(Context("All scores are averaged over five random seeds."))).marks
    assert [mark for mark in marks if mark not in model().marks] == []


def test_a_row_of_words_is_shown_as_the_sentence_has_it() -> None:
    wording = wording_of("Scores, averaged over five ran- dom seeds (0.5), from one run.")
    assert as_written("over # random", wording) == "over five ran- dom"
    assert as_written("seeds #.", wording) == "seeds (0.5"
    assert as_written("#1", wording) == ""
    assert as_written("over # trials", wording) == ""


@pytest.mark.parametrize(
    ("sentence", "prev", "where"),
    [
        ("Each model is trained with five seeds.", "", Evidence.SEEDS),
        ("Each model is trained five times.", "", Evidence.REPEATS),
        ("The mean is shown.", "Each model is trained with five seeds.", Evidence.POOL_AND_REPEATS_BESIDE),
        ("The mean over all languages is shown.", "There are five languages.", Evidence.POOL),
        ("Best results are in bold.", "Each model is trained with five seeds.", Evidence.REPEATS_BESIDE),
        ("We train the best model on all data.", "There are five languages.", Evidence.NOTHING),
    ],
)
def test_evidence_says_where_seeds_or_repeats_stand(sentence: str, prev: str, where: Evidence) -> None:
    assert evidence(View(Context(sentence, prev))) is where


def test_a_sentence_that_nobody_picked_out_needs_more_to_be_taken_for_a_use() -> None:
    weak = Context("The best one on dev is used.", "We train four taggers with different random seeds.")
    assert classify(weak).label != NONE
    assert classify(weak, picked=False).label == NONE
    runs, seeds = (
        Context(f"We report the mean and the standard deviation over five {word}.") for word in ("runs", "seeds")
    )
    for plain in (runs, seeds):
        assert classify(plain, picked=False).label == classify(plain).label == "performance_comparison"
    assert classify(runs, picked=False).confidence < classify(runs).confidence
    assert classify(seeds, picked=False).confidence > classify(runs, picked=False).confidence


def test_experiments_that_are_done_several_times_need_no_more() -> None:
    for sentence in ("Each experiment is repeated 5 times.", "We run every experiment three times."):
        assert classify(Context(sentence), picked=False).label == "performance_comparison"
    assert classify(Context("Our experiments take ten times as long."), picked=False).label == NONE


def script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A script of the folder that the weights were made in."""
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module(name)


def test_the_weights_that_ship_get_most_sentences_right_that_they_were_not_trained_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    examples = script("classifier", monkeypatch).examples()
    held = [example for example in examples if example.part.value == "validation"]
    said = [max(found, key=lambda label: found[label]) for found in (model().probabilities(e.features) for e in held)]
    right = sum(label == example.label for label, example in zip(said, held, strict=True))
    assert len(held) > 1000
    assert right / len(held) > 0.75


def test_probabilities_are_sharpened_to_what_is_right_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    calibrated = script("ship", monkeypatch).calibrated
    torch = pytest.importorskip("torch")
    logits = torch.tensor([[math.log(9) / 2, 0.0]] * 10)
    assert calibrated(logits, torch.tensor([0] * 9 + [1])) == pytest.approx(2.0, abs=0.05)
