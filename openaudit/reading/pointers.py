"""What a model's page points to: the models it was made from, the data sets it names, the code it links.

Gathering follows these pointers to know what to look at; probes follow the same ones to say what was found there.
Each pointer keeps where it was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from openaudit.evidence import Repo, Source
from openaudit.reading.card import Block, Card, Link, read_card, sentences_of
from openaudit.reading.known_models import known_models
from openaudit.reading.named_base import named_bases, started_from
from openaudit.reading.shipped import once

MAX_ANCESTORS = 1000  # parents named by one page; gathering looks at fewer, and the rest is unknown
MAX_CODE = 30
MAX_LINKS = 500  # different links to models on one page that are weighed

_ID = re.compile(r"(?:[\w][\w.-]{0,95}/)?[\w][\w.-]{0,95}")
_NOT_OWNERS = frozenset(
    "datasets spaces docs blog models papers collections organizations settings join pricing learn tasks posts chat api "
    "assets front new login enterprise inference-endpoints storage".split()
)
_NOT_GITHUB = frozenset(
    "orgs sponsors topics features marketplace about apps settings users login search collections".split()
)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Something a page points to. ``how``: ``metadata``, ``card`` (a link), ``known`` (a name that tells which) or ``named`` (a name that tells no id)."""

    id: str
    how: str  # of data also: collection, words (nothing is known of the name), elsewhere (a place on the Web)
    source: Source
    relation: str = ""
    block: Block | None = None
    usual: bool = False  # the relation is what this data set is known for, and nothing that the page says


_SIZE_OR_VERSION = re.compile(
    r"[-_ .](?=\d|v\d|instruct|chat|base|it\b|hf\b|(?:large|medium|small|tiny|mini|nano|xx?l|huge)(?![a-z]))"
)


def names_of(id: str) -> tuple[str, ...]:
    """The names by which a card may call its model, longest first, in lower case.

    The repository's name, with spaces for separators, and the family name before sizes and versions.
    """
    name = id.split("/")[-1].lower()
    family = _SIZE_OR_VERSION.split(name)[0]
    names = {name, re.sub(r"[-_]", " ", name), family, re.sub(r"[-_]", " ", family)}
    return tuple(sorted((n for n in names if len(n) > 2), key=lambda n: (-len(n), n)))


def card_of(repo: Repo) -> Card | None:
    """The model's card, read; ``None`` where it was not read or there is none."""
    text = repo.files.get("README.md")
    return None if text is None else read_card(text)


def valid_id(text: object) -> str | None:
    """A repository id (``owner/name`` or a canonical ``name``), or ``None`` if this is not one."""
    if not isinstance(text, str):
        return None
    text = text.strip()
    hub = hub_link(text)
    if hub:
        return hub[1]
    plausible = _ID.fullmatch(text) and ".." not in text and "--" not in text
    return text if plausible and not text.endswith((".", "-")) else None


def hub_link(url: str) -> tuple[str, str] | None:
    """("models" | "datasets", id) for a link to a repository on the Hub, else ``None``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if (parts.hostname or "").lower() not in ("huggingface.co", "www.huggingface.co", "hf.co"):
        return None
    path = [unquote(part) for part in parts.path.split("/") if part]
    kind = "models"
    if path[:1] == ["datasets"]:
        kind, path = "datasets", path[1:]
        if len(path) == 1 and _ID.fullmatch(path[0]) and "/" not in path[0]:
            return kind, path[0]
    if kind == "models" and len(path) == 1 and path[0] in canonical_models():
        return kind, path[0]
    if len(path) < 2 or path[0] in _NOT_OWNERS:
        return None
    id = f"{path[0]}/{path[1]}"
    return (kind, id) if _ID.fullmatch(id) and ".." not in id else None


@once
def canonical_models() -> frozenset[str]:
    """The ids of the Hub's first models, which have no owner. Any other address of one part is an owner's page."""
    return frozenset((Path(__file__).parent / "canonical_models.txt").read_text("utf-8").split())


def github_link(url: str) -> str | None:
    """``owner/name`` for a link to a GitHub repository (or anything in it), else ``None``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if (parts.hostname or "").lower() not in ("github.com", "www.github.com"):
        return None
    path = [unquote(part) for part in parts.path.split("/") if part]
    if len(path) < 2 or path[0].lower() in _NOT_GITHUB:
        return None
    name = path[1].removesuffix(".git")
    id = f"{path[0]}/{name}"
    return id if re.fullmatch(r"[A-Za-z0-9-]{1,39}/[\w.-]{1,100}", id) and ".." not in id else None


