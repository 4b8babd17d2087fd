"""Where each format of a result goes: settled before anything is gathered, written all or none.

The same for one audit and for a run over many models; the two differ in their ``Menu``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from openaudit import formats, listings
from openaudit.errors import OutputError, UsageError
from openaudit.files.writing import write_all
from openaudit.formats import text
from openaudit.languages import ENGLISH, preferred
from openaudit.result import Audit
from openaudit.run import Run
from openaudit.translating import translate

_ELSEWHERE = "Choose another place with -o."


class Offer(Protocol):
    """A format or a listing, as far as places go."""

    @property
    def name(self) -> str:
        """What ``--format`` calls it."""

    @property
    def suffix(self) -> str:
        """What its files end in."""

    @property
    def people(self) -> bool:
        """Whether people read it."""


@dataclass(frozen=True, slots=True)
class Menu:
    """What can be written: every format by name, the one that is ``printed`` where none is named, and the one that
    goes ``filed`` into a folder then. ``page`` is for a browser, and never for a terminal.
    """

    offered: Callable[[], Mapping[str, Offer]]
    printed: str
    filed: str
    page: str | None = None


AUDIT = Menu(formats.registry, printed="text", filed="html", page="html")
RUN = Menu(listings.registry, printed="text", filed="jsonl")
COMPARISON = Menu(listings.registry, printed="text", filed="html", page="html")


class Plan(NamedTuple):
    """The file of each format that gets one, the format that is printed, and the HTML page, if there is one."""

    files: dict[str, Path]
    printed: str | None
    page: Path | None


def make_plan(
    stem: str, chosen: Sequence[str], output: str | None, *, menu: Menu = AUDIT, open_page: bool, terminal: bool
) -> Plan:
    """The plan for the formats ``chosen`` (none: by the suffix of ``output``, else the menu's) of one result.

    ``output`` is a file, a folder, ``-`` for standard output or ``None``; ``stem`` names files in a folder;
    ``terminal`` says whether standard output is one. Where no format is named, the summary is printed beside the
    files. Raises UsageError for what makes no sense, OutputError for what cannot be written.
    """
    if output == "-":
        if len(chosen) > 1 or open_page:
            raise UsageError("standard output takes one format, and no browser reads it", "Give a folder: -o DIR.")
        return Plan({}, next(iter(chosen), menu.printed), None)
    printed = None if chosen else menu.printed
    try:
        if output is None:
            files = _in_folder(Path(), stem, _filed(chosen, menu, open_page, terminal), menu)
            printed = next((name for name in chosen if name not in files), printed)
        else:
            files = _named(output, stem, list(chosen), menu, open_page)
        for path in files.values():
            _check(path)
    except OSError as problem:  # a name too long, a loop of links
        raise OutputError(f"{output or stem}: cannot be written: {problem.strerror}", _ELSEWHERE) from problem
    return Plan(files, printed, files.get(menu.page) if menu.page else None)


def _filed(chosen: Sequence[str], menu: Menu, open_page: bool, terminal: bool) -> list[str]:
    """Without -o: a page goes to a file unless it is piped, several formats each to one; the summary is printed."""
    wanted = [*chosen, *([menu.page] if menu.page and open_page and menu.page not in chosen else [])]
    several = len(chosen) > 1
    return [
        name for name in wanted if name != menu.printed and (several or (name == menu.page and (open_page or terminal)))
    ]


def _named(output: str, stem: str, chosen: list[str], menu: Menu, open_page: bool) -> dict[str, Path]:
    """With -o: what it names is a folder if it is one, ends like one, or has to hold several formats."""
    path = Path(output)
    folder = path.is_dir() or output.endswith("/") or (not path.suffix and len(chosen) != 1)
    if not chosen and not folder:
        ends = [one for one in menu.offered().values() if path.name.lower().endswith(one.suffix)]
        chosen = [max(ends, key=lambda one: len(one.suffix)).name] if ends else []  # .letter.md is no .md
        if not chosen:
            advice = f"Choose one with --format: {', '.join(menu.offered())}."
            raise UsageError(f"{output}: no format writes {path.suffix} files", advice)
    chosen = chosen or [menu.filed]
    if menu.page and open_page and menu.page not in chosen:
        chosen.append(menu.page)
    if folder:
        return _in_folder(path, stem, chosen, menu)
    if len(chosen) > 1:
        raise UsageError(f"{output}: one file cannot hold {' and '.join(chosen)}", "Give a folder: -o DIR/.")
    return {chosen[0]: path}


def _in_folder(folder: Path, stem: str, chosen: Sequence[str], menu: Menu) -> dict[str, Path]:
    return {name: folder / (stem + menu.offered()[name].suffix) for name in chosen}


def _check(path: Path) -> None:
    """Refuses at once what cannot be written later."""
    there = next(one for one in path.absolute().parents if one.exists())
    if path.is_dir():
        raise OutputError(f"{path}: is a folder", _ELSEWHERE)
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise OutputError(f"{path}: cannot be written: {there} is no folder that you may write to", _ELSEWHERE)


# --------------------------------------------------------------------------- writing


def language_of(offer: Offer, asked: str | None) -> str:
    """The language that a format speaks: the one asked for; else, if people read it, that of the terminal."""
    return asked or (preferred() if offer.people else ENGLISH)


def write(
    result: Audit, plan: Plan, *, language: str | None = None, color: bool = False, command: str | None = None
) -> str:
    """Renders every format before any file is touched, writes all files or none, and returns what is to be printed.

    ``language``: the one that all formats speak, as far as they speak at all; default: see ``language_of``.
    ``command``: what would make the page, told where none is written. Raises OutputError.
    """
    offered = formats.registry()
    report = str(plan.page) if plan.page else command

    def rendered(name: str, color: bool = False) -> str:
        spoken = translate(result, language_of(offered[name], language))
        return text.render(spoken, color, report) if name == "text" else offered[name].render(spoken)

    printed = rendered(plan.printed, color) if plan.printed else ""
    _write({path: rendered(name).encode("utf-8", "replace") for name, path in plan.files.items()})
    return printed


def write_run(run: Run, plan: Plan, *, language: str | None = None) -> Iterator[str]:
    """Writes every file or none, a model at a time, and yields what is to be printed, piece by piece.

    ``language`` as for ``write``. Raises OutputError.
    """
    offered = listings.registry()

    def rendered(name: str) -> Iterator[str]:
        return offered[name].render(replace(run, language=language_of(offered[name], language)))

    _write({path: map(_encoded, rendered(name)) for name, path in plan.files.items()})
    if plan.printed:
        yield from rendered(plan.printed)


_encoded: Callable[[str], bytes] = partial(str.encode, encoding="utf-8", errors="replace")


def _write(contents: Mapping[Path, bytes | Iterable[bytes]]) -> None:
    try:
        write_all(contents)
    except OSError as problem:
        where = problem.filename or ", ".join(map(str, contents))
        raise OutputError(f"{where}: cannot be written: {problem.strerror or problem}", _ELSEWHERE) from problem
