"""The report as Markdown, for issues, wikis and job summaries."""

from __future__ import annotations

from openaudit.escaping import markdown, markdown_address
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


@register("markdown", ".md", "the report as Markdown, for issues and job summaries")
def render(audit: Audit) -> str:
    """The whole report; what was fetched is escaped, so that it stays text."""
    lines = [f"# {markdown(audit.subject.id)}", ""]
    where = (
        f"[{markdown((audit.subject.revision or 'main')[:12])}]({markdown_address(audit.subject.url)})"
        if audit.subject.url
        else "a local folder"
    )
    when = f", {markdown(audit.subject.gathered)}" if audit.subject.gathered else ""
    lines += [f"Looked at {where}{when}, with {audit.tool}.", ""]
    if audit.subject.note:
        lines += [f"*{markdown(audit.subject.note)}*", ""]
    lines += [f"**{markdown(audit.summary)}**", ""]
    for rubric in audit.rubrics.values():
        lines += [f"## {markdown(rubric.title)}: {markdown(rubric.verdict_title)}", "", markdown(rubric.because), ""]
        lines += ["| question | outcome | why |", "|---|---|---|"]
        lines += [
            f"| {markdown(c.title)} | {_MARK[c.outcome]} | {markdown(c.because)} |" for c in rubric.criteria.values()
        ]
        lines.append("")
        for criterion in rubric.criteria.values():
            lines += _evidence(audit, criterion)
    if audit.datasets:
        lines += ["## Training data that is named", "", "| data set | stage | state | licence |", "|---|---|---|---|"]
        lines += [
            f"| {markdown(d.id)} | {markdown(d.stage)} | {markdown(d.status)} | {markdown(d.license or 'unknown')} |"
            for d in audit.datasets
        ]
        lines.append("")
    if audit.lineage:
        lines += ["## What it was made from", ""]
        lines += [
            f"{'  ' * (a.depth - 1)}- {markdown(a.id)} ({markdown(a.relation)}): {markdown(a.label)}, "
            f"licence {markdown(a.license or 'unknown')}"
            for a in audit.lineage
        ]
        lines.append("")
    if audit.steps:
        lines += (
            ["## What would make it open", ""]
            + [f"{i}. {markdown(step.text)}" for i, step in enumerate(audit.steps, 1)]
            + [""]
        )
    if audit.limits:
        lines += ["## What could not be seen", ""] + [f"- {markdown(limit)}" for limit in audit.limits] + [""]
    return "\n".join(lines)


def _evidence(audit: Audit, criterion: CriterionResult) -> list[str]:
    """The places a criterion's outcome rests on, as a list under its title."""
    found = []
    for key in criterion.evidence:
        entry = audit.evidence.get(key)
        if entry is None or entry.source is None:
            continue
        place = f"{entry.source.file or 'page'}{f', line {entry.source.line}' if entry.source.line else ''}"
        quote = f": “{markdown(entry.source.quote)}”" if entry.source.quote else ""
        about = f"{markdown(entry.about)}: " if entry.about else ""
        found.append(
            f"- {about}{markdown(entry.says)} ([{markdown(place)}]({markdown_address(entry.source.url)})){quote}"
        )
    if not found:
        return []
    return [f"<details><summary>{markdown(criterion.title)}: what was seen</summary>", "", *found, "", "</details>", ""]
