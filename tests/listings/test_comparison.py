"""The comparison: a page whose first sentence counts right, valid whatever comes in, sorted, and bounded in size."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest

from openaudit.evidence import Outcome
from openaudit.pages.field import CLAIMS, LABELS, Field
from openaudit.pages.values import SIGNS
from openaudit.probes.claims import STRONGEST
from openaudit.result import Audit, Line, Openwashing
from openaudit.run import Row, Run
from tests.formats.hostile import PAYLOADS
from tests.listings import runs

OLMO, DISTILLED, LLAMA, QWEN = runs.SAMPLE
SVG = "{http://www.w3.org/2000/svg}"
RUNS = dict(runs.every_run())

OPEN = "open source or fully open"
MEASURED = "(measured by “The full training data”)"  # another rubric of the same page may say otherwise


@cache
def page_of(name: str) -> str:
    return runs.text_of("html", RUNS[name])


def parse(page: str) -> ElementTree.Element:
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    found: ElementTree.Element = parser.parse(page)
    return found


def every(tree: ElementTree.Element, tag: str, **having: str) -> list[ElementTree.Element]:
    wanted = having.items()
    return [one for one in tree.iter(tag) if all(value in one.get(key.strip("_"), "").split() for key, value in wanted)]


def words(one: ElementTree.Element) -> str:
    return " ".join("".join(one.itertext()).split())


def compared(*audits: Audit) -> str:
    return runs.text_of("html", runs.run_of(runs.row(i, one.subject.id, audit=one) for i, one in enumerate(audits, 1)))


def said(audit: Audit, claim: str | None, *, data: Outcome | None = None, level: Any = None, id: str = "") -> Audit:
    """The same audit with another claim, another verdict on the data, another distance, another name."""
    evidence = {
        key: entry.model_copy(update={"value": claim}) if entry.fact == STRONGEST.name and not entry.model else entry
        for key, entry in audit.evidence.items()
    }
    titles = {Outcome.MET: "Open source", Outcome.UNMET: "Freeware", Outcome.UNKNOWN: "Can’t tell"}
    rubrics = {
        key: one.model_copy(update={"outcome": data, "verdict_title": titles[data]})
        if one.role == "data" and data
        else one
        for key, one in audit.rubrics.items()
    }
    changed: dict[str, Any] = {"evidence": evidence, "rubrics": rubrics}
    if level:
        changed["openwashing"] = Openwashing(level=level, because="Because.")
    if id:
        changed["subject"] = audit.subject.model_copy(update={"id": id})
    return audit.model_copy(update=changed)


def finding(*audits: Audit) -> str:
    field = Field()
    for one in audits:
        field.add(one)
    return field.finding()


# --------------------------------------------------------------------------- the finding


def test_the_first_sentence_counts_those_who_claim_and_tells_what_they_are() -> None:
    one = runs.audit(OLMO)
    audits = [
        *[said(one, "open source", data=Outcome.MET)] * 2,
        *[said(one, "fully open", data=Outcome.UNMET)] * 7,
        *[said(one, "open source", data=Outcome.UNKNOWN)] * 3,
        *[said(one, "open weights", data=Outcome.UNMET)] * 4,
        *[said(one, "none", data=Outcome.UNMET)] * 5,
        said(one, None, data=Outcome.UNMET),
    ]
    told = f"Of 12 models that call themselves {OPEN}, 2 are; 7 are freeware; for 3 we can’t tell {MEASURED}."
    assert finding(*audits) == told
    tree = parse(compared(*audits))
    assert words(every(tree, "h1")[0]) == told


@pytest.mark.parametrize(
    ("claims", "data", "told"),
    [
        (
            ["open source"],
            Outcome.MET,
            f"One model calls itself {OPEN}; it is {MEASURED}.",
        ),
        (
            ["open source"],
            Outcome.UNMET,
            f"One model calls itself {OPEN}; it is freeware {MEASURED}.",
        ),
        (
            ["open source"],
            Outcome.UNKNOWN,
            f"One model calls itself {OPEN}, and we can’t tell whether it is.",
        ),
        (
            ["open source"] * 2,
            Outcome.UNMET,
            f"Of 2 models that call themselves {OPEN}, none is; 2 are freeware {MEASURED}.",
        ),
        (["none", "none"], Outcome.UNMET, "Of 2 models, none calls itself open source."),
        (["none", None], Outcome.UNMET, "One model, and it does not call itself open source."),
        ([None], Outcome.UNMET, "What these models’ pages claim could not be read."),
    ],
)
def test_the_sentence_for_few(claims: list[str | None], data: Outcome, told: str) -> None:
    assert finding(*(said(runs.audit(OLMO), claim, data=data) for claim in claims)) == told


def test_what_could_not_be_audited_is_told_and_not_counted() -> None:
    page = page_of("bare")
    tree = parse(page)
    [failed] = every(tree, "section", id="failures")
    assert "nobody/nothing" in words(failed)
    assert "Check the spelling" in words(failed)
    assert "1 model could not be audited, and is not counted." in words(tree.find("body"))
    only = runs.run_of([runs.row(1, "nobody/nothing", failure=runs.FAILURE)])
    assert words(every(parse(runs.text_of("html", only)), "h1")[0]) == "The model named here could not be audited."


def test_every_claim_that_the_probe_knows_has_its_row() -> None:
    assert set(STRONGEST.says) | {"unknown"} == set(CLAIMS)


def test_every_outcome_has_a_sign() -> None:
    assert set(SIGNS) == set(Outcome)
    assert len(set(SIGNS.values())) == len(SIGNS)


# --------------------------------------------------------------------------- the table


def test_the_most_open_come_first_and_ties_go_by_the_distance() -> None:
    olmo, llama = runs.audit(OLMO), runs.audit(LLAMA)
    levels = ("unknown", "high", "none", "medium", "low")
    audits = [said(llama, "open source", level=level, id=f"maker/{level}") for level in levels]
    tree = parse(compared(*audits, olmo))
    rows = [one for one in every(tree, "tr") if one.get("data-k")]
    names = [words(row.find("th/a") or row) for row in rows]
    assert names == [OLMO, "maker/none", "maker/low", "maker/medium", "maker/high", "maker/unknown"]
    groups = [words(one) for one in every(tree, "tr", class_="rung")]
    assert groups == ["Open source AI with open data 1", "Weights available 5"]
    assert LABELS.index(olmo.label) < LABELS.index(llama.label)


def test_each_cell_says_the_outcome_and_leads_to_its_reason_and_evidence() -> None:
    tree = parse(page_of("bare"))
    audit = runs.audit(DISTILLED)
    by_id = {one.get("id"): one for one in tree.iter() if isinstance(one.tag, str) and one.get("id")}
    row = by_id["r-deepseek-ai-deepseek-r1-distill-llama-8b"]
    links = every(row, "a")[1:]
    rubrics = (audit.role(role) for role in ("label", "freedoms", "data", "openwashing"))
    asked = [one for rubric in rubrics if rubric for one in rubric.criteria.items()]
    assert len(links) == len(asked)
    for link, (id, criterion) in zip(links, asked, strict=True):
        target = by_id[link.get("href", "")[1:]]
        assert target.get("id", "").endswith(f".{id}")
        assert words(link) == words(every(target, "b")[0])
        assert criterion.title in words(target)
        assert criterion.because in words(target)
        if any(audit.evidence[key].source for key in criterion.evidence):
            assert every(target, "a")
    headers = [one for one in every(tree, "th") if one.get("data-key") not in (None, "name")]
    assert [words(one) for one in headers] == [criterion.title for _id, criterion in asked]


@pytest.mark.parametrize("name", RUNS)
def test_every_page_is_valid_and_every_link_inside_it_leads_somewhere(name: str) -> None:
    tree = parse(page_of(name))
    ids = [one.get("id") for one in tree.iter() if isinstance(one.tag, str) and one.get("id")]
    assert len(set(ids)) == len(ids)
    for link in every(tree, "a"):
        address = link.get("href", "")
        assert address.startswith(("#", "https://", "http://"))
        if address.startswith("#"):
            assert address[1:] in ids, address


@pytest.mark.parametrize("name", PAYLOADS)
def test_strangers_text_becomes_no_element_and_no_attribute(name: str) -> None:
    known = {tag for one in (parse(page_of("bare")), parse(page_of("real"))) for tag in _shape(one)}
    two = {("td", "data-label")} | {(tag, None) for tag in ("td", "i")}
    strange = set(_shape(parse(page_of(name)))) - known - two
    assert {one for one in strange if one[1] is None or one[1].startswith("on")} == set()


def _shape(tree: ElementTree.Element) -> Iterator[tuple[str, str | None]]:
    for one in tree.iter():
        if isinstance(one.tag, str):
            yield one.tag, None
            yield from ((one.tag, key) for key in one.attrib)


# --------------------------------------------------------------------------- side by side


def test_two_models_stand_side_by_side_and_what_differs_comes_first() -> None:
    tree = parse(compared(runs.audit(DISTILLED), runs.audit(OLMO)))
    [two] = every(tree, "section", class_="two")
    assert [words(one) for one in every(every(two, "thead")[0], "th")] == [OLMO, DISTILLED], "the more open one first"
    bodies = every(two, "tbody")
    assert [words(every(one, "tr")[0]) for one in bodies[1:]] == ["What differs", "What is the same"]
    for body, alike in zip(bodies[1:], (False, True), strict=True):
        for row in every(body, "tr")[1:]:
            one, other = (words(every(cell, "b")[0]) for cell in every(row, "td"))
            assert (one == other) is alike
    assert every(parse(page_of("bare")), "section", class_="two") == []


# --------------------------------------------------------------------------- pictures


def test_the_chart_has_a_title_a_description_and_a_table_that_agree() -> None:
    tree = parse(page_of("bare"))
    [chart] = [one for one in tree.iter(f"{SVG}svg") if one.get("class") == "chart"]
    named = (chart.get("aria-labelledby") or "").split()
    by_id = {one.get("id"): one for one in tree.iter() if isinstance(one.tag, str)}
    assert [by_id[id].tag for id in named] == [f"{SVG}title", f"{SVG}desc"]
    bubbles = sorted(int(words(one)) for one in chart.iter(f"{SVG}g"))
    told = sorted(int(n) for n in re.findall(r": (\d+)\.", words(by_id["chart-desc"])))
    [table] = every(tree, "table", class_="numbers")
    cells = sorted(int(words(one)) for one in every(table, "td") if words(one) != "0")
    assert bubbles == told == cells
    assert sum(cells) == 4


def test_what_is_missing_most_comes_first_and_the_numbers_add_up() -> None:
    field = Field()
    for id in runs.SAMPLE:
        field.add(runs.audit(id))
    bars = field.bars()
    assert bars
    assert [bar.missing for bar in bars] == sorted((bar.missing for bar in bars), reverse=True)
    for bar in bars:
        outcomes = [
            one.outcome
            for id in runs.SAMPLE
            for rubric in runs.audit(id).rubrics.values()
            for one in rubric.criteria.values()
            if rubric.role == "label" and one.title == bar.title
        ]
        assert bar.missing == outcomes.count(Outcome.UNMET)
        assert dict(bar.counts) == {one: outcomes.count(one) for one in dict.fromkeys(outcomes)}


# --------------------------------------------------------------------------- safe, and small


def test_the_policy_names_the_one_style_sheet_and_the_one_script() -> None:
    page = page_of("bare")
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    for kind in ("script", "style"):
        [inside] = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src &#39;sha256-{digest}&#39;;" in policy
        assert "</" not in inside
        assert "url(" not in inside
        assert "@import" not in inside
    assert policy.startswith("default-src &#39;none&#39;; ")
    assert "unsafe" not in policy
    assert " style=" not in page.partition("</style>")[2].partition("<script>")[0]


def test_two_dozen_models_take_less_than_300_kb() -> None:
    audits = [said(runs.audit(runs.SAMPLE[i % 4]), "open source", id=f"some-maker-{i}/A-Model-{i}") for i in range(24)]
    assert len(compared(*audits).encode()) < 300_000


def test_a_rule_that_is_broken_is_told_where_the_model_is() -> None:
    tree = parse(page_of("real"))
    [card] = every(tree, "details", id="deepseek-ai-deepseek-r1-distill-llama-8b")
    assert "It breaks a rule of the policy: no-gated-data. data/one is gated." in words(card)
    [pardoned] = every(tree, "details", id="meta-llama-llama-3-1-8b")
    assert "Exempt until 2027-05-01: The product ends in May." in words(pardoned)


def test_models_judged_by_other_rubrics_have_cells_that_say_so() -> None:
    full = runs.audit(OLMO)
    less = said(full, "none", id="some/other").model_copy(
        update={"rubrics": {id: one for id, one in full.rubrics.items() if one.role != "data"}}
    )
    tree = parse(compared(full, less))
    by_id = {one.get("id"): one for one in tree.iter() if isinstance(one.tag, str)}
    row = by_id["r-some-other"]
    assert len(every(row, "td")) == len(every(by_id["r-allenai-olmo-2-1124-7b"], "td"))
    assert "Not judged" in words(row)


def test_the_same_model_at_two_commits_has_two_rows() -> None:
    audit = runs.audit(OLMO)
    rows = [Row(1, dataclasses.replace(runs.row(1, f"{OLMO}@{rev}").named), Line(audit)) for rev in ("main", "v1")]
    tree = parse(runs.text_of("html", runs.run_of(rows)))
    names = [words(row.find("th/a") or row) for row in every(tree, "tr") if row.get("data-k")]
    assert names == [f"{OLMO}@main", f"{OLMO}@v1"]


def test_nothing_is_said_of_a_run_over_nothing() -> None:
    tree = parse(runs.text_of("html", Run("openaudit 1", "a test", {}, lambda: iter(()))))
    assert every(tree, "table") == []
    assert words(every(tree, "h1")[0]) == "No model was named."
