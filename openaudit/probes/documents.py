"""Documents: is there a model card with something in it, a paper, a technical report."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openaudit.evidence import Finding
from openaudit.probes import Case, Fact, probe

CARD = Fact(
    "documents.card",
    "Is there a model card with something in it?",
    {
        "substantial": "the model card explains the model, its training and its use",
        "short": "the model card says little",
        "empty": "the model card is empty or an unfilled template",
        "none": "there is no model card",
    },
)
METADATA = Fact(
    "documents.metadata",
    "Can the card's metadata be read?",
    {True: "the card's metadata can be read", False: "the card's metadata is broken"},
)
PAPER = Fact(
    "documents.paper",
    "Does the page lead to a paper about the model?",
    {"*": "it leads to the paper {value}", "none": "it leads to no paper"},
)

_TEMPLATE = re.compile(r"\[?more information needed\]?|\{\{.*?\}\}|\[optional\]", re.IGNORECASE)
_ASPECTS = {
    "training": re.compile(r"train|corpus|data|训练|entra[iî]nement", re.IGNORECASE),
    "use": re.compile(r"use|usage|quick|how to|inference|getting started|使用|utilisation", re.IGNORECASE),
    "evaluation": re.compile(r"eval|benchmark|result|performance|评测", re.IGNORECASE),
    "limits": re.compile(r"limit|bias|risk|safety|ethic|局限", re.IGNORECASE),
    "model": re.compile(r"model|architecture|detail|summary|介绍|modèle", re.IGNORECASE),
}
_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf|html)/(\d{4}\.\d{4,5})", re.IGNORECASE)


@probe(CARD, METADATA, PAPER)
def documents(case: Case) -> Iterator[Finding]:
    """Weighs the card's sections and looks for a paper."""
    yield _card(case)
    problem = case.card.front.problem if case.card else None
    if case.card:
        note = problem or ("" if case.card.front.present else "the card has no metadata")
        yield Finding(METADATA.name, problem is None, case.file_source("README.md", 1), note=note)
    else:
        yield case.unless_unread(METADATA.name, False, "metadata")
    yield _paper(case)


def _card(case: Case) -> Finding:
    if case.card is None:
        return case.unless_unread(CARD.name, "none", "README.md")
    held = [b for b in case.card.prose if b.kind != "heading" and len(_TEMPLATE.sub("", b.text)) > 20]
    words = sum(len(_TEMPLATE.sub("", b.text)) for b in held)
    heads = {b.text for b in case.card.prose if b.kind == "heading"} | {b.section[-1] for b in held if b.section}
    filled = {name for name, says in _ASPECTS.items() if any(says.search(h) for h in heads)}
    if words < 200:
        value = "empty"
    else:
        value = "substantial" if len(filled) >= 3 and words >= 1500 else "short"
    return Finding(CARD.name, value, case.page_source, note=f"{words} characters of text; sections on {', '.join(sorted(filled)) or 'nothing'}")


def _paper(case: Case) -> Finding:
    if case.card is None:
        return case.unless_unread(PAPER.name, "none", "a link to a paper")
    for block in case.card.blocks:
        for text, line in [(link.url, link.line) for link in block.links] + ([(block.text, block.line)] if block.kind == "code" else []):
            if match := _ARXIV.search(text) or (re.search(r"eprint\s*=\s*\{?(\d{4}\.\d{4,5})", text) if block.kind == "code" else None):
                return Finding(PAPER.name, f"arXiv:{match[1]}", case.said(line, match[0]))
    return case.unless_unread(PAPER.name, "none", "a link to a paper")
