"""The least change: the fewest facts that would have to be otherwise for a criterion to be met.

Levels are gone through from the top, and ways are collected in which those above are refused and a met one holds:
each says for some findings which values will do. A way that would ask one finding to be two things ends; of the
others, the one that changes fewest wins. The search is exact up to ``_KEPT`` ways that differ in findings still to be
asked again; of more, it goes on with the cheapest.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from openaudit.conditions import All, Ancestors, Any_, Every, FactIs, Not, Some
from openaudit.evidence import Finding, Value
from openaudit.logic import World, lost, told
from openaudit.questions import Values
from openaudit.rubric import Criterion

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
    """One finding, the values it might have (``None``: it must be looked at), and the set of that which it has now."""

    finding: Finding
    model: str
    values: Values | None
    now: int

    def wish(self, will_do: int) -> Wish:
        if self.values is None:
            return Wish(self.finding, self.model, None)
        fitting = [value for i, value in enumerate(self.values.values) if will_do >> i & 1]
        others = tuple(value for i, value in enumerate(self.values.values) if not will_do >> i & 1)
        return Wish(self.finding, self.model, fitting[0], others)


class _Way(NamedTuple):
    """For some findings the values that will do, a bit for each place in the finding's domain; and how many change."""

    cost: int
    will_do: dict[_Domain, int]


_cost = itemgetter(0)


def least_change(criterion: Criterion, world: World) -> tuple[Wish, ...] | None:
    """The fewest findings that would have to be otherwise, and how, for the criterion to be certainly met.

    ``()`` where it is; ``None`` where no change of these findings can do it. A finding that is not known counts as one
    to change where it would have to be known.
    """
    return _Search(criterion, world).best()


class _Search:
    def __init__(self, criterion: Criterion, world: World) -> None:
        self.levels = criterion.to_met
        self.world = world
        self.questions = criterion.questions
        self.domains: dict[tuple[str, str, str], _Domain] = {}  # by a finding's model, fact and what it is about

    def best(self) -> tuple[Wish, ...] | None:
        found: list[_Way] = []
        above = [_Way(0, {})]
        for level in self.levels:
            if level.outcome == "met":
                found += above if level.when is None else self.ways(level.when, self.world, "", True, above)
            elif level.when is not None:
                above = self.ways(level.when, self.world, "", False, above)
        if not found:
            return None
        cheapest = min(found, key=_cost).will_do.items()
        return tuple(domain.wish(will_do) for domain, will_do in cheapest if not will_do & domain.now)

    # ------------------------------------------------------------------ ways to an answer

    def ways(self, condition: object, world: World, about: str, want: bool, given: list[_Way]) -> list[_Way]:
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
                either = [way for part in parts for way in self.ways(part, world, about, want, given)]
                return self.few(either, condition)
            case Every(every=collection) | Some(some=collection):
                members = world.members(collection)
                if want is isinstance(condition, Every):
                    for one in members:
                        given = self.member(condition, world, one, want, given)
                    return given
                either = [way for one in members for way in self.member(condition, world, one, want, given)]
                return self.few(either, condition)
            case Ancestors():
                return self.ancestors(condition, world, want, given)
            case _:
                return given if told(condition, world) is want else []

    def fact(self, condition: FactIs, world: World, about: str, want: bool, given: list[_Way]) -> list[_Way]:
        finding = world.finding(condition.fact, about)
        place = (world.evidence.id, finding.fact, finding.about)
        domain = self.domains.get(place)
        values = domain.values if domain else None
        if domain is None or values is None:
            values = self.questions.values(world.vocabulary[finding.fact], finding.value)
            at = None if finding.value is None else values.place(finding.value)
            now = 0 if at is None else 1 << at
            domain = self.domains[place] = _Domain(finding, world.evidence.id, values, now)
        passing = values.passing[id(condition)]
        return _narrowed(given, domain, passing if want else values.all & ~passing)

    def member(self, condition: Every | Some, world: World, about: str, want: bool, given: list[_Way]) -> list[_Way]:
        """For ``every``, a member is left out or passes; for ``some``, it counts and passes."""
        if condition.where is None:
            return self.ways(condition.that, world, about, want, given)
        if want is isinstance(condition, Every):
            out = self.ways(condition.where, world, about, False, given)
            return self.few([*self.ways(condition.that, world, about, want, given), *out], condition.that)
        counts = self.ways(condition.where, world, about, True, given)
        return self.ways(condition.that, world, about, want, counts)

    def ancestors(self, condition: Ancestors, world: World, want: bool, given: list[_Way]) -> list[_Way]:
        part = condition.ancestors
        if not want:
            looked = [one for one in world.ancestors if isinstance(one, World)]
            return self.few([way for one in looked for way in self.ways(part, one, "", want, given)], condition)
        for ancestor in world.ancestors:
            if isinstance(ancestor, World):
                given = self.ways(part, ancestor, "", want, given)
            else:
                given = self.look(ancestor, given)
        return given

    def look(self, ancestor: str, given: list[_Way]) -> list[_Way]:
        finding = lost(ancestor)
        place = (ancestor, finding.fact, finding.about)
        domain = self.domains.setdefault(place, _Domain(finding, ancestor, None, 0))
        return _narrowed(given, domain, 1)

    def few(self, ways: list[_Way], done: object) -> list[_Way]:
        """Without the ways that another makes needless: no dearer, and no more demanding where it may still matter.

        ``done`` is the condition that they come from; what may be asked of the same findings after it still matters.
        """
        if len(ways) < 2:
            return ways
        later = self.questions.later[id(done)]
        if not later:
            return [min(ways, key=_cost)]
        most = _KEPT if len(ways[0].will_do) < _FEW else _KEPT_OF_MANY
        kept: list[tuple[int, dict[_Domain, int], _Way]] = []
        for way in sorted(ways, key=_cost):
            again = {domain: will_do for domain, will_do in way.will_do.items() if domain.finding.fact in later}
            once = way.cost - sum(not will_do & domain.now for domain, will_do in again.items())
            if not any(cost <= once and _weaker(other, again) for cost, other, _ in kept):
                kept.append((once, again, way))
                if len(kept) == most:
                    break
        return [way for *_, way in kept]


def _narrowed(given: list[_Way], domain: _Domain, wanted: int) -> list[_Way]:
    """The given ways in which this finding has one of the wanted values."""
    found = []
    for cost, will_do in given:
        before = will_do.get(domain)
        both = wanted if before is None else wanted & before
        if both:
            changes = not both & domain.now
            known = before is not None and not before & domain.now
            found.append(_Way(cost + changes - known, will_do | {domain: both}))
    return found


def _weaker(one: dict[_Domain, int], other: dict[_Domain, int]) -> bool:
    """Whether whatever fulfils the other way fulfils this one."""
    return one.keys() <= other.keys() and not any(other[domain] & ~will_do for domain, will_do in one.items())
