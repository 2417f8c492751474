"""The package as users get it: a wheel from the source distribution, installed in its own environment, and run."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import seedlint

ROOT = Path(__file__).parent.parent
DEPENDENCIES = ("click", "libcst", "pathspec", *(("tomli",) if sys.version_info < (3, 11) else ()))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network from the source distribution, so that this one is known to be complete too."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that holds the wheel and borrows the dependencies from this environment."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    run(sys.executable, "-m", "pip", "--python", programs / "python", "install", "--no-deps", "--no-index", wheel)
    (site_packages,) = home.glob("[Ll]ib/**/site-packages")
    # Folders named in a .pth file come after the environment's own, and an editable seedlint in them is not seen.
    (site_packages / "borrowed.pth").write_text("\n".join(sorted({home_of(name) for name in DEPENDENCIES})))
    return programs


def run(*command: str | Path, cwd: Path = ROOT, exit_code: int = 0) -> str:
    """The standard output of a command that ends as expected."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == exit_code, done.stdout + done.stderr
    return done.stdout


def home_of(package: str) -> str:
    """The folder from which a package is imported here."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent.parent)


def files_below(folder: Path, pattern: str) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.glob(pattern)}


def test_wheel_holds_the_code_the_rules_and_the_type_marker(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    code = {f"seedlint/{name}" for name in files_below(ROOT / "seedlint", "**/*.py")}
    pages, frameworks = files_below(ROOT / "rules", "*.md"), files_below(ROOT / "rules", "apis/*.toml")
    wording = files_below(ROOT / "rules", "papers/*.*")
    assert code | {"seedlint/py.typed"} <= names
    assert pages
    assert frameworks
    assert "papers/cues.toml" in wording
    assert {f"seedlint/_rules/{name}" for name in pages | frameworks | wording} <= names


def test_wheel_holds_nothing_but_the_package(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"seedlint", f"seedlint-{seedlint.__version__}.dist-info"}


def test_installed_command_says_its_version(installed: Path, tmp_path: Path) -> None:
    assert seedlint.__version__ in run(installed / "seedlint", "--version", cwd=tmp_path)
    assert seedlint.__version__ in run(installed / "python", "-m", "seedlint", "--version", cwd=tmp_path)


def test_installed_code_is_the_wheel_and_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import seedlint; print(seedlint.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_installed_command_finds_its_rules(installed: Path, tmp_path: Path) -> None:
    listed = run(installed / "seedlint", "rules", cwd=tmp_path)
    for page in (ROOT / "rules").glob("SL*.md"):
        assert page.name[:5] in listed


def test_installed_command_checks_a_file(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import torch\n"
        "torch.manual_seed(42)\n"
        "model = torch.nn.Linear(2, 1)\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "for features, labels in torch.load('train.pt'):\n"
        "    torch.nn.functional.mse_loss(model(features), labels).backward()\n"
        "    optimizer.step()\n",
        encoding="utf-8",
    )
    report = run(installed / "seedlint", "check", "--no-cache", "train.py", cwd=tmp_path, exit_code=1)
    assert "train.py:2" in report
    assert "SL101" in report
