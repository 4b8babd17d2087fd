"""The least change: the fewest facts that would have to be otherwise for a criterion to be met.

Levels are gone through from the top, and ways are collected in which those above are refused and a met one holds:
each says for some findings which values will do. A way that would ask one finding to be two things ends; of the
others, the one that changes fewest wins. The search is exact up to ``_KEPT`` ways that differ in findings still to be
asked again; of more, it goes on with the cheapest.

Every finding has a few places in one large number, a bit for each value that can be told apart, and one more for the
finding itself. A way is such a number: the bits of the values that will not do, and of each finding that it asks.
Whether one way demands no more than another, and how much it changes, are then questions to whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from openaudit.evidence import Finding, Value
from openaudit.judging.conditions import All, Ancestors, Any_, Every, FactIs, Not, Some
from openaudit.judging.logic import World, lost, told
from openaudit.judging.questions import Questions, Values
from openaudit.judging.rubric import Criterion

_KEPT, _KEPT_OF_MANY, _FEW = 64, 8, 20  # ways kept, where each is about fewer than 20 findings, and else


class Wish(NamedTuple):
    """One finding, and the first value that would do. ``value`` is ``None`` for an ancestor that must be looked at.

    ``instead_of`` holds the values that would not do.
    """

    finding: Finding
    model: str
    value: Value | None
    instead_of: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Domain:
    """One finding and the values it might have (``None``: it must be looked at), from bit ``first`` on.

    ``all`` are their bits, ``asked`` that of the finding itself. ``now`` is what a way keeps that changes nothing: the
    bit of the present value; of one that is not known, ``asked``.
    """

    finding: Finding
    model: str
    values: Values | None
    first: int
    all: int
    asked: int
    now: int

    def wish(self, will_not_do: int) -> Wish:
        if self.values is None:
            return Wish(self.finding, self.model, None)
        given = [(value, will_not_do >> self.first + i & 1) for i, value in enumerate(self.values.values)]
        fitting = next(value for value, wrong in given if not wrong)
        return Wish(self.finding, self.model, fitting, tuple(value for value, wrong in given if wrong))


class _Trail(NamedTuple):
    """The findings that a way asks, the last first."""

    domain: _Domain
    before: _Trail | None


_Way = tuple[int, _Trail | None]
_Ways = Callable[["_Search", World, str, list[_Way]], list[_Way]]
"""What goes on from given ways, in a search: of a world, and one member of a collection in it."""


def least_change(criterion: Criterion, world: World) -> tuple[Wish, ...] | None:
    """The fewest findings that would have to be otherwise, and how, for the criterion to be certainly met.

    ``()`` where it is; ``None`` where no change of these findings can do it. A finding that is not known counts as one
    to change where it would have to be known.
    """
    return searching(criterion)(world)


def searching(criterion: Criterion) -> Callable[[World], tuple[Wish, ...] | None]:
    """``least_change`` of one criterion, ready to be asked of any number of models."""
    questions = criterion.questions
    levels: list[tuple[bool, _Ways]] = []
    for level in criterion.to_met:
        met = level.outcome == "met"
        if level.when is not None or met:
            levels.append((met, _given if level.when is None else _ways(level.when, met, questions)))

    def search(world: World) -> tuple[Wish, ...] | None:
        one = _Search(questions)
        found: list[_Way] = []
        above: list[_Way] = [(0, None)]
        for met, ways in levels:
            if met:
                found += ways(one, world, "", above)
            else:
                above = ways(one, world, "", above)
        return one.wishes(found)

    return search


class _Search:
    """One search: its findings, each by its model, fact and what it is about, and their bits."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.domains: dict[tuple[str, str, str], _Domain] = {}
        self.end = 0  # the first bit that is free
        self.now = 0
        self.asked = 0
        self.of: dict[str, int] = {}  # by fact, the bits of all its findings

    def domain(self, finding: Finding, model: str, values: Values | None, place: int | None) -> _Domain:
        """A finding that was not asked before. ``place`` is that of its present value."""
        first, many = self.end, 1 if values is None else len(values.values)
        asked = 1 << first + many
        now = asked if place is None else 1 << first + place
        self.end = first + many + 1
        self.now |= now
        self.asked |= asked
        bits = asked - (1 << first)
        self.of[finding.fact] = self.of.get(finding.fact, 0) | bits | asked
        found = _Domain(finding, model, values, first, bits, asked, now)
        self.domains[model, finding.fact, finding.about] = found
        return found

    def cost(self, way: _Way) -> int:
        """How many findings a way changes."""
        return (way[0] & self.now).bit_count()

    def wishes(self, found: list[_Way]) -> tuple[Wish, ...] | None:
        """What the cheapest of the ways found wishes for, in the order in which it was asked."""
        if not found:
            return None
        will_not_do, trail = min(found, key=self.cost)
        wishes = []
        while trail:
            domain, trail = trail
            if will_not_do & domain.now:
                wishes.append(domain.wish(will_not_do))
        return tuple(reversed(wishes))

    def few(self, ways: list[_Way], later: frozenset[str]) -> list[_Way]:
        """Without the ways that another makes needless: no dearer, and no more demanding where it may still matter.

        It may matter in the findings of the facts that are asked ``later``.
        """
        if len(ways) < 2:
            return ways
        if not later:
            return [min(ways, key=self.cost)]
        most = _KEPT if (ways[0][0] & self.asked).bit_count() < _FEW else _KEPT_OF_MANY
        matters = 0
        for fact in later:
            matters |= self.of.get(fact, 0)
        over = self.now & ~matters
        kept: list[_Way] = []
        marks: list[tuple[int, int]] = []
        for way in sorted(ways, key=self.cost):
            again, once = way[0] & matters, (way[0] & over).bit_count()
            for cost, other in marks:
                if cost <= once and not other & ~again:
                    break
            else:
                kept.append(way)
                marks.append((self.cost(way), again))
                if len(kept) == most:
                    break
        return kept


