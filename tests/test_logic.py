"""Three-valued conditions: empty collections, members that may not count, ancestors that nobody could look at."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from openaudit.evidence import Evidence
from openaudit.judging.conditions import Condition
from openaudit.judging.logic import Answer, World, ask
from tests.worlds import VOCABULARY, conditions, evidence, evidences, turned_out

BY_CHANCE = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
_CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)


def answer(condition: dict[str, Any], facts: dict[str, Any] | Evidence, *ancestors: Evidence | str) -> Answer:
    found = facts if isinstance(facts, Evidence) else evidence(facts, ancestors)
    return ask(_CONDITION.validate_python(condition), World(found, VOCABULARY))


def truth(condition: dict[str, Any], facts: dict[str, Any] | Evidence, *ancestors: Evidence | str) -> bool | None:
    return answer(condition, facts, *ancestors).truth


YES, NO, OPEN = {"fact": "weights", "is": True}, {"fact": "weights", "is": False}, {"fact": "license", "is": "mit"}
KNOWN = {"weights": True}
IS_OPEN = {"fact": "set.status", "is": "open"}
IS_DATA = {"fact": "set.data", "is": True}


# --------------------------------------------------------------------------- one fact


@pytest.mark.parametrize(
    ("test", "value", "holds"),
    [
        ({"fact": "license", "is": "mit"}, "mit", True),
        ({"fact": "license", "is": "mit"}, "MIT", False),
        ({"fact": "license", "in": ["mit", "isc"]}, "isc", True),
        ({"fact": "license", "in": ["mit", "isc"]}, "none", False),
        ({"fact": "weights", "is": True}, 1, False),  # True is not 1
        ({"fact": "tokens", "is": 1}, True, False),
        ({"fact": "tokens", "is": 0}, False, False),
        ({"fact": "weights", "is": False}, False, True),
        ({"fact": "tokens", "at_least": 5}, 5, True),
        ({"fact": "tokens", "at_least": 5}, 4.9, False),
        ({"fact": "tokens", "at_least": 1}, True, False),
        ({"fact": "tokens", "at_least": 1}, "many", False),
        ({"fact": "tags", "includes": "red"}, ("red", "blue"), True),
        ({"fact": "tags", "includes": "red"}, (), False),
        ({"fact": "tags", "includes": "red"}, "red", False),
    ],
)
def test_one_fact(test: dict[str, Any], value: Any, holds: bool) -> None:
    assert truth(test, {test["fact"]: value}) is holds
    assert truth({"not": test}, {test["fact"]: value}) is not holds
    assert truth(test, {test["fact"]: None}) is None
    assert truth({"not": test}, {}) is None


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"all": [YES, OPEN]}, None),
        ({"all": [NO, OPEN]}, False),  # whatever the unknown is
        ({"all": [OPEN, NO]}, False),
        ({"any": [NO, OPEN]}, None),
        ({"any": [YES, OPEN]}, True),
        ({"any": [OPEN, YES]}, True),
        ({"not": {"all": [NO, OPEN]}}, True),
        ({"any": [OPEN, {"not": OPEN}]}, None),  # even so: it does not guess that one of the two must hold
    ],
)
def test_what_is_unknown_decides_nothing(condition: dict[str, Any], expected: bool | None) -> None:
    assert truth(condition, KNOWN) is expected


# --------------------------------------------------------------------------- collections


def test_of_nothing_everything_is_true_and_nothing_is_there() -> None:
    assert truth({"every": "set", "that": IS_OPEN}, {}) is True
    assert truth({"some": "set", "that": IS_OPEN}, {}) is False
    assert truth({"not": {"some": "set", "that": IS_OPEN}}, {}) is True
    assert truth({"ancestors": YES}, {}) is True
    assert (
        truth({"every": "set", "where": IS_DATA, "that": IS_OPEN}, {"set.data a": False, "set.status a": "gone"})
        is True
    )
    assert (
        truth({"some": "set", "where": IS_DATA, "that": IS_OPEN}, {"set.data a": False, "set.status a": "open"})
        is False
    )


def test_a_member_is_there_as_soon_as_one_fact_tells_of_it() -> None:
    facts = {"set.data a": True}
    assert truth({"every": "set", "that": IS_OPEN}, facts) is None
    assert truth({"some": "set", "that": IS_OPEN}, facts) is None
    assert truth({"every": "set", "that": IS_DATA}, facts) is True


@pytest.mark.parametrize(
    ("where", "that", "every", "some"),
    [
        (True, True, True, True),
        (True, False, False, False),
        (True, None, None, None),
        (False, True, True, False),
        (False, False, True, False),
        (False, None, True, False),
        (None, True, True, None),  # if it counts, it passes; whether there is one that passes is open
        (None, False, None, False),
        (None, None, None, None),
    ],
)
def test_a_member_that_may_not_count(
    where: bool | None, that: bool | None, every: bool | None, some: bool | None
) -> None:
    facts = {"set.data a": where, "set.status a": None if that is None else "open" if that else "gone"}
    assert truth({"every": "set", "where": IS_DATA, "that": IS_OPEN}, facts) is every
    assert truth({"some": "set", "where": IS_DATA, "that": IS_OPEN}, facts) is some


def test_one_member_may_settle_what_others_leave_open() -> None:
    assert truth({"every": "set", "that": IS_OPEN}, {"set.status a": None, "set.status b": "gone"}) is False
    assert truth({"some": "set", "that": IS_OPEN}, {"set.status a": None, "set.status b": "open"}) is True


def test_each_member_is_asked_about_itself() -> None:
    both = {"some": "set", "that": {"all": [IS_OPEN, IS_DATA]}}
    assert (
        truth(both, {"set.status a": "open", "set.data a": False, "set.status b": "gone", "set.data b": True}) is False
    )


# --------------------------------------------------------------------------- ancestors


def test_an_ancestor_that_could_not_be_looked_at_is_unknown() -> None:
    good, bad = evidence({"weights": True}, id="good/base"), evidence({"weights": False}, id="bad/base")
    asked = {"ancestors": YES}
    assert truth(asked, {}, good) is True
    assert truth(asked, {}, good, "lost/base") is None
    assert truth(asked, {}, bad, "lost/base") is False
    assert truth({"not": asked}, {}, "lost/base") is None
    [leaf] = answer(asked, {}, good, "lost/base").leaves
    assert (leaf.model, leaf.finding.fact, leaf.finding.about, leaf.truth) == (
        "lost/base",
        "lineage.looked",
        "lost/base",
        None,
    )


def test_ancestors_are_asked_about_themselves_and_their_own() -> None:
    inner = evidence({"weights": False}, id="inner/base")
    base = evidence({"weights": True, "set.status x": "gone"}, [inner], id="big/base")
    assert truth({"ancestors": YES}, {"weights": False}, base) is True
    assert truth({"ancestors": {"ancestors": YES}}, {}, base) is False
    assert truth({"ancestors": {"every": "set", "that": IS_OPEN}}, {"set.status x": "open"}, base) is False
    # Inside a collection, too: the ancestor's sets are meant, not the one that was being asked about.
    assert truth({"every": "set", "that": {"ancestors": IS_OPEN}}, {"set.status x": "open"}, base) is None


# --------------------------------------------------------------------------- what settles


def keys(found: Answer) -> list[str]:
    return [leaf.finding.key for leaf in found.leaves]


def test_what_settles_it_is_named() -> None:
    sets = {"set.status a": "open", "set.status b": "gone", "set.status c": None, "set.status d": "gone"}
    assert keys(answer({"every": "set", "that": IS_OPEN}, sets)) == ["set.status [b]", "set.status [d]"]
    assert keys(answer({"some": "set", "that": IS_OPEN}, sets)) == ["set.status [a]"]
    assert keys(answer({"any": [YES, {"fact": "terms", "is": "granted"}]}, KNOWN | {"terms": "granted"})) == ["weights"]
    assert keys(answer({"all": [YES, OPEN]}, KNOWN)) == ["license"]
    where = {"every": "set", "where": IS_DATA, "that": IS_OPEN}
    assert keys(answer(where, {"set.data a": None, "set.status a": "gone"})) == ["set.data [a]"]


@BY_CHANCE
@given(conditions, evidences())
def test_what_settles_an_answer_agrees_with_it(condition: dict[str, Any], found: Evidence) -> None:
    given_ = answer(condition, found)
    if given_.truth is None:
        assert given_.leaves
        assert {leaf.truth for leaf in given_.leaves} == {None}
    else:
        assert None not in {leaf.truth for leaf in given_.leaves}


@BY_CHANCE
@given(st.data(), conditions, evidences())
def test_what_is_settled_stays_settled(data: st.DataObject, condition: dict[str, Any], found: Evidence) -> None:
    before = truth(condition, found)
    after = truth(condition, data.draw(turned_out(found, everything=True)))
    assert after is not None
    assert before in (None, after)


@BY_CHANCE
@given(conditions, evidences())
def test_not_turns_every_answer_round(condition: dict[str, Any], found: Evidence) -> None:
    turned = {None: None, True: False, False: True}
    assert truth({"not": condition}, found) is turned[truth(condition, found)]


def test_what_is_no_condition_is_no_answer() -> None:
    with pytest.raises(TypeError, match="not a condition"):
        ask("weights", World(evidence({}), VOCABULARY))
