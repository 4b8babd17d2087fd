"""Where a page sends its reader for the training data: to a place that is no data set on the Hub, and is not looked at.

What is there is unknown. A page that leads to its data is not one that leaves them unnamed. One that says that they are
not to be had leads nowhere, and neither does a link to its maker's front page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from openaudit.reading.card import Card, Link, Sentence, sentences_of
from openaudit.reading.training_talk import EVALUATION, in_data_section, leads_to_data

# Below "Training data": "Please refer to …". Anywhere: "the dataset is available here", "the availability of this data: …"
_SENDS = re.compile(
    r"^\W*(?:for (?:more |further )?(?:details|information)\b[^.]{0,40}?,? )?(?:please )?(?:refer to|see|visit|check(?: out)?)\b(?!.*\bmodel\b)",
    re.IGNORECASE,
)
_DATA = r"(?:training )?(?:data|data\s?sets?|corpus|corpora)\b"
_DATA_ARE_THERE = re.compile(
    rf"\b(?:this|the|our|all|training) (?:\w+ )?{_DATA}(?! (?:protection|policy|privacy))(?:(?!\b(?:scripts?|guidelines?)\b)[^.]){{0,40}}\b(?:available|hosted|released|be downloaded|found)\b|"
    rf"\bavailability of (?:this|the|our) (?:\w+ )?{_DATA}|\bdownload (?:the|our|this) {_DATA}",
    re.IGNORECASE,
)
# What is withheld, what is the users', and what is for tests or another model
_OTHERWISE = re.compile(
    r"\b(?:not|never|no longer|cannot|unavailable|users?|personal|tests?|testing|validation|base|original|parent|teacher)\b|n['’]t\b",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"\b(?:papers?|reports?|article|guidelines?|scripts?|section|licen[cs]e|terms|polic(?:y|ies)|contact|web ?site|home ?page|discord|slack|twitter|linkedin)\b|"
    r"arxiv|doi\.org|openreview|aclanthology|\.pdf\b|mailto:| #|//(?:www\.)?[\w.-]+/?$|"
    r"\b(?:huggingface\.co|hf\.co)/",  # what is there is looked at, where it is data
    re.IGNORECASE,
)
_LINKS = 16  # of one block that are weighed
_TITLE = 60  # characters of a line that stands above others, at most


def sent_to(card: Card) -> Iterator[tuple[Link, Sentence]]:
    """The links to such places, each with the sentence it stands in. A paper is none of them."""
    before = ""
    for block in card.prose:
        under = in_data_section(block) or leads_to_data(before)
        before = block.text if block.kind in ("paragraph", "html") and len(block.text) <= _TITLE else ""
        if block.kind not in ("paragraph", "item"):
            continue
        links = [(link, " ".join(link.text.split())) for link in block.links[:_LINKS] if link.url.startswith("http")]
        places = [(link, shown) for link, shown in links if shown and not _NO_PLACE.search(f"{shown} {link.url}")]
        for sentence in sentences_of(block) if places else ():
            text = " ".join(sentence.text.split())
            if EVALUATION.search(text) or _OTHERWISE.search(text):
                continue
            if (under and _SENDS.search(text)) or _DATA_ARE_THERE.search(text):
                for link, shown in places:
                    if shown in text and re.search(rf"(?<!\w){re.escape(shown)}(?!\w)", text):
                        yield link, sentence
