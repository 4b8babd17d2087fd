"""Cards as they are read when many are: by several threads at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import mdurl._decode
import mdurl._encode
import pytest

from openaudit.reading import card

THREADS = 8


class Slow(dict[str, Any]):
    """A table that is in its place a while before it is filled: what other threads may meet by chance."""

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        time.sleep(0.05)


def test_the_first_cards_are_read_right_by_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[code](https://example.org/a/b?c=d&e=%41#f) <https://example.org/~x/é>"
    expected = [link.url for block in card.read_card(text).blocks for link in block.links]
    assert expected[0] == "https://example.org/a/b?c=d&e=%41#f"
    card._parser.__wrapped__.cache_clear()  # as in a process that has read nothing yet
    monkeypatch.setattr(mdurl._encode, "encode_cache", Slow())
    monkeypatch.setattr(mdurl._decode, "decode_cache", Slow())
    together = Barrier(THREADS)

    def read(number: int) -> list[str]:
        together.wait()
        return [link.url for block in card.read_card(f"{text}\n\n{number}").blocks for link in block.links]

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(read, range(THREADS))) == [expected] * THREADS
