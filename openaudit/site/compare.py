"""The comparison of a site: models by criteria, each cell a way to the evidence on the model's page; and as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from openaudit.evidence import Outcome
from openaudit.languages import _
from openaudit.listings.csv import spreadsheet
from openaudit.pages.chart import Chart
from openaudit.pages.field import CLAIMS, Column, Counted, Field, columns, judging
from openaudit.pages.site import Here, Site, render
from openaudit.pages.table import Cell, Line, Table
from openaudit.pages.view import View
from openaudit.result import Audit
from openaudit.site.addresses import anchor
from openaudit.site.documents import document
from openaudit.site.overview import Overview
from openaudit.site.shelf import Listed
from openaudit.site.topics import nothing

SCHEMA = "openaudit.site.comparison/1"
PAGE, CSV, JSON = "compare.html", "api/comparison.csv", "api/comparison.json"
MOST = 60  # models of one page: of more with long names, it would be larger than 300 kB


@dataclass(frozen=True, slots=True)
class Part:
    """One page of the comparison: its path, and which models it holds, counted from 1."""

    path: str
    first: int
    last: int


Came = tuple[Listed, Mapping[str, str]]  # a model, and how each criterion came out


class Compared(Table):
    """One page of the comparison, in the language that is spoken. ``models`` are read as it is made."""

    def __init__(self, field: Field, frame: Audit, here: Here, part: Part, models: Iterable[Came]) -> None:
        super().__init__(field, columns(frame))
        self._here = here
        self._part = part
        self._models = models
        anchors = View(frame).anchors
        ids = {column: f"{View(frame).id_of(rubric)}/{column.id}" for column, rubric in _rubrics(frame, self.columns)}
        self._asked = [(column, id, anchors[id]) for column, id in ids.items()]
        self.chart = Chart(field)

    @property
    def shown(self) -> int:
        """How many models this page has."""
        return self._part.last - self._part.first + 1

    @property
    def groups(self) -> Iterator[tuple[str, str, int, Iterator[Any]]]:
        """The rungs that models stand on: label, title, how many, and the models."""
        return self.grouped((one.label, self._line(one, outcomes)) for one, outcomes in self._models)

    def _line(self, one: Listed, outcomes: Mapping[str, str]) -> Line:
        page = self._here.root + one.page
        cells = [Cell(column, _outcome(outcomes, id), f"{page}#{at}") for column, id, at in self._asked]
        maker, _slash, name = one.name.rpartition("/")
        return Line((maker, name), one.label, one.claim, one.level, anchor("m", one.name), page, cells)


def _rubrics(frame: Audit, asked: Sequence[Column]) -> Iterator[tuple[Column, Any]]:
    return ((column, rubric) for column in asked if (rubric := frame.role(column.role)))


def _outcome(outcomes: Mapping[str, str], id: str) -> Outcome | None:
    held = outcomes.get(id)
    return Outcome(held) if held else None


def field_of(found: Overview, frame: Audit | None, language: str) -> Field:
    """Everything counted, with the words of one language. ``frame`` is in that language."""
    field = Field()
    head = frame.role("label") if frame else None
    id = View(frame).id_of(head) if frame and head else ""
    titles = {f"{id}/{name}": one.title for name, one in head.criteria.items()} if head else {}
    for one in found.audited():
        _data, title = found.spoken(one, language)
        outcomes = found.outcomes(one)
        pieces = [(title, outcome) for key, title in titles.items() if (outcome := _outcome(outcomes, key))]
        verdict = (Outcome(one.verdict), title) if one.verdict else None
        field.count(Counted(one.claim, one.label, one.level, verdict, pieces))
    for _one in found.failed():
        field.fail()
    if frame and judging(frame):
        field.ask(frame)
    return field


def parts(n: int) -> list[Part]:
    """The pages of the comparison of so many models."""
    return [
        Part(PAGE if first == 0 else f"compare/{first // MOST + 1}.html", first + 1, min(first + MOST, n))
        for first in range(0, n, MOST)
    ]


def pages(site: Site, found: Overview, frame: Audit | None) -> Iterator[tuple[str, Iterator[str]]]:
    """The pages of the comparison, in reading order. ``frame`` is one audit in the language of the site."""
    field = field_of(found, frame, site.language)
    if frame is None or not field.audited:
        yield site.page(PAGE).file, nothing(site, PAGE, _("Comparison"))
        return
    models = ((one, found.outcomes(one)) for one in found.ranked())
    every = parts(field.audited)
    for part in every:
        here = site.page(part.path)
        page = Compared(field, frame, here, part, islice(models, MOST))
        yield here.file, render(
            "site_compare.html.j2", here, title=_("Comparison"), description=field.finding(), section=PAGE,
            script=True, wide=True, page=page, shown=part, parts=every, csv=here.top + CSV, json=here.top + JSON,
        )  # fmt: skip


# --------------------------------------------------------------------------- as data


def _each(found: Overview) -> Iterator[Came]:
    keys = [f"{id}/{name}" for id, name in _keys(found)]
    for one in found.ranked():
        outcomes = found.outcomes(one)
        yield one, {key: outcomes.get(key, "") for key in keys}


def _keys(found: Overview) -> list[tuple[str, str]]:
    frame = found.frame
    if frame is None:
        return []
    return [(View(frame).id_of(rubric), column.id) for column, rubric in _rubrics(frame, columns(frame))]


def csv(found: Overview) -> Iterator[str]:
    """The table for spreadsheets: one row a model, one column a criterion."""
    head = ["name", "label", "claim", "openwashing", "licence", "page", *(f"{id}/{name}" for id, name in _keys(found))]
    rows = (
        [one.name, one.label, one.claim, one.level, one.license or "", one.page, *outcomes.values()]
        for one, outcomes in _each(found)
    )
    return map(spreadsheet, chain([head], rows))


def json(found: Overview) -> Iterator[str]:
    """The table for programs."""
    frame = found.frame
    titles = columns(frame) if frame else ()
    return document({
        "schema": SCHEMA,
        "claims": list(CLAIMS),
        "criteria": [
            {"id": f"{id}/{name}", "rubric": column.rubric, "title": column.title, "question": column.question}
            for (id, name), column in zip(_keys(found), titles, strict=True)
        ],
        "models": (
            {
                "name": one.name, "label": one.label, "claim": one.claim, "openwashing": one.level,
                "license": one.license, "page": one.page, "outcomes": outcomes,
            }
            for one, outcomes in _each(found)
        ),
    })  # fmt: skip
