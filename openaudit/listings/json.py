"""The run as one JSON document: the contract ``openaudit.run/1``."""

from __future__ import annotations

from collections.abc import Iterator

from openaudit import runfile
from openaudit.listings import register
from openaudit.run import Run


@register("json", ".json", "the whole run as one document, for programs")
def render(run: Run) -> Iterator[str]:
    """The run, written as its own JSON."""
    yield from runfile.document(run)
