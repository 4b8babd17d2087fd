"""Where a publishing puts what it knows of each model, until the pages about many are made: on disk, a row at a time.

It is a database in the system's folder for temporary files, which goes when the site is in its place. Every process
that makes pages writes to it; memory does not grow with what is in it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Any

from openaudit.pages.field import LABELS
from openaudit.pages.values import LEVELS
from openaudit.site.addresses import Address, fingerprint, path_of
from openaudit.site.history import Became

_HELD = 512  # KiB of it that a process keeps in memory
_PATIENCE = 60  # seconds to wait for another process to have written
_LEVELS = {level: place for place, level in enumerate(LEVELS)}
# known: the files that were published before; file: those of now; under_way: both, while they change places; address:
# how whatever has a page is called, and where that is; by_openness, by_name: the orders of the models; came, why: how
# each criterion came out, and the reason in each language; seen: data sets of models that were audited; earlier: the
# models that there were before.
_SCHEMA = """
CREATE TABLE known (path TEXT PRIMARY KEY, sha256 TEXT) WITHOUT ROWID;
CREATE TABLE file (path TEXT PRIMARY KEY, sha256 TEXT, new INTEGER) WITHOUT ROWID;
CREATE VIEW fresh AS SELECT path FROM file WHERE new;
CREATE VIEW gone AS SELECT path FROM known WHERE path NOT IN (SELECT path FROM file);
CREATE VIEW under_way AS SELECT path, '' AS sha256 FROM fresh
    UNION SELECT path, sha256 FROM known WHERE path NOT IN (SELECT path FROM fresh);
CREATE TABLE address (folder TEXT, id TEXT, name TEXT, path TEXT, PRIMARY KEY (folder, id)) WITHOUT ROWID;
CREATE TABLE model (position INTEGER PRIMARY KEY, reference TEXT, name TEXT, path TEXT, failure TEXT, id TEXT,
    label TEXT, level TEXT, claim TEXT, verdict TEXT, score REAL, data TEXT, own_license TEXT, license TEXT,
    revision TEXT, gathered TEXT, modified TEXT, rank INTEGER, far INTEGER, fold TEXT);
CREATE INDEX page ON model (path);
CREATE INDEX given ON model (own_license);
CREATE INDEX in_force ON model (license);
CREATE VIEW audited AS SELECT * FROM model WHERE failure = '' AND id <> '';
CREATE TABLE by_openness (place INTEGER PRIMARY KEY, position INTEGER);
CREATE TABLE by_name (position INTEGER PRIMARY KEY, place INTEGER);
CREATE TABLE spoken (position INTEGER, language TEXT, data TEXT, verdict TEXT, PRIMARY KEY (position, language))
    WITHOUT ROWID;
CREATE TABLE came (position INTEGER, criterion TEXT, outcome TEXT, PRIMARY KEY (position, criterion)) WITHOUT ROWID;
CREATE INDEX outcome ON came (criterion, outcome);
CREATE TABLE why (criterion TEXT, language TEXT, outcome TEXT, because TEXT, position INTEGER,
    PRIMARY KEY (criterion, language, outcome, because, position)) WITHOUT ROWID;
CREATE TABLE dataset (id TEXT, position INTEGER, number INTEGER, stage TEXT, status TEXT, license TEXT, open INTEGER,
    held TEXT, PRIMARY KEY (id, position, number)) WITHOUT ROWID;
CREATE VIEW seen AS SELECT dataset.*, gathered FROM dataset JOIN audited USING (position);
CREATE TABLE earlier (name TEXT PRIMARY KEY);
CREATE TABLE became (position INTEGER PRIMARY KEY, how TEXT, told TEXT);
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One model as the lists of many show it. ``position`` counts from 1 in the order of the journal's list."""

    position: int
    reference: str
    address: Address
    failure: str = ""
    id: str = ""
    label: str = ""
    level: str = "unknown"
    claim: str = "unknown"
    verdict: str = ""
    score: float = 0.0
    data: str = "unknown"
    own_license: str | None = None
    license: str | None = None
    revision: str | None = None
    gathered: str | None = None
    modified: str | None = None

    @property
    def name(self) -> str:
        return self.address.name

    @property
    def page(self) -> str:
        return self.address.page


