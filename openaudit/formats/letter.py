"""A letter to the model's maker, in Markdown, for the Community tab of the model's page.

Courteous, and nothing but what was seen: what was found, what is missing, how to mend each, and where it is asked for.
Somebody reads it before it is sent: it is written to be signed, and it names nobody as its author.
"""

from __future__ import annotations

from collections.abc import Iterator

from openaudit.escaping import markdown, markdown_address
from openaudit.evidence import Outcome
from openaudit.formats import register
from openaudit.languages import _, plural
from openaudit.languages.dates import date
from openaudit.pages.values import RUNGS
from openaudit.result import Audit, CriterionResult, Place, Step

_MOST = 8  # steps: a letter that asks for everything is answered by nobody
_ASKED = 2  # sources that a step is asked for in
_QUOTE = 300  # characters of a quotation


@register(
    "letter", ".letter.md", "a letter to the model’s maker, as Markdown for the Community tab of its page", people=False
)
def render(audit: Audit) -> str:
    """The letter. What was fetched is escaped, so that it stays text."""
    parts = [*_opening(audit), *_found(audit), *_steps(audit), *_unseen(audit), *_closing(audit)]
    return "\n\n".join(parts) + "\n"


def _opening(audit: Audit) -> Iterator[str]:
    model = markdown(audit.subject.id, 200)
    yield f"## {_('How open is this model? What an audit found, and what would help')}"
    yield _("Hello,")
    day = date(audit.subject.gathered)
    at = (audit.subject.revision or "")[:7]
    seen = f"[{at}]({markdown_address(audit.subject.url)})" if at and audit.subject.url else markdown(at)
    if day and seen:
        yield _(
            "We looked at {model} as it was published on {day} (commit {commit}), to see what anyone may do with it,"
            " and what it is made of. Thank you for publishing it.",
            model=model, day=markdown(day), commit=seen,
        )  # fmt: skip
    else:
        yield _(
            "We looked at {model} as it is published, to see what anyone may do with it, and what it is made of."
            " Thank you for publishing it.",
            model=model,
        )  # fmt: skip


def _found(audit: Audit) -> Iterator[str]:
    from openaudit.pages.view import View  # it takes a while to import, and other formats do without it

    view = View(audit)
    yield f"### {_('What we found')}"
    if head := audit.role("label"):
        yield f"**{markdown(view.label)}.** {markdown(head.because)}"
    if (claim := view.claim) and audit.openwashing.level not in ("none", "unknown"):
        entry = audit.evidence.get(claim.evidence)
        where = f" ({_place(entry.source)})" if entry and entry.source else ""
        yield _("The page says: “{quote}”{where}. {because}", quote=markdown(claim.quote, _QUOTE), where=where,
                because=markdown(audit.openwashing.because))  # fmt: skip
    if good := _met(audit):
        yield _("What is there already:")
        yield "\n".join(f"- {markdown(one.title)}: {markdown(one.because)}" for one in good)


def _met(audit: Audit) -> list[CriterionResult]:
    """What the rubrics at the head of the report found met, each reason once."""
    found: dict[str, CriterionResult] = {}
    for role in ("label", "data"):
        rubric = audit.role(role)
        for one in rubric.criteria.values() if rubric else ():
            if one.outcome is Outcome.MET:
                found.setdefault(one.because, one)
    return list(found.values())


def _steps(audit: Audit) -> Iterator[str]:
    if not audit.steps:
        if audit.label == next(iter(RUNGS)):
            yield _("We found nothing that is left to do. Thank you: few models are as open as this one.")
        return
    yield f"### {_('What is missing, and what would help')}"
    yield _("What changes most comes first.")
    told: set[str] = set()
    yield "\n".join(_step(audit, number, step, told) for number, step in enumerate(audit.steps[:_MOST], 1))
    if (more := len(audit.steps) - _MOST) > 0:
        yield plural("One more step is in the full report.", "{n} more steps are in the full report.", more)


def _step(audit: Audit, number: int, step: Step, told: set[str]) -> str:
    """A step with how it is now and who asks for it. What was told at an earlier step is not told again."""
    lines = [f"{number}. {markdown(step.text)}"]
    asked: dict[str, CriterionResult] = {}
    for name in step.criteria:
        rubric, _slash, criterion = name.partition("/")
        result = audit.rubrics.get(rubric)
        if result and criterion in result.criteria:
            one = result.criteria[criterion]
            asked.setdefault(one.url, one)
    for one in list(asked.values())[:_ASKED]:
        if one.because not in told:
            told.add(one.because)
            seen = (audit.evidence.get(key) for key in one.evidence)
            place = next((_place(entry.source) for entry in seen if entry and entry.source and entry.source.url), "")
            lines.append(f"   - {_('Now:')} {markdown(one.because)}{f' ({place})' if place else ''}")
        lines.append(f"   - {_('Asked for in:')} [{markdown(one.clause, 160)}]({markdown_address(one.url)})")
    return "\n".join(lines)


def _unseen(audit: Audit) -> Iterator[str]:
    held = [rubric for role in ("label", "data") if (rubric := audit.role(role))]
    each = [one for rubric in held for one in rubric.criteria.values()]
    open_ones = [one for one in each if one.outcome in (Outcome.UNKNOWN, Outcome.ERROR)]
    told = list(dict.fromkeys([*(one.because for one in open_ones), *audit.limits]))[:_MOST]
    if told:
        yield f"### {_('What we could not see')}"
        yield _("We do not count this against the model. A link would settle it.")
        yield "\n".join(f"- {markdown(one)}" for one in told)


def _closing(audit: Audit) -> Iterator[str]:
    yield f"### {_('If we are wrong')}"
    yield _(
        "Please tell us, here in this thread: which point, and the link, file and line that answer it. What you put"
        " where anyone can see it is found by the next audit. If you would rather explain than change something, your"
        " answer belongs beside the finding, with its date."
    )
    at = f"@{audit.subject.revision}" if audit.subject.revision else ""
    yield _(
        "These points were found by fixed rules ({tool}), from what is public on the model’s page and behind its links."
        " They say nothing of how good the model is, and they are no legal advice. To check them: `{command}`",
        tool=markdown(audit.tool), command=f"openaudit audit {_plain(audit.subject.id + at)}",
    )  # fmt: skip
    yield _("With kind regards")


def _place(source: Place) -> str:
    """Where something was seen, as a link."""
    if source.file and source.line:
        name = _("{file}, line {line}", file=markdown(source.file, 120), line=source.line)
    else:
        name = markdown(source.file, 120) if source.file else _("seen here")
    return f"[{name}]({markdown_address(source.url)})"


def _plain(text: str) -> str:
    """A name within a span of code: nothing in it may end the span."""
    return "".join(char for char in text if char.isalnum() or char in "-_./@")[:200]
