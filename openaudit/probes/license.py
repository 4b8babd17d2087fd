"""The licence: what is declared, what the licence files say, which one governs the weights, and what it lets one do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from openaudit import licenses
from openaudit.evidence import Finding, Source, Value
from openaudit.licenses import RESTRICTIONS, License, Reading
from openaudit.licenses.book import restrict
from openaudit.licenses.clauses import clause_for
from openaudit.probes import Case, Fact, probe
from openaudit.probes.freedoms import FREEDOMS, freedom
from openaudit.reading.pointers import metadata_source
from openaudit.reading.terms import Statement, license_statements, prohibitions
from openaudit.saying import phrase

DECLARED = Fact(
    "license.declared",
    "Which licence does the card's metadata declare?",
    {"*": "the metadata declares the licence {value}", "none": "the metadata declares no licence"},
)
FILE = Fact(
    "license.file",
    "What is this licence file?",
    {"*": "the file is {value}", "unrecognised": "the file is not a licence text that is known here"},
    per="license-file",
)
WEIGHTS = Fact(
    "license.weights",
    "Which licence governs the weights?",
    {"*": "the weights are under {value}", "none": "no licence is given for the weights"},
)
OPEN = Fact(
    "license.open",
    "Is that licence an open one?",
    {True: "the licence is an open one", False: "the licence is not an open one"},
)
CLAUSE = Fact(
    "license.clause",
    "What does the licence restrict?",
    {"*": "the licence restricts: {value}"},
    per="clause",
    words=RESTRICTIONS,
)
CONFLICT = Fact(
    "license.conflict",
    "Was a conflict seen between the metadata, the licence file and the card's words?",
    {
        True: "metadata, licence file and card say different things of the licence",
        False: "no conflict between metadata, licence file and card was seen",
    },
)
POLICY = Fact(
    "license.policy",
    "Does a use policy stand beside the licence?",
    {True: "a use policy stands beside the licence", False: "no use policy stands beside the licence"},
)

_LICENSE_FILE = re.compile(r"^(?:.*[-_. ])?(?:licen[cs]e|copying|terms|agreement)(?:[-_. ].*)?$", re.IGNORECASE)
_POLICY_FILE = re.compile(
    r"(?:use|usage|acceptable|prohibited)[-_ ]?(?:use)?[-_ ]?(?:policy|restrictions?)", re.IGNORECASE
)
_FOR_CODE = re.compile(r"(?:^|[-_. ])(?:code|src|software)(?:[-_. ]|$)", re.IGNORECASE)
_FOR_WEIGHTS = re.compile(r"(?:^|[-_. ])(?:models?|weights?)(?:[-_. ]|$)", re.IGNORECASE)
_PLACEHOLDERS = frozenset(
    {"license", "licence"}
)  # what card templates leave where a licence would stand: `licence: license`
_TEXT = frozenset({"", ".txt", ".md", ".rst", ".html", ".0", ".1", ".2"})


@dataclass(frozen=True, slots=True)
class Governing:
    """The licence over the weights with the place it was read. ``license`` is ``None`` where none is given.

    ``known`` is false where one exists that could not be read: then nothing can be told.
    """

    license: License | None
    source: Source
    known: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class LicenseFile:
    """A licence file: its path, its reading (``None`` where it could not be read), and what it is for."""

    path: str
    reading: Reading | None
    component: str
    source: Source


@lru_cache(maxsize=8)
def files(case: Case) -> tuple[LicenseFile, ...]:
    """The licence files of a repository, those at the root first."""
    found = []
    for path in sorted(set(case.repo.paths) | set(case.repo.files), key=lambda p: (p.count("/"), p)):
        pure = PurePosixPath(path)
        if pure.suffix.lower() not in _TEXT or not _LICENSE_FILE.match(pure.name) or _POLICY_FILE.search(pure.name):
            continue
        nested = "/" in path
        component = "code" if _FOR_CODE.search(pure.stem) else "weights" if _FOR_WEIGHTS.search(pure.stem) else "all"
        text = case.repo.files.get(path)
        reading = None if text is None else _read(text)
        line, quote = _title(text) if text else (None, None)
        found.append(LicenseFile(path, reading, "part" if nested else component, case.file_source(path, line, quote)))
    return tuple(found)


_read = lru_cache(maxsize=64)(licenses.read)  # most licence files are copies of a few texts


def _title(text: str) -> tuple[int | None, str | None]:
    """The first line of a text that says something."""
    for i, line in enumerate(text.split("\n")[:40]):
        if len(re.sub(r"\W", "", line)) > 3:
            return i + 1, line.strip(" \t#*<>-=/").strip()[:200]
    return None, None


def declared(case: Case) -> tuple[str, ...]:
    """The licence ids in the metadata; a list is kept whole."""
    data = case.repo.card_data or (case.card.front.data if case.card else {})
    value = data.get("license", data.get("licence"))
    listed = value if isinstance(value, list) else [value]
    ids = [str(one).strip() for one in listed if isinstance(one, str | int | float)]
    ids = [id for id in ids if id and id.lower() not in _PLACEHOLDERS]
    if not ids:
        tags = case.repo.info.get("tags")
        tagged = (
            [tag for tag in tags if isinstance(tag, str) and tag.startswith("license:")]
            if isinstance(tags, list)
            else []
        )
        ids = [tag.split(":", 1)[1] for tag in tagged]
    return tuple(id for id in ids if id.lower() not in _PLACEHOLDERS)


def named(case: Case) -> License | None:
    """The licence the metadata means: its id, or for "other" its name and its link."""
    ids = declared(case)
    found = [licenses.lookup(id) for id in ids]
    if len(found) > 1:
        return (
            licenses.lookup(" AND ".join(ids)) if all(f.open is not None for f in found) else min(found, key=_freedom)
        )
    if found and (found[0].use is not None or found[0].open is not None):
        return found[0]
    data = case.repo.card_data or (case.card.front.data if case.card else {})
    name = data.get("license_name")
    if isinstance(name, str) and name.strip():
        by_name = licenses.lookup(name)
        if by_name.use is not None or by_name.open is not None:
            return by_name
    return found[0] if found else None


def _freedom(license: License) -> int:
    order = {"denied": 0, "limited": 1, None: 2, "granted": 3}
    return sum(order[grant] for grant in (license.use, license.study, license.modify, license.share))


def _by_its_clauses(file: LicenseFile) -> License | None:
    """A licence that is not known as a whole, whose own words restrict: whatever else it says, it is no open one."""
    if file.reading is None or file.reading.license is not None or not file.reading.clauses:
        return None
    kinds = {clause.kind: clause for clause in reversed(file.reading.clauses)}
    restrictions = tuple(restrict(kind, quote=clause.quote) for kind, clause in sorted(kinds.items()))
    title = file.source.quote or file.path
    return License(
        id=phrase("the terms in {file}", file=file.path), name=title, open=False, use="limited", study=None, modify="limited", share="limited",
        restrictions=restrictions, obligations=(), url="", scope="model", source="licence text",
    )  # fmt: skip


def _unknown(source: Source, note: str) -> Governing:
    return Governing(None, source, known=False, note=note)


def _told(license: License | None) -> bool:
    """Whether anything can be said of what a licence allows."""
    return license is not None and (license.open is not None or license.use is not None)


@lru_cache(maxsize=8)
def stated(case: Case) -> tuple[tuple[Statement, License], ...]:
    """What the card's words say of the licence of the weights: those that name a licence which is known here first."""
    found = []
    for statement in license_statements(case.card) if case.card else ():
        if statement.component in ("weights", "all"):
            license = licenses.lookup(statement.name)
            if not _told(license):  # the link behind a name may say what the name does not
                license = next((x for x in map(licenses.lookup, statement.targets) if _told(x)), license)
            if _told(license) or re.search(r"licen[cs]e|agreement|rail|协议", statement.name, re.IGNORECASE):
                found.append((statement, license))
    return tuple(sorted(found, key=lambda pair: not _told(pair[1])))


