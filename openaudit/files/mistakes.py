"""What is wrong with a file, in plain words: what pydantic found, where it stands, and the right name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from openaudit.files.plainyaml import Where


def near(name: object, names: Iterable[object]) -> str:
    """The right name that was perhaps meant, to be put behind a message; empty where none is near.

    Never the name itself: it may be right at another place, and is wrong where it stands.
    """
    close = difflib.get_close_matches(str(name), [str(one) for one in names if str(one) != str(name)], n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


class Misplaced(ValueError):
    """A mistake that shows only in the whole, and the key or place below it that makes it."""

    def __init__(self, message: str, *where: str | int) -> None:
        super().__init__(message)
        self.where = where


_HOLD_A_CONDITION = frozenset({"when", "where", "that", "not", "ancestors"})
_IN_WORDS = {
    "missing": "is missing",
    "bool_type": "a word, a number, true or false is wanted",
    "tuple_type": "a list is wanted",
    "too_short": "at least {min_length} wanted",
    "float_type": "a number is wanted",
    "greater_than": "a number above 0 is wanted",
    "model_type": "keys with values are wanted",
    "dict_type": "keys with values are wanted",
}
_PATTERNS = {r"\S": "there is nothing in it", "^https://": "a link is wanted that begins with https://"}


def in_words(error: Any, data: Any, known: Iterable[str], operators: Collection[str] = ()) -> tuple[Where, str]:
    """One of pydantic's errors: the keys that lead to it in the file, and what is wrong, in plain words.

    ``operators``: those of the conditions that the file may hold, as rubrics do.
    """
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    keys = _keys(error["loc"], data, kind == "missing", bool(operators))
    where = (*keys, *getattr(context.get("error"), "where", ()))
    match kind:
        case "extra_forbidden":
            key = str(where[-1])
            if key in operators:
                return where, "there is no room for it: a condition has one operator, join several with all or any"
            return where, f"there is no such key here{near(key, known)}"
        case "operator":
            names = given if isinstance(given, Mapping) else [given]
            return where, error["msg"] + next(filter(None, (near(name, operators) for name in names)), "")
        case "literal_error":
            words = re.findall(r"'([^']*)'", context["expected"])
            return where, f"{shown(given)} is not one of {', '.join(words)}{near(given, words)}"
        case "string_type":
            quotes = f', in quotes: "{shown(given)}"' if isinstance(given, bool | int | float) else ""
            return where, f"text is wanted{quotes}"
        case "string_pattern_mismatch":
            return where, _PATTERNS.get(context["pattern"], "lower-case letters, digits and hyphens are wanted")
    return where, _IN_WORDS.get(kind, error["msg"].removeprefix("Value error, ")).format_map(context)


def _keys(loc: Iterable[str | int], data: Any, absent: bool, conditions: bool) -> Iterator[str | int]:
    """Pydantic's location as keys of the file: it names the kind of each condition as well, as if that were a key."""
    last: str | int = ""
    kind_follows = False
    for part in loc:
        if kind_follows:
            kind_follows = False
            continue
        if (isinstance(part, int) and isinstance(data, list)) or (isinstance(data, Mapping) and part in data):
            data = data[part]  # type: ignore[index]  # a place in a list, or a key of a mapping
        elif not absent:
            continue
        yield part
        kind_follows = conditions and (part in _HOLD_A_CONDITION or (isinstance(part, int) and last in ("all", "any")))
        last = part


def shown(value: object) -> str:
    """A value as it is written in the file."""
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)
