"""What changed, and why: two audits of snapshots that differ in one thing each, and runs of many models."""

from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import openaudit
from openaudit.auditing import judge, load_rubrics, look
from openaudit.batch.journal import Journal, Settled, Terms, pack
from openaudit.comparing import compare, read
from openaudit.comparing.causes import Causes
from openaudit.comparing.changes import Change, changes
from openaudit.errors import UsageError
from openaudit.evidence import Outcome
from openaudit.result import Audit, Entry, Place
from openaudit.run import Named
from tests.commands import MODEL, SHA, model, repository, run, write_snapshot
from tests.formats.hostile import PAYLOADS, full, poisoned
from tests.listings import runs

CARD = "---\nlicense: {license}\ndatasets:\n- maker/data\n---\n\nWe trained it on [the data](https://huggingface.co/datasets/maker/data).\n"
LATER = "fedcba9876543210fedcba9876543210fedcba98"


def world(folder: Path, *, license: str = "apache-2.0", sha: str = SHA, gated: Any = False, extra: str = "") -> Path:
    card = CARD.format(license=license) + extra
    files = model(
        card=card, sha=sha, tags=[f"license:{license}"], cardData={"license": license, "datasets": ["maker/data"]}
    )
    data = repository("datasets", "maker/data", "# Data\n", ["train.parquet"], gated=gated)
    return write_snapshot(folder, files | data)


def audited(folder: Path, **fields: Any) -> Audit:
    return openaudit.audit(MODEL, snapshot=world(folder, **fields))


def kinds(change: Change) -> set[str]:
    return {cause.kind for cause in change.causes}


def by_id(found: tuple[Change, ...]) -> dict[str, Change]:
    return {f"{change.what} {change.id}": change for change in found}


# --------------------------------------------------------------------------- two audits


def test_nothing_changed(tmp_path: Path) -> None:
    assert changes(audited(tmp_path / "a"), audited(tmp_path / "b")) == ()


def test_a_data_set_became_gated_at_the_same_commit(tmp_path: Path) -> None:
    found = changes(audited(tmp_path / "a"), audited(tmp_path / "b", gated="manual"))
    assert found
    told = by_id(found)
    gate = told["data set maker/data"]
    assert (gate.direction, gate.old.split(",")[0], gate.new.split(",")[0]) == ("worse", "available", "gated")
    for change in found:
        assert kinds(change) == {"evidence"}, change
    availability = next(change for id, change in told.items() if id.endswith("/availability"))
    assert availability.worse
    assert any("maker/data: one must ask" in cause.says for cause in availability.causes)
    assert any("anyone can download it" in cause.says for cause in availability.causes)


def test_another_commit_has_another_licence(tmp_path: Path) -> None:
    found = changes(audited(tmp_path / "a"), audited(tmp_path / "b", license="cc-by-nc-4.0", sha=LATER))
    told = by_id(found)
    assert told["licence licence"].direction == "worse"
    assert {frozenset(kinds(change)) for change in found} == {frozenset({"model"})}
    use = next(change for change in found if change.id.endswith("/use"))
    assert (use.old, use.new, use.direction, use.worse) == ("met", "partial", "worse", True)
    back = changes(audited(tmp_path / "c", license="cc-by-nc-4.0", sha=LATER), audited(tmp_path / "d"))
    assert by_id(back)["licence licence"].direction == "better"
    assert not any(change.worse for change in back)


def test_a_claim_came_and_sentences_that_only_moved_are_no_change(tmp_path: Path) -> None:
    claim = "\nThis model is open source.\n"
    found = changes(audited(tmp_path / "a"), audited(tmp_path / "b", sha=LATER, extra=claim))
    [change] = [change for change in found if change.what == "claim"]
    assert (change.old, change.new, kinds(change)) == ("–", "open source", {"model"})
    moved = changes(
        audited(tmp_path / "c", extra=claim), audited(tmp_path / "d", sha=LATER, extra=f"\nMore.\n\nAnd more.\n{claim}")
    )
    assert [change for change in moved if change.what == "claim"] == []


