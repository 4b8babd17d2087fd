"""The letter: it thanks, says what was found and where, what would help, and stays text whatever a card holds."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

import openaudit
from openaudit.formats import registry
from openaudit.formats.letter import render
from openaudit.pages.view import RUNGS
from tests.formats.hostile import PAYLOADS, full, poisoned


def links(text: str) -> list[str]:
    tokens = [child for token in MarkdownIt("commonmark").parse(text) for child in token.children or ()]
    return [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]


def words(text: str) -> str:
    """What a reader sees."""
    tokens = [child for token in MarkdownIt("commonmark").parse(text) for child in token.children or ()]
    return " ".join(token.content for token in tokens if token.content)


def test_a_closed_model_is_told_what_would_help_and_where_each_thing_was_seen() -> None:
    audit = openaudit.audit("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", snapshot="sample")
    letter = render(audit)
    said = words(letter)
    assert "Thank you for publishing it." in said
    assert RUNGS[audit.label] in said
    for step in audit.steps[:8]:
        assert step.text in said
    assert f"openaudit audit {audit.subject.id}@{audit.subject.revision}" in said
    found = links(letter)
    assert audit.subject.url in found
    assert {
        audit.rubrics[name.split("/")[0]].criteria[name.split("/")[1]].url for name in audit.steps[0].criteria
    } & set(found)
    assert all(one.startswith("https://") for one in found)
    assert not re.search(r"\b(fail|guilty|lie|violat|hide|refuse)", said)
    assert len(letter) < 8_000


def test_an_open_model_is_not_asked_for_what_is_there() -> None:
    audit = openaudit.audit("allenai/OLMo-2-1124-7B", snapshot="sample")
    said = words(render(audit))
    assert "What is there already:" in said
    shown = [step.text for step in audit.steps if step.text in said]
    assert shown == [step.text for step in audit.steps][:8]


@pytest.mark.parametrize("name", PAYLOADS)
def test_it_stays_text(name: str) -> None:
    letter = render(poisoned(PAYLOADS[name]))
    assert letter == render(poisoned(PAYLOADS[name]))
    assert all(re.match(r"https?://|#$", one) for one in links(letter))
    kinds = {token.type for token in MarkdownIt("commonmark").parse(letter)}
    assert not kinds & {"html_block", "fence", "code_block"}
    inline = {c.type for token in MarkdownIt("commonmark").parse(letter) for c in token.children or ()}
    assert not inline & {"html_inline", "image"}


def test_the_name_of_a_file_says_that_it_is_one() -> None:
    assert registry()["letter"].suffix == ".letter.md"
    assert render(full()).startswith("## ")
