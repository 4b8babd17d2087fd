"""The languages that reports speak. Everything is written in English; each other language is one folder here.

A folder holds gettext catalogues, made and kept in step by ``scripts/make_catalogs.py``. Which language is spoken is
set once, around what is rendered (``with speaking("fr"):``); everything below asks ``_``. Adding a language touches no
code: a folder with its catalogue is enough.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from openaudit.errors import UsageError
from openaudit.saying import Said, figure, fill, translated

ENGLISH = "en"
DOMAIN = "openaudit"
FOLDER = Path(__file__).parent

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@cache
def available() -> tuple[str, ...]:
    """The codes of all languages (ISO 639-1), English first."""
    found = sorted(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (ENGLISH, *found)


def checked(wanted: Iterable[str]) -> tuple[str, ...]:
    """Each language once, in the order given. Raises UsageError for one that no report speaks."""
    for language in wanted:
        if language not in available():
            raise UsageError(f"{language}: no report speaks this language", f"There are: {', '.join(available())}.")
    return tuple(dict.fromkeys(wanted))


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    if language == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, FOLDER, [language])


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything rendered inside speaks this language. Raises UsageError for one that there is not."""
    if language not in available():
        raise UsageError(f"{language}: no report speaks this language", f"There are: {', '.join(available())}.")
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def understood(language: str) -> str:
    """The language, or English where there is no such one here."""
    return language if language in available() else ENGLISH


def spoken() -> str:
    """The code of the language that is spoken now."""
    return _spoken.get()


def preferred(environment: Mapping[str, str] = os.environ) -> str:
    """The language a terminal asks for (LC_ALL, LC_MESSAGES, LANG), or English where there is no such one here."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            code = value.partition(".")[0].partition("_")[0].lower()
            return understood(code)
    return ENGLISH


# --------------------------------------------------------------------------- our own words


def _(text: str, /, **values: object) -> str:
    """A text of our own in the language spoken, with its values filled in."""
    found = _catalog(spoken()).gettext(text) if text else text
    return fill(found, {name: str(value) for name, value in values.items()}) if values else found


def plural(one: str, many: str, n: int, /, **values: object) -> str:
    """The form of a text that goes with a number; ``{n}`` in it becomes the number, written as the language does."""
    found = _catalog(spoken()).ngettext(one, many, n)
    return fill(found, {"n": number(n), **{name: str(value) for name, value in values.items()}})


def number(n: int) -> str:
    """A number, its thousands set apart as the language does."""
    return say(figure(f"{n:,}"))


def form(said: Said) -> str:
    """The template of a sentence in the language spoken, in the form that goes with its number. Raises ValueError."""
    catalog = _catalog(spoken())
    if said.one:
        return catalog.ngettext(said.one, said.template, int(said.values.get("n", "")))
    return catalog.gettext(said.template) if said.template else ""


def say(text: str) -> str:
    """A sentence with its values (``phrase``), or a text that stands alone, in the language spoken."""
    return translated(text, form) if isinstance(text, Said) else _(text)


def in_context(context: str, text: str) -> str:
    """A text that means different things in different places, such as a decimal point."""
    return _catalog(spoken()).pgettext(context, text)


def marked(text: str) -> str:
    """The text itself. What stands in a table and is translated where it is used is marked with this."""
    return text