def test_another_rubric_is_told_apart_from_another_model(tmp_path: Path, root: Path) -> None:
    text = (root / "rubrics/full-data.yaml").read_text(encoding="utf-8")
    strict = tmp_path / "full-data.yaml"
    version = re.search(r"^version: .*$", text, re.MULTILINE)
    assert version
    changed = text.replace(version[0], 'version: "9.9"').replace("outcome: met", "outcome: unmet", 1)
    first = changed.index("outcome: unmet")
    level = changed[first:].partition("\n      - ")[0]
    if "remedy:" not in level:
        indent = " " * (len(changed[:first].rpartition("\n")[2]) - 0)
        changed = (
            changed[:first] + f"outcome: unmet\n{re.sub(r'[^ ]', ' ', indent)}remedy: Do it." + changed[first + 14 :]
        )
    strict.write_text(changed, encoding="utf-8")
    snapshot = look(MODEL, world(tmp_path / "a"))
    old, new = judge(snapshot, load_rubrics()), judge(snapshot, load_rubrics([strict]))
    found = changes(old, new)
    assert found
    assert {frozenset(kinds(change)) for change in found} == {frozenset({"rubric"})}
    assert any("now 9.9" in cause.says for change in found for cause in change.causes)
    assert any(change.direction == "worse" for change in found)
    assert not any(change.worse for change in found)  # the model is what it was


def test_the_same_text_read_otherwise_is_openaudit(tmp_path: Path) -> None:
    old = audited(tmp_path / "a")
    key, entry = next((key, one) for key, one in old.evidence.items() if one.source and one.source.file)
    changed = {**old.evidence, key: entry.model_copy(update={"value": "another", "says": "it says another"})}
    new = old.model_copy(update={"tool": "openaudit 99", "evidence": changed})
    [cause] = Causes(old, new).of("", [key])
    assert cause.kind == "tool"
    assert "openaudit 99" in cause.says
    [cause] = Causes(old, new.model_copy(update={"tool": old.tool})).of("", [key])
    assert cause.kind == "evidence"


def test_causes_that_cannot_be_excluded_are_all_named() -> None:
    old = full()
    rubric = old.rubrics["own"].model_copy(update={"sha256": "f" * 64})
    changed = old.evidence | {"one": old.evidence["one"].model_copy(update={"value": "other"})}
    subject = old.subject.model_copy(update={"revision": "b" * 40})
    new = old.model_copy(update={"subject": subject, "evidence": changed, "rubrics": old.rubrics | {"own": rubric}})
    assert {cause.kind for cause in Causes(old, new).of("own", ["one"])} == {"model", "rubric"}
    [same] = Causes(old, old).of("own", ["one"])
    assert same.kind == "unclear"
    [tool] = Causes(old, old.model_copy(update={"tool": "openaudit 99"})).of("own", ["one"])
    assert tool.kind == "tool"


def test_a_gate_elsewhere_is_not_the_models_new_commit() -> None:
    old = full()
    where = Place(url="https://huggingface.co/datasets/data/one/tree/abc")
    gate = {"g": Entry(fact="x", value="open", says="open", about="data/one", source=where)}
    shut = {"g": Entry(fact="x", value="gated", says="gated", about="data/one", source=where)}
    subject = old.subject.model_copy(update={"revision": "b" * 40})
    before = old.model_copy(update={"evidence": gate})
    now = old.model_copy(update={"evidence": shut, "subject": subject})
    assert [cause.kind for cause in Causes(before, now).of("", ["g"])] == ["evidence"]


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        ("met", "partial", "worse"), ("partial", "unmet", "worse"), ("unmet", "met", "better"),
        ("met", "unknown", "other"), ("unknown", "unmet", "other"), ("not_applicable", "unmet", "other"),
        ("met", "error", "other"),
    ],
)  # fmt: skip
def test_unknown_is_neither_better_nor_worse(old: str, new: str, direction: str) -> None:
    audits = []
    for outcome in (old, new):
        audit = full()
        rubric = audit.rubrics["own"]
        criterion = rubric.criteria["met"].model_copy(update={"outcome": Outcome(outcome)})
        changed = rubric.model_copy(update={"criteria": rubric.criteria | {"met": criterion}})
        audits.append(audit.model_copy(update={"rubrics": audit.rubrics | {"own": changed}}))
    [change] = changes(*audits)
    assert (change.id, change.direction) == ("own/met", direction)


# --------------------------------------------------------------------------- files, and the command


def written(folder: Path, name: str, found: Any, listing: str = "") -> Path:
    path = folder / name
    path.write_text(runs.text_of(listing, found) if listing else found.to_json(), encoding="utf-8")
    return path


