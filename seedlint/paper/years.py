"""The year of a paper: as a table says, as the paper says, or as the arXiv's number in its file name says."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

FIRST = 1900
_ARXIV = re.compile(r"(?<![\d.])(\d{2})(?:0[1-9]|1[0-2])\.\d{4,5}(?:v\d+)?(?!\d)")
_OLD_ARXIV = re.compile(
    r"(?<![a-z])(?:cs|cmp-lg|math|stat|physics|q-bio|quant-ph|cond-mat|astro-ph|nlin|hep-(?:th|ph|lat|ex))"
    r"(?:\.[a-z]{2})?[-_/]?(\d{2})(?:0[1-9]|1[0-2])\d{3}(?:v\d+)?(?!\d)",
    re.IGNORECASE,
)


class YearsError(ValueError):
    """A table of years that cannot be read, with the file and the line."""


@dataclass(frozen=True)
class Years:
    """Years by the names of papers: the path below the folder with `/`, or the file's own name where it is the only one."""

    by_name: Mapping[str, int]

    def of(self, name: str) -> int | None:
        """Return the stated year of the paper at a path below the folder."""
        found = self.by_name.get(name)
        return self.by_name.get(PurePosixPath(name).name) if found is None else found

    def unused(self, names: Iterable[str]) -> list[str]:
        """Return the rows that name none of the papers."""
        known = {known for name in names for known in (name, PurePosixPath(name).name)}
        return [name for name in self.by_name if name not in known]


def read_years(path: Path, folder: Path) -> Years:
    """Read rows of path and year; a first row that holds no year is a head. Raises YearsError.

    A path is absolute, or relative to the folder of papers, or a file's name alone.
    """
    found: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            for number, row in enumerate(rows):
                if len(row) > 1 and (year := _year(row[1])) is not None:
                    found[_below(row[0].strip(), folder)] = year
                elif row and number:
                    raise YearsError(f"{path}:{rows.line_num}: not a path and a year: {','.join(row)[:80]!r}")
    except OSError as error:
        raise YearsError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise YearsError(f"{path}: not a CSV file in UTF-8 ({error})") from error
    return Years(found)


def arxiv_year(name: str) -> int | None:
    """Return the year in which the arXiv gave the number in a path, the last part first: 2022 for `2210.13393v2.pdf`."""
    for part in reversed(PurePosixPath(name).parts):
        if found := _ARXIV.search(part) or _OLD_ARXIV.search(part):
            short = int(found[1])
            return 1900 + short if short > 90 else 2000 + short
    return None


def _year(text: str) -> int | None:
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdigit() and len(stripped) == 4):
        return None
    return year if FIRST <= (year := int(stripped)) <= date.today().year + 2 else None


def _below(name: str, folder: Path) -> str:
    path = Path(name)
    if path.is_absolute() and path.is_relative_to(folder.resolve()):
        path = path.relative_to(folder.resolve())
    return path.as_posix()
