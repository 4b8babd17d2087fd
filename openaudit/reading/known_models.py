"""Models that a card names in words without a link: which one is meant, or at least which licence its family has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openaudit.reading.shipped import once, table


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a text: its place, the words, and what they tell: a repository on the Hub, or a family's licence."""

    start: int
    end: int
    words: str
    id: str | None
    license: str | None


@once
def _book() -> tuple[tuple[re.Pattern[str], dict[str, Any]], ...]:
    entries = table("models.yaml")
    return tuple(
        (re.compile(rf"\b(?:meta[- ])?(?:{e['written']})(?:[- ]?\d+[bB])?(?![\w])", re.IGNORECASE), e) for e in entries
    )


@once
def _any() -> re.Pattern[str]:
    """Matches where any of them does: most sentences name none, and are asked once instead of once for each."""
    return re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", one.pattern) for one, _ in _book()), re.IGNORECASE)


def known_models(text: str) -> Iterator[Named]:
    """The well-known models a text names, in the order of the list; overlapping names once, the more particular first."""
    if not _any().search(text):
        return
    taken: list[tuple[int, int]] = []
    for pattern, entry in _book():
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            size = match.groupdict().get("size") or ""
            size = size.upper() if entry.get("case") == "upper" else size.lower()
            id = entry.get("id")
            yield Named(*match.span(), match[0], id.replace("{size}", size) if id else None, entry.get("license"))


@dataclass(frozen=True, slots=True)
class PubliclyKnown:
    """What is publicly known of a base model whose own page was not looked at; ``None``: not known."""

    weights: str | None
    data: str | None
    data_open: bool | None
    source: str


def publicly_known(model: str) -> PubliclyKnown | None:
    """What is known of a well-known base model, by its repository or, without an owner, by its family's name."""
    owner, _, name = model.rpartition("/")
    for pattern, entry in _book():
        match = pattern.search(name)
        if not match or "source" not in entry:
            continue
        owners = entry.get("owners") or [str(entry.get("id", "/")).split("/")[0]]
        whole = "id" not in entry or match.span() == (0, len(name))  # a longer name is another model's
        if not owner or (whole and owner.lower() in (one.lower() for one in owners)):
            return PubliclyKnown(entry.get("weights"), entry.get("data"), entry.get("data_open"), entry["source"])
        return None
    return None


def family_license(words: str) -> str | None:
    """The licence of the family that a name tells, if it tells one."""
    return next((named.license for named in known_models(words) if named.license), None)
