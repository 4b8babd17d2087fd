"""``openaudit batch``: a list becomes reports, whatever becomes of single models, and however often it is stopped."""

from __future__ import annotations

import functools
import json
import os
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from openaudit.batch import engine, judging
from openaudit.cli.terminal import Counting
from tests.commands import Ran, model, process, run, start, write_snapshot

CLOSED = "We release the weights under a licence of our own, which forbids commercial use."
SAMPLE = ("--snapshot", "sample")
OLMO = "allenai/OLMo-2-1124-7B"
GPT = "openai/gpt-oss-20b"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lands in the working directory lands in an empty one."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def batch(*args: str | Path, how: Callable[..., Ran] = run) -> Ran:
    """A run that prints JSON lines."""
    return how("batch", *args, "--format", "jsonl", "-o", "-")


def write_list(*names: str, path: str = "models.txt") -> Path:
    Path(path).write_text("".join(f"{name}\n" for name in names))
    return Path(path)


# --------------------------------------------------------------------------- what comes out


def test_each_model_of_the_list_comes_out_in_its_order() -> None:
    ran = batch(write_list(GPT, "# one more", f"{OLMO}@main  # ours", f"https://huggingface.co/{GPT}"), *SAMPLE)
    assert (ran.code, ran.err) == (0, "")
    found = lines(ran.out)
    assert [row["reference"] for row in found] == [GPT, f"{OLMO}@main"]
    assert [row["audit"]["label"] for row in found] == ["open-weights", "open-source-ai-open-data"]
    assert found[0]["places"] == [
        {"file": "models.txt", "line": 1, "column": 1, "text": GPT},
        {"file": "models.txt", "line": 4, "column": 1, "text": f"https://huggingface.co/{GPT}"},
    ]
    assert found[1]["places"][0]["text"] == f"{OLMO}@main  # ours"


def test_an_audit_is_the_same_alone_and_among_others() -> None:
    [row] = lines(batch(write_list(OLMO), *SAMPLE).out)
    assert row["audit"] == json.loads(run("audit", OLMO, *SAMPLE, "--format", "json").out)


def test_what_cannot_be_audited_is_told_and_costs_no_other() -> None:
    ran = batch(write_list("no/such", OLMO), *SAMPLE)
    assert ran.code == 3
    missing, found = lines(ran.out)
    assert (missing["audit"], missing["failure"]["kind"]) == (None, "NotLookedAt")
    assert "does not hold this model" in missing["failure"]["message"]
    assert found["audit"]["label"] == "open-source-ai-open-data"
    assert ran.err.splitlines() == [
        "openaudit: not audited: no/such: the snapshot 'sample' does not hold this model",
        "openaudit: 1 of 2 models could not be audited",
    ]


def test_many_failures_are_counted() -> None:
    ran = batch(write_list(*(f"no/such-{n}" for n in range(30))), *SAMPLE)
    assert ran.code == 3
    assert len(ran.err.splitlines()) == 20 + 1
    assert ran.err.endswith("openaudit: 30 of 30 models could not be audited\n")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (
            [OLMO, "not a model", "nor/this/one", OLMO],
            "models.txt:2:1: 'not a model' is not a model reference (and 1",
        ),
        ([OLMO, f"{OLMO}@a b"], "models.txt:2:1: "),
        (
            ["https://huggingface.co/datasets/a/b"],
            "models.txt:1:1: https://huggingface.co/datasets/a/b: this is a link",
        ),
        (["./gone"], "models.txt:1:1: ./gone: there is no such folder"),
        (["# nothing"], "no model is named there"),
    ],
)
def test_a_slip_in_the_list_is_an_error_before_anything_is_asked(names: Sequence[str], said: str) -> None:
    ran = run("batch", write_list(*names), "--journal", "j", "-o", "out.jsonl")
    assert ran.code == 2
    assert ran.err.startswith(f"openaudit: {said}")
    assert ran.err.count("\n") == 1
    assert not Path("out.jsonl").exists()


def test_models_come_in_one_way() -> None:
    for args in ([], ["models.txt", "--from-code", "."]):
        ran = run("batch", *args, *SAMPLE)
        assert (ran.code, "name the models in one way" in ran.err) == (2, True)


def test_there_has_to_be_something_to_go_on_with() -> None:
    assert "go on with what?" in run("batch", write_list(OLMO), "--resume").err


