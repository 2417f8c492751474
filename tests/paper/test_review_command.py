"""`seedlint review`: every file named gets its answer, in order, and a shell can trust the exit code and standard output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pdfs import Page, Text, pdf

pytest.importorskip("pdfminer")
pytest.importorskip("pypdf")
pytest.importorskip("spacy")

import pypdf

import seedlint
from seedlint.cli import review as command
from seedlint.paper.annotate import AnnotationError, UnwrittenError

RISKY = "We report the mean over five random seeds for every method."
SAFE = "We train with ten random seeds and keep the model that scores best on the development set."
PAPER = pdf([Page((Text(72, 600, RISKY),))])
SCAN = pdf([Page(image=True)])


@dataclass(frozen=True)
class Run:
    """How one run of the command ended."""

    code: int
    out: str
    err: str

    @property
    def documents(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)["documents"]
        return found


def seedlint_review(
    folder: Path, *arguments: str, given: bytes = b"", stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> Run:
    environment = {**os.environ, "PYTHONPATH": str(Path(seedlint.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-m", "seedlint", "review", *arguments],
        cwd=folder,
        env=environment,
        input=given,
        stdout=stdout,
        stderr=stderr,
        check=False,
        timeout=120,
    )
    return Run(done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode())


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a paper of each fate."""
    folder = tmp_path_factory.mktemp("papers")
    (folder / "risky.pdf").write_bytes(PAPER)
    (folder / "scan.pdf").write_bytes(SCAN)
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "safe.txt").write_text(SAFE, encoding="utf-8")
    with (folder / "huge.pdf").open("wb") as huge:
        huge.write(b"%PDF-1.5\n")
        huge.truncate(200_000_000)
    source = folder / "source"
    (source / "parts").mkdir(parents=True)
    (source / "main.tex").write_text(
        "\\documentclass{article}\\begin{document}\\input{parts/method}\\end{document}", encoding="utf-8"
    )
    (source / "parts" / "method.tex").write_text(RISKY, encoding="utf-8")
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "risky.pdf").write_bytes(PAPER)
    return folder


EVERY = ("scan.pdf", "risky.pdf", "absent.pdf", "source", "empty.pdf", "huge.pdf", "safe.txt", "a")


@pytest.fixture(scope="module")
def every(papers: Path) -> Run:
    return seedlint_review(papers, *EVERY, "--format", "json", "--workers", "2")


def test_documents_come_in_the_order_of_the_arguments(every: Run) -> None:
    assert [one["path"] for one in every.documents] == list(EVERY)


def test_every_argument_has_a_status_and_what_was_not_read_a_reason_of_one_line(every: Run) -> None:
    unread, text = "not-a-pdf", "ok"
    statuses = ["no-text", text, unread, text, unread, "too-large", text, unread]
    assert [one["status"] for one in every.documents] == statuses
    reasons = [one["reason"] for one in every.documents if one["status"] != text]
    assert all(reasons)
    assert not any("\n" in reason for reason in reasons)


def test_sentences_are_found_beside_files_that_cannot_be_read(every: Run) -> None:
    found = {one["path"]: [use["sentence"] for use in one["uses"]] for one in every.documents if one["uses"]}
    assert found == {"risky.pdf": [RISKY], "source": [RISKY], "safe.txt": [SAFE]}


def test_files_that_cannot_be_read_decide_the_exit_code(every: Run) -> None:
    assert every.code == 3


def test_nothing_but_the_report_is_written_where_no_person_looks(every: Run) -> None:
    assert every.err == ""
    assert every.out.endswith("}\n")


@pytest.mark.parametrize(("name", "code"), [("risky.pdf", 1), ("safe.txt", 0)])
def test_the_exit_code_says_whether_something_is_risky(papers: Path, name: str, code: int) -> None:
    assert seedlint_review(papers, name).code == code


