"""Pure judging: Rubric × Evidence → RubricResult. No clock, no files, no network, and no rubric's name.

A criterion's levels are read from the top. A level whose condition is true gives the outcome; one whose condition
cannot be told leaves its outcome possible and the reading goes on. Where only one outcome is possible, that is the
outcome, however much is unknown; otherwise it is unknown, and the score is a range.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Generic, NamedTuple, TypeVar, cast

from openaudit.change import least_change
from openaudit.conditions import Asked, CriteriaAre, CriterionIs, walk
from openaudit.evidence import Evidence, Fact, Finding, Outcome
from openaudit.facets import Lens, remembered
from openaudit.logic import Answer, Leaf, Possible, World, ask, told
from openaudit.result import Change, CriterionResult, RubricResult, Score
from openaudit.rubric import PLACEHOLDER, Criterion, Level, Rubric, VerdictLevel
from openaudit.saying import phrase
from openaudit.wording import filled, one_of, open_question, open_verdict, quoted, says, unless, wished

_POINTS: Mapping[str, float] = {"met": 1.0, "partial": 0.5, "unmet": 0.0}
_ORDER = {Outcome.UNMET: 0, Outcome.PARTIAL: 1, Outcome.MET: 2, Outcome.NOT_APPLICABLE: 3}
_RANK: Mapping[str, int] = {outcome.value: rank for outcome, rank in _ORDER.items()}


_Read = TypeVar("_Read", Level, VerdictLevel)


class _Reading(NamedTuple, Generic[_Read]):
    """Levels read from the top: those still possible, and those refused, each with the answer to its condition."""

    reached: list[tuple[_Read, Answer]]
    refused: list[tuple[_Read, Answer]]


class _Judged(NamedTuple):
    """A criterion's result, and the outcomes that are possible as a set."""

    result: CriterionResult
    possible: frozenset[str]


class _Overall(NamedTuple):
    """What a rubric comes to as a whole."""

    verdict: str
    title: str
    outcome: Outcome
    possible: tuple[str, ...]
    because: str
    score: Score


class Judge:
    """One rubric, ready to judge any number of models. What looks the same in two of them is worked out once."""

    def __init__(self, rubric: Rubric, vocabulary: Mapping[str, Fact]) -> None:
        self.rubric = rubric
        self._criteria = [
            (one.id, remembered(_lens(one.levels, vocabulary), partial(_judge, one))) for one in rubric.criteria
        ]
        self._overall = remembered(_lens(rubric.verdicts, vocabulary), partial(_sum_up, rubric))

    def score(self, world: World, verdicts: Possible) -> RubricResult:
        """Judges one model. ``verdicts`` holds the possible verdicts of the rubrics it asks about."""
        judged = {id: judge(world, verdicts, {}) for id, judge in self._criteria}
        overall = self._overall(world, verdicts, {id: one.possible for id, one in judged.items()})
        rubric = self.rubric
        return RubricResult(
            version=rubric.version,
            sha256=rubric.sha256,
            title=rubric.title,
            about=rubric.about,
            note=rubric.note,
            role=rubric.role,
            source_title=rubric.source.title,
            source_url=rubric.source.url,
            source_version=rubric.source.version,
            outcome=overall.outcome,
            verdict=overall.verdict,
            verdict_title=overall.title,
            possible=overall.possible,
            because=overall.because,
            score=overall.score,
            criteria={id: one.result for id, one in judged.items()},
        )


def score(
    rubric: Rubric, evidence: Evidence, vocabulary: Mapping[str, Fact], verdicts: Possible | None = None
) -> RubricResult:
    """Judges one model by one rubric. ``verdicts`` holds the possible verdicts of the rubrics it asks about."""
    return Judge(rubric, vocabulary).score(World(evidence, vocabulary), verdicts or {})


def _lens(levels: Iterable[Level | VerdictLevel], vocabulary: Mapping[str, Fact]) -> Lens:
    """All that the levels ask for, cite and name in their texts."""
    named: list[str] = []
    for level in levels:
        named += PLACEHOLDER.findall(level.because)
        if isinstance(level, Level):
            named += [*PLACEHOLDER.findall(level.remedy), *level.cite]
    return Lens((level.when for level in levels if level.when is not None), named, vocabulary)


def _read(levels: Iterable[_Read], world: World) -> _Reading[_Read]:
    reading: _Reading[_Read] = _Reading([], [])
    for level in levels:
        answer = Answer(True) if level.when is None else ask(level.when, world)
        (reading.refused if answer.truth is False else reading.reached).append((level, answer))
        if answer.truth is True:
            break
    return reading


def _sum_up(rubric: Rubric, world: World) -> _Overall:
    reading = _read(rubric.verdicts, world)
    possible = tuple(dict.fromkeys(level.verdict for level, _ in reading.reached))
    kinds = {level.outcome for level, _ in reading.reached}
    if len(possible) == 1:
        verdict, title = possible[0], next(level.title for level in rubric.verdicts if level.verdict == possible[0])
        because = _because(reading, _deciding(reading), world)
    else:
        verdict, title = "unknown", phrase("Can't tell")
        because = open_verdict((level.title for level, _ in reading.reached), _hangs(rubric, reading, world))
    outcome = Outcome(kinds.pop()) if len(kinds) == 1 else Outcome.UNKNOWN
    return _Overall(verdict, title, outcome, possible, because, _range(rubric, world.criteria))


