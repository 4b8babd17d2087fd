"""What a card's words say of licences: a name, what it is given for, and a condition put beside it.

A field ("License: Apache 2.0"), a section of that title, or a sentence ("the weights are released under …"). A licence
that is only mentioned, that of a data set or of another model, is no statement about this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from openaudit.reading.card import Block, Card, Sentence, sentences_of

Component = Literal["weights", "code", "data", "all"]

_FIELD = re.compile(
    r"^\W*(?:model )?(?:licen[cs]e|licence|许可证|协议|lizenz|licencia|licenza)(?:\(s\)|s)?(?: type| information)?\s*(?:\[optional\])?\W*[:：|]\W*(?P<name>\S.{1,200})$",
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(
    r"^\W*(?:\d+(?:\.\d+)*\.?\s*)?(?:model )?(?:licen[cs]es?|licen[cs]ing|licence|许可|协议|lizenz|licencia)\b(?:\s*(?:and|&).{0,20})?\W*$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"^(?P<subject>.{0,160}?)(?:\b(?:is|are|was|were|been|be)\b|,)\s+(?:\w+ly\s+)?(?:(?:made |openly |freely |publicly )?(?:available|released|licen[cs]ed|distributed|published|provided|governed|covered|"
    r"shared|subject))\s+(?:for \w+ use\s+|to (?:use|everyone|all|the public)\s+)?(?:under|by|according to|with|to)\s+(?:the\s+terms\s+of\s+)?(?:the\s+following\s+)?(?:the\s+|an?\s+|our\s+)?(?P<name>.{2,140})$",
    re.IGNORECASE,
)
_WE_RELEASE = re.compile(
    r"^(?P<subject>.{0,80}?)\b(?:we|i)\s+(?:are\s+)?(?:releas\w+|provid\w+|publish\w*|shar\w+|licen[cs]\w+)\s+(?P<what>.{2,80}?)\s+(?:under|with)\s+(?:the\s+|an?\s+|our\s+)?(?P<name>.{2,140})$",
    re.IGNORECASE,
)
_NAME_ENDS = re.compile(
    r"(?<!v)(?<!\d)[.;](?=\s|$)|\s(?:and|which|that|as|for|unless|see|while|we|but|so|you|from|if|allowing|including|except|in|please|permit\w*|under|provided|on|requires?)\b|,(?! version| v\d)|[(（。；，:]|\s[-–—]\s",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:under the condition|on (?:the )?condition|provided that|as long as|so long as|requires? (?:also )?(?:adhering|compliance)|with an? (?:acceptable|additional)|"
    r"in addition to|subject to (?:the|an?) additional|except (?:that|for)|but (?:not|only)|for (?:research|academic|non-?commercial)[\w -]{0,20}(?:only|purposes))\b.{3,}",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:only|solely|strictly|exclusively|limited|restricted)\b.{0,40}\b(?:research|academic|non-?commercial|educational)\b.{0,20}\b(?:purposes?|use)\b|"
    r"\b(?:research|academic|non-?commercial)\b(?: \w+)? (?:purposes?|use|research) only\b|\bfor academic research only\b|"
    r"\bcommercial (?:use|usage|purposes?|applications?)\b.{0,60}\b(?:not (?:be )?(?:allowed|permitted|possible)|prohibited|forbidden)\b|"
    r"\b(?:can ?not|may not|must not|not be|do not|not permitted to|not allowed to)\b.{0,20}\buse\w*\b.{0,40}\bcommercial\w*\b|"
    r"不得用于(?:任何)?商业|禁止商[业用]|仅(?:限|供|可)(?:用于)?[^，。]{0,8}(?:研究|学术)|研究目的，不得用于商业",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\b(?:ask(?:s|ed)?|request\w*|recommend\w*|encourag\w*|suggest\w*|intended|meant|designed|primar\w+|outputs?|generated|evaluat\w+|without|unless|if you|inquir\w+|contact)\b", re.IGNORECASE)  # fmt: skip
_NOT_MODEL = re.compile(r"\b(?:data\s?sets?|corpus|corpora|demo|code|images?|api|website|service)\b", re.IGNORECASE)
_MODEL = re.compile(r"\b(?:models?|weights|checkpoints?)\b|模型", re.IGNORECASE)
_OTHERS_MODEL = re.compile(
    r"\b(?:originally|base model|original model|derived|third[- ]part\w+|dependenc\w+|tokenizer|library|leaderboard|benchmark|subset|images?|logo|assets|code generated|outputs?|"
    r"generated (?:code|text)|teacher)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: the licence as named, for which component, with which condition; ``targets`` are its links."""

    name: str
    component: Component
    condition: str
    line: int
    quote: str
    targets: tuple[str, ...]


