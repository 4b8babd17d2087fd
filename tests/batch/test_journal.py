"""The journal: what is in it stays, whatever happens; and whatever happens is said in one line."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import openaudit
from openaudit.batch.journal import FORMAT, Journal, Settled, Terms, pack
from openaudit.errors import NotFound, OutputError, Unreachable
from openaudit.result import Audit
from openaudit.run import Failure, Named, Place
from tests.commands import ROOT

TERMS = Terms("openaudit 0", "a snapshot", {"ours": ("1.0", "ab" * 32)})
NAMES = ["maker/one", "maker/two", "maker/three"]


@cache
def audit() -> Audit:
    return openaudit.audit("allenai/OLMo-2-1124-7B", snapshot="sample")


def entries(*names: str) -> Iterator[Named]:
    return (Named(name, (Place("list.txt", line, 1, name),)) for line, name in enumerate(names, 1))


def failed(name: str, *, passing: bool = False) -> Settled:
    kind = Unreachable if passing else NotFound
    return Settled(name, failure=Failure(kind.__name__, f"{name}: no", kind.advice), passing=passing)


def opened(path: Path, terms: Terms = TERMS, *, resume: bool = True) -> Journal:
    return Journal(path, terms, resume=resume)


def rows(journal: Journal) -> list[tuple[int, str, str]]:
    return [
        (row.position, row.named.reference, row.failure.kind if row.failure else row.audit.label if row.audit else "")
        for row in journal.rows()
    ]


# --------------------------------------------------------------------------- what it holds


def test_rows_follow_the_list_whatever_was_done_first(tmp_path: Path) -> None:
    with opened(tmp_path / "j") as journal:
        assert journal.plan(entries(*NAMES)) == 3
        assert list(journal.todo()) == NAMES
        journal.keep([failed("maker/three"), Settled("maker/one", pack(audit()))])
        assert list(journal.todo()) == ["maker/two"]
        assert rows(journal) == [
            (1, "maker/one", audit().label),
            (2, "maker/two", "OutOfTime"),
            (3, "maker/three", "NotFound"),
        ]
        [first, *_] = journal.rows()
        assert first.audit == audit()
        assert first.audit.to_json() == audit().to_json()
        assert (journal.models, journal.done) == (3, 1)
        assert [one.kind for one in journal.failures(9)] == ["OutOfTime", "NotFound"]
        assert len(journal.failures(1)) == 1


def test_a_model_that_is_named_twice_is_one_model_in_two_places(tmp_path: Path) -> None:
    with opened(tmp_path / "j") as journal:
        assert journal.plan(entries("maker/one", "maker/two", "maker/one")) == 2
        [one, _] = journal.rows()
        assert [place.line for place in one.named.places] == [1, 3]


def test_outcomes_stay_when_the_list_changes(tmp_path: Path) -> None:
    with opened(tmp_path / "j") as journal:
        journal.plan(entries(*NAMES))
        journal.keep([Settled("maker/one", pack(audit())), failed("maker/two")])
    with opened(tmp_path / "j") as journal:
        assert journal.plan(entries("maker/new", "maker/two")) == 1
        assert rows(journal) == [(1, "maker/new", "OutOfTime"), (2, "maker/two", "NotFound")]
    with opened(tmp_path / "j") as journal:
        assert journal.plan(entries("maker/two", "maker/one")) == 0
        assert [label for *_, label in rows(journal)] == ["NotFound", audit().label]


def test_what_may_have_passed_is_tried_again(tmp_path: Path) -> None:
    with opened(tmp_path / "j") as journal:
        journal.plan(entries(*NAMES))
        todo = journal.todo()
        assert next(todo) == "maker/one"
        journal.keep([failed("maker/one", passing=True), failed("maker/two"), failed("maker/three", passing=True)])
        assert list(journal.todo()) == [], "not in the same run"
    with opened(tmp_path / "j") as journal:
        assert journal.plan(entries(*NAMES)) == 2
        assert list(journal.todo()) == ["maker/one", "maker/three"]


def test_a_list_with_a_mistake_leaves_the_old_one(tmp_path: Path) -> None:
    def broken() -> Iterator[Named]:
        yield from entries("maker/new")
        raise NotFound("no")

    with opened(tmp_path / "j") as journal:
        journal.plan(entries(*NAMES))
        with pytest.raises(NotFound):
            journal.plan(broken())
        assert list(journal.todo()) == NAMES


def test_text_that_utf8_does_not_have_is_kept_readable(tmp_path: Path) -> None:
    odd = audit().model_copy(update={"summary": "half \ud800"})
    with opened(tmp_path / "j") as journal:
        journal.plan(entries("maker/one"))
        journal.keep([Settled("maker/one", pack(odd))])
        [row] = journal.rows()
        assert row.audit
        assert row.audit.summary == "half ?"


# --------------------------------------------------------------------------- the file


def test_after_a_run_it_is_one_plain_file(tmp_path: Path) -> None:
    with opened(tmp_path / "j") as journal:
        journal.plan(entries(*NAMES))
        journal.keep([Settled(name, pack(audit())) for name in NAMES])
        assert (tmp_path / "j-wal").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["j"]
    (tmp_path / "j").chmod(0o444)
    with sqlite3.connect(f"file:{tmp_path}/j?mode=ro&immutable=1", uri=True) as db:
        assert db.execute("SELECT count(*) FROM outcome").fetchone() == (3,)
    db.close()


def refusal(path: Path, terms: Terms = TERMS, *, resume: bool = True) -> str:
    """Why a journal is refused; the file is left as it was."""
    before = path.read_bytes() if len(path.name) < 200 and path.is_file() else None
    with pytest.raises(OutputError) as raised:
        opened(path, terms, resume=resume).close()
    assert raised.value.advice
    assert "\n" not in str(raised.value)
    assert before is None or path.read_bytes() == before
    return str(raised.value)


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A journal with three outcomes."""
    with opened(tmp_path / "j") as journal:
        journal.plan(entries(*NAMES))
        journal.keep([Settled(name, pack(audit())) for name in NAMES])
    return tmp_path / "j"


