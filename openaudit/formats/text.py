"""Ten honest lines for the terminal."""

from __future__ import annotations

from itertools import zip_longest

from openaudit.escaping import line
from openaudit.evidence import Outcome
from openaudit.formats import register
from openaudit.result import Audit

_MARK = {
    Outcome.MET: ("●", "32"),
    Outcome.PARTIAL: ("◐", "33"),
    Outcome.UNMET: ("○", "31"),
    Outcome.UNKNOWN: ("?", "36"),
    Outcome.NOT_APPLICABLE: ("–", "2"),
    Outcome.ERROR: ("!", "31"),
}
_WORD = {Outcome.MET: "granted", Outcome.PARTIAL: "limited", Outcome.UNMET: "denied", Outcome.UNKNOWN: "can't tell"}
_WIDTH = 100
_WORST = 3


@register("text", ".txt", "ten lines for the terminal")
def render(audit: Audit, color: bool = False, page: str | None = None) -> str:
    """The summary as plain text; with ``color``, ANSI colours. ``page`` is where the full report was written."""

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if color else text

    def mark(outcome: Outcome) -> str:
        shape, code = _MARK[outcome]
        return paint(shape, code)

    lines = [f"{line(audit.subject.id)} at {(audit.subject.revision or 'no commit')[:12]}"]
    head = audit.role("label")
    if head:
        lines.append(
            _field("What it is", f"{mark(head.outcome)} {paint(head.verdict_title, '1')}. {line(head.because)}")
        )
    freedoms = audit.role("freedoms")
    if freedoms:
        told = (f"{mark(c.outcome)} {c.title.lower()} {_WORD.get(c.outcome, '')}" for c in freedoms.criteria.values())
        lines.append(_field("Freedoms", "   ".join(told)))
    data = audit.role("data")
    if data:
        lines.append(_field("Data", f"{mark(data.outcome)} {paint(data.verdict_title, '1')}. {line(data.because)}"))
    claim = f"“{_short(audit.claims[0].quote, 80)}” " if audit.claims else ""
    lines.append(
        _field(
            "It says",
            f"{claim}{'— o' if claim else 'O'}penwashing: {audit.openwashing.level}. {line(audit.openwashing.because)}",
        )
    )
    lines.extend(_field("" if i else "Found", line(text)) for i, text in enumerate(_worst(audit)))
    lines.append(_field("Report", page or f"openaudit audit {line(audit.subject.id)} --format html"))
    return "\n".join(one if color else one.rstrip() for one in lines) + "\n"


def _field(name: str, text: str) -> str:
    return f"  {name:<10} {text}"


def _short(text: str, length: int) -> str:
    text = line(text)
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + " …"


def _worst(audit: Audit) -> list[str]:
    """The reasons of the criteria that came out worst, each once, taken from the rubrics in turn."""
    order = {Outcome.ERROR: 0, Outcome.UNMET: 1, Outcome.PARTIAL: 2, Outcome.UNKNOWN: 3}
    shown = [r for role in ("openwashing", "label", "data") if (r := audit.role(role))] or list(audit.rubrics.values())
    queues = [
        sorted((c for c in rubric.criteria.values() if c.outcome in order), key=lambda c: order[c.outcome])
        for rubric in shown
    ]
    in_turn = [c for column in zip_longest(*queues) for c in column if c]
    reasons = dict.fromkeys(_short(c.because, _WIDTH) for c in in_turn)
    return list(reasons)[:_WORST] or ["Nothing was found wanting."]
