"""Markdown for the summary of a CI job: what fails and what would mend it, then every model in a table."""

from __future__ import annotations

from collections.abc import Iterator

from openaudit.escaping import markdown, markdown_address
from openaudit.listings import _told, register
from openaudit.run import Breach, Row, Run

_PARTS = {"Not audited": 150_000, "Fails": 400_000, "Warnings": 100_000, "Known or exempt": 100_000}
_TABLE = 200_000  # bytes; all together stays below the 1 MiB that GitHub takes for one step
_HEAD = "| model | label | licence | openwashing | policy |\n|---|---|---|---|---|"
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
        more = f"\n… and {self._left} more, which would not fit here.\n" if self._left else ""
        return f"\n{head}\n" + "".join(self._pieces) + more


@register("markdown", ".md", "a summary as Markdown, for a CI job or an issue")
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
        yield part.text(f"## {name}\n")
    yield table.text(f"## Every model\n\n{_HEAD}")


def _head(run: Run, titles: dict[str, str]) -> str:
    counts = run.counts
    told = [f"**{counts.models} model{'' if counts.models == 1 else 's'}**", f"{counts.audited} audited"]
    told += [f"**{counts.not_audited} could not be audited**"] if counts.not_audited else []
    if run.policy is not None:
        told += [
            f"**{counts.failing} fail{'s' if counts.failing == 1 else ''} the policy**"
            if counts.failing
            else "none fails the policy"
        ]
        told += [f"{counts.warned} with warnings"] if counts.warned else []
    lines = ["# How open are these models?", "", ", ".join(told) + ".", ""]
    by_number = sorted(counts.labels.items(), key=lambda one: (-one[1], one[0]))
    lines += [f"- {count} × {markdown(titles.get(label, label), _told.NAME)}" for label, count in by_number[:20]]
    policy = f", held to {markdown(run.policy, _told.NAME)}" if run.policy is not None else ""
    lines += ["", f"Looked up in {markdown(run.source, _told.NAME)}{policy}, with {markdown(run.tool, _told.NAME)}."]
    for notice in run.notices[:50]:
        lines += ["", f"> {markdown(notice, _told.REASON)}"]
    return "\n".join(lines) + "\n"


def _entry(row: Row, problems: list[Breach], *, mend: bool = False) -> str:
    places = ", ".join(markdown(_told.where(place)) for place in row.named.places[:5])
    lines = [f"- **{markdown(_told.name(row))}**{f' ({places})' if places else ''}"]
    for problem in problems[:20]:
        link = f" ([seen here]({markdown_address(problem.url[:2000])}))" if problem.url else ""
        pardon = _told.pardon(problem)
        reason = f"  - {markdown(problem.rule, _told.NAME)}: {markdown(problem.because, _told.REASON)}{link}"
        lines.append(f"{reason} {markdown(pardon)}" if pardon else reason)
    if len(problems) > 20:
        lines.append(f"  - … and {len(problems) - 20} more")
    if mend and row.audit and row.audit.steps:
        steps = " ".join(markdown(step.text, _told.REASON) for step in row.audit.steps[:_STEPS])
        lines.append(f"  - What its maker could do: {steps}")
    return "\n".join(lines) + "\n"


def _line(row: Row, fails: list[Breach], warns: list[Breach], pardoned: list[Breach]) -> str:
    counted = ((fails, "fails"), (warns, "warned"), (pardoned, "known or exempt"))
    policy = ", ".join(f"{len(some)} {word}" for some, word in counted if some) or "–"
    name = markdown(_told.name(row))
    if row.audit is None:
        return f"| {name} | not audited |  |  |  |\n"
    audit = row.audit
    shown = f"[{name}]({markdown_address(audit.subject.url[:2000])})" if audit.subject.url else name
    licence = markdown(audit.license.id or "unknown", _told.NAME)
    if audit.license.inherited_from:
        licence += f" (its base: {markdown(audit.license.name, _told.NAME)})"
    return f"| {shown} | {markdown(_told.label(audit))} | {licence} | {audit.openwashing.level} | {policy} |\n"
