"""JUnit XML, which every CI server reads: a suite a model, a test case a rule of the policy.

Valid by the schema of the Ant JUnit task and by that of Jenkins' xUnit plugin. What they demand and an audit does not
have is constant: the time taken (0), the host (localhost), and, where a model was not looked at, when (1970).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from openaudit.escaping import line, xml
from openaudit.languages import _
from openaudit.listings import _told, register
from openaudit.run import Breach, Row, Run

_NEVER = "1970-01-01T00:00:00"
_TIME = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d")


@register("junit", ".xml", "JUnit XML: a suite a model, a test case a rule, for CI servers")
def render(run: Run) -> Iterator[str]:
    """A model that could not be audited is an error, a failed rule a failure; warnings and pardons are skipped."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for number, row in enumerate(run.rows()):
        yield _suite(row, number)
    yield "</testsuites>\n"


def _suite(row: Row, number: int) -> str:
    name = xml(_told.name(row))
    by_rule: dict[str, list[Breach]] = {rule: [] for rule in (_told.AUDITED, *(() if row.failure else row.asked))}
    for problem in _told.problems(row):
        by_rule.setdefault(problem.rule, []).append(problem)
    cases = [_case(row, rule, problems) for rule, problems in by_rule.items()]
    counts = {f"{kind}s": sum(f"<{kind} " in case for case in cases) for kind in ("failure", "error")}
    counts["skipped"] = sum("<skipped " in case for case in cases)
    told = " ".join(f'{key}="{count}"' for key, count in {"tests": len(cases), **counts}.items())
    audit = row.audit
    when = _TIME.match(audit.subject.gathered or "") if audit else None
    facts = {"place": ", ".join(map(_told.where, row.named.places[:20]))}
    if audit:
        facts |= {"id": audit.subject.id, "revision": audit.subject.revision or "", "label": audit.label}
    properties = "".join(
        f'<property name="{key}" value="{xml(value, _told.REASON)}"/>' for key, value in facts.items() if value
    )
    says = f"{_told.label(audit)}. {audit.summary}" if audit else ""
    return (
        f'<testsuite name="{name}" package="{name}" id="{number}" timestamp="{when[0] if when else _NEVER}" '
        f'hostname="localhost" {told} time="0">\n<properties>{properties}</properties>\n{"".join(cases)}'
        f"<system-out>{xml(says, 2 * _told.REASON)}</system-out>\n<system-err/>\n</testsuite>\n"
    )


def _case(row: Row, rule: str, problems: Sequence[Breach]) -> str:
    """One rule of one model. It may be broken in several ways; the worst of them says how it counts."""
    head = f'<testcase name="{xml(rule, _told.NAME)}" classname="{xml(_told.name(row))}" time="0"'
    failing = [problem for problem in problems if problem.fails]
    if not problems:
        return f"{head}/>\n"
    shown = failing or problems
    message = xml("; ".join(_message(problem) for problem in shown), 2 * _told.REASON)
    if not failing:
        return f'{head}><skipped message="{message}"/></testcase>\n'
    places = "\n".join(f"{xml(_told.where(place))}" for place in row.named.places[:20])
    links = "\n".join(xml(problem.url, _told.REASON) for problem in shown if problem.url)
    kind, type = ("error", row.failure.kind) if row.failure else ("failure", rule)
    body = "\n".join(filter(None, (xml(shown[0].says, _told.REASON), message, places, links)))
    return f'{head}><{kind} type="{xml(type, _told.NAME)}" message="{message}">{body}</{kind}></testcase>\n'


def _message(problem: Breach) -> str:
    because = line(problem.because, _told.REASON)
    pardon = _told.pardon(problem)
    return (
        f"{because} ({pardon})"
        if pardon
        else because
        if problem.level == "fail"
        else _("Warning: {because}", because=because)
    )
