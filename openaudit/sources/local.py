"""A model's own folder: an author checks before release. What it points to is looked up in another source."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from openaudit.errors import UsageError
from openaudit.evidence import Kind, Looked, LookedCode, Repo
from openaudit.reading import read_front_matter
from openaudit.saying import phrase
from openaudit.sources import MAX_BYTES, TOO_LARGE, Early, Source
from openaudit.sources.files import beyond, choose, decode

T = TypeVar("T")

_MAX_FILES = 50_000
_SKIPPED = frozenset({".git", ".cache", "__pycache__", ".venv", "node_modules"})


class LocalSource:
    """A folder as the subject; ``rest`` answers for ancestors, data sets and code.

    Links are files like others in a list of files, but what lies outside the folder is not read: a report quotes.
    """

    def __init__(self, folder: Path, rest: Source) -> None:
        self._folder = folder
        self._rest = rest
        real = folder.resolve()
        # Where huggingface_hub keeps what it downloaded, every file is a link to blobs/ two folders up.
        cached = real.parent.name == "snapshots" and real.parent.parent.name.startswith("models--")
        self._inside = (real, *([real.parent.parent / "blobs"] if cached else []))

    def subject(self, id: str, revision: str | None = None, early: Early | None = None) -> Repo:  # noqa: ARG002
        """The folder as it is now; it has no revisions. Raises UsageError where it cannot be listed."""
        sizes = dict(self._files())
        chosen, left = choose(sizes)
        unread = dict.fromkeys(left, beyond(len(chosen)))
        texts = {}
        for path in chosen:
            file = self._folder / path
            try:
                if sizes[path] > MAX_BYTES:
                    unread[path] = TOO_LARGE
                elif not any(file.resolve().is_relative_to(place) for place in self._inside):
                    unread[path] = phrase("a link that leads out of the folder")
                else:
                    texts[path] = decode(file.read_bytes())
            except OSError as problem:
                unread[path] = problem.strerror or phrase("it could not be opened")
        info = {
            "id": id,
            "cardData": dict(read_front_matter(texts.get("README.md", "")).data),
            "siblings": [{"rfilename": path, "size": size} for path, size in sizes.items()],
        }
        return Repo("models", id, info, files=texts, unread=unread, endpoint="")

    def _files(self) -> Iterator[tuple[str, int]]:
        """Path and size (bytes) of every file, in the order of their names."""
        found = 0
        for root, folders, names in os.walk(self._folder, onerror=self._refuse):
            folders[:] = sorted(set(folders) - _SKIPPED)
            for name in sorted(names):
                path = Path(root, name)
                if path.is_file():
                    found += 1
                    yield path.relative_to(self._folder).as_posix(), path.stat().st_size
                if found > _MAX_FILES:
                    raise UsageError(f"{self._folder}: more than {_MAX_FILES} files", "Give the folder of one model.")

    def _refuse(self, problem: OSError) -> None:
        """What cannot be listed would be missing from the list: better none than a wrong one."""
        raise UsageError(f"{problem.filename}: cannot be listed: {problem.strerror}", "Check its permissions.")

    # ------------------------------------------------------------------ the rest

    def model(self, id: str, early: Early | None = None) -> Looked:
        return self._rest.model(id, early)

    def dataset(self, id: str) -> Looked:
        return self._rest.dataset(id)

    def code(self, id: str) -> LookedCode:
        return self._rest.code(id)

    def redirects(self) -> Mapping[Kind, Mapping[str, str]]:
        return self._rest.redirects()

    def submit(self, question: Callable[[], T]) -> Future[T]:
        return self._rest.submit(question)