@lru_cache(maxsize=8)
def governing(case: Case) -> Governing:
    """The licence over the weights: metadata, licence files and the card's words together.

    Where they differ, the strictest is taken, and the conflict is a finding of its own.
    """
    found = _by_files(case)
    said = [(statement, license) for statement, license in stated(case) if _told(license)]
    if said and not _told(found.license):
        statement, license = min(said, key=lambda pair: _freedom(pair[1]))
        found = Governing(license, case.said(statement.line, statement.quote), note=phrase("as the card's words say"))
    elif said and found.license and found.license.open:
        stricter = next(((s, x) for s, x in said if x.open is False), None)
        if stricter:
            note = phrase("the card's words are stricter than its metadata")
            found = Governing(stricter[1], case.said(stricter[0].line, stricter[0].quote), note=note)
    elif found.license is None and found.known and (other := stated(case)):
        found = _unknown(
            case.said(other[0][0].line, other[0][0].quote),
            phrase("the card speaks of {name}, which is not known here", name=repr(other[0][0].name)),
        )
    return _limited_by_words(case, found)


def _limited_by_words(case: Case, found: Governing) -> Governing:
    """An open licence with a condition or a prohibition put beside it in the card is not that licence any more."""
    if not found.license or not found.license.open:
        return found
    conditioned = next((s for s, license in stated(case) if license.open and s.condition), None)
    forbidden = next(prohibitions(case.card), None) if case.card else None
    if conditioned:
        line, quote = conditioned.line, conditioned.quote
    elif forbidden:
        line, quote = forbidden.line, forbidden.text
    else:
        return found
    narrowed = replace(
        found.license,
        id=phrase("{id}, limited by the card", id=found.license.id),
        open=False,
        use="limited",
        share="limited",
    )
    return Governing(narrowed, case.said(line, quote), note=phrase("the card's words limit what its licence allows"))


