"""Pure judging: Rubric × Evidence → Verdict. No clock, no files, no network, and no rubric's name.

A verdict is what came out; why, it says when it is asked (``explained``). Where more than one outcome is possible, it
is unknown, and the score is a range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache

from openaudit.evidence import Evidence, Fact, Outcome
from openaudit.judging.explaining import Explained, Explaining, Say, nothing_judged, reason, title_of
from openaudit.judging.facets import Lens, Remembered
from openaudit.judging.levels import Levels
from openaudit.judging.logic import Possible, World
from openaudit.judging.rubric import Criterion, Level, Rubric, VerdictLevel
from openaudit.result import RubricResult, Score

_POINTS: Mapping[str, float] = {"met": 1.0, "partial": 0.5, "unmet": 0.0}


class Judged:
    """What one criterion came to, for all models that look the same to it."""

    def __init__(self, levels: Levels[Level], explaining: Explaining, world: World, asked: frozenset[str]) -> None:
        self._levels = levels
        self._explaining = explaining
        self._world = world
        self._asked = asked
        self.possible: frozenset[str] = frozenset([level.outcome for level in levels.possible(world)])

    @cached_property
    def explained(self) -> Explained:
        """Its result, in words."""
        return self._explaining.explain(self._levels.read(self._world), self._world, self._asked)


class _Overall:
    """What a rubric came to as a whole, for all models that look the same to it."""

    def __init__(self, rubric: Rubric, levels: Levels[VerdictLevel], world: World, asked: frozenset[str]) -> None:
        self._levels = levels
        self._rubric = rubric
        self._world = world
        self._asked = asked
        possible = levels.possible(world)
        self.possible = tuple(dict.fromkeys([level.verdict for level in possible]))
        self.verdict = self.possible[0] if len(self.possible) == 1 else "unknown"
        kinds = {level.outcome for level in possible}
        self.outcome = Outcome(kinds.pop()) if len(kinds) == 1 else Outcome.UNKNOWN
        self.score = _range(rubric, world.criteria)

    @cached_property
    def reason(self) -> str | Say:
        """Why; or what says why of a model."""
        return reason(self._rubric, self._levels.read(self._world), self._world, self._asked)


class Verdict:
    """What a rubric came to for one model."""

    def __init__(self, judge: Judge, world: World, overall: _Overall, criteria: Mapping[str, Judged]) -> None:
        self._judge = judge
        self._world = world
        self._overall = overall
        self._criteria = criteria

    @property
    def verdict(self) -> str:
        """The verdict, or ``unknown`` where several are possible."""
        return self._overall.verdict

    @property
    def possible(self) -> tuple[str, ...]:
        """Every verdict that what is unknown still allows."""
        return self._overall.possible

    def explained(self) -> RubricResult:
        """All of it, with the reasons."""
        overall, world, rubric = self._overall, self._world, self._judge.rubric
        because = overall.reason
        return self._judge.nothing.model_copy(
            update={
                "outcome": overall.outcome,
                "verdict": overall.verdict,
                "verdict_title": title_of(rubric, overall.verdict),
                "possible": overall.possible,
                "because": because if isinstance(because, str) else because(world),
                "score": overall.score,
                "criteria": {id: one.explained.of(world) for id, one in self._criteria.items()},
            }
        )


class Judge:
    """One rubric, ready to judge any number of models. What looks the same in two of them is worked out once."""

    def __init__(self, rubric: Rubric, vocabulary: Mapping[str, Fact]) -> None:
        self.rubric = rubric
        self.nothing = nothing_judged(rubric)
        self._criteria = [(one.id, _judging(one, vocabulary)) for one in rubric.criteria]
        self._overall = _summing(rubric, vocabulary)

    def judge(self, world: World, verdicts: Possible) -> Verdict:
        """Judges one model. ``verdicts`` holds the possible verdicts of the rubrics it asks about."""
        judged = {id: judge(world, verdicts) for id, judge in self._criteria}
        overall = self._overall(world, verdicts, {id: one.possible for id, one in judged.items()})
        return Verdict(self, world, overall, judged)


def score(
    rubric: Rubric, evidence: Evidence, vocabulary: Mapping[str, Fact], verdicts: Possible | None = None
) -> RubricResult:
    """Judges one model by one rubric. ``verdicts`` holds the possible verdicts of the rubrics it asks about."""
    return Judge(rubric, vocabulary).judge(World(evidence, vocabulary), verdicts or {}).explained()


def _judging(criterion: Criterion, vocabulary: Mapping[str, Fact]) -> Callable[[World, Possible], Judged]:
    """One criterion, ready to judge: once for each facet."""
    lens = Lens((level.when for level in criterion.levels if level.when is not None), vocabulary)
    seen: Remembered[Judged] = Remembered()
    levels, explaining = Levels(criterion.levels), Explaining(criterion)

    def judge(world: World, verdicts: Possible) -> Judged:
        facet = lens.facet(world, verdicts, {})
        return seen.get(facet, lambda: Judged(levels, explaining, lens.world(world, verdicts, {}), lens.facts))

    return judge


def _summing(rubric: Rubric, vocabulary: Mapping[str, Fact]) -> Callable[[World, Possible, Possible], _Overall]:
    """A rubric's overall verdict, ready to be given: once for each facet."""
    lens = Lens((level.when for level in rubric.verdicts if level.when is not None), vocabulary)
    seen: Remembered[_Overall] = Remembered()
    levels = Levels(rubric.verdicts)

    def sum_up(world: World, verdicts: Possible, criteria: Possible) -> _Overall:
        facet = lens.facet(world, verdicts, criteria)
        return seen.get(facet, lambda: _Overall(rubric, levels, lens.world(world, verdicts, criteria), lens.facts))

    return sum_up


# --------------------------------------------------------------------------- in numbers


def _range(rubric: Rubric, criteria: Possible) -> Score:
    """The lowest and the highest share of points, per cent, that the outcomes still possible allow."""
    sure: list[tuple[float, float, float]] = []
    perhaps: list[tuple[float, float, float]] = []
    for criterion in rubric.criteria:
        possible = criteria[criterion.id]
        if points := _points(possible):
            part = (*points, criterion.weight)
            (perhaps if Outcome.NOT_APPLICABLE in possible else sure).append(part)
    low = _mean([(least, weight) for least, _, weight in sure], sorted((p[0], p[2]) for p in perhaps), worst=True)
    best = sorted(((p[1], p[2]) for p in perhaps), reverse=True)
    return Score(low=low, high=_mean([(most, weight) for _, most, weight in sure], best, worst=False))


@lru_cache(maxsize=64)
def _points(possible: frozenset[str]) -> tuple[float, float] | None:
    """The fewest and the most points that outcomes give, if any of them gives some."""
    points = [_POINTS[outcome] for outcome in possible if outcome in _POINTS]
    return (min(points), max(points)) if points else None


def _mean(sure: list[tuple[float, float]], perhaps: list[tuple[float, float]], worst: bool) -> float | None:
    """The weighted mean. What may not apply at all counts only where it makes the worst worse, or the best better."""
    total = sum(points * weight for points, weight in sure)
    weights = sum(weight for _, weight in sure)
    for points, weight in perhaps:
        mean = total / weights if weights else points
        if not weights or (points < mean if worst else points > mean):
            total, weights = total + points * weight, weights + weight
    return round(100 * total / weights, 1) if weights else None
