"""The least change: it works, nothing smaller does, and it names a value that helps."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from openaudit.evidence import Evidence, Finding, Outcome, Value
from openaudit.judging.change import Wish, least_change
from openaudit.judging.conditions import Asked, FactIs, walk
from openaudit.judging.logic import World
from openaudit.judging.questions import ANOTHER
from openaudit.judging.rubric import Criterion
from openaudit.judging.scoring import score
from tests.worlds import OF_MODEL, OF_SET, VALUES, VOCABULARY, criterion, evidence, evidences, level_lists, rubric

BY_CHANCE = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))

Changes = Mapping[tuple[str, str, str], Value]  # model, fact, about


def changed(found: Evidence, changes: Changes) -> Evidence:
    """The evidence as it would be."""
    values: dict[tuple[str, str], Value | None] = {(one.fact, one.about): one.value for one in found.findings}
    values |= {(fact, about): value for (model, fact, about), value in changes.items() if model == found.id}
    ancestors = (changed(one, changes) if isinstance(one, Evidence) else one for one in found.ancestors)
    findings = tuple(Finding(fact, value, about=about) for (fact, about), value in values.items())
    return Evidence(found.id, findings, tuple(ancestors))


def met(asked: Criterion, found: Evidence) -> bool:
    result = score(rubric(criteria=[asked.model_dump(by_alias=True, exclude_none=True)]), found, VOCABULARY)
    return result.criteria[asked.id].possible == (Outcome.MET,)


def wishes(asked: Criterion, found: Evidence) -> tuple[Wish, ...] | None:
    return least_change(asked, World(found, VOCABULARY))


def as_changes(wished: tuple[Wish, ...]) -> dict[tuple[str, str, str], Value]:
    return {(one.model, one.finding.fact, one.finding.about): one.value for one in wished if one.value is not None}


# --------------------------------------------------------------------------- by chance, against brute force


@BY_CHANCE
@given(level_lists(), evidences(lost=False))
def test_it_really_helps(levels: list[dict[str, Any]], found: Evidence) -> None:
    asked = criterion(*levels)
    wished = wishes(asked, found)
    assume(wished is not None)
    assert wished is not None
    assert (wished == ()) == met(asked, found)
    assert len(as_changes(wished)) == len(wished)
    for one in wished:
        assert one.finding.value != one.value
    assert met(asked, changed(found, as_changes(wished)))


@BY_CHANCE
@given(level_lists(), evidences(generations=0, sets=1))
def test_no_smaller_change_would_do(levels: list[dict[str, Any]], found: Evidence) -> None:
    _no_smaller_change_would_do(levels, found)


@BY_CHANCE
@given(level_lists(), evidences(lost=False, sets=1))
def test_no_smaller_change_would_do_with_ancestors(levels: list[dict[str, Any]], found: Evidence) -> None:
    _no_smaller_change_would_do(levels, found)


def _no_smaller_change_would_do(levels: list[dict[str, Any]], found: Evidence) -> None:
    asked = criterion(*levels)
    wished = wishes(asked, found)
    most = 3 if wished is None else len(wished) - 1
    places = list(_places(asked, found))
    assume(most < 1 or len(places) <= 9)
    for size in range(min(most, 3) + 1):
        for chosen in itertools.combinations(places, size):
            for values in itertools.product(*(VALUES[fact] for _, fact, _ in chosen)):
                assert not met_fast(asked, changed(found, dict(zip(chosen, values, strict=True))))


def met_fast(asked: Criterion, found: Evidence) -> bool:
    return wishes(asked, found) == ()  # equals being met: test_it_really_helps


def _places(asked: Criterion, found: Evidence) -> Iterator[tuple[str, str, str]]:
    """Every finding that the criterion asks for."""
    whens = (level.when for level in asked.levels if level.when is not None)
    parts = (part.condition for when in whens for part in walk(Asked((), when)))
    facts = {part.fact for part in parts if isinstance(part, FactIs)}
    members = dict.fromkeys(one.about for one in found.findings if one.about)
    for fact in (*OF_MODEL, *OF_SET):
        if fact in facts:
            yield from ((found.id, fact, about) for about in (members if fact in OF_SET else ("",)))
    for one in found.ancestors:
        if isinstance(one, Evidence):
            yield from _places(asked, one)


# --------------------------------------------------------------------------- by hand


def told(levels: list[dict[str, Any]], facts: dict[str, Any], *ancestors: Evidence | str) -> list[str]:
    """What a report would say: the sentences that would have to be true."""
    result = score(rubric(levels), evidence(facts, ancestors), VOCABULARY).criteria["one"]
    return [" — ".join(filter(None, (one.model, one.about, one.says))) for one in result.change]


TERMS = [
    {"outcome": "unmet", "when": {"fact": "terms", "is": "denied"}},
    {"outcome": "partial", "when": {"fact": "terms", "is": "limited"}},
    {"outcome": "met", "when": {"fact": "weights", "is": True}},
    {"outcome": "unmet"},
]


@pytest.mark.parametrize("now", ["denied", "limited"])
def test_a_worse_value_is_no_help(now: str) -> None:
    # "Not limited" is true of "denied" as well, and "not denied" of "limited": only one value passes every level.
    assert told(TERMS, {"terms": now, "weights": True}) == ["all is granted"]
    assert told(TERMS, {"terms": now, "weights": False}) == ["all is granted", "there are weights"]


def test_what_already_holds_is_not_given_up() -> None:
    levels = [
        {"outcome": "met", "when": {"all": [{"fact": "weights", "is": True}, {"fact": "terms", "is": "granted"}]}},
        {"outcome": "unmet"},
    ]
    assert told(levels, {"weights": True, "terms": "limited"}) == ["all is granted"]


def test_wishes_that_contradict_each_other_are_dropped() -> None:
    both_ways = {
        "all": [
            {"fact": "weights", "is": True},
            {"any": [{"fact": "weights", "is": False}, {"fact": "license", "is": "mit"}]},
        ]
    }
    levels = [{"outcome": "met", "when": both_ways}, {"outcome": "unmet"}]
    assert told(levels, {"weights": False, "license": "none"}) == ["there are weights", "it is under mit"]
    never = {"all": [{"fact": "weights", "is": True}, {"fact": "weights", "is": False}]}
    assert told([{"outcome": "met", "when": never}, {"outcome": "unmet"}], {"weights": False}) == []
    # The same fact, asked by a level above.
    levels = [
        {"outcome": "unmet", "when": {"fact": "weights", "is": True}},
        {"outcome": "met", "when": {"fact": "weights", "is": True}},
        {"outcome": "unmet"},
    ]
    assert told(levels, {"weights": False}) == []


def test_the_shortest_way_is_taken() -> None:
    sets = {"set.status a": "gone", "set.status b": "gated", "set.status c": "open"}
    every = [
        {"outcome": "met", "when": {"every": "set", "that": {"fact": "set.status", "is": "open"}}},
        {"outcome": "unmet"},
    ]
    assert told(every, sets) == ["a — it can be had", "b — it can be had"]
    some = [
        {"outcome": "met", "when": {"some": "set", "that": {"fact": "set.status", "is": "gated"}}},
        {"outcome": "unmet"},
    ]
    assert told(some, {"set.status a": "gone", "set.status c": "open"}) == ["a — one must ask"]
    two_ways = [
        {"outcome": "met", "when": {"all": [{"fact": "terms", "is": "granted"}, {"fact": "license", "is": "mit"}]}},
        {"outcome": "partial", "when": {"fact": "terms", "is": "limited"}},
        {"outcome": "met", "when": {"fact": "weights", "is": True}},
        {"outcome": "unmet"},
    ]
    assert told(two_ways, {"terms": "denied", "license": "none", "weights": False}) == ["there are weights"]


def test_a_member_may_be_left_out_instead_of_mended() -> None:
    mended = {"all": [{"fact": "set.status", "is": "open"}, {"fact": "weights", "is": True}]}
    when = {"every": "set", "where": {"fact": "set.data", "is": True}, "that": mended}
    levels = [{"outcome": "met", "when": when}, {"outcome": "unmet"}]
    assert told(levels, {"set.data a": True, "set.status a": "gone", "weights": False}) == ["a — it is not the data"]


def test_in_takes_the_value_that_the_vocabulary_names_first() -> None:
    levels = [{"outcome": "met", "when": {"fact": "terms", "in": ["denied", "granted"]}}, {"outcome": "unmet"}]
    assert told(levels, {"terms": "limited"}) == ["all is granted"]


def test_numbers_and_lists() -> None:
    enough = [{"outcome": "met", "when": {"fact": "tokens", "at_least": 1500}}, {"outcome": "unmet"}]
    assert told(enough, {"tokens": 12}) == ["it saw at least 1,500 tokens"]
    few = [{"outcome": "unmet", "when": {"fact": "tokens", "at_least": 1500}}, {"outcome": "met"}]
    assert told(few, {"tokens": 2000}) == ["it saw less than 1,500 tokens"]
    between = [
        {"outcome": "unmet", "when": {"fact": "tokens", "at_least": 10}},
        {"outcome": "met", "when": {"fact": "tokens", "at_least": 5}},
        {"outcome": "unmet"},
    ]
    assert told(between, {"tokens": 12}) == told(between, {"tokens": 1}) == ["it saw at least 5 tokens"]
    tagged = [
        {"outcome": "unmet", "when": {"fact": "tags", "includes": "red"}},
        {"outcome": "met", "when": {"fact": "tags", "includes": "blue"}},
        {"outcome": "unmet"},
    ]
    assert told(tagged, {"tags": ("green", "red")}) == ["it is tagged green, blue"]


def test_any_other_value_of_a_free_fact() -> None:
    levels = [
        {"outcome": "unmet", "when": {"fact": "license", "is": "none"}},
        {"outcome": "met", "when": {"fact": "weights", "is": True}},
        {"outcome": "unmet"},
    ]
    assert told(levels, {"license": "none", "weights": True}) == ["something other than: it has no licence"]
    [wish] = wishes(criterion(*levels), evidence({"license": "none", "weights": True})) or ()
    assert wish.value == ANOTHER


def test_a_value_that_the_vocabulary_does_not_know_is_none_that_it_does() -> None:
    assert told(TERMS, {"terms": "limted", "weights": True}) == []
    assert told(TERMS, {"terms": "limted", "weights": False}) == ["all is granted", "there are weights"]


def test_what_is_unknown_would_have_to_be_seen() -> None:
    assert told(TERMS, {"terms": None, "weights": True}) == ["it can be seen that all is granted"]
    free = [{"outcome": "unmet", "when": {"fact": "license", "is": "none"}}, {"outcome": "met"}]
    assert told(free, {}) == ["it can be seen that it is something other than: it has no licence"]
    # A known fact that would settle it is left alone where the unknown one has to be told all the same.
    levels = [{"outcome": "unmet", "when": {"fact": "weights", "is": False}}, {"outcome": "met"}]
    assert told(levels, {}) == ["it can be seen that there are weights"]


def test_ancestors() -> None:
    levels = [{"outcome": "met", "when": {"ancestors": {"fact": "weights", "is": True}}}, {"outcome": "unmet"}]
    bad = evidence({"weights": False}, id="big/base")
    assert told(levels, {}, bad, "lost/base") == [
        "big/base — there are weights",
        "lost/base — lost/base — it can be looked at, and the same holds for it",
    ]
    turned = [{"outcome": "met", "when": {"not": {"ancestors": {"fact": "weights", "is": True}}}}, {"outcome": "unmet"}]
    good = evidence({"weights": True}, id="big/base")
    assert told(turned, {}, good) == ["big/base — there are no weights"]
    assert told(turned, {}) == []


def test_what_no_fact_can_change_is_not_wished_for() -> None:
    levels = [{"outcome": "met", "when": {"verdict_of": "other", "is": "good"}}, {"outcome": "unmet"}]
    assert told(levels, {}) == []
    assert told([{"outcome": "partial", "when": {"fact": "weights", "is": True}}, {"outcome": "unmet"}], {}) == []


def test_many_sets_take_no_time() -> None:
    # Each set may be mended or left out, and other levels ask the same facts: 2 ** 300 ways, were all of them kept.
    when = {"every": "set", "where": {"fact": "set.data", "is": True}, "that": {"fact": "set.status", "is": "open"}}
    levels = [
        {"outcome": "partial", "when": {"every": "set", "that": {"fact": "set.data", "is": False}}},
        {"outcome": "unmet", "when": {"some": "set", "that": {"fact": "set.status", "is": "gone"}}},
        {"outcome": "met", "when": when},
        {"outcome": "unmet"},
    ]
    facts: dict[str, Any] = {}
    for n in range(100):
        facts |= {f"set.data {n}": True, f"set.status {n}": "gated"}
    assert len(told(levels, facts)) == 100
