"""An audit with something in every field, and the same with one payload in every field that is text."""

from __future__ import annotations

from typing import Any

from openaudit.evidence import Outcome
from openaudit.result import (
    Ancestor,
    Audit,
    Change,
    Claim,
    CriterionResult,
    DatasetRow,
    Entry,
    LicenseClause,
    LicenseSummary,
    Openwashing,
    Place,
    RubricResult,
    Score,
    Step,
    Subject,
)

PAYLOADS = {
    "script": "<script>window.hit=1</script>",
    "image": "<img src=x onerror=window.hit=1>",
    "scheme": "javascript:window.hit=1",
    "attribute": "\"onmouseover=\"window.hit=1\" x=\"'onfocus='window.hit=1' autofocus='",
    "style": "</style><style>body{display:none}</style></title></textarea><svg onload=window.hit=1>",
    "link": 'https://example.org/"><script>window.hit=1</script>',
    "template": "{{ 7 * 7 }}{% raw %}{# x #}${x}",
    "bidi": "abc\u202egnp.exe\u202c\u2066x\u2069\u200f",
    "control": "a\0b\x1b[31mc\x07\x9b\ufeff\ud800\U0001ffff\U000e0041",
    "long": "W" * 10_000,
    "words": "open weights, gated model card " * 400,
    "comment": "--><!--]]><![CDATA[&amp;&lt;&#0;",
    "empty": "",
    "date": "2026-13-99T99:99",
}


def _criterion(outcome: Outcome) -> CriterionResult:
    return CriterionResult(
        title=f"Title {outcome}",
        question="Is the training data public?",
        why="Weights alone are numbers.",
        clause="the clause",
        url="https://example.org/clause",
        outcome=outcome,
        possible=(Outcome.MET, Outcome.UNMET) if outcome is Outcome.UNKNOWN else (outcome,),
        words="six words and no more",
        because=f"The licence is such ({outcome}).",
        remedy="Publish the training code.",
        evidence=("one", "two", "gone"),
        decided=("the weights are there", "owner/other: it is gated"),
        change=(Change(fact="code.training", about="x", model="owner/other", says="the code is public"),) * 2,
    )


def _rubric(role: str | None, title: str) -> RubricResult:
    return RubricResult(
        version="1.0",
        sha256="0" * 64,
        title=title,
        about="Open source AI, and what openwashing makes of it.",
        note="Nobody certifies.",
        role=role,
        source_title="The source",
        source_url="https://example.org/source",
        source_version="version one",
        outcome=Outcome.PARTIAL,
        verdict="verdict",
        verdict_title=f"The verdict of {title}",
        possible=("verdict",),
        because="The weights are given away, the source is not.",
        score=Score(low=10.0, high=50.0),
        criteria={str(outcome): _criterion(outcome) for outcome in Outcome},
    )


def full() -> Audit:
    """An audit with something in every field."""
    place = Place(
        url="https://huggingface.co/owner/name/blob/" + "a" * 40 + "/README.md",
        file="README.md",
        line=12,
        quote="We released everything.",
        gathered="2026-11-22T10:00:00Z",
    )
    page = place.model_copy(update={"file": None, "line": None, "quote": None})
    return Audit(
        schema="openaudit.audit/1",
        tool="openaudit 1.2.3",
        subject=Subject(
            id="owner/name",
            revision="a" * 40,
            source="hub",
            url="https://huggingface.co/owner/name/tree/" + "a" * 40,
            maker="Maker",
            gathered="2026-11-22T10:00:00Z",
            last_modified="2025-01-02T03:04:05.000Z",
            task="text-generation",
        ),
        label="open-weights",
        summary="The weights are open.",
        rubrics={
            "ladder": _rubric("label", "The ladder"),
            "free": _rubric("freedoms", "Freedoms"),
            "whole": _rubric("data", "Whole data"),
            "wash": _rubric("openwashing", "Words and facts"),
            "own": _rubric(None, "One’s own"),
        },
        claims=(Claim(text="the page calls it open", level="open source", quote="Fully open!", evidence="one"),),
        openwashing=Openwashing(level="medium", because="The page says more than was found."),
        license=LicenseSummary(
            id="mit",
            name="Some Community License",
            open=False,
            use="limited",
            study="granted",
            modify=None,
            share="denied",
            url="https://example.org/license",
            clauses=(
                LicenseClause(kind="k", says="No trade.", quote="no commerce", clause="§ 2", url="https://example.org/2"),
                LicenseClause(kind="k", says="Say who made it.", quote="credit us", restricts=False),
            ),
            inherited_from="base/one",
        ),
        lineage=(
            Ancestor(
                id="base/one", relation="finetune", license="other", label="weights-available", depth=1,
                parent="owner/name", url="https://huggingface.co/base/one", note="looked at",
            ),
            Ancestor(id="base/two", relation="distilled", license=None, label="odd", depth=2, parent="base/one"),
        ),
        datasets=(
            DatasetRow(
                id="data/one", stage="pre-training", status="available", license="odc-by", form="data", open=True,
                url="https://huggingface.co/datasets/data/one", note="3 files",
            ),
            DatasetRow(id="data/two", stage="fine-tuning", status="gated", license="none", open=False),
            DatasetRow(id="data/three", stage="guessing", status="strange", license=None, form="index"),
        ),
        steps=tuple(Step(text=f"Step {n}.", criteria=("free/met", "none/such")) for n in range(8)),
        limits=("x.bin was not read: larger than 1 MiB.",),
        evidence={
            "one": Entry(fact="claims.strongest", value="open source", says="the page calls it open", source=place),
            "two": Entry(fact="code.data", value=None, says="nobody knows", about="x", model="base/one", source=page),
            "tag": Entry(fact="license.declared", value="mit", says="the tag says mit", source=place),
            "naming": Entry(fact="stage.naming", value="named", says="all named", about="pre-training", source=place),
            "water": Entry(fact="costs.water", value="none", says="the water: nothing is said", note="looked for it"),
            "carbon": Entry(fact="costs.carbon", value="figure", says="the carbon: told with a figure", source=place),
            "pay": Entry(fact="costs.pay", value=None, says="it could not be told: the pay", note="no card"),
            "many": Entry(fact="weights.formats", value=("a", "b"), says="formats", note="in the list", source=None),
        },
    )  # fmt: skip


_KEPT = {"schema", "source", "outcome", "possible", "level", "role", "label", "status", "stage", "fact"}


def _poison(value: Any, payload: str, key: str = "") -> Any:
    if isinstance(value, dict):
        kept = key in ("evidence", "rubrics")
        return {
            (name if kept else name + payload[:50] if key == "criteria" else name): _poison(inner, payload, name)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_poison(inner, payload, key) for inner in value]
    if isinstance(value, str) and key not in _KEPT:
        return payload
    return value


def poisoned(payload: str) -> Audit:
    """The full audit with a payload in every text, and once more in those that steer what is shown."""
    poison = _poison(full().to_dict(), payload)
    poison["openwashing"]["level"] = "high"
    poison["claims"][0]["evidence"] = "one"
    for row in poison["datasets"]:
        row["status"] = row["stage"] = payload
    for ancestor in poison["lineage"]:
        ancestor["label"] = payload
    poison["evidence"][payload] = poison["evidence"]["two"] | {"fact": payload}
    poison["rubrics"][payload] = poison["rubrics"]["own"] | {"role": payload}
    return Audit.model_validate(poison)
