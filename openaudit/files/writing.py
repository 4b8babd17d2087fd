"""Files written whole or not at all: whoever reads one, or comes after a crash, finds the old or the new."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

_LEFT_BEHIND = ".openaudit-"
_ABANDONED = 3600  # seconds after which what another run was writing is taken for the remains of a crash


def write_all(files: Mapping[Path, bytes | Iterable[bytes]], staging: Path | None = None) -> None:
    """Writes every file, or, where one cannot be written, none. Folders are made as needed. Raises OSError.

    First all contents are written aside, to ``staging`` (default: beside each file; it has to be on the same disk),
    then each takes its name. If one cannot, those that are new are taken away again. A content that comes in pieces is
    never held whole.
    """
    aside: list[Path] = []
    new: list[Path] = []
    made: list[Path] = []
    try:
        for path, content in files.items():
            made += _make_folder(path.parent)
            if path.is_dir():
                raise IsADirectoryError(21, "Is a directory", str(path))
            aside.append(_write_aside(content, staging or path.parent))
        for path, temporary in zip(files, aside, strict=True):
            if not path.exists():
                new.append(path)
            temporary.replace(path)
    except BaseException:
        for path in (*aside, *new):
            with contextlib.suppress(OSError):
                path.unlink()
        for folder in reversed(made):
            with contextlib.suppress(OSError):  # not empty: somebody else's file is in it
                folder.rmdir()
        raise


def _make_folder(folder: Path) -> list[Path]:
    """Makes a folder; returns those that were not there, outermost first."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _write_aside(content: bytes | Iterable[bytes], folder: Path) -> Path:
    handle, name = tempfile.mkstemp(dir=folder, prefix=_LEFT_BEHIND)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
    except BaseException:
        temporary.unlink()
        raise
    return temporary


def sweep(folder: Path) -> None:
    """Removes what a killed run left behind in a staging folder."""
    for path in folder.glob(f"{_LEFT_BEHIND}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