def test_standard_input_is_a_list() -> None:
    with start("batch", "-", *SAMPLE, "--format", "jsonl", "-o", "-", stdin=-1) as child:
        out, _ = child.communicate(f"model,n\n{OLMO},1\n".encode(), timeout=60)
    [row] = lines(out.decode())
    assert row["places"] == [{"file": "-", "line": 2, "column": 1, "text": f"{OLMO},1"}]


def test_a_run_is_a_list() -> None:
    first = batch(write_list(OLMO, GPT), *SAMPLE, "-q")
    Path("again.jsonl").write_text(first.out)
    again = batch(Path("again.jsonl"), *SAMPLE)
    assert [row["audit"] for row in lines(again.out)] == [row["audit"] for row in lines(first.out)]


def test_a_folder_on_this_machine_can_be_on_the_list(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "README.md").write_text("---\nlicense: mit\n---\n# Mine\n")
    [row] = lines(batch(write_list("../mine"), *SAMPLE).out)
    assert (row["reference"], row["audit"]["subject"]["source"]) == ("../mine", "local")


def test_files_are_written_all_or_none() -> None:
    listed = write_list(OLMO)
    ran = run("batch", listed, *SAMPLE, "--format", "jsonl", "-o", "out/")
    assert (ran.code, ran.out, ran.err) == (0, "", "wrote out/openaudit.jsonl\n")
    assert Path("out/openaudit.jsonl").read_text() == batch(listed, *SAMPLE).out
    Path("taken/openaudit.jsonl").mkdir(parents=True)
    for where in ("taken/", "models.txt/out.jsonl"):
        ran = run("batch", listed, *SAMPLE, "--format", "jsonl", "-o", where)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "no format writes .xyz files" in run("batch", listed, *SAMPLE, "-o", "x.xyz").err


# --------------------------------------------------------------------------- held to a policy

POLICY = """
[rules.open]
about = "What we ship is open."
models = ["*"]
require.label = "open-source-ai"
"""


def test_a_policy_decides_the_exit_code() -> None:
    listed = write_list(GPT, OLMO)
    Path("ours.toml").write_text(POLICY)
    assert batch(listed, *SAMPLE).code == 0, "it is not in its usual place"
    ran = batch(listed, *SAMPLE, "--policy", "ours.toml")
    assert (ran.code, ran.err) == (1, "openaudit: 1 of 2 models break ours.toml\n")
    assert [[breach["rule"] for breach in row["breaches"]] for row in lines(ran.out)] == [["open/label"], []]
    Path("ours.toml").rename("openaudit.toml")
    assert batch(listed, *SAMPLE).code == 1
    assert batch(write_list(OLMO), *SAMPLE).code == 0
    assert batch(write_list(GPT, "no/such"), *SAMPLE).code == 3, "not to know weighs more than to know of a breach"
    summary = run("batch", write_list(GPT, OLMO), *SAMPLE)
    assert (summary.code, summary.err) == (1, "openaudit: 1 of 2 models break openaudit.toml\n")
    assert "1 failing" in summary.out


def test_what_was_broken_before_fails_nothing() -> None:
    Path("openaudit.toml").write_text(POLICY)
    ran = batch(write_list(GPT), *SAMPLE, "--write-baseline", "known.json")
    assert (ran.code, ran.err) == (0, "wrote known.json\n")
    assert batch(write_list(GPT), *SAMPLE, "--baseline", "known.json").code == 0
    assert batch(write_list(GPT, "google/gemma-3-4b-it"), *SAMPLE, "--baseline", "known.json").code == 1
    mended = batch(write_list(OLMO), *SAMPLE, "--baseline", "known.json")
    assert mended.code == 0


@pytest.mark.parametrize("option", ["--baseline", "--write-baseline"])
def test_a_baseline_belongs_to_a_policy(option: str) -> None:
    ran = run("batch", write_list(GPT), *SAMPLE, option, "known.json")
    assert (ran.code, "there is none" in ran.err, Path("known.json").exists()) == (2, True, False)


def test_a_mistake_in_the_policy_is_found_before_anything_is_asked() -> None:
    Path("openaudit.toml").write_text(POLICY.replace("require", "requires"))
    ran = run("batch", write_list(GPT), "--journal", "j")
    assert (ran.code, Path("j").exists()) == (2, False)
    assert ran.err.startswith("openaudit: openaudit.toml:5: ")


# --------------------------------------------------------------------------- many, side by side


