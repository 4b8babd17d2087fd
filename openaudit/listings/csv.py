"""Comma-separated values (RFC 4180), one row a model: for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from openaudit.escaping import line
from openaudit.listings import _told, register
from openaudit.result import Audit
from openaudit.run import Row, Run

_FREEDOMS = ("use", "study", "modify", "share")
_FIRST = ("reference", "place", "id", "revision", "gathered", "label", *(f"freedom_{one}" for one in _FREEDOMS))
_THEN = ("data", "openwashing", "licence", "licence_in_force", "licence_open")
_LAST = ("failure", "fails", "warns", "breaches")
_FORMULA = tuple("=+-@＝＋－＠")  # what makes a spreadsheet compute a cell instead of showing it
_CELL = 32_000  # characters; a spreadsheet takes 32,767


@register("csv", ".csv", "one row a model, for spreadsheets")
def render(run: Run) -> Iterator[str]:
    """A head, then one row a model. Each rubric has its verdict, and the ends of its score from 0 to 100."""
    rubrics = sorted(run.rubrics)
    scores = [f"rubric.{id}{part}" for id in rubrics for part in ("", ".low", ".high")]
    yield spreadsheet([*_FIRST, *_THEN, *scores, *_LAST])
    for row in run.rows():
        known = _of_audit(row.audit, rubrics) if row.audit else [""] * (len(_FIRST) - 2 + len(_THEN) + len(scores))
        places = "; ".join(map(_told.where, row.named.places))
        yield spreadsheet([row.named.reference, places, *known, *_of_policy(row)])


def _of_audit(audit: Audit, rubrics: Iterable[str]) -> Iterator[str]:
    yield from (audit.subject.id, audit.subject.revision or "", audit.subject.gathered or "", audit.label)
    freedoms, data = audit.role("freedoms"), audit.role("data")
    for freedom in _FREEDOMS:
        criterion = freedoms.criteria.get(freedom) if freedoms else None
        yield criterion.outcome.value if criterion else ""
    yield data.verdict if data else ""
    yield audit.openwashing.level
    yield audit.license.id or ""
    yield audit.license.name
    yield {True: "yes", False: "no", None: "unknown"}[audit.license.open]
    for id in rubrics:
        rubric = audit.rubrics.get(id)
        yield rubric.verdict if rubric else ""
        for end in (rubric.score.low, rubric.score.high) if rubric else (None, None):
            yield "" if end is None else f"{end:g}"


def _of_policy(row: Row) -> Iterator[str]:
    yield f"{row.failure.kind}: {_told.failure(row.failure)}" if row.failure else ""
    yield str(sum(breach.fails for breach in row.breaches))
    yield str(sum(breach.warns for breach in row.breaches))
    pardoned = ((breach, _told.pardon(breach)) for breach in row.breaches)
    yield "; ".join(f"{breach.rule}: {breach.because}{f' ({why})' if why else ''}" for breach, why in pardoned)


def spreadsheet(cells: Iterable[str]) -> str:
    """One row, in which nothing is taken for a formula."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(map(_safe, cells))
    return out.getvalue()


def _safe(cell: str) -> str:
    """One line of text that no spreadsheet takes for a formula."""
    shown = line(cell, _CELL)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
