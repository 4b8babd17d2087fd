"""HubSource against a Hub on loopback: what is asked for, what is kept, who gets the token."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from openaudit.errors import Gated, NotFound, Unreachable, UsageError
from openaudit.evidence import MISSING, NotLooked, Repo
from openaudit.sources import MAX_BYTES
from openaudit.sources.hub import HubSource
from openaudit.sources.traffic import Patience
from tests.hubdouble import HubDouble

SHA, OLDER = "a" * 40, "b" * 40
QUICK = Patience(tries=2, budget=5.0, timeout=0.4, wait=0.001)
API = "/api/models/acme/lm"

Store = dict[str, Any]
Open = Callable[..., HubSource]


def repo(id: str, files: dict[str, Any] | None = None, kind: str = "models", **info: Any) -> Store:
    """A repository in the layout of a snapshot. The files are listed without sizes."""
    files = {"README.md": f"# {id}\n", **(files or {})}
    listed = [{"rfilename": path} for path in (*files, "model.safetensors")]
    return {
        f"{kind}/{id}/info.json": {"id": id, "sha": SHA, "siblings": listed, **info},
        **{f"{kind}/{id}/files/{path}": text for path, text in files.items()},
    }


def lm(**info: Any) -> Store:
    """The model most tests look at."""
    refs = {"branches": [{"name": "main", "targetCommit": SHA}, {"name": "v/1", "targetCommit": OLDER}], "tags": []}
    files = {"LICENSE": "MIT", "config.json": "{}", "legal/USE_POLICY.md": "Be kind.", "data.py": "1"}
    return {**repo("acme/lm", files, **info), "models/acme/lm/refs.json": refs}


@pytest.fixture
def hub() -> Iterator[Open]:
    """Opens sources, and closes them after the test."""
    opened: list[HubSource] = []

    def open_source(at: HubDouble | str, **options: Any) -> HubSource:
        url = at if isinstance(at, str) else at.url
        options = {"patience": QUICK, "github": url, **options}
        opened.append(HubSource(url, **options))
        return opened[-1]

    yield open_source
    for source in opened:
        source.close()


# --------------------------------------------------------------------------- what is read


def test_a_model_is_read_at_the_commit_its_info_names(hub: Open) -> None:
    with HubDouble(lm(likes=7)) as double:
        found = hub(double).subject("acme/lm", None)
        asked = sorted(request.raw for request in double.requests)
    assert found.id == "acme/lm"
    assert found.info == json.loads(json.dumps(lm(likes=7)["models/acme/lm/info.json"]))
    assert found.files == {
        "README.md": "# acme/lm\n",
        "LICENSE": "MIT",
        "config.json": "{}",
        "legal/USE_POLICY.md": "Be kind.",
    }
    assert found.unread == {}
    assert found.refs is not None
    assert found.refs["branches"][0]["name"] == "main"
    assert found.endpoint == double.url
    assert found.gathered is not None
    assert found.gathered.endswith("Z")
    at = f"/acme/lm/resolve/{SHA}"
    files = [f"{at}/{path}" for path in ("LICENSE", "README.md", "config.json", "legal/USE_POLICY.md")]
    assert asked == sorted([f"{API}?blobs=true", f"{API}/refs", *files])


def test_of_a_data_set_only_info_and_card_are_read(hub: Open) -> None:
    with HubDouble(repo("acme/data", {"LICENSE": "MIT", "config.json": "{}"}, kind="datasets")) as double:
        found = hub(double).dataset("acme/data")
        asked = [request.raw for request in double.requests]
    assert isinstance(found, Repo)
    assert (dict(found.files), found.refs) == ({"README.md": "# acme/data\n"}, None)
    size = f"/api/datasets/acme/data/treesize/{SHA}"
    assert asked[0] == "/api/datasets/acme/data"
    assert sorted(asked[1:]) == sorted([size, f"/datasets/acme/data/resolve/{SHA}/README.md"])


def test_the_size_of_a_data_set_is_one_number_from_the_hub(hub: Open) -> None:
    files = {"data/a.parquet": "", "data/b.parquet": ""}
    sized = repo("acme/data", files, kind="datasets")
    sized["datasets/acme/data/info.json"]["siblings"] = [
        {"rfilename": "data/a.parquet", "size": 4_000_000_000},
        {"rfilename": "data/b.parquet", "size": 200_000_000},
    ]
    with HubDouble(sized) as double:
        found = hub(double).dataset("acme/data")
    assert isinstance(found, Repo)
    assert found.info["mainSize"] == 4_200_000_000


@pytest.mark.parametrize("answer", [b'{"size": "many"}', b'{"size": -1}', b'{"size": true}', b"{}"])
def test_a_size_that_is_none_is_not_known(hub: Open, answer: bytes) -> None:
    with HubDouble(repo("acme/data", {}, kind="datasets")) as double:
        double.fault(f"/api/datasets/acme/data/treesize/{SHA}", status=200, body=answer)
        found = hub(double).dataset("acme/data")
    assert isinstance(found, Repo)
    assert "mainSize" not in found.info


def test_a_data_set_is_read_where_its_size_is_refused(hub: Open) -> None:
    with HubDouble(repo("acme/data", {}, kind="datasets")) as double:
        double.fault(f"/api/datasets/acme/data/treesize/{SHA}", status=403)
        found = hub(double).dataset("acme/data")
    assert isinstance(found, Repo)
    assert "mainSize" not in found.info
    assert found.files == {"README.md": "# acme/data\n"}


def test_a_revision_is_asked_for_and_read_at_its_commit(hub: Open) -> None:
    with HubDouble(lm()) as double:
        found = hub(double).subject("acme/lm", "v/1")
        asked = [request.raw for request in double.requests]
    assert found.revision == OLDER
    assert asked[0] == f"{API}/revision/v%2F1?blobs=true"
    assert f"/acme/lm/resolve/{OLDER}/LICENSE" in asked


def test_nothing_is_fetched_twice(hub: Open) -> None:
    store = {**lm(), **repo("acme/base"), "redirects.json": {"models": {"old/lm": "acme/lm"}}}
    with HubDouble(store, latency=0.02) as double:
        source = hub(double)
        with ThreadPoolExecutor(8) as pool:  # the same questions at the same moment, under two names
            found = list(pool.map(source.model, ["acme/lm", "old/lm", "acme/base", "acme/lm"] * 4))
        assert source.subject("acme/lm", None) is found[0]
        assert found[0] is found[1]
        assert [raw for raw in double.repeated() if "/resolve/" in raw or "/refs" in raw] == []
        assert double.count("/api/models/acme/base") == 1
        assert double.count("/api/models/old/lm") == 1


def test_no_more_requests_are_under_way_than_workers(hub: Open) -> None:
    files = {f"{n}/LICENSE": "MIT" for n in range(12)}
    store = {path: value for n in range(6) for path, value in repo(f"acme/m{n}", files).items()}
    with HubDouble(store, latency=0.01) as double:
        source = hub(double, workers=3)
        with ThreadPoolExecutor(6) as pool:
            assert all(isinstance(found, Repo) for found in pool.map(source.model, [f"acme/m{n}" for n in range(6)]))
        assert double.max_in_flight == 3


def test_files_are_read_side_by_side(hub: Open) -> None:
    with HubDouble(lm()) as double:
        hub(double).subject("acme/lm", None)
        info, *rest = sorted(double.requests, key=lambda request: request.at)
        assert info.path == API
        assert len(rest) == 5
    with HubDouble(lm(), latency=0.05) as double:
        hub(double).subject("acme/lm", None)
        assert double.max_in_flight == 5


def test_large_files_are_not_read(hub: Open) -> None:
    store = repo("acme/lm", {"LICENSE": b"x" * (MAX_BYTES + 1), "NOTICE": b"x" * MAX_BYTES, "README.md": "#"})
    siblings = store["models/acme/lm/info.json"]["siblings"]
    siblings[0]["size"] = MAX_BYTES + 1  # the card: its size is listed, so it is not even asked for
    with HubDouble(store) as double:
        found = hub(double).subject("acme/lm", None)
        assert double.count(f"/acme/lm/resolve/{SHA}/README.md") == 0
        assert double.count(f"/acme/lm/resolve/{SHA}/LICENSE") == 1
    assert found.unread == {"README.md": "larger than 1 MiB", "LICENSE": "larger than 1 MiB"}
    assert len(found.files["NOTICE"]) == MAX_BYTES


def test_too_many_files_are_named_as_unread(hub: Open) -> None:
    with HubDouble(repo("acme/lm", {f"{n:02}/LICENSE": "MIT" for n in range(45)})) as double:
        found = hub(double).subject("acme/lm", None)
    assert len(found.files) == 40
    assert set(found.unread.values()) == {"more than 40 such files"}
    assert len(found.unread) == 6


def test_text_that_is_not_utf8_is_read_all_the_same(hub: Open) -> None:
    with HubDouble(repo("acme/lm", {"README.md": b"\xef\xbb\xbf# d\xe9j\xe0", "LICENSE": "©"})) as double:
        found = hub(double).subject("acme/lm", None)
    assert dict(found.files) == {"README.md": "# d\ufffdj\ufffd", "LICENSE": "©"}


def test_paths_are_encoded_and_unsafe_ones_left_alone(hub: Open) -> None:
    store = repo("acme/lm", {"LLAMA 2 LICENSE/LICENSE?#%.txt": "L"})
    hostile = ["../LICENSE", "/LICENSE", "a//LICENSE", "a\\LICENSE", "LICENSE\n", "./LICENSE"]
    store["models/acme/lm/info.json"]["siblings"] += [{"rfilename": path} for path in hostile]
    with HubDouble(store) as double:
        found = hub(double).subject("acme/lm", None)
        assert f"/acme/lm/resolve/{SHA}/LLAMA%202%20LICENSE/LICENSE%3F%23%25.txt" in [r.raw for r in double.requests]
    assert set(found.files) == {"README.md", "LLAMA 2 LICENSE/LICENSE?#%.txt"}
    assert found.unread == {}


def test_without_refs_the_rest_is_still_told(hub: Open) -> None:
    with HubDouble(lm()) as double:
        double.fault(f"{API}/refs", status=500)
        assert hub(double).subject("acme/lm", None).refs is None


def test_a_saved_snapshot_can_be_served(hub: Open, tmp_path: Path) -> None:
    for path, value in lm().items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(value if isinstance(value, str) else json.dumps(value))
    with HubDouble(tmp_path) as double:
        assert hub(double).subject("acme/lm", None).files["LICENSE"] == "MIT"


# --------------------------------------------------------------------------- who is where


def test_a_renamed_repository_is_followed_and_remembered(hub: Open) -> None:
    moved = {"models": {"old/lm": "acme/lm"}, "datasets": {"c4": "allenai/c4"}}
    store = {**lm(), **repo("allenai/c4", kind="datasets"), "redirects.json": moved}
    with HubDouble(store) as double:
        source = hub(double)
        assert source.subject("old/lm", None).id == "acme/lm"
        data = source.dataset("c4")
        assert isinstance(data, Repo)
        assert data.id == "allenai/c4"
        assert source.redirects() == moved
        assert source.dataset("allenai/c4") is data
        assert [request.raw for request in double.requests][:2] == [
            "/api/models/old/lm?blobs=true",
            f"{API}?blobs=true",
        ]
        assert double.repeated() == []


@pytest.mark.parametrize("id", ["../x", "a/b/c", "a/..", "/a", "a/", "", "a b", "a?b", "a/b\n", "é/x", "a" * 97, "./a"])
def test_an_id_that_cannot_be_one_is_not_looked_up(hub: Open, id: str) -> None:
    with HubDouble({}) as double:
        source = hub(double)
        for answer in (source.model(id), source.dataset(id)):
            assert isinstance(answer, NotLooked)
            assert answer.why == "not a valid id"
        with pytest.raises(NotFound, match="no model can be called this"):
            source.subject(id, None)
        assert double.count() == 0


@pytest.mark.parametrize("token", [None, "hf_good"])
def test_what_does_not_exist_is_missing(hub: Open, token: str | None) -> None:
    with HubDouble({}, tokens={"hf_good": True}) as double:
        source = hub(double, token=token)
        assert source.model("acme/none") is MISSING
        assert source.dataset("acme/none") is MISSING
        with pytest.raises(NotFound, match=r"acme/none: not found on 127.0.0.1:\d+: it does not exist, or is private"):
            source.subject("acme/none", None)
        assert double.repeated() == []


def test_a_private_model_is_read_with_a_token_that_may(hub: Open) -> None:
    with HubDouble(lm(private=True), tokens={"hf_in": True, "hf_out": False}) as double:
        with pytest.raises(NotFound, match="or is private"):
            hub(double).subject("acme/lm", None)
        with pytest.raises(NotFound, match="or is private"):
            hub(double, token="hf_out").subject("acme/lm", None)
        assert hub(double, token="hf_in").subject("acme/lm", None).files["LICENSE"] == "MIT"


def test_a_404_that_does_not_come_from_a_hub_proves_nothing(hub: Open) -> None:
    with HubDouble({}) as double:
        double.fault("*", status=404, body=b"<html>not here</html>")
        answer = hub(double).dataset("acme/data")
        assert isinstance(answer, NotLooked)
        assert "404" in answer.why
        with pytest.raises(Unreachable, match="404"):
            hub(double).subject("acme/lm", None)


def test_an_unknown_revision_is_named(hub: Open) -> None:
    with HubDouble(lm()) as double, pytest.raises(NotFound, match="acme/lm: the model has no revision 'v9'"):
        hub(double).subject("acme/lm", "v9")


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("hf_out", 403)])
def test_of_a_gated_model_the_card_is_read(hub: Open, token: str | None, status: int) -> None:
    with HubDouble(lm(gated="manual"), tokens={"hf_out": False}) as double:
        found = hub(double, token=token).subject("acme/lm", None)
        assert double.repeated() == []
    assert set(found.files) == {"README.md"}
    assert set(found.unread) == {"LICENSE", "config.json", "legal/USE_POLICY.md"}
    assert all(why.startswith("gated: ") for why in found.unread.values())


def test_a_gated_info_is_told_apart_from_a_missing_one(hub: Open) -> None:
    with HubDouble({}) as double:
        double.fault("*", status=403, headers={"X-Error-Code": "GatedRepo"}, body=b"[1]")
        with pytest.raises(Gated, match="acme/lm: gated"):
            hub(double).subject("acme/lm", None)
        answer = hub(double).model("acme/lm")
        assert isinstance(answer, NotLooked)
        assert answer.why.startswith("gated")


def test_a_disabled_repository_is_no_failure_of_the_network(hub: Open) -> None:
    with HubDouble({**lm(disabled=True), **repo("acme/data", kind="datasets", disabled=True)}) as double:
        with pytest.raises(NotFound, match="acme/lm: the Hub has disabled it"):
            hub(double).subject("acme/lm", None)
        answer = hub(double).dataset("acme/data")
        assert isinstance(answer, NotLooked)
        assert answer.why == "the Hub has disabled it"


# --------------------------------------------------------------------------- the token


def test_the_token_of_the_environment_is_sent_to_the_endpoint(hub: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with HubDouble(lm(gated="auto"), tokens={"hf_secret": True}) as double:
        monkeypatch.setenv("HF_ENDPOINT", double.url + "/")
        with HubSource(patience=QUICK) as source:
            found = source.subject("acme/lm", None)
        assert found.endpoint == double.url
        assert found.files["LICENSE"] == "MIT"
        assert {request.headers["authorization"] for request in double.requests} == {"Bearer hf_secret"}


def test_the_token_does_not_follow_a_redirect_to_another_host(hub: Open) -> None:
    with (
        HubDouble(lm(), tokens={"hf_secret": True}) as double,
        HubDouble({}, host="localhost") as elsewhere,
    ):
        elsewhere.fault("/blob", status=200, body=b"the licence")
        double.fault(f"/acme/lm/resolve/{SHA}/LICENSE", status=302, headers={"Location": f"{elsewhere.url}/blob?key=1"})
        found = hub(double, token="hf_secret").subject("acme/lm", None)
        assert found.files["LICENSE"] == "the licence"
        assert [request.raw for request in elsewhere.requests] == ["/blob?key=1"]
        assert "authorization" not in {name.lower() for name in elsewhere.requests[0].headers}
        assert all(request.headers["authorization"] == "Bearer hf_secret" for request in double.requests)


def test_a_refused_token_is_neither_missing_nor_shown(hub: Open) -> None:
    with HubDouble(lm(), tokens={"hf_other": True}) as double:
        source = hub(double, token="hf_wrong")
        with pytest.raises(Unreachable, match="does not accept the token") as caught:
            source.subject("acme/lm", None)
        assert "HF_TOKEN" in caught.value.advice
        assert isinstance(source.model("acme/base"), NotLooked)
        assert "hf_wrong" not in str(caught.value)


@pytest.mark.parametrize("token", ["hf_secret\nX: y", "hf_sécret", "hf_\ud800secret"])
def test_a_token_that_cannot_be_sent_is_not_shown(hub: Open, token: str) -> None:
    with HubDouble(lm()) as double, pytest.raises(Unreachable, match="check HF_TOKEN") as caught:
        hub(double, token=token).subject("acme/lm", None)
    assert "secret" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_words_of_the_server_are_one_line_without_the_token(hub: Open) -> None:
    with HubDouble({}, tokens={}) as double:
        double.fault("*", status=400, headers={"X-Error-Message": "bad Bearer hf_secret\t!" + "x" * 500})
        with pytest.raises(Unreachable, match=r"it answers 400 \(bad Bearer \*\*\* !x+…\)$"):
            hub(double, token="hf_secret").subject("acme/lm", None)


# --------------------------------------------------------------------------- offline and endpoints


@pytest.mark.parametrize("when", ["before the import", "since"])
def test_offline_asks_nobody(hub: Open, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    if when == "since":
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    else:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with HubDouble(lm()) as double:
        source = hub(double)
        with pytest.raises(Unreachable, match="offline"):
            source.subject("acme/lm", None)
        for answer in (source.model("acme/lm"), source.dataset("acme/data"), source.code("acme/lm")):
            assert isinstance(answer, NotLooked)
            assert answer.why == "offline, and not in the cache"
        assert double.count() == 0


@pytest.mark.parametrize(
    "endpoint", ["ftp://x", "huggingface.co", "http://", "http://u:hunter2@x", "http://[", "http://x:y"]
)
def test_an_endpoint_that_is_none_is_refused_without_quoting_it(endpoint: str) -> None:
    with pytest.raises(UsageError, match="HF_ENDPOINT") as caught:
        HubSource(endpoint)
    assert "hunter2" not in str(caught.value)


def test_close_ends_pauses(hub: Open) -> None:
    with HubDouble(lm()) as double:
        double.fault("*", status=503)
        source = hub(double, patience=Patience(tries=9, budget=60, timeout=1, wait=30))
        answers: list[object] = []
        asking = threading.Thread(target=lambda: answers.append(source.model("acme/lm")))
        asking.start()
        while not double.count():
            pass
        source.close()
        asking.join(5)
    assert [type(answer) for answer in answers] == [NotLooked]
