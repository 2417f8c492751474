"""The five uses in words, for every renderer of papers: what each is, why it is risky, and what to do instead."""

from __future__ import annotations

from seedlint.uses import Circumstance, Use

NAMES = {use: use.value.replace("_", " ") for use in Use}

MEANINGS = {
    Use.MODEL_SELECTION: "several seeds are tried and the best model by validation is kept: the seed is a hyperparameter",
    Use.ENSEMBLE_CREATION: "models from several seeds vote or are averaged",
    Use.SENSITIVITY_ANALYSIS: "several seeds show how much the score of one method varies",
    Use.FIXED_SEED: "one seed is fixed: it guarantees no reproducibility, and what the method can reach is underestimated",
    Use.PERFORMANCE_COMPARISON: "distributions of scores made by varying only the seed decide which method is better",
}
"""After Bethard (2022), section 2."""

REASONS = {
    Use.FIXED_SEED: (
        "one seed is one arbitrary draw of the initial weights, of the order of the data and of dropout; it is reported as "
        "though it were the method"
    ),
    Use.PERFORMANCE_COMPARISON: (
        "the other hyperparameters stand at one setting, so the scores over seeds describe that setting and not the method, "
        "and more seeds make the answer to another question look more certain"
    ),
}

ADVICE = {
    Use.FIXED_SEED: (
        "search the seed with the other hyperparameters, or report how far the result moves with it; where one run is all "
        "that the resources allow, state the risk"
    ),
    Use.PERFORMANCE_COMPARISON: (
        "compare the best models, each searched with the seed among its hyperparameters, by bootstrapping the test set; or "
        "compare families of models over samples of all hyperparameters"
    ),
}

RISKS = {
    Circumstance.PAPER_FIXED: REASONS[Use.FIXED_SEED],
    Circumstance.PAPER_COMPARISON: REASONS[Use.PERFORMANCE_COMPARISON],
    Circumstance.PAPER_TEST_SELECTION: (
        "the best of several test scores is too high on average, and nobody could have chosen that model without the labels of "
        "the test data"
    ),
    Circumstance.PAPER_UNREPORTED: (
        "readers cannot tell whether the results rest on one run, on the best of many or on a mean"
    ),
}
"""Why it matters, for each rule on papers."""
