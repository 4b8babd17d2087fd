"""The comparison in a real browser: it sorts and filters by mouse and keys, opens its evidence, runs nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.looking import expect, faults, quiet, too_wide, touch
from tests.formats.hostile import PAYLOADS
from tests.listings import runs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

NAMES = (
    "[...document.querySelectorAll('#models [data-k]')].filter(r => !r.hidden)"
    ".map(r => r.cells[0].firstChild.textContent)"
)


@cache
def page_of(name: str) -> str:
    if name == "two":
        run = runs.run_of(runs.row(i, id, audit=runs.audit(id)) for i, id in enumerate(runs.SAMPLE[:2], 1))
    elif name == "thousand":
        return thousand(page_of("bare"))
    else:
        run = (
            {"real": runs.real, "bare": runs.bare}[name]() if name in ("real", "bare") else runs.hostile(PAYLOADS[name])
        )
    return runs.text_of("html", run)


def thousand(page: str) -> str:
    """The page, with each of its models 250 times in the table, under as many names."""
    found = list(re.finditer(r'(?s)<tr id="r-([^"]*)" data-k.*?</tr>\n', page))
    for place, one in reversed(list(enumerate(found))):
        name = re.search(r"<bdi>([^<]*)</bdi>/</span><wbr><bdi>([^<]*)</bdi>", one[0])
        assert name is not None
        many = (
            one[0]
            .replace(one[1], f"maker-{i % 90}-model-{i:04}")
            .replace(name[0], f"<bdi>maker-{i % 90}</bdi>/</span><wbr><bdi>Model-{i:04}</bdi>")
            for i in range(place, 1000, len(found))
        )
        page = page[: one.start()] + "".join(many) + page[one.end() :]
    return page


@pytest.fixture
def shown(page: Page, tmp_path: Path) -> Iterator[Any]:
    """Opens a comparison."""

    def show(name: str, anchor: str = "") -> Page:
        file = tmp_path / f"{list(PAYLOADS).index(name) if name in PAYLOADS else name}.html"
        file.write_text(page_of(name), encoding="utf-8")
        page.goto(file.as_uri() + anchor)
        return page

    with quiet(page):
        yield show


# --------------------------------------------------------------------------- safe, and room


def test_nothing_runs_whatever_is_touched(shown: Any) -> None:
    for name in (*PAYLOADS, "real"):
        touch(shown(name), name)


def test_the_page_fits_every_window_and_only_the_table_scrolls(shown: Any) -> None:
    found = []
    for name in ("bare", "two", "long", "bidi"):
        page = shown(name)
        found += too_wide(page, name)
        if name in ("bare", "two"):
            for width in (1280, 1920):
                page.set_viewport_size({"width": width, "height": 800})
                over = page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('.matrix .scroll'))")
                assert over <= 0, "on a desktop all of the table is seen"
    assert found == []


def test_axe_finds_no_fault(shown: Any) -> None:
    found = faults(shown("real"), "real") + faults(shown("two"), "two")
    assert found == []


def test_paper_shows_the_evidence_and_no_controls(shown: Any) -> None:
    page = shown("bare")
    page.emulate_media(media="print")
    assert page.locator("#tools").is_hidden()
    assert page.locator(".card li").first.evaluate("e => e.getBoundingClientRect().height") > 0
    assert page.pdf().startswith(b"%PDF")


# --------------------------------------------------------------------------- sorting and filtering


def test_a_column_sorts_up_and_down_and_the_ladder_comes_back(shown: Any) -> None:
    page = shown("bare")
    first = page.evaluate(NAMES)
    head = page.locator("th[data-key='name']")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert page.evaluate(NAMES) == sorted(first, key=str.lower)
    assert page.locator("#models .rung").count() == 0
    assert "by name" in page.locator("#told").inner_text()
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert page.evaluate(NAMES) == sorted(first, key=str.lower, reverse=True)
    page.locator("#order").select_option("rung")
    assert page.evaluate(NAMES) == first
    assert page.locator("#models .rung").count() == 2
    assert head.get_attribute("aria-sort") == "none"


def test_a_criterion_sorts_from_met_to_not_met(shown: Any) -> None:
    page = shown("bare")
    for key in range(page.locator("#models td").count() // 4 // 2):
        page.locator(f"th[data-key='{key}'] button").click()
        signs = page.evaluate(
            f"[...document.querySelectorAll('#models [data-k]')].map(r => r.cells[{key + 1}].className)"
        )
        assert signs == sorted(signs, key="mpqune".index)


def test_filters_narrow_and_say_so(shown: Any) -> None:
    page = shown("bare")
    everyone = page.evaluate(NAMES)
    page.locator("#find").fill("llama")
    assert page.evaluate(NAMES) == [name for name in everyone if "llama" in name.lower()]
    assert page.locator("#told").inner_text().startswith("Models found: 2 of 4.")
    page.locator("#says").select_option(label="Open source")
    assert page.evaluate(NAMES) == ["deepseek-ai/DeepSeek-R1-Distill-Llama-8B"]
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#told")).to_contain_text("Models found: 4 of 4.")
    page.locator("#is").select_option("weights-available")
    assert len(page.evaluate(NAMES)) == 3
    assert page.locator("#rung-open-source-ai-open-data").is_hidden()


def test_everything_works_with_the_keyboard_alone(shown: Any) -> None:
    page = shown("bare")
    page.locator("#find").focus()
    page.keyboard.type("olmo")
    assert page.evaluate(NAMES) == ["allenai/OLMo-2-1124-7B"]
    for _ in range(40):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline in ("solid", "auto"), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement.matches('th[data-key=\"2\"] button')"):
            page.keyboard.press("Enter")
            assert page.locator("th[data-key='2']").get_attribute("aria-sort") == "ascending"
            assert page.evaluate("document.activeElement.matches('th[data-key=\"2\"] button')"), "the focus stays"
        if page.evaluate("document.activeElement.matches('#models td a')"):
            break
    target = page.evaluate("document.activeElement.hash.slice(1)")
    page.keyboard.press("Enter")
    page.locator(f"[id='{target}']").wait_for(state="visible")
    assert page.url.endswith(f"#{target}")


# --------------------------------------------------------------------------- evidence


@pytest.mark.parametrize("scripts", [True, False])
def test_a_cell_opens_its_evidence_with_scripts_or_without(browser: Browser, tmp_path: Path, scripts: bool) -> None:
    file = tmp_path / "page.html"
    file.write_text(page_of("bare"), encoding="utf-8")
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("#tools").is_visible() is scripts
    cell = page.locator("#models [id='r-deepseek-ai-deepseek-r1-distill-llama-8b'] td a").nth(1)
    target = page.locator(f"[id='{(cell.get_attribute('href') or '')[1:]}']")
    assert not target.is_visible()
    cell.click()
    target.wait_for(state="visible")
    assert "whose licence does not allow that" in (target.text_content() or "")
    context.close()


def test_a_link_to_a_cell_opens_what_it_leads_to(shown: Any) -> None:
    page = shown("bare", "#allenai-olmo-2-1124-7b.label.licence")
    target = page.locator("[id='allenai-olmo-2-1124-7b.label.licence']")
    target.wait_for(state="visible")
    expect(target).to_be_in_viewport()


# --------------------------------------------------------------------------- a thousand


def test_a_thousand_models_are_sorted_before_one_notices(shown: Any) -> None:
    """Time is that of the page's own thread: what else the machine does is not counted."""
    page = shown("thousand")
    console = page.context.new_cdp_session(page)
    console.send("Performance.enable")

    def busy() -> float:
        metrics = console.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "ThreadTime"))

    took = []
    for key in ("name", "3", "name"):
        before = busy()
        page.evaluate(
            "key => {document.querySelector(`th[data-key='${key}'] button`).click();"
            " document.body.getBoundingClientRect()}",
            key,
        )
        took.append(busy() - before)
    assert 0 < took[0] < 0.2, took
    assert max(took) < 0.2, took
    names = page.evaluate(NAMES)
    assert len(names) == 30
    page.get_by_role("button", name="Show all 4 models").click()
    names = page.evaluate(NAMES)
    assert len(names) == 1000
    assert names == sorted(names, key=str.lower)
    page.locator("#find").fill("model-0777")
    assert page.evaluate(NAMES) == ["maker-57/Model-0777"]
    row = page.locator("[id='r-maker-9-model-0999']")
    assert row.count() == 0, "a way back leads to a row that is not shown"
    page.evaluate("location.hash = 'r-maker-9-model-0999'")
    expect(row).to_be_in_viewport(timeout=60_000)


def test_a_rung_is_found_again_after_sorting(shown: Any) -> None:
    page = shown("bare")
    page.locator("th[data-key='name'] button").click()
    assert page.locator("#rung-weights-available").count() == 0
    page.locator("a[href='#rung-weights-available']").click()
    expect(page.locator("#rung-weights-available")).to_be_in_viewport()
