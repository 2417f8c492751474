"""The words of a sentence as phrases look for them: lower case, numbers as figures, without punctuation and hyphens."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

TOKEN = re.compile(
    r"[^\W\d_]{1,2}\d+(?!\w)|(?=[^\W\d_]*[A-Z])[^\W\d_]{2,}-?\d+(?!\w)|[^\W\d_]+(?:-\s+(?!and\b|or\b|to\b)[^\W\d_]+)?"
    r"|\d+(?:[.,]\d+)*|±|\+/?-"
)
"""A word; one with a number in its name, as "F1" and "ResNet-50"; a number; a sign of spread."""
CITATION = re.compile(
    r"\([^()]{0,200}?(?:et al\.?,?|[A-Z][\w-]+,| and [A-Z][\w-]+,?|& [A-Z][\w-]+,?) ?(?:19|20)\d\d[a-z]?[^()]{0,200}\)"
    r"|(?<!seeds )(?<!seed )\[\d+(?:\s*[,;–-]\s*\d+)*\]"
)
HYPHEN = re.compile(r"-\s+")
NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
        "nineteen twenty".split(),
        start=2,
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "hundred": 100}
NUMBERS = {"N": r"#(?!1 )[1-9]\d*", "VALUE": r"#\d+", "NUMBER": r"#[\d.]+", "YEAR": r"#(?:19|20)\d\d"}
"""What the names of numbers stand for: a whole number from 2 on, any whole number, any number, a year."""


@dataclass(frozen=True)
class Wording:
    """A text's words: `normal` is " word word … ", `spans` where each stands in `text`, `words` the set of them.

    A number is `#` and its figures; where there is one, `words` holds `#` too.
    """

    text: str
    normal: str
    spans: tuple[tuple[int, int], ...]
    words: frozenset[str]


@dataclass(frozen=True)
class Phrase:
    """A row of words to look for: `expression` in a Wording's normal text; of each set in `needs` one word must be there."""

    expression: str
    needs: tuple[frozenset[str], ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled when it is first looked for: in one paper most phrases never are."""
        return re.compile(self.expression)

    def find(self, wording: Wording) -> str:
        """Return the first place as it stands in the text, or an empty string."""
        for need in self.needs:
            if need.isdisjoint(wording.words):
                return ""
        found = self.pattern.search(wording.normal)
        if found is None:
            return ""
        first = wording.normal.count(" ", 0, found.start()) - 1
        last = wording.normal.count(" ", 0, found.end()) - 2
        return wording.text[wording.spans[first][0] : wording.spans[last][1]]


def wording_of(text: str) -> Wording:
    """Read a text's words, citations left out; a word that a line end has cut ("ran- dom") is one."""
    matches = list(TOKEN.finditer(CITATION.sub(lambda citation: " " * len(citation.group()), text)))
    words = [_normal(match.group()) for match in matches]
    numbers = {"#"} if any(word.startswith("#") for word in words) else set()
    return Wording(
        text=text,
        normal=f" {' '.join(words)} ",
        spans=tuple(match.span() for match in matches),
        words=frozenset(words) | numbers,
    )


def phrase_of(source: str, names: Mapping[str, Sequence[str]]) -> Phrase:
    """Compile a phrase; rules/papers/cues.toml says how one is written, `names` what its capitals stand for.

    Raises ValueError for a name in capitals that nothing is known of.
    """
    parts = [_part(token, names) for token in source.split()]
    return Phrase("(?<= )" + "".join(pattern for pattern, _ in parts), tuple(need for _, need in parts if need))


def _normal(token: str) -> str:
    lowered = HYPHEN.sub("", token.lower())
    if lowered[0].isdigit():
        return "#" + lowered.replace(",", "")
    if lowered in NUMBER_WORDS:
        return f"#{NUMBER_WORDS[lowered]}"
    return "±" if lowered.startswith("+") else lowered


def _part(token: str, names: Mapping[str, Sequence[str]]) -> tuple[str, frozenset[str]]:
    """One word of a phrase: its pattern, and the words of which one is needed (none if that cannot be told)."""
    if token.startswith("~"):
        return rf"(?:\S+ ){{0,{int(token[1:])}}}", frozenset()
    optional = token.endswith("?")
    entries = [entry for word in token.removesuffix("?").split("|") for entry in _entries(word, names)]
    pattern = "(?:" + "|".join(_entry_pattern(entry) for entry in dict.fromkeys(entries)) + ")"
    if optional:
        return pattern + "?", frozenset()
    firsts = [entry.split()[0] for entry in entries]
    if any("*" in word for word in firsts):
        return pattern, frozenset()
    return pattern, frozenset("#" if word in NUMBERS else word for word in firsts)


def _entries(word: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    if word in names:
        return [entry for inner in names[word] for entry in _entries(inner, names)]
    if word.isupper() and word.isalpha() and word not in NUMBERS:
        raise ValueError(f"unknown name {word!r} in a phrase")
    return [" ".join(f"#{part}" if part.isdigit() else part for part in word.replace("_", " ").split())]


@cache
def _entry_pattern(entry: str) -> str:
    return "".join(_word_pattern(word) + " " for word in entry.split())


def _word_pattern(word: str) -> str:
    if word in NUMBERS:
        return NUMBERS[word]
    return r"\S*".join(re.escape(part) for part in word.split("*"))
