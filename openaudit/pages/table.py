"""The table of models by criteria: what its columns, rows and cells are, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from openaudit.evidence import Outcome
from openaudit.languages import _
from openaudit.pages.field import CLAIMS, DISTANCES, Column, Field
from openaudit.pages.values import FREEDOMS, LEVELS, OUTCOMES, SIGNS, label_title


@dataclass(frozen=True, slots=True)
class Cell:
    """One criterion of one model, and where its evidence is. ``outcome`` is ``None`` where it was not asked."""

    column: Column
    outcome: Outcome | None
    href: str

    @property
    def sign(self) -> str:
        """The class that gives it colour and shape."""
        return SIGNS[self.outcome or Outcome.ERROR]

    @property
    def word(self) -> str:
        """Its outcome in a word."""
        words = FREEDOMS if self.column.role == "freedoms" else OUTCOMES
        return _(words[self.outcome or Outcome.ERROR])


@dataclass(frozen=True, slots=True)
class Line:
    """One model as a row: maker and name, what it is, what it says, how far these are apart, and its cells."""

    name: tuple[str, str]
    kind: str
    claim: str
    level: str
    anchor: str
    href: str
    cells: Sequence[Cell]

    @property
    def label(self) -> str:
        """What it is, in words."""
        return label_title(self.kind)

    @property
    def claim_word(self) -> str:
        """What it says of itself, in words."""
        return _(CLAIMS[self.claim])

    @property
    def claim_rank(self) -> int:
        return list(CLAIMS).index(self.claim)

    @property
    def distance_rank(self) -> int:
        return DISTANCES.index(self.level)

    @property
    def distance(self) -> str:
        """The distance between claim and fact, as a word."""
        return _(LEVELS[self.level])


class Table:
    """What the templates of the table ask for; who makes a page says where its rows are."""

    signs = SIGNS
    outcome_words = OUTCOMES
    claims = CLAIMS
    levels = LEVELS

    def __init__(self, field: Field, columns: tuple[Column, ...] = ()) -> None:
        self.field = field
        self.columns = columns

    @property
    def shown(self) -> int:
        """How many models this page has."""
        return self.field.audited

    @property
    def heads(self) -> list[tuple[str, str, int]]:
        """The rubrics over the columns: role, title, and how many columns each has."""
        grouped = groupby(self.columns, key=lambda column: (column.role, column.rubric))
        return [(role, title, len(list(some))) for (role, title), some in grouped]

    def grouped(self, rows: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, str, int, Iterator[Any]]]:
        """Rows (label, row) by the rung they stand on: label, title, how many stand there, and the rows.

        A row is a ``Line``, or what was made of one already.
        """
        for label, some in groupby(rows, key=lambda row: row[0]):
            yield label, label_title(label), self.field.labels[label], (row for _label, row in some)


__all__ = ["Cell", "Line", "Table"]
