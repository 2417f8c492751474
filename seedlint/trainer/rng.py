"""Randomness as a pure function of (seed, stream, step, index): no state, so a trial draws the same numbers in any company.

A generator with state gives lane k other numbers when lane k - 1 is missing. A hash of a counter does not, and being made
of integer operations only it gives the same bits in numpy, in eager and in compiled torch.
"""

from __future__ import annotations

from enum import IntEnum

import torch
from torch import Tensor

SEEDS = 2**31
"""Seeds are integers in [0, SEEDS)."""


class Stream(IntEnum):
    """What random numbers are for. Each stream can have a seed of its own (Dodge et al. 2020, section 3)."""

    INIT = 1
    ORDER = 2
    DROPOUT = 3


def mix(x: Tensor) -> Tensor:
    """Hash int32 words of any shape, each by itself: lowbias32 (Wellons 2018, "Prospecting for hash functions").

    Shifts of int32 copy the sign bit; the masks take the copies away.
    """
    x = x[None]  # compiled vmap rounds factors to float32 where a lane's x has no dimension
    x = (x ^ ((x >> 16) & 0xFFFF)) * 0x7FEB352D
    x = (x ^ ((x >> 15) & 0x1FFFF)) * -0x7B935975
    return (x ^ ((x >> 16) & 0xFFFF))[0]


def stream_key(seed: Tensor, stream: Stream) -> Tensor:
    """Return the keys of one stream, for seeds (any shape) of int32."""
    return mix(mix(seed) + int(stream))


def fold(key: Tensor, number: Tensor | int) -> Tensor:
    """Derive a key for a numbered part of a stream: a step, an epoch, a layer."""
    number = torch.as_tensor(number, dtype=torch.int32, device=key.device)
    return mix(key ^ mix(number + 1))


def words(key: Tensor, count: int) -> Tensor:
    """Return `count` random int32 words for each key: shape (*key, count)."""
    counter = mix(torch.arange(count, dtype=torch.int32, device=key.device))
    return mix(counter ^ key[..., None])


def uniform(key: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return float32 numbers in [0, 1) with 24 random bits each: shape (*key, *shape)."""
    count = int(torch.Size(shape).numel())
    numbers = ((words(key, count) >> 8) & 0xFFFFFF).to(torch.float32) * 2.0**-24
    return numbers.reshape(*key.shape, *shape)


def order(key: Tensor, count: int) -> Tensor:
    """Return a random order of `count` examples for each key: int64 (*key, count)."""
    return torch.argsort(words(key, count), dim=-1, stable=True)


def dropout(key: Tensor, hidden: Tensor, rate: Tensor) -> Tensor:
    """Drop each number of `hidden` with probability `rate`, in steps of 1/256 up to 255/256: one word decides for four."""
    bits = words(key, -(-hidden.numel() // 4))
    octets = torch.stack([(bits >> shift) & 0xFF for shift in (0, 8, 16, 24)], dim=-1)
    octets = octets.reshape(-1)[: hidden.numel()].reshape(hidden.shape)
    dropped = torch.round(rate * 256).clamp(max=255)
    kept = octets >= dropped.to(torch.int32)
    return hidden * (kept * (256 / (256 - dropped)))
