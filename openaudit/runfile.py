"""A run as JSON: the contract ``openaudit.run/1``, as one document or as one line a model.

The document is written piece by piece, each model on a line of its own, and read back whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from openaudit.result import Audit
from openaudit.run import Breach, Failure, Place, Row, Run

SCHEMA = "openaudit.run/1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Judge(_Part):
    """A rubric that a run was judged by: its version, and the SHA-256 of its file."""

    version: str
    sha256: str


class Totals(_Part):
    """What a run came to, in numbers. ``labels`` counts the audited models by their label."""

    models: int
    audited: int
    not_audited: int
    failing: int
    warned: int
    labels: dict[str, int]


class Model(_Part):
    """One model of a run. It has an audit, or a failure that says why it has none."""

    reference: str
    places: tuple[Place, ...] = ()
    audit: Audit | None = None
    failure: Failure | None = None
    asked: tuple[str, ...] = ()
    breaches: tuple[Breach, ...] = ()


class Document(_Part):
    """A whole run."""

    schema_: str = Field(SCHEMA, alias="schema")
    tool: str
    source: str
    policy: str | None = None
    notices: tuple[str, ...] = ()
    rubrics: dict[str, Judge]
    counts: Totals
    models: tuple[Model, ...] = ()


def line_of(row: Row) -> str:
    """One model as JSON on one line, without its end: the same bytes for the same row."""
    named = {"reference": row.named.reference, "places": [asdict(place) for place in row.named.places]}
    policy = {"asked": row.asked, "breaches": [asdict(breach) for breach in row.breaches]}
    audit = row.line.text if row.line else "null"
    failure = _written(asdict(row.failure) if row.failure else None)
    return f'{_written(named)[:-1]},"audit":{audit},"failure":{failure},{_written(policy)[1:]}'


def document(run: Run) -> Iterator[str]:
    """The whole run as one JSON document, in pieces."""
    counts = run.counts
    head = {
        "schema": SCHEMA,
        "tool": run.tool,
        "source": run.source,
        "policy": run.policy,
        "notices": run.told(),
        "rubrics": {id: {"version": version, "sha256": sha} for id, (version, sha) in sorted(run.rubrics.items())},
        "counts": {
            "models": counts.models,
            "audited": counts.audited,
            "not_audited": counts.not_audited,
            "failing": counts.failing,
            "warned": counts.warned,
            "labels": dict(sorted(counts.labels.items())),
        },
    }
    yield "{\n" + "".join(f"{json.dumps(key)}: {_written(value)},\n" for key, value in head.items()) + '"models": ['
    separator = "\n"
    for row in run.rows():
        yield separator + line_of(row)
        separator = ",\n"
    yield "\n]\n}\n"


def _written(value: Any) -> str:
    """JSON on one line. Lone surrogates, which hostile JSON brings along, cannot be written: they become ``?``."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
