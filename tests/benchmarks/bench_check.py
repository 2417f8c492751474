#!/usr/bin/env python3
"""Prints what `seedlint check` costs beside ruff and flake8 with TorchFix, on a large tree and on five changed files,
and how its own cost grows with the number of files, when all is new, nothing is, and one file is.

It checks nothing and is no part of the test suite. seedlint runs from the Python that runs this script; the others are
yours to install:

    python -m pip install ruff                                      # or name one with --ruff
    python -m venv torchfix-env                                     # TorchFix wants an older libcst than seedlint,
    torchfix-env/bin/python -m pip install flake8 torchfix          # so it gets an environment of its own
    python tests/benchmarks/bench_check.py --torchfix torchfix-env/bin/python

What is not there is left out of the table. Without a TREE the transformers source distribution is downloaded once.
TorchFix takes ten minutes of CPU or more on it; --skip-torchfix-tree leaves that one run out.

CPU is user + system seconds of the whole process with its children, wall the seconds that passed; each figure is the
median over the rounds, and in every round each tool runs once, so that a busy machine bothers all alike. --growth leaves
the other tools out.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TRANSFORMERS = "5.23.0"

SIZES = (1_000, 2_000, 4_000)
"""Files in the trees on which the growth of the cost is measured."""


@dataclass(frozen=True)
class Tool:
    """A linter and the command that makes it read some paths; `slow` tools run once on a tree, `narrow` ones never."""

    name: str
    command: tuple[str, ...]
    slow: bool = False
    narrow: bool = False


@dataclass(frozen=True)
class Cost:
    """What one run, or the median run, took."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Workload:
    """A set of paths to lint, and what to call it in the table."""

    title: str
    paths: tuple[str, ...]
    large: bool = False


def main() -> None:
    """Measure what the options ask for and print one table a workload."""
    options = parse_options()
    tree = options.tree or fetched_transformers(options.cache)
    files = sorted(path for path in tree.rglob("*.py") if path.is_file())
    if not files:
        sys.exit(f"no Python files under {tree}")
    print(f"{tree.name}: {len(files):,} Python files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")
    print(f"medians over {options.rounds} rounds, one for TorchFix on the tree\n")
    if not options.growth:
        compare_tools(options, tree, files)
    print_growth({size: measure_growth(files, size, options.rounds) for size in SIZES})


def compare_tools(options: argparse.Namespace, tree: Path, files: Sequence[Path]) -> None:
    """Measure seedlint beside the other tools."""
    tools = available_tools(options.ruff, options.torchfix)
    seeded, plain = changed_files(files, count=5)
    workloads = [
        Workload("the whole tree", (str(tree),), large=True),
        Workload(f"five changed files with seeds, {size_of(seeded)}", tuple(map(str, seeded))),
        Workload(f"five changed files without, {size_of(plain)}", tuple(map(str, plain))),
    ]
    for workload in workloads:
        left_out = workload.large and options.skip_torchfix_tree
        chosen = [tool for tool in tools if not (tool.slow and left_out) and not (tool.narrow and workload.large)]
        print_table(workload, measure(workload, chosen, options.rounds))


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", nargs="?", type=Path, help="a folder to lint; default: the transformers sources")
    parser.add_argument("--rounds", type=int, default=5, help="how often each tool runs (default: %(default)s)")
    parser.add_argument("--ruff", help="the ruff executable; default: the one beside this Python, or on PATH")
    parser.add_argument("--torchfix", metavar="PYTHON", help="the Python of the environment that has TorchFix")
    parser.add_argument("--skip-torchfix-tree", action="store_true", help="run TorchFix on the five files only")
    parser.add_argument("--growth", action="store_true", help="measure seedlint alone, on trees of growing size")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where the download is kept (%(default)s)")
    return parser.parse_args()


