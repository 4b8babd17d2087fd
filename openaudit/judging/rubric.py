"""The schema of a rubric file, and its loader.

A rubric is data in plain words: criteria, each a list of levels read from top to bottom. The first level whose
condition holds gives the outcome, the reason and the remedy.

The loader checks a file against the vocabulary of facts that the probes publish, so that a misspelt fact, value or
placeholder is an error that names file, line and key, never a criterion that silently cannot be met.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Field, ValidationError, model_validator

from openaudit.errors import RubricError
from openaudit.evidence import Fact
from openaudit.files.mistakes import Misplaced, in_words, near, shown
from openaudit.files.plainyaml import Where, read
from openaudit.judging.conditions import (
    OPERATORS,
    Ancestors,
    Asked,
    Condition,
    CriteriaAre,
    CriterionIs,
    Every,
    FactIs,
    Number,
    Scored,
    Some,
    Strict,
    VerdictIs,
    apart,
    walk,
)
from openaudit.judging.questions import Questions

Role = Literal["label", "freedoms", "data", "openwashing"]
Worded = Literal["met", "partial", "unmet", "unknown"]
Text = Annotated[str, Field(pattern=r"\S")]
Link = Annotated[str, Field(pattern=r"^https://")]

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ASIDE = re.compile(r"\s*\([^()]*\{[^()]*\)|\s*:\s*\{which\}")
_OWN_PLACEHOLDERS: dict[str, tuple[type[Strict], ...]] = {"model": (), "which": (Every, Some), "where": (Ancestors,)}


def in_general(text: str) -> str:
    """A text of a rubric on one line, before any model: without asides on one, and … for what a report fills in."""
    return " ".join(PLACEHOLDER.sub("…", _ASIDE.sub("", text)).split())


class Reference(Strict):
    """Where a demand comes from: the clause and a link to it."""

    clause: Text
    url: Link


class Level(Strict):
    """One answer of a criterion: its outcome, when it is given, why, and what would change it."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"outcome": {"enum": ["partial", "unmet"]}}},
            "then": {"required": ["remedy"]},
        }
    )

    outcome: Scored
    when: Condition | None = None
    because: Text
    remedy: str = ""
    cite: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _remedy_where_needed(self) -> Level:
        if self.outcome in ("partial", "unmet") and not self.remedy.strip():
            raise Misplaced("a partial or unmet level needs a remedy", "remedy")
        return self


class VerdictLevel(Strict):
    """One overall answer of a rubric, read from the top like a criterion's levels."""

    verdict: Text
    title: Text
    outcome: Scored
    when: Condition | None = None
    because: Text


def _last_is_otherwise(levels: tuple[Level | VerdictLevel, ...], key: str) -> None:
    """What makes a verdict certain to exist: the last level, and only that one, holds otherwise."""
    for i, level in enumerate(levels[:-1]):
        if level.when is None:
            raise Misplaced("without `when` it always holds, and nothing below it is ever read", key, i)
    if levels[-1].when is not None:
        raise Misplaced("the last one is what holds otherwise: it has no `when`", key, len(levels) - 1, "when")


