"""Clauses in any text, and texts of any kind."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openaudit.licenses import read
from tests.licenses.garden import LIMITS, SENTENCES, garden, quoted

# --------------------------------------------------------------------------- clauses


@pytest.mark.parametrize(("kind", "sentence"), LIMITS)
def test_limits_are_found_in_texts_of_any_kind(kind: str, sentence: str) -> None:
    text = f"Some terms.\n\nBe welcome.\n{sentence}\nBe kind.\n"
    reading = read(text)
    assert reading.license is None
    found = {clause.kind: clause for clause in reading.clauses}
    assert kind in found
    assert quoted(found[kind].quote, text)


@pytest.mark.parametrize(
    "sentence",
    [
        "This license does not restrict commercial use.",
        "You may use the model for commercial and non-commercial purposes.",
        "Nothing in this license limits what you may use the model for.",
        "The name of the author must not be used to endorse or promote products derived from this software.",
        "You may not use this file except in compliance with the License.",
        "If you do not agree to these terms, do not use or redistribute the software.",
        "We may terminate this agreement if you breach it.",
        "In no event shall the authors be liable for any commercial damages or losses.",
        "By using the model, you agree to comply with all applicable law.",
        "There are 100 million users of this model.",
    ],
)
def test_what_only_looks_like_a_limit_is_none(sentence: str) -> None:
    assert read(sentence).clauses == ()


def test_a_list_of_forbidden_uses_hangs_on_its_first_line() -> None:
    text = "You will not, and will not permit others to:\n\na. use the model for military purposes;\n\nb. sleep.\n"
    assert {clause.kind for clause in read(text).clauses} == {"use-restriction"}


def test_quotes_are_short_and_at_their_line() -> None:
    text = "\n" * 6 + "The model may only be used for non-commercial purposes, " + "and so on " * 80 + "."
    clause = read(text).clauses[0]
    assert clause.line == 7
    assert len(clause.quote) <= 300
    assert quoted(clause.quote, text)
    assert not clause.quote.endswith(("an", "o", "s"))


# --------------------------------------------------------------------------- whatever comes


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=2000))
def test_no_text_makes_it_fail(text: str) -> None:
    for clause in read(text).clauses:
        assert clause.line >= 1
        assert len(clause.quote) <= 300


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*SENTENCES, *(limit for _, limit in LIMITS), "<p>", "&amp;", "1.", "\n\n", "license"]))
)
def test_no_mixture_makes_it_fail(pieces: list[str]) -> None:
    text = " ".join(pieces)
    for clause in (*garden(text).clauses, *garden(text).added):
        assert clause.line <= text.count("\n") + 1


@pytest.mark.parametrize(
    "unit",
    [
        "<a ",
        "<p><script ",
        "You may not use ",
        "may not: ",
        "1. ",
        "copyright (c) 2020 ",
        "&amp;",
        "in no event shall ",
        "solely for research only ",
        'prominently display "a ',
        "licensed under the ",
        "a",
        "\n",
        "@a",
        SENTENCES[0] + " ",
    ],
)
def test_the_time_it_takes_grows_with_the_text_alone(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        best = 9.0
        for _ in range(2):
            begin = time.process_time()
            garden(text)
            best = min(best, time.process_time() - begin)
        return best

    small, large = seconds(1 << 13), seconds(1 << 16)
    # Eight times the text; the slack is for the machine. Quadratic would be 64 times.
    assert large < 24 * small + 0.05
