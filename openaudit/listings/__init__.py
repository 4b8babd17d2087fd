"""Listings: a run over many models becomes text. Each file is one; the decorator registers it for the command line.

A listing gets the ``Run`` and nothing else, and yields its text piece by piece: it never holds more than one model.
Like a format it decides how things look, never what they are; everything it shows was written by strangers.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, wraps
from typing import TypeVar, cast

from openaudit.languages import speaking
from openaudit.run import Run

Render = Callable[[Run], Iterator[str]]
R = TypeVar("R", bound=Render)


@dataclass(frozen=True, slots=True)
class Listing:
    """One listing: its name on the command line, the suffix of its files, what it is for, and how it is made.

    ``people``: whether people read it, and so in their own language; what programs read is in English unless asked for.
    """

    name: str
    suffix: str
    about: str
    render: Render
    people: bool = False


_LISTINGS: dict[str, Listing] = {}


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

        _LISTINGS[name] = Listing(name, suffix, about, spoken, people)
        return cast("R", spoken)

    return add


@cache
def registry() -> dict[str, Listing]:
    """Every listing by name, in alphabetical order."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_LISTINGS.items()))
