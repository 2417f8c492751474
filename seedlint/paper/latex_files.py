r"""The files of a LaTeX paper put together: the main file with all that it \input s, from a folder or an archive."""

from __future__ import annotations

import io
import lzma
import posixpath
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 100_000_000
"""Of a file, and of what an archive holds once it is decompressed."""

MAX_FILE = 20_000_000
"""Of one file of LaTeX source: more is no text that a person wrote."""

MAX_INPUTS = 2_000
MAX_DEPTH = 20
MAX_MEMBERS = 20_000
SUFFIXES = (".tex", ".ltx", ".latex")
USUAL_MAINS = ("main", "paper", "ms", "article", "manuscript", "root")
"""What the main file of a paper is usually called."""

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""How a ZIP archive begins; the second is an empty one."""
UNREADABLE = (EOFError, OSError, OverflowError, UnicodeError, RuntimeError, struct.error)
"""What Python's readers of archives raise for damage beside errors of their own; RuntimeError is for a method they do not know."""
CUT_OFF = "the end of the archive is damaged"
_ZIP_ENTRY, _ENCRYPTED, _OFFICE = b"PK\x01\x02", 1, "[Content_Types].xml"

_INPUT = re.compile(
    r"\\(?:input|include|subfile|InputIfFileExists)(?![A-Za-z@])\s{0,9}(?:\{([^{}\n]{1,300})\}|([^\s{}\\]{1,300}))|\\.|%[^\n]*"
)
_IMPORT = re.compile(r"\\(?:sub)?import\*?\{([^{}\n]{0,300})\}\{([^{}\n]{1,300})\}")
_MAIN = re.compile(r"^[^%\n]{0,200}\\document(?:class|style)\s{0,9}[\[{]", re.MULTILINE)

Sources = Callable[[str], str | None]
"""Gives the text of a file by its path, relative to the main file's folder and with `/`; None where there is no such file."""


class TooLargeError(ValueError):
    """An archive that holds more than is read, in one line."""


class LockedError(ValueError):
    """An archive whose files need a password, in one line."""


class NoSourceError(ValueError):
    """A folder or archive in which no LaTeX paper was found, in one line."""


def put_together(main: str, sources: Sources) -> str:
    r"""The text of the main file with each \input in place. What is missing, or contains itself, or is too deep is left out."""
    remaining = [MAX_INPUTS, MAX_BYTES]

    def resolved(name: str, around: tuple[str, ...]) -> str:
        path, text = _find(name, sources, around)
        remaining[0] -= 1
        remaining[1] -= len(text)
        if path in around or len(around) > MAX_DEPTH or min(remaining) < 0:
            return ""
        text = _IMPORT.sub(lambda found: rf"\input{{{posixpath.join(found[1], found[2])}}}", text)
        return _INPUT.sub(lambda found: resolved(_named(found), (*around, path)) if _named(found) else found[0], text)

    return resolved(main, ())


def _named(found: re.Match[str]) -> str:
    return (found[1] or found[2] or "").strip().strip('"')


def _find(name: str, sources: Sources, around: tuple[str, ...]) -> tuple[str, str]:
    """The path and text of a file, named with or without suffix, from the main file's folder or from that of the file around it."""
    folders = ["", *(posixpath.dirname(path) for path in around[-1:])]
    for folder in dict.fromkeys(folders):
        for suffix in (".tex", ""):
            path = _normal(posixpath.join(folder, name) + suffix)
            if path and (text := sources(path)) is not None:
                return path, text
    return "", ""


def _normal(name: str) -> str:
    """A path without `.` and `..` steps, or an empty string where it leads outside."""
    path = posixpath.normpath(name.replace("\\", "/"))
    return "" if path.startswith(("/", "..")) or ":" in path or "\0" in path or path == "." else path


def from_folder(folder: Path) -> str:
    """The paper in a folder; raises NoSourceError where no file has a \\documentclass."""
    names = [path.name for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES and path.is_file()]
    sources = _folder_sources(folder)
    return put_together(main_file(names, sources), sources)


def from_file(path: Path) -> str:
    """The paper whose main file this is."""
    return put_together(path.name, _folder_sources(path.parent))


def _folder_sources(folder: Path) -> Sources:
    root = folder.resolve()

    def text_of(name: str) -> str | None:
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.is_file() or path.stat().st_size > MAX_FILE:
            return None
        return decoded(path.read_bytes())

    return text_of


@dataclass(frozen=True)
class Archived:
    """The LaTeX paper of an archive. `lost` says what of the archive could not be read; an empty string: nothing."""

    text: str
    lost: str = ""