class Criterion(Strict):
    """One question of a rubric. ``levels`` are read from the top; the last one has no ``when``."""

    id: str = Field(pattern=r"^[a-z0-9_]+(-[a-z0-9_]+)*$")
    title: Text
    question: Text
    why: Text
    source: Reference
    weight: Number = Field(1, gt=0)
    words: Mapping[Worded, str] = Field(
        default_factory=dict, json_schema_extra={"propertyNames": {"enum": list(get_args(Worded))}}
    )
    levels: tuple[Level, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _complete(self) -> Criterion:
        _last_is_otherwise(self.levels, "levels")
        return self

    @cached_property
    def questions(self) -> Questions:
        """What its levels ask of each fact."""
        return Questions(*([one.when for one in levels if one.when] for levels in (self.levels, self.to_met)))

    @cached_property
    def to_met(self) -> tuple[Level, ...]:
        """Its levels down to the last ``met`` one: what stands below has no say in whether it is met."""
        met = [i for i, level in enumerate(self.levels, start=1) if level.outcome == "met"]
        return self.levels[: met[-1]] if met else ()


class Origin(Strict):
    """The text a rubric puts into practice."""

    title: Text
    url: Link
    version: Text
    date: str = ""


class Rubric(Strict):
    """One rubric file. ``role`` says which place of the report it fills; most rubrics have none."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    version: Text
    title: Text
    about: Text
    source: Origin
    role: Role | None = None
    note: str = ""
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    verdicts: tuple[VerdictLevel, ...] = Field(min_length=1)
    sha256: str = Field("", exclude=True)

    @model_validator(mode="after")
    def _complete(self) -> Rubric:
        ids: set[str] = set()
        for i, criterion in enumerate(self.criteria):
            if criterion.id in ids:
                raise Misplaced(f"there already is a criterion {criterion.id!r}", "criteria", i, "id")
            ids.add(criterion.id)
        _last_is_otherwise(self.verdicts, "verdicts")
        return self

    @property
    def needs(self) -> frozenset[str]:
        """Ids of the rubrics whose verdicts this one asks for."""
        asked = (one.condition for one in conditions(self))
        return frozenset(condition.verdict_of for condition in asked if isinstance(condition, VerdictIs))


def conditions(rubric: Rubric) -> Iterator[Asked]:
    """Every condition of a rubric with where it stands, nested ones included."""
    for where, level in _levels(rubric):
        if level.when is not None:
            yield from walk(Asked((*where, "when"), level.when))


def _levels(rubric: Rubric) -> Iterator[tuple[Where, Level | VerdictLevel]]:
    for i, criterion in enumerate(rubric.criteria):
        for j, level in enumerate(criterion.levels):
            yield ("criteria", i, "levels", j), level
    for i, verdict in enumerate(rubric.verdicts):
        yield ("verdicts", i), verdict


# --------------------------------------------------------------------------- loading


def load(path: Path, vocabulary: Mapping[str, Fact]) -> Rubric:
    """Reads and checks one rubric file. Raises RubricError naming file, line and key.

    A rubric whose verdict it asks for is one of the shipped ones, or stands beside it in a file named after its id.
    """
    file = read(path)
    try:
        rubric = Rubric.model_validate(file.data)
    except ValidationError as problem:
        # A misspelt key is missing under its right name, too: what stands there says more than what does not. And a
        # list with a wrong part is too short as well.
        rank = {"extra_forbidden": 0, "too_short": 2}
        wrong = [
            (rank.get(error["type"], 1), *in_words(error, file.data, _KEYS, OPERATORS)) for error in problem.errors()
        ]
        _, where, message = min(wrong, key=lambda one: (one[0], file.line(one[1])))
        raise file.error(where, message) from problem
    if "sha256" in file.data:  # it is worked out, and not for a file to say
        raise file.error(("sha256",), "there is no such key here")
    for where, message in _wrong_words(rubric, path, vocabulary):
        raise file.error(where, message)
    return rubric.model_copy(update={"sha256": hashlib.sha256(file.raw).hexdigest()})


_KEYS = {
    field.alias or name
    for kind in Strict.__subclasses__()
    for name, field in kind.model_fields.items()
    if name != "sha256"
}


def _wrong_words(rubric: Rubric, path: Path, vocabulary: Mapping[str, Fact]) -> Iterator[tuple[Where, str]]:
    """Facts, values, collections, criteria, rubrics and placeholders that do not exist, with where they stand."""
    collections = {fact.per for fact in vocabulary.values() if fact.per}
    criteria = {criterion.id for criterion in rubric.criteria}
    everything = list(conditions(rubric))
    known = shipped() | {other.stem: other for other in path.parent.glob("*.yaml")}
    needs = rubric.needs
    others = {name: _verdicts(other) if name in needs else None for name, other in known.items()}
    for asked in everything:
        where, condition = asked.where, asked.condition
        match condition:
            case FactIs():
                yield from _wrong_fact(asked, vocabulary)
            case Every(every=name) | Some(some=name) if name not in collections:
                key = "every" if isinstance(condition, Every) else "some"
                yield (*where, key), f"there is no collection {name!r}{near(name, collections)}"
            case CriterionIs() | CriteriaAre():
                key = "criterion" if isinstance(condition, CriterionIs) else "criteria"
                if where[0] != "verdicts":
                    yield (*where, key), "criteria can be asked about in verdicts only"
                if asked.depth:
                    yield (*where, key), "criteria are of this model: they cannot be asked of its parts or ancestors"
                if isinstance(condition, CriterionIs) and (name := condition.criterion) not in criteria:
                    yield (*where, key), f"this rubric has no criterion {name!r}{near(name, criteria)}"
            case VerdictIs():
                if asked.depth:
                    message = "a verdict is of this model: it cannot be asked of its parts or ancestors"
                    yield (*where, "verdict_of"), message
                yield from _wrong_verdict(where, condition, rubric, others)
    for where, level in _levels(rubric):
        yield from _wrong_text(where, level, everything, vocabulary)


def _wrong_fact(asked: Asked, vocabulary: Mapping[str, Fact]) -> Iterator[tuple[Where, str]]:
    where, condition = asked.where, asked.condition
    fact = vocabulary.get(condition.fact)
    if fact is None:
        yield (*where, "fact"), f"there is no fact {condition.fact!r}{near(condition.fact, vocabulary)}"
        return
    if fact.per and fact.per != asked.member_of:
        ask = f"ask it inside `every: {fact.per}` or `some: {fact.per}`"
        yield (*where, "fact"), f"{fact.name} is told of each {fact.per}: {ask}"
    if "*" in fact.says:
        return
    if condition.includes is not None or condition.at_least is not None:
        key = "includes" if condition.includes is not None else "at_least"
        yield (*where, key), f"{fact.name} is one of {_listed(fact)}: ask it with is or in"
    for i, one in enumerate(condition.values):
        if apart(one) not in map(apart, fact.says):
            message = f"{fact.name} is never {shown(one)}; it is one of {_listed(fact)}{near(one, fact.says)}"
            yield (*where, *_test(condition, i)), message


def _test(condition: FactIs | VerdictIs, i: int) -> Where:
    return ("is",) if condition.in_ is None else ("in", i)


def _listed(fact: Fact) -> str:
    return ", ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in fact.says)


def _wrong_verdict(
    where: Where, condition: VerdictIs, rubric: Rubric, others: Mapping[str, tuple[str, ...] | None]
) -> Iterator[tuple[Where, str]]:
    name = condition.verdict_of
    if name == rubric.id:
        yield (*where, "verdict_of"), "a rubric cannot ask for its own verdict"
    elif name not in others:
        yield (*where, "verdict_of"), f"no rubric {name!r} is shipped or stands beside this file{near(name, others)}"
    elif verdicts := others[name]:
        for i, one in enumerate(condition.in_ or (condition.is_,)):
            if one not in verdicts:
                given = f"it gives {', '.join(verdicts)}{near(one, verdicts)}"
                yield (*where, *_test(condition, i)), f"{name} never gives the verdict {one!r}; {given}"


def _verdicts(path: Path) -> tuple[str, ...] | None:
    """The verdicts that another rubric gives. One that is wrong is not this file's fault: its own check says so."""
    try:
        return tuple(str(level["verdict"]) for level in read(path).data["verdicts"])
    except (RubricError, LookupError, TypeError):
        return None


def _wrong_text(
    where: Where, level: Level | VerdictLevel, everything: list[Asked], vocabulary: Mapping[str, Fact]
) -> Iterator[tuple[Where, str]]:
    """Words that nothing would fill, and citations of facts that do not exist."""
    for i, fact in enumerate(level.cite if isinstance(level, Level) else ()):
        if fact not in vocabulary:
            yield (*where, "cite", i), f"there is no fact {fact!r}{near(fact, vocabulary)}"
    for key, text in (("because", level.because), ("remedy", level.remedy if isinstance(level, Level) else "")):
        for name in PLACEHOLDER.findall(text):
            if needed := _OWN_PLACEHOLDERS.get(name):
                # The last level is what remains of those above it: their conditions fill its words.
                own = (*where, "when") if level.when is not None else where[:-1]
                if not any(isinstance(one.condition, needed) for one in everything if one.where[: len(own)] == own):
                    words = " or ".join(next(op for op, kind in OPERATORS.items() if kind is one) for one in needed)
                    yield (*where, key), f"nothing fills {{{name}}}: there is no {words} in what this level asks"
            elif name not in vocabulary and name not in _OWN_PLACEHOLDERS:
                yield (*where, key), f"nothing fills {{{name}}}{near(name, [*vocabulary, *_OWN_PLACEHOLDERS])}"


def shipped() -> dict[str, Path]:
    """The rubrics that come with openaudit, by file stem: the packaged folder, else the repository's."""
    here = Path(__file__).parent.parent
    folder = here / "_rubrics" if (here / "_rubrics").is_dir() else here.parent / "rubrics"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def schema(vocabulary: Mapping[str, Fact]) -> dict[str, Any]:
    """The JSON Schema of a rubric file, for editors, with facts, their values and collections to choose from."""
    condition = {"oneOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in OPERATORS.values()]}
    found: dict[str, Any] = short_schema(Rubric.model_json_schema(by_alias=True), condition)
    parts = found["$defs"] | {"Condition": condition}
    del found["properties"]["sha256"]
    parts["FactIs"]["properties"]["fact"]["enum"] = sorted(vocabulary)
    parts["FactIs"]["allOf"] = [_values(fact) for _, fact in sorted(vocabulary.items()) if "*" not in fact.says]
    for kind, key in (("Every", "every"), ("Some", "some")):
        parts[kind]["properties"][key]["enum"] = sorted({fact.per for fact in vocabulary.values() if fact.per})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | found | {"$defs": dict(sorted(parts.items()))}


def short_schema(part: Any, condition: Mapping[str, Any] | None = None) -> Any:
    """Pydantic's schema without what says nothing: titles made of names, null where a key is just left out, repeats.

    ``condition`` is the schema that stands as ``Condition`` among the definitions.
    """
    if isinstance(part, list):
        return [short_schema(one, condition) for one in part]
    if not isinstance(part, dict):
        return part
    if condition and part.get("oneOf") == condition["oneOf"]:
        return {"$ref": "#/$defs/Condition"}
    found: dict[str, Any] = {}
    for key, value in part.items():
        if (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, "", [], ())):
            continue
        found[key] = short_schema(value, condition)
    if "const" in found:
        found.pop("enum", None)
    kinds = [kind for kind in found.pop("anyOf", ()) if kind != {"type": "null"}]
    found |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {}
    return found


def _values(fact: Fact) -> dict[str, Any]:
    one = {"enum": list(fact.says)}
    then = {"properties": {"is": one, "in": {"items": one}, "includes": False, "at_least": False}}
    return {"if": {"properties": {"fact": {"const": fact.name}}}, "then": then}
