"""JSON with the place of everything in it: what the library's own reader does not tell."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # documented as what JSONDecoder uses
from typing import Any

MAX_DEPTH = 60
_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")


class NotJson(ValueError):
    """What is wrong, and at which character (from 0)."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Node:
    """A value, where it begins, and what it holds: a list of nodes, or pairs of key and node; neither if plain."""

    at: int
    value: str | int | float | bool | None = None
    items: tuple[Node, ...] | None = None
    pairs: tuple[tuple[str, Node], ...] | None = None

    def get(self, *keys: str) -> Node | None:
        """What the first of these keys holds that is there."""
        held = dict(self.pairs or ())
        return next((held[key] for key in keys if key in held), None)


def parse(text: str) -> Node:
    """One JSON value and nothing behind it. Raises NotJson."""
    node, end = _value(text, _skip(text, 0), 0)
    end = _skip(text, end)
    if end < len(text):
        raise NotJson("there is more behind it", end)
    return node


def items(text: str) -> Iterator[Node]:
    """The members of a list, one at a time, however many. Raises NotJson."""
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        raise NotJson("not a list", at)
    end = _skip(text, (yield from _members(text, at, 0)))
    if end < len(text):
        raise NotJson("there is more behind it", end)


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _value(text: str, at: int, depth: int) -> tuple[Node, int]:
    if depth > MAX_DEPTH:
        raise NotJson(f"nested more than {MAX_DEPTH} deep", at)
    match text[at : at + 1]:
        case '"':
            value, end = _string(text, at)
            return Node(at, value), end
        case "[":
            members = _members(text, at, depth)
            nodes: list[Node] = []
            while True:
                try:
                    nodes.append(next(members))
                except StopIteration as over:
                    return Node(at, items=tuple(nodes)), over.value
        case "{":
            return _object(text, at, depth)
    word = _WORD.match(text, at)
    if not word:
        raise NotJson("the text ends here" if at >= len(text) else "no JSON value", at)
    if len(word[0]) > 300:  # Python refuses numbers of thousands of digits
        raise NotJson("a number this long says nothing", at)
    plain: Any = json.loads(word[0])
    return Node(at, plain), word.end()


def _members(text: str, at: int, depth: int) -> Generator[Node, None, int]:
    """The members of a list; returns where it ends."""
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return at + 1
    while True:
        node, end = _value(text, at, depth + 1)
        yield node
        at = _skip(text, end)
        sign, at = text[at : at + 1], at + 1
        if sign == "]":
            return at
        if sign != ",":
            raise NotJson("a comma or ] is wanted", at - 1)
        at = _skip(text, at)


def _object(text: str, start: int, depth: int) -> tuple[Node, int]:
    pairs: list[tuple[str, Node]] = []
    at = _skip(text, start + 1)
    if text[at : at + 1] == "}":
        return Node(start, pairs=()), at + 1
    while True:
        key, at = _string(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise NotJson("a colon is wanted", at)
        node, at = _value(text, _skip(text, at + 1), depth + 1)
        pairs.append((key, node))
        at = _skip(text, at)
        sign, at = text[at : at + 1], at + 1
        if sign == "}":
            return Node(start, pairs=tuple(pairs)), at
        if sign != ",":
            raise NotJson("a comma or } is wanted", at - 1)
        at = _skip(text, at)


def _string(text: str, at: int) -> tuple[str, int]:
    if text[at : at + 1] != '"':
        raise NotJson("a text in quotes is wanted", at)
    try:
        value, end = scanstring(text, at + 1, True)
    except json.JSONDecodeError as problem:
        raise NotJson(problem.msg[:1].lower() + problem.msg[1:], min(problem.pos, len(text))) from problem
    return value, end
