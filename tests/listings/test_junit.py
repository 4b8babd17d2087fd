"""JUnit XML: valid whatever stands in it, and every rule a test case with the right end."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from openaudit.run import Breach
from tests.listings import runs

RUNS = dict(runs.every_run())


@cache
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(Path(__file__).with_name("junit.xsd")))


@pytest.mark.parametrize("name", RUNS)
def test_it_is_valid(name: str) -> None:
    text = runs.text_of("junit", RUNS[name])
    assert [str(error) for error in schema().iter_errors(text)] == []


def test_the_schema_refuses_what_either_schema_refuses() -> None:
    good = runs.text_of("junit", runs.real())
    for old, new in (('hostname="localhost" ', ""), ("T00:00:00", "T00:00:00Z"), ("<testcase ", "<testcase file='x' ")):
        assert old in good
        assert not schema().is_valid(good.replace(old, new))


def ends(text: str) -> dict[str, dict[str, str]]:
    """By model and rule: how the test case ended."""

    def end(case: ElementTree.Element) -> str:
        return case[0].tag if len(case) else "passed"

    suites = ElementTree.fromstring(text)
    return {one.attrib["name"]: {case.attrib["name"]: end(case) for case in one.iter("testcase")} for one in suites}


def test_every_rule_is_a_case_with_its_end() -> None:
    olmo, distilled, llama, qwen = runs.SAMPLE
    plain = {"audited": "passed", "no-gated-data": "passed", "label": "passed", "licence": "passed"}
    assert ends(runs.text_of("junit", runs.real())) == {
        olmo: plain,
        distilled: {**plain, "no-gated-data": "failure", "label": "skipped"},
        "nobody/nothing": {"audited": "error"},
        llama: {**plain, "licence": "skipped"},
        qwen: {**plain, "label": "skipped"},
    }


def test_the_counts_are_those_of_the_cases() -> None:
    for name in ("real", "bare", "script", "comment"):
        for suite in ElementTree.fromstring(runs.text_of("junit", RUNS[name])):
            cases = list(suite.iter("testcase"))
            assert int(suite.attrib["tests"]) == len(cases) > 0
            for kind in ("failure", "error", "skipped"):
                counted = suite.attrib[kind if kind == "skipped" else f"{kind}s"]
                assert int(counted) == sum(case.find(kind) is not None for case in cases)


def test_reasons_pardons_and_places_can_be_read() -> None:
    suites = ElementTree.fromstring(runs.text_of("junit", runs.real()))
    [failure] = suites.iter("failure")
    assert failure.attrib["message"] == "data/one is gated."
    assert "models.txt:2" in (failure.text or "")
    [error] = suites.iter("error")
    assert error.attrib == {
        "type": "NotFound",
        "message": "nobody/nothing: there is no such model — Check the spelling on huggingface.co.",
    }
    skipped = [one.attrib["message"] for one in suites.iter("skipped")]
    assert skipped[0].startswith("Warning: ")
    assert "Exempt until 2027-05-01, by ada@example.org: The product ends in May." in skipped[1]
    assert "baseline" in skipped[2]


def test_one_rule_broken_twice_is_one_case_and_the_worse_counts() -> None:
    again = Breach("no-gated-data", "fail", "No data set may be gated.", "data/two is gated.", known=True)
    row = runs.row(1, "a/b", audit=runs.audit(runs.SAMPLE[0]), breaches=(again, runs.GATED))
    text = runs.text_of("junit", runs.run_of([row]))
    assert ends(text) == {"a/b": {"audited": "passed", "no-gated-data": "failure"}}
    assert "data/two" not in text
