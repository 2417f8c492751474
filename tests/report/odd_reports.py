"""Reports with everything in them that has broken a renderer somewhere."""

from __future__ import annotations

from dataclasses import replace

from seedlint.report import View
from seedlint.uses import (
    Circumstance,
    Confidence,
    Evidence,
    FileError,
    Finding,
    Place,
    Report,
    SeedUse,
    Severity,
    Use,
)

EMPTY = Report()
CLEAN = Report(files=7)
BROKEN = Report(errors=(FileError("old.py", "Python 2: line 3: print without parentheses"),), files=1)

HARD_CODED = Finding(
    code="SL101",
    name="hard-coded-seed",
    use=Use.FIXED_SEED,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    place=Place("src/train.py", 12, 23, 12, 25),
    message="seed 42 is hard-coded for torch.manual_seed",
    help="make the seed an option",
    evidence=(
        Evidence("src/seeding.py", 8, "torch.manual_seed(seed) seeds training"),
        Evidence("src/train.py", 12, "seed_all is called with 42"),
    ),
    text="    seed_all(42)",
)
COMPARISON = replace(
    HARD_CODED,
    code="SL202",
    name="seed-only-distribution",
    use=Use.PERFORMANCE_COMPARISON,
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    place=Place("compare.py", 3, 5, 9, 2),
    message="the scores of 5 runs that vary only the seed are averaged",
    help="search the seed with the other hyperparameters",
    evidence=(),
    text="    for seed in range(5):",
)
CLAIM = replace(
    HARD_CODED,
    code="SL104",
    name="replicability-claim",
    severity=Severity.NOTE,
    confidence=Confidence.LOW,
    place=Place("claim.py", 1),
    message="the comment promises the same numbers",
    evidence=(),
    text="# for reproducibility",
)
IN_NOTEBOOK = View(file_line=lambda path, line, cell: line + 100 * (cell or 0))
ACKNOWLEDGED = replace(
    HARD_CODED,
    place=Place("study.ipynb", 3, 8, 3, 10, cell=2),
    evidence=(Evidence("study.ipynb", 4, "trained here", cell=3),),
    text="SEED = 42",
    acknowledged="one run costs\n4,000 GPU hours",
)
ODD = replace(
    HARD_CODED,
    place=Place("dir, with: 100%/näme\n&<x>.py", 5, 4, 5, 6),
    message="a \"quoted\" 'message'\nwith </failure>, ]]>, 100% & \x1b[31mcolour\x1b[0m, \x00 and 種",
    help="do <this>:\r\nthen, that",
    evidence=(Evidence("o'dir/a.py", 1, "note with </failure>\n::error::injected\x07"),),
    text='x = "</failure>]]>\x0b種" % 42',
)
SELECTION = SeedUse(
    Use.MODEL_SELECTION,
    Circumstance.VALIDATION_SELECTION,
    Place("select.py", 4, 1, 4, 20),
    (Evidence("select.py", 9, "the best by val_loss is kept"),),
    subject="seeds range(5)",
)
RISKY = SeedUse(Use.FIXED_SEED, Circumstance.HARD_CODED, HARD_CODED.place, HARD_CODED.evidence, subject="seed 42")
FULL = Report(
    findings=(HARD_CODED, COMPARISON, CLAIM, ACKNOWLEDGED, ODD),
    uses=(RISKY, SELECTION),
    errors=(FileError("broken dir/ü.py", "cannot be decoded:\nbyte 0xff"),),
    files=12,
)
REPORTS = {"empty": EMPTY, "clean": CLEAN, "broken": BROKEN, "full": FULL}
