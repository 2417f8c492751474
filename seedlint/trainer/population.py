"""Many trials at once on one device: their parameters are stacked, and one step trains every lane by its own hyperparameters.

Lanes do not know of each other: no sum crosses them, and all randomness comes from `rng`. So a trial is bitwise the same
beside any neighbours, also diverging ones, and on one thread of a CPU in any number of lanes, from 1 to 512 and on.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from seedlint.trainer import rng
from seedlint.trainer.rng import Stream
from seedlint.trainer.space import SEED_NAMES, Config
from seedlint.trainer.task import Lane, Part, Task, TaskError

Tensors = dict[str, Tensor]
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # of AdamW, as torch.optim has them
EVALUATED_AT_ONCE = 1024
MEMINFO = Path("/proc/meminfo")
COMPILED_STEPS = 256  # in one process; after 8, torch's default, it would go on eagerly without a word


class Engine(Enum):
    """How a step runs. They differ in their last bits, so a record names its engine."""

    EAGER = "eager"
    COMPILED = "compiled"
    GRAPH = "graph"
    """Compiled, and replayed as a CUDA graph."""


@dataclass(frozen=True)
class State:
    """Parameters and AdamW's moments of a population: name → (lanes, *shape)."""

    parameters: Tensors
    first: Tensors
    second: Tensors

    def tensors(self) -> Iterable[Tensor]:
        """Return all tensors, in a fixed order."""
        return [*self.parameters.values(), *self.first.values(), *self.second.values()]


@dataclass(frozen=True)
class Fitted:
    """A trained population: parameters name → (lanes, *shape), and per lane the scores on the way: [(step, score), ...]."""

    parameters: Tensors
    hyperparameters: Tensors
    curves: list[list[tuple[int, float]]]

    def first(self, lanes: int) -> Fitted:
        """Return the first `lanes` of the population."""
        cut = [
            {name: value[:lanes] for name, value in tensors.items()}
            for tensors in (self.parameters, self.hyperparameters)
        ]
        return Fitted(cut[0], cut[1], self.curves[:lanes])

    def weights_digest(self, lane: int) -> str:
        """Return sixteen hexadecimal digits of one lane's weights: equal if and only if they are equal bit for bit."""
        digest = hashlib.sha256()
        for values in self.parameters.values():
            digest.update(values[lane].cpu().numpy().tobytes())
        return digest.hexdigest()[:16]