def test_a_paper_is_read_from_standard_input_whatever_it_is(papers: Path) -> None:
    run = seedlint_review(papers, "-", "--format", "json", given=PAPER)
    (document,) = run.documents
    assert (run.code, document["path"], document["pages"]) == (1, "-", 1)
    assert [use["sentence"] for use in document["uses"]] == [RISKY]
    assert document["uses"][0]["boxes"]


def test_text_on_standard_input_is_read_as_its_name_says(papers: Path) -> None:
    given = f"# Methods\n\n{RISKY}\n".encode()
    run = seedlint_review(papers, "-", "--stdin-filename", "notes/draft.md", "--format", "json", given=given)
    (document,) = run.documents
    assert (run.code, document["path"]) == (1, "notes/draft.md")
    assert [(use["sentence"], use["section"]) for use in document["uses"]] == [(RISKY, "Methods")]


@pytest.mark.parametrize("name", ["draft.md", "draft.txt", "draft.tex", "draft.html"])
def test_text_has_no_pages_to_refer_to(papers: Path, name: str) -> None:
    arguments = ("-", "--stdin-filename", name)
    given = f"<html><body><p>{RISKY}</p></body></html>" if name.endswith("html") else f"{RISKY}\n"
    assert "page" not in seedlint_review(papers, *arguments, given=given.encode()).out
    assert "(p. " not in seedlint_review(papers, *arguments, "--draft-review", given=given.encode()).out


def test_nothing_on_standard_input_is_no_paper_without_seeds(papers: Path) -> None:
    run = seedlint_review(papers, "-", "--format", "json")
    assert (run.code, run.documents[0]["status"]) == (3, "not-a-pdf")


def test_the_report_goes_to_a_file_instead(papers: Path, tmp_path: Path) -> None:
    run = seedlint_review(papers, "safe.txt", "scan.pdf", "--show-all", "--output", str(tmp_path / "report.txt"))
    assert (run.code, run.out, run.err) == (3, "", "")
    report = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert SAFE[:40] in report
    assert "scan.pdf: could not be read" in report


def test_a_terminal_that_knows_no_quotation_marks_still_has_its_report(
    papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    run = seedlint_review(papers, "risky.pdf")
    assert run.code == 1
    assert RISKY in run.out


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals to look at")
def test_a_person_sees_how_far_it_is(papers: Path) -> None:
    ours, theirs = os.openpty()
    try:
        run = seedlint_review(papers, "scan.pdf", "empty.pdf", "--format", "json", stderr=theirs)
        assert b"1 of 2 read" in os.read(ours, 4096)
    finally:
        os.close(ours)
        os.close(theirs)
    assert len(run.documents) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "paper.pdf")
    run = seedlint_review(tmp_path, "paper.pdf", "--format", "json")
    assert (run.code, run.documents[0]["reason"]) == (3, "neither a file nor a folder")


def test_copies_are_written_beside_the_papers_and_never_over_them(papers: Path, tmp_path: Path) -> None:
    paper = tmp_path / "risky.pdf"
    paper.write_bytes(PAPER)
    other = str(papers / "a/b/risky.pdf")
    run = seedlint_review(tmp_path, "risky.pdf", other, str(papers / "safe.txt"), "--annotate", ".")
    assert run.code == 1
    first = f"{tmp_path.name}-risky.pdf"
    assert run.err.splitlines() == [
        f"seedlint: {first} written, from risky.pdf",
        f"seedlint: b-risky.pdf written, from {other}",
    ]
    assert paper.read_bytes() == PAPER
    assert {path.name for path in tmp_path.iterdir()} == {"risky.pdf", first, "b-risky.pdf"}


