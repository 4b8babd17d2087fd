"""Training data: per stage, what is named, what is only described, and for each named set whether it can be had.

A name is not a release: every named data set is opened on the Hub (there? gated? files? licence?). A description is
not a name: "a mix of public data" names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from openaudit import licenses
from openaudit.evidence import Finding, Missing, NotLooked, Repo, Source, Value
from openaudit.probes import Case, Fact, probe
from openaudit.probes.firstdata import FIRST, FIRST_OPEN, first_training, of_another
from openaudit.probes.sizes import files_note, size_of
from openaudit.probes.stages import method, own_stages
from openaudit.reading import Sentence
from openaudit.reading.pointers import Pointer, metadata_source
from openaudit.reading.training_data import (
    ABOUT_DATA,
    STAGES,
    about_training,
    in_data_section,
    known_set,
    mentioned,
    stage_in,
    training_sentences,
)
from openaudit.saying import counted, listed, phrase

STAGE = Fact(
    "dataset.stage", "For which stage of training was this set used?", {"*": "it was used for {value}", "unspecified": "the page does not say for which stage"}, per="dataset", words=dict(STAGES)
)  # fmt: skip
STATUS = Fact(
    "dataset.status",
    "Can anyone download this data set?",
    {
        "available": "anyone can download it, and its files are there",
        "gated": "one must ask, or log in and accept conditions, to download it",
        "no-files": "its page exists, but the data are not in it",
        "missing": "it is not on the Hub (any more)",
        "withdrawn": "it has been taken down",
        "not-released": "it was never released",
    },
    per="dataset",
)
LICENSE = Fact(
    "dataset.license",
    "Which licence is the data set under?",
    {"*": "it is under {value}", "none": "it has no licence"},
    per="dataset",
)
OPEN = Fact(
    "dataset.open",
    "Do its terms let anyone use, study, change and share it?",
    {
        True: "its terms let anyone use, study, change and share it",
        False: "its terms do not let everyone use, study, change and share it",
    },
    per="dataset",
)
SIZE = Fact(
    "dataset.size",
    "How large are the files of this data set, in bytes?",
    {"*": "its files take {value} bytes"},
    per="dataset",
)
FORM = Fact(
    "dataset.form",
    "Is it the data themselves?",
    {
        "data": "it holds the data themselves",
        "sample": "it holds a sample of the data",
        "index": "it holds pointers to the data, not the data",
        "loader": "it holds a script that fetches the data from elsewhere",
    },
    per="dataset",
)
STAGE_NAME = Fact(
    "stage.name", "Which stage of training is this?", {"*": "the stage is {value}"}, per="stage", words=dict(STAGES)
)
NAMING = Fact(
    "stage.naming",
    "Are the data of this stage named one by one?",
    {
        "named": "the data sets are named one by one",
        "partly": "some of the data sets are named, others are not",
        "described": "the data are described in words, but not named",
        "undisclosed": "nothing is said about the data",
    },
    per="stage",
)
DESCRIPTION = Fact(
    "data.description",
    "How well are the training data described?",
    {
        "detailed": "the training data are documented in detail",
        "some": "the training data are described in general terms",
        "none": "the training data are not described",
    },
)
WITHHELD = Fact(
    "data.withheld",
    "Does the maker say that training data are not released?",
    {
        True: "the maker says that training data are not released",
        False: "the maker does not say that data are withheld",
    },
)

_UNNAMED = re.compile(
    r"\b(?:proprietary|in-house|internal(?:ly)?|non-?public|private|undisclosed|confidential|licensed from|third[- ]part(?:y|ies) data)\b.{0,50}\b(?:data|data\s?sets?|corpus|corpora|sources?)\b|"
    r"\b(?:data|data\s?sets?|corpus)\b.{0,50}\b(?:proprietary|in-house|undisclosed|confidential)\b|"
    r"\b(?:and (?:other|more)|among others?|amongst others?|etc\b|various other|such as)\b",
    re.IGNORECASE,
)
_WITHHELD = re.compile(
    r"(?:\b(?:data|data\s?sets?|corpus)\b.{0,60}\b(?:not|never|cannot|can't|won't|isn't|aren't|unable to)\b.{0,30}\b(?:releas\w+|disclos\w+|publish\w*|shar\w+|public(?:ly)?|available|open)\b)|"
    r"(?:\b(?:not|never|cannot|can't|won't|do not|don't|unable to)\b.{0,25}\b(?:releas\w+|disclos\w+|publish\w*|shar\w+)\b.{0,50}\b(?:training |pre-?training )?(?:data|data\s?sets?|corpus)\b)",
    re.IGNORECASE,
)
# Duties of those who use the data, data of others, and data that test: none of them is training data kept back.
_NOT_WITHHELD = re.compile(
    r"\b(?:data|data\s?sets?|corpus)\b[^.]{0,80}\b(?:may|must|shall|should) not\b|\b(?:you|users?|licensees?) (?:may|must|shall|can) ?not\b|"
    r"\b(?:evaluat\w+|test(?:ing)?|validation|benchmarks?|challenge|hidden)\b|"
    r"\bnot (?:\w+ )?available (?:from|in|on|for|at)\b(?! (?:the )?public)|\bso\b[^.]{0,40}\b(?:has|have|was|were) been used\b",
    re.IGNORECASE,
)
SUMMARY = re.compile(
    r"public[_ -]summary|data[_ -]?sheet|data[_ -]?card|data statement|training[_ -]data[_ -](?:summary|report|documentation)|template for the public summary|gpai.{0,40}summary",
    re.IGNORECASE,
)
_DERIVED_NAMES = (
    ("sample", re.compile(r"(?:^|[-_])(?:samples?|subset|mini|tiny|preview|demo)(?:$|[-_])", re.IGNORECASE)),
    (
        "index",
        re.compile(r"(?:^|[-_])(?:ids|urls?|index|hashes|metadata|pointers|embeddings|links)(?:$|[-_])", re.IGNORECASE),
    ),
)
_DATA_FILE = re.compile(
    r"\.(?:parquet|arrow|jsonl?|ndjson|csv|tsv|txt|text|xml|zip|tar|tgz|gz|bz2|xz|zst|lz4|7z|bin|idx|npy|npz|h5|hdf5|wav|mp3|"
    r"flac|ogg|m4a|jpe?g|png|webp|gif|mp4|webm|pdf|epub|db|sqlite3?|duckdb|warc|wet|vec|mds|tfrecord|msgpack|pkl|pt|ttl|nt|conllu?|md|html?|tex|pgn|mid|abc)$",
    re.IGNORECASE,
)
_NOT_DATA = re.compile(
    r"(?:^|/)(?:README(?:\.\w+)?|LICEN[CS]E[^/]*|\.[^/]+|dataset_infos?\.json|state\.json|config[^/]*\.json|croissant\.json|"
    r"requirements\.txt|dummy_data\.zip|CITATION[^/]*|NOTICE[^/]*|[^/]*urls?\.(?:txt|json|csv)|[^/]*\.ya?ml|assets/[^/]+|figures?/[^/]+)$|(?:^|/)dummy/",
    re.IGNORECASE,
)


@probe(STAGE, STATUS, SIZE, LICENSE, OPEN, FORM, STAGE_NAME, NAMING, FIRST, FIRST_OPEN, DESCRIPTION, WITHHELD)
def data(case: Case) -> Iterator[Finding]:
    """Opens each data set that the page names, then says per stage what is named, described or left unsaid."""
    found = tuple(_own(case))
    yield from found
    yield from first_training(case, found)


def _own(case: Case) -> Iterator[Finding]:
    """What this model's own page tells of data."""
    stages: dict[str, list[Pointer]] = {stage: [] for stage in own_stages(case)}
    default = method(case) or next(iter(stages), "unspecified" if case.bases else "pre-training")
    unplaced: list[Pointer] = []
    of_others = any(of_another(case, base.id) for base in case.bases)
    for pointer in case.data_sets:
        stage = pointer.relation or default
        if pointer.how == "metadata" and stage == "fine-tuning":
            stage = method(case) or stage  # trainers call whatever they make "a fine-tuned version"
        # A set known for first trainings, in a model made from somebody else's: which one it was for, nobody says.
        # Nor does the page of a copy say of which stage of the model it is a copy of.
        if stage == "unspecified" or (pointer.usual and pointer.relation in _FIRST_STAGES and of_others):
            stage = "unspecified"
            unplaced.append(pointer)
        else:
            stages.setdefault(stage, []).append(pointer)
        yield Finding(STAGE.name, stage, pointer.source, pointer.id)
        yield from _opened(case, pointer)
    talk = sorted(training_sentences(case.card), key=_tells_least) if case.card else []
    hidden = next((s for s in talk if _UNNAMED.search(s.text) and ABOUT_DATA.search(s.text)), None)
    for stage, pointers in stages.items():
        yield Finding(STAGE_NAME.name, stage, case.page_source, phrase(stage))
        yield _naming(case, stage, pointers or (unplaced if stage == default else []), talk, hidden, default)
    yield _description(case, {**stages, **({"unspecified": unplaced} if unplaced else {})}, talk)
    withheld = next(
        (
            s
            for s in (case.card.sentences() if case.card else ())
            if _WITHHELD.search(s.text) and not _NOT_WITHHELD.search(s.text) and not s.text.rstrip().endswith("?")
        ),
        None,
    )
    if withheld:
        yield Finding(WITHHELD.name, True, case.said(withheld.line, withheld.text))
    else:
        yield case.unless_unread(WITHHELD.name, False, phrase("a statement that data are withheld"))


