"""What the page shows, put in the order it is shown in. Nothing is judged here: outcomes come from the audit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import ClassVar, Protocol

from openaudit import glossary
from openaudit.evidence import Outcome
from openaudit.languages import _, marked, spoken
from openaudit.pages.text import clean, command, href, slug
from openaudit.pages.values import (
    COSTS,
    FORMS,
    FREEDOMS,
    GRANTS,
    LEVELS,
    OUTCOMES,
    RUNGS,
    STAGES,
    STATUSES,
    label_title,
    relation_title,
    stage_title,
)
from openaudit.result import Ancestor, Audit, Claim, CriterionResult, DatasetRow, Entry, RubricResult

MOST = 800  # rows of a table: a page of a megabyte is read by nobody, and everything is in the JSON

_ROLES = ("label", "freedoms", "data", "openwashing")


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the ladder. ``state``: "lit", "below" it, "above" it, or "possible" where it cannot be told."""

    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of training: what is said of its data, and the data sets named for it."""

    title: str
    naming: Entry | None
    rows: tuple[DatasetRow, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One model of the family tree and those it was made from."""

    ancestor: Ancestor
    strictest: bool
    parents: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a maker answers: the words, whose they are, the day (ISO 8601), a link, and the language, if it is known."""

    text: str
    author: str
    date: str
    link: str | None = None
    language: str = ""


@dataclass(frozen=True)
class View:
    """An audit, in reading order.

    ``replies`` are what its maker answers, by ``rubric/criterion``; what is said to the whole is under ``""``.
    """

    audit: Audit
    replies: Mapping[str, Sequence[Reply]] = field(default_factory=dict)

    # ------------------------------------------------------------------ ten seconds

    @cached_property
    def ladder(self) -> tuple[Rung, ...]:
        """The four rungs from the top, the one the model stands on lit."""
        label = self.audit.label
        if label in RUNGS:
            at = list(RUNGS).index(label)
            return tuple(
                Rung(_(title), "lit" if i == at else "above" if i < at else "below")
                for i, title in enumerate(RUNGS.values())
            )
        head = self.audit.role("label")
        possible = head.possible if head and label == "unknown" else ()
        return tuple(Rung(_(title), "possible" if id in possible else "above") for id, title in RUNGS.items())

    @property
    def label(self) -> str:
        """The label as the big word."""
        return label_title(self.audit.label)

    @property
    def off_ladder(self) -> bool:
        """Whether the model stands on no rung: not released, or it cannot be told."""
        return self.audit.label not in RUNGS

    @cached_property
    def strongest(self) -> Entry | None:
        """The finding of what the page claims at most."""
        return self.fact("claims.strongest")

    @cached_property
    def claim(self) -> Claim | None:
        """The claim that goes furthest, with its quotation."""
        claims = self.audit.claims
        level = self.strongest.value if self.strongest else None
        return next((claim for claim in claims if claim.level == level), claims[0] if claims else None)

    def fact(self, name: str, about: str = "") -> Entry | None:
        """What was found about the model itself under a fact's name."""
        found = (e for e in self.audit.evidence.values() if e.fact == name and e.about == about and not e.model)
        return next(found, None)

    # ------------------------------------------------------------------ two minutes

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of training in the order of their making, those with something missing first."""
        found = self.audit.evidence.items()
        namings = {key.partition(" [")[2][:-1]: e for key, e in found if e.fact == "stage.naming" and not e.model}
        namings.pop("", None)
        rows = sorted(self.audit.datasets[:MOST], key=lambda row: (row.status == "available", row.open is True))
        names = dict.fromkeys([*namings, *(row.stage for row in rows)])
        order = list(STAGES)
        stages = [
            Stage(
                stage_title(name),
                namings.get(name),
                tuple(row for row in rows if row.stage == name),
            )
            for name in sorted(names, key=lambda name: order.index(name) if name in order else len(order))
        ]
        return tuple(sorted(stages, key=lambda stage: bool(stage.naming and stage.naming.value == "named")))

    @cached_property
    def tree(self) -> tuple[Node, ...]:
        """The models this one was made from, each with those that it was made from. Circles are cut."""
        known = {ancestor.id for ancestor in self.audit.lineage} | {self.audit.subject.id}
        made_from: dict[str, list[Ancestor]] = {}
        for ancestor in self.audit.lineage[:MOST]:
            child = ancestor.parent if ancestor.parent in known else self.audit.subject.id
            made_from.setdefault(child, []).append(ancestor)

        def grow(id: str, path: tuple[str, ...]) -> Iterator[Node]:
            for ancestor in made_from.get(id, ()):
                if ancestor.id not in path and len(path) < 10:
                    parents = tuple(grow(ancestor.id, (*path, ancestor.id)))
                    yield Node(ancestor, ancestor.id == self.audit.license.inherited_from, parents)

        return tuple(grow(self.audit.subject.id, (self.audit.subject.id,)))

    @cached_property
    def costs(self) -> list[Entry]:
        """What was found about the costs, to people and to the planet, of making and running the model."""
        return [e for e in self.audit.evidence.values() if e.fact.startswith("costs.") and not e.model and not e.about]

    def topic(self, entry: Entry) -> str:
        """What a finding on costs is about."""
        return _(COSTS[entry.fact]) if entry.fact in COSTS else entry.says

    # ------------------------------------------------------------------ an afternoon

    @cached_property
    def rubrics(self) -> dict[str, RubricResult]:
        """Every rubric; those that fill a place on the first screen come first, in the order of that screen."""

        def place(item: tuple[str, RubricResult]) -> int:
            return _ROLES.index(item[1].role) if item[1].role in _ROLES else len(_ROLES)

        return dict(sorted(self.audit.rubrics.items(), key=place))

    @cached_property
    def anchors(self) -> dict[str, str]:
        """The anchor of each rubric (by id) and criterion (``rubric/criterion``). No two are the same."""
        found: dict[str, str] = {}
        for id, rubric in self.rubrics.items():
            for name in (id, *(f"{id}/{criterion}" for criterion in rubric.criteria)):
                anchor, n = slug(name), 2
                while f"c-{anchor}" in found.values():
                    anchor, n = f"{slug(name)}-{n}", n + 1
                found[name] = f"c-{anchor}"
        return found

    def id_of(self, rubric: RubricResult) -> str:
        """The id of a rubric that was found by its role."""
        return next(id for id, one in self.audit.rubrics.items() if one is rubric)

    def step_targets(self, names: tuple[str, ...]) -> list[tuple[str, str]]:
        """Title and anchor of each criterion that a step would change."""
        found = []
        for name in names:
            rubric, _slash, criterion = name.partition("/")
            result = self.audit.rubrics.get(rubric)
            if result and criterion in result.criteria:
                found.append((result.criteria[criterion].title, self.anchors[name]))
        return found

    def evidence(self, criterion: CriterionResult) -> list[Entry]:
        """The findings a criterion stands on."""
        found = (self.audit.evidence.get(key) for key in criterion.evidence[:MOST])
        return [entry for entry in found if entry is not None]

    def changes(self, criterion: CriterionResult) -> list[tuple[str, str]]:
        """What would have to be true instead, each once: whom it is about, and the sentence."""
        about = ((" — ".join(filter(None, (change.model, change.about))), change.says) for change in criterion.change)
        return list(dict.fromkeys(about))

    @cached_property
    def gathered(self) -> list[Entry]:
        """Every finding that the page lists."""
        return list(self.audit.evidence.values())[:MOST]

    @property
    def reproduce(self) -> str:
        """The command that makes this page again."""
        subject = self.audit.subject
        if subject.source == "local":
            return command("openaudit", "audit", "./FOLDER", "--format", "html", "-o", "page.html")
        at = f"@{subject.revision}" if subject.revision else ""
        return command("openaudit", "audit", f"{subject.id}{at}", "--format", "html", "-o", "page.html")

    # ------------------------------------------------------------------ words for values

    outcome_words: ClassVar[Mapping[Outcome, str]] = MappingProxyType(OUTCOMES)
    freedom_words: ClassVar[Mapping[Outcome, str]] = MappingProxyType(FREEDOMS)

    def level(self) -> str:
        """The distance between claim and fact, as a word."""
        return _(LEVELS[self.audit.openwashing.level])

    def grant(self, value: str | None) -> Outcome:
        """What a licence grants, as an outcome."""
        return GRANTS.get(value or "", Outcome.UNKNOWN)

    def status(self, row: DatasetRow) -> tuple[str, Outcome]:
        """Whether a data set can be had: in words, and as a shape."""
        words, outcome = STATUSES.get(row.status, (OUTCOMES[Outcome.UNKNOWN], Outcome.UNKNOWN))
        return _(words), outcome

    def form(self, row: DatasetRow) -> str:
        """What kind of thing a data set holds."""
        return _(FORMS.get(row.form) or marked("can’t tell"))

    def relation(self, ancestor: Ancestor) -> str:
        """How a model was made from its ancestor."""
        return relation_title(ancestor.relation)

    def label_title(self, label: str) -> str:
        """A label of the ladder, as words."""
        return label_title(label)


class Footnotes:
    """The addresses the page leads to, numbered in the order they are met: paper cannot be clicked."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, url: str) -> int:
        """The number of an address."""
        return self.numbers.setdefault(url, len(self.numbers) + 1)

    def safe(self, url: str | None) -> str | None:
        """The address, if it may be followed."""
        return href(url)


