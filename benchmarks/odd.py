"""What fuzzing feeds: pieces of real texts and of small ones written here, changed as nobody would.

Everything hangs on the ``Random`` that is handed in, and on nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any

from openaudit import policy
from openaudit.auditing import SAMPLE
from openaudit.judging.rubric import shipped

LONGEST = 3000  # characters of an input that is not a piece repeated

# --------------------------------------------------------------------------- what it is made from


def _texts(pattern: str, longest: int = 20_000) -> Callable[[], Sequence[str]]:
    return lambda: [path.read_text("utf-8", "replace")[:longest] for path in sorted(SAMPLE.glob(pattern))]


cards = cache(_texts("models/*/*/files/README.md"))
infos = cache(_texts("*/*/*/info.json", 1 << 20))
licences = cache(_texts("models/*/*/files/LICEN*"))

LISTS = (
    "# ours\na/b\nc/d@main # why\n",
    'model,note\na/b,x\n"c/d","y,\nz"\n',
    "model\tn\na/b\t1\n",
    'models:\n- a/b\n- {model: c/d, note: "x: y"}\n- id: &x e/f\n- *x\n',
    '["a/b", {"model": "c/d", "n": [1.5e3, null, true, "\\u00e9\\ud83d"]}]',
    '{"models": [{"id": "a/b"}]}',
    '{"model": "a/b"}\n{"model": "c/d", "x": {"y": []}}\n',
)
CODES = (
    "X = 'a/b'\nm = AutoModel.from_pretrained(X, revision='main')\np = pipeline('t', model=f'{X}')\n",
    "class A:\n  def f(self, m='c/d'):\n    return load(model=m)\n",
    '{"cells": [{"cell_type": "code", "source": ["x = \'a/b\'\\n", "AutoModel.from_pretrained(x)"]}]}',
    '{"base_model": "a/b", "adapters": [{"model_name_or_path": "c/d"}]}',
    "model:\n  name: a/b\nbase_model: hf://c/d\n",
    "[model]\nname = 'a/b'\n[[adapter]]\nbase_model = \"c/d\"\n",
    '#!/bin/sh\nM=a/b\nexport N=${M:-c/d}\nvllm serve $M --model "$N" \\\n  --x <<E\nE\nhuggingface-cli download $M\n',
)


@cache
def policies() -> Sequence[str]:
    """The policy to begin with: as it is, with all that it only proposes, and as a part of a project's file."""
    starter = policy.starter()
    return (starter, starter.replace("# ", ""), f"[tool.openaudit]\n{starter}".replace("[[", "[[tool.openaudit."))


@cache
def rubrics() -> Sequence[str]:
    """The rubrics that come with openaudit."""
    return [path.read_text("utf-8") for path in shipped().values()]


def fronts() -> Sequence[str]:
    """The metadata of cards."""
    small = "---\nlicense: mit\ntags: [a, b]\nbase_model:\n- a/b\nx: {y: 1979-05-27, z: 0x1F}\n---\n# Card\n"
    return [small, *(text[: text.find("\n---", 4) + 10] for text in cards())]


_ODD = ("\0", "\r", "\r\n", "\t", "\x0b", "\x0c", "\x85", "\u2028", "\ufeff", "\ud800", "é", "。", "😀", "\u202e", " ")
_BREAKS = (" ", "\n", "\n\n", "\n  ", "\t")
YAML = (
    *"-:?,[]{}#&*!|>'\"%@`~<=",
    *("- ", ": ", "? ", "!!str ", "!!binary ", "<<: ", "---\n", "...\n", "%YAML 1.1\n"),
    *"&a *a yes 0o7 1_0 .inf 2001-01-01 2001-99-99 1:30 \\x".split(),
    *_BREAKS,
)
JSON = (*'{}[]:,"\\-+.0eE', *"null true 1e999 -0 \\u \\ud800 \\u0000 NaN Infinity".split(), "9" * 30, *_BREAKS)
TOML = (
    *"[]{}=.,#\"'\\",
    *"[[ ]] \"\"\" ''' \\u0041 nan inf 1979-05-27 07:32:00 0x1F at_least level label true".split(),
    *"rules exemptions baseline require forbid licenses".split(),
    *_BREAKS,
)
PYTHON = (
    *"()[]{}:=,.'\"\\#@`|;",
    *("lambda ", "class A:\n ", "await ", "<<E\n", "--model ", "vllm serve ", "export X="),
    *'f\' """ from_pretrained( ** %s $X ${X:-a/b} $( && a/b'.split(),
    *_BREAKS,
)
MARKDOWN = (
    *"#*_`~[]()<>!|\\&-+=:.",
    *("```\n", "~~~", "---\n", "> ", "- ", "1. ", "    ", "| a | b |\n", "|-|-|\n", "[a]: <b> 'c'\n", "**", "$$"),
    *("<a href='", "under the MIT license", "trained on ", "base model: a/b", "e.g. "),
    *"]( [^1] <!-- --> <div> </div> <br> <script> </table> <details> &amp; &#0; <? <![ <![CDATA[".split(),
    *"http://a.b ![](x)".split(),
    *_BREAKS,
)
LEGAL = (
    *"().,;:§©\"'-*。",
    *("Copyright (c) 2026 X\n", "All rights reserved.", "MIT License\n", "licensed under the ", "Version 2.0", "not "),
    *("Apache License\n", "SPDX-" + "License-Identifier: ", "provided by ", "the name of ", "in no event shall "),
    *"http://a.b 1. (a) &nbsp; <p> <!-- non-commercial".split(),
    *_BREAKS,
)

