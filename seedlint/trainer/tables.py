"""Results as tables, and tables as Markdown, CSV and LaTeX."""

from __future__ import annotations

import csv as _csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from seedlint.trainer import wording
from seedlint.trainer.comparison import BestComparison, FamilyComparison, TuningCurve
from seedlint.trainer.patterns import Ensemble, Selection, Sensitivity
from seedlint.trainer.stats import PairedBootstrap
from seedlint.trainer.store import Trial
from seedlint.trainer.study import Study


@dataclass(frozen=True)
class Number:
    """A number as measured, which CSV holds, and as a reader is shown it, with its unit."""

    value: float
    shown: str


Cell: TypeAlias = str | int | float | Number


@dataclass(frozen=True)
class Table:
    """A title, the names of the columns, and rows as long as these."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether each column holds numbers, which are set to the right."""
        return tuple(
            any(not isinstance(row[i], str) for row in self.rows)
            and all(not isinstance(row[i], str) or row[i] == "" for row in self.rows)
            for i in range(len(self.columns))
        )


def shown(cell: Cell) -> str:
    """Return a cell as a reader sees it, in one line: a bare float to four digits."""
    if isinstance(cell, Number):
        return cell.shown
    return f"{cell:.4g}" if isinstance(cell, float) else " ".join(str(cell).split())


def markdown(table: Table) -> str:
    """Return the title and a pipe table, whose columns are aligned for reading as plain text, too."""
    cells = [[_markdown_escaped(shown(cell)) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(3, *map(len, column)) for column in zip(*cells, strict=True)]
    rules = ["-" * (width - 1) + (":" if right else "-") for width, right in zip(widths, table.numeric, strict=True)]
    lines = [
        " | ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, table.numeric, strict=True)
        )
        for row in (cells[0], rules, *cells[1:])
    ]
    return f"**{_markdown_escaped(shown(table.title))}**\n\n" + "".join(f"| {line} |\n" for line in lines)


def csv(table: Table) -> str:
    """Return the columns and rows with every number in full: scores as fractions, gaps of them too."""
    text = io.StringIO()
    rows = [[cell.value if isinstance(cell, Number) else cell for cell in row] for row in table.rows]
    _csv.writer(text, lineterminator="\n").writerows([table.columns, *rows])
    return text.getvalue()


def latex(table: Table) -> str:
    """Return a floating table for the package booktabs; nothing in a cell is read as a command."""
    head, *rows = (
        " & ".join(_latex_escaped(shown(cell)) for cell in row) + r" \\" for row in (table.columns, *table.rows)
    )
    layout = "".join("r" if right else "l" for right in table.numeric)
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_latex_escaped(shown(table.title))}}}",
            rf"\begin{{tabular}}{{{layout}}}",
            r"\toprule",
            head,
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def of_trials(study: Study, best: int | None = None) -> Table:
    """Return the trials by their ids, each as far as it was trained, or the `best` ones, the best first."""
    furthest = {trial.id: trial for _, trial in sorted(study.store.trials.items())}
    trials = list(furthest.values())
    if best is not None:
        trials = sorted(trials, key=lambda trial: (-trial.steps, -trial.score, trial.id))[:best]
    names = tuple(study.store.head.space.dimensions)
    which = "Trials" if best is None else f"The best {len(trials)} of {len(furthest)} trials by validation"
    return Table(
        f"{which}: {study.family}",
        ("trial", *names, "steps", "validation score", "diverged"),
        tuple(_of_trial(trial, names) for trial in trials),
    )


def _of_trial(trial: Trial, names: Sequence[str]) -> tuple[Cell, ...]:
    values = (trial.config[name] for name in names)
    return (trial.id, *values, trial.steps, _percent(trial.score), "yes" if trial.diverged else "no")


def of_space(study: Study) -> Table:
    """Return what each trial's configuration is drawn from."""
    dimensions = study.store.head.space.as_json()
    rows = tuple((name, json.dumps(dimension).strip("{}").replace('"', "")) for name, dimension in dimensions.items())
    return Table(f"Search space: {study.family}", ("name", "drawn from"), rows)


def of_openings(study: Study) -> Table:
    """Return when the test set was opened, for which trials' model, and what it said."""
    return Table(
        f"The test set was opened: {study.family}",
        ("when (UTC)", "trials of the model", "model", "test score"),
        tuple((one.at, ", ".join(map(str, one.trials)), one.what, _percent(one.score)) for one in study.store.openings),
    )