def store(count: int) -> dict[str, Any]:
    """So many models, some of them closed."""
    found: dict[str, Any] = {}
    for n in range(count):
        card = CLOSED if n % 3 else f"---\nlicense: apache-2.0\n---\n# Model {n}\nThis is an open source model."
        found |= model(f"maker/model-{n:03}", card, cardData={} if n % 3 else {"license": "apache-2.0"})
    return found


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of 300 models, and the list of them."""
    folder = write_snapshot(tmp_path_factory.mktemp("many") / "snapshot", store(300))
    (folder.parent / "models.txt").write_text("".join(f"maker/model-{n:03}\n" for n in range(300)))
    return folder


def small(many: Path, count: int) -> Path:
    """The first models of the list."""
    return write_list(*(many.parent / "models.txt").read_text().split()[:count])


def test_whatever_is_done_first_the_bytes_are_the_same(many: Path) -> None:
    listed = small(many, 40)
    alone = batch(listed, "--snapshot", many, "--jobs", "1", how=process)
    together = batch(listed, "--snapshot", many, "--jobs", "16", how=process)
    assert (alone.code, together.code, alone.err) == (0, 0, "")
    assert alone.out == together.out
    assert [row["reference"] for row in lines(alone.out)] == listed.read_text().split()


DEADLY = """
import os
from openaudit.batch import judging
real = judging.judged
def judged(snapshot, auditor):
    if snapshot.subject == "maker/model-005":
        os._exit(9)
    if snapshot.subject == "maker/model-007":
        raise RecursionError("too deep\\nto say")
    print("words in the way")
    return real(snapshot, auditor)
judging.judged = judged
"""


def test_a_crash_costs_one_model(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        judging, "_START", judging._START.replace("judging.serve()", f"exec({DEADLY!r}); judging.serve()")
    )
    ran = batch(small(many, 40), "--snapshot", many)
    assert ran.code == 3
    crashed = {row["reference"]: row["failure"] for row in lines(ran.out) if row["failure"]}
    assert {name: failure["kind"] for name, failure in crashed.items()} == {
        "maker/model-005": "Crashed",
        "maker/model-007": "Crashed",
    }
    assert "the process that judged it ended (9)" in crashed["maker/model-005"]["message"]
    assert "RecursionError: too deep to say" in crashed["maker/model-007"]["message"]
    assert sum(row["audit"] is not None for row in lines(ran.out)) == 38


def test_a_crash_in_this_process_costs_one_model_too(monkeypatch: pytest.MonkeyPatch) -> None:
    real = judging.judged
    with monkeypatch.context() as patch:
        patch.setattr(judging, "judged", lambda found, by: real(found, by) if "OLMo" in found.subject else 1 / 0)
        ran = batch(write_list(GPT, OLMO), *SAMPLE, "--journal", "j")
    broken, found = lines(ran.out)
    assert (ran.code, broken["failure"]["kind"], found["failure"]) == (3, "Crashed", None)
    assert batch(write_list(GPT, OLMO), *SAMPLE, "--journal", "j", "--resume").code == 0


def test_a_budget_ends_a_run_in_order(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = small(many, 10)
    with monkeypatch.context() as patch:
        patch.setattr(engine.Engine, "_late", property(lambda self: self._settled >= 3))
        ran = batch(listed, "--snapshot", many, "--jobs", "1", "--budget", "60", "--journal", "j")
    assert ran.code == 3
    assert "openaudit: the time was over after 60 s" in ran.err
    kinds = [row["failure"]["kind"] if row["failure"] else "" for row in lines(ran.out)]
    assert 0 < kinds.count("OutOfTime") < 10
    assert set(kinds) == {"", "OutOfTime"}
    again = batch(listed, "--snapshot", many, "--journal", "j", "--resume")
    assert (again.code, again.out) == (0, batch(listed, "--snapshot", many).out)


# --------------------------------------------------------------------------- stopped


def outcomes(journal: Path) -> dict[str, int]:
    """What is done, and the row that holds it: a model that is done again gets another."""
    with sqlite3.connect(journal) as db:
        found = dict(db.execute("SELECT reference, rowid FROM outcome"))
    db.close()
    return found


def alive(mark: str) -> list[str]:
    """Processes that carry a mark in their surroundings."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes() and b"State:\tZ" not in path.with_name("status").read_bytes():
                found.append(path.parent.name)
        except OSError:  # gone meanwhile, or not ours
            continue
    return found


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


