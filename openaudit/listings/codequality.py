"""The report of code quality that GitLab shows in a merge request: a list of JSON objects, one a breach."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from openaudit.escaping import line
from openaudit.listings import _told, register
from openaudit.run import Breach, Row, Run


@register(
    "codequality",
    ".codequality.json",
    "the code quality report of GitLab: each breach at the line that names the model",
)
def render(run: Run) -> Iterator[str]:
    """One object a breach; what is pardoned is only information."""
    yield "["
    separator = "\n"
    for row in run.rows():
        for problem in _told.problems(row):
            yield separator + json.dumps(_issue(row, problem), ensure_ascii=False)
            separator = ",\n"
    yield "\n]\n"


def _issue(row: Row, problem: Breach) -> dict[str, Any]:
    name, rule = _told.name(row), line(problem.rule, _told.NAME)
    because = " ".join(filter(None, (line(problem.because, _told.REASON), _told.pardon(problem))))
    place = next(iter(row.named.places), None)
    fingerprint = hashlib.sha256(f"{problem.rule}\0{row.named.reference}\0{problem.because}".encode("utf-8", "replace"))
    return {
        "description": f"{name}: {because}",
        "check_name": rule,
        "fingerprint": fingerprint.hexdigest(),
        "severity": "major" if problem.fails else "minor" if problem.warns else "info",
        "location": {
            "path": line((_told.path(place) if place else None) or row.named.reference, 2 * _told.REASON) or "-",
            "lines": {"begin": max(place.line, 1) if place else 1},
        },
    }
