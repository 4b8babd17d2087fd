"""The report as Markdown, for issues, wikis and job summaries."""

from __future__ import annotations

import re

from openaudit.evidence import Outcome
from openaudit.formats import register
from openaudit.result import Audit, CriterionResult

_MARK = {
    Outcome.MET: "● met",
    Outcome.PARTIAL: "◐ partial",
    Outcome.UNMET: "○ unmet",
    Outcome.UNKNOWN: "? can't tell",
    Outcome.NOT_APPLICABLE: "– not applicable",
    Outcome.ERROR: "! error",
}
_ACTIVE = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@register("markdown", ".md", "the report as Markdown, for issues and job summaries")
def render(audit: Audit) -> str:
    """The whole report; what was fetched is escaped, so that it stays text."""
    lines = [f"# {_text(audit.subject.id)}", ""]
    where = (
        f"[{_text((audit.subject.revision or 'main')[:12])}]({_url(audit.subject.url)})"
        if audit.subject.url
        else "a local folder"
    )
    when = f", {_text(audit.subject.gathered)}" if audit.subject.gathered else ""
    lines += [f"Looked at {where}{when}, with {audit.tool}.", ""]
    if audit.subject.note:
        lines += [f"*{_text(audit.subject.note)}*", ""]
    lines += [f"**{_text(audit.summary)}**", ""]
    for rubric in audit.rubrics.values():
        lines += [f"## {_text(rubric.title)}: {_text(rubric.verdict_title)}", "", _text(rubric.because), ""]
        lines += ["| question | outcome | why |", "|---|---|---|"]
        lines += [f"| {_text(c.title)} | {_MARK[c.outcome]} | {_text(c.because)} |" for c in rubric.criteria.values()]
        lines.append("")
        for criterion in rubric.criteria.values():
            lines += _evidence(audit, criterion)
    if audit.datasets:
        lines += ["## Training data that is named", "", "| data set | stage | state | licence |", "|---|---|---|---|"]
        lines += [
            f"| {_text(d.id)} | {_text(d.stage)} | {_text(d.status)} | {_text(d.license or 'unknown')} |"
            for d in audit.datasets
        ]
        lines.append("")
    if audit.lineage:
        lines += ["## What it was made from", ""]
        lines += [
            f"{'  ' * (a.depth - 1)}- {_text(a.id)} ({_text(a.relation)}): {_text(a.label)}, "
            f"licence {_text(a.license or 'unknown')}"
            for a in audit.lineage
        ]
        lines.append("")
    if audit.steps:
        lines += (
            ["## What would make it open", ""]
            + [f"{i}. {_text(step.text)}" for i, step in enumerate(audit.steps, 1)]
            + [""]
        )
    if audit.limits:
        lines += ["## What could not be seen", ""] + [f"- {_text(limit)}" for limit in audit.limits] + [""]
    return "\n".join(lines)


def _evidence(audit: Audit, criterion: CriterionResult) -> list[str]:
    """The places a criterion's outcome rests on, as a list under its title."""
    found = []
    for key in criterion.evidence:
        entry = audit.evidence.get(key)
        if entry is None or entry.source is None:
            continue
        place = f"{entry.source.file or 'page'}{f', line {entry.source.line}' if entry.source.line else ''}"
        quote = f": “{_text(entry.source.quote)}”" if entry.source.quote else ""
        about = f"{_text(entry.about)}: " if entry.about else ""
        found.append(f"- {about}{_text(entry.says)} ([{_text(place)}]({_url(entry.source.url)})){quote}")
    if not found:
        return []
    return [f"<details><summary>{_text(criterion.title)}: what was seen</summary>", "", *found, "", "</details>", ""]


def _text(text: str) -> str:
    return _ACTIVE.sub(r"\\\1", _CONTROL.sub(" ", text))


def _url(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        return "#"
    return re.sub(r"[\s()<>\\\"]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "replace")), url)
