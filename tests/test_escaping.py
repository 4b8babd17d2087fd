"""Strangers' text, made harmless: for a line, for Markdown, for XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from openaudit import escaping

ANY = st.text(st.characters(codec=None), max_size=60)  # lone surrogates, too: JSON brings them along


def test_a_line_shows_what_is_unseen_and_cuts_what_is_endless() -> None:
    assert escaping.line(" a\u202eb\x00\x1b[31m\ud800\n\t c\u2028d ") == "a\ufffdb\ufffd\ufffd[31m\ufffd c d"
    assert escaping.line("می\u200cخواهم") == "می\u200cخواهم"
    assert escaping.line("word " * 10, 12) == "word word w…"
    assert len(escaping.line("x" * 10_000_000, 50)) == 50


@given(ANY)
def test_a_line_is_one_line_that_can_be_written(text: str) -> None:
    shown = escaping.line(text)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert escaping.line(shown) == shown


@given(ANY)
def test_xml_gives_the_line_back(text: str) -> None:
    escaped = escaping.xml(text)
    element = ElementTree.fromstring(f'<a b="{escaped}">{escaped}</a>')
    assert (element.text or "") == element.attrib["b"] == escaping.line(text)


@given(ANY)
def test_markdown_shows_the_line_and_nothing_else(text: str) -> None:
    [inline] = [one for one in MarkdownIt("commonmark").parse(f".{escaping.markdown(text)}.") if one.type == "inline"]
    kinds = {child.type for child in inline.children or ()}
    assert kinds <= {"text", "text_special"}
    assert "".join(child.content for child in inline.children or ()) == f".{escaping.line(text)}."


@pytest.mark.parametrize("text", ["https://evil.example", "WWW.evil.example", "@ada", "![x](y)", "<b>", "a|b", "&lt;"])
def test_nothing_in_markdown_becomes_a_link_or_markup(text: str) -> None:
    shown = escaping.markdown(text)
    for active in ("s://", "ww.", "WW."):
        assert active not in shown
    html = MarkdownIt("gfm-like", {"linkify": False}).render(shown)
    assert "<a" not in html
    assert "<img" not in html


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.example/x?y=(z)#w", "https://a.example/x?y=%28z%29#w"),
        ('https://a.example/ "><b>', "https://a.example/%20%22%3E%3Cb%3E"),
        ("https://a.example/\ud800é\n", "https://a.example/?%C3%A9%0A".replace("?", "%3F")),
        ("javascript:alert(1)", "#"),
        ("//a.example", "#"),
        ("", "#"),
    ],
)
def test_an_address_cannot_end_its_link(url: str, address: str) -> None:
    assert escaping.markdown_address(url) == address
