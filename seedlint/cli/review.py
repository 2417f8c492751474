"""`seedlint review`: papers in, what they say of their seeds out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from seedlint.paper.review import Review

RISKY, UNUSABLE, UNREAD = 1, 2, 3


@click.command()
@click.argument("papers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="The report.",
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to a file.")
@click.option("--show-all", is_flag=True, help="List safe uses and sentences in no use too (text).")
@click.option("--draft-review", is_flag=True, help="A paragraph for each paper that a reviewer can edit and paste.")
@click.option(
    "--annotate", type=click.Path(path_type=Path, file_okay=False), help="Write highlighted PDFs to a folder."
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Files read at once.")
def review(
    papers: tuple[Path, ...],
    format_: str,
    output: Path | None,
    show_all: bool,
    draft_review: bool,
    annotate: Path | None,
    workers: int,
) -> None:
    """Find what PAPERS say of random seeds, and name the use of each sentence: an aid to a reader, not a verdict.

    PAPERS are PDFs, LaTeX sources (a file, a folder, an arXiv archive), Markdown, HTML or text.

    \b
    Exit code: 0 nothing risky, 1 something risky, 2 wrong usage, 3 some files could not be read whole.
    """
    try:
        from seedlint.paper.worker import review_files
    except ModuleNotFoundError as error:
        _refuse(f"papers need {error.name}; install it with: python -m pip install 'seedlint[paper]'")
    reviews = list(review_files(papers, workers=workers))
    text = _report(reviews, "draft" if draft_review else format_, show_all)
    if output:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            _refuse(f"{output}: {error.strerror}")
    else:
        click.echo(text, nl=False)
    if annotate:
        _annotate(reviews, annotate)
    sys.exit(_code(reviews))


def _report(reviews: list[Review], kind: str, show_all: bool) -> str:
    from seedlint.report import papers_draft, papers_html, papers_json, papers_text

    if kind == "text":
        return papers_text.render(reviews, show_all=show_all)
    render = {"json": papers_json.render, "html": papers_html.render, "draft": papers_draft.render}[kind]
    return render(reviews)


def _annotate(reviews: list[Review], folder: Path) -> None:
    from seedlint.paper.annotate import AnnotationError, annotate
    from seedlint.report.taxonomy import ADVICE

    for one in reviews:
        if one.document.pages and any(use.boxes for use in one.uses):
            try:
                click.echo(f"seedlint: {annotate(one, folder, ADVICE)} written", err=True)
            except AnnotationError as error:
                click.echo(f"seedlint: {error}", err=True)


def _code(reviews: list[Review]) -> int:
    from seedlint.paper.document import Status

    if any(one.document.status is not Status.OK for one in reviews):
        return UNREAD
    return RISKY if any(use.risky and not use.acknowledged for one in reviews for use in one.uses) else 0


def _refuse(message: str) -> NoReturn:
    click.echo(f"seedlint: {message}", err=True)
    sys.exit(UNUSABLE)
