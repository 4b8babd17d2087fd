"""What the tests of licence texts share: a licence nobody uses, and the clothes a true copy comes in."""

from __future__ import annotations

from openaudit.licenses import Reading
from openaudit.licenses.page import Page
from openaudit.licenses.prints import Library, fingerprint
from openaudit.licenses.reading import read_page

# A licence nobody uses, registered in the tests as if it were the Zlib licence (an open one) or Gemma's (a closed).
TITLE = "The Garden Gate Public Terms"
SENTENCES = (
    "Whoever finds this gate open is welcome to walk through the garden at every hour of the day.",
    "Visitors may pick apples, plant seeds, move stones and draw maps of every path they have seen.",
    "A map that was drawn here may be copied and handed on to neighbours, strangers and passing birds.",
    "Every copy of a map shall name the gardener who drew it first and the year in which the drawing was made.",
    "The gardener promises neither sunshine nor ripe fruit, and the stones are as slippery as they look.",
    "Nobody owes a visitor anything for wet shoes, for lost hats or for time that was spent dreaming by the pond.",
)
TEXT = f"{TITLE}\n\n" + "\n\n".join(SENTENCES) + "\n"
OPEN, CLOSED = (Library([fingerprint(id, "copy", TEXT, optional=TITLE)]) for id in ("Zlib", "gemma"))


def garden(text: str, known: Library = OPEN) -> Reading:
    return read_page(Page(text), known)


def quoted(quote: str, text: str) -> bool:
    return " ".join(quote.split()) in " ".join(text.split())


# --------------------------------------------------------------------------- the same text in other clothes


def reflowed(text: str) -> str:
    return " ".join(text.split())


def wrapped(text: str) -> str:
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) > 34:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def as_html(text: str) -> str:
    body = "".join(f"<p>{p.replace(',', ',&nbsp;')}</p>" for p in text.split("\n\n"))
    return f"<!DOCTYPE html><html><head><style>p {{ x: y }}</style></head><body><div>{body}</div></body></html>"


def translated(text: str) -> str:
    return text.replace(TITLE, "Conditions publiques de la porte du jardin")


def commented(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.split("\n"))


def starred(text: str) -> str:
    return "/*\n" + "\n".join(f" * {line}" for line in text.split("\n")) + "\n */"


def shouted(text: str) -> str:
    return text.upper()


def signed(text: str) -> str:
    return "Copyright (c) 2024 Ada Lovelace <ada@example.org>\nAll rights reserved.\n\n" + text


def numbered(text: str) -> str:
    title, *rest = text.strip().split("\n\n")
    return f"# **{title}**\n\n" + "\n\n".join(f"{n}. {p}" for n, p in enumerate(rest, 1))


DRESSES = [reflowed, wrapped, as_html, translated, commented, starred, shouted, signed, numbered]


LIMITS = [
    ("non-commercial", "The garden may only be used for non-commercial purposes."),
    ("non-commercial", "You may not use the maps for commercial purposes."),
    ("use-restriction", "You shall not use the garden for any military purpose."),
    ("user-threshold", "If you have more than 700 million monthly active users, you must request a license from us."),
    ("territory", "This license does not apply in the European Union."),
    ("output-restriction", "You will not use the output of the garden to improve any other model."),
    ("naming", "You shall include “Garden” at the beginning of any such model name."),
    ("branding", "You shall prominently display “Built with Garden” on the user interface of such product."),
    ("remote-restriction", "We reserve the right to restrict (remotely or otherwise) usage of the garden."),
    ("termination", "We may terminate this license at any time, with or without cause."),
    ("no-redistribution", "You may not redistribute the maps."),
]
