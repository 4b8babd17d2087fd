"""openaudit compare: from the command line to the page, and from a journal that is there."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.commands import run
from tests.listings.runs import SAMPLE

OLMO, DISTILLED, *_ = SAMPLE


def test_models_named_on_the_command_line_become_a_page(tmp_path: Path) -> None:
    page = tmp_path / "two.html"
    ran = run("compare", DISTILLED, OLMO, "--snapshot", "sample", "-o", str(page))
    assert ran.code == 0
    text = page.read_text(encoding="utf-8")
    assert (
        "One model calls itself open source or fully open; it is freeware (measured by “The full training data”)."
        in text
    )
    assert text.index(">OLMo-2-1124-7B<") < text.index(">DeepSeek-R1-Distill-Llama-8B<")


def test_csv_and_json_stand_beside_it(tmp_path: Path) -> None:
    ran = run(
        "compare", OLMO, DISTILLED, "--snapshot", "sample", "--format", "csv", "--format", "json", "-o", str(tmp_path)
    )
    assert ran.code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "comparison.csv").read_text("utf-8-sig"))))
    assert [row["id"] for row in rows] == [OLMO, DISTILLED]
    assert json.loads((tmp_path / "comparison.json").read_text("utf-8"))["schema"] == "openaudit.run/1"


def test_a_journal_is_compared_without_being_asked_or_judged_again(tmp_path: Path) -> None:
    models = tmp_path / "models.txt"
    models.write_text(f"{OLMO}\n{DISTILLED}\nnobody/nothing\n", encoding="utf-8")
    journal, direct = tmp_path / "j", tmp_path / "direct.html"
    ran = run("batch", str(models), "--snapshot", "sample", "--journal", str(journal), "-o", str(direct))
    assert ran.code == 3
    again, before = tmp_path / "again.html", journal.read_bytes()
    ran = run("compare", str(journal), "-o", str(again))
    assert ran.code == 3
    assert again.read_bytes() == direct.read_bytes()
    assert journal.read_bytes() == before
    assert "1 of 3 models could not be audited" in ran.err


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("owner/name",), "a comparison takes two models or more, or the journal of a run"),
        (("JOURNAL", "--offline"), "a journal holds what was looked up and judged already"),
        (("no name", OLMO), "no name"),
        (("STRANGE",), "not a journal of openaudit"),
    ],
)
def test_what_makes_no_comparison(tmp_path: Path, args: tuple[str, ...], told: str) -> None:
    import sqlite3

    journal, strange = tmp_path / "j", tmp_path / "s"
    for path in (journal, strange):
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE x (y)")
        db.close()
    ran = run("compare", *(one.replace("JOURNAL", str(journal)).replace("STRANGE", str(strange)) for one in args))
    assert ran.code == 2
    assert told in ran.err
    assert ran.out == ""
