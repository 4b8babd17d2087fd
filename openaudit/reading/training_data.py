"""Training data as a page names it: data sets in the metadata, behind links, and by name in words — each with its stage.

Names in words are recognised from a short list of well-known data sets (``datasets.yaml``), in sentences that speak of
training this model. They count for a stage only where metadata and links name nothing for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from openaudit.evidence import Repo, Source
from openaudit.reading.card import Block, Card, Link, Sentence, sentences_of
from openaudit.reading.named_data import LOADERS, PLACEHOLDER, configured, linked_name, names
from openaudit.reading.pointers import Pointer, card_source, hub_link, line_of, listed, metadata_source, valid_id
from openaudit.reading.shipped import once, table

MAX_DATASETS = 500  # named by one page; gathering looks at fewer, and the rest is unknown

STAGES = (
    ("preference", re.compile(r"\b(?:dpo|rlhf|rlvr|ppo|grpo|preference|reward model|reinforcement learning|alignment)\b", re.IGNORECASE)),
    ("fine-tuning", re.compile(r"\b(?:post-?train\w*|(?:supervised )?fine-?tun\w*|finetun\w*|sft|instruct(?:ion)?(?:[- ]tun\w*)?|chat data)\b|微调|指令", re.IGNORECASE)),
    ("mid-training", re.compile(r"\b(?:mid-?train\w*|anneal\w*|continued pre-?train\w*|stage 2|long[- ]context (?:extension|train\w*))\b", re.IGNORECASE)),
    ("pre-training", re.compile(r"\bpre-?train\w*|预训练|pré-?entra[iî]nement", re.IGNORECASE)),
)  # fmt: skip
_TRAINING_TALK = re.compile(
    r"\b(?:pre-?|post-?)?train(?:ed|ing)\b.{0,60}?\b(?:on|with|using|from|data|data\s?sets?|corpus|corpora|tokens)\b|"
    r"\b(?:training|pre-?training|fine-?tuning) (?:data|data\s?set|corpus|mix\w*)|"
    r"(?<!the )(?:fine-?tuned|finetuned|finetuning|fine-?tuning) (?:[\w./@-]+ ){0,8}?(?:on|with|using)\b|"
    r"^\W*(?:(?:training )?data\s?sets?(?: used)?|sources)\s*[:：|]\s*(?!n/?a\b|none\b|unkn?own\b|[\d.]+$)\S|"
    r"\bused (?:for|to) (?:the )?(?:fine-?|pre-?)?(?:train|tun)|\bfine-?tuning (?:of|for)\b.{0,60}\b(?:utili[sz]ed|used|employed)\b|\b(?:we|i) used\b.{0,100}\bfor (?:the )?(?:fine-?|pre-?)?(?:train|tun)ing\b|"
    r"\bfor (?:the )?(?:fine-?|pre-?)?(?:train|tun)ing,? (?:we|i) used\b|训练数据|数据集|données d['’]entra[iî]nement|"
    r"datos de entrenamiento|Trainingsdaten|dati di addestramento",
    re.IGNORECASE,
)
ABOUT_DATA = re.compile(
    r"\b(?:tokens|corpus|corpora|data\s?sets?|data sources?|web (?:data|documents|pages|text)|crawl\w*|wikipedia|books|code|images?|audio|hours|sources?|documents|texts?|articles|examples|tweets|posts|"
    r"pairs|sentences|recordings|speech|transcripts|reviews|comments|conversations|dialogues?|abstracts|podcasts|audiobooks|subtitles|passages|songs|lyrics|stories|poems|novels?|utterances|captions|videos|photos)\b|数据|语料|données|datos",
    re.IGNORECASE,
)
# "trained on tweets": whatever stands there is data, unless it is a machine, a task, a length or another model
_OBJECT = re.compile(
    r"\b(?:pre-?|post-?|fine-?)?(?:trained|tuned) (?:on|with(?= \d[\d.,]*[km]? (?!(?:\w+ )?(?:steps|epochs|layers|heads|parameters|hours|days|times|workers|samples per)\b)[a-z]{4})) (?!(?:\W|\w+\W){0,5}?(?:v?\d*-?(?:tpus?|gpus?)|nvidia|[ahv]100s?|rtx|colab|aws|azure|cloud|clusters?|machines?|"
    r"servers?|nodes?|hardware|top|steps|epochs|models?|checkpoints?|weights|objectives?|project)\b)"
    r"(?!(?:\S+ ){0,6}?tasks?\b(?!.*\b(?:data\s?sets?|corpus)))(?!(?:the )?(?:mlm|ner|pos|nli|qa|asr|question[- ]answering|summari[sz]ation|translation|classification)\W*$)[\w@\"'“(]",
    re.IGNORECASE,
)
# "fine-tuned text models": what kind of models these are, not what they learned from
_ADJECTIVE = re.compile(
    r"\b(?:pre-?|fine-?|instruction-?)?(?:trained|tuned)(?:,? (?:and|or|and/or) (?:pre-?|fine-?)?(?:trained|tuned)){0,2} "
    r"(?:(?!(?:on|with|using|from|by|for|in|over|to|and)\b)[\w-]+ ){0,4}?(?:[\w-]*models?|[\w-]*encoders|networks?|checkpoints?|weights|llms?|versions?|variants?)\b(?! (?:on|with|using|of|from)\b)",
    re.IGNORECASE,
)
# What speaks of training and tells nothing of this model's data
_TELLS_NOTHING = re.compile(
    r"\b(?:unkn?own|unspecified|undisclosed) data\s?set\b|\bsee the \W*(?:data\s?set|data|training data) section\b|\bcalibration (?:data|samples)|\ban offline data\s?set\b|\bon the (?:None|generator|json|csv|text|parquet|arrow|imagefolder|audiofolder|custom) data\s?set\b|more information needed|"
    r"\btrained (?:on|with|using) (?:a |an )?(?:\w+ )?(?:context|sequence|input|batch)[- ](?:lengths?|windows?|sizes?)\b|"
    r"\btraining (?:of )?the teacher\b|\bteacher (?:llms?|models?|networks?) (?:is|was|are|were) |\b(?:prior|previous|earlier) works? (?:has|have|had|show\w*)\b|"
    r"\b(?:base|original|underlying|parent|teacher) models? (?:is|was|were|has been|have been) (?:pre-?)?trained\b|"
    r"^(?!.*(?:trained|tuned) on\b).*\b(?:using|with|by) (?:the )?(?:[\w-]+ ){0,4}(?:token(?:iz|is)ers?|prompts?|hyper-?parameters?|optimi[sz]ers?)\b",
    re.IGNORECASE,
)
_DATA_SECTION = re.compile(
    r"\b(?:(?:pre-?|fine-?tuning |training )?(?:training|fine-?tuning|pre-?training) (?:data|data\s?sets?|corpus)|data\s?sets?|data mix\w*|data sources?|corpus|data composition|data overview)\b|^\W*data\W*$|训练数据|données",
    re.IGNORECASE,
)
_APART = re.compile(r"\b(?:evaluat\w*|benchmark\w*|results?|citation|bibtex|references?|usage|how to|quick ?start|inference|limitations?|bias\w*|risks?|intended use|acknowledg\w*|table of contents|framework versions?)\b", re.IGNORECASE)  # fmt: skip
_TRAINING = re.compile(
    r"\b(?:pre-?train|train(?:ed|ing)|fine-?tun|finetun|sft|dpo|rlhf|instruct(?:ion)?[- ]?tun|preference|post-?train|anneal|"
    r"mid-?train|corpus|corpora)|训练|entraîn|entrenamiento|addestra",
    re.IGNORECASE,
)
_EVALUATION = re.compile(r"\b(?:evaluat|benchmark|leaderboard|test set|results?\b|metric)", re.IGNORECASE)

_OTHERS = re.compile(
    r"\b(?:provide|offer|releas|shar|publish|available)\w*\b[^.]{0,40}\b(?:models|versions|variants|checkpoints)\b",
    re.IGNORECASE,
)


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


def _own_lines(card: Card | None) -> dict[str, int]:
    """The lines of the metadata that hold one value, as of a list: the value, and its line."""
    if card is None or not card.front.present:
        return {}
    lines = card.text.split("\n", card.front.lines)[: card.front.lines]
    return {line.strip(" -\t\r'\""): i + 1 for i, line in enumerate(lines) if line.lstrip().startswith("-")}


def _about_training(block: Block) -> bool:
    context = " ".join((*block.section[1:], block.text, *block.header))
    return bool(_TRAINING.search(context)) and not _EVALUATION.search(" ".join(block.section[1:]))


_COLLECTION = re.compile(r"^https://(?:huggingface\.co|hf\.co)/collections/[\w.-]+/[\w.-]+")


def data_sets(repo: Repo, card: Card | None) -> tuple[Pointer, ...]:
    """The data sets the page names as training data; ``relation`` is the stage its words tell, or empty.

    A collection of data sets on the Hub names its members by reference: it stands as one, and is not opened.
    """
    data = repo.card_data or (card.front.data if card else {})
    values = [
        value
        for value in listed(data.get("datasets"))
        if str(value).strip().lower() not in LOADERS and not PLACEHOLDER.search(str(value))
    ]
    ids = [id for id in (valid_id(value) for value in values) if id]
    trained_on = [id for id in ids[:MAX_DATASETS] if not _only_evaluated(_mentions(card, id))] if card else []
    source = metadata_source(repo, card, "datasets")
    about = _memo(_about_training)
    own_lines = _own_lines(card)
    found = {}
    for id in trained_on or ids[:MAX_DATASETS]:
        told = _stage_told(card, id) if card else ""
        where = _at(repo, own_lines[id], id) if id in own_lines else source
        found[id] = Pointer(id, "metadata", where, told or usual_stage(id), usual=not told)
    for name in (value.strip() for value in values if isinstance(value, str) and value.strip() and not valid_id(value)):
        found[name[:96]] = Pointer(name[:96], "words", source)
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
        if not _EVALUATION.search(link.text) and (further or not ids):
            where = card_source(repo, link.line, line_of(block, link))
            stage = said or ("" if ids else _stage([block]) or usual_stage(hub[1]))
            found[hub[1]] = Pointer(hub[1], "card", where, stage, block)
    for id, line, stage in () if found else configured(card):
        found[id] = Pointer(id, "card", card_source(repo, line, f"path: {id}"), stage)
    if not found:
        for link, block in card.links():
            if (
                _COLLECTION.search(link.url)
                and about(block)
                and re.search(r"\bdata", link.text + " " + block.text, re.IGNORECASE)
            ):
                where = card_source(repo, link.line, line_of(block, link))
                name = f"collection {link.url.split('/collections/', 1)[1][:80]}"
                stage = _stage_at(link, block) or _stage([block])
                found.setdefault(name, Pointer(name, "collection", where, stage, block))
    covered = {pointer.relation for pointer in found.values()}
    known = list(_named(repo, card))
    for pointer in known or _called(repo, card):
        if pointer.id not in found and not (covered and (not pointer.relation or covered & {pointer.relation, ""})):
            found[pointer.id] = pointer
    return tuple(found.values())[:MAX_DATASETS]


def about_training(text: str) -> str:
    """A sentence without the words that only say what kind of models these are ("pre-trained models")."""
    return _ADJECTIVE.sub("", text)


def in_data_section(block: Block) -> bool:
    """Whether a block stands right under a heading about training data."""
    return bool(_DATA_SECTION.search(" ".join(block.section[-1:])))


def training_sentences(card: Card, about_data: bool = True) -> Iterator[Sentence]:
    """Sentences in which the card speaks of its training (and, unless told otherwise, of data)."""
    for sentence in card.sentences():
        block = sentence.block
        in_section = in_data_section(block)
        if (
            block.kind == "heading"
            or (_APART.search(" ".join(block.section[-1:])) and not in_section)
            or _TELLS_NOTHING.search(sentence.text)
        ):
            continue
        heads = " ".join(block.section[1:] or block.section)
        words = about_training(sentence.text)
        speaks = in_section or _TRAINING_TALK.search(words)
        tells = not about_data or ABOUT_DATA.search(words) or _OBJECT.search(words)
        if (speaks or _OBJECT.search(sentence.text)) and tells and not _APART.search(heads):
            yield sentence


_MENTIONED = re.compile(
    r"\b(?:training|pre-?training|fine-?tuning) (?:data|data\s?sets?|set|corpus|examples|samples)\b", re.IGNORECASE
)


def mentioned(card: Card) -> Sentence | None:
    """A sentence that speaks of training data without saying what they are, as one that tells only how many."""
    spoken = (s for s in training_sentences(card, about_data=False) if _MENTIONED.search(s.text))
    return next(
        (s for s in spoken if not re.search(r"[:：|]\W*$|[:：|]\W*(?:n/?a|none|unknown)\b", s.text, re.IGNORECASE)),
        None,
    )


def _stage(blocks: Sequence[Block]) -> str:
    """The stage that the words around a data set tell: its row, its sentence, its heading; empty where they do not."""
    for block in blocks:
        for text in (" ".join(block.cells[:1]), block.text, *reversed(block.section[1:])):
            if stage := stage_in(text):
                return stage
    return ""


def _stage_told(card: Card, id: str) -> str:
    """The stage that the card tells for a data set: at a link to it, else around its name."""
    blocks = _mentions(card, id)
    links = ((link, block) for block in blocks for link in block.links if hub_link(link.url) == ("datasets", id))
    return next((stage for link, block in islice(links, 8) if (stage := _stage_at(link, block))), "") or _stage(blocks)


def _stage_at(link: Link, block: Block) -> str:
    """The stage that a link's own words tell, or the last one named before it in its sentence."""
    if stage := stage_in(link.text):
        return stage
    if block.kind == "row" or not link.text or not _TRAINING_TALK.search(block.text):
        return ""
    sentence = next((s.text for s in sentences_of(block) if " ".join(link.text.split()) in s.text), "")
    before = sentence.split(" ".join(link.text.split()))[0]
    told = [(match.end(), stage) for stage, words in STAGES for match in words.finditer(before)]
    return max(told)[1] if told else ""


