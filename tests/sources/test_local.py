"""A model's own folder: what is listed, what is read, and what never is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openaudit.errors import UsageError
from openaudit.evidence import MISSING, Repo
from openaudit.sources import MAX_BYTES
from openaudit.sources import local as module
from openaudit.sources.local import LocalSource
from openaudit.sources.saved import SavedSource


@pytest.fixture
def rest(tmp_path: Path) -> SavedSource:
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "missing.json").write_text(
        '{"models": ["o/gone"], "datasets": ["o/gone"], "github": ["o/gone"]}'
    )
    return SavedSource(tmp_path / "snapshot")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "model"
    made.mkdir()
    return made


def read(folder: Path, rest: SavedSource) -> Repo:
    return LocalSource(folder, rest).subject(folder.name)


def test_a_folder_reads_like_a_repository(folder: Path, rest: SavedSource) -> None:
    (folder / "README.md").write_bytes("\ufeff---\r\nlicense: mit\r\n---\r\nModèle".encode())
    (folder / "LICENSE").write_bytes("Copyright é".encode("latin-1"))
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "model.safetensors").write_bytes(b"12345")
    for hidden in (".git", "__pycache__", ".cache"):
        (folder / hidden).mkdir()
        (folder / hidden / "LICENSE").touch()
    found = read(folder, rest)
    assert found.paths == ("LICENSE", "README.md", "deep/er/model.safetensors")
    assert found.info["siblings"][2] == {"rfilename": "deep/er/model.safetensors", "size": 5}
    assert found.card_data == {"license": "mit"}
    assert found.files["LICENSE"] == "Copyright \ufffd"
    assert (found.revision, found.gathered, found.unread) == (None, None, {})


def test_places_in_it_are_named_from_the_folder(folder: Path, rest: SavedSource) -> None:
    found = read(folder, rest)
    assert found.url() == "."
    assert found.url("a b/README.md") == "a%20b/README.md"


def test_what_it_points_to_is_looked_up_elsewhere(folder: Path, rest: SavedSource) -> None:
    source = LocalSource(folder, rest)
    assert source.model("o/gone") is source.dataset("o/gone") is source.code("o/gone") is MISSING
    assert source.submit(lambda: 7).result() == 7
    assert source.redirects() == rest.redirects()


def test_large_files_are_listed_and_not_read(folder: Path, rest: SavedSource) -> None:
    (folder / "README.md").write_bytes(b"x" * (MAX_BYTES + 1))
    (folder / "LICENSE").write_bytes(b"x" * MAX_BYTES)
    found = read(folder, rest)
    assert found.unread == {"README.md": "larger than 1 MiB"}
    assert set(found.files) == {"LICENSE"}


def test_a_link_that_leads_out_is_listed_and_not_read(folder: Path, rest: SavedSource, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("SECRET")
    (folder / "README.md").symlink_to(tmp_path / "secret")
    (folder / "model.safetensors").symlink_to(tmp_path / "secret")
    (folder / "notes").write_text("inside")
    (folder / "LICENSE").symlink_to("notes")
    (folder / "NOTICE").symlink_to("nowhere")
    (folder / "COPYING").symlink_to("COPYING")
    (folder / "elsewhere").symlink_to(tmp_path)
    found = read(folder, rest)
    assert found.paths == ("LICENSE", "README.md", "model.safetensors", "notes")
    assert found.files == {"LICENSE": "inside"}
    assert found.unread == {"README.md": "a link that leads out of the folder"}


def test_a_download_in_the_librarys_cache_is_read(tmp_path: Path, rest: SavedSource) -> None:
    """There every file is a link into blobs/."""
    cache = tmp_path / "models--o--n"
    folder = cache / "snapshots" / ("0" * 40)
    folder.mkdir(parents=True)
    (cache / "blobs").mkdir()
    (cache / "blobs" / "abc").write_text("A card.")
    (folder / "README.md").symlink_to("../../blobs/abc")
    assert read(folder, rest).files == {"README.md": "A card."}


def test_an_empty_folder_is_an_empty_repository(folder: Path, rest: SavedSource) -> None:
    assert read(folder, rest).paths == ()


def test_names_that_are_no_text(folder: Path, rest: SavedSource) -> None:
    (folder / os.fsdecode(b"LICENSE-\xff")).write_text("x")
    found = read(folder, rest)
    assert len(found.paths) == 1
    assert found.files == {}


def test_more_files_than_a_model_has(folder: Path, rest: SavedSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_FILES", 10)
    for i in range(11):
        (folder / str(i)).touch()
    with pytest.raises(UsageError, match="more than 10 files"):
        read(folder, rest)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list everything")
def test_what_cannot_be_listed_is_an_error(folder: Path, rest: SavedSource) -> None:
    (folder / "closed").mkdir(mode=0o000)
    with pytest.raises(UsageError, match="cannot be listed"):
        read(folder, rest)
