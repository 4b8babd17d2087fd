"""What a team demands of the models it uses: ``--require WHAT=VALUE``, checked before and after an audit.

    label=open-weights            this rung of the ladder, or a higher one
    openwashing=low               this level, or a lower one
    RUBRIC=VERDICT                this verdict
    RUBRIC/CRITERION=OUTCOME      this outcome; ``partial`` is met by ``met``, too

What could not be told does not hold. A question that does not arise (``not_applicable``) stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openaudit.errors import UsageError
from openaudit.evidence import Outcome
from openaudit.result import Audit
from openaudit.rubric import Rubric

# The values of roles whose verdicts are rungs, the worst first.
LADDERS = {
    "label": ("not-released", "weights-available", "open-weights", "open-source-ai", "open-source-ai-open-data"),
    "openwashing": ("high", "medium", "low", "none"),
}
_OUTCOMES = (Outcome.UNMET, Outcome.PARTIAL, Outcome.MET)
_ADVICE = "For instance: --require label=open-weights."


@dataclass(frozen=True, slots=True)
class Requirement:
    """One demand, understood: ``rubric`` (and perhaps ``criterion``) has to come to one of ``accepted``."""

    text: str
    rubric: str
    criterion: str
    accepted: tuple[str, ...]


def parse_requirement(text: str, rubrics: Sequence[Rubric]) -> Requirement:
    """Reads one demand. Raises UsageError for what no audit by these rubrics could come to."""
    what, equals, value = text.partition("=")
    if not (what and equals and value):
        raise UsageError(f"--require {text!r}: not WHAT=VALUE", _ADVICE)
    name, slash, criterion = what.partition("/")
    by_role = next((rubric for rubric in rubrics if rubric.role == name and not slash), None)
    rubric = by_role or next((rubric for rubric in rubrics if rubric.id == name), None)
    if rubric is None:
        known = ["label", *(rubric.id for rubric in rubrics)]
        raise UsageError(f"--require {what}: no rubric of this run is called that", f"There are: {', '.join(known)}.")
    if slash:
        criteria = [one.id for one in rubric.criteria]
        if criterion not in criteria:
            raise UsageError(f"--require {what}: {name} has no such criterion", f"It has: {', '.join(criteria)}.")
        return Requirement(text, rubric.id, criterion, _from(value, tuple(Outcome), _OUTCOMES, text))
    verdicts = tuple(dict.fromkeys(level.verdict for level in rubric.verdicts))
    return Requirement(text, rubric.id, "", _from(value, verdicts, LADDERS.get(rubric.role or "", ()), text))


def _from(value: str, known: tuple[str, ...], ladder: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The values that will do: on a ladder, this rung and those above."""
    if value not in (*known, *ladder):
        raise UsageError(f"--require {text}: it never comes to that", f"It comes to one of: {', '.join(known)}.")
    return ladder[ladder.index(value) :] if value in ladder else (value,)


def unmet(requirement: Requirement, audit: Audit) -> str | None:
    """Why a demand does not hold, in a sentence; ``None`` if it does."""
    result = audit.rubrics[requirement.rubric]
    if requirement.criterion:
        criterion = result.criteria[requirement.criterion]
        found, because = criterion.outcome.value, criterion.because
        if criterion.outcome is Outcome.NOT_APPLICABLE:
            return None
    else:
        found, because = result.verdict, result.because
    return None if found in requirement.accepted else f"{requirement.text}, but it is {found}: {because}"
