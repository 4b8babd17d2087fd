"""What the browser tests look with: a page that must say nothing on the console, axe, and every width of a window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # it is there only where the browser tests are asked for
    from playwright.sync_api import ConsoleMessage, Page

WIDTHS = (320, 360, 640, 768, 1024, 1280, 1440, 1920)  # 640 is also 1280 at 200 %
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_TOLD = (
    "window.told = []; addEventListener('securitypolicyviolation', e => told.push(e.violatedDirective + e.blockedURI))"
)
_TOUCH = """() => {
    for (const one of document.querySelectorAll('*'))
        for (const kind of ['mouseover', 'focus', 'click', 'input', 'change'])
            one.dispatchEvent(new Event(kind));
    return [window.hit ?? null, window.told, [...new Set([...document.links].map(a => a.protocol))]];
}"""


_UNFOLD = """() => {
    const all = [...document.querySelectorAll('details')];
    const first = (one) => one === one.closest('.rubric').querySelector('details');
    for (const one of all) one.open = all.length < 60 || !one.closest('.rubric') || first(one);
}"""


def expect(target: Any) -> Any:
    """What Playwright's ``expect`` gives; it is there only where the browser tests are asked for."""
    from playwright import sync_api

    return sync_api.expect(target)


@contextmanager
def quiet(page: Page) -> Iterator[Page]:
    """Whatever the console, a dialog or the page's own policy has to say fails the test."""
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.add_init_script(_TOLD)
    yield page
    assert said == []
    assert page.evaluate("window.told ?? []") == []
    assert page.evaluate("window.hit ?? null") is None


def touch(page: Page, about: object) -> None:
    """Opens and touches everything; nothing may run, and every link must be one that can be followed."""
    unfold(page)
    hit, told, protocols = page.evaluate(_TOUCH)
    assert hit is None, about
    assert told == [], about
    assert set(protocols) <= {"https:", "http:", "mailto:", "file:"}, about  # file: within the site, or the page itself


def unfold(page: Page) -> None:
    """Opens everything that is folded away."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


@cache
def _axe() -> str:
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def faults(page: Page, about: object, *, colours: bool = True) -> list[Any]:
    """What axe finds on a page with everything open, by day and by night.

    Without ``colours``, these are left out, and night with them, which changes nothing else: a language changes none.

    Of a rubric with many questions, which are all made alike, the first is open: looking at colours takes axe a time
    that grows with the square of the page.
    """
    page.evaluate(_UNFOLD)
    page.evaluate(_axe() + "; null")
    found: list[Any] = []
    off = {} if colours else {"color-contrast": {"enabled": False}}
    for scheme in ("light", "dark")[: 1 + colours]:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        run = "([of, rules]) => axe.run({runOnly: of, rules, resultTypes: ['violations']})"
        report = page.evaluate(run, [TAGS, off])
        rules = {one["id"] for one in report["passes"]}
        assert ("color-contrast" in rules) is colours, (about, scheme)  # it did look
        assert len(rules) > 20, (about, scheme, rules)
        found += [
            (about, scheme, one["id"], [node["html"][:200] for node in one["nodes"]]) for one in report["violations"]
        ]
    page.emulate_media(color_scheme=None)
    return found


def too_wide(page: Page, about: object, widths: tuple[int, ...] = WIDTHS) -> list[Any]:
    """The windows in which a page with everything open has to be scrolled sideways."""
    unfold(page)
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append((about, width, wide))
    return found
