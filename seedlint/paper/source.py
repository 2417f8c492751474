"""Any file that may be a paper to a document: what it is, by its name and bytes, and the reader for that. Nothing else raises."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from seedlint.paper.document import Document, Status
from seedlint.paper.html import read_html
from seedlint.paper.latex import read_latex
from seedlint.paper.latex_files import (
    MAX_BYTES,
    SUFFIXES,
    ZIP,
    LockedError,
    NoSourceError,
    TooLargeError,
    decoded,
    from_archive,
    from_file,
    from_folder,
)
from seedlint.paper.markdown import read_markdown
from seedlint.paper.plain import read_plain

TextReader = Callable[[str, str], Document]

_BY_SUFFIX: dict[str, TextReader] = {
    **dict.fromkeys(SUFFIXES, read_latex),
    **dict.fromkeys((".md", ".markdown", ".mdx", ".qmd", ".rmd"), read_markdown),
    **dict.fromkeys((".html", ".htm", ".xhtml"), read_html),
    **dict.fromkeys((".txt", ".text"), read_plain),
}
_LATEX = re.compile(r"^[^%\n]{0,200}\\(?:documentclass|begin\{document\}|section\*?\{)", re.MULTILINE)
_HTML = re.compile(
    r"\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,20})?(?:<!--.{0,500}?-->\s{0,20})?<(?:!doctype html|html)",
    re.IGNORECASE | re.DOTALL,
)

_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "a rich text document"),
    (b"%!PS", "a PostScript file"),
    (b"AT&TFORM", "a DjVu file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"SQLite format", "a database"),
    (b"\x93NUMPY", "an array of numbers"),
    (b"version https://git-lfs", "a Git LFS pointer in place of the file"),
)
_CONTROL = bytes(sign for sign in range(32) if sign not in b"\t\n\v\f\r\x1b")


def read(path: Path) -> Document:
    """Read a PDF, a LaTeX file, folder or archive, Markdown, HTML or plain text; how that ended is the document's status."""
    name = os.fspath(path)
    try:
        if path.is_dir():
            return read_latex(name, from_folder(path))
        if not path.is_file():
            return _unread(name, "no such file" if not path.exists() else "neither a file nor a folder")
        if path.stat().st_size > MAX_BYTES:
            return Document(name, Status.TOO_LARGE, f"larger than {MAX_BYTES // 1_000_000} MB")
        return _read_file(path, name)
    except TooLargeError as error:
        return Document(name, Status.TOO_LARGE, str(error))
    except LockedError as error:
        return Document(name, Status.ENCRYPTED, str(error))
    except NoSourceError as error:
        return _unread(name, str(error))
    except OSError as error:
        return _unread(name, f"cannot be read: {error.strerror or error}")


def read_text(text: str, name: str = "-") -> Document:
    """Read text that is no file of its own, as from standard input: by the suffix of `name`, else by what it looks like."""
    return _text_reader(Path(name).suffix.lower(), text)(name, text)


def _read_file(path: Path, name: str) -> Document:
    with path.open("rb") as file:
        head = file.read(8192)
    if b"%PDF-" in head[:1024]:
        from seedlint.paper.pdf import read_pdf

        return read_pdf(path)
    if not head:
        return _unread(name, "the file is empty")
    if _is_archive(head):
        archived = from_archive(path.read_bytes())
        document = read_latex(name, archived.text)
        if archived.lost and document.status is Status.OK:
            return replace(document, status=Status.PARTIAL, reason=archived.lost)
        return document
    if what := _foreign(head):
        return _unread(name, f"not a paper but {what}")
    text = decoded(path.read_bytes())
    if path.suffix.lower() == ".pdf":
        return _unread(name, f"not a PDF but {'a web page' if _HTML.match(text) else 'text'}")
    if _text_reader(path.suffix.lower(), text) is read_latex and not path.is_symlink():
        text = from_file(path)
    return read_text(text, name)


def _is_archive(head: bytes) -> bool:
    return head.startswith((b"\x1f\x8b", *ZIP)) or head[257:262] == b"ustar"


def _foreign(head: bytes) -> str:
    """What the bytes are where they are no text that papers are written in, or an empty string."""
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            return what
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ""
    control = len(head) - len(head.translate(None, _CONTROL))
    return "a binary file" if b"\0" in head or control > len(head) // 50 else ""


def _text_reader(suffix: str, text: str) -> TextReader:
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if _HTML.match(text):
        return read_html
    return read_latex if _LATEX.search(text[:100_000]) else read_plain


def _unread(name: str, reason: str) -> Document:
    return Document(name, Status.NOT_A_PDF, reason)
