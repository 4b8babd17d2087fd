"""The metadata block at the top of a card: YAML between two lines of dashes, read without trust.

Aliases are refused (a few bytes of them can stand for gigabytes), dates stay text, and each top-level key keeps the
line it stands on so that a finding can point at it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from openaudit.saying import phrase

_BLOCK = re.compile(r"\A\ufeff?\s*^---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_MAX_DEPTH = 40

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PlainLoader(_Loader):  # type: ignore[misc]
    """YAML's JSON types only: ``no`` stays a boolean as on the Hub, dates and timestamps stay text."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """``data`` is the parsed mapping; ``problem`` says why it could not be read; ``lines`` counts those it takes."""

    data: Mapping[str, Any] = field(default_factory=dict)
    line_of: Mapping[str, int] = field(default_factory=dict)
    lines: int = 0
    problem: str | None = None
    present: bool = False


def read_front_matter(text: str) -> FrontMatter:
    """Reads the metadata block of a card. Never raises: what cannot be read is said in ``problem``."""
    match = _BLOCK.match(text)
    if not match:
        return FrontMatter()
    lines = text[: match.end()].count("\n")
    first = text[: match.start(1)].count("\n") + 1  # of what stands between the dashes
    body = match[1]
    try:
        depth = 0
        for event in yaml.parse(body, Loader=_PlainLoader):
            if isinstance(event, yaml.AliasEvent):
                return FrontMatter(
                    lines=lines, problem=phrase("it uses YAML aliases, which are not followed"), present=True
                )
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _MAX_DEPTH:
                    return FrontMatter(lines=lines, problem=phrase("it is nested too deep"), present=True)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
        node = yaml.compose(body, Loader=_PlainLoader)
        data = yaml.load(body, Loader=_PlainLoader)  # noqa: S506 - a safe loader, made stricter above
    except (yaml.YAMLError, ValueError) as problem:
        mark = getattr(problem, "problem_mark", None)
        wrong = phrase("it is not valid YAML")
        if mark:
            wrong = phrase("it is not valid YAML (line {n})", n=first + _lines(body, 0, mark))
        return FrontMatter(lines=lines, problem=wrong, present=True)
    if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
        problem_text = None if data is None else phrase("it is not a list of keys and values")
        return FrontMatter(lines=lines, problem=problem_text, present=True)
    line_of, line, at = {}, first, 0
    for key, _value in node.value:
        line, at = line + _lines(body, at, key.start_mark), key.start_mark.index
        if isinstance(key, yaml.ScalarNode):
            line_of[key.value] = line
    return FrontMatter({str(k): v for k, v in data.items()}, line_of, lines, present=True)


def _lines(body: str, at: int, mark: Any) -> int:
    """The lines that end between a place and a mark. YAML ends lines where no editor and no page does, too."""
    return body.count("\n", at, mark.index)
