"""What sources that ask over a network share: asking again, reading a bounded answer, trusting none of it."""

from __future__ import annotations

import json
import random
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event, Lock
from typing import Any, Generic, NoReturn, TypeVar, cast

T = TypeVar("T")

MAX_DEPTH = 64  # the deepest real answer (a card's model-index) has ten levels
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one question may take: ``tries`` attempts within ``budget`` seconds, waits included.

    ``timeout`` bounds each wait for a connection or for the next bytes, ``wait`` is the first pause between two
    attempts: it doubles each time and is jittered. All in seconds.
    """

    tries: int = 4
    budget: float = 60.0
    timeout: float = 10.0
    wait: float = 0.5


PATIENT = Patience()


class Again(Exception):
    """This attempt failed in a way that may pass. ``after``: the seconds the server asked to be left alone."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.after = after


class GaveUp(Exception):
    """The question was not answered; ``why`` says so in plain words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class TooLarge(Exception):
    """The answer is larger than it may be; reading it was stopped."""


def persist(attempt: Callable[[float], T], patience: Patience, stop: Event) -> T:
    """Call ``attempt(deadline)`` until it answers. ``Again`` leads to another try; every other error is final.

    ``deadline`` is on the monotonic clock. A pause that cannot end before it is not begun. ``stop`` ends every pause.
    """
    deadline = time.monotonic() + patience.budget
    turn = 1
    while True:
        try:
            return attempt(deadline)
        except Again as again:
            pause = patience.wait * 2 ** (turn - 1) * random.uniform(0.5, 1.5)
            if again.after is not None:
                pause = again.after + random.uniform(0, patience.wait)  # not all threads in the same instant
            if turn >= patience.tries or pause >= deadline - time.monotonic() or stop.wait(pause):
                raise GaveUp(again.why if turn == 1 else f"{again.why} ({turn} tries)") from again
            turn += 1


def read_body(chunks: Iterable[bytes], limit: int, deadline: float) -> bytes:
    """All the chunks in one, unless they are more than ``limit`` bytes (``TooLarge``) or come too slowly."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise TooLarge
        if time.monotonic() > deadline:
            raise GaveUp("the answer came too slowly")
    return bytes(body)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in an answer. Anything else, and nesting no honest answer has, is a ``ValueError``.

    Half surrogates (a text cut inside an emoji) become U+FFFD: they could not be written to any file later.
    """
    try:
        # Decoded here because json.loads would let half surrogates written as raw bytes through.
        answer = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    if not isinstance(answer, dict):
        raise ValueError("JSON that is not an object")
    if not _shallow(answer):
        raise ValueError("JSON nested too deeply")
    if _HALF.search(body):
        text = json.dumps(answer, ensure_ascii=False)
        answer = json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return cast(dict[str, Any], answer)


def _shallow(answer: Any) -> bool:
    level = [answer]
    for _ in range(MAX_DEPTH):
        nodes = [node.values() if isinstance(node, dict) else node for node in level]
        level = [child for node in nodes for child in node if isinstance(child, (dict, list))]
        if not level:
            return True
    return False


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"JSON does not know {constant}")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds a ``Retry-After`` header asks for: a number, or a date."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def one_line(text: str, limit: int = 200) -> str:
    """Words from a server, fit for one line of a message."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def now() -> str:
    """The time, ISO 8601, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Once(Generic[T]):
    """Asks each question once, also when several threads have it at the same moment, and remembers the answer.

    ``keep`` says which answers are worth remembering (a failure may pass); the ``size`` last used are.
    """

    def __init__(self, keep: Callable[[T], bool], size: int = 512) -> None:
        self._keep = keep
        self._size = size
        self._answers: OrderedDict[Hashable, Future[T]] = OrderedDict()
        self._lock = Lock()

    def get(self, question: Hashable, ask: Callable[[], T]) -> T:
        """The answer: remembered, awaited from the thread that is asking, or asked for now."""
        with self._lock:
            future = self._answers.get(question)
            mine = future is None
            if future is None:
                future = self._answers[question] = Future()
                while len(self._answers) > self._size:
                    self._answers.popitem(last=False)
            else:
                self._answers.move_to_end(question)
        if not mine:
            return future.result()
        try:
            answer = ask()
        except BaseException as error:
            self._forget(question, future)
            future.set_exception(error)
            raise
        if not self._keep(answer):
            self._forget(question, future)
        future.set_result(answer)
        return answer

    def offer(self, question: Hashable, answer: T) -> None:
        """Remember an answer that came with another question, unless this one was asked already. Never waits."""
        with self._lock:
            if question not in self._answers and self._keep(answer):
                future: Future[T] = Future()
                future.set_result(answer)
                self._answers[question] = future

    def _forget(self, question: Hashable, future: Future[T]) -> None:
        with self._lock:
            if self._answers.get(question) is future:
                del self._answers[question]
