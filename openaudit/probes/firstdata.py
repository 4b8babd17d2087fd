"""Data of the first training: of the model itself, or of the oldest model it was made from, as far as can be seen."""

from __future__ import annotations

from collections.abc import Sequence

from openaudit.evidence import Evidence, Fact, Finding, Source
from openaudit.probes.case import Case, maker
from openaudit.probes.telling import linked
from openaudit.reading.known_models import publicly_known
from openaudit.reading.known_sets import known_set
from openaudit.saying import phrase

FIRST = Fact(
    "data.first_training",
    "Are the data of the first training, its own or its base model's, named one by one?",
    {
        "named": "the data of the first training are named one by one",
        "partly": "some data of the first training are named, others are not",
        "linked": "the data of the first training are not named on the page, which links a document or code that tells of them",
        "described": "the data of the first training are described in words, but not named",
        "undisclosed": "nothing is said about the data of the first training",
    },
)
FIRST_OPEN = Fact(
    "data.first_training_open",
    "Can anyone look into all the data that are named for the first training?",
    {
        True: "anyone can look into all the data that are named for the first training",
        False: "not everyone can look into all the data that are named for the first training",
    },
)
_FIRST = ("pre-training", "mid-training")
_CLOSED = ("gated", "no-files", "missing", "withdrawn", "not-released")
_NOT_THE_DATA = ("sample", "index")


def first_training(case: Case, own: Sequence[Finding]) -> tuple[Finding, Finding]:
    """Both findings, from what was found on this model's page (``own``), its ancestors', or what is publicly known."""
    found = _told(own)
    if found[0].value in ("described", "undisclosed") and (there := linked(case)):
        found = Finding(FIRST.name, "linked", there), found[1]
    known = [a for a in case.ancestors if isinstance(a, Evidence)]
    by_others = any(of_another(case, id) for id in (*(p.id for p in case.bases), *(a.id for a in known)))
    if not case.bases:
        return found
    if known and known[-1].get(FIRST.name).value in ("named", "partly"):
        return known[-1].get(FIRST.name), known[-1].get(FIRST_OPEN.name)
    # What its page calls pre-training is the first training only where no one else's model came before.
    if found[0].value in ("named", "partly") and not by_others:
        return found
    if known:
        return known[-1].get(FIRST.name), known[-1].get(FIRST_OPEN.name)
    for pointer in reversed(case.bases):
        fact = publicly_known(pointer.id)
        if fact and fact.data:
            source, note = Source(fact.source), phrase("those of {id}, which was not looked at here", id=pointer.id)
            return Finding(FIRST.name, fact.data, source, note=note), Finding(
                FIRST_OPEN.name, fact.data_open, source, note=note
            )
    note = phrase("the model it was made from could not be looked at")
    return Finding(FIRST.name, None, case.bases[0].source, note=note), Finding(
        FIRST_OPEN.name, None, case.bases[0].source, note=note
    )


def of_another(case: Case, id: str) -> bool:
    """Whether an ancestor is somebody else's; one named without its owner is its own where it bears the family's name."""
    if "/" in id:
        return maker(id) != maker(case.repo.id)
    return not any(id.lower().startswith(name) for name in case.names)


def _told(own: Sequence[Finding]) -> tuple[Finding, Finding]:
    """What a page itself tells of the first training, and of each set named for it."""
    namings = [f for f in own if f.fact == "stage.naming"]
    # Where no stage is told and no base either, what is said of training is all that is said of the first.
    stages = _FIRST if any(f.about in _FIRST for f in namings) else ("unspecified",)
    first = _weakest([f for f in namings if f.about in stages])
    sets = [f.about for f in own if f.fact == "dataset.stage" and f.value in stages]
    looks = [_openness(id, own) for id in sets]
    decisive = next((f for f in looks if f.value is False), None) or next((f for f in looks if f.value is None), None)
    if decisive is None:
        decisive = next(iter(looks), Finding(FIRST_OPEN.name, None, first.source, note=phrase("no data set is named")))
    return first, decisive


def _weakest(naming: Sequence[Finding]) -> Finding:
    """One finding for all first stages: named where each is, partly where some are."""
    if not naming:
        return Finding(FIRST.name, None, note=phrase("its page tells of no first training"))
    values = {f.value for f in naming}
    if len(values) == 1:
        return Finding(FIRST.name, naming[0].value, naming[0].source, note=naming[0].note)
    some = next((f for f in naming if f.value in ("named", "partly")), None)
    if some:
        return Finding(
            FIRST.name,
            "partly",
            some.source,
            note=phrase("those of {stage}: {note}", stage=some.about, note=phrase(some.note)),
        )
    told = next((f for f in naming if f.value == "described"), naming[0])
    return Finding(FIRST.name, told.value, told.source, note=told.note)


def _openness(id: str, own: Sequence[Finding]) -> Finding:
    """Whether anyone can look into one data set. A set taken down counts where what it held is documented piece by piece."""
    status = next(f for f in own if f.fact == "dataset.status" and f.about == id)
    form = next(f for f in own if f.fact == "dataset.form" and f.about == id)
    known = known_set(id) or {}
    if status.value == "withdrawn" and "documented" in known:
        return Finding(
            FIRST_OPEN.name,
            True,
            Source(str(known["documented"])),
            note=phrase("{id} was taken down; what it held is documented", id=id),
        )
    if form.value in _NOT_THE_DATA:
        return Finding(
            FIRST_OPEN.name,
            False,
            form.source,
            note=phrase("{id}: a sample only", id=id)
            if form.value == "sample"
            else phrase("{id}: pointers only", id=id),
        )
    if status.value in _CLOSED:
        return Finding(
            FIRST_OPEN.name, False, status.source, note=phrase("{id}: {note}", id=id, note=phrase(status.note))
        )
    return Finding(
        FIRST_OPEN.name,
        None if status.value is None else True,
        status.source,
        note=phrase("{id}: {note}", id=id, note=phrase(status.note)) if status.note else id,
    )
