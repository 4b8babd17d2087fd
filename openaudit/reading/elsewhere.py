"""Where a page sends its reader for the training data: to a place that is no data set on the Hub, and is not looked at.

What is there is unknown. A page that leads to its data is not one that leaves them unnamed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from openaudit.reading.card import Card, Link, Sentence
from openaudit.reading.training_talk import EVALUATION, in_data_section

# Below "Training data": "Please refer to …". Anywhere: "the dataset is available here", "the availability of this data: …"
_SENDS = re.compile(
    r"^\W*(?:for (?:more |further )?(?:details|information)\b[^.]{0,40}?,? )?(?:please )?(?:refer to|see|visit|read|check)\b(?!.*\bmodel\b)",
    re.IGNORECASE,
)
_DATA_ARE_THERE = re.compile(
    r"\b(?:this|the|our|all|training) (?:\w+ )?(?:data|data\s?sets?|corpus|corpora)\b(?:(?!\b(?:code|scripts?|guidelines?)\b)[^.]){0,40}\b(?:available|hosted|released|downloaded|found)\b|"
    r"\bavailability of (?:this|the|our) (?:\w+ )?(?:data|data\s?sets?|corpus)\b",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"\b(?:papers?|reports?|article|guidelines?|scripts?|code|section|licen[cs]e)\b|arxiv|doi\.org|openreview|aclanthology|\.pdf\b| #|"
    r"\b(?:huggingface\.co|hf\.co)/",  # what is there is looked at, where it is data
    re.IGNORECASE,
)
_LINKS = 16  # of one block that are weighed


def sent_to(card: Card) -> Iterator[tuple[Link, Sentence]]:
    """The links to such places, each with the sentence it stands in. A paper is none of them."""
    for sentence in card.sentences():
        block, text = sentence.block, " ".join(sentence.text.split())
        if block.kind not in ("paragraph", "item") or not block.links or EVALUATION.search(text):
            continue
        if (in_data_section(block) and _SENDS.search(text)) or _DATA_ARE_THERE.search(text):
            for link in block.links[:_LINKS]:
                shown = " ".join(link.text.split())
                if (
                    link.url.startswith("http")
                    and shown
                    and shown in text
                    and not _NO_PLACE.search(f"{shown} {link.url}")
                ):
                    yield link, sentence
