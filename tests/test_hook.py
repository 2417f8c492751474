"""The pre-commit hook is one that pre-commit takes, and it names the files that seedlint reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from seedlint.code.kinds import KINDS

MANIFEST = Path(__file__).parents[1] / ".pre-commit-hooks.yaml"

UNKNOWN = {"gin", "just"}
"""Kinds of which pre-commit knows nothing: they are part of the project that the named files are judged in."""


def test_pre_commit_takes_the_manifest():
    pytest.importorskip("pre_commit")
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name not in UNKNOWN], ids=lambda kind: kind.name)
def test_the_hook_names_files_of_each_kind_that_pre_commit_knows(kind):
    identify = pytest.importorskip("identify.identify")
    (hook,) = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    names = [f"a{suffix}" for suffix in kind.suffixes] + [name.capitalize() for name in kind.names]
    assert any(identify.tags_from_filename(name) & set(hook["types_or"]) for name in names)
