"""The stages of training that a model went through itself, as its page, its name and its maker's tools tell them."""

from __future__ import annotations

import re

from openaudit.probes.case import Case
from openaudit.reading import Card
from openaudit.reading.training_talk import tells_first_training, training_sentences

_TUNED = re.compile(
    # "it" is Italian, too: it says tuned only behind a size
    r"(?:^|[-_.\d])(?:instruct(?:ion)?|chat|(?<=\d[bm][-_])it|sft|dpo|rlhf|rl|zephyr|assistant)(?:$|[-_.])",
    re.IGNORECASE,
)
_FINETUNED = re.compile(r"(?:^|[-_.])fine-?_?tuned(?:$|[-_.])", re.IGNORECASE)
# Tags that tools write on what they make: an adapter is never trained from scratch, nor is what AutoTrain trains.
_TUNING_TOOLS = frozenset({"adapter-transformers", "peft", "lora", "autotrain", "autonlp", "sft", "dpo", "orpo", "kto"})


def _tags(case: Case) -> frozenset[str]:
    tags = case.repo.info.get("tags")
    found = {str(tag).lower() for tag in tags} if isinstance(tags, list) else set()
    return frozenset(found | {str(case.repo.info.get("library_name")).lower()})


def _copied(case: Case) -> bool:
    """Whether this is another model in another format, or a merge: nothing was trained."""
    if _tags(case) & {"mergekit", "lazymergekit"} or (case.card and case.card.front.data.get("quantized_by")):
        return True
    if case.card and any(_COPY.search(one.text) for one in case.card.sentences()) and not _trains(case.card):
        return True
    name = _FORMAT.sub("", case.repo.id.split("/")[-1].lower())
    return name != case.repo.id.split("/")[-1].lower() and any(p.id.split("/")[-1].lower() == name for p in case.bases)


# A page that says so of itself, and of no training
_COPY = re.compile(
    r"\b(?:this|it|here)(?: repo(?:sitory)?| model| version| checkpoint)? (?:is|was|contains?|holds?)(?: just)? (?:an? |the )?(?:exact |unofficial |simple |direct |\d-bit )?"
    r"(?:copy|clone|mirror|fork|conversion|port|re-?upload|(?:pruned|quanti[sz]ed|converted|truncated) (?:version|model|copy))\b|"
    r"\b(?:model|repo(?:sitory)?)(?: \S+/\S+)? (?:is |was )?(?:forked|copied|cloned|converted|ported)\b[^.]{0,30}? from\b|\brandom(?:ly[- ]initiali[sz]ed)? weights\b|\bis randomly initiali[sz]ed\b|\bnot\W+a trained model\b|"
    r"\babliterat(?:ed|ion)\b|^\W*copying \S+ (?:model )?(?:files|weights)|^\W*(?:copy|clone|mirror|fork) of (?:https?:|\S+/)",
    re.IGNORECASE,
)


def _trains(card: Card) -> bool:
    return any(True for _ in training_sentences(card))


_FORMAT = re.compile(
    r"[-_.](?:i1-)?(?:gguf|ggml|gptq|awq|exl2|mlx|fp16|fp8|n?v?fp4|bf16|int[48]|[48]bit|onnx|openvino)(?:[-_.].*)?$"
)


_PREFERENCE = re.compile(r"(?:^|[-_.\d])(?:r?dpo|ipo|cpo|kto|orpo|simpo|rlhf|ppo|grpo)(?:$|[-_.])", re.IGNORECASE)


def method(case: Case) -> str:
    """The stage that the trainer's tag or the model's name tells, where there is one: what DPO and its kin learn from are preferences."""
    tags = _tags(case)
    told = bool(tags & {"dpo", "kto", "orpo"}) or bool(_PREFERENCE.search(case.repo.id.split("/")[-1]))
    return "preference" if told and "sft" not in tags and case.bases else ""


def own_stages(case: Case) -> list[str]:
    """The stages this model went through itself; what its ancestors went through is told of them."""
    if case.bases:
        declared = [pointer for pointer in case.bases if pointer.how == "metadata"]
        relations = {pointer.relation for pointer in declared or case.bases}
        if relations <= {"quantized", "merge"} or _copied(case):
            return []
        return [method(case) or ("unspecified" if _continued(case) else "fine-tuning")]
    if _copied(case):
        return []
    named = _FINETUNED.search(case.repo.id.split("/")[-1])
    if case.tuned or named or _tags(case) & _TUNING_TOOLS:  # made from a model that the page does not name
        return ["fine-tuning", "pre-training"]
    if tuned_by_name(case):
        return ["pre-training", "fine-tuning"]
    return ["pre-training"] if case.card and tells_first_training(case.card) else ["unspecified"]


_CONTINUED = re.compile(
    r"\b(?:is|are|was|were|an?|been|we)(?: a)? (?:further|continu\w+)[- ](?:\w+ )?(?:pre-?)?train(?:ed|ing)?\b(?! (?:stages?|steps?))",
    re.IGNORECASE,
)


def _continued(case: Case) -> bool:
    """Whether the page tells of a continued first training, and its name tells of no tuning."""
    said = case.card is not None and any(_CONTINUED.search(one.text) for one in case.card.sentences())
    return said and not tuned_by_name(case) and not _FINETUNED.search(case.repo.id)


def tuned_by_name(case: Case) -> bool:
    """Whether the repository's name says that the model was tuned ("-Instruct", "-chat")."""
    return named_as_tuned(case.repo.id)


def named_as_tuned(id: str) -> bool:
    """Whether a model's id says that it was tuned."""
    return bool(_TUNED.search(id.split("/")[-1]))
