"""What every reader raises when it cannot make sense of a file."""

from __future__ import annotations


class UnreadableSource(Exception):
    """The file is not what its name promises, or this seedlint cannot parse it; the message says why in one line."""


def refuse_binary(content: bytes) -> None:
    """Raises UnreadableSource where bytes are no text."""
    if b"\0" in content:
        raise UnreadableSource("holds null bytes: not a text")
