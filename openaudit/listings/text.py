"""What a person reads on the terminal after a run: the counts, what fails and why, and where to read on."""

from __future__ import annotations

from collections.abc import Iterator

from openaudit.escaping import line
from openaudit.languages import _, marked, plural, say
from openaudit.listings import _told, register
from openaudit.run import Counts, Row, Run

_ROWS = 20  # of each list
_EACH = 4  # reasons of one model
_WIDTH = 160  # characters of a reason
_KINDS = (marked("Not audited"), marked("Fails"), marked("Warnings"), marked("Models"))


@register("text", ".txt", "a summary for the terminal", people=True)
def render(run: Run) -> Iterator[str]:
    """Counts by label, the models that fail or warn with their reasons, those not audited; no list is endless."""
    titles: dict[str, str] = {}
    lists: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    left = dict.fromkeys(lists, 0)
    for row in run.rows():
        if row.audit:
            titles.setdefault(row.audit.label, _told.label(row.audit))
        kind = _kind(row)
        if len(lists[kind]) < _ROWS:
            lists[kind].append(_entry(row))
        else:
            left[kind] += 1
    yield _head(run, run.counts, titles)
    for kind, entries in lists.items():
        if entries and (kind != "Models" or run.policy is None):
            yield f"\n{_(kind)}\n" + "".join(entries) + _more(left[kind], "  ")
    if notices := run.told():
        shown = "".join(f"  {line(one, 2 * _WIDTH)}\n" for one in notices[:_ROWS])
        yield f"\n{_('Note')}\n{shown}{_more(len(notices) - _ROWS, '  ')}"
    yield "\n" + _("Read on: --format markdown, csv or json for all models; openaudit audit MODEL for one.") + "\n"


def _more(count: int, indent: str) -> str:
    return f"{indent}{plural('… and {n} more', '… and {n} more', count)}\n" if count > 0 else ""


def _kind(row: Row) -> str:
    if row.failure:
        return "Not audited"
    if any(breach.fails for breach in row.breaches):
        return "Fails"
    return "Warnings" if any(breach.warns for breach in row.breaches) else "Models"


def _head(run: Run, counts: Counts, titles: dict[str, str]) -> str:
    told = [plural("{n} model", "{n} models", counts.models), plural("{n} audited", "{n} audited", counts.audited)]
    if counts.not_audited:
        told.append(plural("{n} not audited", "{n} not audited", counts.not_audited))
    if run.policy is not None:
        told.append(plural("{n} failing", "{n} failing", counts.failing))
        told.append(plural("{n} with warnings", "{n} with warnings", counts.warned))
    lines = [", ".join(told) + ".", "  " + _("looked up in {source}", source=line(say(run.source), _told.NAME))]
    if run.policy is not None:
        lines.append("  " + _("held to {policy}", policy=line(run.policy, _told.NAME)))
    if counts.labels:
        lines += ["", _("Labels")]
        by_number = sorted(counts.labels.items(), key=lambda one: (-one[1], one[0]))
        lines += [f"  {count:>6}  {titles.get(label, line(label, _told.NAME))}" for label, count in by_number[:_ROWS]]
    return "\n".join(lines) + "\n"


def _entry(row: Row) -> str:
    places = f"  ({_told.where(row.named.places[0])})" if row.named.places else ""
    what = f"  {_told.label(row.audit)}" if row.audit else ""
    told = [problem for problem in _told.problems(row) if problem.fails or problem.warns]
    told.sort(key=lambda problem: not problem.fails)
    reasons = [
        "    " + _("{rule}: {because}", rule=line(one.rule, 60), because=line(one.because, _WIDTH)) + "\n"
        for one in told[:_EACH]
    ]
    if len(told) > _EACH:
        reasons.append(_more(len(told) - _EACH, "    "))
    pardoned = sum(_told.pardon(problem) is not None for problem in row.breaches)
    if pardoned:
        reasons.append(f"    {plural('{n} more known or exempt', '{n} more known or exempt', pardoned)}\n")
    return f"  {_told.name(row)}{what}{places}\n" + "".join(reasons)
