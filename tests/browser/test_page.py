"""The page in a real browser: it asks for nothing, runs nothing, fits every window, and axe finds no fault with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import openaudit
from openaudit.formats import html
from openaudit.result import Audit
from tests.browser.looking import faults, quiet, too_wide, touch
from tests.formats.hostile import PAYLOADS, full, poisoned

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

LAUNDERED = "deepseek-ai/DeepSeek-R1-Distill-Llama-8B"


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
    """Opens the page of an audit."""

    def show(name: str) -> Page:
        file = tmp_path / f"{list(PAYLOADS).index(name) if name in PAYLOADS else 'page'}.html"
        file.write_text(html.render(audit(name)), encoding="utf-8")
        page.goto(file.as_uri())
        return page

    with quiet(page):
        yield show


def test_nothing_runs_whatever_is_touched(shown: Any) -> None:
    """Every payload is in what the tests of a site touch: its pages of models are this one in another frame."""
    for name in ("full", "script", "style", "link", "bidi"):
        touch(shown(name), name)


def test_it_fits_every_window(shown: Any) -> None:
    found = [fault for name in ("full", "bidi") for fault in too_wide(shown(name), name)]
    assert found == []


def test_ten_seconds_are_enough_on_a_phone(shown: Any) -> None:
    page = shown(LAUNDERED)
    page.set_viewport_size({"width": 390, "height": 844})
    for part in ("h1", ".ladder [aria-current]", ".says blockquote", ".distance", ".tiles"):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 844, part


def test_axe_finds_no_fault(shown: Any) -> None:
    """With something in every field; pages of the sample are looked at on the site."""
    assert faults(shown("full"), "full") == []


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
