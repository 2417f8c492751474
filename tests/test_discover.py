from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from seedlint.code.discover import Discovery, discover
from seedlint.globs import Globs, PatternError, RootedGlobs
from seedlint.settings import DEFAULT_EXCLUDE


def tree(root: Path, *files: str) -> None:
    for name in files:
        write(root, name, "")


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def found(root: Path, *paths: str, exclude: tuple[str, ...] = (), cwd: Path | None = None) -> list[str]:
    return [source.path for source in run(root, *paths, exclude=exclude, cwd=cwd).sources]


def run(root: Path, *paths: str, exclude: tuple[str, ...] = (), cwd: Path | None = None) -> Discovery:
    globs = Globs((*DEFAULT_EXCLUDE, *exclude), strict=True)
    return discover(paths or (".",), cwd=str(cwd or root), excludes=RootedGlobs(root.as_posix(), globs))


def test_python_files_are_found_sorted_and_relative(tmp_path):
    tree(tmp_path, "b.py", "a/z.py", "a/b/c.py", "a.txt", "gui.pyw", "a/data.csv")
    assert found(tmp_path) == ["a/b/c.py", "a/z.py", "b.py", "gui.pyw"]
    assert found(tmp_path, "a") == ["a/b/c.py", "a/z.py"]


@pytest.mark.skipif(os.name == "nt", reason="no permission says there that a file is a script")
def test_scripts_without_a_suffix_are_found_if_they_may_be_run(tmp_path):
    for name, first in (
        ("run", "#!/bin/bash"),
        ("main", "#!/usr/bin/env python"),
        ("data", "#!/bin/sh"),
        ("x", "seed"),
    ):
        write(tmp_path, name, f"{first}\n")
        (tmp_path / name).chmod(0o644 if name == "data" else 0o755)
    assert found(tmp_path) == ["main", "run"]


def test_each_file_once_however_it_is_named(tmp_path):
    tree(tmp_path, "a/x.py")
    assert found(tmp_path, "./a/x.py", "a", str(tmp_path / "a/x.py"), "a/../a/x.py") == ["a/x.py"]


def test_paths_outside_of_the_current_folder(tmp_path):
    tree(tmp_path, "here/x.py", "there/y.py")
    here = tmp_path / "here"
    assert found(tmp_path, "../there", cwd=here) == ["../there/y.py"]
    assert found(tmp_path, str(tmp_path / "there/y.py"), cwd=here) == [(tmp_path / "there/y.py").as_posix()]
    assert found(tmp_path, str(here), cwd=here) == ["x.py"]


def test_the_location_is_where_the_file_is(tmp_path):
    write(tmp_path, "a/x.py", "x = 1")
    (source,) = run(tmp_path, "../a", cwd=tmp_path / "a").sources
    assert source.location.read_text() == "x = 1"


@pytest.mark.parametrize(
    "folder",
    [".git", ".venv", "env", "node_modules", "build", "wandb", "x.egg-info", "lib/site-packages", "__pycache__"],
)
def test_folders_that_hold_no_source_are_skipped(tmp_path, folder):
    tree(tmp_path, f"{folder}/x.py", f"{folder}/deep/y.py", "kept.py")
    assert found(tmp_path) == ["kept.py"]


def test_a_virtual_environment_of_any_name_is_skipped(tmp_path):
    tree(tmp_path, "py311/pyvenv.cfg", "py311/x.py", "conda/conda-meta/history", "conda/y.py", "kept.py")
    assert found(tmp_path) == ["kept.py"]


class TestExcludes:
    def test_hold_for_files_named_on_the_command_line(self, tmp_path):
        tree(tmp_path, "gen/x.py", "a.py", "build/y.py")
        discovery = run(tmp_path, "gen/x.py", "build/y.py", "a.py", exclude=("gen",))
        assert [source.path for source in discovery.sources] == ["a.py"]
        assert (discovery.errors, discovery.notes) == ((), ())

    def test_are_relative_to_the_configuration_not_to_the_current_folder(self, tmp_path):
        tree(tmp_path, "src/gen/x.py", "src/src/gen/y.py")
        assert found(tmp_path, exclude=("src/gen",), cwd=tmp_path / "src") == ["src/gen/y.py"]

    def test_do_not_keep_a_named_folder_from_being_walked(self, tmp_path):
        tree(tmp_path, "fixtures/x.py", "fixtures/venv/y.py", "a.py")
        assert found(tmp_path, "fixtures", exclude=("fixtures",)) == ["fixtures/x.py"]
        assert found(tmp_path, "fixtures", exclude=("fixtures/**",)) == ["fixtures/x.py"]
        assert found(tmp_path, exclude=("fixtures",)) == ["a.py"]

    def test_may_be_taken_back_by_a_later_pattern(self, tmp_path):
        tree(tmp_path, "build/x.py", "dist/y.py")
        assert found(tmp_path, exclude=("!build",)) == ["build/x.py"]


