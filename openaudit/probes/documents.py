"""Documents: what the model card covers, papers and reports about the model, data sheets, documented code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openaudit.evidence import CodeRepo, Finding, Source
from openaudit.probes import Case, Fact, probe
from openaudit.reading import subjects
from openaudit.reading.card import Card
from openaudit.reading.named_data import printed_settings
from openaudit.reading.subjects import PROMISED, Telling, built_of, told
from openaudit.saying import counted, listed, phrase

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
COVERS = Fact(
    "documents.covers",
    "Which subjects does the model card cover?",
    {"*": "the model card covers: {value}"},
    words=(*subjects.SUBJECTS, "nothing"),
)
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
    "Does the card describe the architecture?",
    {
        "detailed": "the card describes the architecture in detail",
        "some": "the card describes the architecture in part",
        "none": "the card does not describe the architecture",
    },
)
SETUP = Fact(
    "documents.setup",
    "Does the card describe the training set-up: the machines and the settings?",
    {
        "detailed": "the card tells the machines and the settings of training",
        "some": "the card tells a part of the training set-up",
        "none": "the card does not tell the training set-up",
    },
)
USAGE = Fact(
    "documents.usage",
    "Is it shown how to use the model?",
    {
        True: "it is shown how to use the model",
        False: "nothing shows how to use the model",
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
CODE = Fact(
    "documents.code",
    "Is the code documented?",
    {
        "well": "the code comes with documentation",
        "some": "the code comes with little documentation",
        "none": "there is no code of this model to document",
    },
)

_IN_DETAIL = 3
_SETTINGS = re.compile(
    r"learning rate|batch size|\bepochs?\b|optimi[sz]er|warm-?up|adamw?\b|hyper-?param|precision|weight decay|gradient",
    re.IGNORECASE,
)
_RATE = re.compile(r" *learning_rate:")
_HARDWARE = re.compile(
    r"\b(?:A100s?|H100s?|H800s?|H200s?|TPU\w*|V100s?|GH200|B200|Gaudi\d?|MI\d{3}\w?|A6000|RTX ?\d+|L40S?|Trainium|Ascend|GPUs?(?: hours)?|nodes)\b"
)
_TRAINED_ON = re.compile(
    r"\b(?:pre-?|post-?)?train(?:ed|ing)\b|fine-?tun|hardware|compute|infrastructure|训练", re.IGNORECASE
)
_TO_RUN = re.compile(r"\b(?:inference|runs? on|to run|deploy\w*|fits? (?:on|in)|requires?)\b", re.IGNORECASE)
_HOW_TO = re.compile(
    r"\b(?:usage|how to (?:use|run)|quick ?start|get(?:ting)? started|inference|examples?|prompt (?:format|template)|running)\b|快速|使用|utilisation",
    re.IGNORECASE,
)
_BENCHMARKS = re.compile(
    r"\b(MMLU(?:-Pro)?|HellaSwag|ARC(?:[- ][CE](?:hallenge|asy)?)?|WinoGrande|TruthfulQA|GSM8K|MATH(?:-500)?|HumanEval|MBPP|BBH|BIG-?Bench|DROP|PIQA|SIQA|BoolQ|"
    r"OpenBookQA|LAMBADA|TriviaQA|NaturalQuestions|GLUE|SuperGLUE|SQuAD|GPQA|IFEval|MT-?Bench|AlpacaEval|LiveCodeBench|AIME|C-?Eval|CMMLU|XNLI|XCOPA|AGIEval|"
    r"LibriSpeech|Common Voice|FLEURS|COCO|ImageNet|FID|MMMU|DocVQA|ChartQA|WikiText|BLEU|XSum|CNN/DailyMail)\b"
)


@probe(
    CARD,
    COVERS,
    SUBJECTS,
    METADATA,
    ARCHITECTURE,
    SETUP,
    USAGE,
    BENCHMARKS,
    CODE,
)
def documents(case: Case) -> Iterator[Finding]:
    """Weighs what the card says, and looks for papers, data sheets and documentation of the code."""
    yield from _card(case)
    problem = case.card.front.problem if case.card else None
    if case.card:
        note = problem or ("" if case.card.front.present else phrase("the card has no metadata"))
        yield Finding(METADATA.name, problem is None, case.file_source("README.md", 1), note=note)
    else:
        yield case.unless_unread(METADATA.name, False, phrase("metadata"))
    yield _usage(case)
    yield _benchmarks(case)
    yield _code(case)


def _card(case: Case) -> Iterator[Finding]:
    if case.card is None:
        yield case.unless_unread(CARD.name, "none", "README.md")
        yield case.unless_unread(SUBJECTS.name, 0, phrase("a model card"))
        yield case.unless_unread(COVERS.name, ("nothing",), phrase("a model card"))
        yield case.unless_unread(ARCHITECTURE.name, "none", phrase("a model card"))
        yield case.unless_unread(SETUP.name, "none", phrase("a model card"))
        return
    tellings = told(case.card)
    covered = tuple(name for name, telling in tellings.items() if telling.sectioned or telling.statements >= 2)
    value = "comprehensive" if len(covered) >= 5 else "partial" if len(covered) >= 2 else "little"
    yield Finding(CARD.name, value, case.page_source)
    yield Finding(SUBJECTS.name, len(covered), case.page_source)
    yield Finding(COVERS.name, covered or ("nothing",), case.page_source)
    yield _architecture(case, case.card, tellings["architecture"])
    yield _setup(case, case.card)


def _architecture(case: Case, card: Card, telling: Telling) -> Finding:
    """In detail: three traits of the network at least. In part: a section for it, or more than one sentence."""
    if telling.first is None or not (telling.sectioned or telling.statements >= 2):
        return case.unless_unread(ARCHITECTURE.name, "none", phrase("words on layers, sizes and the kind of network"))
    traits = built_of(card)
    value = "detailed" if len(traits) >= _IN_DETAIL else "some"
    note = phrase("it tells: {traits}", traits=listed(map(phrase, sorted(traits)))) if traits else ""
    return Finding(ARCHITECTURE.name, value, case.said(telling.first.line, telling.first.text), note=note)


def _setup(case: Case, card: Card) -> Finding:
    """The machines that trained it, and the settings: each told of training, or printed as a trainer read them."""
    machines = settings = None
    for sentence in card.sentences():
        around = " ".join(sentence.block.section)
        of_training = _TRAINED_ON.search(f"{sentence.text} {around} {' '.join(sentence.block.header)}")
        if sentence.block.kind == "heading" or not of_training:
            continue
        if machines is None and _HARDWARE.search(sentence.text) and not _TO_RUN.search(sentence.text):
            machines = sentence
        if settings is None and _SETTINGS.search(sentence.text) and not _TO_RUN.search(sentence.text):
            settings = sentence
    said = machines or settings
    printed = next(_printed(card), None)
    line, quote = (said.line, said.text) if said else printed or (0, "")
    if not line:
        return case.unless_unread(SETUP.name, "none", phrase("the machines and settings of training"))
    return Finding(SETUP.name, "detailed" if machines and (settings or printed) else "some", case.said(line, quote))


def _printed(card: Card) -> Iterator[tuple[int, str]]:
    """The lines of a trainer's settings, printed on the page, that say how fast the model was to learn."""
    for block in printed_settings(card):
        for i, line in enumerate(block.text.split("\n")):
            if _RATE.match(line):
                yield block.line + 1 + i, line.strip()


