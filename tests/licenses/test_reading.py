"""Licences by text: whole, edited, only named. The texts here are written for the tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaudit.licenses import lookup, read
from openaudit.licenses.prints import Library, fingerprint, parse, write
from tests.licenses.garden import (
    CLOSED,
    DRESSES,
    LIMITS,
    OPEN,
    SENTENCES,
    TEXT,
    TITLE,
    as_html,
    garden,
    quoted,
    reflowed,
    translated,
    wrapped,
)


@pytest.mark.parametrize("dress", DRESSES)
def test_a_true_copy_is_exact(dress: Callable[[str], str]) -> None:
    reading = garden(dress(TEXT))
    assert (reading.how, reading.added, reading.missing) == ("exact", (), 0)
    assert reading.license == lookup("Zlib")


@given(st.lists(st.sampled_from(DRESSES), max_size=3))
def test_several_changes_of_dress_at_once(dresses: list[Callable[[str], str]]) -> None:
    text = TEXT
    for dress in dresses:
        text = dress(text)
    # HTML inside something else is no copy that anybody makes.
    if as_html not in dresses[:-1]:
        assert garden(text).license == lookup("Zlib")


# --------------------------------------------------------------------------- edited texts


@pytest.mark.parametrize(("kind", "limit"), LIMITS)
@pytest.mark.parametrize("place", [0, 3, 6])
def test_an_added_limit_closes_an_open_licence(kind: str, limit: str, place: int) -> None:
    sentences = [*SENTENCES[:place], limit, *SENTENCES[place:]]
    text = f"{TITLE}\n\n" + "\n\n".join(sentences)
    reading = garden(text)
    assert reading.how == "edited"
    assert reading.license is not None
    assert reading.license.id == "Zlib (edited)"
    assert reading.license.open is False
    assert kind in {clause.kind for clause in reading.added}
    added = next(clause for clause in reading.added if clause.kind == kind)
    assert quoted(added.quote, text)
    assert text.split("\n")[added.line - 1].startswith(limit[:20])
    assert kind in {restriction.kind for restriction in reading.license.restrictions}


def test_what_cannot_be_judged_leaves_it_unknown() -> None:
    reading = garden(TEXT + "\nUse by governments is strictly excluded.\n")
    assert reading.how == "edited"
    assert reading.license is not None
    assert reading.license.open is None
    assert reading.license.use is None
    assert [clause.kind for clause in reading.added] == ["added"]


@pytest.mark.parametrize(
    "harmless",
    [
        "Copyright 2024 The Gardeners",
        "Version of the spring of 2024",
        "The maps are provided as is, without warranty of any kind.",
        "See https://garden.example/terms for the newest copy.",
    ],
)
def test_names_dates_and_warranties_change_nothing(harmless: str) -> None:
    assert garden(f"{TEXT}\n{harmless}\n").license == lookup("Zlib")


@given(st.integers(0, len(SENTENCES) - 1), st.sampled_from(DRESSES))
def test_a_sentence_taken_out_is_noticed(gone: int, dress: Callable[[str], str]) -> None:
    kept = [sentence for number, sentence in enumerate(SENTENCES) if number != gone]
    reading = garden(dress(f"{TITLE}\n\n" + "\n\n".join(kept)))
    assert reading.how == "edited"
    assert reading.missing == 1
    assert reading.license is not None
    assert reading.license.open is None


@given(
    st.sampled_from(LIMITS), st.integers(0, len(SENTENCES)), st.sampled_from([reflowed, wrapped, as_html, translated])
)
def test_an_added_limit_is_found_in_any_dress(limit: tuple[str, str], place: int, dress: Callable[[str], str]) -> None:
    text = f"{TITLE}\n\n" + "\n\n".join([*SENTENCES[:place], limit[1], *SENTENCES[place:]])
    reading = garden(dress(text))
    assert reading.license is not None
    assert reading.license.open is False


def test_a_first_sentence_is_no_title() -> None:
    reading = garden(f"Use by governments is excluded.\n\n{TEXT}")
    assert reading.license is not None
    assert reading.license.open is None


def test_a_word_slipped_into_a_grant_is_noticed() -> None:
    text = TEXT.replace("may be copied and handed on to", "may not be copied and handed on to")
    reading = garden(text)
    assert reading.how == "edited"
    assert reading.license is not None
    assert reading.license.open is not True


def test_a_closed_licence_stays_what_it_is_when_names_change() -> None:
    reading = garden(TEXT + "\nThe gate must be shut at night.\n", CLOSED)
    assert reading.how == "edited"
    assert reading.license == lookup("gemma")


def test_a_new_kind_of_limit_is_added_to_a_closed_licence() -> None:
    reading = garden(TEXT + "\nThe garden may only be used for non-commercial purposes.\n", CLOSED)
    assert reading.license is not None
    assert reading.license.id == "gemma (edited)"
    assert {clause.kind for clause in reading.license.restrictions} > {"non-commercial"}


def test_a_text_that_lacks_much_of_a_closed_licence_is_not_accused_of_it() -> None:
    assert garden(f"{TITLE}\n\n" + "\n\n".join(SENTENCES[:3]), CLOSED).license is None


def test_half_a_text_with_its_title_only_names_the_licence() -> None:
    text = TEXT.replace(TITLE, "zlib License")
    known = Library([fingerprint("Zlib", "garden", text)])
    reading = garden("\n\n".join(text.split("\n\n")[:3]), known)
    assert reading.how == "named"
    assert reading.license == lookup("Zlib")


SECOND = "\n\n".join(
    (
        "Behind the orchard stands a second gate that was painted blue by three sisters in a very cold winter.",
        "It may be opened, repainted, taken off its hinges and carried away by whoever has two strong friends.",
        "The sisters ask that their three names stay on the back of the gate wherever it is carried to.",
    )
)


def test_several_whole_licences_in_one_file_all_hold() -> None:
    both = Library([fingerprint("Zlib", "garden", TEXT), fingerprint("MIT", "gate", SECOND)])
    reading = garden(f"{TEXT}\n{SECOND}\n", both)
    assert reading.how == "exact"
    assert reading.license is not None
    assert (reading.license.id, reading.license.open) == ("MIT AND Zlib", True)


def test_which_of_several_licences_holds_is_not_guessed() -> None:
    both = Library([fingerprint("Zlib", "garden", TEXT), fingerprint("cc-by-nc-4.0", "gate", SECOND)])
    reading = garden(f"{TEXT}\n{SECOND}\n", both)
    assert reading.license is None or reading.license.open is None


def test_fingerprints_survive_being_written() -> None:
    known = fingerprint("Zlib", "garden", TEXT, optional=SENTENCES[-1])
    assert parse(write([known])) == [known]
    assert garden("\n\n".join(TEXT.strip().split("\n\n")[:-1]), Library([known])).how == "exact"


def test_fingerprints_hold_no_words() -> None:
    assert not {word.lower() for word in SENTENCES[0].split() if len(word) > 4} & set(
        write(OPEN.prints).lower().split()
    )


# --------------------------------------------------------------------------- named, or not recognised


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ('Licensed under the Apache License, Version 2.0 (the "License"); see the file LICENSE.', "Apache-2.0"),
        ("This work is licensed under a Creative Commons Attribution 4.0 International License.", "CC-BY-4.0"),
        ("Licensed under [CC BY-NC 4.0](https://creativecommons.org/licenses/by-nc/4.0/).", "CC-BY-NC-4.0"),
        ("Shared under a Creative Commons Attribution-NonCommercial 4.0 International License.", "CC-BY-NC-4.0"),
        ("Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright © Meta Platforms, Inc.", "llama3.1"),
        ("Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms", "gemma"),
        ("SPDX-License-" + "Identifier: MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("license: apache-2.0", "Apache-2.0"),
        ("MIT License", "MIT"),
        ("Ce modèle est distribué sous licence Apache 2.0.", "Apache-2.0"),
        ("Falcon 180B TII License\n\nSee the website for the terms.", "falcon-180b"),
    ],
)
def test_a_short_notice_names_its_licence(text: str, id: str) -> None:
    reading = read(text)
    assert reading.how == "named"
    assert reading.license is not None
    assert reading.license.id == id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t\n",
        "This model is provided under a limited license. Contact us.",
        "A limited license is granted to permit reading.",
        "All rights reserved.",
        "This model is not licensed under the MIT license.",
        "The code is licensed under MIT. The weights are released under CC-BY-NC-4.0.",
        "This license would be compatible with files covered by the GNU General Public License.",
        "We love the community and the Apache helicopters.",
    ],
)
def test_what_is_no_licence_is_not_recognised(text: str) -> None:
    reading = read(text)
    assert (reading.license, reading.how) == (None, "unrecognised")


def test_a_long_text_that_mentions_a_licence_is_not_it() -> None:
    story = " ".join(
        f"On day {n} the gardeners walked along the wall and counted the snails they met." for n in range(40)
    )
    assert read(f"{story} The weights are licensed under the Llama 3.1 Community License. {story}").license is None


def test_a_stub_that_limits_is_not_the_licence_it_names() -> None:
    reading = read("MIT License\n\nYou may use this for non-commercial purposes only.")
    assert reading.how == "named"
    assert reading.license is not None
    assert (reading.license.id, reading.license.open) == ("MIT (edited)", False)
