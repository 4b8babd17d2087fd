"""What a team demands of the models it uses: read before an audit, asked after it, by ``--require`` and policies alike.

    label=open-weights            this rung of the ladder, or a higher one
    openwashing=low               this level, or a lower one
    RUBRIC=VERDICT                this verdict
    RUBRIC/CRITERION=OUTCOME      this outcome; ``partial`` is met by ``met``, too
    FACT=VALUE                    this finding; of a fact about data sets or other parts, for each of them

What could not be told does not hold, unless it would hold whatever came out. A question that does not arise
(``not_applicable``) stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import isfinite
from typing import Protocol

from openaudit.errors import UsageError
from openaudit.evidence import Fact, Outcome
from openaudit.files.mistakes import Misplaced, near, shown
from openaudit.judging.conditions import Scalar, apart
from openaudit.judging.rubric import Rubric
from openaudit.probes import vocabulary
from openaudit.result import Audit, Entry
from openaudit.saying import counted, either, phrase, series, shortened
from openaudit.translating import made_from

# The values of roles whose verdicts are rungs, the worst first.
LADDERS = {
    "label": ("not-released", "weights-available", "open-weights", "open-source-ai", "open-source-ai-open-data"),
    "openwashing": ("high", "medium", "low", "none"),
}
_OUTCOMES = (Outcome.UNMET, Outcome.PARTIAL, Outcome.MET)
_ADVICE = "For instance: --require label=open-weights."
_NAMED = 3  # how many things a sentence names before it counts the rest
_LONGEST = 200  # characters of what strangers wrote inside a sentence


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why a demand does not hold: what was found instead, and where (``url``).

    ``told`` is false where it is not known that it does not hold: something could not be looked at.
    """

    because: str
    told: bool = True
    url: str | None = None


class Demand(Protocol):
    """One demand, understood."""

    @property
    def says(self) -> str:
        """What is demanded, in words."""

    def shortfall(self, audit: Audit) -> Shortfall | None:
        """Why it does not hold of a model; ``None`` if it does."""


# --------------------------------------------------------------------------- what was judged


@dataclass(frozen=True, slots=True)
class Judged:
    """A rubric (or one criterion of it) has to come to one of ``accepted``."""

    says: str
    rubric: str
    criterion: str
    accepted: tuple[str, ...]

    def shortfall(self, audit: Audit) -> Shortfall | None:
        result = audit.rubrics[self.rubric]
        possible: tuple[str, ...]
        url = audit.subject.url or None
        if self.criterion:
            one = result.criteria[self.criterion]
            found, because, possible = one.outcome.value, one.because, tuple(outcome.value for outcome in one.possible)
            seen = (audit.evidence[key].source for key in one.evidence if key in audit.evidence)
            url = next((source.url for source in seen if source), url)
        else:
            found, because, possible = result.verdict, result.because, result.possible
        good = {*self.accepted, *((Outcome.NOT_APPLICABLE.value,) if self.criterion else ())}
        if found in good or (possible and good.issuperset(possible)):
            return None
        return Shortfall(
            phrase("it is {found}: {because}", found=found, because=made_from(audit, because)),
            good.isdisjoint(possible),
            url,
        )


# --------------------------------------------------------------------------- what was found