def _usage(case: Case) -> Finding:
    """An example in the card, a section on usage with something in it, or a program beside the weights."""
    for block in case.card.blocks if case.card else ():
        example = block.kind == "code" and len(block.text) > 20 and "@" not in block.text[:3]
        if example or (
            block.kind != "heading" and _HOW_TO.search(" ".join(block.section[-1:])) and len(block.text) > 40
        ):
            return Finding(USAGE.name, True, case.said(block.line, block.text[:200]))
    program = next((path for path in case.repo.paths if path.endswith((".py", ".ipynb"))), None)
    if program:
        return Finding(USAGE.name, True, case.file_source(program), note=phrase("a program beside the weights"))
    return case.unless_unread(USAGE.name, False, phrase("an example, a section on usage or a program"))


def _benchmarks(case: Case) -> Finding:
    """Public benchmarks that the card gives figures on. A plan, or a word that looks like a benchmark's name, is none."""
    if case.card is None:
        return case.unless_unread(BENCHMARKS.name, "none", phrase("results on benchmarks"))
    named: set[str] = set()
    for sentence in case.card.sentences():
        block = sentence.block
        figures = re.search(r"\d", _BENCHMARKS.sub("", sentence.text))
        if block.kind == "heading" or not figures or PROMISED.search(sentence.text):
            continue
        names = {m[1] for m in _BENCHMARKS.finditer(sentence.text)}
        if block.kind == "row":
            names |= {m[1] for head in block.header for m in _BENCHMARKS.finditer(head)}
        named |= names
    return Finding(BENCHMARKS.name, tuple(sorted(named)) or "none", case.page_source)


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
                note=phrase(
                    "{guides} beside {files}",
                    guides=counted("{n} guide", "{n} guides", len(guides)),
                    files=counted("{n} file of code", "{n} files of code", len(code)),
                ),
            )
    if looks:
        if all(isinstance(look, CodeRepo) for look in looks):
            first = Source(looks[0].url())  # type: ignore[union-attr]
            return Finding(CODE.name, "none", first, note=phrase("the linked repository holds no code"))
        return Finding(CODE.name, None, case.page_source, note=phrase("the linked repositories were not looked at"))
    return case.unless_unread(CODE.name, "none", phrase("links to code of this model"))
