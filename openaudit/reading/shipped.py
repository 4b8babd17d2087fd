"""Tables that come with the package: each is read once, however many threads want it first."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import yaml

T = TypeVar("T")

_LOADER: Any = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # the one in C is ten times as fast, and not in every build


def once(make: Callable[[], T]) -> Callable[[], T]:
    """Remembers what a function returns. Unlike with ``cache`` alone, nobody makes it while another does."""
    lock, held = Lock(), cache(make)

    @wraps(held)
    def ask() -> T:
        with lock:
            return held()

    return ask


def table(name: str) -> Any:
    """What a YAML file of this folder says."""
    return yaml.load((Path(__file__).parent / name).read_text("utf-8"), Loader=_LOADER)  # noqa: S506 - either is a safe loader
