"""Which project the files that are named belong to: what else is in it decides what their seeds are used for."""

from __future__ import annotations

import os

from seedlint.globs import below, slashed
from seedlint.settings import Settings

MAX_ENTRIES = 100_000
"""A folder in which more is met on the way is no project: somebody keeps everything in it."""


def project_folder(start: str, settings: Settings) -> str:
    """The folder of the configuration file, else of the repository, else `start`: the one that holds all that is named."""
    if settings.origin is not None and below(start, settings.root) is not None:
        return settings.root
    return slashed(_repository(start) or start)


def _repository(folder: str) -> str | None:
    """The nearest folder at or above this one that is a repository's root."""
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder
