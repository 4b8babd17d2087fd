"""Saved snapshots: a folder shaped like the Hub, read and written.

    models/<owner>/<name>/info.json       the JSON of GET /api/models/<owner>/<name>
    models/<owner>/<name>/refs.json       optional, the JSON of …/refs
    models/<owner>/<name>/files/<path>    text files at that revision
    models/<owner>/<name>/gathered.json   optional: {"at": time, "from": endpoint, "unread": {path: why}}
    datasets/…                            the same for data sets (canonical ones without owner)
    github/<owner>/<repo>.json            {"full_name", "license": {"spdx_id"}, "archived", "tree": [paths]}
    redirects.json                        {"models": {old: new}, "datasets": {old: new}}
    missing.json                          {"models": [], "datasets": [], "github": []}: looked for, and not there

An id in neither place was not looked at: unknown. What is written is written whole (to a temporary name, then
renamed), and only where it differs, so that recording twice changes nothing and a crash leaves no half file.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from openaudit.errors import NotFound, NotLookedAt, SnapshotError
from openaudit.evidence import MISSING, CodeRepo, Kind, Looked, LookedCode, NotLooked, Repo, Snapshot
from openaudit.sources import MAX_BYTES

_MAX_JSON = 64 << 20
_NOT_RECORDED = "the snapshot does not hold it"


class SavedSource:
    """Looks repositories up in a snapshot folder. Raises SnapshotError for a folder that is none."""

    workers = 1

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise SnapshotError(f"{folder}: there is no such folder", "Record one: openaudit audit REF --record DIR.")
        if not any((folder / part).exists() for part in ("models", "datasets", "missing.json")):
            raise SnapshotError(
                f"{folder}: not a snapshot (no models/ in it)",
                "Give the folder that --record wrote; for a model's own folder, give it as the reference: openaudit audit ./folder.",
            )
        self._folder = folder
        self._redirects = _object(folder / "redirects.json")
        self._missing = _object(folder / "missing.json")
        self._code = self._index("github")

    def _index(self, kind: str) -> dict[str, Path]:
        """Code repositories by lower-case id: GitHub does not tell cases apart."""
        found = sorted((self._folder / kind).glob("*/*.json"))
        return {f"{path.parent.name}/{path.stem}".lower(): path for path in found}

    def subject(self, id: str, revision: str | None) -> Repo:
        found = self.model(id)
        if isinstance(found, NotLooked):
            raise NotLookedAt(f"{id}: the snapshot {self._folder.name!r} does not hold this model")
        if not isinstance(found, Repo):
            raise NotFound(f"{id}: the snapshot says there is no such model")
        if revision and revision not in (found.revision, "main") and _branch(found, revision) != found.revision:
            raise NotLookedAt(f"{id}@{revision}: the snapshot holds this model at {found.revision or 'an unnamed commit'} only")
        return found

    def model(self, id: str) -> Looked:
        return self._look("models", id)

    def dataset(self, id: str) -> Looked:
        return self._look("datasets", id)

    def code(self, id: str) -> LookedCode:
        path = self._code.get(id.lower())
        if path is None:
            listed = self._missing.get("github")
            gone = isinstance(listed, list) and id.lower() in {str(one).lower() for one in listed}
            return MISSING if gone else NotLooked(_NOT_RECORDED)
        info = _object(path)
        gathered = info.pop("gathered", None)
        name = info.get("full_name")
        return CodeRepo(name if isinstance(name, str) else id, info, gathered if isinstance(gathered, str) else None)

    def redirects(self) -> Mapping[Kind, Mapping[str, str]]:
        return {
            kind: {str(old): str(new) for old, new in table.items()}
            for kind in ("models", "datasets")
            if isinstance(table := self._redirects.get(kind), dict)
        }

    def _look(self, kind: Kind, id: str) -> Looked:
        id = self.redirects().get(kind, {}).get(id, id)
        folder = self._folder / kind / id
        if not _inside(folder, self._folder) or not (folder / "info.json").is_file():
            listed = self._missing.get(kind)
            return MISSING if isinstance(listed, list) and id in listed else NotLooked(_NOT_RECORDED)
        gathered = _object(folder / "gathered.json")
        unread = gathered.get("unread")
        at, endpoint = gathered.get("at"), gathered.get("from")
        refs = folder / "refs.json"
        return Repo(
            kind,
            id,
            _object(folder / "info.json"),
            _object(refs) if refs.is_file() else None,
            _texts(folder / "files"),
            {str(k): str(v) for k, v in unread.items()} if isinstance(unread, dict) else {},
            at if isinstance(at, str) else None,
            endpoint if isinstance(endpoint, str) and endpoint.startswith("http") else "https://huggingface.co",
        )


def _branch(repo: Repo, name: str) -> str | None:
    for group in ("branches", "tags"):
        refs = (repo.refs or {}).get(group)
        for ref in refs if isinstance(refs, list) else ():
            if isinstance(ref, dict) and ref.get("name") == name:
                return ref.get("targetCommit")
    return None


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _object(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty where there is no file. Raises SnapshotError for anything else."""
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > _MAX_JSON:
            raise SnapshotError(f"{path}: larger than {_MAX_JSON >> 20} MiB")
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        raise SnapshotError(f"{path}: not readable as JSON ({type(problem).__name__})", "Record it again.") from problem
    if not isinstance(found, dict):
        raise SnapshotError(f"{path}: not a JSON object", "Record it again.")
    return found


