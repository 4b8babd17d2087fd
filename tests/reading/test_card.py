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


@pytest.mark.parametrize("odd", ["<![](x)>", "<![if !vml]>", "<![CDATA[ x ]]>", "<!-- x -->", "<![](x)", "<![", "<!--"])
def test_what_a_browser_takes_for_a_comment_is_not_read(odd: str) -> None:
    found = card.read_card(f"Before.\n\n<div>{odd}\n</div>\n\nAfter.\n")
    assert [(block.text, block.line) for block in found.blocks] == [("Before.", 1), ("After.", 6)]


@pytest.mark.parametrize("odd", ["<<![CDATA[</i>![](x)", "<<!--x-->![](x)", "<<!-- -->!-- <p>", "<!<![x>[a b"])
def test_where_a_comment_was_no_other_begins(odd: str) -> None:
    found = card.read_card(f"Before.\n\n<div>{odd}\n</div>\n\nAfter.\n")
    assert [block.text for block in found.blocks if block.text in ("Before.", "After.")] == ["Before.", "After."]


def test_a_row_that_says_nothing_is_no_sentence() -> None:
    found = card.read_card("| a | b |\n|---|---|\n| | |\n| c | d |\n")
    assert [sentence.text for sentence in found.sentences() if sentence.block.kind == "row"] == ["a | b", "c | d"]


def test_a_key_stands_on_the_line_that_an_editor_shows() -> None:
    # YAML ends a line at each of these, too; an editor and a page do not.
    text = "---\nname: 'a\x85b'\ntags: x\u2028also: y\nlicense: mit\r\nlanguage: é\nlast: z\n---\n"
    front = card.read_card(text).front
    assert front.line_of == {"name": 2, "tags": 3, "also": 3, "license": 4, "language": 5, "last": 6}
    broken = card.read_card("---\na: 1\n# \u2028\u2028\nb: [}\n---\n").front
    assert broken.problem == "it is not valid YAML (line 4)"


@pytest.mark.parametrize("odd", ["<a ", "</", "<?", "<!", "<!<![x>[", "<<!-- -->", '<a x="'])
def test_tags_that_never_end_take_no_longer_than_others(odd: str) -> None:
    began = time.perf_counter()
    card.read_card(f"<div>{odd * (200_000 // len(odd))}\n")
    assert time.perf_counter() - began < 10  # some would take minutes to somebody who began each of them anew
