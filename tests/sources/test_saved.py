"""Snapshots on disk: the layout that others read and write, written whole, the same when written again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openaudit.auditing import look
from openaudit.errors import NotFound, NotLookedAt, SnapshotError
from openaudit.evidence import MISSING, CodeRepo, Missing, NotLooked, Repo, Snapshot
from openaudit.sources import MAX_BYTES
from openaudit.sources.saved import SavedSource, record, shaped
from tests.commands import ROOT, SHA

AT = "2026-11-01T00:00:00Z"
LATER = "2026-12-24T00:00:00Z"


def repo(id: str, kind: Any = "models", sha: str = SHA, **changes: Any) -> Repo:
    info = {"id": id, "sha": sha, "siblings": [{"rfilename": "README.md"}], "cardData": {"z": 1, "a": 2}}
    return replace(Repo(kind, id, info, files={"README.md": f"# {id}\n"}, gathered=AT), **changes)


def world(**changes: Any) -> Snapshot:
    found = Snapshot(
        "a/a",
        {
            "a/a": repo("a/a", refs={"branches": []}),
            "b/b": repo("b/b"),
            "gone/m": MISSING,
            "shut/m": NotLooked("gated"),
        },
        {"o/d": repo("o/d", "datasets"), "wikitext": repo("wikitext", "datasets"), "gone/d": MISSING},
        {
            "o/c": CodeRepo("O/C", {"full_name": "O/C", "tree": ["train.py"]}, AT),
            "gone/c": MISSING,
            "slow/c": NotLooked("rate limit"),
        },
        {"models": {"old/b": "b/b"}, "datasets": {"old/d": "o/d"}},
    )
    return replace(found, **changes)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with the time it was written and its bytes."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


# --------------------------------------------------------------------------- the layout


def test_what_is_written_is_the_layout_that_was_agreed_on(tmp_path: Path) -> None:
    record(world(), tmp_path)
    assert sorted(tree(tmp_path)) == [
        "datasets/o/d/files/README.md",
        "datasets/o/d/gathered.json",
        "datasets/o/d/info.json",
        "datasets/wikitext/files/README.md",
        "datasets/wikitext/gathered.json",
        "datasets/wikitext/info.json",
        "github/o/c.json",
        "missing.json",
        "models/a/a/files/README.md",
        "models/a/a/gathered.json",
        "models/a/a/info.json",
        "models/a/a/refs.json",
        "models/b/b/files/README.md",
        "models/b/b/gathered.json",
        "models/b/b/info.json",
        "redirects.json",
        "unseen.json",
    ]
    assert read(tmp_path, "models/a/a/info.json") == world().models["a/a"].info  # type: ignore[union-attr]
    assert list(read(tmp_path, "models/a/a/info.json")["cardData"]) == ["z", "a"], "in the order the Hub gave"
    assert read(tmp_path, "redirects.json") == {"models": {"old/b": "b/b"}, "datasets": {"old/d": "o/d"}}
    assert read(tmp_path, "missing.json") == {"models": ["gone/m"], "datasets": ["gone/d"], "github": ["gone/c"]}
    assert read(tmp_path, "github/o/c.json")["full_name"] == "O/C"
    assert (tmp_path / "models/a/a/files/README.md").read_bytes() == b"# a/a\n"


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    record(world(), tmp_path)
    source = SavedSource(tmp_path)
    assert source.subject("a/a") == world().models["a/a"]
    assert source.model("old/b") == source.model("b/b") == world().models["b/b"]
    assert source.dataset("wikitext") == world().datasets["wikitext"]
    assert source.code("O/c") == world().github["o/c"]
    for look_at, id in ((source.model, "gone/m"), (source.dataset, "gone/d"), (source.code, "Gone/C")):
        assert isinstance(look_at(id), Missing)
    for look_at, id, why in (
        (source.model, "shut/m", "gated"),
        (source.code, "slow/c", "rate limit"),
        (source.model, "x/y", "the snapshot does not hold it"),
    ):
        found = look_at(id)
        assert isinstance(found, NotLooked)
        assert found.why == why


def test_a_snapshot_by_hand_needs_no_more_than_the_info(tmp_path: Path) -> None:
    (tmp_path / "models/o/n").mkdir(parents=True)
    (tmp_path / "models/o/n/info.json").write_text('{"id": "o/n"}')
    found = SavedSource(tmp_path).subject("o/n")
    assert (found.refs, found.files, found.gathered, found.endpoint) == (None, {}, None, "https://huggingface.co")


@pytest.mark.parametrize(
    ("revision", "there"), [(None, True), ("main", True), (SHA, True), ("v1", True), ("v2", False), ("f" * 40, False)]
)
def test_only_the_commit_that_was_recorded_is_there(revision: str | None, there: bool, tmp_path: Path) -> None:
    refs = {
        "branches": [{"name": "main", "targetCommit": SHA}],
        "tags": [{"name": "v1", "targetCommit": SHA}, {"name": "v2", "targetCommit": "f" * 40}, 7, {"name": "v3"}],
    }
    record(world(models={"a/a": repo("a/a", refs=refs)}), tmp_path)
    if there:
        assert SavedSource(tmp_path).subject("a/a", revision).revision == SHA
    else:
        with pytest.raises(NotLookedAt, match=SHA):
            SavedSource(tmp_path).subject("a/a", revision)


def test_a_subject_that_is_missing_or_was_not_looked_at(tmp_path: Path) -> None:
    record(world(), tmp_path)
    with pytest.raises(NotFound):
        SavedSource(tmp_path).subject("gone/m")
    with pytest.raises(NotLookedAt, match="gated"):
        SavedSource(tmp_path).subject("shut/m")
    with pytest.raises(NotLookedAt) as caught:
        SavedSource(tmp_path).subject("A/a")
    assert caught.value.advice == "Did you mean a/a?"


@pytest.mark.parametrize("make", ["nothing", "empty", "file", "other"])
def test_a_folder_that_is_no_snapshot(make: str, tmp_path: Path) -> None:
    where = tmp_path / "s"
    if make == "file":
        where.touch()
    elif make != "nothing":
        where.mkdir()
    if make == "other":
        (where / "README.md").touch()
    with pytest.raises(SnapshotError) as caught:
        SavedSource(where)
    assert caught.value.advice


@pytest.mark.parametrize("name", ["redirects.json", "missing.json", "unseen.json"])
@pytest.mark.parametrize("text", ["", "[]", "{", "7"])
def test_a_damaged_table_is_told_by_its_name(name: str, text: str, tmp_path: Path) -> None:
    record(world(), tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(SnapshotError, match=name):
        SavedSource(tmp_path)


def test_what_does_not_have_the_hubs_shape_counts_as_not_gathered() -> None:
    info = {"siblings": "many", "tags": {}, "cardData": [], "gated": [], "sha": 7, "private": "no", "likes": "x"}
    assert shaped(info) == {"likes": "x"}
    right = {"siblings": [{"rfilename": "a"}], "tags": ["x"], "cardData": {}, "gated": "auto", "sha": SHA}
    assert shaped(right) == right


def test_a_file_that_is_too_large_is_unread(tmp_path: Path) -> None:
    record(world(), tmp_path)
    (tmp_path / "models/a/a/files/README.md").write_bytes(b"x" * (MAX_BYTES + 1))
    assert SavedSource(tmp_path).subject("a/a").unread == {"README.md": "larger than 1 MiB"}


def test_a_text_that_grew_by_its_replaced_bytes_is_read_again(tmp_path: Path) -> None:
    text = "\ufffd" * MAX_BYTES
    record(world(models={"a/a": repo("a/a", files={"README.md": text})}), tmp_path)
    assert SavedSource(tmp_path).subject("a/a").files == {"README.md": text}


def test_half_a_surrogate_pair_survives(tmp_path: Path) -> None:
    odd = repo("a/a", info={"id": "a/a", "pipeline_tag": "\ud800 é"})
    record(world(models={"a/a": odd}), tmp_path)
    assert SavedSource(tmp_path).subject("a/a").info == odd.info


# --------------------------------------------------------------------------- again, later, and more


def test_recording_twice_writes_nothing(tmp_path: Path) -> None:
    record(world(), tmp_path)
    before = tree(tmp_path)
    record(world(), tmp_path)
    later = {id: replace(one, gathered=LATER) if isinstance(one, Repo) else one for id, one in world().models.items()}
    code = {"o/c": CodeRepo("O/C", {"full_name": "O/C", "tree": ["train.py"]}, LATER)}
    record(world(models=later, github=code), tmp_path)
    assert tree(tmp_path) == before, "the time of the first look stays, where nothing else changed"


def test_recording_into_what_somebody_else_formatted_keeps_their_bytes(tmp_path: Path) -> None:
    record(world(), tmp_path)
    for path in tmp_path.rglob("*.json"):
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=7, sort_keys=True))
    before = tree(tmp_path)
    record(world(), tmp_path)
    assert tree(tmp_path) == before


def test_a_change_is_recorded_with_its_time(tmp_path: Path) -> None:
    record(world(), tmp_path)
    changed = repo("a/a", info={**repo("a/a").info, "likes": 7}, gathered=LATER)
    record(world(models={"a/a": changed}), tmp_path)
    assert read(tmp_path, "models/a/a/gathered.json")["at"] == LATER
    assert read(tmp_path, "models/b/b/gathered.json")["at"] == AT


def test_a_new_commit_leaves_no_file_of_the_old_one(tmp_path: Path) -> None:
    old = repo("a/a", files={"README.md": "old", "LICENSE": "MIT License"}, refs={"branches": []})
    record(world(models={"a/a": old}), tmp_path)
    record(world(models={"a/a": repo("a/a", sha="f" * 40, files={"README.md": "new"})}), tmp_path)
    found = SavedSource(tmp_path).subject("a/a")
    assert (found.revision, found.files, found.refs) == ("f" * 40, {"README.md": "new"}, None)


def test_many_models_share_one_snapshot(tmp_path: Path) -> None:
    record(world(), tmp_path)
    more = Snapshot("c/c", {"c/c": repo("c/c"), "gone/x": MISSING}, {}, {}, {"models": {"old/c": "c/c"}})
    record(more, tmp_path)
    source = SavedSource(tmp_path)
    assert all(isinstance(source.model(id), Repo) for id in ("a/a", "b/b", "c/c", "old/b", "old/c"))
    assert all(isinstance(source.model(id), Missing) for id in ("gone/m", "gone/x"))


def test_what_was_missing_and_is_there_now(tmp_path: Path) -> None:
    record(world(), tmp_path)
    record(world(models={"gone/m": repo("gone/m"), "shut/m": repo("shut/m"), "old/b": repo("old/b")}), tmp_path)
    source = SavedSource(tmp_path)
    assert [source.subject(id).id for id in ("gone/m", "shut/m", "old/b")] == ["gone/m", "shut/m", "old/b"]
    assert read(tmp_path, "missing.json")["models"] == []
    assert read(tmp_path, "unseen.json")["models"] == {}


def test_what_was_there_and_is_missing_now(tmp_path: Path) -> None:
    record(world(), tmp_path)
    record(world(models={"a/a": repo("a/a"), "b/b": MISSING}), tmp_path)
    assert isinstance(SavedSource(tmp_path).model("b/b"), Missing)
    assert (tmp_path / "models/b/b/info.json").is_file(), "what was seen once is not thrown away"
    record(world(), tmp_path)
    assert isinstance(SavedSource(tmp_path).model("b/b"), Repo)


def test_code_in_another_case_is_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "github/O").mkdir(parents=True)
    (tmp_path / "github/O/C.json").write_text("{}")
    record(world(), tmp_path)
    assert [path.name for path in tmp_path.rglob("github/*/*")] == ["C.json"]
    assert isinstance(SavedSource(tmp_path).code("o/c"), CodeRepo)


# --------------------------------------------------------------------------- nothing outside, nothing half


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "", ".", "a//b", "a\0b", "a\\b", "x" * 600])
def test_a_hostile_path_is_left_out(path: str, tmp_path: Path) -> None:
    record(world(models={"a/a": repo("a/a", files={path: "evil", "README.md": "good"})}), tmp_path / "s")
    assert [name for name in tree(tmp_path) if "evil" in tree(tmp_path)[name][1].decode()] == []
    assert SavedSource(tmp_path / "s").subject("a/a").files == {"README.md": "good"}


def test_a_link_in_the_snapshot_does_not_lead_writing_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "s/models").mkdir(parents=True)
    (tmp_path / "s/models/a").symlink_to(tmp_path / "outside")
    with pytest.raises(SnapshotError, match="leave the snapshot"):
        record(world(), tmp_path / "s")
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("make", ["file", "file in it", "loop"])
def test_a_place_that_cannot_be_written(make: str, tmp_path: Path) -> None:
    where = tmp_path / "s"
    if make == "file":
        where.touch()
    else:
        where.mkdir()
        if make == "loop":
            (where / "models").symlink_to("models")
        else:
            (where / "models").touch()
    with pytest.raises(SnapshotError) as caught:
        record(world(), where)
    assert "cannot be written" in str(caught.value)
    assert caught.value.advice


def test_an_answer_too_deep_to_be_written(tmp_path: Path) -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(SnapshotError, match="nested too deep"):
        record(world(models={"a/a": repo("a/a", info={"id": "a/a", "x": deep})}), tmp_path)


@pytest.mark.parametrize("at", range(1, 18))
def test_a_failure_at_any_write_leaves_only_whole_files(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = Path.replace, []

    def fail_once(self: Path, target: Path) -> Path:
        asked.append(target)
        if len(asked) == at:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", fail_once)
    with pytest.raises(SnapshotError, match="No space left"):
        record(world(), tmp_path)
    monkeypatch.undo()
    assert not list(tmp_path.rglob(".openaudit-*"))
    for path in tmp_path.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    for path in tmp_path.rglob("info.json"):
        assert (path.parent / "gathered.json").is_file(), "a repository is there as a whole, or not at all"
        assert (path.parent / "files/README.md").is_file()
    record(world(), tmp_path)
    assert SavedSource(tmp_path).subject("a/a") == world().models["a/a"]


KILLED = """
import sys; sys.path.insert(0, sys.argv[2])
from pathlib import Path
from tests.sources.test_saved import repo, world
from openaudit.sources.saved import record
print("ready", flush=True)
for i in range(10**6):
    files = {"README.md": str(i) * 200_000, "LICENSE": str(i) * 200_000}
    sha = f"{i:040x}"
    record(world(models={"a/a": repo("a/a", sha=sha, files=files)}), Path(sys.argv[1]))