PATTERNS = [
    "out\n",
    "out/\n",
    "/a.py\n",
    "*.py\n!b.py\n",
    "!b.py\n*.py\n",
    "src/*.py\n",
    "src/\n!src/a.py\n",
    "src/*\n!src/a.py\n",
    "**/out/\n# a.py\n\n",
    "[ab].py   \n",
    "[!a].py\n",
    "src/a.py\r\nb.py\r\n",
    "x/**/a.py\n",
    "log.py\n",
    "log.py/\n",
    "a.py/\n",
    "\\a.py\n",
    "\\#a.py\n",
    "!\n[\na.py\n",
    "*\n!*/\n!keep.py\n",
    "/src\n/out/\n",
    "?.py\n",
    "src/**\n",
    "**\n!x/\n!x/keep.py\n",
    "s?c/[^b].py\n",
    "[]a].py\n",
    "[a-\\b].py\n",
    "b.py\\ \n*ut\n",
    "a.py\\\n",
    "x/s*/\n",
    "x//keep.py\n/\n",
]


class TestGitignore:
    def test_it_rules_nothing_outside_of_a_repository(self, tmp_path):
        tree(tmp_path, "a.py", "inner/.git/HEAD", "inner/a.py", "inner/sub/b.py")
        write(tmp_path, ".gitignore", "a.py\n")
        write(tmp_path, "inner/sub/.gitignore", "b.py\n")
        assert found(tmp_path) == ["a.py", "inner/a.py"]

    @pytest.mark.parametrize("name", [".gitignore", ".git/info/exclude"])
    def test_agrees_with_git(self, tmp_path, name):
        tree(tmp_path, "a.py", "b.py", "src/a.py", "src/out/b.py", "out/c.py", "x/src/a.py", "log.py/z.py", "x/keep.py")
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
        for patterns in PATTERNS:
            write(tmp_path, name, patterns)
            assert found(tmp_path) == left_by_git(tmp_path), patterns

    def test_nested_files_have_the_last_word(self, tmp_path):
        tree(tmp_path, "a.py", "sub/a.py", "sub/b.py", "sub/deep/b.py")
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
        write(tmp_path, ".gitignore", "a.py\n")
        write(tmp_path, "sub/.gitignore", "!a.py\n/b.py\n")
        assert found(tmp_path) == left_by_git(tmp_path) == ["sub/a.py", "sub/deep/b.py"]

    def test_files_above_the_folder_that_is_walked_hold_too(self, tmp_path):
        tree(tmp_path, "sub/a.py", "sub/b.py", "sub/out/c.py", ".git/HEAD")
        write(tmp_path, ".gitignore", "/sub/out/\nb.py\n")
        assert found(tmp_path, "sub") == ["sub/a.py"]
        assert found(tmp_path, cwd=tmp_path / "sub") == ["a.py"]

    def test_files_above_the_repository_do_not_hold(self, tmp_path):
        write(tmp_path, ".gitignore", "a.py\n")
        tree(tmp_path, "repo/.git/HEAD", "repo/a.py", "repo/sub/a.py")
        assert found(tmp_path / "repo") == ["a.py", "sub/a.py"]
        assert found(tmp_path / "repo", "sub") == ["sub/a.py"]
        assert found(tmp_path) == ["repo/a.py", "repo/sub/a.py"]

    def test_a_file_that_is_named_is_read_all_the_same(self, tmp_path):
        tree(tmp_path, "a.py")
        write(tmp_path, ".gitignore", "a.py\n")
        assert found(tmp_path, "a.py") == ["a.py"]


