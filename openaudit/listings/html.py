"""The comparison, for people: models by criteria on one page, sorted, with the evidence behind each cell."""

from __future__ import annotations

from collections.abc import Iterator

from openaudit.listings import register
from openaudit.run import Run


@register(
    "html",
    ".html",
    "the comparison, for people: one page that sorts, filters and prints, and asks no network",
    people=True,
)
def render(run: Run) -> Iterator[str]:
    """Read twice: to count, and to fill the page. Memory holds a few bytes for each model."""
    from openaudit.pages import comparison  # it takes a while to import, and other listings do without it

    yield from comparison.render(run)
