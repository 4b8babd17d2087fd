"""What sources that ask over a network share: reading a bounded answer, trusting none of it, asking once."""

from __future__ import annotations

import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar, cast

from openaudit.sources.traffic import GaveUp

T = TypeVar("T")

MAX_DEPTH = 64  # the deepest real answer (a card's model-index) has ten levels
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


class TooLarge(Exception):
    """The answer is larger than it may be; reading it was stopped."""


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


class Told(NamedTuple, Generic[T]):
    """An answer, and the Unix time at which the server gave or confirmed it."""

    value: T
    at: float


def stamp(at: float) -> str:
    """A Unix time as ISO 8601, UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Once(Generic[T]):
    """Asks each question once, also when several threads have it at the same moment, and remembers the answer.

    ``keep`` says which answers are worth remembering (a failure may pass); the ``size`` last used are.
    """

    def __init__(self, keep: Callable[[T], bool], size: int = 128) -> None:
        self._keep = keep
        self._size = size
        self._asking: dict[Hashable, Future[T]] = {}
        self._answers: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, question: Hashable, ask: Callable[[], T]) -> T:
        """The answer: remembered, awaited from the thread that is asking, or asked for now."""
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
                return self._answers[question]
            future = self._asking.get(question)
            mine = future is None
            if future is None:
                future = self._asking[question] = Future()
        if not mine:
            return future.result()
        try:
            answer = ask()
        except BaseException as error:
            with self._lock:
                del self._asking[question]
            future.set_exception(error)
            raise
        with self._lock:
            del self._asking[question]
            self._remember(question, answer)
        future.set_result(answer)
        return answer

    def offer(self, question: Hashable, answer: T) -> None:
        """Remember an answer that came with another question, unless this one was asked already. Never waits."""
        with self._lock:
            if question not in self._answers:
                self._remember(question, answer)

    def _remember(self, question: Hashable, answer: T) -> None:
        if self._keep(answer):
            self._answers[question] = answer
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
