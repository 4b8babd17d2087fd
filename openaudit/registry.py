"""Registries: what the modules of a package offer, by a decorator. A module is imported when the registry is read."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """What one package offers, by name."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._offered: dict[str, T] = {}

    def add(self, name: str, offered: T) -> None:
        """Offers something; under a name that was offered before, in its place."""
        self._offered[name] = offered

    @cached_property
    def all(self) -> dict[str, T]:
        """Everything that the package's modules offer, in alphabetical order of the names."""
        for module in pkgutil.iter_modules(importlib.import_module(self._package).__path__):
            importlib.import_module(f"{self._package}.{module.name}")
        return dict(sorted(self._offered.items()))


@dataclass(frozen=True, slots=True)
class Format(Generic[T]):
    """One format: its name on the command line, the suffix of its files, what it is for, and how it is made.

    ``people``: whether people read it, and so in their own language; what programs read is in English unless asked for.
    """

    name: str
    suffix: str
    about: str
    render: T
    people: bool
