"""The library's door, and what it promises: a typed result, the same bytes everywhere, live as replayed."""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import openaudit
from openaudit.auditing import SAMPLE, Auditor, judge, load_rubrics, look
from openaudit.errors import NotLookedAt, RubricError, SubjectError, UsageError
from openaudit.evidence import MISSING, Evidence, NotLooked, Repo, Snapshot
from openaudit.formats import registry
from openaudit.lineages import Observer
from openaudit.result import Audit
from tests.commands import MODEL, model, process, repository, run
from tests.hubdouble import HubDouble

IDS = sorted(path.parent.relative_to(SAMPLE / "models").as_posix() for path in SAMPLE.glob("models/*/*/info.json"))


# --------------------------------------------------------------------------- the door


def test_it_is_a_function_that_says_what_it_takes() -> None:
    assert callable(openaudit.audit)
    assert list(inspect.signature(openaudit.audit).parameters) == [
        "reference",
        "snapshot",
        "rubrics",
        "cache",
        "offline",
        "language",
    ]
    assert inspect.getdoc(openaudit.audit)
    assert openaudit.__all__ == ["OpenAuditError", "__version__", "audit"]


def test_it_returns_the_typed_result() -> None:
    result = openaudit.audit(IDS[0], snapshot="sample")
    assert isinstance(result, Audit)
    assert Audit.model_validate_json(result.to_json()) == result


@pytest.mark.parametrize("rubrics", [["full-data"], [Path("rubrics/full-data.yaml")]])
def test_rubrics_by_id_and_by_file(rubrics: list[str | Path], root: Path) -> None:
    named = [root / one if isinstance(one, Path) else one for one in rubrics]
    result = openaudit.audit(IDS[0], snapshot=SAMPLE, rubrics=named)
    assert set(result.rubrics) == {"full-data", "g7-openness", "openwashing"}


def test_its_errors_are_ours() -> None:
    with pytest.raises(NotLookedAt):
        openaudit.audit("no/such-model", snapshot="sample")
    with pytest.raises(UsageError):
        openaudit.audit("no such model", snapshot="sample")
    with pytest.raises(RubricError):
        openaudit.audit(IDS[0], snapshot="sample", rubrics=["nonsense"])
    assert issubclass(SubjectError, openaudit.OpenAuditError)


def test_a_wrong_rubric_is_told_before_anything_is_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    with HubDouble(model()) as double:
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        with pytest.raises(RubricError):
            openaudit.audit(MODEL, rubrics=["nonsense"])
        assert double.count() == 0


# --------------------------------------------------------------------------- the result


CONTRACT = {
    "": "schema subject label rubrics claims openwashing lineage datasets evidence",
    "subject": "id revision source",
    "rubric": "version outcome verdict score criteria",
    "criterion": "outcome because remedy evidence",
    "openwashing": "level because",
    "claims": "text quote evidence",
    "lineage": "id relation license label",
    "datasets": "id stage status license",
    "evidence": "fact value source",
}
LABELS = {"open-source-ai-open-data", "open-source-ai", "open-weights", "weights-available", "not-released", "unknown"}


def has(part: object, name: str) -> None:
    assert isinstance(part, dict)
    assert set(CONTRACT[name].split()) <= part.keys()


@pytest.mark.parametrize("id", IDS)
def test_the_json_contract(id: str) -> None:
    data = json.loads(openaudit.audit(id, snapshot="sample").to_json())
    has(data, "")
    has(data["subject"], "subject")
    has(data["openwashing"], "openwashing")
    assert data["schema"] == "openaudit.audit/1"
    assert data["label"] in LABELS
    assert data["openwashing"]["level"] in {"none", "low", "medium", "high", "unknown"}
    for name in ("claims", "lineage", "datasets"):
        for part in data[name]:
            has(part, name)
    for part in data["evidence"].values():
        has(part, "evidence")
        assert part["source"] is None or {"url", "file", "line", "quote"} <= part["source"].keys()
    assert all(claim["evidence"] in data["evidence"] for claim in data["claims"])
    for rubric in data["rubrics"].values():
        has(rubric, "rubric")
        assert set(rubric["score"]) == {"low", "high"}
        low, high = rubric["score"].values()
        assert low is None or 0 <= low <= high <= 100
        for criterion in rubric["criteria"].values():
            has(criterion, "criterion")
            assert criterion["because"]
            assert criterion["outcome"] in {"met", "partial", "unmet", "unknown", "not_applicable", "error"}
            assert set(criterion["evidence"]) <= data["evidence"].keys()
            assert criterion["remedy"] or criterion["outcome"] not in ("unmet", "partial")


