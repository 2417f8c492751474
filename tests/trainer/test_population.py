"""Populations: a trial is the same in any company, learns as torch.optim would teach it, and draws each stream by its seed."""

from __future__ import annotations

import functools
import math
import shutil
from collections.abc import Sequence

import pytest

pytest.importorskip("torch")

import torch
from tiny import INPUTS, Tiny, normed
from torch import Tensor, nn

from seedlint.trainer import rng
from seedlint.trainer.population import Engine, Fitted, Population, State, Tensors, adamw, bias_corrections
from seedlint.trainer.rng import Stream
from seedlint.trainer.space import Config
from seedlint.trainer.task import Lane, Part, Task, TaskError

CPU = torch.device("cpu")
COMPILER = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
TRIALS = [Tiny.space.config(1, trial) for trial in range(512)]
TRIAL = TRIALS[5]
DIVERGING = {**TRIALS[0], "lr": 1e30}
PLAIN: Config = {"seed": 3, "lr": 0.02, "weight_decay": 0.5, "dropout": 0.0, "width": 16}

needs_compiler = pytest.mark.skipif(COMPILER is None, reason="torch.compile needs a C++ compiler")
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")


def fit(configs: Sequence[Config], task: Task | None = None, **options: int) -> Fitted:
    return Population(task or Tiny(), CPU).fit(configs, **options)


def lane_of(fitted: Fitted, lane: int) -> Tensors:
    return {name: values[lane] for name, values in fitted.parameters.items()}


def same_trial(one: Fitted, lane: int, other: Fitted, other_lane: int) -> bool:
    weights = one.weights_digest(lane) == other.weights_digest(other_lane)
    return weights and one.curves[lane] == other.curves[other_lane]


