"""Where the data files that belong to the package lie: the rule pages and the framework tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def rules_folder() -> Path:
    """The `rules` folder: packed into an installed package as `_rules`, beside the package in a checkout."""
    package = Path(__file__).parent
    packed = package / "_rules"
    return packed if packed.is_dir() else package.parent / "rules"
