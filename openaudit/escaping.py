"""Strangers' text, made harmless for where it is shown: as one line that can be seen, in Markdown, in XML.

Nothing here decides what is shown. Every function gives text that UTF-8 can write.
"""

from __future__ import annotations

import re

SPACE = re.compile(r"[ \t\r\n\f\v\u0085\u2028\u2029]+")
# What changes how the text around it reads, or cannot be seen: controls, direction marks and overrides, invisible
# tags, and the last two code points of each plane, which are no characters. The joiners U+200C and U+200D stay:
# Persian and Hindi are spelt with them.
UNSEEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff"
    "\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)
_ACTIVE = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@-]|:(?=//)|(?<=[wW])\.)")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_IN_ADDRESS = re.compile(r"[^!#-'*-;=?-\[\]_a-z~]")  # what would end a link, or is no character of an address


def line(text: str, longest: int | None = None) -> str:
    """One line that can be seen: what is invisible becomes U+FFFD; past ``longest`` characters it is cut."""
    if longest is not None:
        text = text[: 4 * longest]
    flat = SPACE.sub(" ", text).strip()
    if longest is not None and len(flat) > longest:
        flat = flat[: longest - 1].rstrip() + "…"
    return UNSEEN.sub("\ufffd", flat)


def markdown(text: str, longest: int | None = None) -> str:
    """Text that stays text in Markdown, in a cell of a table too: no markup, no link, no mention."""
    return _ACTIVE.sub(r"\\\1", line(text, longest))


def markdown_address(url: str) -> str:
    """An address for ``[text](address)``: of the web, and nothing in it can end the link. Else ``#``."""
    if not url.startswith(("https://", "http://")):
        return "#"
    return _IN_ADDRESS.sub(lambda one: "".join(f"%{byte:02X}" for byte in one[0].encode("utf-8", "replace")), url)


def xml(text: str, longest: int | None = None) -> str:
    """Text for XML 1.0, in an element or in an attribute: only characters that it allows, none that is markup."""
    return "".join(_MARKUP.get(char, char) for char in line(text, longest))
