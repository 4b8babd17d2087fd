"""Days, as the language spoken writes them."""

from __future__ import annotations

from datetime import UTC, datetime

from openaudit.languages import _, in_context, marked

_MONTHS = (
    marked("January"), marked("February"), marked("March"), marked("April"), marked("May"), marked("June"),
    marked("July"), marked("August"), marked("September"), marked("October"), marked("November"), marked("December"),
)  # fmt: skip


def date(text: str | None) -> str | None:
    """A day as one writes it. What is no ISO 8601 time is given as it is."""
    moment = _moment(text)
    if moment is None:
        return text
    day = in_context("the first day of a month", "1") if moment.day == 1 else str(moment.day)
    return _("{day} {month} {year}", day=day, month=_(_MONTHS[moment.month - 1]), year=moment.year)


def machine_date(text: str | None) -> str | None:
    """The same for machines: ISO 8601, or ``None`` where it is no time."""
    moment = _moment(text)
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None
