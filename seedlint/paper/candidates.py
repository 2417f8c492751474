"""The net: which sentences of a paper may speak of seeds, initialisations or repeated runs. Wide and cheap; the classifier decides."""

from __future__ import annotations

import re

from seedlint.paper.document import Kind

NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|several|multiple|many)"
RUNS = r"(?:runs|trials|repetitions|repeats|replicat(?:es|ions)|restarts|executions)"
WORDS = re.compile(
    r"seed|re-?initiali[sz]|re-?runs?\b|\brerunning|re-?start|ensembl|repetition|replicat(?:e|ion)s\b|standard (?:deviation|error)|"
    r"\bstd|\bs\.?d\.?\b|[±]|\+/?-|\\pm\b|error[- ]?bars?|confidence (?:interval|band)|non-?determin|stochasticity|"
    r"\b(?:random|different|multiple|several|initial|independent|varying)[- ](?:\w+[- ]){0,2}(?:initiali[sz]ations?|starts?|starting points|initial)|"
    r"\binitiali[sz](?:ation|ed|ing)|\binits?\b|majority vot|\bvot(?:e|ing)\b|"
    r"\bruns\b|\btrials?\b|\brepeat(?:s|ed|ing|edly)?\b|"
    rf"\b{NUMBER}(?:\s\w+)?[-\s]times?\b|\b(?:twice|thrice|once)\b|\b(?:single|one|each|per|every|best|individual)[- ](?:\w+[- ])?run\b|"
    rf"\b{NUMBER}[-\s](?:\w+[-\s]){{0,2}}(?:runs?|models|experiments|networks|executions|versions|copies|instances)\b|"
    r"\b(?:average[sd]?|averaging|means?|median)\s+(?:\S+\s+){0,4}(?:over|across|of|from)\b|"
    r"\bindependently[- ]trained|\bcheckpoint averaging|run-to-run",
    re.IGNORECASE,
)
STRONG = re.compile(
    rf"\b(?:random|different) seeds?\b|\b{NUMBER}\s(?:\w+\s){{0,2}}(?:{RUNS}|times|seeds)\b", re.IGNORECASE
)
CARRIES_ON = re.compile(
    r"\b(?:average[sd]?|mean|median|best|variance|deviation|stable|spread|interval)\b", re.IGNORECASE
)


def is_candidate(sentence: str, prev: str = "", next: str = "", kind: Kind = Kind.BODY) -> bool:  # noqa: A002
    """Whether a sentence may speak of a seed, of initialisations or of repeated runs, and is worth classifying.

    It does when it has words of the net, or when it carries on ("The average is reported") beside one that has strong ones.
    A heading is none.
    """
    if kind is Kind.HEADING:
        return False
    if WORDS.search(sentence):
        return True
    return CARRIES_ON.search(sentence) is not None and any(STRONG.search(text) for text in (prev, next))