def test_every_model_of_the_shared_hub(shared: Path) -> None:
    """No crash and no empty reason, for each of the real models kept beside the repository."""
    auditor = Auditor(load_rubrics())
    ids = sorted(
        path.parent.relative_to(shared / "hub/models").as_posix() for path in shared.glob("hub/models/**/info.json")
    )
    for id in ids:
        result = auditor.judge(look(id, shared / "hub"))
        assert all(c.because for rubric in result.rubrics.values() for c in rubric.criteria.values()), id
    assert ids


# --------------------------------------------------------------------------- lineage


def snapshot_of(parents: dict[str, list[str]]) -> Snapshot:
    models = {
        id: Repo("models", id, {"id": id, "siblings": [], "cardData": {"base_model": bases}})
        for id, bases in parents.items()
    }
    return Snapshot(next(iter(parents)), models)


def names(evidence: Evidence) -> list[str]:
    return [one.id if isinstance(one, Evidence) else f"{one}?" for one in evidence.ancestors]


def test_ancestors_are_gathered_nearest_first_each_once() -> None:
    found = Observer().observe(snapshot_of({"a/a": ["b/b", "c/c"], "b/b": ["d/d"], "c/c": ["d/d"], "d/d": ["e/e"]}))
    assert names(found["a/a"]) == ["b/b", "d/d", "e/e?", "c/c"]
    assert set(found) == {"a/a", "b/b", "c/c", "d/d"}


@pytest.mark.parametrize(
    "parents",
    [{"a/a": ["a/a"]}, {"a/a": ["b/b"], "b/b": ["a/a"]}, {"a/a": ["b/b"], "b/b": ["c/c"], "c/c": ["a/a", "b/b"]}],
)
def test_circles_are_cut(parents: dict[str, list[str]]) -> None:
    found = Observer().observe(snapshot_of(parents))
    assert set(names(found["a/a"])) == set(parents) - {"a/a"}


def descending(child: str, base: Repo, **looked: Any) -> Snapshot:
    """A model made from a base, in a snapshot that holds the two and what else was looked at."""
    info = {"id": child, "siblings": [], "cardData": {"base_model": base.id}}
    return Snapshot(child, {child: Repo("models", child, info), base.id: base}, **looked)


def test_what_was_found_of_an_ancestor_is_used_again_while_all_that_it_hangs_on_is_the_same() -> None:
    def base(sha: str = "a" * 40) -> Repo:
        return Repo("models", "b/b", {"id": "b/b", "sha": sha, "siblings": [], "cardData": {"datasets": ["d/d"]}})

    observer = Observer()
    there = {"d/d": Repo("datasets", "d/d", {"id": "d/d", "siblings": [{"rfilename": "a.parquet"}]})}
    different = [
        descending("x/1", base(), datasets=there),
        descending("x/2", base(), datasets={"d/d": MISSING}),
        descending("x/3", base(), datasets={"d/d": NotLooked("no time")}),
        descending("x/4", base("b" * 40), datasets={"d/d": NotLooked("no time")}),
        descending("x/5", base("b" * 40), datasets=there),
    ]
    found = [observer.observe(one)["b/b"] for one in different]
    assert found == [Observer().observe(one)["b/b"] for one in different]
    assert len({id(one) for one in found}) == len(different)
    assert observer.observe(descending("x/6", base("b" * 40), datasets=dict(there)))["b/b"] is found[-1]
    local = dataclasses.replace(different[-1], local=True)
    assert observer.observe(local)["b/b"] == Observer().observe(local)["b/b"]


def test_a_subject_that_is_not_there_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        judge(Snapshot("a/a", {"a/a": NotLooked()}), load_rubrics())


# --------------------------------------------------------------------------- the same bytes

AWAY = [
    {"LC_ALL": "C", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "0"},
    {"LC_ALL": "C.UTF-8", "LANGUAGE": "fr", "TZ": "America/St_Johns", "PYTHONHASHSEED": "12345"},
    {"LC_ALL": "POSIX", "LANG": "tr_TR.UTF-8", "TZ": "", "PYTHONHASHSEED": "7", "COLUMNS": "20", "NO_COLOR": "1"},
]


def test_the_same_bytes_whatever_the_surroundings(tmp_path: Path) -> None:
    """Another language, time zone, seed of hashes and working directory; the snapshot copied, its files touched."""
    id = "deepseek-ai/DeepSeek-R1-Distill-Llama-8B"
    formats = [part for name in registry() for part in ("--format", name)]
    seen = []
    for i, env in enumerate(AWAY):
        copy, cwd = tmp_path / f"copy-{i}" / "sample", tmp_path / f"cwd-{i}"
        cwd.mkdir()
        shutil.copytree(SAMPLE, copy)
        for path in copy.rglob("*"):
            os.utime(path, (i * 1e9, i * 1e9))
        ran = process("audit", id, "--snapshot", copy, *formats, "-o", "out/", env=env, cwd=cwd)
        assert ran.code == 0, ran.err
        seen.append({path.name: path.read_bytes() for path in (cwd / "out").iterdir()})
    assert {name.partition("8B")[2] for name in seen[0]} == {one.suffix for one in registry().values()}
    for other in seen[1:]:
        assert [name for name in other if other[name] != seen[0][name]] == []


