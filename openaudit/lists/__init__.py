"""Lists: the models that somebody wants audited, each with the exact place that names it.

A list is text (one model a line), a table (CSV, TSV), YAML, JSON or JSON lines. What its name does not tell, its first
line does. Lists by line are read as they come: a list of any length fits in memory. Nothing here knows what a model is
called; whether a reference is one is decided where it is looked up.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from openaudit.errors import ListError
from openaudit.lists import documents, lines, tables
from openaudit.lists.lines import Line
from openaudit.run import Named

Reader = Callable[[str, Iterator[Line]], Iterator[Named]]

STDIN = "-"
_BY_SUFFIX: dict[str, Reader] = {
    ".txt": lines.read,
    ".csv": tables.read,
    ".tsv": tables.read,
    ".yaml": documents.read_yaml,
    ".yml": documents.read_yaml,
    ".json": documents.read_json,
    ".jsonl": documents.read_json_lines,
    ".ndjson": documents.read_json_lines,
}


def read(where: str, stdin: BinaryIO | None = None) -> Iterator[Named]:
    """Every entry of the list at a path, or of ``stdin`` where that is ``-``, in its order; doubles are not merged.

    Raises ListError, naming file, line and what to do, for what cannot be read as a list.
    """
    shown = os.fsencode(where).decode("utf-8", "replace")
    if where == STDIN:
        yield from _entries(shown, "", stdin)
        return
    path = Path(where)
    try:
        if path.is_dir():
            raise ListError(f"{shown}: is a folder", "Give a file; --from-code reads the models that code names.")
        with path.open("rb") as stream:
            yield from _entries(shown, path.suffix.lower(), stream)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise ListError(f"{shown}: cannot be read: {why}", "Give a file with a model on each line.") from problem


def _entries(name: str, suffix: str, stream: BinaryIO | None) -> Iterator[Named]:
    if stream is None:
        return
    read_lines = lines.split(name, stream)
    reader = _BY_SUFFIX.get(suffix)
    if reader is None:
        head = list(_head(read_lines))
        read_lines = chain(head, read_lines)
        reader = _told_by(lines.said(head[-1]).strip() if head else "")
    yield from reader(name, read_lines)


def _head(read_lines: Iterator[Line]) -> Iterator[Line]:
    """The first lines, up to the first that says something."""
    for line in read_lines:
        yield line
        if lines.said(line).strip():
            return


def _told_by(first: str) -> Reader:
    """How a list is to be read whose first line is this."""
    if first.startswith("{") and first.endswith("}"):
        return documents.read_json_lines
    if first.startswith(("[", "{")):
        return documents.read_json
    if re.match(r"-(\s|$)|---|%YAML|[\w-]+:(\s|$)", first):
        return documents.read_yaml
    if tables.delimiter(first):
        return tables.read
    return lines.read


__all__ = ["STDIN", "read"]