@pytest.mark.parametrize("kept", [["--journal", "j"], []], ids=["named", "its own"])
def test_interrupted_it_says_how_to_go_on(kept: list[str], many: Path, tmp_path: Path) -> None:
    args = ("batch", small(many, 60), "--snapshot", many, "--format", "jsonl", "-o", "out.jsonl")
    mark = f"OPENAUDIT_TEST_{os.getpid()}_{len(kept)}"
    (tmp_path / "tmp").mkdir()
    # A process that was started in the background ignores this signal, and so would its children.
    heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with start(*args, *kept, env={mark: "1", "TMPDIR": str(tmp_path / "tmp")}, preexec_fn=heard) as child:
        wait_for(lambda: any(path.stat().st_size > 200_000 for path in tmp_path.rglob("j*-wal")))
        assert len(alive(mark)) > 1, "it judges in processes of their own"
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
    said = err.decode()
    assert child.returncode == 130
    assert said.endswith("openaudit: stopped\n")
    assert "Traceback" not in said
    wait_for(lambda: not alive(mark))
    advice = said.splitlines()[-2].partition("to go on, add: ")[2].split()
    assert advice[::2] == ["--journal", "--resume"]
    before = outcomes(Path(advice[1]))
    assert before
    ran = process(*args, *advice)
    assert ran.code == 0
    after = outcomes(Path(advice[1]))
    assert {name: after[name] for name in before} == before, "what was done is not redone"
    assert len(after) == 60


def test_a_journal_of_its_own_goes_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "cwd"))
    run("batch", write_list(OLMO), *SAMPLE)
    run("batch", write_list("not a model"), *SAMPLE)
    assert [path.name for path in Path().iterdir()] == ["models.txt"]


def test_two_runs_at_once(many: Path) -> None:
    args = ("batch", small(many, 40), "--snapshot", many, "--journal", "j", "-o", "out.jsonl", "--resume")
    with start(*args, "--format", "jsonl") as child:
        wait_for(lambda: Path("j-wal").exists())
        other = run(*args, "--format", "jsonl")
        assert (other.code, other.err.startswith("openaudit: j: another run is using this journal")) == (2, True)
        child.communicate(timeout=60)
    assert child.returncode == 0
    assert len(lines(Path("out.jsonl").read_text())) == 40


def test_a_disk_that_fills_up(many: Path) -> None:
    listed = small(many, 40)
    args = ("batch", listed, "--snapshot", many, "--journal", "j", "--format", "jsonl", "-o", "out.jsonl")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    ran = process(*args, preexec_fn=limit)
    assert ran.code == 2
    [why, how, *_] = sorted(ran.err.splitlines())
    assert "disk is full" in f"{why}{how}"
    assert "Traceback" not in ran.err
    assert not Path("out.jsonl").exists()
    before = outcomes(Path("j"))
    assert before
    assert process(*args, "--resume").code == 0
    assert {name: outcomes(Path("j"))[name] for name in before} == before
    assert Path("out.jsonl").read_text() == batch(listed, "--snapshot", many, how=process).out


def test_a_report_that_cannot_be_written_leaves_the_journal() -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    args = ("batch", write_list(OLMO, GPT), *SAMPLE, "--journal", "j", "--format", "jsonl", "-o", "out/x.jsonl")
    ran = process(*args, preexec_fn=limit)
    assert ran.code == 2
    assert "out" in ran.err
    assert "cannot be written" in ran.err
    assert not Path("out").exists()
    assert process(*args, "--resume").code == 0


# --------------------------------------------------------------------------- how it goes on


def test_lines_in_a_build_are_few(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 10))
    monkeypatch.setattr("openaudit.cli.terminal.time.monotonic", lambda: float(next(clock)))
    with Counting(100, 20, quiet=False) as tell:
        for settled in range(1, 11):
            tell(settled, settled // 5)
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == 3
    assert shown[0] == "openaudit: 23 of 120 models, 0.1/s, 16 min left"
    assert shown[2] == "openaudit: 29 of 120 models, 1 could not be audited, 0.1/s, 15 min left"
    with Counting(100, 0, quiet=True) as tell:
        tell(50, 0)
    assert capsys.readouterr().err == ""


def test_a_terminal_shows_rate_and_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 10_000, 10))
    monkeypatch.setattr("openaudit.cli.terminal.time.monotonic", lambda: float(next(clock)))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Counting(1000, 0, quiet=False) as tell:
        tell(1, 0)
        tell(100, 3)
    first, second, last = capsys.readouterr().err.split("\r\x1b[K")[1:]
    assert first == "1 of 1000 models, 0.1/s, 2 h 46 min left"
    assert second == "100 of 1000 models, 3 could not be audited, 5.0/s, 3 min left"
    assert last == ""
