"""Why a verdict is what it is: its reason, what decided, what was seen, what would change it.

What is said hangs on what was asked; where it names more than that, it is said for each model. Everything here is
made when somebody asks for it: judging a model needs none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple, cast

from openaudit.evidence import Outcome
from openaudit.judging.change import Wish, searching
from openaudit.judging.conditions import Asked, CriteriaAre, CriterionIs, walk
from openaudit.judging.levels import RANK, Reading, T
from openaudit.judging.logic import Leaf, World, told
from openaudit.judging.rubric import PLACEHOLDER, Criterion, Level, Rubric, VerdictLevel
from openaudit.judging.wording import filled, one_of, open_question, open_verdict, quoted, says, unless, wished
from openaudit.result import Change, CriterionResult, RubricResult, Score
from openaudit.saying import phrase

_NO_CHANGE = (Outcome.MET, Outcome.NOT_APPLICABLE)

Say = Callable[[World], Any]


class Explained(NamedTuple):
    """A criterion's result. ``unsaid`` says, by field, what hangs on more of a model than was asked."""

    result: CriterionResult
    unsaid: Mapping[str, Say]

    def of(self, world: World) -> CriterionResult:
        """The result for one model."""
        if not self.unsaid:
            return self.result
        return self.result.model_copy(update={field: say(world) for field, say in self.unsaid.items()})


class Explaining:
    """Explains one criterion, with all that can be made ready before the first model is there."""

    def __init__(self, criterion: Criterion) -> None:
        self._criterion = criterion
        self._least_change = searching(criterion)
        self._nothing = CriterionResult(
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

    def explain(self, reading: Reading[Level], world: World, asked: frozenset[str]) -> Explained:
        """What a reading came to, in words; what hangs on more than was asked is left unsaid."""
        possible, leaves = reading.possible, reading.leaves
        outcome = possible[0] if len(possible) == 1 else Outcome.UNKNOWN
        level, _ = reading.reached[-1]
        if len(possible) > 1:
            level = min(reading.reached, key=lambda one: RANK[one[0].outcome])[0]
        words: dict[str, tuple[frozenset[str], Say]]
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
        result = self._nothing.model_copy(
            update={
                "outcome": outcome,
                "possible": possible,
                "words": cast("Mapping[str, str]", self._criterion.words).get(outcome, ""),
                "decided": tuple(dict.fromkeys(says(leaf, world) for leaf in dict.fromkeys(leaves))),
                "change": () if outcome in _NO_CHANGE else tuple(_changes(self._least_change(world), world)),
                **said,
            }
        )
        return Explained(result, {field: say for field, (_, say) in words.items() if field not in said})


def nothing_judged(rubric: Rubric) -> RubricResult:
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


def reason(rubric: Rubric, reading: Reading[VerdictLevel], world: World, asked: frozenset[str]) -> str | Say:
    """Why a rubric comes to its verdict; or, where that hangs on more than was asked, what says it of a model."""
    if len({level.verdict for level, _ in reading.reached}) > 1:
        return open_verdict((level.title for level, _ in reading.reached), _hangs(rubric, reading, world))
    say = partial(_because, reading, reading.leaves)
    return say(world) if all(_names(level.because) <= asked for level, _ in reading.reached) else say


def title_of(rubric: Rubric, verdict: str) -> str:
    """What a verdict is called; ``unknown`` is one where several are possible."""
    titles = (level.title for level in rubric.verdicts if level.verdict == verdict)
    return next(titles, phrase("Can't tell"))


@lru_cache(maxsize=2048)  # several times the texts of the shipped rubrics
def _names(text: str) -> frozenset[str]:
    """The facts that a text's words are taken from, and ``model`` for the model's id."""
    return frozenset(PLACEHOLDER.findall(text)) - {"which", "where"}


def _filled(text: str, leaves: tuple[Leaf, ...], world: World) -> str:
    return filled(text, world, leaves)


def _seen(leaves: tuple[Leaf, ...], cite: Iterable[str], world: World) -> tuple[str, ...]:
    """The keys of the findings that decided, and of those that are cited beside them."""
    cited = (finding.key for fact in cite for finding in world.evidence.all(fact))
    return tuple(dict.fromkeys((*(_key(leaf, world) for leaf in leaves), *cited)))


def _because(reading: Reading[T], leaves: tuple[Leaf, ...], world: World) -> str:
    """The reason of the level given. What holds otherwise may be said only where nothing above it could hold, too."""
    level, _ = reading.reached[-1]
    if level.when is not None or len(reading.reached) == 1:
        return filled(level.because, world, leaves)
    return one_of(filled(one.because, world, answer.leaves or leaves) for one, answer in reading.reached)


def _hangs(rubric: Rubric, reading: Reading[VerdictLevel], world: World) -> Iterator[str]:
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
