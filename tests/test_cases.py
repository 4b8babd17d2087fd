"""Every case under tests/cases/ comes out as it says; and every answer of every shipped rubric has one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import pytest

from openaudit.auditing import judge, load_rubrics
from openaudit.judging.rubric import Rubric, shipped
from openaudit.lineages import Observer
from openaudit.probes import vocabulary
from openaudit.result import Audit
from tests.casefiles import CASES, FACTS, CaseFile, collect

FOUND = collect()
JUDGED = [case for case in FOUND if case.folder[0] != FACTS]
OBSERVED = [case for case in FOUND if case.folder[0] == FACTS]

# The last level is what holds otherwise, and the levels above it leave nothing.
NOTHING_LEFT = {("four-freedoms", "use"), ("four-freedoms", "modify"), ("four-freedoms", "share")}


def each(cases: Sequence[CaseFile]) -> pytest.MarkDecorator:
    """A test for each case, named after its file; one that is known to come out wrong is expected to."""
    wrong = {case: pytest.mark.xfail(strict=True, reason=case.says["wrong"]) for case in cases if "wrong" in case.says}
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=case.name, marks=wrong.get(case, ())) for case in cases]
    )


@cache
def rubrics() -> Sequence[Rubric]:
    return load_rubrics()


@cache
def judged(name: str) -> Audit:
    return judge(next(case for case in FOUND if case.name == name).snapshot(), rubrics())


@each(JUDGED)
def test_a_criterion_comes_out_as_the_case_says(case: CaseFile) -> None:
    audit = judged(case.name)
    rubric, criterion = case.folder
    result = audit.rubrics[rubric].criteria[criterion]
    assert result.outcome.value == case.says["expect"], f"{case.says['case']} — {result.because}"
    assert case.says.get("because", "") in result.because
    assert result.because
    for key, found in (
        ("verdict", audit.rubrics[rubric].verdict),
        ("label", audit.label),
        ("openwashing", audit.openwashing.level),
    ):
        if key in case.says:
            assert found == case.says[key], case.says["case"]


@each(OBSERVED)
def test_a_fact_is_found_as_the_case_says(case: CaseFile) -> None:
    _, fact = case.folder
    assert fact in vocabulary(), f"there is no fact {fact}"
    snapshot = case.snapshot()
    evidence = Observer().observe(snapshot)[snapshot.subject]
    about = str(case.says.get("of", ""))
    value = evidence.get(fact, about).value
    if vocabulary()[fact].per and not about:  # of a collection, all members that were found
        value = tuple(str(finding.value) for finding in evidence.all(fact))
        assert list(value) == case.says["expect"], case.says["case"]
        return
    shown = list(value) if isinstance(value, tuple) else value
    assert ("unknown" if value is None else shown) == case.says["expect"], case.says["case"]


@pytest.mark.parametrize("name", sorted(shipped()))
def test_there_is_a_case_for_each_answer_of_each_criterion(name: str) -> None:
    """At least one for each level, told by its reason, and one where the facts are unknown.

    A case that comes out wrong today stands for the level whose reason it demands.
    """
    rubric = next(one for one in rubrics() if one.id == name)
    lacking = []
    for criterion in rubric.criteria:
        here = [case for case in JUDGED if case.folder == (rubric.id, criterion.id)]
        results = [judged(case.name).rubrics[rubric.id].criteria[criterion.id] for case in here]
        wrong = [case.says for case in here if "wrong" in case.says and "because" in case.says]
        levels = criterion.levels[:-1] if (name, criterion.id) in NOTHING_LEFT else criterion.levels
        for i, level in enumerate(levels, 1):
            reason = re.sub(r"\\\{[a-z0-9_.\\-]+\\\}", ".*", re.escape(level.because))
            found = any(r.outcome.value == level.outcome and re.fullmatch(reason, r.because) for r in results)
            if not found and not any(w["expect"] == level.outcome and w["because"] in level.because for w in wrong):
                lacking.append(f"{criterion.id}, level {i}: {level.outcome}: {level.because}")
        if all(case.says["expect"] != "unknown" for case in here):
            lacking.append(f"{criterion.id}: unknown")
    assert not lacking, "cases are missing under tests/cases/:\n" + "\n".join(lacking)


def test_cases_stand_under_rubrics_and_criteria_that_there_are() -> None:
    known = {(rubric.id, criterion.id) for rubric in rubrics() for criterion in rubric.criteria}
    known |= {(FACTS, name) for name in vocabulary()}
    assert [case.name for case in FOUND if case.folder not in known] == []
    assert len(list(CASES.rglob("*.y*ml"))) == len(FOUND)
