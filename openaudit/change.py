"""The least change: the fewest facts that would have to be otherwise for a criterion to be met.

A condition is rewritten into its alternatives, each saying for some facts which values will do. Alternatives that ask
the same fact to be two things are dropped; of the others, the one that changes fewest facts wins. The search is exact
up to ``_KEPT`` alternatives that differ in facts asked more than once; of more, it keeps the cheapest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from openaudit.conditions import All, Ancestors, Any_, Every, FactIs, Not, Some
from openaudit.evidence import Fact, Finding, Value
from openaudit.logic import World, lost, told
from openaudit.rubric import Criterion

_KEPT = 64

ANOTHER = "…"
"""Stands for every value of a free fact that the criterion does not name."""

Place = tuple[str, str, str]
"""A finding's model, fact and what it is about."""

Way = dict[Place, int]
"""For some findings, the values that will do: a bit for each place in the finding's domain."""


class AtLeast(float):
    """A number that stands for all greater ones."""

    def __str__(self) -> str:
        return f"at least {float(self):g}"


class LessThan(float):
    """A number, one less than a bound, that stands for all that are less than it."""

    def __str__(self) -> str:
        return f"less than {float(self) + 1:g}"


class Wish(NamedTuple):
    """One finding, and the first value that would do. ``value`` is ``None`` for an ancestor that must be looked at.

    ``instead_of`` holds the values that would not do.
    """

    finding: Finding
    model: str
    value: Value | None
    instead_of: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class _Domain:
    """The values of one finding that the criterion can tell apart, and which of them it has now (0: not known)."""

    finding: Finding
    model: str
    values: tuple[Value | None, ...]
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
        self.asked: dict[str, list[FactIs]] = {}
        self.domains: dict[Place, _Domain] = {}
        times: Counter[str] = Counter()
        for one in criterion.asked:
            if isinstance(one.condition, FactIs):
                self.asked.setdefault(one.condition.fact, []).append(one.condition)
                times[one.condition.fact] += 1 + (one.depth > 1)
        self.shared = {fact for fact, n in times.items() if n > 1}

    def best(self) -> tuple[Wish, ...] | None:
        ways: list[Way] = []
        above: list[Way] = [{}]
        for level in self.criterion.levels:
            if level.outcome == "met":
                here = [{}] if level.when is None else self.ways(level.when, self.world, "", True)
                ways += self.together([above, here])
            elif level.when is not None:
                above = self.together([above, self.ways(level.when, self.world, "", False)])
        if not ways:
            return None
        cheapest = min(ways, key=self.cost).items()
        return tuple(self.wish(place, will_do) for place, will_do in cheapest if not will_do & self.domains[place].now)

    # ------------------------------------------------------------------ ways to an answer

    def ways(self, condition: object, world: World, about: str, want: bool) -> list[Way]:
        """The ways in which a condition comes out ``want``."""
        match condition:
            case FactIs():
                return self.fact(condition, world, about, want)
            case Not(not_=part):
                return self.ways(part, world, about, not want)
            case All(all=parts) | Any_(any=parts):
                found = (self.ways(part, world, about, want) for part in parts)
                return self.together(found) if want is isinstance(condition, All) else self.either(found)
            case Every(every=collection) | Some(some=collection):
                found = (self.member(condition, world, one, want) for one in world.members(collection))
                return self.together(found) if want is isinstance(condition, Every) else self.either(found)
            case Ancestors(ancestors=part):
                looked = [one for one in world.ancestors if isinstance(one, World)]
                found = (self.ways(part, one, "", want) for one in looked)
                if not want:
                    return self.either(found)
                return self.together([*found, *([self.look(one)] for one in world.ancestors if isinstance(one, str))])
            case _:
                return [{}] if told(condition, world) is want else []

    def fact(self, condition: FactIs, world: World, about: str, want: bool) -> list[Way]:
        finding = world.finding(condition.fact, about)
        place = (world.evidence.id, finding.fact, finding.about)
        domain = self.domains.get(place)
        if domain is None:
            domain = self.domains[place] = self.domain(finding, world)
        will_do = 0
        for i, value in enumerate(domain.values):
            will_do |= (value is not None and condition.holds(value) is want) << i
        return [{place: will_do}] if will_do else []

    def member(self, condition: Every | Some, world: World, about: str, want: bool) -> list[Way]:
        """For ``every``, a member is left out or passes; for ``some``, it counts and passes."""
        every = isinstance(condition, Every)
        that = self.ways(condition.that, world, about, want)
        if condition.where is None:
            return that
        where = self.ways(condition.where, world, about, want is not every)
        return self.either([where, that]) if want is every else self.together([where, that])

    def look(self, ancestor: str) -> Way:
        finding = lost(ancestor)
        place = (ancestor, finding.fact, finding.about)
        self.domains[place] = _Domain(finding, ancestor, (None,), 0)
        return {place: 1}

    # ------------------------------------------------------------------ joining ways

    def together(self, parts: Iterable[list[Way]]) -> list[Way]:
        """Every part at once: one way of each, where they do not contradict each other."""
        found: list[Way] = [{}]
        for ways in parts:
            found = self.few([both for one in found for other in ways if (both := _merged(one, other)) is not None])
            if not found:
                break
        return found

    def either(self, parts: Iterable[list[Way]]) -> list[Way]:
        return self.few([way for ways in parts for way in ways])

    def few(self, ways: list[Way]) -> list[Way]:
        """Without those that another one makes needless: no dearer, and no more demanding where it may still matter."""
        if len(ways) < 2:
            return ways
        kept: list[tuple[Way, int, Way]] = []
        for way in sorted(ways, key=self.cost)[: 4 * _KEPT]:
            shared = {place: will_do for place, will_do in way.items() if place[1] in self.shared}
            apart = self.cost(way) - self.cost(shared)
            if not any(cost <= apart and _weaker(other, shared) for other, cost, _ in kept):
                kept.append((shared, apart, way))
        return [way for *_, way in kept[:_KEPT]]

    def cost(self, way: Way) -> int:
        domains = self.domains
        return sum(not will_do & domains[place].now for place, will_do in way.items())

    # ------------------------------------------------------------------ values

    def domain(self, finding: Finding, world: World) -> _Domain:
        fact, asked = world.vocabulary[finding.fact], self.asked[finding.fact]
        values = tuple(_values(fact, asked, finding.value))
        now = 0 if finding.value is None else 1 << _nearest(finding.value, values)
        return _Domain(finding, world.evidence.id, values, now)

    def wish(self, place: Place, will_do: int) -> Wish:
        domain = self.domains[place]
        fitting = [value for i, value in enumerate(domain.values) if will_do >> i & 1]
        others = tuple(value for i, value in enumerate(domain.values) if not will_do >> i & 1 and value is not None)
        return Wish(domain.finding, domain.model, fitting[0], others)


