"""Which project the files that are named belong to: what else is in it decides what their seeds are used for."""

from __future__ import annotations

import os
from collections.abc import Sequence

from seedlint.globs import below, slashed
from seedlint.settings import Settings

MAX_ENTRIES = 100_000
"""A folder in which more is met on the way is no project: somebody keeps everything in it."""


def project_folder(files: Sequence[str], settings: Settings) -> str | None:
    """The folder of the configuration file, else of the repository, else the one that holds all the files.

    `files` are absolute paths; None where there are none, where they lie on different drives, or where the settings say
    that files are judged by themselves.
    """
    if not files or not settings.context:
        return None
    try:
        common = slashed(os.path.commonpath([os.path.dirname(file) for file in files]))
    except ValueError:
        return None
    if settings.origin is not None and below(common, settings.root) is not None:
        return settings.root
    return _repository(common) or common


def _repository(folder: str) -> str | None:
    """The nearest folder at or above this one that is a repository's root."""
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder
