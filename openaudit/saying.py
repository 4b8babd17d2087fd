"""Sentences that remember what they were made from, so that they can be said in another language later.

Evidence and verdicts are made of sentences with values filled in. ``phrase`` makes one: a text like any other, in
English, which still knows its template and its values. Whoever stores it may store that, too (``Message``), and
``Message.text`` fills the translation of the template. A value that is a plain text is a name, an id or a quotation,
and stays as it is in every language; a value that is itself a sentence (``phrase``) is translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_END = re.compile(r"(?<=[.!?])\s+")
_PLACE = re.compile(r"\{([^{}]*)\}")


class Said(str):
    """A sentence in English, with the template and the values that it was made from."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, values: Mapping[str, str]) -> Said:
        said = super().__new__(cls, fill(template, values))
        said.template = template
        said.values = values
        return said

    def __getnewargs__(self) -> tuple[str, Mapping[str, str]]:  # type: ignore[override]  # what __new__ takes
        return self.template, self.values


def phrase(template: str, **values: object) -> Said:
    """A sentence: ``{name}`` in the template becomes the value of that name."""
    used = {name: values[name] for name in _PLACE.findall(template) if name in values}
    return Said(template, {name: value if isinstance(value, str) else str(value) for name, value in used.items()})


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


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its values; a place that has none stays as it is written."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), template) if "{" in template else template


def translated(text: str, translate: Callable[[str], str]) -> str:
    """A sentence in another language: its template translated, and then its values, as far as they are sentences."""
    if not isinstance(text, Said):
        return text
    values = {name: translated(value, translate) for name, value in text.values.items()}
    return fill(translate(text.template), values)


# --------------------------------------------------------------------------- as data


def as_data(said: Said) -> dict[str, Any]:
    """What a sentence was made from, as JSON can hold it."""
    values = {name: as_data(value) if isinstance(value, Said) else value for name, value in said.values.items()}
    return {"template": said.template, "values": values} if values else {"template": said.template}


def from_data(data: object, depth: int = 0) -> str:
    """The sentence again. Raises ValueError for what ``as_data`` never wrote."""
    if isinstance(data, str):
        return data
    if isinstance(data, dict) and isinstance(template := data.get("template"), str) and depth < _DEEPEST:
        values = data.get("values", {})
        if isinstance(values, dict):
            return Said(template, {str(name): from_data(value, depth + 1) for name, value in values.items()})
    raise ValueError("this is not a sentence with its values")


_DEEPEST: int = 12  # sentences within sentences; real ones are four deep
