"""A model's own folder: an author checks before release. What it points to is looked up in another source."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from openaudit.errors import UsageError
from openaudit.evidence import Kind, Looked, LookedCode, Repo
from openaudit.reading import read_front_matter
from openaudit.sources import MAX_BYTES, Source
from openaudit.sources.files import choose, decode

_MAX_FILES = 50_000
_SKIPPED = frozenset({".git", ".cache", "__pycache__", ".venv", "node_modules"})


class LocalSource:
    """A folder as the subject; ``rest`` answers for ancestors, data sets and code."""

    def __init__(self, folder: Path, rest: Source) -> None:
        self._folder = folder
        self._rest = rest

    def subject(self, id: str, revision: str | None) -> Repo:
        sizes = self._files()
        texts = {}
        unread: dict[str, str] = {}
        chosen, left = choose(sizes)
        unread.update(dict.fromkeys(left, "more licence files than are read"))
        for path in chosen:
            if sizes[path] > MAX_BYTES:
                unread[path] = "larger than 1 MiB"
                continue
            try:
                texts[path] = decode((self._folder / path).read_bytes())
            except OSError as problem:
                unread[path] = problem.strerror or "it could not be opened"
        info = {
            "id": id,
            "local": True,
            "cardData": dict(read_front_matter(texts.get("README.md", "")).data),
            "siblings": [{"rfilename": path, "size": size} for path, size in sizes.items()],
        }
        return Repo("models", id, info, files=texts, unread=unread)

    def _files(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for root, folders, names in os.walk(self._folder, followlinks=False):
            folders[:] = sorted(f for f in folders if f not in _SKIPPED)
            for name in sorted(names):
                path = Path(root, name)
                if path.is_file():
                    found[path.relative_to(self._folder).as_posix()] = path.stat().st_size
                if len(found) > _MAX_FILES:
                    raise UsageError(f"{self._folder}: more than {_MAX_FILES} files", "Give the folder of one model.")
        return found

    def model(self, id: str) -> Looked:
        return self._rest.model(id)

    def dataset(self, id: str) -> Looked:
        return self._rest.dataset(id)

    def code(self, id: str) -> LookedCode:
        return self._rest.code(id)

    def redirects(self) -> Mapping[Kind, Mapping[str, str]]:
        return self._rest.redirects()

    @property
    def workers(self) -> int:
        return self._rest.workers