"""


def test_a_run_that_is_killed_leaves_only_whole_files(tmp_path: Path) -> None:
    for i in range(8):
        command = [sys.executable, "-c", KILLED, str(tmp_path), str(ROOT)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout
            child.stdout.readline()
            time.sleep(0.05 + i * 0.013)
            child.send_signal(signal.SIGKILL)
        for path in tmp_path.glob("[!.]*/**/*.json"):
            json.loads(path.read_text(encoding="utf-8"))
        found = SavedSource(tmp_path).model("a/a") if (tmp_path / "models").is_dir() else MISSING
        if isinstance(found, Repo):
            number = int(str(found.revision), 16)
            assert found.files == {name: str(number) * 200_000 for name in ("LICENSE", "README.md")}


def test_what_a_killed_run_left_behind_is_swept_up_later(tmp_path: Path) -> None:
    for name, age in ((".openaudit-old", 7200), (".openaudit-new", 0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    record(world(), tmp_path)
    assert [path.name for path in tmp_path.glob(".openaudit-*")] == [".openaudit-new"]


# --------------------------------------------------------------------------- the sample, recorded


def test_a_recorded_sample_is_the_sample(tmp_path: Path) -> None:
    for id in ("allenai/OLMo-2-1124-7B", "deepseek-ai/DeepSeek-R1-Distill-Llama-8B"):
        first = look(id, "sample", record_to=tmp_path)
        again = look(id, tmp_path)
        assert first.models.keys() == again.models.keys()
        for name, found in first.models.items():
            assert not isinstance(found, Repo) or found == again.models[name]
