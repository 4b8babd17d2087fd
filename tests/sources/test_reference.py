"""What people type, and what is read from it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaudit.errors import UsageError
from openaudit.sources.reference import Reference, parse

READ = {
    "owner/name": ("owner/name", None),
    "gpt2": ("gpt2", None),
    "  owner/name\n": ("owner/name", None),
    "Owner_1/n.a-m_e": ("Owner_1/n.a-m_e", None),
    "owner/name@v1.0": ("owner/name", "v1.0"),
    "owner/name@refs/pr/1": ("owner/name", "refs/pr/1"),
    f"owner/name@{'a' * 40}": ("owner/name", "a" * 40),
    "https://huggingface.co/owner/name": ("owner/name", None),
    "http://huggingface.co/owner/name/": ("owner/name", None),
    "HTTPS://WWW.HuggingFace.co/owner/name": ("owner/name", None),
    "huggingface.co/owner/name": ("owner/name", None),
    "hf.co/owner/name": ("owner/name", None),
    "https://huggingface.co/models/owner/name": ("owner/name", None),
    "https://huggingface.co/owner/name?library=transformers#usage": ("owner/name", None),
    "https://huggingface.co/owner/name/tree/main": ("owner/name", "main"),
    "https://huggingface.co/owner/name/tree/main/onnx": ("owner/name", "main"),
    "https://huggingface.co/owner/name/tree/refs%2Fpr%2F7": ("owner/name", "refs/pr/7"),
    "https://huggingface.co/owner/name/blob/v2/README.md": ("owner/name", "v2"),
    "https://huggingface.co/owner/name/resolve/main/config.json": ("owner/name", "main"),
    "https://huggingface.co/owner/name/commit/abc123": ("owner/name", "abc123"),
    "https://huggingface.co/owner/name/commits/main": ("owner/name", "main"),
    "https://huggingface.co/owner/name/discussions/3": ("owner/name", None),
    "https://huggingface.co/owner/name/tree": ("owner/name", None),
    "https://huggingface.co/gpt2": ("gpt2", None),
    "https://huggingface.co/gpt2/tree/main": ("gpt2", "main"),
}


@pytest.mark.parametrize("text", READ)
def test_a_reference_is_read(text: str) -> None:
    assert parse(text) == Reference(*READ[text])


NONE = [
    "",
    " ",
    "a b",
    "a/b/c",
    "a/../b",
    "a/b@",
    "a/b@../x",
    "a/b@a b",
    "-a/b\x00",
    "x" * 300,
    "https://example.org/owner/name",
    "https://huggingface.co.example.org/owner/name",
    "https://huggingface.co@example.org/owner/name",
    "https://huggingface.co/",
    "https://huggingface.co/datasets/owner/name",
    "https://huggingface.co/spaces/owner/name",
    "https://huggingface.co/settings/tokens",
    "https://huggingface.co/docs/hub",
    "https://huggingface.co/..%2f..%2fetc/passwd",
    "https://huggingface.co/a%2Fb/c",
    "https://[::1",
    "ftp://huggingface.co/a/b",
    "./nowhere",
    "/nowhere",
    "~nobody-is-called-this/model",
    "./" + "x" * 5000,
    "./a\x00b",
]


@pytest.mark.parametrize("text", NONE, ids=ascii)
def test_what_is_none_is_refused_with_advice(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.advice
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_link_to_a_mirror_is_read_where_it_is_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    link = "https://mirror.example.org/owner/name/tree/main"
    with pytest.raises(UsageError):
        parse(link)
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example.org")
    assert parse(link) == Reference("owner/name", "main")


def test_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my model").mkdir()
    monkeypatch.chdir(tmp_path / "my model")
    assert parse(".") == Reference("my model", folder=Path())
    assert parse("../my model") == Reference("my model", folder=Path("../my model"))
    assert parse("/").id == "model"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse("~/my model").folder == tmp_path / "my model"


@pytest.mark.parametrize(
    ("reference", "stem"),
    [
        (Reference("owner/name"), "owner--name"),
        (Reference("owner/name", "refs/pr/1"), "owner--name--refs--pr--1"),
        (Reference("模型"), "audit"),
        (Reference(".."), "audit"),
        (Reference("a" * 300), "a" * 120),
        (Reference("my model <1>\x1b[31m"), "my--model--1--31m"),
    ],
)
def test_files_are_named_after_it(reference: Reference, stem: str) -> None:
    assert reference.stem == stem


@given(st.text() | st.text(alphabet="ab/.@:%-_~ht ps huggingface.co").map("https://huggingface.co/{}".format))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    if text.strip().startswith((".", "/", "~")):
        return  # folders are what is there
    try:
        found = parse(text)
    except UsageError:
        return
    assert ".." not in found.id
    assert found.id.count("/") <= 1
