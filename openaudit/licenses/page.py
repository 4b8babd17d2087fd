"""A text as a reader sees it: words, sentences and lines, whatever mark-up and line breaks they stand in.

Mark-up, addresses, list numbers and copyright lines are blanked out with characters of the same number, so that
every offset is one of the text as it was given and every quote is a piece of it. All of it is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape

LONGEST = 1 << 20
_LONGEST_SENTENCE = 1500
_LONGEST_QUOTE = 300

_HTML = re.compile(r"<(?:!doctype|html|head|body|div|p|br|h[1-6]|li|ul|ol|span|table|pre|center)\b", re.IGNORECASE)
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)[^<>]{0,2000}>")
_BLOCK = frozenset("p div br li ul ol h1 h2 h3 h4 h5 h6 table tr td th pre section article title center hr".split())
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"'”’)\]]+|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")
_COPYRIGHT = re.compile(
    r"^[^\w\n©]{0,20}(?:copyright\b|©|\(c\))(?=[^\n]{0,60}(?:\(c\)|©|\d{4}|[<\[{]))[^\n]{0,160}$",
    re.IGNORECASE | re.MULTILINE,
)
_RESERVED = re.compile(r"\ball rights reserved\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"^[ \t>#*/;%•·–-]{0,20}(?:\(?\d{1,2}(?:\.\d{1,2}){0,3}\\?[.):]+(?=\s|[A-Z*\"“])|\d{1,2}\.\d{1,2}\s+(?=[A-Z*\"“]))",
    re.MULTILINE,
)
_INLINE_NUMBER = re.compile(r"\(\d{1,2}\)|(?<=[.;:]\s)\d{1,2}\\?\.(?=\s)")

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_ROMAN = frozenset("ii iii iv vi vii viii ix xi xii xiii xiv xv".split())
_SPELT = {
    "licence": ("license",),
    "licences": ("licenses",),
    "licenced": ("licensed",),
    "sublicence": ("sublicense",),
    "noninfringement": ("non", "infringement"),
    "noncommercial": ("non", "commercial"),
    "nonexclusive": ("non", "exclusive"),
    "nontransferable": ("non", "transferable"),
    "nonproduction": ("non", "production"),
}
# Where a licence leaves a place for names: whoever stands there, it is the same sentence.
_PLACES = (
    (("the", "name", "of"), ("nor", "the", "names")),
    (("the", "names", "of"), ("nor", "the", "names")),
    (("provided", "by"), ("as", "is")),
    (("in", "no", "event", "shall"), ("be", "liable")),
    (("in", "no", "event", "will"), ("be", "liable")),
)
_LONGEST_NAME = 12
_END = re.compile(
    r"[.!?;:。；！？：](?=[\s\"'”’)*\]]|$)|[。；！？]|\n[ \t\r]*\n|\n(?=[ \t]*(?:[-*•·]|\(?[a-zA-Z0-9]{1,4}[.)])\s)"
)
_SHORT_FORM = re.compile(r"(?:\b(?:e\.g|i\.e|inc|ltd|co|no|corp|u\.s|etc|vs|v|art|sec|[a-z]))$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """One word in comparable spelling, with the place in the text where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or list item: its place, and the words of it in one line. ``intro`` is the line a list hangs on."""

    start: int
    end: int
    text: str
    intro: str = ""


class Page:
    """A text, looked at in the ways that recognising a licence needs."""

    def __init__(self, text: str) -> None:
        self.text = text[:LONGEST]

    @cached_property
    def seen(self) -> str:
        """The text with mark-up and entities blanked out, of the same length."""
        text = self.text
        if "<" in text and _HTML.search(text):
            for name in ("script", "style"):
                text = _without(text, f"<{name}", f"</{name}>")
            text = _without(text, "<!--", "-->")
            text = _TAG.sub(lambda m: _blank(m, "\n\n" if m[1].lower() in _BLOCK else ""), text)
        if "&" in text:
            text = _ENTITY.sub(_character, text)
        return text.replace("\u00a0", " ").replace("\u2028", "\n").replace("\x0c", "\n").replace("\r", " ")

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words in the order read, without what differs between true copies."""
        text = self.seen
        for pattern in (_ADDRESS, _COPYRIGHT, _RESERVED, _NUMBER, _INLINE_NUMBER):
            text = pattern.sub(_blank, text)
        return tuple(_without_names(list(_words(text))))

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences and list items, in the order read."""
        found: list[Sentence] = []
        intro = ""
        for start, end in self._spans():
            raw = self.seen[start:end]
            text = " ".join(raw.split())
            if not text:
                continue
            item = bool(re.match(r"[-*•·]|\W{0,2}[a-zA-Z0-9]{1,4}[.)]\s|\(", text)) or raw[:1].islower()
            found.append(Sentence(start, end, text, intro if item or text[0] in "-*" else ""))
            if text.rstrip("*_ ").endswith((":", "：", "to")):
                intro = text[-400:]
            elif not item:
                intro = ""
        return tuple(found)

    def _spans(self) -> Iterator[tuple[int, int]]:
        begin = 0
        for match in _END.finditer(self.seen):
            stop = match.end() if match[0][0] != "\n" else match.start()
            before = self.seen[max(begin, match.start() - 6) : match.start()]
            if match[0] == "." and _SHORT_FORM.search(before) and match.start() - begin < _LONGEST_SENTENCE:
                continue
            yield from self._pieces(begin, stop)
            begin = match.end()
        yield from self._pieces(begin, len(self.seen))

    def _pieces(self, begin: int, end: int) -> Iterator[tuple[int, int]]:
        while end - begin > _LONGEST_SENTENCE:
            cut = self.seen.rfind(" ", begin + _LONGEST_SENTENCE // 2, begin + _LONGEST_SENTENCE)
            cut = cut if cut > begin else begin + _LONGEST_SENTENCE
            yield begin, cut
            begin = cut
        if begin < end:
            yield begin, end

    def around(self, start: int, end: int) -> tuple[int, int]:
        """The first and last offset of the sentences that a place in the text touches."""
        touched = self.sentences_in(start, end)
        return (touched[0].start, max(touched[-1].end, end)) if touched else (start, end)

    def sentences_in(self, start: int, end: int) -> tuple[Sentence, ...]:
        """The sentences that a place in the text touches."""
        first = max(0, bisect_right(self._starts, start) - 1)
        last = bisect_right(self._starts, max(start, end - 1))
        return self.sentences[first:last]

    @cached_property
    def _starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]

    @cached_property
    def _line_ends(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self.text)]

    def line(self, offset: int) -> int:
        """The 1-based line of an offset."""
        return bisect_right(self._line_ends, offset - 1) + 1

    def quote(self, start: int, end: int) -> tuple[str, int]:
        """The words at a place as they stand there, in one line of at most 300 characters; and their line."""
        while start < end and not self.seen[start].strip():
            start += 1
        piece = " ".join(self.seen[start : min(end, start + 6 * _LONGEST_QUOTE)].split())
        if len(piece) > _LONGEST_QUOTE:
            piece = piece[: _LONGEST_QUOTE + 1].rsplit(" ", 1)[0][:_LONGEST_QUOTE]
        return piece, self.line(start)


def _blank(match: re.Match[str], lead: str = "") -> str:
    return (lead + " " * len(match[0]))[: len(match[0])] if "\n" not in match[0] else re.sub(r"[^\n]", " ", match[0])


def _character(match: re.Match[str]) -> str:
    character = unescape(match[0])
    return (character if len(character) == 1 else " ").ljust(len(match[0]))


def _without(text: str, opening: str, closing: str) -> str:
    lowered = text.lower()
    if len(lowered) != len(text):
        return text
    pieces, at = [], 0
    while (begin := lowered.find(opening, at)) >= 0 and (stop := lowered.find(closing, begin)) >= 0:
        stop += len(closing)
        pieces += [text[at:begin], re.sub(r"[^\n]", " ", text[begin:stop])]
        at = stop
    return "".join((*pieces, text[at:]))


def _words(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        word = match[0].lower()
        # Letters and Roman numbers number lists; as words they tell no two licences apart.
        if (len(word) == 1 and word.isascii() and not word.isdigit()) or word in _ROMAN:
            continue
        for spelt in _SPELT.get(word, (word,)):
            yield Word(spelt, match.start(), match.end())


def _without_names(words: list[Word]) -> Iterator[Word]:
    texts = [word.text for word in words]
    at = 0
    while at < len(words):
        yield words[at]
        at += 1
        for before, after in _PLACES:
            if texts[at - 1] != before[-1] or tuple(texts[max(0, at - len(before)) : at]) != before:
                continue
            for stop in range(at, min(len(texts), at + _LONGEST_NAME + 1)):
                if texts[stop] == after[0] and tuple(texts[stop : stop + len(after)]) == after:
                    at = stop
                    break
