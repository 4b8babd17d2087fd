"""The report as Markdown, for issues, wikis and job summaries."""

from __future__ import annotations

from collections.abc import Sequence

from openaudit.escaping import markdown, markdown_address
from openaudit.evidence import Outcome
from openaudit.formats import register
from openaudit.languages import _, marked
from openaudit.languages.dates import date
from openaudit.pages.values import label_title, licence_title, relation_title, stage_title, status_title
from openaudit.result import Audit, CriterionResult, Place

_MARK = {
    Outcome.MET: marked("● met"),
    Outcome.PARTIAL: marked("◐ partial"),
    Outcome.UNMET: marked("○ unmet"),
    Outcome.UNKNOWN: marked("? can't tell"),
    Outcome.NOT_APPLICABLE: marked("– not applicable"),
    Outcome.ERROR: marked("! error"),
}


@register("markdown", ".md", "the report as Markdown, for issues and job summaries")
def render(audit: Audit) -> str:
    """The whole report; what was fetched is escaped, so that it stays text."""
    lines = [f"# {markdown(audit.subject.id)}", "", _looked_at(audit), ""]
    if audit.subject.note:
        lines += [f"*{markdown(audit.subject.note)}*", ""]
    lines += [f"**{markdown(audit.summary)}**", ""]
    for rubric in audit.rubrics.values():
        lines += [
            "## " + _("{title}: {verdict}", title=markdown(rubric.title), verdict=markdown(rubric.verdict_title)),
            "",
            markdown(rubric.because),
            "",
        ]
        lines += _head(_("question"), _("outcome"), _("why"))
        lines += [
            f"| {markdown(c.title)} | {_(_MARK[c.outcome])} | {markdown(c.because)} |" for c in rubric.criteria.values()
        ]
        lines.append("")
        for criterion in rubric.criteria.values():
            lines += _evidence(audit, criterion)
    if audit.datasets:
        lines += ["## " + _("Training data that is named"), ""]
        lines += _head(_("data set"), _("stage"), _("state"), _("licence"))
        lines += [
            _row(d.id, stage_title(d.stage), status_title(d.status), licence_title(d.license)) for d in audit.datasets
        ]
        lines.append("")
    if audit.lineage:
        lines += ["## " + _("What it was made from"), ""]
        for a in audit.lineage:
            told = _(
                "{model} ({relation}): {label}, licence {licence}",
                model=markdown(a.id),
                relation=markdown(relation_title(a.relation)),
                label=markdown(label_title(a.label)),
                licence=markdown(licence_title(a.license)),
            )
            lines.append(f"{'  ' * (a.depth - 1)}- {told}")
        lines.append("")
    if audit.steps:
        lines += ["## " + _("What would make it open"), ""]
        lines += [f"{i}. {markdown(step.text)}" for i, step in enumerate(audit.steps, 1)] + [""]
    if audit.limits:
        lines += ["## " + _("What could not be seen"), ""] + [f"- {markdown(limit)}" for limit in audit.limits] + [""]
    return "\n".join(lines)


def _looked_at(audit: Audit) -> str:
    subject = audit.subject
    where = _("a local folder")
    if subject.url:
        where = f"[{markdown((subject.revision or 'main')[:12])}]({markdown_address(subject.url)})"
    if not subject.gathered:
        return _("Looked at {where}, with {tool}.", where=where, tool=audit.tool)
    day = markdown(date(subject.gathered) or "")
    return _("Looked at {where} on {date}, with {tool}.", where=where, date=day, tool=audit.tool)


def _head(*titles: str) -> list[str]:
    return [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]


def _row(*cells: str) -> str:
    return f"| {' | '.join(map(markdown, cells))} |"


def _evidence(audit: Audit, criterion: CriterionResult) -> Sequence[str]:
    """The places a criterion's outcome rests on, as a list under its title."""
    found = []
    for key in criterion.evidence:
        entry = audit.evidence.get(key)
        if entry is None or entry.source is None:
            continue
        says = markdown(entry.says)
        if entry.about:
            says = _("{about}: {says}", about=markdown(entry.about), says=says)
        seen = f"{says} ([{markdown(_place(entry.source))}]({markdown_address(entry.source.url)}))"
        if entry.source.quote:
            quote = _("“{text}”", text=markdown(entry.source.quote))
            seen = _("{seen}: {quote}", seen=seen, quote=quote)
        found.append(f"- {seen}")
    if not found:
        return []
    title = _("{title}: what was seen", title=markdown(criterion.title))
    return [f"<details><summary>{title}</summary>", "", *found, "", "</details>", ""]


def _place(source: Place) -> str:
    file = source.file or _("page")
    return _("{file}, line {line}", file=file, line=source.line) if source.line else file
