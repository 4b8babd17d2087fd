"""The two sides of a comparison, read from files: an audit as JSON, a run as JSON, as JSON lines or as a journal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from openaudit import result, runfile
from openaudit.batch.kept import Kept, is_journal
from openaudit.errors import OpenAuditError, UsageError
from openaudit.result import Audit, Line
from openaudit.runfile import Model
from openaudit.sources.reference import parse

T = TypeVar("T")
_ADVICE = "Give what --format json or jsonl wrote, or a batch's --journal: openaudit audit REF --format json -o FILE."


class Side:
    """One side: its models by name, each read when it is asked for.

    A model is called as the list calls it, without a revision: a new commit is a change of the same model. Where a side
    names one model at several revisions, each keeps its revision, and is found by it.
    """

    def __init__(self, path: Path, references: list[str], load: Callable[[int], Model]) -> None:
        self.path = path
        self._load = load
        self._references = dict(zip(reversed(references), reversed(range(len(references))), strict=True))
        plain = {reference: _name(reference) for reference in self._references}
        often = Counter(plain.values())
        names = {reference: name if often[name] == 1 else reference for reference, name in plain.items()}
        self._places = {names[reference]: place for reference, place in self._references.items()}
        self.named = {names[reference]: reference for reference in dict.fromkeys(references)}

    def get(self, name: str, reference: str) -> Model | None:
        """A model by its name, or else as it is written; ``None`` where this side has neither. Raises UsageError."""
        place = self._places.get(name, self._references.get(reference))
        return None if place is None else self._load(place)

    def has(self, name: str, reference: str) -> bool:
        return name in self._places or reference in self._references


def read(path: Path) -> Side:
    """Reads one side. Raises UsageError, in one line, for what is neither an audit nor a run."""
    try:
        if is_journal(path):
            return _journal(path)
        with path.open("rb") as file:
            first = _json(file.readline())
    except OSError as problem:
        raise UsageError(f"{path}: cannot be read: {problem.strerror}", _ADVICE) from problem
    if isinstance(first, dict) and "reference" in first:
        return _lines(path)
    try:
        whole = _json(path.read_bytes())
    except OSError as problem:
        raise UsageError(f"{path}: cannot be read: {problem.strerror}", _ADVICE) from problem
    kind = whole.get("schema") if isinstance(whole, dict) else None
    if kind == result.SCHEMA:
        audit = _checked(path, lambda: Audit.model_validate(whole))
        return Side(path, [audit.subject.id], lambda _: Model(reference=audit.subject.id, audit=audit))
    if kind == runfile.SCHEMA:
        models = _checked(path, lambda: runfile.Document.model_validate(whole)).models
        return Side(path, [model.reference for model in models], models.__getitem__)
    what = f"is of the kind {str(kind)[:60]!r}" if kind else "is no JSON of openaudit's"
    raise UsageError(f"{path}: {what}, neither an audit nor a run", _ADVICE)


def _journal(path: Path) -> Side:
    """The journal of a batch, done or not: what has no outcome yet is a model that could not be audited."""
    kept = Kept(path)
    named = list(kept.references())

    def load(place: int) -> Model:
        reference = named[place]
        came = kept.outcome(reference)
        if isinstance(came, Line):
            return Model(reference=reference, audit=came.audit)
        return Model(reference=reference, failure=came)

    return Side(path, named, load)


def _lines(path: Path) -> Side:
    """JSON lines: where each line begins is kept, and the line read when it is asked for."""
    references, starts = [], []
    with path.open("rb") as file:
        for number, (start, line) in enumerate(_each(file), 1):
            found = _json(line)
            reference = found.get("reference") if isinstance(found, dict) else None
            if not isinstance(reference, str):
                raise UsageError(f"{path}:{number}: this line is no model of a run", _ADVICE)
            references.append(reference)
            starts.append((start, number))

    def load(place: int) -> Model:
        start, number = starts[place]
        with path.open("rb") as file:
            file.seek(start)
            line = file.readline()
        return _checked(f"{path}:{number}", lambda: Model.model_validate_json(line))

    return Side(path, references, load)


def _each(file: Any) -> Iterator[tuple[int, bytes]]:
    start = 0
    for line in file:
        if line.strip():
            yield start, line
        start += len(line)


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _checked(where: object, make: Callable[[], T]) -> T:
    try:
        return make()
    except ValidationError as problem:
        error = problem.errors()[0]
        key = ".".join(str(part) for part in error["loc"])[:200]
        raise UsageError(f"{where}: {key}: {error['msg']}", _ADVICE) from problem


def _name(reference: str) -> str:
    """What a model is called, whatever its revision and however it was written."""
    try:
        return parse(reference).id
    except OpenAuditError:  # a folder that is no more
        return reference
