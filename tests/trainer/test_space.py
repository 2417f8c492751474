"""The search space: the configuration of trial k, whoever asks for it, and what cannot be searched."""

from __future__ import annotations

import json
import math

import pytest

pytest.importorskip("torch")

from seedlint.trainer.rng import SEEDS
from seedlint.trainer.space import ANY_SEED, Choice, Dimension, Integers, LogUniform, Space, SpaceError, Uniform

SPACE = Space(
    {
        "seed": ANY_SEED,
        "init_seed": Integers(0, 9),
        "lr": LogUniform(1e-4, 1e-1),
        "dropout": Uniform(0.1, 0.6),
        "width": Choice((8, 16, 32)),
        "depth": Integers(1, 4),
        "weight_decay": 0.01,
    }
)
LAST_QUANTILE = math.nextafter(1, 0)


def test_a_trial_is_the_same_in_whatever_order_trials_are_drawn() -> None:
    forwards = [SPACE.config(7, trial) for trial in range(50)]
    assert [SPACE.config(7, trial) for trial in reversed(range(50))] == forwards[::-1]


def test_a_trial_is_the_same_on_another_machine_and_in_another_year() -> None:
    space = Space({"seed": ANY_SEED, "lr": LogUniform(1e-4, 1e-1), "width": Choice((8, 16, 32))})
    assert space.digest == "dd01013a"
    assert space.config(7, 3) == {"seed": 1736650591, "lr": pytest.approx(0.025402057260296297), "width": 16}


def test_names_in_another_order_draw_the_same_trials() -> None:
    backwards = Space(dict(reversed(list(SPACE.dimensions.items()))))
    assert backwards.digest == SPACE.digest
    assert backwards.config(7, 3) == SPACE.config(7, 3)


def test_other_trials_search_seeds_and_spaces_draw_other_values() -> None:
    other_space = Space({**SPACE.dimensions, "depth": Integers(1, 5)})
    drawn = [SPACE.config(7, trial)["lr"] for trial in range(50)]
    drawn += [SPACE.config(8, trial)["lr"] for trial in range(50)]
    drawn += [other_space.config(7, trial)["lr"] for trial in range(50)]
    assert len(set(drawn)) == 150


def test_values_of_one_trial_are_drawn_independently_of_each_other() -> None:
    space = Space({"seed": 0, "lr": Uniform(0, 1), "dropout": Uniform(0, 1)})
    pairs = [tuple(space.config(1, trial).values())[1:] for trial in range(2000)]
    both_low = sum(lr < 0.5 and dropout < 0.5 for lr, dropout in pairs)
    assert both_low == pytest.approx(500, abs=100)


def test_two_families_share_all_but_their_seeds() -> None:
    relu, tanh = SPACE.config(7, 3, "relu"), SPACE.config(7, 3, "tanh")
    assert {name for name in relu if relu[name] != tanh[name]} == {"seed", "init_seed"}


@pytest.mark.parametrize(
    ("dimension", "low", "high"),
    [
        (Uniform(0.1, 0.6), 0.1, 0.6),
        (Uniform(-2.0, -2.0), -2.0, -2.0),
        (LogUniform(1e-4, 1e-1), 1e-4, 1e-1),
        (Integers(3, 9), 3, 9),
        (Integers(-2, -2), -2, -2),
        (Choice((8, 16, 32)), 8, 32),
        (ANY_SEED, 0, SEEDS - 1),
    ],
)
def test_a_dimension_reaches_both_ends_and_no_further(dimension: Dimension, low: float, high: float) -> None:
    assert dimension.at(0.0) == pytest.approx(low)
    assert dimension.at(LAST_QUANTILE) == pytest.approx(high)
    values = [dimension.at(u / 1000) for u in range(1000)]
    assert values == sorted(values)
    assert all(low * (1 - 1e-12) <= value <= high for value in values) or low < 0


def test_whole_numbers_and_choices_are_equally_likely() -> None:
    for dimension, values in ((Integers(1, 4), (1, 2, 3, 4)), (Choice((8, 16, 32, 64)), (8, 16, 32, 64))):
        drawn = [dimension.at(u / 1000) for u in range(1000)]
        assert [drawn.count(value) for value in values] == [250] * 4


