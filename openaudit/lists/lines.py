"""Bytes become lines, and a plain list is read: one model a line, ``#`` before a comment, as in a requirements file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from openaudit.errors import ListError
from openaudit.run import Named, Place

MAX_LINE = 4 << 20  # bytes; a line of this list's own results, evidence and all, is a tenth of that
_SHOWN = 300  # characters of a line that are kept beside a model
_BLANK = 100_000  # lines; a real list says something sooner, and an endless stream of nothing has to end
_COMMENT = re.compile(r"(^|\s)#.*", re.DOTALL)
_OTHER_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_SAVE = "Save it as UTF-8."


class Line(NamedTuple):
    """One line: its number from 1, and its text without the line's end."""

    number: int
    text: str


def split(name: str, stream: BinaryIO) -> Iterator[Line]:
    """The lines of a stream, none held longer than it takes. Raises ListError for what is not text."""
    number = blank = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE:
            raise ListError(
                f"{name}:{number}: longer than {MAX_LINE >> 20} MiB", "Put each model on a line of its own."
            )
        if number == 1:
            if encoding := _OTHER_ENCODINGS.get(raw[:2]):
                raise ListError(f"{name}:1: this is {encoding} text", _SAVE)
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in raw:
            raise ListError(f"{name}:{number}: holds a NUL byte: this is not a text file", "Give a list of models.")
        try:
            text = raw.decode()
        except UnicodeDecodeError as problem:
            column = len(raw[: problem.start].decode()) + 1
            what = f"the byte 0x{raw[problem.start]:02x} is not UTF-8"
            raise ListError(f"{name}:{number}:{column}: {what}", _SAVE) from problem
        for at, part in enumerate(re.split(r"\r(?!$)", text.removesuffix("\n").removesuffix("\r"))):
            number += at > 0
            line = Line(number, part)
            blank = 0 if said(line).strip() else blank + 1
            if blank > _BLANK:
                raise ListError(f"{name}:{number}: {_BLANK} lines that say nothing", "Give a list of models.")
            yield line


def said(line: Line) -> str:
    """A line without its comment. A ``#`` begins one where the line does, and after a space."""
    return _COMMENT.sub("", line.text)


def read(name: str, lines: Iterator[Line]) -> Iterator[Named]:
    """A plain list."""
    for line in lines:
        text = said(line)
        if reference := text.strip():
            yield Named(reference, (place(name, line, len(text) - len(text.lstrip())),))


def place(name: str, line: Line, offset: int) -> Place:
    """The place at a character (from 0) of a line."""
    return Place(name, line.number, offset + 1, line.text.strip()[:_SHOWN])
