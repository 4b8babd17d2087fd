"""The comparison of a site: every model and every criterion, led to where they stand, and the same as data."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from openaudit.languages import speaking
from openaudit.pages.field import claim, columns
from openaudit.pages.values import SIGNS
from openaudit.site import compare
from openaudit.site.publishing import publish
from openaudit.site.settings import Settings
from tests.site.journals import SAMPLE, audit, many, sample
from tests.site.test_publish import elements, parsed, text


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("compared")
    publish(sample(work / "journal"), work / "site", Settings(), ["en", "fr"], 1)
    return work / "site"


def ids() -> list[str]:
    one = audit(SAMPLE[0])
    roles = {rubric.role: id for id, rubric in one.rubrics.items() if rubric.role}
    return [f"{roles[column.role]}/{column.id}" for column in columns(one)]


def came(model: str, id: str) -> str:
    rubric, _slash, name = id.partition("/")
    return audit(model).rubrics[rubric].criteria[name].outcome.value


def test_each_cell_says_how_it_came_out_and_leads_to_the_evidence(site: Path) -> None:
    rows = [
        one for one in elements(parsed((site / compare.PAGE).read_bytes())) if one.tag == "tr" and one.get("data-k")
    ]
    assert len(rows) == len(SAMPLE)
    asked = ids()
    for row in rows:
        head = row.find("th/a")
        assert head is not None
        model = "".join(head.itertext())
        assert head.get("href") == f"models/{model}.html"
        cells = row.findall("td")
        assert len(cells) == len(asked)
        page = parsed((site / f"models/{model}.html").read_bytes())
        there = {one.get("id"): one for one in elements(page) if one.get("id")}
        for cell, id in zip(cells, asked, strict=True):
            link = cell.find("a")
            assert link is not None
            to, _hash, anchor = (link.get("href") or "").partition("#")
            assert to == f"models/{model}.html"
            rubric, _slash, name = id.partition("/")
            asked_there = " ".join(there[anchor].itertext())
            assert audit(model).rubrics[rubric].criteria[name].question in " ".join(asked_there.split())
            assert cell.get("class") == {outcome.value: sign for outcome, sign in SIGNS.items()}[came(model, id)]


def test_the_table_for_spreadsheets_and_for_programs_says_the_same(site: Path) -> None:
    rows = list(csv.DictReader(io.StringIO((site / compare.CSV).read_text("utf-8"))))
    held = json.loads((site / compare.JSON).read_bytes())
    assert held["schema"] == compare.SCHEMA
    assert [one["id"] for one in held["criteria"]] == ids()
    assert {row["name"] for row in rows} == set(SAMPLE)
    for row, one in zip(rows, held["models"], strict=True):
        model = row["name"]
        assert one["name"] == model
        assert (row["label"], row["openwashing"]) == (audit(model).label, audit(model).openwashing.level)
        assert row["claim"] == one["claim"] == claim(audit(model))
        assert one["outcomes"] == {id: came(model, id) for id in ids()} == {id: row[id] for id in ids()}
        assert (site / row["page"]).is_file()


def test_it_leads_from_and_to_each_language(site: Path) -> None:
    french = text(site / "fr" / compare.PAGE)
    assert "Un modèle se dit open source" in french
    hrefs = [one.get("href") for one in elements(parsed((site / "fr" / compare.PAGE).read_bytes())) if one.tag == "a"]
    assert "../compare.html" in hrefs
    assert "../api/comparison.csv" in hrefs


def test_many_models_are_on_several_pages_each_of_which_is_small(tmp_path: Path) -> None:
    names = [f"some-quite-long-maker-{i % 9}/A-Model-With-A-Long-Name-{i:04}-Instruct" for i in range(2 * compare.MOST)]
    with many(tmp_path, names, "fr") as (site, found), speaking("fr"):
        made = {path: "".join(page) for path, page in compare.pages(site, found, found.frame)}
    assert list(made) == [compare.PAGE, "compare/2.html"]
    shown: list[str] = []
    for path, page in made.items():
        assert len(page.encode()) < 300_000
        tree = parsed(page.encode())
        heads = [one.find("th/a") for one in elements(tree) if one.tag == "tr" and one.get("data-k")]
        shown += ["".join(one.itertext()) for one in heads if one is not None]
        leads = {one.get("href", "").removeprefix("../") for one in elements(tree) if one.tag == "a"}
        assert leads >= set(made)
        assert [path] == [
            one.get("href", "").removeprefix("../")
            for one in elements(tree)
            if one.get("aria-current") == "page" and one.get("href", "").removeprefix("../") in made
        ][-1:]
    assert sorted(shown) == sorted(names)
