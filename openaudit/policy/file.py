"""The schema of a policy file: its parts as they are written, before anybody knows what they demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from openaudit.errors import PolicyError
from openaudit.files.mistakes import Misplaced
from openaudit.files.plainyaml import Where
from openaudit.files.tomlfile import Day, Kind, Part, TomlFile

Text = Annotated[str, Field(pattern=r"\S")]
Effect = Literal["fail", "warn"]


class Licences(Part):
    """Which licences a model, and every model it was made from, may be under, and which not."""

    allow: tuple[Text, ...] | None = Field(None, min_length=1)
    deny: tuple[Text, ...] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _one_at_least(self) -> Licences:
        if self.allow is None and self.deny is None:
            raise ValueError("say allow, deny or both")
        return self


class Rule(Part):
    """What must hold for the models that ``models`` names and ``except`` does not."""

    about: str = ""
    models: tuple[Text, ...] = Field(("*",), min_length=1)
    except_: tuple[Text, ...] = Field((), alias="except")
    level: Effect = "fail"
    unknown: Effect | None = None
    require: Mapping[str, Any] = Field(default_factory=dict)
    forbid: Mapping[str, Any] = Field(default_factory=dict)
    licenses: Licences | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Rule:
        if not (self.require or self.forbid or self.licenses):
            raise ValueError("it demands nothing: say require, forbid or licenses")
        if (self.level, self.unknown) == ("warn", "fail"):
            raise Misplaced("what is not known cannot weigh more than a no: this rule only warns", "unknown")
        return self


class Waiver(Part):
    """Why, by whom and until when (that day included) a model need not keep a rule."""

    model: Text
    rule: Text
    reason: Text
    author: Text
    until: Day


class PolicyFile(Part):
    """A team's policy: rules by name, exemptions, and perhaps the file of the breaches that are known already."""

    baseline: Text | None = None
    rules: Mapping[str, Rule] = Field(min_length=1)
    exemptions: tuple[Waiver, ...] = ()


POLICY = Kind(
    PolicyError, "a policy", "openaudit policy check {path} says when it is right.",
    "openaudit policy init writes one to begin with.",
)  # fmt: skip
KEYS = {
    field.alias or name for kind in (PolicyFile, Rule, Licences, Waiver) for name, field in kind.model_fields.items()
}


def parts(file: TomlFile, demands: Sequence[str]) -> PolicyFile:
    """The parts of a file. ``demands`` are words that belong below ``require``. Raises PolicyError."""
    return file.parts(PolicyFile, KEYS, lambda where: _belongs(where, demands))


def _belongs(where: Where, demands: Sequence[str]) -> str:
    """A demand that stands beside ``require`` instead of below it."""
    key = str(where[-1]) if where else ""
    if len(where) == 3 and where[0] == "rules" and key in demands:
        return f"what is demanded stands below require: require.{key if key.isidentifier() else repr(key)}"
    return ""
