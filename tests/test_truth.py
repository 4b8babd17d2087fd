"""Verdicts that people checked by hand, with their reasons: each line of the list beside the repository comes out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from openaudit.auditing import SAMPLE, judge, load_rubrics
from openaudit.judging.rubric import Rubric
from openaudit.result import Audit
from openaudit.sources.gather import gather
from openaudit.sources.saved import SavedSource
from tests.commands import run

SHARED = Path(__file__).parent.parent.parent / "shared"
LIST = SHARED / "experts" / "truth.yaml"
NO_CLAIM = ("model", "because", "later")  # what a line holds beside its claims


def lines() -> list[dict[str, Any]]:
    """The lines of the list, without its reasons; empty where it is not there."""
    return yaml.safe_load(LIST.read_text("utf-8")) if LIST.exists() else []


@cache
def rubrics() -> Sequence[Rubric]:
    return load_rubrics()


def said(audit: Audit, key: str) -> str:
    """What an audit says where a line makes a claim: a label, a level, a criterion's outcome or a rubric's verdict."""
    if key in ("label", "openwashing"):
        return audit.label if key == "label" else audit.openwashing.level
    if key.endswith(" verdict"):
        return str(audit.rubrics[key.removesuffix(" verdict")].verdict)
    name, criterion = key.split("/")
    return audit.rubrics[name].criteria[criterion].outcome.value


def check(line: dict[str, Any], snapshot: Path) -> list[str]:
    """What a line claims and the audit does not say."""
    if "exit" in line:
        code = run("audit", line["model"], "--snapshot", snapshot).code
        return [] if code == line["exit"] else [f"exit: {code}, where {line['exit']} is right"]
    audit = judge(gather(SavedSource(snapshot), line["model"]), rubrics())
    claims = {key: value for key, value in line.items() if key not in NO_CLAIM}
    assert claims, "a line that claims nothing"
    wrong = []
    for key, value in claims.items():
        right = value if isinstance(value, list) else [value]
        found = said(audit, key)
        if found not in right:
            wrong.append(f"{key}: {found}, where {' or '.join(map(str, right))} is right")
    return wrong


@pytest.mark.parametrize("line", [pytest.param(line, id=line["model"]) for line in lines()] or [None])
def test_a_line_checked_by_hand_comes_out(line: dict[str, Any] | None) -> None:
    if line is None:
        pytest.skip("needs ../shared/experts/truth.yaml, which is not part of the repository")
    assert check(line, SHARED / "hub") == [], line.get("because", "")


def test_a_line_that_is_not_true_fails() -> None:
    """The check can fail: a wrong label, a wrong outcome and a wrong verdict are each told."""
    line = {
        "model": "openai/gpt-oss-20b",
        "label": "open-source-ai",
        "openwashing": ["medium", "high"],
        "four-freedoms/use": "unmet",
        "full-data verdict": "closed",
        "because": "of nothing",
    }
    wrong = check(line, SAMPLE)
    assert [one.split(":")[0] for one in wrong] == ["label", "openwashing", "four-freedoms/use", "full-data verdict"]
