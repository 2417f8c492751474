"""Unpacks the streams of a page within limits: a few bytes may stand for gigabytes."""

from __future__ import annotations

import zlib

from pdfminer.pdfexceptions import PDFException
from pdfminer.pdftypes import LITERALS_FLATE_DECODE, PDFStream


class TooMuchError(PDFException):
    """A page that asks for more work than any paper's page needs."""


def unpacked(stream: PDFStream, limit: int) -> tuple[int, bool]:
    """Return how many bytes a stream's flate filters make of it, and whether all of it unpacks; TooMuchError beyond `limit`."""
    data, whole = stream.get_rawdata() or b"", True
    if len(data) > limit:
        raise TooMuchError(f"a page whose streams decode to more than {limit} bytes")
    if stream.decipher and stream.objid is not None and stream.genno is not None:
        data = stream.decipher(stream.objid, stream.genno, data, stream.attrs)
    for name, _parameters in stream.get_filters():
        if name not in LITERALS_FLATE_DECODE:
            break
        data, complete = _inflated(data, limit)
        whole = whole and complete
    return len(data), whole


def _inflated(data: bytes, limit: int) -> tuple[bytes, bool]:
    inflate = zlib.decompressobj()
    try:
        found = inflate.decompress(data, limit + 1)
    except zlib.error:
        return b"", False
    if len(found) > limit:
        raise TooMuchError(f"a page whose streams decode to more than {limit} bytes")
    return found, inflate.eof
