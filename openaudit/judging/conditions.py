"""What a rubric may ask: a small closed set of conditions over facts, and nothing else.

A condition is true, false, or cannot be told. ``logic`` answers conditions; here is only their form, so that a rubric
file can be checked before anything is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from openaudit.evidence import Value

Scored = Literal["met", "partial", "unmet", "not_applicable"]
Scalar = bool | int | float | str
Number = Annotated[float, Field(strict=True)]


class Strict(BaseModel):
    """A part of a rubric file: no key that is not named here, and nothing changed once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_of(*tests: str) -> ConfigDict:
    return ConfigDict(json_schema_extra={"oneOf": [{"required": [test]} for test in tests]})


class FactIs(Strict):
    """Asks one fact: it ``is`` a value, is one ``in`` several, ``includes`` a value, or is ``at_least`` a number."""

    model_config = _one_of("is", "in", "includes", "at_least")

    fact: str
    is_: Scalar | None = Field(None, alias="is")
    in_: tuple[Scalar, ...] | None = Field(None, alias="in", min_length=1)
    includes: str | None = None
    at_least: Number | None = None

    @model_validator(mode="after")
    def _one_test(self) -> FactIs:
        if sum(test is not None for test in (self.is_, self.in_, self.includes, self.at_least)) != 1:
            raise ValueError("say exactly one of is, in, includes, at_least")
        return self

    @cached_property
    def values(self) -> tuple[Scalar, ...]:
        """The values that ``is`` or ``in`` name; empty for the other tests."""
        return self.in_ if self.in_ is not None else () if self.is_ is None else (self.is_,)

    def holds(self, value: Value) -> bool:
        """Whether the fact passes with this value. ``True`` is not 1, and text is never a list."""
        if self.includes is not None:
            return isinstance(value, tuple) and self.includes in value
        if self.at_least is not None:
            return isinstance(value, int | float) and not isinstance(value, bool) and value >= self.at_least
        return apart(value) in self._values

    @cached_property
    def _values(self) -> frozenset[tuple[bool, Value]]:
        return frozenset(map(apart, self.values))


def apart(value: Value) -> tuple[bool, Value]:
    """A value, so that ``True`` is told from 1: two are the same where this is equal."""
    return value is True or value is False, value


class All(Strict):
    """Every one of these conditions holds."""

    all: tuple[Condition, ...] = Field(min_length=1)


class Any_(Strict):  # noqa: N801 - typing has the name without the underscore
    """At least one of these conditions holds."""

    any: tuple[Condition, ...] = Field(min_length=1)


class Not(Strict):
    """This condition does not hold."""

    not_: Condition = Field(alias="not")


class Every(Strict):
    """The condition ``that`` holds for every member of a collection (of those ``where`` holds for)."""

    every: str
    where: Condition | None = None
    that: Condition


class Some(Strict):
    """The condition ``that`` holds for at least one member of a collection (of those ``where`` holds for)."""

    some: str
    where: Condition | None = None
    that: Condition


class Ancestors(Strict):
    """The condition holds for every model this one was made from; so it does where there is none."""

    ancestors: Condition


class _Judged(Strict):
    """Asks what was judged already: it ``is`` this, or one ``in`` several."""

    model_config = _one_of("is", "in")

    is_: str | None = Field(None, alias="is")
    in_: tuple[str, ...] | None = Field(None, alias="in", min_length=1)

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if (self.is_ is None) == (self.in_ is None):
            raise ValueError("say exactly one of is, in")
        return self

    @cached_property
    def values(self) -> frozenset[str]:
        """What is asked for."""
        return frozenset(self.in_ or (self.is_,))  # type: ignore[arg-type]  # one of the two is there


class CriterionIs(_Judged):
    """Asks the outcome of a criterion of this rubric (in ``verdicts`` only)."""

    criterion: str
    is_: Scored | None = Field(None, alias="is")
    in_: tuple[Scored, ...] | None = Field(None, alias="in", min_length=1)


class CriteriaAre(Strict):
    """Every criterion of this rubric that applies has this outcome (in ``verdicts`` only)."""

    criteria: Literal["all"]
    are: Literal["met", "partial", "unmet"]


class VerdictIs(_Judged):
    """Asks the verdict that another rubric gave."""

    verdict_of: str


OPERATORS: dict[str, type[Strict]] = {
    "fact": FactIs,
    "all": All,
    "any": Any_,
    "not": Not,
    "every": Every,
    "some": Some,
    "ancestors": Ancestors,
    "criterion": CriterionIs,
    "criteria": CriteriaAre,
    "verdict_of": VerdictIs,
}


def _operator(value: object) -> str | None:
    if isinstance(value, Mapping):
        return next((name for name in OPERATORS if name in value), None)
    return next((name for name, kind in OPERATORS.items() if isinstance(value, kind)), None)


Condition = Annotated[
    Annotated[FactIs, Tag("fact")]
    | Annotated[All, Tag("all")]
    | Annotated[Any_, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Every, Tag("every")]
    | Annotated[Some, Tag("some")]
    | Annotated[Ancestors, Tag("ancestors")]
    | Annotated[CriterionIs, Tag("criterion")]
    | Annotated[CriteriaAre, Tag("criteria")]
    | Annotated[VerdictIs, Tag("verdict_of")],
    Discriminator(
        _operator,
        custom_error_type="operator",
        custom_error_message="a condition needs one of " + ", ".join(OPERATORS),
    ),
]


class Asked(NamedTuple):
    """A condition and where it stands: its keys and places in the file, and what it is asked of.

    ``member_of`` names the collection whose members it is asked of (empty: the model itself), ``of_ancestors`` tells
    that it is asked of the models this one was made from, ``depth`` counts the quantifiers around it.
    """

    where: tuple[str | int, ...]
    condition: Any
    member_of: str = ""
    of_ancestors: bool = False
    depth: int = 0


def walk(asked: Asked) -> Iterator[Asked]:
    """A condition and every condition inside it."""
    yield asked
    where, condition, _, of_ancestors, depth = asked
    match condition:
        case All(all=parts) | Any_(any=parts):
            key = "all" if isinstance(condition, All) else "any"
            for i, part in enumerate(parts):
                yield from walk(asked._replace(where=(*where, key, i), condition=part))
        case Not(not_=part):
            yield from walk(asked._replace(where=(*where, "not"), condition=part))
        case Ancestors(ancestors=part):
            yield from walk(Asked((*where, "ancestors"), part, "", True, depth + 1))
        case Every() | Some():
            collection = condition.every if isinstance(condition, Every) else condition.some
            if condition.where is not None:
                yield from walk(Asked((*where, "where"), condition.where, collection, of_ancestors, depth + 1))
            yield from walk(Asked((*where, "that"), condition.that, collection, of_ancestors, depth + 1))
