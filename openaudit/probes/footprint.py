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


def _told(name: str, thing: str) -> Fact:
    return Fact(
        f"costs.{name}",
        f"Does the page tell {thing}?",
        {
            "figure": f"{thing}: told with a figure",
            "words": f"{thing}: spoken of, without a figure",
            "none": f"{thing}: nothing is said",
        },
    )


CARBON = _told("carbon", "the carbon emitted by training")
ENERGY = _told("energy", "the energy that training took")
WATER = _told("water", "the water that training took")
HARDWARE = _told("hardware", "the hardware that training took, and for how long")
PLACE = _told("place", "where it was trained")
INFERENCE = _told("inference", "what running the model takes")
LABOUR = _told("labour", "who labelled, rated or moderated the data")
PAY = _told("pay", "what these people were paid and how they were protected")
CONSENT = _told("consent", "the consent of the people whose works and data were used, and how to opt out")

COMPUTE = Fact(
    "costs.compute",
    "How much compute did training take (floating point operations)?",
    {"*": "training took {value} floating point operations"},
)

_FLOP = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:[x×*·]\s*10\^?\s*\{?|e)(\d\d|[⁰¹²³⁴⁵⁶⁷⁸⁹]{2})\}?\s*(?:FLOPs?|floating)", re.IGNORECASE
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_FIGURE = re.compile(r"\d")
_ABOUT: tuple[tuple[Fact, re.Pattern[str], re.Pattern[str]], ...] = (
    (CARBON, re.compile(r"\b(?:carbon|co2|co₂|co2eq|tco2|greenhouse|emissions?)\b|碳排放|émissions de", re.IGNORECASE), re.compile(r"\d[\d.,]*\s*(?:t|kg|g|tons?|tonnes?|metric)\b.{0,20}(?:co2|carbon|eq|emitted)?|\bco2\w*\W{1,4}\d", re.IGNORECASE)),
    (ENERGY, re.compile(r"\b(?:[kmg]wh|kilowatt|megawatt|energy (?:consum\w+|use[ds]?|usage)|electricity|power consumption)\b", re.IGNORECASE), re.compile(r"\d[\d.,]*\s*(?:[kmg]wh|kilowatt|megawatt)", re.IGNORECASE)),
    (WATER, re.compile(r"\bwater (?:consum\w+|use|usage|footprint|withdraw\w+)\b", re.IGNORECASE), re.compile(r"\d[\d.,]*\s*(?:l|liters?|litres?|m3|m³|gallons?)\b", re.IGNORECASE)),
    (HARDWARE, re.compile(r"\b(?:A100s?|H100s?|H800s?|H200s?|TPUs?|TPU ?v\d\w*|V100s?|GH200s?|Gaudi ?\d?|MI\d{3}\w?|GPUs?|GPU[- ]hours?|nodes)\b"), re.compile(r"\d[\d.,]*\s*(?:k|m|million|x|×)?\s*(?:\w+ ){0,3}(?:GPU|TPU|A100|H100|H800|V100|GH200|Gaudi|MI\d{3}|node|chip|hours)", re.IGNORECASE)),
    (PLACE, re.compile(r"\b(?:compute region|cloud (?:region|provider)|data ?cent(?:er|re)s? (?:in|at)|supercomputer|trained (?:at|in) (?:the )?[A-Z]\w+|us-(?:east|west)|europe-west|jean ?zay|leonardo|lumi|alps)\b", re.IGNORECASE), re.compile(r".")),
    (INFERENCE, re.compile(r"\b(?:(?:gpu|v?ram|memory)\b.{0,40}\b(?:requir\w+|need\w*|fits?|minimum|at least)|(?:requir\w+|need\w*|fits?|at least)\b.{0,40}\b\d+\s?gb\b|\d+\s?gb (?:of )?(?:v?ram|memory|gpu)|tokens/s|latency|throughput)\b", re.IGNORECASE), re.compile(r"\d+\s?(?:gb|ms|tokens)", re.IGNORECASE)),
    (LABOUR, re.compile(r"\b(?:annotators?|labell?ers?|raters|crowd-?workers?|contractors|human (?:annotat\w+|feedback|label\w+|rat\w+|evaluat\w+)|annotated by|data workers?|moderators|employees|volunteers)\b|标注员|annotateur", re.IGNORECASE), re.compile(r"\d[\d.,]*\s*(?:k|m)?\s*(?:\w+ ){0,3}(?:annotator|labell?er|rater|worker|employee|contractor|volunteer)|\b(?:scale ai|surge|sama|mechanical turk|mturk|prolific|appen|toloka)\b", re.IGNORECASE)),
    (PAY, re.compile(r"\b(?:paid|pay|wages?|compensat\w+|salary|hourly rate)\b.{0,60}\b(?:annotators?|workers?|raters|labell?ers?|contractors|hour)\b|\b(?:annotators?|workers?|raters|labell?ers?)\b.{0,60}\b(?:paid|wages?|compensat\w+)\b", re.IGNORECASE), re.compile(r"[$€£]\s?\d|\d+\s?(?:usd|eur|dollars|euros)", re.IGNORECASE)),
    (CONSENT, re.compile(r"\b(?:opt(?:ed)?[- ]?out|robots\.txt|consent\w*|copyright\w*|licen[cs]ed (?:data|content)|permission of|removal requests?|take-?down|right ?holders|gdpr|personal data requests?|do not train)\b", re.IGNORECASE), re.compile(r".")),
)  # fmt: skip
_APART = re.compile(r"\b(?:citation|bibtex|acknowledg\w*|benchmark\w*)\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:not (?:disclosed|available|reported|known|released|measured)|unknown|undisclosed|more information needed|n/?a)\b",
    re.IGNORECASE,
)
_OF_OUTPUT = re.compile(
    r"\b(?:you (?:must|should|agree|may)|users? (?:must|should|are)|all rights reserved|copyright (?:©|\(c\)|\d{4})|legal advice|infring\w+)\b",
    re.IGNORECASE,
)


