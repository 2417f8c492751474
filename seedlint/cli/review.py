"""`seedlint review`: papers in, what they say of their seeds out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from os import W_OK, access
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from seedlint.paper.review import Review

RISKY, UNUSABLE, UNREAD = 1, 2, 3
DASH = Path("-")
"""Standard input among the papers, and standard output for the report."""

LONGEST_SUFFIX = 20
WIDEST = 120
"""Columns: longer lines are hard to read."""

LIBRARIES = ("pdfminer", "pypdf")


@click.command()
@click.argument("papers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "sarif", "html"]),
    default="text",
    show_default=True,
    help="The report.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write the report to a file; - is standard output.",
)
@click.option("--show-all", is_flag=True, help="List safe uses and sentences in no use too (text).")
@click.option("--draft-review", is_flag=True, help="A paragraph for each paper that a reviewer can edit and paste.")
@click.option(
    "--annotate", type=click.Path(path_type=Path, file_okay=False), help="Write highlighted PDFs to a folder."
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Files read at once.")
@click.option("--stdin-filename", metavar="NAME", help="What the paper on standard input is called in the report.")
def review(
    papers: tuple[Path, ...],
    format_: str,
    output: Path | None,
    show_all: bool,
    draft_review: bool,
    annotate: Path | None,
    workers: int,
    stdin_filename: str | None,
) -> None:
    """Find what PAPERS say of random seeds, and name the use of each sentence: an aid to a reader, not a verdict.

    PAPERS are PDFs, LaTeX sources (a file, a folder, an arXiv archive), Markdown, HTML or text; - is standard input.

    Of an encrypted or broken PDF there is no highlighted copy: that is said, and is no error. --format json has the
    places of all sentences; --format sarif, for code scanning, puts findings on line 1 and names their pages.

    \b
    Exit code:
      0 nothing risky, or only what the paper itself calls a risk
      1 something risky
      2 wrong usage, or a report or copy that cannot be written
      3 some files could not be read whole
    """
    need_libraries()
    if draft_review and format_ != "text":
        raise click.UsageError("--draft-review is text, and has no --format")
    output = None if output == DASH else output
    _check(papers, output, annotate, stdin_filename)
    with _named(papers, stdin_filename or "-") as (paths, names):
        reviews = list(_reviews(paths, names, workers))
    write_report(_report(reviews, "draft" if draft_review else format_, show_all), output)
    if annotate and not _annotate(reviews, annotate, workers):
        sys.exit(UNUSABLE)
    sys.exit(exit_code(reviews))


def _check(papers: tuple[Path, ...], output: Path | None, annotate: Path | None, stdin_filename: str | None) -> None:
    """Refuse, before any paper is read, what would fail or do harm after all were."""
    piped = papers.count(DASH)
    if piped > 1:
        raise click.UsageError("standard input can be read only once")
    if piped and annotate:
        raise click.UsageError("a paper on standard input has no file to annotate")
    if stdin_filename and not piped:
        raise click.UsageError("--stdin-filename names what - reads, which is not among the papers")
    if output and not output.absolute().parent.is_dir():
        raise click.UsageError(f"--output: no such folder: {output.parent}")
    if annotate and (fault := _unwritable(annotate)):
        raise click.UsageError(f"--annotate: {fault}")
    if output and output.resolve() in {paper.resolve() for paper in papers}:
        raise click.UsageError(f"--output: the report would replace the paper {output}")


def _unwritable(folder: Path) -> str:
    """Why no file could be written to a folder that may not be there yet, or an empty string."""
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        return f"{nearest} is no folder"
    return "" if access(nearest, W_OK) else f"{nearest} cannot be written to"


@contextmanager
def _named(papers: tuple[Path, ...], piped: str) -> Iterator[tuple[list[Path], list[str]]]:
    """The files to read and what to call them. Standard input becomes a file for as long as it is read."""
    names = [piped if paper == DASH else str(paper) for paper in papers]
    if DASH not in papers:
        yield list(papers), names
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="seedlint-") as folder:
        file = Path(folder, "paper" + Path(piped).suffix[:LONGEST_SUFFIX])
        try:
            _keep_input(file)
        except OSError as error:
            refuse(f"standard input: {error.strerror}")
        yield [file if paper == DASH else paper for paper in papers], names


def _keep_input(file: Path) -> None:
    """Copy standard input, up to what is more than any reader takes."""
    from seedlint.paper.latex_files import MAX_BYTES

    remaining = MAX_BYTES + 1
    with file.open("wb") as copy:
        while remaining and (piece := sys.stdin.buffer.read(min(remaining, 1 << 20))):
            remaining -= copy.write(piece)


def _reviews(paths: list[Path], names: list[str], workers: int) -> Iterator[Review]:
    from seedlint.paper.worker import review_files

    try:
        for number, (name, one) in enumerate(zip(names, review_files(paths, workers=workers), strict=True), 1):
            _progress(f"{number} of {len(names)} read" if number < len(names) else "")
            yield replace(one, document=replace(one.document, path=name))
    except RuntimeError as error:
        refuse(str(error))


def _progress(line: str) -> None:
    """Show how far it is, to a person only."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{line}", nl=False, err=True)


