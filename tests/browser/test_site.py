"""A site in a real browser, from the folder: every page is reached, nothing runs or leaves, axe finds no fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from openaudit.languages import speaking
from openaudit.site import compare, index, settings
from openaudit.site.publishing import publish
from openaudit.site.settings import Settings
from tests.browser.looking import WIDTHS, expect, faults, quiet, too_wide, touch
from tests.formats.hostile import PAYLOADS, poisoned
from tests.site.journals import SAMPLE, audit, keep, many, sample
from tests.site.test_publish import configured

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

KINDS = (
    "index.html", "compare.html", "criteria.html", "criteria/full-data/naming.html", "licences.html",
    "licences/llama3.1.html", "datasets.html", "datasets/allenai/olmo-mix-1124.html", "history.html", "method.html",
    "glossary.html", f"models/{SAMPLE[1]}.html", "models/nobody/nothing.html",
)  # fmt: skip
LAUNDERED = f"models/{SAMPLE[1]}.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample in both languages, published twice, so that there is a history."""
    work = tmp_path_factory.mktemp("site")
    held = configured(work)
    publish(keep(work / "first", [(SAMPLE[0], audit(SAMPLE[0]))]), work / "site", held, ["en", "fr"], 1)
    publish(sample(work / "journal"), work / "site", held, ["en", "fr"], 1)
    return work / "site"


@pytest.fixture
def shown(page: Page) -> Iterator[Page]:
    with quiet(page) as opened:
        yield opened


# --------------------------------------------------------------------------- every kind of page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_no_fault_on_any_kind_of_page(shown: Page, site: Path, language: str) -> None:
    found = []
    for kind in KINDS:
        shown.goto((site / ("" if language == "en" else language) / kind).as_uri())
        assert shown.evaluate("document.documentElement.lang") == language
        found += faults(shown, (language, kind), colours=language == "en")
    assert found == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_of_page_fits_every_window(shown: Page, site: Path, language: str) -> None:
    found = []
    for kind in KINDS:
        shown.goto((site / ("" if language == "en" else language) / kind).as_uri())
        found += too_wide(shown, (language, kind), WIDTHS if language == "en" else WIDTHS[::2])
    assert found == []


def test_every_kind_of_page_prints_without_what_only_a_screen_needs(shown: Page, site: Path) -> None:
    shown.emulate_media(media="print")
    for kind in KINDS:
        shown.goto((site / kind).as_uri())
        for away in (".masthead nav", ".contents", "#tools", "#pair", "#more"):
            for one in shown.locator(away).all():
                assert one.is_hidden(), (kind, away)
        assert shown.locator("h1").is_visible()
    shown.goto((site / LAUNDERED).as_uri())
    assert len(shown.pdf()) > 20_000


# --------------------------------------------------------------------------- ways


def test_one_finds_ones_way_from_the_folder(shown: Page, site: Path) -> None:
    shown.goto((site / "index.html").as_uri())
    shown.get_by_role("link", name=SAMPLE[1]).click()
    assert shown.locator("h1").inner_text().replace("\n", "").endswith("DeepSeek-R1-Distill-Llama-8B")
    shown.get_by_role("link", name="Criteria").click()
    shown.locator(".entries a").first.click()
    shown.locator(".names a").first.click()
    assert "#c-" in shown.url
    shown.locator(".masthead .home").click()
    assert shown.url == (site / "index.html").as_uri()


