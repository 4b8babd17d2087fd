"""What many models come to together: the finding in one sentence, claim against rung, and what is missing most.

Only counted here is what each audit says; nothing is judged anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from openaudit.evidence import Outcome
from openaudit.languages import _, marked, plural
from openaudit.pages.values import LEVELS, OFF, RUNGS, label_title
from openaudit.result import Audit, RubricResult

ROLES = ("label", "freedoms", "data", "openwashing")  # whose criteria are the columns, in this order
LABELS = (*RUNGS, *OFF)  # from the most open; what stands on no rung comes last
DISTANCES = tuple(LEVELS)
CLAIMS: Mapping[str, str] = {  # the values of the fact claims.strongest, the strongest first
    "fully open": marked("Fully open"),
    "open source": marked("Open source"),
    "open weights": marked("Open weights"),
    "none": marked("No claim"),
    "unknown": marked("Can’t tell"),
}
_OPEN_SOURCE = ("fully open", "open source")  # who says the first says the second
_MOST = 6  # bars: what is missing less often than these is no headline


@dataclass(frozen=True, slots=True)
class Column:
    """A criterion that is a column: the place its rubric fills, the rubric's title, its own id and title."""

    role: str
    rubric: str
    id: str
    title: str
    question: str


def columns(audit: Audit) -> tuple[Column, ...]:
    """The criteria that matter most: those of the rubrics that fill a place of the report."""
    found = ((role, audit.role(role)) for role in ROLES)
    return tuple(
        Column(role, rubric.title, id, one.title, one.question)
        for role, rubric in found
        if rubric
        for id, one in rubric.criteria.items()
    )


