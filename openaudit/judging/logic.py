"""Three-valued conditions over evidence: true, false, or cannot be told — with what decided.

What is unknown never becomes yes or no (Kleene's strong logic): an ``all`` with one false part is false whatever the
unknown parts are, an ``any`` with one true part is true; otherwise unknown parts make the whole unknown.

``every`` and ``ancestors`` hold of nothing, ``some`` does not: whether an empty collection is good news is for the
rubric to ask. A member that ``where`` leaves out does not count; where that cannot be told, it counts as far as it
cannot change the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from openaudit.evidence import Evidence, Fact, Finding, Value
from openaudit.judging.conditions import (
    All,
    Ancestors,
    Any_,
    CriteriaAre,
    CriterionIs,
    Every,
    FactIs,
    Not,
    Some,
    VerdictIs,
)
from openaudit.saying import phrase

Truth = bool | None
Possible = Mapping[str, frozenset[str]]
"""Of criteria or rubrics, by id, the outcomes or verdicts that are still possible."""

Seen = tuple[Value | None, type, str, str]
"""A finding as judging sees it: the value and its type (``True`` is not 1), what it is about; unknown: why."""

_NOTHING: Possible = MappingProxyType({})


class Leaf(NamedTuple):
    """One question to one finding about one model, and the answer."""

    finding: Finding
    model: str
    truth: Truth


class Answer(NamedTuple):
    """A condition's truth, and the leaves that settle it (or, where it is unknown, those that would)."""

    truth: Truth
    leaves: tuple[Leaf, ...] = ()


_BRIEF: Mapping[Truth, Answer] = {truth: Answer(truth) for truth in (True, False, None)}


class World:
    """What conditions are asked of: the evidence, the vocabulary, and what was judged so far.

    ``criteria`` maps a criterion's id to the outcomes still possible for it, ``verdicts`` a rubric's id to the
    verdicts still possible. Both are the model's, not its ancestors'.
    """

    def __init__(
        self,
        evidence: Evidence,
        vocabulary: Mapping[str, Fact],
        criteria: Possible = _NOTHING,
        verdicts: Possible = _NOTHING,
    ) -> None:
        self.evidence = evidence
        self.vocabulary = vocabulary
        self.criteria = criteria
        self.verdicts = verdicts
        self._bare: dict[str, tuple[Finding, ...]] = {}
        self._findings: dict[str, dict[str, Finding]] = {}

    @cached_property
    def collections(self) -> Mapping[str, tuple[str, ...]]:
        """The members of each collection ("dataset", "stage", …), each once, in the order found."""
        found: dict[str, dict[str, None]] = {}
        for finding in self.evidence.findings:
            fact = self.vocabulary.get(finding.fact)
            if fact and fact.per and finding.about:
                found.setdefault(fact.per, {}).setdefault(finding.about)
        return {name: tuple(members) for name, members in found.items()}

    def members(self, collection: str) -> tuple[str, ...]:
        """The members of a collection; none where it is not there."""
        return self.collections.get(collection, ())

    @cached_property
    def ancestors(self) -> tuple[World | str, ...]:
        """The worlds of the models this one was made from; of one that could not be looked at, its id."""
        return tuple(
            World(one, self.vocabulary) if isinstance(one, Evidence) else one for one in self.evidence.ancestors
        )

    @cached_property
    def seen(self) -> Mapping[str, tuple[Seen, ...]]:
        """All that judging may hang on, of each fact that is asked for."""
        return _Seen(self.evidence)

    def bare(self, fact: str) -> tuple[Finding, ...]:
        """The findings of one fact, without what judging never hangs on."""
        found = self._bare.get(fact)
        if found is None:
            found = self._bare[fact] = tuple(
                Finding(fact, value, None, about, note) for value, _, about, note in self.seen[fact]
            )
        return found

    def finding(self, fact: str, about: str = "") -> Finding:
        """The finding of a fact: of the model itself, or of the member that is asked about."""
        found = self._findings.get(fact)
        if found is None:
            found = self._findings[fact] = {one.about: one for one in reversed(self.evidence.all(fact))}
        one = found.get(about)
        if one is None or (about and not self.vocabulary[fact].per):
            key = about if self.vocabulary[fact].per else ""
            one = found.get(key) or self.evidence.get(fact, key)
        return one


