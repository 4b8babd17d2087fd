"""The schema of a rubric file, and its loader.

A rubric is data in plain words: criteria, each a list of levels read from top to bottom. The first level whose
condition holds gives the outcome, the reason and the remedy. Conditions ask about facts with a small closed set of
operators; a fact that could not be told makes a condition neither true nor false.

The loader checks a file against the vocabulary of facts that the probes publish, so that a misspelt fact, value or
placeholder is an error that names file, line and key, never a criterion that silently cannot be met.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator

from openaudit.errors import RubricError
from openaudit.evidence import Fact

Role = Literal["label", "freedoms", "data", "openwashing"]
Scored = Literal["met", "partial", "unmet", "not_applicable"]
Scalar = bool | int | float | str

PLACEHOLDER = re.compile(r"\{([a-z0-9_.-]+)\}")
_OWN_PLACEHOLDERS = frozenset({"model", "which", "where"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FactIs(_Strict):
    """Asks one fact: it ``is`` a value, is one ``in`` several, ``includes`` a value, or is ``at_least`` a number."""

    fact: str
    is_: Scalar | None = Field(None, alias="is")
    in_: tuple[Scalar, ...] | None = Field(None, alias="in", min_length=1)
    includes: str | None = None
    at_least: float | None = None

    @model_validator(mode="after")
    def _one_test(self) -> FactIs:
        if sum(test is not None for test in (self.is_, self.in_, self.includes, self.at_least)) != 1:
            raise ValueError("say exactly one of is, in, includes, at_least")
        return self


class All(_Strict):
    """Every one of these conditions holds."""

    all: tuple[Condition, ...] = Field(min_length=1)


class Any_(_Strict):
    """At least one of these conditions holds."""

    any: tuple[Condition, ...] = Field(min_length=1)


class Not(_Strict):
    """This condition does not hold."""

    not_: Condition = Field(alias="not")


class Every(_Strict):
    """The condition ``that`` holds for every member of a collection (of those ``where`` holds for)."""

    every: str
    where: Condition | None = None
    that: Condition


class Some(_Strict):
    """The condition ``that`` holds for at least one member of a collection (of those ``where`` holds for)."""

    some: str
    where: Condition | None = None
    that: Condition


class Lineage(_Strict):
    """The condition holds for this model and for every model it was made from."""

    lineage: Condition


class CriterionIs(_Strict):
    """Asks the outcome of a criterion of this rubric (in ``verdicts`` only)."""

    criterion: str
    is_: Scored | None = Field(None, alias="is")
    in_: tuple[Scored, ...] | None = Field(None, alias="in", min_length=1)

    @model_validator(mode="after")
    def _one_test(self) -> CriterionIs:
        if (self.is_ is None) == (self.in_ is None):
            raise ValueError("say exactly one of is, in")
        return self


class CriteriaAre(_Strict):
    """Every criterion of this rubric that applies has this outcome (in ``verdicts`` only)."""

    criteria: Literal["all"]
    are: Scored


class VerdictIs(_Strict):
    """Asks the verdict that another rubric gave."""

    verdict_of: str
    is_: str | None = Field(None, alias="is")
    in_: tuple[str, ...] | None = Field(None, alias="in", min_length=1)

    @model_validator(mode="after")
    def _one_test(self) -> VerdictIs:
        if (self.is_ is None) == (self.in_ is None):
            raise ValueError("say exactly one of is, in")
        return self


_OPERATORS: dict[str, type[_Strict]] = {
    "fact": FactIs,
    "all": All,
    "any": Any_,
    "not": Not,
    "every": Every,
    "some": Some,
    "lineage": Lineage,
    "criterion": CriterionIs,
    "criteria": CriteriaAre,
    "verdict_of": VerdictIs,
}


def _operator(value: object) -> str | None:
    if isinstance(value, Mapping):
        return next((name for name in _OPERATORS if name in value), None)
    return next((name for name, kind in _OPERATORS.items() if isinstance(value, kind)), None)


Condition = Annotated[
    Annotated[FactIs, Tag("fact")]
    | Annotated[All, Tag("all")]
    | Annotated[Any_, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Every, Tag("every")]
    | Annotated[Some, Tag("some")]
    | Annotated[Lineage, Tag("lineage")]
    | Annotated[CriterionIs, Tag("criterion")]
    | Annotated[CriteriaAre, Tag("criteria")]
    | Annotated[VerdictIs, Tag("verdict_of")],
    Discriminator(
        _operator,
        custom_error_type="operator",
        custom_error_message="a condition needs one of: " + ", ".join(_OPERATORS),
    ),
]


class Reference(_Strict):
    """Where a demand comes from: the clause and a link to it."""

    clause: str
    url: str = Field(pattern=r"^https://")


class Level(_Strict):
    """One answer of a criterion: its outcome, when it is given, why, and what would change it."""

    outcome: Scored
    when: Condition | None = None
    because: str
    remedy: str = ""
    cite: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _remedy_where_needed(self) -> Level:
        if self.outcome in ("partial", "unmet") and not self.remedy:
            raise ValueError("a partial or unmet level needs a remedy")
        return self


class Criterion(_Strict):
    """One question of a rubric. ``levels`` are read from the top; the last one has no ``when``."""

    id: str = Field(pattern=r"^[a-z0-9_]+(-[a-z0-9_]+)*$")
    title: str
    question: str
    why: str
    source: Reference
    weight: float = Field(1, gt=0)
    words: Mapping[Literal["met", "partial", "unmet", "unknown"], str] = Field(default_factory=dict)
    levels: tuple[Level, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _last_is_otherwise(self) -> Criterion:
        if [level.when is None for level in self.levels].index(True) != len(self.levels) - 1:
            raise ValueError("only the last level has no `when`: it is what holds otherwise")
        return self


class VerdictLevel(_Strict):
    """One overall answer of a rubric, read from the top like a criterion's levels."""

    verdict: str
    title: str
    outcome: Scored
    when: Condition | None = None
    because: str


