"""Many models at once: gathers side by side, judges beside it, and keeps each outcome as soon as it is there.

What is under way is bounded, so memory does not grow with the list. A model that fails, for whatever reason, is kept
as a failure and never scored; the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import Empty, SimpleQueue
from typing import TypeVar

from openaudit.auditing import gather_from
from openaudit.batch.journal import Journal, Settled
from openaudit.batch.judging import Judges, in_words
from openaudit.errors import Crashed, OpenAuditError
from openaudit.evidence import Snapshot
from openaudit.run import Failure
from openaudit.sources import Source
from openaudit.sources.reference import parse
from openaudit.sources.traffic import share_a_core

Tell = Callable[[int, int], None]
T = TypeVar("T")

_TICK = 1.0  # seconds: how often progress is told where nothing is settled


class Engine:
    """Settles what a journal holds open.

    ``jobs`` is how many questions the source asks at once; ``tell`` hears after each step how many models were settled
    and how many of them could not be audited; ``deadline`` is on the monotonic clock.
    """

    def __init__(
        self, journal: Journal, source: Source, judges: Judges, *, jobs: int, tell: Tell, deadline: float = float("inf")
    ) -> None:
        self._deadline = deadline
        self._journal = journal
        self._source = source
        self._judges = judges
        self._jobs = jobs
        self._tell = tell
        self._events: SimpleQueue[Callable[[], Settled | None]] = SimpleQueue()
        self._gathering = self._judging = 0
        self._settled = self._failed = 0

    def run(self) -> bool:
        """Settles every open model; ``False`` if the time was over before.

        Raises OutputError where the journal cannot be written, and lets KeyboardInterrupt through: what is settled by
        then is kept.
        """
        todo = self._journal.todo()
        pool = ThreadPoolExecutor(self._jobs, "openaudit-batch", initializer=share_a_core)
        try:
            while self._start(todo, pool):
                self._keep(self._wait(min(_TICK, self._deadline - time.monotonic())))
                if self._late:
                    return False
            return True
        except KeyboardInterrupt:
            self._keep(self._wait(0))
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    @property
    def _late(self) -> bool:
        return time.monotonic() >= self._deadline

    def _start(self, todo: Iterator[str], pool: ThreadPoolExecutor) -> bool:
        """Begins as many models as may be under way; whether any is."""
        # One begins where one is settled, not many where few are left to judge: else either side waits for the other.
        while self._gathering < self._jobs and self._gathering + self._judging < 2 * self._jobs:
            reference = next(todo, None)
            if reference is None:
                break
            self._gathering += 1
            future = pool.submit(lambda it: gather_from(self._source, parse(it)), reference)
            future.add_done_callback(self._then(partial(self._gathered, reference)))
        return self._gathering + self._judging > 0

    def _then(self, step: Callable[[Future[T]], Settled | None]) -> Callable[[Future[T]], None]:
        """What a future calls when it is done, in whichever thread: the step waits for the main loop to take it."""
        return lambda done: self._events.put(partial(step, done))

    def _wait(self, seconds: float) -> list[Settled]:
        """What was settled, by the steps that have ended; waits for the first of them."""
        settled: list[Settled] = []
        try:
            event = self._events.get(timeout=max(0.0, seconds))
            while True:
                if (one := event()) is not None:
                    settled.append(one)
                event = self._events.get_nowait()
        except Empty:
            return settled

    def _keep(self, settled: list[Settled]) -> None:
        if settled:
            self._journal.keep(settled)
        self._settled += len(settled)
        self._failed += sum(one.failure is not None for one in settled)
        self._tell(self._settled, self._failed)

    # ------------------------------------------------------------------ the steps

    def _gathered(self, reference: str, done: Future[Snapshot]) -> Settled | None:
        self._gathering -= 1
        if self._late:  # what was gathered may have been cut short, and what is cut short is not judged
            return None
        if problem := done.exception():
            return _failed(reference, problem)
        self._judging += 1
        self._judges.submit(done.result()).add_done_callback(self._then(partial(self._judged, reference)))
        return None

    def _judged(self, reference: str, done: Future[bytes]) -> Settled:
        self._judging -= 1
        problem = done.exception()
        return _failed(reference, problem) if problem else Settled(reference, done.result())


def _failed(reference: str, problem: BaseException) -> Settled:
    """A failure as it is kept. What nobody foresaw is a mistake of this program, and says so."""
    if not isinstance(problem, OpenAuditError):
        problem = Crashed(f"{reference}: auditing it broke down: {in_words(problem)}")
    message = str(problem).encode("utf-8", "replace").decode()
    failure = Failure(type(problem).__name__, message, problem.advice)
    return Settled(reference, failure=failure, passing=getattr(problem, "passing", False))
