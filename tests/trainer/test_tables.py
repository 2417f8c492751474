from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("scipy")

from fabricated import best_comparison, ensemble, fabricated, selection, sensitivity
from tiny import Tiny

from seedlint.trainer import tables
from seedlint.trainer.comparison import compare_families, tuning_curve
from seedlint.trainer.tables import Number, Table

SMALL = Table(
    "Two families",
    ("family", "score", "n"),
    (("relu", Number(1 / 3, "33.3 %"), 8), ("tanh", Number(0.5, "50.0 %"), 16)),
)


def read(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(tables.csv(table))))


def column(table: Table, name: str) -> list[float]:
    return [float(row[name]) for row in read(table)]


def test_markdown_is_a_pipe_table_that_reads_as_text() -> None:
    assert tables.markdown(SMALL) == (
        "**Two families**\n"
        "\n"
        "| family |  score |   n |\n"
        "| ------ | -----: | --: |\n"
        "| relu   | 33.3 % |   8 |\n"
        "| tanh   | 50.0 % |  16 |\n"
    )


def test_latex_is_a_booktabs_table_with_the_title_as_caption() -> None:
    assert tables.latex(SMALL) == (
        "\\begin{table}\n"
        "\\centering\n"
        "\\caption{Two families}\n"
        "\\begin{tabular}{lrr}\n"
        "\\toprule\n"
        "family & score & n \\\\\n"
        "\\midrule\n"
        "relu & 33.3 \\% & 8 \\\\\n"
        "tanh & 50.0 \\% & 16 \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}\n"
        "\\end{table}\n"
    )


def test_csv_gives_numbers_back_to_the_last_digit() -> None:
    values = [1 / 3, 0.1 + 0.2, 1e-300, float(np.float64(2) / 7)]
    table = Table("", ("shown", "bare", "seed"), tuple((Number(v, "about"), v, 2**31 - 1) for v in values))
    assert column(table, "shown") == values
    assert column(table, "bare") == values
    assert {row["seed"] for row in read(table)} == {"2147483647"}


def test_csv_keeps_a_name_with_commas_quotes_and_lines() -> None:
    name = 'a, "b"\nc'
    assert read(Table("", ("family", "n"), ((name, 1),))) == [{"family": name, "n": "1"}]


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        *((c, f"\\{c}") for c in "_%&$#{}"),
        ("~", r"\textasciitilde{}"),
        ("^", r"\textasciicircum{}"),
        ("\\", r"\textbackslash{}"),
        ("<", r"\textless{}"),
        (">", r"\textgreater{}"),
        ("|", r"\textbar{}"),
    ],
)
def test_latex_prints_its_own_characters(character: str, expected: str) -> None:
    lines = tables.latex(Table(f"t{character}t", (f"c{character}c",), ((f"r{character}r",),))).splitlines()
    assert lines[2] == rf"\caption{{t{expected}t}}"
    assert lines[5] == rf"c{expected}c \\"
    assert lines[7] == rf"r{expected}r \\"


@pytest.mark.parametrize("name", ["[2cm] family", "* family"])
def test_latex_does_not_take_a_row_for_an_argument_of_the_line_break_before(name: str) -> None:
    assert not re.search(r"\\\\\s*[\[*]", tables.latex(Table("", ("family",), (("a",), (name,)))))


@pytest.mark.parametrize("name", ["a|b", "a\\|b", "a\nb", "a\r\nb | c"])
def test_markdown_and_latex_keep_a_name_in_its_cell(name: str) -> None:
    table = Table("", ("family", "n"), ((name, 1),))
    row = tables.markdown(table).splitlines()[-1]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3
    assert len(tables.markdown(table).splitlines()) == 5
    assert len(tables.latex(table).splitlines()) == len(tables.latex(Table("", ("a",), (("b",),))).splitlines())


def test_markdown_shows_markup_as_it_was_written_and_leaves_snake_case_alone() -> None:
    row = tables.markdown(Table("", ("family",), (("weight_decay _x_ *y* <b> [z] `k`",),))).splitlines()[-1]
    assert row == r"| weight_decay \_x\_ \*y\* \<b> \[z\] \`k\` |"


def test_trials_are_listed_by_id_with_their_hyperparameters() -> None:
    study = fabricated(n=24)
    table = tables.of_trials(study)
    assert column(table, "trial") == list(range(24))
    assert column(table, "validation score") == [trial.score for trial in study.trials]
    for name in Tiny.space.dimensions:
        assert column(table, name) == [trial.config[name] for trial in study.trials]
    assert [row["diverged"] for row in read(table)].count("yes") == 1
    assert read(table)[1]["diverged"] == "yes"


def test_best_trials_come_first_and_say_of_how_many() -> None:
    study = fabricated(n=24)
    table = tables.of_trials(study, best=5)
    assert table.title == "The best 5 of 24 trials by validation: tiny"
    assert column(table, "validation score") == sorted((t.score for t in study.trials), reverse=True)[:5]
    assert column(table, "trial")[0] == study.best.id