def of_selection(selection: Selection) -> Table:
    """Return the selected trial with its scores on validation, which chose it, and on the test set."""
    interval = selection.interval
    return Table(
        f"The best trial by validation: {selection.family}; {wording.level(interval)} of the test score",
        (
            "trial",
            "trials",
            "diverged",
            "validation score",
            "test score",
            "low",
            "high",
            "test examples",
            "test set opened",
            "openings",
        ),
        (
            (
                selection.trial.id,
                selection.trials,
                selection.diverged,
                _percent(selection.trial.score),
                _percent(selection.test),
                _percent(interval.low),
                _percent(interval.high),
                selection.correct.size,
                selection.opened_at,
                selection.openings,
            ),
        ),
    )


def of_ensemble(ensemble: Ensemble) -> Table:
    """Return the test scores of the best member, of averaging and of voting, with what averaging gains."""
    gain = ensemble.gain
    return Table(
        f"{len(ensemble.members)} seeds of one configuration: {ensemble.family}; {wording.level(gain.interval)} of the gain",
        ("model", "test score", "gain", "low", "high"),
        (
            ("best member by validation", _percent(ensemble.single), "", "", ""),
            ("averaged probabilities", _percent(ensemble.average), *_gap(gain)),
            ("majority vote", _percent(ensemble.vote), "", "", ""),
        ),
    )


def of_sensitivity(sensitivity: Sensitivity) -> Table:
    """Return the spread of validation scores by what is varied."""
    return Table(
        f"Spread of validation scores around trial {sensitivity.held_at}: {sensitivity.family}",
        ("varied", "sd", "least", "greatest", "n"),
        tuple(
            (
                what,
                Number(spread.sd, f"{wording.points(spread.sd)} points"),
                _percent(spread.low),
                _percent(spread.high),
                spread.n,
            )
            for what, spread in sensitivity.spreads.items()
        ),
    )


def of_best(comparison: BestComparison) -> Table:
    """Return the test scores of two selected models and the gap between them."""
    bootstrap = comparison.bootstrap
    return Table(
        f"The best models by validation, on the test set; {wording.level(bootstrap.interval)} of the gap",
        (
            "first",
            "second",
            "first score",
            "second score",
            "gap",
            "low",
            "high",
            "p, bootstrap",
            "p, McNemar",
            "test examples",
        ),
        (
            (
                comparison.first.family,
                comparison.second.family,
                _percent(comparison.first.test),
                _percent(comparison.second.test),
                *_gap(bootstrap),
                _p(bootstrap.p_value),
                _p(comparison.mcnemar),
                bootstrap.n,
            ),
        ),
    )


def of_families(comparisons: Sequence[FamilyComparison]) -> Table:
    """Return a row for each two families: validation scores of all their trials."""
    levels = sorted({wording.level(one.superiority.interval) for one in comparisons})
    return Table(
        f"Families over all hyperparameters; {', '.join(levels)} of P(A > B)",
        (
            "A",
            "B",
            "n of A",
            "n of B",
            "mean of A",
            "mean of B",
            "P(A > B)",
            "low",
            "high",
            "effect",
            "p",
            "p, Holm",
            "test",
        ),
        tuple(
            (
                one.first,
                one.second,
                *one.n,
                *map(_percent, one.means),
                *map(
                    _fraction,
                    (one.superiority.probability, one.superiority.interval.low, one.superiority.interval.high),
                ),
                Number(one.effect, f"{one.effect:+.2f}"),
                _p(one.p_value),
                _p(one.adjusted),
                "Wilcoxon, paired" if one.paired else "Mann-Whitney",
            )
            for one in comparisons
        ),
    )


def of_curve(curve: TuningCurve) -> Table:
    """Return the expected validation score of the best of n trials with its simultaneous band, for each n."""
    rows = zip(curve.n.tolist(), curve.expected.tolist(), curve.low.tolist(), curve.high.tolist(), strict=True)
    return Table(
        f"Expected validation score of the best of n trials, {100 * curve.level:g} % band for all n at once: {curve.family}",
        ("n", "expected", "low", "high"),
        tuple((n, *map(_percent, scores)) for n, *scores in rows),
    )


def _percent(score: float) -> Number:
    return Number(score, wording.percent(score))


def _fraction(probability: float) -> Number:
    return Number(probability, f"{probability:.2f}")


def _p(value: float) -> Number:
    return Number(value, wording.p(value).removeprefix("p = "))


def _gap(bootstrap: PairedBootstrap) -> tuple[Number, Number, Number]:
    gap, low, high = (
        Number(value, f"{100 * value:+.1f} points")
        for value in (bootstrap.gap, bootstrap.interval.low, bootstrap.interval.high)
    )
    return gap, low, high


_MARKDOWN = re.compile(r"[\\`*\[\]<|~$&#]|(?<!\w)_|_(?!\w)")
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # At the start of a row, `\\` would take these two for its own.
    "[": "{[}",
    "*": "{*}",
    **{character: f"\\{character}" for character in "_%&$#{}"},
}


def _markdown_escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\g<0>", text)


def _latex_escaped(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
