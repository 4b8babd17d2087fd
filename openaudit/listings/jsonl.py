"""JSON lines: one object a model, the audit's own contract in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from openaudit.listings import register
from openaudit.run import Run


@register("jsonl", ".jsonl", "one JSON object a line and model, for programs that read as it comes")
def render(run: Run) -> Iterator[str]:
    """Yields one line a model: what the list calls it, its audit or why there is none, and the policy's breaches."""
    for row in run.rows():
        line = {
            "reference": row.named.reference,
            "places": [asdict(place) for place in row.named.places],
            "audit": row.audit.to_dict() if row.audit else None,
            "failure": asdict(row.failure) if row.failure else None,
            "breaches": [asdict(breach) for breach in row.breaches],
        }
        yield json.dumps(line, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n"