class _Seen(dict[str, tuple[Seen, ...]]):
    """Filled as it is asked."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def __missing__(self, fact: str) -> tuple[Seen, ...]:
        found = self[fact] = tuple(
            (one.value, type(one.value), one.about, one.note if one.value is None else "")
            for one in self._evidence.all(fact)
        )
        return found


def lost(ancestor: str) -> Finding:
    """What stands for everything that an ancestor would tell, had it been looked at."""
    return Finding("lineage.looked", None, about=ancestor, note=phrase("it could not be looked at"))


Asking = Callable[[World, str], Answer]
"""A condition, ready to be asked of a world, and of one member of a collection in it."""


def ask(condition: object, world: World, about: str = "") -> Answer:
    """The truth of a condition, with what settled it."""
    return asking(condition)(world, about)


def asking(condition: object, *, brief: bool = False) -> Asking:
    """A condition, ready to be asked. ``brief``: of the answer nothing but its truth is wanted, and no leaves."""
    fact, joined, one_will_do = (_told_by, _settled, _settled) if brief else (_fact, _joined, _first)

    def ready(part: object) -> Asking:
        return asking(part, brief=brief)

    def member(condition: Every | Some) -> Asking:
        """What one member says: ``every``, that it is left out or passes; ``some``, that it counts and passes."""
        that = ready(condition.that)
        if condition.where is None:
            return that
        where = ready(condition.where)
        if isinstance(condition, Some):
            return lambda world, about: joined((one(world, about) for one in (where, that)), settles=False)
        left_out = _not(where)
        return lambda world, about: one_will_do((one(world, about) for one in (left_out, that)), settles=True)

    match condition:
        case FactIs():
            return fact(condition)
        case All(all=parts):
            each = [ready(part) for part in parts]
            return lambda world, about: joined((one(world, about) for one in each), settles=False)
        case Any_(any=parts):
            each = [ready(part) for part in parts]
            return lambda world, about: one_will_do((one(world, about) for one in each), settles=True)
        case Not(not_=part):
            return _not(ready(part))
        case Every(every=collection):
            one = member(condition)
            return lambda world, _: joined((one(world, member) for member in world.members(collection)), settles=False)
        case Some(some=collection):
            one = member(condition)
            return lambda world, _: joined((one(world, member) for member in world.members(collection)), settles=True)
        case Ancestors(ancestors=part):
            one = ready(part)
            return lambda world, _: joined((_ancestor(one, each) for each in world.ancestors), settles=False)
        case _:
            return lambda world, _: Answer(told(condition, world))


def _fact(condition: FactIs) -> Asking:
    name, holds = condition.fact, condition.holds

    def ask(world: World, about: str) -> Answer:
        finding = world.finding(name, about)
        truth = None if finding.value is None else holds(finding.value)
        return Answer(truth, (Leaf(finding, world.evidence.id, truth),))

    return ask


def _told_by(condition: FactIs) -> Asking:
    """The same, without its leaf."""
    name, holds = condition.fact, condition.holds

    def ask(world: World, about: str) -> Answer:
        value = world.finding(name, about).value
        return _BRIEF[None if value is None else holds(value)]

    return ask


def _not(part: Asking) -> Asking:
    def ask(world: World, about: str) -> Answer:
        answer = part(world, about)
        return answer if answer.truth is None else Answer(not answer.truth, answer.leaves)

    return ask


def told(condition: object, world: World) -> Truth:
    """The truth of a condition about what was judged: criteria and other rubrics' verdicts."""
    match condition:
        case CriterionIs(criterion=id):
            return _within(world.criteria[id], condition.values)
        case CriteriaAre(are=are):
            wanted = frozenset({are, "not_applicable"})  # what does not apply is not asked for
            return _settled((Answer(_within(each, wanted)) for each in world.criteria.values()), settles=False).truth
        case VerdictIs(verdict_of=id):
            possible = world.verdicts.get(id)
            return None if possible is None else _within(possible, condition.values)
        case _:
            raise TypeError(f"not a condition: {condition!r}")


def _within(possible: frozenset[str], wanted: frozenset[str]) -> Truth:
    if possible <= wanted:
        return True
    return None if possible & wanted else False


def _ancestor(part: Asking, one: World | str) -> Answer:
    if isinstance(one, World):
        return part(one, "")
    return Answer(None, (Leaf(lost(one), one, None),))


def _joined(answers: Iterable[Answer], *, settles: bool) -> Answer:
    """Joins answers: those that equal ``settles`` settle the whole, else unknown ones leave it open."""
    answers = list(answers)
    truths = [answer[0] for answer in answers]
    truth: Truth = settles if settles in truths else None if None in truths else not settles
    leaves = [leaves for each, leaves in answers if each is truth]
    return Answer(truth, leaves[0] if len(leaves) == 1 else tuple(chain.from_iterable(leaves)))


def _first(answers: Iterable[Answer], *, settles: bool) -> Answer:
    """Likewise; the first that settles it does so alone, and the others are not asked."""
    asked: list[Answer] = []
    for answer in answers:
        if answer.truth is settles:
            return answer
        asked.append(answer)
    return _joined(asked, settles=settles)


def _settled(answers: Iterable[Answer], *, settles: bool) -> Answer:
    """Likewise, without leaves."""
    truth: Truth = not settles
    for answer in answers:
        if answer[0] is settles:
            return _BRIEF[settles]
        if answer[0] is None:
            truth = None
    return _BRIEF[truth]
