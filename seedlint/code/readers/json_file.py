"""Reads JSON, with or without comments, and JSON5 into facts."""

from __future__ import annotations

import re

from seedlint.code.facts import FileFacts
from seedlint.code.readers.jsonnet import read_jsonnet
from seedlint.code.readers.unreadable import UnreadableSource

RECORDS_BYTES = 50_000
"""A list of objects that is longer than this is a data set."""

_RECORDS = re.compile(rb"\s*\[\s*[\[{]")
_LINES = re.compile(rb"\s*\{[^\n]*\}[ \t]*\r?\n[ \t]*\{")


def read_json(path: str, content: bytes) -> FileFacts:
    """The facts of a JSON file. Data sets are told by how they begin, before anything is parsed."""
    if _LINES.match(content) or (len(content) > RECORDS_BYTES and _RECORDS.match(content)):
        raise UnreadableSource("holds records, not settings")
    return read_jsonnet(path, content)
