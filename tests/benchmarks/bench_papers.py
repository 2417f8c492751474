#!/usr/bin/env python3
"""Prints what `seedlint review` and `seedlint survey` cost on a folder of PDFs, beside what only gets the text out of them:
pdfminer's extract_text, pdftotext and pypdfium2.

It checks nothing and is no part of the test suite. seedlint, pdfminer and pypdfium2 run from the Python that runs this script:

    python -m pip install 'seedlint[paper,fast]'                    # and poppler's pdftotext, on PATH
    python tests/benchmarks/bench_papers.py FOLDER

What is not there is left out of the tables. The first is of one paper at a time, in a process of its own: the whole command
with its start-up, as somebody waits for it. The second is of one paper at a time too, in a process that has read another
before: what the reading of a page costs by itself. The third is of all the papers in one run, and of all the survey's processes.

CPU is user + system time of a process with its children, a paper's figure the median over the rounds; in every round each
tool runs once on each paper, so that a busy machine bothers all alike. A paper that one of the tools cannot read is left
out for all of them. The peak is that of the largest process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser

YARDSTICK = "pdfminer extract_text"

READ_ALONE = """
import sys
from pathlib import Path
from seedlint.paper.source import read
for name in sys.argv[1:]:
    read(Path(name))
"""
EXTRACT_TEXT = """
import sys
from pdfminer.high_level import extract_text
for name in sys.argv[1:]:
    extract_text(name)
"""
PDFIUM_TEXT = """
import sys
import pypdfium2
for name in sys.argv[1:]:
    pdf = pypdfium2.PdfDocument(name)
    for page in pdf:
        text = page.get_textpage()
        text.get_text_range()
        text.close()
        page.close()
    pdf.close()
"""
WARM = """
import json, sys, time
from pathlib import Path
from pdfminer.high_level import extract_text
from seedlint.paper.review import review
from seedlint.paper.source import read
def timed(function, *arguments):
    started = time.process_time()
    return function(*arguments), time.process_time() - started
costs = []
for name in sys.argv[1:2] + sys.argv[1:]:
    document, reading = timed(read, Path(name))
    _, reviewing = timed(review, document)
    _, extracting = timed(extract_text, name)
    costs.append((reading + reviewing, reading, extracting))
print(json.dumps(costs[1:]))
"""
PDFTOTEXT = 'for name; do pdftotext "$name" - || exit 1; done'


@dataclass(frozen=True)
class Tool:
    """A name for the tables, the command that takes paths of papers, and the exit codes with which it has read them."""

    name: str
    command: tuple[str, ...]
    codes: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds of CPU and on the clock, and the bytes of the largest process at its peak."""

    cpu: float
    wall: float
    peak: float


@dataclass(frozen=True)
class Paper:
    """A PDF and its number of pages."""

    path: Path
    pages: int


def main() -> None:
    """Measure one paper at a time, with its start-up and without, then all in one run, and print a table of each."""
    options = parse_options()
    papers = [paper for path in sorted(options.folder.rglob("*.pdf")) if (paper := counted(path))]
    if not papers:
        sys.exit(f"no PDFs with pages under {options.folder}")
    pages = sum(paper.pages for paper in papers)
    print(f"{len(papers)} papers, {pages} pages; medians over {options.rounds} rounds, {os.cpu_count()} processors\n")
    if not options.corpus_only:
        print_papers(measured_papers(papers, tools(), options.rounds))
        print_warm(papers, measured_warm(papers, options.rounds))
    print_corpus(measured_corpus(papers, options.rounds), pages)


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of PDFs")
    parser.add_argument("--rounds", type=int, default=3, help="how often each tool runs (default: %(default)s)")
    parser.add_argument("--corpus-only", action="store_true", help="leave out the measurement of one paper at a time")
    return parser.parse_args()


def counted(path: Path) -> Paper | None:
    """A paper with its pages; None, and a line that says so, where they cannot be counted."""
    try:
        with path.open("rb") as file:
            pages = sum(1 for _ in PDFPage.create_pages(PDFDocument(PDFParser(file))))
    except Exception as error:
        print(f"left out: {path}: {type(error).__name__}", file=sys.stderr)
        return None
    return Paper(path, pages) if pages else None


def tools() -> list[Tool]:
    """What reads papers that are named one after the other: seedlint, and those of the others that are installed."""
    python = sys.executable
    found = [
        Tool("seedlint review", (python, "-m", "seedlint", "review"), (0, 1)),
        Tool("seedlint, reading alone", (python, "-c", READ_ALONE)),
        Tool(YARDSTICK, (python, "-c", EXTRACT_TEXT)),
    ]
    if shutil.which("pdftotext"):
        found.append(Tool("pdftotext", ("sh", "-c", PDFTOTEXT, "sh")))
    if find_spec("pypdfium2"):
        found.append(Tool("pypdfium2 text", (python, "-c", PDFIUM_TEXT)))
    return found


def measured_papers(papers: Sequence[Paper], chosen: Sequence[Tool], rounds: int) -> dict[Tool, dict[Paper, Cost]]:
    """The median cost of each tool on each paper by itself; one run more goes before the first, to fill caches."""
    found: dict[Tool, dict[Paper, Cost]] = {tool: {} for tool in chosen}
    for paper in papers:
        runs: dict[Tool, list[Cost]] = {tool: [] for tool in chosen}
        for _ in range(rounds + 1):
            for tool in chosen:
                if cost := run(tool, [str(paper.path)]):
                    runs[tool].append(cost)
        if failed := [tool.name for tool in chosen if len(runs[tool]) <= rounds]:
            print(f"left out: {paper.path}: {failed[0]} cannot read it", file=sys.stderr)
            continue
        for tool in chosen:
            found[tool][paper] = median(runs[tool][1:])
    return found


