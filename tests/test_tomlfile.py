"""Reading TOML with the lines: every key is where it is said to be, and nothing hostile takes long or crashes."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openaudit.errors import PolicyError
from openaudit.files.tomlfile import read
from openaudit.policy.file import POLICY

NASTY = '''\
# [not.a.table]
"a b".c = 1 # = not a key
plain = "x # y = [z]"
long = """
fake = 1
[fake]
quotes "" and ""\\""" end"""""
raw = \'\'\'
also.fake = "1\'\'\'\'\'
array = [
  1, # one ] [
  { x = 1, "y.z" = [ "]", '}' ] },
  [[], [
    2024-01-01T10:00:00Z]],
]

  [ "tab" . 'le' ]
under = { in.line = true, more = {} }

[[many]]
name = "one"
[many.sub]
deep = 1
[[many]]

name = "two"
[[many.list]]
a = 1
[[many.list]]
a.b = 2
"\\u0041\\"" = inf
'''


def walk(data: Any, where: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every key and place there is."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in parts:
        yield (*where, key)
        yield from walk(value, (*where, key))


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "policy.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return path


def test_every_key_of_nasty_toml_has_its_line(tmp_path: Path) -> None:
    file = read(write(tmp_path, NASTY), POLICY)
    assert set(file.lines) == set(walk(file.data))
    lines = NASTY.splitlines()
    for where, words in {
        ("a b", "c"): '"a b".c',
        ("plain",): "plain",
        ("long",): "long",
        ("raw",): "raw",
        ("array", 0): "1, # one",
        ("array", 1, "y.z"): '{ x = 1, "y.z"',
        ("array", 1, "y.z", 1): '{ x = 1, "y.z"',
        ("array", 2, 1, 0): "2024-01-01",
        ("tab", "le"): '[ "tab"',
        ("tab", "le", "under", "in", "line"): "under",
        ("many", 0, "sub", "deep"): "deep = 1",
        ("many", 1, "name"): 'name = "two"',
        ("many", 1, "list", 1, "a", "b"): "a.b = 2",
        ("many", 1, "list", 1, 'A"'): '"\\u0041',
    }.items():
        assert lines[file.line(where) - 1].strip().startswith(words), where


def test_what_is_not_there_is_missing_from_what_is(tmp_path: Path) -> None:
    file = read(write(tmp_path, NASTY), POLICY)
    assert file.line(("many", 1, "author")) == file.line(("many", 1))
    assert file.line(("nothing",)) == 1


def test_lines_are_those_of_an_editor(tmp_path: Path) -> None:
    for text in (b"\xef\xbb\xbf# one\r\n\r\n[a]\r\nb = 1\r\n", b"# one\n\n[a]\nb = 1"):
        assert read(write(tmp_path, text), POLICY).line(("a", "b")) == 4


_keys = st.text(max_size=4) | st.sampled_from(["a", "b", "c d", "", "x.y", '"', "é", "0"])
_values = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.dates(min_value=date(1000, 1, 1)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=8,
)
_documents = st.dictionaries(_keys, _values, max_size=4)


def _quoted(text: str) -> str:
    return '"' + "".join(f"\\U{ord(c):08X}" if c < " " or c in '"\\\x7f' else c for c in text) + '"'


def _inline(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _quoted(value)
        case list():
            return f"[ # [\n{', '.join(map(_inline, value))}]"
        case dict():
            return f"{{ {', '.join(f'{_quoted(k)} = {_inline(v)}' for k, v in value.items())} }}"
        case float():
            return {"inf": "inf", "-inf": "-inf"}.get(str(value), repr(value))
    return str(value)


def _as_tables(data: dict[str, Any], where: tuple[str, ...] = ()) -> Iterator[str]:
    """A document with tables and arrays of tables written out, as people write them."""
    nested = {
        key: value
        for key, value in data.items()
        if isinstance(value, dict) or (isinstance(value, list) and value and all(isinstance(v, dict) for v in value))
    }
    yield from (f"{_quoted(key)} = {_inline(value)}" for key, value in data.items() if key not in nested)
    for key, value in nested.items():
        name = ".".join(map(_quoted, (*where, key)))
        for one in value if isinstance(value, list) else [value]:
            yield f"[[{name}]]  # ]" if isinstance(value, list) else f"[ {name} ]"
            yield from _as_tables(one, (*where, key))


@settings(deadline=None)
@given(_documents, st.booleans())
def test_the_index_knows_every_key_that_tomllib_reads(tmp_path_factory: Any, data: dict[str, Any], flat: bool) -> None:
    pairs = (f"{_quoted(key)} = {_inline(value)}" for key, value in data.items())
    text = "\n".join(pairs if flat else _as_tables(data)) + "\n"
    file = read(write(tmp_path_factory.mktemp("toml"), text.encode("utf-8", "replace")), POLICY)
    assert set(walk(file.data)) == set(file.lines)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=60) | st.text(alphabet="[]{}=.,\"'\\#\n ab1", max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path_factory: Any, raw: bytes) -> None:
    path = write(tmp_path_factory.mktemp("toml"), raw)
    try:
        file = read(path, POLICY)
    except PolicyError as problem:
        said = str(problem)
    else:
        assert set(walk(file.data)) == set(file.lines)
        assert file.data == tomllib.loads(raw.decode("utf-8-sig").replace("\r\n", "\n"))
        return
    assert said.startswith(f"{path}:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a = 1\nb = \n", "2: not TOML: Invalid value"),
        (b"a = 1\n[b\n", "2: not TOML: "),
        (b"a = 1\na = 2\n", "2: not TOML: Cannot overwrite a value"),
        (b"a = 1\nb = '''\n", "3: not TOML: Expected \"'''\""),
        (b"a = caf\xe9", "1: not UTF-8 text"),
        (b"\na = " + b"9" * 5000, "1: not TOML: Exceeds the limit"),
        (b"\na = " + b"[" * 100_000, "2: nested more than 20 deep"),
        (b"\n" + b".".join([b"a"] * 300_000) + b" = 1", "2: a key of more than 20 parts"),
        (b"\n[" + b" . ".join([b'"a b"'] * 100_000) + b"]", "2: a key of more than 20 parts"),
        (b"#" * ((1 << 20) + 1), "1: larger than 1 MiB"),
        (b"a = '''" + b"'" * 1_000_000, "1: not TOML"),
        (b'a = """' + b'\\"' * 500_000, "1: not TOML"),
        (b'a = "' + b"\\" * 1_000_001 + b'"', "1: not TOML"),
        (b"[[a]]\n" * 40_000 + b"?", "40001: not TOML"),
    ],
    ids=lambda one: one[:12] if isinstance(one, bytes) else "",
)
def test_what_is_no_toml_is_told_at_once(tmp_path: Path, text: bytes, said: str) -> None:
    path = write(tmp_path, text)
    before = time.process_time()
    with pytest.raises(PolicyError) as caught:
        read(path, POLICY)
    assert time.process_time() - before < 20  # what is not linear takes hours
    assert str(caught.value).startswith(f"{path}:{said}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read: No such file"):
        read(tmp_path / "none.toml", POLICY)
    with pytest.raises(PolicyError, match="cannot be read: Is a directory"):
        read(tmp_path, POLICY)
