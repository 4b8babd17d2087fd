"""What the words of a page tell of its training data: how each stage's are named, how well they are described, what is withheld."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import PurePosixPath

from openaudit.evidence import Fact, Finding, Repo, Source
from openaudit.probes.case import Case
from openaudit.reading import Sentence
from openaudit.reading.named_base import may_be_named
from openaudit.reading.pointers import Pointer, line_of, metadata_source
from openaudit.reading.training_talk import (
    ABOUT_DATA,
    STAGES,
    about_training,
    in_data_section,
    may_name,
    mentioned,
    stage_in,
    training_sentences,
)
from openaudit.saying import counted, listed, phrase

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
    r"\b(?:and|various|several|many) (?:other|more) (?:[\w-]+ ){0,3}(?:data|data\s?sets?|corpus|corpora|sources?|web ?sites|texts?|documents)\b|"
    r"\b(?:data|data\s?sets?|corpus|corpora|sources?)\b[^.]{0,80}(?:\bsuch as\b|\bamong(?:st)? others?\b|\betc\b|\band (?:other|more)s?\W*$)",
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


def sentences_on_data(case: Case) -> list[Sentence]:
    """What the card says of its training data, what tells most first."""
    return sorted(training_sentences(case.card), key=_tells_least) if case.card else []


def withheld(case: Case) -> Finding:
    """Whether the maker says that training data are kept back."""
    for sentence in case.card.sentences() if case.card else ():
        text = sentence.text
        if _WITHHELD.search(text) and not _NOT_WITHHELD.search(text) and not text.rstrip().endswith("?"):
            return Finding(WITHHELD.name, True, case.said(sentence.line, text))
    return case.unless_unread(WITHHELD.name, False, phrase("a statement that data are withheld"))


def _tells_least(sentence: Sentence) -> tuple[int, bool]:
    """What says what the model was trained on comes before what speaks of training and data; a section on data first."""
    words = about_training(sentence.text)
    about = bool(ABOUT_DATA.search(words))
    tells = 0 if about and _TRAINED_ON.search(words) else 1 if about else 2
    return tells, not in_data_section(sentence.block)


_TRAINED_ON = re.compile(
    r"\b(?:pre-?|fine-?)?(?:trained|tuned)\b(?:(?!\b(?:steps|epochs)\b)[^.]){0,60}?\b(?:on|with|using|from)\b(?! scratch)|训练",
    re.IGNORECASE,
)


# Words around a link to what gathers the training data anew, or lists what they are.
_REBUILDS = re.compile(
    r"\b(?:training|pre-?training) (?:data|corpus)\b[^.]{0,30}\b(?:reconstruct\w*|rebuild\w*|reproduc\w*|download\w*|manifests?|inventory|sources)\b|"
    r"\b(?:reconstruct|rebuild|reproduc|download)(?:e|s|ing)?\b[^.]{0,40}\b(?:training|pre-?training) (?:data|corpus)\b",
    re.IGNORECASE,
)
_LINKS = 16  # of one block that are weighed
_ONLY_MENTIONED = phrase("the page speaks of its training data; whether it says what they are could not be told")


_TOLD_ELSEWHERE = phrase("the page sends its reader elsewhere for the data, and what is there was not looked at")
_MAY_BE_NAMES = phrase("the data are described, and some of the words may be names of data sets")
_OTHER_STAGES = phrase(
    "the page tells of data of other stages only; whether there was this one, too, could not be told"
)
_OF_A_BASE = phrase("it was tuned from another model, and which one could not be told from the page")


def naming(
    case: Case, stage: str, stages: Mapping[str, Sequence[Pointer]], talk: Sequence[Sentence], default: str
) -> Finding:
    """How a stage's data are named. What names no stage is said of the ``default`` one."""
    pointers = stages.get(stage) or (stages.get("unspecified", ()) if stage == default else ())
    others = any(
        not one.usual for other, found in stages.items() if other not in (stage, "unspecified") for one in found
    )
    if pointers and all(pointer.how == "elsewhere" for pointer in pointers):
        return Finding(NAMING.name, None, pointers[0].source, phrase(stage), _TOLD_ELSEWHERE)
    if pointers:
        source = pointers[0].source
        note, more = listed(p.id for p in pointers[:3]), len(pointers) - 3
        if more > 0:
            note = counted("{first} and {n} more", "{first} and {n} more", more, first=note)
        hidden = next((s for s in talk if _UNNAMED.search(s.text) and _tells_least(s)[0] == 0), None)
        if hidden and not any(p.id.lower() in hidden.text.lower() for p in pointers):
            return Finding(
                NAMING.name,
                "partly",
                case.said(hidden.line, hidden.text),
                phrase(stage),
                phrase("named: {sets}; the card speaks of further data", sets=note),
            )
        return Finding(NAMING.name, "named", source, phrase(stage), note)
    words = dict(STAGES).get(stage)
    general = {stage, ""} if stage == default else {stage}
    if stage == default == "preference" and "fine-tuning" not in stages:
        general.add("fine-tuning")  # trainers call whatever they make "a fine-tuned version"
    said = next((s for s in talk if words and words.search(s.text) and stage_in(s.text) in general), None)
    said = said or next((s for s in talk if stage_in(s.text) in general), None)
    if said and case.card and may_name(case.card, said, (s for s in talk if stage_in(s.text) in general)):
        return Finding(NAMING.name, None, case.said(said.line, said.text), phrase(stage), _MAY_BE_NAMES)
    if said:
        return Finding(NAMING.name, "described", case.said(said.line, said.text), phrase(stage))
    if stage == default and case.card:
        may_tell = chain(talk if stage == "unspecified" else (), mentioned(case.card))
        spoken = next((s for s in may_tell if stage == "unspecified" or stage_in(s.text) in general), None)
        if spoken:
            return Finding(NAMING.name, None, case.said(spoken.line, spoken.text), phrase(stage), _ONLY_MENTIONED)
    if stage == "pre-training" and stage != default and not case.bases and may_be_named(case.card, case.repo.id):
        return Finding(NAMING.name, None, case.page_source, phrase(stage), _OF_A_BASE)
    if stage == default and others:
        return Finding(NAMING.name, None, case.page_source, phrase(stage), _OTHER_STAGES)
    looked_for = phrase("data sets in the metadata and words about training data")
    return case.unless_unread(NAMING.name, "undisclosed", looked_for, phrase(stage))


