"""Documents: what the model card covers, papers and reports about the model, data sheets, documented code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openaudit.evidence import CodeRepo, Evidence, Finding, NotLooked, Repo, Source
from openaudit.probes import Case, Fact, probe
from openaudit.reading.citations import Paper, papers

CARD = Fact(
    "documents.card",
    "What does the model card cover?",
    {
        "comprehensive": "the model card covers the model, its training, its data, its evaluation, its use and its limits",
        "partial": "the model card covers a part of what one would want to know",
        "little": "the model card says little",
        "none": "there is no model card",
    },
)
COVERS = Fact("documents.covers", "Which subjects does the model card cover?", {"*": "the model card covers: {value}"})
SUBJECTS = Fact(
    "documents.subjects",
    "How many of the subjects one expects does the model card cover?",
    {"*": "the model card covers {value} of the seven subjects one expects"},
)
METADATA = Fact(
    "documents.metadata",
    "Can the card's metadata be read?",
    {True: "the card's metadata can be read", False: "the card's metadata is broken"},
)
ARCHITECTURE = Fact(
    "documents.architecture",
    "Are architecture and training set-up documented in the card?",
    {
        "detailed": "architecture, hardware and training settings are documented",
        "some": "architecture or training set-up are documented in part",
        "none": "neither architecture nor training set-up are documented",
    },
)
PREPRINT = Fact(
    "documents.preprint",
    "Is there a paper or technical report about this model?",
    {
        "own": "there is a paper or technical report about this model",
        "related": "there are papers about a part of it only (its method, its base, its data)",
        "none": "no paper or technical report about this model was found",
    },
)
REVIEWED = Fact(
    "documents.reviewed",
    "Was that paper reviewed by peers?",
    {
        "own": "a paper about it appeared where papers are peer-reviewed",
        "related": "a peer-reviewed paper covers a model that it was made from",
        "none": "no peer-reviewed paper about it was found",
    },
)
DATASHEET = Fact(
    "documents.datasheet",
    "Are there data sheets for the training data?",
    {
        "all": "every named data set has a card of its own, or there is a data sheet",
        "some": "some of the training data have a card of their own",
        "none": "no data sheet for the training data was found",
    },
)
BENCHMARKS = Fact(
    "documents.benchmarks",
    "Which public benchmarks does the card give results for?",
    {
        "*": "the card gives results on {value}",
        "none": "the card gives results on no public benchmark that is known here",
    },
)
SUMMARY_LINK = Fact(
    "documents.data_summary",
    "Is there a public summary of the training content?",
    {
        True: "there is a public summary of the training content",
        False: "no public summary of the training content was found",
    },
)
COPYRIGHT = Fact(
    "documents.copyright_policy",
    "Is there a copyright policy for the training data?",
    {
        True: "there is a copyright policy for the training data",
        False: "no copyright policy for the training data was found",
    },
)
CODE = Fact(
    "documents.code",
    "Is the code documented?",
    {
        "well": "the code comes with documentation",
        "some": "the code comes with little documentation",
        "none": "there is no code of this model to document",
    },
)

_TEMPLATE = re.compile(r"\[?more information needed\]?|\{\{.*?\}\}|\[optional\]", re.IGNORECASE)
# Subjects of a model card after Mitchell et al. (2019) and the Hub's template: how its text speaks of each.
_SUBJECTS = {
    "architecture": re.compile(r"architect|\blayers?\b|hidden (?:size|dim)|attention heads|context (?:length|window)|parameters|decoder|encoder|d_model|vocab\w* size|架构|参数", re.IGNORECASE),
    "training": re.compile(r"\btrain(?:ing|ed)\b|训练|entra[iî]n", re.IGNORECASE),
    "data": re.compile(r"training data|trained on|data\s?sets?|corpus|tokens of|数据|données", re.IGNORECASE),
    "tuning": re.compile(r"fine-?tun|\bsft\b|rlhf|\bdpo\b|instruction[- ]|post-train|微调", re.IGNORECASE),
    "evaluation": re.compile(r"evaluat|benchmark|\bscores?\b|评测", re.IGNORECASE),
    "use": re.compile(r"intended use|out-of-scope|use cases?|direct use|downstream use|misuse|intended for|suitable for", re.IGNORECASE),
    "limits": re.compile(r"limitation|\bbias|\brisks?\b|ethic|safety|hallucinat|局限|limites", re.IGNORECASE),
}  # fmt: skip
_NEEDED = {"architecture": 2, "training": 3, "data": 2, "tuning": 2, "evaluation": 2, "use": 1, "limits": 2}
_SETTINGS = re.compile(
    r"learning rate|batch size|\bepochs?\b|optimi[sz]er|warm-?up|adamw?\b|hyper-?param|precision|weight decay|gradient",
    re.IGNORECASE,
)
_HARDWARE = re.compile(
    r"\b(?:A100s?|H100s?|H800s?|H200s?|TPU\w*|V100s?|GH200|B200|Gaudi\d?|MI\d{3}\w?|A6000|RTX ?\d+|L40S?|Trainium|Ascend|GPUs?(?: hours)?|nodes)\b"
)
_TRAINED_ON = re.compile(
    r"\b(?:pre-?|post-?)?train(?:ed|ing)\b|fine-?tun|hardware|compute|infrastructure|训练", re.IGNORECASE
)
_TO_RUN = re.compile(r"\b(?:inference|runs? on|to run|deploy\w*|fits? (?:on|in)|requires?)\b", re.IGNORECASE)
_BENCHMARKS = re.compile(
    r"\b(MMLU(?:-Pro)?|HellaSwag|ARC(?:[- ][CE](?:hallenge|asy)?)?|WinoGrande|TruthfulQA|GSM8K|MATH(?:-500)?|HumanEval|MBPP|BBH|BIG-?Bench|DROP|PIQA|SIQA|BoolQ|"
    r"OpenBookQA|LAMBADA|TriviaQA|NaturalQuestions|GLUE|SuperGLUE|SQuAD|GPQA|IFEval|MT-?Bench|AlpacaEval|LiveCodeBench|AIME|C-?Eval|CMMLU|XNLI|XCOPA|AGIEval|"
    r"LibriSpeech|Common Voice|FLEURS|COCO|ImageNet|FID|MMMU|DocVQA|ChartQA|WikiText|BLEU|XSum|CNN/DailyMail)\b"
)
_BENCH_TITLE = re.compile(r"\b(?:benchmark\w*|evaluat\w+|measuring|leaderboard|challenge|test suite)\b", re.IGNORECASE)
_COPYRIGHT = re.compile(
    r"copyright (?:policy|polic|compliance)|code[ _-]of[ _-]practice|copyright[ _-]and[ _-]transparency", re.IGNORECASE
)
_OWN_PAPER = re.compile(
    r"^\W*(?:(?:our|the|official|accompanying|associated|research|technical|full|original|arxiv|paper|report|preprint|read|view|pdf|here|link|tech|📖|📄|📑|📝)\W*)+$",
    re.IGNORECASE,
)


@probe(
    CARD,
    COVERS,
    SUBJECTS,
    METADATA,
    ARCHITECTURE,
    PREPRINT,
    REVIEWED,
    DATASHEET,
    BENCHMARKS,
    SUMMARY_LINK,
    COPYRIGHT,
    CODE,
)
def documents(case: Case) -> Iterator[Finding]:
    """Weighs what the card says, and looks for papers, data sheets and documentation of the code."""
    yield from _card(case)
    problem = case.card.front.problem if case.card else None
    if case.card:
        note = problem or ("" if case.card.front.present else "the card has no metadata")
        yield Finding(METADATA.name, problem is None, case.file_source("README.md", 1), note=note)
    else:
        yield case.unless_unread(METADATA.name, False, "metadata")
    yield from _papers(case)
    yield _datasheet(case)
    yield from _compliance(case)
    yield _code(case)


def _card(case: Case) -> Iterator[Finding]:
    if case.card is None:
        yield case.unless_unread(CARD.name, "none", "README.md")
        yield case.unless_unread(SUBJECTS.name, 0, "a model card")
        yield case.unless_unread(COVERS.name, ("nothing",), "a model card")
        yield case.unless_unread(ARCHITECTURE.name, "none", "a model card")
        return
    prose = [b for b in case.card.prose if len(_TEMPLATE.sub("", b.text)) > 20]
    texts = [b.text for b in prose if b.kind != "heading"]
    length = sum(len(_TEMPLATE.sub("", text)) for text in texts)
    heads = {b.section[-1] for b in prose if b.kind != "heading" and b.section}
    counts = {
        name: sum(bool(says.search(t)) for t in texts) + sum(bool(says.search(h)) for h in heads)
        for name, says in _SUBJECTS.items()
    }
    covered = tuple(name for name, count in counts.items() if count >= _NEEDED[name])
    if len(covered) >= 5 and length > 3000:
        value = "comprehensive"
    else:
        value = "partial" if len(covered) >= 2 and length > 1500 else "little"
    yield Finding(CARD.name, value, case.page_source, note=f"{length} characters of text")
    yield Finding(SUBJECTS.name, len(covered), case.page_source)
    yield Finding(COVERS.name, covered or ("nothing",), case.page_source)
    settings = sum(bool(_SETTINGS.search(t)) for t in texts)
    hardware = next(
        (
            b
            for b in prose
            if _HARDWARE.search(b.text)
            and _TRAINED_ON.search(b.text + " ".join(b.section))
            and not _TO_RUN.search(b.text)
        ),
        None,
    )
    told = (counts["architecture"] >= 2) + (hardware is not None) + (settings >= 1)
    source = case.said(hardware.line, hardware.text) if hardware else case.page_source
    yield Finding(ARCHITECTURE.name, "detailed" if told == 3 else "some" if told else "none", source)


def _papers(case: Case) -> Iterator[Finding]:
    if case.card is None:
        yield case.unless_unread(PREPRINT.name, "none", "a paper")
        yield case.unless_unread(REVIEWED.name, "none", "a paper")
        return
    found = list(papers(case.card))
    own = [paper for paper in found if _is_own(case, paper)]
    beside = next((p for p in case.repo.paths if re.search(r"(?:report|paper)[\w-]*\.pdf$", p, re.IGNORECASE)), None)
    related = next((paper for paper in found if paper.how == "citation" and not _BENCH_TITLE.search(paper.title)), None)
    if own:
        yield Finding(
            PREPRINT.name,
            "own",
            case.said(own[0].line, own[0].quote),
            note=f"arXiv:{own[0].arxiv}" if own[0].arxiv else "",
        )
    elif beside:
        yield Finding(PREPRINT.name, "own", case.file_source(beside), note="a report beside the weights")
    elif related:
        yield Finding(PREPRINT.name, "related", case.said(related.line, related.quote))
    else:
        yield case.unless_unread(PREPRINT.name, "none", "citations and links to papers or reports")
    reviewed = next((paper for paper in own if paper.reviewed), None)
    if reviewed:
        yield Finding(REVIEWED.name, "own", case.said(reviewed.line, reviewed.quote))
    elif base := next(
        (a for a in case.ancestors if isinstance(a, Evidence) and a.get(REVIEWED.name).value == "own"), None
    ):
        yield Finding(REVIEWED.name, "related", base.get(REVIEWED.name).source, note=f"a paper on {base.id}")
    else:
        yield case.unless_unread(REVIEWED.name, "none", "a citation or link to a reviewed venue")


def _is_own(case: Case, paper: Paper) -> bool:
    """A paper is about this model when its title names it, when the card calls it simply the paper, or asks to cite it alone."""
    title = re.sub(r"[\W_]+", "", paper.title.lower())
    family = [re.sub(r"[\W_]+", "", name) for name in case.names if name not in ("model", "base", "llm", "chat")]
    if any(len(name) > 2 and name in title for name in family) and paper.how != "mention":
        return True
    return paper.alone or (paper.how == "link" and bool(_OWN_PAPER.match(paper.title)))


def _compliance(case: Case) -> Iterator[Finding]:
    """Benchmarks with results, and the two documents that EU law asks of every general-purpose model."""
    if case.card is None:
        yield case.unless_unread(BENCHMARKS.name, "none", "results on benchmarks")
    else:
        named = sorted({m[1] for b in case.card.prose for m in _BENCHMARKS.finditer(b.text)})
        yield Finding(BENCHMARKS.name, tuple(named) or "none", case.page_source)
    for fact, pattern, thing in (
        (
            SUMMARY_LINK,
            re.compile(
                r"public[_ -]summary|summary of (?:the )?training (?:content|data)|data[_ -]summary", re.IGNORECASE
            ),
            "a summary of the training content",
        ),
        (COPYRIGHT, _COPYRIGHT, "a copyright policy"),
    ):
        link = (
            next(
                (
                    link
                    for link, _ in case.card.links()
                    if pattern.search(link.text) or pattern.search(link.url.rsplit("/", 1)[-1])
                ),
                None,
            )
            if case.card
            else None
        )
        if link:
            yield Finding(fact.name, True, case.said(link.line, link.text or link.url))
        else:
            yield case.unless_unread(fact.name, False, thing)


def _datasheet(case: Case) -> Finding:
    from openaudit.probes.data import SUMMARY

    if case.card:
        for link, _ in case.card.links():
            if SUMMARY.search(link.text) or SUMMARY.search(link.url.rsplit("/", 1)[-1]):
                return Finding(DATASHEET.name, "all", case.said(link.line, link.text or link.url))
    looks = [(p, case.snapshot.dataset(p.id)) for p in case.data_sets]
    carded = [(p, look) for p, look in looks if isinstance(look, Repo) and _has_card(look)]
    if carded:
        first, look = carded[0]
        value = "all" if len(carded) == len(looks) and not case.bases and not case.tuned else "some"
        return Finding(
            DATASHEET.name,
            value,
            Source(look.url("README.md"), "README.md", gathered=look.gathered),
            note=f"such as that of {first.id}",
        )
    unseen = next((p for p, look in looks if isinstance(look, NotLooked)), None)
    if unseen:
        return Finding(DATASHEET.name, None, unseen.source, note=f"{unseen.id} could not be looked at")
    return case.unless_unread(DATASHEET.name, "none", "data cards and data sheets")


def _has_card(repo: Repo) -> bool:
    """Whether a data set has a card with something in it; one that was not read gets the benefit of the doubt."""
    text = repo.files.get("README.md")
    return "README.md" in repo.paths if text is None else len(_TEMPLATE.sub("", text).split("---")[-1].strip()) > 20


def _code(case: Case) -> Finding:
    """Documentation in the model's own repositories: a docs folder, several guides, or notebooks."""
    from openaudit.probes.code import own_repositories

    looks = own_repositories(case)
    for repo in (look for look in looks if isinstance(look, CodeRepo)):
        guides = [
            p
            for p in repo.tree
            if re.search(r"(?:^|/)(?:docs?/|README[\w.-]*$|[\w-]+\.ipynb$|tutorials?/|examples?/)", p, re.IGNORECASE)
        ]
        code = [p for p in repo.tree if p.endswith((".py", ".sh", ".ipynb"))]
        if code:
            value = "well" if len(guides) >= 4 else "some" if guides else "none"
            return Finding(
                CODE.name,
                value,
                Source(repo.url(), gathered=repo.gathered),
                note=f"{len(guides)} guides beside {len(code)} files of code",
            )
    if looks:
        if all(isinstance(look, CodeRepo) for look in looks):
            return Finding(CODE.name, "none", Source(looks[0].url()), note="the linked repository holds no code")  # type: ignore[union-attr]
        return Finding(CODE.name, None, case.page_source, note="the linked repositories were not looked at")
    return case.unless_unread(CODE.name, "none", "links to code of this model")
