"""How much is sent, for how long, and what servers ask to be spared: with a clock of its own, and over real HTTP."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.thread import BrokenThreadPool
from itertools import pairwise
from typing import Any

import pytest
from huggingface_hub import close_session

from openaudit.errors import SubjectError, Unreachable
from openaudit.evidence import CodeRepo, NotLooked, Repo
from openaudit.sources.gather import gather
from openaudit.sources.hub import HubSource
from openaudit.sources.traffic import Again, GaveUp, OutOfTime, Patience, Quota, Traffic, persist, share_a_core
from tests.commands import repository
from tests.hubdouble import HubDouble, ProxyDouble

SHA = "a" * 40
QUICK = Patience(tries=4, budget=10.0, timeout=1.0, wait=0.005)


def repo(id: str, card: str = "# it\n", kind: str = "models", **info: Any) -> dict[str, Any]:
    found = repository(kind, id, card, ["LICENSE", "model.safetensors"], sha=SHA, **info)
    found[f"{kind}/{id}/files/LICENSE"] = "MIT"
    if kind == "models":
        found[f"{kind}/{id}/refs.json"] = {"branches": []}
    return found


def many(count: int) -> dict[str, Any]:
    store = {
        path: value for n in range(count) for path, value in repo(f"m/{n}", cardData={"base_model": "m/0"}).items()
    }
    return store | repo("m/0")


def source(double: HubDouble, **options: Any) -> HubSource:
    return HubSource(double.url, **{"patience": QUICK, "github": double.url, **options})


# --------------------------------------------------------------------------- a quota


def test_what_a_server_says_is_left_is_spent_and_no_more() -> None:
    quota = Quota()
    assert [quota.take() for _ in range(3)] == [0.0] * 3  # nothing known yet
    quota.told(4, 60)
    quota.done()  # two are under way, which it may not have counted yet
    assert [quota.take() for _ in range(2)] == [0.0] * 2
    assert 0 < quota.take() < 1
    for left in (3, 2, 1):
        quota.told(left, 60)
        quota.done()
    quota.done()  # one tells nothing, and was counted all the same
    assert 59 < quota.take() <= 60


def test_answers_may_overtake_each_other() -> None:
    quota = Quota()
    for _ in range(3):
        quota.take()
    for left in (3, 1, 2):
        quota.told(left, 60)
        quota.done()
    assert quota.take() == 0.0
    quota.told(0, 60)
    quota.done()
    assert 59 < quota.take() <= 60


def test_after_a_window_one_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("openaudit.sources.traffic.time.monotonic", lambda: now[0])
    quota = Quota()
    quota.take()
    quota.told(0, 30)
    quota.done()
    assert quota.take() == 30
    now[0] += 30
    assert quota.take() == 0
    assert 0 < quota.take() < 1
    quota.done()  # it brought no news: the server tells no more
    assert [quota.take() for _ in range(9)] == [0.0] * 9
    quota.hold(5)
    assert quota.take() == 5
    now[0] += 5
    assert quota.take() == 0


# --------------------------------------------------------------------------- a rate limit


def test_a_429_that_one_is_given_holds_all_others_back() -> None:
    with HubDouble(many(24)) as double:
        double.fault("/api/models/m/5", status=429, times=1, headers={"Retry-After": "2"})
        with source(double, workers=8) as hub, ThreadPoolExecutor(8) as pool:
            found = list(pool.map(hub.model, (f"m/{n}" for n in range(24))))
        assert all(isinstance(one, Repo) for one in found)
        (refused,) = (request.at for request in double.requests if request.status == 429)
        api = sorted(request.at for request in double.requests if request.path.startswith("/api/"))
        assert any(later - earlier > 1.5 and earlier >= refused for earlier, later in pairwise(api))


def test_a_quota_is_not_run_into() -> None:
    """Forty requests to the API in windows of ten, sixteen at once: the Hub never has to say no."""
    with HubDouble(many(20), latency=0.01, quota=(10, 1.0)) as double:
        with source(double, workers=16, budget=60) as hub, ThreadPoolExecutor(16) as pool:
            hub.model("m/0")  # the first answer tells what there is
            found = list(pool.map(hub.model, (f"m/{n}" for n in range(20))))
        assert all(isinstance(one, Repo) for one in found)
        assert double.statuses()[429] == 0
        assert double.count() > 60


def test_without_a_budget_a_long_wait_is_given_up_at_once() -> None:
    with HubDouble(many(3), quota=(4, 60.0)) as double, source(double) as hub:
        start = time.monotonic()
        found = [hub.model(f"m/{n}") for n in range(3)]
        assert time.monotonic() - start < 3
        assert isinstance(found[0], Repo)
        last = found[2]
        assert isinstance(last, NotLooked)
        assert "left alone" in last.why
        assert double.statuses()[429] == 0


def test_the_window_of_the_policy_is_waited_for_where_nothing_else_is_said() -> None:
    with HubDouble(many(1)) as double:
        policy = {"RateLimit-Policy": '"fixed window";"api";q=500;w=1'}
        double.fault("/api/models/m/0", status=429, times=1, headers=policy)
        with source(double) as hub:
            hub.subject("m/0")
        first, second = (request.at for request in double.requests if request.path == "/api/models/m/0")
        assert second - first >= 1


def test_github_is_not_asked_beyond_what_it_says_is_left() -> None:
    store = {f"github/o/r{n}.json": {"full_name": f"o/r{n}", "license": None, "tree": []} for n in range(4)}
    with HubDouble(store) as double:
        headers = {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": str(int(time.time()) + 3600)}
        body = b'{"full_name": "o/r0", "default_branch": "main", "license": null}'
        double.fault("/repos/o/r0", status=200, headers=headers, body=body)
        with source(double) as hub:
            assert isinstance(hub.code("o/r0"), CodeRepo)
            for n in (1, 2):
                answer = hub.code(f"o/r{n}")
                assert isinstance(answer, NotLooked)
                assert "rate limit" in answer.why
        assert double.count() == 2


# --------------------------------------------------------------------------- how much at once


def test_as_many_requests_as_workers_are_under_way_and_never_more() -> None:
    """Sixteen audits in sixteen threads share one source: neither a deadlock, nor an idle turn."""
    store = many(64)
    for n in range(64):
        card = f"[Code](https://github.com/o/r{n})"
        store |= repo(f"m/{n}", card, cardData={"base_model": ["m/0", "m/1"], "datasets": [f"d/{n}", "d/0"]})
        store |= repo(f"d/{n}", kind="datasets")
        store[f"github/o/r{n}.json"] = {"full_name": f"o/r{n}", "license": None, "tree": ["train.py"]}
    with HubDouble(store, latency=0.05) as double:
        with source(double, workers=16) as hub, ThreadPoolExecutor(16) as pool:
            found = list(pool.map(lambda n: gather(hub, f"m/{n}"), range(64), timeout=60))
        assert len(found) == 64
        assert all(isinstance(one.code(f"o/r{n}"), CodeRepo) for n, one in enumerate(found))
        assert double.max_in_flight == 16
        assert double.repeated() == []
        assert double.connections <= 48  # kept and used again: for the Hub, and for GitHub


def test_a_pause_keeps_no_turn() -> None:
    with HubDouble(many(6)) as double:
        slow = Patience(tries=2, budget=10, timeout=1, wait=1.5)
        for n in range(2):
            double.fault(f"/api/models/m/{n}", status=503, times=1)
        with source(double, workers=2, patience=slow) as hub, ThreadPoolExecutor(6) as pool:
            asked = [pool.submit(hub.model, f"m/{n}") for n in range(6)]
            start = time.monotonic()
            assert all(isinstance(one.result(), Repo) for one in asked[2:])
            assert time.monotonic() - start < 0.7
            assert all(isinstance(one.result(), Repo) for one in asked)


# --------------------------------------------------------------------------- a budget


@pytest.mark.parametrize("fault", [{"delay": 3.0}, {"drip": 0.3}, {"status": 503}, {"reset": True}], ids=repr)
def test_once_time_is_up_everything_open_ends_at_once(fault: dict[str, Any]) -> None:
    patient = Patience(tries=100, budget=60, timeout=10, wait=0.2)
    with HubDouble(many(40)) as double:
        double.fault("*", **fault)
        with source(double, workers=4, patience=patient, budget=1.0) as hub, ThreadPoolExecutor(24) as pool:
            start = time.monotonic()
            found = list(pool.map(hub.model, (f"m/{n}" for n in range(1, 24))))
            code = hub.code("o/r")
            with pytest.raises(Unreachable, match=r"^m/30: out of time$") as caught:
                hub.subject("m/30")
            took = time.monotonic() - start
        assert 0.9 < took < 1.6
        assert caught.value.advice == "Allow more time."
        for answer in (*found, code):
            assert isinstance(answer, NotLooked)
            assert answer.why == "out of time"


def test_what_is_held_is_told_after_it_too() -> None:
    with HubDouble(many(2)) as double, source(double, budget=0.7) as hub:
        before = hub.subject("m/1")
        time.sleep(0.8)
        assert hub.subject("m/1") is before
        assert isinstance(hub.model("m/0"), NotLooked)


def test_closing_ends_every_wait() -> None:
    traffic, quota = Traffic(1), Quota()
    traffic.enter(quota, 1)
    quota.hold(30)
    ended: list[type[Exception]] = []

    def wait() -> None:
        try:
            traffic.enter(quota, 60)
        except OutOfTime as end:
            ended.append(type(end))

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    traffic.close()
    traffic.leave(quota)
    for thread in threads:
        thread.join(5)
    assert ended == [OutOfTime] * 3


def test_waiting_for_a_turn_costs_no_patience() -> None:
    traffic, quota = Traffic(1), Quota()
    traffic.enter(quota, 1)
    threading.Timer(0.3, traffic.leave, [quota]).start()
    assert persist(lambda _: lambda: 7, Patience(budget=0.1), traffic, quota) == 7


def test_reading_an_answer_takes_no_turn_and_may_lead_to_another_try() -> None:
    traffic, quota, answers = Traffic(1), Quota(), iter([b"cut o", b"whole"])

    def attempt(_: float) -> Callable[[], bytes]:
        answer = next(answers)

        def read() -> bytes:
            assert traffic.enter(quota, 1) == 0  # the turn is over
            traffic.leave(quota)
            if answer != b"whole":
                raise Again("cut off")
            return answer

        return read

    assert persist(attempt, Patience(budget=5, wait=0.01), traffic, quota) == b"whole"


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not let one choose a core")
def test_threads_that_gather_share_a_core_and_no_other_thread_is_moved() -> None:
    before = os.sched_getaffinity(0)

    def chosen(choose: Callable[[], None]) -> set[int]:
        with ThreadPoolExecutor(1, initializer=choose) as pool:
            return pool.submit(os.sched_getaffinity, 0).result()

    try:
        chosen(lambda: os.sched_setaffinity(0, {min(before)}))
    except BrokenThreadPool:
        pytest.skip("nobody may choose a core here")
    assert chosen(share_a_core) == chosen(share_a_core)
    assert len(chosen(share_a_core)) == 1
    assert os.sched_getaffinity(0) == before


def test_the_last_failure_is_what_is_told() -> None:
    def attempt(_: float) -> None:
        raise Again("it answers 429 (rate limit, wait 30 s)", 30, spent=True)

    with pytest.raises(GaveUp, match=r"^it answers 429 \(rate limit, wait 30 s\)$"):
        persist(attempt, Patience(budget=5), Traffic(), Quota())


# --------------------------------------------------------------------------- how deep


LATENCY = 0.25


def test_an_audit_is_four_requests_deep() -> None:
    """Info; card, beside the infos that the metadata names; their cards, beside the code the card names; its files."""
    data = {"base_model": "m/base", "datasets": ["d/d"]}
    store = repo(
        "m/lm", "[Code](https://github.com/o/r) trained on [e](https://huggingface.co/datasets/d/e)", cardData=data
    )
    store |= repo("m/base") | repo("d/d", kind="datasets") | repo("d/e", kind="datasets")
    store["github/o/r.json"] = {"full_name": "o/r", "license": None, "tree": ["train.py"]}
    with HubDouble(store, latency=LATENCY) as double, source(double) as hub:
        found = gather(hub, "m/lm")
        assert isinstance(found.code("o/r"), CodeRepo)
        assert double.depth() == 4
        named = {r.path: r.at for r in double.requests if r.path.startswith("/api/") and not r.path.endswith("/refs")}
        card = next(r.at for r in double.requests if r.path.endswith("README.md"))
        assert named["/api/models/m/base"] - card < 0.8 * LATENCY  # asked beside the card, not after it
        assert named["/api/datasets/d/d"] - card < 0.8 * LATENCY


def test_a_generation_costs_one_request_more() -> None:
    store: dict[str, Any] = {}
    for n in range(7):
        store |= repo(f"m/{n}", cardData={"base_model": f"m/{n + 1}"})
    with HubDouble(store, latency=LATENCY) as double, source(double) as hub:
        found = gather(hub, "m/0")
        assert len(found.models) == 6
        assert double.depth() == 7  # two, and one for each of five generations
        assert double.count("/api/models/m/6") == 0


# --------------------------------------------------------------------------- faults, proxies


FAULTS: dict[str, dict[str, Any]] = {
    "10 % of 500s": {"status": 500, "share": 0.1},
    "every 7th a 429": {"status": 429, "every": 7, "headers": {"Retry-After": "0"}},
    "resets": {"reset": True, "share": 0.1},
    "truncated JSON": {"cut": 10, "share": 0.1},
    "stalls": {"delay": 1.5, "share": 0.03},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_run_among_faults_ends_and_tells_only_what_is_true(fault: dict[str, Any]) -> None:
    with HubDouble(many(60)) as double:
        with source(double, cache=False) as hub:
            truth = {n: gather(hub, f"m/{n}").model(f"m/{n}") for n in range(60)}
        double.fault("*", **fault)

        def audit(hub: HubSource, n: int) -> object:
            try:
                return gather(hub, f"m/{n}").model(f"m/{n}")
            except SubjectError as problem:
                return problem

        with source(double, workers=16, cache=False) as hub, ThreadPoolExecutor(16) as pool:
            found = dict(enumerate(pool.map(lambda n: audit(hub, n), range(60), timeout=60)))
    right = 0
    for n, answer in found.items():
        true = truth[n]
        assert isinstance(true, Repo)
        if isinstance(answer, Repo):
            assert answer.info == true.info
            assert answer.files.items() <= true.files.items()
            assert set(true.files) == set(answer.files) | set(answer.unread)
            right += answer.files == true.files
        else:
            assert isinstance(answer, Unreachable)
            assert str(answer).endswith("(4 tries)")
    assert right >= 55


@pytest.fixture
def own_session() -> Iterator[None]:
    """The library has one session a process, which remembers the proxies of its birth."""
    close_session()
    yield
    close_session()


@pytest.mark.usefixtures("own_session")
def test_everything_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    store = repo("m/lm", "[Code](https://github.com/o/r)")
    store["github/o/r.json"] = {"full_name": "o/r", "license": None, "tree": ["train.py"]}
    with HubDouble(store) as double, ProxyDouble(double.url) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with HubSource("http://hub.invalid", patience=QUICK, github="http://github.invalid") as hub:
            found = gather(hub, "m/lm")
            assert isinstance(found.code("o/r"), CodeRepo)
        with HubSource("http://hub.invalid", patience=QUICK, github="http://github.invalid") as hub:
            gather(hub, "m/lm")
        assert len(proxy.asked) == double.count() == 10
        assert double.statuses() == {200: 6, 304: 4}
        assert {url.split("/")[2] for url in proxy.asked} == {"hub.invalid", "github.invalid"}


def test_a_name_nobody_knows_ends_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = socket.getaddrinfo

    def unknown(host: str, *args: Any, **options: Any) -> Any:
        if host.endswith(".invalid"):
            raise socket.gaierror(-3, "Temporary failure in name resolution")
        return real(host, *args, **options)

    with HubDouble(repo("m/lm", "[Code](https://github.com/o/r)")) as double:
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with HubSource(double.url, patience=QUICK, github="https://github.invalid") as hub:
            answer = gather(hub, "m/lm").code("o/r")
            assert isinstance(answer, NotLooked)
            assert answer.why == "github.invalid: no connection, or it broke off (4 tries)"
        with (
            HubSource("https://hub.invalid", patience=QUICK) as hub,
            pytest.raises(Unreachable, match="name resolution"),
        ):
            hub.subject("m/lm")
