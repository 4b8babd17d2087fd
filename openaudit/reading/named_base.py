"""A model that words name as the one this was made from, where neither metadata nor a link gives its id.

"Fine-tuned GPT2 on …", "an mt5-base model that was fine-tuned on …": what that one learned from is told on its own page,
not on this one. So the page is not silent about a first training; it was another model's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from openaudit.reading.card import Card, Sentence

# A name: an id, or a word that looks like none of a language's own: with a digit or two capitals in it.
_NAME = r"(?P<name>(?:[\w.-]+/)?[A-Za-z][\w.-]*[\w])"
_TUNED = r"(?:fine[- ]?tun|finetun)"
_FROM = re.compile(
    rf"(?:\b{_TUNED}(?:ed|ing)(?: (?:version|variant|checkpoint))?(?: of)?|\bfurther (?:pre-?)?train(?:ed|ing)(?: of)?|\binitiali[sz]ed (?:from|with|on)|"
    rf"\bbuilt on top of)(?: (?:the|a|an))?(?: (?:weights|checkpoints?) of)?(?: (?:the|a|an))?(?: pre-?trained)? {_NAME}(?P<after>.{{0,30}})",
    re.IGNORECASE,
)
_BASED_ON = re.compile(rf"\bbased (?:up)?on (?:the |an? )?{_NAME}(?P<after>.{{0,30}})", re.IGNORECASE)
_ITSELF = re.compile(
    rf"(?:^\W*|\b(?:is|are|was) an? (?:pre-?trained )?){_NAME}(?: \([^)]{{0,60}}\))?(?: \(?\w+\)?)?(?: (?:language )?model)?"
    rf"(?:,? (?:that|which) (?:is|was|has been))? {_TUNED}ed (?:for|on|with|using|to|in)\b",
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
_NOT_OURS = re.compile(r"\b(?:can|could|may|should|to be|you|your|please|how to|want|other|others|instead of|unlike|than)\b", re.IGNORECASE)  # fmt: skip
_SCRATCH = re.compile(r"\b(?:trained|training|train) from scratch\b", re.IGNORECASE)


def _a_model(name: str, after: str, own: Sequence[str]) -> bool:
    """Whether a word can be another model's name: it is written like one, or called a model."""
    low = name.lower()
    if low in _NO_MODEL or low in own or re.match(r"['’]s\b", after) or not re.search(r"[A-Za-z]{2}|[A-Za-z]\d", name):
        return False
    if name[0].isupper() and re.match(r" (?:language )?model\b", after):
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
