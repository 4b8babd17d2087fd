"""The cache: what it holds, for whom and for how long, and that nothing that befalls it changes an audit."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from openaudit.sources.cache import Cache, standard_folder
from openaudit.sources.store import Held, Store

HOUR_AGO = time.time() - 3600


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "caches" / "openaudit"


def words(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def file_in(folder: Path) -> Path:
    (found,) = folder.glob("*.sqlite3")
    return found


def kept(folder: Path, many: int = 1) -> Path:
    """A cache that holds some answers, closed."""
    cache = Cache(folder)
    for n in range(many):
        cache.keep(b"name %d" % n, Held.of(b"body %d" % n, HOUR_AGO, '"e"', "http://x"))
    cache.close()
    return file_in(folder)


# --------------------------------------------------------------------------- what is held


def test_an_answer_is_found_by_the_next_run_as_it_was(folder: Path) -> None:
    held = Held.of(b"body" * 1000, HOUR_AGO, 'W/"e"', "http://x/y", fixed=True)
    cache = Cache(folder)
    cache.keep(b"name", held)
    cache.close()
    again = Cache(folder)
    assert again.find(b"name") == held
    assert again.find(b"another") is None
    again.close()
    assert len(held.packed) < 100


def test_fresh_is_what_came_since_the_run_began(folder: Path) -> None:
    cache = Cache(folder)
    assert cache.fresh(Held.of(b"", time.time()))
    assert not cache.fresh(Held.of(b"", HOUR_AGO))
    assert not cache.fresh(Held.of(b"", time.time() + 3600))  # a clock was wrong once: never believed for ever


def test_a_confirmed_answer_has_the_time_of_its_confirmation(folder: Path) -> None:
    kept(folder)
    cache = Cache(folder)
    before = cache.find(b"name 0")
    assert before is not None
    cache.keep(b"name 0", before._replace(at=time.time()), before)
    after = cache.find(b"name 0")
    assert after is not None
    assert cache.fresh(after)
    assert after.packed == before.packed
    cache.close()


def test_an_answer_let_go_of_meanwhile_is_held_again_when_confirmed(folder: Path) -> None:
    path = kept(folder)
    cache = Cache(folder)
    before = cache.find(b"name 0")
    assert before is not None
    with sqlite3.connect(path) as other:
        other.execute("DELETE FROM answers")
    other.close()
    cache.keep(b"name 0", before._replace(at=time.time()), before)
    assert cache.find(b"name 0") is not None
    cache.close()


def test_refusals_go_with_the_run(folder: Path) -> None:
    cache = Cache(folder)
    cache.refuse(b"name", "missing:does not exist")
    assert cache.refusal(b"name") == "missing:does not exist"
    assert cache.refusal(b"other") is None
    cache.close()
    again = Cache(folder)
    assert again.refusal(b"name") is None
    again.close()


def test_without_a_folder_it_lasts_as_long_as_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cache = Cache(None)
    cache.keep(b"name", Held.of(b"body", time.time()))
    assert cache.find(b"name") is not None
    cache.close()
    assert cache.find(b"name") is None
    assert list(tmp_path.iterdir()) == []


def test_names_cannot_be_read_back(folder: Path) -> None:
    cache = Cache(folder)
    cache.keep(b"hf_secret", Held.of(b"body", time.time(), '"e"', "https://x/y?key=hunter2"))
    cache.close()
    held = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"hf_secret" not in held
    assert b"hunter2" not in held


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions there")
def test_what_it_holds_is_for_its_owner_alone(folder: Path) -> None:
    path = kept(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_folder_is_the_one_asked_for_or_that_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAUDIT_CACHE_DIR", str(tmp_path))
    assert standard_folder() == tmp_path
    monkeypatch.setenv("OPENAUDIT_CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert standard_folder() == tmp_path / "openaudit"


# --------------------------------------------------------------------------- its size


def test_what_was_not_used_for_longest_goes(tmp_path: Path) -> None:
    store = Store(tmp_path / "s", limit=1 << 20)
    chance = random.Random(0)
    for n in range(60):
        store.put(b"%d" % n, Held.of(chance.randbytes(50_000), HOUR_AGO))
    assert store.find(b"0") is None
    assert store.find(b"59") is not None
    store.close()
    assert (tmp_path / "s").stat().st_size < 1.2 * (1 << 20)


def test_one_answer_never_takes_the_place_of_all_others(tmp_path: Path) -> None:
    store = Store(tmp_path / "s", limit=1 << 20)
    store.put(b"small", Held.of(b"x", HOUR_AGO))
    store.put(b"large", Held.of(random.Random(0).randbytes(500_000), HOUR_AGO))
    assert store.find(b"large") is None
    assert store.find(b"small") is not None
    store.close()


# --------------------------------------------------------------------------- many at once


def test_threads_share_it(folder: Path) -> None:
    cache = Cache(folder)

    def work(n: int) -> bool:
        name = b"%d" % (n % 40)
        cache.keep(name, Held.of(name * 100, time.time()))
        held = cache.find(name)
        return held is not None and held.body(1000) == name * 100

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, range(800)))
    cache.close()


WRITER = """
import sys, time
from pathlib import Path
from openaudit.sources.cache import Cache
from openaudit.sources.store import Held
cache, me = Cache(Path(sys.argv[1])), sys.argv[2]
for n in range(150):
    cache.keep(f"{me} {n}".encode(), Held.of(f"{me} {n}".encode() * 50, time.time()))
    cache.keep(b"the same", Held.of(me.encode(), time.time()))
    assert cache.find(b"the same") is not None
