"""What one file may cost the process that reads it: memory, processor time and time on the clock."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

MEMORY = 1_500_000_000
"""Bytes of addresses that one file may take above what its process has already."""


@dataclass(frozen=True)
class Clock:
    """Seconds: a file has `seconds`; a PDF of many pages has `a_page` more for each, up to `at_most`.

    When they are over, `to_finish` are left in which something may be made of the pages that were read.
    """

    seconds: float = 60.0
    a_page: float = 2.0
    at_most: float = 300.0
    to_finish: float = 20.0


CLOCK = Clock()


class TimeUp(BaseException):
    """A file's time is over, in one line. No Exception: who goes on after a page that fails must not go on after this."""


@contextmanager
def within(memory: int, clock: Clock, path: Path) -> Iterator[None]:
    """Bound what happens inside, as far as the system can: MemoryError or TimeUp is raised there.

    TimeUp is raised again where what goes on after it takes longer than `clock.to_finish`. Time is bounded in a main thread
    only, as no other can be interrupted.
    """
    with ExitStack() as limits:
        limits.enter_context(_memory(memory))
        if threading.current_thread() is threading.main_thread():
            limits.enter_context(_processor(clock.at_most, clock.to_finish))
            limits.enter_context(_clock(clock, path))
        yield


@contextmanager
def _memory(limit: int) -> Iterator[None]:
    used = _addresses()
    if not used:
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    try:
        with suppress(ValueError, OverflowError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (_lower(used + limit, before[0]), before[1]))
        yield
    finally:
        with suppress(ValueError, OverflowError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, before)


def _lower(limit: int, soft: int) -> int:
    """The lower of our limit and the one that is set already, if one is."""
    return limit if soft < 0 else min(limit, soft)


def _addresses() -> int:
    """The bytes of addresses that this process has, or 0 where the system does not say."""
    try:
        import resource

        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        return 0


@contextmanager
def _processor(seconds: float, to_finish: float) -> Iterator[None]:
    """Bound processor time from here on; threads add up."""
    try:
        import resource
    except ImportError:
        yield
        return

    def over(_number: int, _frame: FrameType | None) -> None:
        with suppress(ValueError, OverflowError, OSError):
            spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
            resource.setrlimit(resource.RLIMIT_CPU, (_lower(int(spent + to_finish) + 1, before[1]), before[1]))
        raise TimeUp(f"stopped after {seconds:g} seconds of processor time")

    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    before = resource.getrlimit(resource.RLIMIT_CPU)
    handler = signal.signal(signal.SIGXCPU, over)
    try:
        with suppress(ValueError, OverflowError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (_lower(int(used + seconds) + 1, before[0]), before[1]))
        yield
    finally:
        with suppress(ValueError, OverflowError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, before)
        signal.signal(signal.SIGXCPU, handler)


@contextmanager
def _clock(clock: Clock, path: Path) -> Iterator[None]:
    """Bound time on the clock. The pages are counted only when the first seconds are over: few files get there."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    rung = False

    def ring(_number: int, _frame: FrameType | None) -> None:
        nonlocal rung
        pages = 0 if rung else _pages(path)
        more = min(clock.a_page * pages, clock.at_most - clock.seconds)
        if rung or more <= 0:
            rung = True
            signal.setitimer(signal.ITIMER_REAL, clock.to_finish)
            raise TimeUp(f"stopped after {time.monotonic() - started:.0f} seconds")
        rung = True
        signal.setitimer(signal.ITIMER_REAL, more)

    started = time.monotonic()
    handler = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, clock.seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


def _pages(path: Path) -> int:
    """How many pages a PDF says it has, or 0 where it cannot say: its reading tells what is wrong with it."""
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfparser import PDFParser
    from pdfminer.psexceptions import PSException

    from seedlint.paper.pdf import stated_pages

    try:
        with path.open("rb") as file:
            return stated_pages(PDFDocument(PDFParser(file)))
    except (PSException, OSError, LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError):
        return 0
