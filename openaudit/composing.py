"""Composes the result of an audit from what was found and how it was judged. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Literal

from openaudit import __version__, licenses
from openaudit.evidence import Evidence, Finding, Outcome, Repo, Snapshot, Source
from openaudit.licenses import License
from openaudit.probes import vocabulary
from openaudit.result import (
    SCHEMA,
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
from openaudit.saying import in_sentences, listed, phrase
from openaudit.translating import remember

_FREEDOMS = ("use", "study", "modify", "share")


def compose(
    snapshot: Snapshot,
    found: Mapping[str, Evidence],
    results: Mapping[str, RubricResult],
    labels: Mapping[str, str],
) -> Audit:
    """The result. ``found`` holds the evidence and ``labels`` the label of the subject and its ancestors, by id."""
    evidence = found[snapshot.subject]
    roles = {
        result.role: result for result in reversed(list(results.values()))
    }  # the first that fills a place keeps it
    head, wash = roles.get("label"), roles.get("openwashing")
    audit = Audit(
        schema=SCHEMA,
        tool=f"openaudit {__version__}",
        subject=_subject(snapshot),
        label=head.verdict if head else "unknown",
        summary=listed((part.because for part in (head, wash) if part), " "),
        rubrics=dict(results),
        claims=_claims(evidence),
        openwashing=Openwashing(
            level=_level(wash.verdict) if wash else "unknown",
            because=wash.because if wash else phrase("No rubric for openwashing was run."),
        ),
        license=_license(evidence),
        lineage=tuple(_lineage(snapshot, evidence, found, labels)),
        datasets=tuple(_datasets(evidence)),
        steps=_steps(results),
        limits=_limits(snapshot, evidence),
        evidence=_entries(evidence, results),
    )
    return remember(audit)


def _level(verdict: str) -> Literal["none", "low", "medium", "high", "unknown"]:
    match verdict:
        case "none" | "low" | "medium" | "high":
            return verdict
    return "unknown"


def _subject(snapshot: Snapshot) -> Subject:
    repo = _repo(snapshot)
    modified = repo.info.get("lastModified")
    task = repo.info.get("pipeline_tag")
    return Subject(
        id=repo.id,
        revision=repo.revision,
        source="local" if snapshot.local else "hub",
        url="" if snapshot.local else repo.url(),
        maker=repo.id.split("/")[0] if "/" in repo.id else "",
        gathered=repo.gathered,
        last_modified=modified if isinstance(modified, str) else None,
        task=task if isinstance(task, str) else None,
        note=repo.note,
    )


def _repo(snapshot: Snapshot) -> Repo:
    repo = snapshot.model(snapshot.subject)
    if not isinstance(repo, Repo):
        raise TypeError(f"the snapshot does not hold its subject, {snapshot.subject!r}")
    return repo


def _claims(evidence: Evidence) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            text=vocabulary()[f.fact].sentence(f.value),
            level=str(f.value),
            quote=_quote(f) or f.note,
            evidence=f.key,
        )
        for f in evidence.all("claims.claim")
    )


def _quote(finding: Finding) -> str:
    return (finding.source.quote if finding.source else None) or ""


def _text(evidence: Evidence, fact: str, about: str = "") -> str | None:
    """A fact's value as text; ``None`` where it could not be told."""
    value = evidence.get(fact, about).value
    return value if value is None or isinstance(value, str) else str(value)


def _truth(evidence: Evidence, fact: str, about: str = "") -> bool | None:
    value = evidence.get(fact, about).value
    return value if isinstance(value, bool) else None


# --------------------------------------------------------------------------- licence


def _license(evidence: Evidence) -> LicenseSummary:
    """The licence that sets the limits: the model's own, or that of the ancestor it inherits them from."""
    origin = _text(evidence, "terms.from") or evidence.id
    strict = next((a for a in evidence.ancestors if isinstance(a, Evidence) and a.id == origin), evidence)
    id = _text(strict, "license.weights")
    known = licenses.lookup(id) if id not in (None, "none") else None
    clauses = (
        LicenseClause(kind=f.about, says=f.note, quote=_quote(f), url=f.source.url if f.source else None)
        for f in strict.all("license.clause")
    )
    own = _text(evidence, "license.weights")
    grants = {name: _text(evidence, f"terms.{name}") for name in _FREEDOMS}
    return LicenseSummary(
        id=own if own != "none" else None,
        name=known.name if known else phrase("no licence") if id == "none" else phrase("not known"),
        open=_truth(evidence, "terms.open"),
        url=known.url or None if known else None,
        clauses=tuple(chain(clauses, _duties(known) if known else ())),
        inherited_from=origin if origin != evidence.id else None,
        **grants,
    )


