"""How far the verdicts agree with people who judged the same models.

    python benchmarks/agreement.py SNAPSHOT LABELS.csv [--rubric osai-index] [--evidence EVIDENCE.jsonl] [--markdown]

SNAPSHOT is a recorded snapshot; LABELS.csv has a column ``model`` and one column a dimension, named as the rubric's
criteria, with open, partial, closed or nothing in each cell. Prints per dimension: n, exact agreement,
quadratic-weighted kappa (Cohen 1968), the confusion table, two baselines (the majority class, and what the card's
metadata alone declares), then Spearman's rho of the overall scores, and every disagreement with our evidence beside
the experts' links and notes. Models or cells that cannot be compared are left out and counted.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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


@click.command(help=__doc__.split("\n\n")[0])
@click.argument("snapshot", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("labels", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rubric", default="osai-index", show_default=True)
@click.option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The experts' links and notes (JSON lines).",
)
@click.option("--disagreements/--no-disagreements", default=True, show_default=True)
def main(snapshot: Path, labels: Path, rubric: str, evidence: Path | None, disagreements: bool) -> None:
    """Prints the tables, then every disagreement."""
    source = SavedSource(snapshot)
    rubrics = auditing.load_rubrics([rubric])
    notes = _notes(evidence)
    pairs: dict[str, Pairs] = defaultdict(Pairs)
    totals: list[tuple[float, float, float]] = []
    missing: list[str] = []
    audits: dict[str, Audit] = {}
    for row in csv.DictReader(labels.open(encoding="utf-8")):
        model = row["model"]
        try:
            found = gather(source, model)
        except OpenAuditError as problem:
            missing.append(f"{model}: {problem}")
            continue
        repo = found.model(found.subject)
        if not isinstance(repo, Repo) or "README.md" not in repo.files:
            missing.append(f"{model}: its card is not in the snapshot")
            continue
        audit = audits[model] = auditing.judge(found, rubrics)
        base = declared(repo)
        theirs, mine, meta = [], [], []
        for name, result in audit.rubrics[rubric].criteria.items():
            expert = row.get(name) or ""
            if expert not in CLASSES:
                continue
            own = ours(result)
            if own is None:
                pairs[name].left_out += 1
                continue
            pairs[name].cells.append((model, expert, own, base[name]))
            theirs.append(_POINTS[expert])
            mine.append(_POINTS[own])
            meta.append(_POINTS[base[name]])
        if theirs:
            totals.append((sum(theirs) / len(theirs), sum(mine) / len(mine), sum(meta) / len(meta)))
    _table(pairs, totals, missing)
    if disagreements:
        for name, found_pairs in pairs.items():
            for model, expert, own, _ in found_pairs.cells:
                if expert != own:
                    _disagreement(audits[model], rubric, name, model, expert, own, notes)


def _notes(path: Path | None) -> dict[tuple[str, str], Mapping[str, object]]:
    lines = path.read_text("utf-8").splitlines() if path else []
    return {(e["model"], e["dimension"]): e for e in map(json.loads, lines)}


def _table(pairs: Mapping[str, Pairs], totals: Sequence[tuple[float, float, float]], missing: Iterable[str]) -> None:
    confusion = " | ".join(f"{a}→{b}" for a in CLASSES for b in CLASSES)
    click.echo(f"| dimension | n | left out | exact | kappa | kappa, metadata alone | majority, exact | {confusion} |")
    click.echo("|" + "---|" * (7 + 9))
    kappas, baselines = [], []
    for name, found in pairs.items():
        theirs, mine, meta = found.columns()
        n = len(theirs)
        if not n:
            continue
        exact = sum(x == y for x, y in zip(theirs, mine, strict=True)) / n
        majority = max(Counter(theirs).values()) / n
        kappas.append(kappa(theirs, mine))
        baselines.append(kappa(theirs, meta))
        table = Counter(zip(theirs, mine, strict=True))
        cells = " | ".join(str(table[a, b]) for a in range(3) for b in range(3))
        figures = " | ".join(f"{figure:.2f}" for figure in (exact, kappas[-1], baselines[-1], majority))
        click.echo(f"| {name} | {n} | {found.left_out} | {figures} | {cells} |")
    experts, verdicts, alone_scores = zip(*totals, strict=True)
    mean, alone = sum(kappas) / len(kappas), sum(baselines) / len(baselines)
    click.echo(f"\nmean kappa {mean:.3f} (metadata alone {alone:.3f}), lowest {min(kappas):.3f}")
    rho, alone = spearman(experts, verdicts), spearman(experts, alone_scores)
    click.echo(f"Spearman's rho of the overall scores {rho:.3f} (metadata alone {alone:.3f}), n = {len(totals)}")
    listed = list(missing)
    click.echo(f"left out: {len(listed)} models")
    for line in listed:
        click.echo(f"- {line}")


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
