"""The rubrics that come with openaudit: each answer can be reached, and its words read well when it is."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openaudit.auditing import load_rubrics
from openaudit.evidence import Evidence, Fact, Finding
from openaudit.files.plainyaml import read
from openaudit.judging.change import Wish, least_change
from openaudit.judging.conditions import All, Any_, CriteriaAre, CriterionIs, FactIs, Not
from openaudit.judging.logic import World
from openaudit.judging.questions import ANOTHER
from openaudit.judging.rubric import PLACEHOLDER, Criterion, Rubric, conditions, load, schema, shipped
from openaudit.judging.scoring import score
from openaudit.probes import vocabulary
from openaudit.result import RubricResult

NAMES = list(shipped())
ENOUGH = 8  # models for a level


@cache
def rubric(name: str) -> Rubric:
    return load(shipped()[name], vocabulary())


# --------------------------------------------------------------------------- form


def test_there_are_some() -> None:
    assert len(NAMES) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_it_is_called_what_its_file_is_called(name: str) -> None:
    assert rubric(name).id == name
    assert (
        shipped()[name].read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=rubric.schema.json\n")
    )


def test_no_two_fill_the_same_place_and_none_asks_in_a_circle() -> None:
    roles = [one.role for one in map(rubric, NAMES) if one.role]
    assert sorted(roles) == sorted(set(roles))
    done: set[str] = set()
    for one in load_rubrics():
        assert one.needs <= done
        done.add(one.id)


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_sentences(name: str) -> None:
    one = rubric(name)
    for where, text in _texts(one):
        assert text == " ".join(text.split()), where
        assert text[0].isupper() or text[0] in '{“"', where
        assert text[-1] in ".?!)”", where
        assert len(text) < 420, where
    for criterion in one.criteria:
        assert criterion.question.endswith("?"), criterion.id


def _texts(one: Rubric) -> Iterator[tuple[str, str]]:
    yield from (("about", one.about), ("note", one.note or "None."))
    for criterion in one.criteria:
        yield from ((f"{criterion.id}.question", criterion.question), (f"{criterion.id}.why", criterion.why))
        for i, level in enumerate(criterion.levels):
            yield from (
                (f"{criterion.id}.{i}.because", level.because),
                (f"{criterion.id}.{i}.remedy", level.remedy or "None."),
            )
    for verdict in one.verdicts:
        yield f"verdicts.{verdict.verdict}", verdict.because


# --------------------------------------------------------------------------- for editors


def test_the_schema_for_editors_is_in_step(root: Path) -> None:
    written = json.loads((root / "rubrics" / "rubric.schema.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(schema(vocabulary()))), "run: python scripts/write_rubric_schema.py"


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_for_editors_takes_it(name: str) -> None:
    found: dict[str, Any] = schema(vocabulary())
    Draft202012Validator.check_schema(found)
    assert [error.message for error in Draft202012Validator(found).iter_errors(read(shipped()[name]).data)] == []


# --------------------------------------------------------------------------- reach


@dataclass(frozen=True)
class Answered:
    """A model that one level answers, with everything known of it that the rubric asks."""

    level: str
    model: Evidence
    verdicts: Mapping[str, frozenset[str]]
    result: RubricResult


@cache
def answered(name: str) -> tuple[Answered, ...]:
    """For each level of a rubric (``criterion.0``, ``verdicts.0``) models that it answers, if there can be any."""
    asked = rubric(name)
    dice = random.Random(name)
    found = []
    for level, target in _targets(asked):
        here = 0
        for blank, given in _models(asked):
            wished = least_change(target, World(blank, vocabulary(), verdicts=given))
            if wished is not None:
                model = _filled(_changed(blank, wished), dice)
                found.append(Answered(level, model, given, score(asked, model, vocabulary(), given)))
                here += 1
            if here == ENOUGH:
                break
    return tuple(found)


def _targets(asked: Rubric) -> Iterator[tuple[str, Criterion]]:
    """Each level as a criterion that is met where this level answers."""
    outcomes = {criterion.id: _outcomes(criterion) for criterion in asked.criteria}
    for criterion in asked.criteria:
        for i in range(len(criterion.levels)):
            yield f"{criterion.id}.{i}", _target(criterion, [level.when for level in criterion.levels], i)
    whens = [None if level.when is None else _spelt_out(level.when, outcomes) for level in asked.verdicts]
    for i in range(len(asked.verdicts)):
        yield f"verdicts.{i}", _target(asked.criteria[0], whens, i)


def _target(criterion: Criterion, whens: Sequence[Any], i: int) -> Criterion:
    levels = [
        {"outcome": "met" if n == i else "unmet", "when": when, "because": "-", "remedy": "-"}
        for n, when in enumerate(whens)
    ]
    if len(levels) == 1:
        levels.insert(0, {"outcome": "unmet", "when": {"all": [NEVER]}, "because": "-", "remedy": "-"})
    parts = {key: getattr(criterion, key) for key in ("id", "title", "question", "why", "source")}
    return Criterion.model_validate(parts | {"levels": levels})


NEVER = {"verdict_of": "nobody", "is": "said"}  # stands for what can be neither true nor false: no verdict is given


def _outcomes(criterion: Criterion) -> dict[str, Any]:
    """For each outcome the condition, in facts only, under which the criterion has it."""
    found: dict[str, list[Any]] = {}
    above: list[Any] = []
    for level in criterion.levels:
        here = [*above, *([level.when] if level.when is not None else [])]
        found.setdefault(level.outcome, []).append({"all": here})
        if level.when is not None:
            above.append({"not": level.when})
    return {outcome: {"any": ways} for outcome, ways in found.items()}


def _spelt_out(condition: Any, outcomes: Mapping[str, dict[str, Any]]) -> Any:
    """A verdict's condition with facts in place of criteria."""
    match condition:
        case All(all=parts):
            return {"all": [_spelt_out(part, outcomes) for part in parts]}
        case Any_(any=parts):
            return {"any": [_spelt_out(part, outcomes) for part in parts]}
        case Not(not_=part):
            return {"not": _spelt_out(part, outcomes)}
        case CriterionIs(criterion=id):
            return _either([ways for outcome, ways in outcomes[id].items() if outcome in condition.values])
        case CriteriaAre(are=are):
            fine = [
                [ways for outcome, ways in one.items() if outcome in (are, "not_applicable")]
                for one in outcomes.values()
            ]
            return {"all": [_either(ways) for ways in fine]}
    return condition


