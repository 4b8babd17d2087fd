"""Lists of licences: those a model may be under, and those it may not.

What counts is the licence of the model and of every model it was made from: a copy under MIT of weights that are under
another licence stays under that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from openaudit.files.mistakes import Misplaced, near
from openaudit.licenses import lookup
from openaudit.licenses.expressions import only_adds, suits
from openaudit.licenses.names import known_names
from openaudit.requirements import Shortfall, short, some
from openaudit.result import Audit
from openaudit.saying import listed, phrase

NONE = "none"  # what an audit calls the licence of a model that has none
_OWN = "licenseref-"  # as in SPDX: the name behind it is a licence that no list has
_FAMILY = re.compile(r"(-only|-or-later|\+)$")


@dataclass(frozen=True, slots=True)
class Licensed:
    """The licences of a model and its ancestors are all among ``names`` or, if ``denied``, none of them is."""

    says: str
    names: tuple[str, ...]
    denied: bool

    def shortfall(self, audit: Audit) -> Shortfall | None:
        told = [(self._suits(license), because, url) for license, because, url in _licenses(audit)]
        wrong = [one for one in told if one[0] is not True]
        if not wrong:
            return None
        sure = [one for one in wrong if one[0] is False]
        chosen = sure or wrong
        url = next((url for _, _, url in chosen if url), audit.subject.url)
        return Shortfall(some(because for _, because, _ in chosen), bool(sure), url or None)

    def _suits(self, license: str | None) -> bool | None:
        if license is None:
            return None
        if lookup(license).source == "expression":
            return suits(license, self._suits_one)
        return self._suits_one(license, "")

    def _suits_one(self, name: str, exception: str) -> bool | None:
        whole = self._is_named(f"{name} WITH {exception}" if exception else name)
        if not exception:
            return whole if not self.denied else _not(whole)
        base, added = self._is_named(name), self._is_named(exception)
        if self.denied:
            return _not(_any(whole, base, added))
        return _any(whole, base if only_adds(exception) else _not(_any(_not(base), _not(added))))

    def _is_named(self, license: str) -> bool | None:
        """Whether the list has this licence. ``GPL-3.0`` does not tell whether it is ``-only`` or ``-or-later``."""
        return _any(*(_same(name, license) for name in self.names))


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _any(*truths: bool | None) -> bool | None:
    return True if True in truths else None if None in truths else False


def _same(named: str, license: str) -> bool | None:
    """Whether a name of a list means a licence that was found. Case never matters."""
    name, found = named.casefold(), license.casefold()
    if name == found or name == _OWN + found:
        return True
    if _is_pattern(name):
        return fnmatchcase(found, name)
    family = _FAMILY.sub("", found)
    if family == name:
        return True
    return None if found == family and _FAMILY.sub("", name) == family else False


def _is_pattern(name: str) -> bool:
    """Whether a name stands for several: ``CC-BY-NC-*``."""
    return any(mark in name for mark in "*?[")


def understand(names: list[str], denied: bool) -> Licensed:
    """Reads a list. Raises Misplaced with the place in the list of a name that means no licence."""
    meant = tuple(_meant(name, place) for place, name in enumerate(names))
    names_ = listed(meant)
    if denied:
        return Licensed(phrase("no licence over it is one of: {names}", names=names_), meant, denied)
    return Licensed(phrase("every licence over it is one of: {names}", names=names_), meant, denied)


def _meant(name: str, place: int) -> str:
    if _is_pattern(name) or name.casefold() == NONE or name.casefold().startswith(_OWN):
        return name
    found = lookup(name)
    if re.search(r" (?:AND|OR) ", found.id):
        raise Misplaced("each licence stands for itself here: those of AND and OR are weighed one by one", place)
    if found.source in ("", "its name"):
        own = f"; one that openaudit does not know is written 'LicenseRef-{name}'"
        raise Misplaced(f"there is no licence {name!r}{near(name.casefold(), known_names())}{own}", place)
    return found.id


def _licenses(audit: Audit) -> Iterator[tuple[str | None, str, str | None]]:
    """Each licence over the weights (``None``: not known), what is to be said of it, and where it was seen."""
    entry = audit.evidence.get("license.weights")
    own = entry.value if entry else None
    seen = entry.source.url if entry and entry.source else None
    yield (str(own) if own is not None else None), _under("", own), seen
    for ancestor in audit.lineage:
        yield ancestor.license, _under(short(ancestor.id), ancestor.license), ancestor.url


def _under(ancestor: str, license: object) -> str:
    """Under which licence the model is, or an ancestor."""
    if not ancestor:
        if license is None:
            return phrase("it could not be told under which licence it is")
        return (
            phrase("it has no licence") if license == NONE else phrase("it is under {licence}", licence=_short(license))
        )
    if license is None:
        said = phrase("it could not be told under which licence {model}, which it was made from, is")
    elif license == NONE:
        said = phrase("{model}, which it was made from, has no licence")
    else:
        said = phrase("{model}, which it was made from, is under {licence}")
    return phrase(said, model=ancestor, licence=_short(license))


def _short(license: object) -> str:
    return short(license if isinstance(license, str) else str(license))
