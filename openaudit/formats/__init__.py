"""Formats: an audit becomes text. Each file is one format; the decorator registers it for the command line and docs.

A format gets the ``Audit`` and nothing else: what it shows is in the JSON too. It decides how things look, never what
they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast

from openaudit.languages import speaking, understood
from openaudit.registry import Format, Registry
from openaudit.result import Audit

Render = Callable[[Audit], str]
P = ParamSpec("P")

_FORMATS: Registry[Format[Render]] = Registry(__name__)


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

        _FORMATS.add(name, Format(name, suffix, about, cast("Render", spoken), people))
        return spoken

    return add


def registry() -> dict[str, Format[Render]]:
    """Every format by name, in alphabetical order."""
    return _FORMATS.all
