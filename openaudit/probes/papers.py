"""Papers: whether there is a report about the model, whether it is a paper, and whether peers reviewed it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from openaudit.evidence import CodeRepo, Evidence, Finding, Source, Value
from openaudit.probes import Case, Fact, probe
from openaudit.probes.case import maker
from openaudit.probes.code import own_repositories
from openaudit.reading.citations import Paper, known_for, papers
from openaudit.reading.pointers import names_of
from openaudit.saying import phrase

PREPRINT = Fact(
    "documents.preprint",
    "Is there a paper or technical report about this model?",
    {
        "own": "there is a paper or technical report about this model",
        "related": "there are papers about a part of it only (its method, its base, its data)",
        "none": "no paper or technical report about this model was found",
    },
)
RESEARCH = Fact(
    "documents.research_paper",
    "Is there a research paper about this model, archived or published where papers are?",
    {
        True: "there is a research paper about this model",
        False: "no research paper about this model was found",
    },
)
REVIEWED = Fact(
    "documents.reviewed",
    "Was that paper reviewed by peers?",
    {
        "own": "a paper about it appeared where papers are peer-reviewed",
        "related": "a peer-reviewed paper covers a part of it (the model it was made from, or its data)",
        "none": "no peer-reviewed paper about it was found",
    },
)

_BENCH_TITLE = re.compile(r"\b(?:benchmark\w*|evaluat\w+|measuring|leaderboard|challenge|test suite)\b", re.IGNORECASE)
_OWN_PAPER = re.compile(
    r"^\W*(?:(?:our|the|official|accompanying|associated|research|technical|full|original|arxiv|paper|report|preprint|read|view|pdf|here|link|tech|📖|📄|📑|📝)\W*)+$",
    re.IGNORECASE,
)
_ABOUT_DATA = re.compile(r"\bdata\s?sets?\b|\bcorp(?:us|ora)\b", re.IGNORECASE)
_REPORT_FILE = re.compile(
    r"(?:^|[/_ -])(?:tech(?:nical)?[_ -]?)?(?:report|paper)(?:[_ -]?v?\d[\w.]*)?\.pdf$", re.IGNORECASE
)


@probe(PREPRINT, RESEARCH, REVIEWED)
def reports(case: Case) -> Iterator[Finding]:
    """Looks for papers and reports in the card, beside the weights, and in the model's own code repositories."""
    if case.card is None:
        yield case.unless_unread(PREPRINT.name, "none", phrase("a paper"))
        yield case.unless_unread(RESEARCH.name, False, phrase("a paper"))
        yield case.unless_unread(REVIEWED.name, "none", phrase("a paper"))
        return
    found = list(papers(case.card))
    own = [paper for paper in found if _is_own(case, paper)]
    yield _preprint(case, found, own)
    yield _research(case, own)
    yield _reviewed(case, found, own)


def _preprint(case: Case, found: list[Paper], own: list[Paper]) -> Finding:
    if own:
        return Finding(PREPRINT.name, "own", case.said(own[0].line, own[0].quote), note=_id(own[0]))
    beside = next((path for path in case.repo.paths if _REPORT_FILE.search(path)), None)
    if beside:
        return Finding(PREPRINT.name, "own", case.file_source(beside), note=phrase("a report beside the weights"))
    for repo in own_repositories(case):
        path = next((p for p in repo.tree if _is_report_of(case, p)), None) if isinstance(repo, CodeRepo) else None
        if isinstance(repo, CodeRepo) and path:
            source = Source(repo.url(path), path, gathered=repo.gathered)
            return Finding(PREPRINT.name, "own", source, note=phrase("a report in {id}", id=repo.id))
    related = next((paper for paper in found if paper.how == "citation" and not _BENCH_TITLE.search(paper.title)), None)
    if related:
        return Finding(PREPRINT.name, "related", case.said(related.line, related.quote))
    return _unless_listed(case, PREPRINT, "none", phrase("citations and links to papers or reports"))


def _research(case: Case, own: list[Paper]) -> Finding:
    """A paper is archived or published where papers are, or calls itself one; a report by its maker alone is none."""
    paper = next((paper for paper in own if paper.arxiv or paper.reviewed or paper.how == "citation"), None)
    if paper:
        return Finding(RESEARCH.name, True, case.said(paper.line, paper.quote), note=_id(paper))
    beside = next((path for path in case.repo.paths if re.search(r"paper[\w.-]*\.pdf$", path, re.IGNORECASE)), None)
    if beside:
        return Finding(RESEARCH.name, True, case.file_source(beside), note=phrase("a paper beside the weights"))
    return _unless_listed(case, RESEARCH, False, phrase("a paper with an arXiv id, a DOI or a venue"))


