"""Sources: a reference becomes a Snapshot.

A source answers three questions, one repository at a time: ``model``, ``dataset`` and ``code``. What to ask for
(ancestors, declared data sets, linked code) is the same for every source and lives in ``gather``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Protocol, TypeVar

from openaudit.evidence import Kind, Looked, LookedCode, Repo
from openaudit.saying import phrase

T = TypeVar("T")
Early = Callable[[Repo], None]

MAX_BYTES = 1 << 20  # no file larger than this is ever downloaded or read
TOO_LARGE = phrase("larger than {n} MiB", n=MAX_BYTES >> 20)


class Source(Protocol):
    """Where repositories are looked up. Answers are values; a look that fails is ``NotLooked(why)``.

    Only ``subject`` raises: NotFound, Gated, NotLookedAt, Unreachable (all ``SubjectError``).
    Every method may be called from several threads at once.
    """

    def subject(self, id: str, revision: str | None, early: Early | None = None) -> Repo:
        """The model to audit, with the text files an audit reads.

        A source that takes its time may call ``early`` with the repository's info alone, before anything is read.
        """

    def model(self, id: str, early: Early | None = None) -> Looked:
        """An ancestor, with the text files an audit reads. ``early`` as for the subject."""

    def dataset(self, id: str) -> Looked:
        """A data set: its info and its card."""

    def code(self, id: str) -> LookedCode:
        """A GitHub repository, ``owner/name``."""

    def redirects(self) -> Mapping[Kind, Mapping[str, str]]:
        """Old id → id of today, for what was asked so far."""

    def submit(self, question: Callable[[], T]) -> Future[T]:
        """Has one of the questions above asked beside others; where they cost nothing, at once."""


def at_once(question: Callable[[], T]) -> Future[T]:
    """``submit`` for a source whose answers are there already."""
    future: Future[T] = Future()
    try:
        future.set_result(question())
    except Exception as error:  # noqa: BLE001 - handed on to whoever asks for the result, as any executor does
        future.set_exception(error)
    return future


__all__ = ["MAX_BYTES", "TOO_LARGE", "Early", "Source", "at_once"]
