"""Three-valued conditions over evidence: true, false, or cannot be told — with what decided.

What is unknown never becomes yes or no (Kleene's strong logic): an ``all`` with one false part is false whatever the
unknown parts are, an ``any`` with one true part is true; otherwise unknown parts make the whole unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from openaudit.evidence import Evidence, Fact, Finding
from openaudit.rubric import (
    All,
    Any_,
    CriteriaAre,
    CriterionIs,
    Every,
    FactIs,
    Lineage,
    Not,
    Some,
    VerdictIs,
)

Truth = bool | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One question to one finding, and the answer. ``wanted`` holds the values that would make it true."""

    finding: Finding
    model: str
    truth: Truth
    wanted: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A condition's truth, and the leaves that settle it (or, where it is unknown, those that would)."""

    truth: Truth
    leaves: tuple[Leaf, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """One leaf that would have to turn out ``wanted`` (or not, where ``instead`` is false)."""

    leaf: Leaf
    instead: bool


@dataclass(frozen=True)
class World:
    """What conditions are asked of: the evidence, the vocabulary, and outcomes known so far.

    ``criteria`` maps a criterion's id to the outcomes still possible for it, ``verdicts`` a rubric's id to the
    verdicts still possible.
    """

    evidence: Evidence
    vocabulary: Mapping[str, Fact]
    criteria: Mapping[str, frozenset[str]] = field(default_factory=dict)
    verdicts: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def members(self, collection: str) -> tuple[str, ...]:
        """The members of a collection ("dataset", "stage", …), in the order found."""
        facts = [fact.name for fact in self.vocabulary.values() if fact.per == collection]
        return tuple(self.evidence.abouts(facts))

    def of(self, evidence: Evidence) -> World:
        return World(evidence, self.vocabulary, self.criteria, self.verdicts)


def ask(condition: object, world: World, about: str = "") -> Answer:
    """The truth of a condition, with what settled it."""
    match condition:
        case FactIs():
            leaf = _leaf(condition, world, about)
            return Answer(leaf.truth, (leaf,))
        case Not(not_=part):
            answer = ask(part, world, about)
            return Answer(None if answer.truth is None else not answer.truth, answer.leaves)
        case All(all=parts):
            return _both([ask(part, world, about) for part in parts], settles=False)
        case Any_(any=parts):
            return _both([ask(part, world, about) for part in parts], settles=True)
        case Every() | Some():
            settles = isinstance(condition, Some)
            return _both(list(_members(condition, world)), settles)
        case Lineage(lineage=part):
            return _both(list(_lineage(part, world, about)), settles=False)
        case CriterionIs():
            return Answer(_within(world.criteria[condition.criterion], _wanted(condition)))
        case CriteriaAre(are=are):
            answers = [
                Answer(_within(possible - {"not_applicable"}, {are}))
                for possible in world.criteria.values()
                if possible != {"not_applicable"}
            ]
            return _both(answers, settles=False)
        case VerdictIs():
            possible = world.verdicts.get(condition.verdict_of)
            return Answer(None if possible is None else _within(possible, _wanted(condition)))
        case _:
            raise TypeError(f"not a condition: {condition!r}")


def _wanted(condition: FactIs | CriterionIs | VerdictIs) -> frozenset[object]:
    return frozenset(condition.in_ if condition.in_ is not None else (condition.is_,))


def _within(possible: frozenset[str], wanted: frozenset[object] | set[str]) -> Truth:
    if possible <= wanted:
        return True
    return None if possible & wanted else False


def _leaf(condition: FactIs, world: World, about: str) -> Leaf:
    per = world.vocabulary[condition.fact].per
    finding = world.evidence.get(condition.fact, about if per else "")
    value = finding.value
    truth: Truth = None
    wanted: tuple[object, ...]
    if condition.includes is not None:
        wanted = (condition.includes,)
        if value is not None:
            truth = isinstance(value, tuple) and condition.includes in value
    elif condition.at_least is not None:
        wanted = (condition.at_least,)
        if value is not None:
            truth = isinstance(value, int | float) and value >= condition.at_least
    else:
        wanted = tuple(condition.in_) if condition.in_ is not None else (condition.is_,)
        if value is not None:
            truth = any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in wanted)
    return Leaf(finding, world.evidence.id, truth, wanted)


