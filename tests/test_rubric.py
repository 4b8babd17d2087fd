"""Reading a rubric file: what is right is read, and every mistake is told with file, line, key and the right name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from openaudit.errors import RubricError
from openaudit.files.plainyaml import read
from openaudit.judging.rubric import Rubric, load, schema, shipped
from tests.worlds import VOCABULARY

GOOD = """\
id: small
version: "1.0"
title: Small
about: A rubric for a test.
source: {title: A text, url: "https://example.org/", version: "1"}
criteria:
  - id: use
    title: Use
    question: May anyone use it?
    why: Because.
    source: &text
      clause: a clause
      url: https://example.org/
    levels:
      - outcome: met
        when: {fact: terms, is: granted}
        because: Anyone may.
      - outcome: partial
        when:
          some: set
          where: {fact: set.data, is: true}
          that: {fact: set.status, in: [open, gated]}
        because: Some may ({which}).
        remedy: Let them.
      - outcome: unmet
        because: Nobody may, {model}.
        remedy: Let them.
        cite: [license]
  - id: study
    title: Study
    question: May anyone study it?
    why: Because.
    source: *text
    weight: 2
    words: {met: yes, unmet: no}
    levels:
      - outcome: met
        when:
          all:
            - {fact: weights, is: true}
            - any:
                - {fact: tokens, at_least: 1.5}
                - {fact: tags, includes: red}
            - ancestors: {not: {fact: license, is: none}}
        because: It can be.
      - outcome: unmet
        because: That of {where} cannot.
        remedy: Build on another one.
verdicts:
  - verdict: yes
    title: Yes
    outcome: met
    when: {all: [{criteria: all, are: met}, {criterion: use, is: met}, {verdict_of: other, in: [good]}]}
    because: It is.
  - verdict: no
    title: No
    outcome: unmet
    because: It is not.
"""
OTHER = """\
id: other
verdicts:
  - verdict: good
  - verdict: bad
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "other.yaml").write_text(OTHER, encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "small.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def line_of(text: str, words: str) -> int:
    """The line on which these words stand for the first time."""
    return text[: text.index(words)].count("\n") + 1


def told(folder: Path, text: str | bytes) -> str:
    """What is said of a wrong file, from the line on."""
    path = write(folder, text)
    with pytest.raises(RubricError) as caught:
        load(path, VOCABULARY)
    said = str(caught.value)
    assert said.startswith(f"{path}:"), said
    assert "\n" not in said
    assert caught.value.advice
    return said.removeprefix(f"{path}:")


# --------------------------------------------------------------------------- what is right


def test_a_right_file_is_read(folder: Path) -> None:
    rubric = load(write(folder, GOOD), VOCABULARY)
    assert (rubric.id, rubric.version, len(rubric.criteria), rubric.needs) == ("small", "1.0", 2, {"other"})
    assert rubric.criteria[0].source == rubric.criteria[1].source  # an alias, written out
    assert rubric.criteria[1].words == {"met": "yes", "unmet": "no"}
    assert [level.verdict for level in rubric.verdicts] == ["yes", "no"]  # words, as in YAML 1.2
    assert rubric.model_copy(update={"sha256": ""}) == Rubric.model_validate(
        rubric.model_dump(by_alias=True, exclude_none=True)
    )


def test_the_hash_is_that_of_the_bytes(folder: Path) -> None:
    first = load(write(folder, GOOD), VOCABULARY).sha256
    assert len(first) == 64
    assert load(write(folder, GOOD + "# a comment\n"), VOCABULARY).sha256 != first
    assert load(write(folder, GOOD), VOCABULARY).sha256 == first


def test_a_mark_at_the_start_and_windows_line_ends_do_no_harm(folder: Path) -> None:
    assert load(write(folder, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()), VOCABULARY).id == "small"


def test_dates_and_no_are_words(folder: Path) -> None:
    text = GOOD.replace('version: "1"}', "version: 2024-10-31, date: 2024-10-31}").replace("{met: yes", "{met: no")
    rubric = load(write(folder, text), VOCABULARY)
    assert (rubric.source.version, rubric.source.date, rubric.criteria[1].words["met"]) == (
        "2024-10-31",
        "2024-10-31",
        "no",
    )


# --------------------------------------------------------------------------- what is wrong

MISTAKES = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told(folder: Path, name: str) -> None:
    mistake = MISTAKES[name]
    assert mistake["right"] in GOOD
    text = GOOD.replace(mistake["right"], mistake["wrong"], 1)
    number, _, message = told(folder, text).partition(": ")
    assert message == mistake["message"]
    if "line" in mistake:
        assert int(number) == line_of(text, mistake["line"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "1: the file is empty"),
        (b"# only a comment\n", "1: the file is empty"),
        (b"- id: small\n", "1: keys with values are wanted"),
        (b"small\n", "1: keys with values are wanted"),
        (b"id: small\ntitle: caf\xe9\n", "2: not UTF-8 text: save the file as UTF-8"),
        (b"id: small\ntitle: a\x00b\n", "2: not YAML: control characters are not allowed"),
        (b"id: small\n" + b"title: " + b"[" * 100_000, "2: nested more than 60 deep"),
        (b"# " + b"x" * (1 << 20), "1: larger than 1 MiB: this is not a rubric"),
    ],
)
def test_what_is_no_rubric_at_all(folder: Path, text: bytes, message: str) -> None:
    assert told(folder, text) == message


