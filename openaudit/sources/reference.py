"""What a person types: ``owner/name``, ``owner/name@revision``, a link copied from the browser, or a local folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from openaudit.errors import UsageError
from openaudit.reading.pointers import valid_id

_HOSTS = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
_ADVICE = "Give owner/name, owner/name@revision, a huggingface.co link, or a folder (./my-model)."
_REVISION = re.compile(r"[\w][\w./-]{0,199}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A model on the Hub (``id``, perhaps at a ``revision``) or in a local ``folder``."""

    id: str
    revision: str | None = None
    folder: Path | None = None


def parse(text: str) -> Reference:
    """Reads a reference. Raises UsageError for what is none, and for links to something that is not a model."""
    shown = re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]", "?", text.strip())[:200]
    if text.startswith((".", "/", "~")):
        folder = Path(text).expanduser()
        if not folder.is_dir():
            raise UsageError(f"{shown}: there is no such folder", _ADVICE)
        return Reference(folder.resolve().name or "model", folder=folder)
    if re.match(r"(?:https?://|(?:www\.)?(?:huggingface\.co|hf\.co)/)", text, re.IGNORECASE):
        return _link(text, shown)
    name, at, revision = text.strip().partition("@")
    id = valid_id(name)
    if not id or "://" in name:
        raise UsageError(f"{shown!r} is not a model reference", _ADVICE)
    return Reference(id, _revision(revision, shown) if at else None)


def _revision(text: str, shown: str) -> str:
    if not _REVISION.fullmatch(text) or ".." in text:
        raise UsageError(f"{shown}: {text[:60]!r} is not a revision", "Give a branch, a tag or a commit after the @.")
    return text


def _link(text: str, shown: str) -> Reference:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError as problem:
        raise UsageError(f"{shown}: not a link", _ADVICE) from problem
    if (parts.hostname or "").lower() not in _HOSTS:
        raise UsageError(f"{shown}: not a link to huggingface.co", _ADVICE)
    path = [unquote(part) for part in parts.path.split("/") if part]
    if path[:1] in (["datasets"], ["spaces"], ["collections"], ["papers"]):
        raise UsageError(f"{shown}: this is a link to {path[0]}, not to a model", _ADVICE)
    if path[:1] == ["models"]:
        path = path[1:]
    revision = None
    if len(path) > 3 and path[2] in ("tree", "blob", "resolve", "raw", "commit"):
        revision = _revision(path[3], shown)
    id = valid_id("/".join(path[:2]))
    if not id:
        raise UsageError(f"{shown}: no model in this link", _ADVICE)
    return Reference(id, revision)
