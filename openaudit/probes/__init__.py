"""Probes: Snapshot → Evidence. Each file is one probe: it observes, and never judges.

A probe is a function of a ``Case`` that yields findings; the decorator registers it with the facts it may yield.
The facts of all probes together are the vocabulary that rubrics are written in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from openaudit.evidence import Evidence, Fact, Finding
from openaudit.probes.case import Case
from openaudit.registry import Registry

Probe = Callable[[Case], Iterable[Finding]]

_PROBES: Registry[tuple[Probe, tuple[Fact, ...]]] = Registry(__name__)


def probe(*facts: Fact) -> Callable[[Probe], Probe]:
    """Registers a probe under its module's name, with the facts it yields."""

    def register(function: Probe) -> Probe:
        _PROBES.add(function.__module__.rsplit(".", 1)[1], (function, facts))
        return function

    return register


def registry() -> dict[str, tuple[Probe, tuple[Fact, ...]]]:
    """Every probe of this package by name, in alphabetical order."""
    return _PROBES.all


@cache
def vocabulary() -> dict[str, Fact]:
    """Every fact that a probe can tell, by name."""
    return {fact.name: fact for _, facts in registry().values() for fact in facts}


def observe(case: Case) -> Evidence:
    """Runs every probe on one model. The same case gives the same evidence."""

    def findings() -> Iterator[Finding]:
        for function, _ in registry().values():
            yield from function(case)

    return Evidence(case.repo.id, tuple(findings()), case.ancestors)


__all__ = ["Case", "Fact", "Probe", "observe", "probe", "registry", "vocabulary"]