def test_aliases_that_multiply_are_stopped(folder: Path) -> None:
    bomb = "a0: &a0 [lol, lol]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    assert told(folder, bomb + GOOD).partition(": ")[2].endswith("aliases (*name) make this larger than any rubric")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(RubricError, match="cannot be read: ") as caught:
            load(path, VOCABULARY)
        assert str(caught.value).startswith(f"{path}: ")


def test_of_several_mistakes_the_misspelt_key_comes_first(folder: Path) -> None:
    text = GOOD.replace("why: Because.", "way: Because.").replace('version: "1.0"', "version: 1.0")
    assert told(folder, text).endswith("criteria.0.way: there is no such key here (did you mean 'why'?)")


def test_another_rubric_that_is_wrong_is_not_this_ones_fault(folder: Path) -> None:
    for text in ("verdicts: 3", "- a", "[", "verdicts: [{}]", ""):
        (folder / "other.yaml").write_text(text, encoding="utf-8")
        assert load(write(folder, GOOD), VOCABULARY).id == "small"


def test_a_shipped_rubric_can_be_asked_from_anywhere(folder: Path) -> None:
    name = next(iter(shipped()))
    said = told(folder, GOOD.replace("verdict_of: other", f"verdict_of: {name}"))
    assert f"{name} never gives the verdict 'good'" in said


# --------------------------------------------------------------------------- the schema for editors


def valid(folder: Path, text: str) -> bool:
    return Draft202012Validator(schema(VOCABULARY)).is_valid(read(write(folder, text)).data)


def test_the_schema_takes_what_is_right(folder: Path) -> None:
    Draft202012Validator.check_schema(schema(VOCABULARY))
    assert valid(folder, GOOD)


@pytest.mark.parametrize("name", [name for name, one in MISTAKES.items() if one.get("editors_see_it", True)])
def test_editors_see_a_mistake_too(folder: Path, name: str) -> None:
    assert not valid(folder, GOOD.replace(MISTAKES[name]["right"], MISTAKES[name]["wrong"], 1))


def test_the_schema_offers_what_there_is() -> None:
    found: dict[str, Any] = schema(VOCABULARY)
    assert found["$defs"]["FactIs"]["properties"]["fact"]["enum"] == sorted(VOCABULARY)
    assert found["$defs"]["Every"]["properties"]["every"]["enum"] == ["ancestor", "set"]
    assert "sha256" not in found["properties"]
    assert found["description"].startswith("One rubric file.")