def usual_loop(task: Task, weights: Tensors, config: Config, steps: int) -> Tensors:
    """Train one module by torch.optim.AdamW, without dropout, on the batches that the seed orders."""
    model = task.model()
    model.load_state_dict(weights)
    groups = [
        {"params": [value for value in model.parameters() if value.ndim > 1], "weight_decay": config["weight_decay"]},
        {"params": [value for value in model.parameters() if value.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=config["lr"])
    features, labels = task.examples(Part.TRAIN)
    lane = Lane({"width": torch.tensor(config["width"]), "dropout": torch.tensor(0.0)}, None)
    key = rng.stream_key(torch.tensor(config["seed"], dtype=torch.int32), Stream.ORDER)
    orders = [rng.order(rng.fold(key, epoch), len(labels)) for epoch in range(steps)]
    batches = [batch for order in orders for batch in order.split(task.batch) if len(batch) == task.batch]
    for batch in batches[:steps]:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(features[batch], lane), labels[batch]).backward()
        optimizer.step()
    return {name: value.detach() for name, value in model.named_parameters()}


def largest_difference(one: Tensors, other: Tensors) -> float:
    return max((one[name] - other[name]).abs().max().item() for name in other)


# In company


@pytest.mark.parametrize("lanes", [2, 32, 512])
def test_a_trial_alone_is_bitwise_the_same_in_any_slot_of_a_population(lanes: int) -> None:
    alone = fit([TRIAL])
    for slot in {0, lanes // 2, lanes - 1}:
        configs = TRIALS[:lanes]
        configs[slot] = TRIAL
        assert same_trial(alone, 0, fit(configs), slot)


def test_every_trial_is_bitwise_the_same_among_shuffled_neighbours() -> None:
    backwards = fit(TRIALS[:32][::-1])
    assert all(same_trial(fit(TRIALS[:32]), lane, backwards, 31 - lane) for lane in range(32))


def test_a_trial_is_bitwise_the_same_among_neighbours_that_diverge() -> None:
    fitted = fit([DIVERGING, TRIAL, *[DIVERGING] * 6])
    assert same_trial(fit([TRIAL]), 0, fitted, 1)
    assert not fitted.parameters["first.weight"][0].isfinite().all()


def test_a_trial_is_bitwise_the_same_with_layer_normalisation() -> None:
    assert same_trial(fit([TRIAL], normed()), 0, fit(TRIALS[:9], normed()), 5)


def test_trials_of_two_seeds_or_hyperparameters_differ() -> None:
    others = [{**TRIAL, name: value} for name, value in (("seed", 1), ("lr", 0.05), ("dropout", 0.9), ("width", 2))]
    fitted = fit([TRIAL, *others, {**TRIAL, "weight_decay": 3.0}])
    assert len({fitted.weights_digest(lane) for lane in range(6)}) == 6


@needs_cuda
@pytest.mark.parametrize("engine", Engine)
def test_a_trial_is_bitwise_the_same_among_others_and_among_its_copies_on_cuda(engine: Engine) -> None:
    population = Population(Tiny(), torch.device("cuda"), engine)
    assert same_trial(population.fit(TRIALS[:32]), 5, population.fit([TRIAL] * 32), 0)


# Training


def test_adamw_takes_the_steps_of_torch_optim_in_every_lane() -> None:
    generator = torch.Generator().manual_seed(1)
    rates, decays = torch.tensor([1e-3, 1e-2, 1e-1]), torch.tensor([0.0, 0.1, 1.0])
    start = torch.randn(3, 4, 5, generator=generator)
    gradients = torch.randn(20, 3, 4, 5, generator=generator)
    zeros = {"weight": torch.zeros_like(start)}
    state = State({"weight": start}, zeros, zeros)
    for step, gradient in enumerate(gradients):
        state = adamw(state, {"weight": gradient}, bias_corrections(step + 1)[step], rates, decays)
    for lane in range(3):
        weight = nn.Parameter(start[lane].clone())
        optimizer = torch.optim.AdamW([weight], lr=rates[lane].item(), weight_decay=decays[lane].item())
        for gradient in gradients[:, lane]:
            weight.grad = gradient
            optimizer.step()
        assert torch.allclose(state.parameters["weight"][lane], weight, rtol=1e-5, atol=1e-5)


def test_vectors_do_not_decay() -> None:
    zeros = {"bias": torch.zeros(1, 4)}
    state = State({"bias": torch.ones(1, 4)}, zeros, zeros)
    after = adamw(state, zeros, bias_corrections(1)[0], torch.tensor([0.1]), torch.tensor([1.0]))
    assert torch.equal(after.parameters["bias"], torch.ones(1, 4))


@pytest.mark.parametrize("task", [Tiny(), normed()], ids=lambda task: task.name)
def test_every_lane_learns_what_the_usual_loop_learns(task: Task) -> None:
    configs = [PLAIN, {**PLAIN, "seed": 4, "lr": 0.05}, {**PLAIN, "weight_decay": 2.0}]
    initial, fitted = fit(configs, task, steps=0), fit(configs, task, steps=40)
    for lane, config in enumerate(configs):
        expected = usual_loop(task, lane_of(initial, lane), config, steps=40)
        assert largest_difference(lane_of(fitted, lane), expected) < 1e-4
        assert largest_difference(lane_of(initial, lane), expected) > 0.1


def test_a_lane_of_masked_width_is_a_truly_narrower_network() -> None:
    config: Config = {**PLAIN, "width": 4}
    initial, fitted = (
        {
            "first.weight": lane["first.weight"][:4],
            "first.bias": lane["first.bias"][:4],
            "last.weight": lane["last.weight"][:, :4],
            "last.bias": lane["last.bias"],
        }
        for lane in (lane_of(fit([PLAIN, config], steps=steps), 1) for steps in (0, 40))
    )
    expected = usual_loop(Tiny(width=4), initial, config, steps=40)
    assert largest_difference(fitted, expected) < 1e-4
    assert largest_difference(initial, expected) > 0.1


def test_initial_weights_fill_the_bounds_of_their_true_fan_in() -> None:
    fitted = fit([{**PLAIN, "seed": seed, "width": 4} for seed in range(200)], steps=0)
    for name, fan_in in (("first.weight", INPUTS), ("first.bias", INPUTS), ("last.weight", 4), ("last.bias", 4)):
        values = fitted.parameters[name]
        assert values.abs().max().item() == pytest.approx(fan_in**-0.5, rel=0.02)
        assert values.abs().max() <= fan_in**-0.5
        assert values.mean().abs() < 0.05


def test_a_normalisation_starts_as_ones_and_zeros() -> None:
    fitted = fit(TRIALS[:3], normed(), steps=0)
    assert torch.equal(fitted.parameters["norm.weight"], torch.ones(3, 16))
    assert torch.equal(fitted.parameters["norm.bias"], torch.zeros(3, 16))


# Streams


@pytest.mark.parametrize("name", ["init_seed", "order_seed", "dropout_seed"])
def test_a_stream_with_a_seed_of_its_own_leaves_the_others_to_the_seed(name: str) -> None:
    streams = ("init_seed", "order_seed", "dropout_seed")
    config: Config = {**TRIAL, "dropout": 0.4}
    one = {**config, "seed": 1, name: 2}
    other = {**config, "seed": 2, **{stream: 1 for stream in streams if stream != name}}
    fitted = fit([one, other, {**config, "seed": 1}, {**config, "seed": 2}])
    assert same_trial(fitted, 0, fitted, 1)
    assert len({fitted.weights_digest(lane) for lane in (0, 2, 3)}) == 3


def test_a_seed_alone_seeds_every_stream() -> None:
    fitted = fit([TRIAL, {**TRIAL, **dict.fromkeys(("init_seed", "order_seed", "dropout_seed"), TRIAL["seed"])}])
    assert same_trial(fitted, 0, fitted, 1)


def test_only_the_initial_seed_changes_the_initial_weights() -> None:
    fitted = fit([TRIAL, {**TRIAL, "order_seed": 9, "dropout_seed": 9}, {**TRIAL, "init_seed": 9}], steps=0)
    assert fitted.weights_digest(0) == fitted.weights_digest(1) != fitted.weights_digest(2)


def test_the_dropout_seed_changes_nothing_without_dropout() -> None:
    fitted = fit([PLAIN, {**PLAIN, "dropout_seed": 9}, {**PLAIN, "order_seed": 9}])
    assert fitted.weights_digest(0) == fitted.weights_digest(1) != fitted.weights_digest(2)


# Scores


def test_scores_are_taken_on_the_way_and_after_the_last_step() -> None:
    population = Population(Tiny(), CPU)
    fitted = population.fit(TRIALS[:3], steps=10)
    assert [step for step, _ in fitted.curves[0]] == [3, 5, 8, 10]
    assert population.scores(fitted.parameters, fitted.hyperparameters) == [curve[-1][1] for curve in fitted.curves]
    features, labels = Tiny().examples(Part.VALIDATION)
    hidden = torch.relu(features @ fitted.parameters["first.weight"][2].T + fitted.parameters["first.bias"][2])
    hidden[:, int(TRIALS[2]["width"]) :] = 0
    logits = hidden @ fitted.parameters["last.weight"][2].T + fitted.parameters["last.bias"][2]
    assert fitted.curves[2][-1][1] == (logits.argmax(1) == labels).double().mean().item()


def test_a_lane_that_diverges_scores_nan_and_its_neighbours_do_not() -> None:
    fitted = fit([TRIAL, DIVERGING, TRIAL])
    assert [math.isnan(curve[-1][1]) for curve in fitted.curves] == [False, True, False]


def test_populations_learn_the_tiny_task() -> None:
    curves = fit(TRIALS[:32], steps=60).curves
    assert max(curve[-1][1] for curve in curves) > 0.85


def test_the_first_lanes_of_a_population_are_a_population() -> None:
    fitted = fit(TRIALS[:5])
    first = fitted.first(2)
    assert len(first.curves) == len(first.parameters["last.bias"]) == len(first.hyperparameters["lr"]) == 2
    assert all(same_trial(first, lane, fitted, lane) for lane in range(2))


# Engines and models


@needs_compiler
def test_the_compiled_engine_repeats_its_own_bits_and_scores_as_the_eager_one() -> None:
    population = Population(Tiny(), CPU, Engine.COMPILED)
    compiled, eager = population.fit(TRIALS[:8], steps=40), fit(TRIALS[:8], steps=40)
    among_copies = population.fit([DIVERGING, *[TRIAL] * 7], steps=40)
    alone = population.fit([TRIAL], steps=40)
    assert same_trial(compiled, 5, among_copies, 6)
    assert same_trial(compiled, 5, alone, 0)
    assert compiled.curves == eager.curves
    assert largest_difference(compiled.parameters, eager.parameters) < 1e-4


def test_more_numbers_of_lanes_than_torch_remembers_by_default_are_all_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    traced: list[int] = []

    def tracing(module: torch.fx.GraphModule, _: list[Tensor]) -> torch.fx.GraphModule:
        traced.append(1)
        return module

    torch._dynamo.reset()
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend=tracing))
    population = Population(Tiny(), CPU, Engine.COMPILED)
    for lanes in range(1, 10):
        population.fit(TRIALS[:lanes], steps=1, evaluations=1)
    assert len(traced) == 9