def license_statements(card: Card) -> Iterator[Statement]:
    """What the card's words say of the licence of this model's weights, code and data, in reading order."""
    for block in card.prose:
        if block.kind == "heading" or (block.kind == "row" and len(block.cells) != 2):
            continue
        field = _FIELD.match(block.text)
        in_section = bool(block.section and _SECTION.match(block.section[-1]))
        if field and not _SENTENCE.match(re.sub(r"\s+", " ", field["name"])):
            yield _statement(field["name"], "all", block, block.text)
        elif in_section and len(block.text) <= 60 and not re.search(r"\b(?:is|are|see|please|refer)\b", block.text):
            yield _statement(block.text, "all", block, block.text)
        else:
            yield from _in_sentences(block)


def prohibitions(card: Card) -> Iterator[Sentence]:
    """Sentences that forbid uses of this model in the maker's own voice ("for research purposes only").

    A wish ("we ask", "is intended for") forbids nothing, and what holds for the data or a demo is not said of the model.
    """
    for sentence in card.sentences():
        text = sentence.text
        if sentence.block.kind == "heading" or len(text) > 600:
            continue
        match = _LIMIT.search(text)
        if not match or _ASKED.search(text[: match.end()]):
            continue
        if _MODEL.search(text) or (
            not _NOT_MODEL.search(text) and sentence.block.section and _SECTION.match(sentence.block.section[-1])
        ):
            yield sentence


def _in_sentences(block: Block) -> Iterator[Statement]:
    for sentence in sentences_of(block):
        text = sentence.text
        if not re.search(r"licen[cs]|agreement|terms|creative commons|协议|cc-by|apache|\bmit\b", text, re.IGNORECASE):
            continue
        match = _SENTENCE.match(text) or _WE_RELEASE.match(text)
        if not match or re.search(r"\b(?:not|never|n't)\b", match["subject"][-30:], re.IGNORECASE):
            continue
        subject = f"{match['subject']} {match.groupdict().get('what') or ''}"
        component = _component(subject, block)
        if (
            component
            and not _OTHERS_MODEL.search(subject)
            and not _OTHERS_MODEL.search(text[match.start("name") - 25 : match.start("name")])
        ):
            yield _statement(match["name"], component, block, text, sentence)


def _component(subject: str, block: Block) -> Component | None:
    """What the subject of a sentence is: the nearest noun decides; without one, a licence section speaks of all."""
    model = bool(
        re.search(
            r"\b(?:models?|weights|checkpoints?|parameters|it|this|we|series|version|release)\b|[A-Z][\w.-]*\d", subject
        )
    )
    code = bool(re.search(r"\b(?:code|repositor(?:y|ies)|repo|software|scripts?|source)\b", subject, re.IGNORECASE))
    data = bool(
        re.search(r"\b(?:data|data\s?sets?|corpus|corpora|instruction\w*|annotations?)\b", subject, re.IGNORECASE)
    )
    if data and not re.search(r"\b(?:models?|weights|checkpoints?)\b", subject, re.IGNORECASE):
        return "data"
    if code and not re.search(r"\b(?:models?|weights|checkpoints?)\b", subject, re.IGNORECASE):
        return "code"
    if model or subject.strip():
        return "weights" if not code else "all"
    return "all" if block.section and _SECTION.match(block.section[-1]) else None


def _statement(name: str, component: Component, block: Block, text: str, sentence: Sentence | None = None) -> Statement:
    flat = re.sub(r"\s+", " ", name).strip(" *_`'\"“”«»|:")
    end = _NAME_ENDS.search(flat, 3)
    short = (flat[: end.start()] if end else flat).strip(" *_`'\"“”«».,")
    condition = _CONDITION.search(text)
    targets = tuple(link.url for link in block.links if link.text and link.text in text)
    return Statement(
        short[:120],
        component,
        condition[0][:300] if condition else "",
        sentence.line if sentence else block.line,
        re.sub(r"\s+", " ", text)[:400],
        targets,
    )
