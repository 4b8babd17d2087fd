"""Papers that a card cites or links: BibTeX entries, arXiv ids, links that call themselves the paper or the report.

Whether one was reviewed by peers, its venue tells, or a list of preprints that were published later (``papers.yaml``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from openaudit.reading.card import Block, Card, Link
from openaudit.reading.pointers import line_of
from openaudit.reading.shipped import once, table

_ASKS = re.compile(r"\bcit(?:e|ation|ing)\b|bibtex|引用", re.IGNORECASE)
_ENTRY = re.compile(r"@(\w{3,20})\s*\{\s*([^,\s}]{1,80})\s*,")
_FIELD = re.compile(
    r"\b(title|journal|booktitle|eprint|archiveprefix|url|doi|howpublished|publisher|institution|year)\s*=\s*[{\"](.{1,600}?)[}\"]\s*(?:,|\}|$)",
    re.IGNORECASE | re.DOTALL,
)
_ARXIV = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)/+|arxiv[:\s.]*|huggingface\.co/papers/|doi\.org/10\.48550/arxiv\.)(\d{4}\.\d{4,5})",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:paper|technical report|tech report|report|preprint|publication|arxiv|manuscript)\b|论文|技术报告|rapport technique",
    re.IGNORECASE,
)
# "Paper: …", as the Hub's card template has it: the line is about this model's paper, whatever the link is called.
_PAPER_FIELD = re.compile(
    r"^\W*(?:(?:research|technical|tech|our|original) )?(?:papers?|reports?|preprint|arxiv|publication|论文|技术报告)(?: or resources for more information| link)?(?: ?[\[(]optional[\])])?\W{0,6}[:：]",
    re.IGNORECASE,
)
_REPORT_FILE = re.compile(r"(?:report|paper|tech)[\w-]*\.pdf$|\.pdf$", re.IGNORECASE)
# Places whose contents were reviewed by peers. A workshop or a preprint server is none, nor is a place for submissions.
_VENUE = re.compile(
    r"aclanthology\.org|dl\.acm\.org/doi|doi\.org/10\.(?:1145|18653|1038|1162|1109|1007|21437|1126)|proceedings\.(?:mlr|neurips|iclr)|jmlr\.org|nature\.com/articles|"
    r"papers\.n(?:eur)?ips\.cc|openaccess\.thecvf|ojs\.aaai|isca-(?:speech|archive)",
    re.IGNORECASE,
)
_VENUE_NAME = re.compile(
    r"\b(?:proceedings|conference|transactions|association for computational linguistics|journal of|jmlr|neurips|nips|icml|iclr|acl|emnlp|naacl|eacl|cvpr|iccv|eccv|aaai|interspeech|icassp|tmlr|nature|colm|kdd|www|advances in neural)\b",
    re.IGNORECASE,
)
_NO_VENUE = re.compile(
    r"\barxiv\b|preprint|corr\b|workshop|hugging\s?face|github|blog|under review|submitted", re.IGNORECASE
)
# "Accepted at ICML 2024": a venue by its own name, with the year, said of the paper that stands beside it.
_ACCEPTED = re.compile(
    r"\b(?:accepted|published|presented|appear(?:s|ed|ing)?|poster|oral|spotlight)\b[^.\n]{0,40}?\b(?:at|in|to|by|for|as)\b[^.\n]{0,40}?"
    r"\b(?:NeurIPS|NIPS|ICML|ICLR|ACL|EMNLP|NAACL|EACL|CVPR|ICCV|ECCV|AAAI|INTERSPEECH|Interspeech|ICASSP|TMLR|JMLR|COLM|KDD|SIGGRAPH|Nature)\b",
)


# "the data set presented in the paper": the words before a link that make it a paper on something else than the model.
_OF_DATA = re.compile(
    r"\b(?:data\s?sets?|corp(?:us|ora)|benchmarks?)\b(?![^.]{0,80}\b(?:our|model)\b)[^.]{0,80}$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as the card gives it. ``venue``: where it was published after peer review, or empty."""

    title: str
    arxiv: str | None
    venue: str
    line: int
    quote: str
    how: str  # "citation" (BibTeX), "field" ("Paper: …"), "link" (called the paper or the report) or "mention"
    alone: bool = False  # the one citation that the card's citation section asks for
    about: str = ""  # what a well-known paper is about, whatever the card calls it
    by: tuple[str, ...] = ()  # the owners on the Hub whose models a well-known paper is about

    @property
    def reviewed(self) -> bool:
        return bool(self.venue)


@once
def _known() -> Mapping[str, Mapping[str, Any]]:
    entries = table("papers.yaml")
    return {entry["arxiv"]: entry for entry in entries}


def published(paper: Paper) -> Paper:
    """The paper with what is known of its preprint: where it was published after peer review, on what, and by whom."""
    entry = _known().get(paper.arxiv or "")
    if entry is None:
        return paper
    return replace(paper, venue=f"{entry['venue']}, {entry['url']}", about=entry["title"], by=tuple(entry["by"]))