def _texts(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_BYTES:
            found[path.relative_to(folder).as_posix()] = path.read_bytes().decode("utf-8", "replace")
    return found


# --------------------------------------------------------------------------- writing


def record(snapshot: Snapshot, folder: Path) -> None:
    """Adds a snapshot to a folder. What the folder already holds of other models stays. Raises SnapshotError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, table in (("models", snapshot.models), ("datasets", snapshot.datasets)):
            for repo in table.values():
                if isinstance(repo, Repo):
                    _record_repo(repo, folder / kind / repo.id, folder)
        for id, code in snapshot.github.items():
            if isinstance(code, CodeRepo):
                info = {**code.info, "gathered": code.gathered} if code.gathered else dict(code.info)
                _write_unless_same(folder / "github" / f"{id}.json", info, folder, ignoring="gathered")
        _merge(folder, snapshot)
    except OSError as problem:
        raise SnapshotError(f"{folder}: cannot be written: {problem.strerror or problem}", "Choose a folder you may write to.") from problem


def _record_repo(repo: Repo, where: Path, root: Path) -> None:
    _write_json(where / "info.json", repo.info, root)
    if repo.refs is not None:
        _write_json(where / "refs.json", repo.refs, root)
    for path, text in repo.files.items():
        pure = PurePosixPath(path)
        if not pure.is_absolute() and ".." not in pure.parts:
            _write(where / "files" / path, text.encode("utf-8", "replace"), root)
    gathered = {"at": repo.gathered, "from": repo.endpoint, "unread": dict(sorted(repo.unread.items()))}
    _write_unless_same(where / "gathered.json", gathered, root, ignoring="at")


def _merge(folder: Path, snapshot: Snapshot) -> None:
    redirects = _object(folder / "redirects.json")
    missing = _object(folder / "missing.json")
    for kind in ("models", "datasets"):
        redirects[kind] = dict(sorted({**redirects.get(kind, {}), **snapshot.redirects.get(kind, {})}.items()))
    for kind, table in (("models", snapshot.models), ("datasets", snapshot.datasets), ("github", snapshot.github)):
        gone = {id for id, look in table.items() if look is MISSING}
        there = {id for id, look in table.items() if isinstance(look, Repo | CodeRepo)}
        missing[kind] = sorted(({*missing.get(kind, [])} | gone) - there)
    _write_json(folder / "redirects.json", redirects, folder)
    _write_json(folder / "missing.json", missing, folder)


def _write_unless_same(path: Path, value: Mapping[str, Any], root: Path, ignoring: str) -> None:
    """Writes JSON, but keeps the time of the first look where nothing else changed."""
    old = _object(path)
    if {**old, ignoring: None} != {**value, ignoring: None} or not old:
        _write_json(path, value, root)


def _write_json(path: Path, value: Mapping[str, Any], root: Path) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    _write(path, text.encode("utf-8", "replace"), root)


def _write(path: Path, content: bytes, root: Path) -> None:
    if not _inside(path, root):
        raise SnapshotError(f"{root}: a file name would leave the snapshot: {path.name!r}")
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".openaudit-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
