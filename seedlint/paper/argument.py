"""The argument by which a sentence's use is found: named claims about what it says of seeds, tried in a stated order.

The labels are the five uses of Bethard (2022), section 2, "other" for seeds and repeated runs in none of these roles, and "none".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from seedlint.paper.cues import Reading, read
from seedlint.paper.document import Kind
from seedlint.uses import Use

OTHER = "other"
NONE = "none"
LABELS = (*(use.value for use in Use), OTHER, NONE)
RISKY = frozenset(use.value for use in Use if not use.safe)

STATED, LIKELY, GUESSED = 0.9, 0.75, 0.5
"""Confidence: role and seed (or run) both stand in the sentence; one is read from the neighbours; neither is plain."""


@dataclass(frozen=True)
class Context:
    """A sentence, the ones before and after it, the heading above and the kind of block that it stands in."""

    sentence: str
    prev: str = ""
    next: str = ""
    section: str = ""
    kind: Kind = Kind.BODY


@dataclass(frozen=True)
class View:
    """A context read for cues; each question below is one step of the argument."""

    context: Context

    @cached_property
    def here(self) -> Reading:
        """The sentence's cues."""
        return read(self.context.sentence)

    @cached_property
    def around(self) -> Reading:
        """The cues of the sentences before and after."""
        return read(f"{self.context.prev} . {self.context.next}")

    def says(self, *cues: str) -> bool:
        """Whether the sentence itself holds one of the cues."""
        return self.here.has(*cues)

    def nearby(self, *cues: str) -> bool:
        """Whether the sentence or a neighbour holds one of the cues."""
        return self.here.has(*cues) or self.around.has(*cues)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """The steps of the argument that hold, in their order. The first decides."""
        return tuple(claim for claim in ARGUMENT if claim.holds(self))

    @cached_property
    def other_sense(self) -> bool:
        """Seeds are words, data or plants here."""
        return self.says("seed_material") or (self.says("grown_from") and not self.nearby("random_seed", "random_init"))

    @cached_property
    def of_repeats(self) -> bool:
        """Seeds, initialisations or runs."""
        return self.says("random_seed", "seed_word", "runs", "times", "random_init", "many_trained")


@dataclass(frozen=True)
class Claim:
    """A step of the argument: where it `holds`, the sentence has the label; `cues` name the phrases to show for it."""

    name: str
    label: str
    confidence: float
    holds: Callable[[View], bool]
    cues: tuple[str, ...]


def speaks_of_seed_material(view: View) -> bool:
    """Seed words, seed data, plants."""
    return view.other_sense


def speaks_of_other_runs(view: View) -> bool:
    """Trials of people, runs handed in to a contest, innings."""
    return view.says("human_trials") and not view.says("random_seed", "random_init")


def varies_everything(view: View) -> bool:
    """The seed is drawn together with the other hyperparameters, and none is picked."""
    return view.says("varies_everything") and not view.says("best_of", "keeps_best")


def is_out_of_scope(view: View) -> bool:
    """Splits, folds, timing, attacks, environments or decoding, and nothing on the start of training."""
    if view.says("split_seed"):
        return not view.says("random_init")
    if view.says("random_init"):
        return False
    if view.says("timing"):
        return view.says("average", "spread", "runs", "times")
    if view.says("folds", "data_split"):
        return not (view.says("random_seed") and view.says("many", "spread") and view.says("trained"))
    return view.says("environment", "attack", "decoding") and not view.says("many_models")


def is_out_of_scope_nearby(view: View) -> bool:
    """The neighbours say that nothing is trained in these runs, or that each has other data; the sentence does not."""
    return (
        view.around.has("near_scope")
        and view.of_repeats
        and not view.says("trains", "random_init", "ensemble", "best_of", "steady_over")
    )


def tells_of_others(view: View) -> bool:
    """Other people's papers."""
    return view.says("others_work") and not view.says("our_own")


def combines_models(view: View) -> bool:
    """Models that differ by seed or start are combined, by this sentence or by the one beside it."""
    if not view.says("ensemble", "one_ensemble", "outputs_pooled"):
        return False
    if view.says("pooled", "average", "spread") and not view.says("ensemble_word", "outputs_pooled"):
        return False
    if view.says("one_ensemble"):
        return not view.says("mixed_ensemble") or view.says("random_seed", "random_init")
    if view.says("random_seed", "random_init", "many_models", "many_trained"):
        return True
    return view.around.has("random_seed", "random_init", "times", "one_ensemble")


def keeps_best(view: View) -> bool:
    """The best of several runs, seeds or starts is kept or reported."""
    if view.says("averaged_over") or (view.says("average") and view.says("spread")):
        return False
    if view.says("worst") or (view.says("best_of_hyper") and not view.says("best_of")):
        return False
    if view.says("best_of_several"):
        return True
    if view.says("best_of"):
        return view.of_repeats or view.around.has("random_seed", "random_init", "times", "many_trained")
    return view.says("keeps_best") and (
        view.says("random_seed", "times", "random_init", "many_trained")
        or view.around.has("random_seed", "times", "random_init", "many_trained")
    )


