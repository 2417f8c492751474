"""A paper that is too slow, too big or no paper costs itself a status, and the papers beside it nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from pdfs import Page, Text, pdf

pytest.importorskip("pdfminer")
pytest.importorskip("spacy")

from pdfminer.pdfpage import PDFPage

from seedlint.paper.document import Document, Status
from seedlint.paper.layout import page_rows
from seedlint.paper.limits import MEMORY, Clock, TimeUp, within
from seedlint.paper.pdf_pages import PageReader, Sheet
from seedlint.paper.review import Review
from seedlint.paper.rows import Row
from seedlint.paper.worker import Reading, annotate_files, review_file, review_files

SENTENCE = "We report the mean over five random seeds for every method."
LINUX = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux says how much memory there is")
POSIX = pytest.mark.skipif(os.name != "posix", reason="there are no alarms to be woken by")


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf([Page((Text(72, 600, SENTENCE),))] * 3))
    return path


def test_reviews_come_in_the_order_of_the_arguments_whatever_became_of_each(tmp_path: Path, paper: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(pdf([Page(image=True)]))
    source = tmp_path / "source.tex"
    source.write_text(f"\\documentclass{{article}}\\begin{{document}}{SENTENCE}\\end{{document}}", encoding="utf-8")
    paths = [tmp_path / "absent.pdf", paper, scan, tmp_path, source, paper]
    reviews = list(review_files(paths, workers=2))
    assert [one.document.path for one in reviews] == [str(path) for path in paths]
    assert [one.document.status for one in reviews[:3]] == [Status.NOT_A_PDF, Status.OK, Status.NO_TEXT]
    assert [one.document.status for one in reviews[3:]] == [Status.OK] * 3  # the folder holds the source
    assert [len(one.uses) for one in reviews] == [0, 3, 0, 1, 1, 3]


@POSIX
def test_a_paper_beyond_its_time_is_given_up_and_the_next_one_read(paper: Path) -> None:
    late = review_file(Reading(str(paper), clock=Clock(seconds=1e-6, a_page=0.0)))
    assert (late.document.status, late.uses) == (Status.TIMEOUT, ())
    assert late.document.reason.startswith("stopped after")
    assert review_file(Reading(str(paper))).document.status is Status.OK


@POSIX
def test_the_pages_read_before_the_time_is_up_are_kept(monkeypatch: pytest.MonkeyPatch, paper: Path) -> None:
    drawn = PageReader.sheet

    def endless_third(self: PageReader, number: int, page: PDFPage) -> Sheet:
        while number == 3:
            time.sleep(0.01)
        return drawn(self, number, page)

    monkeypatch.setattr(PageReader, "sheet", endless_third)
    late = review_file(Reading(str(paper), clock=Clock(seconds=1.0, a_page=0.0)))
    assert late.document.status is Status.PARTIAL
    assert late.document.reason.startswith("page 3 and those after it: stopped after")
    assert [found.page for found in late.uses] == [1, 2]


@POSIX
def test_what_is_made_of_the_pages_read_has_an_end_too(monkeypatch: pytest.MonkeyPatch, paper: Path) -> None:
    def endless(*_: object) -> None:
        while True:
            time.sleep(0.01)

    monkeypatch.setattr("seedlint.paper.pdf.page_rows", endless)
    clock = Clock(seconds=0.3, a_page=0.0, to_finish=0.1)
    assert review_file(Reading(str(paper), clock=clock)).document.status is Status.TIMEOUT


@POSIX
def test_time_is_up_again_for_one_who_does_not_finish(tmp_path: Path) -> None:
    def stubborn() -> None:
        with suppress(TimeUp):
            time.sleep(30)
        time.sleep(30)

    with pytest.raises(TimeUp), within(MEMORY, Clock(seconds=0.05, to_finish=0.05), tmp_path):
        stubborn()


@LINUX
def test_pages_that_memory_does_not_hold_leave_those_before(monkeypatch: pytest.MonkeyPatch, paper: Path) -> None:
    def short_of_memory(sheets: Sequence[Sheet]) -> list[list[Row]]:
        if len(sheets) > 1:
            raise MemoryError
        return page_rows(sheets)

    monkeypatch.setattr("seedlint.paper.pdf.page_rows", short_of_memory)
    starved = review_file(Reading(str(paper)))
    assert starved.document.status is Status.PARTIAL
    assert starved.document.reason == "page 2 and those after it: no memory"
    assert [found.page for found in starved.uses] == [1]


@LINUX
def test_a_paper_beyond_its_memory_is_given_up_and_the_next_one_read(
    monkeypatch: pytest.MonkeyPatch, paper: Path
) -> None:
    def greedy(_path: Path) -> Document:
        return Document(str(bytearray(400_000_000)), Status.OK)

    with monkeypatch.context() as patch:
        patch.setattr("seedlint.paper.source.read", greedy)
        assert review_file(Reading(str(paper), memory=200_000_000)).document.status is Status.MEMORY
    assert review_file(Reading(str(paper))).document.status is Status.OK


@POSIX
def test_time_is_up_even_for_a_reader_that_goes_on_after_every_error(tmp_path: Path) -> None:
    def stubborn() -> None:
        for _ in range(100):
            try:
                time.sleep(0.01)
            except Exception:
                continue

    with pytest.raises(TimeUp, match="stopped after"), within(MEMORY, Clock(seconds=0.05), tmp_path):
        stubborn()


@POSIX
def test_a_paper_of_many_pages_has_more_time(paper: Path) -> None:
    started = time.monotonic()
    with pytest.raises(TimeUp), within(MEMORY, Clock(seconds=0.05, a_page=0.1), paper):
        time.sleep(30)
    assert time.monotonic() - started >= 0.35  # 0.05 and three pages


@POSIX
def test_however_many_pages_a_paper_says_it_has_its_time_ends(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf([Page()]).replace(b"/Count 1/", b"/Count 999999999/"))
    with pytest.raises(TimeUp), within(MEMORY, Clock(seconds=0.05, at_most=0.1), path):
        time.sleep(30)


@POSIX
def test_limits_end_with_the_work_they_are_for(tmp_path: Path) -> None:
    with within(MEMORY, Clock(seconds=0.05), tmp_path):
        pass
    time.sleep(0.1)


@LINUX
def test_a_limit_that_is_lower_already_stays(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_CPU)
    ours, lower = Clock(at_most=10_000), 5_000
    resource.setrlimit(resource.RLIMIT_CPU, (lower, before[1]))
    try:
        with within(MEMORY, ours, tmp_path):
            assert resource.getrlimit(resource.RLIMIT_CPU)[0] == lower
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, before)
    with within(MEMORY, ours, tmp_path):
        assert lower < resource.getrlimit(resource.RLIMIT_CPU)[0] <= 20_000
    assert resource.getrlimit(resource.RLIMIT_CPU) == before


@POSIX
def test_a_copy_of_a_paper_that_cannot_be_annotated_costs_no_other_copy(tmp_path: Path, paper: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.5\n rubbish")
    copies = [
        (Review(Document(str(broken), Status.OK)), tmp_path / "out" / "broken.pdf"),
        (review_file(Reading(str(paper))), tmp_path / "out" / "paper.pdf"),
    ]
    first, second = annotate_files(copies, {})
    assert str(broken) in str(first)
    assert second is None
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["paper.pdf"]
