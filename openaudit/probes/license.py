"""The licence: what is declared, what the licence files say, which one governs the weights, and what it lets one do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from openaudit import licenses
from openaudit.evidence import Finding, Source, Value
from openaudit.licenses import License, Reading
from openaudit.probes import Case, Fact, probe
from openaudit.reading.pointers import metadata_source

_ANYONE = {
    "use": ("anyone may use the model for any purpose", "the licence limits who may use the model, or for what", "the licence gives nobody leave to use the model"),
    "study": ("anyone may study the model", "the licence limits studying the model", "the licence gives nobody leave to study the model"),
    "modify": ("anyone may change the model", "the licence limits changing the model", "the licence does not allow changing the model"),
    "share": ("anyone may pass the model on, changed or not", "the licence limits passing the model on", "the licence does not allow passing the model on"),
}  # fmt: skip
FREEDOMS = tuple(_ANYONE)


def freedom(prefix: str, name: str, whose: str) -> Fact:
    """The fact that tells one freedom: granted, limited or denied."""
    granted, limited, denied = _ANYONE[name]
    asks = f"What {whose} let anyone do: {name}?"
    return Fact(f"{prefix}.{name}", asks, {"granted": granted, "limited": limited, "denied": denied})


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
CLAUSE = Fact("license.clause", "What does the licence restrict?", {"*": "the licence restricts: {value}"}, per="clause")
CONFLICT = Fact(
    "license.conflict",
    "Was a conflict seen between the metadata and the licence file?",
    {
        True: "the metadata and the licence file say different things",
        False: "no conflict between metadata and licence file was seen",
    },
)
POLICY = Fact(
    "license.policy",
    "Does a use policy stand beside the licence?",
    {True: "a use policy stands beside the licence", False: "no use policy stands beside the licence"},
)
GATED = Fact(
    "access.gated",
    "Must one ask before downloading?",
    {
        "no": "anyone can download without asking",
        "auto": "one must log in and accept conditions to download",
        "manual": "the maker decides who may download",
    },
)

_LICENSE_FILE = re.compile(r"^(?:.*[-_. ])?(?:licen[cs]e|copying|terms|agreement)(?:[-_. ].*)?$", re.IGNORECASE)
_POLICY_FILE = re.compile(r"(?:use|usage|acceptable|prohibited)[-_ ]?(?:use)?[-_ ]?(?:policy|restrictions?)", re.IGNORECASE)
_FOR_CODE = re.compile(r"(?:^|[-_. ])(?:code|src|software)(?:[-_. ]|$)", re.IGNORECASE)
_FOR_WEIGHTS = re.compile(r"(?:^|[-_. ])(?:models?|weights?)(?:[-_. ]|$)", re.IGNORECASE)
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
        reading = None if text is None else licenses.read(text)
        line, quote = _title(text) if text else (None, None)
        found.append(LicenseFile(path, reading, "part" if nested else component, case.file_source(path, line, quote)))
    return tuple(found)


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
    ids = [str(one).strip() for one in listed if isinstance(one, str | int | float) and str(one).strip()]
    if not ids:
        tags = case.repo.info.get("tags")
        tagged = [tag for tag in tags if isinstance(tag, str) and tag.startswith("license:")] if isinstance(tags, list) else []
        ids = [tag.split(":", 1)[1] for tag in tagged]
    return tuple(ids)


def named(case: Case) -> License | None:
    """The licence the metadata means: its id, or for "other" its name and its link."""
    ids = declared(case)
    found = [licenses.lookup(id) for id in ids]
    if len(found) > 1:
        return licenses.lookup(" AND ".join(ids)) if all(f.open is not None for f in found) else min(found, key=_freedom)
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


def governing(case: Case) -> Governing:
    """The licence over the weights: a file made for them, else the root licence file and the metadata together.

    Where file and metadata differ, the stricter of the two is taken, and the conflict is a finding of its own.
    """
    from_metadata = named(case)
    at = metadata_source(case.repo, case.card, "license")
    held = files(case)
    read = [f for f in held if f.reading and f.reading.license and f.component != "code"]
    for file in [f for f in read if f.component == "weights"] + [f for f in read if f.component == "all"]:
        license = file.reading.license if file.reading else None
        if license is None:
            continue
        if from_metadata is None or from_metadata.open is None and from_metadata.use is None:
            return Governing(license, file.source)
        if _freedom(license) < _freedom(from_metadata):
            return Governing(license, file.source, note="the licence file is stricter than the metadata")
        return Governing(from_metadata, at)
    if from_metadata is not None and (from_metadata.open is not None or from_metadata.use is not None):
        return Governing(from_metadata, at)
    unread = [f for f in held if f.reading is None and f.component != "code"]
    strange = [f for f in held if f.reading and f.reading.license is None and f.component != "code"]
    for file in read:
        return Governing(file.reading.license if file.reading else None, file.source, note="a licence file in a folder")
    if strange:
        return Governing(None, strange[0].source, known=False, note=f"{strange[0].path} is not a licence text that is known here")
    if unread:
        why = case.repo.unread.get(unread[0].path, "it was not gathered")
        return Governing(None, unread[0].source, known=False, note=f"{unread[0].path} could not be read: {why}")
    if from_metadata is not None or declared(case):
        return Governing(None, at, known=False, note=f"the metadata says {', '.join(declared(case))!r}, and nothing says what that is")
    if case.card_state == "unread" and not case.repo.card_data:
        why = case.repo.unread.get("README.md", "it was not gathered")
        return Governing(None, case.files_source, known=False, note=f"the model card could not be read: {why}")
    return Governing(None, case.page_source, note="looked for a licence in the metadata and among the files")


@probe(
    DECLARED, FILE, WEIGHTS, OPEN, CLAUSE, CONFLICT, POLICY, GATED,
    *(freedom("license", name, "does the model's own licence") for name in FREEDOMS),
)  # fmt: skip
def license(case: Case) -> Iterator[Finding]:
    """Reads the metadata, the licence files and the access settings."""
    ids = declared(case)
    at = metadata_source(case.repo, case.card, "license")
    if ids or case.card_state != "unread" or case.repo.card_data:
        yield Finding(DECLARED.name, ", ".join(ids) or "none", at, note="" if ids else "looked for a license key in the metadata")
    else:
        yield Finding(DECLARED.name, None, at, note="the model card could not be read")
    held = files(case)
    for file in held:
        why = case.repo.unread.get(file.path, "it was not gathered")
        value = None if file.reading is None else file.reading.license.id if file.reading.license else "unrecognised"
        how = f"could not be read: {why}" if file.reading is None else {"edited": "a changed text", "named": "named, not given in full"}.get(file.reading.how, "")
        yield Finding(FILE.name, value, file.source, file.path, how)
    govern = governing(case)
    found = govern.license
    value = None if not govern.known else found.id if found else "none"
    yield Finding(WEIGHTS.name, value, govern.source, note=govern.note)
    yield Finding(OPEN.name, (found.open if found else False) if govern.known else None, govern.source, note=govern.note)
    for name in FREEDOMS:
        grant: Value | None = None
        if govern.known:
            grant = getattr(found, name) if found else "denied"
        yield Finding(f"license.{name}", grant, govern.source, note=govern.note or (f"by {found.name}" if found else ""))
    yield from _clauses(case, govern, held)
    yield _conflict(case, held)
    policy = next((p for p in case.repo.paths if _POLICY_FILE.search(PurePosixPath(p).name)), None)
    yield Finding(POLICY.name, policy is not None, case.file_source(policy) if policy else case.files_source)
    gated = case.repo.info.get("gated")
    value = {False: "no", "auto": "auto", "manual": "manual", True: "manual"}.get(gated) if isinstance(gated, bool | str) else None
    if case.snapshot.local:
        value = "no"
    yield Finding(GATED.name, value, case.files_source, note="" if value else "the page does not say whether access is gated")


def _clauses(case: Case, govern: Governing, held: tuple[LicenseFile, ...]) -> Iterator[Finding]:
    """What the governing licence restricts: quoted from its file where it was read, else from the clause table."""
    if not govern.license:
        return
    file = next((f for f in held if f.reading and f.reading.license and f.reading.license.id == govern.license.id), None)
    quoted = {c.kind: c for c in reversed(file.reading.clauses)} if file and file.reading else {}
    for restriction in govern.license.restrictions:
        clause = quoted.get(restriction.kind)
        if clause and file:
            source = case.file_source(file.path, clause.line, clause.quote)
        else:
            source = Source(govern.license.url, quote=restriction.quote or None) if govern.license.url else govern.source
        yield Finding(CLAUSE.name, restriction.kind, source, restriction.kind, restriction.says)


def _conflict(case: Case, held: tuple[LicenseFile, ...]) -> Finding:
    """Whether the licence file contradicts the metadata. A file that could not be read contradicts nothing."""
    from_metadata = named(case)
    main = next((f for f in held if f.component in ("weights", "all")), None)
    if main is None:
        return Finding(CONFLICT.name, False, case.files_source, note="there is no licence file to compare with")
    if main.reading is None:
        return Finding(CONFLICT.name, False, main.source, note=f"{main.path} could not be read to compare")
    text = main.reading.license
    if text is None or from_metadata is None or (from_metadata.open is None and from_metadata.use is None):
        return Finding(CONFLICT.name, False, main.source, note="there are not two licences to compare")
    same = text.id == from_metadata.id or (text.open == from_metadata.open and _freedom(text) == _freedom(from_metadata))
    note = "" if same else f"the metadata says {from_metadata.id}, the file is {text.id}"
    return Finding(CONFLICT.name, not same, main.source, note=note)