def test_a_journal_is_not_begun_over(full: Path) -> None:
    assert "there is a journal already" in refusal(full, resume=False)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (replace(TERMS, tool="openaudit 9"), "it was written by openaudit 0, and this is openaudit 9"),
        (replace(TERMS, source="elsewhere"), "its models were looked up in a snapshot, now it is elsewhere"),
        (replace(TERMS, rubrics={"ours": ("1.0", "cd" * 32)}), "it was judged by other rubrics (ours)"),
        (replace(TERMS, rubrics={**TERMS.rubrics, "more": ("1", "")}), "it was judged by other rubrics (more)"),
    ],
)
def test_only_what_belongs_together_is_gone_on_with(full: Path, terms: Terms, said: str) -> None:
    assert said in refusal(full, terms)


def test_what_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("maker/one\n" * 100)
    assert "not a journal of openaudit" in refusal(tmp_path / "text")
    with sqlite3.connect(tmp_path / "other") as db:
        db.execute("CREATE TABLE t (x)")
    db.close()
    assert "not a journal of openaudit" in refusal(tmp_path / "other")
    assert "cannot be opened or made here" in refusal(tmp_path)
    assert "cannot be opened or made here" in refusal(tmp_path / "gone" / "j")
    assert refusal(tmp_path / ("long" * 100))
    assert refusal(tmp_path / "a\0b")


def test_a_newer_journal_is_left_alone(full: Path) -> None:
    with sqlite3.connect(full) as db:
        db.execute(f"PRAGMA user_version = {FORMAT + 1}")
    db.close()
    assert f"a journal of format {FORMAT + 1}; this openaudit knows {FORMAT}" in refusal(full)


@pytest.mark.parametrize("at", [100, 4096, -5000])
def test_damage_is_seen(full: Path, at: int) -> None:
    content = bytearray(full.read_bytes())
    content[at : at + 3000] = b"\xa5" * 3000
    full.write_bytes(content)
    with pytest.raises(OutputError, match=r"damaged|not a journal"):
        [row for journal in [opened(full)] for row in journal.rows()]


def test_a_damaged_audit_is_no_audit(full: Path) -> None:
    with sqlite3.connect(full) as db:
        db.execute("UPDATE outcome SET audit = zeroblob(100) WHERE reference = 'maker/two'")
    db.close()
    with opened(full) as journal, pytest.raises(OutputError, match="damaged"):
        list(journal.rows())


def test_one_that_was_never_filled_is_new(tmp_path: Path) -> None:
    (tmp_path / "j").touch()
    with opened(tmp_path / "j", resume=False) as journal:
        assert journal.plan(entries(*NAMES)) == 3


def test_one_run_at_a_time(full: Path) -> None:
    with opened(full) as journal:
        code = f"""
from pathlib import Path
from openaudit.batch.journal import Journal, Terms
try:
    Journal(Path({str(full)!r}), Terms({TERMS.tool!r}, {TERMS.source!r}, {TERMS.rubrics!r}), resume=True)
except Exception as problem:
    print(type(problem).__name__, problem)
"""
        other = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        assert other.stdout == f"OutputError {full}: another run is using this journal\n"
        journal.plan(entries(*NAMES))
    with opened(full) as journal:
        assert journal.done == 3


# --------------------------------------------------------------------------- a full disk


def fill(journal: Journal) -> None:
    """Keeps outcomes until it fails."""
    for number in range(1000):
        journal.keep([Settled(f"maker/more-{number}", pack(audit()))])


def limit_pages(journal: Journal) -> None:
    journal._db.execute("PRAGMA max_page_count = 100")


def break_off(journal: Journal) -> None:
    journal._db.execute("PRAGMA query_only = ON")


@pytest.mark.parametrize(("how", "said"), [(limit_pages, "the disk is full"), (break_off, "read-only")])
def test_a_full_disk_costs_what_was_not_kept_and_no_more(
    tmp_path: Path, how: Callable[[Journal], None], said: str
) -> None:
    with opened(tmp_path / "j") as journal:
        journal.plan(entries(*(f"maker/more-{number}" for number in range(1000))))
        journal.keep([Settled("maker/more-0", pack(audit()))])
        how(journal)
        with pytest.raises(OutputError, match=said) as raised:
            fill(journal)
        assert raised.value.advice
    with opened(tmp_path / "j") as journal:
        done = journal.done
        assert done >= 1
        assert len(list(journal.todo())) == 1000 - done
        journal.keep([Settled("maker/more-999", pack(audit()))])
