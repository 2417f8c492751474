"""`seedlint survey`: a folder of papers in; tables, a chart and a page on their uses of seeds out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from os import cpu_count, fsencode
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seedlint.cli.review import UNREAD, exit_code, need_libraries, refuse, say, write_report

if TYPE_CHECKING:
    from seedlint.paper.corpus import Corpus
    from seedlint.paper.survey import Keeping, Surveyed
    from seedlint.paper.years import Years

CHART, PICTURES = "uses-by-year", ("png", "svg")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write tables, chart and page to a folder."
)
@click.option("--year-from", type=click.IntRange(1900), help="Only papers of this year or later.")
@click.option("--year-to", type=click.IntRange(1900), help="Only papers of this year or earlier.")
@click.option("--years", "table", type=click.Path(path_type=Path, dir_okay=False), help="A CSV file of path and year.")
@click.option("--workers", type=click.IntRange(1), help="Files read at once.  [default: the processors]")
@click.option(
    "--backend",
    type=click.Choice(["processes", "ray"]),
    default="processes",
    show_default=True,
    help="Where files are read; Ray's machines must have them at the same paths.",
)
@click.option("--full", is_flag=True, help="Read every page of a PDF, without a first pass.")
@click.option("--retry", is_flag=True, help="Read again what an earlier run cut short (timeout, memory, crashed).")
def survey(
    folder: Path,
    out: Path | None,
    year_from: int | None,
    year_to: int | None,
    table: Path | None,
    workers: int | None,
    backend: str,
    full: bool,
    retry: bool,
) -> None:
    """Count the uses of random seeds in the papers below FOLDER: an aid to a reader, not a verdict on anyone.

    Papers are PDFs, LaTeX sources (files, folders, arXiv archives), Markdown, HTML and text. What was read is kept, so that a
    survey that is run again reads only what is new: in the folder of --out, else in the user's cache. A paper's year is that
    of --years, else that in the paper, else that of an arXiv number in its path.

    \b
    Exit code: 0 nothing risky, or only what the papers themselves call a risk; 1 something risky; 2 wrong usage;
    3 some files could not be read whole.
    """
    need_libraries()
    from seedlint.paper.corpus import find_papers
    from seedlint.paper.years import Years, YearsError, read_years

    if out and out.resolve() == folder.resolve():
        refuse(f"{out}: the results need a folder of their own, not that of the papers")
    try:
        years = read_years(table, folder) if table else Years({})
    except YearsError as error:
        refuse(str(error))
    corpus = find_papers(folder)
    if not corpus.papers and not corpus.problems:
        refuse(f"{folder}: no papers (PDF, LaTeX, HTML, Markdown or text)")
    _remarks(corpus, years)
    papers = _read(corpus, years, folder, out, backend, workers or cpu_count() or 1, retry, full)
    papers = _between(papers, year_from, year_to)
    _report(papers, out)
    sys.exit(UNREAD if corpus.problems else exit_code([paper.review for paper in papers]))


def _remarks(corpus: Corpus, years: Years) -> None:
    for problem in corpus.problems:
        say(problem)
    if corpus.copies:
        say(f"left out, as copies of other files: {len(corpus.copies)}, such as {corpus.copies[0]}")
    unused = years.unused([*(paper.name for paper in corpus.papers), *corpus.copies])
    if unused:
        say(f"years stated for no paper here: {len(unused)}, such as {unused[0]}")


def _read(
    corpus: Corpus,
    years: Years,
    folder: Path,
    out: Path | None,
    backend: str,
    workers: int,
    retry: bool,
    full: bool,
) -> list[Surveyed]:
    from seedlint.chunks import Backend
    from seedlint.paper import pdfium
    from seedlint.paper.survey import survey

    found = []
    with _keeping(folder, out) as kept, _progress(len(corpus.papers)) as step:
        try:
            for paper in survey(
                corpus.papers,
                years,
                kept,
                backend=Backend(backend),
                workers=workers,
                retry=retry,
                first_pass=pdfium.is_there() and not full,
            ):
                found.append(paper)
                step()
        except OSError as error:
            refuse(f"stopped after {len(found)} of {len(corpus.papers)}: {error.strerror or error}")
        except (ModuleNotFoundError, RuntimeError, ValueError) as error:
            refuse(str(error))
        except KeyboardInterrupt:
            say(f"stopped after {len(found)} of {len(corpus.papers)}; the same command goes on from there")
            raise
    return sorted(found, key=lambda paper: paper.name)


@contextmanager
def _keeping(folder: Path, out: Path | None) -> Iterator[Keeping]:
    """Reviews kept in the folder of --out, or in the user's cache where it can be written."""
    from seedlint.cachedir import cache_folder
    from seedlint.paper.corpus import RESULTS
    from seedlint.paper.kept import ForeignFileError, Kept
    from seedlint.paper.survey import Unkept

    name = blake2b(fsencode(folder.resolve()), digest_size=10).hexdigest()
    path = out / RESULTS if out else cache_folder() / "papers" / f"{name}.jsonl"
    try:
        kept = Kept(path)
    except (OSError, ForeignFileError) as error:
        reason = f"{path}: {error.strerror}" if isinstance(error, OSError) else str(error)
        if out:
            refuse(reason)
        say(f"{reason}; nothing is kept for the next run")
        yield Unkept()
        return
    with kept:
        yield kept


@contextmanager
def _progress(length: int) -> Iterator[Callable[[], None]]:
    """What counts a paper as done: a bar with the time that is left, where a person watches."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=length, label="reading", show_pos=True, file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def _between(papers: Sequence[Surveyed], first: int | None, last: int | None) -> list[Surveyed]:
    """The papers of the years asked for. What could not be read stays: it may belong to them."""
    if first is None and last is None:
        return list(papers)
    dateless = sum(paper.read and paper.year is None for paper in papers)
    if dateless:
        say(f"left out, as their year is unknown: {dateless}; --years can state it")
    low, high = first or 0, last or 9999
    return [
        paper
        for paper in papers
        if (paper.year is None and not paper.read) or (paper.year is not None and low <= paper.year <= high)
    ]


def _report(papers: Sequence[Surveyed], out: Path | None) -> None:
    from seedlint.report import survey_text

    if out:
        try:
            out.mkdir(parents=True, exist_ok=True)
            for kind in PICTURES:
                (out / f"{CHART}.{kind}").unlink(missing_ok=True)
            for name, content in _files(papers).items():
                (out / name).write_bytes(content)
        except OSError as error:
            refuse(f"{error.filename or out}: {error.strerror}")
        say(f"{out / 'index.html'} written")
    write_report(survey_text.render(papers))


def _files(papers: Sequence[Surveyed]) -> dict[str, bytes]:
    from seedlint.paper.tally import by_year
    from seedlint.report import survey_chart, survey_files, survey_html

    pictures: dict[str, bytes] = {}
    if years := by_year(papers):
        try:
            pictures = survey_chart.render(years)
        except survey_chart.ChartError as error:
            say(str(error))
    texts = {**survey_files.render(papers), "index.html": survey_html.render(papers, pictures.get("svg"))}
    return {
        **{name: text.encode("utf-8", "backslashreplace") for name, text in texts.items()},
        **{f"{CHART}.{kind}": picture for kind, picture in pictures.items()},
    }