# --------------------------------------------------------------------------- ways to an answer


def _given(search: _Search, world: World, about: str, given: list[_Way]) -> list[_Way]:  # noqa: ARG001 - as all _Ways
    return given


def _ways(condition: object, want: bool, questions: Questions) -> _Ways:
    """The ways in which a condition comes out ``want``, each going on from one that is given."""
    match condition:
        case FactIs():
            return _fact(condition, want)
        case Not(not_=part):
            return _ways(part, not want, questions)
        case All(all=parts) | Any_(any=parts):
            each = [_ways(part, want, questions) for part in parts]
            return (
                _one_by_one(each) if want is isinstance(condition, All) else _either(each, _later(condition, questions))
            )
        case Every(every=collection) | Some(some=collection):
            member = _member(condition, want, questions)
            if want is isinstance(condition, Every):
                return _of_every_member(collection, member)
            return _of_some_member(collection, member, _later(condition, questions))
        case Ancestors(ancestors=part):
            of_one = _ways(part, want, questions)
            return _of_every_ancestor(of_one) if want else _of_some_ancestor(of_one, _later(condition, questions))
        case _:
            return lambda _search, world, _about, given: given if told(condition, world) is want else []


def _later(condition: object, questions: Questions) -> frozenset[str]:
    return questions.later[id(condition)]


def _fact(condition: FactIs, want: bool) -> _Ways:
    name, key = condition.fact, id(condition)

    def ways(search: _Search, world: World, about: str, given: list[_Way]) -> list[_Way]:
        finding = world.finding(name, about)
        domain = search.domains.get((world.evidence.id, name, finding.about))
        values = domain.values if domain else None
        if domain is None or values is None:
            values = search.questions.values(world.vocabulary[name], finding.value)
            at = None if finding.value is None else values.place(finding.value)
            domain = search.domain(finding, world.evidence.id, values, at)
        passing = values.passing[key]
        return _narrowed(given, domain, passing if want else values.all & ~passing)

    return ways


def _one_by_one(each: list[_Ways]) -> _Ways:
    def ways(search: _Search, world: World, about: str, given: list[_Way]) -> list[_Way]:
        for one in each:
            if not given:
                break
            given = one(search, world, about, given)
        return given

    return ways


def _either(each: list[_Ways], later: frozenset[str]) -> _Ways:
    def ways(search: _Search, world: World, about: str, given: list[_Way]) -> list[_Way]:
        return search.few([way for one in each for way in one(search, world, about, given)], later) if given else given

    return ways


def _member(condition: Every | Some, want: bool, questions: Questions) -> _Ways:
    """For ``every``, a member is left out or passes; for ``some``, it counts and passes."""
    that = _ways(condition.that, want, questions)
    if condition.where is None:
        return that
    if want is isinstance(condition, Every):
        return _either([that, _ways(condition.where, False, questions)], _later(condition.that, questions))
    return _one_by_one([_ways(condition.where, True, questions), that])


def _of_every_member(collection: str, member: _Ways) -> _Ways:
    def ways(search: _Search, world: World, about: str, given: list[_Way]) -> list[_Way]:  # noqa: ARG001 - as all _Ways
        for one in world.members(collection):
            if not given:
                break
            given = member(search, world, one, given)
        return given

    return ways


def _of_some_member(collection: str, member: _Ways, later: frozenset[str]) -> _Ways:
    def ways(search: _Search, world: World, about: str, given: list[_Way]) -> list[_Way]:  # noqa: ARG001 - as all _Ways
        if not given:
            return given
        found = [way for one in world.members(collection) for way in member(search, world, one, given)]
        return search.few(found, later)

    return ways


def _of_every_ancestor(part: _Ways) -> _Ways:
    def ways(search: _Search, world: World, about: str, given: list[_Way]) -> list[_Way]:  # noqa: ARG001 - as all _Ways
        for ancestor in world.ancestors if given else ():
            if isinstance(ancestor, World):
                given = part(search, ancestor, "", given)
            else:
                finding = lost(ancestor)
                domain = search.domains.get((ancestor, finding.fact, finding.about))
                given = _narrowed(given, domain or search.domain(finding, ancestor, None, None), 1)
        return given

    return ways


def _of_some_ancestor(part: _Ways, later: frozenset[str]) -> _Ways:
    def ways(search: _Search, world: World, about: str, given: list[_Way]) -> list[_Way]:  # noqa: ARG001 - as all _Ways
        if not given:
            return given
        looked = [one for one in world.ancestors if isinstance(one, World)]
        return search.few([way for one in looked for way in part(search, one, "", given)], later)

    return ways


def _narrowed(given: list[_Way], domain: _Domain, wanted: int) -> list[_Way]:
    """The given ways in which this finding has one of the wanted values."""
    bits, asked = domain.all, domain.asked
    wrong = bits & ~(wanted << domain.first) | asked
    return [
        (both, trail if will_not_do & asked else _Trail(domain, trail))
        for will_not_do, trail in given
        if (both := will_not_do | wrong) & bits != bits
    ]
