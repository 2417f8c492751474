"""What becomes of files that cannot be read, parsed, or held: an error where an experiment's code is lost, silence for data."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedlint.code.analysis import Analysis, analyse
from seedlint.code.discover import Source
from seedlint.code.kinds import DATA_BYTES, PROGRAM_BYTES

SEEDED = "import torch\n\ntorch.manual_seed(42)\n"


def run(root: Path, **files: str | bytes) -> Analysis:
    sources = []
    for name, content in files.items():
        path = root / name.replace("_dot_", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        sources.append(Source(path.name, path))
    return analyse(sources, jobs=1)


def errors(analysis: Analysis) -> list[tuple[str, str]]:
    return [(error.path, error.message) for error in analysis.errors]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '{"seed": '),
        ("a.yaml", "seed: [1, 2"),
        ("a.toml", "seed = = 3"),
        ("a.ini", "seed 3 ]["),
        ("a.gin", "seed = ("),
    ],
)
def test_a_config_that_cannot_be_parsed_is_passed_over(tmp_path, name, content):
    found = run(tmp_path, **{name.replace(".", "_dot_"): content, "train_dot_py": SEEDED})
    assert errors(found) == []
    assert found == run(tmp_path, train_dot_py=SEEDED)


def test_code_that_cannot_be_parsed_is_an_error_in_one_line(tmp_path):
    found = errors(run(tmp_path, a_dot_py="seed = (\n", b_dot_ipynb='{"seed": ', c_dot_sh=b"seed\0"))
    assert [path for path, _ in found] == ["a.py", "b.ipynb", "c.sh"]
    assert all(message and "\n" not in message for _, message in found)


def test_a_large_config_is_data_and_a_large_program_an_error(tmp_path):
    large = b'{"seed": 42, "text": "' + b"x" * DATA_BYTES + b'"}'
    assert errors(run(tmp_path, a_dot_json=large, train_dot_py=SEEDED)) == []
    program = SEEDED.encode() + b"# x" * PROGRAM_BYTES
    assert errors(run(tmp_path, train_dot_py=program)) == [("train.py", "larger than 4 MB, not read")]


def test_a_file_that_is_gone_when_it_is_looked_at_is_an_error(tmp_path):
    found = analyse([Source("gone.py", tmp_path / "gone.py")], jobs=1)
    assert errors(found) == [("gone.py", "cannot be read: No such file or directory")]


def test_what_only_starts_programs_is_not_even_parsed_where_nothing_seeds(tmp_path):
    unreadable = b"python train.py\n\0"
    assert errors(run(tmp_path, a_dot_sh=unreadable, train_dot_py="print(1)\n")) == []
    assert [path for path, _ in errors(run(tmp_path, a_dot_sh=unreadable, train_dot_py=SEEDED))] == ["a.sh"]


def test_comments_of_ours_are_noticed_in_every_kind_of_file(tmp_path):
    said = "seed: 1  # seedlint: ignore[SL103]\n"
    assert run(tmp_path, a_dot_yaml=said, b_dot_yaml="seed: 1\n").directives == {"a.yaml"}
