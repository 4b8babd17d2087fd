"""YAML without its traps: text, numbers, true and false, lists, keys with values, and the line where each stands.

Files that people write for openaudit are read here. What YAML does in silence is an error: a key that stands twice, a
tag, an alias that multiplies without end. ``no``, ``off`` and dates are the words that they are, as in YAML 1.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from openaudit.errors import RubricError

Where = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast, and not in every build
_SIZE = 1 << 20  # bytes
_PARTS = 50_000  # with every alias written out
_DEPTH = 60
_TAG = "tag:yaml.org,2002:"
_PLAIN = {_TAG + name for name in ("str", "timestamp", "value", "merge", "null", "bool", "int", "float")}


@dataclass(frozen=True)
class YamlFile:
    """One file: its bytes, what it says, and where."""

    path: Path
    raw: bytes
    node: yaml.Node
    data: Any

    def line(self, where: Sequence[str | int]) -> int:
        """The line (from 1) of a key or place; of what is not in the file, that of what it is missing from."""
        node, line = self.node, self.node.start_mark.line + 1
        for part in where:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line + 1
        return line

    def error(self, where: Sequence[str | int], message: str) -> RubricError:
        """The error to raise, with file, line and key."""
        return _error(self.path, self.line(where), ".".join(map(str, where)), message)


def _error(path: Path, line: int, key: str, message: str) -> RubricError:
    said = " ".join(f"{path}:{line}: {key + ': ' if key else ''}{message}".split())
    return RubricError(said, "openaudit rubric check FILE says when it is right.")


def read(path: Path) -> YamlFile:
    """Reads one file. Raises RubricError naming file, line and key."""
    try:
        with path.open("rb") as file:
            raw = file.read(_SIZE + 1)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise RubricError(f"{path}: cannot be read: {why}", "Give the path of a YAML file.") from problem
    if len(raw) > _SIZE:
        raise _error(path, 1, "", "larger than 1 MiB: this is not a rubric")
    try:
        node = compose(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise _error(path, line, "", "not UTF-8 text: save the file as UTF-8") from problem
    except TooDeep as problem:
        raise _error(path, problem.line, "", str(problem)) from problem
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        why = problem.problem or problem.context
        raise _error(path, mark.line + 1 if mark else 1, "", f"not YAML: {why}") from problem
    except yaml.YAMLError as problem:  # a character that may not stand in YAML
        at = getattr(problem, "position", 0)
        why = getattr(problem, "reason", problem)
        raise _error(path, raw[:at].count(b"\n") + 1, "", f"not YAML: {why}") from problem
    if node is None:
        raise _error(path, 1, "", "the file is empty")
    return YamlFile(path, raw, node, _Plain(path).of(node, ()))


class TooDeep(ValueError):
    """A document is nested deeper than any honest one, and in which line (from 1)."""

    def __init__(self, line: int) -> None:
        super().__init__(f"nested more than {_DEPTH} deep")
        self.line = line


def compose(text: str) -> yaml.Node | None:
    """The nodes of a document; ``None`` for an empty one. Raises TooDeep and yaml.YAMLError."""
    _check_depth(text)
    return yaml.compose(text, Loader=_LOADER)


def compose_all(text: str) -> list[yaml.Node | None]:
    """The nodes of each document in a file. Raises TooDeep and yaml.YAMLError."""
    _check_depth(text)
    return list(yaml.compose_all(text, Loader=_LOADER))


def _check_depth(text: str) -> None:
    """Raises TooDeep for what no honest document is, and yaml.YAMLError for what is no YAML."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):  # composing recurses, in C without a limit
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            raise TooDeep(event.start_mark.line + 1 if event.start_mark else 1)


class _Plain:
    """What nodes say, each alias written out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts = 0
        self.open: set[int] = set()

    def of(self, node: yaml.Node, where: Where) -> Any:
        self.parts += 1
        if self.parts > _PARTS:
            raise self.wrong(node, where, "aliases (*name) make this larger than any rubric")
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, where)
        if node.tag not in (_TAG + "map", _TAG + "seq"):
            raise self.wrong(node, where, f"a rubric has no tags ({node.tag.replace(_TAG, '!!')})")
        if id(node) in self.open:
            raise self.wrong(node, where, "an alias (*name) stands inside what it names")
        self.open.add(id(node))
        found = self.mapping(node, where) if isinstance(node, yaml.MappingNode) else self.list(node, where)
        self.open.remove(id(node))
        return found

    def mapping(self, node: yaml.Node, where: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.wrong(key, where, "a key is a word")
            if key.value in found:
                raise self.wrong(key, (*where, key.value), "stands twice; the second would silently win")
            found[key.value] = self.of(value, (*where, key.value))
        return found

    def list(self, node: yaml.Node, where: Where) -> list[Any]:
        return [self.of(value, (*where, i)) for i, value in enumerate(node.value)]

    def scalar(self, node: yaml.ScalarNode, where: Where) -> Any:
        if node.tag not in _PLAIN:
            raise self.wrong(node, where, f"a rubric has no tags ({node.tag.replace(_TAG, '!!')})")
        match node.tag.removeprefix(_TAG), node.value:
            case "null", "" | "~" | "null" | "Null" | "NULL":
                return None
            case "bool", ("true" | "True" | "TRUE" | "false" | "False" | "FALSE") as word:
                return word.lower() == "true"
            case ("int" | "float") as kind, digits:
                try:
                    return int(digits) if kind == "int" else float(digits)
                except ValueError:  # 1:30, 0x1F: numbers in YAML 1.1 only
                    return digits
        return node.value

    def wrong(self, node: yaml.Node, where: Where, message: str) -> RubricError:
        return _error(self.path, node.start_mark.line + 1, ".".join(map(str, where)), message)
