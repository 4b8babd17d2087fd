"""What one criterion sees of a model: the findings that it asks for, and nothing else.

A criterion is judged on its facet of a model, never on the whole. Two models that look the same from there so come to
the same by construction, and a run over thousands of models works out each answer once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

from openaudit.evidence import Evidence, Fact
from openaudit.judging.conditions import Ancestors, Asked, Every, FactIs, Some, VerdictIs, walk
from openaudit.judging.logic import Possible, World

REMEMBERED = 128  # facets of each criterion whose answers are kept

Facet = tuple[object, ...]
"""What can be seen of a model from one place, as a key: equal where everything that can be asked is."""

T = TypeVar("T")


class Lens:
    """Shows of a model what conditions ask for."""

    def __init__(self, whens: Iterable[object], vocabulary: Mapping[str, Fact]) -> None:
        asked = [one.condition for when in whens for one in walk(Asked((), when))]
        self.facts = frozenset(one.fact for one in asked if isinstance(one, FactIs))
        collections = {
            one.every if isinstance(one, Every) else one.some for one in asked if isinstance(one, Every | Some)
        }
        self._vocabulary = vocabulary
        self._facts = tuple(sorted(self.facts & vocabulary.keys()))
        self._collections = tuple(sorted(collections))
        self._rubrics = tuple(sorted({one.verdict_of for one in asked if isinstance(one, VerdictIs)}))
        self._generations = max(map(_generations, asked), default=0)

    def facet(self, world: World, verdicts: Possible, criteria: Possible) -> Facet:
        """What is seen of a world, and of what was judged before. The model itself has no name there."""
        judged = tuple(map(verdicts.get, self._rubrics)) if self._rubrics else ()
        return (*self._look(world, self._generations), judged, *criteria.items())

    def _look(self, world: World, generations: int) -> Facet:
        seen = world.seen
        findings = tuple([seen[fact] for fact in self._facts])
        members = tuple(map(world.members, self._collections)) if self._collections else ()
        if not generations:
            return findings, members, ()
        ancestors = (
            (one.evidence.id, *self._look(one, generations - 1)) if isinstance(one, World) else one
            for one in world.ancestors
        )
        return findings, members, tuple(ancestors)

    def world(self, world: World, verdicts: Possible, criteria: Possible) -> World:
        """A world of which there is no more than a facet shows."""
        judged = {rubric: verdicts[rubric] for rubric in self._rubrics if rubric in verdicts}
        return self._seen(world, "", self._generations, dict(criteria), judged)

    def _seen(self, world: World, id: str, generations: int, criteria: Possible, verdicts: Possible) -> World:
        evidence = Evidence.sorted(id, {fact: bare for fact in self._facts if (bare := world.bare(fact))})
        found = World(evidence, self._vocabulary, criteria, verdicts)
        found.collections = {name: world.members(name) for name in self._collections}
        found.ancestors = tuple(
            self._seen(one, one.evidence.id, generations - 1, {}, {}) if isinstance(one, World) else one
            for one in (world.ancestors if generations else ())
        )
        return found


def _generations(condition: object) -> int:
    """How many generations of ancestors a condition asks about."""
    inside = (one.condition for one in walk(Asked((), condition)))
    return max((1 + _generations(one.ancestors) for one in inside if isinstance(one, Ancestors)), default=0)


class Remembered(Generic[T]):
    """Answers by facet: those that were needed last. Several threads may ask."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Facet, T] = OrderedDict()
        self._lock = Lock()

    def get(self, facet: Facet, answer: Callable[[], T]) -> T:
        """The answer for a facet: the one that is remembered, or else a new one."""
        with self._lock:
            found = self._answers.get(facet)
            if found is not None:
                self._answers.move_to_end(facet)
                return found
        found = answer()
        with self._lock:
            self._answers[facet] = found
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        return found
