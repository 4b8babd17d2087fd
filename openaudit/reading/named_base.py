"""A model that words name as the one this was made from, where neither metadata nor a link gives its id.

"Fine-tuned GPT2 on …", "an mt5-base model that was fine-tuned on …": what that one learned from is told on its own page,
not on this one. So the page is not silent about a first training; it was another model's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from openaudit.reading.card import Card, Sentence
from openaudit.reading.shipped import once

# A name: an id, or a word that looks like none of a language's own: with a digit or two capitals in it.
_SIZE = r"(?:base|small|large|medium|tiny|mini|xx?l|v?\d[\w.]*|uncased|cased|multilingual)"
_NAME = rf"(?P<name>(?!(?:with|on|for|using|by|in|and|to|of|from|over|than) )(?:[\w.-]+/)?[A-Za-z][\w.-]*[\w](?: {_SIZE}(?![\w-])){{0,4}})"
_TUNED = r"(?:fine[- ]?tun|finetun)"
_FROM = re.compile(
    rf"(?:\b{_TUNED}(?:ed|ing)(?: (?:version|variant|checkpoint))?(?: of)?|\bfurther (?:pre-?)?train(?:ed|ing)(?: of)?|\binitiali[sz]ed (?:from|with|on)|"
    rf"\badapter\b[^.]{{0,60}}? for|\b(?:is|we|was) fine-tune|\bbase model (?:is|was|used is)|\bbuilt on top of)(?: (?:the|a|an))?(?: (?:weights|checkpoints?) of)?(?: (?:the|a|an))?(?: pre-?trained)? {_NAME}(?P<after>.{{0,30}})",
    re.IGNORECASE,
)
_BASED_ON = re.compile(rf"\bbased (?:up)?on (?:the |an? )?{_NAME}(?P<after>.{{0,30}})", re.IGNORECASE)
_ITSELF = re.compile(
    rf"(?:^\W*|\b(?:is|are|was) an? (?:pre-?trained )?){_NAME}(?: \([^)]{{0,60}}\))?(?: \(?\w+\)?)?(?: (?:language )?model)?"
    rf"(?:,? (?:that|which) (?:is|was|has been))? {_TUNED}ed (?:version |model )?(?:for|on|with|using|to|in)\b",
    re.IGNORECASE,
)
_OTHER_THINGS = re.compile(
    r"^\W*(?:(?!(?:on|for|with|using|to|in|and|by) )[\w-]+ ){0,2}(?:data\s?sets?|corpus|corpora|data|token(?:iz|is)er|architectures?|paper|code|library|framework|toolkit|tasks?|subset|examples|method)\b",
    re.IGNORECASE,
)
# Kinds of models, tasks, tools and machines that are written like names
_NO_MODEL = frozenset(
    """ner qa nlp nlu nlg nli asr tts ocr pos mlm clm llm llms lm lms vlm ai ml gpu tpu cpu api sota rl rlhf sft dpo orpo kto
    ppo lora qlora peft trl unsloth autotrain pytorch tensorflow jax keras sagemaker aws gcp huggingface hf deepspeed
    and/or gpus tpus cnn rnn lstm gan vae seq2seq text2text encoder-decoder state-of-the-art fine-tuned pre-trained
    large-scale open-source english-only multi-task multi-lingual cross-lingual""".split()
)
_NOT_OURS = re.compile(r"\b(?:can|could|may|should|to be|you|your|please|how to|want|other|others|instead of|unlike|than|supports?|allows?|enables?)\b", re.IGNORECASE)  # fmt: skip
_SCRATCH = re.compile(r"\b(?:trained|training|train) from scratch\b", re.IGNORECASE)


# A link is to what this model was made from: "this model is [X] trained on …", "we used the pre-trained [X] and fine-tuned it …"
_IS_ONE = re.compile(r"\b(?:this (?:model )?|it )is (?:an? |the )?(?:pre-?trained )?$", re.IGNORECASE)
_TRAINED_ON = re.compile(r"^\W*(?:model )?(?:(?:that|which) (?:is|was) )?(?:further )?(?:fine-?tuned|finetuned|trained)\b", re.IGNORECASE)  # fmt: skip
_STARTED = re.compile(
    r"\b(?:we (?:use|used|took|start(?:ed)? from|start(?:ed)? with) (?:the |an? )?(?:pre-?trained )?|base model (?:is|was|used is) (?:the )?|"
    r"initiali[sz]ed (?:from|with)\b[^.;]{0,60})$",
    re.IGNORECASE,
)
_TUNES = re.compile(rf"^[^.]{{0,60}}\b(?:{_TUNED}|train)", re.IGNORECASE)


_AROUND = 120  # characters before and behind a link that are weighed


def started_from(text: str, start: int, end: int) -> bool:
    """Whether the words around ``text[start:end]``, a link to a model, say that this one was trained further from it."""
    before = text[max(0, start - _AROUND) : start].lstrip(" ['`*").rstrip(" ['`*") + " "
    after = text[end : end + _AROUND].lstrip("]'`*")
    if _IS_ONE.search(before) and _TRAINED_ON.match(after):
        return True
    says = _STARTED.search(before)
    return says is not None and ("base model" in says[0].lower() or bool(_TUNES.match(after)))


# How models that others start from are written: by their family, or with the size of one.
_SIZED = re.compile(r"(?<![\w.-])[a-z][\w.]{0,40}(?:-[\w.]{1,40}){0,6}?[-_](?:base|small|large|medium|tiny|mini|xx?l|\d+(?:\.\d+)?[bm])(?![a-z])", re.IGNORECASE)  # fmt: skip


@once
def _families() -> re.Pattern[str]:
    """The families of the Hub's first models: those that have no owner."""
    ids = (Path(__file__).parent / "canonical_models.txt").read_text("utf-8").split()
    names = sorted({re.split(r"[-_]", id)[0] for id in ids if len(re.split(r"[-_]", id)[0]) > 2} | {"t5"})
    return re.compile(rf"(?<![a-z])(?:[a-z]{{0,6}}(?:{'|'.join(map(re.escape, names))}))(?![a-z])", re.IGNORECASE)