@dataclass(frozen=True, slots=True)
class Found:
    """A fact has to have one of ``values`` (or a number no smaller than ``at_least``) or, if ``forbidden``, none.

    A fact that is told of the members of a collection (data sets, …) is asked of each; of none, everything holds. Of a
    fact with several values at once, one that fits is enough.
    """

    says: str
    fact: Fact
    values: tuple[Scalar, ...] = ()
    at_least: float | None = None
    forbidden: bool = False

    def shortfall(self, audit: Audit) -> Shortfall | None:
        wrong = [(about, entry) for about, entry in self._asked(audit) if self._holds(entry) is not True]
        sure = [(about, entry) for about, entry in wrong if self._holds(entry) is False]
        if not wrong:
            return None
        chosen = sure or wrong
        entry = chosen[0][1]
        url = entry.source.url if entry and entry.source else audit.subject.url
        return Shortfall(some([self._instead(audit, *one) for one in chosen]), bool(sure), url or None)

    def _asked(self, audit: Audit) -> list[tuple[str, Entry | None]]:
        own = [entry for entry in audit.evidence.values() if not entry.model]
        if not self.fact.per:
            return [("", next((entry for entry in own if entry.fact == self.fact.name), None))]
        collection = {name for name, fact in vocabulary().items() if fact.per == self.fact.per}
        members = dict.fromkeys(entry.about for entry in own if entry.fact in collection and entry.about)
        told = {entry.about: entry for entry in own if entry.fact == self.fact.name}
        return [(about, told.get(about)) for about in members]

    def _holds(self, entry: Entry | None) -> bool | None:
        if entry is None or entry.value is None:
            return None
        value = entry.value
        if self.at_least is not None:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return None
            fits = value >= self.at_least
        else:
            wanted = set(map(apart, self.values))
            fits = any(apart(one) in wanted for one in (value if isinstance(value, tuple) else (value,)))
        return fits is not self.forbidden

    def _instead(self, audit: Audit, about: str, entry: Entry | None) -> str:
        says = short(made_from(audit, entry.says) if entry else self.fact.sentence(None))
        if entry and entry.value is None and entry.note:
            says = phrase("{says} ({note})", says=says, note=short(made_from(audit, entry.note)))
        return phrase("{about}: {says}", about=short(made_from(audit, about)), says=says) if about else says


def short(text: str) -> str:
    """A stranger's words inside a sentence of ours: on one line, and not too long."""
    return shortened(text, _LONGEST)


def some(parts: Iterable[str]) -> str:
    """The first few of several reasons, each once, and how many more there are."""
    each = list(dict.fromkeys(parts))
    first, more = series(each[:_NAMED]), len(each) - _NAMED
    return counted("{first} and {n} more", "{first} and {n} more", more, first=first) if more > 0 else first


# --------------------------------------------------------------------------- reading


def understand(what: str, value: object, rubrics: Sequence[Rubric]) -> Demand:
    """What is demanded of ``what``: a value, or a list of those that will do.

    Raises Misplaced, which says whether it is the name or the value (``"value"``) that is wrong.
    """
    name, slash, criterion = what.partition("/")
    by_role = next((rubric for rubric in rubrics if rubric.role == name and not slash), None)
    rubric = by_role or next((rubric for rubric in rubrics if rubric.id == name), None)
    if rubric is None:
        if not slash and what in vocabulary():
            return found(what, value)
        raise Misplaced(_nothing_called(what, name, rubrics))
    if slash:
        criteria = [one.id for one in rubric.criteria]
        if criterion not in criteria:
            raise Misplaced(f"{name} has no such criterion{near(criterion, criteria)}; it has: {', '.join(criteria)}")
        says, accepted = _says(what, value, tuple(Outcome), _OUTCOMES)
        return Judged(says, rubric.id, criterion, accepted)
    verdicts = tuple(dict.fromkeys(level.verdict for level in rubric.verdicts))
    ladder = LADDERS.get(rubric.role or "", ())
    says, accepted = _says(what, value, verdicts, ladder)
    return Judged(says, rubric.id, "", accepted)