def two_runs() -> tuple[Any, Any]:
    """Four models before; then one is gone, one new, one not to be had, one at another revision with another label."""
    olmo, distilled, llama, qwen = map(runs.audit, runs.SAMPLE)
    old = runs.run_of([
        runs.row(1, runs.SAMPLE[0], audit=olmo), runs.row(2, f"{runs.SAMPLE[1]}@main", audit=distilled),
        runs.row(3, runs.SAMPLE[2], audit=llama), runs.row(4, "a/gone", audit=full()),
        runs.row(5, "x/y", failure=runs.FAILURE),
    ])  # fmt: skip
    head = next(id for id, one in distilled.rubrics.items() if one.role == "label")
    better = distilled.rubrics[head].model_copy(update={"verdict": "not-released", "verdict_title": "Not released"})
    subject = distilled.subject.model_copy(update={"revision": LATER})
    later = distilled.model_copy(update={"subject": subject, "rubrics": distilled.rubrics | {head: better}})
    new = runs.run_of([
        runs.row(1, "x/y", failure=runs.FAILURE), runs.row(2, runs.SAMPLE[3], audit=qwen),
        runs.row(3, f"{runs.SAMPLE[1]}@{LATER}", audit=later), runs.row(4, runs.SAMPLE[0], audit=olmo),
        runs.row(5, runs.SAMPLE[2], failure=dataclasses.replace(runs.FAILURE, message="the Hub did not answer")),
    ])  # fmt: skip
    return old, new


@pytest.mark.parametrize("listing", ["json", "jsonl"])
def test_two_runs(listing: str, tmp_path: Path) -> None:
    old, new = two_runs()
    a, b = written(tmp_path, "a", old, listing), written(tmp_path, "b", new, listing)
    ran = run("diff", a, b, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert found["schema"] == "openaudit.diff/1"
    assert [(one["model"], one["how"]) for one in found["differences"]] == [
        (runs.SAMPLE[3], "added"), (runs.SAMPLE[1], "changed"), (runs.SAMPLE[2], "lost"), ("a/gone", "removed"),
    ]  # fmt: skip
    assert found["differences"][1]["changes"][0]["what"] == "label"
    assert found["differences"][1]["new_revision"] == LATER
    assert found["differences"][2]["note"] == "the Hub did not answer"
    assert (found["worse"], found["lost"]) == (1, 1)
    assert run("diff", a, b, "--exit-code").code == 1
    assert run("diff", a, a, "--exit-code").code == 0


def test_a_model_that_is_lost_is_not_worse_but_is_told(tmp_path: Path) -> None:
    audit = runs.audit(runs.SAMPLE[0])
    a = written(tmp_path, "a", runs.run_of([runs.row(1, "a/b", audit=audit)]), "jsonl")
    b = written(tmp_path, "b", runs.run_of([runs.row(1, "a/b", failure=runs.FAILURE)]), "jsonl")
    assert run("diff", a, b).code == 0
    assert run("diff", a, b, "--exit-code").code == 3
    back = run("diff", b, a, "--exit-code")
    assert back.code == 0
    assert "can be audited now" in back.out


def test_an_audit_and_a_run_can_be_compared(tmp_path: Path) -> None:
    audit = runs.audit(runs.SAMPLE[0])
    a = written(tmp_path, "a.json", audit)
    b = written(tmp_path, "b.jsonl", runs.run_of([runs.row(1, runs.SAMPLE[0], audit=audit)]), "jsonl")
    ran = run("diff", a, b)
    assert ran.out.startswith("0 of 1 model changed.")


def test_a_model_at_two_revisions_is_two(tmp_path: Path) -> None:
    audit = runs.audit(runs.SAMPLE[0])
    both = runs.run_of([runs.row(1, "a/b@one", audit=audit), runs.row(2, "a/b@two", failure=runs.FAILURE)])
    a = written(tmp_path, "a", both, "json")
    c = written(tmp_path, "c", runs.run_of([runs.row(1, "a/b@one", audit=audit)]), "jsonl")
    assert "a/b" not in run("diff", a, a).out
    assert [line for line in run("diff", a, c).out.splitlines() if "a/b" in line] == ["a/b@two: only in the old one"]
    assert [line for line in run("diff", c, a).out.splitlines() if "a/b" in line] == ["a/b@two: only in the new one"]


def test_text_and_markdown_say_what_and_why(tmp_path: Path) -> None:
    a = written(tmp_path, "a.json", audited(tmp_path / "a"))
    b = written(tmp_path, "b.json", audited(tmp_path / "b", gated="manual"))
    text = run("diff", a, b).out
    assert text.startswith("1 of 1 model changed, 1 for the worse. Before: ")
    assert f"\n{MODEL}: still at {SHA[:12]}\n" in text
    assert "\n  worse: maker/data" in text
    assert "\n    why: what is found changed: maker/data: one must ask" in text
    page = run("diff", a, b, "--format", "markdown").out
    assert "## maker/model" in page
    assert "**worse: maker/data" in page
    assert run("diff", a, b).out == text


@pytest.mark.parametrize("name", PAYLOADS)
def test_strangers_text_stays_text(name: str, tmp_path: Path) -> None:
    bad = poisoned(PAYLOADS[name])
    a, b = written(tmp_path, "a.json", full()), written(tmp_path, "b.json", bad)
    c = written(tmp_path, "c", runs.run_of([runs.row(1, "a/b", audit=full())]), "jsonl")
    d = written(tmp_path, "d", runs.run_of([runs.row(1, "a/b", audit=bad)]), "jsonl")
    unseen = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
    for old, new in ((a, b), (c, d), (d, c)):
        for shape in ("text", "markdown", "json"):
            ran = run("diff", old, new, "--format", shape)
            assert ran.code == 0, ran.err
            assert shape == "json" or unseen.findall(ran.out) == []
            assert shape != "markdown" or not re.search(r"(?<!\\)<", ran.out)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is no JSON"), ("{", "is no JSON"), ("[]", "is no JSON"), ("\x00", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ('{"schema": "openaudit.audit/2"}', "openaudit.audit/2"),
        ('{"schema": "openaudit.audit/1"}', "tool: Field required"),
        ('{"schema": "openaudit.run/1", "models": 3}', "Field required"),
        ('{"reference": "a/b"}\n{"x": 1}\n', ":2: this line is no model"),
        ('{"reference": "owner/name", "places": 3}\n', ":1: places"),
    ],
)  # fmt: skip
def test_what_is_no_side_is_one_line(content: str, says: str, tmp_path: Path) -> None:
    good = written(tmp_path, "good.json", full())
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    for pair in ((good, bad), (bad, good)):
        ran = run("diff", *pair)
        assert (ran.code, ran.out) == (2, "")
        assert says in ran.err
        assert ran.err.count("\n") == 1


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    ran = run("diff", tmp_path / "no.json", tmp_path)
    assert ran.code == 2
    assert re.fullmatch(r"openaudit: .*no\.json: cannot be read: No such file or directory — .*\n", ran.err)