def linked(case: Case) -> Source | None:
    """Where a page leads to what tells of its training data: a document on them, or code that gathers them anew."""
    if (document := _document(case)) is not None:
        return document
    for block in case.card.blocks if case.card else ():
        if block.links and _REBUILDS.search(block.text):
            for link in block.links[:_LINKS]:
                words = line_of(block, link)
                if link.url.startswith("http") and _REBUILDS.search(words):
                    return case.said(link.line, words)
    return None


def _document(case: Case) -> Source | None:
    """A document on the training data: linked by its name or its file's name, or beside the weights."""
    for link, _ in case.card.links() if case.card else ():
        if SUMMARY.search(link.text) or SUMMARY.search(PurePosixPath(link.url.split("?")[0]).name):
            return case.said(link.line, link.text or link.url)
    beside = next((p for p in case.repo.paths if SUMMARY.search(PurePosixPath(p).name)), None)
    return case.file_source(beside) if beside else None


def description(case: Case, stages: Mapping[str, Sequence[Pointer]], talk: Sequence[Sentence]) -> Finding:
    """Detailed: a data document of its own, or every stage's sets named and themselves documented."""
    if (document := _document(case)) is not None:
        return Finding(DESCRIPTION.name, "detailed", document, note=phrase("a document about the data of its own"))
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
    if case.card and (spoken := next(mentioned(case.card), None)):
        return Finding(DESCRIPTION.name, None, case.said(spoken.line, spoken.text), note=_ONLY_MENTIONED)
    return case.unless_unread(DESCRIPTION.name, "none", phrase("words about the training data"))
