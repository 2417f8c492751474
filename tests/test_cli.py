from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fake_analysis import fake_analyse

import seedlint
from seedlint.cli import cli

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(seedlint.__file__).parents[1])}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr("seedlint.lint.analyse", fake_analyse)
    monkeypatch.chdir(tmp_path)
    write("train.py", "seed(42)\n")
    write("clean.py", "x = 1\n")
    return tmp_path


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8", newline="")


def check(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(cli, ["check", *arguments], input=stdin, catch_exceptions=False, standalone_mode=True)


def codes(result: Result) -> list[tuple[str, str]]:
    return [(finding["path"], finding["code"]) for finding in json.loads(result.stdout)["findings"]]


class TestExitCode:
    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (["clean.py"], 0),
            (["train.py"], 1),
            ([], 1),
            (["--exit-zero"], 0),
            (["--fail-on", "error"], 1),
            (["--ignore", "SL101"], 0),
            (["missing.py"], 2),
            (["train.py", "missing.py"], 2),
            (["--exit-zero", "missing.py"], 2),
            (["--select", "SL999"], 2),
            (["--format", "yaml"], 2),
            (["--fail-on", "fatal"], 2),
            (["--jobs", "-1"], 2),
            (["--config", "none.toml"], 2),
            (["--write-baseline"], 2),
            (["--baseline", "none.json"], 2),
            (["--diff", "HEAD"], 2),
            (["--output", "none/out.txt"], 2),
            (["--add-ignores", "--acknowledge", "SL101", "why"], 2),
            (["--acknowledge", "SL101", " "], 2),
            (["--acknowledge", "SL999", "why"], 2),
            (["-", "train.py"], 2),
            (["-", "--add-ignores"], 2),
            (["--nonsense"], 2),
        ],
    )
    def test_tells_how_it_went(self, project, arguments, code, monkeypatch):
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
        assert check(*arguments).exit_code == code

    def test_counts_from_the_severity_that_is_asked_for(self, project):
        write("seedlint.toml", '[severity]\nSL101 = "note"\n')
        assert check("train.py").exit_code == 1
        assert check("train.py", "--fail-on", "note").exit_code == 1
        assert check("train.py", "--fail-on", "warning").exit_code == 0
        write("seedlint.toml", 'fail-on = "error"\n[severity]\nSL101 = "warning"\n')
        assert check("train.py").exit_code == 0
        assert check("train.py", "--fail-on", "warning").exit_code == 1

    def test_is_not_moved_by_what_is_acknowledged(self, project):
        write("train.py", "seed(42)  # seedlint: acknowledge[SL101] too dear\n")
        result = check()
        assert result.exit_code == 0
        assert "too dear" in result.stdout


class TestErrors:
    def test_are_one_line_each_and_the_rest_goes_on(self, project):
        write("odd.py", "\0")
        result = check(".", "missing.py")
        assert result.exit_code == 2
        assert "SL101" in result.stdout
        assert result.stderr.splitlines() == [
            "seedlint: missing.py: no such file or directory",
            "seedlint: odd.py: not Python",
        ]

    @pytest.mark.parametrize("arguments", [["--select", "SL999"], ["--config", "none.toml"], ["--output", "none/out"]])
    def test_of_usage_are_one_line(self, project, arguments):
        result = check(*arguments)
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert line.startswith("seedlint: ")

    def test_in_a_machine_format_leave_standard_output_whole(self, project):
        result = check("--format", "json", ".", "missing.py")
        assert [error["path"] for error in json.loads(result.stdout)["errors"]] == ["missing.py"]
        assert "Found 1 finding" in result.stderr
        assert "seedlint: missing.py: no such file or directory" in result.stderr


