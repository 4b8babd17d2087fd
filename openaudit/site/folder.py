"""The folder of a site: only what changed is written, what is gone is taken away, and nobody else's file is touched.

``.site-manifest.json`` lists what publishing wrote, with the SHA-256 of each file. New contents are written aside and
take their names at the end, all after another; the list holds what was and what will be until that is done, so that a
publishing that was killed is gone on with by the next one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import NamedTuple

from openaudit.errors import OutputError
from openaudit.files.writing import sweep, write_all
from openaudit.site.documents import Pairs, document
from openaudit.site.shelf import Shelf

MANIFEST = ".site-manifest.json"
SCHEMA = "openaudit.site/1"
_PIECES = 200  # pieces of a page that are written at once
_ELSEWHERE = "Choose an empty folder with -o, or move that file away."


class Written(NamedTuple):
    """What a publishing did, in numbers of files."""

    changed: int
    removed: int
    kept: int


class Aside:
    """Takes the files of a site, and writes aside those that are not there already. Each process may have one."""

    def __init__(self, folder: Path, staging: Path, shelf: Shelf) -> None:
        self.folder = folder
        self.staging = staging
        self.shelf = shelf

    def put(self, path: str, content: str | bytes | Iterable[str]) -> str:
        """One file, by its path within the site (``a/b.html``). What comes in pieces is never held whole.

        Returns its SHA-256.
        """
        where = self.staging / path
        where.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with where.open("wb") as file:
            for raw in _raw(content):
                digest.update(raw)
                size += file.write(raw)
        fresh = self.known(path) != digest.hexdigest() or _size(self.folder / path) != size
        if not fresh:
            where.unlink()
        self.shelf.many("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", [(path, digest.hexdigest(), fresh)])
        return digest.hexdigest()

    def known(self, path: str) -> str | None:
        """The SHA-256 of what was published there before."""
        found = self.shelf.one("SELECT sha256 FROM known WHERE path = ?", path)
        return found[0] if found else None


def _raw(content: str | bytes | Iterable[str]) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    pieces = iter([content] if isinstance(content, str) else content)
    while some := list(islice(pieces, _PIECES)):
        yield "".join(some).encode("utf-8", "replace")


class Folder:
    """A site's folder, while it is published. Use as a context manager; ``finish`` puts the new site in its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        known = _manifest(path)
        self._made = not path.exists()
        try:
            path.mkdir(parents=True, exist_ok=True)
            sweep(path)
            self.staging = Path(tempfile.mkdtemp(dir=path, prefix=".openaudit-"))
            self._away = Path(tempfile.mkdtemp(prefix="openaudit-"))  # a site may be on a disk that has no locks
            self.shelf = Shelf(self._away / "shelf")
        except OSError as problem:
            raise _unwritten(path, problem) from problem
        self.shelf.many("INSERT INTO known VALUES (?, ?)", known.items())

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.shelf.close()
        for folder in (self.staging, self._away):
            shutil.rmtree(folder, ignore_errors=True)
        if kind and self._made:
            with suppress(OSError):  # not empty: it is somebody's
                self.path.rmdir()

    def finish(self) -> Written:
        """Puts everything in its place. Raises OutputError."""
        each = self.shelf.each
        for (path,) in each("SELECT path FROM fresh WHERE path NOT IN (SELECT path FROM known) ORDER BY path"):
            if (self.path / path).exists():
                raise OutputError(f"{self.path / path}: is there already, and publishing did not write it", _ELSEWHERE)
        query = "SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM gone), (SELECT count(*) FROM file)"
        changed, removed, whole = self.shelf.one(query)
        try:
            if hasattr(os, "sync"):
                os.sync()  # once, and not for each of thousands: a file takes its name when its content is on disk
            if changed or removed:
                self._note("SELECT * FROM under_way ORDER BY path")
            for (path,) in each("SELECT path FROM fresh ORDER BY path"):
                target = self.path / path
                target.parent.mkdir(parents=True, exist_ok=True)
                (self.staging / path).replace(target)
            for (path,) in each("SELECT path FROM gone ORDER BY path"):
                self._remove(path)
            if changed or removed:
                self._note("SELECT path, sha256 FROM file ORDER BY path")
        except OSError as problem:
            raise _unwritten(self.path, problem) from problem
        return Written(changed, removed, whole - changed)

    def _note(self, files: str) -> None:
        """Writes the list of the files that a query names."""
        held = {"schema": SCHEMA, "files": Pairs(self.shelf.each(files))}
        write_all({self.path / MANIFEST: _raw(document(held))})

    def _remove(self, path: str) -> None:
        target = self.path / path
        target.unlink(missing_ok=True)
        for folder in target.relative_to(self.path).parents:
            if folder != Path():
                with suppress(OSError):  # something is left in it
                    (self.path / folder).rmdir()


def _manifest(folder: Path) -> dict[str, str]:
    """What publishing wrote here before. Raises OutputError for a folder that is somebody else's."""
    try:
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder}: is no folder", "Choose another place with -o.")
        text = (folder / MANIFEST).read_text(encoding="utf-8") if (folder / MANIFEST).exists() else ""
        if not text:
            if folder.exists() and any(not one.name.startswith(".") for one in folder.iterdir()):
                advice = "Choose an empty folder with -o, or one that openaudit publish made."
                raise OutputError(f"{folder}: holds files that publishing did not write", advice)
            return {}
        held = json.loads(text)
        files = held["files"] if held["schema"] == SCHEMA else None
        if not isinstance(files, dict) or not all(_inside(path) and isinstance(files[path], str) for path in files):
            raise ValueError("no list of files")
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        advice = "Delete it, and the files of the site with it, and publish again."
        raise OutputError(f"{folder / MANIFEST}: cannot be understood", advice) from problem
    except OSError as problem:
        raise _unwritten(folder, problem) from problem
    return files


def _inside(path: str) -> bool:
    """Whether a path stays within the folder: whoever can write a manifest must not be able to have files removed."""
    parts = PurePosixPath(path).parts
    return (
        bool(parts)
        and not path.startswith("/")
        and "\\" not in path
        and not {"..", "."} & set(parts)
        and ":" not in path
    )


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _unwritten(path: Path, problem: OSError) -> OutputError:
    where = problem.filename or path
    return OutputError(f"{where}: cannot be written: {problem.strerror or problem}", "Choose another place with -o.")
