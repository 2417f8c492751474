"""Writes a file in one step, so that a reader sees the old or the new one and never half of it."""

from __future__ import annotations

import os


def write_file(path: str, data: bytes) -> None:
    """Replace a regular file, keeping its permissions and any link to it; write into what is no regular file."""
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb") as file:
            file.write(data)
        return
    from tempfile import mkstemp

    handle, temporary = mkstemp(dir=os.path.dirname(target), prefix=f".{os.path.basename(target)}.")
    try:
        with open(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, _permissions(target))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _permissions(target: str) -> int:
    try:
        return os.stat(target).st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
