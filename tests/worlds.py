"""Small worlds to judge: a vocabulary, and strategies for rubrics, evidence, and what may turn out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from openaudit.evidence import Evidence, Fact, Finding, Value
from openaudit.judging.rubric import Criterion, Rubric

FACTS = (
    Fact(
        "terms", "Which terms?", {"granted": "all is granted", "limited": "there are limits", "denied": "all is denied"}
    ),
    Fact("weights", "Are there weights?", {True: "there are weights", False: "there are no weights"}),
    Fact("license", "Which licence?", {"*": "it is under {value}", "none": "it has no licence"}),
    Fact("tags", "Which tags?", {"*": "it is tagged {value}"}),
    Fact("tokens", "How many tokens?", {"*": "it saw {value} tokens"}),
    Fact(
        "set.status",
        "Can it be had?",
        {"open": "it can be had", "gated": "one must ask", "gone": "it is gone"},
        per="set",
    ),
    Fact("set.data", "Is it the data?", {True: "it is the data", False: "it is not the data"}, per="set"),
    Fact("lineage.looked", "Could it be looked at?", {True: "it was looked at", False: "it is gone"}, per="ancestor"),
)
VOCABULARY = {fact.name: fact for fact in FACTS}
VALUES: dict[str, tuple[Value, ...]] = {
    "terms": ("granted", "limited", "denied"),
    "weights": (True, False),
    "license": ("none", "mit", "apache-2.0"),
    "tags": ((), ("red",), ("blue",), ("red", "blue"), ("green",)),
    "tokens": (1, 5, 7.5, 10),
    "set.status": ("open", "gated", "gone"),
    "set.data": (True, False),
}
OF_MODEL = ("terms", "weights", "license", "tags", "tokens")
OF_SET = ("set.status", "set.data")
OUTCOMES = ("met", "partial", "unmet", "not_applicable")


def rubric(levels: Sequence[dict[str, Any]] = (), **more: Any) -> Rubric:
    """A rubric around these levels (or around ``criteria``), with what every rubric must have."""
    source = {"clause": "a clause", "url": "https://example.org/"}
    least: dict[str, Any] = {
        "id": "small",
        "version": "1",
        "title": "Small",
        "about": "A rubric for a test.",
        "source": {"title": "A text", "url": "https://example.org/", "version": "1"},
        "criteria": [{"id": "one", "levels": list(levels)}],
        "verdicts": [{"verdict": "any", "title": "Any", "outcome": "met", "because": "It is so."}],
    }
    found = least | more
    for criterion in found["criteria"]:
        for key, value in (("title", "One"), ("question", "Is it?"), ("why", "Because."), ("source", source)):
            criterion.setdefault(key, value)
        for level in criterion["levels"]:
            level.setdefault("because", f"it is {level['outcome']}")
            if level["outcome"] in ("partial", "unmet"):
                level.setdefault("remedy", "Do it.")
    for level in found["verdicts"]:
        level.setdefault("title", level["verdict"].title())
        level.setdefault("because", f"it is {level['verdict']}")
    return Rubric.model_validate(found)


def criterion(*levels: dict[str, Any]) -> Criterion:
    """One criterion of these levels."""
    return rubric(levels).criteria[0]


def evidence(
    facts: dict[str, Value | None], ancestors: Sequence[Evidence | str] = (), id: str = "me/model"
) -> Evidence:
    """Evidence in a line: ``{"terms": "granted", "set.status a": "open"}``."""
    findings = (Finding(*_split(key, value)) for key, value in facts.items())
    return Evidence(id, tuple(findings), tuple(ancestors))


def _split(key: str, value: Value | None) -> tuple[str, Value | None, None, str]:
    fact, _, about = key.partition(" ")
    return fact, value, None, about


# --------------------------------------------------------------------------- rubrics by chance


def _asks(facts: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    def ask(fact: str) -> st.SearchStrategy[dict[str, Any]]:
        one = st.just({"fact": fact})
        if fact == "tags":
            return st.sampled_from([{"fact": fact, "includes": tag} for tag in ("red", "blue")])
        if fact == "tokens":
            return st.sampled_from(
                [{"fact": fact, "at_least": 5}, {"fact": fact, "at_least": 8}, {"fact": fact, "is": 5}]
            )
        values = st.sampled_from(VALUES[fact])
        some = st.lists(values, min_size=1, max_size=2, unique=True)
        return st.one_of(
            st.builds(lambda a, v: a | {"is": v}, one, values), st.builds(lambda a, v: a | {"in": v}, one, some)
        )

    return st.sampled_from(facts).flatmap(ask)


def _joined(part: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    parts = st.lists(part, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda all: {"all": all}, parts),
        st.builds(lambda any: {"any": any}, parts),
        st.builds(lambda one: {"not": one}, part),
    )


_of_set = st.recursive(_asks(OF_SET), _joined, max_leaves=3)


def _quantified(part: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    where = st.one_of(st.none(), _of_set)
    return st.one_of(
        _joined(part),
        st.builds(lambda part: {"ancestors": part}, part),
        st.builds(
            lambda word, where, that: {word: "set", "that": that} | ({"where": where} if where else {}),
            st.sampled_from(["every", "some"]),
            where,
            _of_set,
        ),
    )


conditions = st.recursive(_asks(OF_MODEL), _quantified, max_leaves=5)


@st.composite
def level_lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Levels of a criterion, ``met`` among them more often than chance would have it."""
    outcomes = draw(st.lists(st.sampled_from(OUTCOMES), min_size=2, max_size=4))
    if "met" not in outcomes and draw(st.booleans()):
        outcomes[draw(st.integers(0, len(outcomes) - 1))] = "met"
    whens = [draw(conditions) for _ in outcomes[1:]]
    return [{"outcome": outcome, "when": when} for outcome, when in zip(outcomes, whens, strict=False)] + [
        {"outcome": outcomes[-1]}
    ]


