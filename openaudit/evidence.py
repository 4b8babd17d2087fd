"""What was gathered and what was found in it: the frozen values everything else hands around.

``Snapshot`` is what a source gathered (the Hub's JSON, text files, code repositories). ``Evidence`` is what the
probes found in it: one ``Finding`` a fact, each with the place where it was seen. ``Outcome`` is what judging
makes of findings. Nothing in this module reads a file, opens a connection or knows a rubric.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import quote

from openaudit.saying import Said, figure, listed, phrase

Kind = Literal["models", "datasets"]
Value = bool | int | float | str | tuple[str, ...]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Outcome(StrEnum):
    """What judging a criterion can come to. Only the first three are ordered and scored."""

    MET = "met"
    PARTIAL = "partial"
    UNMET = "unmet"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"


# --------------------------------------------------------------------------- gathered


@dataclass(frozen=True, slots=True)
class Repo:
    """One model or data set, as the Hub tells of it at one commit.

    ``info`` is the JSON of ``GET /api/models/<id>`` (or ``datasets``), ``refs`` that of ``…/refs`` (``None``: not
    asked for), ``files`` the text files that were read, by path. ``unread`` says why a listed file was not read
    ("gated", "larger than 1 MiB", …). ``gathered`` is an ISO 8601 time in UTC, ``endpoint`` where it came from: empty
    for a folder on this machine. ``note`` is what whoever recorded it wants said beside every finding.
    """

    kind: Kind
    id: str
    info: Mapping[str, Any]
    refs: Mapping[str, Any] | None = None
    files: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    unread: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    gathered: str | None = None
    endpoint: str = "https://huggingface.co"
    note: str = ""

    @property
    def revision(self) -> str | None:
        """The commit everything was read at, or ``None`` where the source does not say (40 hex digits)."""
        sha = self.info.get("sha")
        return sha if isinstance(sha, str) else None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file in the repository, by path, read or not."""
        siblings = self.info.get("siblings")
        found = []
        for sibling in siblings if isinstance(siblings, Sequence) and not isinstance(siblings, str) else ():
            name = sibling.get("rfilename") if isinstance(sibling, Mapping) else None
            if isinstance(name, str):
                found.append(name)
        return tuple(found)

    @property
    def card_data(self) -> Mapping[str, Any]:
        """The card's metadata as the Hub parsed it; empty where there is none."""
        data = self.info.get("cardData")
        return data if isinstance(data, Mapping) else _NOTHING

    def url(self, path: str | None = None) -> str:
        """The page a person can open: the repository, or one file of it, pinned to the commit.

        Without an endpoint the repository is a folder on this machine: the path in it.
        """
        path = None if path is None else quote(path, errors="replace")
        if not self.endpoint:
            return path or "."
        where = f"{self.endpoint}/{'datasets/' if self.kind == 'datasets' else ''}{self.id}"
        at = self.revision or "main"
        return f"{where}/tree/{at}" if path is None else f"{where}/blob/{at}/{path}"


@dataclass(frozen=True, slots=True)
class CodeRepo:
    """One GitHub repository: ``{"full_name", "license": {"spdx_id"}, "archived", "tree": [paths]}``."""

    id: str
    info: Mapping[str, Any]
    gathered: str | None = None

    @property
    def license(self) -> str | None:
        """The SPDX id GitHub detected; ``None`` where it found no licence."""
        found = self.info.get("license")
        spdx = found.get("spdx_id") if isinstance(found, Mapping) else None
        return spdx if isinstance(spdx, str) else None

    @property
    def tree(self) -> tuple[str, ...]:
        """Paths of files and folders (folders may end in ``/``)."""
        tree = self.info.get("tree")
        return tuple(p for p in tree if isinstance(p, str)) if isinstance(tree, Sequence) else ()

    @property
    def archived(self) -> bool:
        return self.info.get("archived") is True

    def url(self, path: str | None = None) -> str:
        at = self.info.get("sha")
        where = f"https://github.com/{self.id}"
        if path is None:
            return where
        return f"{where}/blob/{at if isinstance(at, str) else 'HEAD'}/{quote(path, errors='replace')}"


@dataclass(frozen=True, slots=True)
class Missing:
    """Looked for, and not there."""


@dataclass(frozen=True, slots=True)
class NotLooked:
    """Not looked at, or the look failed: unknown, never no. ``why`` says what happened, in plain words."""

    why: str = phrase("it was not looked at")


MISSING = Missing()

