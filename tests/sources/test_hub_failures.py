"""HubSource when the Hub fails: what is asked again, how often, and what is said in the end."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from huggingface_hub import close_session

from openaudit.errors import Unreachable
from openaudit.evidence import NotLooked, Repo
from openaudit.sources.hub import HubSource
from openaudit.sources.traffic import Patience
from tests.hubdouble import HubDouble

SHA = "a" * 40
API = "/api/models/acme/lm"
LICENSE = f"/acme/lm/resolve/{SHA}/LICENSE"
INFO: dict[str, Any] = {"id": "acme/lm", "sha": SHA, "siblings": [{"rfilename": "README.md"}, {"rfilename": "LICENSE"}]}
STORE: dict[str, Any] = {
    "models/acme/lm/info.json": INFO,
    "models/acme/lm/refs.json": {"branches": []},
    "models/acme/lm/files/README.md": "# lm",
    "models/acme/lm/files/LICENSE": "MIT",
}
QUICK = Patience(tries=2, budget=5.0, timeout=0.3, wait=0.001)

PASSING = {
    "500": {"status": 500},
    "502": {"status": 502},
    "503 with a page": {"status": 503, "body": b"<html>"},
    "504": {"status": 504},
    "429": {"status": 429},
    "429 with Retry-After": {"status": 429, "headers": {"Retry-After": "0"}},
    "reset": {"reset": True},
    "cut off": {"cut": 1},
    "slow to answer": {"delay": 0.5},
    "truncated JSON": {"status": 200, "body": b'{"id": "acme/lm", "sib'},
    "page of a proxy": {"status": 200, "body": b"<html>log in</html>"},
    "broken gzip": {"status": 200, "body": b"{}", "headers": {"Content-Encoding": "gzip"}},
}


@pytest.fixture
def proxies() -> Iterator[None]:
    """The library has one session a process, which remembers the proxies of its birth."""
    close_session()
    yield
    close_session()


@pytest.fixture
def double() -> Iterator[HubDouble]:
    with HubDouble(STORE) as serving:
        yield serving


def source(at: HubDouble | str, patience: Patience = QUICK, **options: Any) -> HubSource:
    url = at if isinstance(at, str) else at.url
    return HubSource(url, patience=patience, github=url, **options)


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_what_may_pass_is_asked_again(double: HubDouble, fault: dict[str, Any]) -> None:
    double.fault(API, times=1, **fault)
    with source(double) as hub:
        assert hub.subject("acme/lm", None).files == {"README.md": "# lm", "LICENSE": "MIT"}
    assert double.count(API) == 2


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_what_does_not_pass_is_said_in_one_line(double: HubDouble, fault: dict[str, Any]) -> None:
    double.fault(API, **fault)
    with source(double) as hub:
        with pytest.raises(Unreachable) as caught:
            hub.subject("acme/lm", None)
        assert double.count(API) == 2
        text = str(caught.value)
        assert text.startswith(f"acme/lm: {double.url.removeprefix('http://')}: ")
        assert text.endswith("(2 tries)")
        assert "\n" not in text
        assert isinstance(hub.model("acme/lm"), NotLooked)  # a failure is not remembered: it may have passed
        assert double.count(API) == 4


@pytest.mark.parametrize("name", ["500", "reset", "cut off", "slow to answer", "broken gzip"])
def test_a_file_that_fails_says_why_and_spoils_nothing_else(double: HubDouble, name: str) -> None:
    double.fault(LICENSE, times=2, **PASSING[name])
    with source(double) as hub:
        found = hub.subject("acme/lm", None)
        assert found.files == {"README.md": "# lm"}
        assert set(found.unread) == {"LICENSE"}
        assert found.unread["LICENSE"].endswith("(2 tries)")
        again = hub.model("acme/lm")  # for the next model in a batch, the file may be readable again
        assert isinstance(again, Repo)
        assert again.unread == {}


def test_a_listed_file_that_is_gone_is_asked_for_once(double: HubDouble) -> None:
    double.fault(LICENSE, status=404, headers={"X-Error-Code": "EntryNotFound"})
    with source(double) as hub:
        assert hub.subject("acme/lm", None).unread == {"LICENSE": "listed, but not there"}
    assert double.count(LICENSE) == 1


@pytest.mark.parametrize("headers", [{"Retry-After": "1"}, {"RateLimit": '"api";r=0;t=1'}], ids=["old", "new"])
def test_a_rate_limit_is_waited_for(double: HubDouble, headers: dict[str, str]) -> None:
    double.fault(API, status=429, times=1, headers=headers)
    with source(double) as hub:
        hub.subject("acme/lm", None)
    first, second = (request.at for request in double.requests if request.path == API)
    assert second - first >= 1


def test_a_rate_limit_longer_than_the_budget_is_not_waited_for_and_nobody_asks_meanwhile(double: HubDouble) -> None:
    double.fault(API, status=429, headers={"Retry-After": "300"})
    start = time.monotonic()
    with source(double) as hub:
        with pytest.raises(Unreachable, match=r"rate limit, wait 300 s"):
            hub.subject("acme/lm", None)
        other = hub.dataset("acme/data")
    assert isinstance(other, NotLooked)
    assert "rate limit" in other.why
    assert double.count() == 1
    assert time.monotonic() - start < 2


def test_dripping_answers_end_with_the_budget(double: HubDouble) -> None:
    double.fault(API, drip=0.05)
    start = time.monotonic()
    short = Patience(tries=3, budget=0.4, timeout=0.3, wait=0.001)
    with source(double, short) as hub, pytest.raises(Unreachable, match="too slowly"):
        hub.subject("acme/lm", None)
    assert time.monotonic() - start < 2


def test_an_endless_info_is_stopped(double: HubDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openaudit.sources.hubhttp.MAX_INFO", 2 << 20)
    double.fault(API, status=200, body=b'{"id": "' + b"x" * (3 << 20))
    with source(double) as hub, pytest.raises(Unreachable, match="larger than 2 MiB"):
        hub.subject("acme/lm", None)
    assert double.count(API) == 1


MISSHAPEN = {
    "a list": [INFO],
    "a string": "acme/lm",
    "nothing": {},
    "id a number": {**INFO, "id": 7},
    "id a path": {**INFO, "id": "../../etc"},
    "sha a path": {**INFO, "sha": "../../main"},
    "sha a number": {**INFO, "sha": 12},
    "siblings a string": {**INFO, "siblings": "README.md"},
    "siblings strings": {**INFO, "siblings": ["README.md"]},
    "rfilename a number": {**INFO, "siblings": [{"rfilename": 1}]},
    "cardData a list": {**INFO, "cardData": ["x"]},
    "tags an object": {**INFO, "tags": {"a": 1}},
    "deep": {**INFO, "cardData": json.loads('{"a":' * 70 + "1" + "}" * 70)},
}


@pytest.mark.parametrize("body", MISSHAPEN.values(), ids=MISSHAPEN.keys())
def test_an_answer_of_another_shape_is_refused(double: HubDouble, body: object) -> None:
    double.fault(API, status=200, body=json.dumps(body).encode())
    with source(double) as hub:
        with pytest.raises(Unreachable):
            hub.subject("acme/lm", None)
        assert isinstance(hub.model("acme/lm"), NotLooked)


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"id": NaN}', b'{"id": "\xff"}', b'{"id": "\xed\xa0\x80"}', b"", b"1" * 5000],
    ids=["deep", "NaN", "latin-1", "surrogate", "empty", "a long number"],
)
def test_json_that_is_none_is_refused(double: HubDouble, body: bytes) -> None:
    double.fault(API, status=200, body=body)
    with source(double) as hub, pytest.raises(Unreachable, match="not the JSON it should be"):
        hub.subject("acme/lm", None)


def test_half_an_emoji_is_replaced(double: HubDouble) -> None:
    double.fault(API, status=200, body=json.dumps({**INFO, "cardData": {"a": "x\ud83d", "b": "\U0001f600"}}).encode())
    with source(double) as hub:
        assert hub.subject("acme/lm", None).card_data == {"a": "x\ufffd", "b": "\U0001f600"}


@pytest.mark.parametrize("location", ["/api/models/acme/lm", "file:///etc/passwd", "http://[", "http://x:y/", "//"])
def test_redirects_that_lead_nowhere_end(double: HubDouble, location: str) -> None:
    double.fault(API, status=307, headers={"Location": location})
    with source(double) as hub, pytest.raises(Unreachable):
        hub.subject("acme/lm", None)
    assert double.count(API) <= 5


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with source(url) as hub, pytest.raises(Unreachable, match=r"no connection \(.*refused\)") as caught:
            hub.subject("acme/lm", None)
    assert url.removeprefix("http://") in str(caught.value)


def test_the_name_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with source("https://hub.invalid") as hub:
        with pytest.raises(Unreachable, match=r"hub\.invalid: no connection .*not known"):
            hub.subject("acme/lm", None)
        assert isinstance(hub.dataset("acme/data"), NotLooked)


@pytest.mark.usefixtures("proxies")
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_the_proxy_fails(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    with HubDouble({}) as proxy:
        proxy.fault("*", status=502)
        monkeypatch.setenv(variable, proxy.url)
        with source("http://hub.invalid") as hub, pytest.raises(Unreachable, match=r"hub\.invalid: it answers 502"):
            hub.subject("acme/lm", None)


@pytest.mark.usefixtures("proxies")
def test_the_proxy_refuses_the_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    with HubDouble({}) as proxy:  # answers CONNECT with 501
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with source("https://hub.invalid") as hub, pytest.raises(Unreachable, match="the proxy refused"):
            hub.subject("acme/lm", None)


@pytest.mark.usefixtures("proxies")
@pytest.mark.parametrize("proxy", ["gopher://x:1", "socks5://user:hunter2@127.0.0.1:1", "http://x:y"])
def test_a_proxy_that_cannot_be_used_is_said_without_its_password(
    double: HubDouble, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with source(double) as hub, pytest.raises(Unreachable) as caught:
        hub.subject("acme/lm", None)
    assert "hunter2" not in repr(caught.value)