def _either(ways: list[Any]) -> Any:
    return {"any": ways} if ways else NEVER


def _models(asked: Rubric) -> Iterator[tuple[Evidence, dict[str, frozenset[str]]]]:
    """Models of which nothing is known but how many parts and ancestors they have, with other rubrics' verdicts."""
    facts = _facts_of(asked)
    parts = sorted({fact.per for fact in facts.values() if fact.per})
    others = sorted(asked.needs)
    verdicts = [sorted({level.verdict for level in rubric(other).verdicts}) for other in others]
    shapes = itertools.product(*([(1, 0, 2)] * len(parts)), (0, 1), *verdicts)
    for shape in shapes:
        members = dict(zip(parts, shape, strict=False))
        bases = [_blank(f"base/{n}", facts, members) for n in range(shape[len(parts)])]
        given = {other: frozenset({verdict}) for other, verdict in zip(others, shape[len(parts) + 1 :], strict=True)}
        yield _blank("maker/model", facts, members, bases), given


def _blank(id: str, facts: Mapping[str, Fact], members: Mapping[str, int], bases: Sequence[Evidence] = ()) -> Evidence:
    findings = []
    for name, fact in facts.items():
        of = [f"a-{fact.per}-{n}" for n in range(members[fact.per])] if fact.per else [""]
        findings += [Finding(name, None, about=about) for about in of]
    return Evidence(id, tuple(findings), tuple(bases))


