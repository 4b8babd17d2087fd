"""What one criterion sees of a model: the findings that it asks for, and nothing else.

A criterion is judged on its facet of a model, never on the whole. Two models that look the same from there so come to
the same by construction, and a run over thousands of models works out each answer once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from openaudit.conditions import Ancestors, Asked, Every, FactIs, Some, VerdictIs, walk
from openaudit.evidence import Evidence, Fact, Finding
from openaudit.logic import Possible, Seen, World

REMEMBERED = 128  # facets of each criterion whose answers are kept


class Facet(NamedTuple):
    """What can be seen of a model from one place, as a key: ``findings`` by fact, ``members`` by collection.

    ``verdicts`` are those still possible for other rubrics, ``criteria`` the outcomes still possible in this one.
    """

    id: str
    findings: tuple[tuple[Seen, ...] | None, ...]
    members: tuple[tuple[str, ...], ...]
    ancestors: tuple[Facet | str, ...] = ()
    verdicts: tuple[frozenset[str] | None, ...] = ()
    criteria: tuple[tuple[str, frozenset[str]], ...] = ()


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
        seen = self._look(world, "", self._generations)
        return seen._replace(verdicts=tuple(map(verdicts.get, self._rubrics)), criteria=tuple(criteria.items()))

    def _look(self, world: World, id: str, generations: int) -> Facet:
        findings = tuple(map(world.seen.get, self._facts))
        ancestors = (
            self._look(one, one.evidence.id, generations - 1) if isinstance(one, World) else one
            for one in (world.ancestors if generations else ())
        )
        return Facet(id, findings, tuple(map(world.members, self._collections)), tuple(ancestors))

    def world(self, facet: Facet) -> World:
        """The world, as far as a facet shows it."""
        findings = (
            Finding(fact, value, None, about, note)
            for fact, found in zip(self._facts, facet.findings, strict=True)
            for value, _, about, note in found or ()
        )
        judged = zip(self._rubrics, facet.verdicts, strict=False)  # of ancestors there are none
        verdicts = {rubric: possible for rubric, possible in judged if possible is not None}
        world = World(Evidence(facet.id, tuple(findings)), self._vocabulary, dict(facet.criteria), verdicts)
        world.collections = dict(zip(self._collections, facet.members, strict=True))
        world.ancestors = tuple(self.world(one) if isinstance(one, Facet) else one for one in facet.ancestors)
        return world


def _generations(condition: object) -> int:
    """How many generations of ancestors a condition asks about."""
    inside = (one.condition for one in walk(Asked((), condition)))
    return max((1 + _generations(one.ancestors) for one in inside if isinstance(one, Ancestors)), default=0)
