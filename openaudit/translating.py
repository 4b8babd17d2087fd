"""An audit in another language: our own texts are translated, what was published is not.

An audit is judged and kept in English. What its sentences were made from is kept beside them (``Audit.sentences``),
so that an audit of last year, read back from its JSON, can still be said in any language that has been added since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel

from openaudit.languages import ENGLISH, say, speaking
from openaudit.result import Audit, Words
from openaudit.saying import Said, as_data, from_data, phrase

M = TypeVar("M", bound=BaseModel)
Change = Callable[[str, Words], str]


def remember(audit: Audit) -> Audit:
    """The audit with a note of what its sentences were made from."""
    made: dict[str, Said] = {}
    _note(audit, made)
    return audit.model_copy(update={"sentences": {text: as_data(made[text]) for text in sorted(made)}})


def translate(audit: Audit, language: str) -> Audit:
    """The audit in this language. Raises UsageError for a language that no report speaks."""
    if audit.language == language:
        return audit
    if audit.language != ENGLISH:
        raise ValueError(f"an audit in {audit.language} has lost what its sentences were made from")
    with speaking(language):
        found = _each(audit, lambda text, kind: _said(text, kind, audit.sentences))
    return found.model_copy(update={"language": language, "sentences": {}})


def made_from(audit: Audit, text: str) -> str:
    """A text of an audit as the sentence that it was made as, to stand inside another."""
    try:
        return phrase(from_data(audit.sentences.get(text, {"template": text})))
    except ValueError:  # somebody else's JSON
        return text


def _said(text: str, kind: Words, sentences: Mapping[str, Any]) -> str:
    made = sentences.get(text)
    if made is None:
        return text if kind.name else say(text)
    try:
        return say(from_data(made))
    except ValueError:  # somebody else's JSON: the English stands
        return text


# --------------------------------------------------------------------------- every sentence of an audit


def _note(part: object, made: dict[str, Said]) -> None:
    """Notes every sentence in a part of an audit that its English does not tell whole."""
    if isinstance(part, BaseModel):
        for name, is_name in _texts(type(part)):
            value = getattr(part, name)
            if type(value) is Said:
                if value.values or is_name:
                    made[value] = value
            elif value and type(value) is not str:
                _note(value, made)
    elif isinstance(part, tuple):
        for one in part:
            if type(one) is Said:
                if one.values:
                    made[one] = one
            elif type(one) is not str:
                _note(one, made)
    elif isinstance(part, dict):
        for one in part.values():
            _note(one, made)


@cache
def _texts(kind: type[BaseModel]) -> tuple[tuple[str, bool], ...]:
    """The fields that hold texts of ours, and whether these are names."""
    return tuple((name, _is_name(kind.model_fields[name])) for name in _ways(kind))


def _is_name(annotation: Any) -> bool:
    marks = getattr(annotation, "metadata", getattr(annotation, "__metadata__", ()))
    inner = get_args(getattr(annotation, "annotation", annotation))
    return any(isinstance(mark, Words) and mark.name for mark in marks) or any(map(_is_name, inner))


# --------------------------------------------------------------------------- every text of an audit


def _each(part: M, change: Change) -> M:
    """A copy of a part of the audit in which every text of ours went through ``change``."""
    update = {name: way(getattr(part, name), change) for name, way in _ways(type(part)).items()}
    return part.model_copy(update=update) if update else part


Way = Callable[[Any, Change], Any]


@cache
def _ways(kind: type[BaseModel]) -> Mapping[str, Way]:
    """How to reach the texts in each field that holds any."""
    ways = ((name, _way(field.annotation, field.metadata)) for name, field in kind.model_fields.items())
    return {name: way for name, way in ways if way is not None}


def _way(annotation: Any, metadata: Sequence[object] = ()) -> Way | None:
    origin, inner = get_origin(annotation), get_args(annotation)
    if ours := next((one for one in metadata if isinstance(one, Words)), None):
        return partial(_text, ours)
    if origin is Annotated:
        return _way(inner[0], inner[1:])
    if origin is tuple and (each := _way(inner[0])):
        return partial(_in_tuple, each)
    if origin is dict and (each := _way(inner[1])):
        return partial(_in_dict, each)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _each if _ways(annotation) else None
    ways = (way for one in inner if origin not in (tuple, dict) and (way := _way(one)) is not None)
    way = next(ways, None)  # a type or None
    return None if way is None else partial(_if_any, way)


def _text(kind: Words, value: str, change: Change) -> str:
    return change(value, kind)


def _in_tuple(each: Way, value: tuple[Any, ...], change: Change) -> tuple[Any, ...]:
    return tuple(each(one, change) for one in value)


def _in_dict(each: Way, value: Mapping[str, Any], change: Change) -> dict[str, Any]:
    return {key: each(one, change) for key, one in value.items()}


def _if_any(way: Way, value: Any, change: Change) -> Any:
    return None if value is None else way(value, change)
