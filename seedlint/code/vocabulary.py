"""The words of an expression: which names it mentions, and whether they speak of scores, predictions, weights or a part
of the data."""

from __future__ import annotations

import re
from collections.abc import Set

from seedlint.code.syntax import Attr, Call, Const, Expr, Item, Name, access_path, walk

SCORES = re.compile(
    r"acc|score|loss|f1|metric|result|rmse|mse|mae|error|err\b|auc|bleu|rouge|reward|return|perf|perplexity|ppl|em\b|precision|recall"
    r"|mrr|hits|map\b|iou|dice|nll|elbo|regret|curve|stat|summary|history|corr|pearson|spearman|kappa|rank",
    re.I,
)
PREDICTIONS = re.compile(r"pred|prob|logit|softmax|output|vote|y_?hat|forecast|posterior|sample_out|oof", re.I)
WEIGHTS = re.compile(
    r"param|weight|state_?dict|models?\b|nets?\b|members?|theta|checkpoint|ckpt|swa|soup|networks?", re.I
)
TIMES = re.compile(r"time|elapsed|duration|seconds|memory|speed|latency", re.I)
COMBINING = re.compile(r"ensemble|average|avg|mean|merge|combine|vote|soup|aggregate|blend|stack", re.I)
SPREADING = re.compile(
    r"agree|churn|jsd|diverg|variance|stabil|spread|std|instab|sensitiv|dispersion|consisten|overlap|ptp|iqr", re.I
)
REPORTING = re.compile(r"agg|aggregat|summar|statistic|report|collect|gather|table|print_stat|compute_mean|mean", re.I)
TRUTH = re.compile(r"target|label|truth|gold|^y(_|$)|answer|reference", re.I)
"""What predictions are compared with to score them, not another run's predictions."""

SYSTEM_COLUMN = re.compile(
    r"model|method|algo|system|arch|variant|optimi[sz]er|agent|approach|config|setting|encoder|criterion|ablation", re.I
)
VALIDATION = re.compile(r"(^|[_\W])(val|valid|validation|dev|heldout|held_out|cv|tune|tuning)", re.I)
TEST_SPLIT = re.compile(r"(^|[_\W])(test|tst|testing)([_\W]|$|acc|loss|set|data|loader|error|score)", re.I)


def mentions(expr: Expr, names: Set[str]) -> bool:
    """Whether an expression reads one of some names or dotted paths."""
    for node in walk(expr):
        if type(node) is Name and node.id in names:
            return True
        if type(node) is Attr and access_path(node) in names:
            return True
    return False


def paths(expr: Expr) -> set[str]:
    """The names and dotted paths that an expression reads."""
    found = {access_path(node) for node in walk(expr) if type(node) in (Name, Attr, Item)}
    return {path for path in found if path}


def expression_words(expr: Expr) -> set[str]:
    """The names and strings that an expression holds, lower-cased."""
    words = set()
    for node in walk(expr):
        match node:
            case Name():
                words.add(node.id.lower())
            case Attr():
                words.add(node.name.lower())
            case Const(value=str() as text) if len(text) < 60:
                words.add(text.lower())
            case Call():
                words |= {key.lower() for key, _ in node.keywords if key and key not in ("axis", "dim")}
    return words


def speak_of(pattern: re.Pattern[str], words: Set[str]) -> bool:
    """Whether one of some words is of a kind: scores, predictions, weights."""
    return any(pattern.search(word) for word in words)


def names_split(words: Set[str]) -> str | None:
    """The part of the data that names speak of: "validation" or "test"; None for neither."""
    if speak_of(VALIDATION, words):
        return "validation"
    return "test" if speak_of(TEST_SPLIT, words) else None


def combines(call: Call | None, words: Set[str]) -> bool:
    """Whether what is averaged are predictions or weights, not scores."""
    predictions = speak_of(PREDICTIONS, words)
    weights = speak_of(WEIGHTS, words)
    scores = speak_of(SCORES, words)
    if predictions and not scores:
        return True
    if predictions and call is not None:
        return _along_first_axis(call)
    return weights and not scores and call is None


def _along_first_axis(call: Call) -> bool:
    values = [*call.args[1:], *(value for key, value in call.keywords if key in ("axis", "dim"))]
    if type(call.func) is Attr and not isinstance(call.func.base, Name):
        values += list(call.args[:1])
    return any(type(value) is Const and value.value == 0 for value in values)


def telling_word(words: Set[str]) -> str:
    """A word for a message about what is combined."""
    telling = sorted(word for word in words if PREDICTIONS.search(word) or WEIGHTS.search(word))
    return telling[0] if telling else "them"
