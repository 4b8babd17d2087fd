"""Words and strangers' text for the page: one door for our strings, one for theirs.

``_`` is where a translation will come in; every string of the page's own goes through it. ``clean``, ``href`` and
``slug`` are what strangers' text goes through before it may stand in the page.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

from openaudit.escaping import SPACE, UNSEEN

LONGEST = 2_000  # characters of one value; a name of 10,000 says no more than its beginning
_REMEMBERED = 1 << 13  # texts: the words of the rubrics come again on every page of a site

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_WEB = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9.-]+(?::\d{1,5})?", re.IGNORECASE)
_COMMIT = re.compile(r"\b([0-9a-f]{7})[0-9a-f]{33}\b")


def _(text: str, **values: object) -> str:
    """A string of the page's own, in the reader's language (English, for now), with its values filled in."""
    return text.format_map(values) if values else text


def plural(one: str, many: str, n: int) -> str:
    """The form of a string that goes with a number; ``{n}`` in it becomes the number."""
    return _(one if n == 1 else many, n=n)


@lru_cache(maxsize=_REMEMBERED)
def clean(text: str, longest: int = LONGEST) -> str:
    """A stranger's text, as one line that can be seen: what is invisible is named, what is endless is cut."""
    line = SPACE.sub(" ", text[: 4 * longest])
    cut = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return UNSEEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", cut)


def sentence(text: str) -> str:
    """A finding as a sentence: a capital letter (where it starts with a word, not an id), and a full stop."""
    line = clean(text).strip()
    if re.match(r"[a-z’']+[ ,:]", line):
        line = line[0].upper() + line[1:]
    return line if not line or line.endswith((".", "!", "?", "…")) else f"{line}."


@lru_cache(maxsize=_REMEMBERED)
def href(url: str | None) -> str | None:
    """An address that may be followed: http or https, a plain host, nothing hidden. Otherwise ``None``."""
    if not url or len(url) > LONGEST:
        return None
    ascii_url = quote(url, safe="!#$%&'()*+,/:;=?@[]~-._") if url.isprintable() and " " not in url else ""
    if len(ascii_url) > LONGEST or not _WEB.fullmatch(ascii_url):
        return None
    try:
        parts = urlsplit(ascii_url)
    except ValueError:
        return None
    host = urlsplit(url).netloc
    return ascii_url if _HOST.fullmatch(host) and parts.netloc == host else None


def at_line(url: str | None, file: str | None, line: int | None) -> str | None:
    """The address of a line in a file, where the page of that file can show lines."""
    if url is None or line is None or line < 1 or "#" in url or "?" in url or "/blob/" not in url:
        return url
    marked = (file or "").lower().endswith((".md", ".markdown"))
    raw = "?code=true" if marked and url.startswith("https://huggingface.co/") else "?plain=1" if marked else ""
    return f"{url}{raw}#L{line}"


@lru_cache(maxsize=_REMEMBERED)
def where(url: str) -> str:
    """An address as one reads it out: without the scheme, commits shortened."""
    return _COMMIT.sub(r"\1", clean(re.sub(r"^https?://(?:www\.)?", "", url, flags=re.IGNORECASE), 120))


def host(url: str | None) -> str:
    """The machine an address leads to."""
    safe = href(url)
    return urlsplit(safe).netloc.lower() if safe else ""


def date(text: str | None) -> str | None:
    """A day as one writes it. What is no ISO 8601 time is given as it is."""
    moment = _moment(text)
    if moment is None:
        return text
    return _("{day} {month} {year}", day=moment.day, month=_(_MONTHS[moment.month - 1]), year=moment.year)


def machine_date(text: str | None) -> str | None:
    """The same for machines: ISO 8601, or ``None`` where it is no time."""
    moment = _moment(text)
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None


def slug(text: str) -> str:
    """A name for an anchor: a–z, 0–9 and dashes."""
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "x"


def command(*words: str) -> str:
    """A command one can paste into a shell."""
    return shlex.join(clean(word, 300) for word in words)