def _duties(license: License) -> Iterator[LicenseClause]:
    for one in license.obligations:
        yield LicenseClause(
            kind=one.kind, says=one.says, quote=one.quote, clause=one.clause, url=license.url or None, restricts=False
        )


# --------------------------------------------------------------------------- tables


def _lineage(
    snapshot: Snapshot, evidence: Evidence, found: Mapping[str, Evidence], labels: Mapping[str, str]
) -> Iterator[Ancestor]:
    seen = {evidence.id}
    row = [(evidence, 1)]
    for child, depth in row:  # grows while it is read: generation by generation
        for relation in child.all("lineage.relation"):
            id = snapshot.now("models", relation.about)
            if id in seen:
                continue
            seen.add(id)
            ancestor = found.get(id)
            looked = child.get("lineage.looked", relation.about)
            yield Ancestor(
                id=id,
                relation=str(relation.value),
                license=_text(ancestor, "license.weights") if ancestor else None,
                label=labels.get(id, "unknown"),
                depth=depth,
                parent=child.id,
                url=looked.source.url if looked.source else None,
                note="" if ancestor else looked.note,
            )
            if ancestor:
                row.append((ancestor, depth + 1))


def _datasets(evidence: Evidence) -> Iterator[DatasetRow]:
    for stage in evidence.all("dataset.stage"):
        id = stage.about
        status = evidence.get("dataset.status", id)
        yield DatasetRow(
            id=id,
            stage=str(stage.value),
            status=_text(evidence, "dataset.status", id) or "unknown",
            license=_text(evidence, "dataset.license", id),
            form=_text(evidence, "dataset.form", id) or "unknown",
            open=_truth(evidence, "dataset.open", id),
            url=status.source.url if status.source else None,
            note=status.note,
            size=size if isinstance(size := evidence.get("dataset.size", id).value, int) else None,
        )


def _steps(results: Mapping[str, RubricResult]) -> tuple[Step, ...]:
    """What would make it open: the sentences of the remedies, each once, those that change most criteria first.

    Taken from the rubrics at the head of the report; what others ask for stands with their criteria.
    """
    found: dict[str, list[str]] = {}
    openness = {id: result for id, result in results.items() if result.role} or results
    for id, result in openness.items():
        for name, criterion in result.criteria.items():
            if criterion.remedy and criterion.outcome in (Outcome.UNMET, Outcome.PARTIAL):
                for sentence in in_sentences(criterion.remedy):
                    found.setdefault(sentence, []).append(f"{id}/{name}")
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    return tuple(Step(text=text, criteria=tuple(criteria)) for text, criteria in ordered)


def _limits(snapshot: Snapshot, evidence: Evidence) -> tuple[str, ...]:
    """What this audit could not see, in sentences."""
    note = _repo(snapshot).note
    found = [note] if note else []
    unread = sorted(_repo(snapshot).unread.items())
    found += [phrase("{file} was not read: {why}.", file=path, why=phrase(why)) for path, why in unread]
    unseen = ("repository.looked", "dataset.status", "lineage.looked")
    found += [
        phrase("{what} was not looked at: {why}.", what=finding.about, why=phrase(finding.note))
        for finding in evidence.findings
        if finding.value is None and finding.fact in unseen
    ]
    return tuple(dict.fromkeys(found))


# --------------------------------------------------------------------------- evidence


def _entries(evidence: Evidence, results: Mapping[str, RubricResult]) -> dict[str, Entry]:
    """Every finding about the model, and those about its ancestors that a verdict cites."""
    places: dict[Source, Place] = {}
    entries = {f.key: _entry(f, "", places) for f in evidence.findings}
    cited = {key for result in results.values() for criterion in result.criteria.values() for key in criterion.evidence}
    for ancestor in (a for a in evidence.ancestors if isinstance(a, Evidence)):
        for finding in ancestor.findings:
            if (key := f"{ancestor.id} # {finding.key}") in cited:
                entries[key] = _entry(finding, ancestor.id, places)
    for key in sorted(cited - entries.keys()):  # asked for, and found by no probe
        model, _, fact = key.rpartition(" # ")
        entries[key] = _entry(evidence.get(fact.split(" [")[0]), model, places)
    return dict(sorted(entries.items()))


def _entry(finding: Finding, model: str, places: dict[Source, Place]) -> Entry:
    fact = vocabulary().get(finding.fact)
    seen = finding.source
    if seen is not None and seen not in places:  # many things are seen in one place
        places[seen] = Place(url=seen.url, file=seen.file, line=seen.line, quote=seen.quote, gathered=seen.gathered)
    return Entry(
        fact=finding.fact,
        value=finding.value,
        says=fact.sentence(finding.value) if fact else finding.note,
        about=finding.about,
        model=model,
        note=finding.note,
        source=None if seen is None else places[seen],
    )