def from_archive(content: bytes) -> Archived:
    """The paper in a ZIP, tar.gz, tar or single gzipped file, read in memory: nothing is written, links are not followed.

    Raises TooLargeError beyond MAX_BYTES or MAX_MEMBERS, LockedError where its LaTeX files are encrypted, NoSourceError where it
    holds no LaTeX paper.
    """
    if content.startswith(ZIP):
        files, lost = _from_zip(content)
    else:
        content, lost = gunzipped(content) if content.startswith(b"\x1f\x8b") else (content, "")
        archive = _tar(content)
        if archive is None:
            return Archived(decoded(content), lost)
        files, cut = _texts(archive)
        lost = lost or cut
    return Archived(put_together(main_file(sorted(files), files.get), files.get), lost)


def gunzipped(content: bytes) -> tuple[bytes, str]:
    """Decompress what can be, and say whether the end is lost.

    Raises TooLargeError beyond MAX_BYTES, NoSourceError without any byte.
    """
    stream = zlib.decompressobj(wbits=31)
    try:
        found = stream.decompress(content, MAX_BYTES + 1)
    except zlib.error as error:
        raise NoSourceError(f"a damaged gzip file ({error})") from None
    if len(found) > MAX_BYTES:
        raise TooLargeError(f"the archive holds more than {MAX_BYTES // 1_000_000} MB")
    return found, "" if stream.eof else CUT_OFF


def _tar(content: bytes) -> tarfile.TarFile | None:
    try:
        return tarfile.open(fileobj=io.BytesIO(content), mode="r:")
    except (tarfile.TarError, *UNREADABLE):
        return None


def _texts(archive: tarfile.TarFile) -> tuple[dict[str, str], str]:
    """The LaTeX files of a tar archive by their paths, and whether its end is lost."""
    files: dict[str, str] = {}
    try:
        for number, member in enumerate(archive):
            if number >= MAX_MEMBERS:
                raise TooLargeError(f"the archive holds more than {MAX_MEMBERS} files")
            path = _normal(member.name)
            if not path.endswith(SUFFIXES) or not member.isreg() or member.issparse() or member.size > MAX_FILE:
                continue
            if (stream := archive.extractfile(member)) is not None:
                files[path] = decoded(stream.read(MAX_FILE))
    except (tarfile.TarError, *UNREADABLE):
        return files, CUT_OFF
    return files, ""


def _from_zip(content: bytes) -> tuple[dict[str, str], str]:
    if content.count(_ZIP_ENTRY) > MAX_MEMBERS:
        raise TooLargeError(f"the archive holds more than {MAX_MEMBERS} files")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, *UNREADABLE):
        raise NoSourceError("a damaged ZIP archive") from None
    with archive:
        if _OFFICE in archive.namelist():
            raise NoSourceError("not a paper but an office document")
        return _zipped_texts(archive)


def _zipped_texts(archive: zipfile.ZipFile) -> tuple[dict[str, str], str]:
    """The LaTeX files by their paths, links left out, and which of them are damaged."""
    files: dict[str, str] = {}
    damaged: list[str] = []
    remaining = MAX_BYTES
    for member in archive.infolist():
        path = _normal(member.filename)
        if not path.endswith(SUFFIXES) or stat.S_ISLNK(member.external_attr >> 16) or member.file_size > MAX_FILE:
            continue
        if member.flag_bits & _ENCRYPTED:
            raise LockedError("the archive needs a password")
        remaining -= member.file_size
        if remaining < 0:
            raise TooLargeError(f"the archive holds more than {MAX_BYTES // 1_000_000} MB")
        try:
            files[path] = decoded(archive.read(member))
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError, *UNREADABLE):
            damaged.append(path)
    return files, f"damaged in the archive: {', '.join(damaged)}" if damaged else ""


def main_file(names: list[str], sources: Sources) -> str:
    r"""The file that has a \documentclass; of several the nearest to the top that a paper is usually called, then the longest."""
    texts = {name: sources(name) or "" for name in names}
    mains = [name for name, text in texts.items() if _MAIN.search(text) and r"\begin{document}" in text]
    if not mains:
        raise NoSourceError("no LaTeX file with a \\documentclass was found")
    usual = (*USUAL_MAINS, "template")
    stems = {name: posixpath.splitext(posixpath.basename(name))[0].lower() for name in mains}
    return min(mains, key=lambda name: (name.count("/"), stems[name] not in usual, -len(texts[name]), name))


def decoded(content: bytes) -> str:
    """Text from bytes, with newlines as line ends: by its byte order mark, as UTF-8, or as Latin-1, which any bytes are.

    Text that is UTF-8 but for a few bytes, as where it was cut, keeps its letters: the rest become replacement characters.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        text = content.decode("utf-8-sig", errors="replace")
        letters = sum(character > "\x7f" for character in text) - (wrong := text.count("\ufffd"))
        text = content.decode("latin-1") if wrong > letters else text
    return text.replace("\r\n", "\n").replace("\r", "\n")
