"""The least change: the fewest facts that would have to be otherwise for a criterion to be met.

Levels are gone through from the top, and ways are collected in which those above are refused and a met one holds:
each says for some findings which values will do. A way that would ask one finding to be two things ends; of the
others, the one that changes fewest wins. The search is exact up to ``_KEPT`` ways that differ in findings asked more
than once; of more, it goes on with the cheapest.
"""

from __future__ import annotations

from typing import NamedTuple

from openaudit.conditions import All, Ancestors, Any_, Every, FactIs, Not, Some
from openaudit.evidence import Finding, Value
from openaudit.logic import World, lost, told
from openaudit.questions import Values
from openaudit.rubric import Criterion

_KEPT, _KEPT_OF_MANY, _FEW = 64, 8, 20  # ways kept, where each is about fewer than 20 findings, and else

Place = tuple[str, str, str]
"""A finding's model, fact and what it is about."""

Way = dict[Place, int]
"""For some findings, the values that will do: a bit for each place in the finding's domain."""


class Wish(NamedTuple):
    """One finding, and the first value that would do. ``value`` is ``None`` for an ancestor that must be looked at.

    ``instead_of`` holds the values that would not do.
    """

    finding: Finding
    model: str
    value: Value | None
    instead_of: tuple[Value, ...] = ()


class _Domain(NamedTuple):
    """One finding, the values it might have (``None``: it must be looked at), and the set of that which it has now."""

    finding: Finding
    model: str
    values: Values | None
    now: int


def least_change(criterion: Criterion, world: World) -> tuple[Wish, ...] | None:
    """The fewest findings that would have to be otherwise, and how, for the criterion to be certainly met.

    ``()`` where it is; ``None`` where no change of these findings can do it. A finding that is not known counts as one
    to change where it would have to be known.
    """
    return _Search(criterion, world).best()


class _Search:
    def __init__(self, criterion: Criterion, world: World) -> None:
        self.criterion = criterion
        self.world = world
        self.questions = criterion.questions
        self.domains: dict[Place, _Domain] = {}

    def best(self) -> tuple[Wish, ...] | None:
        found: list[Way] = []
        above: list[Way] = [{}]
        for level in self.criterion.levels:
            if level.outcome == "met":
                found += above if level.when is None else self.ways(level.when, self.world, "", True, above)
            elif level.when is not None:
                above = self.ways(level.when, self.world, "", False, above)
        if not found:
            return None
        cheapest = min(found, key=self.cost).items()
        return tuple(self.wish(place, will_do) for place, will_do in cheapest if not will_do & self.domains[place].now)

    # ------------------------------------------------------------------ ways to an answer

    def ways(self, condition: object, world: World, about: str, want: bool, given: list[Way]) -> list[Way]:
        """The ways in which a condition comes out ``want``, each going on from one that is given."""
        if not given:
            return []
        match condition:
            case FactIs():
                return self.fact(condition, world, about, want, given)
            case Not(not_=part):
                return self.ways(part, world, about, not want, given)
            case All(all=parts) | Any_(any=parts):
                if want is isinstance(condition, All):
                    for part in parts:
                        given = self.ways(part, world, about, want, given)
                    return given
                return self.few([way for part in parts for way in self.ways(part, world, about, want, given)])
            case Every(every=collection) | Some(some=collection):
                if want is isinstance(condition, Every):
                    for one in world.members(collection):
                        given = self.member(condition, world, one, want, given)
                    return given
                members = world.members(collection)
                return self.few([way for one in members for way in self.member(condition, world, one, want, given)])
            case Ancestors(ancestors=part):
                return self.ancestors(part, world, want, given)
            case _:
                return given if told(condition, world) is want else []

    def fact(self, condition: FactIs, world: World, about: str, want: bool, given: list[Way]) -> list[Way]:
        finding = world.finding(condition.fact, about)
        place = (world.evidence.id, finding.fact, finding.about)
        domain = self.domains.get(place)
        values = domain.values if domain else None
        if values is None:
            values = self.questions.values(world.vocabulary[finding.fact], finding.value)
            at = None if finding.value is None else values.place(finding.value)
            self.domains[place] = _Domain(finding, world.evidence.id, values, 0 if at is None else 1 << at)
        passing = values.passing[id(condition)]
        will_do = passing if want else values.all & ~passing
        return [way | {place: both} for way in given if (both := will_do & way.get(place, will_do))]

    def member(self, condition: Every | Some, world: World, about: str, want: bool, given: list[Way]) -> list[Way]:
        """For ``every``, a member is left out or passes; for ``some``, it counts and passes."""
        if condition.where is None:
            return self.ways(condition.that, world, about, want, given)
        if want is isinstance(condition, Every):
            out = self.ways(condition.where, world, about, False, given)
            return self.few([*self.ways(condition.that, world, about, want, given), *out])
        counts = self.ways(condition.where, world, about, True, given)
        return self.ways(condition.that, world, about, want, counts)

    def ancestors(self, part: object, world: World, want: bool, given: list[Way]) -> list[Way]:
        looked = [one for one in world.ancestors if isinstance(one, World)]
        if not want:
            return self.few([way for one in looked for way in self.ways(part, one, "", want, given)])
        for ancestor in world.ancestors:
            if isinstance(ancestor, World):
                given = self.ways(part, ancestor, "", want, given)
            else:
                given = self.look(ancestor, given)
        return given

    def look(self, ancestor: str, given: list[Way]) -> list[Way]:
        finding = lost(ancestor)
        place = (ancestor, finding.fact, finding.about)
        self.domains[place] = _Domain(finding, ancestor, None, 0)
        return [way | {place: 1} for way in given]

    def few(self, ways: list[Way]) -> list[Way]:
        """Without the ways that another makes needless: no dearer, and no more demanding where it may still matter."""
        if len(ways) < 2:
            return ways
        most = _KEPT if len(ways[0]) < _FEW else _KEPT_OF_MANY
        kept: list[tuple[Way, int, Way]] = []
        for way in sorted(ways, key=self.cost):
            again = {place: will_do for place, will_do in way.items() if place[1] in self.questions.again}
            once = self.cost(way) - self.cost(again)
            if not any(cost <= once and _weaker(other, again) for other, cost, _ in kept):
                kept.append((again, once, way))
                if len(kept) == most:
                    break
        return [way for *_, way in kept]

    def cost(self, way: Way) -> int:
        domains = self.domains
        return sum(not will_do & domains[place].now for place, will_do in way.items())

    def wish(self, place: Place, will_do: int) -> Wish:
        domain = self.domains[place]
        if domain.values is None:
            return Wish(domain.finding, domain.model, None)
        fitting = [value for i, value in enumerate(domain.values.values) if will_do >> i & 1]
        others = tuple(value for i, value in enumerate(domain.values.values) if not will_do >> i & 1)
        return Wish(domain.finding, domain.model, fitting[0], others)


def _weaker(one: Way, other: Way) -> bool:
    """Whether whatever fulfils the other way fulfils this one."""
    return all(place in other and not other[place] & ~will_do for place, will_do in one.items())