Looked = Repo | Missing | NotLooked
LookedCode = CodeRepo | Missing | NotLooked


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one audit may look at: the subject, its ancestors, its data sets, its code. Frozen: no network.

    Ids are looked up through ``redirects`` (renamed, moved and canonical ids) first. An id that is in no table was
    not looked at.
    """

    subject: str
    models: Mapping[str, Looked]
    datasets: Mapping[str, Looked] = field(default_factory=lambda: _NOTHING)
    github: Mapping[str, LookedCode] = field(default_factory=lambda: _NOTHING)
    redirects: Mapping[Kind, Mapping[str, str]] = field(default_factory=dict)
    local: bool = False

    def now(self, kind: Kind, id: str) -> str:
        """The id under which a repository lives today."""
        return str(self.redirects.get(kind, _NOTHING).get(id, id))

    def model(self, id: str) -> Looked:
        return self.models.get(self.now("models", id), NotLooked())

    def dataset(self, id: str) -> Looked:
        return self.datasets.get(self.now("datasets", id), NotLooked())

    def code(self, id: str) -> LookedCode:
        return self.github.get(id.lower(), NotLooked())


# --------------------------------------------------------------------------- found


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was seen: a page pinned to a commit, a file in it, a 1-based line, the words as published."""

    url: str
    file: str | None = None
    line: int | None = None
    quote: str | None = None
    gathered: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact with its value and its source.

    ``value`` is ``None`` when it could not be told; ``note`` then says why, and otherwise what was looked for and
    where. ``about`` names the thing the fact is about (a data set, an ancestor, a code repository, a file); empty
    for the model itself.
    """

    fact: str
    value: Value | None
    source: Source | None = None
    about: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        return f"{self.fact} [{self.about}]" if self.about else self.fact


@dataclass(frozen=True, slots=True)
class Fact:
    """What a fact means: the entry of the vocabulary that rubrics are written in.

    ``says`` gives, for each value it can have, the plain sentence that is true when it has that value; the key
    ``"*"`` is for free values, with ``{value}`` in the sentence. ``per`` names the collection the fact describes
    one member of ("dataset", "stage", "ancestor", "repository", …); empty for the model itself. ``words`` are those of
    its free values that are words of ours, and no names: these are said in the reader's language.
    """

    name: str
    asks: str
    says: Mapping[Value | Literal["*"], str]
    per: str = ""
    words: Collection[str] = ()

    def sentence(self, value: Value | None) -> str:
        """The sentence for a value; for ``None``, that it could not be told."""
        if value is None:
            return _not_told(self.asks)
        said = self.says.get(value, self.says.get("*", "{value}"))
        return _sentence(said, listed(self.names(value)) if "{" in said else "")

    def names(self, value: Value) -> tuple[str, ...]:
        """What a value holds, as a report names it."""
        if isinstance(value, tuple):
            return tuple(map(self._named, value))
        if isinstance(value, bool):
            return (phrase("yes") if value else phrase("no"),)
        shown = self._named(value) if isinstance(value, str) else str(value)
        number = isinstance(value, int | float) and not isinstance(shown, Said)
        return (figure(f"{value:,}" if isinstance(value, int) else f"{value:g}") if number else shown,)

    def _named(self, value: str) -> str:
        return phrase(value) if value in self.words or value in self.says else value


# The same few sentences are said of every model.
@lru_cache(maxsize=1024)
def _not_told(question: str) -> Said:
    return phrase("it could not be told: “{question}”", question=phrase(question))


@lru_cache(maxsize=1024)
def _sentence(template: str, shown: str) -> Said:
    return phrase(template, value=shown)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Every finding about one model, and the evidence about its ancestors (nearest first).

    An ancestor is an ``Evidence`` of its own, or a ``str`` (its id) where it could not be looked at.
    """

    id: str
    findings: tuple[Finding, ...]
    ancestors: tuple[Evidence | str, ...] = ()
    _index: Mapping[str, tuple[Finding, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str, list[Finding]] = {}
        for finding in self.findings:
            index.setdefault(finding.fact, []).append(finding)
        object.__setattr__(self, "_index", {name: tuple(found) for name, found in index.items()})

    @classmethod
    def sorted(cls, id: str, found: Mapping[str, tuple[Finding, ...]]) -> Evidence:
        """Of findings that are sorted by their fact already; without ancestors."""
        evidence = cls(id, ())
        object.__setattr__(evidence, "findings", tuple(chain.from_iterable(found.values())))
        object.__setattr__(evidence, "_index", found)
        return evidence

    def all(self, fact: str) -> tuple[Finding, ...]:
        """Every finding of a fact, in the order found."""
        return self._index.get(fact, ())

    def get(self, fact: str, about: str = "") -> Finding:
        """The finding of a fact (about one thing). What no probe found is unknown, and says so."""
        for finding in self.all(fact):
            if finding.about == about:
                return finding
        return Finding(fact, None, about=about, note=phrase("nothing was found that tells"))

    def abouts(self, facts: Sequence[str]) -> Iterator[str]:
        """The things that any of these facts describes, each once, in the order found."""
        seen: dict[str, None] = {}
        for fact in facts:
            for finding in self.all(fact):
                if finding.about:
                    seen.setdefault(finding.about)
        return iter(seen)
