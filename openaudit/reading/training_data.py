"""Training data as a page names it: data sets in the metadata, behind links, and by name in words — each with its stage.

Names in words are recognised from a short list of well-known data sets (``datasets.yaml``), in sentences that speak of
training this model. They count for a stage only where metadata and links name nothing for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from openaudit.evidence import Repo, Source
from openaudit.reading.card import Block, Card, Link, sentences_of
from openaudit.reading.elsewhere import sent_to
from openaudit.reading.known_sets import known_sets, usual_stage
from openaudit.reading.named_data import LOADERS, PLACEHOLDER, configured, linked_name, names
from openaudit.reading.pointers import Pointer, card_source, hub_link, line_of, listed, metadata_source, valid_id
from openaudit.reading.training_talk import (
    APART,
    EVALUATION,
    STAGES,
    TRAINING_TALK,
    in_data_section,
    leads,
    stage_in,
    training_sentences,
)

MAX_DATASETS = 500  # named by one page; gathering looks at fewer, and the rest is unknown
_TRAINING = re.compile(
    r"\b(?:pre-?train|train(?:ed|ing)|fine-?tun|finetun|sft|dpo|rlhf|instruct(?:ion)?[- ]?tun|preference|post-?train|anneal|"
    r"mid-?train|corpus|corpora)|训练|entraîn|entrenamiento|addestra",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:provide|offer|releas|shar|publish|available)\w*\b[^.]{0,40}\b(?:models|versions|variants|checkpoints)\b",
    re.IGNORECASE,
)


MAX_EVALUATION_SETS = 10  # linked by one page; further ones are not looked at
_RESULTS = re.compile(r"(?:^|/)(?:open-llm-leaderboard/|details_)|[-_](?:results|details)$", re.IGNORECASE)


def evaluation_sets(repo: Repo, card: Card | None) -> tuple[Pointer, ...]:
    """The data sets that a page links where it speaks of evaluation, and not of training; pages of results are none."""
    found: dict[str, Pointer] = {}
    of_tests = _memo(_about_tests)
    for link, block in card.links() if card else ():
        hub = hub_link(link.url)
        if not hub or hub[0] != "datasets" or hub[1] in found or _RESULTS.search(hub[1]):
            continue
        if len(found) < MAX_EVALUATION_SETS and of_tests(block):
            where = card_source(repo, link.line, line_of(block, link))
            found[hub[1]] = Pointer(hub[1], "card", where, "evaluation", block)
    return tuple(found.values())


_EVALUATED_ON = re.compile(r"\b(?:evaluated|tested|benchmarked) (?:on|with|against)\b", re.IGNORECASE)


def _about_tests(block: Block) -> bool:
    heads = block.section[1:] or block.section
    under = any(EVALUATION.search(head) and not _TRAINING.search(head) for head in heads)
    return (under or bool(_EVALUATED_ON.search(block.text))) and not _TRAINING.search(block.text)


def _memo(asks: Callable[[Block], bool]) -> Callable[[Block], bool]:
    """Asks once for each block: a block may hold thousands of links."""
    told: dict[int, bool] = {}

    def ask(block: Block) -> bool:
        if id(block) not in told:
            told[id(block)] = asks(block)
        return told[id(block)]

    return ask


def _at(repo: Repo, line: int, id: str) -> Source:
    return Source(repo.url("README.md"), "README.md", line, f"- {id}"[:300], repo.gathered)


def _tagged(repo: Repo) -> list[str]:
    """The data sets among the Hub's tags, which it takes from metadata wherever in the card these stand."""
    tags = (tag for tag in listed(repo.info.get("tags")) if isinstance(tag, str))
    return [id for tag in tags if tag.startswith("dataset:") and (id := valid_id(tag.partition(":")[2]))]


def _own_lines(card: Card | None) -> dict[str, int]:
    """The lines of the metadata that hold one value, as of a list: the value, and its line."""
    if card is None or not card.front.present:
        return {}
    lines = card.text.split("\n", card.front.lines)[: card.front.lines]
    return {line.strip(" -\t\r'\""): i + 1 for i, line in enumerate(lines) if line.lstrip().startswith("-")}


def _about_training(block: Block) -> bool:
    context = " ".join((*block.section[1:], block.text, *block.header))
    apart = APART.search(" ".join(block.section[-1:])) and not in_data_section(block)
    return (
        bool(_TRAINING.search(context))
        and not apart
        and not any(EVALUATION.search(head) and not _TRAINING.search(head) for head in block.section[1:])
    )


