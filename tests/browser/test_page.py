"""The page in a real browser: it asks for nothing, runs nothing, fits every window, and axe finds no fault with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import openaudit
from openaudit.formats import html
from openaudit.result import Audit
from tests.formats.hostile import PAYLOADS, full, poisoned

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

pytestmark = pytest.mark.browser

LAUNDERED = "deepseek-ai/DeepSeek-R1-Distill-Llama-8B"
WIDTHS = (320, 360, 640, 768, 1024, 1440, 1920)  # 640 is also 1280 at 200 %
TOLD = (
    "window.told = []; addEventListener('securitypolicyviolation', e => told.push(e.violatedDirective + e.blockedURI))"
)


@cache
def audit(name: str) -> Audit:
    return (
        full()
        if name == "full"
        else poisoned(PAYLOADS[name])
        if name in PAYLOADS
        else openaudit.audit(name, snapshot="sample")
    )


@pytest.fixture
def shown(page: Page, tmp_path: Path) -> Iterator[Any]:
    """Opens the page of an audit; whatever the console has to say fails the test."""
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page.on("console", heard)
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.add_init_script(TOLD)

    def show(name: str) -> Page:
        file = tmp_path / "page.html"
        file.write_text(html.render(audit(name)), encoding="utf-8")
        page.goto(file.as_uri())
        return page

    yield show
    assert said == []
    assert page.evaluate("told") == []
    assert page.evaluate("window.hit") is None


@pytest.mark.parametrize("name", [*PAYLOADS, "full", LAUNDERED])
def test_nothing_runs_whatever_is_touched(shown: Any, name: str) -> None:
    page = shown(name)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for kind in ("mouseover", "focus", "click"):
        page.evaluate("k => document.querySelectorAll('*').forEach(e => e.dispatchEvent(new Event(k)))", kind)
    links = page.evaluate("[...document.links].map(a => a.protocol)")
    assert set(links) <= {"https:", "http:", "file:"}  # file: an anchor in the page itself


@pytest.mark.parametrize("name", ["full", LAUNDERED, "long", "bidi"])
def test_it_fits_every_window(shown: Any, name: str) -> None:
    page = shown(name)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_ten_seconds_are_enough_on_a_phone(shown: Any) -> None:
    page = shown(LAUNDERED)
    page.set_viewport_size({"width": 390, "height": 844})
    for part in ("h1", ".ladder [aria-current]", ".says blockquote", ".distance", ".tiles"):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 844, part


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["full", LAUNDERED, "allenai/OLMo-2-1124-7B"])
def test_axe_finds_no_fault(shown: Any, name: str, scheme: Any) -> None:
    page = shown(name)
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe + "; null")
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    faults = [(fault["id"], fault["help"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]]
    assert len(found["passes"]) > 20  # it did look
    assert faults == []


def test_terms_and_questions_open_without_scripts(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(html.render(full()), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    word = page.locator("[popover]").first
    assert not word.is_visible()
    page.locator("button.term").first.click()
    assert word.is_visible()
    page.keyboard.press("Escape")
    assert not word.is_visible()
    question = page.locator(".criterion .inside").first
    assert not question.is_visible()
    page.locator(".criterion summary").first.click()
    assert question.is_visible()
    context.close()


def test_every_control_shows_that_it_has_the_focus(shown: Any) -> None:
    page = shown("full")
    for _ in range(12):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", page.evaluate("document.activeElement.outerHTML")


def test_paper_shows_what_the_screen_folds_away(shown: Any) -> None:
    page = shown("full")
    assert page.locator(".footnotes li").first.is_hidden()
    page.emulate_media(media="print")
    assert page.locator(".criterion .inside").first.evaluate("e => e.getBoundingClientRect().height") > 0
    assert page.locator(".footnotes li").first.is_visible()
    assert page.locator(".contents").is_hidden()
    number = "e => [e.dataset.fn, getComputedStyle(e, '::after').content]"
    assert page.locator("a[data-fn]").first.evaluate(number) == ["1", '"1"']
    assert page.pdf().startswith(b"%PDF")
