"""The levels of a criterion, or the verdicts of a rubric, read from the top.

A level whose condition is true gives the outcome; one whose condition cannot be told leaves its outcome possible and
the reading goes on. Where only one outcome is possible, that is the outcome, however much is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

from openaudit.evidence import Outcome
from openaudit.judging.logic import Answer, Asking, Leaf, World, asking
from openaudit.judging.rubric import Level, VerdictLevel

T = TypeVar("T", Level, VerdictLevel)

_Ready = list[tuple[T, Asking | None]]  # levels, the condition of each ready to be asked

_SURE = Answer(True)
_ORDER = tuple(outcome.value for outcome in (Outcome.UNMET, Outcome.PARTIAL, Outcome.MET, Outcome.NOT_APPLICABLE))
RANK = {outcome: rank for rank, outcome in enumerate(_ORDER)}


class Reading(NamedTuple, Generic[T]):
    """The levels that are still possible, and those that are refused, each with the answer to its condition."""

    reached: list[tuple[T, Answer]]
    refused: list[tuple[T, Answer]]

    @property
    def possible(self) -> tuple[Outcome, ...]:
        """The outcomes that are still possible, the worst first."""
        kinds = {level.outcome for level, _ in self.reached}
        return tuple(Outcome(outcome) for outcome in _ORDER if outcome in kinds)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """What decided, or what would: the answer to the level given; of what holds otherwise, why it is no better."""
        if len({level.outcome for level, _ in self.reached}) > 1:
            return tuple(leaf for _, answer in self.reached for leaf in answer.leaves if leaf.truth is None)
        level, answer = self.reached[-1]
        if level.when is not None:
            return answer.leaves
        others = [(above, why) for above, why in [*self.refused, *self.reached] if above.outcome != level.outcome]
        given = RANK[level.outcome]
        better = [(above, why) for above, why in others if RANK[above.outcome] > given]
        return tuple(leaf for _, why in better or others or self.refused for leaf in why.leaves)


class Levels(Generic[T]):
    """Levels, ready to be read of any number of models: from the top to the first that certainly holds."""

    def __init__(self, levels: Iterable[T]) -> None:
        self._levels: tuple[T, ...] = tuple(levels)

    def possible(self, world: World) -> list[T]:
        """The levels that are still possible: what a reading reaches, without saying why."""
        return [level for level, _ in _read(self._brief, world).reached]

    def read(self, world: World) -> Reading[T]:
        """Reads them, with the reasons."""
        return _read(self._full, world)

    @cached_property
    def _brief(self) -> _Ready[T]:
        return [(level, None if level.when is None else asking(level.when, brief=True)) for level in self._levels]

    @cached_property
    def _full(self) -> _Ready[T]:
        return [(level, None if level.when is None else asking(level.when)) for level in self._levels]


def _read(levels: _Ready[T], world: World) -> Reading[T]:
    reading: Reading[T] = Reading([], [])
    for level, holds in levels:
        answer = _SURE if holds is None else holds(world, "")
        (reading.refused if answer.truth is False else reading.reached).append((level, answer))
        if answer.truth is True:
            break
    return reading
