"""A finding that the tests of baselines and fingerprints start from."""

from __future__ import annotations

from seedlint.uses import Confidence, Finding, Place, Severity, Use

HARD_CODED = Finding(
    code="SL101",
    name="hard-coded-seed",
    use=Use.FIXED_SEED,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    place=Place("src/train.py", 12, 23, 12, 25),
    message="seed 42",
    help="vary it",
    text="seed_all(42)",
)
