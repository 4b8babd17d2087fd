"""The JSON Schema of a policy file, for editors: what can be demanded, and of which facts and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openaudit.evidence import Fact, Outcome
from openaudit.judging.rubric import Rubric, short_schema
from openaudit.policy.file import Licences, PolicyFile, Rule, Waiver
from openaudit.requirements import LADDERS

_OWN_RUBRICS = "^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9_-]+)?$"  # of which no editor can know what they ask


def schema(rubrics: Sequence[Rubric], vocabulary: Mapping[str, Fact]) -> dict[str, Any]:
    """The schema, with what these rubrics and facts have to choose from."""
    facts = {name: _fact(fact) for name, fact in sorted(vocabulary.items())}
    made = PolicyFile.model_json_schema(by_alias=True)
    found: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | short_schema(made)
    outcomes = {"enum": [outcome.value for outcome in Outcome]}
    found["$defs"]["Outcome"] = _one_or_more(outcomes, "This outcome; partial is met by met, too.")
    rule = found["$defs"][Rule.__name__]
    rule["anyOf"] = [{"required": [key]} for key in ("require", "forbid", "licenses")]
    same = f"#/$defs/{Rule.__name__}/properties/require/properties/"
    refer = {name: {"$ref": same + name} for name in facts}
    rule["properties"]["forbid"] = {"type": "object", "properties": refer, "additionalProperties": False}
    rule["properties"]["require"] = {
        "type": "object",
        "properties": dict(_judged(rubrics)) | facts,
        "patternProperties": {_OWN_RUBRICS: {"type": ["string", "array"]}},
        "additionalProperties": False,
    }
    found["$defs"][Licences.__name__]["anyOf"] = [{"required": ["allow"]}, {"required": ["deny"]}]
    # A day without quotes is no text to TOML; the schema languages of editors see it as one.
    found["$defs"][Waiver.__name__]["properties"]["until"] = {"type": "string", "format": "date"}
    found["properties"]["rules"]["propertyNames"] = {"pattern": "^[A-Za-z0-9_-]+$"}
    return found


def _judged(rubrics: Sequence[Rubric]) -> Iterator[tuple[str, dict[str, Any]]]:
    for rubric in sorted(rubrics, key=lambda one: (one.role not in LADDERS, one.id)):
        verdicts = list(LADDERS.get(rubric.role or "", ())) or list(dict.fromkeys(v.verdict for v in rubric.verdicts))
        if rubric.role in LADDERS:
            yield rubric.role, _one_or_more({"enum": verdicts}, f"{rubric.title}: this rung, or a better one.")
        yield rubric.id, _one_or_more({"enum": verdicts}, rubric.title)
        for criterion in rubric.criteria:
            about = " ".join(criterion.question.split())
            yield f"{rubric.id}/{criterion.id}", {"description": about, "$ref": "#/$defs/Outcome"}


def _fact(fact: Fact) -> dict[str, Any]:
    if "*" not in fact.says:
        return _one_or_more({"enum": list(fact.says)}, fact.asks)
    found = _one_or_more({"type": ["string", "number", "boolean"]}, fact.asks)
    least = {"type": "object", "properties": {"at_least": {"type": "number"}}, "required": ["at_least"]}
    found["anyOf"].append(least | {"additionalProperties": False})
    return found


def _one_or_more(value: dict[str, Any], about: str) -> dict[str, Any]:
    return {"description": " ".join(about.split()), "anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}