def _by_files(case: Case) -> Governing:
    """The licence by metadata and files: a file made for the weights first, then the root licence file."""
    from_metadata = named(case)
    at = metadata_source(case.repo, case.card, "license")
    held = files(case)
    read = [f for f in held if ((f.reading and f.reading.license) or _by_its_clauses(f)) and f.component != "code"]
    for file in [f for f in read if f.component == "weights"] + [f for f in read if f.component == "all"]:
        license = (file.reading.license if file.reading else None) or _by_its_clauses(file)
        if license is None:
            continue
        if not _told(from_metadata) or from_metadata is None:
            return Governing(license, file.source)
        if _freedom(license) < _freedom(from_metadata):
            return Governing(license, file.source, note=phrase("the licence file is stricter than the metadata"))
        return Governing(from_metadata, at)
    if _told(from_metadata):
        return Governing(from_metadata, at)
    unread = [f for f in held if f.reading is None and f.component != "code"]
    strange = [f for f in held if f.reading and f.reading.license is None and f.component != "code"]
    for file in read:
        license = (file.reading.license if file.reading else None) or _by_its_clauses(file)
        return Governing(license, file.source, note=phrase("a licence file in a folder"))
    if strange:
        note = phrase("{file} is not a licence text that is known here", file=strange[0].path)
        return _unknown(strange[0].source, note)
    if unread:
        path = unread[0].path
        note = phrase("{file} could not be read: {why}", file=path, why=case.why_unread(path))
        return _unknown(unread[0].source, note)
    if from_metadata is not None or declared(case):
        said = repr(", ".join(declared(case)))
        return _unknown(at, phrase("the metadata says {licence}, and nothing says what that is", licence=said))
    if case.card_state == "unread" and not case.repo.card_data:
        note = phrase("the model card could not be read: {why}", why=case.why_unread("README.md"))
        return _unknown(case.files_source, note)
    note = phrase("looked for a licence in the metadata, among the files and in the card's words")
    return Governing(None, case.page_source, note=note)


_HOW = {"edited": phrase("a changed text"), "named": phrase("named, not given in full")}


