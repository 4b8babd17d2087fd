"""Asking again, remembering, and reading answers nobody vouches for."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from openaudit.sources.traffic import Again, GaveUp, Patience, Quota, Traffic, persist
from openaudit.sources.wire import Once, TooLarge, one_line, read_body, retry_after


def test_pauses_double_and_end_with_the_tries() -> None:
    calls: list[float] = []

    def attempt(deadline: float) -> None:
        calls.append(time.monotonic())
        raise Again("busy")

    with pytest.raises(GaveUp, match=r"busy \(4 tries\)"):
        persist(attempt, Patience(tries=4, budget=5, wait=0.02), Traffic(), Quota())
    pauses = [later - earlier for earlier, later in pairwise(calls)]
    assert len(pauses) == 3
    assert pauses[0] >= 0.01
    assert pauses[2] >= 0.04


def test_a_pause_beyond_the_budget_is_not_begun() -> None:
    def attempt(deadline: float) -> None:
        raise Again("busy", after=3600)

    start = time.monotonic()
    with pytest.raises(GaveUp, match=r"^busy$"):
        persist(attempt, Patience(), Traffic(), Quota())
    assert time.monotonic() - start < 1


def test_a_body_is_bounded_in_size_and_time() -> None:
    later = time.monotonic() + 60
    assert read_body([b"ab", b"c"], 3, later) == b"abc"
    with pytest.raises(TooLarge):
        read_body([b"ab", b"cd"], 3, later)
    with pytest.raises(GaveUp):
        read_body([b"ab"], 3, time.monotonic() - 1)


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after({"Retry-After": "7"}) == 7
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 85 < (retry_after({"Retry-After": soon}) or 0) <= 90
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    for nonsense in ({}, {"Retry-After": "soon"}, {"Retry-After": "-1"}, {"Retry-After": "²"}):
        assert retry_after(nonsense) is None


def test_words_become_one_line() -> None:
    assert one_line("a\r\n\x1b[31mb\u202ec\t d") == "a [31mb c d"
    assert one_line("x" * 10, 5) == "xxxx…"


def test_a_question_is_asked_once_by_many() -> None:
    asked: list[str] = []
    once: Once[str] = Once(lambda answer: answer != "busy")

    def ask() -> str:
        asked.append("x")
        time.sleep(0.05)
        return "answer"

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: once.get("q", ask), range(8))) == {"answer"}
    assert once.get("q", ask) == "answer"
    assert len(asked) == 1


def test_failures_are_not_remembered_and_errors_reach_everyone() -> None:
    once: Once[str] = Once(lambda answer: answer != "busy")
    assert once.get("q", lambda: "busy") == "busy"
    assert once.get("q", lambda: "answer") == "answer"

    def broken() -> str:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        once.get("r", broken)
    assert once.get("r", lambda: "mended") == "mended"


def test_an_answer_offered_is_not_asked_for() -> None:
    once: Once[str] = Once(lambda answer: answer != "busy")
    once.offer("q", "answer")
    once.offer("q", "another")
    once.offer("r", "busy")
    assert [once.get("q", lambda: "asked"), once.get("r", lambda: "asked")] == ["answer", "asked"]


def test_only_the_last_answers_are_kept() -> None:
    once: Once[int] = Once(lambda _: True, size=2)
    for question in (1, 2, 1, 3):  # 2 was not used for longest
        once.get(question, lambda question=question: question)
    assert [once.get(question, lambda: 0) for question in (1, 3, 2)] == [1, 3, 0]