@probe(CARBON, ENERGY, WATER, HARDWARE, PLACE, INFERENCE, LABOUR, PAY, CONSENT, COMPUTE)
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
    yield _compute(case, sentences)
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
            yield case.unless_unread(
                fact.name, "none", f"words on {fact.asks.removeprefix('Does the page tell ').rstrip('?')}"
            )


def _compute(case: Case, sentences: list[Sentence]) -> Finding:
    """The figure for training compute, where the card gives one."""
    for sentence in sentences:
        match = _FLOP.search(sentence.text)
        if match and re.search(r"train", sentence.text, re.IGNORECASE):
            value = float(match[1]) * 10.0 ** int(match[2].translate(_RAISED))
            return Finding(COMPUTE.name, value, case.said(sentence.line, sentence.text))
    return Finding(COMPUTE.name, None, case.page_source, note="the card gives no figure")


def _counts(fact: Fact, sentence: Sentence) -> bool:
    """Whether a sentence speaks of this model's making: hardware must stand with training, rights with the data."""
    context = sentence.text + " " + " ".join(sentence.block.section)
    if fact is HARDWARE:
        return bool(re.search(r"\btrain\w*|hardware|infrastructure|compute|hours\b", context, re.IGNORECASE)) and bool(
            _FIGURE.search(sentence.text)
        )
    if fact is CONSENT:
        return not _OF_OUTPUT.search(sentence.text) and bool(
            re.search(r"\b(?:data|training|train\w*|content|owners?|works?|holders?)\b", context, re.IGNORECASE)
        )
    if fact is LABOUR:
        return not re.search(r"\b(?:evaluat\w+|benchmark\w*|red[- ]team\w*)\b", sentence.text, re.IGNORECASE)
    return True


def _declared(fact: Fact, emissions: object) -> str:
    """What the metadata's co2_eq_emissions tells for a fact; its emissions are grams of CO2eq."""
    if isinstance(emissions, int | float) and not isinstance(emissions, bool):
        return f"{emissions} g CO2eq" if fact is CARBON else ""
    if not isinstance(emissions, Mapping):
        return ""
    key = {CARBON.name: "emissions", PLACE.name: "geographical_location", HARDWARE.name: "hardware_used"}.get(fact.name)
    value = emissions.get(key) if key else None
    if value in (None, "", "unknown") or isinstance(value, list | dict):
        return ""
    return f"{value} g CO2eq" if fact is CARBON else str(value)[:200]
