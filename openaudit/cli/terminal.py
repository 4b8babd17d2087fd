"""What the terminal is told, and how: nothing that strangers wrote may command it, and no encoding may break it."""

from __future__ import annotations

import os
import re
import sys
import time
from types import TracebackType

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ASCII = dict(zip("●◐○–—“”„‘’…→", ["[+]", "[~]", "[-]", "-", "--", '"', '"', '"', "'", "'", "...", "->"], strict=True))


def plain(text: str) -> str:
    """Text that cannot command a terminal: control and direction characters become ``?``; line ends are kept."""
    return _CONTROL.sub("?", text)


def say(text: str, *, error: bool = False, end: str = "\n") -> None:
    """Prints in the encoding that was asked for; click would write UTF-8 where that is ASCII."""
    stream = sys.stderr if error else sys.stdout
    stream.write(text + end)
    stream.flush()


def complain(message: str, advice: str = "") -> None:
    """One line on standard error: what is wrong, and what to do."""
    line = f"openaudit: {message} — {advice}" if advice else f"openaudit: {message}"
    say(" ".join(plain(line).split()), error=True)


def pour(text: str) -> None:
    """Prints for a program: UTF-8, whatever the terminal speaks."""
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.flush()


def spelt_out(problem: UnicodeError) -> tuple[str, int]:
    """What the terminal's encoding does not have, in characters that it does have: an error handler for codecs."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    lost = problem.object[problem.start : problem.end]
    return "".join(_ASCII.get(c, f"\\u{ord(c):04x}") for c in lost), problem.end


def color() -> bool:
    """Whether colours are welcome on standard output (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Looking:
    """One line on a terminal that says what is being looked at; silence when piped."""

    def __init__(self, quiet: bool) -> None:
        self._shown = sys.stderr.isatty() and not quiet
        self._asked = 0

    def __call__(self, kind: str, id: str) -> None:
        self._asked += 1
        if self._shown:
            what = {"models": "model", "datasets": "data set", "github": "code"}[kind]
            say(f"\r\x1b[Klooking at {self._asked}: {what} {plain(id)[:60]}", error=True, end="")

    def __enter__(self) -> Looking:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            say("\r\x1b[K", error=True, end="")


class Counting:
    """How far a run is: one line on a terminal, with rate and time left; elsewhere a line now and then; or nothing.

    ``models`` is how many are to be settled, ``before`` how many were so already.
    """

    SELDOM = 30.0  # seconds between two lines where there is no terminal: enough to see that it lives

    def __init__(self, models: int, before: int, *, quiet: bool) -> None:
        self._models = models
        self._before = before
        self._quiet = quiet
        self._line = sys.stderr.isatty() and not quiet
        self._began = self._told = time.monotonic()

    def __call__(self, settled: int, failed: int) -> None:
        """Told after each step: how many were settled by now, and how many of them could not be audited."""
        now = time.monotonic()
        if self._quiet or now - self._told < (0.1 if self._line else self.SELDOM):
            return
        self._told = now
        rate = settled / max(now - self._began, 0.001)
        parts = [f"{self._before + settled} of {self._before + self._models} models"]
        parts += [f"{failed} could not be audited"] if failed else []
        parts += [f"{rate:.1f}/s", f"{_span((self._models - settled) / rate)} left"] if settled else []
        line = ", ".join(parts)
        say(f"\r\x1b[K{line}" if self._line else f"openaudit: {line}", error=True, end="" if self._line else "\n")

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._line:
            say("\r\x1b[K", error=True, end="")


def _span(seconds: float) -> str:
    """A span of time in words: 40 s, 12 min, 3 h 05 min."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02} min"
