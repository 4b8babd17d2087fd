"""The comparison: many models on one page, as a table that reads at a glance, with the evidence behind each cell.

Models are read once, in the order of the list. What is made of each waits in a temporary file, and only what decides
its place is kept in memory: the page is sorted, and its length is bounded by the disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any, NamedTuple

from openaudit.languages import spoken
from openaudit.pages.chart import Chart
from openaudit.pages.environment import environment, policy
from openaudit.pages.field import LABELS, Column, Field, claim, columns
from openaudit.pages.table import Cell, Line, Table
from openaudit.pages.text import slug
from openaudit.result import Audit, CriterionResult, Entry
from openaudit.run import Failure, Row, Run

STYLE, SCRIPT = "comparison.css", "table.js"
_QUOTED = 24  # models: up to here each cell's evidence is quoted; beyond, it is linked to
_TWICE = 12  # models: up to here two places are shown for each cell, so that a page stays below 300 kB


def render(run: Run) -> Iterator[str]:
    """Renders the page. The same run gives the same bytes."""
    with tempfile.TemporaryFile() as file:
        made = Comparison(run, _Spool(file))
        template = environment().get_template("comparison.html.j2")
        yield from template.generate(page=made, run=run, csp=policy(STYLE, SCRIPT), language=spoken())
        yield "\n"


class _Spool:
    """Pieces of the page on disk, each found again by its place."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._end = 0

    def put(self, text: str) -> tuple[int, int]:
        piece = text.encode("utf-8", "replace")
        self._file.seek(self._end)
        self._file.write(piece)
        self._end += len(piece)
        return self._end - len(piece), len(piece)

    def get(self, place: tuple[int, int]) -> _Made:
        at, length = place
        self._file.seek(at)
        return _Made(self._file.read(length).decode())


class _Made(str):
    """A piece that our own templates have made, in which everything is escaped already."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


class _Kept(NamedTuple):
    """What is kept of a model in memory: its place in the order, and where its pieces are."""

    order: tuple[int, int, float, str, int]
    label: str
    row: tuple[int, int]
    card: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Seen(Cell):
    """A cell whose evidence is on the page. ``result`` is ``None`` where the model was judged by other rubrics."""

    result: CriterionResult | None

    @property
    def anchor(self) -> str:
        """Where its evidence stands."""
        return self.href.removeprefix("#")


@dataclass(frozen=True)
class Model:
    """One model of the comparison, in reading order."""

    row: Row
    audit: Audit
    line: Line
    cells: tuple[Seen, ...]
    detail: int
    linked: set[tuple[str, int | None]] = field(default_factory=set)

    @property
    def quoted(self) -> bool:
        """Whether there is room for the words that were found."""
        return self.detail > 0

    def seen(self, cell: Seen) -> list[Entry]:
        """What a cell stands on: the findings with a place, those with words first."""
        keys = cell.result.evidence if cell.result else ()
        found = (self.audit.evidence.get(key) for key in keys)
        placed = [entry for entry in found if entry and entry.source]
        placed.sort(key=lambda entry: not (entry.source and entry.source.quote))
        once = {(entry.source.url, entry.source.line): entry for entry in reversed(placed) if entry.source}
        return [*reversed(once.values())][: max(1, self.detail)]

    def first(self, entry: Entry) -> bool:
        """Whether the place of a finding is linked to now: in short cards each is, once."""
        source = entry.source
        if self.detail > 1 or source is None:
            return True
        place = (source.url, source.line)
        new = place not in self.linked
        self.linked.add(place)
        return new

    @property
    def order(self) -> tuple[int, int, float, str, int]:
        """By openness, and where that is the same, by the distance between claim and fact."""
        head = self.audit.role("label")
        rank = LABELS.index(self.audit.label) if self.audit.label in LABELS else len(LABELS)
        score = -(head.score.low or 0.0) if head else 0.0
        return rank, self.line.distance_rank, score, self.audit.subject.id.casefold(), self.row.position


class Comparison(Table):
    """A run, in reading order."""

    def __init__(self, run: Run, spool: _Spool) -> None:
        super().__init__(Field())
        self.failures: list[tuple[str, Failure]] = []
        self.pair: list[Model] = []
        self._spool = spool
        self._kept: list[_Kept] = []
        self._anchors: set[str] = set()
        self._read(run)

    def _read(self, run: Run) -> None:
        row_of = environment().get_template("comparison_row.html.j2")
        card_of = environment().get_template("comparison_card.html.j2")
        models = run.counts.models
        detail = 2 if models <= _TWICE else 1 if models <= _QUOTED else 0
        for row in run.rows():
            if row.audit is None:
                self.field.fail()
                self.failures.append((row.named.reference, row.failure or Failure("", "")))
                continue
            model = self._model(row, row.audit, detail)
            self.field.add(row.audit)
            if len(self.pair) < 3:
                self.pair.append(model)
            places = (self._spool.put(one.render(model=model, line=model.line)) for one in (row_of, card_of))
            self._kept.append(_Kept(model.order, row.audit.label, next(places), next(places)))
        self._kept.sort(key=lambda kept: kept.order)

    def _model(self, row: Row, audit: Audit, detail: int) -> Model:
        self.columns = self.columns or columns(audit)
        anchor = self._anchor(slug(audit.subject.id))
        cells = []
        for column in self.columns:
            rubric = audit.role(column.role)
            result = rubric.criteria.get(column.id) if rubric else None
            href = f"#{anchor}.{column.role}.{slug(column.id)}"
            cells.append(Seen(column, result.outcome if result else None, href, result))
        level = audit.openwashing.level
        line = Line(_name(row, audit), audit.label, claim(audit), level, anchor, f"#{anchor}", cells)
        return Model(row, audit, line, tuple(cells), detail)

    def _anchor(self, wanted: str) -> str:
        anchor, n = wanted, 2
        while anchor in self._anchors:
            anchor, n = f"{wanted}-{n}", n + 1
        self._anchors.add(anchor)
        return anchor

    # ------------------------------------------------------------------ the table

    @property
    def groups(self) -> Iterator[tuple[str, str, int, Iterator[Any]]]:
        """The rungs that models stand on: label, title, how many, and their rows."""
        return self.grouped((kept.label, self._spool.get(kept.row)) for kept in self._kept)

    @property
    def cards(self) -> Iterator[_Made]:
        """The evidence, model by model, in the order of the table."""
        return (self._spool.get(kept.card) for kept in self._kept)

    # ------------------------------------------------------------------ side by side

    @property
    def two(self) -> tuple[Model, Model] | None:
        """The two models, where there are just two: the more open one first."""
        if len(self.pair) != 2:
            return None
        first, second = sorted(self.pair, key=lambda model: model.order)
        return first, second

    def differing(self, alike: bool = False) -> list[tuple[Column, Seen, Seen]]:
        """The criteria in which the two differ, or those in which they do not."""
        if self.two is None:
            return []
        pairs = zip(self.columns, self.two[0].cells, self.two[1].cells, strict=True)
        return [(column, one, other) for column, one, other in pairs if (one.sign == other.sign) is alike]

    @cached_property
    def chart(self) -> Chart:
        """What a table cannot show."""
        return Chart(self.field)


def _name(row: Row, audit: Audit) -> tuple[str, str]:
    """Maker and name; with the revision, where the list asks for one."""
    maker, _slash, name = audit.subject.id.rpartition("/")
    id, at, revision = row.named.reference.partition("@")
    return maker, f"{name}@{revision}" if at and id == audit.subject.id else name


__all__ = ["Comparison", "render"]
