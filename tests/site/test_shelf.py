"""What a publishing keeps on disk while it works: addresses, and documents that are written in pieces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openaudit.site.addresses import Address, fingerprint, name_of
from openaudit.site.documents import Pairs, document
from openaudit.site.shelf import Shelf

SEVERAL = {"Qwen/Model": "Qwen/Model", "qwen/model": "qwen/model", "x/y@v1": "x/y@v1", "x/y@v2": "x/y@v2"}


def test_each_model_has_a_name_and_a_path_of_its_own(tmp_path: Path) -> None:
    alone = {"a/b@v1": "a/b", "https://huggingface.co/c/d": "c/d", "e/CON": "e/CON"}
    with Shelf(tmp_path / "shelf") as shelf:
        shelf.settle("models", ((one, name_of(one)) for one in (*SEVERAL, *alone)))
        found = {one: shelf.address(one) for one in (*SEVERAL, *alone)}
    assert {one: address.name for one, address in found.items()} == SEVERAL | alone
    paths = [address.path.casefold() for address in found.values()]
    assert len(set(paths)) == len(paths)
    assert found["a/b@v1"] == Address("a/b", "a/b")
    assert found["qwen/model"].path == f"qwen/model-{fingerprint('qwen/model')}"
    assert found["e/CON"].path == f"e-con-{fingerprint('e/CON')}"


def test_the_same_path_in_two_folders_is_none_too_many(tmp_path: Path) -> None:
    with Shelf(tmp_path / "shelf") as shelf:
        for folder in ("licences", "datasets"):
            shelf.settle(folder, [("MIT", "MIT")])
        assert list(shelf.pages("licences")) == [("MIT", "licences/MIT.html")]


@pytest.mark.parametrize(
    "held",
    [
        {},
        [],
        {"a": []},
        {"a": {}, "b": [[], [1, None, True, 0.5]], "é": "“\n\\\u2028"},
        [{"x": [{"y": "z"}]}],
        "x",
        None,
    ],
)
def test_a_document_is_what_json_makes_of_it(held: Any) -> None:
    assert "".join(document(held)) == json.dumps(held, ensure_ascii=False, indent=1) + "\n"


def test_what_can_be_read_once_is_a_list_or_an_object() -> None:
    made = "".join(document({"a": (n for n in range(2)), "b": Pairs(iter([("c", iter([]))]))}))
    assert made == json.dumps({"a": [0, 1], "b": {"c": []}}, indent=1) + "\n"
