"""Three-valued conditions over evidence: true, false, or cannot be told — with what decided.

What is unknown never becomes yes or no (Kleene's strong logic): an ``all`` with one false part is false whatever the
unknown parts are, an ``any`` with one true part is true; otherwise unknown parts make the whole unknown.

``every`` and ``ancestors`` hold of nothing, ``some`` does not: whether an empty collection is good news is for the
rubric to ask. A member that ``where`` leaves out does not count; where that cannot be told, it counts as far as it
cannot change the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from openaudit.conditions import (
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
from openaudit.evidence import Evidence, Fact, Finding, Value
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
        """Of each fact, all that judging may hang on."""
        found: dict[str, list[Seen]] = {}
        for one in self.evidence.findings:
            seen = (one.value, type(one.value), one.about, one.note if one.value is None else "")
            found.setdefault(one.fact, []).append(seen)
        return {fact: tuple(all) for fact, all in found.items()}

    @cached_property
    def _findings(self) -> dict[tuple[str, str], Finding]:
        return {(finding.fact, finding.about): finding for finding in reversed(self.evidence.findings)}

    def finding(self, fact: str, about: str = "") -> Finding:
        """The finding of a fact: of the model itself, or of the member that is asked about."""
        key = (fact, about if self.vocabulary[fact].per else "")
        return self._findings.get(key) or self.evidence.get(*key)


def lost(ancestor: str) -> Finding:
    """What stands for everything that an ancestor would tell, had it been looked at."""
    return Finding("lineage.looked", None, about=ancestor, note=phrase("it could not be looked at"))


def ask(condition: object, world: World, about: str = "") -> Answer:
    """The truth of a condition, with what settled it."""
    match condition:
        case FactIs():
            finding = world.finding(condition.fact, about)
            truth = None if finding.value is None else condition.holds(finding.value)
            return Answer(truth, (Leaf(finding, world.evidence.id, truth),))
        case All(all=parts):
            return _joined([ask(part, world, about) for part in parts], settles=False)
        case Any_(any=parts):
            return _joined([ask(part, world, about) for part in parts], settles=True, one_will_do=True)
        case Not(not_=part):
            answer = ask(part, world, about)
            return answer if answer.truth is None else Answer(not answer.truth, answer.leaves)
        case Every(every=collection):
            return _joined([_member(condition, world, one) for one in world.members(collection)], settles=False)
        case Some(some=collection):
            return _joined([_member(condition, world, one) for one in world.members(collection)], settles=True)
        case Ancestors(ancestors=part):
            return _joined([_ancestor(part, one) for one in world.ancestors], settles=False)
        case _:
            return Answer(told(condition, world))


def told(condition: object, world: World) -> Truth:
    """The truth of a condition about what was judged: criteria and other rubrics' verdicts."""
    match condition:
        case CriterionIs(criterion=id):
            return _within(world.criteria[id], condition.values)
        case CriteriaAre(are=are):
            wanted = frozenset({are, "not_applicable"})  # what does not apply is not asked for
            return _joined([Answer(_within(possible, wanted)) for possible in world.criteria.values()], False).truth
        case VerdictIs(verdict_of=id):
            possible = world.verdicts.get(id)
            return None if possible is None else _within(possible, condition.values)
        case _:
            raise TypeError(f"not a condition: {condition!r}")


def _within(possible: frozenset[str], wanted: frozenset[str]) -> Truth:
    if possible <= wanted:
        return True
    return None if possible & wanted else False


def _member(condition: Every | Some, world: World, about: str) -> Answer:
    """What one member says: for ``every``, that it is left out or passes; for ``some``, that it counts and passes."""
    that = ask(condition.that, world, about)
    if condition.where is None:
        return that
    where = ask(condition.where, world, about)
    if isinstance(condition, Some):
        return _joined([where, that], settles=False)
    out = where if where.truth is None else Answer(not where.truth, where.leaves)
    return _joined([out, that], settles=True, one_will_do=True)


def _ancestor(part: object, one: World | str) -> Answer:
    if isinstance(one, World):
        return ask(part, one)
    return Answer(None, (Leaf(lost(one), one, None),))


def _joined(answers: list[Answer], settles: bool, one_will_do: bool = False) -> Answer:
    """Joins answers: one that equals ``settles`` settles the whole, else unknown ones leave it open."""
    chosen = [answer for answer in answers if answer.truth is settles]
    truth: Truth = settles
    if chosen:
        chosen = chosen[:1] if one_will_do else chosen
    elif chosen := [answer for answer in answers if answer.truth is None]:
        truth = None
    else:
        chosen, truth = answers, not settles
    if len(chosen) == 1:
        return Answer(truth, chosen[0].leaves)
    return Answer(truth, tuple(leaf for answer in chosen for leaf in answer.leaves))
