"""The journal: one SQLite file that holds what a run has done so far, and from which every report is made.

It survives being killed at any moment: an outcome is in it whole or not at all, and a run that goes on redoes nothing
that is in it. One run at a time may use it. When a run ends in order it is one plain file.

Outcomes are kept by reference, so the list may change between two runs; the rubrics, this program's version and the
place where models are looked up may not, because the rows of one run have to mean the same.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from openaudit.errors import OutOfTime, OutputError
from openaudit.result import Audit, Line
from openaudit.run import Failure, Named, Place, Row

FORMAT = 1
OURS = 0x6F_41_75_64  # "oAud": which program a SQLite file belongs to
_CHUNK = 200  # rows that are read at once
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE model (position INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE);
CREATE TABLE place (position INTEGER, number INTEGER, file TEXT, line INTEGER, col INTEGER, text TEXT,
    PRIMARY KEY (position, number)) WITHOUT ROWID;
CREATE TABLE outcome (reference TEXT PRIMARY KEY, audit BLOB, kind TEXT, message TEXT, advice TEXT, passing INTEGER);
"""
_OUTCOMES = "model JOIN outcome USING (reference)"
_ANOTHER = "Choose another place with --journal, or delete this file."


@dataclass(frozen=True, slots=True)
class Terms:
    """What has to stay the same for outcomes to belong together."""

    tool: str
    source: str
    rubrics: Mapping[str, tuple[str, str]]

    def differs(self, other: Terms) -> str:
        """What is otherwise in ``other``, in words; empty if nothing is."""
        if self.tool != other.tool:
            return f"it was written by {self.tool}, and this is {other.tool}"
        if self.source != other.source:
            return f"its models were looked up in {self.source}, now it is {other.source}"
        named = sorted(id for id in {*self.rubrics, *other.rubrics} if self.rubrics.get(id) != other.rubrics.get(id))
        return f"it was judged by other rubrics ({', '.join(named)})" if named else ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of one model: its audit, packed; or why there is none, and whether trying again may help."""

    reference: str
    audit: bytes | None = None
    failure: Failure | None = None
    passing: bool = False


def pack(audit: Audit) -> bytes:
    """An audit as it is kept: its JSON, compressed."""
    return zlib.compress(audit.to_line().encode(), 1)


def unpack(packed: bytes) -> str:
    """The JSON again. Raises sqlite3.DatabaseError."""
    try:
        return zlib.decompress(packed).decode()
    except (zlib.error, ValueError, TypeError) as problem:
        raise sqlite3.DatabaseError("damaged") from problem


def read(line: str) -> Audit:
    """The audit again. Raises sqlite3.DatabaseError."""
    try:
        return Audit.model_validate_json(line)
    except ValueError as problem:
        raise sqlite3.DatabaseError("damaged") from problem


class Journal:
    """An open journal. Use as a context manager, or ``close`` it. Every method raises OutputError.

    ``terms`` are those of the run that goes on with it; ``None`` reads what some run has left, and changes nothing.
    """

    terms: Terms

    def __init__(self, path: Path, terms: Terms | None, *, resume: bool) -> None:
        self.path = path
        with self._clear():
            if terms is None and not path.is_file():
                raise OutputError(f"{path}: there is no journal", "openaudit batch --journal FILE leaves one.")
            if not resume and path.exists() and path.stat().st_size:
                advice = "Go on with it: --resume. Or choose another, or delete it."
                raise OutputError(f"{path}: there is a journal already", advice)
            # Read as a URI, which can say so; written as a path, which has no characters with a meaning of their own.
            place = os.fspath(path.absolute()) if terms else f"{path.absolute().as_uri()}?mode=ro"
            self._db = sqlite3.connect(place, uri=not terms, timeout=0, isolation_level=None)
        try:
            with self._clear():
                self.terms = self._take(terms) if terms else self._look()
        except BaseException:
            self._db.close()
            raise

    def _take(self, terms: Terms) -> Terms:
        """Locks the file for as long as it is open, and makes sure that it is ours."""
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("BEGIN EXCLUSIVE")
        if not self._number("application_id") and not self._count("sqlite_master"):
            for statement in filter(str.strip, _SCHEMA.split(";")):
                self._db.execute(statement)
            said = {"tool": terms.tool, "source": terms.source, "rubrics": json.dumps(dict(terms.rubrics))}
            self._db.executemany("INSERT INTO meta VALUES (?, ?)", said.items())
            self._db.execute(f"PRAGMA application_id = {OURS}")
            self._db.execute(f"PRAGMA user_version = {FORMAT}")
            self._db.execute("COMMIT")
        else:
            self._db.execute("COMMIT")
            if why := self._look().differs(terms):
                raise OutputError(f"{self.path}: cannot be gone on with: {why}", _ANOTHER)
        # Each commit is then an append, and a killed run costs at most what it had not committed.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        return terms

    def _look(self) -> Terms:
        """Makes sure that the file is a journal of ours, whole, and tells under which terms it was written."""
        version = self._number("user_version")
        if self._number("application_id") != OURS:
            raise OutputError(f"{self.path}: not a journal of openaudit", _ANOTHER)
        if version != FORMAT:
            advice = f"Use a newer openaudit. {_ANOTHER}"
            raise OutputError(f"{self.path}: a journal of format {version}; this openaudit knows {FORMAT}", advice)
        if self._db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
        return self._written()

    def _number(self, pragma: str) -> int:
        return int(self._db.execute(f"PRAGMA {pragma}").fetchone()[0])

    def _written(self) -> Terms:
        return terms_of(dict(self._db.execute("SELECT key, value FROM meta")))

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Leaves one plain file that can be read from anywhere; where the disk is too full for that, what there is."""
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    # ------------------------------------------------------------------ the list

    def plan(self, named: Iterable[Named]) -> int:
        """Takes today's list in the place of any other: each model once, with every place that names it.

        Failures that may have passed are forgotten. Returns how many models there are to settle.
        """
        with self._change():
            for table in ("model", "place"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - a name from the line above
            self._db.execute("DELETE FROM outcome WHERE passing")
            for one in named:
                found = self._db.execute("SELECT position FROM model WHERE reference = ?", (one.reference,)).fetchone()
                at = found[0] if found else self._add(one.reference)
                last = self._db.execute("SELECT max(number) FROM place WHERE position = ?", (at,)).fetchone()[0] or 0
                rows = [(at, last + n, p.file, p.line, p.column, p.text) for n, p in enumerate(one.places, 1)]
                self._db.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?)", rows)
        with self._clear():
            return self.models - self._count(_OUTCOMES)

    def _add(self, reference: str) -> int:
        return int(self._db.execute("INSERT INTO model (reference) VALUES (?)", (reference,)).lastrowid or 0)

    def _count(self, what: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {what}").fetchone()[0])  # noqa: S608 - ours, below

    @property
    def models(self) -> int:
        """How many models are on the list."""
        with self._clear():
            return self._count("model")

    @property
    def done(self) -> int:
        """How many of them were audited."""
        with self._clear():
            return self._count(f"{_OUTCOMES} WHERE audit IS NOT NULL")

    def failures(self, limit: int) -> list[Failure]:
        """Why models of the list could not be audited, in its order, at most so many."""
        with self._clear():
            rows = self._db.execute(
                "SELECT reference, kind, message, advice FROM model LEFT JOIN outcome USING (reference)"
                " WHERE audit IS NULL ORDER BY position LIMIT ?",
                (limit,),
            ).fetchall()
        return [failure(*row) for row in rows]

    # ------------------------------------------------------------------ what is done

    def todo(self) -> Iterator[str]:
        """The references without an outcome, in the order of the list. What fails meanwhile does not come up again."""
        at = 0
        while True:
            with self._clear():
                rows = self._db.execute(
                    "SELECT position, model.reference FROM model LEFT JOIN outcome USING (reference)"
                    " WHERE position > ? AND outcome.reference IS NULL ORDER BY position LIMIT ?",
                    (at, _CHUNK),
                ).fetchall()
            if not rows:
                return
            at = rows[-1][0]
            yield from (reference for _, reference in rows)

    def keep(self, settled: Iterable[Settled]) -> None:
        """Keeps outcomes, all or none: once this returns, being killed does not lose them."""
        with self._change():
            for one in settled:
                why = one.failure or Failure("", "")
                row = (one.reference, one.audit, why.kind, why.message, why.advice, one.passing)
                self._db.execute("INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?, ?, ?)", row)

    def rows(self) -> Iterator[Row]:
        """Every model of today's list, in its order, with what came of it. A few are read at a time."""
        at = 0
        while True:
            with self._clear():
                found = self._db.execute(
                    "SELECT position, reference, audit, kind, message, advice FROM model"
                    " LEFT JOIN outcome USING (reference) WHERE position > ? ORDER BY position LIMIT ?",
                    (at, _CHUNK // 10),
                ).fetchall()
            if not found:
                return
            for at, reference, audit, kind, message, advice in found:
                named = Named(reference, tuple(self._places(at)))
                if audit is not None:
                    yield Row(at, named, self._unpack(audit))
                else:
                    yield Row(at, named, failure=failure(reference, kind, message, advice))

    def _places(self, position: int) -> Iterator[Place]:
        with self._clear():
            query = "SELECT file, line, col, text FROM place WHERE position = ? ORDER BY number"
            found = self._db.execute(query, (position,)).fetchall()
        return (Place(*row) for row in found)

    def _unpack(self, packed: bytes) -> Line:
        with self._clear():
            return Line(unpack(packed), self._read)

    def _read(self, line: str) -> Audit:
        with self._clear():
            return read(line)

    # ------------------------------------------------------------------ what can go wrong

    @contextmanager
    def _change(self) -> Iterator[None]:
        """One transaction: all of it, or none."""
        with self._clear():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _clear(self) -> Iterator[None]:
        """What SQLite and the system say, in one line with advice."""
        try:
            yield
        except sqlite3.Error as problem:
            raise OutputError(f"{self.path}: {_why(problem)}", _advice(problem)) from problem
        except (OSError, ValueError) as problem:
            why = getattr(problem, "strerror", None) or problem
            raise OutputError(f"{self.path}: cannot be used as a journal: {why}", _ANOTHER) from problem


def terms_of(held: Mapping[str, str]) -> Terms:
    """The terms as they were kept. Raises sqlite3.DatabaseError."""
    try:
        rubrics = {id: (str(version), str(sha)) for id, (version, sha) in json.loads(held["rubrics"]).items()}
        return Terms(held["tool"], held["source"], rubrics)
    except (KeyError, ValueError, TypeError, AttributeError) as problem:
        raise sqlite3.DatabaseError("damaged") from problem


def failure(reference: str, kind: str | None, message: str, advice: str) -> Failure:
    """A failure as it was kept; what has no outcome when a run ends had no time left."""
    if kind:
        return Failure(kind, message, advice)
    return Failure(OutOfTime.__name__, f"{reference}: the time was over before it was audited", OutOfTime.advice)


def _code(problem: sqlite3.Error) -> str:
    return str(getattr(problem, "sqlite_errorname", "") or "")


def _why(problem: sqlite3.Error) -> str:
    code = _code(problem)
    if code.startswith("SQLITE_BUSY"):
        return "another run is using this journal"
    if code.startswith("SQLITE_FULL"):
        return "the disk is full"
    if code.startswith("SQLITE_NOTADB"):
        return "not a journal of openaudit"
    if code.startswith("SQLITE_READONLY"):
        return "the journal cannot be written: read-only"
    if code.startswith("SQLITE_CANTOPEN"):
        return "the journal cannot be opened or made here"
    if code.startswith("SQLITE_IOERR"):
        return f"the journal could not be written or read ({problem}): perhaps the disk is full"
    if code.startswith("SQLITE_CORRUPT") or not code:
        return "the journal is damaged"
    return f"the journal cannot be used: {problem}"


def _advice(problem: sqlite3.Error) -> str:
    code = _code(problem)
    if code.startswith("SQLITE_BUSY"):
        return "Wait for it to end, or give this run a journal of its own."
    if code.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return "What was done is kept: make room, then go on with --resume."
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return "Choose a place you may write to with --journal."
    return _ANOTHER


__all__ = ["FORMAT", "OURS", "Journal", "Settled", "Terms", "failure", "pack", "read", "unpack"]