def claim(audit: Audit) -> str:
    """The strongest claim of openness that the model's own page makes: a key of ``CLAIMS``."""
    found = (e for e in audit.evidence.values() if e.fact == "claims.strongest" and not e.model and not e.about)
    value = next((entry.value for entry in found), None)
    return value if isinstance(value, str) and value in CLAIMS else "unknown"


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted of one model.

    ``verdict`` is that of the rubric on data (else of the ladder), with its title; ``pieces`` are how the questions of
    the ladder came out, by title.
    """

    claim: str
    label: str
    level: str
    verdict: tuple[Outcome, str] | None
    pieces: Iterable[tuple[str, Outcome]]


def counted(audit: Audit) -> Counted:
    """What is counted of an audit."""
    judge, head = judging(audit), audit.role("label")
    return Counted(
        claim(audit), audit.label, audit.openwashing.level, (judge.outcome, judge.verdict_title) if judge else None,
        [(one.title, one.outcome) for one in head.criteria.values()] if head else (),
    )  # fmt: skip


def judging(audit: Audit) -> RubricResult | None:
    """The rubric that says whether a model is open source: that on data, or where there is none, the ladder."""
    return audit.role("data") or audit.role("label")


@dataclass(frozen=True, slots=True)
class Bar:
    """How one criterion came out over all models: the counts in the order of the bar."""

    title: str
    counts: tuple[tuple[Outcome, int], ...]
    missing: int
    total: int


@dataclass(frozen=True, slots=True)
class Bubble:
    """The models of one claim on one rung: how many, and the distance that most of them have."""

    claim: str
    label: str
    count: int
    level: str


@dataclass
class Field:
    """Counts, model by model. Memory does not grow with the models."""

    models: int = 0
    failed: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    claims: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    _spots: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _verdicts: Counter[tuple[Outcome, str]] = field(default_factory=Counter)
    _pieces: dict[str, Counter[Outcome]] = field(default_factory=lambda: defaultdict(Counter))
    judges: dict[str, RubricResult] = field(default_factory=dict)

    @property
    def audited(self) -> int:
        return self.models - self.failed

    def add(self, audit: Audit) -> None:
        """Counts one audit."""
        self.ask(audit)
        self.count(counted(audit))

    def ask(self, audit: Audit) -> None:
        """Takes the names of the rubrics from an audit."""
        for role in ROLES:
            if (rubric := audit.role(role)) and role not in self.judges:
                self.judges[role] = rubric.model_copy(update={"criteria": {}})

    def count(self, one: Counted) -> None:
        """Counts one model that was audited."""
        self.models += 1
        self.labels[one.label] += 1
        self.claims[one.claim] += 1
        self.levels[one.level] += 1
        self._spots[one.claim, one.label][one.level] += 1
        if one.verdict and one.claim in _OPEN_SOURCE:
            self._verdicts[one.verdict] += 1
        for title, outcome in one.pieces:
            self._pieces[title][outcome] += 1

    def fail(self) -> None:
        """Counts a model that could not be audited."""
        self.models += 1
        self.failed += 1

    # ------------------------------------------------------------------ in words

    def finding(self) -> str:
        """What the page found, in one sentence."""
        if not self.models:
            return _("No model was named.")
        if not self.audited:
            return plural(
                "The model named here could not be audited.", "None of the {n} models could be audited.", self.models
            )
        claimers = sum(self.claims[said] for said in _OPEN_SOURCE)
        if not claimers:
            read = self.audited - self.claims["unknown"]
            if not read:
                return _("What these models’ pages claim could not be read.")
            return plural(
                "One model, and it does not call itself open source.",
                "Of {n} models, none calls itself open source.",
                read,
            )
        if claimers == 1:
            [(outcome, title)] = self._verdicts or [(_OPEN, "")]
            if outcome is _OPEN:
                return _("One model calls itself open source or fully open, and we can’t tell whether it is.")
            verdict = _("it is") if outcome is Outcome.MET else _("it is {verdict}", verdict=_inside(title))
            told = _("One model calls itself open source or fully open; {verdict}", verdict=verdict)
        else:
            parts = "; ".join(self._told())
            told = _(
                "Of {n} models that call themselves open source or fully open, {verdicts}", n=claimers, verdicts=parts
            )
        if self.judge:  # rubrics differ, and another one may stand on the same page
            return _("{finding} (measured by “{rubric}”).", finding=told, rubric=self.judge.title)
        return f"{told}."

    def _told(self) -> Iterator[str]:
        met = sum(n for (outcome, _title), n in self._verdicts.items() if outcome is Outcome.MET)
        yield plural("{n} is", "{n} are", met) if met else _("none is")
        others = [(n, title) for (outcome, title), n in self._verdicts.items() if outcome not in (Outcome.MET, _OPEN)]
        for n, title in sorted(others, key=lambda one: (-one[0], one[1])):
            yield plural("{n} is {verdict}", "{n} are {verdict}", n, verdict=_inside(title))
        if unknown := sum(n for (outcome, _title), n in self._verdicts.items() if outcome is _OPEN):
            yield plural("for {n} we can’t tell", "for {n} we can’t tell", unknown)

    @property
    def judge(self) -> RubricResult | None:
        """The rubric whose verdicts the finding counts."""
        return self.judges.get("data") or self.judges.get("label")

    # ------------------------------------------------------------------ in pictures

    def rungs(self) -> list[tuple[str, str, int]]:
        """Each label with its title and how many models have it; rungs that are empty included."""
        rest = [label for label in self.labels if label not in LABELS]
        shown = [*RUNGS, *(label for label in (*OFF, *sorted(rest)) if self.labels[label])]
        return [(label, label_title(label), self.labels[label]) for label in shown]

    def bubbles(self) -> list[Bubble]:
        """The models by claim and rung."""
        return [
            Bubble(said, label, levels.total(), max(sorted(levels), key=levels.__getitem__))
            for (said, label), levels in sorted(self._spots.items())
        ]

    def bars(self) -> list[Bar]:
        """What is missing most: the criteria of the ladder that the most models do not meet, those first."""
        order = (Outcome.MET, Outcome.PARTIAL, Outcome.UNKNOWN, Outcome.UNMET)
        found = []
        for title, outcomes in self._pieces.items():
            counts = tuple((one, outcomes[one]) for one in order if outcomes[one])
            found.append(Bar(title, counts, outcomes[Outcome.UNMET], sum(n for _one, n in counts)))
        missing = [bar for bar in found if bar.missing]
        return sorted(missing, key=lambda bar: (-bar.missing, bar.title))[:_MOST]


_OPEN = Outcome.UNKNOWN


def _inside(title: str) -> str:
    """A verdict's title inside a sentence."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title
