from __future__ import annotations

import re
from dataclasses import replace

import pytest
from odd_reports import ACKNOWLEDGED, BROKEN, CLAIM, CLEAN, COMPARISON, EMPTY, FULL, HARD_CODED, ODD, SELECTION

from seedlint.report import View, render
from seedlint.uses import Evidence, Place, Report, SeedUse

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
LINES = {
    ("src/train.py", 12): "    seed_all(model, seed, 42)",
    ("compare.py", 3): "    for seed in range(5):",
}


def read_line(path: str, line: int, cell: int | None) -> str | None:
    return LINES.get((path, line))


def text_of(*findings, uses: tuple[SeedUse, ...] = (), **view) -> str:
    return render(Report(findings, uses, files=2), "text", view=View(**{"read_line": read_line, **view}))


def caret_of(line: str, place: Place, width: int = 100) -> tuple[str, str]:
    """The source line and the carets, both without their gutter."""
    finding = replace(HARD_CODED, place=place, evidence=())
    block = render(Report((finding,)), "text", view=View(read_line=lambda *_: line, width=width)).split("\n")
    return block[1].split("| ", 1)[1], block[2].split("| ", 1)[1]


def test_a_finding_shows_its_line_its_way_and_what_to_do():
    assert text_of(HARD_CODED) == (
        "src/train.py:12:23: error[SL101] hard-coded-seed: seed 42 is hard-coded for torch.manual_seed\n"
        " 12 |     seed_all(model, seed, 42)\n"
        "    |                       ^^\n"
        "    = src/seeding.py:8  torch.manual_seed(seed) seeds training\n"
        "    = src/train.py:12   seed_all is called with 42\n"
        "    = help: make the seed an option\n"
        "\n"
        "Found 1 finding (1 error) in 2 files\n"
    )


def test_the_gutter_grows_with_the_line_number():
    shown = render(
        Report((replace(HARD_CODED, place=Place("a.py", 12345, 1, 12345, 3)),)),
        "text",
        view=View(read_line=lambda *_: "42"),
    ).split("\n")
    assert shown[1:4] == [
        "12345 | 42",
        "      | ^^",
        "      = src/seeding.py:8  torch.manual_seed(seed) seeds training",
    ]


def test_an_acknowledged_finding_is_shown_with_its_reason():
    assert text_of(ACKNOWLEDGED) == (
        "study.ipynb:cell 2:3:8: acknowledged[SL101] hard-coded-seed: seed 42 is hard-coded for torch.manual_seed\n"
        "  3 | SEED = 42\n"
        "    = acknowledged: one run costs 4,000 GPU hours\n"
        "\n"
        "All clear: no risky seed use in 2 files; 1 acknowledged\n"
    )
    assert "= acknowledged: no reason given" in text_of(replace(ACKNOWLEDGED, acknowledged=" "))


def test_safe_uses_are_shown_when_asked_for():
    shown = text_of(uses=(SELECTION,), show_safe=True)
    assert shown == (
        "select.py:4:1: safe[model_selection] the best of several seeds is kept by a validation score "
        "(seeds range(5))\n"
        "    = select.py:9  the best by val_loss is kept\n"
        "\n"
        "All clear: no risky seed use in 2 files; 1 safe use\n"
    )
    assert text_of(uses=(SELECTION,)) == "All clear: no risky seed use in 2 files; 1 safe use\n"


def test_risky_uses_are_not_among_the_safe():
    assert "safe[fixed_seed]" not in render(FULL, "text", view=View(show_safe=True))


@pytest.mark.parametrize(
    ("report", "view", "last"),
    [
        (EMPTY, View(), "No files to check"),
        (CLEAN, View(), "All clear: no risky seed use in 7 files"),
        (CLEAN, View(hidden=3), "All clear: no risky seed use in 7 files; 3 in the baseline"),
        (BROKEN, View(), "No findings in 1 file; 1 file could not be read"),
        (
            FULL,
            View(),
            "Found 4 findings (2 errors, 1 warning, 1 note) in 12 files; 1 acknowledged; 1 safe use; "
            "1 file could not be read",
        ),
    ],
)
def test_the_last_line_sums_up(report, view, last):
    assert render(report, "text", view=view).split("\n")[-2] == last


def test_without_the_line_the_stripped_text_is_shown_without_carets():
    shown = text_of(HARD_CODED, read_line=None)
    assert " 12 |     seed_all(42)\n    = src/seeding.py" in shown
    assert "^" not in shown


def test_a_finding_without_any_text_has_no_snippet():
    assert "|" not in text_of(replace(HARD_CODED, text=""), read_line=None)


def test_tabs_do_not_shift_the_carets():
    source, carets = caret_of("\tseed_all(\t42)", Place("a.py", 1, 12, 1, 14))
    assert source == "    seed_all(    42)"
    assert source.index("42") == carets.index("^")
    assert carets.strip() == "^^"


def test_wide_and_combining_characters_are_counted_as_a_terminal_shows_them():
    wide, carets = caret_of('seed("種種", 42)', Place("a.py", 1, 12, 1, 14))
    assert (wide, carets) == ('seed("種種", 42)', " " * 13 + "^^")
    combining, carets = caret_of('seed("e\u0301", 42)', Place("a.py", 1, 12, 1, 14))
    assert (combining, carets) == ('seed("e\u0301", 42)', " " * 10 + "^^")
    full, carets = caret_of("ｓ = 42", Place("a.py", 1, 5, 1, 7))
    assert (full, carets) == ("ｓ = 42", " " * 5 + "^^")
    _, carets = caret_of("種 = 42", Place("a.py", 1, 1, 1, 2))
    assert carets == "^^"