def _changed(model: Evidence, wished: Sequence[Wish]) -> Evidence:
    values = {(one.model, one.finding.fact, one.finding.about): one.value for one in wished}

    def change(one: Evidence) -> Evidence:
        findings = (replace(f, value=values.get((one.id, f.fact, f.about), f.value)) for f in one.findings)
        bases = tuple(change(base) for base in one.ancestors if isinstance(base, Evidence))
        return Evidence(one.id, tuple(findings), bases)

    return change(model)


def _filled(model: Evidence, dice: random.Random) -> Evidence:
    """The model with everything else known, too: any value will do."""

    def known(finding: Finding) -> Finding:
        if finding.value is not None:
            return finding if finding.value != ANOTHER else replace(finding, value=f"some-{finding.fact}")
        says = [value for value in vocabulary()[finding.fact].says if value not in ("*", "none")]
        return replace(finding, value=dice.choice(says or [f"some-{finding.fact}"]))

    bases = tuple(_filled(base, dice) for base in model.ancestors if isinstance(base, Evidence))
    return Evidence(model.id, tuple(map(known, model.findings)), bases)


def _facts_of(asked: Rubric) -> dict[str, Fact]:
    """The facts that a rubric asks for, or puts into its words."""
    names = {one.condition.fact for one in conditions(asked) if isinstance(one.condition, FactIs)}
    for _, text in _texts(asked):
        names |= set(PLACEHOLDER.findall(text)) & vocabulary().keys()
    return {name: vocabulary()[name] for name in sorted(names)}


@pytest.mark.parametrize("name", NAMES)
def test_every_level_can_be_reached(name: str) -> None:
    asked = rubric(name)
    reached = {one.level for one in answered(name)}
    # What holds otherwise has to stand there even where the levels above it leave nothing over.
    last = {f"{criterion.id}.{len(criterion.levels) - 1}" for criterion in asked.criteria}
    dead = {level for level, _ in _targets(asked)} - reached - last
    assert sorted(dead) == []


@pytest.mark.parametrize("name", NAMES)
def test_words_are_filled(name: str) -> None:
    wrong = set()
    for one in answered(name):
        criterion, _, n = one.level.rpartition(".")
        part = one.result.criteria.get(criterion, one.result)
        levels = {criterion.id: criterion.levels for criterion in rubric(name).criteria}.get(
            criterion, rubric(name).verdicts
        )
        assert part.outcome == levels[int(n)].outcome, one.level
        for text in (part.because, getattr(part, "remedy", "")):
            if re.search(
                r"\bunknown\b|[{}]|\(none\)|: none\b|\bNone\b(?! of)|not named\b.*not named|  | [.,;]|\.\.|can't tell",
                text,
            ):
                wrong.add(f"{one.level}: {text}")
    assert sorted(wrong) == []


@pytest.mark.parametrize("name", NAMES)
def test_of_what_nobody_looked_at_nothing_is_said(name: str) -> None:
    asked = rubric(name)
    facts = _facts_of(asked)
    result = score(asked, _blank("maker/model", facts, {fact.per: 1 for fact in facts.values()}), vocabulary())
    assert {id: one.outcome.value for id, one in result.criteria.items() if one.outcome != "unknown"} == {}
    assert result.verdict == "unknown"


@pytest.mark.parametrize("name", NAMES)
def test_what_would_change_it_is_said_and_would(name: str) -> None:
    asked = rubric(name)
    for one in answered(name):
        criterion = next((criterion for criterion in asked.criteria if one.level.startswith(f"{criterion.id}.")), None)
        if criterion is None:
            continue
        changes = one.result.criteria[criterion.id].change
        assert not any(re.search(r"[{}]|\bNone\b", change.says) for change in changes)
        wished = least_change(criterion, World(one.model, vocabulary(), verdicts=one.verdicts))
        if changes and wished:
            after = score(asked, _changed(one.model, wished), vocabulary(), one.verdicts)
            assert after.criteria[criterion.id].outcome == "met"