class Macro(Protocol):
    """A macro of a template."""

    name: str

    def __call__(self, *values: object) -> object: ...


class Once:
    """Pieces of a page that stand there several times, such as a finding that ten questions go by: each is made once.

    ``once(macro, value, …)`` is what ``macro(value, …)`` gives. Only for macros that say the same of the same values.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], object] = {}
        self._alive: list[object] = []  # what a key goes by must not be another thing meanwhile

    def __call__(self, macro: Macro, *values: object) -> object:
        key = (macro.name, *(one if one is None or isinstance(one, (str, bool)) else id(one) for one in values))
        if key not in self._made:
            self._alive += values
            self._made[key] = macro(*values)
        return self._made[key]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sentence: plain words, or a term with its explanation."""

    text: str
    term: glossary.Term | None = None


class Words:
    """Finds terms of art in our sentences, so that each is explained where it first stands in a section."""

    def __init__(self) -> None:
        self.used: dict[str, glossary.Term] = {}
        self._here: set[str] = set()

    def section(self) -> str:
        """A new section begins: terms are explained afresh. Returns nothing to show."""
        self._here.clear()
        return ""

    def use(self, name: str) -> glossary.Term | None:
        """A term that a template names itself."""
        term = glossary.find(name)
        if term:
            self.used[term.id] = term
            self._here.add(term.id)
        return term

    def split(self, text: str) -> list[Piece]:
        """A sentence of ours, cut at the terms that have not been explained in this section yet."""
        text = clean(text)
        pieces, at = [], 0
        for match in _pattern(spoken()).finditer(text):
            term = glossary.find(match.group())
            if term is None or term.id in self._here:
                continue
            self.use(term.id)
            pieces += [Piece(text[at : match.start()]), Piece(match.group(), term)]
            at = match.end()
        return [piece for piece in (*pieces, Piece(text[at:])) if piece.text]


@cache
def _pattern(language: str) -> re.Pattern[str]:  # noqa: ARG001 - what the cache goes by: the names are those of this language
    """Every name of every term, the longest first. Not inside ids, paths and longer words, nor first in a quotation."""
    names = sorted((name for term in glossary.terms().values() for name in term.marked), key=lambda n: (-len(n), n))
    first = re.escape(_("“{text}”").partition("{")[0])
    return re.compile(rf"(?<![\w/.@“\x22-])(?<!{first})(?:{'|'.join(map(re.escape, names))})(?![\w/@-])", re.IGNORECASE)
