"""The taxonomy of random-seed uses and the records that travel between the rooms of the house.

Source of the five uses: Bethard (2022), "We need to talk about random seeds", section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Use(str, Enum):
    """What a random seed is used for (Bethard 2022, sections 2.1 to 2.5)."""

    MODEL_SELECTION = "model_selection"
    ENSEMBLE_CREATION = "ensemble_creation"
    SENSITIVITY_ANALYSIS = "sensitivity_analysis"
    FIXED_SEED = "fixed_seed"
    PERFORMANCE_COMPARISON = "performance_comparison"

    @property
    def safe(self) -> bool:
        """Whether the paper calls this use safe."""
        return self not in (Use.FIXED_SEED, Use.PERFORMANCE_COMPARISON)


class Circumstance(str, Enum):
    """How a use comes about in code or in a paper; each risky one belongs to one rule page (`circumstance` in its front
    matter), but for a sibling, which is reported with the first of its group."""

    HARD_CODED = "hard-coded"
    DEFAULT = "default"
    PINNED = "pinned"
    CLAIM = "claim"
    COMPARISON = "comparison"
    DISTRIBUTION = "distribution"
    SWEEP = "sweep"
    SIBLING = "sibling"
    TEST_SELECTION = "test-selection"
    UNUSED_SUPPRESSION = "unused-suppression"
    VALIDATION_SELECTION = "validation-selection"
    SEARCHED = "searched"
    COMBINED = "combined"
    SPREAD = "spread"
    PAPER_FIXED = "paper-fixed"
    PAPER_COMPARISON = "paper-comparison"
    PAPER_UNREPORTED = "paper-unreported"
    PAPER_TEST_SELECTION = "paper-test-selection"


class Severity(str, Enum):
    """How loudly a finding is reported; ordered by `rank`."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for a note, 1 for a warning, 2 for an error."""
        return list(Severity).index(self)


class Confidence(str, Enum):
    """How sure seedlint is that the use is what it says."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True)
class Place:
    """A span of source: `path` relative and `/`-separated; lines and columns from 1; `end_column` exclusive.

    `cell` is the index of a notebook's code cell among its code cells, from 0; lines then count within the cell, from 1.
    """

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    cell: int | None = None


@dataclass(frozen=True)
class Evidence:
    """One step on the way from the sink to the origin, or one line that decided the use; `cell` is as in a Place."""

    path: str
    line: int
    note: str
    cell: int | None = None


@dataclass(frozen=True)
class SeedUse:
    """One classified use of a seed: what it is for, where it stands, and why seedlint believes so.

    `subject` names the seed in a few words ("seed 42", "option --seed, default 42"); `sink` names what it governs
    ("torch.manual_seed, numpy.random.seed"). Both fill the message of the rule page.
    """

    use: Use
    circumstance: Circumstance
    place: Place
    evidence: tuple[Evidence, ...] = ()
    confidence: Confidence = Confidence.HIGH
    subject: str = ""
    sink: str = ""

    @property
    def safe(self) -> bool:
        """Whether this use is safe: a safe kind of use, and not a selection by the test score."""
        return self.use.safe and self.circumstance is not Circumstance.TEST_SELECTION


@dataclass(frozen=True)
class Finding:
    """A rule's verdict on one seed use. `text` is the stripped source line; `acknowledged` the author's stated reason."""

    code: str
    name: str
    use: Use
    severity: Severity
    confidence: Confidence
    place: Place
    message: str
    help: str
    evidence: tuple[Evidence, ...] = ()
    text: str = ""
    acknowledged: str | None = None


@dataclass(frozen=True)
class FileError:
    """A file that could not be read, decoded or parsed, and the reason in one line."""

    path: str
    message: str


@dataclass(frozen=True)
class Report:
    """Everything one run has to say, in the order in which it is shown."""

    findings: tuple[Finding, ...] = ()
    uses: tuple[SeedUse, ...] = ()
    errors: tuple[FileError, ...] = ()
    files: int = 0
