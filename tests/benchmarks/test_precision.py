"""The script that draws findings to be read, and counts what the reader said."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import precision

SHEETS = Path(__file__).parents[2] / "benchmarks" / "precision"


def folder(at: Path, cards: int = 12) -> Path:
    """A folder with two files of cards."""
    for name in ("old", "new"):
        ids = [f"{name}/model-{i}" for i in range(cards)]
        lines: dict[str, list[dict[str, Any]]] = {
            "cards": [{"id": id, "readme": "---\nlicense: mit\n---\nThis model is open source."} for id in ids],
            "models": [
                {"id": id, "siblings": [{"rfilename": "README.md"}], "cardData": {"license": "mit"}} for id in ids
            ],
        }
        for kind, rows in lines.items():
            with gzip.open(at / f"{name}.{kind}.jsonl.gz", "wt", encoding="utf-8") as file:
                file.write("".join(json.dumps(row) + "\n" for row in rows))
    return at


def run(*args: object) -> str:
    ran = CliRunner().invoke(precision.main, [str(arg) for arg in args], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def ids(sheet: Path) -> set[str]:
    return {row["id"] for row in precision.sheet(sheet)}


def test_a_seed_draws_the_same_cards_from_each_file(tmp_path: Path) -> None:
    cards = folder(tmp_path)
    first, again, other = tmp_path / "first", tmp_path / "again", tmp_path / "other"
    run("draw", cards, "--seed", 1, "--cards", 6, "-o", first)
    run("draw", cards, "--seed", 1, "--cards", 6, "-o", again)
    run("draw", cards, "--seed", 2, "--cards", 6, "--without", first, "-o", other)
    assert first.read_bytes() == again.read_bytes()
    assert sorted(id.split("/")[0] for id in ids(first)) == ["new"] * 3 + ["old"] * 3
    assert not ids(first) & ids(other)


def test_findings_of_one_fact_are_drawn_wherever_they_are(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet"
    out = run("draw", folder(tmp_path), "--seed", 1, "--fact", "claims.claim", "--findings", 5, "-o", sheet)
    assert "5 of 24 findings in 24 cards" in out
    rows = precision.sheet(sheet)
    assert {(row["fact"], row["value"], row["verdict"]) for row in rows} == {("claims.claim", "open source", "")}
    assert "This model is open source." in run("read", tmp_path, sheet)


def test_the_score_counts_what_the_reader_said(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet"
    verdicts = ["right"] * 9 + ["wrong", "unsure", ""]
    precision.write(sheet, [{"id": f"m{i}", "fact": "claims.claim", "verdict": v} for i, v in enumerate(verdicts)])
    out = run("score", sheet)
    assert "| claims.claim | 11 | 1 | 1 | 0.900 | 0.596–0.982 |" in out
    assert "not read yet: 1" in out
    precision.write(sheet, [{"id": "m", "fact": "claims.claim", "verdict": "fine"}])
    assert CliRunner().invoke(precision.main, ["score", str(sheet)]).exit_code != 0


@pytest.mark.parametrize(
    ("right", "n", "interval"), [(0, 0, (0.0, 1.0)), (50, 50, (0.929, 1.0)), (0, 10, (0.0, 0.278))]
)
def test_wilsons_interval(right: int, n: int, interval: tuple[float, float]) -> None:
    assert precision.wilson(right, n) == pytest.approx(interval, abs=0.001)


@pytest.mark.parametrize("name", ["first", "second", "third", "fourth"])
def test_the_published_tables_are_those_of_the_sheets(name: str) -> None:
    """Every row of numbers that the script prints for a sheet stands in the documentation."""
    page = (SHEETS.parents[1] / "docs" / "precision.md").read_text(encoding="utf-8")
    rows = [line for line in run("score", SHEETS / f"{name}.jsonl").splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 8
    for row in rows:
        numbers = " | ".join(row.split(" | ")[1:]).rstrip(" |")
        assert f"| {numbers} |" in page, row
