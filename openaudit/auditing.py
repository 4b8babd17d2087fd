"""gather → probe → score, for one model: the steps of an audit, for the library and the command line alike.

Nothing here prints, exits or touches the network itself: sources gather, probes observe, scoring judges, and
``composing`` puts the result together. ``openaudit.audit`` is all of it in one call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from openaudit.composing import compose
from openaudit.errors import OpenAuditError, RubricError
from openaudit.evidence import Evidence, Snapshot
from openaudit.judging.logic import World
from openaudit.judging.rubric import Rubric, load, shipped
from openaudit.judging.scoring import Judge, Verdict
from openaudit.lineages import Observer
from openaudit.probes import vocabulary
from openaudit.result import Audit
from openaudit.sources import Source
from openaudit.sources.gather import Progress, gather
from openaudit.sources.local import LocalSource
from openaudit.sources.reference import Reference, parse
from openaudit.sources.saved import SavedSource, record

SAMPLE = Path(__file__).parent / "sample"
_HEAD = frozenset({"label", "openwashing"})  # the roles without which a report has no head


# --------------------------------------------------------------------------- gathering


def look(
    reference: str | Reference,
    snapshot: str | Path | None = None,
    progress: Progress | None = None,
    record_to: Path | None = None,
    *,
    cache: bool = True,
    offline: bool = False,
) -> Snapshot:
    """Gathers all that one audit may look at, and records it if asked. Raises as ``openaudit.audit`` does.

    ``cache`` and ``offline`` are those of ``HubSource``; a snapshot needs neither.
    """
    what = parse(reference) if isinstance(reference, str) else reference
    if snapshot is None:
        from openaudit.sources.hub import HubSource  # the one source that takes long to import

        hub = HubSource(cache=cache, offline=offline)
        try:
            found = gather_from(hub, what, progress)
        except OpenAuditError:
            hub.close()
            raise
        hub.close()  # not when interrupted: it would wait for the answers under way
    else:
        found = gather_from(saved(snapshot), what, progress)
    if record_to is not None:
        record(found, record_to)
    return found


def saved(snapshot: str | Path) -> SavedSource:
    """A recorded snapshot as a source; ``sample`` is the one that is shipped. Raises SnapshotError."""
    return SavedSource(SAMPLE if str(snapshot) == "sample" else Path(snapshot))


def gather_from(source: Source, what: Reference, progress: Progress | None = None) -> Snapshot:
    """Gathers one model from a source that others may share. Raises as ``openaudit.audit`` does."""
    chosen = LocalSource(what.folder, source) if what.folder else source
    return gather(chosen, what.id, what.revision, progress)


# --------------------------------------------------------------------------- rubrics


def load_rubrics(chosen: Sequence[str | Path] = ()) -> list[Rubric]:
    """The rubrics asked for (all shipped ones by default), those that others ask about first.

    The rubrics that fill the head of the report always run with them. Raises RubricError.
    """
    known = shipped()
    paths = [_path(str(one), known) for one in chosen] or list(known.values())
    found: dict[str, Rubric] = {}
    for path in dict.fromkeys(paths):
        rubric = _load(path, known)
        if rubric.id in found:
            raise RubricError(f"{path}: another rubric of this run is called {rubric.id!r}", "Give each its own id.")
        found[rubric.id] = rubric
    others = [_load(path, known) for path in known.values() if path not in paths]
    roles = {rubric.role for rubric in found.values()}
    wanted = {rubric.id for rubric in others if rubric.role in _HEAD and rubric.role not in roles}
    wanted.update(*(rubric.needs for rubric in found.values()))
    while added := [rubric for rubric in others if rubric.id in wanted and rubric.id not in found]:
        found.update((rubric.id, rubric) for rubric in added)
        wanted.update(*(rubric.needs for rubric in added))
    return _in_order(found)


def load_rubric(one: str | Path) -> Rubric:
    """One rubric: a shipped one by its id, or one's own by its file. Raises RubricError."""
    known = shipped()
    return _load(_path(str(one), known), known)


def _load(path: Path, known: Mapping[str, Path]) -> Rubric:
    """A rubric; a shipped one is read again only if any of them, which may ask about each other, has changed since."""
    if path not in known.values():
        return load(path, vocabulary())
    return _unchanged(path, tuple((other, other.stat().st_mtime_ns, other.stat().st_size) for other in known.values()))


@lru_cache(maxsize=64)
def _unchanged(path: Path, stamps: tuple[tuple[Path, int, int], ...]) -> Rubric:  # noqa: ARG001 - part of the key
    return load(path, vocabulary())


def _path(one: str, known: dict[str, Path]) -> Path:
    if one in known:
        return known[one]
    if Path(one).is_file():
        return Path(one)
    advice = f"Shipped: {', '.join(known)}. For your own, give the path of its YAML file."
    raise RubricError(f"{one}: neither a shipped rubric nor a file", advice)


def _in_order(rubrics: dict[str, Rubric]) -> list[Rubric]:
    ordered: list[Rubric] = []
    waiting = dict(sorted(rubrics.items()))
    while waiting:
        ready = [r for r in waiting.values() if not (r.needs & waiting.keys())]
        if not ready:
            raise RubricError(f"rubrics ask about each other in a circle: {', '.join(waiting)}")
        lost = next((id for r in ready for id in r.needs if id not in rubrics), None)
        if lost:
            raise RubricError(f"a rubric asks for the verdict of {lost!r}, which is not there")
        ordered += ready
        for rubric in ready:
            del waiting[rubric.id]
    return ordered


# --------------------------------------------------------------------------- judging


class Auditor:
    """Judges any number of models by the same rubrics, and works out once what is the same for several of them.

    What it remembers is bounded, and changes how fast an answer comes, never the answer.
    """

    def __init__(self, rubrics: Sequence[Rubric]) -> None:
        self._judges = [Judge(rubric, vocabulary()) for rubric in rubrics]
        self._observer = Observer()
        self._label = [judge for judge in self._judges if judge.rubric.role == "label"][:1]

    def judge(self, snapshot: Snapshot) -> Audit:
        """Probes and scores a snapshot. The same snapshot gives the same result, whatever was judged before."""
        found = self._observer.observe(snapshot)
        ancestors = ((id, evidence) for id, evidence in found.items() if id != snapshot.subject)
        labels = {id: one.verdict for id, evidence in ancestors for one in _score(self._label, evidence).values()}
        scored = self.score(found[snapshot.subject])
        return compose(snapshot, found, {id: verdict.explained() for id, verdict in scored.items()}, labels)

    def score(self, evidence: Evidence) -> dict[str, Verdict]:
        """Scores what was found of one model by every rubric, by id."""
        return _score(self._judges, evidence)


def judge(snapshot: Snapshot, rubrics: Sequence[Rubric]) -> Audit:
    """Probes and scores a snapshot. Pure: the same snapshot and rubrics give the same result."""
    return Auditor(rubrics).judge(snapshot)


def _score(judges: Iterable[Judge], evidence: Evidence) -> dict[str, Verdict]:
    world = World(evidence, vocabulary())
    found: dict[str, Verdict] = {}
    verdicts: dict[str, frozenset[str]] = {}
    for judge in judges:
        verdict = found[judge.rubric.id] = judge.judge(world, verdicts)
        verdicts[judge.rubric.id] = frozenset(verdict.possible)
    return found
