"""What a person reads on the terminal after a run: the counts, what fails and why, and where to read on."""

from __future__ import annotations

from collections.abc import Iterator

from openaudit.escaping import line
from openaudit.listings import _told, register
from openaudit.run import Counts, Row, Run

_ROWS = 20  # of each list
_EACH = 4  # reasons of one model
_WIDTH = 160  # characters of a reason


@register("text", ".txt", "a summary for the terminal")
def render(run: Run) -> Iterator[str]:
    """Counts by label, the models that fail or warn with their reasons, those not audited; no list is endless."""
    titles: dict[str, str] = {}
    lists: dict[str, list[str]] = {"Not audited": [], "Fails": [], "Warnings": [], "Models": []}
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
            more = f"  … and {left[kind]} more\n" if left[kind] else ""
            yield f"\n{kind}\n" + "".join(entries) + more
    if run.notices:
        more = f"  … and {len(run.notices) - _ROWS} more\n" if len(run.notices) > _ROWS else ""
        yield "\nNote\n" + "".join(f"  {line(one, 2 * _WIDTH)}\n" for one in run.notices[:_ROWS]) + more
    yield "\nRead on: --format markdown, csv or json for all models; openaudit audit MODEL for one.\n"


def _kind(row: Row) -> str:
    if row.failure:
        return "Not audited"
    if any(breach.fails for breach in row.breaches):
        return "Fails"
    return "Warnings" if any(breach.warns for breach in row.breaches) else "Models"


def _head(run: Run, counts: Counts, titles: dict[str, str]) -> str:
    told = [f"{counts.models} model{'' if counts.models == 1 else 's'}", f"{counts.audited} audited"]
    if counts.not_audited:
        told.append(f"{counts.not_audited} not audited")
    if run.policy is not None:
        told.append(f"{counts.failing} failing")
        told.append(f"{counts.warned} with warnings")
    lines = [", ".join(told) + ".", f"  looked up in {line(run.source, _told.NAME)}"]
    if run.policy is not None:
        lines.append(f"  held to {line(run.policy, _told.NAME)}")
    if counts.labels:
        lines += ["", "Labels"]
        by_number = sorted(counts.labels.items(), key=lambda one: (-one[1], one[0]))
        lines += [f"  {count:>6}  {titles.get(label, line(label, _told.NAME))}" for label, count in by_number[:_ROWS]]
    return "\n".join(lines) + "\n"


def _entry(row: Row) -> str:
    places = f"  ({_told.where(row.named.places[0])})" if row.named.places else ""
    what = f"  {_told.label(row.audit)}" if row.audit else ""
    told = [problem for problem in _told.problems(row) if problem.fails or problem.warns]
    told.sort(key=lambda problem: not problem.fails)
    reasons = [f"    {line(one.rule, 60)}: {line(one.because, _WIDTH)}\n" for one in told[:_EACH]]
    if len(told) > _EACH:
        reasons.append(f"    … and {len(told) - _EACH} more\n")
    pardoned = sum(_told.pardon(problem) is not None for problem in row.breaches)
    if pardoned:
        reasons.append(f"    {pardoned} more known or exempt\n")
    return f"  {_told.name(row)}{what}{places}\n" + "".join(reasons)
