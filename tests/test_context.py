"""Files that are named are judged as part of their project, of which nothing else is reported."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seedlint.cli import cli
from seedlint.context import project_folder
from seedlint.settings import Settings

HELPER = "import torch\n\n\ndef start(seed):\n    torch.manual_seed(seed)\n"
TRAINING = """
import torch

from lab.seeding import start

start(42)
model = torch.nn.Linear(1, 1)
optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
loss = model(torch.ones(1)).sum()
loss.backward()
optimiser.step()
"""


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which `train.py` seeds by a helper that stands elsewhere, and another file has the same fault."""
    write(tmp_path / ".git" / "HEAD")
    write(tmp_path / "lab" / "__init__.py")
    write(tmp_path / "lab" / "seeding.py", HELPER)
    write(tmp_path / "train.py", TRAINING)
    write(tmp_path / "again.py", TRAINING)
    write(tmp_path / "broken.py", "seed = (\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*arguments: str, stdin: str = "") -> Result:
    command = ["check", "--format", "json", "--jobs", "1", *arguments]
    return CliRunner().invoke(cli, command, input=stdin, catch_exceptions=False)


def found(result: Result) -> list[tuple[str, str]]:
    return [(finding["path"], finding["code"]) for finding in json.loads(result.stdout)["findings"]]


class TestProjectFolder:
    def test_is_that_of_the_configuration_where_it_is_above(self, tmp_path):
        write(tmp_path / ".git" / "HEAD")
        root = (tmp_path / "sub").as_posix()
        settings = Settings(root, origin="seedlint.toml")
        assert project_folder(f"{root}/a/b", settings) == root
        assert project_folder(tmp_path.as_posix(), settings) == tmp_path.as_posix()

    def test_is_else_the_repository(self, tmp_path):
        write(tmp_path / ".git" / "HEAD")
        write(tmp_path / "inner" / ".git")
        settings = Settings(tmp_path.as_posix())
        assert project_folder(f"{tmp_path.as_posix()}/a/b", settings) == tmp_path.as_posix()
        assert project_folder(f"{tmp_path.as_posix()}/inner", settings) == f"{tmp_path.as_posix()}/inner"

    def test_is_else_the_folder_that_holds_all_that_is_named(self, tmp_path):
        assert project_folder(f"{tmp_path.as_posix()}/a", Settings(tmp_path.as_posix())) == f"{tmp_path.as_posix()}/a"


class TestNamedFiles:
    def test_are_judged_by_what_the_rest_of_the_project_does(self, project):
        result = check("train.py")
        assert found(result) == [("train.py", "SL101")]
        assert result.exit_code == 1

    def test_are_judged_by_themselves_if_that_is_asked_for(self, project):
        assert found(check("--no-context", "train.py")) == []
        write(project / "seedlint.toml", "context = false\n")
        assert found(check("train.py")) == []

    def test_are_all_that_is_reported(self, project):
        result = check("train.py")
        report = json.loads(result.stdout)
        assert report["errors"] == []
        assert {use["path"] for use in report["uses"]} == {"train.py"}
        assert "in 1 file" in result.stderr

    def test_may_lie_below_the_current_folder_or_elsewhere(self, project, monkeypatch):
        monkeypatch.chdir(project / "lab")
        assert found(check("../train.py")) == [("../train.py", "SL101")]

    def test_outside_of_a_repository_are_judged_with_the_folder_that_holds_them(self, project):
        shutil.rmtree(project / ".git")
        assert found(check("train.py")) == [("train.py", "SL101")]
        assert found(check("lab/seeding.py")) == []

    def test_may_be_named_through_a_link(self, project):
        (project / "link.py").symlink_to("train.py")
        assert found(check("link.py")) == [("link.py", "SL101")]

    def test_keep_suppressions_that_are_of_use_only_in_the_project(self, project):
        write(project / "train.py", TRAINING.replace("start(42)", "start(42)  # seedlint: ignore[SL101] a test"))
        assert found(check("train.py")) == []
        assert found(check("--no-context", "train.py")) == [("train.py", "SL001")]

    def test_beside_a_folder_are_judged_with_what_the_folder_holds(self, project):
        assert found(check("train.py", "lab")) == [("train.py", "SL101")]
        write(project / "more" / "seeding.py", HELPER)
        assert found(check("train.py", "more")) == []

    def test_in_a_folder_of_everything_are_judged_by_themselves_with_a_word(self, project, monkeypatch):
        monkeypatch.setattr("seedlint.lint.MAX_ENTRIES", 3)
        result = check("train.py")
        assert found(result) == []
        assert f"{project.as_posix()}: holds more than 3 files and folders" in result.stderr.replace(os.sep, "/")


class TestStandardInput:
    def test_stands_for_the_file_of_its_name_in_the_project(self, project):
        assert found(check("-", "--stdin-filename", "train.py", stdin="x = 1\n")) == []
        assert found(check("-", "--stdin-filename", "new.py", stdin=TRAINING)) == [("new.py", "SL101")]

    def test_without_a_name_is_of_no_project(self, project):
        assert found(check("-", stdin=TRAINING)) == []


@pytest.mark.parametrize("place", ["benchmarks/mine", "tests", "examples/a"])
def test_where_a_project_lies_says_nothing_of_it(tmp_path, monkeypatch, place):
    root = tmp_path / place
    write(root / ".git" / "HEAD")
    write(
        root / "train.py", TRAINING.replace("from lab.seeding import start", "from torch import manual_seed as start")
    )
    monkeypatch.chdir(tmp_path)
    assert [code for _, code in found(check(str(root)))] == ["SL101"]
    assert [code for _, code in found(check(place))] == ["SL101"]
    assert [code for _, code in found(check(f"{place}/train.py"))] == ["SL101"]
    monkeypatch.chdir(root)
    assert [code for _, code in found(check())] == ["SL101"]
