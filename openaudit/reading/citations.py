"""Papers that a card cites or links: BibTeX entries, arXiv ids, links that call themselves the paper or the report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from openaudit.reading.card import Card

_ENTRY = re.compile(r"@(\w{3,20})\s*\{\s*([^,\s}]{1,80})\s*,")
_FIELD = re.compile(
    r"\b(title|journal|booktitle|eprint|archiveprefix|url|doi|howpublished|publisher|year)\s*=\s*[{\"](.{1,600}?)[}\"]\s*(?:,|\}|$)",
    re.IGNORECASE | re.DOTALL,
)
_ARXIV = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)/+|arxiv[:\s.]*|huggingface\.co/papers/)(\d{4}\.\d{4,5})", re.IGNORECASE
)
_CALLED = re.compile(
    r"\b(?:paper|technical report|tech report|report|preprint|publication|arxiv|manuscript)\b|论文|技术报告|rapport technique",
    re.IGNORECASE,
)
_REPORT_FILE = re.compile(r"(?:report|paper|tech)[\w-]*\.pdf$|\.pdf$", re.IGNORECASE)
# Places whose contents were reviewed by peers. A workshop or a preprint server is none.
_VENUE = re.compile(
    r"aclanthology\.org|dl\.acm\.org/doi|doi\.org/10\.(?:1145|18653|1038|1162|1109|1007|21437|1126)|proceedings\.(?:mlr|neurips|iclr)|jmlr\.org|nature\.com/articles|openreview\.net|"
    r"papers\.nips\.cc|openaccess\.thecvf|ojs\.aaai|isca-(?:speech|archive)",
    re.IGNORECASE,
)
_VENUE_NAME = re.compile(
    r"\b(?:proceedings|conference|transactions|association for computational linguistics|journal of|jmlr|neurips|nips|icml|iclr|acl|emnlp|naacl|eacl|cvpr|iccv|eccv|aaai|interspeech|icassp|tmlr|nature|colm|kdd|www|advances in neural)\b",
    re.IGNORECASE,
)
_NO_VENUE = re.compile(
    r"\barxiv\b|preprint|corr\b|workshop|hugging\s?face|github|blog|under review|submitted", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as the card gives it. ``reviewed``: the venue named is one with peer review."""

    title: str
    arxiv: str | None
    reviewed: bool
    line: int
    quote: str
    how: str  # "citation" (BibTeX), "link" (called the paper or the report) or "mention"
    alone: bool = False  # the one citation that the card's citation section asks for


def papers(card: Card) -> Iterator[Paper]:
    """Every paper, in reading order; the same one may come more than once."""
    for block in card.blocks:
        if "@" in block.text and (block.kind == "code" or "{" in block.text):
            asks = bool(re.search(r"\bcit(?:e|ation|ing)\b|bibtex|引用", " ".join(block.section[-1:]), re.IGNORECASE))
            entries = list(_bibtex(block.text, block.line))
            yield from (replace(entry, alone=asks and len(entries) == 1) for entry in entries)
        for link in block.links:
            arxiv = _ARXIV.search(link.url)
            called = _CALLED.search(link.text) or (_CALLED.search(block.text[:60]) and len(block.text) < 300)
            venue = bool(_VENUE.search(link.url))
            if arxiv or (
                called
                and (
                    venue
                    or _REPORT_FILE.search(link.url)
                    or re.search(r"report|paper|publication", link.url, re.IGNORECASE)
                )
            ):
                title = link.text if not link.text.startswith("http") else ""
                cites = bool(re.search(rf"\w\s*[(\[]\s*{re.escape(link.text)}", block.text)) if link.text else False
                how = (
                    "mention"
                    if cites
                    else "link"
                    if called or (block.kind in ("item", "row") and _CALLED.search(block.text))
                    else "mention"
                )
                yield Paper(
                    title[:300],
                    arxiv[1] if arxiv else None,
                    venue and bool(called),
                    link.line,
                    (link.text or link.url)[:300],
                    how,
                )


def _bibtex(text: str, line: int) -> Iterator[Paper]:
    entries = list(_ENTRY.finditer(text))
    for i, entry in enumerate(entries[:50]):
        body = text[entry.end() : entries[i + 1].start() if i + 1 < len(entries) else len(text)][:4000]
        fields = {name.lower(): re.sub(r"[{}\s]+", " ", value).strip() for name, value in _FIELD.findall(body)}
        venue = " ".join(fields.get(name, "") for name in ("booktitle", "journal", "publisher"))
        arxiv = _ARXIV.search(body) or re.search(r"eprint\s*=\s*[{\"](\d{4}\.\d{4,5})", body)
        reviewed = bool(_VENUE_NAME.search(venue) and not _NO_VENUE.search(venue)) or bool(
            _VENUE.search(fields.get("url", "") + fields.get("doi", ""))
        )
        kind = entry[1].lower()
        if kind in (
            "article",
            "misc",
            "inproceedings",
            "techreport",
            "conference",
            "unpublished",
            "proceedings",
            "online",
            "software",
        ):
            title = fields.get("title", "")
            if arxiv or reviewed or kind in ("article", "inproceedings", "techreport", "conference"):
                yield Paper(
                    title[:300],
                    arxiv[1] if arxiv else None,
                    reviewed,
                    line + text.count("\n", 0, entry.start()),
                    title[:300] or entry[0],
                    "citation",
                )