def test_a_halved_search_lists_each_trial_once_as_far_as_it_went() -> None:
    table = tables.of_trials(fabricated(n=9, halved=True))
    assert column(table, "trial") == list(range(9))
    assert column(table, "steps") == [12, 4, 4] * 3


def test_best_trials_of_a_halved_search_are_those_that_ran_to_their_end() -> None:
    assert set(column(tables.of_trials(fabricated(n=9, halved=True), best=3), "trial")) == {0, 3, 6}


def test_search_space_says_what_is_drawn_from_what() -> None:
    rows = {row["name"]: row["drawn from"] for row in read(tables.of_space(fabricated()))}
    assert rows["lr"] == "log_uniform: [0.01, 0.1]"
    assert rows["width"] == "choice: [4, 8, 16]"
    assert set(rows) == set(Tiny.space.dimensions)


def test_openings_say_when_for_which_model_and_what() -> None:
    study = fabricated()
    study.store.open_test([3], 0.75, np.ones(50, bool))
    study.store.open_test([3, 5], 0.8, np.ones(50, bool))
    rows = read(tables.of_openings(study))
    assert [row["trials of the model"] for row in rows] == ["3", "3, 5"]
    assert [float(row["test score"]) for row in rows] == [0.75, 0.8]
    assert [row["when (UTC)"] for row in rows] == [opening.at for opening in study.store.openings]


def test_a_selection_shows_both_scores_and_the_interval() -> None:
    chosen = selection(fabricated(), 45)
    (row,) = read(tables.of_selection(chosen))
    assert float(row["validation score"]) == chosen.trial.score
    assert (float(row["test score"]), float(row["low"]), float(row["high"])) == (
        0.9,
        chosen.interval.low,
        chosen.interval.high,
    )
    assert "90.0 %" in tables.markdown(tables.of_selection(chosen))
    assert "95 % interval" in tables.of_selection(chosen).title


def test_an_ensemble_shows_the_gain_of_averaging_with_its_interval() -> None:
    table = tables.of_ensemble(ensemble())
    alone, averaged, voted = read(table)
    assert [float(row["test score"]) for row in (alone, averaged, voted)] == [0.8, 0.9, 0.88]
    interval = ensemble().gain.interval
    gain = tuple(float(averaged[name]) for name in ("gain", "low", "high"))
    assert gain == (ensemble().gain.gap, interval.low, interval.high)
    assert alone["gain"] == voted["gain"] == ""
    assert "+10.0 points" in tables.markdown(table)


def test_sensitivity_has_a_row_for_each_thing_varied() -> None:
    found = sensitivity()
    table = tables.of_sensitivity(found)
    assert [row["varied"] for row in read(table)] == list(found.spreads)
    assert column(table, "sd") == [spread.sd for spread in found.spreads.values()]
    assert column(table, "least") == [spread.low for spread in found.spreads.values()]
    assert column(table, "greatest") == [spread.high for spread in found.spreads.values()]
    assert column(table, "n") == [20] * 5


def test_a_gap_between_best_models_stands_beside_its_interval_and_both_tests() -> None:
    found = best_comparison()
    (row,) = read(tables.of_best(found))
    assert (float(row["first score"]), float(row["second score"])) == (0.9, 0.8)
    assert (float(row["gap"]), float(row["low"]), float(row["high"])) == (
        found.bootstrap.gap,
        found.bootstrap.interval.low,
        found.bootstrap.interval.high,
    )
    assert (float(row["p, bootstrap"]), float(row["p, McNemar"])) == (found.bootstrap.p_value, found.mcnemar)


def test_families_have_a_row_for_each_pair_with_effect_size_and_both_p_values() -> None:
    found = compare_families([fabricated("a"), fabricated("b", mean=0.6), fabricated("c", 30, search_seed=8)])
    table = tables.of_families(found)
    rows = read(table)
    assert [(row["A"], row["B"]) for row in rows] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [(row["n of A"], row["n of B"]) for row in rows] == [("24", "24"), ("24", "30"), ("24", "30")]
    assert [row["test"] for row in rows] == ["Wilcoxon, paired", "Mann-Whitney", "Mann-Whitney"]
    assert column(table, "p") == [one.p_value for one in found]
    assert column(table, "p, Holm") == [one.adjusted for one in found]
    assert column(table, "effect") == [one.effect for one in found]
    assert column(table, "P(A > B)") == [one.superiority.probability for one in found]
    assert column(table, "low") == [one.superiority.interval.low for one in found]


def test_a_curve_has_a_row_for_each_number_of_trials_to_half_of_them() -> None:
    curve = tuning_curve(fabricated(n=24))
    table = tables.of_curve(curve)
    assert column(table, "n") == list(range(1, 13))
    assert column(table, "expected") == curve.expected.tolist()
    assert column(table, "low") == curve.low.tolist()
    assert column(table, "high") == curve.high.tolist()
