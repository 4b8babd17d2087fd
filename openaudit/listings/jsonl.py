"""JSON lines: one object a model, the audit's own contract in it."""

from __future__ import annotations

from collections.abc import Iterator

from openaudit import runfile
from openaudit.listings import register
from openaudit.run import Run


@register("jsonl", ".jsonl", "one JSON object a line and model, for programs that read as it comes")
def render(run: Run) -> Iterator[str]:
    """Yields one line a model: what the list calls it, its audit or why there is none, and the policy's breaches."""
    for row in run.rows():
        yield runfile.line_of(row) + "\n"
