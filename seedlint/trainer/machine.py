"""Where trials are trained: the device, the engine and the number of lanes, and what a trial's bits depend on."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace

import numpy as np
import torch

from seedlint.trainer.population import Engine
from seedlint.trainer.store import Environment
from seedlint.trainer.task import TaskError


@dataclass(frozen=True)
class Machine:
    """Where and how lanes are trained: `device` is auto, cpu, cuda or mps; None lets the device decide."""

    device: str = "cpu"
    engine: Engine | None = None
    lanes: int | None = None
    threads: int = 1

    def resolved(self) -> Machine:
        """Return the machine with nothing left open."""
        device = best_device() if self.device == "auto" else self.device
        on_cuda = device.startswith("cuda")
        if on_cuda and not torch.cuda.is_available():
            raise TaskError("torch sees no CUDA device")
        if device == "mps" and not torch.backends.mps.is_available():
            raise TaskError("torch sees no MPS device")
        engine = self.engine or (Engine.GRAPH if on_cuda else Engine.EAGER)
        return replace(self, device=device, engine=engine, lanes=self.lanes or (1024 if on_cuda else 64))


def recorded_machine(where: Environment) -> Machine:
    """Return the machine of an environment."""
    return Machine(where.device, Engine(where.engine), where.lanes, where.threads)


ONE_THREAD = Machine()
"""One thread of the CPU."""


def best_device() -> str:
    """Return the fastest kind of device that torch finds here."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def environment(machine: Machine) -> Environment:
    """Return what the bits of a trial depend on here."""
    assert machine.engine is not None
    assert machine.lanes is not None
    on_cuda = machine.device.startswith("cuda")
    return Environment(
        engine=machine.engine.value,
        lanes=machine.lanes,
        threads=machine.threads,
        device=machine.device,
        processor=torch.cuda.get_device_name()
        if on_cuda
        else f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
        torch=torch.__version__,
        numpy=np.__version__,
        python=platform.python_version(),
    )