def test_the_language_is_switched_in_place_and_back(shown: Page, site: Path) -> None:
    for kind in ("index.html", "compare.html", "criteria/full-data/naming.html", LAUNDERED):
        shown.goto((site / kind).as_uri())
        shown.get_by_role("link", name="Français").click()
        assert shown.url == (site / "fr" / kind).as_uri()
        assert shown.evaluate("document.documentElement.lang") == "fr"
        shown.get_by_role("link", name="English").click()
        assert shown.url == (site / kind).as_uri()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_cell_leads_to_its_evidence_on_the_page_of_the_model(page: Page, site: Path, scripts: bool) -> None:
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=scripts)
    opened = context.new_page()
    opened.goto((site / "compare.html").as_uri())
    assert opened.locator("#tools").is_visible() is scripts
    row = opened.locator("#models tr", has_text="DeepSeek-R1-Distill-Llama-8B")
    row.locator("td a").nth(1).click()
    assert LAUNDERED in opened.url
    question = opened.locator(f"[id='{opened.url.partition('#')[2]}']")
    expect(question).to_be_in_viewport()
    found = question.locator(".finding").first
    assert found.is_visible(), "what was seen stands open"
    assert "meta-llama/Llama-3.1-8B" in (question.text_content() or "")
    context.close()


def test_questions_and_terms_open_by_the_keyboard_alone(shown: Page, site: Path) -> None:
    shown.goto((site / LAUNDERED).as_uri())
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.className") == "skip"
    term = shown.locator("button.term").first
    term.focus()
    word = shown.locator(f"#{term.get_attribute('popovertarget')}")
    shown.keyboard.press("Enter")
    assert word.is_visible()
    shown.keyboard.press("Escape")
    assert not word.is_visible()
    question = shown.locator(".criterion").nth(2)
    question.locator("summary").focus()
    assert not question.locator(".inside").is_visible()
    shown.keyboard.press("Enter")
    assert question.locator(".inside").is_visible()
    shown.keyboard.press("Tab")
    assert shown.evaluate("!!document.activeElement.closest('.criterion .inside')"), "what opened comes next"


# --------------------------------------------------------------------------- finding, sorting, comparing


def test_the_index_is_found_in_and_sorted_by_keyboard(shown: Page, site: Path) -> None:
    shown.goto((site / "index.html").as_uri())
    shown.get_by_label("Find").focus()
    shown.keyboard.type("llama 8b")
    names = shown.locator("#models tbody tr[data-k] th")
    assert sorted(names.all_inner_texts()) == sorted(SAMPLE[1:])
    assert "Models found: 2 of 3." in shown.locator("#told").inner_text()
    shown.get_by_label("Find").fill("")
    assert shown.locator("#models .rung").count() == 2
    for key in ("name", "0", "1", "claim", "distance"):
        head = shown.locator(f"th[data-key='{key}']")
        head.get_by_role("button").focus()
        shown.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "ascending"
        up = names.all_inner_texts()
        shown.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == "descending"
        assert shown.locator("#models .rung").count() == 0
        if key == "name":
            assert up == sorted(SAMPLE, key=str.lower) == names.all_inner_texts()[::-1]
        if key == "distance":
            assert up[-1] == SAMPLE[1] == names.all_inner_texts()[0]
    shown.get_by_role("button", name="Show all").click()
    expect(shown.locator("#models .rung")).to_have_count(2)


def test_two_models_are_set_side_by_side_and_the_link_does_so_again(shown: Page, site: Path) -> None:
    shown.goto((site / "compare.html").as_uri())
    one, other = shown.locator("#pair select").all()
    one.select_option(label=SAMPLE[0])
    assert shown.locator("#beside").is_hidden()
    other.select_option(label=SAMPLE[1])
    beside = shown.locator("#beside")
    assert beside.is_visible()
    link = shown.url
    assert "#two=" in link
    olmo, distilled = (audit(id) for id in SAMPLE[:2])
    roles = {rubric.role: id for id, rubric in olmo.rubrics.items() if rubric.role}
    ids = [(roles[role], name) for role in ("label", "freedoms", "data", "openwashing")
           for name in olmo.rubrics[roles[role]].criteria]  # fmt: skip
    differing = [
        olmo.rubrics[id].criteria[name].title for id, name in ids
        if olmo.rubrics[id].criteria[name].outcome is not distilled.rubrics[id].criteria[name].outcome
    ]  # fmt: skip
    assert differing
    assert f"{len(differing)} of {len(ids)}" in beside.get_by_role("status").inner_text()
    body = beside.locator("tbody").first
    assert body.locator("tr:not(.stage) th").all_inner_texts() == differing
    assert faults(shown, "side by side") == []
    assert too_wide(shown, "side by side") == []

    shown.goto("about:blank")
    shown.goto(link)
    assert shown.locator("#beside").is_visible()
    expect(shown.locator("#pair")).to_be_in_viewport()
    assert one.evaluate("e => e.selectedOptions[0].textContent") == SAMPLE[0]
    shown.locator("#beside td a").first.click()
    assert "#c-" in shown.url