# --------------------------------------------------------------------------- making inputs


def mutated(random: Random, seeds: Sequence[str], pieces: Sequence[str]) -> str:
    """A piece of a seed, changed in a few places; or nothing but pieces."""
    thrown = (*pieces, *pieces, *_ODD)
    if random.random() < 0.15:
        return "".join(random.choices(thrown, k=random.randint(0, 60)))
    text = random.choice(seeds)
    size = int(min(len(text), LONGEST) * random.random() ** 2) + 1
    start = random.choice([0, random.randrange(len(text) + 1)])
    text = text[start : start + size]
    for _ in range(1 + int(8 * random.random() ** 2)):
        at = random.randrange(len(text) + 1)
        end = min(len(text), at + int(40 * random.random() ** 2) + 1)
        match random.randrange(6):
            case 0 | 1:
                text = text[:at] + random.choice(thrown) + text[at:]
            case 2:
                text = text[:at] + text[end:]
            case 3:
                text = text[:end] + text[at:end] * random.randint(1, 20) + text[end:]
            case 4:
                other = random.choice(seeds)
                begin = random.randrange(len(other) + 1)
                text = text[:at] + other[begin : begin + random.randint(1, 200)] + text[end:]
            case _:
                text = text[:at] + chr(random.randrange(random.choice([128, 0x3000]))) + text[at + 1 :]
    return text


def repeating(random: Random, seeds: Sequence[str], pieces: Sequence[str]) -> Callable[[int], str]:
    """A text of a given length: something, then one piece again and again, then something."""
    pieces = pieces or JSON

    def piece() -> str:
        if random.random() < 0.5:
            return "".join(random.choices([*pieces, *_ODD], k=random.randint(1, 3)))
        seed = random.choice(seeds)
        at = random.randrange(len(seed) + 1)
        return seed[at : at + random.randint(1, 30)] or "x"

    before = random.choice(["", "", "---\n", '"', "[", piece()])
    again, after = piece(), random.choice(["", "", "\n", "x", piece()])
    return lambda length: before + again * (length // len(again) + 1) + after


_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1 << 70, 1.5, 1e308, "", " ", "\0", "\ud800", "x" * 5000, "\n---\n"),
    *"x a/b a/b/c ../.. mit {model} <b> 2026-13-45 https:// https://[ http://a.b:x".split(),
    *([], [None], [[]], ["a/b", "a/b", "A/B"], ["license:mit", "region:us", ""]),
    *({}, {"": ""}, {"a": {"b": []}}, {"rfilename": "x"}, [{"rfilename": "LICENSE", "size": -1}]),
)
_KEYS = ("base_model", "datasets", "license", "tags", "cardData", "gated", "siblings")


def some_json(random: Random, seeds: Sequence[str], pieces: Sequence[str]) -> str:
    """An answer of the Hub with some values changed, missing or elsewhere; now and then one that is no JSON."""
    if random.random() < 0.1:
        return mutated(random, seeds, (*pieces, *JSON))
    answer = json.loads(random.choice(seeds))
    if isinstance(answer.get("siblings"), list):
        answer["siblings"] = random.sample(answer["siblings"], min(len(answer["siblings"]), 12))
    for _ in range(random.randint(1, 6)):
        node = answer
        while True:
            keys = list(node) if isinstance(node, dict) else range(len(node))
            if not keys:
                break
            key = random.choice(keys)
            if isinstance(node[key], dict | list) and random.random() < 0.7:
                node = node[key]
                continue
            match random.randrange(4):
                case 0:
                    del node[key]
                case 1 if isinstance(node, dict):
                    other = random.choice([*_KEYS, *node])
                    node[other] = json.loads(json.dumps(node[key]))
                case _:
                    node[key] = json.loads(json.dumps(random.choice(_VALUES)))
            break
    return json.dumps(answer)
