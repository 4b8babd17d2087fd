"""Real HTTP that fails in every way: the run ends, and each model is audited or reported with its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.batch.test_batch import store
from tests.commands import Ran, process
from tests.hubdouble import HubDouble, ProxyDouble

MODELS = 24
LABELS = {"open-weights", "weights-available", "not-released", "open-source-ai", "unknown"}


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "models.txt"
    path.write_text("".join(f"maker/model-{n:03}\n" for n in range(MODELS)))
    return path


def batch(listed: Path, url: str, *args: str, env: Mapping[str, str] | None = None) -> tuple[Ran, list[dict[str, Any]]]:
    where = {
        "HF_ENDPOINT": url,
        "GITHUB_API_URL": url,
        "OPENAUDIT_CACHE_DIR": str(listed.parent / "cache"),
        **(env or {}),
    }
    ran = process("batch", listed, "--format", "jsonl", "-o", "-", "--jobs", "16", *args, env=where, cwd=listed.parent)
    rows = [json.loads(line) for line in ran.out.splitlines()]
    return ran, rows


def comparable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the times at which things were looked up, and the addresses of a double."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(one) for key, one in value.items() if key not in ("gathered", "url", "places")}
        return [plain(one) for one in value] if isinstance(value, list) else value

    found: list[dict[str, Any]] = plain(rows)
    return found


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What a Hub without faults leads to."""
    folder = tmp_path_factory.mktemp("truth")
    path = folder / "models.txt"
    path.write_text("".join(f"maker/model-{n:03}\n" for n in range(MODELS)))
    with HubDouble(store(MODELS)) as hub:
        ran, rows = batch(path, hub.url)
        assert ran.code == 0
        assert not hub.repeated(), "what models share is asked for once"
    assert len(rows) == MODELS
    return comparable(rows)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "share": 0.1},
        {"status": 429, "every": 7, "headers": {"Retry-After": "0"}},
        {"delay": 0.5, "share": 0.05},
        {"cut": 20, "every": 9},
        {"reset": True, "share": 0.1},
        {"drip": 0.0002, "share": 0.1},
    ],
    ids=["500s", "429s", "stalls", "truncated", "resets", "slow"],
)
def test_what_passes_changes_nothing(fault: Mapping[str, Any], listed: Path, truth: list[dict[str, Any]]) -> None:
    with HubDouble(store(MODELS)) as hub:
        hub.fault("*", **fault)
        ran, rows = batch(listed, hub.url)
        assert hub.count() >= MODELS
    assert comparable(rows) == truth
    assert ran.code == 0


def test_what_stays_is_reported_with_its_reason(listed: Path, truth: list[dict[str, Any]]) -> None:
    with HubDouble(store(MODELS)) as hub:
        hub.fault("/api/models/maker/model-001", status=500, headers={"Retry-After": "0"})
        hub.fault("/api/models/maker/model-002", status=200, body=b'{"id": "maker/mod')
        hub.fault("/api/models/maker/model-003", reset=True)
        hub.fault("/api/models/maker/model-004", status=403, headers={"X-Error-Code": "GatedRepo"})
        hub.fault("/api/models/maker/model-005", status=404, headers={"X-Error-Code": "RepoNotFound"})
        ran, rows = batch(listed, hub.url, "--journal", "j")
        asked = hub.count("/api/models/maker/model-000")
        failed = {row["reference"][-3:]: row["failure"]["kind"] for row in rows if row["failure"]}
        assert ran.code == 3
        passing, final = dict.fromkeys(["001", "002", "003"], "Unreachable"), {"004": "Gated", "005": "NotFound"}
        assert failed == passing | final
        assert all(row["failure"]["message"] and row["failure"]["advice"] for row in rows if row["failure"])
        assert all((row["audit"] is None) != (row["failure"] is None) for row in rows)
        assert ran.err.endswith("openaudit: 5 of 24 models could not be audited\n")
        audited = [row for row in comparable(rows) if row["audit"]]
        assert audited == [row for row in truth if row["reference"][-3:] not in failed]
        # The trouble is over: what may have passed is tried again, and nothing else.
        hub._faults.clear()
        ran, rows = batch(listed, hub.url, "--journal", "j", "--resume", "--no-cache")
        assert ran.code == 3
        assert {row["reference"][-3:] for row in rows if row["failure"]} == {"004", "005"}
        assert hub.count("/api/models/maker/model-000") == asked
        assert {row["audit"]["label"] for row in rows if row["audit"]} <= LABELS


def test_nobody_answers(listed: Path) -> None:
    listed.write_text("maker/model-000\nmaker/model-001\n")
    ran, rows = batch(listed, "http://127.0.0.1:9", "--budget", "20")
    assert ran.code == 3
    assert {row["failure"]["kind"] for row in rows} == {"Unreachable"}
    assert "no connection" in rows[0]["failure"]["message"]


def test_a_name_that_leads_nowhere(listed: Path) -> None:
    listed.write_text("maker/model-000\n")
    ran, rows = batch(listed, "http://nowhere.invalid", "--budget", "20")
    assert ran.code == 3
    assert rows[0]["failure"]["kind"] in ("Unreachable", "OutOfTime")


def test_a_server_that_stalls_for_ever_costs_the_budget_and_no_more(listed: Path) -> None:
    with HubDouble(store(MODELS)) as hub:
        hub.fault("/api/models/maker/model-000", delay=60)
        ran, rows = batch(listed, hub.url, "--budget", "8")
    assert ran.code == 3
    assert "the time was over after 8 s" in ran.err
    kinds = {row["reference"][-3:]: row["failure"]["kind"] for row in rows if row["failure"]}
    assert kinds["000"] == "OutOfTime"


def test_through_a_proxy(listed: Path, truth: list[dict[str, Any]]) -> None:
    with HubDouble(store(MODELS)) as hub, ProxyDouble(hub.url) as proxy:
        env = {"HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "GITHUB_API_URL": "http://hub.invalid"}
        ran, rows = batch(listed, "http://hub.invalid", env=env)
        assert hub.count() > 0
    assert (ran.code, comparable(rows)) == (0, truth)
