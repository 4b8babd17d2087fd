"""What the maker tells of costs: energy, carbon, water, hardware, the people who labelled, consent and opting out.

Disclosure is measured, never virtue: a figure that is given counts as told, whatever its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from openaudit.evidence import Finding
from openaudit.probes import Case, Fact, probe
from openaudit.reading import Sentence
from openaudit.reading.pointers import metadata_source
from openaudit.saying import phrase

THINGS: dict[str, str] = {}  # what each fact is about


def _told(name: str, thing: str) -> Fact:
    THINGS[f"costs.{name}"] = thing
    return Fact(
        f"costs.{name}",
        f"Does the page tell {thing}?",
        {
            "figure": f"{thing}: told with a figure",
            "words": f"{thing}: spoken of, without a figure",
            "none": f"{thing}: nothing is said",
        },
    )


CARBON = _told("carbon", phrase("the carbon emitted by training"))
ENERGY = _told("energy", phrase("the energy that training took"))
WATER = _told("water", phrase("the water that training took"))
HARDWARE = _told("hardware", phrase("the hardware that training took, and for how long"))
PLACE = _told("place", phrase("where it was trained"))
INFERENCE = _told("inference", phrase("what running the model takes"))
LABOUR = _told("labour", phrase("who labelled, rated or moderated the data"))
PAY = _told("pay", phrase("what these people were paid and how they were protected"))
CONSENT = _told("consent", phrase("the consent of the people whose works and data were used, and how to opt out"))

COMPUTE = Fact(
    "costs.compute",
    "How much compute did training take (floating point operations)?",
    {"*": "training took {value} floating point operations"},
)

COMPUTE_TOLD = Fact(
    "documents.compute",
    "Does the page tell how much compute training took?",
    {
        True: "the page tells how much compute training took",
        False: "the page gives no figure for the compute of training",
    },
)

_FLOP = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:[x×*·]\s*10\^?\s*\{?|e)(\d\d|[⁰¹²³⁴⁵⁶⁷⁸⁹]{2})\}?\s*(?:FLOPs?|floating)", re.IGNORECASE
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
# What a sentence must speak of, and what in it is a figure (or, for places and consent, a name or a way).
_ABOUT: tuple[tuple[Fact, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        CARBON,
        re.compile(
            r"\b(?:carbon(?! ?(?:fib|copy|dat|steel|atom|nano|dioxide sensor))|co2\w*|co₂\w*|t?co2eq?|greenhouse|emissions)|碳排放",
            re.IGNORECASE,
        ),
        re.compile(
            r"\d[\d.,]*\s*(?:t|kg|g|tons?|tonnes?|metric tons?)\s*(?:of )?(?:co2|co₂|carbon|eq)|\d[\d.,]*\s*tCO2|"
            r"co2\w*\W{1,4}\d|\d[\d.,]*\s*(?:tons?|tonnes?|kg)\b",
            re.IGNORECASE,
        ),
    ),
    (
        ENERGY,
        re.compile(r"\b(?:[kmg]wh|kilowatt|megawatt|energy|electricity|power consumption)\b", re.IGNORECASE),
        re.compile(r"\d[\d.,]*\s*(?:[kmg]wh|kilowatt|megawatt)", re.IGNORECASE),
    ),
    (
        WATER,
        re.compile(r"\bwater\b", re.IGNORECASE),
        re.compile(r"\d[\d.,]*\s*(?:million |billion )?(?:l|liters?|litres?|m3|m³|gallons?)\b", re.IGNORECASE),
    ),
    (
        HARDWARE,
        re.compile(
            r"\b(?:A100s?|H100s?|H800s?|H200s?|TPUs?|TPU ?v\d\w*|V100s?|GH200s?|Gaudi ?\d?|MI\d{3}\w?|GPUs?|GPU[- ]hours?)\b"
        ),
        re.compile(
            r"(?<![\w.-])\d[\d.,]*\s*(?:k|m|million|x|×)?\s*(?:(?:NVIDIA|AMD|Intel|Google|Cloud|Tesla|AI)\s+)*"
            r"(?:GPU|TPU|A100|H100|H800|H200|V100|GH200|Gaudi|MI\d{3}|nodes?\b|chips?\b|accelerators?\b)",
            re.IGNORECASE,
        ),
    ),
    (
        PLACE,
        re.compile(
            r"\b(?:compute region|cloud (?:region|provider)|data ?cent(?:er|re)s? (?:in|at)|supercomput\w+|"
            r"(?:us-(?:east|west)|europe-west|asia-\w+)-?\d?|jean ?zay)\b",
            re.IGNORECASE,
        ),
        re.compile(r"(?:[Ss]upercomput\w+|[Rr]egion|[Pp]rovider|[Cc]ent(?:er|re)s?)\W+(?:\w+\W+){0,4}?[A-Z][\w-]+|[A-Z][\w-]+ [Ss]upercomput|(?:us|europe|asia)-\w+|[Jj]ean ?[Zz]ay"),
    ),
    (
        INFERENCE,
        re.compile(
            r"\b(?:(?:gpu|v?ram|memory)\b.{0,40}\b(?:requir\w+|need\w*|fits?|minimum|at least)|"
            r"(?:requir\w+|need\w*|fits?|at least)\b.{0,40}\b\d+\s?gb\b|\d+\s?gb (?:of )?(?:v?ram|memory|gpu)|tokens/s|latency|"
            r"throughput|energy (?:of|per|for) (?:an? |each |one )?(?:answer|query|prompt|inference|token|request|image)|"
            r"(?:answers?|queries|query|prompts?|tokens?|requests?|images?) (?:takes?|needs?|uses?|costs?|consumes?)\b.{0,30}\d\s?(?:k?wh|joules?|j))\b",
            re.IGNORECASE,
        ),
        re.compile(r"\d+\s?(?:gb|ms|tokens|k?wh|joules?|j)\b", re.IGNORECASE),
    ),
    (
        LABOUR,
        re.compile(
            r"\b(?:annotators?|labell?ers?|raters|crowd-?workers?|data workers?|moderators|human (?:annotat\w+|feedback|label\w+|rat\w+)|"
            r"(?:annotated|labell?ed|rated|moderated|written|reviewed) by (?:\w+ ){0,4}?(?:people|humans?|contractors|employees|volunteers|experts|students|workers))\b|"
            r"标注员|annotateur",
            re.IGNORECASE,
        ),
        re.compile(
            r"\d[\d.,]*\s*(?:k|m)?\s*(?:\w+ ){0,3}(?:annotator|labell?er|rater|worker|employee|contractor|volunteer|people)|"
            r"\b(?:scale ai|surge|sama|mechanical turk|mturk|prolific|appen|toloka)\b",
            re.IGNORECASE,
        ),
    ),
    (
        PAY,
        re.compile(
            r"\b(?:annotators?|data workers?|crowd-?workers?|raters|labell?ers?|contractors)\b.{0,80}\b(?:paid|pay|wages?|compensat\w+|salary|hourly)\b|"
            r"\b(?:paid|pay|wages?|compensat\w+|salary|hourly)\b.{0,80}\b(?:annotators?|data workers?|crowd-?workers?|raters|labell?ers?|contractors)\b",
            re.IGNORECASE,
        ),
        re.compile(r"[$€£]\s?\d|\d+\s?(?:usd|eur|dollars|euros)", re.IGNORECASE),
    ),
    (
        CONSENT,
        re.compile(
            r"\b(?:opt(?:ed|ing)?[- ]?outs?|robots\.txt|consent\w*|copyright\w*|licen[cs]ed (?:data|content)|removal requests?|"
            r"take-?down|right ?holders|personal data requests?)\b",
            re.IGNORECASE,
        ),
        re.compile(r"\b(?:opt(?:ed|ing)?[- ]?outs?|robots\.txt|removal requests?|take-?down|with (?:the )?consent|consented|personal data requests?)\b", re.IGNORECASE),
    ),
)  # fmt: skip
_APART = re.compile(r"\b(?:citation|bibtex|acknowledg\w*|benchmark\w*)\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:not (?:disclosed|available|reported|known|released|measured)|unknown|undisclosed|more information needed|n/?a)\b",
    re.IGNORECASE,
)
_OF_OUTPUT = re.compile(
    r"\b(?:you (?:must|should|agree|may)|users? (?:must|should|are)|do not|all rights reserved|copyright (?:©|\(c\)|\d{4})|legal advice|infring\w+|generat\w+)\b",
    re.IGNORECASE,
)
_TRAINING = re.compile(
    r"\b(?:pre-?|post-?)?train(?:ed|ing|s)?\b|\bfine-?tun\w+|environmental|footprint|co2|emissions", re.IGNORECASE
)
_OF_USE = re.compile(
    r"\b(?:inference|run(?:s|ning)? (?:the|this) model|to run|deploy\w*|serving|requires?|answers?|per (?:query|token|request))\b",
    re.IGNORECASE,
)


@probe(CARBON, ENERGY, WATER, HARDWARE, PLACE, INFERENCE, LABOUR, PAY, CONSENT, COMPUTE, COMPUTE_TOLD)
def footprint(case: Case) -> Iterator[Finding]:
    """Reads ``co2_eq_emissions`` in the metadata and the card's sentences."""
    sentences = (
        [
            s
            for s in case.card.sentences()
            if s.block.kind != "heading" and not _APART.search(" ".join(s.block.section[-1:]))
        ]
        if case.card
        else []
    )
    emissions = (case.repo.card_data or (case.card.front.data if case.card else {})).get("co2_eq_emissions")
    compute = _compute(case, sentences)
    yield compute
    if compute.value is None:
        yield case.unless_unread(COMPUTE_TOLD.name, False, phrase("a figure for the compute of training"))
    else:
        yield Finding(COMPUTE_TOLD.name, True, compute.source)
    for fact, about, figure in _ABOUT:
        from_metadata = _declared(fact, emissions)
        if from_metadata:
            yield Finding(
                fact.name, "figure", metadata_source(case.repo, case.card, "co2_eq_emissions"), note=from_metadata
            )
            continue
        spoken = [s for s in sentences if about.search(s.text) and not _DENIED.search(s.text) and _counts(fact, s)]
        exact = next((s for s in spoken if figure.search(s.text)), None)
        said = exact or next(iter(spoken), None)
        if said:
            yield Finding(fact.name, "figure" if exact else "words", case.said(said.line, said.text))
        else:
            yield case.unless_unread(fact.name, "none", phrase("words on {thing}", thing=THINGS[fact.name]))