def default_cache() -> Path:
    """The user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "seedlint-benchmarks"


def fetched_transformers(cache: Path) -> Path:
    """The unpacked source distribution, downloaded if it is not there yet."""
    unpacked = cache / f"transformers-{TRANSFORMERS}"
    if not unpacked.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        wanted = f"transformers=={TRANSFORMERS}"
        download = [sys.executable, "-m", "pip", "download", "--no-binary", ":all:", "--no-deps", wanted]
        subprocess.run([*download, "--dest", str(cache)], check=True)
        with tarfile.open(cache / f"transformers-{TRANSFORMERS}.tar.gz") as archive:
            archive.extractall(cache, filter="data")
    return unpacked


def available_tools(ruff: str | None, torchfix: str | None) -> list[Tool]:
    """seedlint, and those of the others that are installed."""
    seedlint = (sys.executable, "-m", "seedlint", "check", "--exit-zero")
    tools = [
        Tool("seedlint", (*seedlint, "--no-cache")),
        Tool("seedlint, cached", seedlint),
        Tool("seedlint, without the project", (*seedlint, "--no-context"), narrow=True),
    ]
    beside = Path(sys.executable).with_name("ruff")
    ruff = ruff or (str(beside) if beside.exists() else shutil.which("ruff"))
    if ruff:
        tools.append(
            Tool("ruff NPY002", (ruff, "check", "--isolated", "--select", "NPY002", "--no-cache", "--exit-zero"))
        )
    if torchfix:
        flake8 = (torchfix, "-m", "flake8", "--isolated", "--select", "TOR", "--exit-zero")
        tools.append(Tool("flake8 + TorchFix", flake8, slow=True))
    return tools


def changed_files(files: Sequence[Path], count: int) -> tuple[list[Path], list[Path]]:
    """`count` files that mention a seed and `count` that do not, each lot around its median size."""
    mentions = {path: b"seed" in path.read_bytes().lower() for path in files}
    seeded = [path for path in files if mentions[path]]
    plain = [path for path in files if not mentions[path]]
    return around_median(seeded, count), around_median(plain, count)


def around_median(files: Sequence[Path], count: int) -> list[Path]:
    """The `count` files in the middle of the order by size."""
    by_size = sorted(files, key=lambda path: (path.stat().st_size, path))
    first = max(0, (len(by_size) - count) // 2)
    return by_size[first : first + count]


def size_of(files: Sequence[Path]) -> str:
    """The size of some files together, for a heading."""
    return f"{sum(path.stat().st_size for path in files) / 1e3:.0f} kB"


def measure(workload: Workload, tools: Sequence[Tool], rounds: int) -> dict[Tool, Cost]:
    """The median cost of each tool; one run more goes before the first, to fill caches, and is not counted."""
    costs: dict[Tool, list[Cost]] = {tool: [] for tool in tools}
    for round_number in range(rounds + 1):
        for tool in tools:
            once = tool.slow and workload.large
            if round_number == 0 and not once:
                run(tool, workload)
            elif round_number == 1 or (round_number > 1 and not once):
                costs[tool].append(run(tool, workload))
    return {tool: median(runs) for tool, runs in costs.items()}


def measure_growth(files: Sequence[Path], size: int, rounds: int) -> dict[str, Cost]:
    """The median cost of runs over a tree of `size` files: all of them new, none, one that seeds, one that does not."""
    costs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary, "tree")
        lay_out(files, size, tree)
        seeded, plain = changed_files(sorted(tree.rglob("*.py")), count=1)
        time.sleep(2.5)  # What is new by less than two seconds is never taken for known.
        for round_number in range(rounds):
            os.environ["SEEDLINT_CACHE_DIR"] = str(Path(temporary, f"cache-{round_number}"))
            tool, workload = (
                Tool("seedlint", (sys.executable, "-m", "seedlint", "check", "--exit-zero")),
                Workload("", (str(tree),)),
            )
            for title, changed in (
                ("all files new", []),
                ("nothing new", []),
                ("one new", plain),
                ("one with a seed new", seeded),
            ):
                for path in changed:
                    path.write_bytes(path.read_bytes() + b"# changed\n")
                costs.setdefault(title, []).append(run(tool, workload))
    del os.environ["SEEDLINT_CACHE_DIR"]
    return {title: median(runs) for title, runs in costs.items()}


def lay_out(files: Sequence[Path], size: int, tree: Path) -> None:
    """Copy `size` files in a random order that is always the same, and from the first again when they are all there."""
    order = random.Random(2022).sample(list(files), len(files))
    root = os.path.commonpath(order)
    for number in range(size):
        source = order[number % len(order)]
        target = tree / f"part_{number // len(order)}" / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def print_growth(costs: dict[int, dict[str, Cost]]) -> None:
    """One line for each kind of run and size: seconds, and how the CPU grew for each doubling of the files."""
    print(f"{'seedlint by itself':<32}{'files':>12}{'CPU s':>10}{'wall s':>10}{'x half':>12}")
    for title in next(iter(costs.values())):
        before = None
        for size, of_size in costs.items():
            cost = of_size[title]
            growth = "" if before is None else f"{cost.cpu / before:.2f}"
            print(f"  {title:<30}{size:>12,}{cost.cpu:>10.3f}{cost.wall:>10.3f}{growth:>12}")
            before = cost.cpu
    print()


def median(runs: Sequence[Cost]) -> Cost:
    """The median cost of some runs."""
    return Cost(statistics.median(run.cpu for run in runs), statistics.median(run.wall for run in runs))


def run(tool: Tool, workload: Workload) -> Cost:
    """Run a tool to its end and say what it took; a tool that breaks down ends the benchmark."""
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        child = subprocess.Popen([*tool.command, *workload.paths], stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        complaint = said.read().decode(errors="replace")
        # seedlint ends with 2 if called wrongly, and if a file cannot be parsed, which is a run like any other.
        if child.returncode not in (0, 2) or complaint.startswith("Usage:"):
            sys.exit(f"{tool.name} ended with {child.returncode}:\n{complaint[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, wall)


def print_table(workload: Workload, costs: dict[Tool, Cost]) -> None:
    """One line a tool: seconds, and how many times seedlint's CPU it took."""
    unit = next(iter(costs.values())).cpu
    print(f"{workload.title:<44}{'CPU s':>10}{'wall s':>10}{'x seedlint':>12}")
    for tool, cost in costs.items():
        print(f"  {tool.name:<42}{cost.cpu:>10.3f}{cost.wall:>10.3f}{cost.cpu / unit:>12.2f}")
    print()


if __name__ == "__main__":
    main()
