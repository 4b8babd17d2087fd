"""A comparison as text, Markdown and JSON (``openaudit.diff/1``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

from openaudit.comparing import Comparison, Difference
from openaudit.comparing.causes import Cause, Kind
from openaudit.comparing.changes import Change
from openaudit.escaping import line, markdown, markdown_address
from openaudit.languages import _, marked, plural

SCHEMA = "openaudit.diff/1"
_NAME = 200  # characters of a name
_TEXT = 500  # characters of a reason
_HOW = {
    "added": marked("only in the new one"),
    "removed": marked("only in the old one"),
    "lost": marked("cannot be audited any more"),
    "found": marked("can be audited now"),
}
_WHY: dict[Kind, str] = {
    "model": marked("the model changed"),
    "evidence": marked("what is found changed"),
    "rubric": marked("the rubric changed"),
    "tool": marked("openaudit changed"),
    "unclear": marked("unclear"),
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
        yield "\n" + _("{about}: {says}", about=line(one.model, _NAME), says=_note(one, line)) + "\n"
        for change in one.changes:
            yield f"  {_step(change, line)}\n"
            if change.because:
                yield f"    {line(change.because, _TEXT)}\n"
            for cause in change.causes:
                yield f"    {_why(cause, line)}\n"


def as_markdown(found: Comparison) -> Iterator[str]:
    """For issues and job summaries."""
    yield f"# {_('What changed')}\n\n{markdown(_summary(found))}\n"
    for one in found.differences:
        yield f"\n## {markdown(one.model, _NAME)}\n\n"
        yield f"{_note(one, markdown)}\n\n"
        for change in one.changes:
            yield f"- **{_step(change, markdown)}**\n"
            if change.because:
                yield f"  {markdown(change.because, _TEXT)}\n"
            for cause in change.causes:
                link = f" ([{_('seen here')}]({markdown_address(cause.url[:2000])}))" if cause.url else ""
                yield f"  - {_why(cause, markdown)}{link}\n"


def _summary(found: Comparison) -> str:
    changed = [one for one in found.differences if one.how == "changed"]
    all_ = len(found.new.named)
    told = [plural("{changed} of {n} model changed", "{changed} of {n} models changed", all_, changed=len(changed))]
    if found.worse:
        told.append(plural("{n} for the worse", "{n} for the worse", found.worse))
    for how, words in _HOW.items():
        if count := sum(one.how == how for one in found.differences):
            told.append(_("{n} {what}", n=count, what=_(words)))
    files = _("Before: {old}, now: {new}.", old=found.old.path, new=found.new.path)
    return f"{', '.join(told)}. {files}"


def _why(cause: Cause, escaped: Callable[[str, int], str]) -> str:
    return _("why: {kind}: {reason}", kind=_(_WHY[cause.kind]), reason=escaped(cause.says, _TEXT))


def _note(one: Difference, escaped: Callable[[str, int], str]) -> str:
    if one.how != "changed":
        return f"{_(_HOW[one.how])}{f' ({escaped(one.note, _TEXT)})' if one.note else ''}"
    if one.old_revision == one.new_revision:
        commit = one.new_revision[:12] if one.new_revision else _("no commit")
        return _("still at {commit}", commit=escaped(commit, _NAME))
    return f"{escaped((one.old_revision or '–')[:12], _NAME)} → {escaped((one.new_revision or '–')[:12], _NAME)}"


def _step(change: Change, escaped: Callable[[str, int], str]) -> str:
    old, new, name = (escaped(one, _NAME) for one in (change.old, change.new, change.name))
    match change.direction:
        case "worse":
            return _("worse: {name}: {old} → {new}", name=name, old=old, new=new)
        case "better":
            return _("better: {name}: {old} → {new}", name=name, old=old, new=new)
    return _("changed: {name}: {old} → {new}", name=name, old=old, new=new)


def _written(value: object) -> str:
    """Lone surrogates cannot be written: they become ``?``."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
