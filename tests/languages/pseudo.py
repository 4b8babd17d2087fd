"""A language for tests: every text of ours stands in ⟦ ⟧. What stands outside was never offered for translation."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager

from openaudit import glossary, languages
from openaudit.pages import view
from scripts.make_catalogs import template

CODE = "qps"  # private use in ISO 639


class Pseudo(gettext.NullTranslations):
    """Knows exactly the texts that a translator is given."""

    def __init__(self) -> None:
        super().__init__()
        self._texts = {(message.context, one) for message in template() for one in _forms(message.id)}

    def _said(self, text: str, context: str | None = None) -> str:
        return f"⟦{text}⟧" if (context, text) in self._texts else text

    def gettext(self, message: str) -> str:
        return self._said(message)

    def pgettext(self, context: str, message: str) -> str:
        return self._said(message, context)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self._said(msgid1 if n == 1 else msgid2)


def _forms(id: object) -> tuple[str, ...]:
    return (id,) if isinstance(id, str) else tuple(map(str, id)) if isinstance(id, list | tuple) else ()


@contextmanager
def installed() -> Iterator[None]:
    """Makes the language one of those that there are."""
    pseudo, catalog, available = Pseudo(), languages._catalog, languages.available
    languages._catalog = lambda language: pseudo if language == CODE else catalog(language)  # type: ignore[assignment]
    languages.available = lambda: (*available(), CODE)  # type: ignore[assignment]
    caches = (glossary._terms, glossary._index, view._pattern)
    try:
        yield
    finally:
        languages._catalog, languages.available = catalog, available
        for each in caches:
            each.cache_clear()


def outside(text: str) -> str:
    """What stands outside the brackets, and so was not translated. Raises AssertionError where they do not match."""
    left, deep = [], 0
    for piece in re.split("([⟦⟧])", text):
        if piece == "⟦":
            deep += 1
        elif piece == "⟧":
            deep -= 1
            assert deep >= 0, "a bracket is closed that was never opened"
        elif not deep:
            left.append(piece)
    return " ".join(left)
