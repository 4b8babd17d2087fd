"""Commands in shell scripts, Dockerfiles, Makefiles and .env files: words after the options that ask for a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from openaudit.lists.code.found import Found, address, owned

T = TypeVar("T")

_MAX_LINE = 20_000  # characters; a longer line was written by a machine
# Options that name a model whatever the program, and those that many programs have for names of their own.
_OPTIONS = frozenset(
    "--model-id --model_id --model-name-or-path --model_name_or_path --pretrained-model-name-or-path --base-model"
    " --pretrained_model_name_or_path --base_model --hf-model --hf_model --hf-repo --base-model-name-or-path"
    " --base_model_name_or_path --tokenizer_name_or_path --speculative-model --hub-model-id".split()
)
_COMMON = frozenset({"--model", "--model-path", "--model_path", "-m", "--pretrained"})
# Who is meant when one of the common options is used.
_PROGRAMS = re.compile(
    r"vllm|sglang|text-generation|text-embeddings|\btgi\b|lmdeploy|transformers|optimum|\btrl\b|accelerate|torchrun"
    r"|lm[-_]eval|huggingface|\bhf\b|deepspeed|axolotl|mlx_lm|ctranslate2|ct2-|llama\.cpp|convert_hf",
    re.IGNORECASE,
)
_DOWNLOADS = (["vllm", "serve"], ["huggingface-cli", "download"], ["hf", "download"])
_WORD = re.compile(r"[^\s\"'`,;()\[\]<>|&]+")
_SET = re.compile(
    r"^\s*(?:export\s+|ENV\s+|ARG\s+|-e\s+)?([A-Za-z_]\w*)(?:\s*[:?]?=\s*|(?<=\w)\s+(?=\S+$))[\"']?([^\s\"'#]+)"
)
_LONGEST = 500  # characters of a word, and of a default in it
_USED = re.compile(r"\$(?:\{(\w+)(?::-([^}]{0,500}))?\}|\((\w+)\)|(\w+))")
_VARIABLES = frozenset(
    "model_id model_name_or_path hf_model hf_model_id hf_repo_id base_model base_model_id base_model_name_or_path"
    " pretrained_model_name_or_path hub_model_id huggingface_model".split()
)


def loads_models(text: str) -> bool:
    """Whether a text names a program that loads models: options that many programs have are then its own."""
    return bool(_PROGRAMS.search(text))


def read(text: str, *, known: bool | None = None) -> Iterator[Found]:
    """The models that the commands of a file ask for. ``known``: as for ``asked``; by default the file tells."""
    known = loads_models(text) if known is None else known
    variables: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#") or len(line) > _MAX_LINE:
            continue
        if (said := _SET.match(line)) and (owned(said[2]) or "$" in said[2]):
            variables.setdefault(said[1], _spelt_out(said[2], variables))
            if said[1].lower() in _VARIABLES and owned(value := variables[said[1]]):
                yield Found(number, max(line.find(value), 0) + 1, value)
        words = [(_spelt_out(word[0], variables), word.start()) for word in _WORD.finditer(_uncommented(line))]
        for model, at in asked(words, known=known):
            inside = line.find(model, at)
            yield Found(number, (inside if inside >= 0 else at) + 1, model)
        for word, at in words:
            if said_so := address(word):
                yield Found(number, at + said_so[2] + 1, said_so[0], said_so[1])


def _uncommented(line: str) -> str:
    return re.sub(r"\s#.*", "", line)


def _spelt_out(word: str, variables: dict[str, str]) -> str:
    """A word with the variables in it that were given a model above."""
    if "$" not in word:
        return word
    return _USED.sub(lambda use: variables.get(use[1] or use[3] or use[4] or "", use[2] or use[0]), word)[:_LONGEST]


def asked(words: Iterable[tuple[str, T]], *, known: bool) -> Iterator[tuple[str, T]]:
    """The models that the words of a command ask for, each with its place.

    ``known``: options that many programs have are those of one that loads models.
    """
    line: Sequence[tuple[str, T]] = list(words)
    options = _OPTIONS | _COMMON if known else _OPTIONS
    for at, (word, place) in enumerate(line):
        name, equals, value = word.partition("=")
        if name in options and equals and owned(value):
            yield value, place
        elif name in options and not equals and at + 1 < len(line) and owned(line[at + 1][0]):
            yield line[at + 1]
        before = [said for said, _ in line[max(0, at - 2) : at]]
        if before in _DOWNLOADS and owned(word) and not _other_kind([said for said, _ in line]):
            yield word, place


def _other_kind(words: Sequence[str]) -> bool:
    """Whether a download is of a data set or a space."""
    at = next((at for at, word in enumerate(words) if word.partition("=")[0] == "--repo-type"), None)
    return at is not None and "model" not in (words[at].partition("=")[2], *words[at + 1 : at + 2])