def test_the_graph_engine_is_refused_off_cuda() -> None:
    with pytest.raises(TaskError, match="'graph' needs a CUDA device"):
        Population(Tiny(), CPU, Engine.GRAPH)


class Layered(Tiny):
    """A task whose model is one layer of another kind behind a linear one."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__("layered")
        self.layer = layer

    def model(self) -> nn.Module:
        return nn.Sequential(nn.Linear(INPUTS, 3), self.layer)


@pytest.mark.parametrize(
    ("layer", "reason"),
    [(nn.BatchNorm1d(3), "no running statistics, as of BatchNorm1d"), (nn.Dropout(0.1), "Dropout draws from torch's")],
)
def test_layers_that_lanes_cannot_keep_apart_are_refused(layer: nn.Module, reason: str) -> None:
    with pytest.raises(TaskError, match=reason):
        Population(Layered(layer), CPU)


class Drawn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(INPUTS, 3)
        self.shift = nn.Parameter(torch.randn(3))

    def forward(self, features: Tensor, lane: Lane) -> Tensor:
        return self.first(features) + self.shift


class Undrawn(Tiny):
    def model(self) -> nn.Module:
        return Drawn()


def test_first_values_that_do_not_come_from_the_trials_seed_are_refused() -> None:
    with pytest.raises(TaskError, match="shift is drawn by torch when the model is made, not from the trial's seed"):
        Population(Undrawn("undrawn"), CPU)


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.RNNCell(INPUTS, 3)
        self.temperature = nn.Parameter(torch.tensor(1.0))

    def forward(self, features: Tensor, lane: Lane) -> Tensor:
        return self.cell(features) * self.temperature


class Recurrent(Tiny):
    def model(self) -> nn.Module:
        return Scaled()


def test_a_number_and_the_biases_of_a_cell_are_trained_too() -> None:
    fitted = Population(Recurrent("recurrent"), CPU).fit([Tiny.space.config(3, k) for k in range(2)])
    assert fitted.parameters["temperature"].shape == (2,)
    assert not torch.equal(*fitted.parameters["cell.bias_ih"])


class Shifted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(INPUTS, 3)
        self.register_buffer("shift", torch.tensor([0.0, 1.0, 2.0]))

    def forward(self, features: Tensor, lane: Lane) -> Tensor:
        return self.first(features) + self.shift


class Buffered(Tiny):
    def model(self) -> nn.Module:
        return Shifted()


def test_a_buffer_that_training_leaves_alone_is_part_of_the_model() -> None:
    fitted = Population(Buffered("buffered"), CPU).fit([Tiny.space.config(3, 0)])
    assert set(fitted.parameters) == {"first.weight", "first.bias"}
    assert len(fitted.curves[0]) == 4


class BagOfWords(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30, 8)
        self.last = nn.Linear(8, 3)

    def forward(self, features: Tensor, lane: Lane) -> Tensor:
        return self.last(lane.dropout(self.words(features).mean(-2), lane["dropout"]))


class Words(Tiny):
    def model(self) -> nn.Module:
        return BagOfWords()

    def examples(self, part: Part) -> tuple[Tensor, Tensor]:
        features, labels = super().examples(part)
        return ((features + 1) * 14).long(), labels

    fan_in = Task.fan_in


def test_a_task_of_word_numbers_trains_and_replays() -> None:
    fitted = fit(TRIALS[:9], Words("words"), steps=80)
    assert max(curve[-1][1] for curve in fitted.curves) > 0.6
    assert same_trial(fitted, 5, fit([TRIAL], Words("words"), steps=80), 0)
