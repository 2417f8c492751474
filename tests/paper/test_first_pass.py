"""The first pass of a survey: which pages it has read, and that what is said of a paper stays what it is without it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("pdfminer")
pytest.importorskip("pypdfium2")

from click.testing import CliRunner
from pdfs import Page, column, pdf, wrapped

from seedlint.cli.survey import survey as command
from seedlint.paper import pdfium
from seedlint.paper.corpus import find_papers
from seedlint.paper.document import Status
from seedlint.paper.findings import document_findings
from seedlint.paper.first_pass import Glance, speaks
from seedlint.paper.kept import Kept
from seedlint.paper.review import review
from seedlint.paper.skim import skim
from seedlint.paper.source import read
from seedlint.paper.survey import Unkept, survey
from seedlint.paper.worker import Reading, review_file
from seedlint.paper.years import Years

PLAIN = (
    "The words of the text are given to the encoder, and this is how it makes a vector for each of them. "
    "We show in the table that it is better than what was known, and we say what the cost of that is. "
) * 4
FIXED = "We train with a fixed random seed of 42 and report its score."
AVERAGED = "All scores are averaged over five random seeds."
REFERENCES = [f"A. Writer. On the seeds of models. In Proceedings, 20{number:02}." for number in range(30)]


def page(*paragraphs: str, head: str = "") -> Page:
    lines = [line for text in paragraphs for line in ([text] if len(text) < 60 else wrapped(text, 80))]
    return Page((*column(72, 700, lines), *column(72, 760, [head] if head else [])))


def written(folder: Path, pages: Sequence[Page], name: str = "paper.pdf") -> Path:
    path = folder / name
    path.write_bytes(pdf(pages))
    return path


def glance(*texts: str) -> Glance:
    return Glance(texts)


@pytest.fixture
def pages() -> list[Page]:
    """A paper of eight pages, on the fifth of which it speaks of its seed."""
    return [page(PLAIN + (FIXED + " " + PLAIN if number == 5 else "")) for number in range(1, 9)]


class TestPhrases:
    @pytest.mark.parametrize(
        "text",
        [
            FIXED,
            AVERAGED,
            "Each number is the mean of 5 runs.",
            "Results of a single run, for lack of time.",
            "Bars show the standard deviation.",
            "88.1 ± 0.3",
            "The experiment was repeated ten times.",
            "We start from several random initializations.",
            "The best of ten models is kept.",
            "An ensemble of five networks votes.",
            "We train five models with the same settings.",
            "Scores are medians over three trials.",
            "Training is nondeterministic.",
        ],
    )
    def test_a_page_that_speaks_of_seeds_or_runs_is_read(self, text):
        assert speaks(f"{PLAIN} {text} {PLAIN}")

    @pytest.mark.parametrize(
        "text",
        [
            PLAIN,
            "It runs on one GPU and is four times as fast.",
            "Ensemble methods are left to others.",
            "The best model of the year is that of others.",
            "Both models are given the same words.",
        ],
    )
    def test_a_page_that_does_not_is_left_out(self, text):
        assert not speaks(f"{PLAIN} {text} {PLAIN}")

    def test_a_phrase_is_found_over_hyphens_ligatures_and_line_numbers(self):
        assert glance(PLAIN, PLAIN, f"{PLAIN} we fix the ran\ufffedom see-\r\nds {PLAIN}").chosen() == {1, 3}
        assert glance(PLAIN, PLAIN, f"{PLAIN} averaged over\r\n 213\r\nfive\r\n214\r\nruns {PLAIN}").chosen() == {1, 3}
        assert glance(PLAIN, PLAIN, f"{PLAIN} the con\ufb01dence intervals {PLAIN}").chosen() == {1, 3}


class TestChosenPages:
    def test_the_first_page_is_always_read(self):
        assert glance(*[PLAIN] * 5).chosen() == {1}

    def test_the_page_beside_is_read_where_a_phrase_stands_at_the_edge(self):
        assert glance(PLAIN, PLAIN, f"{FIXED} {PLAIN}", PLAIN, PLAIN).chosen() == {1, 2, 3}
        assert glance(PLAIN, PLAIN, f"{PLAIN} {FIXED}", PLAIN, PLAIN).chosen() == {1, 3, 4}
        assert glance(PLAIN, PLAIN, f"{PLAIN} {PLAIN} {FIXED} {PLAIN} {PLAIN}", PLAIN, PLAIN).chosen() == {1, 3}

    def test_a_page_without_text_is_read(self):
        assert glance(PLAIN, PLAIN, "Fig. 3", PLAIN).chosen() == {1, 3}

    def test_a_page_whose_characters_mean_nothing_is_read(self):
        assert glance(PLAIN, PLAIN, PLAIN.replace("e", "\ue005"), PLAIN).chosen() == {1, 3}

    def test_the_references_are_read_to_their_end_where_a_phrase_follows(self):
        listed = "\r\n".join(REFERENCES)
        spoken = f"{PLAIN} {PLAIN} {FIXED} {PLAIN} {PLAIN}"
        texts = [PLAIN, PLAIN, f"{PLAIN}\r\nReferences\r\n{listed}", listed, f"A Appendix\r\n{PLAIN}", PLAIN, spoken]
        assert {3, 4, 5, 7} <= glance(*texts).chosen()
        assert 6 not in glance(*texts).chosen()

    @pytest.mark.parametrize(
        "text", ["", "Wir zeigen die Werte der Läufe und was sie kosten. " * 9, "/g12 /g13 " * 200]
    )
    def test_what_is_no_english_text_is_not_trusted(self, text):
        assert not glance(text, text).is_trusted
        assert glance(PLAIN, PLAIN).is_trusted


class TestSkim:
    def test_the_sentence_is_the_one_that_a_full_reading_finds(self, tmp_path, pages):
        path = written(tmp_path, pages)
        skimmed, whole = skim(path), review(read(path))
        assert skimmed.uses == whole.uses
        assert (5, FIXED) in [(one.page, one.sentence) for one in skimmed.uses]

    def test_pages_are_left_out_and_named(self, tmp_path, pages):
        document = skim(written(tmp_path, pages)).document
        assert (document.status, document.pages) == (Status.OK, 8)
        assert document.reason == "not read, as no word of seeds or runs is there: pages 2-4, 6-8"
        assert {block.page_at(0) for block in document.blocks} == {1, 5}

    def test_nothing_goes_on_over_pages_that_were_left_out(self, tmp_path):
        halves = [f"{PLAIN} and then it is that", PLAIN, PLAIN, f"{PLAIN} {FIXED} {PLAIN} {PLAIN}"]
        blocks = skim(written(tmp_path, [page(text) for text in halves])).document.blocks
        assert not [block for block in blocks if {line.page for line in block.lines} == {1, 4}]

    def test_a_sentence_over_two_pages_is_whole(self, tmp_path):
        first, second = "All scores are averaged over", "five random seeds and reported. "
        pages = [page(PLAIN), page(PLAIN), page(f"{PLAIN} {first}"), page(second + PLAIN), page(PLAIN)]
        assert f"{first} {second}".strip() in [one.sentence for one in skim(written(tmp_path, pages)).uses]

    def test_what_is_said_of_a_whole_paper_is_said_of_all_its_pages(self, tmp_path):
        training = "We train a neural network with Adam and a learning rate of 0.1. "
        pages = [page(PLAIN * 2) for _ in range(12)]
        pages[7] = page(training + PLAIN)
        silent = skim(written(tmp_path, pages))
        (found,) = document_findings(silent)
        assert (found.code, found.message) == (
            "SL403",
            document_findings(review(read(tmp_path / "paper.pdf")))[0].message,
        )
        pages[9] = page(f"{PLAIN} {FIXED} {PLAIN}")
        assert not document_findings(skim(written(tmp_path, pages)))

    def test_a_scan_is_no_paper_without_seeds(self, tmp_path):
        assert skim(written(tmp_path, [Page(image=True)] * 3)).document.status is Status.NO_TEXT

    def test_a_damaged_page_is_told_although_it_is_not_read(self, tmp_path, pages, monkeypatch):
        monkeypatch.setattr("seedlint.paper.pdf_pages.PageReader.is_damaged", lambda _self, _page: True)
        path = written(tmp_path, pages)
        assert skim(path).document == read(path)

    def test_a_file_in_which_pdfium_sees_other_pages_is_read_whole(self, tmp_path, pages, monkeypatch):
        monkeypatch.setattr("seedlint.paper.skim.page_texts", lambda _path, _most: [PLAIN] * 3)
        path = written(tmp_path, pages)
        assert skim(path).document == read(path)

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.5\n rubbish", b"We fix the seed to 42."])
    def test_what_pdfium_cannot_read_ends_as_it_does_without_it(self, tmp_path, content):
        path = tmp_path / "paper.txt"
        path.write_bytes(content)
        assert skim(path).document == read(path)

    def test_a_file_that_is_not_there_has_a_status(self, tmp_path):
        assert skim(tmp_path / "none.pdf").document.status is Status.NOT_A_PDF

    def test_without_pdfium_all_is_read(self, tmp_path, pages, monkeypatch):
        monkeypatch.setattr(pdfium, "LIBRARY", "made_up_pdfium")
        path = written(tmp_path, pages)
        assert skim(path).document == read(path)

    def test_a_file_of_too_many_pages_is_not_looked_at(self, tmp_path, pages):
        path = written(tmp_path, pages)
        assert pdfium.page_texts(path, 7) is None
        assert len(pdfium.page_texts(path, 8) or ()) == 8


def in_turn(function, chunks, **_settings):
    from seedlint.chunks import Done

    for index, chunk in enumerate(chunks):
        yield Done(index, function(chunk))


class TestSurvey:
    def test_a_worker_reads_by_a_first_pass_where_that_is_asked(self, tmp_path, pages):
        path = str(written(tmp_path, pages))
        assert "pages 2-4" in review_file(Reading(path, first_pass=True)).document.reason
        assert not review_file(Reading(path)).document.reason

    def test_a_full_survey_does_not_take_over_what_was_skimmed(self, tmp_path, pages, monkeypatch):
        monkeypatch.setattr("seedlint.paper.survey.map_chunks", in_turn)
        papers = find_papers(written(tmp_path, pages).parent).papers
        with Kept(tmp_path / "kept" / "r.jsonl", "now") as kept:
            (skimmed,) = survey(papers, Years({}), kept, first_pass=True)
        with Kept(tmp_path / "kept" / "r.jsonl", "now") as kept:
            (whole,) = survey(papers, Years({}), kept)
        with Kept(tmp_path / "kept" / "r.jsonl", "now") as kept:
            (again,) = survey(papers, Years({}), kept, first_pass=True)
        assert skimmed.review.document.reason
        assert not whole.review.document.reason
        assert again == whole

    def test_what_kills_the_first_pass_is_read_without_one(self, tmp_path, pages, monkeypatch):
        from seedlint.chunks import Done, Failed, Failure

        def lossy(function, chunks, **_settings):
            for index, chunk in enumerate(chunks):
                yield Failed(index, Failure.CRASHED, "") if chunk.first_pass else Done(index, function(chunk))

        monkeypatch.setattr("seedlint.paper.survey.map_chunks", lossy)
        papers = find_papers(written(tmp_path, pages).parent).papers
        (found,) = survey(papers, Years({}), Unkept(), first_pass=True)
        assert found.review.document.status is Status.OK
        assert found.risky

    def test_the_command_makes_a_first_pass_unless_all_is_to_be_read(self, tmp_path, pages, monkeypatch):
        monkeypatch.setattr("seedlint.paper.survey.map_chunks", in_turn)
        folder = tmp_path / "papers"
        folder.mkdir()
        written(folder, pages)
        reasons = []
        for number, options in enumerate([(), ("--full",)]):
            out = tmp_path / f"out{number}"
            CliRunner().invoke(command, [str(folder), "--out", str(out), *options], catch_exceptions=False)
            reasons.append("pages 2-4" in (out / "documents.csv").read_text(encoding="utf-8"))
        assert reasons == [True, False]
