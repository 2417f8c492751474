"""ZIP archives as the tests of sources need them."""

from __future__ import annotations

import io
import stat
import zipfile


def zipped(files: dict[str, str], *, link: tuple[str, str] | None = None) -> bytes:
    """Return a ZIP archive of these files; `link` is the name of a symbolic link in it, and where it leads."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        if link:
            member = zipfile.ZipInfo(link[0])
            member.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(member, link[1])
    return buffer.getvalue()