def _opened(case: Case, pointer: Pointer) -> Iterator[Finding]:
    """What a look at one data set on the Hub finds."""
    found = case.snapshot.dataset(pointer.id)
    known = known_set(pointer.id) or {}
    gone = known.get("state") in ("withdrawn", "not-released")
    if not isinstance(found, Repo):
        note: str = (
            phrase(found.why) if isinstance(found, NotLooked) else phrase("looked for on the Hub, and not there")
        )
        if pointer.how == "words":
            note = phrase("it is named in words only: there is nothing to look up")
        if pointer.how == "collection":
            note = phrase("a collection of data sets, whose members were not opened")
        status = "missing" if isinstance(found, Missing) else None
        if status and pointer.how == "named":
            status, note = None, phrase("it is named in words, and was not found where it is usually kept")
        for fact in (LICENSE, OPEN, SIZE):
            yield Finding(fact.name, None, pointer.source, pointer.id, note)
        if known.get("state") in ("index", "sample"):
            yield Finding(
                FORM.name, known["state"], Source(str(known["source"])), pointer.id, phrase(str(known["note"]))
            )
        else:
            yield Finding(FORM.name, None, pointer.source, pointer.id, note)
        if gone:
            yield Finding(
                STATUS.name, str(known["state"]), Source(str(known["source"])), pointer.id, phrase(str(known["note"]))
            )
        else:
            yield Finding(STATUS.name, status, pointer.source, pointer.id, note)
        return
    where = Source(found.url(), gathered=found.gathered)
    files = [p for p in found.paths if _DATA_FILE.search(p) and not _NOT_DATA.search(p)]
    scripts = [p for p in found.paths if p.endswith(".py")]
    status, told = _status(found, files), files_note(found, files)
    if gone and status != "available":
        status, told = str(known["state"]), phrase("{one}; {other}", one=told, other=_known_note(known))
    yield Finding(STATUS.name, status, where, pointer.id, told)
    size = size_of(found)
    yield Finding(
        SIZE.name,
        size,
        where,
        pointer.id,
        "" if size is not None else phrase("the sizes of its files were not gathered"),
    )
    listed_form = known.get("state") if known.get("state") in ("index", "sample") else None
    yield Finding(
        FORM.name,
        listed_form or _form(found, files, scripts),
        where,
        pointer.id,
        _known_note(known) if listed_form else "",
    )
    yield from _terms(found, pointer, where)


