"""A site in a real browser, from the folder: every page is reached, nothing runs or leaves, axe finds no fault."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from openaudit.site import settings
from openaudit.site.publishing import publish
from openaudit.site.settings import Settings
from tests.formats.hostile import PAYLOADS, poisoned
from tests.site.journals import SAMPLE, audit, keep, sample
from tests.site.test_publish import configured

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

pytestmark = pytest.mark.browser

KINDS = (
    "index.html", "criteria.html", "criteria/full-data/naming.html", "licences.html", "licences/llama3.1.html",
    "datasets.html", "datasets/allenai/olmo-mix-1124.html", "history.html", "method.html", "glossary.html",
    f"models/{SAMPLE[2]}.html", "models/nobody/nothing.html",
)  # fmt: skip
TOLD = (
    "window.told = []; addEventListener('securitypolicyviolation', e => told.push(e.violatedDirective + e.blockedURI))"
)


@cache
def axe() -> str:
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("site")
    publish(sample(work / "journal"), work / "site", configured(work), ["en"], 1)
    return work / "site"


@pytest.fixture
def quiet(page: Page) -> Iterator[Page]:
    """A page; whatever the console has to say fails the test."""
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page.on("console", heard)
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.add_init_script(TOLD)
    yield page
    assert said == []
    assert page.evaluate("told") == []
    assert page.evaluate("window.hit") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_on_any_kind_of_page(quiet: Page, site: Path, scheme: Any) -> None:
    quiet.emulate_media(color_scheme=scheme)
    faults = []
    for kind in KINDS:
        quiet.goto((site / kind).as_uri())
        quiet.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        quiet.evaluate(axe() + "; null")
        found = quiet.evaluate("axe.run({resultTypes: ['violations']})")
        assert len(found["passes"]) > 10  # it did look
        faults += [(kind, one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    assert faults == []


def test_every_kind_of_page_fits_every_window(quiet: Page, site: Path) -> None:
    for kind in KINDS:
        quiet.goto((site / kind).as_uri())
        for width in (320, 640, 1024, 1920):
            quiet.set_viewport_size({"width": width, "height": 800})
            assert quiet.evaluate("document.documentElement.scrollWidth") <= width, (kind, width)


def test_one_finds_ones_way_from_the_folder(quiet: Page, site: Path) -> None:
    quiet.goto((site / "index.html").as_uri())
    quiet.get_by_role("link", name=SAMPLE[1]).click()
    assert quiet.locator("h1").inner_text().replace("\n", "").endswith("DeepSeek-R1-Distill-Llama-8B")
    quiet.get_by_role("link", name="Criteria").click()
    quiet.locator(".entries a").first.click()
    quiet.locator(".names a").first.click()
    assert "#c-" in quiet.url
    quiet.locator(".masthead .home").click()
    assert quiet.url == (site / "index.html").as_uri()


def test_the_index_is_found_in_and_sorted_by_keyboard(quiet: Page, tmp_path: Path) -> None:
    names = [f"maker/model-{n:03}" for n in range(40)]
    journal = keep(tmp_path / "j", [(name, audit(SAMPLE[n % 3])) for n, name in enumerate(names)])
    publish(journal, tmp_path / "s", Settings(), ["en"], 2)
    quiet.goto((tmp_path / "s/index.html").as_uri())
    quiet.get_by_label("Find a model").focus()
    quiet.keyboard.type("model-01")
    assert quiet.locator("table.models tbody tr:visible").count() == 10
    assert "Models shown: 10 of 40." in quiet.locator("#told").inner_text()
    quiet.get_by_label("Find a model").fill("")
    button = quiet.locator("table.models thead button").first
    button.focus()
    quiet.keyboard.press("Enter")
    quiet.keyboard.press("Enter")
    first = quiet.locator("table.models").first
    shown = first.locator("tbody th").all_inner_texts()
    assert shown == sorted(shown, reverse=True)
    assert first.locator("th").first.get_attribute("aria-sort") == "descending"


def test_a_thousand_models_are_sorted_in_a_fifth_of_a_second(quiet: Page, site: Path, tmp_path: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    row = re.search(rf"<tr><th[^>]*><a[^>]*><bdi>{re.escape(SAMPLE[1])}.*?</tr>", page)
    assert row is not None
    rows = (row[0].replace(SAMPLE[1], f"maker/model-{n * 7919 % 1000}") for n in range(1000))
    file = tmp_path / "index.html"
    file.write_text(page.replace(row[0], "\n".join(rows)), encoding="utf-8")
    quiet.goto(file.as_uri())
    spent = quiet.evaluate(
        """() => [0, 1, 2, 3, 4].map(() => {
            const button = document.querySelector("table.models:has(tr:nth-child(900)) thead button");
            const began = performance.now();
            button.click();
            document.body.offsetHeight;
            return performance.now() - began;
        })"""
    )
    count = "() => { const began = performance.now(); let x = 0; for (let i = 0; i < 5e7; i++) x += i; return"
    counted = quiet.evaluate(f"{count} performance.now() - began; }}")
    busy = max(1, counted / 60)  # milliseconds that this takes a machine that has nothing else to do
    assert min(spent) < 200 * busy, (spent, busy)


@pytest.mark.parametrize("name", ["script", "image", "attribute", "scheme", "bidi"])
def test_nothing_runs_whatever_is_touched(quiet: Page, tmp_path: Path, name: str) -> None:
    payload = PAYLOADS[name]
    bad = poisoned(payload).model_copy(update={"language": "en"})
    reply = settings.Response(model="a/b", text=payload, author=payload, date="2026-01-01")
    held = Settings(title={"": payload}, intro={"": payload}, responses=(reply,))
    publish(keep(tmp_path / "j", [("a/b", bad), (payload, None)]), tmp_path / "s", held, ["en"], 1)
    began = time.monotonic()
    for path in sorted((tmp_path / "s").rglob("*.html")):
        if time.monotonic() - began > 20 or (path.parent.parent.name == "criteria" and path.stem != "met"):
            continue
        quiet.goto(path.as_uri())
        for kind in ("mouseover", "focus", "click"):
            quiet.evaluate("k => document.querySelectorAll('*').forEach(e => e.dispatchEvent(new Event(k)))", kind)
        assert quiet.evaluate("window.hit") is None
    for path in (tmp_path / "s").rglob("*.svg"):
        quiet.goto(path.as_uri())
        assert quiet.evaluate("window.hit") is None