def _judge(criterion: Criterion, world: World) -> _Judged:
    reading = _read(criterion.levels, world)
    kinds = {level.outcome for level, _ in reading.reached}
    possible = tuple(outcome for outcome in _ORDER if outcome in kinds)
    leaves = _deciding(reading)
    cited: Iterable[Finding] = ()
    if len(possible) == 1:
        outcome, because = possible[0], _because(reading, leaves, world)
        level, _ = reading.reached[-1]
        remedy = filled(level.remedy, world, leaves)
        cited = (finding for fact in level.cite for finding in world.evidence.all(fact))
    else:
        outcome, because = Outcome.UNKNOWN, open_question(leaves, possible, world)
        worst = min(reading.reached, key=lambda one: _RANK[one[0].outcome])[0]
        remedy = unless(filled(worst.remedy, world, leaves))
    result = CriterionResult(
        title=criterion.title,
        question=criterion.question,
        why=criterion.why,
        clause=criterion.source.clause,
        url=criterion.source.url,
        outcome=outcome,
        possible=possible,
        words=cast("Mapping[str, str]", criterion.words).get(outcome, ""),
        because=because,
        remedy=remedy,
        evidence=tuple(dict.fromkeys([*(_key(leaf, world) for leaf in leaves), *(finding.key for finding in cited)])),
        decided=tuple(dict.fromkeys(says(leaf, world) for leaf in leaves)),
        change=() if outcome in (Outcome.MET, Outcome.NOT_APPLICABLE) else tuple(_changes(criterion, world)),
    )
    return _Judged(result, frozenset(possible))


def _deciding(reading: _Reading[_Read]) -> tuple[Leaf, ...]:
    """What decided, or what would: the answer to the level given; of what holds otherwise, why it is no better."""
    if len({level.outcome for level, _ in reading.reached}) > 1:
        return tuple(leaf for _, answer in reading.reached for leaf in answer.leaves if leaf.truth is None)
    level, answer = reading.reached[-1]
    if level.when is not None:
        return answer.leaves
    others = [(above, why) for above, why in [*reading.refused, *reading.reached] if above.outcome != level.outcome]
    given = _RANK[level.outcome]
    better = [(above, why) for above, why in others if _RANK[above.outcome] > given]
    return tuple(leaf for _, why in better or others or reading.refused for leaf in why.leaves)


def _because(reading: _Reading[_Read], leaves: tuple[Leaf, ...], world: World) -> str:
    """The reason of the level given. What holds otherwise may be said only where nothing above it could hold, too."""
    level, _ = reading.reached[-1]
    if level.when is not None or len(reading.reached) == 1:
        return filled(level.because, world, leaves)
    return one_of(filled(one.because, world, answer.leaves or leaves) for one, answer in reading.reached)


def _hangs(rubric: Rubric, reading: _Reading[VerdictLevel], world: World) -> Iterator[str]:
    """The facts and criteria that an open verdict hangs on, as questions."""
    titles = {criterion.id: criterion.title for criterion in rubric.criteria}
    for level, answer in reading.reached:
        yield from (quoted(world.vocabulary[leaf.finding.fact].asks) for leaf in answer.leaves if leaf.truth is None)
        for one in walk(Asked((), level.when)) if level.when is not None and answer.truth is None else ():
            match one.condition:
                case CriterionIs(criterion=id) if told(one.condition, world) is None:
                    yield quoted(titles[id])
                case CriteriaAre():
                    yield from (quoted(titles[id]) for id, left in world.criteria.items() if len(left) > 1)


def _key(leaf: Leaf, world: World) -> str:
    return leaf.finding.key if leaf.model == world.evidence.id else f"{leaf.model} # {leaf.finding.key}"


def _changes(criterion: Criterion, world: World) -> Iterator[Change]:
    for wish in least_change(criterion, world) or ():
        model = wish.model if wish.model != world.evidence.id else ""
        yield Change(fact=wish.finding.fact, about=wish.finding.about, model=model, says=wished(wish, world))


# --------------------------------------------------------------------------- in numbers


def _range(rubric: Rubric, criteria: Possible) -> Score:
    """The lowest and the highest share of points, per cent, that the outcomes still possible allow."""
    ends = []
    for worst in (True, False):
        sure: list[tuple[float, float]] = []
        perhaps: list[tuple[float, float]] = []
        for criterion in rubric.criteria:
            possible = criteria[criterion.id]
            points = [_POINTS[outcome] for outcome in possible if outcome in _POINTS]
            if points:
                part = (min(points) if worst else max(points), criterion.weight)
                (perhaps if Outcome.NOT_APPLICABLE in possible else sure).append(part)
        ends.append(_mean(sure, sorted(perhaps, reverse=not worst), worst))
    low, high = ends
    return Score(low=low, high=high)


def _mean(sure: list[tuple[float, float]], perhaps: list[tuple[float, float]], worst: bool) -> float | None:
    """The weighted mean. What may not apply at all counts only where it makes the worst worse, or the best better."""
    total = sum(points * weight for points, weight in sure)
    weights = sum(weight for _, weight in sure)
    for points, weight in perhaps:
        mean = total / weights if weights else points
        if not weights or (points < mean if worst else points > mean):
            total, weights = total + points * weight, weights + weight
    return round(100 * total / weights, 1) if weights else None