def _merged(one: Way, other: Way) -> Way | None:
    if not one:
        return other
    found = one.copy()
    for place, will_do in other.items():
        both = will_do & found.get(place, will_do)
        if not both:
            return None
        found[place] = both
    return found


def _weaker(one: Way, other: Way) -> bool:
    """Whether whatever fulfils the other way fulfils this one."""
    return all(place in other and not other[place] & ~will_do for place, will_do in one.items())


def _values(fact: Fact, asked: Sequence[FactIs], now: Value | None) -> Iterator[Value]:
    """The values that the questions tell apart, those first that a report would rather name."""
    seen: list[Value] = [value for value in fact.says if value != "*"]
    seen += [value for one in asked for value in one.values]
    yield from {(type(value) is bool, value): value for value in seen}.values()
    if lists := dict.fromkeys(one.includes for one in asked if one.includes is not None):
        held = now if isinstance(now, tuple) else ()
        rest = tuple(one for one in held if one not in lists)
        some = [chosen for n in range(len(lists) + 1) for chosen in combinations(lists, n)]
        some.sort(key=lambda chosen: len(set(chosen) ^ (set(held) & set(lists))))
        yield from ((*rest, *chosen) for chosen in some)
    if numbers := sorted({one.at_least for one in asked if one.at_least is not None}):
        yield from map(AtLeast, numbers)
        yield LessThan(numbers[0] - 1)
    if "*" in fact.says:
        yield ANOTHER


def _nearest(now: Value, values: Sequence[Value]) -> int:
    """Which of the values that can be told apart a finding has."""
    same = [i for i, value in enumerate(values) if value == now and isinstance(value, bool) is isinstance(now, bool)]
    if same:
        return same[0]
    if isinstance(now, tuple):
        lists = (i for i, value in enumerate(values) if isinstance(value, tuple) and set(value) == set(now))
        return next(lists, len(values) - 1)
    if isinstance(now, int | float) and not isinstance(now, bool):
        below = [(value, -i) for i, value in enumerate(values) if isinstance(value, float) and value <= now]
        if below:
            return -max(below)[1]
        return next((i for i in reversed(range(len(values))) if isinstance(values[i], float)), len(values) - 1)
    return len(values) - 1
