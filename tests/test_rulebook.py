"""The rule set itself: every page is complete, its words keep to the form, and every risk has one rule."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from seedlint.rulebook import (
    BLOCK,
    DEFAULT_FILES,
    Example,
    Expectation,
    Rule,
    RulebookError,
    UnknownRule,
    examples_in,
    load_rulebook,
    read_rule,
    read_rulebook,
)
from seedlint.uses import Circumstance, Severity, Use

RULES = list(load_rulebook())
ABOUT_FIXED_SEEDS = [rule for rule in RULES if rule.use is Use.FIXED_SEED]
ABOUT_PAPERS = [rule for rule in RULES if rule.applies_to == ("paper",)]

SECTIONS = (
    "What it does",
    "Why it is risky",
    "Example",
    "Use instead",
    "When one seed is acceptable",
    "More examples",
    "References",
)
SAFE = {
    Circumstance.VALIDATION_SELECTION,
    Circumstance.SEARCHED,
    Circumstance.COMBINED,
    Circumstance.SPREAD,
}
READERS = {"python", "notebook", "config", "shell", "sweep", "paper"}
COMMANDING = {"no", "use", "avoid", "prefer", "missing", "require", "forbid", "do", "dont", "never", "set", "check"}

PAGE = """+++
code = "SL999"
name = "lucky-number"
use = "fixed_seed"
circumstance = "hard-coded"
severity = "error"
since = "0.1.0"
applies_to = ["python"]
message = "{subject} is lucky for {sink}"
help = "roll again"
+++

## What it does

Nothing.
"""

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def section(rule: Rule, title: str) -> str:
    """The text under one heading of a page."""
    return re.split(r"^## ", rule.body.split(f"## {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def prose(rule: Rule) -> str:
    """A page's body with each run of blanks and line breaks as one blank."""
    return " ".join(rule.body.split())


def test_codes_are_unique_and_in_order() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))


def test_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_the_rules_are_those_that_are_promised() -> None:
    assert {rule.code: (rule.name, rule.severity) for rule in RULES} == {
        "SL001": ("unused-suppression", Severity.WARNING),
        "SL101": ("hard-coded-seed", Severity.ERROR),
        "SL102": ("default-seed", Severity.WARNING),
        "SL103": ("pinned-seed", Severity.WARNING),
        "SL104": ("replicability-claim", Severity.NOTE),
        "SL201": ("seed-only-comparison", Severity.ERROR),
        "SL202": ("seed-only-distribution", Severity.WARNING),
        "SL203": ("seed-only-sweep", Severity.WARNING),
        "SL301": ("seed-selected-on-test", Severity.ERROR),
        "SL401": ("paper-fixed-seed", Severity.WARNING),
        "SL402": ("paper-seed-only-comparison", Severity.WARNING),
        "SL403": ("paper-seed-unreported", Severity.NOTE),
        "SL404": ("paper-best-seed-on-test", Severity.ERROR),
    }


@every_rule
def test_file_is_named_after_code_and_name(rule: Rule) -> None:
    assert rule.path.name == f"{rule.code}-{rule.name}.md"


@every_rule
def test_code_has_the_prefix_and_three_digits(rule: Rule) -> None:
    assert re.fullmatch(r"SL\d{3}", rule.code)


@every_rule
def test_name_reads_after_the_word_allow(rule: Rule) -> None:
    words = rule.name.split("-")
    assert all(re.fullmatch(r"[a-z]+", word) for word in words)
    assert words[0] not in COMMANDING


@every_rule
def test_page_has_every_section_in_order(rule: Rule) -> None:
    without_code = re.sub(r"^```.*?^```$", "", rule.body, flags=re.MULTILINE | re.DOTALL)
    assert tuple(re.findall(r"^#+ (.*)$", without_code, re.MULTILINE)) == SECTIONS


@every_rule
def test_every_section_says_something(rule: Rule) -> None:
    for title in re.findall(r"^## (.*)$", rule.body, re.MULTILINE):
        assert len(section(rule, title).split()) >= 10, title


@every_rule
def test_page_lines_fit_a_screen(rule: Rule) -> None:
    too_long = [line for line in rule.body.splitlines() if len(line) > 120]
    assert not too_long


@every_rule
@pytest.mark.parametrize("words", ["message", "help"])
def test_words_shown_with_a_finding_are_one_line_without_a_dot(rule: Rule, words: str) -> None:
    text = getattr(rule, words)
    assert text == text.strip()
    assert text
    assert "\n" not in text
    assert not text.endswith(".")


@every_rule
def test_message_has_only_known_placeholders_and_help_has_none(rule: Rule) -> None:
    placeholders = {field for _, field, _, _ in Formatter().parse(rule.message) if field is not None}
    assert "subject" in placeholders
    assert placeholders <= {"subject", "sink"}
    assert not any(field is not None for _, field, _, _ in Formatter().parse(rule.help))


@every_rule
def test_since_is_a_version(rule: Rule) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", rule.since)


@every_rule
def test_applies_to_known_readers(rule: Rule) -> None:
    assert rule.applies_to
    assert set(rule.applies_to) <= READERS


@every_rule
def test_references_name_the_paper(rule: Rule) -> None:
    assert "Bethard. 2022" in section(rule, "References")
    assert "arXiv:2210.13393" in section(rule, "References")


@pytest.mark.parametrize("circumstance", [item for item in Circumstance if item not in {*SAFE, Circumstance.SIBLING}])
def test_every_risky_circumstance_has_exactly_one_rule(circumstance: Circumstance) -> None:
    assert len([rule for rule in RULES if rule.circumstance is circumstance]) == 1


@pytest.mark.parametrize("circumstance", sorted({*SAFE, Circumstance.SIBLING}))
def test_no_rule_speaks_of_what_is_safe_or_reported_elsewhere(circumstance: Circumstance) -> None:
    assert load_rulebook().for_circumstance(circumstance) is None


@pytest.mark.parametrize("rule", ABOUT_FIXED_SEEDS, ids=lambda rule: rule.code)
def test_pages_on_fixed_seeds_make_peace_with_tools_that_ask_for_one(rule: Rule) -> None:
    advice = section(rule, "Use instead")
    assert all(tool in advice for tool in ("S6709", "dslinter", "CodeGuru"))
    assert "Never drop" in advice or "Keep the option" in advice


@every_rule
def test_no_page_tells_to_drop_the_seed(rule: Rule) -> None:
    for advice in re.findall(r"(\w+) (?:drop|remove|delete) (?:the|your|any|all) seed", prose(rule), re.IGNORECASE):
        assert advice.lower() in {"never", "not"}


@every_rule
def test_page_has_enough_examples(rule: Rule) -> None:
    examples = rule.examples()
    bad = [example for example in examples if rule.code in {wanted.code for wanted in example.expected}]
    assert len(bad) >= 3
    assert len([example for example in examples if example.good]) >= 5


@every_rule
def test_page_opens_with_something_bad_and_says_what_is_good_instead(rule: Rule) -> None:
    opening = examples_in(section(rule, "Example"))
    assert rule.code in {wanted.code for example in opening for wanted in example.expected}
    instead = examples_in(section(rule, "Use instead"))
    assert instead
    assert all(example.good for example in instead)


@every_rule
def test_bad_examples_are_marked_and_good_ones_are_not(rule: Rule) -> None:
    for example in rule.examples():
        assert bool(example.expected) is not example.good, example.project


@every_rule
def test_every_block_is_part_of_an_example(rule: Rule) -> None:
    assert len(BLOCK.findall(rule.body)) * 2 == len(re.findall(r"^```", rule.body, re.MULTILINE))


@every_rule
def test_marks_name_rules_and_files_their_languages(rule: Rule) -> None:
    codes = {known.code for known in RULES}
    for example in rule.examples():
        assert {wanted.code for wanted in example.expected} <= codes
        assert len({name for name, _ in example.files}) == len(example.files)
        for name, text in example.files:
            assert "error: [" not in text
            parse(name, text)


@pytest.mark.parametrize("code", ["SL103", "SL203"])
def test_rules_about_what_is_run_are_shown_in_every_kind_of_it(code: str) -> None:
    examples = load_rulebook().find(code).examples()
    flagged = {wanted.file for example in examples for wanted in example.expected if wanted.code == code}
    assert {".sh", ".yaml"} < {Path(file).suffix for file in flagged}
    assert len([example for example in examples if not example.good]) >= 6
    assert len([example for example in examples if example.good]) >= 6


def parse(name: str, text: str) -> None:
    """Fails where a file is not of the language that its name says."""
    if name.endswith(".py"):
        ast.parse(text, name)
    elif name.endswith(".json"):
        json.loads(text)
    elif name.endswith(".yaml"):
        yaml.safe_load(text)


def test_find_takes_code_and_name_in_any_case() -> None:
    rulebook = load_rulebook()
    assert rulebook.find("SL101") is rulebook.find("sl101") is rulebook.find("hard-coded-seed")
    assert rulebook.find("SL101").circumstance is Circumstance.HARD_CODED


def test_find_suggests_what_may_have_been_meant() -> None:
    with pytest.raises(UnknownRule, match=r"unknown rule 'hardcoded-seed'; did you mean hard-coded-seed\?") as caught:
        load_rulebook().find("hardcoded-seed")
    assert caught.value.suggestions[0] == "hard-coded-seed"


@pytest.mark.parametrize(
    ("selectors", "codes"),
    [
        (["SL101"], {"SL101"}),
        (["hard-coded-seed", "SL301"], {"SL101", "SL301"}),
        (["SL2"], {"SL201", "SL202", "SL203"}),
        (["sl10", "SL2"], {"SL101", "SL102", "SL103", "SL104", "SL201", "SL202", "SL203"}),
        (["SL4"], {rule.code for rule in ABOUT_PAPERS}),
        (["SL"], {rule.code for rule in RULES}),
        (["ALL"], {rule.code for rule in RULES}),
        ([], set()),
    ],
)
def test_select_takes_codes_names_prefixes_and_all(selectors: list[str], codes: set[str]) -> None:
    assert load_rulebook().select(selectors) == codes


@pytest.mark.parametrize("selector", ["SL9", "S", "hard", "", "E501"])
def test_select_refuses_what_names_no_rule(selector: str) -> None:
    with pytest.raises(UnknownRule):
        load_rulebook().select(["SL101", selector])


def test_marks_become_expectations_and_leave_the_text() -> None:
    (example,) = examples_in("```python bad\na = 1\nb = 2  # why  # error: [SL101, SL104]\n```\n")
    assert example == Example(
        project="bad-1",
        files=(("train.py", "a = 1\nb = 2  # why\n"),),
        good=False,
        expected=(Expectation("train.py", 2, "SL101"), Expectation("train.py", 2, "SL104")),
    )


@pytest.mark.parametrize(
    ("block", "file", "text", "line"),
    [
        ("yaml bad\nlr: 1\nseed: 2  # error: [SL103]", "config.yaml", "lr: 1\nseed: 2", 2),
        ('json bad file=a/b.json\n{"seed": 2}  // error: [SL103]', "a/b.json", '{"seed": 2}', 1),
        ("jsonnet bad\n{\n  seed: 2,  // error: [SL103]\n}", "config.jsonnet", "{\n  seed: 2,\n}", 2),
        ("bash bad\n# error: [SL103] is a comment\npython a.py  # error: [SL103]", "run.sh", None, 2),
    ],
)
def test_marks_are_comments_in_the_language_of_the_block(block: str, file: str, text: str | None, line: int) -> None:
    (example,) = examples_in(f"```{block}\n```\n")
    assert example.expected == (Expectation(file, line, "SL103"),)
    assert example.files == ((file, f"{text or block.partition(chr(10))[2].rpartition('  #')[0]}\n"),)


