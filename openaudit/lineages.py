"""What was found of a model and of those it was made from: each looked at once, however many come from it.

A list of models has few roots. What was found of an ancestor is used again for the next of its descendants, as long as
everything that was looked at in finding it is the same there.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from openaudit.evidence import Evidence, Looked, LookedCode, Repo, Snapshot
from openaudit.probes import Case, observe

Asked = dict[tuple[str, str], Looked | LookedCode]
"""What was looked up, by kind and id, and what was there."""

_REMEMBERED = 32  # ancestors whose evidence is kept


@dataclass(frozen=True, slots=True)
class _Watched(Snapshot):
    """A snapshot that notes what it was asked."""

    asked: Asked = field(default_factory=dict)

    @classmethod
    def of(cls, one: Snapshot) -> _Watched:
        return cls(one.subject, one.models, one.datasets, one.github, one.redirects, one.local)

    def model(self, id: str) -> Looked:
        found = self.asked["model", id] = Snapshot.model(self, id)
        return found

    def dataset(self, id: str) -> Looked:
        found = self.asked["dataset", id] = Snapshot.dataset(self, id)
        return found

    def code(self, id: str) -> LookedCode:
        found = self.asked["code", id] = Snapshot.code(self, id)
        return found


class _Found(NamedTuple):
    """What was found of a model, and all that it hangs on."""

    repo: Repo
    local: bool
    asked: Asked
    evidence: Evidence

    def holds(self, case: Case) -> bool:
        """Whether the same would be found again."""
        return (
            (self.repo, self.local, self.evidence.ancestors) == (case.repo, case.snapshot.local, case.ancestors)
            and all(getattr(case.snapshot, kind)(id) == answer for (kind, id), answer in self.asked.items())
        )  # fmt: skip


class Observer:
    """Observes models, and what they were made from. Several threads may ask.

    What it remembers is bounded, and changes how fast an answer comes, never the answer.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[str, _Found] = OrderedDict()
        self._lock = Lock()

    def observe(self, snapshot: Snapshot) -> dict[str, Evidence]:
        """The evidence about the subject and every ancestor that could be looked at, by id. Cycles are cut."""
        found: dict[str, Evidence] = {}

        def visit(id: str, path: tuple[str, ...]) -> Evidence | str:
            id = snapshot.now("models", id)
            if id in found:
                return found[id]
            repo = snapshot.model(id)
            if not isinstance(repo, Repo) or id in path:
                return id
            watched = _Watched.of(snapshot)
            case = Case(watched, repo)
            ancestors: dict[str, Evidence | str] = {}
            for pointer in case.bases:
                near = visit(pointer.id, (*path, id))
                if isinstance(near, str) and near in (*path, id):
                    continue
                ancestors.setdefault(near.id if isinstance(near, Evidence) else near, near)
                for far in near.ancestors if isinstance(near, Evidence) else ():
                    ancestors.setdefault(far.id if isinstance(far, Evidence) else far, far)
            whole = case.descending(tuple(ancestors.values()))
            found[id] = self._ancestor(whole, watched.asked) if path else observe(whole)
            return found[id]

        visit(snapshot.subject, ())
        return found

    def _ancestor(self, case: Case, asked: Asked) -> Evidence:
        """The evidence about a model that others were made from: what was found of it before, or else anew."""
        with self._lock:
            before = self._found.get(case.repo.id)
        if before is None or not before.holds(case):
            evidence = observe(case)
            before = _Found(case.repo, case.snapshot.local, dict(asked), evidence)
        with self._lock:
            self._found[case.repo.id] = before
            self._found.move_to_end(case.repo.id)
            if len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
        return before.evidence
