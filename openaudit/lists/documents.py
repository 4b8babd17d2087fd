"""Lists in YAML, JSON and JSON lines: a list of names, or of mappings that hold one under ``model``, ``id``, ….

The list may also stand under the key ``models``. Results that this program wrote as JSON lines are such a list.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

import yaml

from openaudit.errors import ListError
from openaudit.files.plainyaml import TooDeep, compose
from openaudit.lists.jsontext import Node, NotJson, items, parse
from openaudit.lists.lines import Line, place
from openaudit.lists.tables import COLUMNS
from openaudit.run import Named

_SIZE = 16 << 20  # characters; JSON lines and plain lists have no limit
_HOLDER = "models"
_ADVICE = "Write a list of names (owner/name), or of mappings with the key model."


class _Text(NamedTuple):
    """A whole document, and how to say where something stands in it."""

    name: str
    lines: list[Line]
    text: str
    starts: list[int]

    def line(self, at: int) -> tuple[Line, int]:
        """The line that holds a character, and the character's place in it (both from 0)."""
        row = bisect_right(self.starts, at) - 1
        return self.lines[row], at - self.starts[row]

    def named(self, reference: str, at: int) -> Named:
        return Named(reference, (place(self.name, *self.line(at)),))

    def wrong(self, at: int, message: str) -> ListError:
        line, offset = self.line(at)
        return ListError(f"{self.name}:{line.number}:{offset + 1}: {message}", _ADVICE)


def _whole(name: str, lines: Iterator[Line]) -> _Text:
    held: list[Line] = []
    size = 0
    for line in lines:
        size += len(line.text) + 1
        if size > _SIZE:
            raise ListError(f"{name}: larger than {_SIZE >> 20} MiB", "As JSON lines, a list may have any length.")
        held.append(line)
    held = held or [Line(1, "")]
    starts = list(accumulate((len(line.text) + 1 for line in held[:-1]), initial=0))
    return _Text(name, held, "\n".join(line.text for line in held), starts)


# --------------------------------------------------------------------------- JSON


def read_json(name: str, lines: Iterator[Line]) -> Iterator[Named]:
    """A JSON list, or a mapping that holds it."""
    whole = _whole(name, lines)
    try:
        if not whole.text.strip():
            return
        if whole.text.lstrip().startswith("["):
            entries: Iterator[Node] = items(whole.text)
        else:
            document = parse(whole.text)
            held = document.get(_HOLDER)
            if held is None or held.items is None:
                raise whole.wrong(document.at, f"neither a list nor a mapping with one under {_HOLDER!r}")
            entries = iter(held.items)
        for number, node in enumerate(entries):
            yield whole.named(*_reference(whole, node, f"[{number}]"))
    except NotJson as problem:
        raise whole.wrong(problem.at, f"not JSON: {problem}") from problem


def read_json_lines(name: str, lines: Iterator[Line]) -> Iterator[Named]:
    """A JSON value a line."""
    for line in lines:
        if not line.text.strip():
            continue
        whole = _Text(name, [line], line.text, [0])
        try:
            yield whole.named(*_reference(whole, parse(line.text), ""))
        except NotJson as problem:
            raise whole.wrong(problem.at, f"not JSON: {problem}") from problem


def _reference(whole: _Text, node: Node, where: str) -> tuple[str, int]:
    """The reference that an entry holds, and where it begins."""
    found = node.get(*COLUMNS) if node.pairs is not None else node
    if found is None:
        raise whole.wrong(node.at, f"{where + ': ' if where else ''}no key called {', '.join(COLUMNS)}")
    if not isinstance(found.value, str) or not found.value.strip():
        raise whole.wrong(found.at, f"{where + ': ' if where else ''}a text is wanted: the name of a model")
    return found.value.strip(), found.at + 1


# --------------------------------------------------------------------------- YAML


def read_yaml(name: str, lines: Iterator[Line]) -> Iterator[Named]:
    """A YAML list, or a mapping that holds it. Tags and types mean nothing here: a name is a text."""
    whole = _whole(name, lines)
    try:
        node = compose(whole.text)
    except TooDeep as problem:
        raise ListError(f"{name}:{problem.line}: {problem}", _ADVICE) from problem
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        why = problem.problem or problem.context
        raise ListError(f"{name}:{mark.line + 1 if mark else 1}: not YAML: {why}", _ADVICE) from problem
    except yaml.YAMLError as problem:  # a character that may not stand in YAML
        raise ListError(f"{name}: not YAML: {getattr(problem, 'reason', problem)}", _ADVICE) from problem
    if isinstance(node, yaml.MappingNode):
        held = next((value for key, value in node.value if key.value == _HOLDER), None)
        if held is None:
            raise _wrong(whole, node, f"neither a list nor a mapping with one under {_HOLDER!r}")
        node = held
    if node is None:
        return
    if not isinstance(node, yaml.SequenceNode):
        raise _wrong(whole, node, "not a list")
    for number, entry in enumerate(node.value):
        yield _entry(whole, entry, f"[{number}]")


def _entry(whole: _Text, node: yaml.Node, where: str) -> Named:
    found: yaml.Node | None = node
    if isinstance(node, yaml.MappingNode):
        held = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
        found = next((held[key] for key in COLUMNS if key in held), None)
        if found is None:
            raise _wrong(whole, node, f"{where}: no key called {', '.join(COLUMNS)}")
    if not isinstance(found, yaml.ScalarNode) or not found.value.strip():
        raise _wrong(whole, node, f"{where}: a text is wanted: the name of a model")
    # By the character: YAML ends lines at characters, too, at which no editor and no other list does.
    return whole.named(found.value.strip(), found.start_mark.index + (found.style in ("'", '"')))


def _wrong(whole: _Text, node: yaml.Node, message: str) -> ListError:
    return whole.wrong(node.start_mark.index, message)
