"""Formats: an audit becomes text. Each file is one format; the decorator registers it for the command line and docs.

A format gets the ``Audit`` and nothing else: what it shows is in the JSON too. It decides how things look, never what
they are.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from openaudit.result import Audit

Render = Callable[[Audit], str]
R = TypeVar("R", bound=Render)


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name on the command line, the suffix of its files, what it is for, and how it is made."""

    name: str
    suffix: str
    about: str
    render: Render


_FORMATS: dict[str, Format] = {}


def register(name: str, suffix: str, about: str) -> Callable[[R], R]:
    """Registers a function that renders an audit."""

    def add(render: R) -> R:
        _FORMATS[name] = Format(name, suffix, about, render)
        return render

    return add


@cache
def registry() -> dict[str, Format]:
    """Every format by name, in alphabetical order."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_FORMATS.items()))
