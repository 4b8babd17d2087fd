"""Well-known data sets: how cards write them, where they live, and what is known of them (``datasets.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from openaudit.reading.shipped import once, table


@once
def known_sets() -> tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]:
    """Each of them, with a pattern of how its name is written."""
    entries = table("datasets.yaml")
    return tuple((re.compile(rf"(?<![\w/-])(?:{'|'.join(e['written'])})(?![\w/-])"), e) for e in entries)


@once
def any_known() -> re.Pattern[str]:
    """Matches where any of them is written."""
    return re.compile("|".join(pattern.pattern for pattern, _ in known_sets()))


def known_set(id: str) -> Mapping[str, Any] | None:
    """What is known of a well-known data set, by its Hub id or its name."""
    return next(
        (entry for _, entry in known_sets() if id in (entry.get("id"), entry["name"], *entry.get("also", ()))), None
    )


def notes() -> list[str]:
    """What there is to say of well-known data sets that cannot be had."""
    return [str(entry["note"]) for _, entry in known_sets() if "note" in entry]


def usual_stage(id: str) -> str:
    """The stage a well-known data set is known for; empty for any other."""
    known = known_set(id)
    return str(known["stage"]) if known else _of_first_sets(id)


def _of_first_sets(id: str) -> str:
    """A set whose name holds that of a well-known one for first trainings, as a part of it in one language."""
    words = re.split(r"[-_.]", id.split("/")[-1].lower())
    return "pre-training" if any(word in _first_names() for word in words) else ""


@once
def _first_names() -> frozenset[str]:
    entries = (entry for _, entry in known_sets() if entry["stage"] == "pre-training")
    names = (name for entry in entries for name in (entry["name"], *entry.get("also", ())))
    return frozenset(name.lower() for name in names if re.fullmatch(r"\w+", name))
