"""A project is judged alike from wherever in it the command is given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from seedlint.cli import cli

SEEDING = "import torch\n\n\ndef seed_all(seed):\n    torch.manual_seed(seed)\n"
TRAIN = """\
from lab.seeding import seed_all
import torch

seed_all(5)
model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model(torch.ones(1)).backward()
optimizer.step()
"""


@pytest.mark.parametrize("folder", ["", "experiments"])
def test_imports_lead_out_of_the_folder_in_which_the_command_is_given(tmp_path, folder, monkeypatch):
    write(tmp_path / ".git/HEAD", "")
    write(tmp_path / "lab/__init__.py", "")
    write(tmp_path / "lab/seeding.py", SEEDING)
    write(tmp_path / "experiments/train.py", TRAIN)
    monkeypatch.chdir(tmp_path / folder)
    named = "train.py" if folder else "experiments/train.py"
    result = CliRunner().invoke(cli, ["check", "--format", "json", named])
    findings = json.loads(result.stdout)["findings"]
    assert [(finding["path"], finding["line"], finding["code"]) for finding in findings] == [(named, 4, "SL101")]
    seeding = Path(findings[0]["evidence"][0]["path"])
    assert (Path.cwd() / seeding).resolve() == (tmp_path / "lab/seeding.py").resolve()


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
