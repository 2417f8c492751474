#!/usr/bin/env python3
"""Prints trials per second of the trainer's populations beside the usual loop over trials, as Markdown tables.

It is no part of the test suite. It needs seedlint[trainer], scikit-learn and, for the compiled engines, a C++ compiler:

    \b
    python tests/benchmarks/bench_trainer.py
    python tests/benchmarks/bench_trainer.py --device cuda --processes 16

A trial is a perceptron 64-64-64-10 on 400 handwritten digits: batch 64, 450 steps of AdamW, dropout on both hidden layers;
seed, learning rate, weight decay and dropout differ from trial to trial. In every round every contender runs once, so that
a busy machine bothers all alike; the table holds medians over the rounds, of the ratio too. A measurement takes --seconds or
more: where trials are shorter they are repeated, where they are longer they run a share of the 450 steps and are counted by
it. Each run initialises and validates once, whatever its share. Compilation is not measured.

On one CPU thread seconds are those of the CPU, which leaves out the time that other programs take; else they are a clock's.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click
import torch
from torch import Tensor, nn

from seedlint.trainer.population import Engine, Population
from seedlint.trainer.space import ANY_SEED, Config, LogUniform, Space, Uniform
from seedlint.trainer.task import Lane, Part, Task
from seedlint.trainer.tasks import Digits

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

SIZES = (64, 64, 64, 10)
BATCH, STEPS = 64, 450
SEARCH_SEED = 1
CPU_LANES, CUDA_LANES = (1, 8, 32, 128, 512), (64, 128, 256, 512, 1024, 2048, 4096, 8192)


class Perceptron(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = (nn.Linear(n, m) for n, m in pairwise(SIZES))

    def forward(self, features: Tensor, lane: Lane) -> Tensor:
        hidden = lane.dropout(torch.relu(self.first(features)), lane["dropout"])
        hidden = lane.dropout(torch.relu(self.second(hidden)), lane["dropout"])
        return self.last(hidden)


class Benchmarked(Digits):
    batch, steps = BATCH, STEPS
    space = Space(
        {
            "seed": ANY_SEED,
            "lr": LogUniform(5e-4, 5e-2),
            "weight_decay": LogUniform(1e-4, 1.0),
            "dropout": Uniform(0.0, 0.6),
        }
    )
    fan_in = Task.fan_in

    def model(self) -> nn.Module:
        return Perceptron()


@dataclass(frozen=True)
class Contender:
    """A way to train trials. `train(steps)` trains `lanes` of them for `steps` steps, validates them, and waits for the device."""

    name: str
    lanes: int
    device: torch.device
    train: Callable[[int], object]


def on_one_cpu_thread(device: torch.device) -> bool:
    return device.type == "cpu" and torch.get_num_threads() == 1


def configs(lanes: int) -> list[Config]:
    return [Benchmarked.space.config(SEARCH_SEED, trial) for trial in range(lanes)]


def train_one(config: Config, device: torch.device, fused: bool, steps: int) -> float:
    """Train one trial as most scripts do, and return its validation accuracy."""
    task = Benchmarked()
    features, labels = (tensor.to(device) for tensor in task.examples(Part.TRAIN))
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(SIZES[:-1]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(config["dropout"])]
    model = nn.Sequential(*layers, nn.Linear(*SIZES[-2:])).to(device)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config["lr"], weight_decay=config["weight_decay"], fused=fused or None
    )
    generator = torch.Generator().manual_seed(int(config["seed"]))
    batches = len(labels) // BATCH
    for step in range(steps):
        if step % batches == 0:
            order = torch.randperm(len(labels), generator=generator).to(device)
        index = order[step % batches * BATCH : (step % batches + 1) * BATCH]
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(features[index]), labels[index]).backward()
        optimizer.step()
    model.eval()
    features, labels = (tensor.to(device) for tensor in task.examples(Part.VALIDATION))
    with torch.no_grad():
        return task.score(model(features), labels)


def population(device: torch.device, engine: Engine, lanes: int) -> Contender:
    trained = Population(Benchmarked(), device, engine)
    return Contender(
        f"population, {engine.value}",
        lanes,
        device,
        lambda steps: trained.fit(configs(lanes), steps=steps, evaluations=1),
    )


def loops(device: torch.device) -> list[Contender]:
    (config,) = configs(1)
    return [
        Contender(name, 1, device, partial(train_one, config, device, fused))
        for name, fused in (("usual loop", False), ("usual loop, AdamW(fused=True)", True))
    ]


def rate(contender: Contender, seconds: float, steps: int) -> float:
    """Return trials per second over at least `seconds`."""
    clock = time.process_time if on_one_cpu_thread(contender.device) else time.perf_counter
    start, trained = clock(), 0
    while (spent := clock() - start) < seconds:
        contender.train(steps)
        trained += steps
    return contender.lanes * trained / STEPS / spent


def steps_within(contender: Contender, seconds: float) -> int:
    """Warm up, compilation included, and return how many steps of a trial, a tenth or more, fit into `seconds`."""
    few = STEPS // 10
    contender.train(few)
    start = time.perf_counter()
    contender.train(few)
    return max(few, min(STEPS, int(few * seconds / (time.perf_counter() - start))))


def loop_in_process(number: int, seconds: float, ready: Barrier, device: str, counts: Tensor) -> None:
    torch.set_num_threads(1)
    *_, loop = loops(torch.device(device))
    loop.train(STEPS // 10)
    ready.wait()
    counts[number] = rate(loop, seconds, STEPS)


def rate_of_processes(processes: int, seconds: float, device: torch.device) -> float:
    """Return the trials per second of several processes that share the device, each with the fused loop."""
    context = torch.multiprocessing.get_context("spawn")
    counts = torch.zeros(processes, dtype=torch.float64).share_memory_()
    torch.multiprocessing.spawn(
        loop_in_process, (seconds, context.Barrier(processes), str(device), counts), nprocs=processes
    )
    return float(counts.sum())


def flops_of_trial() -> int:
    """Count the multiplications and additions of the matrix products; the first layer's input needs no gradient."""
    weights = [n * m for n, m in pairwise(SIZES)]
    return 2 * BATCH * STEPS * (3 * sum(weights) - weights[0])


