"""Tables: CSV with commas or semicolons, and TSV. The column ``model``, ``id`` or ``reference`` names the models.

Where no column is called so, it is the first, and the first row is a model if it looks like one. A word that could be
either is asked about: guessed wrong, a model would silently be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from openaudit.errors import ListError
from openaudit.lists.lines import MAX_LINE, Line, place
from openaudit.run import Named, Place

COLUMNS = ("model", "reference", "id", "model_id", "repo_id")
_QUOTED = r'"(?:[^"]|"")*"'
_ADVICE = "Name the column with the models: model."


def delimiter(head: str) -> str:
    """What separates the cells of a table, told by its first row; empty where that is no row."""
    return next((sign for sign in "\t;," if sign in re.sub(_QUOTED, "", head)), "")


def read(name: str, lines: Iterator[Line]) -> Iterator[Named]:
    """The models of a table, each with the place of its cell."""
    sign, column = "", -1
    for row in _rows(name, lines):
        if column < 0:
            sign = delimiter(row.text) or ","
        cells = list(_cells(row, sign))
        if not any(text for text, _ in cells):
            continue
        if column < 0:
            titles = [text.lower() for text, _ in cells]
            column = next((titles.index(title) for title in COLUMNS if title in titles), -1)
            if column >= 0:
                continue
            column, first = 0, cells[0][0]
            if "/" not in first:
                raise ListError(f"{name}:{row.number}: is {first[:60]!r} a model, or the title of a column?", _ADVICE)
        text, offset = cells[column] if column < len(cells) else ("", len(row.text))
        if not text:
            where = _place(name, row, offset)
            raise ListError(
                f"{name}:{where.line}:{where.column}: no model in this row", "Fill the cell, or take it out."
            )
        yield Named(text, (_place(name, row, offset),))


def _rows(name: str, lines: Iterator[Line]) -> Iterator[Line]:
    """The rows: a quoted cell may hold line ends, and a row then has the number of its first line."""
    for line in lines:
        parts, size = [line.text], len(line.text)
        inside = line.text.count('"') % 2
        while inside:
            more = next(lines, None)
            if more is None or size > MAX_LINE:
                raise ListError(f"{name}:{line.number}: a quote is opened and not closed", 'Put a " behind the cell.')
            parts.append(more.text)
            size += len(more.text) + 1
            inside = (inside + more.text.count('"')) % 2
        yield Line(line.number, "\n".join(parts))


def _cells(row: Line, sign: str) -> Iterator[tuple[str, int]]:
    """Each cell: its text, unquoted and stripped, and where it begins in the row."""
    for cell in re.finditer(rf"(?:^|{sign})(?P<space>[^\S\t]*)(?P<text>{_QUOTED}|[^{sign}]*)", row.text):
        text = cell["text"].strip()
        quoted = len(text) > 1 and text[0] == text[-1] == '"'
        yield (text[1:-1].replace('""', '"').strip() if quoted else text), cell.start("text") + quoted


def _place(name: str, row: Line, offset: int) -> Place:
    """The place of a cell: in the line of the row that it really stands in."""
    before = row.text[:offset]
    line = Line(row.number + before.count("\n"), row.text.split("\n")[before.count("\n")])
    return place(name, line, len(before) - before.rfind("\n") - 1)
