"""What a criterion asks of each fact: the values that its conditions can tell apart.

Of a licence, say, a criterion may ask only whether there is one; then all licences are one value to it. Numbers stand
for all between two bounds. That leaves few values, and each question is answered for all of them once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import inf, nextafter
from typing import Any

from openaudit.evidence import Fact, Value
from openaudit.judging.conditions import All, Ancestors, Any_, Asked, Every, FactIs, Not, Some, apart, walk
from openaudit.saying import figure, phrase

ANOTHER = "…"
"""Stands for every value of a free fact that the criterion does not name."""


class AtLeast(float):
    """A number that stands for all from it on, up to the next that is named."""

    def __str__(self) -> str:
        return phrase("at least {number}", number=_plain(self))


class LessThan(float):
    """A number just under a bound that stands for all that are less than it."""

    def __str__(self) -> str:
        return phrase("less than {number}", number=_plain(self))


def _plain(number: float) -> str:
    near = round(number, 6)
    return figure(f"{int(near):,}" if near == int(near) else f"{near:g}")


class Values:
    """The values of a fact that can be told apart, those first that a report would rather name.

    A set of them is an integer with a bit for each. ``passing`` holds the set that passes a question, by its ``id()``.
    """

    def __init__(self, fact: Fact, asked: Sequence[FactIs], now: Value | None) -> None:
        self.fact = fact
        self.values = tuple(_values(fact, asked, now))
        self._places = {apart(value): i for i, value in reversed(list(enumerate(self.values)))}
        self.all = (1 << len(self.values)) - 1
        self.passing = {id(one): sum(one.holds(value) << i for i, value in enumerate(self.values)) for one in asked}

    def place(self, now: Value) -> int | None:
        """Which of them a value is; ``None`` for one that the vocabulary does not know."""
        if (known := self._places.get(apart(now))) is not None:
            return known
        another = self._places.get(apart(ANOTHER))
        if isinstance(now, tuple):
            lists = (i for i, value in enumerate(self.values) if isinstance(value, tuple) and set(value) == set(now))
            return next(lists, another)
        if isinstance(now, int | float) and not isinstance(now, bool):
            bounds = [(value, i) for i, value in enumerate(self.values) if isinstance(value, AtLeast) and value <= now]
            below = (i for i, value in enumerate(self.values) if isinstance(value, LessThan))
            return max(bounds)[1] if bounds else next(below, another)
        return another


class Questions:
    """Every question of a criterion, by the fact that it asks; ``whens`` are the conditions of its levels.

    ``later`` tells for a condition, by its ``id()``, the facts of which one finding may be asked (again) after it by
    those of ``whens`` that are ``searched``, in this order.
    """

    def __init__(self, whens: Sequence[Any], searched: Sequence[Any]) -> None:
        self._made_of = (whens, searched)
        self._asked: dict[str, list[FactIs]] = {}
        self._values: dict[str, Values] = {}
        for fact in (one.condition for when in whens for one in walk(Asked((), when))):
            if isinstance(fact, FactIs):
                self._asked.setdefault(fact.fact, []).append(fact)
        self.later: dict[int, frozenset[str]] = {}
        after: frozenset[str] = frozenset()
        for when in reversed(searched):
            after = self._from(when, after)

    def __reduce__(self) -> tuple[type[Questions], tuple[Any, ...]]:
        return Questions, self._made_of  # in another process, the conditions have another id()

    def _from(self, condition: object, after: frozenset[str]) -> frozenset[str]:
        """The facts asked in a condition or after it."""
        self.later[id(condition)] = after
        match condition:
            case FactIs(fact=fact):
                return after | {fact}
            case All(all=parts) | Any_(any=parts):
                for part in reversed(parts):
                    after = self._from(part, after)
                return after
            case Not(not_=part):
                return self._from(part, after)
            case Every() | Some() | Ancestors():
                # Of each member, other findings are asked; but what is asked of all of them, is asked for the next one.
                nested = (one.condition for one in walk(Asked((), condition)) if one.depth > 1)
                after |= {one.fact for one in nested if isinstance(one, FactIs)}
                if isinstance(condition, Ancestors):
                    return self._from(condition.ancestors, after)
                after = self._from(condition.that, after)
                return after if condition.where is None else self._from(condition.where, after)
            case _:
                return after

    def values(self, fact: Fact, now: Value | None) -> Values:
        """The values of a fact that can be told apart, where its present one is ``now``."""
        known = self._values.get(fact.name)
        if known and known.fact is fact:
            return known
        asked = self._asked[fact.name]
        found = Values(fact, asked, now)
        if all(one.includes is None for one in asked):  # else what can be told apart hangs on what is there
            self._values[fact.name] = found
        return found


def _values(fact: Fact, asked: Sequence[FactIs], now: Value | None) -> Iterator[Value]:
    """The values that the questions tell apart, those first that a report would rather name."""
    named = {apart(value): value for value in fact.says if value != "*"}
    named |= {apart(value): value for one in asked for value in one.values}
    yield from named.values()
    if lists := dict.fromkeys(one.includes for one in asked if one.includes is not None):
        held = now if isinstance(now, tuple) else ()
        rest = tuple(one for one in held if one not in lists)
        some = [chosen for n in range(len(lists) + 1) for chosen in combinations(lists, n)]
        some.sort(key=lambda chosen: len(set(chosen) ^ (set(held) & set(lists))))
        yield from ((*rest, *chosen) for chosen in some)
    if numbers := sorted({one.at_least for one in asked if one.at_least is not None}):
        # A number that is named itself stands for itself only; the next one is not it, and is shown the same.
        yield from (AtLeast(nextafter(one, inf) if apart(one) in named else one) for one in numbers)
        yield LessThan(nextafter(numbers[0], -inf))
    if "*" in fact.says:
        yield ANOTHER