def matmul_peak(device: torch.device, *shape: int) -> float:
    """Return the FLOP/s of products of square matrices (..., n, n), the best of five runs of about 0.2 s."""
    left, right = torch.ones(shape, device=device), torch.ones(shape, device=device)
    flops = 2 * left.numel() * shape[-1]
    times = max(1, int((2e10 if device.type == "cpu" else 5e12) / flops))
    best = 0.0
    for _ in range(6):  # the first one warms up
        start = time.perf_counter()
        for _ in range(times):
            product = left @ right
        product.sum().item()
        best = max(best, times * flops / (time.perf_counter() - start))
    return best


def replays(trained: Population, lanes: int) -> tuple[bool, bool]:
    """Say whether a trial among others is bitwise the same among copies of itself, and alone."""
    others, lane = configs(lanes), lanes // 2

    def digest(trials: Sequence[Config], lane: int) -> str:
        return trained.fit(trials, steps=STEPS // 10, evaluations=1).weights_digest(lane)

    expected = digest(others, lane)
    return digest([others[lane]] * lanes, 0) == expected, digest([others[lane]], 0) == expected


def table(*rows: Sequence[object]) -> str:
    head, *body = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *body])


def speed_table(device: torch.device, lanes: Sequence[int], rounds: int, seconds: float, processes: int) -> str:
    engines = [engine for engine in Engine if engine is not Engine.GRAPH or device.type == "cuda"]
    contenders = [*loops(device), *(population(device, engine, width) for engine in engines for width in lanes)]
    if 1 not in lanes:
        contenders.append(population(device, Engine.COMPILED, 1))
    measured: list[tuple[str, int, Callable[[], float]]] = [
        (contender.name, contender.lanes, partial(rate, contender, seconds, steps_within(contender, seconds)))
        for contender in contenders
    ]
    if processes:
        name = f"{processes} processes, AdamW(fused=True)"
        measured.append((name, 1, partial(rate_of_processes, processes, seconds, device)))
    by_round, peak = [], 0.0
    for _ in range(rounds):
        by_round.append([measure() for _, _, measure in measured])
        peak = max(peak, matmul_peak(device, 1024, 1024))
    rows = []
    for (name, width, _), rates in zip(measured, zip(*by_round, strict=True), strict=True):
        median = statistics.median(rates)
        ratio = statistics.median(one / round_[0] for one, round_ in zip(rates, by_round, strict=True))
        share = median * flops_of_trial() / peak
        rows.append(
            (name, width, f"{median:.1f}", f"{min(rates):.1f}-{max(rates):.1f}", f"{ratio:.1f}", f"{share:.1%}")
        )
    notes = [
        f"One trial is {flops_of_trial() / 1e9:.2f} GFLOP. Peaks in GFLOP/s: 1024 x 1024 (the share's) {peak / 1e9:.0f}",
        *(f"{width} x (64 x 64 x 64) {matmul_peak(device, width, 64, 64) / 1e9:.0f}" for width in lanes),
    ]
    heading = ("contender", "lanes", "trials/s", "range", "x usual loop", "of matmul peak")
    return "\n\n".join([table(heading, *rows), "; ".join(notes) + "."])


