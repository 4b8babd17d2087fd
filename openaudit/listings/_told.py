"""What several listings tell of a model, and where: one place each, so that they cannot disagree."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath

from openaudit.escaping import line
from openaudit.languages import _
from openaudit.result import Audit
from openaudit.run import Breach, Failure, Place, Row

AUDITED = "audited"  # the rule that holds without a policy, too
NAME = 200  # characters of a name
REASON = 500  # characters of a reason
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def problems(row: Row) -> Iterator[Breach]:
    """Why there is no audit, if there is none, and every breach; what stands in a baseline or is exempt included."""
    if row.failure:
        yield Breach(AUDITED, "fail", _("The model can be audited."), failure(row.failure))
    yield from row.breaches


def failure(failure: Failure) -> str:
    """What is wrong, and what to do."""
    return " — ".join(filter(None, (failure.message, failure.advice)))


def name(row: Row) -> str:
    """The model, as the list writes it."""
    return line(row.named.reference, NAME) or _("(no name)")


def pardon(breach: Breach) -> str | None:
    """Why a breach fails nothing, although it is one; ``None``: it is not pardoned."""
    if breach.exempt:
        reason, author, until = (
            line(one, REASON) for one in (breach.exempt.reason, breach.exempt.author, breach.exempt.until)
        )
        return _("Exempt until {until}, by {author}: {reason}", until=until, author=author, reason=reason)
    return _("Known: it stands in the baseline.") if breach.known else None


def label(audit: Audit) -> str:
    """The label in words."""
    head = audit.role("label")
    return line(head.verdict_title if head else audit.label, NAME)


def path(place: Place) -> str | None:
    """The file of a place as a path from where the run was started, with slashes; ``None`` for standard input.

    Of a path from the root of a machine, and of one that leads out of the folder, only the name is told.
    """
    if place.file in ("", "-"):
        return None
    if _WINDOWS.match(place.file):
        return PureWindowsPath(place.file).name or None
    plain = posixpath.normpath(place.file)
    return PurePosixPath(plain).name or None if plain.startswith(("/", "..")) else plain


def where(place: Place) -> str:
    """``file:line``."""
    return f"{line(path(place) or _('standard input'), NAME)}:{place.line}"
