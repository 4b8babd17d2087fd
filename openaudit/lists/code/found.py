"""What makes a text the name of a model: how it is written, and the names that only stand for one."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from openaudit.reading.pointers import valid_id


class Found(NamedTuple):
    """A model that code names: its line and column (from 1), its id, and the revision that is asked for, if one is."""

    line: int
    column: int
    model: str
    revision: str = ""

    @property
    def reference(self) -> str:
        """``owner/name`` or ``owner/name@revision``."""
        return f"{self.model}@{self.revision}" if self.revision else self.model


class Lines:
    """Where the characters of a text stand."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(end.end() for end in re.finditer("\n", text))]

    def found(self, at: int, model: str, revision: str = "") -> Found:
        """A model whose text begins at a character (from 0)."""
        row = bisect_right(self._starts, at) - 1
        return Found(row + 1, at - self._starts[row] + 1, model, revision)


_ID = re.compile(r"[\w][\w.-]*(/[\w][\w.-]*)?", re.ASCII)
_REVISION = re.compile(r"[\w][\w./-]{0,199}", re.ASCII)
# Folders in which people keep models on their disks: owner/name in form, a path in fact.
_FOLDERS = re.compile(
    r"(saved|trained|fine-?tuned|local|my|test|base|merged|exported|pretrained|downloaded|hf)?[-_]?"
    r"(models?|checkpoints?|ckpts?|weights?|outputs?|results?|runs?|logs?|exp(eriment)?s?|artifacts?|assets?"
    r"|data(sets?)?|cache|pretrained|tmp|temp|build|dist|src|lib|scripts?|tests?|configs?|files?|content|workspace|mnt"
    r"|home|root|opt|usr|var|app|examples?|resources?|drive|adapters?|loras?|tokenizers?)",
    re.IGNORECASE,
)
_PLACE_HOLDERS = re.compile(
    r"(your|my|some|the|any|an?|hf)?[-_]?"
    r"(path|to|user(name)?|name|org(ani[sz]ation)?|owner|namespace|account|company|team|author|foo|bar|xxx+|repo"
    r"|repo[-_]?id|model[-_]?(id|name|path)|placeholder|dummy|hub)",
    re.IGNORECASE,
)
_FILES = re.compile(
    r"\.(py|sh|json|ya?ml|toml|txt|md|csv|bin|pt|pth|ckpt|safetensors|gguf|ggml|onnx|h5|pb|pkl|tar|gz|zip|model|vocab"
    r"|npz?|tflite|mlmodel|engine|wav|mp3|jpe?g|png|html?|cfg|ini|log)$",
    re.IGNORECASE,
)


def plausible(model: str) -> bool:
    """Whether this can be the id of a model, and is neither a usual path nor a place-holder."""
    owner, slash, name = model.partition("/")
    if valid_id(model) != model or not _ID.fullmatch(model) or _FILES.search(model):
        return False
    stands_in = _FOLDERS.fullmatch(owner) or _PLACE_HOLDERS.fullmatch(owner) or _PLACE_HOLDERS.fullmatch(name)
    return not slash or not stands_in


def owned(text: object) -> bool:
    """Whether a text is written ``owner/name``: where a word alone could be anything."""
    return isinstance(text, str) and bool(_ID.fullmatch(text)) and text.count("/") == 1


def revision(text: object) -> str:
    """A revision that is asked for, if it can be one."""
    return text if isinstance(text, str) and _REVISION.fullmatch(text) and ".." not in text and text != "main" else ""


_ADDRESS = re.compile(
    r"(?:hf://(?!datasets/|spaces/|buckets/)(?:models/)?|hf[-_]hub:)(\w[\w.-]*/\w[\w.-]*)(?:@(\w[\w.-]*))?", re.ASCII
)


def address(text: str) -> tuple[str, str, int] | None:
    """Model, revision and offset in an address that says by itself that it is one: ``hf://…``, ``hf-hub:…``."""
    found = _ADDRESS.match(text)
    return (found[1], revision(found[2]), found.start(1)) if found else None