def metadata_source(repo: Repo, card: Card | None, key: str) -> Source:
    """Where a metadata key stands: its line in the card, else the page of the card."""
    line = card.front.line_of.get(key) if card else None
    quote = card.text.split("\n")[line - 1].strip()[:300] if card and line else None
    return Source(repo.url("README.md"), "README.md", line, quote, repo.gathered)


def card_source(repo: Repo, line: int, quote: str) -> Source:
    """A place in the card's text, quoted (cut after 400 characters)."""
    quote = re.sub(r"\s+", " ", quote).strip()
    short = quote if len(quote) <= 400 else quote[:399].rsplit(" ", 1)[0] + " …"
    return Source(repo.url("README.md"), "README.md", line, short, repo.gathered)


def listed(value: Any) -> list[Any]:
    """A metadata value as a list: what is one is kept, nothing is none."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


# --------------------------------------------------------------------------- ancestors

_RELATIONS = ("adapter", "merge", "quantized", "finetune")
_FIELD = re.compile(
    r"^\W{0,60}+(?:fine-?\s?tuned (?:from|on)(?: model)?|base(?: language)? model|(?:parent|original) model|starting (?:model|checkpoint)|"
    r"基座模型|基础模型|modèle de base|modelo base|basismodell)\s*(?:\[optional\]|\(optional\))?\s*[:：|]",
    re.IGNORECASE,
)
_MADE_FROM = re.compile(
    r"\b(?:(?:post-?train|(?:instruction|chat|safety)[- ]tun)ed (?:version|variant|checkpoint)s? (?:of|from)|"
    r"(?:fine-?\s?tun|finetun)(?:ed|e|ing)(?: (?:version|variant|checkpoint)s?)?(?: directly)? (?:from|on|of|upon|on top of)|"
    r"(?:fine-?\s?tun|finetun)(?:ed?|ing)|derived from|initiali[sz]ed (?:from|with)|distilled from|"
    r"(?:continu\w+ |further )(?:pre-?)?train(?:ed|ing) (?:from|of|on)|trained (?:from|on top of)|"
    r"(?:built|based) (?:on|upon|from|on top of)|quanti[sz]ed (?:version )?(?:of|from)|(?:an? )?(?:instance|fork|copy) of|adapter (?:for|of)|merge of)"
    r"(?: (?:the )?(?:weights|checkpoints?) (?:of|from))?(?: the| a| an| our)?(?: (?:base|foundation|pre-?trained|original|language|large|model|LLM|[\w-]+['’]s?))*\s*$",
    re.IGNORECASE,
)
_NOT_A_MODEL = re.compile(
    r"\b(?:card|token(?:iz|is)er|data\s?sets?|data|paper|code|repo(?:sitory)?|architecture|recipe|template|vocabulary|blog|corpus|space)\b",
    re.IGNORECASE,
)
_OWN_SUBJECT = re.compile(
    r"^\W*(?:this|it|we|our|the)\b(?! (?:code|repo|repository|dataset|data|paper|blog|tokenizer|demo|script|card|model card))",
    re.IGNORECASE,
)


def base_models(repo: Repo, card: Card | None) -> tuple[Pointer, ...]:
    """The models this one says it was made from: in its metadata, else in its card's words.

    ``relation`` is the Hub's: adapter, merge, quantized, finetune, or "unspecified".
    """
    data = repo.card_data or (card.front.data if card else {})
    declared = [id for id in (valid_id(value) for value in listed(data.get("base_model"))) if id]
    tags = [tag for tag in listed(repo.info.get("tags")) if isinstance(tag, str) and tag.startswith("base_model:")]
    relation = data.get("base_model_relation")
    tagged = {tag.split(":", 2)[2]: tag.split(":", 2)[1] for tag in tags if tag.count(":") >= 2}
    if not declared:
        declared = [id for id in (valid_id(tag.split(":", 1)[1]) for tag in tags if tag.count(":") == 1) if id]
    source = metadata_source(repo, card, "base_model")
    found: dict[str, Pointer] = {}
    for id in declared[:MAX_ANCESTORS]:
        how = relation if relation in _RELATIONS else tagged.get(id)
        how = how if how in _RELATIONS else "merge" if len(declared) > 1 else "unspecified"
        if id.lower() != repo.id.lower():
            found.setdefault(id, Pointer(id, "metadata", source, how))
    if card is None:
        return tuple(found.values())
    for pointer in _told_bases(
        repo, card, siblings=not declared
    ):  # beside what the metadata declare, which often stop at the nearest one
        if pointer.id.lower() not in {id.lower() for id in found}:
            found[pointer.id] = replace(pointer, relation="unspecified") if declared else pointer
    if all(id.split("/")[0] == repo.id.split("/")[0] for id in found) and not declared:
        for pointer in _named_families(repo, card):
            found.setdefault(pointer.id, pointer)
    if not found:
        found.update((pointer.id, pointer) for pointer in islice(_named_without_link(repo, card), 1))
    for name, sentence in islice(() if found else named_bases(card, repo.id), 1):
        where = card_source(repo, sentence.line, sentence.text)
        found[name] = Pointer(name, "card" if "/" in name else "named", where, "finetune", sentence.block)
    return tuple(found.values())


def _told_bases(repo: Repo, card: Card, siblings: bool) -> Iterator[Pointer]:
    """Ancestors that the card's words name with a link: a field, a row of this model, or a sentence about it.

    With ``siblings``, also a link to what by its name is this model before its tuning.
    """
    own = repo.id.split("/")[-1].lower()
    seen: set[tuple[str, str, int]] = set()
    for link, block in card.links():
        hub = hub_link(link.url)
        if not hub or hub[0] != "models" or hub[1].lower() == repo.id.lower():
            continue
        if (hub[1], link.text, id(block)) in seen or len(seen) >= MAX_LINKS:
            continue
        seen.add((hub[1], link.text, id(block)))
        if (
            (siblings and _sibling_base(repo.id, hub[1]))
            or _field_of_base(block)
            or _row_of_base(block, own, link)
            or _sentence_of_base(block, own, link)
        ):
            yield Pointer(hub[1], "card", card_source(repo, link.line, line_of(block, link)), "finetune", block)


_TUNED_WORDS = re.compile(r"(?<![a-z])(?:instruct(?:ion)?|chat|it|sft|dpo|rlhf|thinking)(?![a-z])", re.IGNORECASE)
_BASE_WORDS = re.compile(r"(?<![a-z])(?:base|pre-?train(?:ed)?|pt|foundation)(?![a-z])", re.IGNORECASE)


def _sibling_base(id: str, linked: str) -> bool:
    """Whether a linked model is this one before its tuning, by the same maker: ``X-7B`` or ``X-7B-Base`` for ``X-7B-Instruct``."""
    if id.split("/")[0].lower() != linked.split("/")[0].lower():
        return False
    own, other = id.split("/")[-1], linked.split("/")[-1]
    if _TUNED_WORDS.search(other) or not (_TUNED_WORDS.search(own) or _BASE_WORDS.search(other)):
        return False
    plain = [
        re.sub(r"(?:^|-)hf$|-", "", re.sub(r"[-_ ]+", "-", words.sub("", name).lower()).strip("-"))
        for words, name in ((_TUNED_WORDS, own), (_BASE_WORDS, other))
    ]
    return plain[0] == plain[1] and own.lower() != other.lower()


_NAME = re.compile(r"[A-Za-z0-9][\w.-]{3,95}")
_STARTED_WITH = re.compile(
    r"initiali[sz]ed (?:with|from) (?:the )?(?:weights|checkpoints?) (?:of |from )?(?:the )?(?=\w*[A-Z\d-])(?P<name>[A-Za-z][\w./-]{3,95})"
)
_NO_NAME = re.compile(
    r"^\W*(?:\[?more information needed\]?|n/?a\b|none\b|not applicable|-+$|(?:trained )?from scratch|no\b|unknown\b|todo\b|tbd\b)|^\W*$",
    re.IGNORECASE,
)


def _named_without_link(repo: Repo, card: Card) -> Iterator[Pointer]:
    """An ancestor named in plain words: the filled field of a base model, or this model's own name before its tuning."""
    owner, own = repo.id.split("/")[0], repo.id.split("/")[-1].lower()
    for sentence in card.sentences():
        block = sentence.block
        if field := _FIELD.match(sentence.text) if _field_of_base(block) else None:
            value = sentence.text[field.end() :].strip(" \t*_`|[]")
            if not _NO_NAME.match(value) and value.lower() not in names_of(repo.id):
                where = card_source(repo, sentence.line, sentence.text)
                an_id = "/" in value and valid_id(value)
                yield Pointer(an_id or value[:96], "card" if an_id else "named", where, "finetune", block)
        started = _STARTED_WITH.search(sentence.text)
        if started and _made_here(sentence.text, *started.span("name"), own):
            where = card_source(repo, sentence.line, sentence.text)
            yield Pointer(started["name"].rstrip("."), "named", where, "finetune", block)
        if block.kind == "row" or "/" not in repo.id:
            continue
        for name in _NAME.findall(sentence.text):
            if _BASE_WORDS.search(name) and _sibling_base(repo.id, f"{owner}/{name.rstrip('.-')}"):
                where = card_source(repo, sentence.line, sentence.text)
                yield Pointer(f"{owner}/{name.rstrip('.-')}", "known", where, "finetune", block)


