"""Access: can anyone download the files, or does somebody have to let them in?"""

from __future__ import annotations

from collections.abc import Iterator

from openaudit.evidence import Finding
from openaudit.probes import Case, Fact, probe
from openaudit.saying import phrase

GATED = Fact(
    "access.gated",
    "Must one ask before downloading?",
    {
        "no": "anyone can download without asking",
        "auto": "one must log in and accept conditions to download",
        "manual": "the maker decides who may download",
    },
)


@probe(GATED)
def access(case: Case) -> Iterator[Finding]:
    """Reads the gate that the page tells of. A folder on this machine has none."""
    gated = "no" if case.snapshot.local else _gate(case.repo.info.get("gated"))
    note = "" if gated else phrase("the page does not say whether access is gated")
    yield Finding(GATED.name, gated, case.files_source, note=note)


def _gate(told: object) -> str | None:
    match told:
        case False:
            return "no"
        case True | "manual":
            return "manual"
        case "auto":
            return "auto"
    return None
