"""Workflow commands of GitHub Actions: what it shows beside the line that names the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from openaudit.escaping import line
from openaudit.languages import _
from openaudit.listings import _told, register
from openaudit.run import Breach, Row, Run

_SHOWN = 10  # GitHub shows no more of each kind for one step


@register("github", ".annotations.txt", "annotations for a workflow of GitHub Actions, printed by one of its steps")
def render(run: Run) -> Iterator[str]:
    """The first of each kind, in the order of the list; then, how many more there are."""
    seen: Counter[str] = Counter()
    for row in run.rows():
        for problem in _told.problems(row):
            kind = "error" if problem.fails else "warning" if problem.warns else "notice"
            seen[kind] += 1
            if seen[kind] <= _SHOWN:
                yield _annotation(kind, row, problem)
    for kind, count in sorted(seen.items()):
        if count > _SHOWN:
            yield _("{n} more of the kind {kind} stand in the job summary.", n=count - _SHOWN, kind=kind) + "\n"


def _annotation(kind: str, row: Row, problem: Breach) -> str:
    title = f"{_told.name(row)}: {line(problem.rule, _told.NAME)}"
    message = " ".join(filter(None, (line(problem.because, _told.REASON), _told.pardon(problem))))
    place = next(iter(row.named.places), None)
    path = _told.path(place) if place else None
    properties = {"file": line(path), "line": place.line, "col": place.column} if place and path else {}
    told = ",".join(f"{key}={_property(str(value))}" for key, value in {**properties, "title": title}.items())
    return f"::{kind} {told}::{_data(message)}\n"


def _data(text: str) -> str:
    """Text that stays one command: line ends are written so that the runner reads them as text."""
    safe = text.encode("utf-8", "replace").decode()
    return safe.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
