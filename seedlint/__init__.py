"""seedlint: a static linter for the way machine-learning experiments use random seeds, in code and in papers."""

__version__ = "0.1.0"