CARD = """---
license: apache-2.0
base_model: old/base
datasets: [old/data, o/gone, o/gated]
---
# Model

This is an open-source model.

## Training

Training code: [Maker/Trainer](https://github.com/Maker/Trainer), [maker/gone](https://github.com/maker/gone)
and [maker/slow](https://github.com/maker/slow).
"""


def world() -> dict[str, object]:
    data = {"license": "apache-2.0", "base_model": "old/base", "datasets": ["old/data", "o/gone", "o/gated"]}
    return {
        **model(card=CARD, files=["LICENSE", "config.json", "model.safetensors"], cardData=data),
        f"models/{MODEL}/files/LICENSE": "Copyright é. All rights reserved.\r\n".encode("latin-1"),
        f"models/{MODEL}/files/config.json": '{"model_type": "llama"}',
        f"models/{MODEL}/refs.json": {
            "branches": [{"name": "main", "targetCommit": "0" * 40}, {"name": "step-1000", "targetCommit": "1" * 40}],
            "tags": [],
        },
        **model("new/base", gated="manual", files=["LICENSE", "model.safetensors"], cardData={"license": "llama3.1"}),
        **repository(
            "datasets", "new/data", "---\nlicense: odc-by\n---\nWords.", ["a.parquet"], cardData={"license": "odc-by"}
        ),
        **repository("datasets", "o/gated", "Words.", ["a.parquet"], gated="auto"),
        "redirects.json": {"models": {"old/base": "new/base"}, "datasets": {"old/data": "new/data"}},
        "github/maker/trainer.json": {
            "full_name": "Maker/Trainer",
            "license": {"spdx_id": "MIT"},
            "archived": False,
            "tree": ["train.py", "README.md"],
        },
    }


@pytest.mark.parametrize("ref", [MODEL, f"{MODEL}@main", f"{MODEL}@step-1000", f"{MODEL}@{'1' * 40}"])
def test_live_and_replayed_are_the_same_bytes(ref: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = tmp_path / "recorded"
    with HubDouble(world()) as double:
        double.fault("/repos/maker/slow", status=403, headers={"X-RateLimit-Remaining": "0"})
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        monkeypatch.setenv("GITHUB_API_URL", double.url)
        live = run("audit", ref, "--record", recorded, "--format", "json")
        assert live.code == 0, live.err
        assert double.repeated() == []
    replayed = [run("audit", ref.partition("@")[0], "--snapshot", recorded, "--format", name) for name in registry()]
    assert run("audit", MODEL, "--snapshot", recorded, "--format", "json").out == live.out
    assert all(ran.code == 0 for ran in replayed)
    result = Audit.model_validate_json(live.out)
    assert {(row.id, row.status) for row in result.datasets} >= {
        ("old/data", "available"),
        ("o/gone", "missing"),
        ("o/gated", "gated"),
    }
    assert [one.id for one in result.lineage] == ["new/base"]
    assert any("maker/slow was not looked at" in limit for limit in result.limits)


def test_a_model_in_a_folder_and_what_it_points_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my model <1>\x1b[31m"
    folder.mkdir()
    (folder / "README.md").write_text(CARD)
    (folder / "model.safetensors").write_bytes(b"0")
    with HubDouble(world()) as double:
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        monkeypatch.setenv("GITHUB_API_URL", double.url)
        live = run("audit", folder, "--record", tmp_path / "rec", "--format", "json")
    replayed = run("audit", folder, "--snapshot", tmp_path / "rec", "--format", "json")
    assert (live.code, live.out) == (replayed.code, replayed.out)
    result = Audit.model_validate_json(live.out)
    assert (result.subject.source, result.subject.revision, result.subject.url) == ("local", None, "")
    assert [one.id for one in result.lineage] == ["new/base"]
    assert result.evidence["weights.present"].value is True
    assert result.evidence["claims.strongest"].source is not None
    assert result.evidence["claims.strongest"].source.url == "README.md"
    assert str(tmp_path) not in live.out, "where the folder lies is nobody's business"
    assert not (tmp_path / "rec" / "models" / folder.name).exists()
    monkeypatch.chdir(tmp_path)
    assert "\x1b" not in run("audit", folder, "--snapshot", tmp_path / "rec", "-o", "out/").out


def test_a_folder_without_a_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "README.md").write_text(CARD)
    for name, value in (("HF_HUB_OFFLINE", "1"), ("HF_ENDPOINT", "http://127.0.0.1:9")):
        monkeypatch.setenv(name, value)
        ran = run("audit", tmp_path / "model", "--format", "json")
        assert ran.code == 0, ran.err
        assert [one.label for one in Audit.model_validate_json(ran.out).lineage] == ["unknown"]
