"""What a journal holds, for those who only read: nothing in it is changed, and no run is needed to make sense of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from openaudit.batch.journal import FORMAT, OURS, Terms, failure, read, terms_of, unpack
from openaudit.errors import UsageError
from openaudit.result import Audit, Line
from openaudit.run import Failure, Named, Row

_MAGIC = b"SQLite format 3\x00"
_ADVICE = "Give the --journal of an openaudit batch, or a run that it wrote with --format jsonl."


def is_journal(path: Path) -> bool:
    """Whether a file may be a journal: it is one of SQLite's. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


class Kept:
    """The journal of a batch, done or not. Every method raises UsageError, as while its run goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as db:
            owner, version = (db.execute(f"PRAGMA {of}").fetchone()[0] for of in ("application_id", "user_version"))
        if owner != OURS:
            raise UsageError(f"{path}: not a journal of openaudit", _ADVICE)
        if version != FORMAT:
            raise UsageError(
                f"{path}: a journal of format {version}; this openaudit knows {FORMAT}", "Use a newer openaudit."
            )

    def references(self) -> Iterator[str]:
        """The models of its list, in its order."""
        with self._open() as db:
            for (reference,) in db.execute("SELECT reference FROM model ORDER BY position"):
                yield reference

    def terms(self) -> Terms:
        """What its models were looked up with, where, and by which rubrics they were judged."""
        with self._open() as db:
            return terms_of(dict(db.execute("SELECT key, value FROM meta")))

    def rows(self, part: int = 0, of: int = 1) -> Iterator[Row]:
        """Every model of the list, one at a time; where several share the work, one ``part`` (from 0) of so many."""
        with self._open() as db:
            query = "SELECT position, reference FROM model WHERE (position - 1) % ? = ? ORDER BY position"
            for position, reference in db.execute(query, (of, part)):
                yield _row(position, reference, self._outcome(db, reference))  # which nothing here holds on to

    def outcome(self, reference: str) -> Line | Failure:
        """What came of a model of the list; not reached yet is a failure, as in the reports of that run."""
        with self._open() as db:
            return self._outcome(db, reference)

    def _outcome(self, db: sqlite3.Connection, reference: str) -> Line | Failure:
        query = "SELECT audit, kind, message, advice FROM outcome WHERE reference = ?"
        audit, kind, message, advice = db.execute(query, (reference,)).fetchone() or (None, None, "", "")
        if audit is None:
            return failure(reference, kind, message, advice)
        return Line(unpack(audit), self._read)

    def _read(self, line: str) -> Audit:
        with self._clear():
            return read(line)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with (
            self._clear(),
            closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as db,
        ):
            yield db

    @contextmanager
    def _clear(self) -> Iterator[None]:
        """What SQLite says, in one line with advice."""
        try:
            yield
        except sqlite3.Error as problem:
            code = str(getattr(problem, "sqlite_errorname", "") or "")
            if code.startswith("SQLITE_BUSY"):
                raise UsageError(f"{self.path}: a run is using this journal", "Wait for it to end.") from problem
            raise UsageError(f"{self.path}: not a journal that can be read: {problem}", _ADVICE) from problem


def _row(position: int, reference: str, came: Line | Failure) -> Row:
    line, why = (came, None) if isinstance(came, Line) else (None, came)
    return Row(position, Named(reference), line, why)


__all__ = ["Kept", "is_journal"]
