"""Ten honest lines for the terminal."""

from __future__ import annotations

from itertools import zip_longest

from openaudit.escaping import line
from openaudit.evidence import Outcome
from openaudit.formats import register
from openaudit.languages import _, marked
from openaudit.pages.values import openwashing
from openaudit.result import Audit

_MARK = {
    Outcome.MET: ("●", "32"),
    Outcome.PARTIAL: ("◐", "33"),
    Outcome.UNMET: ("○", "31"),
    Outcome.UNKNOWN: ("?", "36"),
    Outcome.NOT_APPLICABLE: ("–", "2"),
    Outcome.ERROR: ("!", "31"),
}
_WORD = {
    Outcome.MET: marked("granted"),
    Outcome.PARTIAL: marked("limited"),
    Outcome.UNMET: marked("denied"),
    Outcome.UNKNOWN: marked("can't tell"),
}
_WIDTH = 100
_WORST = 3


@register("text", ".txt", "ten lines for the terminal")
def render(audit: Audit, color: bool = False, report: str | None = None) -> str:
    """The summary as plain text; with ``color``, ANSI colours. ``report``: where the page is, or what makes it."""

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if color else text

    def mark(outcome: Outcome) -> str:
        shape, code = _MARK[outcome]
        return paint(shape, code)

    def verdict(outcome: Outcome, title: str, because: str) -> str:
        return f"{mark(outcome)} {paint(line(title), '1')}. {line(because)}"

    fields: list[tuple[str, str]] = []
    if head := audit.role("label"):
        fields.append((_("What it is"), verdict(head.outcome, head.verdict_title, head.because)))
    if freedoms := audit.role("freedoms"):
        told = (
            f"{mark(c.outcome)} {line(c.title).lower()} {_(_WORD[c.outcome]) if c.outcome in _WORD else ''}"
            for c in freedoms.criteria.values()
        )
        fields.append((_("Freedoms"), "   ".join(told)))
    if data := audit.role("data"):
        fields.append((_("Data"), verdict(data.outcome, data.verdict_title, data.because)))
    fields.append((_("It says"), _says(audit)))
    fields += [("" if i else _("Found"), line(text)) for i, text in enumerate(_worst(audit))]
    fields.append((_("Report"), report or f"openaudit audit {line(audit.subject.id)} --format html"))
    width = max(10, *(len(name) for name, _text in fields))
    lines = [_("{model} at {commit}", model=line(audit.subject.id), commit=_commit(audit))]
    lines += [f"  {name:<{width}} {text}" for name, text in fields]
    return "\n".join(one if color else one.rstrip() for one in lines) + "\n"


def _commit(audit: Audit) -> str:
    return audit.subject.revision[:12] if audit.subject.revision else _("no commit")


def _says(audit: Audit) -> str:
    because, level = line(audit.openwashing.because), openwashing(audit.openwashing.level)
    if not audit.claims:
        return _("Openwashing: {level}. {because}", level=level, because=because)
    quote = _("“{text}”", text=_short(audit.claims[0].quote, 80))
    return _("{quote} — openwashing: {level}. {because}", quote=quote, level=level, because=because)


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
    return list(reasons)[:_WORST] or [_("Nothing was found wanting.")]