@st.composite
def rubrics(draw: st.DrawFn) -> Rubric:
    """Rubrics of one to three criteria, with verdicts over them."""
    ids = ["one", "two", "three"][: draw(st.integers(1, 3))]
    criteria = [{"id": id, "weight": draw(st.sampled_from([1, 2, 0.5])), "levels": draw(level_lists())} for id in ids]
    some = st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=2, unique=True)
    about = st.one_of(
        st.builds(lambda id, outcomes: {"criterion": id, "in": outcomes}, st.sampled_from(ids), some),
        st.builds(lambda are: {"criteria": "all", "are": are}, st.sampled_from(OUTCOMES[:3])),
        _asks(OF_MODEL),
        st.builds(lambda id: {"verdict_of": "other", "is": id}, st.sampled_from(["good", "bad"])),
    )
    whens = draw(st.lists(st.recursive(about, _joined, max_leaves=4), min_size=1, max_size=3))
    verdicts = [
        {"verdict": draw(st.sampled_from("abc")), "outcome": draw(st.sampled_from(OUTCOMES)), "when": when}
        for when in whens
    ]
    return rubric(criteria=criteria, verdicts=[*verdicts, {"verdict": "d", "outcome": "unmet"}])


# --------------------------------------------------------------------------- evidence by chance


@st.composite
def evidences(
    draw: st.DrawFn, id: str = "me/model", generations: int = 1, lost: bool = True, sets: int = 2
) -> Evidence:
    """What was found: facts known, facts looked for in vain, facts that nobody looked for, ancestors that are lost."""
    findings = []
    members = [f"set-{n}" for n in range(draw(st.integers(0, sets)))]
    for fact, about in [*((fact, "") for fact in OF_MODEL), *((fact, one) for one in members for fact in OF_SET)]:
        known = draw(st.sampled_from(["known", "known", "unknown", "absent"]))
        if known != "absent":
            value = draw(st.sampled_from(VALUES[fact])) if known == "known" else None
            findings.append(Finding(fact, value, about=about))
    ancestors: list[Evidence | str] = []
    for n in range(draw(st.integers(0, 2)) if generations else 0):
        if lost and draw(st.booleans()):
            ancestors.append(f"lost/{n}")
        else:
            ancestors.append(draw(evidences(f"base/{n}", generations - 1, lost, sets)))
    return Evidence(id, tuple(findings), tuple(ancestors))


@st.composite
def turned_out(draw: st.DrawFn, found: Evidence, everything: bool) -> Evidence:
    """The same evidence with what is unknown told: everything, or only some of it."""

    def tells() -> bool:
        return everything or draw(st.booleans())

    known = {(one.fact, one.about): one.value for one in found.findings}
    members = dict.fromkeys(one.about for one in found.findings if one.about)
    for fact, about in [*((fact, "") for fact in OF_MODEL), *((fact, one) for one in members for fact in OF_SET)]:
        if known.get((fact, about)) is None and tells():
            known[fact, about] = draw(st.sampled_from(VALUES[fact]))
    ancestors: list[Evidence | str] = []
    for one in found.ancestors:
        if isinstance(one, Evidence):
            ancestors.append(draw(turned_out(one, everything)))
        elif tells():
            ancestors.append(draw(turned_out(draw(evidences(one, 0, lost=False)), everything)))
        else:
            ancestors.append(one)
    findings = tuple(Finding(fact, value, about=about) for (fact, about), value in known.items())
    return Evidence(found.id, findings, tuple(ancestors))
