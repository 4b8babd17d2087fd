"""What the terminal is told, and how: nothing that strangers wrote may command it, and no encoding may break it."""

from __future__ import annotations

import os
import re
import sys
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