def _known_note(known: Mapping[str, Any]) -> str:
    return phrase("{note} ({source})", note=phrase(str(known["note"])), source=str(known["source"]))


def _status(repo: Repo, files: list[str]) -> str | None:
    if repo.info.get("disabled") is True:
        return "withdrawn"
    if repo.info.get("gated") or repo.info.get("private") is True:
        return "gated"
    if "siblings" not in repo.info:
        return None
    return "available" if files else "no-files"


def _form(repo: Repo, files: list[str], scripts: list[str]) -> str | None:
    name = repo.id.split("/")[-1]
    for form, words in _DERIVED_NAMES:
        if words.search(name):
            return form
    if files:
        return "data"
    if scripts:
        return "loader"
    return "index" if any(re.search(r"urls?\.(?:txt|json|csv)$", p) for p in repo.paths) else None


def _terms(repo: Repo, pointer: Pointer, where: Source) -> Iterator[Finding]:
    value = repo.card_data.get("license")
    tags = repo.info.get("tags")
    ids = [str(v) for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)]
    if not ids and isinstance(tags, list):
        ids = [t.split(":", 1)[1] for t in tags if isinstance(t, str) and t.startswith("license:")]
    name = repo.card_data.get("license_name")
    told = "cardData" in repo.info or isinstance(tags, list)
    yield Finding(LICENSE.name, ", ".join(ids) or "none" if told else None, where, pointer.id)
    found = [licenses.lookup(id) for id in ids]
    if len(found) == 1 and found[0].open is None and isinstance(name, str):
        found = [licenses.lookup(name)]
    opens = [license.open for license in found]
    open_: Value | None = (
        (False if told else None) if not opens else False if False in opens else None if None in opens else True
    )
    note = (
        phrase("no licence gives permission")
        if told and not ids
        else ""
        if open_ is not None
        else phrase("{licence} does not say what is allowed", licence=listed(ids))
    )
    yield Finding(OPEN.name, open_, where, pointer.id, note)