class Population:
    """Trains populations of one task. Lanes of the same number share a compiled step."""

    def __init__(self, task: Task, device: torch.device, engine: Engine = Engine.EAGER) -> None:
        if engine is Engine.GRAPH and device.type != "cuda":
            raise TaskError("the engine 'graph' needs a CUDA device")
        if device.type == "cuda":
            torch.backends.cudnn.allow_tf32 = False
            torch.use_deterministic_algorithms(True, warn_only=True)
        self.task, self.device, self.engine = task, device, engine
        self._model = task.model().to(device)
        self._shapes = {name: tuple(value.shape) for name, value in self._model.named_parameters()}
        for module in self._model.modules():
            if isinstance(module, nn.modules.batchnorm._NormBase) and module.running_mean is not None:
                raise TaskError(
                    f"{task.name}: lanes keep no running statistics, as of {type(module).__name__}; use LayerNorm"
                )
            if isinstance(module, nn.modules.dropout._DropoutNd):
                raise TaskError(f"{task.name}: {type(module).__name__} draws from torch's generator; use lane.dropout")
        self._refuse_undrawn(task.model())
        self._data: dict[Part, tuple[Tensor, Tensor]] = {}
        self._compiled = _compiled(self._step_in_place) if engine is not Engine.EAGER else None

    def _refuse_undrawn(self, again: nn.Module) -> None:
        """What lanes take from the module as it is must not come from torch's generator."""
        kept = {name for name in self._shapes if self._weight_shape(name) is None}
        values = {**dict(self._model.named_parameters()), **dict(self._model.named_buffers())}
        others = {**dict(again.named_parameters()), **dict(again.named_buffers())}
        for name, value in values.items():
            if (name in kept or name not in self._shapes) and not torch.equal(value.cpu(), others[name].cpu()):
                raise TaskError(
                    f"{self.task.name}: {name} is drawn by torch when the model is made, not from the trial's seed"
                )

    def _weight_shape(self, name: str) -> tuple[int, ...] | None:
        """Return the shape of the weight whose inputs bound this parameter's first values; None where they are kept."""
        head, _, last = name.rpartition(".")
        weight = f"{head}.{last.replace('bias', 'weight')}".removeprefix(".") if last.startswith("bias") else name
        shape = self._shapes.get(weight, ())
        return shape if len(shape) >= 2 else None

    def fit(self, configs: Sequence[Config], *, steps: int | None = None, evaluations: int = 4) -> Fitted:
        """Train one lane for each configuration; `evaluations` validation scores are taken, the last one after the last step."""
        steps = self.task.steps if steps is None else steps
        features, labels = self.examples(Part.TRAIN)
        batch = min(self.task.batch, len(labels))
        batches = len(labels) // batch
        hyperparameters = self._hyperparameters(configs)
        order_key = rng.stream_key(self._seeds(configs, Stream.ORDER), Stream.ORDER)
        dropout_key = rng.stream_key(self._seeds(configs, Stream.DROPOUT), Stream.DROPOUT)
        state = self._initial(configs, hyperparameters)
        advance = self._advancing(state, (hyperparameters, dropout_key, features, labels), batch, steps)
        marks = {math.ceil(steps * i / evaluations) for i in range(1, evaluations + 1)}
        curves: list[list[tuple[int, float]]] = [[] for _ in configs]
        for step in range(steps):
            epoch, place = divmod(step, batches)
            if place == 0:
                order = rng.order(rng.fold(order_key, epoch), len(labels))
            state = advance(state, step, order[:, place * batch : (place + 1) * batch])
            if step + 1 in marks:
                for curve, score in zip(curves, self.scores(state.parameters, hyperparameters), strict=True):
                    curve.append((step + 1, score))
        return Fitted(state.parameters, hyperparameters, curves)

    def logits(self, parameters: Tensors, hyperparameters: Tensors, part: Part) -> Tensor:
        """Return the logits of every lane, without dropout: (lanes, examples, classes)."""

        def of_lane(parameters: Tensors, hyperparameters: Tensors, features: Tensor) -> Tensor:
            return functional_call(self._model, parameters, (features, Lane(hyperparameters, None)))  # type: ignore[no-any-return]

        forward = vmap(of_lane, in_dims=(0, 0, None))
        with torch.no_grad():
            batches = torch.split(self.examples(part)[0], EVALUATED_AT_ONCE)
            return torch.cat([forward(parameters, hyperparameters, batch) for batch in batches], dim=1)

    def scores(self, parameters: Tensors, hyperparameters: Tensors) -> list[float]:
        """Return every lane's validation score; a lane whose logits are not finite has diverged: nan."""
        logits = self.logits(parameters, hyperparameters, Part.VALIDATION)
        finite = logits.isfinite().flatten(1).all(1).tolist()
        labels = self.examples(Part.VALIDATION)[1]
        return [
            float(self.task.score(lane, labels)) if fine else math.nan
            for lane, fine in zip(logits, finite, strict=True)
        ]

    def examples(self, part: Part) -> tuple[Tensor, Tensor]:
        """Return features and labels on the device."""
        if part not in self._data:
            try:
                features, labels = self.task.examples(part)
            except Exception as error:  # whatever the user's own code raises
                raise TaskError(f"{self.task.name}: {type(error).__name__}: {error}") from error
            self._data[part] = features.to(self.device), labels.to(self.device)
        return self._data[part]

    def lanes_that_fit(self) -> int | None:
        """Return how many lanes the free memory holds by estimate, at least 1; None where nobody tells what is free."""
        free = _free_memory(self.device)
        return None if free is None else max(1, int(0.8 * free) // self._bytes_of_a_lane())

    def _bytes_of_a_lane(self) -> int:
        """Estimate a lane's memory: parameters, their gradients, moments and successors; what a batch leaves; the order."""
        weights = sum(value.nbytes for value in self._model.parameters())
        features, labels = self.task.examples(Part.TRAIN)
        example = features[:1].nbytes + sum(
            4 * value.shape[0] if value.ndim else 4 for value in self._model.parameters()
        )
        batch = max(
            min(self.task.batch, len(labels)), min(EVALUATED_AT_ONCE, len(self.task.examples(Part.VALIDATION)[1]))
        )
        return 8 * weights + 4 * batch * example + 20 * len(labels)

    def _seeds(self, configs: Sequence[Config], stream: Stream) -> Tensor:
        seeds = [int(config.get(f"{stream.name.lower()}_seed", config["seed"])) for config in configs]
        return torch.tensor(seeds, dtype=torch.int32, device=self.device)

    def _hyperparameters(self, configs: Sequence[Config]) -> Tensors:
        names = [name for name in configs[0] if name not in SEED_NAMES]
        values = {name: [float(config[name]) for config in configs] for name in names}
        values.setdefault("weight_decay", [0.0] * len(configs))
        return {name: torch.tensor(column, device=self.device) for name, column in values.items()}

    def _initial(self, configs: Sequence[Config], hyperparameters: Tensors) -> State:
        keys = rng.stream_key(self._seeds(configs, Stream.INIT), Stream.INIT)
        parameters = {}
        for number, (name, value) in enumerate(self._model.named_parameters()):
            shape = self._weight_shape(name)
            if shape is None:  # of a normalisation: ones and zeros
                parameters[name] = value.detach().to(self.device).expand(len(configs), *value.shape).clone()
                continue
            fan_in = self.task.fan_in(name.replace("bias", "weight"), shape, hyperparameters)
            bound = torch.as_tensor(fan_in, dtype=torch.float32, device=self.device).expand(len(configs)).rsqrt()
            numbers = rng.uniform(rng.fold(keys, number), tuple(value.shape))
            parameters[name] = (numbers * 2 - 1) * _over(bound, numbers)
        zeros = {name: torch.zeros_like(value) for name, value in parameters.items()}
        return State(parameters, zeros, {name: value.clone() for name, value in zeros.items()})

    def _step(
        self,
        state: State,
        step: Tensor,
        bias: Tensor,
        index: Tensor,
        hyperparameters: Tensors,
        keys: Tensor,
        features: Tensor,
        labels: Tensor,
    ) -> State:
        """Take one optimiser step in every lane.

        `step` counts from 0, `bias` (2,) is `bias_corrections` of it, `index` is (lanes, batch), `keys` (lanes,).
        """

        def loss(
            parameters: Tensors, features: Tensor, labels: Tensor, key: Tensor, hyperparameters: Tensors
        ) -> Tensor:
            logits = functional_call(self._model, parameters, (features, Lane(hyperparameters, key)))
            return self.task.loss(logits, labels)

        gradients = vmap(grad(loss))(
            state.parameters, features[index], labels[index], rng.fold(keys, step), hyperparameters
        )
        return adamw(state, gradients, bias, hyperparameters["lr"], hyperparameters["weight_decay"])

    def _step_in_place(self, state: State, *arguments: Tensor | Tensors) -> None:
        after = self._step(state, *arguments)  # type: ignore[arg-type]
        for old, new in zip(state.tensors(), after.tensors(), strict=True):
            old.copy_(new)

    def _advancing(
        self, state: State, fixed: tuple[Tensors, Tensor, Tensor, Tensor], batch: int, steps: int
    ) -> Callable[[State, int, Tensor], State]:
        """Return the function that takes step number `step` with the examples `index`."""
        numbers = torch.arange(steps, dtype=torch.int32, device=self.device)
        biases = bias_corrections(steps).to(self.device)

        def eager(state: State, step: int, index: Tensor) -> State:
            with torch.no_grad():
                return self._step(state, numbers[step], biases[step], index, *fixed)

        def compiled(state: State, step: int, index: Tensor) -> State:
            assert self._compiled is not None
            with torch.no_grad():
                self._compiled(state, numbers[step], biases[step], index, *fixed)
            return state

        if self.engine is Engine.EAGER:
            return eager
        return compiled if self.engine is Engine.COMPILED else self._graph(state, fixed, batch, biases)

    def _graph(
        self, state: State, fixed: tuple[Tensors, Tensor, Tensor, Tensor], batch: int, biases: Tensor
    ) -> Callable[[State, int, Tensor], State]:
        """Capture the compiled step once and replay it: its launches are one."""
        assert self._compiled is not None
        lanes = len(fixed[1])
        number = torch.zeros((), dtype=torch.int32, device=self.device)
        bias = biases[0].clone()
        chosen = torch.zeros((lanes, batch), dtype=torch.int64, device=self.device)
        before = [value.clone() for value in state.tensors()]
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.no_grad(), torch.cuda.stream(aside):
            for _ in range(3):  # a capture must not be the first run
                self._compiled(state, number, bias, chosen, *fixed)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.no_grad(), torch.cuda.graph(graph):
            self._compiled(state, number, bias, chosen, *fixed)
        for value, initial in zip(state.tensors(), before, strict=True):
            value.copy_(initial)

        def replay(state: State, step: int, index: Tensor) -> State:
            number.fill_(step)
            bias.copy_(biases[step])
            chosen.copy_(index)
            graph.replay()
            return state

        return replay


def _compiled(step: Callable[..., None]) -> Callable[..., None]:
    """Compile a step, anew for each number of lanes; what cannot be compiled whole is an error, not a slower run."""
    torch._dynamo.config.cache_size_limit = COMPILED_STEPS
    return torch.compile(step, dynamic=False, fullgraph=True)


def bias_corrections(steps: int) -> Tensor:
    """Return AdamW's corrections of its two moments, for steps from 0: (steps, 2).

    They are computed before the steps: a compiled step would compute the powers for every weight.
    """
    taken = torch.arange(1, steps + 1, dtype=torch.float64)
    return torch.stack([1 - BETA_1**taken, torch.sqrt(1 - BETA_2**taken)], dim=1).to(torch.float32)


def adamw(state: State, gradients: Mapping[str, Tensor], bias: Tensor, lr: Tensor, weight_decay: Tensor) -> State:
    """Return the state after one step (Loshchilov and Hutter 2019, algorithm 2); `bias` (2,) is its `bias_corrections`.

    `lr` and `weight_decay` are (lanes,): torch.optim takes only one of each. Weights decay, biases and other vectors do not.
    """
    parameters, first, second = {}, {}, {}
    for name, value in state.parameters.items():
        gradient = gradients[name]
        first[name] = torch.lerp(state.first[name], gradient, 1 - BETA_1)
        second[name] = state.second[name] * BETA_2 + (1 - BETA_2) * gradient * gradient
        rate = _over(lr, value)
        decayed = value * (1 - rate * _over(weight_decay, value)) if value.ndim > 2 else value
        moved = first[name] / (torch.sqrt(second[name]) / bias[1] + EPSILON)
        parameters[name] = decayed - rate / bias[0] * moved
    return State(parameters, first, second)


def _free_memory(device: torch.device) -> int | None:
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", MEMINFO.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:  # not on this system
        return None
    return int(found[1]) * 1024 if found else None


def _over(lanes: Tensor, values: Tensor) -> Tensor:
    """Shape (lanes,) so that it multiplies (lanes, *shape)."""
    return lanes.reshape(-1, *[1] * (values.ndim - 1))
