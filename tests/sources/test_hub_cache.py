"""HubSource with its cache, over real HTTP: what a second audit asks, and what it is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from openaudit.errors import NotFound, Unreachable, UsageError
from openaudit.evidence import MISSING, CodeRepo, NotLooked, Repo, Snapshot
from openaudit.sources.gather import gather
from openaudit.sources.hub import HubSource
from openaudit.sources.traffic import Patience
from tests.commands import Ran, process, repository, run
from tests.hubdouble import HubDouble, Request

SHA, LATER = "a" * 40, "b" * 40
QUICK = Patience(tries=2, budget=5.0, timeout=2.0, wait=0.001)
CARD = "---\nbase_model: acme/base\ndatasets: [acme/data]\n---\n# lm\n[Code](https://github.com/acme/code)\n"


def repo(id: str, card: str = "# it\n", kind: str = "models", **info: Any) -> dict[str, Any]:
    found = repository(kind, id, card, ["LICENSE", "model.safetensors"], sha=SHA, **info)
    found[f"{kind}/{id}/files/LICENSE"] = "MIT"
    if kind == "models":
        found[f"{kind}/{id}/refs.json"] = {"branches": [{"name": "main", "targetCommit": SHA}]}
    return found


def world(**info: Any) -> dict[str, Any]:
    data = {"base_model": "acme/base", "datasets": ["acme/data"]}
    return {
        **repo("acme/lm", CARD, cardData=data, **info),
        **repo("acme/base"),
        **repo("acme/data", kind="datasets"),
        "github/acme/code.json": {"full_name": "acme/code", "license": None, "archived": False, "tree": ["train.py"]},
        "redirects.json": {"models": {"old/base": "acme/base"}},
    }


@pytest.fixture
def hub(tmp_path: Path) -> Callable[..., HubSource]:
    def source(double: HubDouble, **options: Any) -> HubSource:
        return HubSource(
            double.url, **{"patience": QUICK, "github": double.url, "cache": tmp_path / "cache", **options}
        )

    return source


Open = Callable[..., HubSource]


def look(hub: Open, double: HubDouble, id: str = "acme/lm", **options: Any) -> tuple[Snapshot, list[Request]]:
    """One run: what it gathered, and what it asked."""
    double.forget()
    with hub(double, **options) as source:
        found = gather(source, id)
    return found, list(double.requests)


def bare(snapshot: Snapshot) -> object:
    """All that was gathered but the times."""

    def of(look: object) -> object:
        if isinstance(look, Repo):
            return (look.id, dict(look.info), look.refs, dict(look.files), dict(look.unread))
        return (look.id, dict(look.info)) if isinstance(look, CodeRepo) else getattr(look, "why", "missing")

    tables = (snapshot.models, snapshot.datasets, snapshot.github)
    return [[(id, of(look)) for id, look in table.items()] for table in tables], snapshot.redirects


# --------------------------------------------------------------------------- the second audit


def test_a_second_audit_only_has_things_confirmed(hub: Open) -> None:
    with HubDouble(world()) as double:
        first, asked = look(hub, double)
        assert {request.status for request in asked} == {200}
        assert len(asked) == 13
        second, again = look(hub, double)
    assert bare(second) == bare(first)
    assert {request.status for request in again} == {304}
    assert all("If-None-Match" in {name.title() for name in request.headers} for request in again)
    assert [request.path for request in again if "/resolve/" in request.path] == []
    assert len(again) == 8  # three infos, the size of one data set, the refs of two models, two of GitHub


def test_with_a_github_token_the_files_at_a_commit_are_not_asked_for_again(
    hub: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_1")
    store = world()
    store["github/acme/code.json"]["private"] = False
    with HubDouble(store) as double:
        look(hub, double)
        _, again = look(hub, double)
    paths = [request.path for request in again if request.path.startswith("/repos/")]
    assert paths == ["/repos/acme/code", "/repos/acme/code/git/ref/heads/main"]


def test_without_a_cache_everything_is_asked_anew(hub: Open, tmp_path: Path) -> None:
    with HubDouble(world()) as double:
        for _ in range(2):
            _, asked = look(hub, double, cache=False)
            assert [request.status for request in asked] == [200] * 13
    assert not (tmp_path / "cache").exists()


def test_a_server_without_etags_is_asked_for_all_but_the_files(hub: Open) -> None:
    with HubDouble(world(), etags=False) as double:
        first, _ = look(hub, double)
        second, again = look(hub, double)
    assert bare(second) == bare(first)
    assert {request.status for request in again} == {200}
    assert len(again) == 8


def test_what_changed_is_seen(hub: Open) -> None:
    store = world()
    with HubDouble(store) as double:
        look(hub, double)
        store["models/acme/lm/info.json"] |= {"sha": LATER, "likes": 7}
        store["models/acme/lm/files/LICENSE"] = "No longer MIT"
        found, again = look(hub, double)
        lm = found.model("acme/lm")
        assert isinstance(lm, Repo)
        assert (lm.revision, lm.info["likes"], lm.files["LICENSE"]) == (LATER, 7, "No longer MIT")
        assert sum("/resolve/" in request.path for request in again) == 2
        del store["models/acme/base/info.json"]
        assert look(hub, double)[0].model("acme/base") is MISSING


def test_the_time_told_is_that_of_the_answer(hub: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_700_000_000.0]
    monkeypatch.setattr("time.time", lambda: clock[0])
    with HubDouble(world()) as double:

        def times(**options: Any) -> set[str | None]:
            found, _ = look(hub, double, **options)
            looks = (*found.models.values(), *found.datasets.values(), *found.github.values())
            return {look.gathered for look in looks if isinstance(look, Repo | CodeRepo)}

        assert times() == {"2023-11-14T22:13:20Z"}
        clock[0] += 3600
        assert times() == {"2023-11-14T23:13:20Z"}  # confirmed
        clock[0] += 3600
        assert times(offline=True) == {"2023-11-14T23:13:20Z"}
        with hub(double) as source:
            source.subject("acme/lm")
            clock[0] += 3600
            for n in range(200):  # more than are kept in memory
                source.model(f"acme/{n}")
            assert source.subject("acme/lm").gathered == "2023-11-15T00:13:20Z"  # of the same run, and not asked again


def test_a_proxy_s_page_is_not_kept_as_a_file(hub: Open) -> None:
    with HubDouble(world()) as double:
        double.fault(f"/acme/lm/resolve/{SHA}/LICENSE", status=200, body=b"<html>Please log in", times=1)
        look(hub, double)
        found, _ = look(hub, double)
    lm = found.model("acme/lm")
    assert isinstance(lm, Repo)
    assert lm.files["LICENSE"] == "MIT"


def test_failures_and_refusals_are_not_kept(hub: Open) -> None:
    store = world()
    with HubDouble(store) as double:
        double.fault("/api/models/acme/base", status=500, times=2)
        double.fault("/api/datasets/acme/data", status=401, times=1)
        found, _ = look(hub, double)
        assert isinstance(found.model("acme/base"), NotLooked)
        assert found.dataset("acme/data") is MISSING
        found, _ = look(hub, double)
    assert isinstance(found.model("acme/base"), Repo)
    assert isinstance(found.dataset("acme/data"), Repo)


# --------------------------------------------------------------------------- who may see what


def test_what_one_token_sees_no_other_is_told(hub: Open) -> None:
    tokens = {"hf_in": True, "hf_out": False}
    with HubDouble(world(private=True), tokens=tokens) as double:
        found, _ = look(hub, double, token="hf_in")
        assert isinstance(found.model("acme/lm"), Repo)
        for token in ("hf_out", None):
            with pytest.raises(NotFound):
                look(hub, double, token=token)
            with pytest.raises(Unreachable, match="not in the cache"):
                look(hub, double, token=token, offline=True)
        assert look(hub, double, token="hf_in", offline=True)[0].subject == "acme/lm"


def test_who_is_shut_out_later_is_shut_out_of_the_cache_too(hub: Open) -> None:
    """A repository becomes gated without a new commit: what was read before may not be read today."""
    store, tokens = world(), {"hf": True}
    with HubDouble(store, tokens=tokens) as double:
        look(hub, double, token="hf")
        store["models/acme/lm/info.json"]["gated"] = "manual"
        found, again = look(hub, double, token="hf")
        lm = found.model("acme/lm")
        assert isinstance(lm, Repo)
        assert lm.files["LICENSE"] == "MIT"
        assert {r.status for r in again if r.path.startswith("/acme/lm/resolve/")} == {304}
        double._tokens["hf"] = False
        found, _ = look(hub, double, token="hf")
    lm = found.model("acme/lm")
    assert isinstance(lm, Repo)
    assert set(lm.unread) == {"LICENSE"}
    assert lm.unread["LICENSE"].startswith("gated")


# --------------------------------------------------------------------------- offline


@pytest.mark.parametrize("how", ["option", "variable"])
def test_offline_the_cache_is_all_there_is(hub: Open, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    store = world()
    with HubDouble(store) as double:
        first, _ = look(hub, double)
        store["models/acme/lm/info.json"]["cardData"] = {}
        if how == "variable":
            monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        found, asked = look(hub, double, offline=how == "option")
        assert asked == []
        assert bare(found) == bare(first)
        with pytest.raises(Unreachable, match=r"^acme/other: offline, and the model is not in the cache$"):
            look(hub, double, "acme/other", offline=how == "option")
        assert double.count() == 0


def test_offline_what_is_not_held_is_unknown(hub: Open) -> None:
    with HubDouble(world()) as double:
        with hub(double) as source:
            source.subject("acme/lm")
        found, _ = look(hub, double, offline=True)
    for answer in (found.model("acme/base"), found.dataset("acme/data"), found.code("acme/code")):
        assert isinstance(answer, NotLooked)
        assert answer.why == "offline, and not in the cache"


def test_offline_without_a_cache_makes_no_sense() -> None:
    with pytest.raises(UsageError):
        HubSource(cache=False, offline=True)


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with HubDouble(world()) as double:
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        monkeypatch.setenv("GITHUB_API_URL", double.url)
        monkeypatch.setenv("OPENAUDIT_CACHE_DIR", str(tmp_path / "c"))

        def audit(*options: str, how: Callable[..., Ran] = run) -> tuple[int, object, str]:
            ran = how("audit", "acme/lm", "--format", "json", *options)
            return ran.code, _timeless(json.loads(ran.out)) if ran.out else None, ran.err

        code, first, _ = audit("--no-cache")
        assert code == 0
        assert not (tmp_path / "c").exists()
        code, _, error = audit("--offline")
        assert code == 3
        assert error.startswith("openaudit: acme/lm: offline, and the model is not in the cache — Audit it once")
        assert error.count("\n") == 1
        assert audit() == (0, first, "")
        double.forget()
        assert audit() == (0, first, "")
        assert set(double.statuses()) == {304}
        double.forget()
        assert audit("--offline") == (0, first, "")
        assert audit("--offline", "--no-cache")[0] == 2
        assert double.count() == 0
        (tmp_path / "c" / "answers-1.sqlite3").write_bytes(b"x" * 5000)
        said = f"openaudit: the cache in {tmp_path / 'c'} was damaged, and was set aside\n"
        assert audit(how=process) == (0, first, said)


def _timeless(value: object) -> object:
    if isinstance(value, dict):
        return {key: _timeless(part) for key, part in value.items() if key not in ("gathered", "gathered_at")}
    return [_timeless(part) for part in value] if isinstance(value, list) else value


# --------------------------------------------------------------------------- one run, many models


@pytest.mark.parametrize("cache", [True, False])
def test_what_models_share_is_asked_for_once_a_run_however_many_they_are(hub: Open, cache: bool) -> None:
    """More models than any memory holds, from several threads: the cache's table remembers."""
    store = world()
    for n in range(300):
        data = {"base_model": "old/base" if n % 2 else "acme/base", "datasets": ["acme/data", "acme/gone"]}
        store |= repo(f"m/{n}", cardData=data)
    with HubDouble(store) as double:
        options = {} if cache else {"cache": False}
        with hub(double, workers=8, **options) as source, ThreadPoolExecutor(8) as pool:
            start = time.monotonic()
            found = list(pool.map(lambda n: gather(source, f"m/{n}"), range(300)))
            assert time.monotonic() - start < 60
        assert all(isinstance(one.model("acme/base"), Repo) for one in found)
        assert all(one.dataset("acme/gone") is MISSING for one in found)
        shared = [r.path for r in double.requests if "acme/" in r.path or "old/" in r.path]
        assert double.count("/api/models/old/base") == 1
        assert double.count("/api/models/acme/base") <= 2  # by its own name, and as what the old one leads to
        assert {double.count(path) for path in shared} <= {1, 2}
        assert [path for path in set(shared) if double.count(path) > 1] in ([], ["/api/models/acme/base"])
        assert double.max_in_flight <= 8
