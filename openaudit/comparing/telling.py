"""A comparison as text, Markdown and JSON (``openaudit.diff/1``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

from openaudit.comparing import Comparison, Difference
from openaudit.comparing.causes import Kind
from openaudit.comparing.changes import Change
from openaudit.escaping import line, markdown, markdown_address

SCHEMA = "openaudit.diff/1"
_NAME = 200  # characters of a name
_TEXT = 500  # characters of a reason
_HOW = {
    "added": "only in the new one",
    "removed": "only in the old one",
    "lost": "cannot be audited any more",
    "found": "can be audited now",
}
_WHY: dict[Kind, str] = {
    "model": "the model changed",
    "evidence": "what is found changed",
    "rubric": "the rubric changed",
    "tool": "openaudit changed",
    "unclear": "unclear",
}


def as_json(found: Comparison) -> Iterator[str]:
    """One document, each difference on a line of its own. Every key is always there."""
    head = {
        "schema": SCHEMA,
        "old": {"file": str(found.old.path), "models": len(found.old.named)},
        "new": {"file": str(found.new.path), "models": len(found.new.named)},
        "worse": found.worse,
        "lost": found.lost,
    }
    yield (
        "{\n" + "".join(f"{json.dumps(key)}: {_written(value)},\n" for key, value in head.items()) + '"differences": ['
    )
    separator = "\n"
    for one in found.differences:
        told = asdict(one) | {"worse": one.worse}
        told["changes"] = [asdict(change) | {"worse": change.worse} for change in one.changes]
        yield separator + _written(told)
        separator = ",\n"
    yield "\n]\n}\n"


def as_text(found: Comparison) -> Iterator[str]:
    """For the terminal."""
    yield f"{_summary(found)}\n"
    for one in found.differences:
        yield f"\n{line(one.model, _NAME)}{_note(one, line)}\n"
        for change in one.changes:
            yield f"  {_step(change, line)}\n"
            if change.because:
                yield f"    {line(change.because, _TEXT)}\n"
            for cause in change.causes:
                yield f"    why: {_WHY[cause.kind]}: {line(cause.says, _TEXT)}\n"


def as_markdown(found: Comparison) -> Iterator[str]:
    """For issues and job summaries."""
    yield f"# What changed\n\n{markdown(_summary(found))}\n"
    for one in found.differences:
        yield f"\n## {markdown(one.model, _NAME)}\n\n"
        if note := _note(one, markdown):
            yield f"{note.strip(': ')}\n\n"
        for change in one.changes:
            yield f"- **{_step(change, markdown)}**\n"
            if change.because:
                yield f"  {markdown(change.because, _TEXT)}\n"
            for cause in change.causes:
                link = f" ([seen here]({markdown_address(cause.url[:2000])}))" if cause.url else ""
                yield f"  - why: {_WHY[cause.kind]}: {markdown(cause.says, _TEXT)}{link}\n"


def _summary(found: Comparison) -> str:
    changed = [one for one in found.differences if one.how == "changed"]
    told = [f"{len(changed)} of {_models(len(found.new.named))} changed"]
    if found.worse:
        told.append(f"{found.worse} for the worse")
    for how, words in _HOW.items():
        if count := sum(one.how == how for one in found.differences):
            told.append(f"{count} {words}")
    return f"{', '.join(told)}. Before: {found.old.path}, now: {found.new.path}."


def _models(count: int) -> str:
    return f"{count} model{'' if count == 1 else 's'}"


def _note(one: Difference, escaped: Callable[[str, int], str]) -> str:
    if one.how != "changed":
        return f": {_HOW[one.how]}{f' ({escaped(one.note, _TEXT)})' if one.note else ''}"
    if one.old_revision == one.new_revision:
        return f": still at {escaped((one.new_revision or 'no commit')[:12], _NAME)}"
    return f": {escaped((one.old_revision or '–')[:12], _NAME)} → {escaped((one.new_revision or '–')[:12], _NAME)}"


def _step(change: Change, escaped: Callable[[str, int], str]) -> str:
    mark = {"worse": "worse", "better": "better", "other": "changed"}[change.direction]
    old, new = (escaped(one, _NAME) for one in (change.old, change.new))
    return f"{mark}: {escaped(change.name, _NAME)}: {old} → {new}"


def _written(value: object) -> str:
    """Lone surrogates cannot be written: they become ``?``."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