@probe(
    DECLARED, FILE, WEIGHTS, OPEN, CLAUSE, CONFLICT, POLICY,
    *(freedom("license", name, "does the model's own licence") for name in FREEDOMS),
)  # fmt: skip
def license(case: Case) -> Iterator[Finding]:
    """Reads the metadata, the licence files and the access settings."""
    ids = declared(case)
    at = metadata_source(case.repo, case.card, "license")
    if ids or case.card_state != "unread" or case.repo.card_data:
        note = "" if ids else phrase("looked for a license key in the metadata")
        yield Finding(DECLARED.name, ", ".join(ids) or "none", at, note=note)
    else:
        yield Finding(DECLARED.name, None, at, note=phrase("the model card could not be read"))
    held = files(case)
    for file in held:
        value = None if file.reading is None else file.reading.license.id if file.reading.license else "unrecognised"
        how = (
            phrase("could not be read: {why}", why=case.why_unread(file.path))
            if file.reading is None
            else _HOW.get(file.reading.how, "")
        )
        yield Finding(FILE.name, value, file.source, file.path, how)
    govern = governing(case)
    found = govern.license
    value = None if not govern.known else found.id if found else "none"
    yield Finding(WEIGHTS.name, value, govern.source, note=govern.note)
    yield Finding(
        OPEN.name, (found.open if found else False) if govern.known else None, govern.source, note=govern.note
    )
    for name in FREEDOMS:
        grant: Value | None = None
        if govern.known:
            grant = getattr(found, name) if found else "denied"
        by = phrase("by {licence}", licence=found.name) if found else ""
        yield Finding(f"license.{name}", grant, govern.source, note=govern.note or by)
    yield from _clauses(case, govern, held)
    yield _conflict(case, held, govern)
    policy = next((p for p in case.repo.paths if _POLICY_FILE.search(PurePosixPath(p).name)), None)
    yield Finding(POLICY.name, policy is not None, case.file_source(policy) if policy else case.files_source)


def _clauses(case: Case, govern: Governing, held: tuple[LicenseFile, ...]) -> Iterator[Finding]:
    """What the governing licence restricts: quoted from its file where it was read, else from the clause table."""
    if not govern.license:
        return
    file = next(
        (f for f in held if f.reading and f.reading.license and f.reading.license.id == govern.license.id), None
    )
    found = file.reading.clauses if file and file.reading else ()
    for restriction in govern.license.restrictions:
        clause = clause_for(restriction, found)
        if clause and file:
            source = case.file_source(file.path, clause.line, clause.quote)
        else:
            source = (
                Source(govern.license.url, quote=restriction.quote or None) if govern.license.url else govern.source
            )
        yield Finding(CLAUSE.name, restriction.kind, source, phrase(restriction.kind), phrase(restriction.says))


def _conflict(case: Case, held: tuple[LicenseFile, ...], govern: Governing) -> Finding:
    """Whether licence file, card and metadata contradict each other. What could not be read contradicts nothing."""
    from_metadata = named(case)
    if from_metadata and from_metadata.open and govern.note.startswith("the card's words"):
        note = phrase("the metadata says {licence}; {note}", licence=from_metadata.id, note=govern.note)
        return Finding(CONFLICT.name, True, govern.source, note=note)
    main = next((f for f in held if f.component in ("weights", "all")), None)
    if main is None:
        return Finding(CONFLICT.name, False, case.files_source, note=phrase("there is no licence file to compare with"))
    if main.reading is None:
        return Finding(CONFLICT.name, False, main.source, note=phrase("{file} could not be read", file=main.path))
    text = main.reading.license or _by_its_clauses(main)
    if text is None or from_metadata is None or not _told(from_metadata):
        return Finding(CONFLICT.name, False, main.source, note=phrase("there are not two licences to compare"))
    alike = text.open == from_metadata.open and _freedom(text) == _freedom(from_metadata)
    same = text.id == from_metadata.id or alike
    note = phrase("the metadata says {licence}, the file is {other}", licence=from_metadata.id, other=text.id)
    return Finding(CONFLICT.name, not same, main.source, note="" if same else note)