_FAMILY_MODEL = re.compile(
    r"^(?:[- ][\w.-]+)?(?: model)?(?:,? that (?:is|was))? (?:fine-?\s?tun|finetun|trained further)", re.IGNORECASE
)


def _named_families(repo: Repo, card: Card) -> Iterator[Pointer]:
    """An ancestor that is named and not linked, where its name tells a family with a licence of its own."""
    own = repo.id.split("/")[-1].lower()
    for sentence in card.sentences():
        if sentence.block.kind == "heading" or (sentence.block.kind == "row" and len(sentence.block.cells) != 2):
            continue
        for named in known_models(sentence.text):
            before, after = sentence.text[: named.start], sentence.text[named.end :]
            is_one = re.search(r"(?:^\W*|\b(?:is|are)(?: an?| the)? )$", before, re.IGNORECASE) and _FAMILY_MODEL.match(
                after
            )
            made = is_one or _FIELD.match(sentence.text) or _made_here(sentence.text, named.start, named.end, own)
            if made and (named.id or "").lower() != repo.id.lower():
                how = "known" if named.id else "named"
                where = card_source(repo, sentence.line, sentence.text)
                yield Pointer(named.id or named.words, how, where, "finetune", sentence.block)


def _field_of_base(block: Block) -> bool:
    """«Finetuned from model: …», as a line of its own or as a table row of two cells."""
    return bool(_FIELD.match(block.text)) and (block.kind != "row" or len(block.cells) == 2)


