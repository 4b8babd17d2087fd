"""What is known of the world: a name tells a fact only where it can mean one thing, and each fact says who says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from openaudit.licenses import lookup
from openaudit.reading import known_models
from openaudit.reading.known_models import family_license, publicly_known
from openaudit.reading.known_sets import known_set
from openaudit.reading.known_sets import known_sets as data_sets

READING = Path(known_models.__file__).parent


def facts(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((READING / name).read_text("utf-8")))


@pytest.mark.parametrize(
    ("words", "license"),
    [
        ("Gemma 2", "gemma"),
        ("Gemma 3 27B", "gemma"),
        ("gemma-3n", "gemma"),
        ("gemma-1.1-7b-it", "gemma"),
        ("Gemma 7B", "gemma"),
        ("Gemma 4", None),  # under Apache-2.0
        ("Gemma 4 31B", None),
        ("gemma-4-31b-it", None),
        ("Gemma", None),  # may be any of them
        ("LLaMA", "llama1"),  # how the first was written, and no other
        ("Llama", None),
        ("llama", None),
        ("LLaMA 2", "llama2"),
        ("Llama 3.1", "llama3.1"),
    ],
)
def test_a_familys_name_tells_its_licence_only_where_all_that_bear_it_have_that_one(
    words: str, license: str | None
) -> None:
    assert family_license(words) == license


def test_of_a_later_generation_nothing_is_known_that_held_for_the_earlier() -> None:
    assert publicly_known("google/gemma-4-31B-it") is None
    known = publicly_known("google/gemma-2-9b")
    assert known is not None
    assert (known.weights, known.data) == ("gated", "described")


def test_what_the_makers_say_of_their_data_in_words_is_not_nothing() -> None:
    known = publicly_known("mistralai/Mixtral-8x7B-v0.1")
    assert known is not None
    assert known.data == "described"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("RedPajama V2", {"RedPajama-Data-V2"}),
        ("RedPajama-Data-V2", {"RedPajama-Data-V2"}),
        ("RedPajama", {"RedPajama-Data-1T"}),
        ("OpenWebText2", {"OpenWebText2"}),
        ("OpenWebText", {"OpenWebText"}),
        ("OASST2", {"OpenAssistant Conversations 2"}),
        ("OASST1", {"OpenAssistant Conversations"}),
        ("OSCAR 22.01", set()),
        ("OSCAR", {"OSCAR"}),
        ("FLAN 2021", {"FLAN 2021"}),
        ("FLAN v2", {"FLAN"}),
        ("Cosmopedia v2", set()),
    ],
)
def test_one_version_of_a_data_set_is_not_taken_for_another(words: str, names: set[str]) -> None:
    assert {entry["name"] for pattern, entry in data_sets() if pattern.search(words)} == names


@pytest.mark.parametrize("name", ["Airoboros", "FLAN", "ROOTS", "OpenWebText2"])
def test_a_name_of_several_sets_is_looked_up_nowhere(name: str) -> None:
    known = known_set(name)
    assert known is not None
    assert "id" not in known


def test_what_is_known_of_a_model_is_found_by_its_id() -> None:
    for model in facts("models.yaml"):
        id = model.get("id", "")
        if id and "{size}" not in id and "source" in model:
            known = publicly_known(id)
            assert known is not None, id
            assert known.source == model["source"]
    assert publicly_known("mistralai/Mixtral-8x7B-Instruct-v0.1") is None


def test_every_fact_says_who_says_so() -> None:
    for model in facts("models.yaml"):
        assert "source" in model or not model.keys() & {"weights", "data", "data_open"}, model
    for one in facts("datasets.yaml"):
        assert "state" not in one or {"note", "source"} <= one.keys(), one
    for paper in facts("papers.yaml"):
        assert paper["url"].startswith("https://"), paper


def test_the_name_of_a_licence_with_several_texts_tells_what_all_of_them_say() -> None:
    by_name, text = lookup("microsoft-research-license"), lookup("msr-la-materials")
    assert (by_name.use, by_name.share) == ("limited", None)
    assert {clause.kind for clause in by_name.restrictions} == {"non-commercial"}
    assert text.share == "denied"
