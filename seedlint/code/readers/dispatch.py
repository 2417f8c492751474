"""Reads a file of any kind into facts, loading no reader but its own."""

from __future__ import annotations

from importlib import import_module

from seedlint.code.facts import FileFacts
from seedlint.code.kinds import READERS, kind_of


def read(path: str, content: bytes) -> FileFacts:
    """The facts of one file, which follow from its kind and its content alone, so that they can be kept for both.

    Raises UnreadableSource with a one-line reason.
    """
    module, _, function = kind_of(path, content).reader.partition(":")
    reader = getattr(import_module(f"{READERS}.{module}"), function)
    facts: FileFacts = reader(path, content)
    return facts