def test_a_block_may_be_a_file_of_several_projects() -> None:
    markdown = (
        "```python good file=train.py project=pinned,free\nx = 1\n```\n"
        "```bash bad project=pinned\npython train.py --seed 1  # error: [SL103]\n```\n"
        "```bash good project=free\npython train.py\n```\n"
    )
    pinned, free = examples_in(markdown)
    assert [name for name, _ in pinned.files] == [name for name, _ in free.files] == ["train.py", "run.sh"]
    assert (pinned.good, free.good) == (False, True)


def test_an_example_in_a_language_that_is_not_known_is_refused() -> None:
    with pytest.raises(RulebookError, match="an example in 'fortran'; known are python, bash"):
        examples_in("```fortran bad\nseed = 1\n```\n")


def test_every_language_has_a_file_that_is_read() -> None:
    from seedlint.code.kinds import kind_named

    unread = {language for language, name in DEFAULT_FILES.items() if kind_named(name) is None}
    assert unread == {"text"}, "papers are read by another command"


def test_rules_on_papers_are_those_of_papers_alone() -> None:
    assert [rule.code for rule in ABOUT_PAPERS] == [rule.code for rule in RULES if rule.code.startswith("SL4")]
    assert all(name == "paper.txt" for rule in ABOUT_PAPERS for one in rule.examples() for name, _ in one.files)


@pytest.mark.parametrize("rule", ABOUT_PAPERS, ids=lambda rule: rule.code)
def test_examples_of_papers_are_of_one_to_six_sentences_a_line_each(rule: Rule) -> None:
    for example in rule.examples():
        lines = example.files[0][1].splitlines()
        assert 1 <= len(lines) <= 6
        assert all(line.endswith(".") and line.count(". ") == 0 for line in lines)


def test_blocks_of_one_project_are_one_example() -> None:
    markdown = (
        "```python bad file=pkg/a.py project=p\nx = 1\n```\n"
        "```python good\ny = 2\n```\n"
        "```python\nnot an example\n```\n"
        "```python bad file=b.py project=p\nz = 3  # error: [SL101]\n```\n"
    )
    joined, alone = examples_in(markdown)
    assert joined.files == (("pkg/a.py", "x = 1\n"), ("b.py", "z = 3\n"))
    assert joined.expected == (Expectation("b.py", 1, "SL101"),)
    assert alone.good
    assert alone.files == (("train.py", "y = 2\n"),)


def test_a_page_becomes_a_rule(tmp_path: Path) -> None:
    page = tmp_path / "SL999-lucky-number.md"
    page.write_text(PAGE, encoding="utf-8")
    (rule,) = read_rulebook(tmp_path)
    assert rule.use is Use.FIXED_SEED
    assert rule.body == "## What it does\n\nNothing.\n"
    assert rule.examples() == ()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('help = "roll again"\n', "", r"missing keys \['help'\]"),
        ('help = "roll again"\n', 'help = ""\nhint = ""\n', r"unknown keys \['hint'\]"),
        ('"hard-coded"', '"hard-boiled"', "'hard-boiled' is not a valid Circumstance"),
        ('"SL999"', "SL999", "front matter is not TOML"),
        ("+++\ncode", "code", "begins with front matter"),
    ],
)
def test_a_page_that_lacks_something_is_refused_by_name(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    page = tmp_path / "SL999-lucky-number.md"
    assert old in PAGE
    page.write_text(PAGE.replace(old, new), encoding="utf-8")
    with pytest.raises(RulebookError, match=rf"SL999-lucky-number\.md: .*{complaint}"):
        read_rule(page)


def test_a_folder_without_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="no rule pages"):
        read_rulebook(tmp_path)