class TestLinks:
    def test_a_linked_file_is_read_unless_it_is_found_by_its_own_name(self, tmp_path):
        tree(tmp_path, "far/real.py", "proj/own.py")
        (tmp_path / "proj/a_link.py").symlink_to(tmp_path / "far/real.py")
        (tmp_path / "proj/again.py").symlink_to("own.py")
        assert found(tmp_path / "proj") == ["a_link.py", "own.py"]

    def test_a_linked_folder_is_walked_once(self, tmp_path):
        tree(tmp_path, "far/real.py", "proj/own/x.py")
        (tmp_path / "proj/one").symlink_to(tmp_path / "far")
        (tmp_path / "proj/two").symlink_to(tmp_path / "far")
        (tmp_path / "proj/an_own").symlink_to("own")
        assert found(tmp_path / "proj") == ["one/real.py", "own/x.py"]

    def test_a_loop_ends_with_a_word(self, tmp_path):
        tree(tmp_path, "proj/a/x.py", "elsewhere.py")
        (tmp_path / "proj/a/loop").symlink_to(tmp_path / "proj")
        (tmp_path / "proj/a/up").symlink_to(tmp_path)
        discovery = run(tmp_path / "proj")
        assert [source.path for source in discovery.sources] == ["a/x.py"]
        assert discovery.errors == ()
        assert sorted(note.path for note in discovery.notes) == ["a/loop", "a/up"]

    def test_two_folders_that_hold_each_other_end(self, tmp_path):
        tree(tmp_path, "proj/a/x.py", "far/y.py")
        (tmp_path / "far/back").symlink_to(tmp_path / "proj/a")
        (tmp_path / "proj/a/far").symlink_to(tmp_path / "far")
        assert found(tmp_path / "proj") == ["a/far/y.py", "a/x.py"]

    def test_a_link_to_nothing_is_an_error_but_not_an_editors_lock(self, tmp_path):
        (tmp_path / "gone.py").symlink_to("nowhere.py")
        (tmp_path / "self.py").symlink_to("self.py")
        (tmp_path / ".#lock.py").symlink_to("me@host.1234")
        assert sorted((error.path, error.message) for error in run(tmp_path).errors) == [
            ("gone.py", "no such file or directory"),
            ("self.py", "too many levels of symbolic links"),
        ]


class TestNamedFiles:
    def test_missing(self, tmp_path):
        tree(tmp_path, "a.py")
        discovery = run(tmp_path, "none.py", "a.py")
        assert [source.path for source in discovery.sources] == ["a.py"]
        assert [(error.path, error.message) for error in discovery.errors] == [("none.py", "no such file or directory")]

    def test_scripts_without_a_suffix_are_known_by_their_first_line(self, tmp_path):
        write(tmp_path, "train", "#!/usr/bin/env python3\n")
        write(tmp_path, "run", "#!/bin/sh\n")
        write(tmp_path, "draw", "#!/usr/bin/perl\n")
        discovery = run(tmp_path, "train", "run", "draw")
        assert [source.path for source in discovery.sources] == ["run", "train"]
        assert [note.path for note in discovery.notes] == ["draw"]

    def test_another_kind_of_file_is_left_out_with_a_word(self, tmp_path):
        write(tmp_path, "notes.txt", "seed: 42")
        discovery = run(tmp_path, "notes.txt")
        assert (discovery.sources, discovery.errors) == ((), ())
        assert [note.path for note in discovery.notes] == ["notes.txt"]

    def test_a_file_that_never_speaks_of_experiments_is_left_out_without_a_word(self, tmp_path):
        write(tmp_path, "package-lock.json", "{}")
        assert run(tmp_path, "package-lock.json") == Discovery(())

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_is_never_opened(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.py")
        assert run(tmp_path).sources == ()
        assert [error.message for error in run(tmp_path, "pipe.py").errors] == ["not a regular file"]


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="permissions do not hold for this user")
def test_a_folder_that_cannot_be_read_is_an_error(tmp_path):
    tree(tmp_path, "closed/x.py", "a.py")
    (tmp_path / "closed").chmod(0)
    discovery = run(tmp_path)
    (tmp_path / "closed").chmod(0o755)
    assert [source.path for source in discovery.sources] == ["a.py"]
    assert [(error.path, error.message) for error in discovery.errors] == [("closed", "Permission denied")]


def test_a_pattern_that_means_nothing_is_an_error_where_the_user_is_asked():
    with pytest.raises(PatternError, match="'!'"):
        Globs(["!"], strict=True)


def left_by_git(root: Path) -> list[str]:
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--others", "--exclude-standard", "*.py"],
        check=True,
        capture_output=True,
    )
    return sorted(path for path in listing.stdout.decode().split("\0") if path)
