"""The glossary: every word explained in two lines, and found however it is spelt."""

from __future__ import annotations

import pytest

from openaudit import glossary


def test_every_term_is_explained_in_about_two_lines() -> None:
    for term in glossary.terms().values():
        assert 60 <= len(term.text) <= 260, term.id
        assert term.text.endswith("."), term.id
        assert term.title in term.names


def test_terms_refer_to_terms_and_no_name_is_given_twice() -> None:
    found = glossary.terms()
    assert [(term.id, other) for term in found.values() for other in term.see if other not in found] == []
    names = [name.casefold() for term in found.values() for name in term.names]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("asked", "id"),
    [
        ("openwashing", "openwashing"),
        ("Open-Washing", "openwashing"),
        ("OPEN WEIGHTS", "open-weights"),
        ("license_laundering", "licence-laundering"),
        ("  gated ", "gated"),
    ],
)
def test_a_term_is_found_however_it_is_spelt(asked: str, id: str) -> None:
    term = glossary.find(asked)
    assert term is not None
    assert term.id == id


def test_what_is_not_there_is_none_and_the_nearest_are_named() -> None:
    assert glossary.find("opnwashing") is None
    assert glossary.nearest("opnwashing")[0] == "openwashing"
    assert glossary.nearest("qqqq") == ()
    assert glossary.find("") is None
