"""What a plain check must not load: start-up is most of what a run over a few files costs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import seedlint

HEAVY = {"libcst", "spacy", "pdfminer", "torch", "jsonschema", "numpy"}
PARSERS = {"yaml", "tree_sitter", "tree_sitter_bash", "configparser"}
ONLY_WHERE_NEEDED = {"importlib.metadata", "tempfile", "seedlint.edits", "seedlint.diff"}


PROGRAM = """
import sys
from seedlint.__main__ import run
sys.argv[0] = "seedlint"
code = run()
print("LOADED", *sys.modules, file=sys.stderr)
sys.exit(code)
"""


def loaded_by(folder: Path, *arguments: str) -> tuple[set[str], int]:
    """The modules and packages that a run of the command loads, and its exit code."""
    environment = {**os.environ, "PYTHONPATH": str(Path(seedlint.__file__).parents[1])}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    before, _, modules = done.stderr.rpartition("LOADED")
    assert "seedlint.lint" in modules.split(), before
    return {name for module in modules.split() for name in (module, module.partition(".")[0])}, done.returncode


def test_a_plain_check_loads_nothing_heavy(tmp_path):
    (tmp_path / "train.py").write_text("import torch\n\ntorch.manual_seed(42)\n", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("out/\n*.ckpt\n!best.ckpt\n", encoding="utf-8")
    loaded, code = loaded_by(tmp_path, "check")
    assert code in (0, 1)
    assert loaded & (HEAVY | PARSERS) == set()
    readers = {name for name in loaded if name.startswith("seedlint.code.readers.")}
    assert "seedlint.code.readers.python" in readers
    assert not {name for name in readers if re.search(r"yaml|json|toml|ini_|gin|shell_script|notebook", name)}


def test_a_check_in_which_nothing_changed_loads_neither_readers_nor_judges(tmp_path):
    (tmp_path / "train.py").write_text("import torch\n\ntorch.manual_seed(42)\n", encoding="utf-8")
    _, first = loaded_by(tmp_path, "check")
    loaded, code = loaded_by(tmp_path, "check")
    assert code == first
    assert loaded & {"seedlint.code.judgement", "seedlint.code.facts", "seedlint.code.readers"} == set()


def test_a_check_of_files_without_seeds_loads_only_what_it_needs(tmp_path):
    (tmp_path / "train.py").write_text("print('no dice here')\n", encoding="utf-8")
    loaded, code = loaded_by(tmp_path, "check", "train.py")
    assert code == 0
    assert loaded & (HEAVY | ONLY_WHERE_NEEDED) == set()
