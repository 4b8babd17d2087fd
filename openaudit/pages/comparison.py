"""The comparison: many models on one page, as a table that reads at a glance, with the evidence behind each cell.

Models are read once, in the order of the list. What is made of each waits in a temporary file, and only what decides
its place is kept in memory: the page is sorted, and its length is bounded by the disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from math import sqrt
from textwrap import wrap
from typing import IO, NamedTuple

from openaudit.evidence import Outcome
from openaudit.languages import _, spoken
from openaudit.pages.environment import environment, policy
from openaudit.pages.field import CLAIMS, DISTANCES, LABELS, Bubble, Column, Field, claim, columns
from openaudit.pages.text import slug
from openaudit.pages.values import FREEDOMS, LEVELS, OUTCOMES, RUNGS, label_title
from openaudit.result import Audit, CriterionResult, Entry
from openaudit.run import Failure, Row, Run

STYLE, SCRIPT = "comparison.css", "comparison.js"
SIGNS = {  # the class of a cell, short because a page may have 20,000 of them; its order is the order of sorting
    Outcome.MET: "m",
    Outcome.PARTIAL: "p",
    Outcome.UNKNOWN: "q",
    Outcome.UNMET: "u",
    Outcome.NOT_APPLICABLE: "n",
    Outcome.ERROR: "e",
}
_QUOTED = 24  # models: up to here each cell's evidence is quoted; beyond, it is linked to
_TWICE = 12  # models: up to here two places are shown for each cell, so that a page stays below 300 kB
_WIDTH, _LEFT, _TOP, _STEP, _RADIUS = 720, 112, 56, 58, 25  # of the chart, in its own units


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
class Cell:
    """One criterion of one model. ``result`` is ``None`` where the model was judged by other rubrics."""

    column: Column
    result: CriterionResult | None
    anchor: str

    @property
    def sign(self) -> str:
        """The class that gives it colour and shape."""
        return SIGNS[self.result.outcome] if self.result else "e"

    @property
    def word(self) -> str:
        """Its outcome in a word."""
        words = FREEDOMS if self.column.role == "freedoms" else OUTCOMES
        return _(words[self.result.outcome if self.result else Outcome.ERROR])


@dataclass(frozen=True)
class Model:
    """One model of the comparison, in reading order."""

    row: Row
    audit: Audit
    cells: tuple[Cell, ...]
    anchor: str
    detail: int
    linked: set[tuple[str, int | None]] = field(default_factory=set)

    @property
    def quoted(self) -> bool:
        """Whether there is room for the words that were found."""
        return self.detail > 0

    @cached_property
    def name(self) -> tuple[str, str]:
        """Maker and name; with the revision, where the list asks for one."""
        maker, _slash, name = self.audit.subject.id.rpartition("/")
        _id, at, revision = self.row.named.reference.partition("@")
        return maker, f"{name}@{revision}" if at and _id == self.audit.subject.id else name

    @cached_property
    def claim(self) -> str:
        """What it says of itself: a key of ``CLAIMS``."""
        return claim(self.audit)

    @property
    def claim_word(self) -> str:
        return _(CLAIMS[self.claim])

    @property
    def claim_rank(self) -> int:
        return list(CLAIMS).index(self.claim)

    @property
    def distance_rank(self) -> int:
        return DISTANCES.index(self.audit.openwashing.level)

    @property
    def distance(self) -> str:
        """The distance between claim and fact, as a word."""
        return _(LEVELS[self.audit.openwashing.level])

    @property
    def label(self) -> str:
        """What it is, in words."""
        return label_title(self.audit.label)

    def seen(self, cell: Cell) -> list[Entry]:
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
        return rank, self.distance_rank, score, self.audit.subject.id.casefold(), self.row.position


@dataclass(frozen=True)
class Spot:
    """A bubble of the chart, where it stands."""

    bubble: Bubble
    x: int
    y: int
    radius: float


class Comparison:
    """A run, in reading order."""

    signs = SIGNS
    outcome_words = OUTCOMES
    claims = CLAIMS
    levels = LEVELS

    def __init__(self, run: Run, spool: _Spool) -> None:
        self.field = Field()
        self.columns: tuple[Column, ...] = ()
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
            places = (self._spool.put(one.render(model=model)) for one in (row_of, card_of))
            self._kept.append(_Kept(model.order, row.audit.label, next(places), next(places)))
        self._kept.sort(key=lambda kept: kept.order)

    def _model(self, row: Row, audit: Audit, detail: int) -> Model:
        self.columns = self.columns or columns(audit)
        anchor = self._anchor(slug(audit.subject.id))
        cells = []
        for column in self.columns:
            rubric = audit.role(column.role)
            result = rubric.criteria.get(column.id) if rubric else None
            cells.append(Cell(column, result, f"{anchor}.{column.role}.{slug(column.id)}"))
        return Model(row, audit, tuple(cells), anchor, detail)

    def _anchor(self, wanted: str) -> str:
        anchor, n = wanted, 2
        while anchor in self._anchors:
            anchor, n = f"{wanted}-{n}", n + 1
        self._anchors.add(anchor)
        return anchor

    # ------------------------------------------------------------------ the table

    @property
    def heads(self) -> list[tuple[str, str, int]]:
        """The rubrics over the columns: role, title, and how many columns each has."""
        grouped = groupby(self.columns, key=lambda column: (column.role, column.rubric))
        return [(role, title, len(list(some))) for (role, title), some in grouped]

    @property
    def groups(self) -> Iterator[tuple[str, str, int, Iterator[_Made]]]:
        """The rungs that models stand on: label, title, how many, and their rows."""
        for label, some in groupby(self._kept, key=lambda kept: kept.label):
            yield label, label_title(label), self.field.labels[label], (self._spool.get(kept.row) for kept in some)

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

    def differing(self, alike: bool = False) -> list[tuple[Column, Cell, Cell]]:
        """The criteria in which the two differ, or those in which they do not."""
        if self.two is None:
            return []
        pairs = zip(self.columns, self.two[0].cells, self.two[1].cells, strict=True)
        return [(column, one, other) for column, one, other in pairs if (one.sign == other.sign) is alike]

    # ------------------------------------------------------------------ the chart

    @cached_property
    def across(self) -> list[tuple[str, str, int]]:
        """The labels from the least open to the most, with their titles and places in the chart."""
        shown = [*reversed(self.field.rungs())]
        step = (_WIDTH - _LEFT) / len(shown)
        return [(label, title, round(_LEFT + step * (i + 0.5))) for i, (label, title, _n) in enumerate(shown)]

    @cached_property
    def down(self) -> list[tuple[str, str, int]]:
        """The claims from the strongest, with their words and places in the chart."""
        shown = [said for said in CLAIMS if said != "unknown" or self.field.claims[said]]
        return [(said, _(CLAIMS[said]), round(_TOP + _STEP * (i + 0.5))) for i, said in enumerate(shown)]

    @property
    def size(self) -> tuple[int, int]:
        return _WIDTH, _TOP + _STEP * len(self.down) + 4

    @property
    def kept_promises(self) -> list[tuple[int, int]]:
        """Where a claim and the rung of the same name meet."""
        across = {label: x for label, _title, x in self.across}
        down = [y for said, _word, y in self.down if said not in ("none", "unknown")]
        return [(across[label], y) for label, y in zip(RUNGS, down, strict=False) if label in across]

    @property
    def spots(self) -> list[Spot]:
        """The bubbles, each as large as the number of its models."""
        across = {label: x for label, _title, x in self.across}
        down = {said: y for said, _word, y in self.down}
        most = max((bubble.count for bubble in self.field.bubbles()), default=1)
        return [
            Spot(one, across[one.label], down[one.claim], round(max(9.0, _RADIUS * sqrt(one.count / most)), 1))
            for one in self.field.bubbles()
        ]

    def title_of(self, label: str) -> str:
        """A label in words."""
        return label_title(label)

    def lines(self, title: str) -> list[str]:
        """A title in lines that fit above a column of the chart."""
        return wrap(title, 16)[:3]

    def count(self, said: str, label: str) -> int:
        """How many models say the one and are the other."""
        return sum(one.count for one in self.field.bubbles() if (one.claim, one.label) == (said, label))

    def segments(self, counts: Iterable[tuple[Outcome, int]], total: int) -> list[tuple[str, float, float]]:
        """A bar of 100 in parts: the class of each, where it begins, and how long it is."""
        found, at = [], 0
        for outcome, n in counts:
            found.append((SIGNS[outcome], round(100 * at / total, 2), round(100 * n / total, 2)))
            at += n
        return found


__all__ = ["Comparison", "render"]