def test_a_thousand_models_are_found_and_sorted_before_one_notices(shown: Page, tmp_path: Path) -> None:
    """Time is that of the page's own thread: what else the machine does is not counted."""
    names = [f"maker-{n % 90}/A-Model-With-A-Name-{n * 7919 % 1000:04}-Instruct" for n in range(1000)]
    with many(tmp_path, names, "en") as (site, found), speaking("en"):
        page = "".join(index.page(site, found, found.frame))
    file = tmp_path / "index.html"
    file.write_text(page, encoding="utf-8")
    assert len(page.encode()) < 300_000
    shown.goto(file.as_uri())
    console = shown.context.new_cdp_session(shown)
    console.send("Performance.enable")

    def busy() -> float:
        metrics = console.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "ThreadTime"))

    took = {}
    for key in ("name", "1", "distance"):
        before = busy()
        shown.evaluate(
            "key => {document.querySelector(`th[data-key='${key}'] button`).click();"
            " document.body.getBoundingClientRect()}",
            key,
        )
        took[key] = busy() - before
    before = busy()
    shown.locator("#find").fill("name-0777")
    took["find"] = busy() - before
    assert 0 < max(took.values()) < 0.2, took
    assert shown.locator("#models tbody tr[data-k]").count() == 1
    shown.locator("#find").fill("")
    shown.locator("th[data-key='name'] button").click()
    shown.get_by_role("button", name="Show all 1,000 models").click()
    listed = shown.locator("#models tbody tr[data-k] th").all_inner_texts()
    assert listed == sorted(names, key=str.lower)


# --------------------------------------------------------------------------- hostile


def test_nothing_runs_whatever_is_touched(shown: Page, tmp_path: Path) -> None:
    """Every payload in every text of a model, in names, in replies and in the configuration, on one site."""
    english = {"language": "en"}  # of an audit in another, nothing can be published
    bad = [(f"bad/{name}", poisoned(payload).model_copy(update=english)) for name, payload in PAYLOADS.items()]
    gone = [(payload, None) for payload in PAYLOADS.values() if payload]
    text = PAYLOADS["script"] + PAYLOADS["attribute"] + PAYLOADS["style"]
    replies = tuple(
        settings.Response(model=f"bad/{name}", text=payload.encode("utf-8", "replace").decode() or "x", author=text,
                          date="2026-01-01") for name, payload in PAYLOADS.items()
    )  # fmt: skip
    held = Settings(title={"": text}, intro={"": text}, responses=replies)
    publish(keep(tmp_path / "j", [*bad, *gone]), tmp_path / "s", held, ["en"], 1)
    pages = [
        path for path in sorted((tmp_path / "s").rglob("*.html"))
        if path.parent.parent.name != "criteria" or path.stem == "met"  # one criterion of each rubric
    ]  # fmt: skip
    assert len(pages) > 40
    for path in pages:
        shown.goto(path.as_uri())
        touch(shown, path.name)
    for name in (*list(PAYLOADS)[:5], "bidi"):
        shown.goto((tmp_path / f"s/badges/bad/{name}.svg").as_uri())
        assert shown.evaluate("window.hit ?? null") is None
    found = too_wide(shown_at(shown, tmp_path / "s/models/bad/long.html"), "long")
    found += too_wide(shown_at(shown, tmp_path / "s" / compare.PAGE), "compared")
    assert found == []


def shown_at(page: Page, path: Path) -> Page:
    """The page, at a file."""
    page.goto(path.as_uri())
    return page
