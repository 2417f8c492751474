"""Joins the lines of a paragraph: words broken at a line's end are mended by the vocabulary of the paper itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

HYPHENS = "\u2010\u00ad-"
BROKEN = re.compile(rf"([^\W\d_](?:\w|[{HYPHENS}])*)[{HYPHENS}]$")
WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")

ENDINGS = frozenset(
    "ing ings ed er ers ly al able tion tions sion ment ments ness ity ive ous ize ized izing ise ised ising ent ence ance".split()
)
CLOSED = frozenset(
    "without within into onto upon therefore whereas whereby however whenever cannot maybe sometimes together otherwise "
    "overall input inputs output outputs independent independently outperform outperforms outperformed overfit overfitting".split()
)
"""Endings that are no words, and words of two words that a short paper may have only once."""

Vocabulary = Counter[str]


def vocabulary(lines: Iterable[str]) -> Vocabulary:
    """Count the words of a paper, compounds both whole and by their parts; words broken at a line's end are left out."""
    words: Vocabulary = Counter()
    for line in lines:
        for match in WORD.finditer(line):
            if match.end() == len(line.rstrip(HYPHENS)) and line[-1:] in HYPHENS:
                continue
            word = match.group().lower().replace("\u2010", "-")
            words[word] += 1
            if "-" in word:
                words.update(word.split("-"))
    return words


def drops_hyphen(line: str, following: str, words: Vocabulary) -> bool | None:
    """Whether the hyphen that ends `line` goes; None where it ends with no hyphen of a word.

    A hyphen stays where the paper writes "a-b" more often than "ab", before a capital or a digit, and in a compound whose
    parts are words of the paper while the whole is none.
    """
    broken, start = BROKEN.search(line), re.match(r"[^\W\d_]+", following)
    if not broken:
        return None
    if line[-1] == "\u00ad":
        return True
    capitals = broken.group(1).isupper() and len(broken.group(1)) > 1
    if not start or not (start.group()[0].islower() or (capitals and start.group().isupper())):
        return False
    first, second = re.split(rf"[{HYPHENS}]", broken.group(1))[-1].lower(), start.group().lower()
    whole, compound = words[first + second], words[f"{first}-{second}"]
    if whole or compound:
        return whole >= compound
    known = words[first] > 0 and words[second] > 0
    return not known or second in ENDINGS or first + second in CLOSED
