"""The clause table: one YAML file a family in ``table/``, read once, when the first licence is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from openaudit.licenses.terms import OBLIGATIONS, RESTRICTIONS, Grant, License, Origin, Restriction, Scope


@dataclass(frozen=True, slots=True)
class Entry:
    """One licence of the table: what it is, other names for it, and the words by which its text is known.

    ``titles`` are the headings its text goes by, ``phrases`` words that only its text has.
    """

    license: License
    aliases: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """The whole table: entries by id; by SPDX id, other names of listed licences and what open ones ask for."""

    entries: Mapping[str, Entry]
    names: Mapping[str, tuple[str, ...]]
    duties: Mapping[str, tuple[Restriction, ...]]


def duty(kind: str) -> Restriction:
    """The obligation of a kind, with its plain sentence."""
    return Restriction(kind, OBLIGATIONS[kind])


def restrict(kind: str, says: str = "", clause: str = "", quote: str = "") -> Restriction:
    """A restriction of a kind; without a sentence of its own, the one that fits all of its kind."""
    return Restriction(kind, says or RESTRICTIONS[kind], clause, quote)


@cache
def book() -> Book:
    """The clause table, read from the package's own files."""
    entries: dict[str, Entry] = {}
    names: dict[str, tuple[str, ...]] = {}
    duties: dict[str, tuple[Restriction, ...]] = {}
    from pathlib import Path

    folder = Path(__file__).parent / "table"
    for file in sorted(folder.glob("*.yaml")):
        content = parse(file.read_text(encoding="utf-8"))
        for item in content.get("licenses", ()):
            entry = _entry(item)
            entries[entry.license.id] = entry
        names.update((spdx, _strings(content["names"], spdx)) for spdx in content.get("names", ()))
        for item in content.get("duties", ()):
            kinds = tuple(duty(kind) for kind in item["obligations"])
            duties.update((spdx, kinds) for spdx in item["ids"])
    return Book(entries, names, duties)


def parse(text: str) -> Mapping[str, Any]:
    """The content of a YAML file of this package."""
    import yaml

    try:
        # Ten times faster, where libyaml is there; both read the same files.
        content = yaml.load(text, Loader=yaml.CSafeLoader)
    except AttributeError:
        content = yaml.safe_load(text)
    return cast(Mapping[str, Any], content)


def _entry(item: Mapping[str, Any]) -> Entry:
    is_open = cast("bool | None", item["open"])
    given: Mapping[str, Any] = item.get("freedoms", {})
    otherwise: Grant | None = "granted" if is_open else None
    grants = {name: cast("Grant | None", given.get(name, otherwise)) for name in ("use", "study", "modify", "share")}
    restrictions = tuple(
        restrict(r["kind"], r.get("says", ""), r.get("clause", ""), r.get("quote", ""))
        for r in item.get("restrictions", ())
    )
    licence = License(
        id=item["id"],
        name=item["name"],
        open=is_open,
        restrictions=restrictions,
        obligations=tuple(duty(kind) for kind in item.get("obligations", ())),
        url=item.get("url", ""),
        scope=cast("Scope | None", item.get("scope", "model")),
        source=cast(Origin, item.get("origin", "clause table")),
        **grants,
    )
    return Entry(
        licence,
        aliases=_strings(item, "aliases"),
        titles=_strings(item, "titles"),
        phrases=_strings(item, "phrases"),
    )


def _strings(item: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(value) for value in cast(Sequence[Any], item.get(key, ())))