cache.close()
"""


def test_processes_share_it(folder: Path, root: Path) -> None:
    """All begin at once with no file there, and write as fast as they can: nobody loses anything."""
    env = {**os.environ, "PYTHONPATH": str(root)}
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, folder, str(n)], env=env, stderr=subprocess.PIPE)
        for n in range(4)
    ]
    assert [child.communicate(timeout=60)[1] for child in running] == [b""] * 4
    cache = Cache(folder)
    for me in range(4):
        for n in range(150):
            held = cache.find(f"{me} {n}".encode())
            assert held is not None
            assert held.body(10_000) == f"{me} {n}".encode() * 50
    cache.close()


def test_another_process_may_make_the_file_between_two_looks_at_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(sqlite3.Connection):
        """After its first look at the file's head or its tables, another process makes it a cache."""

        looked = False

        def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
            answer = super().execute(sql, *more)
            if not Slow.looked and ("application_id" in sql or "sqlite_master" in sql):
                Slow.looked = True
                Store(path).close()
            return answer

    path = folder / "answers-1.sqlite3"
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *where, **how: connect(*where, **how, **({} if Slow.looked else {"factory": Slow}))
    )
    store = Store(path)
    assert Slow.looked
    store.put(b"a", Held.of(b"body", time.time()))
    assert store.find(b"a") is not None
    store.close()


# --------------------------------------------------------------------------- what befalls it


def test_a_damaged_file_is_set_aside_and_begun_anew(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = kept(folder)
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    cache = Cache(folder)
    assert cache.find(b"name 0") is None
    cache.keep(b"name", Held.of(b"body", time.time()))
    assert cache.find(b"name") is not None
    cache.close()
    assert words(caplog) == [f"openaudit: the cache in {folder} was damaged, and was set aside"]
    assert path.with_name(f"{path.name}.damaged").read_bytes().startswith(b"not a database")
    again = Cache(folder)
    assert again.find(b"name") is not None
    again.close()


@pytest.mark.parametrize("seed", range(25))
def test_damage_anywhere_in_it_loses_answers_and_never_changes_one(
    folder: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    path = kept(folder, 200)
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 20, 400))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if seed % 5 == 0:
        del data[chance.randrange(len(data)) :]
    path.write_bytes(data)
    cache = Cache(folder)
    for n in range(200):
        held = cache.find(b"name %d" % n)
        assert held in (None, Held.of(b"body %d" % n, HOUR_AGO, '"e"', "http://x"))
    cache.keep(b"new", Held.of(b"body", time.time()))
    if cache.find(b"new") is None:  # the damage was met only now, and one answer more is lost
        cache.keep(b"new", Held.of(b"body", time.time()))
    held = cache.find(b"new")
    assert held is not None
    assert held.body(10) == b"body"
    cache.close()
    assert len(words(caplog)) <= 1


def test_the_database_of_somebody_else_is_left_alone(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = kept(folder)
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE diary (day TEXT)")
    other.close()
    before = path.read_bytes()
    cache = Cache(folder)
    cache.keep(b"name", Held.of(b"body", time.time()))
    assert cache.find(b"name") is not None  # for this run
    cache.close()
    assert path.read_bytes() == before
    assert words(caplog) == [f"openaudit: {path} is not a cache of openaudit, and is not used"]


def test_where_no_folder_can_be_made_there_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file" / "cache")
    cache.keep(b"name", Held.of(b"body", time.time()))
    assert cache.find(b"name") is not None
    cache.close()
    (line,) = words(caplog)
    assert "cannot be used (Not a directory)" in line


def test_one_that_cannot_be_written_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept(folder)

    def refuse(*_: object) -> int:  # as on a disk that is mounted to be read; root may write anything else
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("openaudit.sources.store.os.open", refuse)
    cache = Cache(folder)
    assert cache.find(b"name 0") is not None
    cache.keep(b"name 0", Held.of(b"new", time.time()))
    held = cache.find(b"name 0")
    assert held is not None
    assert held.body(10) == b"new"  # for this run
    cache.close()
    monkeypatch.undo()
    again = Cache(folder)
    held = again.find(b"name 0")
    assert held is not None
    assert held.body(10) == b"body 0"
    again.close()
    assert words(caplog) == [f"openaudit: the cache in {folder} cannot be written; it is read, and nothing is added"]


FULL = """
import resource, signal, sys, time
from pathlib import Path
from openaudit.sources.cache import Cache
from openaudit.sources.store import Held
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
cache = Cache(Path(sys.argv[1]))
import random
for n in range(40):
    body = random.Random(n).randbytes(20_000)
    cache.keep(b"%d" % n, Held.of(body, time.time()))
    held = cache.find(b"%d" % n)
    assert held is None or held.body(100_000) == body
cache.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_is_said_once(folder: Path, root: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", FULL, folder], env=env, capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"openaudit: the cache in {folder} cannot be written (")
    again = Cache(folder)
    assert again.find(b"0") is not None
    again.close()


def test_a_file_taken_away_under_way_changes_nothing(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept(folder)
    cache = Cache(folder)
    cache.find(b"name 0")
    shutil.rmtree(folder)
    cache.keep(b"name", Held.of(b"body", time.time()))
    assert cache.find(b"name") is not None
    cache.close()
    assert len(words(caplog)) <= 1