def runs_once(view: View) -> bool:
    """The reported result is that of one run or one seed."""
    if view.says("declined"):
        return True
    return (
        view.says("single_run") and view.says("one_run_reported") and not view.says("many", "averaged_over", "ensemble")
    )


def reports_pool(view: View) -> bool:
    """A mean, median, deviation or test over runs, seeds or starts."""
    return view.says("pooled") or (view.says("average", "spread", "significance") and view.of_repeats)


def studies_spread(view: View) -> bool:
    """How sensitive, stable or variable something is over seeds, runs or starts."""
    if not view.says("steady_over"):
        return False
    return view.of_repeats or view.around.has("random_seed", "random_init", "many")


def finds_spread(view: View) -> bool:
    """The spread is stated as a finding, and no average is reported beside it."""
    if view.says("averaged_over") or (view.says("remedy") and view.says("report")):
        return False
    return view.says("steady_finding", "spread_found") and (
        studies_spread(view) or (view.says("spread_found") and view.of_repeats)
    )


def shares_seeds(view: View) -> bool:
    """Systems are run on the same several seeds."""
    return view.says("compared_on")


def fixes_seed(view: View) -> bool:
    """One seed, fixed."""
    return view.says("fixed_seed") and not view.says("seed_list")


def repeats_training(view: View) -> bool:
    """Something is trained several times over, and nothing else is said to be done with it."""
    if not view.says("times", "many", "many_trained", "seed_list"):
        return False
    if view.says("random_seed", "random_init", "ran_independently"):
        return view.says("trained", "score")
    return view.says("trains", "score", "experiments") and view.around.has("average", "spread", "random_seed", "many")


def carries_on_pool(view: View) -> bool:
    """The mean or the spread of what a neighbouring sentence repeated."""
    return (
        view.says("average", "spread")
        and view.says("report", "score")
        and view.around.has("times", "many", "random_init")
    )


def names_randomness(view: View) -> bool:
    """Weights begin random, or a seed, start or rerun is named in passing."""
    return view.says("weights_start", "random_seed", "random_init", "times", "runs")


COMPARISON, FIXED, SENSITIVITY, ENSEMBLE, SELECTION = (
    Use.PERFORMANCE_COMPARISON.value,
    Use.FIXED_SEED.value,
    Use.SENSITIVITY_ANALYSIS.value,
    Use.ENSEMBLE_CREATION.value,
    Use.MODEL_SELECTION.value,
)
ARGUMENT = (
    Claim("speaks-of-seed-material", NONE, LIKELY, speaks_of_seed_material, ("seed_material", "grown_from")),
    Claim("speaks-of-other-runs", NONE, LIKELY, speaks_of_other_runs, ("human_trials",)),
    Claim("varies-everything", OTHER, STATED, varies_everything, ("varies_everything",)),
    Claim("tells-of-others", OTHER, LIKELY, tells_of_others, ("others_work",)),
    Claim(
        "combines-models",
        ENSEMBLE,
        STATED,
        combines_models,
        ("one_ensemble", "outputs_pooled", "ensemble", "random_seed", "random_init"),
    ),
    Claim(
        "keeps-best",
        SELECTION,
        STATED,
        keeps_best,
        ("best_of", "best_of_several", "keeps_best", "random_seed", "runs", "times", "random_init"),
    ),
    Claim("runs-once", FIXED, STATED, runs_once, ("single_run", "declined")),
    Claim(
        "is-out-of-scope",
        OTHER,
        LIKELY,
        is_out_of_scope,
        ("split_seed", "timing", "attack", "environment", "folds", "data_split", "decoding"),
    ),
    Claim("is-out-of-scope-nearby", OTHER, GUESSED, is_out_of_scope_nearby, ("random_seed", "runs", "times")),
    Claim("finds-spread", SENSITIVITY, STATED, finds_spread, ("spread_found", "steady_over", "steady_finding")),
    Claim(
        "reports-pool",
        COMPARISON,
        STATED,
        reports_pool,
        ("pooled", "average", "spread", "significance", "random_seed", "runs", "times"),
    ),
    Claim("studies-spread", SENSITIVITY, LIKELY, studies_spread, ("steady_over",)),
    Claim("shares-seeds", COMPARISON, LIKELY, shares_seeds, ("compared_on",)),
    Claim("fixes-seed", FIXED, STATED, fixes_seed, ("fixed_seed",)),
    Claim("general-remark", OTHER, LIKELY, lambda view: view.says("general"), ("general",)),
    Claim("repeats-training", COMPARISON, GUESSED, repeats_training, ("times", "many", "many_trained", "random_seed")),
    Claim("carries-on-pool", COMPARISON, GUESSED, carries_on_pool, ("average", "spread")),
    Claim(
        "names-randomness",
        OTHER,
        GUESSED,
        names_randomness,
        ("weights_start", "random_seed", "random_init", "times", "runs"),
    ),
)
"""The argument, in the order in which its claims are tried. The first that holds decides; where none does, the label is "none"."""
