"""One page about recorded searches, which needs nothing beside it, and its tables and pictures as files.

Only what is recorded is shown: no model is trained, and no test set opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import seedlint
from seedlint.trainer import plots, tables
from seedlint.trainer.comparison import TuningCurve, compare_families, tuning_curve
from seedlint.trainer.study import Study
from seedlint.trainer.tables import Table
from seedlint.trainer.wording import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BEST = 10
"""So many trials are on the page; all are in the files."""

FORMATS: dict[str, Callable[[Table], str]] = {"md": tables.markdown, "csv": tables.csv, "tex": tables.latex}


class ReportError(ValueError):
    """A report that cannot be written, with the reason."""


@dataclass(frozen=True)
class Picture:
    """A figure, the name of its files without suffix, and what it shows in words."""

    stem: str
    caption: str
    figure: Figure


@dataclass(frozen=True)
class Section:
    """A part of the page. Tables go by the names of their files without suffix; those `in_full` are in files only."""

    title: str
    sentences: tuple[str, ...]
    tables: dict[str, Table]
    in_full: dict[str, Table]
    pictures: tuple[Picture, ...] = ()
    signature: str = ""


def write(studies: Sequence[Study], folder: Path, *, seed_is_all: bool = False) -> Path:
    """Write report.html into `folder`, with tables as .md, .csv and .tex and pictures as .png and .svg; return its path.

    Two studies or more are compared as `compare_families` does; where it refuses, the page says why.
    """
    parts = sections(studies, seed_is_all=seed_is_all)
    path = folder / "report.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in parts:
            for stem, table in {**part.tables, **part.in_full}.items():
                for suffix, rendered in FORMATS.items():
                    (folder / f"{stem}.{suffix}").write_text(rendered(table), encoding="utf-8", newline="\n")
            for picture in part.pictures:
                for suffix in ("png", "svg"):
                    plots.save(picture.figure, folder / f"{picture.stem}.{suffix}")
        path.write_text(page(parts), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ReportError(f"{folder}: {error.strerror}") from error
    return path


def sections(studies: Sequence[Study], *, seed_is_all: bool = False) -> list[Section]:
    """Return what the page says: of all studies together, then of each."""
    if not studies:
        raise ReportError("a report needs a study")
    curves = [_curve_or_refusal(study) for study in studies]
    single = [_of_study(i, study, curve) for i, (study, curve) in enumerate(zip(studies, curves, strict=True), 1)]
    return [_of_all(studies, curves, seed_is_all), *single]


def _curve_or_refusal(study: Study) -> TuningCurve | str:
    try:
        return tuning_curve(study)
    except ValueError as refusal:
        return f"No tuning curve: {refusal}."


def _of_study(number: int, study: Study, curve: TuningCurve | str) -> Section:
    name = re.sub(r"\W+", "-", study.family).strip("-")
    stem = f"{number}-{name[:40]}"
    shown = {f"{stem}-space": tables.of_space(study)}
    in_full = {}
    if study.trials:
        shown[f"{stem}-best"] = tables.of_trials(study, best=BEST)
        in_full[f"{stem}-trials"] = tables.of_trials(study)
    if study.store.openings:
        shown[f"{stem}-openings"] = tables.of_openings(study)
    if isinstance(curve, TuningCurve):
        shown[f"{stem}-curve"] = tables.of_curve(_at_powers_of_two(curve))
        in_full[f"{stem}-whole-curve"] = tables.of_curve(curve)
    refusal = (curve,) if isinstance(curve, str) else ()
    return Section(study.family, (*_counts(study), *refusal), shown, in_full, signature=study.signature())


def _counts(study: Study) -> list[str]:
    store, trials = study.store, study.trials
    diverged = sum(trial.diverged for trial in trials)
    words = [
        f"Trials begun: {store.tried}; run to their end: {len(trials)}; diverged, and counted as chance: {diverged}."
    ]
    if study.halved:
        words.append(f"Early scores stopped the other {store.tried - len(trials)}: {store.head.selection}.")
    if trials:
        words.append(
            f"The best validation score is {percent(study.best.score)}, of trial {study.best.id}. "
            "A score that selects a model is no estimate of how well it does; that is what the test set is for."
        )
    times = len(store.openings)
    words.append(
        f"The test set was opened {times} time{'s' if times > 1 else ''}."
        if times
        else "The test set has not been opened."
    )
    return words


def _at_powers_of_two(curve: TuningCurve) -> TuningCurve:
    kept = (curve.n & (curve.n - 1)) == 0
    kept[-1] = True
    return replace(curve, n=curve.n[kept], expected=curve.expected[kept], low=curve.low[kept], high=curve.high[kept])


def _of_all(studies: Sequence[Study], curves: Sequence[TuningCurve | str], seed_is_all: bool) -> Section:
    sentences, shown = [], {}
    if len(studies) > 1:
        try:
            comparisons = compare_families(studies, seed_is_all=seed_is_all)
            shown["families"] = tables.of_families(comparisons)
            sentences += [one.sentence for one in comparisons]
        except ValueError as refusal:
            sentences.append(f"No comparison of the families: {refusal}.")
    drawable = [(study, curve) for study, curve in zip(studies, curves, strict=True) if isinstance(curve, TuningCurve)]
    if drawable and not plots.available():
        sentences.append(f"No pictures: {plots.MISSING}.")
    pictures = _pictures(drawable) if drawable and plots.available() else ()
    return Section("Families" if len(studies) > 1 else "All trials", tuple(sentences), shown, {}, pictures)


def _pictures(drawable: Sequence[tuple[Study, TuningCurve]]) -> tuple[Picture, ...]:
    return (
        Picture(
            "tuning-curves",
            "Expected validation score of the best of n trials, for n up to half of the trials. Shaded is a band that holds for "
            "all n at once: curves whose bands part differ; curves whose bands meet may differ, too.",
            plots.tuning_curves([curve for _, curve in drawable]),
        ),
        Picture(
            "distributions",
            "Validation scores of all trials: the share at or below each score. Further to the right is better.",
            plots.distributions([study for study, _ in drawable]),
        ),
    )


def page(parts: Sequence[Section]) -> str:
    """Return the page as HTML: no script, and nothing fetched from elsewhere."""
    title = escape("Search report: " + ", ".join(part.title for part in parts[1:]))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        + "".join(map(_section, parts))
        + f"</main>\n<footer><p>seedlint {escape(seedlint.__version__)}. Beside this page lie its tables as Markdown, CSV "
        "(scores as fractions, in full) and LaTeX, with all trials and whole curves.</p></footer>\n</body>\n</html>\n"
    )


def _section(part: Section) -> str:
    signature = f"<p><code>{escape(part.signature).replace('|', '|<wbr>')}</code></p>\n" if part.signature else ""
    return (
        f"<section>\n<h2>{escape(part.title)}</h2>\n{signature}"
        + "".join(f"<p>{escape(sentence)}</p>\n" for sentence in part.sentences)
        + "".join(map(_table, part.tables.values()))
        + "".join(map(_figure, part.pictures))
        + "</section>\n"
    )


def _table(table: Table) -> str:
    kinds = [' class="number"' if numeric else "" for numeric in table.numeric]
    head = "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(table.columns, kinds, strict=True)
    )
    rows = "".join(f"<tr>{_row([tables.shown(cell) for cell in row], kinds)}</tr>\n" for row in table.rows)
    title = escape(table.title)
    return (
        f'<div class="wide" role="region" aria-label="{title}" tabindex="0">\n<table>\n<caption>{title}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def _row(cells: Sequence[str], kinds: Sequence[str]) -> str:
    head, *rest = (f"{kind}>{escape(cell)}" for cell, kind in zip(cells, kinds, strict=True))
    return f'<th scope="row"{head}</th>' + "".join(f"<td{cell}</td>" for cell in rest)


def _figure(picture: Picture) -> str:
    caption = escape(picture.caption)
    return f"<figure>\n{_inline(plots.svg(picture.figure), picture.stem, caption)}<figcaption>{caption}</figcaption>\n</figure>\n"


def _inline(svg: str, stem: str, label: str) -> str:
    """Fit SVG into a page: without the parts that belong to a file, and with names that no other picture has."""
    svg = re.sub(
        r"<metadata>.*?</metadata>\s*| xmlns(:xlink)?=\"[^\"]*\"", "", svg[svg.index("<svg") :], flags=re.DOTALL
    )
    svg = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{stem}-", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --faint: #5a5a5a; --rule: #c8c8c8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #141414; --faint: #a8a8a8; --rule: #4a4a4a; }
  figure svg { filter: invert(1) hue-rotate(180deg); }
}
body { margin: 0 auto; max-width: 66rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1, h2 { line-height: 1.2; overflow-wrap: anywhere; }
section { border-top: 1px solid var(--rule); margin-top: 2rem; }
p, figcaption { max-width: 45rem; }
code { font-size: .8rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; margin: 1.5rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; white-space: nowrap; font-weight: 600; padding-bottom: .3rem; }
th, td { padding: .2rem .7rem .2rem 0; text-align: left; font-weight: 400; white-space: nowrap; }
thead th { border-bottom: 1px solid var(--ink); color: var(--faint); }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
.number { text-align: right; }
figure { margin: 1.5rem 0; }
figure svg { max-width: 100%; height: auto; }
figcaption, footer { color: var(--faint); font-size: .9rem; }
@media print { .wide { overflow: visible; } caption, th, td { white-space: normal; } figure, tr { break-inside: avoid; } }
"""
