"""JSON as the files of a site have it: what ``json.dumps`` makes with an indent of 1, in pieces."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object whose keys and values are read one after the other."""

    each: Iterable[tuple[str, Any]]


def document(held: Any) -> Iterator[str]:
    """A whole file. In it, a list may be anything that can be read once, and an object may be ``Pairs``."""
    yield from _pieces(held, "\n")
    yield "\n"


def _pieces(held: Any, line: str) -> Iterator[str]:
    if isinstance(held, Mapping):
        held = Pairs(held.items())
    parts: Iterator[tuple[str, Any]]
    if isinstance(held, Pairs):
        ends, parts = "{}", ((f"{_plain(key)}: ", value) for key, value in held.each)
    elif isinstance(held, Iterable) and not isinstance(held, str):
        ends, parts = "[]", (("", value) for value in held)
    else:
        yield _plain(held)
        return
    inner = f"{line} "
    before = first = ends[0] + inner
    for name, value in parts:
        yield before + name
        yield from _pieces(value, inner)
        before = f",{inner}"
    yield ends if before is first else line + ends[1]


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
