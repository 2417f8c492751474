"""A survey counts every paper once, reads each once, and leads from every number back to sentences."""

from __future__ import annotations

import csv
import gzip
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

pytest.importorskip("pdfminer")
pytest.importorskip("pypdf")
pytest.importorskip("spacy")

import seedlint
from seedlint.chunks import Backend, Failed, Failure
from seedlint.cli import cli
from seedlint.paper import survey as surveying
from seedlint.paper.corpus import find_papers
from seedlint.paper.document import Box, Document, Kind, Status
from seedlint.paper.findings import PaperFinding, SlimReview, document_findings
from seedlint.paper.kept import ForeignFileError, Kept, slim
from seedlint.paper.review import PaperUse, Review, review
from seedlint.paper.source import read_text
from seedlint.paper.survey import Surveyed, Unkept, survey
from seedlint.paper.tally import by_year, share_interval, tally
from seedlint.paper.years import Years, YearsError, arxiv_year, read_years
from seedlint.report import survey_chart, survey_files, survey_html, survey_text
from seedlint.uses import Severity, Use

FIXED = "We trained every model with a single random seed."
ACKNOWLEDGED = "A limitation is that, for reasons of cost, we trained every model with a single random seed."
COMPARISON = "We report the mean and standard deviation over five random seeds for all systems."
ENSEMBLE = "We train five models with different random seeds and average their predictions in an ensemble."
CHOSEN = "Of five random seeds we report the one with the highest test accuracy."
TRAINING = "We train a convolutional network with Adam and a learning rate of 0.001 for 30 epochs. "
SILENT = f"1 Experiments\n\n{TRAINING}{'The letters are old. ' * 400}\n"
LATEX = "\\documentclass{article}\n\\begin{document}\n%s\n\\end{document}\n"


def use(kind: Use | None, sentence: str = FIXED, confidence: float = 0.9, acknowledged: bool = False) -> PaperUse:
    box = Box(1, 0.0, 0.0, 10.0, 10.0)
    return PaperUse(kind, confidence, acknowledged, 1, sentence, "", "", "Results", Kind.BODY, (box,), ("seed",))


def paper(name: str, *uses: PaperUse, year: int | None = 2020, status: Status = Status.OK, title: str = "") -> Surveyed:
    return Surveyed(name, Review(Document(name, status, title=title, year=year), uses), year)


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def found_in(folder: Path) -> list[str]:
    return [each.name for each in find_papers(folder).papers]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["survey", *map(str, arguments)])


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SEEDLINT_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def here(monkeypatch) -> list[str]:
    """Files are reviewed in this process, for speed; the list grows by each that is."""
    read: list[str] = []

    def in_turn(function, chunks, **_settings) -> Iterator[object]:
        for index, reading in enumerate(chunks):
            read.append(Path(reading.path).name)
            yield surveying.Done(index, function(reading))

    monkeypatch.setattr(surveying, "map_chunks", in_turn)
    return read


