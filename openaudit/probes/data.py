"""Training data: per stage, what is named, what is only described, and for each named set whether it can be had.

A name is not a release: every named data set is opened on the Hub (there? gated? files? licence?). A description is
not a name: "a mix of public data" names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openaudit import licenses
from openaudit.evidence import Finding, Missing, NotLooked, Repo, Source
from openaudit.probes import Case, Fact, probe
from openaudit.probes.firstdata import FIRST, FIRST_OPEN, first_training, of_another
from openaudit.probes.sizes import files_note, size_of
from openaudit.probes.stages import method, own_stages
from openaudit.probes.telling import DESCRIPTION, NAMING, WITHHELD, description, naming, sentences_on_data, withheld
from openaudit.reading import Sentence
from openaudit.reading.known_sets import known_set
from openaudit.reading.pointers import Pointer
from openaudit.reading.training_talk import STAGES, stage_in
from openaudit.saying import listed, phrase

STAGE = Fact(
    "dataset.stage", "For which stage of training was this set used?", {"*": "it was used for {value}", "unspecified": "for which stage could not be told"}, per="dataset", words=dict(STAGES)
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
    "stage.name",
    "Which stage of training is this?",
    {"*": "the stage is {value}", "unspecified": "which stage it is could not be told"},
    per="stage",
    words=(*dict(STAGES), "unspecified"),
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


_FIRST_STAGES = ("pre-training", "mid-training")


@probe(STAGE, STATUS, SIZE, LICENSE, OPEN, FORM, STAGE_NAME, NAMING, FIRST, FIRST_OPEN, DESCRIPTION, WITHHELD)
def data(case: Case) -> Iterator[Finding]:
    """Opens each data set that the page names, then says per stage what is named, described or left unsaid."""
    found = tuple(_own(case))
    yield from found
    yield from first_training(case, found)


def _own(case: Case) -> Iterator[Finding]:
    """What this model's own page tells of data."""
    own = own_stages(case)
    stages: dict[str, list[Pointer]] = {stage: [] for stage in own}
    default = method(case) or next(iter(stages), "unspecified")
    unplaced: list[Pointer] = []
    not_first = any(of_another(case, base.id) for base in case.bases) or not (case.bases or "pre-training" in own)
    for pointer in case.data_sets:
        stage = pointer.relation or default
        if pointer.how == "metadata" and stage == "fine-tuning":
            stage = method(case) or stage  # trainers call whatever they make "a fine-tuned version"
        # A set known for first trainings, in a model made from somebody else's, or on a page that tells of no first
        # training: which one it was for, nobody says.
        # Nor does the page of a copy say of which stage of the model it is a copy of.
        if stage == "unspecified" or (pointer.usual and pointer.relation in _FIRST_STAGES and not_first):
            stage = "unspecified"
            unplaced.append(pointer)
        else:
            stages.setdefault(stage, []).append(pointer)
        yield Finding(STAGE.name, stage, pointer.source, pointer.id)
        yield from _opened(case, pointer)
    talk = sentences_on_data(case)
    if not (stages.get(default) or unplaced) and _told_otherwise(stages, default, talk):
        stages.pop(default, None)
    named = {**stages, **({"unspecified": unplaced} if unplaced else {})}
    for stage in stages:
        yield Finding(STAGE_NAME.name, stage, case.page_source, phrase(stage))
        yield naming(case, stage, named, talk, default)
    yield description(case, named, talk)
    yield withheld(case)


_CONTINUED = re.compile(r"\bcontinu\w+[- ](?:\w+ )?pre-?train|\bfurther pre-?train", re.IGNORECASE)


def _told_otherwise(stages: Mapping[str, Sequence[Pointer]], default: str, talk: Sequence[Sentence]) -> bool:
    """Whether the stage that was only supposed is another one, which the page tells: "continued pre-training on …"."""
    if default == "unspecified":
        return any(stages.values())
    continued = any(_CONTINUED.search(one.text) for one in talk)
    return continued and any(stages.values()) and all(stage_in(one.text) != default for one in talk)


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
        if pointer.how == "elsewhere":
            note = phrase("it is a place on the Web, and no data set on the Hub")
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
    files = data_files(found)
    scripts = [p for p in found.paths if p.endswith(".py")]
    status, told = status_of(found, files), files_note(found, files)
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


def status_of(repo: Repo, files: Sequence[str]) -> str | None:
    """Whether anyone can download a data set that is there, with these files in it; ``None``: not known."""
    if repo.info.get("disabled") is True:
        return "withdrawn"
    if repo.info.get("gated") or repo.info.get("private") is True:
        return "gated"
    if "siblings" not in repo.info:
        return None
    return "available" if files else "no-files"


def data_files(repo: Repo) -> list[str]:
    """The files of a data set that hold data."""
    return [p for p in repo.paths if _DATA_FILE.search(p) and not _NOT_DATA.search(p)]


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
    told, ids, open_ = terms_of(repo)
    yield Finding(LICENSE.name, ", ".join(ids) or "none" if told else None, where, pointer.id)
    note = (
        phrase("no licence gives permission")
        if told and not ids
        else ""
        if open_ is not None
        else phrase("{licence} does not say what is allowed", licence=listed(ids))
    )
    yield Finding(OPEN.name, open_, where, pointer.id, note)


def terms_of(repo: Repo) -> tuple[bool, list[str], bool | None]:
    """Whether a data set's licence is told at all, which it names, and whether they are open ones (``None``: not known)."""
    value = repo.card_data.get("license")
    tags = repo.info.get("tags")
    ids = [str(v) for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)]
    if not ids and isinstance(tags, list):
        ids = [t.split(":", 1)[1] for t in tags if isinstance(t, str) and t.startswith("license:")]
    name = repo.card_data.get("license_name")
    told = "cardData" in repo.info or isinstance(tags, list)
    found = [licenses.lookup(id) for id in ids]
    if len(found) == 1 and found[0].open is None and isinstance(name, str):
        found = [licenses.lookup(name)]
    opens = [license.open for license in found]
    if not opens:
        return told, ids, False if told else None
    return told, ids, False if False in opens else None if None in opens else True
