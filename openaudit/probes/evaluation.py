"""Data of evaluations: the data sets that the page links where it speaks of its evaluation, and whether they can be had."""

from __future__ import annotations

from collections.abc import Iterator

from openaudit.evidence import Fact, Finding, Missing, NotLooked, Source
from openaudit.probes import Case, probe
from openaudit.probes.data import data_files, status_of, terms_of
from openaudit.reading.training_data import evaluation_sets
from openaudit.saying import phrase

DATA = Fact(
    "documents.evaluation_data",
    "Can anyone have the data sets that the page links as those of its evaluation?",
    {
        "open": "anyone can have the data of its evaluation, under an open licence",
        "available": "anyone can have the data of its evaluation; an open licence was not seen",
        "restricted": "not everyone can have the data of its evaluation",
        "none": "the page links no data set of its evaluation",
    },
)
_FREEST = ("open", "available", "restricted")


@probe(DATA)
def evaluation(case: Case) -> Iterator[Finding]:
    """Tells of the freest of the data sets that were looked at."""
    looks = [_looked(case, pointer.id, pointer.source) for pointer in evaluation_sets(case.repo, case.card)]
    if not looks:
        yield case.unless_unread(DATA.name, "none", phrase("links to data sets of the evaluation"))
        return
    told = sorted((one for one in looks if one.value is not None), key=lambda one: _FREEST.index(str(one.value)))
    unknown = next((one for one in looks if one.value is None), None)
    best = next(iter(told), None)
    yield best if best and (unknown is None or best.value == "open") else unknown or looks[0]


def _looked(case: Case, id: str, said: Source) -> Finding:
    found = case.snapshot.dataset(id)
    if isinstance(found, NotLooked):
        return Finding(DATA.name, None, said, note=phrase("{id}: {note}", id=id, note=phrase(found.why)))
    if isinstance(found, Missing):
        return Finding(
            DATA.name,
            "restricted",
            said,
            note=phrase("{id}: {note}", id=id, note=phrase("looked for on the Hub, and not there")),
        )
    status = status_of(found, data_files(found))
    if status is None:
        return Finding(DATA.name, None, said, note=id)
    value = "restricted" if status != "available" else "open" if terms_of(found)[2] else "available"
    return Finding(DATA.name, value, Source(found.url(), gathered=found.gathered), note=id)
