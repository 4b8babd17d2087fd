"""Fingerprints of known licences: hashes of runs of eight words, enough to tell a text and useless to rebuild it.

``fingerprints.txt`` holds one line a text: the id of the licence, a name for the copy it was made from, and the
base64 of its chunks, five bytes each: a hash (four bytes, little-endian) and a mark (one byte): how many words, plus
128 where a sentence starts, plus 64 where the chunk may be missing from a complete copy (a preface, an appendix).
``scripts/fingerprint_licenses.py`` writes it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from openaudit.licenses.page import Page, Word

CHUNK = 8
SHORTEST = 4
_STARTS, _OPTIONAL, _LENGTH = 128, 64, 15
_PRIME = (1 << 61) - 1
_BASE = 1_000_003
_POWERS = tuple(pow(_BASE, n, _PRIME) for n in range(CHUNK + 1))


@dataclass(frozen=True, slots=True)
class Chunk:
    """Up to eight words of a known text: their hash with their number, the sentence they are in, whether needed."""

    key: int
    sentence: int
    needed: bool


@dataclass(frozen=True, slots=True)
class Print:
    """The fingerprint of one copy of a licence."""

    id: str
    name: str
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """How a text compares with one known copy.

    ``share`` is how much of the copy is there (0 to 1), ``missing`` how many of its ``sentences`` are not, ``covered``
    which words of the text belong to the licence, ``cost`` how far apart the two are, in words.
    """

    id: str
    share: float
    missing: int
    sentences: int
    covered: list[bool]
    cost: int


class Library:
    """Known fingerprints, indexed for finding all of them in a text at once."""

    def __init__(self, prints: Iterable[Print]) -> None:
        self.prints = tuple(prints)
        self._by_id: dict[str, frozenset[int]] = {}
        self._where: dict[int, list[int]] = {}
        for number, known in enumerate(self.prints):
            for key in {chunk.key for chunk in known.chunks}:
                self._where.setdefault(key, []).append(number)

    def compare(self, words: Sequence[Word], best: int = 6) -> list[Match]:
        """The known licences that a text resembles most, nearest first; one match a licence."""
        places = self._places(words)
        counts = [0] * len(self.prints)
        for key in places:
            for number in self._where[key]:
                counts[number] += 1
        candidates = [number for number, count in enumerate(counts) if count]
        candidates.sort(key=lambda n: counts[n] / (len(self.prints[n].chunks) + 1), reverse=True)
        coverage: dict[str, list[bool]] = {}
        by_id: dict[str, Match] = {}
        for number in candidates:
            known = self.prints[number]
            if known.id not in coverage:
                if len(coverage) >= best:
                    continue
                coverage[known.id] = self._covered(known.id, places, len(words))
            match = _match(known, places, coverage[known.id])
            if known.id not in by_id or match.cost < by_id[known.id].cost:
                by_id[known.id] = match
        return sorted(by_id.values(), key=lambda match: (match.cost, match.id))

    def _places(self, words: Sequence[Word]) -> Mapping[int, list[int]]:
        """Where each known chunk stands in a text: its key to the numbers of the words it starts at."""
        sums = [0]
        for word in words:
            sums.append((sums[-1] * _BASE + crc32(word.text.encode()) + 1) % _PRIME)
        places: dict[int, list[int]] = {}
        for length in range(SHORTEST, CHUNK + 1):
            power = _POWERS[length]
            for at in range(len(words) - length + 1):
                key = ((sums[at + length] - sums[at] * power) % _PRIME & 0xFFFFFFFF) << 4 | length
                if key in self._where:
                    places.setdefault(key, []).append(at)
        return places

    def _covered(self, id: str, places: Mapping[int, list[int]], size: int) -> list[bool]:
        """Which words belong to a licence: a text may follow one copy of it here and another there."""
        if id not in self._by_id:
            self._by_id[id] = frozenset(chunk.key for known in self.prints if known.id == id for chunk in known.chunks)
        covered = [False] * size
        for key in self._by_id[id]:
            length = key & _LENGTH
            for at in places.get(key, ()):
                covered[at : at + length] = [True] * length
        return covered


def _match(known: Print, places: Mapping[int, list[int]], covered: list[bool]) -> Match:
    needed = there = 0
    sentences: dict[int, list[bool]] = {}
    for chunk in known.chunks:
        if chunk.needed:
            present = chunk.key in places
            needed += 1
            there += present
            sentences.setdefault(chunk.sentence, []).append(present)
    missing = sum(2 * sum(found) < len(found) for found in sentences.values())
    cost = CHUNK * (needed - there) + covered.count(False)
    return Match(known.id, there / needed if needed else 0.0, missing, len(sentences), covered, cost)


def fingerprint(id: str, name: str, text: str, optional: str = "") -> Print:
    """The fingerprint of a text; what is in ``optional`` too may be missing from a complete copy."""
    may_lack = {chunk.key for chunk in _chunks(Page(optional))}
    chunks = (Chunk(c.key, c.sentence, c.needed and c.key not in may_lack) for c in _chunks(Page(text)))
    return Print(id, name, tuple(chunks))


def _chunks(page: Page) -> Iterable[Chunk]:
    ends = [sentence.end for sentence in page.sentences]
    groups: list[list[Word]] = [[]]
    at = 0
    for word in page.words:
        while at < len(ends) - 1 and word.start >= ends[at]:
            at += 1
            groups.append([])
        groups[-1].append(word)
    before = 0
    for number, group in enumerate(groups):
        after = before + len(group)
        if len(group) >= SHORTEST:
            last = max(0, len(group) - CHUNK)
            # The last chunk reaches back, so that all but the shortest sentences are cut into runs of equal length.
            for begin in sorted({*range(0, last + 1, CHUNK), last}):
                yield Chunk(_key(group[begin : begin + CHUNK]), number, True)
        elif group:
            # Headings and the like: a copy may do without, but beside their neighbours they are nothing new.
            for near in (page.words[max(0, after - CHUNK) : after], page.words[before : before + CHUNK]):
                if len(near) >= SHORTEST:
                    yield Chunk(_key(near), number, False)
        before = after


def _key(words: Sequence[Word]) -> int:
    total = 0
    for word in words:
        total = (total * _BASE + crc32(word.text.encode()) + 1) % _PRIME
    return (total & 0xFFFFFFFF) << 4 | len(words)


def write(prints: Iterable[Print]) -> str:
    """Fingerprints as the text of ``fingerprints.txt``."""
    lines = []
    for known in sorted(prints, key=lambda p: (p.id.lower(), p.name)):
        data = bytearray()
        sentence = -1
        for chunk in known.chunks:
            mark = chunk.key & _LENGTH | (_STARTS if chunk.sentence != sentence else 0)
            sentence = chunk.sentence
            data += (chunk.key >> 4).to_bytes(4, "little") + bytes([mark | (0 if chunk.needed else _OPTIONAL)])
        lines.append(f"{known.id}\t{known.name}\t{b64encode(data).decode()}\n")
    return "".join(lines)


def parse(text: str) -> list[Print]:
    """The fingerprints in the text of ``fingerprints.txt``."""
    prints = []
    for line in text.splitlines():
        id, name, encoded = line.split("\t")
        data = b64decode(encoded)
        chunks, sentence = [], -1
        for at in range(0, len(data), 5):
            mark = data[at + 4]
            sentence += mark >= _STARTS
            key = int.from_bytes(data[at : at + 4], "little") << 4 | mark & _LENGTH
            chunks.append(Chunk(key, sentence, not mark & _OPTIONAL))
        prints.append(Print(id, name, tuple(chunks)))
    return prints


@cache
def library() -> Library:
    """The licences known here."""
    from pathlib import Path

    return Library(parse((Path(__file__).parent / "fingerprints.txt").read_text(encoding="ascii")))