class TestSelection:
    @pytest.mark.parametrize(
        ("arguments", "found"),
        [
            ([], True),
            (["--select", "SL1"], True),
            (["--select", "SL2,hard-coded-seed"], True),
            (["--select", "SL2", "--select", "SL101"], True),
            (["--select", "SL2"], False),
            (["--select", "SL2", "--extend-select", "SL101"], True),
            (["--ignore", "SL2, SL101"], False),
        ],
    )
    def test_by_codes_names_and_prefixes(self, project, arguments, found):
        result = check("--format", "json", *arguments)
        assert codes(result) == ([("train.py", "SL101")] if found else [])

    def test_options_go_on_top_of_the_configuration(self, project):
        write("pyproject.toml", '[tool.seedlint]\nselect = ["SL2"]\nignore = ["SL102"]\n')
        assert check().exit_code == 0
        assert check("--extend-select", "SL1").exit_code == 1
        assert check("--select", "SL101").exit_code == 1

    def test_the_configuration_is_the_nearest_to_what_is_linted(self, project):
        write("sub/train.py", "seed(1)")
        write("sub/seedlint.toml", 'ignore = ["SL101"]')
        assert check("sub").exit_code == 0
        assert check("sub/train.py").exit_code == 0
        assert check("--config", "sub/seedlint.toml").exit_code == 0
        assert codes(check("--format", "json")) == [("sub/train.py", "SL101"), ("train.py", "SL101")]

    def test_excludes_hold_for_files_that_are_named(self, project):
        write("seedlint.toml", 'extend-exclude = ["train.py"]')
        result = check("train.py")
        assert (result.exit_code, result.stderr) == (0, "")


class TestStdin:
    def test_is_reported_under_the_name_that_is_given(self, project):
        result = check("-", "--stdin-filename", "./sub/new.py", "--format", "json", stdin=b"x = 1\nseed(2)\n")
        assert codes(result) == [("sub/new.py", "SL101")]

    def test_is_quoted(self, project):
        assert "seed(77)" in check("-", stdin=b"seed(77)\n").stdout

    def test_is_excluded_as_a_file_of_that_name_would_be(self, project):
        write("seedlint.toml", 'exclude = ["sub"]')
        assert check("-", "--stdin-filename", "sub/new.py", stdin=b"seed(2)\n").exit_code == 0

    def test_takes_the_configuration_nearest_to_the_name(self, project):
        write("sub/seedlint.toml", 'ignore = ["SL101"]')
        assert check("-", "--stdin-filename", "sub/new.py", stdin=b"seed(2)\n").exit_code == 0


class TestOutput:
    def test_goes_to_a_file_and_the_sum_to_standard_error(self, project):
        result = check("--format", "json", "--output", "out.json")
        assert result.stdout == ""
        assert json.loads(Path("out.json").read_text())["findings"]
        assert result.stderr == "seedlint: Found 1 finding (1 error) in 2 files\n"

    def test_leaves_nothing_behind(self, project):
        check("--output", "out.txt")
        assert sorted(os.listdir()) == ["clean.py", "out.txt", "train.py"]

    def test_may_be_a_device(self, project):
        assert check("--output", os.devnull).exit_code == 1
        assert not os.path.isfile(os.devnull)

    def test_of_statistics_counts(self, project):
        result = check("--statistics")
        assert "1  SL101  hard-coded-seed" in result.stdout
        assert "seed 42" not in result.stdout

    def test_is_coloured_where_asked_for(self, project, monkeypatch):
        assert "\x1b[" not in check().stdout
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert "\x1b[" in check().stdout
        assert "\x1b[" not in check("--format", "github").stdout
        monkeypatch.setenv("NO_COLOR", "1")
        assert "\x1b[" not in check().stdout