def known_for(arxiv: str) -> tuple[str, ...]:
    """The owners on the Hub whose models a well-known paper is about; none where it is not well known."""
    return tuple(_known().get(arxiv, {}).get("by", ()))


def papers(card: Card) -> Iterator[Paper]:
    """Every paper, in reading order; the same one may come more than once."""
    asked: Counter[tuple[str, ...]] = Counter()  # what each citation section asks to cite
    for block in card.blocks:
        if _ASKS.search(" ".join(block.section[-1:])):
            asked[block.section] += len(_ENTRY.findall(block.text))
    for block in card.blocks:
        if "@" in block.text and (block.kind == "code" or "{" in block.text):
            entries = list(_bibtex(block.text, block.line))
            yield from (replace(entry, alone=asked[block.section] == 1) for entry in entries)
        for link in block.links:
            paper = _linked(link, block)
            if paper:
                yield paper


def _linked(link: Link, block: Block) -> Paper | None:
    arxiv = _ARXIV.search(link.url)
    field = bool(_PAPER_FIELD.match(line_of(block, link)))
    called = field or _CALLED.search(link.text) or (_CALLED.search(block.text[:60]) and len(block.text) < 300)
    venue = bool(_VENUE.search(link.url))
    report = _REPORT_FILE.search(link.url) or re.search(r"report|paper|publication", link.url, re.IGNORECASE)
    if not arxiv and not (called and (venue or report)):
        return None
    title = link.text if not re.match(r"https?:|arxiv\W*\d", link.text, re.IGNORECASE) else ""
    before = block.text.partition(link.text)[0] if link.text else ""
    cites = bool(link.text and (re.search(r"\w\s*[(\[]\s*$", before[-40:]) or _OF_DATA.search(before[-200:])))
    if field:
        how = "field"
    elif not cites and (called or (block.kind in ("item", "row") and _CALLED.search(block.text))):
        how = "link"
    else:
        how = "mention"
    where = link.url[:200] if called and venue else ""
    if not where and how != "mention" and (said := _ACCEPTED.search(block.text)):
        around = block.text[said.start() : said.end() + 30]
        where = "" if _NO_VENUE.search(around) else said[0]
    if arxiv and not title and not field and _ASKS.search(" ".join(block.section[-1:])):
        # A reference written out, in the section that asks to cite: its title stands before the link.
        title, how = line_of(block, link).partition(link.text or link.url)[0].strip(" ,.*_"), "citation"
    quote = (link.text or link.url)[:300]
    return published(Paper(title[:300], arxiv[1] if arxiv else None, where, link.line, quote, how))


def _bibtex(text: str, line: int) -> Iterator[Paper]:
    """The papers among BibTeX entries. An entry that names neither a place nor an identifier can't be found again: none."""
    entries = list(_ENTRY.finditer(text))
    for i, entry in enumerate(entries[:50]):
        body = text[entry.end() : entries[i + 1].start() if i + 1 < len(entries) else len(text)][:4000]
        fields = {name.lower(): re.sub(r"[{}\s]+", " ", value).strip() for name, value in _FIELD.findall(body)}
        in_ = " ".join(fields.get(name, "") for name in ("booktitle", "journal", "publisher")).strip()
        found = _ARXIV.search(body) or re.search(r"eprint\s*=\s*[{\"](\d{4}\.\d{4,5})", body)
        arxiv = found[1] if found else None
        places = f"{fields.get('url', '')} {fields.get('doi', '')} {_doi(fields.get('doi', ''))}"
        venue = ""
        if (_VENUE_NAME.search(in_) and not _NO_VENUE.search(in_)) or (
            _VENUE.search(places) and not re.search(r"workshop", in_, re.IGNORECASE)
        ):
            venue = in_ or places.strip()
        kind = entry[1].lower()
        archived = arxiv or venue or fields.get("doi") or _REPORT_FILE.search(fields.get("url", ""))
        if kind in ("article", "inproceedings", "conference", "techreport"):
            archived = archived or ((in_ or fields.get("institution")) and not _NOT_ARCHIVED.search(in_))
        if kind in _PAPERS and archived:
            title = fields.get("title", "")
            at = line + text.count("\n", 0, entry.start())
            yield published(Paper(title[:300], arxiv, venue, at, title[:300] or entry[0], "citation"))


_PAPERS = frozenset(
    "article misc inproceedings techreport conference unpublished proceedings online software report".split()
)
_NOT_ARCHIVED = re.compile(r"hugging\s?face|github|blog|medium|twitter|https?:", re.IGNORECASE)


def _doi(doi: str) -> str:
    return doi if doi.startswith("http") else f"https://doi.org/{doi}" if doi.startswith("10.") else ""
