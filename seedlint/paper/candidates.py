"""The net: which sentences of a paper may speak of seeds, initialisations or repeated runs; wide, as the classifier decides."""

from __future__ import annotations

import re

from seedlint.paper.document import Kind

NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|several|multiple|many|both)"
RUNS = r"(?:runs|trials|repetitions|repeats|replicat(?:es|ions)|restarts|executions|trainings|starts)"
WORDS = re.compile(
    r"seed|random|initial|ensembl|determin|stochastic|retrain|re-train|rerun|re-run|restart|repetition|replica|bagging|committee|"
    r"standard (?:deviation|error)|\bstd|\bs\.?d\b|[±]|\+/?-|\\pm\b|error[- ]?bars?|confidence (?:interval|band)|"
    r"\b(?:runs|trials?|trainings|repeats?|repeated|repeating|repeatedly|retries|starts?|starting|luck\w*|unlucky|chance|"
    r"vot(?:es?|ing)|"
    r"once|twice|thrice|times|single|fluctuat\w+|varia(?:nce|bility|tion)s?|stab(?:le|ly|ility)|unstable|instability|robust\w*|"
    r"average[sd]?|averaging|means?|medians?|best|churn|significan\w+)\b|"
    r"\b(?:single|one|each|per|every|individual)[- ](?:\w+[- ])?(?:run|model|agent)\b|"
    rf"\b{NUMBER}[-\s](?:\S+[-\s]){{0,3}}\w{{2,}}s\b",
    re.IGNORECASE,
)
STRONG = re.compile(
    rf"\b(?:random|different) seeds?\b|\b{NUMBER}\s(?:\w+\s){{0,2}}(?:{RUNS}|times|seeds)\b", re.IGNORECASE
)


def is_candidate(sentence: str, prev: str = "", next: str = "", kind: Kind = Kind.BODY) -> bool:
    """Whether a sentence may speak of a seed, of initialisations or of repeated runs, and is worth classifying.

    It does when it has words of the net, or stands beside a sentence that plainly speaks of seeds. A heading is none.
    """
    if kind is Kind.HEADING:
        return False
    return any((WORDS.search(sentence), STRONG.search(prev), STRONG.search(next)))
