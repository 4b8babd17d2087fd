"""From the text of a licence file to the licence it is: whole, edited, only named, or not recognised."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from openaudit.licenses.book import book, restrict
from openaudit.licenses.clauses import find, kinds
from openaudit.licenses.expressions import combine
from openaudit.licenses.names import by_phrase, lookup
from openaudit.licenses.page import Page, Word
from openaudit.licenses.prints import Library, Match, library
from openaudit.licenses.terms import Clause, License, Reading
from openaudit.saying import phrase

ADDED = "added"
"""The kind of a sentence that was added to a known text and that no pattern can judge."""

_NOTHING = Reading(None, "unrecognised")
_WHOLE = 0.85  # of a known text: no sentence lacks, a word here and there may
_MOST = 0.6  # of a known text, for the rest to count as an edit of it
_EARLY = 80  # words before a licence that begins the file: a title, names, a short preface
_MANY = 3  # times a licence's own length: what holds so much else is not that licence
_STUB, _NOTICE = 400, 150  # words
_TITLE_WITHIN, _TITLE_AT = 40, 12  # words

# Words that can change what one may do. A short piece of text without any is a name, a title, a date.
_WEIGHTY = frozenset(
    """not no non nor never without only solely exclusively strictly except excluded excluding exclude unless until
    prohibited forbidden banned must shall may cannot can required requires require agree agrees condition conditions
    provided restricted restriction restrictions limited subject commercial commercially research academic educational
    personal internal profit nonprofit permission permitted allowed allow grant grants granted terminate revoke expires
    fee pay paid payment purchase charge display obtain request register users revenue territory country countries
    military government weapons nuclear surveillance illegal unlawful ethical harm evil good sell sublicense distribute
    redistribute modify modification use used using usage train competitors
    interdit interdite interdits interdites sauf uniquement seulement nur nicht verboten solo prohibido
    不 禁 仅 须 需""".split()
)
_LONG = 25  # words: more than a name or a title
_TITLE = 15  # words: what heads a licence, in whatever language, when no full stop ends it
_STOPS = (".", ";", "!", "。", "；", "！")
# A sentence of this kind takes no freedom away, whatever weighty words it needs.
_HARMLESS = re.compile(r"\bwarrant|\bliab(?:le|ility)\b|\bas[- ]is\b|\bdamages\b", re.IGNORECASE)
_HARMLESS_UP_TO = 30  # words
_MENTION = re.compile(
    r"(?:\blicen[sc]ed|\breleased|\bdistributed|\bavailable|\bprovided|\bcovered|\bgoverned|\bsubject|\bpublished|\bshared)\b"
    r"[^.;\n]{0,60}?\b(?:under|by|to)\s+(?:the\s+)?(?:terms\s+(?:and\s+conditions\s+)?of\s+)?(?:the\s+|an?\s+)?(?=([^\n;]{2,100}))"
    r"|\bspdx-license-identifier:\s*([^\n]{2,100})|^\W{0,4}licen[sc]e\s*[:=]\s*([^\n]{2,100})"
    r"|\bsous\s+(?:la\s+)?licence\s+(?=([^\n;]{2,100}))",
    re.IGNORECASE | re.MULTILINE,
)
# Before the name of a licence in the same sentence: that it does not hold, no longer holds, or would.
_DENIED = re.compile(
    r"\b(?:not|no longer|previously|formerly|unlike|never|was|were|would|could|insofar|except|unless|if|other than"
    r"|ne|pas)\b",
    re.IGNORECASE,
)


def read(text: str) -> Reading:
    """See ``openaudit.licenses.read``."""
    return read_page(Page(str(text or "")), library())


def read_page(page: Page, known: Library) -> Reading:
    """The same, for a text and a set of known licences."""
    if not page.words:
        return _NOTHING
    matches = known.compare(page.words)
    reading = _by_text(page, matches)
    if reading is not None:
        return reading
    clauses = find(page)
    abridged = _abridged(page, matches)
    if abridged is not None:
        return abridged
    licence = _by_title(page, clauses) or _by_mention(page)
    if licence is None:
        return replace(_NOTHING, clauses=clauses)
    return Reading(_changed(licence, clauses, 0), "named", clauses)


# --------------------------------------------------------------------------- by its sentences


def _by_text(page: Page, matches: Sequence[Match]) -> Reading | None:
    for match in matches:
        licence = lookup(match.id)
        whole = not match.missing and match.share >= _WHOLE
        # A text that lacks much of a closed licence need not have its limits: it may be a freer sister of it.
        lacking = max(2, match.sentences // 10) if licence.open else max(1, match.sentences // 20)
        if match.share < _MOST or match.missing > lacking:
            continue
        words = sum(match.covered)
        first = match.covered.index(True)
        if not whole and 2 * words < len(page.words):
            continue
        if (first > _EARLY and 2 * words < len(page.words)) or (_MANY + 1) * words < len(page.words):
            return _together(page, matches)
        added = tuple(_additions(page, match.covered))
        if whole and added and len(_whole(matches, len(page.words))) > 1:
            # A collection, such as the notices of a program's parts.
            return _together(page, matches)
        if whole and not added:
            return Reading(licence, "exact", () if licence.open else find(page))
        clauses = tuple(c for c in added if c.kind != ADDED) if licence.open else find(page)
        return Reading(_changed(licence, added, match.missing), "edited", clauses, added, match.missing)
    return None


def _together(page: Page, matches: Sequence[Match]) -> Reading | None:
    """Several whole licences in one file, with nothing else of weight: all of them, where all are open.

    Which of them holds for what, such a file does not tell; where not all are open, neither is that they all hold.
    """
    chosen = _whole(matches, len(page.words))
    covered = [any(its) for its in zip(*(match.covered for match in chosen), strict=True)]
    if len(chosen) < 2 or any(True for _ in _additions(page, covered)):
        return None
    licence = combine(" AND ".join(sorted((match.id for match in chosen), key=str.lower)), lookup)
    if licence is None:
        return None
    if not licence.open:
        licence = replace(licence, open=None, use=None, study=None, modify=None, share=None)
    return Reading(licence, "exact", () if licence.open else find(page))


def _whole(matches: Sequence[Match], size: int) -> list[Match]:
    """The licences that a text holds in full, each in a place of its own."""
    covered = [False] * size
    chosen = []
    for match in sorted(matches, key=lambda match: -sum(match.covered)):
        if match.missing or match.share < _WHOLE:
            continue
        new = sum(its and not ours for its, ours in zip(match.covered, covered, strict=True))
        if 2 * new > sum(match.covered):
            chosen.append(match)
            covered = [its or ours for its, ours in zip(match.covered, covered, strict=True)]
    return chosen


def _additions(page: Page, covered: Sequence[bool]) -> Iterator[Clause]:
    """The sentences that hold words of weight that the known text does not have there."""
    done = -1
    for begin, end in _runs(covered):
        words = page.words[begin:end]
        if len(words) < _LONG and not any(word.text in _WEIGHTY for word in words):
            continue
        title = begin == 0 and _is_title(page, words)
        start, stop = page.around(words[0].start, words[-1].end)
        if stop <= done:
            continue
        done = stop
        found = dict.fromkeys(
            (kind, sentence.start, sentence.end)
            for sentence in page.sentences_in(words[0].start, words[-1].end)
            for kind in kinds(sentence)
        )
        for kind, first, last in found:
            yield Clause(kind, *page.quote(first, last))
        if not found and not title and not (len(words) <= _HARMLESS_UP_TO and _HARMLESS.search(page.seen, start, stop)):
            yield Clause(ADDED, *page.quote(start, stop))


def _is_title(page: Page, words: Sequence[Word]) -> bool:
    """Whether words at the top of a text head it: few, and no full stop but that of the number that follows."""
    last = next((word for word in reversed(words) if not word.text.isdigit()), words[-1])
    return len(words) <= _TITLE and page.seen[last.end : last.end + 20].lstrip(' *_#="”»)')[:1] not in _STOPS


def _runs(covered: Sequence[bool]) -> Iterator[tuple[int, int]]:
    begin = None
    for at, known in enumerate((*covered, True)):
        if not known and begin is None:
            begin = at
        elif known and begin is not None:
            yield begin, at
            begin = None


def _changed(licence: License, added: Sequence[Clause], missing: int) -> License:
    """The licence that a known one becomes by what was added to it and taken out of it."""
    has = {clause.kind for clause in licence.restrictions}
    new: dict[str, Clause] = {}
    for clause in added:
        if clause.kind != ADDED and clause.kind not in has:
            new.setdefault(clause.kind, clause)
    if licence.open is False:
        # Other copies of a closed licence differ in names and dates; only limits of a new kind make it another.
        if not new or licence.source == "its name":
            return licence
    elif not added and not missing:
        return licence
    edited = replace(
        licence,
        id=phrase("{id} (edited)", id=licence.id),
        name=phrase("{licence}, edited", licence=licence.name),
        source="licence text",
    )
    if new:
        limits = tuple(
            restrict(kind, clause=phrase("line {n}", n=clause.line), quote=" ".join(clause.quote.split()[:25]))
            for kind, clause in new.items()
        )
        return replace(edited, open=False, use="limited", restrictions=(*licence.restrictions, *limits))
    return replace(edited, open=None, use=None, study=None, modify=None, share=None)


# --------------------------------------------------------------------------- by what it calls itself


def _abridged(page: Page, matches: Sequence[Match]) -> Reading | None:
    """A licence that a text is a piece of, with its name on top and next to nothing beside it."""
    head = {word.text for word in page.words[:_TITLE_WITHIN]}
    for match in matches:
        if 5 * sum(match.covered) < 4 * len(page.words):
            continue
        licence = lookup(match.id)
        if head >= {word.text for word in Page(licence.name).words}:
            added = tuple(_additions(page, match.covered))
            return Reading(_changed(licence, added, 0), "named", () if licence.open else find(page))
    return None


def _by_title(page: Page, clauses: Sequence[Clause]) -> License | None:
    """A licence whose title heads the text, when the text bears the title out."""
    words = tuple(word.text for word in page.words)
    head = words[:_TITLE_WITHIN]
    for title, id in _titles():
        at = _find(head, title)
        if at is None or at > _TITLE_AT or (at and head[at - 1] in ("under", "by", "with", "to")):
            continue
        licence = lookup(id)
        entry = book().entries[id]
        if len(words) <= _STUB or any(_find(words, phrase) is not None for phrase in map(_spelt, entry.phrases)):
            return licence
        if {clause.kind for clause in clauses} & {clause.kind for clause in licence.restrictions}:
            return licence
    first = page.sentences[0].text if page.sentences else ""
    for line in (first, page.seen.strip().split("\n", 1)[0]):
        named = by_phrase(line.strip(" #*=-_\t"), whole=True)
        if named is not None and len(words) <= _NOTICE:
            return named
    return None


def _by_mention(page: Page) -> License | None:
    """The one licence that a short notice says holds; ``None`` where it names none, or several."""
    if len(page.words) > _NOTICE:
        return None
    found: dict[str, License] = {}
    for match in _MENTION.finditer(page.text):
        name = match.start(match.lastindex or 0)
        start, _ = page.around(match.start(), name)
        if _DENIED.search(page.text, start, name):
            continue
        licence = by_phrase(match[match.lastindex or 0])
        if licence is not None:
            found[licence.id] = licence
    return next(iter(found.values())) if len(found) == 1 else None


@cache
def _titles() -> tuple[tuple[tuple[str, ...], str], ...]:
    """Every title in the table as words, the longest first: one may be the beginning of another."""
    pairs = [(_spelt(title), id) for id, entry in book().entries.items() for title in entry.titles]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _spelt(phrase: str) -> tuple[str, ...]:
    return tuple(word.text for word in Page(phrase).words)


def _find(words: Sequence[str], phrase: Sequence[str]) -> int | None:
    """Where a phrase stands in a text, by its words."""
    size = len(phrase)
    if not size:
        return None
    for at in range(len(words) - size + 1):
        if words[at] == phrase[0] and tuple(words[at : at + size]) == tuple(phrase):
            return at
    return None