def stage_in(text: str) -> str:
    """The one stage of training that a text speaks of; empty for none or several."""
    found = [stage for stage, words in STAGES if words.search(text)]
    return found[0] if len(found) == 1 else ""


def _only_evaluated(blocks: Sequence[Block]) -> bool:
    """Whether a page speaks of a data set only where it speaks of evaluation."""
    return bool(blocks) and all(
        _EVALUATION.search(" ".join(block.section[1:])) and not _TRAINING.search(block.text) for block in blocks
    )


def _mentions(card: Card, id: str) -> list[Block]:
    name = id.split("/")[-1].lower()
    if len(name) < 4:
        return []
    return [b for b in card.prose if any(id.lower() in link.url.lower() for link in b.links) or name in b.text.lower()][
        :8
    ]


# --------------------------------------------------------------------------- names in words


@once
def _book() -> tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]:
    entries = table("datasets.yaml")
    return tuple((re.compile(rf"(?<![\w/-])(?:{'|'.join(e['written'])})(?![\w/-])"), e) for e in entries)


def known_set(id: str) -> Mapping[str, Any] | None:
    """What is known of a well-known data set, by its Hub id or its name."""
    return next((entry for _, entry in _book() if id in (entry.get("id"), entry["name"], *entry.get("also", ()))), None)


