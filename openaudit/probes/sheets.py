"""Data sheets, and the two documents that EU law asks of every general-purpose model's maker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from openaudit.evidence import Evidence, Finding, NotLooked, Repo, Source
from openaudit.probes import Case, Fact, probe
from openaudit.probes.stages import own_stages
from openaudit.probes.telling import SUMMARY
from openaudit.reading.pointers import Pointer
from openaudit.reading.subjects import TEMPLATE
from openaudit.saying import phrase

DATASHEET = Fact(
    "documents.datasheet",
    "Are there data sheets for the training data?",
    {
        "own": "there is a data sheet or a summary of the training data",
        "all": "the data sets of every stage of training are named, and have a card of their own",
        "some": "some of the training data have a card of their own",
        "none": "no data sheet for the training data was found",
    },
)
SUMMARY_LINK = Fact(
    "documents.data_summary",
    "Is there a public summary of the training content?",
    {
        True: "there is a public summary of the training content",
        False: "no public summary of the training content was found",
    },
)
COPYRIGHT = Fact(
    "documents.copyright_policy",
    "Is there a copyright policy for the training data?",
    {
        True: "there is a copyright policy for the training data",
        False: "no copyright policy for the training data was found",
    },
)
_COPYRIGHT = re.compile(
    r"copyright (?:policy|polic|compliance)|code[ _-]of[ _-]practice|copyright[ _-]and[ _-]transparency", re.IGNORECASE
)
_PUBLIC_SUMMARY = re.compile(
    r"public[_ -]summary|summary[_ -]of[_ -](?:the[_ -])?training[_ -](?:content|data)|data[_ -]summary", re.IGNORECASE
)
_COPYRIGHT_FILE = re.compile(r"copyright[_ -](?:policy|compliance)", re.IGNORECASE)
# What a copyright policy speaks of: whose rights, and what the maker does about them.
_POLICY_WORDS = re.compile(
    r"reserv\w+ of rights|reserved rights|robots\.txt|opt(?:ed|ing)?[ -]?outs?|right[- ]?s? ?holders?|\b(?:EU\) )?2019/790\b|complain\w*|take-?down",
    re.IGNORECASE,
)
_FIRST_TRAINING = frozenset({"pre-training", "mid-training"})


@probe(DATASHEET, SUMMARY_LINK, COPYRIGHT)
def sheets(case: Case) -> Iterator[Finding]:
    """Looks at links, at the files beside the weights, at sections of the card, and at the cards of the data sets."""
    yield _datasheet(case)
    yield _document(case, SUMMARY_LINK, _PUBLIC_SUMMARY, _PUBLIC_SUMMARY, phrase("a summary of the training content"))
    policy = _document(case, COPYRIGHT, _COPYRIGHT, _COPYRIGHT_FILE, phrase("a copyright policy"))
    yield (_on_the_page(case) or policy) if policy.value is False else policy


def _document(case: Case, fact: Fact, called: re.Pattern[str], file: re.Pattern[str], thing: str) -> Finding:
    """A document that the card links by its name or its file's name, or that lies beside the weights."""
    for link, _ in case.card.links() if case.card else ():
        if called.search(link.text) or called.search(link.url.rsplit("/", 1)[-1]):
            return Finding(fact.name, True, case.said(link.line, link.text or link.url))
    beside = next((path for path in case.repo.paths if file.search(PurePosixPath(path).name)), None)
    if beside:
        return Finding(fact.name, True, case.file_source(beside), note=phrase("beside the weights"))
    return case.unless_unread(fact.name, False, thing)


def _on_the_page(case: Case) -> Finding | None:
    """A section of the card that is the policy: titled so, and saying whose rights are kept, and how."""
    for sentence in case.card.sentences() if case.card else ():
        titled = any(_COPYRIGHT.search(head) for head in sentence.block.section[-1:])
        if titled and sentence.block.kind != "heading" and _POLICY_WORDS.search(sentence.text):
            return Finding(
                COPYRIGHT.name, True, case.said(sentence.line, sentence.text), note=phrase("a section of the card")
            )
    return None


def _datasheet(case: Case) -> Finding:
    document = _document(case, DATASHEET, SUMMARY, SUMMARY, phrase("data cards and data sheets"))
    if document.value is True:
        return Finding(DATASHEET.name, "own", document.source, note=document.note)
    # A data set that is only named in words is not led to: its card says nothing on this page.
    looks = [(p, case.snapshot.dataset(p.id)) for p in case.data_sets if p.how in ("metadata", "card")]
    carded = [(p, look) for p, look in looks if isinstance(look, Repo) and _has_card(look)]
    if carded:
        first, look = carded[0]
        value = "all" if len(carded) == len(looks) and _cover(case, [p for p, _ in carded]) else "some"
        source = Source(look.url("README.md"), "README.md", gathered=look.gathered)
        return Finding(DATASHEET.name, value, source, note=phrase("such as that of {id}", id=first.id))
    unseen = next((p for p, look in looks if isinstance(look, NotLooked)), None)
    unseen = unseen or next((p for p in case.data_sets if p.how == "elsewhere"), None)
    if unseen:
        return Finding(DATASHEET.name, None, unseen.source, note=phrase("{id} could not be looked at", id=unseen.id))
    return case.unless_unread(DATASHEET.name, "none", phrase("data cards and data sheets"))


def _cover(case: Case, sets: list[Pointer]) -> bool:
    """Whether these data sets are those of every stage: of this model's own stages, and of what it was made from."""
    stages = own_stages(case)
    default = next(iter(stages), "pre-training")
    covered = {pointer.relation or default for pointer in sets}
    if not covered >= set(stages):
        return False
    if not case.bases or covered & _FIRST_TRAINING:
        return True
    told = [a.get(DATASHEET.name).value if isinstance(a, Evidence) else None for a in case.ancestors]
    return bool(told) and all(value in ("own", "all") for value in told)


def _has_card(repo: Repo) -> bool:
    """Whether a data set has a card with something in it; one that was not read gets the benefit of the doubt."""
    text = repo.files.get("README.md")
    return "README.md" in repo.paths if text is None else len(TEMPLATE.sub("", text).split("---")[-1].strip()) > 20
