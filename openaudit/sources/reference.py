"""What a person types: ``owner/name``, ``owner/name@revision``, a link copied from the browser, or a local folder."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from openaudit.errors import UsageError
from openaudit.reading.pointers import hub_link, valid_id

_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
_NOT_MODELS = frozenset({"datasets", "spaces", "collections", "papers", "buckets", "kernels", "organizations"})
_ADVICE = "Give owner/name, owner/name@revision, a huggingface.co link, or a folder (./my-model)."
_REVISION = re.compile(r"\w[\w./-]{0,199}")
_LINK = re.compile(r"https?://|(?:www\.)?(?:huggingface\.co|hf\.co)/", re.IGNORECASE)
_AT = frozenset({"tree", "blob", "resolve", "raw", "commit", "commits", "blame"})  # words before a revision in a link


@dataclass(frozen=True, slots=True)
class Reference:
    """A model on the Hub (``id``, perhaps at a ``revision``) or in a local ``folder``."""

    id: str
    revision: str | None = None
    folder: Path | None = None

    @property
    def stem(self) -> str:
        """A name for files about this model: letters, digits, ``_ . -``, at most 120 of them."""
        name = f"{self.id}@{self.revision}" if self.revision else self.id
        return re.sub(r"[^\w.-]+", "--", name, flags=re.ASCII).strip("-.")[:120] or "audit"


def parse(text: str) -> Reference:
    """Reads a reference. Raises UsageError for what is none, and for links to something that is not a model."""
    text = text.strip()
    shown = re.sub(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]", "?", text)[:200]
    if text.startswith((".", "/", "~")):
        return _folder(text, shown)
    if _LINK.match(text):
        return _link(text, shown)
    name, at, revision = text.partition("@")
    id = valid_id(name)
    if not id or "://" in name:
        raise UsageError(f"{shown!r} is not a model reference", _ADVICE)
    return Reference(id, _revision(revision, shown) if at else None)


def _folder(text: str, shown: str) -> Reference:
    try:
        folder = Path(text).expanduser()
        if folder.is_dir():
            return Reference(folder.resolve().name or "model", folder=folder)
    except (OSError, RuntimeError, ValueError):  # a name too long, a home that nobody has, a NUL
        pass
    raise UsageError(f"{shown}: there is no such folder", _ADVICE)


def _revision(text: str, shown: str) -> str:
    if not _REVISION.fullmatch(text) or ".." in text:
        raise UsageError(f"{shown}: {text[:60]!r} is not a revision", "Give a branch, a tag or a commit after the @.")
    return text


def _link(text: str, shown: str) -> Reference:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        mirror = urlsplit(os.environ.get("HF_ENDPOINT", "")).hostname
    except ValueError as problem:
        raise UsageError(f"{shown}: not a link", _ADVICE) from problem
    if (parts.hostname or "").lower() not in _HOSTS | {mirror}:
        raise UsageError(f"{shown}: not a link to huggingface.co", _ADVICE)
    path = [unquote(part) for part in parts.path.split("/") if part]
    if path and path[0] in _NOT_MODELS:
        raise UsageError(f"{shown}: this is a link to {path[0]}, not to a model", _ADVICE)
    if path[:1] == ["models"]:
        path = path[1:]
    owned = len(path) > 1 and path[1] not in _AT  # else one of the first models, which have no owner
    name, rest = path[: 1 + owned], path[1 + owned :]
    id = valid_id("/".join(name))
    if not id or (owned and not hub_link(f"https://huggingface.co/{id}")):
        raise UsageError(f"{shown}: no model in this link", _ADVICE)
    return Reference(id, _revision(rest[1], shown) if len(rest) > 1 and rest[0] in _AT else None)