def _report(reviews: list[Review], kind: str, show_all: bool) -> str:
    from seedlint.report import View, papers_draft, papers_html, papers_json, papers_sarif, papers_text

    if kind == "text":
        width = min(get_terminal_size(fallback=(100, 0)).columns, WIDEST)
        return papers_text.render(reviews, show_all=show_all, width=width)
    if kind == "sarif":
        return papers_sarif.render(reviews, View(root=str(Path.cwd())))
    render = {"json": papers_json.render, "html": papers_html.render, "draft": papers_draft.render}[kind]
    return render(reviews)


def write_report(text: str, output: Path | None = None) -> None:
    """Write to a file in one step, or to standard output, or end with one line that says why not."""
    from seedlint.files import write_file

    text = text.encode("utf-8", errors="replace").decode().rstrip("\n") + "\n"
    try:
        if output is None:
            with suppress(AttributeError):
                sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
            click.echo(text, nl=False)
        else:
            write_file(str(output), text.encode("utf-8"))
    except BrokenPipeError:  # The reader has seen enough; the exit code is still the truth.
        return
    except OSError as error:
        refuse(f"{output or 'standard output'}: {error.strerror}")


def _annotate(reviews: list[Review], folder: Path, workers: int) -> bool:
    """Write the annotated copies, and say of each that it is there or why not; whether all could be written to the disk."""
    from seedlint.paper.annotate import UnwrittenError, places
    from seedlint.paper.worker import annotate_files
    from seedlint.report.taxonomy import RISKS

    chosen = [one for one in reviews if any(use.boxes for use in one.uses if use.use)]
    targets = places([Path(one.document.path) for one in chosen], folder)
    copies = list(zip(chosen, targets, strict=True))
    failures = list(annotate_files(copies, RISKS, workers=workers))
    for one, target, failed in zip(chosen, targets, failures, strict=True):
        say(str(failed or f"{target} written, from {one.document.path}"))
    return not any(isinstance(failed, UnwrittenError) for failed in failures)


def exit_code(reviews: Sequence[Review]) -> int:
    """Return 3 where a file could not be read whole, 1 where something risky was found that no author states, else 0."""
    from seedlint.paper.document import Status
    from seedlint.paper.findings import findings

    if any(one.document.status is not Status.OK for one in reviews):
        return UNREAD
    return RISKY if any(found.warns for one in reviews for found in findings(one)) else 0


def need_libraries() -> None:
    """End with one line where a library is missing that papers are read with."""
    if missing := [name for name in LIBRARIES if find_spec(name) is None]:
        refuse(f"papers need {', '.join(missing)}; install with: python -m pip install 'seedlint[paper]'")


def say(message: str) -> None:
    """Tell the person at the terminal, not the reader of the report."""
    click.echo(f"seedlint: {message}", err=True)


def refuse(message: str) -> NoReturn:
    """End with one line that says why."""
    say(message)
    sys.exit(UNUSABLE)
