"""Where seedlint keeps what it can compute again: one folder a user, after the custom of the platform."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """The folder for caches; it may not exist yet. The environment variable SEEDLINT_CACHE_DIR overrides it."""
    chosen = os.environ.get("SEEDLINT_CACHE_DIR")
    return Path(chosen) if chosen else _platform_base() / "seedlint"


def _platform_base() -> Path:
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"))
    if sys.platform == "darwin":
        return Path(home, "Library", "Caches")
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache"))