def notes() -> list[str]:
    """What there is to say of well-known data sets that cannot be had."""
    return [str(entry["note"]) for _, entry in _book() if "note" in entry]


def usual_stage(id: str) -> str:
    """The stage a well-known data set is known for; empty for any other."""
    known = known_set(id)
    return str(known["stage"]) if known else ""


_COMPARED = re.compile(
    r"\b(?:unlike|compared|than|outperform\w*|similar to|inspired by|instead of|not|excluding|without|removed|decontaminat\w*|evaluat\w*)\b",
    re.IGNORECASE,
)


def _named(repo: Repo, card: Card) -> Iterator[Pointer]:
    """Well-known data sets that sentences about training name, with the stage the sentence tells."""
    for sentence in training_sentences(card, about_data=False):
        if sentence.text.startswith("http") or len(sentence.text) > 1200:
            continue
        for pattern, entry in _book():
            match = pattern.search(sentence.text)
            after = sentence.text[match.end() : match.end() + 30] if match else ""
            if (
                match
                and not _COMPARED.search(sentence.text[: match.start()] + after)
                and not re.match(r"[- ](?:like|style)\b", after)
            ):
                stage = stage_in(sentence.text) or _stage([sentence.block]) or str(entry["stage"])
                yield Pointer(
                    entry.get("id") or entry["name"],
                    "named",
                    card_source(repo, sentence.line, sentence.text),
                    stage,
                    sentence.block,
                )


def _called(repo: Repo, card: Card) -> Iterator[Pointer]:
    """Data sets that sentences about training call by a name that nothing is known of."""
    for sentence in training_sentences(card, about_data=False):
        if sentence.text.startswith("http") or len(sentence.text) > 1200 or _COMPARED.search(sentence.text):
            continue
        for name in (*names(sentence.text), *linked_name(sentence)):
            where = card_source(repo, sentence.line, sentence.text)
            stage = stage_in(sentence.text) or _stage([sentence.block])
            yield Pointer(name, "words", where, stage, sentence.block)
