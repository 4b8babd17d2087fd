"""The words that reports use, each explained in two plain lines: ``glossary.yaml``, read once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

FILE = Path(__file__).with_name("glossary.yaml")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the trade.

    ``title`` as it stands in a sentence, ``aliases`` other spellings of the same, ``text`` two plain lines, ``see``
    the ids of terms that belong to it. ``quiet``: found when asked for, never marked in a report, because the word is
    an everyday one, too.
    """

    id: str
    title: str
    text: str
    aliases: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    quiet: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called."""
        return (self.title, *self.aliases)

    @property
    def marked(self) -> tuple[str, ...]:
        """The names under which a report explains it in place."""
        return () if self.quiet else self.names


@cache
def terms() -> Mapping[str, Term]:
    """Every term by id, in alphabetical order of titles."""
    raw = yaml.load(FILE.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - either is a safe loader; the C one is ten times as fast
    found = [
        Term(
            id=id,
            title=entry["title"],
            text=" ".join(entry["text"].split()),
            aliases=tuple(entry.get("aliases", ())),
            see=tuple(entry.get("see", ())),
            quiet=entry.get("quiet", False),
        )
        for id, entry in raw.items()
    ]
    return MappingProxyType({term.id: term for term in sorted(found, key=lambda term: term.title.casefold())})


def find(text: str) -> Term | None:
    """The term of an id, a title or another spelling, in whatever case. ``None``: it is not in the glossary."""
    return _index().get(_key(text))


def nearest(text: str, most: int = 3) -> tuple[str, ...]:
    """Titles of the terms whose names are spelt most like this, for a message about one that is not there."""
    close = difflib.get_close_matches(_key(text), _index(), n=3 * most, cutoff=0.6)
    return tuple(dict.fromkeys(_index()[name].title for name in close))[:most]


@cache
def _index() -> Mapping[str, Term]:
    return {_key(name): term for term in terms().values() for name in (term.id, *term.names)}


def _key(text: str) -> str:
    """How a name is looked up: case, dashes and spaces do not matter."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").replace("’", "'").split())
