"""gather → probe → score, for one model: the whole of openaudit in one place.

``audit`` is the library's door; the command line calls the same functions. Nothing here prints, exits or touches the
network itself: sources gather, probes observe, scoring judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from openaudit import __version__, licenses
from openaudit.errors import RubricError
from openaudit.evidence import Evidence, Finding, Outcome, Repo, Snapshot
from openaudit.evidence import Source as Seen
from openaudit.probes import Case, observe, vocabulary
from openaudit.probes.case import maker
from openaudit.reading.pointers import base_models, card_of
from openaudit.result import (
    Ancestor,
    Audit,
    Claim,
    DatasetRow,
    Entry,
    LicenseClause,
    LicenseSummary,
    Openwashing,
    Place,
    RubricResult,
    Step,
    Subject,
)
from openaudit.rubric import Rubric, load, shipped
from openaudit.scoring import score
from openaudit.sources.gather import GENERATIONS, Progress, gather
from openaudit.sources.reference import parse

SAMPLE = Path(__file__).parent / "sample"


def audit(reference: str, *, snapshot: str | Path | None = None, rubrics: Sequence[str | Path] = ()) -> Audit:
    """Audits one model and returns the typed result.

    ``reference``: ``owner/name``, ``owner/name@revision``, a huggingface.co link or a folder (``./my-model``).
    ``snapshot``: a recorded folder, or ``"sample"``, instead of the live Hub. ``rubrics``: ids of shipped rubrics or
    paths of one's own; the default is every shipped one. Raises ``OpenAuditError``: a ``SubjectError`` where the model
    could not be audited, a ``UsageError`` where what was asked for cannot be understood.
    """
    return judge(look(reference, snapshot), load_rubrics(rubrics))


def look(
    reference: str, snapshot: str | Path | None = None, progress: Progress | None = None, record_to: Path | None = None
) -> Snapshot:
    """Gathers all that one audit may look at, and records it if asked. Raises as ``audit`` does."""
    from openaudit.sources.saved import SavedSource, record

    what = parse(reference)
    if snapshot is None:
        from openaudit.sources.hub import HubSource

        hub = HubSource()
        found = _gathered(hub, what.id, what.revision, what.folder, progress)
    else:
        saved = SavedSource(SAMPLE if str(snapshot) == "sample" else Path(snapshot))
        found = _gathered(saved, what.id, what.revision, what.folder, progress)
    if record_to is not None:
        record(found, record_to)
    return found


def _gathered(source: object, id: str, revision: str | None, folder: Path | None, progress: Progress | None) -> Snapshot:
    from openaudit.sources.local import LocalSource

    chosen = LocalSource(folder, source) if folder else source  # type: ignore[arg-type]
    return gather(chosen, id, revision, progress)  # type: ignore[arg-type]


def load_rubrics(chosen: Sequence[str | Path] = ()) -> list[Rubric]:
    """The rubrics asked for (all shipped ones by default), those that others ask about first.

    The rubrics that fill the head of the report always run with them. Raises RubricError.
    """
    known = shipped()
    paths = [_path(str(one), known) for one in chosen] or list(known.values())
    found = {rubric.id: rubric for rubric in (load(path, vocabulary()) for path in paths)}
    for path in known.values():
        if chosen and path not in paths:
            rubric = load(path, vocabulary())
            needed = {id for other in found.values() for id in other.needs}
            if rubric.role in ("label", "openwashing") or rubric.id in needed:
                found.setdefault(rubric.id, rubric)
    return _in_order(found)


def _path(one: str, known: dict[str, Path]) -> Path:
    if one in known:
        return known[one]
    if Path(one).is_file():
        return Path(one)
    raise RubricError(
        f"{one}: neither a shipped rubric nor a file", f"Shipped: {', '.join(known)}. For your own, give the path of its YAML file."
    )


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


def observe_lineage(snapshot: Snapshot) -> dict[str, Evidence]:
    """The evidence about the subject and every ancestor that could be looked at, by id. Cycles are cut."""
    found: dict[str, Evidence] = {}

    def visit(id: str, path: tuple[str, ...]) -> Evidence | str:
        id = snapshot.now("models", id)
        if id in found:
            return found[id]
        repo = snapshot.model(id)
        if not isinstance(repo, Repo) or id in path or len(path) > GENERATIONS:
            return id
        ancestors: dict[str, Evidence | str] = {}
        for pointer in base_models(repo, card_of(repo)):
            near = visit(pointer.id, (*path, id))
            if isinstance(near, str) and near in (*path, id):
                continue
            ancestors.setdefault(near.id if isinstance(near, Evidence) else near, near)
            for far in near.ancestors if isinstance(near, Evidence) else ():
                ancestors.setdefault(far.id if isinstance(far, Evidence) else far, far)
        evidence = observe(Case(snapshot, repo, tuple(ancestors.values())))
        found[id] = evidence
        return evidence

    visit(snapshot.subject, ())
    return found


def judge(snapshot: Snapshot, rubrics: Sequence[Rubric]) -> Audit:
    """Probes and scores a snapshot. Pure: the same snapshot and rubrics give the same result."""
    repo = snapshot.model(snapshot.subject)
    assert isinstance(repo, Repo)
    all_evidence = observe_lineage(snapshot)
    evidence = all_evidence[snapshot.subject]
    results = _score_all(rubrics, evidence)
    labels = {id: _label(_score_all([r for r in rubrics if r.role == "label"], found)) for id, found in all_evidence.items()}
    label = _label(results)
    wash = next((r for r in results.values() if r.role == "openwashing"), None)
    head = next((r for r in results.values() if r.role == "label"), None)
    return Audit(
        schema="openaudit.audit/1",
        tool=f"openaudit {__version__}",
        subject=_subject(repo, snapshot),
        label=label,
        summary=_summary(head, wash),
        rubrics=results,
        claims=_claims(evidence),
        openwashing=Openwashing(
            level=_level(wash.verdict) if wash else "unknown",
            because=wash.because if wash else "No rubric for openwashing was run.",
        ),
        license=_license(evidence),
        lineage=tuple(_lineage(snapshot, evidence, all_evidence, labels)),
        datasets=tuple(_datasets(evidence)),
        steps=_steps(results),
        limits=_limits(snapshot, repo, evidence),
        evidence=_entries(evidence, results),
    )


def _score_all(rubrics: Iterable[Rubric], evidence: Evidence) -> dict[str, RubricResult]:
    results: dict[str, RubricResult] = {}
    for rubric in rubrics:
        verdicts = {id: frozenset(result.possible) for id, result in results.items()}
        results[rubric.id] = score(rubric, evidence, vocabulary(), verdicts)
    return results


def _label(results: dict[str, RubricResult]) -> str:
    return next((result.verdict for result in results.values() if result.role == "label"), "unknown")


def _level(verdict: str) -> Literal["none", "low", "medium", "high", "unknown"]:
    match verdict:
        case "none" | "low" | "medium" | "high":
            return verdict 
    return "unknown"


def _summary(head: RubricResult | None, wash: RubricResult | None) -> str:
    return " ".join(part.because for part in (head, wash) if part)


def _subject(repo: Repo, snapshot: Snapshot) -> Subject:
    modified = repo.info.get("lastModified")
    task = repo.info.get("pipeline_tag")
    return Subject(
        id=repo.id,
        revision=repo.revision,
        source="local" if snapshot.local else "hub",
        url="" if snapshot.local else repo.url(),
        maker=maker(repo.id) and repo.id.split("/")[0],
        gathered=repo.gathered,
        last_modified=modified if isinstance(modified, str) else None,
        task=task if isinstance(task, str) else None,
    )


def _claims(evidence: Evidence) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            text=vocabulary()[f.fact].sentence(f.value),
            level=str(f.value),
            quote=(f.source.quote if f.source else None) or f.note,
            evidence=f.key,
        )
        for f in evidence.all("claims.claim")
    )


def _license(evidence: Evidence) -> LicenseSummary:
    weights = evidence.get("license.weights")
    origin = str(evidence.get("terms.from").value or evidence.id)
    strict = next((a for a in evidence.ancestors if isinstance(a, Evidence) and a.id == origin), evidence)
    shown = strict if origin != evidence.id else evidence
    id = shown.get("license.weights").value
    known = licenses.lookup(str(id)) if isinstance(id, str) and id != "none" else None
    clauses = [
        LicenseClause(
            kind=f.about,
            says=f.note,
            quote=(f.source.quote if f.source else None) or "",
            url=f.source.url if f.source else None,
        )
        for f in shown.all("license.clause")
    ]
    duties = [] if known is None else [
        LicenseClause(kind=o.kind, says=o.says, quote=o.quote, clause=o.clause, url=known.url or None, restricts=False)
        for o in known.obligations
    ]
    grants = {name: evidence.get(f"terms.{name}").value for name in ("use", "study", "modify", "share")}
    return LicenseSummary(
        id=None if weights.value in (None, "none") else str(weights.value),
        name=known.name if known else "no licence" if id == "none" else "not known",
        open=value if isinstance(value := evidence.get("terms.open").value, bool) else None,
        url=(known.url or None) if known else None,
        clauses=tuple(clauses + duties),
        inherited_from=origin if origin != evidence.id else None,
        **{name: str(value) if value is not None else None for name, value in grants.items()},
    )


def _lineage(
    snapshot: Snapshot, evidence: Evidence, found: dict[str, Evidence], labels: dict[str, str]
) -> Iterable[Ancestor]:
    seen = {evidence.id}
    row: list[tuple[Evidence, int]] = [(evidence, 1)]
    while row:
        child, depth = row.pop(0)
        for relation in child.all("lineage.relation"):
            id = snapshot.now("models", relation.about)
            if id in seen:
                continue
            seen.add(id)
            ancestor = found.get(id)
            looked = child.get("lineage.looked", relation.about)
            license = ancestor.get("license.weights").value if ancestor else None
            yield Ancestor(
                id=id,
                relation=str(relation.value),
                license=str(license) if license is not None else None,
                label=labels.get(id, "unknown"),
                depth=depth,
                parent=child.id,
                url=looked.source.url if looked.source else None,
                note="" if ancestor else looked.note,
            )
            if ancestor:
                row.append((ancestor, depth + 1))


def _datasets(evidence: Evidence) -> Iterable[DatasetRow]:
    for stage in evidence.all("dataset.stage"):
        id = stage.about
        status = evidence.get("dataset.status", id)
        license = evidence.get("dataset.license", id).value
        form = evidence.get("dataset.form", id).value
        is_open = evidence.get("dataset.open", id).value
        yield DatasetRow(
            id=id,
            stage=str(stage.value),
            status=str(status.value) if status.value is not None else "unknown",
            license=str(license) if license is not None else None,
            form=str(form) if form is not None else "unknown",
            open=is_open if isinstance(is_open, bool) else None,
            url=status.source.url if status.source else None,
            note=status.note,
        )


def _steps(results: dict[str, RubricResult]) -> tuple[Step, ...]:
    """The remedies, each once, those that change most criteria first."""
    found: dict[str, list[str]] = {}
    for id, result in results.items():
        for name, criterion in result.criteria.items():
            if criterion.remedy and criterion.outcome in (Outcome.UNMET, Outcome.PARTIAL):
                found.setdefault(criterion.remedy, []).append(f"{id}/{name}")
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    return tuple(Step(text=text, criteria=tuple(criteria)) for text, criteria in ordered)


def _limits(snapshot: Snapshot, repo: Repo, evidence: Evidence) -> tuple[str, ...]:
    """What this audit could not see, in sentences."""
    found = [f"{path} was not read: {why}." for path, why in sorted(repo.unread.items())]
    for finding in evidence.findings:
        if finding.value is None and finding.fact in ("repository.looked", "dataset.status", "lineage.looked"):
            found.append(f"{finding.about} was not looked at: {finding.note}.")
    return tuple(dict.fromkeys(found))


def _entries(evidence: Evidence, results: dict[str, RubricResult]) -> dict[str, Entry]:
    """Every finding about the model, and those about its ancestors that a verdict cites."""
    entries = {f.key: _entry(f, "") for f in evidence.findings}
    cited = {key for result in results.values() for criterion in result.criteria.values() for key in criterion.evidence}
    for ancestor in (a for a in evidence.ancestors if isinstance(a, Evidence)):
        for finding in ancestor.findings:
            if (key := f"{ancestor.id} # {finding.key}") in cited:
                entries[key] = _entry(finding, ancestor.id)
    for key in sorted(cited - entries.keys()):
        model, _, fact = key.rpartition(" # ")
        finding = evidence.get(fact.split(" [")[0])
        entries[key] = _entry(finding, model)
    return dict(sorted(entries.items()))


def _entry(finding: Finding, model: str) -> Entry:
    fact = vocabulary().get(finding.fact)
    seen: Seen | None = finding.source
    return Entry(
        fact=finding.fact,
        value=finding.value,
        says=fact.sentence(finding.value) if fact else finding.note,
        about=finding.about,
        model=model,
        note=finding.note,
        source=Place(url=seen.url, file=seen.file, line=seen.line, quote=seen.quote, gathered=seen.gathered) if seen else None,
    )