def listed(row: Sequence[Any]) -> Listed:
    """A model of its row in the table; what only orders it comes last."""
    position, reference, name, path, *rest = row[:-3]
    return Listed(position, reference, Address(name, path), *rest)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a brief says in one language: why each criterion came out so, and what the verdicts are called.

    ``data`` is that on the training data, ``verdict`` the one that says whether a model is open source.
    """

    because: Mapping[str, str]
    data: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Brief:
    """All that the pages about many are made from, of one model. ``outcomes`` are by ``rubric/criterion``."""

    model: Listed
    outcomes: Mapping[str, str] = field(default_factory=dict)
    datasets: tuple[Mapping[str, Any], ...] = ()
    spoken: Mapping[str, Spoken] = field(default_factory=dict)
    became: Became | None = None


class Shelf:
    """The database, made where there is none. Use as a context manager. Raises sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        self.path = path
        new = not path.exists()
        self._db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        self._db.execute("PRAGMA synchronous = OFF")  # after a crash nobody wants it
        self._db.execute(f"PRAGMA cache_size = {-_HELD}")
        for function in (path_of, fingerprint, str.casefold):  # what addresses are made with
            self._db.create_function(function.__name__, 1, function, deterministic=True)
        if new:
            self._db.executescript(_SCHEMA)

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """What another process still has open stays open."""
        self._db.close()

    def each(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, as they are read."""
        return self._db.execute(query, values)

    def one(self, query: str, *values: Any) -> tuple[Any, ...]:
        """The first row of a query; nothing where there is none."""
        return self._db.execute(query, values).fetchone() or ()

    def many(self, query: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Puts rows in, all of them or none."""
        with self._whole():
            self._db.executemany(query, rows)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # on a disk that is full, it is rolled back already
                self._db.execute("ROLLBACK")
            raise

    # ------------------------------------------------------------------ where pages are

    def settle(self, folder: str, called: Iterable[tuple[str, str]]) -> None:
        """Gives everything that has a page in this folder its address, by its id, from what it is called.

        What several are called, none is: each has its id for a name. No two paths are the same to a file system that
        does not tell capital letters from small ones.
        """
        several = "(SELECT {0} FROM address WHERE folder = ?1 GROUP BY {0} HAVING count(*) > 1)"
        same, alike = several.format("name"), several.format("casefold(path)")
        self.many("INSERT INTO address VALUES (?, ?, ?, '')", ((folder, id, name) for id, name in called))
        for change in (
            f"name = id WHERE folder = ?1 AND name IN {same}",
            "path = path_of(name) WHERE folder = ?1",
            f"path = path || '-' || fingerprint(name) WHERE folder = ?1 AND casefold(path) IN {alike}",
        ):
            self._db.execute(f"UPDATE address SET {change}", (folder,))  # noqa: S608 - from the lines above

    def address(self, reference: str) -> Address:
        """Where a model's pages are."""
        return Address(*self.one("SELECT name, path FROM address WHERE folder = 'models' AND id = ?", reference))

    def pages(self, folder: str) -> Iterator[tuple[str, str]]:
        """What has a page in a folder, by id, and its page."""
        query = "SELECT id, folder || '/' || path || '.html' FROM address WHERE folder = ? ORDER BY id"
        return ((id, page) for id, page in self.each(query, folder))

    # ------------------------------------------------------------------ what is told of a model

    def put(self, brief: Brief) -> None:
        """Takes a model."""
        one = brief.model
        at = one.position
        with self._whole():
            query = "INSERT INTO model VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            self._db.execute(query, _row(one))
            self._db.executemany("INSERT INTO came VALUES (?, ?, ?)", ((at, *each) for each in brief.outcomes.items()))
            for language, said in brief.spoken.items():
                self._db.execute("INSERT INTO spoken VALUES (?, ?, ?, ?)", (at, language, said.data, said.verdict))
                each = said.because.items()
                reasons = ((key, language, brief.outcomes[key], because, at) for key, because in each)
                self._db.executemany("INSERT INTO why VALUES (?, ?, ?, ?, ?)", reasons)
            self._db.executemany(
                "INSERT INTO dataset VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (row["id"], at, n, row["stage"], row["status"], row["license"], row["open"], json.dumps(row))
                    for n, row in enumerate(brief.datasets)
                ),
            )
            if found := brief.became:
                told = json.dumps(asdict(found), ensure_ascii=False)
                self._db.execute("INSERT INTO became VALUES (?, ?, ?)", (at, found.how, told))


def _row(one: Listed) -> tuple[Any, ...]:
    place, *rest = (getattr(one, each.name) for each in fields(one)[2:])
    rank = LABELS.index(one.label) if one.label in LABELS else len(LABELS)
    order = (rank, _LEVELS.get(one.level, 9), one.name.casefold())
    return one.position, one.reference, place.name, place.path, *rest, *order
