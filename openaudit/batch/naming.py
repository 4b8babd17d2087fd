"""Each entry of a list becomes the one way to write that model; what names no model is found before anything is asked.

A slip in a list must not pass in silence, and must not cost an hour of auditing first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from openaudit.errors import ListError, UsageError
from openaudit.run import Named
from openaudit.sources.reference import Reference, parse

MOST = 1_000_000


def checked(entries: Iterable[Named]) -> Iterator[Named]:
    """The entries, each under the name that all ways to write it share. Raises ListError for those that are none.

    The error comes at the end and names the first of them: whoever mends a list wants to know how many there are.
    """
    number, wrong, first = 0, 0, None
    for number, named in enumerate(entries, 1):
        if number > MOST:
            raise ListError(f"more than {MOST} models", "Split the list.")
        try:
            yield replace(named, reference=written(parse(named.reference), named.reference))
        except UsageError as problem:
            wrong += 1
            first = first or _at(named, problem)
    if first is not None:
        more = f" (and {wrong - 1} more of the {number} entries)" if wrong > 1 else ""
        raise ListError(f"{first}{more}", first.advice)
    if not number:
        raise ListError("no model is named there", "Give a list with a model on each line.")


def written(what: Reference, given: str) -> str:
    """How a reference is written in a run: ``owner/name`` or ``owner/name@revision``; a folder as it was given."""
    if what.folder:
        return given.strip()
    return f"{what.id}@{what.revision}" if what.revision else what.id


def _at(named: Named, problem: UsageError) -> ListError:
    where = "".join(f"{place.file}:{place.line}:{place.column}: " for place in named.places[:1])
    return ListError(f"{where}{problem}", problem.advice)