_COLLECTION = re.compile(r"^https://(?:huggingface\.co|hf\.co)/collections/[\w.-]+/[\w.-]+")


def data_sets(repo: Repo, card: Card | None) -> tuple[Pointer, ...]:
    """The data sets the page names as training data; ``relation`` is the stage its words tell, or empty.

    A collection of data sets on the Hub names its members by reference: it stands as one, and is not opened. Where
    nothing is named, a place that the page sends its reader to for the data stands for them.
    """
    data = repo.card_data or (card.front.data if card else {})
    values = [
        value
        for value in listed(data.get("datasets")) or _tagged(repo)
        if str(value).strip().lower() not in LOADERS and not PLACEHOLDER.search(str(value))
    ]
    ids = [id for id in (valid_id(value) for value in values) if id]
    trained_on = [id for id in ids[:MAX_DATASETS] if not _only_evaluated(_mentions(card, id))] if card else []
    source = metadata_source(repo, card, "datasets")
    about = _memo(_about_training)
    own_lines = _own_lines(card)
    leading = leads(card) if card else {}
    found = {}
    for id in trained_on or ids[:MAX_DATASETS]:
        told = _stage_told(card, id, leading) if card else ""
        where = _at(repo, own_lines[id], id) if id in own_lines else source
        found[id] = Pointer(id, "metadata", where, told or usual_stage(id), usual=not told)
    for name in (value.strip() for value in values if isinstance(value, str) and value.strip() and not valid_id(value)):
        if _DESCRIBES.search(name) or (card and _only_evaluated(_mentions(card, name))):
            continue
        found[name[:96]] = Pointer(name[:96], "words", source, usual_stage(name), usual=bool(usual_stage(name)))
    if card is None:
        return tuple(found.values())
    declared = {pointer.relation for pointer in found.values()}
    for link, block in card.links():
        hub = hub_link(link.url)
        if not (hub and hub[0] == "datasets" and hub[1] not in found and about(block)):
            continue
        said = _stage_at(link, block)
        # What the metadata declare comes first; words beside them count where they tell of another stage.
        further = said and block.kind != "row" and declared.isdisjoint({said, ""}) and not _OTHERS.search(block.text)
        if not EVALUATION.search(link.text) and (further or not ids):
            where = card_source(repo, link.line, line_of(block, link))
            stage = said or ("" if ids else _stage([block], leading) or usual_stage(hub[1]))
            found[hub[1]] = Pointer(hub[1], "card", where, stage, block)
    for name, line, stage in () if found else configured(card):
        found[name] = Pointer(
            name, "card" if "/" in name and valid_id(name) else "words", card_source(repo, line, name), stage
        )
    if not found:
        for link, block in card.links():
            if (
                _COLLECTION.search(link.url)
                and about(block)
                and re.search(r"\bdata", link.text + " " + block.text, re.IGNORECASE)
            ):
                where = card_source(repo, link.line, line_of(block, link))
                name = f"collection {link.url.split('/collections/', 1)[1][:80]}"
                stage = _stage_at(link, block) or _stage([block], leading)
                found.setdefault(name, Pointer(name, "collection", where, stage, block))
    covered = {pointer.relation for pointer in found.values()}
    known = list(_named(repo, card, leading))
    for pointer in known or _called(repo, card, leading):
        if pointer.id not in found and not (covered and (not pointer.relation or covered & {pointer.relation, ""})):
            found[pointer.id] = pointer
    for link, sentence in () if found else sent_to(card):
        place = link.url.partition("://")[2][:96]
        where = card_source(repo, sentence.line, sentence.text)
        found.setdefault(place, Pointer(place, "elsewhere", where, stage_in(sentence.text), sentence.block))
    return tuple(found.values())[:MAX_DATASETS]


def _stage(blocks: Sequence[Block], leads: Mapping[int, str], name: str = "") -> str:
    """The stage that the words around a data set tell: its row, its sentences, what leads to its list, its heading."""
    for block in blocks:
        own = block.text
        if name and block.kind not in ("row", "item"):
            told = " ".join(s.text for s in sentences_of(block) if _plain(name) in _plain(s.text))
            own = told if stage_in(told) or not in_data_section(block) else own
        for text in (" ".join(block.cells[:1]), own, leads.get(id(block), ""), *reversed(block.section[1:])):
            if stage := stage_in(text):
                return stage
    return ""