def test_an_encrypted_paper_is_reviewed_and_said_to_have_no_copy(tmp_path: Path) -> None:
    plain, locked = tmp_path / "plain.pdf", tmp_path / "locked.pdf"
    plain.write_bytes(PAPER)
    writer = pypdf.PdfWriter(clone_from=plain)
    writer.encrypt(user_password="", owner_password="owner", algorithm="RC4-128")
    writer.write(locked)
    run = seedlint_review(tmp_path, "locked.pdf", "plain.pdf", "--annotate", "copies")
    assert run.code == 1
    assert run.err.splitlines() == [
        "seedlint: locked.pdf: encrypted, so no annotated copy is written",
        f"seedlint: {Path('copies', 'plain.pdf')} written, from plain.pdf",
    ]


def test_a_copy_that_cannot_be_written_is_one_line_and_an_error(
    papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Iterator[AnnotationError]:
        yield UnwrittenError("copies/risky.pdf: no annotated copy: No space left on device")

    monkeypatch.setattr("seedlint.paper.worker.annotate_files", full)
    done = CliRunner().invoke(command.review, [str(papers / "risky.pdf"), "--annotate", str(tmp_path / "copies")])
    assert done.exit_code == 2
    assert done.stderr == "seedlint: copies/risky.pdf: no annotated copy: No space left on device\n"
    assert RISKY in done.stdout.replace("\n    ", " "), "the report is there all the same"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("arguments", [[], ["--output", "/dev/full"]])
def test_a_report_that_cannot_be_written_is_one_line(papers: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        run = seedlint_review(papers, "risky.pdf", *arguments, stdout=subprocess.PIPE if arguments else full.fileno())
    name = "/dev/full" if arguments else "standard output"
    assert (run.code, run.err) == (2, f"seedlint: {name}: No space left on device\n")


def test_a_dash_is_standard_output(papers: Path) -> None:
    run = seedlint_review(papers, "risky.pdf", "--output", "-", "--format", "json")
    assert (run.code, len(run.documents)) == (1, 1)
    assert not (papers / "-").exists()


def test_sarif_names_the_paper_from_the_folder_in_which_it_was_run(papers: Path) -> None:
    run = seedlint_review(papers, "a/b/risky.pdf", "scan.pdf", "--format", "sarif")
    (log,) = json.loads(run.out)["runs"]
    (result,) = log["results"]
    assert run.code == 3
    assert log["originalUriBaseIds"]["%SRCROOT%"]["uri"] == f"{papers.resolve().as_uri()}/"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a/b/risky.pdf"
    assert result["properties"]["boxes"]


def test_the_name_of_standard_input_may_end_in_anything(papers: Path) -> None:
    run = seedlint_review(
        papers, "-", "--stdin-filename", f"notes.{'x' * 400}", "--format", "json", given=RISKY.encode()
    )
    assert run.code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument"),
        (["-", "-"], "only once"),
        (["-", "--annotate", "copies"], "no file to annotate"),
        (["risky.pdf", "--stdin-filename", "draft.md"], "not among the papers"),
        (["risky.pdf", "--output", "absent/report.txt"], "no such folder"),
        (["risky.pdf", "--output", "./risky.pdf"], "would replace the paper"),
        (["risky.pdf", "--output", "source"], "is a directory"),
        (["risky.pdf", "--annotate", "scan.pdf/copies"], "is no folder"),
        (["risky.pdf", "--draft-review", "--format", "html"], "has no --format"),
        (["risky.pdf", "--format", "rtf"], "rtf"),
        (["risky.pdf", "--workers", "0"], "0"),
    ],
)
def test_what_cannot_end_well_is_refused_before_a_paper_is_read(
    papers: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(papers)
    monkeypatch.setattr("seedlint.paper.worker.review_files", None)
    done = CliRunner().invoke(command.review, arguments)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_without_the_libraries_one_line_says_how_to_get_them(papers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "LIBRARIES", ("pdfminer", "a_library_that_nobody_has"))
    done = CliRunner().invoke(command.review, [str(papers / "risky.pdf")])
    assert done.exit_code == 2
    assert done.output == (
        "seedlint: papers need a_library_that_nobody_has; install with: python -m pip install 'seedlint[paper]'\n"
    )
