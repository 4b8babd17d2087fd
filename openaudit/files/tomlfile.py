"""TOML with the line where each key stands, which Python's own reader does not tell: policies and sites are read so.

``tomllib`` says what a file holds and whether it is TOML at all; the index here only says where. It is made first, and
refuses what would cost ``tomllib`` more time than a file that people write ever needs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from openaudit.errors import UsageError
from openaudit.files.mistakes import in_words
from openaudit.files.plainyaml import Where

P = TypeVar("P", bound=BaseModel)

_SIZE = 1 << 20  # bytes
_PARTS = 20  # of a dotted key
_DEPTH = 20  # of arrays and inline tables in each other

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*+")
_SPACE = re.compile(r"[ \t]*+")
_BARE = re.compile(r"[A-Za-z0-9_-]++")
_STRING = re.compile(
    r'"""(?:[^\\"]|\\.|"(?!""))*+"""(?:"{0,2})|'
    r"'''(?:[^']|'(?!''))*+'''(?:'{0,2})|"
    r'"(?:[^"\\\n]|\\[^\n])*+"|'
    r"'[^'\n]*+'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^\[\]{},#\n\"']++")
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def _day(value: object) -> object:
    """A day of TOML's own, or its text; neither a time of day nor seconds since 1970."""
    if isinstance(value, str):
        with suppress(ValueError):
            return date.fromisoformat(value)
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError("a day is wanted, such as 2027-06-30")
    return value


Day = Annotated[date, BeforeValidator(_day)]


class Part(BaseModel):
    """A table of a file: no key that is not named in it, and nothing changed once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is for: the error its mistakes raise, what it is called, and what to do about one that is wrong, or
    that cannot be read. ``{path}`` in an advice is the file.
    """

    error: type[UsageError]
    name: str
    wrong: str
    unread: str


@dataclass(frozen=True)
class TomlFile:
    """One file: what it says below ``root``, and where. Its errors are told with the whole key."""

    kind: Kind
    path: Path
    data: Any
    lines: dict[Where, int]
    root: Where = ()

    def below(self, *root: str) -> TomlFile | None:
        """The same file, of which only one table counts; ``None`` where it has none of that name."""
        data = self.data
        for part in root:
            if not isinstance(data, dict) or part not in data:
                return None
            data = data[part]
        return TomlFile(self.kind, self.path, data, self.lines, (*self.root, *root))

    def line(self, where: Sequence[str | int]) -> int:
        """The line (from 1) of a key or place; of what is not in the file, that of what it is missing from."""
        whole = (*self.root, *where)
        for end in range(len(whole), 0, -1):
            if whole[:end] in self.lines:
                return self.lines[whole[:end]]
        return 1

    def error(self, where: Sequence[str | int], message: str) -> UsageError:
        """The error to raise, with file, line and key."""
        return _error(self.kind, self.path, self.line(where), ".".join(map(str, (*self.root, *where))), message)

    def parts(self, made: type[P], known: Iterable[str], belongs: Callable[[Where], str] = lambda _: "") -> P:
        """The parts of the file, checked. ``known`` are all keys there are; ``belongs`` may know better what is wrong.

        Raises the kind's error for the mistake that says most.
        """
        names = list(known)
        try:
            return made.model_validate(self.data)
        except ValidationError as problem:
            # A misspelt key is missing under its right name, too: what stands there says more than what does not.
            rank = {"extra_forbidden": 0, "value_error": 2}
            wrong = [(rank.get(error["type"], 1), *in_words(error, self.data, names)) for error in problem.errors()]
            _, where, message = min(wrong, key=lambda one: (one[0], self.line(one[1])))
            raise self.error(where, belongs(where) or message) from problem


def _error(kind: Kind, path: Path, line: int, key: str, message: str) -> UsageError:
    said = " ".join(f"{path}:{line}: {key + ': ' if key else ''}{message}".split())
    return kind.error(said, kind.wrong.replace("{path}", str(path)))


def read(path: Path, kind: Kind) -> TomlFile:
    """Reads one file. Raises the kind's error, naming file, line and key."""
    try:
        with path.open("rb") as file:
            raw = file.read(_SIZE + 1)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise kind.error(f"{path}: cannot be read: {why}", kind.unread.replace("{path}", str(path))) from problem
    if len(raw) > _SIZE:
        raise _error(kind, path, 1, "", f"larger than 1 MiB: this is not {kind.name}")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise _error(kind, path, line, "", "not UTF-8 text: save the file as UTF-8") from problem
    lines = _Index(kind, path, text).lines
    try:
        return TomlFile(kind, path, tomllib.loads(text), lines)
    except (ValueError, RecursionError) as problem:  # not TOML, or a number of more digits than Python reads
        said = str(problem)
        place = _PLACE.search(said)
        line = int(place[1]) if place and place[1] else text.count("\n") + 1 if place else 1
        raise _error(kind, path, line, "", f"not TOML: {_PLACE.sub('', said)}") from problem


class _Lost(Exception):
    """This is no TOML: ``tomllib`` will say why."""


class _Index:
    """Where each key of a text stands. Of what is no TOML, only the keys before the first mistake are known."""

    def __init__(self, kind: Kind, path: Path, text: str) -> None:
        self.kind = kind
        self.path = path
        self.text = text
        self.at = 0
        self.lines: dict[Where, int] = {}
        self._counted = (0, 1)  # up to where line ends were counted, and the line there
        self._tables: dict[Where, int] = {}  # the last place in each array of tables
        with suppress(_Lost):
            self._read()

    def _read(self) -> None:
        here: Where = ()
        while self._skip(_BLANK) < len(self.text):
            start = self.at
            if self._take("[["):
                *above, name = self._key()
                array = (*self._named(above), name)
                self._tables[array] = self._tables.get(array, -1) + 1
                here = (*array, self._tables[array])
                self._close("]]")
            elif self._take("["):
                here = self._named(self._key())
                self._close("]")
            else:
                self._pair(here, 0)
                continue
            self._note(here, start)

    def _named(self, key: Sequence[str]) -> Where:
        """The table that a header means: of an array of tables, the last one."""
        where: Where = ()
        for part in key:
            where = (*where, part)
            if where in self._tables:
                where = (*where, self._tables[where])
        return where

    def _pair(self, table: Where, depth: int) -> None:
        start = self.at
        where = (*table, *self._key())
        self._note(where, start)
        self._skip(_SPACE)
        self._close("=")
        self._value(where, depth)

    def _value(self, where: Where, depth: int) -> None:
        self._skip(_SPACE)
        if depth > _DEPTH:
            raise self._refused(f"nested more than {_DEPTH} deep")
        if self._take("["):
            for number in self._parts("]"):
                self._note((*where, number), self.at)
                self._value((*where, number), depth + 1)
        elif self._take("{"):
            for _ in self._parts("}"):
                self._pair(where, depth + 1)
        else:
            found = _STRING.match(self.text, self.at) or _PLAIN.match(self.text, self.at)
            if not found:
                raise _Lost
            self.at = found.end()

    def _parts(self, end: str) -> Iterator[int]:
        number = 0
        while True:
            self._skip(_BLANK)
            if self._take(end):
                return
            yield number
            number += 1
            self._skip(_BLANK)
            if not self._take(","):
                self._close(end)
                return

    def _key(self) -> list[str]:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            if found := _BARE.match(self.text, self.at):
                parts.append(found[0])
            elif found := _STRING.match(self.text, self.at):
                parts.append(_unquoted(found[0]))
            else:
                raise _Lost
            self.at = found.end()
            if len(parts) > _PARTS:
                raise self._refused(f"a key of more than {_PARTS} parts")
            self._skip(_SPACE)
            if not self._take("."):
                return parts

    def _note(self, where: Where, at: int) -> None:
        """Notes a key and the tables that it makes on the way."""
        counted, line = self._counted
        line += self.text.count("\n", counted, at)
        self._counted = (at, line)
        for end in range(len(where), 0, -1):
            if where[:end] in self.lines:
                break
            self.lines[where[:end]] = line

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def _take(self, word: str) -> bool:
        if not self.text.startswith(word, self.at):
            return False
        self.at += len(word)
        return True

    def _close(self, word: str) -> None:
        if not self._take(word):
            raise _Lost

    def _refused(self, message: str) -> UsageError:
        return _error(self.kind, self.path, self.text.count("\n", 0, self.at) + 1, "", message)


def _unquoted(key: str) -> str:
    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except ValueError:
        raise _Lost from None
