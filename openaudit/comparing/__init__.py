"""What changed between two audits, or two runs, and why: the model, what was found, the rubric, or openaudit itself.

``sides`` reads the two, ``changes`` compares two audits of one model, ``causes`` says why, ``telling`` shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

from openaudit.comparing.causes import Cause
from openaudit.comparing.changes import Change, changes
from openaudit.comparing.sides import Side, read
from openaudit.languages import ENGLISH, spoken
from openaudit.result import Audit
from openaudit.runfile import Model
from openaudit.translating import translate


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one model. ``how``: it changed, or is only in the new run (``added``) or the old (``removed``), or
    could be audited only in the old (``lost``) or the new (``found``). ``note`` says why it could not be.
    """

    model: str
    how: str
    old_revision: str | None = None
    new_revision: str | None = None
    note: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def worse(self) -> bool:
        """Whether something about the model itself got worse: not the rubric, nor openaudit, was changed."""
        return any(change.worse for change in self.changes)


@dataclass(frozen=True)
class Comparison:
    """All that is different, in the order of the new run, and then what is only in the old one."""

    old: Side
    new: Side
    differences: tuple[Difference, ...]

    @property
    def worse(self) -> int:
        return sum(one.worse for one in self.differences)

    @property
    def lost(self) -> int:
        return sum(one.how == "lost" for one in self.differences)


def compare(old: Side, new: Side) -> Comparison:
    """Compares two sides, two models at a time."""
    pairs = ((name, old.get(name, written), new.get(name, written)) for name, written in new.named.items())
    found = [one for pair in pairs if (one := difference(*pair))]
    found += [Difference(name, "removed") for name, written in old.named.items() if not new.has(name, written)]
    return Comparison(old, new, tuple(found))


def difference(name: str, old: Model | None, new: Model | None) -> Difference | None:
    """What became of one model, in the language spoken; ``None`` where nothing did."""
    if new is None or old is None:
        return Difference(name, "added")
    was, now = (one.audit.subject.revision if one.audit else None for one in (old, new))
    if old.audit and new.audit:
        changed = changes(_said(old.audit), _said(new.audit))
        return Difference(name, "changed", was, now, changes=changed) if changed else None
    if old.audit or new.audit:
        failure = new.failure or old.failure
        return Difference(name, "lost" if old.audit else "found", was, now, failure.message if failure else "")
    return None


def _said(audit: Audit) -> Audit:
    """The audit in the language spoken, as far as it can be said in it."""
    return translate(audit, spoken()) if audit.language == ENGLISH else audit


__all__ = ["Cause", "Change", "Comparison", "Difference", "Side", "compare", "difference", "read"]
