"""Sentences that know what they were made from: they read as before, and can be said in another language."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaudit import saying
from openaudit.saying import Said, as_data, counted, figure, from_data, listed, phrase, shortened, translated

FRENCH = {
    "{what} in {where}": "{where} : {what}",
    "a file": "un fichier",
    "{thousands},{rest}": "{thousands} {rest}",
    "{whole}.{part}": "{whole},{part}",
}


def french(said: Said) -> str:
    if said.one:
        return "{n} fichier" if int(said.values["n"]) < 2 else "{n} fichiers"
    return FRENCH.get(said.template, said.template)


def test_names_stay_and_sentences_are_translated() -> None:
    said = phrase("{what} in {where}", what=phrase("a file"), where="a file")
    assert said == "a file in a file"
    assert translated(said, french) == "a file : un fichier"  # the second is a name that reads like words of ours


@pytest.mark.parametrize(
    ("n", "english", "in_french"),
    [(0, "0 files", "0 fichier"), (1, "1 file", "1 fichier"), (2, "2 files", "2 fichiers")],
)
def test_each_language_has_its_own_plural(n: int, english: str, in_french: str) -> None:
    said = counted("{n} file", "{n} files", n)
    assert said == english
    assert translated(said, french) == in_french


@pytest.mark.parametrize(
    ("english", "in_french"), [("7", "7"), ("1,234", "1 234"), ("1,234,567.8", "1 234 567,8"), ("1e+25", "1e+25")]
)
def test_numbers_have_the_marks_of_the_language(english: str, in_french: str) -> None:
    assert figure(english) == english
    assert translated(figure(english), french) == in_french


def test_what_is_a_sentence_already_stays_one() -> None:
    said = phrase("{what} in {where}", what="x", where="y")
    assert phrase(said) is said
    assert isinstance(phrase("{outer}", outer=said).values["outer"], Said)


def test_what_is_too_long_is_cut_in_every_language() -> None:
    said = phrase("{what} in {where}", what=phrase("a file"), where="y" * 300)
    cut = shortened(said, 20)
    assert cut == "a file in yyyyyyyyy…"
    assert len(cut) == 20
    assert translated(cut, french) == "y" * 19 + "…"
    assert shortened("two\n  lines", 20) == "two lines"
    assert shortened(said, 1000) is said


def test_braces_in_what_strangers_wrote_are_no_places() -> None:
    said = phrase("{what} in {where}", what="{where}", where="{what:3}")
    assert said == "{where} in {what:3}"
    assert translated(said, french) == "{what:3} : {where}"
    assert phrase("{nothing} and {}") == "{nothing} and {}"


def test_several_sentences_are_said_one_after_another() -> None:
    assert listed([]) == ""
    assert listed(["one"]) == "one"
    assert saying.in_sentences("One. Two! Three") == ["One.", "Two!", "Three"]
    both = listed([phrase("One."), phrase("Two.")], " ")
    assert saying.in_sentences(both) == ["One.", "Two."]


texts = st.text(max_size=12)
sentences = st.recursive(
    texts,
    lambda inner: st.builds(
        lambda template, values: phrase(template, **values),
        st.sampled_from(["{a} and {b}", "{a:5}", "no place", "{c}"]),
        st.dictionaries(st.sampled_from("abc"), inner),
    ),
    max_leaves=12,
)


@given(sentences)
def test_they_come_back_from_json_and_from_another_process(text: str) -> None:
    for again in (from_data(json.loads(json.dumps(as_data(text)))), pickle.loads(pickle.dumps(text))):
        assert again == text
        assert type(again) is type(text)
        assert translated(again, french) == translated(text, french)


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        [],
        {},
        {"template": 7},
        {"template": "x", "values": []},
        {"template": "x", "values": {"a": 1}},
        {"one": "x"},
    ],
)
def test_somebody_elses_json_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="not a sentence"):
        from_data(data)


def test_json_that_never_ends_is_refused() -> None:
    data: Any = "x"
    for _ in range(1000):
        data = {"template": "{a}", "values": {"a": data}}
    with pytest.raises(ValueError, match="not a sentence"):
        from_data(data)
