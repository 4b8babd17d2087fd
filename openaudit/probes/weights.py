"""Weights: are they there, whole, in which formats; intermediate checkpoints; optimizer state; code that runs on load."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from openaudit.evidence import Finding
from openaudit.probes import Case, Fact, probe
from openaudit.saying import counted, listed, phrase

_FORMATS = {
    ".safetensors": "safetensors", ".gguf": "gguf", ".ggml": "ggml", ".bin": "pytorch", ".pt": "pytorch", ".pth": "pytorch",
    ".ckpt": "pytorch", ".msgpack": "flax", ".h5": "tensorflow", ".onnx": "onnx", ".tflite": "tflite", ".nemo": "nemo",
    ".npz": "numpy", ".keras": "keras", ".pb": "tensorflow", ".mlmodel": "coreml", ".mlpackage": "coreml", ".ot": "rust",
    ".llamafile": "llamafile", ".joblib": "scikit-learn", ".pkl": "pickle", ".distcp": "pytorch", ".task": "mediapipe",
    ".litertlm": "litert", ".params": "mxnet", ".pdparams": "paddle", ".marlin": "marlin",
}  # fmt: skip
_NOT_WEIGHTS = re.compile(
    r"(?:^|/)(?:training_args|optimizer|scheduler|rng_state|scaler|random_states|tokenizer|vocab|spiece|sentencepiece)[^/]*$|"
    r"(?:^|/)(?:events\.out|.*tfevents)",
    re.IGNORECASE,
)
_OPTIMIZER = re.compile(
    r"(?:^|/)(?:optimizer[^/]*\.(?:pt|pth|bin|safetensors)|[^/]*optim_states\.pt|optim[^/]*\.(?:pt|distcp))$"
)
_SHARD = re.compile(r"^(.*?)[-_](\d{3,6})-of-(\d{3,6})(\..+)$")
_CHECKPOINT = re.compile(
    r"(?:^|[-_/])(?:step|steps|checkpoint|ckpt|iter|global_?step|tokens?)[-_]?\d|^\d+(?:\.\d+)?[bmkt](?:-?tokens)?$|"
    r"^stage\d|tokens\d|^epoch[-_]?\d",
    re.IGNORECASE,
)

PRESENT = Fact(
    "weights.present",
    "Are the model's weights in the repository?",
    {True: "the weights are in the repository", False: "no weights are in the repository"},
)
FORMATS = Fact("weights.formats", "In which formats are the weights given?", {"*": "the weights are given as {value}"})
COMPLETE = Fact(
    "weights.complete",
    "Are all parts of the weights there?",
    {True: "every part of the weights is there", False: "a part of the weights is missing"},
)
CHECKPOINTS = Fact(
    "weights.checkpoints",
    "Are intermediate checkpoints published?",
    {True: "intermediate checkpoints are published", False: "no intermediate checkpoint is published"},
)
OPTIMIZER = Fact(
    "weights.optimizer",
    "Is the optimizer's state published?",
    {True: "the optimizer's state is published", False: "the optimizer's state is not published"},
)
REMOTE_CODE = Fact(
    "weights.remote_code",
    "Does loading the model run code from its repository?",
    {
        True: "loading the model runs code from its repository",
        False: "loading the model runs no code from its repository",
    },
)


def weight_files(paths: Iterable[str]) -> list[str]:
    """Those of a list of files that hold weights."""
    return [p for p in paths if PurePosixPath(p).suffix.lower() in _FORMATS and not _NOT_WEIGHTS.search(p)]


@probe(PRESENT, FORMATS, COMPLETE, CHECKPOINTS, OPTIMIZER, REMOTE_CODE)
def weights(case: Case) -> Iterator[Finding]:
    """Reads the list of files, the branches and tags, and the configuration. No weight is ever downloaded."""
    told = "siblings" in case.repo.info
    paths = case.repo.paths
    held = weight_files(paths)
    where = case.files_source
    if not told:
        note = phrase("the list of files was not gathered")
        for fact in (PRESENT, FORMATS, COMPLETE, OPTIMIZER):
            yield Finding(fact.name, None, where, note=note)
    else:
        source = case.file_source(held[0]) if held else where
        if held:
            note = counted("{n} weight file", "{n} weight files", len(held))
        else:
            note = counted(
                "looked for weight files among {n} file", "looked for weight files among {n} files", len(paths)
            )
        yield Finding(PRESENT.name, bool(held), source, note=note)
        if held:
            formats = sorted({_FORMATS[PurePosixPath(p).suffix.lower()] for p in held})
            yield Finding(FORMATS.name, tuple(formats), where)
            lost = _missing_shards(held)
            yield Finding(
                COMPLETE.name, not lost, where, note=phrase("missing: {parts}", parts=listed(lost[:3])) if lost else ""
            )
        state = next((p for p in paths if _OPTIMIZER.search(p)), None)
        source = case.file_source(state) if state else where
        yield Finding(
            OPTIMIZER.name, state is not None, source, note=phrase("looked for optimizer files in the file list")
        )
    yield _checkpoints(case)
    yield _remote_code(case)


def _missing_shards(held: list[str]) -> list[str]:
    """Parts that a numbered series announces and the list of files does not have. One whole series is enough."""
    series: dict[tuple[str, int, str], set[int]] = {}
    for path in held:
        if match := _SHARD.match(path):
            stem, number, total, suffix = match.groups()
            if 0 < int(total) <= 10_000:
                series.setdefault((stem, int(total), suffix), set()).add(int(number))
    if len(held) > sum(len(found) for found in series.values()):
        return []
    lost: list[str] = []
    for (stem, total, suffix), found in sorted(series.items()):
        first = 0 if 0 in found else 1
        gone = sorted(set(range(first, first + total)) - found)
        if not gone:
            return []
        lost += [
            phrase("{name} part {number} of {total} ({suffix})", name=stem, number=number, total=total, suffix=suffix)
            for number in gone
        ]
    return lost


def _checkpoints(case: Case) -> Finding:
    held = next((p for p in case.repo.paths if re.search(r"(?:^|/)(?:checkpoint|step|global_step)[-_]?\d+/", p)), None)
    if held:
        return Finding(CHECKPOINTS.name, True, case.file_source(held), note=phrase("a folder in the repository"))
    if case.repo.refs is None:
        return Finding(CHECKPOINTS.name, None, case.files_source, note=phrase("branches and tags were not gathered"))
    groups = (case.repo.refs.get(group) for group in ("branches", "tags"))
    refs = [ref for group in groups if isinstance(group, list) for ref in group if isinstance(ref, dict)]
    names = [ref["name"] for ref in refs if isinstance(ref.get("name"), str)]
    found = [name for name in names if name != "main" and _CHECKPOINT.search(name)]
    if found:
        note = counted("{n} branch or tag: {name}", "{n} branches or tags, such as {name}", len(found), name=found[0])
    else:
        note = counted("looked at {n} branch or tag", "looked at {n} branches and tags", len(names))
    return Finding(CHECKPOINTS.name, bool(found), case.files_source, note=note)


def _remote_code(case: Case) -> Finding:
    text = case.repo.files.get("config.json")
    config: object = case.repo.info.get("config")
    source = case.files_source
    if text is not None:
        source = case.file_source("config.json")
        try:
            config = json.loads(text)
        except (ValueError, RecursionError):
            return Finding(REMOTE_CODE.name, None, source, note=phrase("config.json is not valid JSON"))
    tags = case.repo.info.get("tags")
    tagged = isinstance(tags, list) and "custom_code" in tags
    if tagged or (isinstance(config, dict) and "auto_map" in config):
        return Finding(
            REMOTE_CODE.name, True, source, note=phrase("the configuration maps classes to files of the repository")
        )
    if config is None and not isinstance(tags, list):
        return Finding(
            REMOTE_CODE.name, None, source, note=phrase("neither the configuration nor the tags were gathered")
        )
    return Finding(REMOTE_CODE.name, False, source, note=phrase("looked at the configuration and the tags"))
