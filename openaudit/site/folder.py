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
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import NamedTuple

from openaudit.errors import OutputError
from openaudit.files.writing import sweep, write_all

MANIFEST = ".site-manifest.json"
SCHEMA = "openaudit.site/1"
_ELSEWHERE = "Choose an empty folder with -o, or move that file away."


class Written(NamedTuple):
    """What a publishing did, in numbers of files."""

    changed: int
    removed: int
    kept: int


class Aside:
    """Takes the files of a site, and writes aside those that are not there already. Each process may have one."""

    def __init__(self, folder: Path, staging: Path, known: Mapping[str, str]) -> None:
        self.folder = folder
        self.staging = staging
        self._known = known
        self.hashes: dict[str, str] = {}

    def put(self, path: str, content: str | bytes) -> None:
        """One file, by its path within the site (``a/b.html``)."""
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        digest = hashlib.sha256(raw).hexdigest()
        self.hashes[path] = digest
        if self._known.get(path) == digest and _size(self.folder / path) == len(raw):
            return
        where = self.staging / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(raw)


class Folder:
    """A site's folder, while it is published. Use as a context manager; ``finish`` puts the new site in its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known = _manifest(path)
        self._made = not path.exists()
        try:
            path.mkdir(parents=True, exist_ok=True)
            sweep(path)
            self.staging = Path(tempfile.mkdtemp(dir=path, prefix=".openaudit-"))
        except OSError as problem:
            raise _unwritten(path, problem) from problem

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)
        if kind and self._made:
            with suppress(OSError):  # not empty: it is somebody's
                self.path.rmdir()

    def aside(self) -> Aside:
        """What takes files."""
        return Aside(self.path, self.staging, self.known)

    def finish(self, hashes: Mapping[str, str]) -> Written:
        """Puts everything in its place. ``hashes`` names every file of the site. Raises OutputError."""
        fresh = sorted(path for path in hashes if (self.staging / path).is_file())
        for path in fresh:
            if path not in self.known and (self.path / path).exists():
                raise OutputError(f"{self.path / path}: is there already, and publishing did not write it", _ELSEWHERE)
        gone = sorted(self.known.keys() - hashes.keys())
        try:
            if hasattr(os, "sync"):
                os.sync()  # once, and not for each of thousands: a file takes its name when its content is on disk
            if fresh or gone:
                self._note({**self.known, **dict.fromkeys(fresh, "")})
            for path in fresh:
                target = self.path / path
                target.parent.mkdir(parents=True, exist_ok=True)
                (self.staging / path).replace(target)
            for path in gone:
                self._remove(path)
            if fresh or gone:
                self._note(hashes)
        except OSError as problem:
            raise _unwritten(self.path, problem) from problem
        return Written(len(fresh), len(gone), len(hashes) - len(fresh))

    def _note(self, hashes: Mapping[str, str]) -> None:
        text = json.dumps({"schema": SCHEMA, "files": dict(sorted(hashes.items()))}, indent=1) + "\n"
        write_all({self.path / MANIFEST: text.encode()})

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