class TestCorpus:
    def test_papers_of_every_kind_are_found_and_other_files_are_not(self, tmp_path):
        kept = {"a.pdf", "b.PDF", "c.html", "d.md", "sub/e.txt", "f.tex", "2210.13393v2", "2210.00001.gz", "g.tar.gz"}
        left = {"README.md", "LICENSE.txt", "data.csv", "rows.csv.gz", ".hidden/h.pdf", ".i.pdf", "macros.sty"}
        write(tmp_path, {name: LATEX % name for name in kept | left})
        assert set(found_in(tmp_path)) == kept

    def test_a_folder_of_latex_is_one_paper_without_its_figures(self, tmp_path):
        write(tmp_path, {"p/main.tex": LATEX % "a", "p/intro.tex": "b", "p/figures/plot.pdf": "c", "p/main.pdf": "d"})
        assert found_in(tmp_path) == ["p"]

    def test_several_papers_of_latex_in_one_folder_are_several_papers(self, tmp_path):
        write(tmp_path, {f"p/{name}.tex": LATEX % name for name in ("lee", "kim")})
        assert found_in(tmp_path) == ["p/kim.tex", "p/lee.tex"]

    def test_a_supplement_beside_the_main_file_is_no_paper_of_its_own(self, tmp_path):
        write(tmp_path, {f"p/{name}.tex": LATEX % name for name in ("main", "supplement")})
        assert found_in(tmp_path) == ["p"]

    def test_a_copy_counts_once_and_is_named(self, tmp_path):
        corpus = find_papers(write(tmp_path, {"a.txt": FIXED, "b/c.txt": FIXED, "d.txt": ENSEMBLE}))
        assert [each.name for each in corpus.papers] == ["a.txt", "d.txt"]
        assert corpus.copies == ("b/c.txt",)

    def test_the_results_of_an_earlier_survey_are_no_papers(self, tmp_path):
        write(tmp_path, {"a.txt": FIXED, "out/reviews.jsonl": "", "out/index.html": "<html>"})
        assert found_in(tmp_path) == ["a.txt"]

    @pytest.mark.parametrize("folder", ["p/", ""])
    def test_the_key_of_latex_changes_with_the_files_that_it_takes_in(self, tmp_path, folder):
        write(tmp_path, {f"{folder}main.tex": LATEX % r"\input{a}", f"{folder}a.tex": FIXED})
        before = find_papers(tmp_path).papers[0].key
        write(tmp_path, {f"{folder}a.tex": ENSEMBLE})
        assert find_papers(tmp_path).papers[0].key != before

    @pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux alone")
    def test_a_name_that_is_no_utf8_is_written_out(self, tmp_path):
        (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text(FIXED, encoding="utf-8")
        assert found_in(tmp_path) == [r"caf\udce9.txt"]


class TestYears:
    @pytest.mark.parametrize(
        ("name", "year"),
        [
            ("2210.13393.pdf", 2022),
            ("2210.13393v2", 2022),
            ("arXiv-0704.0001v1.tar.gz", 2007),
            ("2210.13393/main.tex", 2022),
            ("cs0112017.pdf", 2001),
            ("hep-th9901001v3.pdf", 1999),
            ("2213.13393.pdf", None),
            ("paper-12345.pdf", None),
            ("10.1145.2210.13393.pdf", None),
            ("discs0112017.pdf", None),
        ],
    )
    def test_an_arxiv_number_gives_its_year(self, name, year):
        assert arxiv_year(name) == year

    def test_the_table_goes_before_the_paper_and_the_paper_before_the_number(self, tmp_path, here):
        write(tmp_path, {"2210.00001.txt": FIXED, "2210.00002.txt": ENSEMBLE})
        corpus = find_papers(tmp_path)
        found = {each.name: each.year for each in survey(corpus.papers, Years({"2210.00001.txt": 2019}), Unkept())}
        assert found == {"2210.00001.txt": 2019, "2210.00002.txt": 2022}
        dated = Review(Document("", Status.OK, year=2021))
        assert surveying._dated(corpus.papers[1], dated, Years({})).year == 2021
        assert surveying._dated(corpus.papers[1], dated, Years({"2210.00002.txt": 2018})).year == 2018

    def test_a_table_names_papers_by_path_or_by_name(self, tmp_path):
        absolute = (tmp_path / "c.pdf").resolve()
        table = (
            write(tmp_path, {"years.csv": f"path,year\nsub/a.pdf,2019\nb.pdf, 2020\n{absolute},2021\n"}) / "years.csv"
        )
        years = read_years(table, tmp_path)
        assert [years.of(name) for name in ("sub/a.pdf", "sub/b.pdf", "c.pdf", "a.pdf")] == [2019, 2020, 2021, None]
        assert years.unused(["sub/a.pdf", "b.pdf"]) == ["c.pdf"]

    def test_a_table_from_a_spreadsheet_may_begin_with_a_byte_order_mark(self, tmp_path):
        table = write(tmp_path, {"years.csv": "\ufeffa.pdf,2019\r\n"}) / "years.csv"
        assert read_years(table, tmp_path).of("a.pdf") == 2019

    @pytest.mark.parametrize("row", ["a.pdf,soon", "a.pdf", "a.pdf,20", "a.pdf,9999"])
    def test_a_row_without_a_year_is_named_by_its_line(self, tmp_path, row):
        table = write(tmp_path, {"years.csv": f"path,year\n{row}\n"}) / "years.csv"
        with pytest.raises(YearsError, match=r"years\.csv:2: "):
            read_years(table, tmp_path)

    @pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
    def test_a_table_that_cannot_be_read_is_one_line(self, tmp_path, content):
        if content:
            write(tmp_path, {"years.csv": content})
        with pytest.raises(YearsError, match=r"years\.csv") as raised:
            read_years(tmp_path / "years.csv", tmp_path)
        assert "\n" not in str(raised.value)


class TestTally:
    @pytest.mark.parametrize(
        ("count", "of", "low", "high"),
        # Newcombe (1998, Statistics in Medicine 17), table I, method 3.
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
    )
    def test_intervals_are_those_published(self, count, of, low, high):
        assert share_interval(count, of) == pytest.approx((low, high), abs=5e-5)

    def test_no_documents_have_no_share(self):
        assert share_interval(0, 0) == (0.0, 1.0)
        assert all(math.isnan(row.present.value) for row in tally([]).rows)
        assert "%" not in survey_text.render([])

    def test_a_document_counts_once_for_each_use_and_once_for_its_primary_use(self):
        twice = paper("a", use(Use.FIXED_SEED), use(Use.FIXED_SEED), use(Use.ENSEMBLE_CREATION))
        papers = [twice, paper("b", use(None)), paper("c", status=Status.NO_TEXT), paper("d", status=Status.PARTIAL)]
        counted = tally(papers)
        rows = {row.use: row for row in counted.rows}
        assert (counted.documents, counted.read, counted.using.count, counted.risky.count) == (4, 3, 1, 1)
        assert (rows[Use.FIXED_SEED].present.count, rows[Use.FIXED_SEED].present.of) == (1, 3)
        assert (rows[Use.ENSEMBLE_CREATION].present.count, rows[Use.ENSEMBLE_CREATION].primary.count) == (1, 0)
        assert (rows[Use.FIXED_SEED].primary.count, rows[Use.FIXED_SEED].primary.of) == (1, 1)

    def test_rules_count_their_findings_their_documents_and_the_risks_that_are_stated(self):
        silent = PaperFinding("SL403", "paper-seed-unreported", Severity.NOTE, 1, "", "networks", "say so", 0.75)
        papers = [
            paper("a", use(Use.FIXED_SEED), use(Use.FIXED_SEED, acknowledged=True), use(Use.MODEL_SELECTION, CHOSEN)),
            paper("b", use(Use.FIXED_SEED)),
            Surveyed("c", SlimReview(Document("c", Status.OK), (), (silent,))),
            paper("d", status=Status.NO_TEXT),
        ]
        rows = {row.rule.code: (row.findings, row.stated, row.documents.count) for row in tally(papers).rules}
        assert rows == {"SL401": (3, 1, 2), "SL402": (0, 0, 0), "SL403": (1, 0, 1), "SL404": (1, 0, 1)}
        assert {row.documents.of for row in tally(papers).rules} == {3}
        shown = [line.split() for line in survey_text.render(papers).splitlines() if line.startswith("SL4")]
        assert [(line[0], line[3], line[-2:]) for line in shown[2:]] == [
            ("SL403", "1", ["1", "0"]),
            ("SL404", "1", ["1", "0"]),
        ]

    def test_a_choice_by_the_test_data_is_a_risky_use(self):
        assert paper("a", use(Use.MODEL_SELECTION, CHOSEN)).risky
        assert not paper("a", use(Use.MODEL_SELECTION, "We keep the best of five random seeds.")).risky

    def test_years_count_documents_with_a_primary_use(self):
        fixed = use(Use.FIXED_SEED)
        papers = [
            paper("a", fixed, year=2021),
            paper("b", fixed, year=2019),
            paper("c", year=2019),
            paper("d", fixed, year=None),
        ]
        assert [(row.year, dict(row.primary)) for row in by_year(papers)] == [
            (2019, {Use.FIXED_SEED: 1}),
            (2021, {Use.FIXED_SEED: 1}),
        ]


class TestKept:
    REVIEW = Review(Document("x", Status.OK, title="Ünïcode \ud800"), (use(Use.FIXED_SEED), use(None)))

    def test_a_review_is_read_back_as_it_was_but_for_what_a_survey_leaves_behind(self, tmp_path):
        with Kept(tmp_path / "deep" / "r.jsonl", "now") as kept:
            kept.put("key", self.REVIEW)
        with Kept(tmp_path / "deep" / "r.jsonl", "now") as kept:
            found = kept.get("key")
            assert kept.get("other") is None
        assert found is not None
        assert found.uses == slim(self.REVIEW).uses
        assert found.document.title == self.REVIEW.document.title

    def test_what_the_rules_say_of_a_whole_document_outlives_its_text(self, tmp_path):
        silent = review(read_text(SILENT, "a.txt"))
        (found,) = document_findings(silent)
        assert document_findings(slim(silent)) == document_findings(slim(slim(silent))) == (found,)
        with Kept(tmp_path / "r.jsonl", "now") as kept:
            kept.put("key", silent)
        with Kept(tmp_path / "r.jsonl", "now") as kept:
            again = kept.get("key")
        assert again is not None
        assert again.document.blocks == ()
        assert document_findings(again) == (found,)

    def test_a_line_that_was_cut_short_costs_only_itself(self, tmp_path):
        path = tmp_path / "r.jsonl"
        with Kept(path, "now") as kept:
            kept.put("first", self.REVIEW)
            kept.put("second", self.REVIEW)
        path.write_bytes(path.read_bytes()[:-30])
        with Kept(path, "now") as kept:
            assert kept.get("second") is None
            kept.put("third", self.REVIEW)
        with Kept(path, "now") as kept:
            assert [kept.get(key) is not None for key in ("first", "second", "third")] == [True, False, True]

    def test_another_version_starts_afresh(self, tmp_path):
        with Kept(tmp_path / "r.jsonl", "old") as kept:
            kept.put("key", self.REVIEW)
        with Kept(tmp_path / "r.jsonl", "new") as kept:
            assert kept.get("key") is None

    def test_a_line_of_another_shape_is_no_review(self, tmp_path):
        path = tmp_path / "r.jsonl"
        with Kept(path, "now"):
            pass
        with path.open("a", encoding="utf-8") as file:
            file.write('{"key": "a", "document": {"status": "odd"}}\n{"key": "b"}\n[1]\n' + "[" * 100_000 + "\n")
        with Kept(path, "now") as kept:
            assert kept.get("a") is kept.get("b") is None

    def test_a_file_that_somebody_else_wrote_is_left_alone(self, tmp_path):
        path = write(tmp_path, {"r.jsonl": "my notes\n"}) / "r.jsonl"
        with pytest.raises(ForeignFileError, match=r"r\.jsonl"):
            Kept(path, "now")
        assert path.read_text(encoding="utf-8") == "my notes\n"


class TestReading:
    def test_a_file_that_kills_or_holds_up_its_worker_gets_a_status_and_the_others_are_read(
        self, tmp_path, monkeypatch
    ):
        def lossy(function, chunks, **_settings) -> Iterator[object]:
            readings = list(chunks)
            yield Failed(1, Failure.TIMEOUT, "stopped after 1 seconds")
            yield Failed(0, Failure.CRASHED, "the worker was killed")
            yield surveying.Done(2, function(readings[2]))

        monkeypatch.setattr(surveying, "map_chunks", lossy)
        corpus = find_papers(write(tmp_path, {"a.txt": "a", "b.txt": "b", "c.txt": FIXED}))
        found = {each.name: each.review.document.status for each in survey(corpus.papers, Years({}), Unkept())}
        assert found == {"a.txt": Status.CRASHED, "b.txt": Status.TIMEOUT, "c.txt": Status.OK}

    def test_what_was_cut_short_is_read_again_only_when_asked(self, tmp_path, here):
        corpus = find_papers(write(tmp_path / "in", {"a.txt": FIXED}))
        with Kept(tmp_path / "r.jsonl") as kept:
            kept.put(str(corpus.papers[0].key), Review(Document("", Status.TIMEOUT, "late")))
        with Kept(tmp_path / "r.jsonl") as kept:
            (once,) = survey(corpus.papers, Years({}), kept)
            (again,) = survey(corpus.papers, Years({}), kept, retry=True)
        assert (once.review.document.status, again.review.document.status) == (Status.TIMEOUT, Status.OK)

    def test_workers_are_processes_of_their_own(self, tmp_path):
        corpus = find_papers(write(tmp_path, {"a.txt": FIXED, "b.pdf": "no PDF"}))
        found = {each.name: each for each in survey(corpus.papers, Years({}), Unkept(), workers=2)}
        assert [one.use for one in found["a.txt"].review.uses] == [Use.FIXED_SEED]
        assert found["b.pdf"].review.document.status is Status.NOT_A_PDF

    def test_ray_reads_the_same(self, tmp_path):
        pytest.importorskip("ray")
        corpus = find_papers(write(tmp_path, {"a.txt": FIXED}))
        (found,) = survey(corpus.papers, Years({}), Unkept(), backend=Backend.RAY)
        assert [one.use for one in found.review.uses] == [Use.FIXED_SEED]


FILES = {
    "2019/risky.md": f"# On seeds\n\n{FIXED}\n",
    "2101.00001.txt": COMPARISON,
    "safe.html": f"<!doctype html><html><body><p>{ENSEMBLE}</p></body></html>",
    "silent.txt": "We say nothing of it.",
    "2202.00002.gz": gzip.compress((LATEX % ENSEMBLE.replace("five", "six")).encode()),
}


class TestCommand:
    def test_everything_is_written_and_a_second_run_reads_nothing_again(self, tmp_path, here):
        folder, out = write(tmp_path / "in", FILES), tmp_path / "out"
        first = run(folder, "--out", out)
        assert first.exit_code == 1, first.output
        written = {path.name for path in out.iterdir()}
        assert {f"{name}.{kind}" for name in ("sentences", "documents") for kind in ("csv", "json")} < written
        assert {"uses.csv", "uses-by-year.csv", "index.html", "reviews.jsonl"} < written
        assert len(here) == 5
        before = {path.name: path.read_bytes() for path in out.iterdir()}
        write(folder, {"new.txt": FIXED.replace("every", "each")})
        (folder / "silent.txt").rename(folder / "renamed.txt")
        second = run(folder, "--out", out)
        assert here[5:] == ["new.txt"]
        assert second.exit_code == 1
        (folder / "new.txt").unlink()
        (folder / "renamed.txt").rename(folder / "silent.txt")
        assert run(folder, "--out", out).stdout == first.stdout
        after = {path.name: path.read_bytes() for path in out.iterdir()}
        assert {name for name in before if before[name] != after[name]} == {"reviews.jsonl"}

    def test_the_summary_counts_documents_and_uses(self, tmp_path, here):
        result = run(write(tmp_path, {**FILES, "broken.pdf": "no PDF"}))
        assert result.exit_code == 3
        lines = result.stdout.splitlines()
        assert lines[0] == "6 documents, 1 not read (1 not-a-pdf)"
        assert lines[1].startswith("4 of the 5 read use seeds in one of the five ways; 2 in a risky one: 40 % (")
        assert any(line.startswith("  broken.pdf: not-a-pdf: ") for line in lines)
        (fixed,) = [line.split() for line in lines if line.startswith("fixed seed")]
        assert fixed[:6] == ["fixed", "seed", "risky", "1", "20", "%"]
        assert "not a verdict" in lines[-1]

    def test_without_out_nothing_is_written_but_what_is_kept_in_the_cache(self, tmp_path, here, cache):
        folder = write(tmp_path, {"a.txt": FIXED})
        run(folder)
        run(folder)
        assert here == ["a.txt"]
        assert [path.name for path in folder.iterdir()] == ["a.txt"]
        assert len(list(cache.rglob("*.jsonl"))) == 1

    @pytest.mark.parametrize(
        ("text", "code"), [(ENSEMBLE, 0), (ACKNOWLEDGED, 0), (SILENT, 0), (FIXED, 1), (CHOSEN, 1), ("\0\1\2", 3)]
    )
    def test_the_exit_code_says_how_it_ended(self, tmp_path, here, text, code):
        assert run(write(tmp_path, {"a.txt": text})).exit_code == code

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
    def test_a_summary_that_cannot_be_written_is_one_line(self, tmp_path):
        folder = write(tmp_path, {"a.txt": FIXED})
        environment = {**os.environ, "PYTHONPATH": str(Path(seedlint.__file__).parents[1])}
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [sys.executable, "-m", "seedlint", "survey", folder, "--workers", "1"],
                env=environment,
                stdout=full,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                check=False,
                timeout=60,
            )
        assert (done.returncode, done.stderr) == (2, "seedlint: standard output: No space left on device\n")

    def test_years_choose_papers_and_those_without_one_are_counted(self, tmp_path, here):
        folder, out = write(tmp_path / "in", {**FILES, "broken.pdf": "no PDF"}), tmp_path / "out"
        table = write(tmp_path, {"years.csv": "safe.html,2019\nnobody.pdf,2020\n"}) / "years.csv"
        result = run(folder, "--years", table, "--year-from", "2019", "--year-to", "2021", "--out", out)
        rows = list(csv.DictReader((out / "documents.csv").open(encoding="utf-8")))
        assert {(row["file"], row["year"]) for row in rows} == {
            ("2101.00001.txt", "2021"),
            ("safe.html", "2019"),
            ("broken.pdf", ""),
        }
        assert "as their year is unknown: 2;" in result.stderr
        assert "years stated for no paper here: 1, such as nobody.pdf" in result.stderr

    @pytest.mark.parametrize(
        "arguments", [["--years", "no.csv"], ["--out", "."], ["--year-from", "soon"], ["--workers", "0"]]
    )
    def test_wrong_usage_is_told_before_anything_is_read(self, tmp_path, here, arguments, monkeypatch):
        monkeypatch.chdir(write(tmp_path, {"a.txt": FIXED}))
        result = run(".", *arguments)
        assert (result.exit_code, here) == (2, [])
        assert "Traceback" not in result.output

    def test_a_folder_without_papers_is_told(self, tmp_path):
        result = run(write(tmp_path, {"data.csv": "1"}))
        assert (result.exit_code, result.stdout) == (2, "")
        assert "no papers" in result.stderr

    def test_a_file_in_the_place_of_the_results_is_told(self, tmp_path, here):
        write(tmp_path, {"in/a.txt": FIXED, "out": "a file"})
        assert run(tmp_path / "in", "--out", tmp_path / "out").exit_code == 2
        write(tmp_path, {"out2/reviews.jsonl": "my notes"})
        result = run(tmp_path / "in", "--out", tmp_path / "out2")
        assert (result.exit_code, here) == (2, [])
        assert "not written by seedlint" in result.stderr

    def test_a_cache_that_cannot_be_written_costs_only_the_next_run(self, tmp_path, here, monkeypatch):
        write(tmp_path, {"in/a.txt": FIXED, "cache": "a file"})
        monkeypatch.setenv("SEEDLINT_CACHE_DIR", str(tmp_path / "cache"))
        result = run(tmp_path / "in")
        assert (result.exit_code, here) == (1, ["a.txt"])
        assert "nothing is kept" in result.stderr

    def test_without_matplotlib_only_the_chart_is_missing(self, tmp_path, here, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
        folder = write(tmp_path / "in", FILES)
        write(tmp_path, {"out/uses-by-year.png": "of an earlier run"})
        result = run(folder, "--out", tmp_path / "out")
        assert result.exit_code == 1
        assert "seedlint[plots]" in result.stderr
        assert (tmp_path / "out" / "index.html").exists()
        assert not (tmp_path / "out" / "uses-by-year.png").exists()


class Anchors(HTMLParser):
    """The ids of a page, what its links lead to, its text, and what it would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
            if name == "src":
                self.loads.append(value or "")


PAPERS = [
    paper("a.pdf", use(Use.FIXED_SEED), use(Use.FIXED_SEED), use(None), title="<script>alert(1)</script>"),
    paper("b.pdf", use(Use.FIXED_SEED, "We <b>fix</b> the seed & go."), year=2021),
    paper("c.pdf", use(Use.ENSEMBLE_CREATION), year=None),
    paper("<d>.pdf", status=Status.ENCRYPTED, year=None),
]


class TestPage:
    def test_every_link_leads_to_one_place_on_the_page(self):
        page = Anchors(survey_html.render(PAPERS, b"<svg/>"))
        assert len(page.ids) == len(set(page.ids))
        assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
        assert all(link.startswith("#") for link in page.links)

    def test_every_sentence_stands_once_and_is_led_to_from_its_document(self):
        html = survey_html.render(PAPERS)
        page = Anchors(html)
        sentences = {anchor for anchor in page.ids if re.fullmatch(r"s\d+", anchor)}
        assert len(sentences) == 5 == html.count("<blockquote>")
        assert {f"#{anchor}" for anchor in sentences} <= set(page.links)

    def test_each_number_of_documents_leads_to_as_many(self):
        html = survey_html.render(PAPERS)
        numbers = re.findall(r'<a href="#((?:primary|year|risky|using|rule)[\w-]*)">(\d+)</a>', html)
        assert ("primary-fixed_seed", "2") in numbers
        assert ("primary-fixed_seed-2021", "1") in numbers
        assert ("rule-SL401", "2") in numbers
        for anchor, number in numbers:
            listed = html.partition(f'id="{anchor}"')[2].partition("</ul>")[0]
            assert listed.count("<li>") == int(number), anchor

    def test_many_sentences_of_one_use_are_folded_and_few_are_shown(self):
        many = [paper("a.pdf", *[use(Use.FIXED_SEED)] * (survey_html.FEW + 1), use(Use.ENSEMBLE_CREATION))]
        html = survey_html.render(many)
        fixed = html.partition('id="use-fixed_seed"')[2].partition("</section>")[0]
        assert f"<details>\n<summary>{survey_html.FEW + 1} sentences in 1 document</summary>" in fixed
        assert "<details open>" in html.partition('id="use-ensemble_creation"')[2].partition("</section>")[0]

    def test_where_nothing_was_found_there_are_no_empty_lists(self):
        html = survey_html.render([paper("a.pdf")])
        assert "Lists of documents" not in html
        assert "<details" not in html

    def test_text_of_papers_is_no_markup_and_nothing_is_loaded(self):
        html = survey_html.render(PAPERS, b"<svg/>")
        page = Anchors(html)
        assert page.tags.isdisjoint({"script", "b", "d", "link", "iframe"})
        assert "We &lt;b&gt;fix&lt;/b&gt; the seed &amp; go." in html
        assert all(source.startswith("data:image/svg+xml;base64,") for source in page.loads)

    def test_what_could_not_be_read_is_named(self):
        unread = survey_html.render(PAPERS).partition('id="unread"')[2].partition("</section>")[0]
        assert "&lt;d&gt;.pdf" in unread
        assert "encrypted" in unread


class TestFiles:
    def test_sentences_and_documents_are_the_same_in_csv_and_json(self):
        files = survey_files.render([paper("a.pdf", use(Use.FIXED_SEED), use(None), title="T")])
        (first, second) = csv.DictReader(files["sentences.csv"].splitlines())
        assert (first["file"], first["use"], first["risky"], first["sentence"]) == (
            "a.pdf",
            "fixed_seed",
            "true",
            FIXED,
        )
        assert second["use"] == "other"
        stored = json.loads(files["sentences.json"])["sentences"]
        assert [one["use"] for one in stored] == ["fixed_seed", "other"]
        assert stored[0]["risky"] is True
        (document,) = json.loads(files["documents.json"])["documents"]
        assert (document["primary_use"], document["fixed_seed"], document["other"]) == ("fixed_seed", 1, 1)

    def test_sentences_documents_and_a_table_name_the_rules(self):
        silent = PaperFinding("SL403", "paper-seed-unreported", Severity.NOTE, 1, "", "networks", "say so", 0.75)
        papers = [
            paper("a.pdf", use(Use.MODEL_SELECTION, CHOSEN), use(None)),
            Surveyed("b.pdf", SlimReview(Document("b.pdf", Status.OK), (), (silent,))),
        ]
        files = survey_files.render(papers)
        assert [row["rule"] for row in csv.DictReader(files["sentences.csv"].splitlines())] == ["SL404", ""]
        documents = json.loads(files["documents.json"])["documents"]
        assert [(one["SL403"], one["SL404"]) for one in documents] == [(0, 1), (1, 0)]
        rows = {row["rule"]: row for row in csv.DictReader(files["rules.csv"].splitlines())}
        assert list(rows) == ["SL401", "SL402", "SL403", "SL404"]
        assert rows["SL403"]["severity"] == "note"
        assert (rows["SL403"]["documents_count"], rows["SL403"]["documents_share"]) == ("1", "0.5")

    def test_no_cell_is_a_formula(self):
        sentence = '=HYPERLINK("http://example.org")'
        files = survey_files.render([paper("a.pdf", use(Use.FIXED_SEED, sentence))])
        (row,) = csv.DictReader(files["sentences.csv"].splitlines())
        assert row["sentence"] == f"'{sentence}"
        assert json.loads(files["sentences.json"])["sentences"][0]["sentence"] == sentence

    def test_the_table_of_uses_has_shares_and_intervals(self):
        rows = csv.DictReader(
            survey_files.render([paper("a", use(Use.FIXED_SEED)), paper("b")])["uses.csv"].splitlines()
        )
        fixed = {row["use"]: row for row in rows}["fixed_seed"]
        shown = [fixed[f"documents_{column}"] for column in ("count", "of", "share", "low", "high")]
        assert shown == ["1", "2", "0.5", "0.0945", "0.9055"]


class TestChart:
    YEARS = by_year(
        [
            paper("a", use(Use.FIXED_SEED)),
            paper("b", use(Use.ENSEMBLE_CREATION)),
            paper("c", use(Use.FIXED_SEED), year=2024),
        ]
    )

    def test_bars_are_shares_of_the_year_and_stand_at_their_year(self):
        pytest.importorskip("matplotlib")
        figure = survey_chart.draw(self.YEARS)
        bars = {str(each.get_label()): each for each in figure.axes[0].containers}
        fixed, ensemble = bars["fixed seed (risky)"], bars["ensemble creation (safe)"]
        assert [bar.get_height() for bar in fixed] == [50, 100]
        assert [bar.get_height() for bar in ensemble] == [50, 0]
        assert [bar.get_y() for bar in ensemble] == [50, 100]
        assert [bar.get_x() + bar.get_width() / 2 for bar in fixed] == [2020, 2024]

    def test_the_same_counts_give_the_same_bytes(self):
        pytest.importorskip("matplotlib")
        first, second = survey_chart.render(self.YEARS), survey_chart.render(self.YEARS)
        assert first == second
        assert first["png"].startswith(b"\x89PNG")
        assert b"<svg" in first["svg"]
