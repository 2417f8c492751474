from __future__ import annotations

from pathlib import Path

import pytest

from seedlint.settings import DEFAULT_EXCLUDE, Settings, SettingsError, find_settings
from seedlint.uses import Severity


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_without_a_file(tmp_path):
    (tmp_path / ".git").mkdir()
    settings = find_settings(str(tmp_path))
    assert settings == Settings(root=tmp_path.as_posix())
    assert (settings.select, settings.scope, settings.fail_on) == (("ALL",), "neural", Severity.NOTE)


def test_every_key_is_read_from_pyproject(tmp_path):
    write(
        tmp_path / "pyproject.toml",
        """
        [tool.seedlint]
        select = ["SL1"]
        extend-select = ["SL201"]
        ignore = ["default-seed"]
        exclude = ["old"]
        extend-exclude = ["gen/*.py"]
        scope = "all"
        fail-on = "warning"
        [tool.seedlint.per-file-ignores]
        "tests/**" = ["ALL"]
        [tool.seedlint.severity]
        SL102 = "note"
        """,
    )
    assert find_settings(str(tmp_path)) == Settings(
        root=tmp_path.as_posix(),
        select=("SL1",),
        extend_select=("SL201",),
        ignore=("default-seed",),
        exclude=("old",),
        extend_exclude=("gen/*.py",),
        per_file_ignores=(("tests/**", ("ALL",)),),
        severity=(("SL102", Severity.NOTE),),
        scope="all",
        fail_on=Severity.WARNING,
        origin=str(tmp_path / "pyproject.toml"),
    )


def test_seedlint_toml_needs_no_header_and_wins_over_its_neighbour(tmp_path):
    write(tmp_path / "pyproject.toml", '[tool.seedlint]\nscope = "all"\n')
    write(tmp_path / "seedlint.toml", 'ignore = ["SL104"]\n')
    settings = find_settings(str(tmp_path))
    assert (settings.ignore, settings.scope) == (("SL104",), "neural")


def test_the_nearest_file_wins(tmp_path):
    write(tmp_path / "seedlint.toml", 'ignore = ["SL101"]')
    write(tmp_path / "a/pyproject.toml", '[tool.seedlint]\nignore = ["SL102"]')
    (tmp_path / "a/b").mkdir()
    assert find_settings(str(tmp_path / "a/b")).ignore == ("SL102",)
    assert find_settings(str(tmp_path / "a/b")).root == (tmp_path / "a").as_posix()
    assert find_settings(str(tmp_path)).ignore == ("SL101",)


def test_a_pyproject_without_our_table_is_passed_by(tmp_path):
    write(tmp_path / "seedlint.toml", 'ignore = ["SL101"]')
    write(tmp_path / "a/pyproject.toml", '[project]\nname = "uses-seedlint"\n')
    assert find_settings(str(tmp_path / "a")).ignore == ("SL101",)


def test_the_search_ends_at_the_root_of_the_repository(tmp_path):
    write(tmp_path / "seedlint.toml", 'ignore = ["SL101"]')
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "repo/src").mkdir()
    assert find_settings(str(tmp_path / "repo/src")) == Settings(root=(tmp_path / "repo/src").as_posix())


def test_a_named_file_is_taken_whatever_is_nearer(tmp_path):
    write(tmp_path / "seedlint.toml", 'ignore = ["SL101"]')
    named = write(tmp_path / "conf/strict.toml", 'select = ["SL2"]')
    assert find_settings(str(tmp_path), str(named)).select == ("SL2",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('ingore = ["SL101"]', "unknown key 'ingore'; did you mean 'ignore'?"),
        ('extend_select = ["SL101"]', "did you mean 'extend-select'?"),
        ("colour = true", "unknown key 'colour'; the keys are select,"),
        ('select = "SL101"', "select is a list of strings"),
        ("select = [1]", "select is a list of strings"),
        ('scope = "most"', "scope is 'most'; it is one of neural, all"),
        ('fail-on = "fatal"', "fail-on is 'fatal'; a severity is one of note, warning, error"),
        ('severity = "note"', "severity is a table"),
        ('[severity]\nSL101 = "loud"', "severity is 'loud'"),
        ('[per-file-ignores]\n"a.py" = "SL101"', "per-file-ignores is a list of strings"),
        ('exclude = ["a", "!"]', "'!' is not a pattern"),
        ("select = [", "seedlint.toml: "),
    ],
)
def test_what_cannot_be_meant_is_an_error_in_one_line(tmp_path, text, reason):
    path = write(tmp_path / "seedlint.toml", text)
    with pytest.raises(SettingsError) as error:
        find_settings(str(tmp_path))
    assert reason in str(error.value)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_a_named_file_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match="No such file"):
        find_settings(str(tmp_path), str(tmp_path / "none.toml"))


def test_a_file_that_is_not_utf_8_is_an_error(tmp_path):
    (tmp_path / "seedlint.toml").write_bytes(b"select = ['\xff']")
    with pytest.raises(SettingsError, match="not UTF-8"):
        find_settings(str(tmp_path))


def test_options_replace_the_selection_and_add_to_the_rest():
    settings = Settings(root="/", select=("SL1",), ignore=("SL101",), extend_select=("SL201",))
    merged = settings.with_options(select=("SL3",), extend_select=("SL2",), ignore=("SL102",), fail_on=Severity.ERROR)
    assert (merged.select, merged.extend_select, merged.ignore) == (("SL3",), ("SL201", "SL2"), ("SL101", "SL102"))
    assert merged.fail_on is Severity.ERROR
    assert settings.with_options() == settings
    assert merged.exclude == DEFAULT_EXCLUDE
