"""Lineage: what the model was made from, and what its ancestors' licences leave of the freedoms.

A child is never freer than an ancestor that somebody else made. What the same maker published before does not bind
that maker's own grant, so an ancestor of the same owner narrows nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from openaudit import licenses
from openaudit.evidence import Evidence, Finding, Missing, Repo, Source, Value
from openaudit.licenses import License
from openaudit.probes import Case, Fact, probe
from openaudit.probes.case import maker
from openaudit.probes.freedoms import FREEDOMS, freedom
from openaudit.probes.license import governing
from openaudit.probes.stages import tuned_by_name
from openaudit.probes.weights import weight_files
from openaudit.reading.known_models import family_license, publicly_known
from openaudit.reading.pointers import Pointer
from openaudit.saying import listed, phrase

DERIVED = Fact(
    "lineage.derived",
    "Was the model made from another one?",
    {
        "named": "the page names what the model was made from",
        "unnamed": "the page says that the model was tuned, and names no model that it was made from",
        "no": "the page names no model it was made from",
    },
)
TUNED = Fact(
    "lineage.tuned",
    "Was the model tuned to follow instructions or a task, after its first training?",
    {
        True: "the model was tuned after its first training",
        False: "nothing says that the model was tuned after its first training",
    },
)
BASE_WEIGHTS = Fact(
    "lineage.base_weights",
    "Are the weights that its tuning started from shared?",
    {
        "open": "anyone can download the weights that its tuning started from",
        "gated": "one must ask to download the weights that its tuning started from",
        "none": "the weights that its tuning started from are not shared",
    },
)
RELATION = Fact(
    "lineage.relation",
    "How was it made from this ancestor?",
    {"*": "made from it by: {value}", "unspecified": "made from it, the page does not say how"},
    per="ancestor",
)
LOOKED = Fact(
    "lineage.looked",
    "Could this ancestor be looked at?",
    {True: "this ancestor was looked at", False: "this ancestor does not exist on the Hub (any more)"},
    per="ancestor",
)
DECLARED = Fact(
    "lineage.declared",
    "Does the metadata declare what the model was made from?",
    {
        True: "the metadata declares what the model was made from",
        False: "only the card's words tell what it was made from",
    },
)
LAUNDERED = Fact(
    "lineage.laundered",
    "Was a licence seen that promises more than an ancestor allows?",
    {
        True: "its licence promises more than a model it was made from allows",
        False: "no ancestor was seen whose licence allows less than this one promises",
    },
)
OPEN = Fact(
    "terms.open",
    "Are model and ancestors under open licences?",
    {
        True: "the licences of the model and of what it was made from are open ones",
        False: "the licence of the model, or of a model it was made from, is not an open one",
    },
)
STRICTEST = Fact(
    "terms.from",
    "Which model's licence sets the limits?",
    {"*": "the limits come from {value}"},
)

_RANK = {"denied": 0, "limited": 1, "granted": 2}


@probe(
    DERIVED, TUNED, BASE_WEIGHTS, RELATION, LOOKED, DECLARED, LAUNDERED, OPEN, STRICTEST,
    *(freedom("terms", name, "do the licences of model and ancestors") for name in FREEDOMS),
)  # fmt: skip
def lineage(case: Case) -> Iterator[Finding]:
    """Reads base_model, its relation and what the card says of the model's origin; then its ancestors' licences."""
    if case.bases:
        yield Finding(
            DERIVED.name,
            "named",
            case.bases[0].source,
            note=phrase("from {ids}", ids=listed(p.id for p in case.bases[:3])),
        )
        yield Finding(DECLARED.name, case.bases[0].how == "metadata", case.bases[0].source)
    elif case.tuned and not any(p.relation == "pre-training" for p in case.data_sets):
        said = case.said(case.tuned.line, case.tuned.text)
        yield Finding(
            DERIVED.name,
            "unnamed",
            said,
            note=phrase("looked for base_model in the metadata and for a link in the words"),
        )
        yield Finding(DECLARED.name, False, said)
    else:
        yield case.unless_unread(
            DERIVED.name, "no", phrase("base_model in the metadata and an origin in the card's words")
        )
    tuned = bool(case.bases) or case.tuned is not None or tuned_by_name(case)
    yield Finding(TUNED.name, tuned, case.bases[0].source if case.bases else case.page_source)
    yield _base_weights(case, tuned)
    for pointer in case.bases:
        yield Finding(RELATION.name, pointer.relation, pointer.source, pointer.id)
        yield _looked(case, pointer)
    yield from _terms(case)


def _base_weights(case: Case, tuned: bool) -> Finding:
    """The weights of the oldest ancestor that was looked at; for a model trained from scratch, its own.

    Where the oldest ancestor was itself tuned, from weights that it does not name, those are what is asked about.
    """
    gate = {False: "open", "auto": "gated", "manual": "gated"}
    known = [a for a in case.ancestors if isinstance(a, Evidence)]
    if known:
        oldest = known[-1].get(BASE_WEIGHTS.name)
        return Finding(
            BASE_WEIGHTS.name, oldest.value, oldest.source, note=oldest.note or phrase("those of {id}", id=known[-1].id)
        )
    if case.bases:
        return _publicly_known_weights(case)
    if tuned:
        return Finding(
            BASE_WEIGHTS.name,
            "none",
            case.page_source,
            note=phrase("the page names no model that its tuning started from"),
        )
    if "siblings" in case.repo.info and not weight_files(case.repo.paths):
        return Finding(
            BASE_WEIGHTS.name,
            "none",
            case.files_source,
            note=phrase("looked for weight files of {id}", id=case.repo.id),
        )
    gated = case.repo.info.get("gated")
    return Finding(
        BASE_WEIGHTS.name,
        gate.get(gated) if isinstance(gated, bool | str) else None,
        case.files_source,
        note=phrase("{id} was trained from scratch: its own weights", id=case.repo.id),
    )


def _publicly_known_weights(case: Case) -> Finding:
    """None of the models it was made from could be looked at: what is publicly known of the last of them that is known."""
    for pointer in reversed(case.bases):
        known = publicly_known(pointer.id)
        if known and known.weights:
            note = phrase("those of {id}, which was not looked at here", id=pointer.id)
            return Finding(BASE_WEIGHTS.name, known.weights, Source(known.source), note=note)
    note = phrase("the model it was made from could not be looked at")
    return Finding(BASE_WEIGHTS.name, None, case.bases[0].source, note=note)


def _looked(case: Case, pointer: Pointer) -> Finding:
    if pointer.how == "named":
        return Finding(
            LOOKED.name,
            None,
            pointer.source,
            pointer.id,
            phrase("it is named in words only: there is nothing to look up"),
        )
    found = case.snapshot.model(pointer.id)
    if isinstance(found, Repo):
        return Finding(LOOKED.name, True, Source(found.url(), gathered=found.gathered), pointer.id)
    if isinstance(found, Missing):
        return Finding(LOOKED.name, False, pointer.source, pointer.id, phrase("looked for on the Hub, and not there"))
    return Finding(LOOKED.name, None, pointer.source, pointer.id, phrase(found.why))


def _terms(case: Case) -> Iterator[Finding]:
    """Own licence and those of ancestors by other makers, taken together: the strictest of each freedom."""
    govern = governing(case)
    own = govern.license
    others = [a for a in case.ancestors if _other(a, case)]
    known = [a for a in others if isinstance(a, Evidence)]
    told_by_name = {p.id: p for p in case.bases if p.how == "named"}
    by_name = [
        (told_by_name[a], licenses.lookup(family_license(a) or ""))
        for a in others
        if isinstance(a, str) and a in told_by_name
    ]
    lost = [a for a in others if isinstance(a, str) and a not in told_by_name]
    worst_from = ""
    for name in FREEDOMS:
        mine: Value | None = (getattr(own, name) if own else "denied") if govern.known else None
        grants: list[tuple[Value | None, Source | None, str]] = [(mine, govern.source, case.repo.id)]
        grants += [(a.get(f"license.{name}").value, a.get(f"license.{name}").source, a.id) for a in known]
        grants += [(getattr(license, name), pointer.source, pointer.id) for pointer, license in by_name]
        told = [(_RANK[str(value)], source, id) for value, source, id in grants if value in _RANK]
        unknown = [id for value, _, id in grants if value not in _RANK] + lost
        rank, source, id = min(told, key=lambda t: t[0]) if told else (2, govern.source, "")
        settled = told and (rank < _RANK["granted"] or not unknown)
        value = next(grant for grant, r in _RANK.items() if r == rank) if settled else None
        note = phrase("from the licence of {id}", id=id) if settled and id != case.repo.id else ""
        if not settled:
            note = govern.note or _not_told(unknown)
        if settled and rank < _RANK["granted"] and not worst_from:
            worst_from = id
        yield Finding(f"terms.{name}", value, source, note=note)
    opens: list[bool | None] = [(own.open if own else False) if govern.known else None]
    opens += [v if isinstance(v := a.get("license.open").value, bool) else None for a in known] + [None] * len(lost)
    opens += [license.open for _, license in by_name]
    closed = _closed(known, by_name)
    value_open = False if False in opens else None if None in opens else True
    source, note = (
        (closed[1], phrase("{model} is under {licence}", model=closed[0], licence=closed[2]))
        if closed and opens[0] is not False
        else (govern.source, govern.note)
    )
    if value_open is None and not note:
        note = _not_told(lost or [case.repo.id])
    yield Finding(OPEN.name, value_open, source, note=note)
    yield Finding(STRICTEST.name, worst_from or case.repo.id, source)
    if own and own.open and closed and closed[2] == "none":
        # Without a licence there is no leave to pass it on. But one may be given elsewhere: no accusation.
        note = phrase("it says {own}; {model} gives no licence that would allow it", own=own.id, model=closed[0])
        yield Finding(LAUNDERED.name, None, govern.source, note=note)
    elif own and own.open and closed:
        note = phrase("it says {own}; {model} is under {licence}", own=own.id, model=closed[0], licence=closed[2])
        yield Finding(LAUNDERED.name, True, govern.source, note=note)
    elif own and own.open and lost:
        yield Finding(LAUNDERED.name, None, govern.source, note=_not_told(lost))
    else:
        yield Finding(
            LAUNDERED.name, False, govern.source, note="" if case.ancestors else phrase("the page names no ancestor")
        )


def _not_told(ids: list[str]) -> str:
    return phrase("the licence could not be told of {ids}", ids=listed(ids[:3]))


def _closed(known: list[Evidence], by_name: list[tuple[Pointer, License]]) -> tuple[str, Source | None, str] | None:
    """The first ancestor whose licence is not an open one: its id, where that was read, and the licence.

    One that gives no licence at all comes last.
    """
    for ancestor in sorted(known, key=lambda a: a.get("license.weights").value == "none"):
        if ancestor.get("license.open").value is False:
            weights = ancestor.get("license.weights")
            return ancestor.id, weights.source, str(weights.value)
    for pointer, license in by_name:
        if license.open is False:
            return pointer.id, pointer.source, license.name
    return None


def _other(ancestor: Evidence | str, case: Case) -> bool:
    id = ancestor.id if isinstance(ancestor, Evidence) else ancestor
    return maker(id) != maker(case.repo.id) or not maker(id)
