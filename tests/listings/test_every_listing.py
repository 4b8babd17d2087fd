"""What holds of every listing: the same bytes, nothing unseen, no more than one model at a time."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Iterator

import pytest

from openaudit.listings import registry
from openaudit.run import Row, Run
from tests.listings import runs

RUNS = dict(runs.every_run())
RAW = ("json", "jsonl")  # the contract itself: it says what was found, escaped as JSON does


@pytest.mark.parametrize("listing", registry())
@pytest.mark.parametrize("name", RUNS)
def test_the_same_bytes_each_time_and_nothing_unseen(listing: str, name: str) -> None:
    text = runs.text_of(listing, RUNS[name])
    assert text == runs.text_of(listing, RUNS[name])
    text.encode()  # whatever came in, UTF-8 can write it
    unseen = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
    if listing not in RAW:
        assert unseen.findall(text) == []


@pytest.mark.parametrize("listing", registry())
def test_every_model_is_told_of(listing: str) -> None:
    run = runs.real()
    text = runs.text_of(listing, run)
    quiet = {"text", "sarif", "github", "codequality"}  # these tell of what is wrong
    for row in run.rows():
        wrong = row.failure or (row.breaches and (listing != "text" or any(b.fails or b.warns for b in row.breaches)))
        if listing not in quiet or wrong:
            assert row.named.reference in text.replace("\\", "")


@pytest.mark.parametrize("listing", registry())
def test_a_row_is_let_go_before_the_next_is_read(listing: str) -> None:
    """Rows are heavy and each is its own; what a listing keeps of 60 of them weighs less than six."""
    heavy = runs.audit(runs.SAMPLE[0]).to_json()

    def read() -> Iterator[Row]:
        for position in range(1, 61):
            audit = type(runs.audit(runs.SAMPLE[0])).model_validate_json(heavy)
            yield runs.row(position, f"owner/model-{position}", audit=audit, breaches=(runs.GATED,))

    run = Run("openaudit 1", "a test", {}, read, policy="openaudit.toml")
    tracemalloc.start()
    one = next(iter(run.rows()))
    weight = tracemalloc.get_traced_memory()[0]
    del one
    assert run.counts.models == 60
    tracemalloc.reset_peak()
    written = 0
    for piece in registry()[listing].render(run):
        written += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert written
    assert peak < 6 * weight + 1_500_000, (peak, weight)  # the job summary may hold its 1 MiB


def test_csv_and_json_lines_agree_on_who_is_there() -> None:
    lines = [json.loads(line) for line in runs.text_of("jsonl", runs.real()).splitlines()]
    assert [line["reference"] for line in lines] == [row.named.reference for row in runs.real().rows()]


def test_each_has_files_of_its_own() -> None:
    suffixes = [one.suffix for one in registry().values()]
    assert len(set(suffixes)) == len(suffixes)
