"""Lists: every shape gives the same models at the exact places, and what is wrong is said with file and line."""

from __future__ import annotations

import io
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openaudit.errors import ListError
from openaudit.lists import jsontext, read
from openaudit.run import Named

WANTED = ["maker/one", "gpt2", "maker/two@v1.0", "https://huggingface.co/maker/three#files"]

SHAPES = {
    "models.txt": "# ours\nmaker/one\n\n  gpt2   # small\nmaker/two@v1.0\r\nhttps://huggingface.co/maker/three#files\n",
    "requirements": "# ours, all of them\nmaker/one # a, b\ngpt2\nmaker/two@v1.0\nhttps://huggingface.co/maker/three#files",
    "models.csv": 'used by,model\na,maker/one\n"b, ""c""",gpt2\n"two\nlines",maker/two@v1.0\n,\n'
    "d,https://huggingface.co/maker/three#files\n",
    "excel.csv": '\ufeff"Model";n\r\nmaker/one;1\r\n"gpt2";2\r\nmaker/two@v1.0;3\r\nhttps://huggingface.co/maker/three#files;4',
    "bare.csv": "maker/one,1\ngpt2,2\nmaker/two@v1.0,3\nhttps://huggingface.co/maker/three#files,4\n",
    "models.tsv": "n\tid\n1\tmaker/one\n2\tgpt2\n3\tmaker/two@v1.0\n4\thttps://huggingface.co/maker/three#files\n",
    "models.yaml": "- maker/one\n- model: gpt2\n  why: old\n- {id: 'maker/two@v1.0'}\n"
    '- reference: "https://huggingface.co/maker/three#files"\n',
    "held.yml": "version: 1\nmodels:\n  - maker/one\n  - gpt2\n  - maker/two@v1.0\n"
    "  - https://huggingface.co/maker/three#files\n",
    "models.json": '[\n\t"maker/one", {"n": [1, {"model": "x"}], "model": "gpt2"},\n "maker/two@v1.0",\n'
    '{"id": "https:\\/\\/huggingface.co/maker/three#files"}]',
    "held.json": '{"models": ["maker/one",\n"gpt2", "maker/two@v1.0", "https://huggingface.co/maker/three#files"]\n}',
    "models.jsonl": '{"model": "maker/one"}\n"gpt2"\n\n{"reference": "maker/two@v1.0", "audit": {"label": "x"}}\n'
    '{"id": "https://huggingface.co/maker/three#files"}\n',
}


def named(text: str | bytes, name: str = "-") -> list[Named]:
    """A list from standard input."""
    return list(read(name, io.BytesIO(text.encode() if isinstance(text, str) else text)))