_REMEMBERED = 2000  # characters of a text that is kept
_SEPARATORS = dict.fromkeys(map(ord, " \t\n_-"))


def _plain(name: str) -> str:
    """A name as it is heard: "Libri-Light" is "libri_light"."""
    return _short(name) if len(name) < _REMEMBERED else name.lower().translate(_SEPARATORS)


@lru_cache(maxsize=2048)  # every name is looked for in the same blocks
def _short(name: str) -> str:
    return name.lower().translate(_SEPARATORS)


def _stage_told(card: Card, id: str, leading: Mapping[int, str]) -> str:
    """The stage that the card tells for a data set: at a link to it, else around its name."""
    blocks = _mentions(card, id)
    links = ((link, block) for block in blocks for link in block.links if hub_link(link.url) == ("datasets", id))
    return next((stage for link, block in islice(links, 8) if (stage := _stage_at(link, block))), "") or _stage(
        blocks, leading, id.split("/")[-1]
    )


def _stage_at(link: Link, block: Block) -> str:
    """The stage that a link's own words tell, or the last one named before it in its sentence."""
    if stage := stage_in(link.text):
        return stage
    if block.kind == "row" or not link.text or not TRAINING_TALK.search(block.text):
        return ""
    sentence = next((s.text for s in sentences_of(block) if " ".join(link.text.split()) in s.text), "")
    before = sentence.split(" ".join(link.text.split()))[0]
    told = [(match.end(), stage) for stage, words in STAGES for match in words.finditer(before)]
    return max(told)[1] if told else ""


# Words that describe, and are no name: "biomedical literature from two libraries"
_OF_TESTS = re.compile(rf"{EVALUATION.pattern}|\btests?\b", re.IGNORECASE)
_DESCRIBES = re.compile(r"^[a-z]\w* (?:\w+ )*(?:from|of|in|with|about)\b")


def _only_evaluated(blocks: Sequence[Block]) -> bool:
    """Whether a page speaks of a data set only where it speaks of evaluation, and not of "training and evaluation data"."""
    return bool(blocks) and all(
        any(_OF_TESTS.search(head) and not _TRAINING.search(head) for head in _heads(block))
        and not _TRAINING.search(block.text)
        for block in blocks
    )


def _heads(block: Block) -> tuple[str, ...]:
    return block.section[1:] + ((block.text,) if block.kind == "heading" else ())


def _mentions(card: Card, id: str) -> list[Block]:
    name = _plain(id.split("/")[-1])
    if len(name) < 4:
        return []
    named = (b for b in card.prose if any(id.lower() in link.url.lower() for link in b.links) or name in _plain(b.text))
    return list(islice(named, 8))


_COMPARED = re.compile(
    r"\b(?:unlike|compared|than|outperform\w*|similar to|inspired by|instead of|not|excluding|without|removed|decontaminat\w*|evaluat\w*)\b",
    re.IGNORECASE,
)


def _named(repo: Repo, card: Card, leading: Mapping[int, str]) -> Iterator[Pointer]:
    """Well-known data sets that sentences about training name, with the stage the sentence tells."""
    for sentence in training_sentences(card, about_data=False):
        if sentence.text.startswith("http") or len(sentence.text) > 1200:
            continue
        for pattern, entry in known_sets():
            match = pattern.search(sentence.text)
            after = sentence.text[match.end() : match.end() + 30] if match else ""
            if (
                match
                and not _COMPARED.search(sentence.text[: match.start()] + after)
                and not re.match(r"[- ](?:like|style)\b", after)
            ):
                told = stage_in(sentence.text) or _stage([sentence.block], leading, match[0])
                yield Pointer(
                    entry.get("id") or entry["name"],
                    "named",
                    card_source(repo, sentence.line, sentence.text),
                    told or str(entry["stage"]),
                    sentence.block,
                    usual=not told,
                )


def _called(repo: Repo, card: Card, leading: Mapping[int, str]) -> Iterator[Pointer]:
    """Data sets that sentences about training call by a name that nothing is known of."""
    for sentence in training_sentences(card, about_data=False):
        if sentence.text.startswith("http") or len(sentence.text) > 1200 or _COMPARED.search(sentence.text):
            continue
        for name in (*names(sentence.text), *linked_name(sentence)):
            where = card_source(repo, sentence.line, sentence.text)
            stage = stage_in(sentence.text) or _stage([sentence.block], leading, name)
            yield Pointer(name, "words", where, stage, sentence.block)
