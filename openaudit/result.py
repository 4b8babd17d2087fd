"""The result of an audit: the one value every format is made from, and the JSON contract ``openaudit.audit/1``.

``Audit.to_json`` writes it, ``Audit.model_validate_json`` reads it back. Scores are percentages, 0–100, as a range:
``low`` if everything unknown turned out badly, ``high`` if it turned out well; ``None`` where nothing was scored.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, WithJsonSchema

from openaudit.evidence import Outcome

SCHEMA = "openaudit.audit/1"


class Words:
    """Marks a text that is said in the reader's language; every other text stays as it was published.

    A ``name`` is said so only where it is known to be made of words of ours ("pre-training", "line 12").
    """

    def __init__(self, *, name: bool = False) -> None:
        self.name = name


class _AsItIs:
    """Text, checked and written without a call of Python: an audit holds a thousand of them.

    It stays the object that it is; pydantic's own check would forget what a sentence was made from.
    """

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> Any:
        return {
            "type": "json-or-python",
            "json_schema": handler(str),
            "python_schema": {"type": "is-instance", "cls": str},
            "serialization": {"type": "str"},
        }


Text = Annotated[str, _AsItIs(), WithJsonSchema({"type": "string"}), Words()]
Name = Annotated[str, _AsItIs(), WithJsonSchema({"type": "string"}), Words(name=True)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_enum_values=False)


class Subject(_Part):
    """What was audited. ``revision`` is the commit (40 hex digits); dates are ISO 8601, ``None`` where not known."""

    id: str
    revision: str | None
    source: Literal["hub", "local"]
    url: str
    maker: str
    gathered: str | None = None
    last_modified: str | None = None
    task: str | None = None
    note: Text = ""


class Score(_Part):
    """A range of 0 to 100: what would come out if all that is unknown turned out badly, and well."""

    low: float | None
    high: float | None


class Change(_Part):
    """One fact that would have to be otherwise: the sentence that would have to be true, and what it is about."""

    fact: str
    about: Name = ""
    model: str = ""
    says: Text


class CriterionResult(_Part):
    """How one criterion came out. ``possible`` lists every outcome that what is unknown still allows."""

    title: Text
    question: Text
    why: Text
    clause: Text
    url: str
    outcome: Outcome
    possible: tuple[Outcome, ...]
    words: Text = ""
    because: Text
    remedy: Text = ""
    evidence: tuple[str, ...] = ()
    decided: tuple[Text, ...] = ()
    change: tuple[Change, ...] = ()


class RubricResult(_Part):
    """How one rubric came out."""

    version: str
    sha256: str
    title: Text
    about: Text
    note: Text = ""
    role: str | None = None
    source_title: str
    source_url: str
    source_version: str
    outcome: Outcome
    verdict: str
    verdict_title: Text
    possible: tuple[str, ...]
    because: Text
    score: Score
    criteria: dict[str, CriterionResult]


class Claim(_Part):
    """What the model's own page says of its openness. ``evidence`` is a key of ``Audit.evidence``."""

    text: Text
    level: str
    quote: str
    evidence: str


class Openwashing(_Part):
    """The distance between what is claimed and what was found."""

    level: Literal["none", "low", "medium", "high", "unknown"]
    because: Text


class Ancestor(_Part):
    """A model this one was made from. ``depth`` 1 is the nearest; ``label`` is its own label."""

    id: str
    relation: str
    license: Name | None
    label: str
    depth: int
    parent: str
    url: str | None = None
    note: Text = ""


class DatasetRow(_Part):
    """A data set the model's page names, and what a look at it found. ``size`` is that of its files, in bytes."""

    id: str
    stage: str
    status: str
    license: str | None
    form: str = "unknown"
    open: bool | None = None
    url: str | None = None
    note: Text = ""
    size: int | None = None


class LicenseClause(_Part):
    """Something the licence forbids or demands, in plain words, with the words it was read in."""

    kind: str
    says: Text
    quote: str = ""
    clause: Name = ""
    url: str | None = None
    restricts: bool = True


class LicenseSummary(_Part):
    """What the licence over the weights lets anyone do: granted, limited, denied, or ``None`` (cannot be told)."""

    id: Name | None
    name: Text
    open: bool | None
    use: str | None
    study: str | None
    modify: str | None
    share: str | None
    url: str | None = None
    clauses: tuple[LicenseClause, ...] = ()
    inherited_from: str | None = None


class Place(_Part):
    """Where something was seen: a page pinned to the commit, a file, a line (from 1), the words as published."""

    url: str
    file: str | None = None
    line: int | None = None
    quote: str | None = None
    gathered: str | None = None


class Entry(_Part):
    """One finding. ``value`` is ``None`` when it could not be told; ``says`` is the finding in a sentence."""

    fact: str
    value: bool | int | float | str | tuple[str, ...] | None
    says: Text
    about: Name = ""
    model: str = ""
    note: Text = ""
    source: Place | None = None


class Step(_Part):
    """One thing the maker could do, and the criteria (``rubric/criterion``) it would change."""

    text: Text
    criteria: tuple[str, ...]


class Audit(_Part):
    """One audit of one model at one commit."""

    schema_: str = Field(SCHEMA, alias="schema")
    tool: str
    language: str = Field("en", description="Of our own texts (ISO 639-1); quotes stay in their own.")
    subject: Subject
    label: str
    summary: Text
    rubrics: dict[str, RubricResult]
    claims: tuple[Claim, ...] = ()
    openwashing: Openwashing
    license: LicenseSummary
    lineage: tuple[Ancestor, ...] = ()
    datasets: tuple[DatasetRow, ...] = ()
    steps: tuple[Step, ...] = ()
    limits: tuple[Text, ...] = ()
    evidence: dict[str, Entry] = Field(default_factory=dict)
    sentences: dict[str, Any] = Field(
        default_factory=dict,
        description="What each English sentence was made from, so that it can be said in another language.",
    )

    def role(self, role: str) -> RubricResult | None:
        """The rubric that fills a place of the report ("label", "freedoms", "data", "openwashing")."""
        return next((rubric for rubric in self.rubrics.values() if rubric.role == role), None)

    def to_dict(self) -> dict[str, Any]:
        try:
            return self.model_dump(mode="json", by_alias=True)
        except UnicodeEncodeError:  # a sentence of ours with a lone surrogate in it
            plain: dict[str, Any] = json.loads(json.dumps(self.model_dump(by_alias=True)))
            return plain

    def to_line(self) -> str:
        """The same JSON on one line, as it is kept and streamed: ten times as fast."""
        try:
            return self.model_dump_json(by_alias=True)
        except ValueError:  # a lone surrogate, see below
            line = json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))
            return line.encode("utf-8", "replace").decode()

    def to_json(self) -> str:
        """The JSON contract: UTF-8, two spaces, the same bytes for the same audit."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"
        return text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates from hostile JSON cannot be written


class Line:
    """An audit and its JSON on one line. Whichever is there first, the other is made when somebody asks for it.

    ``read`` makes the audit of a line; what it raises, ``audit`` raises.
    """

    def __init__(self, there: Audit | str, read: Callable[[str], Audit] = Audit.model_validate_json) -> None:
        self._there = there
        self._read = read

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    @cached_property
    def text(self) -> str:
        return self._there if isinstance(self._there, str) else self._there.to_line()

    @cached_property
    def audit(self) -> Audit:
        return self._read(self._there) if isinstance(self._there, str) else self._there