@pytest.mark.parametrize(
    ("place", "carets"),
    [
        (Place("a.py", 1, 3, 4, 9), "  ^^^^^^"),
        (Place("a.py", 1, 3), "  ^"),
        (Place("a.py", 1, 3, 1, 3), "  ^"),
        (Place("a.py", 1, 3, 1, 400), "  ^^^^^^"),
        (Place("a.py", 1, 300, 1, 400), "        ^"),
    ],
)
def test_carets_of_odd_spans_stay_on_the_line(place, carets):
    assert caret_of("for x in   ", place) == ("for x in", carets)


@pytest.mark.parametrize("at", [0, 40, 150, 290])
def test_a_long_line_is_cut_around_the_span(at):
    line = "a" * at + "SEED" + "b" * (300 - at)
    source, carets = caret_of(line, Place("a.py", 1, at + 1, 1, at + 5), width=80)
    assert len(source) <= 80 - len("    | ")
    assert source[carets.index("^") : carets.rindex("^") + 1] == "SEED"
    assert source.endswith("...") == (at < 290)
    assert source.startswith("...") == (at > 70)


def test_a_span_longer_than_the_window_is_underlined_as_far_as_it_is_shown():
    source, carets = caret_of("x" * 10 + "y" * 500, Place("a.py", 1, 11, 1, 511), width=60)
    assert len(carets) <= len(source) <= 60 - len("    | ")
    assert set(source[carets.index("^") : carets.rindex("^") + 1]) == {"y"}


def test_a_long_way_keeps_its_ends():
    way = tuple(Evidence("a.py", line, f"step {line}") for line in range(1, 13))
    shown = text_of(replace(HARD_CODED, evidence=way))
    assert re.findall(r"= (?:a.py:\d+ +)?(.*)", shown)[:-1] == [
        "step 1",
        "step 2",
        "step 3",
        "... 7 more steps",
        "step 11",
        "step 12",
    ]
    assert "... " not in text_of(replace(HARD_CODED, evidence=way[:6]))


def test_help_is_broken_at_the_width_of_the_terminal():
    shown = text_of(replace(CLAIM, help="word " * 30), width=60)
    lines = shown.split("\n")
    start = next(index for index, line in enumerate(lines) if "help: " in line)
    assert all(len(line) <= 60 for line in lines[start : start + 3])
    assert lines[start + 1].startswith(" " * 12 + "word")


def test_nothing_in_a_file_reaches_the_terminal_as_a_command():
    shown = render(
        Report((ODD,)), "text", view=View(read_line=lambda *_: "x = '\x1b[2J\u202e' + \x0c 42  # \udce9", colour=False)
    )
    assert all(char == "\n" or char.isprintable() for char in shown)
    assert "x = '?[2J?' +   42  # ?" in shown
    shown.encode("utf-8")


def test_colour_adds_nothing_but_colour():
    plain, coloured = (render(FULL, "text", view=View(read_line=read_line, colour=colour)) for colour in (False, True))
    assert ESCAPE.sub("", coloured) == plain
    assert "\x1b" not in plain
    assert "\x1b[31m\x1b[1merror[SL101]" in coloured


def test_acknowledged_findings_are_dim():
    block = text_of(ACKNOWLEDGED, colour=True).split("\n\n")[0]
    assert all(line.startswith("\x1b[2m") and line.endswith("\x1b[0m") for line in block.split("\n"))


def test_statistics_stand_in_place_of_the_findings():
    report = Report((COMPARISON, HARD_CODED, CLAIM, ACKNOWLEDGED), (SELECTION,), files=2)
    assert render(report, "text", view=View(statistics=True, show_safe=True)) == (
        "2  SL101  hard-coded-seed         error    (1 acknowledged)\n"
        "1  SL104  replicability-claim     note\n"
        "1  SL202  seed-only-distribution  warning\n"
        "1  safe   model_selection\n"
        "\n"
        "Found 3 findings (1 error, 1 warning, 1 note) in 2 files; 1 acknowledged; 1 safe use\n"
    )
    counts = render(Report((HARD_CODED,) * 12 + (CLAIM,), files=2), "text", view=View(statistics=True))
    assert counts.startswith("12  SL101  hard-coded-seed      error\n 1  SL104  replicability-claim  note\n")


def test_statistics_of_nothing_are_the_summary():
    assert render(CLEAN, "text", view=View(statistics=True)) == "All clear: no risky seed use in 7 files\n"


def alike(count: int) -> list:
    places = [Place(f"configs/{number}.yaml", 3) for number in range(count)]
    return [replace(HARD_CODED, place=place, evidence=()) for place in places]


def test_many_findings_with_one_message_are_folded():
    shown = text_of(*alike(9), COMPARISON)
    assert [number for number in range(9) if f"configs/{number}.yaml:3:1: error" in shown] == [0, 1, 2]
    assert "= and 6 more findings like these: configs/3.yaml:3, configs/4.yaml:3, configs/5.yaml:3, ...\n" in shown
    assert "compare.py:3" in shown
    assert "Found 10 findings" in shown


def test_a_few_findings_with_one_message_are_all_shown():
    shown = text_of(*alike(6))
    assert all(f"configs/{number}.yaml:3:1: error" in shown for number in range(6))
    assert "more" not in shown


def test_acknowledged_findings_are_never_folded():
    shown = text_of(*(replace(finding, acknowledged="replays the release") for finding in alike(9)))
    assert all(f"configs/{number}.yaml:3:1: acknowledged" in shown for number in range(9))
