"""A sentence on seeds as a review holds it, from which tests make others."""

from __future__ import annotations

from seedlint.paper.document import Kind
from seedlint.paper.review import PaperUse
from seedlint.uses import Use

RISKY = PaperUse(
    use=Use.FIXED_SEED,
    confidence=0.9,
    acknowledged=False,
    page=4,
    sentence="We fix the seed to 42.",
    prev="We train on one machine.",
    next="",
    section="3 Experiments",
    kind=Kind.BODY,
    boxes=(),
    why=("fix the seed",),
)
