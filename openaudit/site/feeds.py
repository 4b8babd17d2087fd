"""For programs that come by: the Atom feed, the map of the site, and what robots may do (everything)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from openaudit.escaping import xml
from openaudit.languages import _, plural
from openaudit.languages.dates import machine_date
from openaudit.pages.site import Site

NEWEST = 50  # entries of the feed
NEVER = "1970-01-01T00:00:00Z"  # of an audit that tells no day
_OURS = uuid.UUID("5a3c4a60-7b0f-5d1e-9f55-6f70656e6175")  # under which the ids of entries are made


def atom(site: Site, entries: Sequence[Mapping[str, Any]]) -> str:
    """The feed in the language of its site: an entry for each model that changed, and one for each publishing."""
    items = [item for entry in entries for item in _items(site, entry)][:NEWEST]
    updated = moment(entries[0]["date"]) if entries else NEVER
    home = site.page("feed.xml")
    base = f' xml:base="{xml(home.address)}"' if home.address else ""
    own = f'<link rel="self" href="{xml(home.address)}"/>\n' if home.address else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{site.language}"{base}>\n'
        f"<id>{_id(site.url or '', 'feed', site.language)}</id>\n<title>{xml(site.title)}</title>\n"
        f"<updated>{updated}</updated>\n<author><name>{xml(site.operator or 'openaudit')}</name></author>\n"
        f'<generator>{xml(site.tool)}</generator>\n{own}<link rel="alternate" type="text/html" href="index.html"/>\n'
        + "".join(items)
        + "</feed>\n"
    )


def _items(site: Site, entry: Mapping[str, Any]) -> Iterable[str]:
    when = moment(str(entry["date"]))
    lines = [
        plural("{n} model, for the first time", "{n} models, for the first time", int(entry.get("models", 0)))
        if entry.get("first") else ""
    ]  # fmt: skip
    for key, words in (
        ("added", _("New here:")), ("removed", _("No longer here:")), ("lost", _("Cannot be audited any more:")),
        ("found", _("Can be audited now:")),
    ):  # fmt: skip
        if entry[key]:
            lines.append(f"{words} {', '.join(str(one.get('name', '')) for one in entry[key][:20])}")
    if any(lines):
        yield _item(site, f"{when} list", _("The list of models"), when, "history.html", " ".join(filter(None, lines)))
    for one in entry["changed"]:
        changes = in_language(one, site.language)
        told = "; ".join(f"{change['name']}: {change['old']} → {change['new']}" for change in changes[:10])
        name = str(one.get("name", ""))
        yield _item(site, f"{when} {name}", name, when, str(one.get("page") or "history.html"), told)


def in_language(model: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """What changed about a model, in this language, or in whichever it was told in."""
    held: Mapping[str, list[Any]] = model.get("changes") or {}
    found = held.get(language) or held.get("en") or next(iter(held.values()), list[Any]())
    keys = ("name", "old", "new", "because", "causes", "direction")
    return [one for one in found if isinstance(one, dict) and all(key in one for key in keys)]


def _item(site: Site, key: str, title: str, when: str, page: str, told: str) -> str:
    return (
        f"<entry>\n<id>{_id(site.url or '', key, site.language)}</id>\n<title>{xml(title, 200)}</title>\n"
        f'<updated>{when}</updated>\n<link rel="alternate" type="text/html" href="{xml(page)}"/>\n'
        f"<summary>{xml(told, 2000)}</summary>\n</entry>\n"
    )


def _id(*parts: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_OURS, chr(10).join(parts).encode('utf-8', 'replace').decode())}"


def moment(date: str) -> str:
    """A time as feeds have it; of what is none, the beginning of time."""
    return machine_date(date) or NEVER


def sitemap(url: str, pages: Iterable[tuple[str, str | None]]) -> Iterator[str]:
    """Every page of the site, with the day of its audit."""
    yield '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    for path, day in pages:
        looked = f"<lastmod>{moment(day)[:10]}</lastmod>" if day and machine_date(day) else ""
        yield f"<url><loc>{xml(url + path)}</loc>{looked}</url>\n"
    yield "</urlset>\n"


def robots(url: str | None) -> str:
    """Everybody may read everything."""
    return "User-agent: *\nAllow: /\n" + (f"Sitemap: {url}sitemap.xml\n" if url else "")