def may_be_named(card: Card | None, id: str) -> bool:
    """Whether the page of a model, or its id, holds a word that can be the name of what it was made from."""
    texts = [id.split("/")[-1], *(sentence.text for sentence in (card.sentences() if card else ()))]
    return any(_SIZED.search(text) or _families().search(text) for text in texts)


def _a_model(name: str, after: str, own: Sequence[str]) -> bool:
    """Whether a word can be another model's name: it is written like one, or called a model."""
    low = name.lower()
    if low in _NO_MODEL or low in own or re.match(r"['’]s\b", after) or not re.search(r"[A-Za-z]{2}|[A-Za-z]\d", name):
        return False
    if name[0].isupper() and (" " in name or re.match(r" (?:language )?model\b", after)):
        return True
    capitals = sum(letter.isupper() for letter in name)
    return "/" in name or capitals >= 2 or bool(re.search(r"[A-Za-z].*\d|-(?:base|small|large|medium|tiny|xl)\b", low))


def named_bases(card: Card, id: str) -> Iterator[tuple[str, Sentence]]:
    """The models, by id or name, that sentences about the model ``id`` name as what it was made from."""
    titles = (block.text.lower() for block in card.prose if block.kind == "heading")
    own = (id.lower(), id.split("/")[-1].lower(), next(titles, ""))
    sentences = card.sentences()
    if any(_SCRATCH.search(sentence.text) for sentence in sentences):
        return
    for sentence in sentences:
        block = sentence.block
        example = sentence.text.lower().startswith("example")
        title = block.kind == "heading" and sentence.text.lower() == own[2]
        if example or (block.kind in ("heading", "row") and not title) or len(sentence.text) > 1200:
            continue
        patterns = [_FROM, _ITSELF] + ([_BASED_ON] if re.search(_TUNED, sentence.text, re.IGNORECASE) else [])
        for match in (found for pattern in patterns for found in pattern.finditer(sentence.text)):
            before, after = sentence.text[: match.start()], match.groupdict().get("after") or ""
            ours = not _NOT_OURS.search(before) and not _OTHER_THINGS.match(after)
            name = match["name"].rstrip(".")
            if ours and _a_model(name, after, own) and len(name) <= 96 and ".." not in name:
                yield name, sentence