def test_half_of_a_logarithmic_range_lies_below_its_geometric_mean() -> None:
    assert LogUniform(1e-4, 1e-2).at(0.5) == pytest.approx(1e-3)


def test_a_fixed_number_is_the_same_in_every_trial_and_not_searched() -> None:
    assert {SPACE.config(7, trial)["weight_decay"] for trial in range(20)} == {0.01}
    assert SPACE.searched == ("seed", "init_seed", "lr", "dropout", "width", "depth")


def test_a_space_around_a_configuration_draws_only_the_seeds_that_are_free() -> None:
    config = SPACE.config(7, 3)
    held = SPACE.held_at(config, free=("order_seed", "dropout_seed"))
    assert held.searched == ("order_seed", "dropout_seed")
    assert {name: held.config(1, 5)[name] for name in config} == config
    assert held.seeds_only
    assert not SPACE.seeds_only
    assert not SPACE.held_at(config, free=()).seeds_only


def test_a_space_survives_json() -> None:
    again = Space.from_json(json.loads(json.dumps(SPACE.as_json())))
    assert again == SPACE
    assert again.config(7, 3) == SPACE.config(7, 3)


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ({"width": True}, "width: True is neither a number nor one of"),
        ({"width": math.nan}, "width: a value must be finite"),
        ({"width": "wide"}, "width: 'wide' is neither a number nor one of"),
        ({"width": {"normal": [0, 1]}}, "is neither a number nor one of uniform, log_uniform, integers, choice"),
        ({"width": {"uniform": [0, 1], "choice": [1]}}, "is neither a number"),
        ({"width": {"uniform": [0, 1, 2]}}, "is neither a number"),
        ({"width": {"uniform": ["a", 1]}}, "is neither a number"),
        ({"width": {"log_uniform": [None, 1]}}, "is neither a number"),
        ({"width": {"integers": [0.5, 3]}}, "is neither a number"),
        ({"width": {"uniform": [1, 0]}}, r"width: low must not exceed high: \[1.0, 0.0\]"),
        ({"width": {"uniform": [0, math.inf]}}, "low must not exceed high"),
        ({"width": {"integers": [4, 3]}}, "low must not exceed high"),
        ({"width": {"log_uniform": [0, 1]}}, "width: log_uniform needs 0 < low <= high"),
        ({"width": {"log_uniform": [2, 1]}}, "log_uniform needs 0 < low <= high"),
        ({"width": {"choice": []}}, "width: a choice needs numbers"),
        ({"width": {"choice": [8, "wide"]}}, "a choice needs numbers"),
        ({"width": {"choice": [8, math.inf]}}, "a choice needs numbers"),
        ({"seed": 0.5}, r"seed: a seed is a whole number in \[0, 2147483648\)"),
        ({"seed": {"uniform": [0, 9]}}, "a seed is a whole number"),
        ({"seed": {"integers": [-1, 9]}}, "a seed is a whole number"),
        ({"seed": {"choice": [1, 2.5]}}, "a seed is a whole number"),
        ({"order_seed": {"integers": [0, SEEDS]}}, "order_seed: a seed is a whole number"),
    ],
)
def test_what_cannot_be_searched_is_refused_by_name(entries: dict[str, object], why: str) -> None:
    with pytest.raises(SpaceError, match=why):
        Space.from_json({"seed": 0, "lr": 0.1, **entries})


@pytest.mark.parametrize("missing", ["seed", "lr"])
def test_a_space_without_seed_or_learning_rate_is_refused(missing: str) -> None:
    entries = {"seed": {"integers": [0, 9]}, "lr": 0.1}
    del entries[missing]
    with pytest.raises(SpaceError, match=f"needs '{missing}' among its names"):
        Space.from_json(entries)


def test_a_space_that_is_no_table_or_holds_no_dimension_is_refused() -> None:
    with pytest.raises(SpaceError, match="a table of names and dimensions"):
        Space.from_json([1, 2])
    with pytest.raises(SpaceError, match="lr: 'fast' is neither a number nor a dimension"):
        Space({"seed": 0, "lr": "fast"})  # type: ignore[dict-item]
    with pytest.raises(SpaceError, match="lr: a value must be a number"):
        Space({"seed": 0, "lr": True})
