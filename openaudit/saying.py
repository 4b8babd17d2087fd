"""Sentences that remember what they were made from, so that they can be said in another language later.

Evidence and verdicts are made of sentences with values filled in. ``phrase`` makes one: a text like any other, in
English, which still knows its template and its values. Whoever stores it may store that, too (``Message``), and
``Message.text`` fills the translation of the template. A value that is a plain text is a name, an id or a quotation,
and stays as it is in every language; a value that is itself a sentence (``phrase``) is translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, reduce
from typing import Any

_END = re.compile(r"(?<=[.!?])\s+")
_PLACE = re.compile(r"\{([^{}:]*)(?::(\d{1,4}))?\}")


class Said(str):
    """A sentence in English, with the template and the values that it was made from.

    Where a number decides its form, ``template`` is the form for many and ``one`` the form for one; the number is the
    value called ``n``.
    """

    __slots__ = ("one", "template", "values")

    template: str
    values: Mapping[str, str]
    one: str

    def __new__(cls, template: str, values: Mapping[str, str], one: str = "") -> Said:
        said = super().__new__(cls, fill(one if one and values.get("n") == "1" else template, values))
        said.template = template
        said.values = values
        said.one = one
        return said

    def __getnewargs__(self) -> tuple[str, Mapping[str, str], str]:  # type: ignore[override]  # what __new__ takes
        return self.template, self.values, self.one


def phrase(template: str, /, **values: object) -> Said:
    """A sentence: ``{name}`` in the template becomes the value of that name, ``{name:80}`` its first 80 characters.

    What is one already stays what it is.
    """
    if isinstance(template, Said) and not values:
        return template
    return Said(template, _used(template, values))


def counted(one: str, many: str, n: int, /, **values: object) -> Said:
    """A sentence about a number of things: the form that goes with it, ``{n}`` in it becomes the number."""
    return Said(many, _used(many, {"n": n, **values}), one)


def figure(text: str) -> str:
    """A number as it is written in English (``1,234.5``), with the marks that each language writes in it."""
    whole, point, part = text.partition(".")
    number, *groups = whole.split(",")
    for group in groups:
        number = phrase("{thousands},{rest}", thousands=number, rest=group)
    return phrase("{whole}.{part}", whole=number, part=part) if point else number


def _used(template: str, values: Mapping[str, object]) -> dict[str, str]:
    return {
        name: value if isinstance(value := values[name], str) else str(value)
        for name in _places(template)
        if name in values
    }


def in_sentences(text: str) -> list[str]:
    """A text of several sentences, one by one: each is translated for itself, and said once."""
    if not isinstance(text, Said):
        return _END.split(text.strip())
    return list(text.values.values()) if text.template == _after_another(text.values) else [text]


def _after_another(parts: Iterable[str]) -> str:
    return " ".join(f"{{{part}}}" for part in parts)


def listed(parts: Iterable[str], between: str = ", ") -> str:
    """Several sentences or names as one, in the order given."""
    each = list(parts)
    if len(each) == 1:
        return each[0]
    places = {f"part{i}": part for i, part in enumerate(each)}
    return Said(between.join(f"{{{place}}}" for place in places), places)


def series(parts: Sequence[str]) -> str:
    """Several sentences, set apart as the language does."""
    if len(parts) < 2:
        return parts[0] if parts else ""
    half = len(parts) // 2
    return phrase("{one}; {other}", one=series(parts[:half]), other=series(parts[half:]))


def either(parts: Sequence[str]) -> str:
    """Names of which one will do."""
    return reduce(lambda one, other: phrase("{one} or {other}", one=one, other=other), parts)


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its values; a place that has none stays as it is written."""
    if "{" not in template:
        return template
    filled = []
    for before, name, most in pieces(template):
        filled.append(before)
        if name is not None and name in values:
            filled.append(_beginning(values[name], most) if most else values[name])
        elif name is not None:
            filled.append(f"{{{name}:{most}}}" if most else f"{{{name}}}")
    return "".join(filled)


@lru_cache(maxsize=4096)
def pieces(template: str) -> tuple[tuple[str, str | None, int], ...]:
    """The template, cut at its places: the words before each, its name, and how long its value may be (0: no limit)."""
    found: list[tuple[str, str | None, int]] = []
    at = 0
    for place in _PLACE.finditer(template):
        found.append((template[at : place.start()], place[1], int(place[2] or 0)))
        at = place.end()
    return (*found, (template[at:], None, 0))


@lru_cache(maxsize=4096)
def _places(template: str) -> tuple[str, ...]:
    """The names of a template's places, each once."""
    return tuple(dict.fromkeys(name for _, name, _ in pieces(template) if name is not None))


def _beginning(text: str, most: int) -> str:
    """The first characters of a text on one line, with an ellipsis where there are more."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def shortened(text: str, most: int) -> str:
    """The first characters of a text on one line, with an ellipsis where there are more; in any language."""
    if len(text) <= most and " ".join(text.split()) == text:
        return text
    return phrase(f"{{text:{most}}}", text=text) if isinstance(text, Said) else _beginning(text, most)


def translated(text: str, form: Callable[[Said], str]) -> str:
    """A sentence in another language: ``form`` gives its template; values that are sentences are translated, too."""
    if not isinstance(text, Said):
        return text
    values = {name: translated(value, form) for name, value in text.values.items()}
    return fill(form(text), values)


# --------------------------------------------------------------------------- as data


def as_data(text: str) -> str | dict[str, Any]:
    """What a sentence was made from, as JSON can hold it; a name or a quotation is what it is."""
    if not isinstance(text, Said):
        return text
    values = {name: as_data(value) for name, value in text.values.items()}
    parts = {"template": text.template, "one": text.one, "values": values}
    return {name: part for name, part in parts.items() if part or name == "template"}


def kept(text: str) -> str | dict[str, Any]:
    """The same, for a file that people read: a text without values stays one."""
    return as_data(text) if isinstance(text, Said) and text.values else str(text)


def from_data(data: object, depth: int = 0) -> str:
    """The sentence again. Raises ValueError for what ``as_data`` never wrote."""
    if isinstance(data, str):
        return data
    if isinstance(data, dict) and isinstance(template := data.get("template"), str) and depth < _DEEPEST:
        values, one = data.get("values", {}), data.get("one", "")
        if isinstance(values, dict) and isinstance(one, str):
            return Said(template, {str(name): from_data(value, depth + 1) for name, value in values.items()}, one)
    raise ValueError("this is not a sentence with its values")


_DEEPEST: int = 24  # sentences within sentences; real ones are half as deep