def _row_of_base(block: Block, own: str, link: Link) -> bool:
    if block.kind != "row" or not block.header or own not in block.cells[0].lower().split():
        return False
    column = next((i for i, cell in enumerate(block.cells) if link.text and link.text in cell), -1)
    heads = [head.lower() for head in block.header]
    return 0 < column < len(heads) and bool(re.search(r"base|parent|fine-?tuned from|initiali", heads[column]))


def _sentence_of_base(block: Block, own: str, link: Link) -> bool:
    if block.kind == "row" or not link.text or link.text.startswith("http"):
        return False
    flat = re.sub(r"\s+", " ", block.text)
    shown = re.sub(r"\s+", " ", link.text)
    if _NOT_A_MODEL.search(shown):
        return False
    spans = (at.span() for at in re.finditer(re.escape(shown), flat))
    return any(_made_here(flat, *span, own) or started_from(flat, *span) for span in spans)


def _made_here(text: str, start: int, end: int, own: str) -> bool:
    """Whether the words before ``text[start:end]``, in its sentence, say that this model was made from it."""
    begin = max(text.rfind(stop, 0, start) + 1 for stop in (". ", "! ", "? ", "。"))
    before = text[begin:start].lstrip()
    made = _MADE_FROM.search(before)
    if not made or _NOT_A_MODEL.match(text[end : end + 30].lstrip("`'\"*) ")):
        return False
    subject = before[: made.start()].lower()
    named = any(re.search(rf"(?<![\w-]){re.escape(name)}(?!\w|-(?!v?\d+\.))", subject) for name in names_of(own))
    if re.search(r"\b(?:and|,) (?:\w+ ){1,3}(?:models|checkpoints|variants|versions)\b", subject):
        return False  # "we release X and six models distilled from it, based on Y": Y is the origin of the six
    return named or bool(_OWN_SUBJECT.match(before)) or not re.search(r"\w", subject)  # "Fine-tuned X on …": this model