def found(name: str, value: object, *, forbidden: bool = False) -> Found:
    """What is demanded of a fact. Raises Misplaced as ``understand`` does."""
    fact = vocabulary().get(name)
    if fact is None:
        raise Misplaced(f"there is no fact {name!r}{near(name, vocabulary())}")
    if isinstance(value, Mapping):
        least = value.get("at_least")
        number = isinstance(least, int | float) and not isinstance(least, bool) and isfinite(least)
        if set(value) != {"at_least"} or not number:
            raise Misplaced("a value, a list of values, or { at_least = NUMBER } is wanted", "value")
        if "*" not in fact.says:
            raise Misplaced(f"{name} is no number; it is one of {_listed(fact)}", "value")
        says = phrase("{name} is {number} or more", name=name, number=least)
        return Found(_of(fact, says, forbidden), fact, at_least=least, forbidden=forbidden)
    values = _values(value, bool | int | float | str, "a value")
    for one in values:
        if "*" not in fact.says and apart(one) not in map(apart, fact.says):
            raise Misplaced(
                f"{name} is never {shown(one)}; it is one of {_listed(fact)}{near(one, fact.says)}", "value"
            )
    words = (
        fact.sentence(one) if apart(one) in map(apart, fact.says) else phrase("{name} is {value}", name=name, value=one)
        for one in values
    )
    told: str = reduce(lambda one, other: phrase("{one}; or: {other}", one=one, other=other), words)
    return Found(_of(fact, told, forbidden), fact, values, forbidden=forbidden)


def _of(fact: Fact, says: str, forbidden: bool) -> str:
    """What is demanded, and of what."""
    if not fact.per:
        return phrase("never: {says}", says=says) if forbidden else says
    whole = phrase("of no {thing}: {says}") if forbidden else phrase("of every {thing}: {says}")
    return phrase(whole, thing=phrase(fact.per), says=says)


def _nothing_called(what: str, name: str, rubrics: Sequence[Rubric]) -> str:
    if "." in what:
        return f"there is no fact {what!r}{near(what, vocabulary())}"
    known = [*LADDERS, *(rubric.id for rubric in rubrics)]
    return f"no rubric of this run is called {name!r}{near(name, known)}; there are: {', '.join(known)}"


def _listed(fact: Fact) -> str:
    return ", ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in fact.says)


def _says(what: str, value: object, known: tuple[str, ...], ladder: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The demand in words, and the values that will do: of one on a ladder, this rung and those above."""
    values = tuple(str(one) for one in _values(value, str, "text"))
    for one in values:
        if one not in (*known, *ladder):
            listed = ", ".join(ladder if set(ladder) == set(known) else known)
            raise Misplaced(f"it never comes to {one!r}{near(one, known)}; it comes to one of: {listed}", "value")
    if len(values) == 1 and values[0] in ladder[:-1]:
        above = ladder[ladder.index(values[0]) :]
        return phrase("{name} is {value} or better", name=what, value=values[0]), above
    return phrase("{name} is {value}", name=what, value=either(values)), values


def _values(value: object, kind: object, wanted: str) -> tuple[Scalar, ...]:
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(one, kind) for one in listed):  # type: ignore[arg-type]  # a type or a union
        raise Misplaced(f"{wanted} is wanted, or a list of several", "value")
    return tuple(listed)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One ``--require``: as it was written, and what it demands."""

    text: str
    demand: Demand


def parse_requirement(text: str, rubrics: Sequence[Rubric]) -> Requirement:
    """Reads one ``--require``. Raises UsageError for what no audit by these rubrics could come to."""
    what, equals, given = text.partition("=")
    if not (what and equals and given):
        raise UsageError(f"--require {text!r}: not WHAT=VALUE", _ADVICE)
    fact = vocabulary().get(what)
    value = given == "true" if fact and True in fact.says and given in ("true", "false") else given
    try:
        return Requirement(text, understand(what, value, rubrics))
    except Misplaced as wrong:
        raise UsageError(f"--require {text if wrong.where else what}: {wrong}", _ADVICE) from wrong


def unmet(requirement: Requirement, audit: Audit) -> str | None:
    """Why a demand does not hold, in a sentence; ``None`` if it does."""
    lacking = requirement.demand.shortfall(audit)
    return f"{requirement.text}, but {lacking.because}" if lacking else None
