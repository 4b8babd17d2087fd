"""The pages of a site: the same look on each, with a way to every other, in every language."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from openaudit.languages import in_context, speaking
from openaudit.pages.environment import environment
from openaudit.pages.text import href
from openaudit.pages.view import Footnotes, Once, Words


@dataclass(frozen=True)
class Look:
    """What every page of a site has in common. ``colours`` are those that are not as usual, by scheme and name."""

    colours: Mapping[str, Mapping[str, str]]

    @cached_property
    def css(self) -> Markup:
        """The style sheet. All of it is ours but the colours, which were checked to be colours."""
        return self._sheet("page.css", "shared.css", "site.css")

    @cached_property
    def wide(self) -> Markup:
        """The style sheet of the comparison."""
        return self._sheet("page.css", "shared.css", "site.css", "matrix.css")

    @cached_property
    def script(self) -> Markup:
        """The one script: it sorts models and finds among them, on pages that read as well without."""
        return Markup(environment().get_template("table.js").render())  # noqa: S704 - a file of ours

    def _sheet(self, *parts: str) -> Markup:
        get = environment().get_template
        own = "".join(
            f"@media screen and (prefers-color-scheme:{scheme}){{:root{{"
            + "".join(f"--{name}:{colour};" for name, colour in sorted(chosen.items()))
            + "}}\n"
            for scheme, chosen in sorted(self.colours.items())
        )
        return Markup("\n".join([*(get(part).render() for part in parts), own]))  # noqa: S704 - checked

    @cached_property
    def _named(self) -> Mapping[str, str]:
        return {"css": _hash(self.css), "wide": _hash(self.wide), "script": _hash(self.script)}

    def csp(self, *, script: bool = False, wide: bool = False) -> str:
        """Nothing may be loaded or sent. What may style or run is named by its hash."""
        runs = f"script-src '{self._named['script']}'; " if script else ""
        style = f"style-src '{self._named['wide' if wide else 'css']}'"
        return f"default-src 'none'; {runs}{style}; img-src data:; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@dataclass(frozen=True)
class Site:
    """What the pages of one language say of the site itself. ``sections`` are where the head of a page leads to."""

    look: Look
    language: str
    languages: tuple[str, ...]
    title: str
    intro: str
    logo: str | None
    url: str | None
    operator: str
    contact: str | None
    tool: str
    sections: tuple[tuple[str, str], ...]

    def page(self, path: str) -> Here:
        """One page, by the path it has in the first language."""
        return Here(self, path)


@dataclass(frozen=True)
class Here:
    """Where a page is, and how the others are reached from it: relative, so that a folder will do as a host."""

    site: Site
    path: str

    @property
    def file(self) -> str:
        """The path of the page in its language."""
        return self._in(self.site.language)

    @property
    def root(self) -> str:
        """What leads to the first page in this language."""
        return "../" * self.path.count("/")

    @property
    def top(self) -> str:
        """What leads to the top of the site, where everything is that has no language."""
        return "../" * self.file.count("/")

    @property
    def others(self) -> list[tuple[str, str, str]]:
        """The same page in every language: its code, its own name for itself, and the way."""
        return [(code, own_name(code), self.top + self._in(code)) for code in self.site.languages]

    @property
    def address(self) -> str | None:
        """The page on the web, where the site's address is known."""
        return href(self.site.url + self.file) if self.site.url else None

    def picture(self, label: str) -> str | None:
        """The picture that stands for a label where a page is shared. It can only be named with its whole address."""
        return href(f"{self.site.url}pictures/{label}.png") if self.site.url else None

    def _in(self, language: str) -> str:
        return self.path if language == self.site.languages[0] else f"{language}/{self.path}"


def own_name(language: str) -> str:
    """What a language calls itself."""
    with speaking(language):
        return in_context("what this language calls itself", "English")


def render(template: str, here: Here, **values: Any) -> Iterator[str]:
    """One page in pieces, in the language of its site."""
    with speaking(here.site.language):
        page = environment().get_template(template)
        made = {"words": Words(), "footnotes": Footnotes(), "once": Once()}
        yield from page.generate(here=here, site=here.site, **made, **values)
        yield "\n"
