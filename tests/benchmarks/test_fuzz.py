"""Every reader is fed what nobody would write: a little of it here, a million inputs with ``make fuzz``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import fuzz  # noqa: E402 - found by the line above
from fuzz import READERS, Reader, feed, planned  # noqa: E402 - likewise

FED = {"policy": 60, "card": 60, "licence": 30, "hub": 8}  # of the others 150: they are quick


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_whatever_comes_or_refuses_it(name: str) -> None:
    for number in range(FED.get(name, 150)):
        assert feed(name, number, seed=2026) is None, f"python benchmarks/fuzz.py --seed 2026 --again {name}:{number}"


def test_every_reader_gets_its_share() -> None:
    given = [name for name, _ in planned(2000)]
    assert {name: round(given.count(name) / 2) for name in READERS} == {one: READERS[one].share for one in READERS}
    assert sorted(number for name, number in planned(2000) if name == "hub") == list(range(40))


# --------------------------------------------------------------------------- it would be noticed


def _fed(read: object, monkeypatch: pytest.MonkeyPatch, number: int = 0) -> str | None:
    monkeypatch.setattr(fuzz, "READERS", {"one": Reader(lambda: ["some text"], ".", read)})  # type: ignore[arg-type]
    return feed("one", number, seed=1)


def test_a_reader_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(text: str, random: Random) -> None:
        raise KeyError(text)

    assert "KeyError" in str(_fed(fails, monkeypatch))


def test_a_reader_that_takes_the_square_of_the_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "_NEAR", 500)
    monkeypatch.setattr(fuzz, "_FAR", 2000)
    monkeypatch.setattr(fuzz, "_BESIDES", 0.01)

    def square(text: str, random: Random) -> None:
        until = time.process_time() + len(text) ** 2 / 1e8
        while time.process_time() < until:
            pass

    def line(text: str, random: Random) -> None:
        until = time.process_time() + len(text) / 1e5
        while time.process_time() < until:
            pass

    repeated = fuzz._REPEATED - 1
    assert "500 characters take" in str(_fed(square, monkeypatch, repeated))
    assert _fed(line, monkeypatch, repeated) is None
