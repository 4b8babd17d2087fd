"""Listings: a run over many models becomes text. Each file is one; the decorator registers it for the command line.

A listing gets the ``Run`` and nothing else, and yields its text piece by piece: it never holds more than one model.
Like a format it decides how things look, never what they are; everything it shows was written by strangers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TypeVar, cast

from openaudit.languages import speaking
from openaudit.registry import Format, Registry
from openaudit.run import Run

Render = Callable[[Run], Iterator[str]]
R = TypeVar("R", bound=Render)

_LISTINGS: Registry[Format[Render]] = Registry(__name__)


def register(name: str, suffix: str, about: str, *, people: bool = False) -> Callable[[R], R]:
    """Registers a function that lists a run. It speaks the language of the run."""

    def add(render: R) -> R:
        @wraps(render)
        def spoken(run: Run) -> Iterator[str]:
            pieces = render(run)
            while True:
                with speaking(run.language):  # for one piece: whoever takes it speaks its own
                    piece = next(pieces, None)
                if piece is None:
                    return
                yield piece

        _LISTINGS.add(name, Format(name, suffix, about, spoken, people))
        return cast("R", spoken)

    return add


def registry() -> dict[str, Format[Render]]:
    """Every listing by name, in alphabetical order."""
    return _LISTINGS.all
