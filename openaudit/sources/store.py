"""Answers of servers in one SQLite file: found by a name that nobody can read back, checked before they are believed.

Safe for several threads and processes at once. A row that is not as it was written counts as none. Every method may
raise ``sqlite3.Error``; what that means for an audit is decided in ``cache``.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from urllib.parse import quote

LIMIT = 512 << 20  # bytes; beyond it, what was not used for longest goes
_OURS = 0x0A0D1700  # in the head of the file: an SQLite file of somebody else is left alone
_ROW = 200  # bytes, about: what is kept beside a body
_PATIENCE = 5.0  # seconds to wait for another process that is writing
_USED = 3600.0  # the time of use is written down once an hour: reading stays reading
_TABLES = """
CREATE TABLE IF NOT EXISTS salt (one INTEGER PRIMARY KEY CHECK (one = 1), salt BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
  name BLOB PRIMARY KEY, etag TEXT NOT NULL, place TEXT NOT NULL, fixed INTEGER NOT NULL, at REAL NOT NULL,
  used REAL NOT NULL, body BLOB NOT NULL, seal BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS by_use ON answers (used);
"""
_OLDEST = """
DELETE FROM answers WHERE rowid IN (
  SELECT rowid FROM answers ORDER BY used LIMIT 1 + (SELECT count(*) FROM answers) / 20
)
"""


class Foreign(Exception):
    """The file is an SQLite database of something else."""


class Held(NamedTuple):
    """An answer: its body (compressed), and what tells whether it still holds.

    ``at`` is the Unix time at which it was fetched, or last confirmed by the server. ``fixed``: it can never change.
    ``etag`` is the server's mark for it, ``place`` (a hash) the address that the mark belongs to.
    """

    packed: bytes
    at: float
    etag: str = ""
    place: str = ""
    fixed: bool = False

    @classmethod
    def of(cls, body: bytes, at: float, etag: str = "", url: str = "", *, fixed: bool = False) -> Held:
        """An answer of ``url`` that was just read."""
        fit = etag.isascii() and etag.isprintable() and len(etag) <= 200  # else it is never sent back
        return cls(zlib.compress(body, 3), at, etag if fit else "", place(url), fixed)

    def body(self, limit: int) -> bytes:
        """The body, as it was read: never longer than ``limit`` bytes."""
        return zlib.decompressobj().decompress(self.packed, limit)


def place(url: str) -> str:
    """An address as it is written down: it may hold a key that is nobody's business."""
    return hashlib.blake2b(url.encode("utf-8", "replace"), digest_size=16).hexdigest() if url else ""


class Store:
    """One file, or, without a path, one that SQLite deletes by itself. Raises sqlite3.Error, OSError or Foreign.

    A file that may not be changed is read as it is: ``writable`` is false then.
    """

    def __init__(self, path: Path | None, limit: int = LIMIT) -> None:
        self._limit = limit
        self._until_weighed = 0  # bytes that may come before the file is weighed again
        self._lock = Lock()
        self.writable = True
        if path is None:
            self._db = _connect("")
            self._salt = _prepare(self._db)
            return
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # what a private model says is private
        except OSError:
            if not os.access(path, os.R_OK):
                raise
            self.writable = False
        # Immutable: beside a file in a folder that cannot be written, SQLite could not keep its own files either.
        self._db = _connect(f"file:{quote(str(path.absolute()))}?{'mode=rw' if self.writable else 'immutable=1'}")
        try:
            with _legible():
                self._salt = _prepare(self._db) if self.writable else _salt(self._db)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def find(self, name: bytes) -> Held | None:
        """What is held under a name, if it is as it was written."""
        key = self._key(name)
        sql = "SELECT body, at, etag, place, fixed, used, seal FROM answers WHERE name = ?"
        with self._lock, _legible():
            row = self._db.execute(sql, (key,)).fetchone()
        if row is None:
            return None
        body, at, etag, where, fixed, used, seal = row
        if [type(part) for part in row[:6]] != [bytes, float, str, str, int, float]:
            return None
        held = Held(body, at, etag, where, bool(fixed))
        if seal != self._seal(key, held):
            return None
        now = time.time()
        if self.writable and not used <= now < used + _USED:
            with self._lock, _legible():
                self._db.execute("UPDATE answers SET used = ? WHERE name = ?", (now, key))
        return held

    def put(self, name: bytes, held: Held) -> None:
        """Hold an answer, instead of what was held before."""
        if len(held.packed) > self._limit // 8:
            return
        key = self._key(name)
        row = (key, held.etag, held.place, held.fixed, held.at, time.time(), held.packed, self._seal(key, held))
        with self._lock, _legible():
            self._db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._until_weighed -= len(held.packed) + _ROW
            if self._until_weighed < 0:
                self._shrink()
                self._until_weighed = self._limit // 64

    def confirm(self, name: bytes, held: Held) -> None:
        """The same body holds at a later time: ``held.at``."""
        key = self._key(name)
        seal, now = self._seal(key, held), time.time()
        sql = "UPDATE answers SET at = ?, used = ?, seal = ? WHERE name = ? AND body = ? AND at < ?"
        with self._lock, _legible():
            if not self._db.execute(sql, (held.at, now, seal, key, held.packed, held.at)).rowcount:
                # Let go of meanwhile; or another run was here later, and what it wrote stays.
                row = (key, held.etag, held.place, held.fixed, held.at, now, held.packed, seal)
                self._db.execute("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _key(self, name: bytes) -> bytes:
        return hashlib.blake2b(name, key=self._salt, digest_size=20).digest()

    def _seal(self, key: bytes, held: Held) -> bytes:
        head = repr((key, held.at, held.etag, held.place, bool(held.fixed))).encode()
        return hashlib.blake2b(head + held.packed, key=self._salt, digest_size=16).digest()

    def _shrink(self) -> None:
        """Let go of what was not used for longest until the file is a tenth below its limit."""
        if self._size() <= self._limit:
            return
        while self._size() > self._limit * 0.9 and self._db.execute(_OLDEST).rowcount:
            pass

    def _size(self) -> int:
        """The bytes in use; what was let go of is used again."""
        names = ("page_count", "freelist_count", "page_size")
        pages, free, size = (int(self._db.execute(f"PRAGMA {name}").fetchone()[0]) for name in names)
        return (pages - free) * size


@contextmanager
def _legible() -> Iterator[None]:
    """What SQLite says of a damaged file may quote the damage, and not be text then."""
    try:
        yield
    except UnicodeDecodeError as problem:
        raise sqlite3.DatabaseError("damaged") from problem


def _connect(uri: str) -> sqlite3.Connection:
    # No transactions of Python's own: each statement is one. The lock of the Store is what check_same_thread asks for.
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)


def _prepare(db: sqlite3.Connection) -> bytes:
    """Make the file ours if it is new; returns its salt. Raises Foreign."""
    db.execute("PRAGMA trusted_schema = OFF")
    new = db.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    # Asked second: another process makes it ours in one step, and may do so between the two.
    ours = db.execute("PRAGMA application_id").fetchone()[0] == _OURS
    if not (new or ours):
        raise Foreign
    if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        _in_turn(db, "PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")  # with WAL a crash may lose the last answers, and damages nothing
    db.execute(f"PRAGMA journal_size_limit = {8 << 20}")
    if not ours:
        db.execute("BEGIN IMMEDIATE")
        try:
            for statement in _TABLES.split(";"):
                db.execute(statement)
            db.execute("INSERT OR IGNORE INTO salt VALUES (1, ?)", (os.urandom(32),))
            db.execute(f"PRAGMA application_id = {_OURS}")
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
    return _salt(db)


def _salt(db: sqlite3.Connection) -> bytes:
    if db.execute("PRAGMA application_id").fetchone()[0] != _OURS:
        raise Foreign
    row = db.execute("SELECT salt FROM salt").fetchone()
    if row is None or not isinstance(row[0], bytes) or len(row[0]) != 32:
        raise sqlite3.DatabaseError("the salt is damaged")
    salt: bytes = row[0]
    return salt


def _in_turn(db: sqlite3.Connection, statement: str) -> None:
    """For the one change that does not wait for others by itself."""
    busy = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            db.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
