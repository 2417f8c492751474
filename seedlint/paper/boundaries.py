"""Where a sentence of a paper begins: one argument over the words before and after each gap.

The words are what stands between blanks, so that decimals, addresses and formulas stay whole. Every step is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seedlint.paper.abbreviations import abbreviations

LONGEST_BRACKET = 60
"""Words between two brackets that belong together; where more follow, the second was lost or never was one."""

BULLETS = frozenset("•◦▪‣●■○∙⁃►➢✓✗")
_OPEN = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»"}
_CLOSE = frozenset(_OPEN.values())
_OPENING = "([{“«\"'‘`¿¡"
_CLOSING = ")]}”»\"'’"

_STOP = re.compile(
    r"(?P<stem>.*?)(?P<stop>[.!?…]{1,8})(?P<closers>[)\]}”»\"'’]{0,4})"
    r"(?:(?<=[^\W\d_][.!?])\d{1,2}|(?<=[)\]”\"][.!?])\d{1,2}|\^?[¹²³⁰-⁹∗*†‡§¶]{1,4})?$"
)
_MIXED = re.compile(r"[a-zα-ω][\w-]*[A-Z0-9]")
_PANEL = re.compile(r"\([a-z]\)")
_CITATION = re.compile(r"\[[\d,;–-]{1,40}\]")
_ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,2}|[A-Za-z]|[ivx]{1,4}|(?:\d{1,2}\.){1,4}\d{1,2})")
_LETTERS = re.compile(r"(?:[A-Za-z]\.){1,6}[A-Za-z]")
_GLUED = re.compile(r"[a-z]{3,40}[.!?](?=([A-Z][a-z]{0,20})$)")


def words_of(text: str) -> Iterator[tuple[int, int]]:
    """The (start, end) of each word: what stands between blanks, and the two sides of a stop that lost its blank."""
    for found in re.finditer(r"\S+", text):
        start, end = found.span()
        glued = _GLUED.match(found[0]) if end - start < 64 else None
        if glued and glued[1].lower() in abbreviations().openers:
            yield start, start + glued.end()
            start += glued.end()
        yield start, end


def sentence_starts(words: Sequence[str]) -> list[bool]:
    """Whether each word begins a sentence: (words,) of which the first is always true."""
    bracketed = bracket_spans(words)
    starts, first, inside = [], 0, 0
    for number in range(len(words)):
        if number == 0:
            begins = True
        else:
            begins = _begins(words, number, first, inside > number and not _is_aside(words, bracketed, first, number))
        if begins:
            first = number
        starts.append(begins)
        inside = max(inside, bracketed.get(number, -1) + 1)
    return starts


def bracket_spans(words: Sequence[str]) -> dict[int, int]:
    """For each word that opens a bracket or quotation, the last word before which that is still open."""
    spans: dict[int, int] = {}
    waiting: list[tuple[str, int]] = []
    for number, word in enumerate(words):
        while waiting and number - waiting[0][1] > LONGEST_BRACKET:
            del waiting[0]
        for sign in word:
            if sign in _OPEN and len(waiting) < LONGEST_BRACKET:
                waiting.append((_OPEN[sign], number))
            elif sign in _CLOSE and waiting and any(sign == expected for expected, _ in waiting):
                while waiting[-1][0] != sign:
                    waiting.pop()
                opened = waiting.pop()[1]
                if opened < number:
                    spans[opened] = max(spans.get(opened, 0), number)
    return spans


def _is_aside(words: Sequence[str], bracketed: dict[int, int], first: int, number: int) -> bool:
    """Whether a whole sentence or more stands in brackets: "(We did. They did not.)"; the gap lies in that bracket alone."""
    last = bracketed.get(first, -1)
    return words[first][0] in _OPEN and last >= number and bool(re.search(r"[.!?][)\]}”»]$", words[last]))


def _begins(words: Sequence[str], number: int, first: int, inside: bool) -> bool:
    before, after = words[number - 1], words[number]
    if after[0] in BULLETS:
        return True
    if before in BULLETS or inside:
        return False
    if _is_citation_after_stop(words, number):
        return _opens(after)
    ended = _STOP.match(before[-80:])
    if (
        not ended
        or not (_can_open(after) or _names_a_panel(words, number))
        or (_CITATION.fullmatch(after) and _cites_the_last(words, number))
    ):
        return False
    stem = ended["stem"].lstrip(_OPENING)
    before_it = number - 2
    if not stem:
        stem, before_it = (words[number - 2].strip(_OPENING), number - 3) if number - 2 >= first else ("", -1)
    return _ends(stem, words[before_it] if before_it >= first else "", ended, after, number - 1 == first)


def _ends(stem: str, word_before: str, ended: re.Match[str], after: str, alone: bool) -> bool:
    """Whether a stop after `stem` is the end of a sentence."""
    known, word = abbreviations(), stem.lower().lstrip(_OPENING)
    if ended["stop"] != ".":
        return _is_capital(after) or after[0] in _OPENING
    last_part = re.split(r"[(\[/–—~]", word)[-1]
    if alone and _ENUMERATOR.fullmatch(stem):
        return False
    if last_part in known.never_last:
        return False
    if last_part in known.before_number and after[0].isdigit():
        return False
    if last_part in known.may_end or _LETTERS.fullmatch(stem):
        return _opens(after)
    if len(stem) == 1 and stem.isupper():
        return _opens(after) or word_before.lower().rstrip(".") in known.parts
    names_a_part = word_before.lower().rstrip(".") in known.parts or word_before.lower().rstrip(".") in known.never_last
    return not (stem.isdigit() and after[0].isdigit() and not names_a_part)


def _can_open(word: str) -> bool:
    """Whether a sentence may begin with this word: no lower case but for names such as fastText, no operator or punctuation."""
    bare = word.lstrip(_OPENING)
    if not bare:
        return True
    return (bare[0].isalnum() and (not bare[0].islower() or bool(_MIXED.match(bare[:40])))) or bare[0] in "∆$\\@#"


def _names_a_panel(words: Sequence[str], number: int) -> bool:
    """Whether a word is the letter of a figure's part, "(c)", before what the caption says of it."""
    return bool(_PANEL.fullmatch(words[number])) and number + 1 < len(words) and _is_capital(words[number + 1])


def _opens(word: str) -> bool:
    """Whether a word is one of those that open sentences, written with a capital."""
    bare = word.strip(_OPENING + _CLOSING + ",;:.")
    return _is_capital(bare) and bare.lower() in abbreviations().openers


def _is_capital(word: str) -> bool:
    bare = word.lstrip(_OPENING)
    return bare[:1].isupper() or bare[:1].isdigit()


def _cites_the_last(words: Sequence[str], number: int) -> bool:
    """Whether a citation such as [12] after a stop belongs to the sentence before: the next word opens another one."""
    return number + 1 < len(words) and _opens(words[number + 1])


def _is_citation_after_stop(words: Sequence[str], number: int) -> bool:
    return (
        number >= 2
        and bool(_CITATION.fullmatch(words[number - 1][:44]))
        and bool(re.search(r"[a-z)\]”]\.$", words[number - 2][-4:]))
    )