def _compute(case: Case, sentences: list[Sentence]) -> Finding:
    """The figure for training compute, where the card gives one."""
    for sentence in sentences:
        match = _FLOP.search(sentence.text)
        if match and re.search(r"train", sentence.text, re.IGNORECASE):
            value = float(match[1]) * 10.0 ** int(match[2].translate(_RAISED))
            return Finding(COMPUTE.name, value, case.said(sentence.line, sentence.text))
    return Finding(COMPUTE.name, None, case.page_source, note=phrase("the card gives no figure"))


def _counts(fact: Fact, sentence: Sentence) -> bool:
    """Whether a sentence speaks of this model's making: costs must stand with training, rights with the data."""
    text = sentence.text
    heads = " ".join(sentence.block.section)
    if fact in (CARBON, ENERGY, WATER):
        return bool(
            _TRAINING.search(text) or re.search(r"environment|carbon|footprint|emission|energy", heads, re.IGNORECASE)
        ) and not _OF_USE.search(text)
    if fact is HARDWARE:
        return bool(_TRAINING.search(text) or (_TRAINING.search(heads) and not _OF_USE.search(text)))
    if fact is INFERENCE:
        return not _TRAINING.search(text)
    if fact is CONSENT:
        return not _OF_OUTPUT.search(text) and bool(
            re.search(
                r"\b(?:data|training|train\w*|owners?|works?|holders?|authors?)\b", text + " " + heads, re.IGNORECASE
            )
        )
    if fact is LABOUR:
        return not re.search(r"\b(?:evaluat\w+|benchmark\w*|red[- ]team\w*)\b", text, re.IGNORECASE)
    return True


def _declared(fact: Fact, emissions: object) -> str:
    """What the metadata's co2_eq_emissions tells for a fact; its emissions are grams of CO2eq."""
    if isinstance(emissions, int | float) and not isinstance(emissions, bool):
        return _grams(emissions) if fact is CARBON else ""
    if not isinstance(emissions, Mapping):
        return ""
    key = {CARBON.name: "emissions", PLACE.name: "geographical_location", HARDWARE.name: "hardware_used"}.get(fact.name)
    value = emissions.get(key) if key else None
    if value in (None, "", "unknown") or isinstance(value, list | dict):
        return ""
    return _grams(value) if fact is CARBON else str(value)[:200]


def _grams(emissions: object) -> str:
    return phrase("{n} g CO2eq", n=emissions)