def _members(condition: Every | Some, world: World) -> Iterator[Answer]:
    collection = condition.every if isinstance(condition, Every) else condition.some
    counts = isinstance(condition, Some)
    for about in world.members(collection):
        answer = ask(condition.that, world, about)
        if condition.where is not None:
            where = ask(condition.where, world, about)
            if where.truth is False:
                continue
            if where.truth is None and answer.truth is not (not counts):
                answer = Answer(None, where.leaves + answer.leaves)
        yield answer


def _lineage(part: object, world: World, about: str) -> Iterator[Answer]:
    yield ask(part, world, about)
    for ancestor in world.evidence.ancestors:
        if isinstance(ancestor, Evidence):
            yield ask(part, world.of(ancestor), about)
        else:
            lost = Finding("lineage.looked", None, about=ancestor, note="this ancestor could not be looked at")
            yield Answer(None, (Leaf(lost, ancestor, None, (True,)),))


def _both(answers: list[Answer], settles: bool) -> Answer:
    """Joins answers: one that equals ``settles`` settles the whole, else unknown ones leave it open."""
    deciding = [answer for answer in answers if answer.truth is settles]
    if deciding:
        leaves = deciding[0].leaves if settles else tuple(leaf for answer in deciding for leaf in answer.leaves)
        return Answer(settles, leaves)
    unknown = [answer for answer in answers if answer.truth is None]
    chosen = unknown or answers
    truth = None if unknown else not settles
    return Answer(truth, tuple(leaf for answer in chosen for leaf in answer.leaves))


# --------------------------------------------------------------------------- least change


def least_change(condition: object, world: World, want: bool, about: str = "") -> tuple[Wish, ...] | None:
    """The fewest leaves that would have to turn out otherwise for the condition to come out ``want``.

    ``()`` when it already does; ``None`` when no change of facts can do it.
    """
    answer = ask(condition, world, about)
    if answer.truth is want:
        return ()
    match condition:
        case FactIs():
            return (Wish(answer.leaves[0], instead=want),)
        case Not(not_=part):
            return least_change(part, world, not want, about)
        case All(all=parts) | Any_(any=parts):
            options = [least_change(part, world, want, about) for part in parts]
            return _together(options) if want is isinstance(condition, All) else _cheapest(options)
        case Every() | Some():
            collection = condition.every if isinstance(condition, Every) else condition.some
            members = [
                least_change(condition.that, world, want, member)
                for member in world.members(collection)
                if condition.where is None or ask(condition.where, world, member).truth is not False
            ]
            return _together(members) if want is isinstance(condition, Every) else _cheapest(members)
        case Lineage(lineage=part):
            known = [a for a in world.evidence.ancestors if isinstance(a, Evidence)]
            options = [least_change(part, world.of(evidence), want, about) for evidence in (world.evidence, *known)]
            lost = [(Wish(leaf, want),) for leaf in answer.leaves if leaf.finding.fact == "lineage.looked"]
            return _together([*options, *lost]) if want else _cheapest(options)
        case _:
            return None


def _together(options: list[tuple[Wish, ...] | None]) -> tuple[Wish, ...] | None:
    wishes: dict[Wish, None] = {}
    for option in options:
        if option is None:
            return None
        wishes.update(dict.fromkeys(option))
    return tuple(wishes)


def _cheapest(options: list[tuple[Wish, ...] | None]) -> tuple[Wish, ...] | None:
    possible = [option for option in options if option is not None]
    return min(possible, key=len) if possible else None
