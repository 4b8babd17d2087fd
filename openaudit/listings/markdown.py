"""Markdown for the summary of a CI job: what fails and what would mend it, then every model in a table."""

from __future__ import annotations

from collections.abc import Iterator

from openaudit.escaping import markdown, markdown_address
from openaudit.languages import _, marked, plural, say
from openaudit.listings import _told, register
from openaudit.pages.values import openwashing
from openaudit.run import Breach, Row, Run

_PARTS = {
    marked("Not audited"): 150_000,
    marked("Fails"): 400_000,
    marked("Warnings"): 100_000,
    marked("Known or exempt"): 100_000,
}
_TABLE = 200_000  # bytes; all together stays below the 1 MiB that GitHub takes for one step
_STEPS = 3


class _Part:
    """Pieces of text up to a number of bytes; what comes after is only counted."""

    def __init__(self, limit: int) -> None:
        self._room = limit
        self._left = 0
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        self._room -= len(piece.encode())
        if self._left or self._room < 0:
            self._left += 1
        else:
            self._pieces.append(piece)

    def text(self, head: str) -> str:
        if not self._pieces and not self._left:
            return ""
        more = ""
        if self._left:
            told = plural(
                "… and {n} more, which would not fit here.", "… and {n} more, which would not fit here.", self._left
            )
            more = f"\n{told}\n"
        return f"\n{head}\n" + "".join(self._pieces) + more


@register("markdown", ".md", "a summary as Markdown, for a CI job or an issue", people=True)
def render(run: Run) -> Iterator[str]:
    """Read once; each part is cut where it would grow too long, and says so."""
    parts = {name: _Part(limit) for name, limit in _PARTS.items()}
    table = _Part(_TABLE)
    titles: dict[str, str] = {}
    for row in run.rows():
        if row.audit:
            titles.setdefault(row.audit.label, _told.label(row.audit))
        told = list(_told.problems(row))
        fails = [problem for problem in told if problem.fails]
        warns = [problem for problem in told if problem.warns]
        pardoned = [problem for problem in told if _told.pardon(problem)]
        if fails:
            parts["Not audited" if row.failure else "Fails"].add(_entry(row, fails, mend=not row.failure))
        if warns:
            parts["Warnings"].add(_entry(row, warns))
        if pardoned:
            parts["Known or exempt"].add(_entry(row, pardoned))
        table.add(_line(row, fails, warns, pardoned))
    yield _head(run, titles)
    for name, part in parts.items():
        yield part.text(f"## {_(name)}\n")
    titles_ = (_("model"), _("label"), _("licence"), _("openwashing"), _("policy"))
    yield table.text(f"## {_('Every model')}\n\n| {' | '.join(titles_)} |\n{'|---' * len(titles_)}|")


def _head(run: Run, titles: dict[str, str]) -> str:
    counts = run.counts
    told = [f"**{plural('{n} model', '{n} models', counts.models)}**"]
    told.append(plural("{n} audited", "{n} audited", counts.audited))
    if lost := counts.not_audited:
        told.append(f"**{plural('{n} could not be audited', '{n} could not be audited', lost)}**")
    if run.policy is not None:
        failing = plural("{n} fails the policy", "{n} fail the policy", counts.failing)
        told.append(f"**{failing}**" if counts.failing else _("none fails the policy"))
        if counts.warned:
            told.append(plural("{n} with warnings", "{n} with warnings", counts.warned))
    lines = ["# " + _("How open are these models?"), "", ", ".join(told) + ".", ""]
    by_number = sorted(counts.labels.items(), key=lambda one: (-one[1], one[0]))
    lines += [f"- {count} × {markdown(titles.get(label, label), _told.NAME)}" for label, count in by_number[:20]]
    source, tool = markdown(say(run.source), _told.NAME), markdown(run.tool, _told.NAME)
    if run.policy is None:
        made = _("Looked up in {source}, with {tool}.", source=source, tool=tool)
    else:
        policy = markdown(run.policy, _told.NAME)
        made = _("Looked up in {source}, held to {policy}, with {tool}.", source=source, policy=policy, tool=tool)
    lines += ["", made]
    for notice in run.told()[:50]:
        lines += ["", f"> {markdown(notice, _told.REASON)}"]
    return "\n".join(lines) + "\n"


def _entry(row: Row, problems: list[Breach], *, mend: bool = False) -> str:
    places = ", ".join(markdown(_told.where(place)) for place in row.named.places[:5])
    lines = [f"- **{markdown(_told.name(row))}**{f' ({places})' if places else ''}"]
    for problem in problems[:20]:
        link = f" ([{_('seen here')}]({markdown_address(problem.url[:2000])}))" if problem.url else ""
        pardon = _told.pardon(problem)
        rule, because = markdown(problem.rule, _told.NAME), markdown(problem.because, _told.REASON)
        reason = "  - " + _("{rule}: {because}", rule=rule, because=because) + link
        lines.append(f"{reason} {markdown(pardon)}" if pardon else reason)
    if len(problems) > 20:
        more = len(problems) - 20
        lines.append("  - " + plural("… and {n} more", "… and {n} more", more))
    if mend and row.audit and row.audit.steps:
        steps = " ".join(markdown(step.text, _told.REASON) for step in row.audit.steps[:_STEPS])
        lines.append("  - " + _("What its maker could do: {steps}", steps=steps))
    return "\n".join(lines) + "\n"


def _line(row: Row, fails: list[Breach], warns: list[Breach], pardoned: list[Breach]) -> str:
    counted = (
        plural("{n} fails", "{n} fails", len(fails)) if fails else "",
        plural("{n} warned", "{n} warned", len(warns)) if warns else "",
        plural("{n} known or exempt", "{n} known or exempt", len(pardoned)) if pardoned else "",
    )
    policy = ", ".join(filter(None, counted)) or "–"
    name = markdown(_told.name(row))
    if row.audit is None:
        return f"| {name} | {_('not audited')} |  |  |  |\n"
    audit = row.audit
    shown = f"[{name}]({markdown_address(audit.subject.url[:2000])})" if audit.subject.url else name
    licence = markdown(audit.license.id or _("unknown"), _told.NAME)
    if audit.license.inherited_from:
        licence = _("{licence} (its base: {base})", licence=licence, base=markdown(audit.license.name, _told.NAME))
    distance = openwashing(audit.openwashing.level)
    return f"| {shown} | {markdown(_told.label(audit))} | {licence} | {distance} | {policy} |\n"
