"""Two audits of one model, compared: what came out otherwise, whether that is worse, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from openaudit.comparing.causes import Cause, Causes
from openaudit.evidence import Outcome
from openaudit.languages import _
from openaudit.pages.values import outcome_word, status_word
from openaudit.requirements import LADDERS
from openaudit.result import Audit, CriterionResult, DatasetRow, LicenseSummary, RubricResult

What = Literal["label", "openwashing", "verdict", "criterion", "licence", "data set", "claim"]
Direction = Literal["worse", "better", "other"]
_OUTCOMES = (Outcome.UNMET.value, Outcome.PARTIAL.value, Outcome.MET.value)
_NONE = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that came out otherwise.

    ``name`` is what a person calls it, ``id`` what a program does (``rubric/criterion``, a data set's name). What could
    not be told, before or now, is neither better nor worse. ``because`` is the reason the new audit gives.
    """

    what: What
    id: str
    name: str
    old: str
    new: str
    direction: Direction
    because: str
    causes: tuple[Cause, ...]

    @property
    def worse(self) -> bool:
        """Whether it got worse, and not only because it was judged or read otherwise."""
        return self.direction == "worse" and any(one.kind not in ("rubric", "tool") for one in self.causes)


def changes(old: Audit, new: Audit) -> tuple[Change, ...]:
    """What is otherwise in the new audit, the label first."""
    why = Causes(old, new)
    found = [change for id in new.rubrics for change in _rubric(id, old.rubrics.get(id), new.rubrics[id], why)]
    rank = {"label": 0, "openwashing": 1, "verdict": 2, "criterion": 3}
    found.sort(key=lambda change: rank[change.what])
    return (*found, *_licence(old, new, why), *_datasets(old, new, why), *_claims(old, new, why))


def _rubric(id: str, old: RubricResult | None, new: RubricResult, why: Causes) -> Iterator[Change]:
    if old is None:
        return
    cited: list[str] = []
    for name, now in new.criteria.items():
        before = old.criteria.get(name)
        if before is None or before.outcome is now.outcome:
            continue
        keys = _keys(before, now)
        cited += keys
        ends = (before.outcome.value, now.outcome.value)
        was, told = map(outcome_word, ends)
        yield Change(
            "criterion", f"{id}/{name}", _("{title}: {criterion}", title=new.title, criterion=now.title),
            was, told, _step(_OUTCOMES, *ends), now.because, why.of(id, keys),
        )  # fmt: skip
    if old.verdict != new.verdict:
        ladder = LADDERS.get(new.role or "", ())
        direction = _step(ladder, old.verdict, new.verdict) if ladder else _step(_OUTCOMES, old.outcome, new.outcome)
        what: What = "label" if new.role == "label" else "openwashing" if new.role == "openwashing" else "verdict"
        cited = cited or [key for one in new.criteria.values() for key in one.evidence]
        yield Change(
            what, id, new.title, old.verdict_title, new.verdict_title, direction, new.because, why.of(id, cited)
        )


def _keys(old: CriterionResult, new: CriterionResult) -> list[str]:
    return list(dict.fromkeys((*new.evidence, *old.evidence)))


def _step(ladder: Sequence[str], old: str, new: str) -> Direction:
    if old not in ladder or new not in ladder or old == new:
        return "other"
    return "worse" if ladder.index(new) < ladder.index(old) else "better"


def _licence(old: Audit, new: Audit, why: Causes) -> Iterator[Change]:
    before, now = old.license, new.license
    if (before.id, before.name, before.open) == (now.id, now.name, now.open):
        return
    direction = _step((str(False), str(True)), str(before.open), str(now.open))
    was, told = map(_licence_words, (before, now))
    causes = why.about(fact=("license.", "lineage.", "terms."))
    yield Change("licence", "licence", _("The licence over the weights"), was, told, direction, "", causes)


def _licence_words(one: LicenseSummary) -> str:
    name = _licence_name(one)
    if one.open is None:
        return _("{licence}, unknown whether open", licence=name)
    return _("{licence}, open", licence=name) if one.open else _("{licence}, not open", licence=name)


def _licence_name(one: LicenseSummary) -> str:
    """What the page gives, and what is in force if that is something else."""
    given = one.id or _("none given")
    return _("{given} (in force: {licence})", given=given, licence=one.name) if one.inherited_from else given


def _datasets(old: Audit, new: Audit, why: Causes) -> Iterator[Change]:
    before, now = ({(row.id, row.stage): row for row in one.datasets} for one in (old, new))
    for key in dict.fromkeys((*now, *before)):
        a, b = before.get(key), now.get(key)
        told = _dataset(a), _dataset(b)
        if told[0] != told[1]:
            name = f"{key[0]} ({_(key[1])})"
            note = b.note if b else _("The page does not name it any more.")
            yield Change("data set", key[0], name, *told, _data_step(a, b), note, why.about(thing=key[0]))


def _dataset(row: DatasetRow | None) -> str:
    if row is None:
        return _NONE
    terms = {True: _("open terms"), False: _("terms that are not open"), None: _("terms unknown")}[row.open]
    licence = row.license or _("unknown")
    return _("{status}, licence {licence}, {terms}", status=status_word(row.status), licence=licence, terms=terms)


def _data_step(old: DatasetRow | None, new: DatasetRow | None) -> Direction:
    """Worse: it was to be had, or open, and is not. What is no longer named, or unknown, is neither."""
    if old is None or new is None:
        return "other"
    ladder = ("not available", "available")
    told = [ladder[one.status == "available"] if one.status != "unknown" else "" for one in (old, new)]
    terms = [{True: "open", False: "not open", None: ""}[one.open] for one in (old, new)]
    steps = {_step(ladder, *told), _step(("not open", "open"), *terms)}
    return "worse" if "worse" in steps else "better" if "better" in steps else "other"


def _claims(old: Audit, new: Audit, why: Causes) -> Iterator[Change]:
    before, now = ({(claim.level, claim.quote): claim for claim in one.claims} for one in (old, new))
    for key in dict.fromkeys((*now, *before)):
        if key in before and key in now:
            continue
        claim = now.get(key) or before[key]
        level = _(claim.level)
        told = (_NONE, level) if key in now else (level, _NONE)
        yield Change(
            "claim",
            claim.level,
            _("“{text}”", text=claim.quote),
            *told,
            "other",
            claim.text,
            why.of("", [claim.evidence]),
        )
