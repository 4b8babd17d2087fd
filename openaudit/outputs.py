"""Where each format of a result goes: settled before anything is gathered, written all or none."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from openaudit.errors import OutputError, UsageError
from openaudit.formats import registry, text
from openaudit.result import Audit
from openaudit.writing import write_all

_ELSEWHERE = "Choose another place with -o."


class Plan(NamedTuple):
    """The file of each format that gets one, the format that is printed, and the HTML page, if there is one."""

    files: dict[str, Path]
    printed: str | None
    page: Path | None


def make_plan(stem: str, formats: Sequence[str], output: str | None, *, open_page: bool, terminal: bool) -> Plan:
    """The plan for ``formats`` (none named: by the suffix of ``output``, else text) of one model.

    ``output`` is a file, a folder, ``-`` for standard output or ``None``; ``stem`` names files in a folder;
    ``terminal`` says whether standard output is one. Where no format is named, the summary is printed beside the
    files. Raises UsageError for what makes no sense, OutputError for what cannot be written.
    """
    if output == "-":
        if len(formats) > 1 or open_page:
            raise UsageError("standard output takes one format, and no browser reads it", "Give a folder: -o DIR.")
        return Plan({}, next(iter(formats), "text"), None)
    printed = None if formats else "text"
    try:
        if output is None:
            files = _in_folder(Path(), stem, _filed(formats, open_page, terminal))
            printed = next((name for name in formats if name not in files), printed)
        else:
            files = _named(output, stem, list(formats), open_page)
        for path in files.values():
            _check(path)
    except OSError as problem:  # a name too long, a loop of links
        raise OutputError(f"{output or stem}: cannot be written: {problem.strerror}", _ELSEWHERE) from problem
    return Plan(files, printed, files.get("html"))


def _filed(formats: Sequence[str], open_page: bool, terminal: bool) -> list[str]:
    """Without -o: a page goes to a file unless it is piped, several formats each to one; text is printed."""
    wanted = [*formats, *(["html"] if open_page and "html" not in formats else [])]
    several = len(formats) > 1
    return [name for name in wanted if name != "text" and (several or (name == "html" and (open_page or terminal)))]


def _named(output: str, stem: str, formats: list[str], open_page: bool) -> dict[str, Path]:
    """With -o: what it names is a folder if it is one, ends like one, or has to hold several formats."""
    path = Path(output)
    folder = path.is_dir() or output.endswith("/") or (not path.suffix and len(formats) != 1)
    if not formats and not folder:
        formats = [one.name for one in registry().values() if one.suffix == path.suffix.lower()]
        if not formats:
            advice = f"Choose one with --format: {', '.join(registry())}."
            raise UsageError(f"{output}: no format writes {path.suffix} files", advice)
    formats = formats or ["html"]
    if open_page and "html" not in formats:
        formats.append("html")
    if folder:
        return _in_folder(path, stem, formats)
    if len(formats) > 1:
        raise UsageError(f"{output}: one file cannot hold {' and '.join(formats)}", "Give a folder: -o DIR/.")
    return {formats[0]: path}


def _in_folder(folder: Path, stem: str, formats: Sequence[str]) -> dict[str, Path]:
    return {name: folder / (stem + registry()[name].suffix) for name in formats}


def _check(path: Path) -> None:
    """Refuses at once what cannot be written later."""
    there = next(one for one in path.absolute().parents if one.exists())
    if path.is_dir():
        raise OutputError(f"{path}: is a folder", _ELSEWHERE)
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise OutputError(f"{path}: cannot be written: {there} is no folder that you may write to", _ELSEWHERE)


def write(result: Audit, plan: Plan, *, color: bool = False) -> str:
    """Renders every format before any file is touched, writes all files or none, and returns what is to be printed.

    Raises OutputError.
    """
    if plan.printed == "text":
        printed = text.render(result, color=color, page=str(plan.page) if plan.page else None)
    else:
        printed = registry()[plan.printed].render(result) if plan.printed else ""
    rendered = {path: registry()[name].render(result).encode("utf-8", "replace") for name, path in plan.files.items()}
    try:
        write_all(rendered)
    except OSError as problem:
        where = problem.filename or ", ".join(map(str, rendered))
        raise OutputError(f"{where}: cannot be written: {problem.strerror or problem}", _ELSEWHERE) from problem
    return printed