# --------------------------------------------------------------------------- prose


def _tells_least(sentence: Sentence) -> tuple[int, bool]:
    """What says what the model was trained on comes before what speaks of training and data; a section on data first."""
    words = about_training(sentence.text)
    about = bool(ABOUT_DATA.search(words))
    tells = 0 if about and _TRAINED_ON.search(words) else 1 if about else 2
    return tells, not in_data_section(sentence.block)


_TRAINED_ON = re.compile(
    r"\b(?:pre-?|fine-?)?(?:trained|tuned)\b[^.]{0,60}?\b(?:on|with|using|from)\b(?! scratch)|训练", re.IGNORECASE
)


_FIRST_STAGES = ("pre-training", "mid-training")
_ONLY_MENTIONED = phrase("the page speaks of its training data; whether it says what they are could not be told")


def _naming(
    case: Case, stage: str, pointers: list[Pointer], talk: list[Sentence], hidden: Sentence | None, default: str
) -> Finding:
    if pointers:
        source = pointers[0].source
        note, more = listed(p.id for p in pointers[:3]), len(pointers) - 3
        if more > 0:
            note = counted("{first} and {n} more", "{first} and {n} more", more, first=note)
        if hidden and not any(p.id.lower() in hidden.text.lower() for p in pointers):
            return Finding(
                NAMING.name,
                "partly",
                case.said(hidden.line, hidden.text),
                phrase(stage),
                phrase("named: {sets}; the card speaks of further data", sets=note),
            )
        return Finding(NAMING.name, "named", source, phrase(stage), note)
    words = dict(STAGES)[stage]
    general = (stage, "") if stage == default else (stage,)  # what names no stage is said of the model's own training
    said = next((s for s in talk if words.search(s.text) and stage_in(s.text) in general), None)
    said = said or next((s for s in talk if stage_in(s.text) in general), None)
    if said:
        return Finding(NAMING.name, "described", case.said(said.line, said.text), phrase(stage))
    if stage == default and (spoken := mentioned(case.card) if case.card else None):
        return Finding(NAMING.name, None, case.said(spoken.line, spoken.text), phrase(stage), _ONLY_MENTIONED)
    looked_for = phrase("data sets in the metadata and words about training data")
    return case.unless_unread(NAMING.name, "undisclosed", looked_for, phrase(stage))


def _description(case: Case, stages: dict[str, list[Pointer]], talk: list[Sentence]) -> Finding:
    """Detailed: a data document of its own, or every stage's sets named and themselves documented."""
    if case.card:
        for link, _ in case.card.links():
            if SUMMARY.search(link.text) or SUMMARY.search(PurePosixPath(link.url.split("?")[0]).name):
                return Finding(
                    DESCRIPTION.name,
                    "detailed",
                    case.said(link.line, link.text or link.url),
                    note=phrase("a document about the data of its own"),
                )
    beside = next((p for p in case.repo.paths if SUMMARY.search(PurePosixPath(p).name)), None)
    if beside:
        return Finding(
            DESCRIPTION.name, "detailed", case.file_source(beside), note=phrase("a document about the data of its own")
        )
    if stages and all(stages.values()):
        looks = [case.snapshot.dataset(p.id) for pointers in stages.values() for p in pointers]
        if all(isinstance(look, Repo) and "README.md" in look.paths for look in looks):
            source = metadata_source(case.repo, case.card, "datasets")
            return Finding(
                DESCRIPTION.name, "detailed", source, note=phrase("every data set is named and has a card of its own")
            )
    if talk or any(stages.values()):
        first = next((p.source for found in stages.values() for p in found if p.how != "metadata"), None)
        source = first or metadata_source(case.repo, case.card, "datasets")
        source = case.said(talk[0].line, talk[0].text) if talk else source
        return Finding(DESCRIPTION.name, "some", source)
    if spoken := mentioned(case.card) if case.card else None:
        return Finding(DESCRIPTION.name, None, case.said(spoken.line, spoken.text), note=_ONLY_MENTIONED)
    return case.unless_unread(DESCRIPTION.name, "none", phrase("words about the training data"))
