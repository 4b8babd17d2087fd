"""Small audits to hold a policy against, without a model behind them; and a folder with a policy in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from openaudit.auditing import load_rubrics
from openaudit.evidence import Outcome
from openaudit.judging.rubric import Rubric
from openaudit.policy import Policy, load
from openaudit.result import Ancestor, Audit, CriterionResult, Entry, Line, Place, RubricResult, Score
from openaudit.run import Breach, Named, Row

TODAY = date(2026, 7, 1)
ID = "maker/model"


@cache
def rubrics() -> tuple[Rubric, ...]:
    return tuple(load_rubrics())


def audit(
    facts: Mapping[str, Any] | None = None,
    *,
    id: str = ID,
    label: str = "open-weights",
    possible: tuple[str, ...] = (),
    use: str = "met",
    use_possible: tuple[str, ...] = (),
    lineage: Mapping[str, str | None] | None = None,
) -> Audit:
    """An audit with these facts (``"dataset.status a/b"``: of one data set), this label and this outcome of use."""
    entries = {}
    for key, value in (facts or {}).items():
        fact, _, about = key.partition(" ")
        where = Place(url=f"https://huggingface.co/{id}/blob/abc/{fact}")
        entries[f"{fact} [{about}]" if about else fact] = Entry(
            fact=fact, value=value, says=f"{fact} is {value}", about=about, note="not looked at", source=where
        )
    outcomes = tuple(Outcome(one) for one in use_possible or (use,))
    criterion = CriterionResult(
        title="", question="", why="", clause="", url="", outcome=Outcome(use), possible=outcomes, because="so",
        evidence=tuple(entries)[:1],
    )  # fmt: skip
    head = next(rubric for rubric in rubrics() if rubric.role == "label")
    judged = {
        head.id: _result("label", label, possible or (label,), {}),
        "four-freedoms": _result("freedoms", "conforms", ("conforms",), {"use": criterion}),
    }
    return Audit.model_validate(
        {
            "schema": "openaudit.audit/1", "tool": "t", "label": label, "summary": "", "rubrics": judged,
            "subject": {"id": id, "revision": None, "source": "hub", "url": f"https://hf.co/{id}", "maker": ""},
            "openwashing": {"level": "none", "because": ""},
            "license": dict.fromkeys(("id", "open", "use", "study", "modify", "share"), None) | {"name": ""},
            "evidence": entries,
            "lineage": [
                Ancestor(id=name, relation="finetune", license=license, label="unknown", depth=1, parent=id)
                for name, license in (lineage or {}).items()
            ],
        }
    )  # fmt: skip


def _result(role: str, verdict: str, possible: tuple[str, ...], criteria: Any) -> RubricResult:
    return RubricResult(
        version="1", sha256="", title="", about="", role=role, source_title="", source_url="", source_version="",
        outcome=Outcome.MET, verdict=verdict, verdict_title="", possible=possible, because="for a reason",
        score=Score(low=0, high=0), criteria=criteria,
    )  # fmt: skip


def policy(folder: Path, text: str, today: date = TODAY, name: str = "openaudit.toml") -> Policy:
    """The policy that a file with this text is."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    found = load(path, rubrics(), today)
    assert found is not None
    return found


def row(found: Audit | None, reference: str = "") -> Row:
    return Row(1, Named(reference or (found.subject.id if found else ID)), Line(found) if found else None)


def breaches(found: Policy, of: Audit, reference: str = "") -> tuple[Breach, ...]:
    return found.apply(row(of, reference)).breaches
