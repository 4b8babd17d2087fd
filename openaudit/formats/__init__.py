"""Formats: an audit becomes text. Each file is one format; the decorator registers it for the command line and docs.

A format gets the ``Audit`` and nothing else: what it shows is in the JSON too. It decides how things look, never what
they are.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import ParamSpec, cast

from openaudit.languages import speaking, understood
from openaudit.result import Audit

Render = Callable[[Audit], str]
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name on the command line, the suffix of its files, what it is for, and how it is made.

    ``people``: whether people read it, and so in their own language; what programs read is in English unless asked for.
    """

    name: str
    suffix: str
    about: str
    render: Render
    people: bool = True


_FORMATS: dict[str, Format] = {}


def register(
    name: str, suffix: str, about: str, *, people: bool = True
) -> Callable[[Callable[P, str]], Callable[P, str]]:
    """Registers a function that renders an audit. It speaks the language of the audit, or English."""

    def add(render: Callable[P, str]) -> Callable[P, str]:
        @wraps(render)
        def spoken(*args: P.args, **options: P.kwargs) -> str:
            audit = args[0]
            assert isinstance(audit, Audit)  # noqa: S101 - for the type checker: that is what a format is given
            with speaking(understood(audit.language)):
                return render(*args, **options)

        _FORMATS[name] = Format(name, suffix, about, cast("Render", spoken), people)
        return spoken

    return add


@cache
def registry() -> dict[str, Format]:
    """Every format by name, in alphabetical order."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_FORMATS.items()))
