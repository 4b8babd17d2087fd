"""The baseline: breaches that were there when a team adopted its policy. They show, and do not fail a run.

One JSON file: model by model the names of the rules it does not keep. The same breaches give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openaudit.errors import OutputError, PolicyError
from openaudit.files.writing import write_all
from openaudit.run import Row

SCHEMA = "openaudit.baseline/1"
_SIZE = 16 << 20  # bytes
_ADVICE = "Write it anew, or take it out of the policy."


@dataclass(frozen=True, slots=True)
class Baseline:
    """The rules that each model is known to break, by the model's id; ``name`` is the file as reports call it."""

    name: str
    known: Mapping[str, frozenset[str]]

    def has(self, model: str, rule: str) -> bool:
        """Whether this breach was there before."""
        return rule in self.known.get(model, ())

    def of(self, model: str | None = None) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The known breaches of one model, or of all: model and rules, in alphabetical order."""
        listed = sorted(self.known.items())
        return tuple((name, tuple(sorted(rules))) for name, rules in listed if model in (None, name))

    def mended(self, row: Row) -> tuple[str, ...]:
        """Of one model that was audited: the rules that it broke once, and keeps now."""
        if row.audit is None:
            return ()
        broken = {breach.rule for breach in row.breaches}
        return tuple(sorted(self.known.get(row.audit.subject.id, frozenset()) - broken))


def read(path: Path) -> Baseline:
    """Reads a baseline. Raises PolicyError naming file, line and key."""
    try:
        with path.open("rb") as file:
            raw = file.read(_SIZE + 1)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise PolicyError(f"{path}: cannot be read: {why}", _ADVICE) from problem
    if len(raw) > _SIZE:
        raise PolicyError(f"{path}: larger than 16 MiB: this is not a baseline", _ADVICE)
    try:
        data = json.loads(raw, object_pairs_hook=_each_once)
    except json.JSONDecodeError as problem:
        raise PolicyError(f"{path}:{problem.lineno}: not JSON: {problem.msg}", _ADVICE) from problem
    except (ValueError, RecursionError) as problem:
        raise PolicyError(f"{path}: not JSON: {problem}", _ADVICE) from problem
    known = data.get("known") if isinstance(data, dict) and data.get("schema") == SCHEMA else None
    if not isinstance(known, dict):
        raise PolicyError(f"{path}: not a baseline: it has the schema {SCHEMA!r}, and the models below known", _ADVICE)
    for model, rules in known.items():
        if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
            raise PolicyError(f"{path}: known.{model[:200]}: a list of the names of rules is wanted", _ADVICE)
    return Baseline(str(path), {model: frozenset(rules) for model, rules in known.items()})


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:200]!r} stands twice; the second would silently win")
    return found


def text(rows: Iterable[Row]) -> str:
    """The baseline of a run: what fails it, and what failed it before. What is exempt has an end, and stays out."""
    known: dict[str, set[str]] = {}
    for row in rows:
        for breach in row.breaches if row.audit else ():
            if breach.level == "fail" and breach.exempt is None:
                known.setdefault(row.audit.subject.id, set()).add(breach.rule)  # type: ignore[union-attr]  # audited
    listed = {model: sorted(rules) for model, rules in sorted(known.items())}
    return json.dumps({"schema": SCHEMA, "known": listed}, ensure_ascii=False, indent=2) + "\n"


def write(path: Path, rows: Iterable[Row]) -> None:
    """Writes the baseline of a run, whole or not at all. Raises OutputError."""
    try:
        write_all({path: text(rows).encode("utf-8", "replace")})
    except OSError as problem:
        raise OutputError(f"{path}: cannot be written: {problem.strerror or problem}") from problem
