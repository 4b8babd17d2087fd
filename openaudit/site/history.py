"""What changed since the site was last published: told from what that publishing left in the site's own ``api/``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from openaudit.comparing import difference
from openaudit.languages import speaking
from openaudit.run import Row
from openaudit.runfile import Model
from openaudit.site.documents import document

FILE = "api/history.json"
SCHEMA = "openaudit.site.history/1"
MOST = 100  # publishings that are remembered
_OF_A_SITE = {"schema", "name", "page", "badge", "responses"}  # keys that a run does not have


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one model: how (``changed``, ``added``, ``lost``, ``found``), and its changes by language."""

    how: str
    old_revision: str | None = None
    new_revision: str | None = None
    note: str = ""
    worse: bool = False
    changes: Mapping[str, Sequence[Mapping[str, Any]]] | None = None


def became(name: str, old: Path, row: Row, languages: Sequence[str]) -> Became | None:
    """What became of a model since its JSON was written here; ``None`` where nothing did, or nobody can tell."""
    before = _model(old)
    if before is None:
        return None
    found: dict[str, list[dict[str, Any]]] = {}
    last = None
    now = Model(reference=row.named.reference, audit=row.audit, failure=row.failure)
    for language in languages:
        with speaking(language):
            last = difference(name, before, now)
        if last is None:
            return None
        found[language] = [asdict(one) | {"worse": one.worse} for one in last.changes]
    if last is None:
        return None
    return Became(last.how, last.old_revision, last.new_revision, last.note, last.worse, found)


def _model(path: Path) -> Model | None:
    try:
        held = json.loads(path.read_bytes())
        return Model.model_validate({key: value for key, value in held.items() if key not in _OF_A_SITE})
    except (OSError, ValueError, AttributeError, RecursionError, ValidationError):
        return None  # written by another version, or by somebody else: nothing can be said of it


def past(folder: Path) -> list[dict[str, Any]]:
    """What earlier publishings told, the last one first; empty where there was none."""
    try:
        held = json.loads((folder / FILE).read_bytes())
        entries = held["entries"] if held["schema"] == SCHEMA else []
        return [one for one in entries if isinstance(one, dict) and _sound(one)]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _sound(entry: Mapping[str, Any]) -> bool:
    lists = (entry.get(key) for key in ("added", "removed", "lost", "found", "changed"))
    return isinstance(entry.get("date"), str) and all(isinstance(one, list) for one in lists)


def entry(
    date: str, tool: str, models: int, *, first: bool, news: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """One publishing, as it is remembered."""
    empty: dict[str, list[dict[str, Any]]] = {key: [] for key in ("added", "removed", "lost", "found", "changed")}
    return {"date": date, "tool": tool, "models": models, "first": first, **empty, **news}


def written(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The whole history as JSON."""
    return document({"schema": SCHEMA, "entries": entries[:MOST]})
