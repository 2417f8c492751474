from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from fake_analysis import fake_analyse

from seedlint.diff import DiffError, new_since
from seedlint.lint import Plan, lint
from seedlint.settings import Settings


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.setattr("seedlint.lint.analyse", fake_analyse)
    for name, value in (("GIT_CONFIG_GLOBAL", os.devnull), ("GIT_CONFIG_NOSYSTEM", "1")):
        monkeypatch.setenv(name, value)
    root = tmp_path / "repo"
    write(root, "pkg/a.py", "seed(1)\nx = 1\n")
    write(root, "old.py", "seed(3)\n")
    git(root, "init", "-q")
    commit(root)
    return root


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "-c", "user.name=me", "-c", "user.email=me@example.org", "commit", "-q", "-m", "x")


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def new(root: Path, *paths: str, since: str = "HEAD", cwd: Path | None = None, **settings: object) -> list[str]:
    wishes = Settings(**{"root": root.as_posix(), **settings})
    plan = Plan(paths or (".",), (cwd or root).as_posix(), wishes, jobs=1, cache=False)
    findings = new_since(since, plan, lint(plan).report.findings)
    return [f"{finding.place.path}:{finding.place.line}" for finding in findings]


def test_nothing_is_new_where_nothing_changed(repository):
    assert new(repository) == []


def test_only_what_was_added_is_new(repository):
    write(repository, "pkg/a.py", "import x\n\nif x:\n    seed(1)\nseed(2)\n")
    write(repository, "pkg/b.py", "seed(1)\n")
    assert new(repository) == ["pkg/a.py:5", "pkg/b.py:1"]


def test_the_same_line_once_more_is_new(repository):
    write(repository, "old.py", "seed(3)\nseed(3)\n")
    assert new(repository) == ["old.py:2"]


def test_a_comment_taken_away_makes_a_finding_new(repository):
    write(repository, "old.py", "x = f(  # seedlint: ignore[SL101]\nseed(3))\n")
    commit(repository)
    write(repository, "old.py", "x = f(\nseed(3))\n")
    assert new(repository) == ["old.py:2"]
    assert new(repository, since="HEAD~1") == ["old.py:2"]


def test_a_change_elsewhere_that_brings_a_finding_counts(repository, monkeypatch):
    """A run looks at whole versions, not at changed lines: what another file does to this one is new as well."""

    def only_where_called(sources, **options):
        called = any(b"call a" in source.location.read_bytes() for source in sources)
        return fake_analyse([source for source in sources if called or source.path != "pkg/a.py"], **options)

    monkeypatch.setattr("seedlint.lint.analyse", only_where_called)
    assert new(repository) == []
    write(repository, "old.py", "seed(3)\n# call a\n")
    assert new(repository) == ["pkg/a.py:1"]


@pytest.mark.parametrize(
    ("cwd", "paths", "expected"),
    [
        ("pkg", (".",), ["a.py:2"]),
        ("pkg", ("a.py", "../old.py"), ["../old.py:2", "a.py:2"]),
        (".", ("pkg/a.py",), ["pkg/a.py:2"]),
        (".", ("pkg", "new"), ["new/c.py:1", "pkg/a.py:2"]),
    ],
)
def test_from_any_folder_and_for_any_path(repository, cwd, paths, expected):
    write(repository, "pkg/a.py", "seed(1)\nseed(2)\n")
    write(repository, "old.py", "seed(3)\nseed(4)\n")
    write(repository, "new/c.py", "seed(5)\n")
    assert new(repository, *paths, cwd=repository / cwd) == expected


def test_absolute_paths(repository):
    write(repository, "pkg/a.py", "seed(1)\nseed(2)\n")
    assert new(repository, str(repository)) == ["pkg/a.py:2"]
    outside = repository / "pkg"
    assert new(repository, str(repository / "old.py"), cwd=outside) == []


def test_excludes_and_ignored_files_are_left_out_of_both_versions(repository):
    write(repository, "pkg/a.py", "seed(1)\nseed(2)\n")
    assert new(repository, exclude=("/pkg",)) == []
    write(repository, ".gitignore", "pkg/\n")
    assert new(repository) == []


def test_where_nothing_changed_both_versions_are_made_of_the_same_files(repository, monkeypatch):
    write(repository, "conf/a.yaml", "seed: 1\n")
    write(repository, "run.sh", "python pkg/a.py\n")
    write(repository, "added_all_the_same.py", "seed(3)\n")
    commit(repository)
    write(repository, ".gitignore", "added*\n")
    commit(repository)
    versions = []

    def noting(sources, **options):
        versions.append([source.path for source in sources])
        return fake_analyse(sources, **options)

    monkeypatch.setattr("seedlint.lint.analyse", noting)
    assert new(repository) == []
    assert versions[0] == versions[1] == ["conf/a.yaml", "old.py", "pkg/a.py", "run.sh"]


@pytest.mark.skipif(os.name == "nt", reason="no permission says there that a file is a script")
def test_scripts_without_a_suffix_are_there_in_both_versions(repository):
    write(repository, "run", "#!/usr/bin/env python\nseed(5)\n")
    (repository / "run").chmod(0o755)
    commit(repository)
    assert new(repository) == []
    write(repository, "run", "#!/usr/bin/env python\nseed(5)\nseed(6)\n")
    assert new(repository) == ["run:3"]


@pytest.mark.parametrize("paths", [(".",), ("pkg/a.py",)])
def test_what_is_learned_of_both_versions_is_kept_in_one_place(repository, monkeypatch, paths):
    places = []

    def noting(sources, *, kept_as, **options):
        places.append(kept_as)
        return fake_analyse(sources, **options)

    monkeypatch.setattr("seedlint.lint.analyse", noting)
    plan = Plan(
        paths, repository.as_posix(), Settings(repository.as_posix()), project=repository.as_posix(), context=True
    )
    new_since("HEAD", plan, lint(plan).report.findings)
    assert places == [repository.as_posix(), repository.as_posix()]


def test_the_rest_of_the_project_is_known_in_both_versions(repository, monkeypatch):
    def only_where_called(sources, **options):
        called = any(b"call a" in source.location.read_bytes() for source in sources)
        return fake_analyse([source for source in sources if called or source.path != "pkg/a.py"], **options)

    monkeypatch.setattr("seedlint.lint.analyse", only_where_called)
    root = repository.as_posix()
    plan = Plan(("pkg/a.py",), root, Settings(root), jobs=1, cache=False, project=root, context=True)
    write(repository, "old.py", "seed(3)\n# call a\n")
    assert [finding.place.path for finding in new_since("HEAD", plan, lint(plan).report.findings)] == ["pkg/a.py"]
    commit(repository)
    assert new_since("HEAD", plan, lint(plan).report.findings) == ()


def test_the_temporary_tree_is_gone_afterwards(repository, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    assert new(repository) == []
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD:old.py"])
def test_what_is_no_revision_is_an_error_in_one_line(repository, revision):
    with pytest.raises(DiffError) as error:
        new(repository, since=revision)
    assert "\n" not in str(error.value)
    assert not (repository / "x").exists()


def test_outside_of_a_repository_is_an_error_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(DiffError, match="not a git repository"):
        new(tmp_path)


def test_without_git_is_an_error_in_one_line(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DiffError, match="git is not installed"):
        new(repository)
