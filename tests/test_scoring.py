"""Judging: what is unknown stays unknown, scores are honest ranges, and the words are true."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openaudit.evidence import Evidence, Finding, Outcome
from openaudit.judging.rubric import Rubric
from openaudit.judging.scoring import score
from openaudit.result import CriterionResult, RubricResult
from tests.worlds import VOCABULARY, evidence, evidences, rubric, rubrics, turned_out

BY_CHANCE = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
OPEN = {"other": frozenset({"good", "bad"})}


def judge(levels: list[dict[str, Any]], facts: dict[str, Any], *ancestors: Evidence | str) -> CriterionResult:
    return score(rubric(levels), evidence(facts, ancestors), VOCABULARY).criteria["one"]


# --------------------------------------------------------------------------- unknown stays unknown


@BY_CHANCE
@given(st.data(), rubrics(), evidences())
def test_however_the_unknown_turns_out_it_was_possible(data: st.DataObject, asked: Rubric, found: Evidence) -> None:
    before = score(asked, found, VOCABULARY, OPEN)
    verdict = data.draw(st.sampled_from(["good", "bad"]))
    after = score(asked, data.draw(turned_out(found, everything=True)), VOCABULARY, {"other": frozenset({verdict})})
    for id, criterion in after.criteria.items():
        assert criterion.outcome in (Outcome.MET, Outcome.PARTIAL, Outcome.UNMET, Outcome.NOT_APPLICABLE)
        assert criterion.outcome in before.criteria[id].possible
    assert after.verdict in before.possible
    assert after.possible == (after.verdict,)
    if before.outcome is not Outcome.UNKNOWN:
        assert after.outcome is before.outcome
    assert after.score.low == after.score.high
    _inside(after, before)


@BY_CHANCE
@given(st.data(), rubrics(), evidences())
def test_to_know_more_never_opens_what_was_settled(data: st.DataObject, asked: Rubric, found: Evidence) -> None:
    before = score(asked, found, VOCABULARY, OPEN)
    after = score(asked, data.draw(turned_out(found, everything=False)), VOCABULARY, OPEN)
    for id, criterion in after.criteria.items():
        assert set(criterion.possible) <= set(before.criteria[id].possible)
    assert set(after.possible) <= set(before.possible)
    _inside(after, before)


def _inside(after: RubricResult, before: RubricResult) -> None:
    if after.score.low is None or after.score.high is None:
        return  # nothing applies
    assert before.score.low is not None
    assert before.score.high is not None
    assert before.score.low <= after.score.low <= after.score.high <= before.score.high


@BY_CHANCE
@given(rubrics(), evidences())
def test_words_are_there_and_bounded(asked: Rubric, found: Evidence) -> None:
    result = score(asked, found, VOCABULARY, OPEN)
    for part in (result, *result.criteria.values()):
        assert part.because.strip()
        assert "\n" not in part.because
        assert len(part.because) < 2000
    for criterion in result.criteria.values():
        unsettled = len(criterion.possible) > 1
        assert unsettled == (criterion.outcome is Outcome.UNKNOWN) == criterion.because.startswith("Can't tell")
        assert len(set(criterion.evidence)) == len(criterion.evidence)
        if criterion.outcome in (Outcome.MET, Outcome.NOT_APPLICABLE):
            assert criterion.change == ()


@BY_CHANCE
@given(rubrics(), evidences())
def test_the_same_twice_is_the_same(asked: Rubric, found: Evidence) -> None:
    assert score(asked, found, VOCABULARY, OPEN) == score(asked, found, VOCABULARY, OPEN)


# --------------------------------------------------------------------------- levels

LADDER = [
    {"outcome": "unmet", "when": {"fact": "terms", "is": "denied"}, "because": "Denied."},
    {"outcome": "partial", "when": {"fact": "terms", "is": "limited"}, "because": "Limited."},
    {"outcome": "met", "when": {"fact": "weights", "is": True}, "because": "There."},
    {"outcome": "unmet", "because": "Not there."},
]


@pytest.mark.parametrize(
    ("facts", "possible"),
    [
        ({"terms": "denied"}, "unmet"),  # the first that holds, whatever stands below
        ({"terms": "limited", "weights": True}, "partial"),
        ({"terms": "granted", "weights": True}, "met"),
        ({"terms": "granted", "weights": False}, "unmet"),
        ({"terms": "granted"}, "unmet met"),
        ({"weights": True}, "unmet partial met"),
        ({"weights": False}, "unmet partial"),
        ({}, "unmet partial met"),
    ],
)
def test_levels_are_read_from_the_top(facts: dict[str, Any], possible: str) -> None:
    result = judge(LADDER, facts)
    assert [outcome.value for outcome in result.possible] == possible.split()
    assert result.outcome == (possible if " " not in possible else "unknown")


def test_what_stays_unknown_may_not_matter() -> None:
    levels = [
        {"outcome": "unmet", "when": {"fact": "terms", "is": "denied"}, "because": "Denied."},
        {"outcome": "unmet", "when": {"fact": "weights", "is": False}, "because": "Not there."},
        {"outcome": "met"},
    ]
    result = judge(levels, {"weights": False})
    assert (result.outcome, result.because) == ("unmet", "Not there.")


def test_a_reason_that_may_be_untrue_is_not_given_as_the_reason() -> None:
    levels = [
        {"outcome": "met", "when": {"fact": "weights", "is": True}},
        {"outcome": "unmet", "when": {"fact": "terms", "is": "denied"}, "because": "All is denied."},
        {"outcome": "unmet", "because": "Something else is amiss."},
    ]
    assert judge(levels, {"weights": False, "terms": "granted"}).because == "Something else is amiss."
    unsure = judge(levels, {"weights": False})
    assert unsure.outcome == "unmet"
    assert unsure.because == "One of these is so, it can't be told which: All is denied. — or: Something else is amiss."


# --------------------------------------------------------------------------- what decided


def test_what_decided_is_told() -> None:
    levels = [
        {"outcome": "partial", "when": {"fact": "weights", "is": False}},
        {"outcome": "met", "when": {"every": "set", "that": {"fact": "set.status", "is": "open"}}},
        {"outcome": "partial", "when": {"some": "set", "that": {"fact": "set.status", "is": "open"}}},
        {"outcome": "unmet"},
    ]
    sets = {"weights": True, "set.status a": "open", "set.status b": "gated", "set.status c": "open"}
    some = judge(levels, sets)
    assert some.decided == ("a: it can be had", "c: it can be had")  # all that are, not only the first
    assert some.evidence == ("set.status [a]", "set.status [c]")
    none = judge(levels, {"weights": True, "set.status a": "gated", "set.status b": "gone"})
    assert none.outcome == "unmet"
    # What holds otherwise is explained by why it is no better: each set, and each once.
    assert none.decided == ("there are weights", "a: one must ask", "b: it is gone")


def test_what_holds_otherwise_and_is_best_is_explained_by_what_was_not_found() -> None:
    levels = [{"outcome": "unmet", "when": {"fact": "terms", "is": "denied"}}, {"outcome": "met"}]
    assert judge(levels, {"terms": "granted"}).decided == ("all is granted",)


def test_an_ancestor_decides_under_its_name() -> None:
    levels = [{"outcome": "met", "when": {"ancestors": {"fact": "weights", "is": True}}}, {"outcome": "unmet"}]
    base = evidence({"weights": False}, id="big/base")
    result = judge(levels, {"weights": True}, base)
    assert result.decided == ("big/base: there are no weights",)
    assert result.evidence == ("big/base # weights",)
    lost = judge(levels, {"weights": True}, "gone/base")
    assert lost.outcome == "unknown"
    assert lost.evidence == ("gone/base # lineage.looked [gone/base]",)


def test_citations_are_findings_and_only_what_was_found() -> None:
    levels = [
        {"outcome": "met", "when": {"fact": "weights", "is": True}, "cite": ["set.status", "license", "terms"]},
        {"outcome": "unmet"},
    ]
    found = judge(levels, {"weights": True, "set.status a": "open", "set.status b": None, "license": "mit"})
    assert found.evidence == ("weights", "set.status [a]", "set.status [b]", "license")


# --------------------------------------------------------------------------- words


def words(text: str, when: dict[str, Any], facts: dict[str, Any], *ancestors: Evidence | str) -> str:
    return judge([{"outcome": "met", "when": when, "because": text}, {"outcome": "unmet"}], facts, *ancestors).because


def test_placeholders_are_filled() -> None:
    weights = {"fact": "weights", "is": True}
    assert words("{model}: {license}", weights, {"weights": True, "license": "mit"}) == "me/model: mit"
    assert words("{weights} {tags}", weights, {"weights": True, "tags": ("red", "blue")}) == "yes red, blue"
    assert words("under {license}", weights, {"weights": True}) == "under unknown"
    open_ = {"some": "set", "that": {"fact": "set.status", "is": "open"}}
    sets = {f"set.status {name}": "open" for name in "abcdef"} | {"set.status g": "gone"}
    assert words("{which} can be had", open_, sets) == "a, b, c and 3 more can be had"
    assert words("{set.status}", open_, sets) == "open"
    bases = {"ancestors": weights}
    assert words("{where}", bases, {}, evidence({"weights": True}, id="big/base")) == "big/base"


def test_where_never_means_the_model_itself() -> None:
    levels = [
        {
            "outcome": "met",
            "when": {"all": [{"fact": "weights", "is": True}, {"ancestors": {"fact": "weights", "is": True}}]},
        },
        {"outcome": "unmet", "because": "That of {where} is missing."},
    ]
    base = evidence({"weights": False}, id="big/base")
    assert judge(levels, {"weights": False}, base).because == "That of big/base is missing."
    assert judge(levels, {"weights": False}).because == "That of a model that is not named is missing."


def test_words_from_outside_are_not_filled_a_second_time() -> None:
    assert (
        words("under {license}", {"fact": "weights", "is": True}, {"weights": True, "license": "{model}"})
        == "under {model}"
    )


def test_cannot_tell_reads_well() -> None:
    levels = [
        {"outcome": "met", "when": {"every": "set", "that": {"fact": "set.status", "is": "open"}}},
        {"outcome": "unmet", "remedy": "Publish the data."},
    ]
    why = "it was not looked at"
    findings = tuple(Finding("set.status", None, about=f"a/{n}", note=why) for n in range(5))
    result = score(rubric(levels), Evidence("me/model", findings), VOCABULARY).criteria["one"]
    assert result.because == (
        "Can't tell whether this is met or not met. "
        "No answer was found to “Can it be had?” of a/0, a/1, a/2 and 2 more (it was not looked at)."
    )
    assert result.remedy == "Unless it is so already: Publish the data."
    assert result.change[0].says == "it can be seen that it can be had"
    lost = judge(
        [{"outcome": "met", "when": {"ancestors": {"fact": "weights", "is": True}}}, {"outcome": "unmet"}], {}, "x/y"
    )
    assert lost.because == (
        "Can't tell whether this is met or not met. "
        "No answer was found to “Could it be looked at?” of x/y (it could not be looked at)."
    )
    assert lost.change[0].says == "it can be looked at, and the same holds for it"


def test_cannot_tell_stays_short_whatever_it_is_told() -> None:
    levels = [
        {"outcome": "met", "when": {"every": "set", "that": {"fact": "set.status", "is": "open"}}},
        {"outcome": "unmet"},
    ]
    findings = tuple(Finding("set.status", None, about=f"{n}" * 500, note="why\n" * 900) for n in range(9))
    because = score(rubric(levels), Evidence("me/model", findings), VOCABULARY).criteria["one"].because
    assert len(because) < 1000
    assert "\n" not in because


def test_a_verdict_that_hangs_says_on_what() -> None:
    levels = [{"outcome": "met", "when": {"fact": "weights", "is": True}}, {"outcome": "unmet"}]
    both = {"all": [{"criteria": "all", "are": "met"}, {"fact": "terms", "is": "granted"}]}
    verdicts = [{"verdict": "yes", "outcome": "met", "when": both}, {"verdict": "no", "outcome": "unmet"}]
    asked = rubric(criteria=[{"id": "one", "title": "The weights", "levels": levels}], verdicts=verdicts)
    result = score(asked, evidence({}), VOCABULARY)
    assert (result.verdict, result.outcome, result.possible) == ("unknown", "unknown", ("yes", "no"))
    assert (
        result.because == "It could be Yes or No. That hangs on what could not be told: “Which terms?”, “The weights”."
    )
    assert score(asked, evidence({"terms": "denied"}), VOCABULARY).verdict == "no"


# --------------------------------------------------------------------------- scores


def ranged(*parts: tuple[str, float]) -> tuple[float | None, float | None]:
    """The range of criteria, each given by the outcomes that it may have, from the top, and its weight."""
    unknown = {"fact": "weights", "is": True}
    criteria = []
    for n, (outcomes, weight) in enumerate(parts):
        levels: list[dict[str, Any]] = [{"outcome": outcome, "when": unknown} for outcome in outcomes.split()]
        del levels[-1]["when"]
        never = {"outcome": "met", "when": {"fact": "terms", "is": "denied"}}
        criteria.append({"id": f"c{n}", "weight": weight, "levels": [never, *levels]})
    found = score(rubric(criteria=criteria), evidence({"terms": "granted"}), VOCABULARY).score
    return found.low, found.high


def test_scores_are_shares_of_what_applies() -> None:
    assert ranged(("met", 1)) == (100, 100)
    assert ranged(("met", 1), ("unmet", 1)) == (50, 50)
    assert ranged(("met", 3), ("partial", 1)) == (87.5, 87.5)
    assert ranged(("met unmet", 1)) == (0, 100)
    assert ranged(("met partial", 1), ("unmet", 1)) == (25, 50)
    assert ranged(("met", 1), ("not_applicable", 5)) == (100, 100)
    assert ranged(("not_applicable", 1)) == (None, None)


def test_what_may_not_apply_widens_a_score() -> None:
    # Where it applies, half; where it does not, all: the mean of the two would be a guess.
    assert ranged(("met", 1), ("unmet not_applicable", 1)) == (50, 100)
    assert ranged(("unmet", 1), ("met not_applicable", 1)) == (0, 50)
    assert ranged(("partial not_applicable", 1)) == (50, 50)


def test_what_may_not_apply_leaves_a_verdict_over_all_open() -> None:
    asked = rubric(
        [{"outcome": "not_applicable", "when": {"fact": "weights", "is": True}}, {"outcome": "unmet"}],
        verdicts=[
            {"verdict": "yes", "outcome": "met", "when": {"criteria": "all", "are": "met"}},
            {"verdict": "no", "outcome": "unmet"},
        ],
    )
    assert score(asked, evidence({}), VOCABULARY).possible == ("yes", "no")
    assert score(asked, evidence({"weights": False}), VOCABULARY).possible == ("no",)
    assert score(asked, evidence({"weights": True}), VOCABULARY).possible == ("yes",)


def test_another_rubrics_verdict_is_asked_only_as_far_as_it_is_known() -> None:
    asked = rubric(
        [{"outcome": "met", "when": {"verdict_of": "other", "in": ["good", "fair"]}}, {"outcome": "unmet"}],
    )
    assert "verdict_of" not in str(score(asked, evidence({}), VOCABULARY).criteria["one"].because)
    for possible, outcome in (
        ({"good"}, "met"),
        ({"good", "fair"}, "met"),
        ({"bad"}, "unmet"),
        ({"good", "bad"}, "unknown"),
    ):
        result = score(asked, evidence({}), VOCABULARY, {"other": frozenset(possible)}).criteria["one"]
        assert result.outcome == outcome
        assert result.change == ()
    missing = score(asked, evidence({}), VOCABULARY).criteria["one"]
    assert missing.because == "Can't tell whether this is met or not met: another rubric's verdict is open."
