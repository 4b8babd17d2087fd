"""The result itself, as JSON: the contract ``openaudit.audit/1``."""

from __future__ import annotations

from openaudit.formats import register
from openaudit.result import Audit


@register("json", ".json", "the result, for programs: everything the other formats are made from", people=False)
def render(audit: Audit) -> str:
    """The audit, written as its own JSON."""
    return audit.to_json()
