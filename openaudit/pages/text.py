"""What strangers' text goes through on its way into the page: ``clean``, ``href``, ``slug``."""

from __future__ import annotations

import re
import shlex
import unicodedata
from functools import lru_cache
from urllib.parse import quote, urlsplit

from openaudit.escaping import SPACE, UNSEEN

LONGEST = 2_000  # characters of one value; a name of 10,000 says no more than its beginning
REMEMBERED = 1 << 11  # texts: the words of the rubrics come again on every page of a site, and are several times fewer

_WEB = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9.-]+(?::\d{1,5})?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*[\s,:]")  # and no id, which may hold anything else
_COMMIT = re.compile(r"\b([0-9a-f]{7})[0-9a-f]{33}\b")


@lru_cache(maxsize=REMEMBERED)
def clean(text: str, longest: int = LONGEST) -> str:
    """A stranger's text, as one line that can be seen: what is invisible is named, what is endless is cut."""
    line = SPACE.sub(" ", text[: 4 * longest])
    cut = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return UNSEEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", cut)


def sentence(text: str) -> str:
    """A finding as a sentence: a capital letter (where it starts with a word, not an id), and a full stop."""
    line = clean(text).strip()
    if (word := _WORD.match(line)) and word[0].islower():
        line = line[0].upper() + line[1:]
    return line if not line or line.endswith((".", "!", "?", "…")) else f"{line}."


@lru_cache(maxsize=REMEMBERED)
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


@lru_cache(maxsize=REMEMBERED)
def where(url: str) -> str:
    """An address as one reads it out: without the scheme, commits shortened."""
    return _COMMIT.sub(r"\1", clean(re.sub(r"^https?://(?:www\.)?", "", url, flags=re.IGNORECASE), 120))


def host(url: str | None) -> str:
    """The machine an address leads to."""
    safe = href(url)
    return urlsplit(safe).netloc.lower() if safe else ""


def slug(text: str) -> str:
    """A name for an anchor: a–z, 0–9 and dashes."""
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "x"


def command(*words: str) -> str:
    """A command one can paste into a shell."""
    return shlex.join(clean(word, 300) for word in words)
