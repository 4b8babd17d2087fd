"""Pure judging: Rubric × Evidence → RubricResult. No clock, no files, no network, and no rubric's name.

A criterion's levels are read from the top. A level whose condition is true gives the outcome; one whose condition
cannot be told leaves its outcome possible and the reading goes on. Where only one outcome is possible, that is the
outcome, however much is unknown; otherwise it is unknown, and the score is a range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar, cast

from openaudit.evidence import Evidence, Fact, Outcome
from openaudit.judging.change import Wish, searching
from openaudit.judging.conditions import Asked, CriteriaAre, CriterionIs, walk
from openaudit.judging.facets import Lens, Remembered
from openaudit.judging.logic import Answer, Asking, Leaf, Possible, World, asking, told
from openaudit.judging.rubric import PLACEHOLDER, Criterion, Level, Rubric, VerdictLevel
from openaudit.judging.wording import filled, one_of, open_question, open_verdict, quoted, says, unless, wished
from openaudit.result import Change, CriterionResult, RubricResult, Score
from openaudit.saying import phrase

_POINTS: Mapping[str, float] = {"met": 1.0, "partial": 0.5, "unmet": 0.0}
_ORDER = {Outcome.UNMET: 0, Outcome.PARTIAL: 1, Outcome.MET: 2, Outcome.NOT_APPLICABLE: 3}
_RANK: Mapping[str, int] = {outcome.value: rank for outcome, rank in _ORDER.items()}


_Read = TypeVar("_Read", Level, VerdictLevel)


class _Reading(NamedTuple, Generic[_Read]):
    """Levels read from the top: those still possible, and those refused, each with the answer to its condition."""

    reached: list[tuple[_Read, Answer]]
    refused: list[tuple[_Read, Answer]]


class _Judged(NamedTuple):
    """A criterion's result, and the outcomes that are possible as a set.

    ``unsaid`` holds, by field of the result, what says it of a model: what hangs on more of it than was asked.
    """

    result: CriterionResult
    possible: frozenset[str]
    unsaid: Mapping[str, Callable[[World], Any]] = MappingProxyType({})


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
        self._criteria = [(one.id, _judging(one, vocabulary)) for one in rubric.criteria]
        self._overall = _summing(rubric, vocabulary)
        self._nothing = _nothing_judged(rubric)

    def score(self, world: World, verdicts: Possible) -> RubricResult:
        """Judges one model. ``verdicts`` holds the possible verdicts of the rubrics it asks about."""
        judged = {id: judge(world, verdicts) for id, judge in self._criteria}
        overall = self._overall(world, verdicts, {id: one.possible for id, one in judged.items()})
        return self._nothing.model_copy(
            update={
                "outcome": overall.outcome,
                "verdict": overall.verdict,
                "verdict_title": overall.title,
                "possible": overall.possible,
                "because": overall.because,
                "score": overall.score,
                "criteria": {id: one.result for id, one in judged.items()},
            }
        )


def score(
    rubric: Rubric, evidence: Evidence, vocabulary: Mapping[str, Fact], verdicts: Possible | None = None
) -> RubricResult:
    """Judges one model by one rubric. ``verdicts`` holds the possible verdicts of the rubrics it asks about."""
    return Judge(rubric, vocabulary).score(World(evidence, vocabulary), verdicts or {})


def _nothing_judged(rubric: Rubric) -> RubricResult:
    """The result before anything is judged: what a rubric says of itself is checked once, and not for each model."""
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
        outcome=Outcome.ERROR,
        verdict="",
        verdict_title="",
        possible=(),
        because="",
        score=Score(low=None, high=None),
        criteria={},
    )


def _judging(criterion: Criterion, vocabulary: Mapping[str, Fact]) -> Callable[[World, Possible], _Judged]:
    """One criterion, ready to judge: once for each facet, and the rest of its words for each model."""
    lens = Lens((level.when for level in criterion.levels if level.when is not None), vocabulary)
    seen: Remembered[_Judged] = Remembered()
    asked = _Asked(criterion)

    def judge(world: World, verdicts: Possible) -> _Judged:
        facet = lens.facet(world, verdicts, {})
        judged = seen.get(facet, lambda: _judge(asked, lens.world(world, verdicts, {}), lens.facts))
        if not judged.unsaid:
            return judged
        rest = {field: say(world) for field, say in judged.unsaid.items()}
        return _Judged(judged.result.model_copy(update=rest), judged.possible)

    return judge


def _summing(rubric: Rubric, vocabulary: Mapping[str, Fact]) -> Callable[[World, Possible, Possible], _Overall]:
    """A rubric's overall verdict, ready to be given; for each facet once."""
    lens = Lens((level.when for level in rubric.verdicts if level.when is not None), vocabulary)
    seen: Remembered[tuple[_Overall, Callable[[World], str] | None]] = Remembered()
    levels = _ready(rubric.verdicts)

    def sum_up(world: World, verdicts: Possible, criteria: Possible) -> _Overall:
        facet = lens.facet(world, verdicts, criteria)
        overall, unsaid = seen.get(
            facet, lambda: _sum_up(rubric, levels, lens.world(world, verdicts, criteria), lens.facts)
        )
        return overall if unsaid is None else overall._replace(because=unsaid(world))

    return sum_up


_Ready = list[tuple[_Read, Asking | None]]


