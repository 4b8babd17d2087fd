"""GitHub's API on loopback: what counts as missing, what as not looked, and who gets the token."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from openaudit.errors import UsageError
from openaudit.evidence import MISSING, CodeRepo, NotLooked
from openaudit.sources.github import MAX_PATHS, GitHub
from openaudit.sources.traffic import Patience
from tests.hubdouble import HubDouble

SHA = "c" * 40
QUICK = Patience(tries=2, budget=5.0, timeout=0.3, wait=0.001)
LM = {"full_name": "Acme/LM", "license": {"spdx_id": "MIT", "key": "mit"}, "archived": True, "sha": SHA}
TREE = ["LICENSE", "train.py", "data/", "data/clean.py"]
opened: list[GitHub] = []
REPO, TREES = "/repos/acme/lm", "/repos/Acme/LM/git/trees/main"


@pytest.fixture
def double() -> Iterator[HubDouble]:
    store = {
        "github/Acme/LM.json": {**LM, "tree": TREE},
        "github/acme/bare.json": {"full_name": "acme/bare", "license": None, "archived": False, "tree": []},
        "redirects.json": {"github": {"old/lm": "Acme/LM"}},
    }
    with HubDouble(store) as serving:
        yield serving


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while opened:
        opened.pop().close()


def github(double: HubDouble | str | None, token: str | None = None) -> GitHub:
    opened.append(GitHub(double.url if isinstance(double, HubDouble) else double, token, patience=QUICK))
    return opened[-1]


def why(answer: object) -> str:
    assert isinstance(answer, NotLooked)
    return answer.why


def test_a_repository_costs_two_questions(double: HubDouble) -> None:
    found = github(double).code("acme/lm")
    assert isinstance(found, CodeRepo)
    assert found.id == "Acme/LM"
    assert found.info == {"full_name": "Acme/LM", "license": {"spdx_id": "MIT"}, "archived": True, "tree": TREE}
    assert (found.license, found.archived, found.tree) == ("MIT", True, tuple(TREE))
    assert found.gathered is not None
    assert [request.raw for request in double.requests] == [REPO, f"{TREES}?recursive=1"]


def test_with_a_token_the_commit_is_asked_for_too(double: HubDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
    monkeypatch.setenv("GITHUB_API_URL", double.url)
    found = github(None).code("acme/lm")
    assert isinstance(found, CodeRepo)
    assert found.info["sha"] == SHA
    assert found.url("train.py") == f"https://github.com/Acme/LM/blob/{SHA}/train.py"
    assert double.count(f"/repos/Acme/LM/git/trees/{SHA}") == 1
    assert {request.headers["Authorization"] for request in double.requests} == {"Bearer ghp_secret"}


def test_without_licence_and_without_files(double: HubDouble) -> None:
    double.fault("/repos/acme/bare/git/trees/main", status=409, body=b'{"message": "Git Repository is empty."}')
    found = github(double).code("acme/bare")
    assert isinstance(found, CodeRepo)
    assert found.info == {"full_name": "acme/bare", "license": None, "archived": False, "tree": []}


def test_a_repository_is_asked_for_once(double: HubDouble) -> None:
    source = github(double)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(source.code, ["acme/lm", "Acme/LM"] * 4))
    assert len({id(answer) for answer in found}) == 1
    assert double.repeated() == []


def test_a_renamed_repository_is_followed(double: HubDouble) -> None:
    found = github(double).code("old/lm")
    assert isinstance(found, CodeRepo)
    assert found.id == "Acme/LM"


def test_a_redirect_to_another_host_is_not_followed(double: HubDouble) -> None:
    with HubDouble({}, host="localhost") as elsewhere:
        double.fault(REPO, status=301, headers={"Location": f"{elsewhere.url}/repos/acme/lm"})
        assert "redirects to another host" in why(github(double, "ghp_secret").code("acme/lm"))
        assert elsewhere.count() == 0


@pytest.mark.parametrize("location", [REPO, "http://[", ""])
def test_redirects_that_lead_nowhere_end(double: HubDouble, location: str) -> None:
    double.fault(REPO, status=301, headers={"Location": location})
    assert why(github(double).code("acme/lm"))
    assert double.count() <= 8


def test_only_a_404_is_missing(double: HubDouble) -> None:
    source = github(double)
    assert source.code("acme/none") is MISSING
    assert source.code("acme/none") is MISSING
    assert double.count() == 1
    double.fault(TREES, status=404)  # the repository is there: something else is wrong
    assert "404" in why(source.code("acme/lm"))


@pytest.mark.parametrize(
    "id", ["acme", "acme/..", "acme/lm/tree", "../lm", "a c/lm", "acme/l?m", "acme/lm\n", "é/lm", ""]
)
def test_an_id_that_cannot_be_one_is_not_looked_up(double: HubDouble, id: str) -> None:
    assert why(github(double).code(id)) == "not a valid GitHub id"
    assert double.count() == 0


SPENT = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 3600)}
LIMITS: dict[str, dict[str, Any]] = {
    "primary": {"status": 403, "headers": SPENT},
    "secondary": {"status": 403, "headers": {"Retry-After": "60"}},
    "429": {"status": 429, "body": b'{"message": "slow down"}'},
}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS.keys())
@pytest.mark.parametrize("path", [REPO, TREES], ids=["repo", "tree"])
def test_after_a_rate_limit_nothing_is_asked(double: HubDouble, limit: dict[str, Any], path: str) -> None:
    double.fault(path, **limit)
    source = github(double)
    assert "rate limit" in why(source.code("acme/lm"))
    asked = double.count()
    assert "GITHUB_TOKEN" in why(source.code("acme/bare"))
    assert "rate limit" in why(source.code("acme/lm"))
    assert double.count() == asked
    assert double.repeated() == []


def test_after_the_rate_limit_has_ended_questions_are_asked_again(double: HubDouble) -> None:
    double.fault(REPO, status=429, times=1, headers={"Retry-After": "0"})
    source = github(double)
    assert "rate limit" in why(source.code("acme/lm"))
    assert isinstance(source.code("acme/lm"), CodeRepo)


def test_a_refused_token_ends_the_asking_and_is_not_shown(double: HubDouble) -> None:
    double.fault("*", status=401)
    source = github(double, "ghp_secret")
    for id in ("acme/lm", "acme/bare"):
        assert "GITHUB_TOKEN" in why(source.code(id))
        assert "ghp_secret" not in why(source.code(id))
    assert double.count() == 1


@pytest.mark.parametrize("status", [403, 400, 410, 418, 451])
def test_other_refusals_are_not_missing(double: HubDouble, status: int) -> None:
    double.fault(REPO, status=status)
    assert f"it answers {status}" in why(github(double).code("acme/lm"))
    assert double.count() == 1


PASSING: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "503": {"status": 503},
    "reset": {"reset": True},
    "cut off": {"cut": 1},
    "slow": {"delay": 0.5},
    "truncated": {"status": 200, "body": b'{"full_name": "Ac'},
    "page": {"status": 200, "body": b"<html>"},
    "deep": {"status": 200, "body": b"[" * 100_000},
    "gzip": {"status": 200, "body": b"{}", "headers": {"Content-Encoding": "gzip"}},
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_what_may_pass_is_asked_again(double: HubDouble, fault: dict[str, Any]) -> None:
    double.fault(REPO, times=1, **fault)
    double.fault(TREES, times=1, **fault)
    assert isinstance(github(double).code("acme/lm"), CodeRepo)
    double.fault("/repos/acme/bare", **fault)
    assert why(github(double).code("acme/bare")).endswith("(2 tries)")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (REPO, {}),
        (REPO, {"full_name": 7, "default_branch": "main"}),
        (REPO, {"full_name": "../x", "default_branch": "main"}),
        (REPO, {"full_name": "Acme/LM"}),
        (TREES, {}),
        (TREES, {"tree": {"path": "x"}}),
        (TREES, {"tree": ["x"]}),
        (TREES, {"tree": [{"path": 1}]}),
    ],
    ids=range(8),
)
def test_an_answer_of_another_shape_is_not_looked(double: HubDouble, path: str, body: object) -> None:
    double.fault(path, status=200, body=json.dumps(body).encode())
    assert "the shape of" in why(github(double).code("acme/lm"))


def test_trees_are_bounded(double: HubDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    double.fault(TREES, status=200, times=1, body=json.dumps({"tree": [{"path": "x"}] * (MAX_PATHS + 1)}).encode())
    found = github(double).code("acme/lm")
    assert isinstance(found, CodeRepo)
    assert (len(found.tree), found.info["truncated"]) == (MAX_PATHS, True)
    double.fault(TREES, status=200, times=1, body=b'{"tree": [], "truncated": true}')
    found = github(double).code("acme/lm")
    assert isinstance(found, CodeRepo)
    assert found.info["truncated"] is True
    monkeypatch.setattr("openaudit.sources.github.MAX_TREE", 1 << 20)
    double.fault(TREES, status=200, body=b" " * (2 << 20))
    assert "larger than 1 MiB" in why(github(double).code("acme/lm"))


def test_a_password_in_netrc_stays_there(double: HubDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert isinstance(github(double).code("acme/lm"), CodeRepo)
    assert all("Authorization" not in request.headers for request in double.requests)


def test_proxies_are_used(double: HubDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", double.url)
    source = github("http://github.invalid")
    assert isinstance(source.code("acme/lm"), CodeRepo)
    assert double.requests[0].raw == "http://github.invalid/repos/acme/lm"  # as a proxy is asked


@pytest.mark.parametrize("token", ["ghp_secret\nX: y", "ghp_sécr\u2028et"])
def test_a_token_that_cannot_be_sent_is_not_shown(double: HubDouble, token: str) -> None:
    assert "check GITHUB_TOKEN" in why(github(double, token).code("acme/lm"))


@pytest.mark.parametrize("api", ["ftp://x", "api.github.com", "http://"])
def test_an_address_that_is_none_is_refused(api: str) -> None:
    with pytest.raises(UsageError, match="GITHUB_API_URL"):
        GitHub(api)