def measured_warm(papers: Sequence[Paper], rounds: int) -> list[tuple[float, ...]]:
    """For each paper the median seconds of CPU of a review, of its reading alone, and of extract_text, start-up left out."""
    command = [sys.executable, "-c", WARM, *(str(paper.path) for paper in papers)]
    runs = [json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout) for _ in range(rounds)]
    return [tuple(map(statistics.median, zip(*costs, strict=True))) for costs in zip(*runs, strict=True)]


def measured_corpus(papers: Sequence[Paper], rounds: int) -> dict[Tool, Cost]:
    """The median cost of each tool on all the papers in one run; of the survey with its first pass, and without."""
    survey = (sys.executable, "-m", "seedlint", "survey", "--workers", "1")
    surveys = [Tool("seedlint survey --full", (*survey, "--full"), (0, 1, 3))]
    if find_spec("pypdfium2"):
        surveys.insert(0, Tool("seedlint survey", survey, (0, 1, 3)))
    readers = tools()
    runs: dict[Tool, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "papers")
        folder.mkdir()
        for number, paper in enumerate(papers):
            shutil.copy(paper.path, folder / f"{number:05}.pdf")
        paths = [str(path) for path in sorted(folder.iterdir())]
        for number in range(rounds):
            for tool in (*surveys, *readers):
                fresh = Path(temporary, f"kept-{number}-{tool.name}")
                cost = run(tool, [str(folder)] if tool in surveys else paths, {"SEEDLINT_CACHE_DIR": str(fresh)})
                if cost is None:
                    print(f"{tool.name}: cannot read all the papers in one run", file=sys.stderr)
                else:
                    runs.setdefault(tool, []).append(cost)
    return {tool: median(costs) for tool, costs in runs.items()}


def run(tool: Tool, arguments: Sequence[str], variables: dict[str, str] | None = None) -> Cost | None:
    """Run a tool to its end and say what it took; None where it has not read what it was given."""
    started = time.perf_counter()
    environment = {**os.environ, **(variables or {})}
    with subprocess.Popen(
        [*tool.command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    kilobyte = 1 if sys.platform == "darwin" else 1024
    cost = Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * kilobyte)
    return cost if child.returncode in tool.codes else None


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*(statistics.median(values) for values in zip(*((c.cpu, c.wall, c.peak) for c in costs), strict=True)))


def print_papers(costs: dict[Tool, dict[Paper, Cost]]) -> None:
    """A table in Markdown, of one paper at a time: CPU a page, pages a second, and the share of the yardstick's CPU."""
    yardstick = next(costs[tool] for tool in costs if tool.name == YARDSTICK)
    if not yardstick:
        sys.exit("no paper that all of the tools can read")
    pages = sum(paper.pages for paper in yardstick)
    print("One paper at a time, start-up and all:\n")
    print(
        "| | CPU ms/page, all pages | median paper | pages/s | of extract_text's CPU, all | median | mean | peak MB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for tool, found in costs.items():
        cpu, wall = (sum(each) for each in zip(*((cost.cpu, cost.wall) for cost in found.values()), strict=True))
        a_page = statistics.median(cost.cpu / paper.pages for paper, cost in found.items())
        shares = [cost.cpu / yardstick[paper].cpu for paper, cost in found.items()]
        share = cpu / sum(cost.cpu for cost in yardstick.values())
        peak = max(cost.peak for cost in found.values()) / 1e6
        print(
            f"| {tool.name} | {1e3 * cpu / pages:.1f} | {1e3 * a_page:.1f} | {pages / wall:.1f} | {share:.2f} "
            f"| {statistics.median(shares):.2f} | {statistics.mean(shares):.2f} | {peak:.0f} |"
        )
    print()


def print_warm(papers: Sequence[Paper], costs: Sequence[tuple[float, ...]]) -> None:
    """A table in Markdown, of one paper at a time without start-up."""
    print("One paper at a time, without start-up:\n")
    print("| | CPU ms/page, all pages | median paper | of extract_text's CPU, all | median | mean |")
    print("|---|---|---|---|---|---|")
    totals = [sum(column) for column in zip(*costs, strict=True)]
    for number, name in enumerate(("seedlint review", "seedlint, reading alone", YARDSTICK)):
        a_page = statistics.median(cost[number] / paper.pages for paper, cost in zip(papers, costs, strict=True))
        shares = [cost[number] / cost[-1] for cost in costs]
        print(
            f"| {name} | {1e3 * totals[number] / sum(paper.pages for paper in papers):.1f} | {1e3 * a_page:.1f} "
            f"| {totals[number] / totals[-1]:.2f} | {statistics.median(shares):.2f} | {statistics.mean(shares):.2f} |"
        )
    print()


def print_corpus(costs: dict[Tool, Cost], pages: int) -> None:
    """A table in Markdown, of all the papers in one run."""
    yardstick = next((cost.cpu for tool, cost in costs.items() if tool.name == YARDSTICK), float("nan"))
    print("All the papers in one run:\n")
    print("| | CPU ms/page | pages/s | of extract_text's CPU | peak MB |")
    print("|---|---|---|---|---|")
    for tool, cost in costs.items():
        print(
            f"| {tool.name} | {1e3 * cost.cpu / pages:.1f} | {pages / cost.wall:.1f} | {cost.cpu / yardstick:.2f} "
            f"| {cost.peak / 1e6:.0f} |"
        )
    print()


if __name__ == "__main__":
    main()