def _ready(levels: Iterable[_Read]) -> _Ready[_Read]:
    """Levels, the condition of each ready to be asked."""
    return [(level, None if level.when is None else asking(level.when)) for level in levels]


def _read(levels: _Ready[_Read], world: World) -> _Reading[_Read]:
    reading: _Reading[_Read] = _Reading([], [])
    for level, holds in levels:
        answer = _SURE if holds is None else holds(world, "")
        (reading.refused if answer.truth is False else reading.reached).append((level, answer))
        if answer.truth is True:
            break
    return reading


_SURE = Answer(True)
_NO_CHANGE = (Outcome.MET, Outcome.NOT_APPLICABLE)


class _Asked:
    """A criterion with all that can be made ready before the first model is there."""

    def __init__(self, criterion: Criterion) -> None:
        self.criterion = criterion
        self.levels = _ready(criterion.levels)
        self.least_change = searching(criterion)
        self.nothing = CriterionResult(
            title=criterion.title,
            question=criterion.question,
            why=criterion.why,
            clause=criterion.source.clause,
            url=criterion.source.url,
            outcome=Outcome.ERROR,
            possible=(),
            words="",
            because="",
            remedy="",
            evidence=(),
            decided=(),
            change=(),
        )


def _sum_up(
    rubric: Rubric, levels: _Ready[VerdictLevel], world: World, asked: frozenset[str]
) -> tuple[_Overall, Callable[[World], str] | None]:
    """What a rubric comes to; and where its words hang on more than was asked, what says them of a model."""
    reading = _read(levels, world)
    possible = tuple(dict.fromkeys(level.verdict for level, _ in reading.reached))
    kinds = {level.outcome for level, _ in reading.reached}
    unsaid = None
    if len(possible) == 1:
        verdict, title = possible[0], next(level.title for level in rubric.verdicts if level.verdict == possible[0])
        unsaid = partial(_because, reading, _deciding(reading))
        because = unsaid(world)
        if all(_names(level.because) <= asked for level, _ in reading.reached):
            unsaid = None
    else:
        verdict, title = "unknown", phrase("Can't tell")
        because = open_verdict((level.title for level, _ in reading.reached), _hangs(rubric, reading, world))
    outcome = Outcome(kinds.pop()) if len(kinds) == 1 else Outcome.UNKNOWN
    return _Overall(verdict, title, outcome, possible, because, _range(rubric, world.criteria)), unsaid


@lru_cache(maxsize=2048)  # several times the texts of the shipped rubrics
def _names(text: str) -> frozenset[str]:
    """The facts that a text's words are taken from, and ``model`` for the model's id."""
    return frozenset(PLACEHOLDER.findall(text)) - {"which", "where"}


def _judge(one: _Asked, world: World, asked: frozenset[str]) -> _Judged:
    """What a criterion comes to; what hangs on more than was asked is left unsaid."""
    criterion, reading = one.criterion, _read(one.levels, world)
    kinds = {level.outcome for level, _ in reading.reached}
    possible = tuple(outcome for outcome in _ORDER if outcome in kinds)
    leaves = _deciding(reading)
    outcome = possible[0] if len(possible) == 1 else Outcome.UNKNOWN
    level, _ = reading.reached[-1]
    if len(possible) > 1:
        level = min(reading.reached, key=lambda one: _RANK[one[0].outcome])[0]
    words: dict[str, tuple[frozenset[str], Callable[[World], Any]]]
    if len(possible) == 1:
        names = frozenset(name for each, _ in reading.reached for name in _names(each.because))
        words = {
            "because": (names, partial(_because, reading, leaves)),
            "remedy": (_names(level.remedy), partial(_filled, level.remedy, leaves)),
            "evidence": (frozenset(level.cite), partial(_seen, leaves, level.cite)),
        }
    else:
        words = {
            "because": (frozenset(), partial(open_question, leaves, possible)),
            "remedy": (_names(level.remedy), lambda world: unless(_filled(level.remedy, leaves, world))),
            "evidence": (frozenset(), partial(_seen, leaves, ())),
        }
    said = {field: say(world) for field, (names, say) in words.items() if names <= asked}
    result = one.nothing.model_copy(
        update={
            "outcome": outcome,
            "possible": possible,
            "words": cast("Mapping[str, str]", criterion.words).get(outcome, ""),
            "decided": tuple(dict.fromkeys(says(leaf, world) for leaf in dict.fromkeys(leaves))),
            "change": () if outcome in _NO_CHANGE else tuple(_changes(one.least_change(world), world)),
            **said,
        }
    )
    return _Judged(result, frozenset(possible), {field: say for field, (_, say) in words.items() if field not in said})


def _filled(text: str, leaves: tuple[Leaf, ...], world: World) -> str:
    return filled(text, world, leaves)


def _seen(leaves: tuple[Leaf, ...], cite: Iterable[str], world: World) -> tuple[str, ...]:
    """The keys of the findings that decided, and of those that are cited beside them."""
    cited = (finding.key for fact in cite for finding in world.evidence.all(fact))
    return tuple(dict.fromkeys((*(_key(leaf, world) for leaf in leaves), *cited)))


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
    """The finding's key; of an ancestor's, with its id. What is seen through a lens has no name of its own."""
    return leaf.finding.key if leaf.model in ("", world.evidence.id) else f"{leaf.model} # {leaf.finding.key}"


def _changes(wishes: Iterable[Wish] | None, world: World) -> Iterator[Change]:
    for wish in wishes or ():
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
