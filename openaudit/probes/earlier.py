"""Data of earlier tuning: of the models it was made from, where those had themselves been tuned before.

What a chat model learned in its last step is not all that it learned to answer from. An ancestor that could not be looked
at counts where its name says that it was tuned.
"""

from __future__ import annotations

from collections.abc import Iterator

from openaudit.evidence import Evidence, Finding
from openaudit.probes import Case, Fact, probe
from openaudit.probes.stages import named_as_tuned
from openaudit.saying import phrase

EARLIER = Fact(
    "data.earlier_tuning",
    "Are the data of earlier tuning, of the models it was made from, named, and can anyone have them?",
    {
        "none": "it was made from no model that was seen to have been tuned itself",
        "open": "the data of earlier tuning are named one by one, and anyone can have them",
        "partly": "some data of earlier tuning are not named, or not everyone can have them",
        "unnamed": "no data of earlier tuning are named",
    },
)
_TUNING = frozenset({"fine-tuning", "preference"})
_WORST = ("unnamed", "partly", None, "open")
_OTHER_FORMS = frozenset({"sample", "index"})


@probe(EARLIER)
def earlier(case: Case) -> Iterator[Finding]:
    """The weakest answer among the tuned ancestors; what could not be looked at leaves it open."""
    found = [one for ancestor in case.ancestors if (one := _told(case, ancestor)) is not None]
    if found:
        yield min(found, key=lambda one: _WORST.index(one.value))
    else:
        yield Finding(EARLIER.name, "none", case.page_source)


def _told(case: Case, ancestor: Evidence | str) -> Finding | None:
    """How the tuning data of one ancestor are named; ``None`` where nothing says that it was tuned."""
    if isinstance(ancestor, str):
        if not named_as_tuned(ancestor):
            return None
        source = next((p.source for p in case.bases if p.id == ancestor), case.page_source)
        note = phrase("{id} was tuned, its name says, and could not be looked at", id=ancestor)
        return Finding(EARLIER.name, None, source, note=note)
    stages = [f for f in ancestor.all("stage.name") if f.value in _TUNING]
    if not stages:
        return None
    naming = [ancestor.get("stage.naming", f.about) for f in stages]
    sets = [f.about for f in ancestor.all("dataset.stage") if f.value in _TUNING]
    looks = [_had(ancestor, id) for id in sets]
    first = naming[0]
    note = phrase("those of {id}", id=ancestor.id)
    values = {f.value for f in naming}
    if not sets and values <= {"described", "undisclosed"}:
        return Finding(EARLIER.name, "unnamed", first.source, note=note)
    if values & {"described", "undisclosed", "partly"} or False in looks:
        return Finding(EARLIER.name, "partly", first.source, note=note)
    return Finding(EARLIER.name, None if None in values or None in looks else "open", first.source, note=note)


def _had(ancestor: Evidence, id: str) -> bool | None:
    """Whether anyone can have a data set itself."""
    status, form = ancestor.get("dataset.status", id).value, ancestor.get("dataset.form", id).value
    if status is None:
        return None
    return status == "available" and form not in _OTHER_FORMS