def replay_table(device: torch.device, lanes: Sequence[int]) -> str:
    engines = [engine for engine in Engine if engine is not Engine.GRAPH or device.type == "cuda"]
    rows = []
    for engine in engines:
        trained = Population(Benchmarked(), device, engine)
        for width in lanes:
            same_width, alone = ("equal" if same else "differs" for same in replays(trained, width))
            rows.append((engine.value, width, same_width, alone))
    return table(("engine", "lanes", "among copies of itself", "alone"), *rows)


@click.command(help=__doc__, context_settings={"max_content_width": 120})
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option(
    "--lanes", type=click.IntRange(1), multiple=True, help="Population sizes [default: 1-512, 64-8192 on CUDA]."
)
@click.option(
    "--threads", type=click.IntRange(1), multiple=True, help="Threads, a run for each [default: 1 2, 1 on CUDA]."
)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--seconds", type=float, default=2.0, show_default=True, help="Length of one measurement.")
@click.option("--processes", type=click.IntRange(0), default=0, help="Also run the fused loop in so many processes.")
def main(
    device: str, lanes: tuple[int, ...], threads: tuple[int, ...], rounds: int, seconds: float, processes: int
) -> None:
    where = torch.device(device)
    lanes = lanes or (CUDA_LANES if where.type == "cuda" else CPU_LANES)
    threads = threads or ((1,) if where.type == "cuda" else (1, 2))
    if len(threads) > 1:
        options = [f"--device={device}", f"--rounds={rounds}", f"--seconds={seconds}", f"--processes={processes}"]
        for count in threads:
            each = [*options, f"--threads={count}", *(f"--lanes={width}" for width in lanes)]
            environment = {**os.environ, "OMP_NUM_THREADS": str(count)}
            subprocess.run([sys.executable, str(Path(__file__)), *each], check=True, env=environment)
        return
    torch.set_num_threads(threads[0])
    chip = torch.cuda.get_device_name(where) if where.type == "cuda" else "CPU"
    click.echo(f"\n## {chip}, threads: {threads[0]}, torch {torch.__version__}, rounds: {rounds}\n")
    click.echo(speed_table(where, lanes, rounds, seconds, processes))
    click.echo(f"\n{replay_table(where, lanes)}")


if __name__ == "__main__":
    main()