class Origin(_Strict):
    """The text a rubric puts into practice."""

    title: str
    url: str = Field(pattern=r"^https://")
    version: str
    date: str = ""


class Rubric(_Strict):
    """One rubric file. ``role`` says which place of the report it fills; most rubrics have none."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    version: str
    title: str
    about: str
    source: Origin
    role: Role | None = None
    note: str = ""
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    verdicts: tuple[VerdictLevel, ...] = Field(min_length=1)
    sha256: str = Field("", exclude=True)

    @model_validator(mode="after")
    def _complete(self) -> Rubric:
        ids = [criterion.id for criterion in self.criteria]
        if twice := next((id for id in ids if ids.count(id) > 1), None):
            raise ValueError(f"criterion {twice!r} stands twice")
        if [level.when is None for level in self.verdicts].index(True) != len(self.verdicts) - 1:
            raise ValueError("only the last verdict has no `when`: it is what holds otherwise")
        return self

    @property
    def needs(self) -> frozenset[str]:
        """Ids of the rubrics whose verdicts this one asks for."""
        return frozenset(c.verdict_of for c in conditions(self) if isinstance(c, VerdictIs))


def conditions(rubric: Rubric) -> Iterator[object]:
    """Every condition of a rubric, nested ones included."""
    todo: list[object] = [level.when for criterion in rubric.criteria for level in criterion.levels]
    todo += [level.when for level in rubric.verdicts]
    while todo:
        condition = todo.pop()
        if condition is None:
            continue
        yield condition
        match condition:
            case All(all=parts) | Any_(any=parts):
                todo.extend(parts)
            case Not(not_=part) | Lineage(lineage=part):
                todo.append(part)
            case Every() | Some():
                todo.extend((condition.where, condition.that))


# --------------------------------------------------------------------------- loading


def load(path: Path, vocabulary: Mapping[str, Fact]) -> Rubric:
    """Reads and checks one rubric file. Raises RubricError naming file, line and key."""
    try:
        raw = path.read_bytes()
        node = yaml.compose(raw.decode("utf-8"), Loader=yaml.SafeLoader)
        data = yaml.safe_load(raw)
    except (OSError, UnicodeDecodeError) as problem:
        raise RubricError(f"{path}: cannot be read: {problem}") from problem
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise RubricError(f"{path}{line}: not YAML: {getattr(problem, 'problem', None) or problem}") from problem
    try:
        rubric = Rubric.model_validate(data)
    except ValidationError as problem:
        error = problem.errors()[0]
        where = [part for part in error["loc"] if part not in _OPERATORS or part in ("any", "all")]
        raise _at(path, node, where, error["msg"].removeprefix("Value error, ")) from problem
    for where, message in _wrong_words(rubric, data, vocabulary):
        raise _at(path, node, where, message)
    return rubric.model_copy(update={"sha256": hashlib.sha256(raw).hexdigest()})


def _at(path: Path, node: yaml.Node | None, where: list[Any], message: str) -> RubricError:
    """The error with the line of the key; a key that is not in the file is placed at its parent."""
    key = ".".join(str(part) for part in where)
    line = 1
    for part in where:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if found is None:
                continue
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return RubricError(f"{path}:{line}: {key or 'rubric'}: {message}", "openaudit rubric check FILE says when it is right.")


def _near(name: str, names: Mapping[str, Any] | set[str]) -> str:
    close = difflib.get_close_matches(name, list(names), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _wrong_words(rubric: Rubric, data: Any, vocabulary: Mapping[str, Fact]) -> Iterator[tuple[list[Any], str]]:
    """Facts, values, collections, criteria and placeholders that do not exist, with where they stand."""
    collections = {fact.per for fact in vocabulary.values() if fact.per}
    criteria = {criterion.id for criterion in rubric.criteria}
    for where, key, value in _walk(data, []):
        inside_verdicts = bool(where) and where[0] == "verdicts"
        parent = _dig(data, where)
        if key == "fact" or (where and where[-1] == "cite"):
            if value not in vocabulary:
                yield [*where, key], f"there is no fact {value!r}{_near(str(value), vocabulary)}"
            elif key == "fact":
                fact = vocabulary[value]
                wanted = [parent["is"]] if "is" in parent else list(parent.get("in", ()))
                for one in wanted:
                    if one not in fact.says and "*" not in fact.says:
                        yield [*where, key], f"{value} is never {one!r}; it is one of {sorted(map(str, fact.says))}"
        elif key in ("every", "some") and value not in collections:
            yield [*where, key], f"there is no collection {value!r}{_near(str(value), collections)}"
        elif key == "criterion" and value not in criteria:
            yield [*where, key], f"this rubric has no criterion {value!r}{_near(str(value), criteria)}"
        elif key in ("because", "remedy"):
            for name in PLACEHOLDER.findall(value):
                if name not in vocabulary and name not in _OWN_PLACEHOLDERS:
                    yield [*where, key], f"nothing fills {{{name}}}{_near(name, vocabulary)}"
        if key in ("criterion", "criteria") and not inside_verdicts and where:
            yield [*where, key], "criteria can be asked about in verdicts only"


def _walk(data: Any, where: list[Any]) -> Iterator[tuple[list[Any], Any, Any]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if isinstance(value, Mapping | list):
                yield from _walk(value, [*where, key])
            if not isinstance(value, Mapping | list) or key == "criteria":
                yield where, key, value
    elif isinstance(data, list):
        for i, value in enumerate(data):
            if isinstance(value, Mapping | list):
                yield from _walk(value, [*where, i])
            else:
                yield where, i, value


def _dig(data: Any, where: list[Any]) -> Mapping[str, Any]:
    for part in where:
        data = data[part]
    return cast("Mapping[str, Any]", data)


def shipped() -> dict[str, Path]:
    """The rubrics that come with openaudit, by file stem: the packaged folder, else the repository's."""
    here = Path(__file__).parent
    folder = here / "_rubrics" if (here / "_rubrics").is_dir() else here.parent / "rubrics"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def schema(vocabulary: Mapping[str, Fact]) -> dict[str, Any]:
    """The JSON Schema of a rubric file, for editors, with the facts to choose from."""
    found = Rubric.model_json_schema(by_alias=True)
    found["properties"].pop("sha256", None)
    found["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    found["$defs"]["FactIs"]["properties"]["fact"]["enum"] = sorted(vocabulary)
    return found
