"""Facets: a criterion sees all that it may ask for, and what looks the same is judged once, of however many models."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openaudit.auditing import SAMPLE, Auditor, judge, load_rubrics, look
from openaudit.evidence import Evidence, Finding, Source
from openaudit.judging import change, facets, levels, scoring
from openaudit.judging.explaining import Explaining
from openaudit.judging.levels import Levels
from openaudit.judging.logic import World
from openaudit.judging.rubric import Rubric
from openaudit.judging.scoring import Judge, score
from tests.worlds import VOCABULARY, criterion, evidence, evidences, rubric, rubrics

BY_CHANCE = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
OPEN = {"other": frozenset({"good", "bad"})}
WEIGHTS = [{"outcome": "met", "when": {"fact": "weights", "is": True}}, {"outcome": "unmet"}]


@BY_CHANCE
@given(rubrics(), st.lists(evidences(), min_size=2, max_size=5))
def test_what_was_judged_before_changes_nothing(asked: Rubric, models: list[Evidence]) -> None:
    one = Judge(asked, VOCABULARY)
    for found in [*models, *models]:
        assert one.judge(World(found, VOCABULARY), OPEN).explained() == score(asked, found, VOCABULARY, OPEN)


@BY_CHANCE
@given(rubrics(), evidences())
def test_a_facet_shows_all_that_is_asked_for(asked: Rubric, found: Evidence) -> None:
    result = score(asked, found, VOCABULARY, OPEN)
    whole = World(found, VOCABULARY, verdicts=OPEN)
    named = frozenset(VOCABULARY) | {"model"}  # as if all were asked for: nothing is left unsaid
    judged = [scoring.Judged(Levels(one.levels), Explaining(one), whole, named) for one in asked.criteria]
    assert [*result.criteria.values()] == [one.explained.result for one in judged]


@BY_CHANCE
@given(rubrics(), evidences())
def test_what_is_possible_is_what_can_be_said_why(asked: Rubric, found: Evidence) -> None:
    world = World(found, VOCABULARY, verdicts=OPEN)
    for one in asked.criteria:
        levels = Levels(one.levels)
        assert levels.possible(world) == [level for level, _ in levels.read(world).reached]


def test_nested_generations_are_seen() -> None:
    when = {"ancestors": {"ancestors": {"fact": "weights", "is": True}}}
    levels = [{"outcome": "met", "when": when}, {"outcome": "unmet"}]

    def outcome(*oldest: Evidence | str) -> str:
        young = evidence({}, [evidence({}, oldest, id="a/middle")])
        return score(rubric(levels), young, VOCABULARY).criteria["one"].outcome

    assert outcome(evidence({"weights": True}, id="a/old")) == "met"
    assert outcome(evidence({"weights": False}, id="a/old")) == "unmet"
    assert outcome("lost/old") == "unknown"


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (("a", "b"), "a, b")])
def test_values_that_are_equal_are_not_yet_the_same(one: Any, other: Any) -> None:
    levels = [
        {"outcome": "met", "when": {"fact": "tokens", "is": 7}},
        {"outcome": "unmet", "because": "It saw {tokens}."},
    ]
    shared = Judge(rubric(levels), VOCABULARY)
    for value in (one, other):
        found = evidence({"tokens": value})
        seen = shared.judge(World(found, VOCABULARY), {}).explained().criteria["one"]
        assert seen == score(rubric(levels), found, VOCABULARY).criteria["one"]


# --------------------------------------------------------------------------- once


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every condition of a level that is asked, as it is asked."""
    made: list[object] = []
    asking = levels.asking

    def counting(condition: object, *, brief: bool = False) -> Any:
        ask = asking(condition, brief=brief)

        def counted(world: World, about: str) -> Any:
            made.append(condition)
            return ask(world, about)

        return counted

    monkeypatch.setattr(levels, "asking", counting)
    return made


def test_what_looks_the_same_is_judged_once(asked: list[object]) -> None:
    one = Judge(rubric(WEIGHTS), VOCABULARY)
    for n in range(100):
        at = Source(f"https://example.org/{n}")
        found = (Finding("weights", n % 2 == 0, at), Finding("license", f"by-{n}", at), Finding("set.data", True, at))
        one.judge(World(Evidence(f"me/model-{n}", found), VOCABULARY), {})
    assert len(asked) == 2


def test_what_is_only_named_or_cited_is_no_reason_to_judge_anew(asked: list[object]) -> None:
    levels = [
        {"outcome": "met", "when": {"fact": "weights", "is": True}, "because": "{model} is under {license}."},
        {"outcome": "unmet", "because": "It is under {license}.", "remedy": "Publish {model}.", "cite": ["license"]},
    ]
    chosen = rubric(levels)
    one = Judge(chosen, VOCABULARY)
    for n in range(20):
        found = Evidence(f"me/model-{n}", evidence({"weights": n % 2 == 0, "license": f"by-{n}"}).findings)
        result = one.judge(World(found, VOCABULARY), {}).explained()
        seen = result.criteria["one"]
        if n % 2:
            assert (seen.because, seen.remedy) == (f"It is under by-{n}.", f"Publish me/model-{n}.")
            assert seen.evidence == ("weights", "license")
        else:
            assert seen.because == f"me/model-{n} is under by-{n}."
        asked_so_far = len(asked)
        assert result == score(chosen, found, VOCABULARY)
        del asked[asked_so_far:]
    assert len(asked) == 4  # of each of the two, the verdict and the reasons


def test_no_more_is_remembered_than_is_said(asked: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "REMEMBERED", 3)
    one = Judge(
        rubric([{"outcome": "met", "when": {"fact": "license", "is": "mit"}}, {"outcome": "unmet"}]), VOCABULARY
    )
    for license in ["a", "b", "c", "a", "b", "c"]:
        one.judge(World(evidence({"license": license}), VOCABULARY), {})
    assert len(asked) == 3
    for license in ["d", "a"]:
        one.judge(World(evidence({"license": license}), VOCABULARY), {})
    assert len(asked) == 5


def test_one_auditor_for_many_models_says_what_one_for_each_says() -> None:
    chosen = load_rubrics()
    auditor = Auditor(chosen)
    for path in sorted(SAMPLE.glob("models/*/*/info.json"))[:4]:
        snapshot = look(path.parent.relative_to(SAMPLE / "models").as_posix(), "sample")
        assert auditor.judge(snapshot).to_json() == judge(snapshot, chosen).to_json()


# --------------------------------------------------------------------------- in linear time


@pytest.mark.parametrize(
    "when",
    [
        {"every": "set", "where": {"fact": "set.data", "is": True}, "that": {"fact": "set.status", "is": "open"}},
        {"some": "set", "where": {"fact": "set.data", "is": True}, "that": {"fact": "set.status", "is": "open"}},
        {"all": [{"some": "set", "that": {"fact": "set.status", "is": "open"}}, {"fact": "weights", "is": True}]},
    ],
)
def test_the_least_change_takes_no_more_than_its_share(when: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    # Twice the sets, twice the ways that are gone on with: counted, not timed.
    levels = [
        {"outcome": "unmet", "when": {"some": "set", "that": {"fact": "set.status", "is": "gone"}}},
        {"outcome": "met", "when": when},
        {"outcome": "partial", "when": {"every": "set", "that": {"fact": "set.data", "is": False}}},
        {"outcome": "unmet"},
    ]
    narrowed = change._narrowed
    gone_on = 0

    def counted(given: list[Any], *rest: Any) -> list[Any]:
        nonlocal gone_on
        gone_on += len(given)
        return narrowed(given, *rest)

    monkeypatch.setattr(change, "_narrowed", counted)
    steps = []
    for sets in (20, 40, 80):
        gone_on = 0
        facts: dict[str, Any] = {}
        for n in range(sets):
            facts |= {f"set.data {n}": True, f"set.status {n}": "gated"}
        assert change.least_change(criterion(*levels), World(evidence(facts), VOCABULARY))
        steps.append(gone_on)
    assert steps[2] - steps[1] <= 2.5 * (steps[1] - steps[0])


def test_rubrics_that_have_judged_judge_the_same_in_another_process() -> None:
    chosen = load_rubrics()
    snapshot = look("openai/gpt-oss-20b", "sample")
    said = judge(snapshot, chosen).to_json()
    assert judge(snapshot, pickle.loads(pickle.dumps(chosen))).to_json() == said
