"""What one source sends: how much at once, for how long in all, and what servers ask to be spared.

A question is an attempt that may be repeated (``persist``). Each attempt takes its turn in a ``Traffic``, which all
questions of a source share, and counts against a ``Quota`` of the server it goes to. Times are monotonic, in seconds.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Lock, Semaphore, get_ident
from typing import TypeVar

from openaudit.saying import counted, phrase

T = TypeVar("T")

_SAME_WINDOW = 2.0  # seconds by which two answers may differ about the end of one window
_CORE = random.random()  # which core of those there are: programs that run side by side choose different ones
_SOON = 0.02  # seconds until another answer may have brought news


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one question may take: ``tries`` attempts within ``budget`` seconds, pauses included.

    Waiting for a turn does not count; waiting for a rate limit does, unless the source has a budget of its own.
    ``timeout`` bounds each wait for a connection or for the next bytes, ``wait`` is the first pause between two
    attempts: it doubles each time and is jittered. All in seconds.
    """

    tries: int = 4
    budget: float = 60.0
    timeout: float = 10.0
    wait: float = 0.5


PATIENT = Patience()


def share_a_core() -> None:
    """Has the calling thread run on the one core of all threads that gather, where the system offers to (Linux).

    One Python runs one of its threads at a time. Where another is awake on another core, it takes over at every system
    call, and each such change costs more than the call: a quarter of the time that gathering takes.
    """
    with suppress(AttributeError, OSError):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(_CORE * len(cores))]})


class Again(Exception):
    """This attempt failed in a way that may pass. ``after``: the seconds the server asked to be left alone.

    ``spent``: a rate limit is used up, which concerns every other question to that server, too.
    """

    def __init__(self, why: str, after: float | None = None, *, spent: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.after = after
        self.spent = spent


class GaveUp(Exception):
    """The question was not answered; ``why`` says so in plain words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class OutOfTime(GaveUp):
    """The budget of the whole source is used up, or the source was closed."""


class Quota:
    """What a server still answers, as its answers tell. Nothing is sent that it would refuse.

    Until it tells, everything may be sent; after the window it told of, one request goes first and brings news.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._told: int | None = None  # the least that an answer said is left in this window
        self._left: int | None = None  # how many more may be sent; None: any number
        self._ends = 0.0  # when the window ends
        self._quiet = 0.0  # nothing is sent before this moment
        self._under_way = 0
        self._heard: set[int] = set()  # the threads whose answer told something

    def take(self) -> float:
        """0 where a request may be sent, which then counts; else the seconds until it is worth asking again."""
        with self._lock:
            now = time.monotonic()
            if now < self._quiet:
                return self._quiet - now
            if self._told is not None and now >= self._ends:
                self._told, self._left = None, 1
            if self._left == 0:
                return _SOON if self._under_way else self._ends - now
            self._left = None if self._left is None else self._left - 1
            self._under_way += 1
            return 0.0

    def told(self, left: int, seconds: float) -> None:
        """An answer says: ``left`` more within ``seconds``."""
        with self._lock:
            ends = time.monotonic() + seconds
            same = self._told is not None and abs(ends - self._ends) < _SAME_WINDOW
            self._told = min(left, self._told or 0) if same else left  # answers overtake each other
            self._ends = ends
            self._heard.add(get_ident())

    def done(self) -> None:
        """The request this thread took was answered, or failed.

        Those under way may have been counted by the server, or not yet; one that told nothing probably was.
        """
        with self._lock:
            self._under_way -= 1
            if self._told is not None and get_ident() not in self._heard:
                self._told = max(0, self._told - 1)
            self._heard.discard(get_ident())
            self._left = None if self._told is None else max(0, self._told - self._under_way)

    def hold(self, seconds: float) -> None:
        """Send nothing for so long."""
        with self._lock:
            self._quiet = max(self._quiet, time.monotonic() + seconds)


class Traffic:
    """At most ``workers`` requests under way at once, none after ``budget`` seconds (``None``: no end)."""

    def __init__(self, workers: int = 8, budget: float | None = None) -> None:
        self.workers = workers
        self._slots = Semaphore(workers)
        self._deadline = float("inf") if budget is None else time.monotonic() + budget
        self._closed = Event()

    def close(self) -> None:
        """End every wait: what is not under way gives up."""
        self._closed.set()

    @property
    def left(self) -> float:
        """Seconds until the budget is used up; 0 after it, and when closed."""
        return 0.0 if self._closed.is_set() else max(0.0, self._deadline - time.monotonic())

    def enter(self, quota: Quota, patience: float) -> float:
        """Wait for a turn; ``leave`` gives it back. Returns the part of ``patience`` (seconds) it took.

        Raises GaveUp where the server would have to be waited for too long, OutOfTime at the end of the budget.
        """
        waited = 0.0
        while True:
            left = self.left
            if not left or not self._slots.acquire(timeout=None if left == float("inf") else left):
                raise OutOfTime(phrase("out of time"))
            if self._closed.is_set():
                self._slots.release()
                raise OutOfTime(phrase("out of time"))
            pause = quota.take()
            if not pause:
                return waited
            self._slots.release()
            # With a budget for all, each question may wait as long as that lasts.
            if pause >= (patience - waited if self._deadline == float("inf") else left):
                raise GaveUp(phrase("it asked to be left alone for {n} s more (rate limit)", n=f"{pause:.0f}"))
            begun = time.monotonic()
            self._closed.wait(pause * random.uniform(1.0, 1.1))  # not all threads in the same instant
            waited += time.monotonic() - begun if self._deadline == float("inf") else 0.0

    def leave(self, quota: Quota) -> None:
        """End a turn."""
        quota.done()
        self._slots.release()

    def pause(self, seconds: float) -> None:
        """Wait between two attempts. Raises OutOfTime where that cannot end in time."""
        if seconds >= self.left or self._closed.wait(seconds):
            raise OutOfTime(phrase("out of time"))


def persist(attempt: Callable[[float], Callable[[], T]], patience: Patience, traffic: Traffic, quota: Quota) -> T:
    """Call ``attempt(deadline)`` until it answers. ``Again`` leads to another try; every other error is final.

    What it returns makes the answer of what was received: that takes no turn from others, and may say ``Again``, too.
    ``deadline`` is on the monotonic clock. A pause that cannot end before it is not begun.
    """
    left, turn = patience.budget, 0
    failed: Again | None = None
    while True:
        try:
            left -= traffic.enter(quota, left)
        except OutOfTime:
            raise
        except GaveUp:
            if failed is None:
                raise
            raise _said(failed, turn) from failed
        begun = time.monotonic()
        turn += 1
        try:
            try:
                received = attempt(begun + min(left, traffic.left))
            finally:
                traffic.leave(quota)
            return received()
        except Again as again:
            failed = again
        except GaveUp:
            if not traffic.left:
                raise OutOfTime(phrase("out of time")) from None
            raise
        left -= time.monotonic() - begun
        pause = patience.wait * 2 ** (turn - 1) * random.uniform(0.5, 1.5)
        if failed.after is not None:
            pause = failed.after + random.uniform(0, patience.wait)
        if failed.spent:
            quota.hold(pause)  # for everybody; the next turn waits for it
            pause = 0.0
        if turn >= patience.tries or pause >= left:
            raise _said(failed, turn) from failed
        traffic.pause(pause)
        left -= pause


def _said(failed: Again, turn: int) -> GaveUp:
    return GaveUp(failed.why if turn == 1 else counted("{why} ({n} try)", "{why} ({n} tries)", turn, why=failed.why))
