"""The rules on papers: which of them speaks of a sentence, and which of a whole document."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from seedlint.paper.cues import load_cues
from seedlint.paper.document import Box, Document, Status
from seedlint.paper.review import PaperUse, Review
from seedlint.paper.sentences import READ
from seedlint.paper.wording import Wording, wording_of
from seedlint.rulebook import Rule, load_rulebook
from seedlint.uses import Circumstance, Severity, Use

ENOUGH_WORDS, MOST_WORDS = 1_500, 200_000
"""Some three and some four hundred pages. A shorter text is an abstract or a part of a paper, a longer one no single paper."""

SILENCE = 0.75
"""Confidence that a paper does not speak of seeds: that of what is read from a neighbour, as some text may be lost."""

RISKY = {
    Use.FIXED_SEED: Circumstance.PAPER_FIXED,
    Use.PERFORMANCE_COMPARISON: Circumstance.PAPER_COMPARISON,
}
PIECE = re.compile(r"\S.*?(?:[.!?](?=\s)|$)", re.DOTALL)
"""A stretch of text up to a stop: near enough to a sentence for words that must stand together."""

UNQUOTED = "as it reads together with its neighbours"


@dataclass(frozen=True)
class PaperFinding:
    """A rule's verdict on a sentence of a paper; on the whole of one where `sentence` is empty, and `page` then 1.

    `confidence` is from 0 to 1, as that of a PaperUse. `acknowledged`: the authors state the risk or a limit of resources.
    `boxes`: where the sentence stands, if that is known.
    """

    code: str
    name: str
    severity: Severity
    page: int
    sentence: str
    message: str
    help: str
    confidence: float
    acknowledged: bool = False
    boxes: tuple[Box, ...] = ()

    @property
    def warns(self) -> bool:
        """Whether it is more than a note, and the authors do not say so themselves."""
        return self.severity is not Severity.NOTE and not self.acknowledged


@dataclass(frozen=True)
class SlimReview(Review):
    """A review that has left the text of its document behind, with what the rules said of the whole of it before."""

    whole: tuple[PaperFinding, ...] = ()


def findings(review: Review) -> tuple[PaperFinding, ...]:
    """Return what the rules say of a document: of all of it first, then of its sentences in their order."""
    of_uses = [_of_use(rule, one) for one in review.uses if (rule := rule_of(one))]
    return (*document_findings(review), *of_uses)


def rules_of_papers() -> list[Rule]:
    """Return the rules on papers, in the order of their codes."""
    return [rule for rule in load_rulebook() if "paper" in rule.applies_to]


def rule_of(use: PaperUse) -> Rule | None:
    """The rule that speaks of a sentence; None for a safe use and for a sentence in no use."""
    circumstance = RISKY.get(use.use) if use.use else None
    if use.use is Use.MODEL_SELECTION and words_of_test_choice(use):
        circumstance = Circumstance.PAPER_TEST_SELECTION
    return load_rulebook().for_circumstance(circumstance) if circumstance else None


def words_of_test_choice(use: PaperUse) -> str:
    """The words by which the best of several is chosen by its test score (against Bethard 2022, section 2.1), or nothing.

    Where the sentence names the best with the test data and does not say which chose, its neighbours must not name another judge.
    """
    sentence = wording_of(use.sentence)
    if _first(sentence, "chosen_otherwise"):
        return ""
    if words := _first(sentence, "chosen_by_test"):
        return words
    around = wording_of(f"{use.prev} . {use.next}")
    return "" if _first(around, "chosen_otherwise") else _first(sentence, "best_on_test")


def deciding_words(use: PaperUse) -> tuple[str, ...]:
    """The words that decided a use, each once: none that is part of others."""
    words = tuple(dict.fromkeys(use.why))
    return tuple(one for one in words if not any(one != other and one in other for other in words))


def document_findings(review: Review) -> tuple[PaperFinding, ...]:
    """Return what is missing from a whole paper, all of which must have been read."""
    if isinstance(review, SlimReview):
        return review.whole
    rule = load_rulebook().for_circumstance(Circumstance.PAPER_UNREPORTED)
    document = review.document
    speaks = any(one.use for one in review.uses)
    if rule is None or speaks or document.status is not Status.OK or not has_length_of_paper(document):
        return ()
    subject = unreported_training(document)
    return (_finding(rule, subject, page=1, sentence="", confidence=SILENCE),) if subject else ()


def has_length_of_paper(document: Document) -> bool:
    """Whether a document is one paper by its length, so that it would have spoken of its seeds."""
    return ENOUGH_WORDS <= sum(block.text.count(" ") + 1 for block in document.blocks) <= MOST_WORDS


def unreported_training(document: Document) -> str:
    """The words by which a document trains networks, with their pages; empty where it trains none, or speaks of chance."""
    if any(_first(wording_of(block.text), "tells_chance") for block in document.blocks):
        return ""
    said = [_with_page(document, cue) for cue in ("trains_networks", "training_setting")]
    return " and ".join(said) if all(said) else ""


def _with_page(document: Document, cue: str) -> str:
    """The first words of running text that are such a cue, none across two sentences, and their page."""
    for block in document.blocks:
        for piece in PIECE.finditer(block.text) if block.kind in READ else ():
            if words := _first(wording_of(piece.group()), cue):
                return f"“{' '.join(words.split())}” on page {block.page_at(piece.start())}"
    return ""


def _of_use(rule: Rule, use: PaperUse) -> PaperFinding:
    why = (
        (words_of_test_choice(use),) if rule.circumstance is Circumstance.PAPER_TEST_SELECTION else deciding_words(use)
    )
    subject = ", ".join(f"“{words}”" for words in why) or UNQUOTED
    found = _finding(rule, subject, use.page, use.sentence, use.confidence)
    return replace(found, acknowledged=use.acknowledged, boxes=use.boxes)


def _finding(rule: Rule, subject: str, page: int, sentence: str, confidence: float) -> PaperFinding:
    message = rule.message.format(subject=subject)
    return PaperFinding(rule.code, rule.name, rule.severity, page, sentence, message, rule.help, confidence)


def _first(wording: Wording, cue: str) -> str:
    """The first words of a text that are such a cue, or an empty string."""
    return load_cues("documents.toml")[cue].find(wording)
