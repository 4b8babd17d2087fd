"""What a policy makes of an audit: each kind of rule met, unmet and unknown; exemptions; and mistakes in the file."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from openaudit.errors import PolicyError
from openaudit.policy import load, starter
from openaudit.policy.schema import schema
from openaudit.probes import vocabulary
from openaudit.run import Breach, Exemption
from tests.policy.small import ID, TODAY, audit, breaches, policy, row, rubrics


def outcome(found: tuple[Breach, ...]) -> str:
    """``held``, or how the one demand there is was broken."""
    if not found:
        return "held"
    [breach] = found
    assert breach.says
    assert breach.because
    assert breach.url
    return breach.level


# --------------------------------------------------------------------------- each kind of demand

MAYBE = ("weights-available", "open-weights")
KINDS: list[tuple[str, dict[str, Any], str]] = [
    # a rung, and what may still be
    ('require.label = "open-weights"', {"label": "open-weights"}, "held"),
    ('require.label = "open-weights"', {"label": "open-source-ai"}, "held"),
    ('require.label = "open-weights"', {"label": "weights-available"}, "fail"),
    ('require.label = "open-weights"', {"label": "unknown", "possible": MAYBE}, "warn"),
    ('require.label = "open-weights"', {"label": "unknown", "possible": ("open-source-ai", "open-weights")}, "held"),
    ('require.label = "open-source-ai"', {"label": "unknown", "possible": MAYBE}, "fail"),
    ('require.label = ["not-released", "open-weights"]', {"label": "open-source-ai"}, "fail"),
    ('require.g7-openness = "open-weights"', {"label": "open-source-ai"}, "held"),
    ('require.four-freedoms = "conforms"', {}, "held"),
    ('require.four-freedoms = "does-not-conform"', {}, "fail"),
    # an outcome
    ('require."four-freedoms/use" = "met"', {"use": "met"}, "held"),
    ('require."four-freedoms/use" = "met"', {"use": "partial"}, "fail"),
    ('require."four-freedoms/use" = "partial"', {"use": "met"}, "held"),
    ('require."four-freedoms/use" = "met"', {"use": "not_applicable"}, "held"),
    ('require."four-freedoms/use" = "met"', {"use": "unknown", "use_possible": ("partial", "met")}, "warn"),
    ('require."four-freedoms/use" = "partial"', {"use": "unknown", "use_possible": ("partial", "met")}, "held"),
    ('require."four-freedoms/use" = "met"', {"use": "unknown", "use_possible": ("unmet", "partial")}, "fail"),
    ('require."four-freedoms/use" = "met"', {"use": "unknown", "use_possible": ("met", "not_applicable")}, "held"),
    ('require."four-freedoms/use" = ["unmet", "met"]', {"use": "partial"}, "fail"),
    # a fact
    ('require."weights.remote_code" = false', {"facts": {"weights.remote_code": False}}, "held"),
    ('require."weights.remote_code" = false', {"facts": {"weights.remote_code": True}}, "fail"),
    ('require."weights.remote_code" = false', {"facts": {"weights.remote_code": None}}, "warn"),
    ('require."weights.remote_code" = false', {}, "warn"),
    ('forbid."weights.remote_code" = true', {"facts": {"weights.remote_code": False}}, "held"),
    ('forbid."weights.remote_code" = true', {"facts": {"weights.remote_code": True}}, "fail"),
    ('forbid."weights.remote_code" = true', {}, "warn"),
    ('require."access.gated" = ["no", "auto"]', {"facts": {"access.gated": "auto"}}, "held"),
    ('require."access.gated" = ["no", "auto"]', {"facts": {"access.gated": "manual"}}, "fail"),
    # a fact of the members of a collection
    ('forbid."dataset.status" = "gated"', {}, "held"),
    ('forbid."dataset.status" = "gated"', {"facts": {"dataset.status a": "available"}}, "held"),
    ('forbid."dataset.status" = "gated"', {"facts": {"dataset.status a": "", "dataset.status b": "gated"}}, "fail"),
    ('forbid."dataset.status" = "gated"', {"facts": {"dataset.status a": None, "dataset.status b": "gated"}}, "fail"),
    ('forbid."dataset.status" = "gated"', {"facts": {"dataset.status a": None}}, "warn"),
    ('forbid."dataset.status" = "gated"', {"facts": {"dataset.stage a": "pre-training"}}, "warn"),
    ('require."dataset.status" = "available"', {"facts": {"dataset.status a": "available"}}, "held"),
    ('require."dataset.status" = "available"', {"facts": {"dataset.status a": "missing"}}, "fail"),
    # numbers, and several values at once
    ('require."documents.subjects" = { at_least = 3 }', {"facts": {"documents.subjects": 3}}, "held"),
    ('require."documents.subjects" = { at_least = 3 }', {"facts": {"documents.subjects": 2}}, "fail"),
    ('require."documents.subjects" = { at_least = 3 }', {"facts": {"documents.subjects": "many"}}, "warn"),
    ('forbid."costs.compute" = { at_least = 1e25 }', {"facts": {"costs.compute": 2e25}}, "fail"),
    ('forbid."costs.compute" = { at_least = 1e25 }', {"facts": {"costs.compute": 2e24}}, "held"),
    ('require."weights.formats" = "safetensors"', {"facts": {"weights.formats": ("pickle", "safetensors")}}, "held"),
    ('forbid."weights.formats" = "pickle"', {"facts": {"weights.formats": ("pickle", "safetensors")}}, "fail"),
    ('forbid."weights.formats" = "pickle"', {"facts": {"weights.formats": ("safetensors",)}}, "held"),
]  # fmt: skip


@pytest.mark.parametrize(("demand", "found", "expected"), KINDS)
def test_a_demand(demand: str, found: dict[str, Any], expected: str, tmp_path: Path) -> None:
    text = f'[rules.r]\nunknown = "warn"\n{demand}\n'
    assert outcome(breaches(policy(tmp_path, text), audit(**found))) == expected
    strict = policy(tmp_path, f"[rules.r]\n{demand}\n")
    assert outcome(breaches(strict, audit(**found))) == {"warn": "fail"}.get(expected, expected)
    lenient = policy(tmp_path, f'[rules.r]\nlevel = "warn"\n{demand}\n')
    assert outcome(breaches(lenient, audit(**found))) == {"fail": "warn"}.get(expected, expected)


LICENCES: list[tuple[str, str | None, str]] = [
    ('allow = ["apache-2.0", "mit"]', "Apache-2.0", "held"),
    ('allow = ["Apache 2.0"]', "Apache-2.0", "held"),
    ('allow = ["MIT"]', "Apache-2.0", "fail"),
    ('allow = ["MIT"]', "none", "fail"),
    ('allow = ["MIT"]', None, "warn"),
    ('deny = ["MIT"]', None, "warn"),
    ('deny = ["MIT"]', "none", "held"),
    ('deny = ["none"]', "none", "fail"),
    ('deny = ["llama*", "CC-BY-NC-*"]', "llama3.1", "fail"),
    ('deny = ["llama*", "cc-by-nc-*"]', "CC-BY-NC-4.0", "fail"),
    ('deny = ["llama*", "CC-BY-NC-*"]', "CC-BY-4.0", "held"),
    ('allow = ["LicenseRef-House"]', "house", "held"),
    ('deny = ["LicenseRef-House"]', "house", "fail"),
    ('deny = ["LicenseRef-House"]', "houses", "held"),
    # of AND both, of OR one
    ('allow = ["Apache-2.0"]', "Apache-2.0 AND gemma", "fail"),
    ('allow = ["Apache-2.0", "gemma"]', "Apache-2.0 AND gemma", "held"),
    ('allow = ["MIT"]', "MIT OR GPL-3.0-only", "held"),
    ('deny = ["gemma"]', "Apache-2.0 AND gemma", "fail"),
    ('deny = ["GPL-3.0-only"]', "MIT OR GPL-3.0-only", "held"),
    ('deny = ["GPL-3.0-only", "MIT"]', "MIT OR GPL-3.0-only", "fail"),
    ('allow = ["MIT"]', "MIT AND (Apache-2.0 OR ISC)", "fail"),
    ('allow = ["MIT", "ISC"]', "MIT AND (Apache-2.0 OR ISC)", "held"),
    # an exception only adds; the Commons Clause takes away
    ('allow = ["GPL-2.0-only"]', "GPL-2.0-only WITH Classpath-exception-2.0", "held"),
    ('allow = ["GPL-2.0-only WITH Classpath-exception-2.0"]', "GPL-2.0-only WITH Classpath-exception-2.0", "held"),
    ('allow = ["GPL-2.0-only WITH Classpath-exception-2.0"]', "GPL-2.0-only", "fail"),
    ('deny = ["GPL-2.0-only"]', "GPL-2.0-only WITH Classpath-exception-2.0", "fail"),
    ('allow = ["MIT"]', "MIT WITH Commons-Clause", "fail"),
    ('deny = ["Commons-Clause"]', "MIT WITH Commons-Clause", "fail"),
    # the old form does not tell which of the new ones is meant
    ('allow = ["GPL-3.0"]', "GPL-3.0-or-later", "held"),
    ('deny = ["GPL-3.0"]', "GPL-3.0-only", "fail"),
    ('allow = ["GPL-3.0-only"]', "GPL-3.0", "warn"),
    ('deny = ["GPL-3.0-only"]', "GPL-3.0", "warn"),
    ('deny = ["GPL-3.0-only"]', "GPL-3.0-or-later", "held"),
    ('allow = ["GPL-3.0-only", "GPL-3.0"]', "GPL-3.0", "held"),
    ('deny = ["AGPL-3.0"]', "GPL-3.0-only", "held"),
]


@pytest.mark.parametrize(("listed", "license", "expected"), LICENCES)
def test_licences(listed: str, license: str | None, expected: str, tmp_path: Path) -> None:
    found = policy(tmp_path, f'[rules.r]\nunknown = "warn"\nlicenses.{listed}\n')
    assert outcome(breaches(found, audit({"license.weights": license}))) == expected
    # … and an ancestor's binds as the model's own.
    free = audit({"license.weights": "LicenseRef-none"}, lineage={"far/base": license})
    both = policy(tmp_path, f'[rules.r]\nunknown = "warn"\nlicenses.{listed.replace("[", "[" + FREE, 1)}\n')
    if listed.startswith("allow"):
        assert outcome(breaches(both, free)) == expected
    else:
        assert outcome(breaches(found, free)) == expected


FREE = '"LicenseRef-LicenseRef-none", '


def test_a_licence_in_the_way_is_named_with_its_model(tmp_path: Path) -> None:
    found = policy(tmp_path, '[rules.r]\nlicenses.deny = ["llama3.1"]\n')
    [breach] = breaches(found, audit({"license.weights": "MIT"}, lineage={"far/base": "llama3.1", "x/y": None}))
    assert breach.because == "far/base, which it was made from, is under llama3.1"
    [breach] = breaches(found, audit({"license.weights": "MIT"}, lineage={"far/base": None}))
    assert breach.because == "it could not be told under which licence far/base, which it was made from, is"


def test_what_strangers_wrote_is_cut_short(tmp_path: Path) -> None:
    found = policy(tmp_path, '[rules.r]\nforbid."dataset.status" = "gated"\n')
    many = audit({f"dataset.status {'x' * 3000}\n{n}": "gated" for n in range(9)})
    [breach] = breaches(found, many)
    assert len(breach.because) < 2000
    assert "\n" not in breach.because
    assert breach.because.endswith(" and 6 more") or breach.because.count("gated") == 1


# --------------------------------------------------------------------------- which models


@pytest.mark.parametrize(
    ("which", "name", "counts"),
    [
        ("", ID, True),
        ('models = ["maker/*"]', ID, True),
        ('models = ["MAKER/Mo?el"]', ID, True),
        ('models = ["other/*"]', ID, False),
        ('models = ["other/*", "*"]', ID, True),
        ('models = ["maker"]', ID, False),
        ('models = ["*"]\nexcept = ["maker/*"]', ID, False),
        ('models = ["*"]\nexcept = ["Maker/model-2"]', ID, True),
        ('models = ["old/name"]', "old/name", True),  # renamed since the list was written
        ('models = ["old/name"]', "old/name@main", True),
    ],
)
def test_a_rule_counts_for_the_models_it_names(which: str, name: str, counts: bool, tmp_path: Path) -> None:
    found = policy(tmp_path, f'[rules.r]\n{which}\nrequire.label = "open-source-ai"\n')
    assert bool(breaches(found, audit(), name)) == counts


def test_every_rule_that_names_a_model_counts_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = '[rules.z]\nrequire.label = "open-source-ai"\nforbid."weights.present" = true\n'
    text += '[rules.a]\nlevel = "warn"\nrequire.label = "open-source-ai"\n'
    text += 'licenses.allow = ["MIT"]\nlicenses.deny = ["MIT"]\n'
    found = breaches(policy(tmp_path, text), audit({"weights.present": True, "license.weights": "MIT"}))
    assert [(one.rule, one.level) for one in found] == [
        ("z/label", "fail"), ("z/forbid/weights.present", "fail"), ("a/label", "warn"), ("a/licenses/deny", "warn"),
    ]  # fmt: skip


def test_a_row_says_what_it_was_held_to_whether_it_keeps_it_or_not(tmp_path: Path) -> None:
    text = '[rules.all]\nrequire.label = "not-released"\n'
    text += '[rules.mine]\nmodels = ["maker/*"]\nrequire.label = "open-source-ai"\n'
    found = policy(tmp_path, text)
    mine, other = found.apply(row(audit())), found.apply(row(audit(id="other/model")))
    assert [one.rule for one in mine.breaches] == ["mine/label"]
    assert (mine.asked, other.asked) == (("all/label", "mine/label"), ("all/label",))


def test_the_same_policy_and_audit_give_the_same_and_the_audit_stays_as_it_is(tmp_path: Path) -> None:
    found = policy(tmp_path, '[rules.r]\nrequire.label = "open-source-ai"\nlicenses.deny = ["gemma"]\n')
    one = audit({"license.weights": "gemma"})
    before = one.to_json()
    first = found.apply(row(one))
    assert len(first.breaches) == 2
    assert found.apply(first) == first == found.apply(row(one))
    assert first.audit is one
    assert one.to_json() == before


def test_a_model_that_was_not_audited_breaks_nothing(tmp_path: Path) -> None:
    found = policy(tmp_path, '[rules.r]\nrequire.label = "open-source-ai"\n')
    assert found.apply(row(None)) == row(None)


# --------------------------------------------------------------------------- exemptions

RULE = '[rules.r]\nrequire.label = "open-source-ai"\nrequire."weights.present" = true\n'


def exempt(until: str = "2026-07-01", model: str = ID, rule: str = "r/label") -> str:
    return f'[[exemptions]]\nmodel = "{model}"\nrule = "{rule}"\nreason = "Why."\nauthor = "ada"\nuntil = {until}\n'


BROKEN = audit({"weights.present": False})
SHOWN = Exemption("Why.", "ada", "2026-07-01")


def test_an_exemption_lets_one_breach_stand_and_shows_it(tmp_path: Path) -> None:
    label, weights = breaches(policy(tmp_path, RULE + exempt()), BROKEN)
    assert (label.exempt, label.fails, label.level) == (SHOWN, False, "fail")
    assert (weights.exempt, weights.fails) == (None, True)


@pytest.mark.parametrize(
    ("model", "rule", "covered"),
    [
        (ID, "r", 2),
        ("Maker/*", "r", 2),
        ("maker/*", "r/weights.present", 1),
        ("other/*", "r", 0),
    ],
)
def test_an_exemption_covers_a_rule_or_one_demand(model: str, rule: str, covered: int, tmp_path: Path) -> None:
    found = breaches(policy(tmp_path, RULE + exempt(model=model, rule=rule)), BROKEN)
    assert len(found) == 2
    assert sum(one.exempt is not None for one in found) == covered


def test_an_exemption_counts_up_to_its_day_and_then_no_more(tmp_path: Path) -> None:
    text = RULE + exempt()
    for day, counts in ((date(2026, 6, 30), True), (date(2026, 7, 1), True), (date(2026, 7, 2), False)):
        found = policy(tmp_path, text, day)
        assert (breaches(found, BROKEN)[0].exempt is not None) == counts
        said = [
            f"{tmp_path}/openaudit.toml: the exemption of {ID} from r/label ran out on 2026-07-01, and counts no more"
        ]
        assert found.notices == (() if counts else tuple(said))


def test_without_a_day_it_is_today(tmp_path: Path) -> None:
    policy(tmp_path, RULE)
    found = load(tmp_path / "openaudit.toml", rubrics())
    assert found is not None
    assert abs((found.today - datetime.now(UTC).date()).days) <= 1


def test_an_exemption_that_nothing_needs_is_told_after_the_run(tmp_path: Path) -> None:
    found = policy(tmp_path, RULE + exempt() + exempt(model="gone/model") + exempt("2026-06-01", model="old/model"))
    where = f"{tmp_path}/openaudit.toml: "
    [old] = found.notices
    assert "old/model" in old
    gone = f"{where}nothing needs the exemption of gone/model from r/label: no such model is in this run"
    kept = f"{where}nothing needs the exemption of {ID} from r/label: it is not broken"
    good = audit({"weights.present": True}, label="open-source-ai")
    broken, fine, lost = found.apply(row(BROKEN)), found.apply(row(good)), row(None)
    assert found.told([broken]) == (old, gone)
    assert found.told([fine]) == (old, kept, gone)
    assert found.told([fine, broken]) == (old, gone)
    assert found.told([lost]) == (old, gone)  # it could not be audited: nobody knows
    assert found.told([fine], part=True) == (old, kept)
    assert found.told([], part=True) == (old,)


# --------------------------------------------------------------------------- where it is looked for


def test_a_policy_is_found_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(None, rubrics()) is None
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert load(None, rubrics()) is None
    below = RULE.replace("[rules.r]", "[tool.openaudit.rules.r]") + exempt().replace("[[", "[[tool.openaudit.")
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1\n" + below)
    found = load(None, rubrics(), TODAY)
    assert found is not None
    assert (found.name, len(found.checks), len(found.waivers)) == ("pyproject.toml", 2, 1)
    (tmp_path / "openaudit.toml").write_text('[rules.r]\nrequire.label = "open-weights"\n')
    found = load(None, rubrics())
    assert found is not None
    assert (found.name, len(found.checks)) == ("openaudit.toml", 1)


def test_a_project_that_is_wrong_is_told_and_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.other\n")
    with pytest.raises(PolicyError, match=r"^pyproject.toml:1: not TOML"):
        load(None, rubrics())
    (tmp_path / "pyproject.toml").write_text("\n[tool.openaudit.rules.r]\nrequire.lable = 'x'\n")
    with pytest.raises(PolicyError, match=r"^pyproject.toml:3: tool.openaudit.rules.r.require.lable: .*'label'\?"):
        load(None, rubrics())
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    with pytest.raises(PolicyError, match=r"there is no table \[tool.openaudit\]"):
        load(Path("pyproject.toml"), rubrics())


# --------------------------------------------------------------------------- mistakes

MISTAKES = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_file_line_key_and_the_right_name(name: str, tmp_path: Path) -> None:
    one = MISTAKES[name]
    with pytest.raises(PolicyError) as caught:
        policy(tmp_path, one["file"])
    line = 1 + next((n for n, text in enumerate(one["file"].splitlines()) if text.endswith("# here")), 0)
    assert str(caught.value) == f"{tmp_path}/openaudit.toml:{line}: {one['says']}"
    assert caught.value.advice
    assert caught.value.exit_code == 2


# --------------------------------------------------------------------------- any bytes

_words = st.sampled_from(
    'rules exemptions baseline require forbid licenses allow deny level unknown models except label "label" '
    "r . = [ ] [[ ]] { } , \n \n \n true 3 1979-05-27 'x' \"open-weights\" 'fail' ['MIT'] \"weights.remote_code\" "
    '"dataset.status" full-data "four-freedoms/use" "met" model rule reason author until at_least # \''.split(" ")
)


@settings(deadline=None, max_examples=400)
@given(st.binary(max_size=80) | st.lists(_words, max_size=30).map(lambda words: " ".join(words).encode()))
def test_any_bytes_are_a_policy_or_an_error_of_one_line(tmp_path_factory: Any, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "openaudit.toml"
    path.write_bytes(raw)
    try:
        found = load(path, rubrics(), TODAY)
    except PolicyError as problem:
        said = str(problem)
    else:
        assert found is not None
        assert found.checks
        return
    assert said.startswith(f"{path}:")
    assert "\n" not in said


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.dates(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=4,
)
_whats = st.sampled_from([*vocabulary(), "label", "openwashing", "four-freedoms/use", "full-data", "nonsense", "a.b"])


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(["require", "forbid"]), _whats, _anything)
def test_any_value_is_a_demand_or_a_mistake(tmp_path_factory: Any, where: str, what: str, value: Any) -> None:
    from openaudit.files.tomlfile import TomlFile
    from openaudit.policy.file import POLICY
    from openaudit.policy.reading import read_policy

    file = TomlFile(POLICY, tmp_path_factory.mktemp("any") / "x.toml", {"rules": {"r": {where: {what: value}}}}, {})
    try:
        checks, _ = read_policy(file, rubrics())
    except PolicyError:
        return
    [check] = checks
    if fact := vocabulary().get(what):
        # What may be demanded of a fact can be asked of whatever was found.
        for found in (None, True, 0, 1.5, "none", ("a", "b")):
            check.demand.shortfall(audit({f"{what} a" if fact.per else what: found}))


# --------------------------------------------------------------------------- the starter, and editors


def test_the_starter_is_right_and_says_what_it_asks(tmp_path: Path) -> None:
    found = policy(tmp_path, starter())
    assert {check.rule.level for check in found.checks} == {"fail", "warn"}
    assert all(check.rule.about for check in found.checks)
    commented = starter().replace("# [[", "[[")
    for key in ("model", "rule", "reason", "author", "until"):
        commented = commented.replace(f"# {key} =", f"{key} =")
    assert len(policy(tmp_path, commented).waivers) == 1  # the example in its comments is right, too


def editors() -> Draft202012Validator:
    made = schema(rubrics(), vocabulary())
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def as_json(text: str) -> Any:
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def test_editors_take_what_is_right() -> None:
    fits = editors()
    for text in (starter(), RULE + exempt(), *(f"[rules.r]\n{demand}\n" for demand, _, _ in KINDS)):
        assert [error.message for error in fits.iter_errors(as_json(text))] == [], text


@pytest.mark.parametrize("name", [name for name, one in MISTAKES.items() if one.get("editors_see_it", True)])
def test_editors_see_a_mistake_too(name: str) -> None:
    assert not editors().is_valid(as_json(MISTAKES[name]["file"]))
