"""Killed at any moment, a run goes on where it was: nothing is lost, nothing is done twice, nobody is left behind."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from pathlib import Path

import pytest

from tests.batch.test_batch import alive, outcomes, store, wait_for
from tests.commands import process, start, write_snapshot

KILLS = 20
MODELS = 300


def done(journal: Path) -> dict[str, int]:
    """What a killed run left: all that was kept, each in its row. Opening it is what the next run does, too."""
    if not journal.exists() or not journal.stat().st_size:
        return {}
    with sqlite3.connect(journal) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    return outcomes(journal)


@pytest.mark.parametrize("seed", [int(os.environ.get("OPENAUDIT_TEST_SEED", "4"))])
def test_killed_at_random_moments(seed: int, tmp_path: Path) -> None:
    write_snapshot(tmp_path / "snapshot", store(MODELS))
    listed = tmp_path / "models.txt"
    listed.write_text("".join(f"maker/model-{n:03}\n" for n in range(MODELS)) + "maker/none\n")
    args = ("batch", listed, "--snapshot", tmp_path / "snapshot", "--format", "jsonl", "--rubric", "g7-openness")
    chance = random.Random(seed)

    began = time.monotonic()
    undisturbed = process(*args, "-o", tmp_path / "undisturbed.jsonl")
    lasted = time.monotonic() - began
    assert undisturbed.code == 3

    journal, out = tmp_path / "journal", tmp_path / "out.jsonl"
    mark = f"OPENAUDIT_TEST_{os.getpid()}_{seed}"
    held: dict[str, int] = {}
    killed = 0
    # Some of the moments are early (the program starts, the list is read), some when a few more models are done.
    while killed < KILLS:
        before = held
        with start(*args, "-o", out, "--journal", journal, "--resume", env={mark: "1"}) as child:
            time.sleep(chance.uniform(0.0, max(1.5, lasted / 6)))
            child.kill()
            child.communicate(timeout=60)
        killed += child.returncode == -9
        held = done(journal)
        assert {name: held.get(name) for name in before} == before, "what was kept stays, and is not done again"
        if child.returncode != -9:  # it came to its end: from the beginning, once more
            assert out.read_bytes() == (tmp_path / "undisturbed.jsonl").read_bytes()
            journal.unlink()
            out.unlink()
            held = {}
    wait_for(lambda: not alive(mark))
    assert not out.exists(), "a report is there when it is whole, and not before"

    ran = process(*args, "-o", out, "--journal", journal, "--resume")
    assert ran.code == 3
    after = outcomes(journal)
    assert {name: after[name] for name in held} == held
    assert len(after) == MODELS + 1
    assert out.read_bytes() == (tmp_path / "undisturbed.jsonl").read_bytes()
    assert [path.name for path in tmp_path.glob("journal*")] == ["journal"]
