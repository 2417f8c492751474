"""The counter hash: its bits against an independent numpy twin, and what training rests on."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("torch")

import torch
from torch import Tensor

from seedlint.trainer import rng
from seedlint.trainer.rng import SEEDS, Stream

COMPILER = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")

Words = NDArray[np.uint32]


def lowbias32(x: Words) -> Words:
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x7FEB352D)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def twin_words(seeds: Words, stream: Stream, number: int, count: int) -> Words:
    key = lowbias32(lowbias32(seeds) + np.uint32(stream))
    folded = lowbias32(key ^ lowbias32(np.full_like(key, number + 1)))
    return lowbias32(lowbias32(np.arange(count, dtype=np.uint32)) ^ folded[:, None])


def keys(count: int, stream: Stream = Stream.DROPOUT) -> Tensor:
    return rng.stream_key(torch.arange(count, dtype=torch.int32), stream)


def largest_correlation(rows: Tensor) -> float:
    return torch.corrcoef(rows).fill_diagonal_(0).abs().max().item()


def bits_and_dropped(seeds: Tensor, number: Tensor) -> tuple[Tensor, Tensor]:
    step_key = rng.fold(rng.stream_key(seeds, Stream.DROPOUT), number)
    key = torch.func.vmap(rng.fold, in_dims=(0, None))(step_key, 2)  # as a layer does
    hidden = torch.ones(100, device=seeds.device)
    rates = torch.linspace(0, 0.9, len(seeds), device=seeds.device)
    return rng.words(key, 1000), torch.func.vmap(rng.dropout, in_dims=(0, None, 0))(key, hidden, rates)


def test_mixing_is_lowbias32_of_the_same_bits() -> None:
    numbers = np.random.default_rng(1).integers(0, 2**32, 100_000, dtype=np.uint32)
    mixed = rng.mix(torch.from_numpy(numbers.view(np.int32))).numpy()
    assert np.array_equal(mixed.view(np.uint32), lowbias32(numbers))


@pytest.mark.parametrize("stream", Stream)
@pytest.mark.parametrize("number", [0, 1, 449])
def test_words_are_those_of_the_numpy_twin(stream: Stream, number: int) -> None:
    seeds = np.array([0, 1, 2, 1337, SEEDS - 1], dtype=np.uint32)
    key = rng.fold(rng.stream_key(torch.from_numpy(seeds.view(np.int32)), stream), number)
    assert np.array_equal(rng.words(key, 500).numpy().view(np.uint32), twin_words(seeds, stream, number, 500))


def test_uniform_numbers_are_the_upper_24_bits_of_their_words() -> None:
    numbers = rng.uniform(keys(3), (5, 7))
    expected = (rng.words(keys(3), 35).numpy().view(np.uint32) >> 8) / 2**24
    assert numbers.dtype == torch.float32
    assert np.array_equal(numbers.numpy(), expected.astype(np.float32).reshape(3, 5, 7))


def test_a_key_draws_the_same_words_whatever_their_number_and_its_neighbours() -> None:
    assert torch.equal(rng.words(keys(9), 100)[4, :10], rng.words(keys(9)[4], 10))


@pytest.mark.skipif(COMPILER is None, reason="torch.compile needs a C++ compiler")
def test_compiled_bits_equal_eager_ones() -> None:
    arguments = torch.arange(8, dtype=torch.int32), torch.tensor(3, dtype=torch.int32)
    compiled = torch.compile(bits_and_dropped, dynamic=False)(*arguments)
    assert all(map(torch.equal, compiled, bits_and_dropped(*arguments)))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_cuda_bits_equal_those_of_the_cpu() -> None:
    arguments = torch.arange(8, dtype=torch.int32), torch.tensor(3, dtype=torch.int32)
    on_cuda = bits_and_dropped(*(argument.cuda() for argument in arguments))
    assert all(
        torch.equal(there.cpu(), here) for there, here in zip(on_cuda, bits_and_dropped(*arguments), strict=True)
    )


def test_numbers_are_uniform() -> None:
    numbers = rng.uniform(keys(512), (4096,))
    shares = torch.histc(numbers, 16, 0, 1) / numbers.numel() * 16
    assert 0 <= numbers.min() < 1e-5
    assert 1 - 1e-5 < numbers.max() < 1
    assert (shares - 1).abs().max() < 0.015  # five standard errors: 5 * sqrt(15 / 2**21)


def test_adjacent_seeds_draw_unrelated_numbers() -> None:
    # The largest of 130,816 correlations of 4,096 numbers is .070 on average, and hardly ever above .095.
    assert largest_correlation(rng.uniform(keys(512), (4096,))) < 0.095


def test_adjacent_steps_and_streams_draw_unrelated_numbers() -> None:
    seed = torch.tensor(7, dtype=torch.int32)
    for stream in Stream:
        steps = rng.fold(rng.stream_key(seed, stream).expand(256), torch.arange(256, dtype=torch.int32))
        assert largest_correlation(rng.uniform(steps, (4096,))) < 0.095
    streams = torch.stack([rng.stream_key(seed, stream) for stream in Stream])
    assert largest_correlation(rng.uniform(streams, (100_000,))) < 0.02


def test_adjacent_numbers_of_one_draw_are_unrelated() -> None:
    numbers = rng.uniform(keys(1)[0], (200_000,))
    lags = [torch.corrcoef(torch.stack([numbers[:-lag], numbers[lag:]]))[0, 1].abs().item() for lag in (1, 2, 4, 64)]
    assert max(lags) < 0.012


def test_an_order_is_a_permutation_and_another_one_for_each_seed_and_epoch() -> None:
    epochs = rng.fold(
        keys(20, Stream.ORDER)[:, None].expand(20, 5).reshape(-1), torch.arange(5, dtype=torch.int32).repeat(20)
    )
    orders = rng.order(epochs, 60)
    assert torch.equal(orders.sort(dim=-1).values, torch.arange(60).expand(100, 60))
    assert len({tuple(order) for order in orders.tolist()}) == 100


def test_every_example_is_as_often_early_as_late_in_an_order() -> None:
    positions = rng.order(keys(5000, Stream.ORDER), 50).argsort(dim=-1).double().mean(dim=0)
    assert (positions - 24.5).abs().max() < 5 * 14.43 / 5000**0.5


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.3, 0.5, 0.9, 0.999])
def test_dropout_drops_at_its_rate_and_scales_what_it_keeps(rate: float) -> None:
    hidden = torch.full((1000, 401), 3.0)
    dropped = rng.dropout(keys(1)[0], hidden, torch.tensor(rate))
    steps = min(round(rate * 256), 255)
    share = (dropped == 0).double().mean().item()
    assert share == pytest.approx(steps / 256, abs=5 * (0.25 / hidden.numel()) ** 0.5)
    assert dropped[dropped != 0].unique().tolist() == pytest.approx([3 * 256 / (256 - steps)])


def test_neighbours_in_a_layer_are_dropped_independently() -> None:
    kept = rng.dropout(keys(1)[0], torch.ones(100_000, 4), torch.tensor(0.5))
    assert largest_correlation(kept.T) < 0.02
