"""A run over many models: what a list names, what came of each, and what a team's policy makes of it.

``Run`` is the one value every listing is made from. Its rows are read from the journal one at a time, in the order of
the list, so that a run of any length fits in memory and gives the same bytes whatever was finished first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from openaudit.languages import ENGLISH, say, speaking
from openaudit.result import Audit, Line
from openaudit.translating import translate


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list or a code base names a model: the file as it was given, line and column from 1, the line's words.

    A list that comes from standard input has the file ``-``.
    """

    file: str
    line: int
    column: int = 1
    text: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """One model to audit, as it is written (``owner/name``, ``owner/name@revision``, …), and every place that does."""

    reference: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a model could not be audited: the name of the error class, what is wrong, and what to do."""

    kind: str
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why a team lets a breach stand: who decided it, for what reason, and until when (ISO 8601 day)."""

    reason: str
    author: str
    until: str


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule of the policy that a model does not keep.

    ``rule`` is its name in the policy and ``says`` what it demands; ``because`` is what was found instead, ``url``
    where. One that is ``known`` stands in the baseline; one that is exempt says so. Neither fails a run, and neither
    is left out of a report.
    """

    rule: str
    level: Literal["fail", "warn"]
    says: str
    because: str
    url: str | None = None
    known: bool = False
    exempt: Exemption | None = None

    @property
    def fails(self) -> bool:
        """Whether this is why a run fails."""
        return self.level == "fail" and not self.known and self.exempt is None

    @property
    def warns(self) -> bool:
        """Whether it is only a warning, and nothing pardons it."""
        return self.level == "warn" and not self.known and self.exempt is None


@dataclass(frozen=True, slots=True)
class Row:
    """One model of a run: its audit, or why there is none. ``position`` counts from 1 in the order of the list.

    ``line`` is the audit as it is kept, which is read only by those who ask what it says.

    ``asked`` names every rule of the policy that the model was held to, in the policy's order; ``breaches`` are those
    it does not keep.
    """

    position: int
    named: Named
    line: Line | None = None
    failure: Failure | None = None
    breaches: tuple[Breach, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def audit(self) -> Audit | None:
        return self.line.audit if self.line else None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run came to, in numbers. ``labels`` counts the audited models by their label."""

    models: int
    audited: int
    failing: int
    warned: int
    labels: Mapping[str, int]

    @property
    def not_audited(self) -> int:
        return self.models - self.audited


def _in_language(row: Row, language: str) -> Row:
    line, audit = row.line, row.audit
    if audit and audit.language == ENGLISH:
        line = Line(translate(audit, language))
    with speaking(language):
        told = ((breach, say(breach.says), say(breach.because)) for breach in row.breaches)
        breaches = tuple(replace(breach, says=says, because=because) for breach, says, because in told)
    return replace(row, line=line, breaches=breaches)


@dataclass(frozen=True)
class Run:
    """A finished run. ``rubrics`` maps the id of each rubric to its version and SHA-256.

    ``source`` says where the models were looked up; ``policy`` names the file that was applied, if one was.
    ``notices`` is what whoever reads the report should know of the run itself (an exemption that ran out, …).
    """

    tool: str
    source: str
    rubrics: Mapping[str, tuple[str, str]]
    read: Callable[[], Iterator[Row]]
    policy: str | None = None
    notices: tuple[str, ...] = ()
    language: str = ENGLISH

    def rows(self) -> Iterator[Row]:
        """Every model in the order of the list, in the run's language. May be called again: each call reads anew."""
        rows = self.read()
        return rows if self.language == ENGLISH else (_in_language(row, self.language) for row in rows)

    def told(self) -> tuple[str, ...]:
        """The notices, in the language spoken."""
        return tuple(map(say, self.notices))

    @cached_property
    def counts(self) -> Counts:
        """Counted once, by reading every row."""
        models = audited = failing = warned = 0
        labels: Counter[str] = Counter()
        for row in self.read():
            models += 1
            if row.audit:
                audited += 1
                labels[row.audit.label] += 1
            failing += any(breach.fails for breach in row.breaches)
            warned += any(breach.warns for breach in row.breaches)
        return Counts(models, audited, failing, warned, dict(sorted(labels.items())))
