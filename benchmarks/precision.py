"""How many of the findings are true: draw cards, let a person read each finding beside the card, count.

    python benchmarks/precision.py draw FOLDER --seed 1 --cards 200 -o SHEET.jsonl
    python benchmarks/precision.py draw FOLDER --seed 1 --fact claims.claim --findings 60 -o SHEET.jsonl
    python benchmarks/precision.py read FOLDER SHEET.jsonl
    python benchmarks/precision.py score SHEET.jsonl …

FOLDER holds cards and metadata in bulk: ``NAME.cards.jsonl.gz`` (``{"id", "readme"}`` a line) and beside it
``NAME.models.jsonl.gz`` (what the Hub's API says of each model). ``draw`` takes equally many cards from each file of
cards, or findings of one fact wherever they are, and writes a line for each finding: the model, the fact, what it is
about, its value, its line and words in the card, and an empty ``verdict``. ``read`` prints every card with its
findings. Whoever reads them writes "right", "wrong" or "unsure" into ``verdict``, and why into ``why``. ``score``
counts: unsure ones are neither right nor wrong, and counted apart.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from openaudit.evidence import Finding, Repo, Snapshot
from openaudit.lineages import Observer

# The facts that a person reads: what the page says of openness, of training data and of licences.
FACTS = (
    "claims.claim", "claims.strongest", "dataset.stage", "dataset.status", "stage.naming", "data.description",
    "data.withheld", "license.declared", "license.file", "license.weights", "license.clause", "license.conflict",
    "license.policy", "lineage.laundered",
)  # fmt: skip
# Of these only a yes is a finding: there is nothing to read where nothing was found.
ONLY_YES = frozenset({"data.withheld", "license.conflict", "license.policy", "lineage.laundered"})
VERDICTS = ("right", "wrong", "unsure")
_QUOTE = 160  # characters of a card in a sheet


def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share, 95 % by default; (0, 1) where nothing was counted."""
    if not n:
        return 0.0, 1.0
    p = right / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def models(folder: Path) -> tuple[dict[str, Repo], dict[str, list[str]]]:
    """Every model of a folder by its id, and by file of cards the ids that have a card in it.

    A card goes with the metadata beside it. Where there is none, as for some ancestors, the card was not read.
    """
    repos: dict[str, Repo] = {}
    by_file: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.models.jsonl.gz")):
        beside = path.with_name(path.name.replace(".models.", ".cards."))
        cards = {line["id"]: line["readme"] for line in _lines(beside)} if beside.exists() else {}
        for info in _lines(path):
            id = info["id"]
            if id in cards:
                by_file.setdefault(path.name.split(".")[0], []).append(id)
                repos[id] = Repo("models", id, info, files={"README.md": cards[id]})
            elif id not in repos:
                repos[id] = Repo("models", id, info, unread={"README.md": "it is not in the sample"})
    return repos, by_file


def _lines(path: Path) -> Iterator[Any]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def draw_cards(by_file: Mapping[str, Sequence[str]], seed: int, cards: int, without: Collection[str] = ()) -> list[str]:
    """Equally many cards of each file, by a seed; a card that two files hold is drawn once, and none of ``without``."""
    dice = random.Random(seed)
    drawn: dict[str, None] = {}
    for i, ids in enumerate(by_file.values()):
        wanted = (cards - len(drawn)) // (len(by_file) - i)
        left = [id for id in ids if id not in drawn and id not in without]
        drawn |= dict.fromkeys(dice.sample(left, min(wanted, len(left))))
    return list(drawn)


def found(repos: Mapping[str, Repo], id: str, facts: Sequence[str] = FACTS) -> list[dict[str, object]]:
    """The findings about one model as rows of a sheet. Data sets were not opened: what they hold is unknown."""
    evidence = Observer().observe(Snapshot(id, repos))[id]
    findings = (finding for fact in facts for finding in evidence.all(fact))
    return [_row(id, one) for one in findings if one.value is not None and (one.value or one.fact not in ONLY_YES)]


def _row(id: str, one: Finding) -> dict[str, object]:
    source = one.source
    quote = re.sub(r"\s+", " ", (source.quote if source else None) or "")[:_QUOTE]
    row = {"id": id, "fact": one.fact, "about": one.about, "value": one.value, "line": source.line if source else None}
    return {**row, "quote": quote, "note": one.note[:_QUOTE], "verdict": "", "why": ""}


