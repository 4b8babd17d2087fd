"""The baseline: a policy can be adopted on the day it is written, and only what is new fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openaudit.errors import OutputError, PolicyError
from openaudit.policy import Policy, baseline
from openaudit.run import Row
from tests.policy.small import audit, policy, row

RULES = """\
[rules.usable]
require.label = "open-source-ai"
require."weights.present" = true
[rules.nice]
level = "warn"
licenses.deny = ["gemma"]
"""
EXEMPT = """\
[[exemptions]]
model = "a/exempt"
rule = "usable/label"
reason = "Why."
author = "ada"
until = 2026-12-31
"""


def run(found: Policy, **models: bool) -> list[Row]:
    """A run over models that break ``usable/label``, and ``usable/weights.present`` if they are false."""
    facts = {name: {"weights.present": good, "license.weights": "gemma"} for name, good in models.items()}
    return [found.apply(row(audit(told, id=f"a/{name}"))) for name, told in facts.items()]


def failing(rows: list[Row]) -> list[str]:
    return [f"{one.named.reference} {breach.rule}" for one in rows for breach in one.breaches if breach.fails]


def test_it_is_adopted_today_and_only_what_is_new_fails(tmp_path: Path) -> None:
    found = policy(tmp_path, RULES)
    first = run(found, one=True, two=False)
    assert failing(first) == ["a/one usable/label", "a/two usable/label", "a/two usable/weights.present"]
    baseline.write(tmp_path / "known.json", first)

    adopted = policy(tmp_path, 'baseline = "known.json"\n' + RULES)
    again = run(adopted, one=True, two=False)
    assert failing(again) == []
    assert [[breach.known for breach in one.breaches if breach.level == "fail"] for one in again] == [
        [True],
        [True, True],
    ]
    assert adopted.told(again) == ()

    worse = run(adopted, one=False, two=False, three=True)
    assert failing(worse) == ["a/one usable/weights.present", "a/three usable/label"]


def test_what_was_mended_is_told(tmp_path: Path) -> None:
    found = policy(tmp_path, RULES)
    baseline.write(tmp_path / "known.json", run(found, one=True, two=False, three=False))
    adopted = policy(tmp_path, 'baseline = "known.json"\n' + RULES)
    rows = [*run(adopted, two=True), row(None, "a/three")]  # one is not in this run, three could not be audited
    assert adopted.told(rows) == (f"a/two keeps usable/weights.present now: take it out of {tmp_path}/known.json",)


def test_it_reads_the_same_whatever_the_order_and_holds_nothing_else(tmp_path: Path) -> None:
    found = policy(tmp_path, RULES + EXEMPT)
    rows = run(found, one=True, two=False, exempt=False)
    written = baseline.text(rows)
    assert written == baseline.text(reversed(rows)) == baseline.text(iter(rows))
    assert json.loads(written)["known"] == {
        "a/exempt": ["usable/weights.present"],  # an exemption has an end: its breach is never put in; nor is a warning
        "a/one": ["usable/label"],
        "a/two": ["usable/label", "usable/weights.present"],
    }
    assert written.count("\n") == 15  # a line for each, so that a change is read in a glance
    baseline.write(tmp_path / "known.json", rows)
    again = baseline.read(tmp_path / "known.json")
    assert baseline.text(run(found.against(again), one=True, two=False, exempt=False)) == written


def test_a_baseline_counts_from_the_policys_folder_and_may_be_missing(tmp_path: Path) -> None:
    found = policy(tmp_path, 'baseline = "none.json"\n' + RULES)
    assert found.notices == (f"{tmp_path}/none.json: the baseline is not there: every breach counts",)
    assert len(failing(run(found, one=True))) == 1


def test_a_rule_that_the_policy_no_longer_has_is_told(tmp_path: Path) -> None:
    known = {"schema": baseline.SCHEMA, "known": {"a/one": ["usable/label", "old/rule"]}}
    (tmp_path / "known.json").write_text(json.dumps(known))
    found = policy(tmp_path, 'baseline = "known.json"\n' + RULES)
    assert found.notices == (f"{tmp_path}/known.json: {tmp_path}/openaudit.toml has no rule old/rule",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: not JSON: "),
        ('{\n"schema" 1}', ":2: not JSON: "),
        ("[]", ": not a baseline: "),
        ("{}", ": not a baseline: "),
        ('{"schema": "openaudit.baseline/2", "known": {}}', ": not a baseline: it has the schema 'openaudit."),
        ('{"schema": "openaudit.baseline/1"}', ": not a baseline: "),
        ('{"schema": "openaudit.baseline/1", "known": []}', ": not a baseline: "),
        ('{"schema": "openaudit.baseline/1", "known": {"a/b": "r"}}', ": known.a/b: a list of the names of rules"),
        ('{"schema": "openaudit.baseline/1", "known": {"a/b": [1]}}', ": known.a/b: a list of the names of rules"),
        ('{"known": {"a/b": [], "a/b": []}}', ": not JSON: 'a/b' stands twice; the second would silently win"),
        ("[" * 100_000, ": not JSON: "),
        ("9" * 5000, ": not JSON: "),
        ("caf\udce9", ": not JSON: "),
    ],
)  # fmt: skip
def test_what_is_no_baseline_is_told(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(PolicyError) as caught:
        baseline.read(path)
    assert str(caught.value).startswith(f"{path}{said}")
    assert caught.value.advice
    with pytest.raises(PolicyError, match=r"known\.json"):
        policy(tmp_path, 'baseline = "known.json"\n' + RULES)


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]":, schemaknow/1', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "known.json"
    path.write_bytes(raw)
    with pytest.raises(PolicyError):  # chance does not write a schema
        baseline.read(path)


def test_a_model_of_any_name_can_be_known(tmp_path: Path) -> None:
    found = policy(tmp_path, RULES)
    rows = run(found, **{'é "\\\x7f\ud800\n': True})
    baseline.write(tmp_path / "known.json", rows)
    assert len(baseline.read(tmp_path / "known.json").known) == 1


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        baseline.write(tmp_path / "file" / "known.json", [])
    with pytest.raises(PolicyError, match="cannot be read"):
        baseline.read(tmp_path)
