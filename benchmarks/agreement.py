"""How far the verdicts agree with people who judged the same models.

    python benchmarks/agreement.py SNAPSHOT LABELS.csv [--rubric osai-index] [--evidence EVIDENCE.jsonl]
    python benchmarks/agreement.py SNAPSHOT LABELS.csv --write docs/agreement.md     (or --check)

SNAPSHOT is a recorded snapshot; LABELS.csv has a column ``model`` and one column a dimension, named as the rubric's
criteria, with open, partial, closed or nothing in each cell; a column ``match`` may say ``exact`` where that very
model was judged, and not another of its family, and a column ``database`` whose judgement it is. Prints per dimension:
n, exact agreement, quadratic-weighted kappa (Cohen 1968), the confusion table, two baselines (the majority class, and
what the card's metadata alone declares), then Spearman's rho of the overall scores, and every disagreement with our
evidence beside the experts' links and notes. Models or cells that cannot be compared are left out and counted.

The overall scores are compared in two ways. Like with like: the mean of 1, 1/2 or 0 over the dimensions that both sides
answered, the same cells that kappa is of. And as a report gives it: the middle of its range over all dimensions, in
which what is unknown may be anything, beside the experts' mean over all that they judged.

``--write`` puts the tables between two marks of a page, with the date and the snapshot's hash; ``--check`` fails where
the page says something else. Without snapshot or labels there is nothing to measure: it says so, and does not fail.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click

from openaudit import auditing
from openaudit.errors import OpenAuditError
from openaudit.evidence import Repo
from openaudit.result import Audit, CriterionResult
from openaudit.sources.gather import gather
from openaudit.sources.saved import SavedSource

CLASSES = ("closed", "partial", "open")
_OURS = {"unmet": "closed", "partial": "partial", "met": "open"}
_POINTS = {"closed": 0.0, "partial": 0.5, "open": 1.0}
BEGIN, END = "<!-- made by benchmarks/agreement.py -->", "<!-- end of what is made -->"


@dataclass
class Pairs:
    """The compared cells of one dimension: (model, the experts' class, ours, what the metadata declares)."""

    cells: list[tuple[str, str, str, str]] = field(default_factory=list)
    left_out: int = 0

    def columns(self) -> tuple[list[int], list[int], list[int]]:
        index = [tuple(CLASSES.index(c) for c in cell[1:]) for cell in self.cells]
        return [i[0] for i in index], [i[1] for i in index], [i[2] for i in index]


def kappa(a: Sequence[int], b: Sequence[int], classes: int = len(CLASSES)) -> float:
    """Cohen's kappa with quadratic weights, of two lists of class numbers; 0 where chance alone explains all."""
    n = len(a)
    left, right = Counter(a), Counter(b)
    observed = sum((x - y) ** 2 for x, y in zip(a, b, strict=True))
    expected = sum((x - y) ** 2 * left[x] * right[y] / n for x in range(classes) for y in range(classes)) if n else 0
    return 1 - observed / expected if expected else 0.0


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's rank correlation; equal values share the mean of their ranks."""

    def ranks(values: Sequence[float]) -> list[float]:
        order = sorted(range(len(values)), key=values.__getitem__)
        found = [0.0] * len(values)
        i = 0
        while i < len(order):
            j = i
            while j + 1 < len(order) and values[order[j + 1]] == values[order[i]]:
                j += 1
            for k in range(i, j + 1):
                found[order[k]] = (i + j) / 2
            i = j + 1
        return found

    x, y = ranks(a), ranks(b)
    mx, my = sum(x) / len(x), sum(y) / len(y)
    top = sum((p - mx) * (q - my) for p, q in zip(x, y, strict=True))
    bottom = (sum((p - mx) ** 2 for p in x) * sum((q - my) ** 2 for q in y)) ** 0.5
    return top / bottom if bottom else 0.0


def declared(repo: Repo) -> dict[str, str]:
    """The baseline: what the card's metadata alone would make one believe."""
    data = repo.card_data
    tags = [t for t in repo.info.get("tags", ()) if isinstance(t, str)]
    named = "open" if data.get("datasets") else "closed"
    gate = "partial" if repo.info.get("gated") else "open"
    arxiv = "open" if any(t.startswith("arxiv:") for t in tags) else "closed"
    license = str(data.get("license", "")).lower()
    free = license in ("apache-2.0", "mit", "bsd-3-clause", "cc-by-4.0", "cc-by-sa-4.0")
    card = "open" if "README.md" in repo.files else "closed"
    by_metadata = {"weights_basemodel": gate, "weights_endmodel": gate, "preprint": arxiv, "modelcard": card}
    by_metadata |= dict.fromkeys(("datasources_basemodel", "datasources_endmodel", "datasheet"), named)
    by_metadata["licenses"] = "open" if free else "closed"
    return defaultdict(lambda: "closed", by_metadata)


def ours(result: CriterionResult) -> str | None:
    """Our class; ``None`` where ours is unknown over more than one class. What is not disclosed is closed."""
    return _OURS.get(result.outcome.value)


@dataclass
class Measured:
    """What a run gives: the compared cells by dimension, each model's scores (theirs, ours, metadata), and the rest."""

    pairs: dict[str, Pairs] = field(default_factory=lambda: defaultdict(Pairs))
    totals: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    reports: dict[str, tuple[float, float]] = field(default_factory=dict)  # theirs, over all they judged; our middle
    exact: set[str] = field(default_factory=set)  # judged themselves, not another model of the family
    databases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # the models each has judged
    missing: list[str] = field(default_factory=list)
    audits: dict[str, Audit] = field(default_factory=dict)


@click.command(help=__doc__.split("\n\n")[0])
@click.argument("snapshot", type=click.Path(path_type=Path))
@click.argument("labels", type=click.Path(path_type=Path))
@click.option("--rubric", default="osai-index", show_default=True)
@click.option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The experts' links and notes (JSON lines).",
)
@click.option("--disagreements/--no-disagreements", default=True, show_default=True)
@click.option(
    "--write", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Put the tables into a page."
)
@click.option("--check", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Fail if a page differs.")
def main(
    snapshot: Path,
    labels: Path,
    rubric: str,
    evidence: Path | None,
    disagreements: bool,
    write: Path | None,
    check: Path | None,
) -> None:
    """Prints the tables, then every disagreement."""
    for place, thing in ((snapshot, "a snapshot"), (labels, "the experts' labels")):
        if not place.exists():
            click.echo(f"Nothing measured: {place} is not there, and without {thing} there is nothing to compare.")
            return
    measured = measure(snapshot, labels, rubric)
    if not measured.totals:
        click.echo("Nothing measured: none of the labelled models has a card in the snapshot.")
        return
    table = "\n".join(_table(measured))
    if write or check:
        _page(write, check, table, snapshot)
        return
    click.echo(table)
    if disagreements:
        notes = _notes(evidence)
        for name, found in measured.pairs.items():
            for model, expert, own, _ in found.cells:
                if expert != own:
                    _disagreement(measured.audits[model], rubric, name, model, expert, own, notes)


def measure(snapshot: Path, labels: Path, rubric: str) -> Measured:
    """Audits each labelled model that has a card in the snapshot, and sets our class beside the experts'."""
    source = SavedSource(snapshot)
    rubrics = auditing.load_rubrics([rubric])
    measured = Measured()
    with labels.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        model = row["model"]
        try:
            found = gather(source, model)
        except OpenAuditError as problem:
            measured.missing.append(f"{model}: {problem}")
            continue
        repo = found.model(found.subject)
        if not isinstance(repo, Repo) or "README.md" not in repo.files:
            measured.missing.append(f"{model}: its card is not in the snapshot")
            continue
        audit = measured.audits[model] = auditing.judge(found, rubrics)
        base = declared(repo)
        scores = []
        for name, result in audit.rubrics[rubric].criteria.items():
            expert = row.get(name) or ""
            if expert not in CLASSES:
                continue
            own = ours(result)
            if own is None:
                measured.pairs[name].left_out += 1
                continue
            measured.pairs[name].cells.append((model, expert, own, base[name]))
            scores.append((_POINTS[expert], _POINTS[own], _POINTS[base[name]]))
        if scores:
            theirs, mine, meta = (sum(column) / len(scores) for column in zip(*scores, strict=True))
            measured.totals[model] = (theirs, mine, meta)
            score = audit.rubrics[rubric].score
            if score.low is not None and score.high is not None:
                judged = [_POINTS[row[name]] for name in audit.rubrics[rubric].criteria if row.get(name) in CLASSES]
                measured.reports[model] = (sum(judged) / len(judged), (score.low + score.high) / 2)
            if row.get("match") == "exact":
                measured.exact.add(model)
            if row.get("database"):
                measured.databases[row["database"]].add(model)
    return measured


def digest(snapshot: Path) -> str:
    """The SHA-256 of a snapshot: of every file's path and content, in the order of the paths."""
    whole = hashlib.sha256()
    for path in sorted(p for p in snapshot.rglob("*") if p.is_file()):
        whole.update(path.relative_to(snapshot).as_posix().encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _page(write: Path | None, check: Path | None, table: str, snapshot: Path) -> None:
    """Puts the tables between the marks of a page, or compares them with what stands there, whatever its date."""
    hashed = f"snapshot SHA-256 `{digest(snapshot)}`"
    if check:
        held = check.read_text("utf-8")
        if hashed not in held:
            click.echo(f"Nothing compared: {check} was measured on another snapshot than {snapshot}.")
        elif table not in held:
            click.echo(f"{check} is out of step. Now it is:\n\n{table}\n\nRun again with --write.")
            raise SystemExit(1)
        else:
            click.echo(f"{check} says what was measured.")
    if write:
        before, rest = write.read_text("utf-8").split(BEGIN)
        after = rest.split(END)[1]
        made = f"Measured on {datetime.now(UTC):%Y-%m-%d}, {hashed}.\n\n{table}\n"
        write.write_text(f"{before}{BEGIN}\n\n{made}\n{END}{after}", "utf-8")
        click.echo(f"wrote {write}")


def _notes(path: Path | None) -> dict[tuple[str, str], Mapping[str, object]]:
    lines = path.read_text("utf-8").splitlines() if path else []
    return {(e["model"], e["dimension"]): e for e in map(json.loads, lines)}


def _table(measured: Measured) -> Iterator[str]:
    """The lines of the tables, in Markdown."""
    yield "| dimension | n | left out | exact | kappa | kappa, metadata alone | majority, exact |"
    yield "| --- " * 7 + "|"
    kappas, baselines, confusions = [], [], []
    for name, found in measured.pairs.items():
        theirs, mine, meta = found.columns()
        n = len(theirs)
        if not n:
            continue
        exact = sum(x == y for x, y in zip(theirs, mine, strict=True)) / n
        majority = max(Counter(theirs).values()) / n
        kappas.append(kappa(theirs, mine))
        baselines.append(kappa(theirs, meta))
        table = Counter(zip(theirs, mine, strict=True))
        confusions.append(f"| `{name}` | " + " | ".join(str(table[a, b]) for a in range(3) for b in range(3)) + " |")
        figures = " | ".join(f"{figure:.2f}" for figure in (exact, kappas[-1], baselines[-1], majority))
        yield f"| `{name}` | {n} | {found.left_out} | {figures} |"
    experts, verdicts, alone_scores = zip(*measured.totals.values(), strict=True)
    mean, alone = sum(kappas) / len(kappas), sum(baselines) / len(baselines)
    yield f"\n- mean kappa: **{mean:.3f}** (metadata alone: {alone:.3f}); the lowest: {min(kappas):.3f}"
    rho, alone = spearman(experts, verdicts), spearman(experts, alone_scores)
    yield f"- Spearman's rho of the overall scores: **{rho:.3f}** (metadata alone: {alone:.3f}), n = {len(experts)}"
    rho = spearman(*zip(*measured.reports.values(), strict=True)) if measured.reports else 0
    yield f"- the same of the scores as a report gives them, the middle of the range: rho {rho:.3f}"
    groups = {"that the experts judged themselves, not another of their family": measured.exact}
    groups |= {f"judged in `{name}`": models for name, models in sorted(measured.databases.items())}
    for which, models in groups.items():
        if models and len(models) < len(measured.totals):
            yield _apart(measured, which, models)
    yield f"- models left out, because their card is not in the snapshot: {len(measured.missing)}\n"
    yield "The experts' class → ours:\n"
    yield "| dimension | " + " | ".join(f"{a} → {b}" for a in CLASSES for b in CLASSES) + " |"
    yield "| --- " * 10 + "|"
    yield from confusions


def _apart(measured: Measured, which: str, models: Collection[str]) -> str:
    """The figures of some of the models only."""
    few = [kappa(*_of(found, models)) for found in measured.pairs.values() if _of(found, models)[0]]
    scores = [total for model, total in measured.totals.items() if model in models]
    rho = spearman([theirs for theirs, _, _ in scores], [mine for _, mine, _ in scores])
    return f"- only the {len(scores)} models {which}: mean kappa {sum(few) / len(few):.3f}, rho {rho:.3f}"


def _of(found: Pairs, models: Collection[str]) -> tuple[list[int], list[int]]:
    """The experts' and our classes of some models."""
    cells = [cell for cell in found.cells if cell[0] in models]
    return [CLASSES.index(theirs) for _, theirs, _, _ in cells], [CLASSES.index(mine) for _, _, mine, _ in cells]


def _disagreement(
    audit: Audit,
    rubric: str,
    name: str,
    model: str,
    expert: str,
    own: str,
    notes: Mapping[tuple[str, str], Mapping[str, object]],
) -> None:
    result = audit.rubrics[rubric].criteria[name]
    click.echo(f"\n{name}: {model}: experts {expert}, ours {own}: {result.because}")
    for key in result.evidence[:3]:
        entry = audit.evidence[key]
        place = f" ({entry.source.url}, line {entry.source.line})" if entry.source and entry.source.line else ""
        quote = f" “{entry.source.quote[:160]}”" if entry.source and entry.source.quote else ""
        click.echo(f"    seen: {entry.says}{place}{quote}")
    note = notes.get((model, name))
    if note:
        click.echo(f"    experts: {note['notes']} {note['links']}")


if __name__ == "__main__":
    main()