@click.group(help=__doc__.split("\n\n")[0])
def main() -> None:
    """The three steps."""


_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@main.command()
@_FOLDER
@click.option("--seed", type=int, required=True)
@click.option("--cards", type=click.IntRange(1), default=200, show_default=True)
@click.option("--fact", type=click.Choice(FACTS), help="Draw findings of this fact, not cards.")
@click.option("--findings", type=click.IntRange(1), default=60, show_default=True, help="How many, with --fact.")
@click.option("--value", help="With --fact: only findings with this value.")
@click.option("--without", type=_FILE, multiple=True, help="Draw no card that this sheet holds.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def draw(
    folder: Path,
    seed: int,
    cards: int,
    fact: str | None,
    findings: int,
    value: str | None,
    without: tuple[Path, ...],
    output: Path,
) -> None:
    """Draws a sample and writes its sheet."""
    repos, by_file = models(folder)
    known = {row["id"] for path in without for row in sheet(path)}
    if fact:
        ids = draw_cards(by_file, seed, sum(map(len, by_file.values())), known)
        every = [row for id in ids for row in found(repos, id, [fact]) if value in (None, str(row["value"]))]
        dice = random.Random(seed)
        rows = dice.sample(every, min(findings, len(every)))
        click.echo(f"{len(rows)} of {len(every)} findings in {len(ids)} cards")
    else:
        ids = draw_cards(by_file, seed, cards, known)
        rows = [row for id in ids for row in found(repos, id)]
        click.echo(f"{len(rows)} findings in {len(ids)} cards")
    write(output, rows)


def write(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """A sheet: one JSON object a line."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def sheet(path: Path) -> list[dict[str, Any]]:
    """The rows of a sheet. Raises ``click.ClickException`` where a verdict is none."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for i, row in enumerate(rows, 1):
        if row["verdict"] not in ("", *VERDICTS):
            raise click.ClickException(f"{path}, line {i}: {row['verdict']!r} is none of {', '.join(VERDICTS)}")
    return rows


@main.command()
@_FOLDER
@click.argument("path", metavar="SHEET", type=_FILE)
def read(folder: Path, path: Path) -> None:
    """Prints each card of a sheet with its findings, numbered as the lines of the sheet."""
    repos, _ = models(folder)
    by_model: dict[str, list[str]] = defaultdict(list)
    for i, row in enumerate(sheet(path), 1):
        about = f" [{row['about']}]" if row["about"] else ""
        place = f" (line {row['line']}) “{row['quote']}”" if row["quote"] else ""
        note = f" — {row['note']}" if row["note"] else ""
        by_model[row["id"]].append(f"{i}: {row['fact']}{about} = {row['value']}{place}{note}")
    for id, lines in by_model.items():
        click.echo(f"\n{'=' * 30} {id}\n{repos[id].files['README.md'].strip()}\n{'-' * 30}")
        click.echo("\n".join(lines))


@main.command()
@click.argument("paths", metavar="SHEET…", nargs=-1, required=True, type=_FILE)
def score(paths: Sequence[Path]) -> None:
    """Prints, for each fact: findings read, wrong, unsure, precision and its 95 % interval."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    ids: set[str] = set()
    for row in (row for path in paths for row in sheet(path)):
        ids.add(row["id"])
        for name in (row["fact"], "all"):
            counts[name][row["verdict"]] += 1
    click.echo("| finding | read | wrong | unsure | precision | 95 % interval |\n|---|---|---|---|---|---|")
    for name in (*FACTS, "all"):
        count = counts[name]
        right, wrong = count["right"], count["wrong"]
        if right + wrong:
            low, high = wilson(right, right + wrong)
            share = right / (right + wrong)
            read_ = right + wrong + count["unsure"]
            click.echo(f"| {name} | {read_} | {wrong} | {count['unsure']} | {share:.3f} | {low:.3f}–{high:.3f} |")
    click.echo(f"\n{len(ids)} models; not read yet: {counts['all']['']}")


if __name__ == "__main__":
    main()
