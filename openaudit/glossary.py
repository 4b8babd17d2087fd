"""The words that reports use, each explained in two plain lines: ``glossary.yaml``, in the language spoken."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from openaudit.languages import ENGLISH, _, in_context, spoken

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


SPELLINGS = "spellings of a term, with | between them: what a report may call it, singular and plural"


def terms() -> Mapping[str, Term]:
    """Every term by id, in alphabetical order of titles."""
    return _terms(spoken())


@cache
def _terms(language: str) -> Mapping[str, Term]:
    if language != ENGLISH:
        return _in_order(map(_translated, _terms(ENGLISH).values()))
    raw = yaml.load(FILE.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - either is a safe loader; the C one is ten times as fast
    return _in_order(
        Term(
            id=id,
            title=entry["title"],
            text=" ".join(entry["text"].split()),
            aliases=tuple(entry.get("aliases", ())),
            see=tuple(entry.get("see", ())),
            quiet=entry.get("quiet", False),
        )
        for id, entry in raw.items()
    )


def _translated(term: Term) -> Term:
    spellings = in_context(SPELLINGS, spellings_of(term))
    return replace(term, title=_(term.title), text=_(term.text), aliases=tuple(spellings.split("|")))


def spellings_of(term: Term) -> str:
    """All that a term is called, as one text: another language has as many spellings as it needs."""
    return "|".join(term.names)


def _in_order(terms: Iterable[Term]) -> Mapping[str, Term]:
    def place(term: Term) -> str:
        return unicodedata.normalize("NFKD", term.title).casefold()

    return MappingProxyType({term.id: term for term in sorted(terms, key=place)})


def find(text: str) -> Term | None:
    """The term of an id, a title or another spelling, in whatever case. ``None``: it is not in the glossary."""
    return _index(spoken()).get(_key(text))


def nearest(text: str, most: int = 3) -> tuple[str, ...]:
    """Titles of the terms whose names are spelt most like this, for a message about one that is not there."""
    index = _index(spoken())
    close = difflib.get_close_matches(_key(text), index, n=3 * most, cutoff=0.6)
    return tuple(dict.fromkeys(index[name].title for name in close))[:most]


@cache
def _index(language: str) -> Mapping[str, Term]:
    """Every name to its term; the English names are understood in every language."""
    known = _terms(language)
    english = {_key(name): known[id] for id, term in _terms(ENGLISH).items() for name in (id, *term.names)}
    return english | {_key(name): term for term in known.values() for name in term.names}


def _key(text: str) -> str:
    """How a name is looked up: case, dashes and spaces do not matter."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").replace("’", "'").split())