def line_of(block: Block, link: Link) -> str:
    """The line of a block that a link stands in."""
    lines = block.text.split("\n")
    i = link.line - block.line
    return lines[i] if block.kind != "row" and 0 <= i < len(lines) else block.text


# --------------------------------------------------------------------------- code


_NO_CODE = re.compile(
    r"/(?:blob|raw|assets)/.*(?:\.(?:png|jpe?g|gif|svg|webp|pdf|mp4|ico)|/(?:LICEN[CS]E|NOTICE)[\w.-]*)$|/(?:issues|pull|discussions|releases|stargazers|wiki)(?:/|$)",
    re.IGNORECASE,
)


# A line that gives the model's own code: «Repository: …», «GitHub Repo».
CODE_FIELD = re.compile(
    r"^\W*(?:repositor(?:y|ies)|github(?: repo(?:sitory)?)?|code|source code|codebase|official code|代码|仓库|dépôt)\b[^.]{0,20}[:：]?",
    re.IGNORECASE,
)


def code_repos(repo: Repo, card: Card | None) -> tuple[Pointer, ...]:
    """The GitHub repositories the card links, each once: at the first line that gives it as the code, else the first at all."""
    found: dict[str, Pointer] = {}
    fields: set[str] = set()
    weighed = 0
    for link, block in card.links() if card else ():
        id = github_link(link.url)
        if not id or id.lower() in fields or _NO_CODE.search(link.url.split("?")[0]):
            continue
        weighed += 1
        field = weighed <= MAX_LINKS and bool(CODE_FIELD.match(line_of(block, link)))
        if id.lower() in found and not field:
            continue
        if id.lower() not in found and len(found) == MAX_CODE:
            break
        fields.update([id.lower()] if field else [])
        where = card_source(repo, link.line, sentence_of(block, link) or link.url)
        found[id.lower()] = Pointer(id, "card", where, block=block)
    return tuple(found.values())


def sentence_of(block: Block, link: Link) -> str:
    """The sentence that a link stands in; its line where that cannot be told."""
    line = line_of(block, link)
    shown = " ".join(link.text.split())
    if block.kind == "row" or not shown:
        return line
    return next(
        (s.text for s in sentences_of(block) if s.line >= link.line - s.text.count(shown) and shown in s.text), line
    )
