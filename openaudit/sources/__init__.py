"""Sources: a reference becomes a Snapshot.

A source answers three questions, one repository at a time: ``model``, ``dataset`` and ``code``. What to ask for
(ancestors, declared data sets, linked code) is the same for every source and lives in ``gather``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from openaudit.evidence import Kind, Looked, LookedCode, Repo

MAX_BYTES = 1 << 20  # no file larger than this is ever downloaded or read
TOO_LARGE = f"larger than {MAX_BYTES >> 20} MiB"


class Source(Protocol):
    """Where repositories are looked up. Answers are values; a look that fails is ``NotLooked(why)``.

    Only ``subject`` raises: NotFound, Gated, NotLookedAt, Unreachable (all ``SubjectError``).
    Every method may be called from several threads at once.
    """

    def subject(self, id: str, revision: str | None) -> Repo:
        """The model to audit, with the text files an audit reads."""

    def model(self, id: str) -> Looked:
        """An ancestor, with the text files an audit reads."""

    def dataset(self, id: str) -> Looked:
        """A data set: its info and its card."""

    def code(self, id: str) -> LookedCode:
        """A GitHub repository, ``owner/name``."""

    def redirects(self) -> Mapping[Kind, Mapping[str, str]]:
        """Old id → id of today, for what was asked so far."""

    @property
    def workers(self) -> int:
        """How many questions may be asked at once (1: they cost nothing)."""


__all__ = ["MAX_BYTES", "TOO_LARGE", "Source"]
