"""Pure judging: Rubric × Evidence → RubricResult. No clock, no files, no network, and no rubric's name.

A criterion's levels are read from the top. A level whose condition is true gives the outcome; one whose condition
cannot be told leaves its outcome possible and the reading goes on. Where only one outcome is possible, that is the
outcome, however much is unknown; otherwise it is unknown, and the score is a range.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openaudit.evidence import Evidence, Fact, Finding, Outcome
from openaudit.logic import Answer, Leaf, Wish, World, ask, least_change
from openaudit.result import Change, CriterionResult, RubricResult, Score
from openaudit.rubric import PLACEHOLDER, Criterion, Level, Rubric, VerdictLevel

_POINTS = {Outcome.MET: 1.0, Outcome.PARTIAL: 0.5, Outcome.UNMET: 0.0}
_ORDER = (Outcome.UNMET, Outcome.PARTIAL, Outcome.MET, Outcome.NOT_APPLICABLE)
_NAMED = 3  # how many members of a collection a sentence names before it counts the rest


@dataclass(frozen=True, slots=True)
class _Reached:
    """A level that is still possible, and the answer to its condition (true, or unknown)."""

    level: Level
    answer: Answer


def score(
    rubric: Rubric,
    evidence: Evidence,
    vocabulary: Mapping[str, Fact],
    verdicts: Mapping[str, frozenset[str]] | None = None,
) -> RubricResult:
    """Judges one model by one rubric. ``verdicts`` holds the possible verdicts of the rubrics it asks about."""
    world = World(evidence, vocabulary, verdicts=verdicts or {})
    criteria = {criterion.id: _judge(criterion, world) for criterion in rubric.criteria}
    outcomes = {id: frozenset(str(o) for o in result.possible) for id, result in criteria.items()}
    overall = World(evidence, vocabulary, outcomes, world.verdicts)
    reached = _read(rubric.verdicts, overall)
    possible = tuple(dict.fromkeys(level.verdict for level, _ in reached))
    kinds = {level.outcome for level, _ in reached}
    certain = len(possible) == 1
    level, answer = reached[0]
    if certain:
        verdict, title = level.verdict, level.title
        because = _fill(level.because, overall, answer.leaves)
    else:
        titles = [level.title for level, _ in reached]
        verdict, title = "unknown", "Can't tell"
        because = f"It could be {_either(dict.fromkeys(titles))}: what would settle it could not be seen."
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
        outcome=Outcome(kinds.pop()) if len(kinds) == 1 else Outcome.UNKNOWN,
        verdict=verdict,
        verdict_title=title,
        possible=possible,
        because=because,
        score=_range(rubric, criteria),
        criteria=criteria,
    )


def _read(levels: Iterable[VerdictLevel], world: World) -> list[tuple[VerdictLevel, Answer]]:
    reached = []
    for level in levels:
        answer = Answer(True) if level.when is None else ask(level.when, world)
        if answer.truth is not False:
            reached.append((level, answer))
        if answer.truth is True:
            break
    return reached


def _judge(criterion: Criterion, world: World) -> CriterionResult:
    reached: list[_Reached] = []
    refused: list[Leaf] = []
    for level in criterion.levels:
        answer = Answer(True, tuple(refused)) if level.when is None else ask(level.when, world)
        if answer.truth is False:
            refused.extend(answer.leaves)
            continue
        reached.append(_Reached(level, answer))
        if answer.truth is True:
            break
    possible = tuple(o for o in _ORDER if any(r.level.outcome == o for r in reached))
    if len(possible) == 1:
        outcome = possible[0]
        decided = next((r for r in reached if r.answer.truth is True), reached[0])
        leaves = decided.answer.leaves
        because = _fill(decided.level.because, world, leaves)
        remedy = _fill(decided.level.remedy, world, leaves)
        cited = [world.evidence.get(fact) for fact in decided.level.cite]
    else:
        outcome = Outcome.UNKNOWN
        leaves = tuple(leaf for r in reached if r.answer.truth is None for leaf in r.answer.leaves if leaf.truth is None)
        because = _unknown(leaves, possible, world)
        remedy = next((_fill(r.level.remedy, world, r.answer.leaves) for r in reversed(reached) if r.level.remedy), "")
        cited = []
    return CriterionResult(
        title=criterion.title,
        question=criterion.question,
        why=criterion.why,
        clause=criterion.source.clause,
        url=criterion.source.url,
        outcome=outcome,
        possible=possible,
        words={str(k): v for k, v in criterion.words.items()}.get(outcome.value, ""),
        because=because,
        remedy=remedy,
        evidence=tuple(dict.fromkeys([*(_key(leaf.finding, leaf.model, world) for leaf in leaves), *(f.key for f in cited)])),
        decided=tuple(dict.fromkeys(_says(leaf.finding, leaf.model, world) for leaf in leaves)),
        change=() if outcome in (Outcome.MET, Outcome.NOT_APPLICABLE) else _change(criterion, world),
    )


def _key(finding: Finding, model: str, world: World) -> str:
    return finding.key if model == world.evidence.id else f"{model} # {finding.key}"


def _says(finding: Finding, model: str, world: World) -> str:
    fact = world.vocabulary.get(finding.fact)
    said = fact.sentence(finding.value) if fact else finding.note
    about = [part for part in (model if model != world.evidence.id else "", finding.about) if part]
    return f"{' — '.join(dict.fromkeys(about))}: {said}" if about else said


def _unknown(leaves: tuple[Leaf, ...], possible: tuple[Outcome, ...], world: World) -> str:
    why = []
    for leaf in leaves:
        note = f" ({leaf.finding.note})" if leaf.finding.note else ""
        why.append(_says(leaf.finding, leaf.model, world) + note)
    seen = list(dict.fromkeys(why))
    more = f"; and {len(seen) - _NAMED} more" if len(seen) > _NAMED else ""
    return f"Can't tell whether this is {_either(o.value for o in possible)}: {'; '.join(seen[:_NAMED])}{more}."


def _either(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + " or " + listed[-1]


def _change(criterion: Criterion, world: World) -> tuple[Change, ...]:
    """The least change of facts that would make the criterion met."""
    best: tuple[Wish, ...] | None = None
    for i, level in enumerate(criterion.levels):
        if level.outcome != "met":
            continue
        options = [() if level.when is None else least_change(level.when, world, True)]
        options += [
            least_change(above.when, world, False)
            for above in criterion.levels[:i]
            if above.outcome != "met" and above.when is not None
        ]
        if any(option is None for option in options):
            continue
        wishes = tuple(dict.fromkeys(wish for option in options if option for wish in option))
        if best is None or len(wishes) < len(best):
            best = wishes
    return tuple(_as_change(wish, world) for wish in best or ())


def _as_change(wish: Wish, world: World) -> Change:
    finding = wish.leaf.finding
    fact = world.vocabulary.get(finding.fact)
    if fact is None:
        says = "this ancestor can be looked at"
    elif wish.instead:
        says = fact.sentence(wish.leaf.wanted[0])  # type: ignore[arg-type]
    else:
        others = [v for v in fact.says if v not in wish.leaf.wanted and v != "*"]
        says = fact.sentence(others[0]) if others else f"not: {fact.sentence(finding.value)}"
    model = wish.leaf.model if wish.leaf.model != world.evidence.id else ""
    return Change(fact=finding.fact, about=finding.about, model=model, says=says)


def _range(rubric: Rubric, criteria: Mapping[str, CriterionResult]) -> Score:
    low = high = weights = 0.0
    for criterion in rubric.criteria:
        points = [_POINTS[o] for o in criteria[criterion.id].possible if o in _POINTS]
        if not points:
            continue
        weights += criterion.weight
        low += criterion.weight * min(points)
        high += criterion.weight * max(points)
    if not weights:
        return Score(low=None, high=None)
    return Score(low=round(100 * low / weights, 1), high=round(100 * high / weights, 1))


def _fill(text: str, world: World, leaves: tuple[Leaf, ...]) -> str:
    """Fills ``{fact}``, ``{model}``, ``{which}`` (members that decided) and ``{where}`` (models that decided)."""

    def named(names: Iterable[str]) -> str:
        listed = list(dict.fromkeys(n for n in names if n))
        rest = len(listed) - _NAMED
        return ", ".join(listed[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")

    def value(name: str) -> str:
        match name:
            case "model":
                return world.evidence.id
            case "which":
                return named(leaf.finding.about for leaf in leaves)
            case "where":
                return named(leaf.model for leaf in leaves)
        leaf = next((leaf for leaf in leaves if leaf.finding.fact == name), None)
        found = leaf.finding if leaf else world.evidence.get(name)
        if found.value is None:
            return "unknown"
        if isinstance(found.value, tuple):
            return named(found.value)
        return ("no", "yes")[found.value] if isinstance(found.value, bool) else str(found.value)

    return PLACEHOLDER.sub(lambda m: value(m[1]), text)