def _is_report_of(case: Case, path: str) -> bool:
    """A report at the root of the model's repository, or one whose file name names the model."""
    if not path.lower().endswith(".pdf"):
        return False
    name = _plain(PurePosixPath(path).stem)
    return ("/" not in path and bool(_REPORT_FILE.search(path)) and name in _BARE) or (
        bool(re.search(r"report|paper", path, re.IGNORECASE)) and any(n in name for n in _family(case))
    )


_BARE = frozenset({"report", "paper", "technicalreport", "techreport"})


def _reviewed(case: Case, found: list[Paper], own: list[Paper]) -> Finding:
    reviewed = next((paper for paper in own if paper.reviewed), None)
    if reviewed:
        return Finding(REVIEWED.name, "own", case.said(reviewed.line, reviewed.quote), note=reviewed.venue)
    parts = [_plain(name) for id in (*_ids(case), *(p.id for p in case.data_sets)) for name in _long_names(id)]
    for paper in found:
        title = _plain(paper.title)
        if paper.reviewed and not _BENCH_TITLE.search(paper.title) and any(part in title for part in parts):
            return Finding(REVIEWED.name, "related", case.said(paper.line, paper.quote), note=paper.venue)
    for ancestor in case.ancestors:
        if isinstance(ancestor, Evidence) and ancestor.get(REVIEWED.name).value == "own":
            source = ancestor.get(REVIEWED.name).source
            return Finding(REVIEWED.name, "related", source, note=phrase("a paper on {id}", id=ancestor.id))
    return _unless_listed(case, REVIEWED, "none", phrase("a citation or link to a reviewed venue"))


def _unless_listed(case: Case, fact: Fact, value: Value, looked_for: str) -> Finding:
    """That nothing was found; unknown, where the Hub lists a paper that the page does not speak of."""
    tags = case.repo.info.get("tags")
    ids = [match[1] for tag in tags if (match := _LISTED.fullmatch(str(tag)))] if isinstance(tags, list) else []
    page = "\n".join(case.card.text.split("\n")[case.card.front.lines :]) if case.card and ids else ""
    for id in ids:
        by = known_for(id)
        if not re.search(rf"(?<!\d){re.escape(id)}(?!\d)", page) and (not by or maker(case.repo.id) in by):
            note = phrase("the Hub lists arXiv:{id} for it; what that is about was not looked at", id=id)
            return Finding(fact.name, None, case.page_source, note=note)
    return case.unless_unread(fact.name, value, looked_for)


_LISTED = re.compile(r"arxiv:(\d{4}\.\d{4,5})")


def _id(paper: Paper) -> str:
    return f"arXiv:{paper.arxiv}" if paper.arxiv else ""


def _is_own(case: Case, paper: Paper) -> bool:
    """Whether a paper is about this model.

    It is when its title names the model, or when the card calls it simply the paper, or asks to cite it alone; but not
    where its title names what the model was made from, or tells of a data set ("The data set for X").
    """
    family, bases = _family(case), [_plain(name) for id in _ids(case) for name in _long_names(id)]
    about, title = _plain(paper.about), _plain(paper.title)
    if paper.by and maker(case.repo.id) not in (*paper.by, ""):
        return False  # a well-known paper on the models of others
    if any(name in about for name in family) and not any(name in about for name in bases):
        return True
    named = min((title.find(name) for name in family if name in title), default=-1)
    data = _ABOUT_DATA.search(paper.title)
    if named >= 0 and paper.how != "mention" and not (data and len(_plain(paper.title[: data.start()])) < named):
        return True
    if data or any(name in title for name in bases):
        return False
    if paper.how == "field":
        return not title or bool(_OWN_PAPER.match(paper.title)) or bool(paper.arxiv)
    return paper.alone or (paper.how == "link" and bool(_OWN_PAPER.match(paper.title)))


def _family(case: Case) -> list[str]:
    return [
        name for name in (_plain(n) for n in case.names if n not in ("model", "base", "llm", "chat")) if len(name) > 2
    ]


def _ids(case: Case) -> list[str]:
    return [base.id for base in case.bases]


def _long_names(id: str) -> list[str]:
    return [name for name in names_of(id) if len(re.sub(r"[\W_]+", "", name)) > 3]


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())
