"""What was asked before, in this run or an earlier one, so that it need not be asked, or sent, again.

What belongs to one commit never changes, and is not asked again. Everything else is asked once a run, with the mark
the server gave it (ETag): it answers "unchanged", or sends what is new. Refusals and failures are remembered within
the run at most. A name contains the token it was asked with, so that nobody is given what another token was let in to;
only its salted hash is written down.

A cache can be damaged, full, or on a disk that cannot be written. That may cost requests and one line of warning, and
changes nothing else: what cannot be read was never there.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from pathlib import Path
from threading import RLock

from openaudit.sources.store import LIMIT, Foreign, Held, Store
from openaudit.sources.wire import one_line

# The number is that of the layout: another version of openaudit leaves this file alone.
_FILE = "answers-1.sqlite3"
_WORDS = 1000  # the longest refusal, in bytes
_log = logging.getLogger("openaudit")


def standard_folder() -> Path:
    """OPENAUDIT_CACHE_DIR, or where this system keeps the caches of programs."""
    chosen = os.environ.get("OPENAUDIT_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("openaudit", appauthor=False)


class Cache:
    """One run's view of the cache. Without a folder, what this run learns is kept until it ends, in a temporary file.

    May be used from several threads, by several processes at once. Nothing here raises.
    """

    def __init__(self, folder: Path | None, limit: int = LIMIT) -> None:
        self._folder = folder
        self._limit = limit
        self._started = time.time()
        self._lock = RLock()
        self._opened = self._closed = self._warned = False
        self._disk: Store | None = None  # shared with other runs
        self._own: Store | None = None  # of this run alone
        self._own_broken = False
        self._own_answers = False  # or refusals only

    def close(self) -> None:
        """Let go of the files. What is asked afterwards is not held."""
        with self._lock:
            self._closed = True
            stores, self._disk, self._own = (self._disk, self._own), None, None
        for store in stores:
            if store is not None:
                store.close()

    def fresh(self, held: Held) -> bool:
        """Whether it was fetched or confirmed since this run began, by this run or one beside it."""
        return self._started <= held.at <= time.time() + 1

    def find(self, name: bytes) -> Held | None:
        """What is held under a name."""
        for store in (self._own if self._own_answers else None, self._shared()):
            if store is not None:
                try:
                    held = store.find(name)
                except sqlite3.Error as problem:
                    self._lost(store, problem)
                    continue
                if held is not None:
                    return held
        return None

    def keep(self, name: bytes, held: Held, before: Held | None = None) -> None:
        """Hold an answer. ``before``: what was held, if the server just confirmed it."""
        store = self._shared()
        if store is not None and store.writable:
            try:
                if before is not None and before.packed is held.packed:
                    store.confirm(name, held)
                else:
                    store.put(name, held)
            except sqlite3.Error as problem:
                self._lost(store, problem)
            else:
                return
        self._own_answers = True
        self._keep_own(name, held)

    def refuse(self, name: bytes, words: str) -> None:
        """Remember a refusal, for this run."""
        self._keep_own(b"refused\0" + name, Held.of(words.encode("utf-8", "replace")[:_WORDS], time.time()))

    def refusal(self, name: bytes) -> str | None:
        """What was remembered of a refusal in this run."""
        store = self._own
        if store is None:
            return None
        try:
            held = store.find(b"refused\0" + name)
        except sqlite3.Error as problem:
            self._lost(store, problem)
            return None
        return held.body(_WORDS).decode("utf-8", "replace") if held else None

    # ------------------------------------------------------------------ the two files

    def _shared(self) -> Store | None:
        with self._lock:
            if not self._opened and not self._closed:
                self._disk = None if self._folder is None else self._open(self._folder / _FILE)
                self._opened = True
            return self._disk

    def _open(self, path: Path, *, again: bool = False) -> Store | None:
        try:
            store = Store(path, self._limit)
        except Foreign:
            self._warn(f"{path} is not a cache of openaudit, and is not used")
        except (OSError, sqlite3.OperationalError) as problem:
            self._warn(f"the cache in {path.parent} cannot be used ({_why(problem)})")
        except sqlite3.Error:
            self._set_aside(path)
            return None if again else self._open(path, again=True)
        else:
            if not store.writable:
                self._warn(f"the cache in {path.parent} cannot be written; it is read, and nothing is added")
            return store
        return None

    def _set_aside(self, path: Path) -> None:
        """Give a damaged file another name, with what SQLite keeps beside it."""
        self._warn(f"the cache in {path.parent} was damaged, and was set aside")
        for end in ("", "-wal", "-shm"):
            try:
                path.with_name(path.name + end).replace(path.with_name(f"{path.name}.damaged{end}"))
            except OSError:  # gone already: another run met the same damage
                continue

    def _lost(self, store: Store, problem: sqlite3.Error) -> None:
        """A file failed. This run goes on without it; what it still needs goes into one of its own."""
        with self._lock:
            if store is self._own:
                self._own, self._own_broken = None, True
                store.close()
                return
            if self._closed or self._folder is None:
                return
            if isinstance(problem, sqlite3.OperationalError):
                store.writable = False
                self._warn(f"the cache in {self._folder} cannot be written ({_why(problem)}); nothing more is added")
            elif self._disk is store:
                self._disk = None
                store.close()
                self._set_aside(self._folder / _FILE)

    def _keep_own(self, name: bytes, held: Held) -> None:
        with self._lock:
            if self._own is None and not self._own_broken and not self._closed:
                try:
                    self._own = Store(None, self._limit)
                except (sqlite3.Error, OSError):
                    self._own_broken = True
            store = self._own
        if store is not None:
            try:
                store.put(name, held)
            except sqlite3.Error as problem:
                self._lost(store, problem)

    def _warn(self, words: str) -> None:
        if not self._warned:
            self._warned = True
            _log.warning("openaudit: %s", one_line(words, 400))


def _why(problem: Exception) -> str:
    return str(getattr(problem, "strerror", None) or problem)