class TestBaseline:
    def test_hides_what_it_knows_wherever_it_has_moved(self, project):
        assert check("--baseline", "known.json", "--write-baseline").exit_code == 0
        write("train.py", "import x\n\n\nseed(42)\nseed(43)\n")
        result = check("--baseline", "known.json", "--format", "json")
        assert result.exit_code == 1
        assert [finding["line"] for finding in json.loads(result.stdout)["findings"]] == [5]

    def test_only_shrinks(self, project):
        check("--baseline", "known.json", "--write-baseline")
        before = Path("known.json").read_text()
        write("more.py", "seed(1)\n")
        assert check("--baseline", "known.json", "--write-baseline").exit_code == 1
        assert Path("known.json").read_text() == before
        write("train.py", "x = 1\n")
        assert "1 finding no longer there" in check("--baseline", "known.json").stderr
        assert Path("known.json").read_text() == before
        check("--baseline", "known.json", "--write-baseline")
        assert json.loads(Path("known.json").read_text())["findings"] == []

    def test_says_nothing_of_files_and_rules_that_were_not_looked_at(self, project):
        write("gone.py", "seed(1)\n")
        check("--baseline", "known.json", "--write-baseline")
        Path("gone.py").unlink()
        write("train.py", "x = 1\n")
        assert check("clean.py", "--ignore", "SL101", "--baseline", "known.json").stderr == ""
        assert "1 finding no longer" in check("clean.py", "--baseline", "known.json").stderr
        assert "2 findings no longer" in check("--baseline", "known.json").stderr


class TestEdits:
    def test_ignores_are_written_instead_of_a_report(self, project):
        result = check("--add-ignores")
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr == "seedlint: wrote 1 comment in 1 file\n"
        assert Path("train.py").read_text() == "seed(42)  # seedlint: ignore[SL101]\n"
        assert check().exit_code == 0

    def test_acknowledgements_are_written_for_one_rule(self, project):
        assert check("--acknowledge", "SL2", "why").stderr == "seedlint: wrote 0 comments in 0 files\n"
        assert check("--acknowledge", "hard-coded-seed", "one run costs a week").exit_code == 0
        assert Path("train.py").read_text() == "seed(42)  # seedlint: acknowledge[SL101] one run costs a week\n"
        result = check()
        assert (result.exit_code, "one run costs a week" in result.stdout) == (0, True)
        assert check("--acknowledge", "SL101", "again").stderr == "seedlint: wrote 0 comments in 0 files\n"

    def test_leave_known_findings_alone(self, project):
        check("--baseline", "known.json", "--write-baseline")
        write("new.py", "seed(1)\n")
        check("--add-ignores", "--baseline", "known.json")
        assert Path("train.py").read_text() == "seed(42)\n"
        assert "ignore" in Path("new.py").read_text()

    def test_do_not_silence_what_is_said_of_comments(self, project):
        write("train.py", "x = 1  # seedlint: ignore[SL101]\n")
        check("--add-ignores")
        assert Path("train.py").read_text() == "x = 1  # seedlint: ignore[SL101]\n"


def test_the_version_and_the_help_name_what_there_is(project):
    runner = CliRunner()
    assert seedlint.__version__ in runner.invoke(cli, ["--version"]).output
    text = runner.invoke(cli, ["--help"]).output
    assert all(command in text for command in ("check", "rules", "explain"))
    assert runner.invoke(cli, ["chek"]).exit_code == 2


class TestProcess:
    """What only a whole process shows."""

    def test_a_reader_that_goes_away_leaves_no_traceback(self, tmp_path):
        (tmp_path / "train.py").write_text("x = 1\n", encoding="utf-8")
        code = (
            "import sys; import seedlint.__main__ as m; import seedlint.cli.check as c;"
            "c.render = lambda *a, **k: 'x' * 1_000_000; sys.argv[1:] = ['check']; m.main()"
        )
        command = [sys.executable, "-c", code]
        with subprocess.Popen(
            command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(10)
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0

    def test_a_fault_of_its_own_is_not_taken_for_findings(self, tmp_path):
        code = (
            "import sys; import seedlint.__main__ as m; import seedlint.cli.check as c;"
            "c.lint = lambda plan: 1 / 0; sys.argv[1:] = ['check']; m.main()"
        )
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert "ZeroDivisionError" in done.stderr

    @pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent otherwise")
    def test_an_interrupt_leaves_no_traceback(self, tmp_path):
        code = (
            "import sys, os, signal; import seedlint.__main__ as m; import seedlint.cli.check as c;"
            "c.lint = lambda plan: os.kill(os.getpid(), signal.SIGINT); sys.argv[1:] = ['check']; m.main()"
        )
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert done.returncode == 128 + signal.SIGINT
        assert "Traceback" not in done.stderr
