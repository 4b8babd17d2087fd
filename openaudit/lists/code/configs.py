"""Configuration in JSON, YAML and TOML: keys that say that a model stands behind them, and commands as lists."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from openaudit.files.plainyaml import TooDeep, compose_all
from openaudit.lists.code import commands
from openaudit.lists.code.found import Found, Lines, address, owned
from openaudit.lists.jsontext import NotJson, parse

# Keys behind which nothing but a model stands. ``model`` alone is not among them: many an API calls its own names so.
KEYS = frozenset(
    "model_name_or_path pretrained_model_name_or_path base_model_name_or_path _name_or_path base_model base_model_name"
    " base_model_id hf_model hf_model_id hf_model_name huggingface_model hf_repo hf_repo_id hf_hub_id hub_model_id"
    " model_id tokenizer_name_or_path teacher_model_name_or_path draft_model embedding_model_id embedding_model_name"
    " reward_model_name_or_path sft_model_path speculative_model pretrained_model pretrained_model_name"
    " model_name_or_id hf_pretrained_model_name_or_path model_repo_id".split()
)


def read_json(text: str) -> Iterator[Found]:
    """The models that a JSON file names."""
    try:
        root = parse(text)
    except NotJson:
        return
    lines, known = Lines(text), commands.loads_models(text)
    stack = [root]
    while stack:
        node = stack.pop()
        stack += node.items or ()
        for key, value in node.pairs or ():
            stack.append(value)
            if key.lower() in KEYS and owned(value.value):
                yield lines.found(value.at + 1, str(value.value))
        if isinstance(node.value, str) and (said := address(node.value)):
            yield lines.found(node.at + 1 + said[2], said[0], said[1])
        if node.items:
            words = [(str(one.value), one.at + 1) for one in node.items if isinstance(one.value, str)]
            yield from (lines.found(at, model) for model, at in commands.asked(words, known=known))


# --------------------------------------------------------------------------- YAML


def read_yaml(text: str) -> Iterator[Found]:
    """The models that the documents of a YAML file name; none for a template that is not YAML yet."""
    try:
        nodes = [node for node in compose_all(text) if node is not None]
    except (yaml.YAMLError, TooDeep):
        return
    lines = text.split("\n")
    known = commands.loads_models(text)
    seen: set[int] = set()
    while nodes:
        node = nodes.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        match node:
            case yaml.MappingNode(value=pairs):
                nodes += [value for _, value in pairs]
                held = {key.value: value for key, value in pairs if isinstance(key, yaml.ScalarNode)}
                yield from (_at(lines, value, value.value) for value in _yaml_models(held))
            case yaml.SequenceNode(value=items):
                nodes += items
                words = [(one.value, one) for one in items if isinstance(one, yaml.ScalarNode)]
                yield from (_at(lines, one, model) for model, one in commands.asked(words, known=known))
            case yaml.ScalarNode(value=value):
                if said := address(value):
                    yield _at(lines, node, said[0], said[1])
                elif node.style in ("|", ">") or " --" in value:
                    block = node.style in ("|", ">")  # its lines begin below
                    yield from (
                        _at(lines, node, one.model, below=one.line - (not block))
                        for one in commands.read(value, known=known)
                    )


def _yaml_models(held: Mapping[str, yaml.Node]) -> Iterator[yaml.ScalarNode]:
    """The values of a mapping that are models."""
    for key, value in held.items():
        if key.lower() in KEYS and isinstance(value, yaml.ScalarNode) and owned(value.value):
            yield value
    match held:  # how Kubernetes writes variables
        case {"name": yaml.ScalarNode(value=str(name)), "value": yaml.ScalarNode() as value}:
            if name.lower() in KEYS and owned(value.value):
                yield value


def _at(lines: list[str], node: yaml.Node, model: str, revision: str = "", below: int = 0) -> Found:
    line = node.start_mark.line + below
    start = 0 if below else node.start_mark.column
    inside = lines[line].find(model, start) if line < len(lines) else -1
    return Found(line + 1, max(inside, start) + 1, model, revision)


# --------------------------------------------------------------------------- TOML


def read_toml(text: str) -> Iterator[Found]:
    """The models that a TOML file names. Its reader knows no places: the line is the one that holds key and value."""
    try:
        root = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    named: set[tuple[str, str]] = set()
    stack: list[Any] = [root]
    while stack:
        held = stack.pop()
        stack += list(held.values()) if isinstance(held, dict) else held if isinstance(held, list) else []
        named |= {(key, value) for key, value in _pairs(held) if key.lower() in KEYS and owned(value)}
    for number, line in enumerate(text.split("\n"), 1):
        found = _PAIR.match(line)
        if found and (found[1], found[2]) in named:
            yield Found(number, found.start(2) + 1, found[2])


def _pairs(held: Any) -> Iterable[tuple[str, Any]]:
    return held.items() if isinstance(held, dict) else ()


_PAIR = re.compile(r"""\s*["']?([\w-]+)["']?\s*=\s*["']{1,3}([^"']{1,200})["']""")
