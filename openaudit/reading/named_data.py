"""Names that words give to training data where no link or id does: "fine-tuned on the Foo dataset".

Such a name cannot be looked up: what is told of it stays unknown. But data that have a name are not undisclosed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# What libraries write for data that somebody loaded from files of their own: names of loaders, not of data sets.
# https://huggingface.co/docs/datasets/loading and the model cards that trainers write.
LOADERS = frozenset(
    "arrow audiofolder cache csv custom dataset generator hdf5 imagefolder json jsonl none null other pandas parquet "
    "spark sql text tsv unknown unkown videofolder webdataset xml".split()
)
_WORD = r"(?:[A-Z0-9][\w./@+'-]*|[a-z][\w./@+-]*[\d_/][\w./@+-]*|[a-z]+[A-Z][\w./@+-]*)"
_NAMED = re.compile(
    rf"\b(?:on|using|with|from)\s+(?:the\s+|our\s+|an?\s+)?(?P<name>{_WORD}(?:[ ]{_WORD}){{0,5}})\s*(?:\([^)]{{0,60}}\)\s*)?"
    r"(?:training |train |instruction |speech )?(?:data\s?sets?|corpus|corpora)\b"
)
_BY_A_TRAINER = re.compile(r"\bversion of \S+ on the (?P<name>[\w./@-]+)(?: - \w+)? data\s?sets?\b", re.IGNORECASE)
# Words that say what kind of data it is: a language, a task, a format. They name nothing by themselves.
_KINDS = frozenset(
    """a an the english chinese french german spanish italian portuguese russian japanese korean arabic hindi turkish
    dutch swedish polish danish norwegian finnish greek hebrew persian thai vietnamese indonesian ukrainian czech
    romanian hungarian bengali urdu tamil telugu catalan basque galician welsh irish swahili multilingual bilingual
    monolingual parallel qa nlp asr ner sft dpo rlhf nli mt tts ocr q&a it its this these that our my in-house
    open-source opensource web huggingface hf github kaggle json csv new own large small custom synthetic gpt-4 gpt4
    chatgpt gpt-3.5 llm ai ml medical legal financial scientific clinical""".split()
)


def names(sentence: str) -> Iterator[str]:
    """The names that a sentence about training gives to data sets."""
    for pattern in (_BY_A_TRAINER, _NAMED):
        for match in pattern.finditer(sentence):
            name = match["name"].strip(" .,;'")
            words = [word.lower() for word in name.split()]
            if all(word in _KINDS or re.fullmatch(r"[\d.,]+[kmb]?", word) for word in words):
                continue
            if name.lower() not in LOADERS and len(name) > 1:
                yield name[:96]