def refusal(text: str | bytes) -> str:
    with pytest.raises(ListError) as raised:
        named(text)
    assert raised.value.advice
    return str(raised.value)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_names_the_same_models_at_their_places(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(SHAPES[name].encode())
    found = list(read(str(path)))
    assert [one.reference for one in found] == WANTED
    lines = SHAPES[name].removeprefix("\ufeff").replace("\\/", "//")[: 10**6].replace("\r\n", "\n").split("\n")
    for one in found:
        [place] = one.places
        assert place.file == str(path)
        stands = lines[place.line - 1][place.column - 1 :].replace("https:////", "https://")
        assert stands.startswith(one.reference), "line and column are where it stands"
        assert place.text in SHAPES[name].replace("\r\n", "\n")
        assert place.text in SHAPES[name].split("\n")[place.line - 1]


@pytest.mark.parametrize("name", SHAPES)
def test_standard_input_tells_its_shape_by_itself(name: str) -> None:
    found = named(SHAPES[name])
    assert [one.reference for one in found] == WANTED
    assert {place.file for one in found for place in one.places} == {"-"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"maker/one\ncaf\xe9/x\n", "-:2:4: the byte 0xe9 is not UTF-8"),
        (b"\xff\xfem\0a\0", "-:1: this is UTF-16 text"),
        (b"maker/one\nmaker/\0two\n", "-:2: holds a NUL byte"),
        ("name,n\nmaker/one,1\n", "-:1: is 'name' a model, or the title of a column?"),
        ("n,model\n1,maker/one\n2,\n", "-:3:3: no model in this row"),
        ("n,model\n1\n", "-:2:2: no model in this row"),
        ('n,model\n"1,maker/one\n', "-:2: a quote is opened and not closed"),
        ("- maker/one\n- [a]\n", "-:2:3: [1]: a text is wanted"),
        ("- maker/one\n- {name: a/b}\n", "-:2:3: [1]: no key called model"),
        ("- maker/one\n  - b: c: d\n", "-:2: not YAML"),
        ("models: maker/one\n", "-:1:9: not a list"),
        ("rows:\n- a\n", "neither a list nor a mapping"),
        ("- " * 100 + "a", "-:1: nested more than 60 deep"),
        ('["maker/one", 1]', "-:1:15: [1]: a text is wanted"),
        ('["maker/one"\n"b"]', "-:2:1: not JSON: a comma or ] is wanted"),
        ('["maker/one"] x', "-:1:15: not JSON: there is more behind it"),
        ("[" * 100_000, "not JSON: nested more than 60 deep"),
        ('{"rows": []\n}', "neither a list nor a mapping"),
        ('{"model": "a/b"}\n{"n": 1}\n', "-:2:1: no key called model"),
        ('{"model": "a/b"}\n{"n": \n', "-:2:7: not JSON: the text ends here"),
        ("[" + "1" * 5000 + "]", "not JSON: a number this long"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str | bytes, said: str) -> None:
    assert said in refusal(text)


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029"])
def test_lines_are_those_of_an_editor_and_not_those_of_yaml(end: str) -> None:
    [found] = read("-", io.BytesIO(f"# é{end}\n- {{{end}model: '😀/b'}}\n".encode()))
    assert (found.reference, found.places[0].line, found.places[0].column) == ("😀/b", 2, 13)
    assert refusal(f"- a/b\n- {{{end}n: 1}}\n").startswith("-:2:3: [1]: no key called")


def test_files_that_are_none(tmp_path: Path) -> None:
    for where, said in ((tmp_path, "is a folder"), (tmp_path / "gone", "No such file"), (tmp_path / "a\0b", "null")):
        with pytest.raises(ListError, match=said):
            list(read(str(where)))


class Endless(io.RawIOBase):
    """A stream that goes on and on, and counts what was taken of it."""

    taken = 0

    def __init__(self, piece: bytes) -> None:
        self.piece = piece

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer)
        buffer[:] = (self.piece * (size // len(self.piece) + 1))[:size]
        self.taken += size
        return size


@pytest.mark.parametrize("piece", [b"x", b"\n", b"\r", b"# x\n", b" "])
def test_a_list_that_never_says_anything_is_given_up(piece: bytes) -> None:
    stream = Endless(piece)
    with pytest.raises(ListError):
        list(read("-", io.BufferedReader(stream)))
    assert stream.taken < 20 << 20


def test_a_list_by_lines_is_read_as_it_comes() -> None:
    stream = Endless(b"maker/model # 1\n")  # 16 bytes: no read ends within a line
    found = read("-", io.BufferedReader(stream))
    assert [next(found).reference for _ in range(10_000)] == ["maker/model"] * 10_000
    assert stream.taken < 1 << 20


def test_a_document_has_a_limit() -> None:
    assert "larger than 16 MiB" in refusal(b"[\n" + (b'"' + b"m" * 1000 + b'",\n') * (17 << 10))


# --------------------------------------------------------------------------- anything

PIECES = st.sampled_from([*'"#,;:\t\n\r{}[]\\ é|>', "- ", "model", "a/b", "&a", "*a"])
TEXTS = st.one_of(st.lists(PIECES, max_size=60).map("".join).map(str.encode), st.binary(max_size=200))


@given(TEXTS, st.sampled_from(["", ".txt", ".csv", ".tsv", ".yaml", ".json", ".jsonl"]))
@settings(max_examples=600, deadline=2000)
def test_anything_is_a_list_or_a_refusal(tmp_path_factory: pytest.TempPathFactory, text: bytes, suffix: str) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(text)
    try:
        found = list(read(str(path)))
    except ListError:
        return
    for one in found:
        [place] = one.places
        assert one.reference.strip() == one.reference != ""
        assert place.line >= 1
        assert place.column >= 1


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(VALUES, st.sampled_from([None, 1]))
@settings(max_examples=100, deadline=None)
def test_json_is_read_as_the_library_reads_it(value: Any, indent: int | None) -> None:
    def plain(node: jsontext.Node) -> Any:
        if node.items is not None:
            return [plain(one) for one in node.items]
        return {key: plain(one) for key, one in node.pairs} if node.pairs is not None else node.value

    assert plain(jsontext.parse(json.dumps(value, indent=indent))) == value


@pytest.mark.parametrize("text", ["1979੬05", "1.੬", "1e੬", "-੬"])
def test_digits_of_another_script_are_no_number(text: str) -> None:
    with pytest.raises(jsontext.NotJson):
        jsontext.parse(text)


@pytest.mark.parametrize(
    "piece", ['"', '""', '"",', ',"', '"\n', "a,", "[", "{", '{"a":', "- ", "-\n", "&a ", "# ", " #", "\r", ": ", "a: "]
)
def test_reading_takes_time_in_proportion(piece: str) -> None:
    def seconds(times: int) -> float:
        text = f"model,n\n{piece * times}" if "," in piece or '"' in piece else piece * times
        best = 9.0
        for _ in range(3):
            began = time.perf_counter()
            with suppress(ListError):
                named(text)
            best = min(best, time.perf_counter() - began)
        return best

    assert seconds(40_000) < 30 * seconds(4_000) + 0.2