# --------------------------------------------------------------------------- the journals of a batch


def journal(path: Path, outcomes: dict[str, Audit | None]) -> Journal:
    """An open journal with these models: an audit, or (``None``) not reached yet."""
    opened = Journal(path, Terms("openaudit 1", "a snapshot", {"own": ("1", "ab" * 32)}), resume=False)
    opened.plan(Named(name, ()) for name in outcomes)
    opened.keep(Settled(name, pack(audit)) for name, audit in outcomes.items() if audit)
    return opened


def test_a_journal_compares_as_the_run_does(tmp_path: Path) -> None:
    before, after = audited(tmp_path / "a"), audited(tmp_path / "b", gated="manual")
    old, new, lines = tmp_path / "old.journal", tmp_path / "new.journal", tmp_path / "new.jsonl"
    journal(old, {MODEL: before, "maker/late": None}).close()
    journal(new, {MODEL: after, "maker/late": None}).close()
    bytes_before = old.read_bytes()
    told = compare(read(old), read(new))
    lines.write_text(
        "\n".join(
            json.dumps(one)
            for one in (
                {"reference": MODEL, "audit": json.loads(after.to_line())},
                {"reference": "maker/late", "failure": {"kind": "OutOfTime", "message": "no", "advice": ""}},
            )
        )
    )
    by_lines = compare(read(old), read(lines))
    assert told.worse == by_lines.worse == 1
    assert [one.changes for one in told.differences] == [one.changes for one in by_lines.differences]
    assert old.read_bytes() == bytes_before


def test_a_model_that_a_stopped_batch_did_not_reach_says_why(tmp_path: Path) -> None:
    one = audited(tmp_path / "a")
    journal(tmp_path / "old", {MODEL: one}).close()
    journal(tmp_path / "new", {MODEL: None}).close()
    done = run("diff", str(tmp_path / "old"), str(tmp_path / "new"))
    assert done.code == 0, done.err
    assert "the time was over before it was audited" in done.out


def test_a_journal_in_use_and_a_file_that_is_none_are_said_in_a_line(tmp_path: Path) -> None:
    with journal(tmp_path / "j", {MODEL: audited(tmp_path / "a")}), pytest.raises(UsageError, match="is using this"):
        read(tmp_path / "j")
    with closing(sqlite3.connect(tmp_path / "other")) as db:
        db.execute("CREATE TABLE other (one)")
    with pytest.raises(UsageError, match="not a journal of openaudit"):
        read(tmp_path / "other")
    (tmp_path / "cut").write_bytes((tmp_path / "j").read_bytes()[:3000])
    with pytest.raises(UsageError, match="cut: not a journal that can be read"):
        read(tmp_path / "cut").get(MODEL, MODEL)
