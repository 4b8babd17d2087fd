"""Saved snapshots: a folder shaped like the Hub, read and written.

    models/<owner>/<name>/info.json       the JSON of GET /api/models/<owner>/<name>
    models/<owner>/<name>/refs.json       optional, the JSON of …/refs
    models/<owner>/<name>/files/<path>    text files at that revision
    models/<owner>/<name>/gathered.json   optional: {"at": time, "from": endpoint, "unread": {path: why}, "note": text}
    datasets/…                            the same for data sets (canonical ones without owner)
    github/<owner>/<repo>.json            {"full_name", "license": {"spdx_id"}, "archived", "tree": [paths]}
    redirects.json                        {"models": {old: new}, "datasets": {old: new}}
    missing.json                          {"models": [], "datasets": [], "github": []}: looked for, and not there
    unseen.json                           optional: {"models": {id: why}, …}: could not be looked at

An id in no place was not looked at: unknown. A snapshot may come from anybody: nothing outside its folder is
ever read or written, and what does not have the shape it should have counts as not gathered.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from openaudit.errors import NotFound, NotLookedAt, SnapshotError
from openaudit.evidence import MISSING, CodeRepo, Kind, Looked, LookedCode, Missing, NotLooked, Repo, Snapshot
from openaudit.files.writing import sweep, write_all
from openaudit.reading.pointers import valid_id
from openaudit.saying import from_data, kept, phrase
from openaudit.sources import MAX_BYTES, TOO_LARGE, Early, at_once
from openaudit.sources.files import decode, safe

_MAX_JSON = 64 << 20
_HUB = "https://huggingface.co"
_SHA = re.compile(r"[0-9a-f]{40}")
_NOT_RECORDED = phrase("the snapshot does not hold it")


class SavedSource:
    """Looks repositories up in a snapshot folder. Raises SnapshotError for a folder that is none."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise SnapshotError(f"{folder}: there is no such folder", "Record one: openaudit audit REF --record DIR.")
        if not any((folder / part).exists() for part in ("models", "datasets", "missing.json")):
            advice = "Give the folder that --record wrote; a model's own folder is a REF: openaudit audit ./folder."
            raise SnapshotError(f"{folder}: not a snapshot (no models/ in it)", advice)
        self._folder = folder
        redirects, missing = _object(folder, folder / "redirects.json"), _object(folder, folder / "missing.json")
        self._redirects = {kind: _ids(redirects.get(kind)) for kind in ("models", "datasets")}
        self._missing = {kind: frozenset(_texts_in(missing.get(kind))) for kind in ("models", "datasets")}
        self._missing["github"] = frozenset(id.lower() for id in _texts_in(missing.get("github")))
        unseen = _object(folder, folder / "unseen.json")
        self._unseen = {kind: _whys(unseen.get(kind)) for kind in ("models", "datasets", "github")}
        self._code = _code_files(folder)

    # ------------------------------------------------------------------ the protocol

    def subject(self, id: str, revision: str | None = None, early: Early | None = None) -> Repo:  # noqa: ARG002
        found = self.model(id)
        if isinstance(found, NotLooked):
            if found.why != _NOT_RECORDED:
                raise NotLookedAt(f"{id}: {found.why}", "Record it again: openaudit audit REF --record DIR.")
            raise NotLookedAt(f"{id}: the snapshot {self._folder.name!r} does not hold this model", self._near(id))
        if not isinstance(found, Repo):
            raise NotFound(f"{id}: the snapshot says there is no such model")
        if revision not in (None, "main", found.revision) and _commit(found, str(revision)) != found.revision:
            held = found.revision or "an unnamed commit"
            raise NotLookedAt(f"{id}@{revision}: the snapshot holds this model at {held} only")
        return found

    def model(self, id: str, early: Early | None = None) -> Looked:  # noqa: ARG002 - all of it is there already
        return self._look("models", id)

    def dataset(self, id: str) -> Looked:
        return self._look("datasets", id)

    def code(self, id: str) -> LookedCode:
        path = self._code.get(id.lower())
        if path is None:
            return self._unheld("github", id.lower())
        try:
            info = _object(self._folder, path)
        except SnapshotError as problem:
            return NotLooked(str(problem))
        gathered = info.pop("gathered", None)
        name = info.get("full_name")
        return CodeRepo(name if isinstance(name, str) else id, info, gathered if isinstance(gathered, str) else None)

    def redirects(self) -> Mapping[Kind, Mapping[str, str]]:
        return {"models": self._redirects["models"], "datasets": self._redirects["datasets"]}

    submit = staticmethod(at_once)

    # ------------------------------------------------------------------ one repository

    def _look(self, kind: Kind, id: str) -> Looked:
        id = self._redirects[kind].get(id, id)
        folder = self._folder / kind / id
        if id in self._missing[kind] or valid_id(id) != id or not _held(self._folder, folder / "info.json"):
            return self._unheld(kind, id)
        try:
            info = shaped(_object(self._folder, folder / "info.json"))
            gathered = _object(self._folder, folder / "gathered.json")
            refs = _object(self._folder, folder / "refs.json") if _held(self._folder, folder / "refs.json") else None
        except SnapshotError as problem:
            return NotLooked(str(problem))
        found = dict(self._files(folder / "files"))
        unread: dict[str, str] = dict.fromkeys((path for path, text in found.items() if text is None), TOO_LARGE)
        unread |= _whys(gathered.get("unread"))
        at, endpoint = gathered.get("at"), gathered.get("from")
        return Repo(
            kind,
            id,
            info,
            refs,
            {path: text for path, text in found.items() if text is not None},
            unread,
            at if isinstance(at, str) else None,
            endpoint if isinstance(endpoint, str) and re.match(r"https?://", endpoint) else _HUB,
            note if isinstance(note := gathered.get("note"), str) else "",
        )

    def _unheld(self, kind: str, id: str) -> Missing | NotLooked:
        return MISSING if id in self._missing[kind] else NotLooked(self._unseen[kind].get(id, _NOT_RECORDED))

    def _files(self, folder: Path) -> Iterator[tuple[str, str | None]]:
        """The text files by path; ``None`` for one that is too large.

        A text whose broken bytes were replaced has grown, so it is measured in characters.
        """
        for path in sorted(folder.rglob("*")):
            if not path.is_symlink() and _held(self._folder, path):
                small = path.stat().st_size <= 4 * MAX_BYTES and len(text := decode(path.read_bytes())) <= MAX_BYTES
                yield path.relative_to(folder).as_posix(), text if small else None

    def _near(self, id: str) -> str:
        held = [path.parent.relative_to(self._folder / "models").as_posix() for path in self._infos()]
        near = difflib.get_close_matches(id.lower(), [one.lower() for one in held], n=1, cutoff=0.75)
        meant = next((one for one in sorted(held) if near and one.lower() == near[0]), None)
        return f"Did you mean {meant}?" if meant else ""

    def _infos(self) -> Iterator[Path]:
        for depth in ("*/info.json", "*/*/info.json"):
            yield from (self._folder / "models").glob(depth)


def _commit(repo: Repo, name: str) -> object:
    """The commit that a branch or tag stood at; ``None`` where the snapshot does not say."""
    for group in ("branches", "tags"):
        refs = (repo.refs or {}).get(group)
        for ref in refs if isinstance(refs, list) else ():
            if isinstance(ref, dict) and ref.get("name") == name:
                return ref.get("targetCommit") or False
    return False


# --------------------------------------------------------------------------- what strangers wrote


def _held(root: Path, path: Path) -> bool:
    """Whether there is a file at this path that lies inside the snapshot, links followed."""
    return path.is_file() and path.resolve().is_relative_to(root.resolve())


def _object(root: Path, path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty where there is no file. Raises SnapshotError for anything else."""
    if not path.is_file():
        return {}
    where = path.relative_to(root).as_posix()
    try:
        if not _held(root, path):
            raise SnapshotError(f"{where}: leads out of the snapshot", "Record it again.")
        if path.stat().st_size > _MAX_JSON:
            raise SnapshotError(f"{where}: larger than {_MAX_JSON >> 20} MiB", "Record it again.")
        found = json.loads(path.read_bytes())
    except OSError as problem:
        raise SnapshotError(f"{where}: cannot be read: {problem.strerror}", "Check its permissions.") from problem
    except (ValueError, RecursionError) as problem:
        raise SnapshotError(f"{where}: not JSON", "Record it again.") from problem
    if not isinstance(found, dict):
        raise SnapshotError(f"{where}: not a JSON object", "Record it again.")
    return found


def _texts_in(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _pairs(value: object) -> dict[str, str]:
    return {key: one for key, one in value.items() if isinstance(one, str)} if isinstance(value, dict) else {}


def _whys(value: object) -> dict[str, str]:
    """Why each of these was not looked at; a reason that is no sentence of ours is left out."""
    found: dict[str, str] = {}
    for id, why in value.items() if isinstance(value, dict) else ():
        with suppress(ValueError):
            found[id] = phrase(from_data(why))
    return found


def _kept(whys: Mapping[str, str]) -> dict[str, object]:
    return {id: kept(why) for id, why in whys.items()}


def _ids(value: object) -> dict[str, str]:
    """A table of ids; what is no id is left out."""
    return {old: new for old, new in _pairs(value).items() if valid_id(new) == new}


def _siblings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(s, dict) and isinstance(s.get("rfilename"), str) for s in value)


_SHAPES: Mapping[str, Callable[[object], bool]] = {
    "siblings": _siblings,
    "cardData": lambda value: isinstance(value, dict),
    "config": lambda value: isinstance(value, dict),
    "tags": lambda value: isinstance(value, list) and all(isinstance(tag, str) for tag in value),
    "sha": lambda value: isinstance(value, str) and bool(_SHA.fullmatch(value)),
    "gated": lambda value: isinstance(value, bool | str),
    "private": lambda value: isinstance(value, bool),
    "disabled": lambda value: isinstance(value, bool),
}


def shaped(info: Mapping[str, Any]) -> dict[str, Any]:
    """The Hub's JSON without what does not have the Hub's shape: that counts as not gathered."""
    return {key: value for key, value in info.items() if key not in _SHAPES or _SHAPES[key](value)}


def _code_files(folder: Path) -> dict[str, Path]:
    """Files of code repositories by lower-case id: GitHub does not tell cases apart."""
    found = sorted((folder / "github").glob("*/*.json"))
    return {f"{path.parent.name}/{path.stem}".lower(): path for path in found}


# --------------------------------------------------------------------------- writing


def record(snapshot: Snapshot, folder: Path) -> None:
    """Adds a snapshot to a folder. What the folder already holds of other models stays. Raises SnapshotError.

    Each file is written whole, and only where it differs: recording twice changes nothing, and a crash leaves no half
    file. A model's own folder on this machine is no part of the Hub: only what was looked up for it is recorded.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        for kind, table in (("models", snapshot.models), ("datasets", snapshot.datasets)):
            for id, repo in table.items():
                if isinstance(repo, Repo) and not (snapshot.local and (kind, id) == ("models", snapshot.subject)):
                    _record_repo(repo, folder / kind / repo.id, folder)
        paths = _code_files(folder)
        for id, code in snapshot.github.items():
            if isinstance(code, CodeRepo):
                info = {**code.info, "gathered": code.gathered} if code.gathered else code.info
                path = paths.get(id.lower(), folder / "github" / f"{id}.json")
                _put(folder, _changed({path: info}, folder, ignoring="gathered"))
        _put(folder, _changed(_tables(folder, snapshot), folder))
    except (OSError, RuntimeError) as problem:  # a loop of links is a RuntimeError
        why = getattr(problem, "strerror", None) or problem
        raise SnapshotError(f"{folder}: cannot be written: {why}", "Choose a folder you may write to.") from problem


def _record_repo(repo: Repo, where: Path, root: Path) -> None:
    """Records one repository; its time changes only if something else of it does."""
    texts = {where / "files" / path: text.encode("utf-8", "replace") for path, text in repo.files.items() if safe(path)}
    files = {path: content for path, content in texts.items() if not _same(path, content, root)}
    files |= _changed({where / "refs.json": repo.refs} if repo.refs is not None else {}, root)
    info = _changed({where / "info.json": repo.info}, root)
    gathered = {"at": repo.gathered, "from": repo.endpoint, "unread": _kept(dict(sorted(repo.unread.items())))}
    if repo.note:
        gathered["note"] = repo.note
    files |= _changed({where / "gathered.json": gathered}, root, ignoring="" if files or info else "at")
    held = _object(root, where / "info.json")
    if held and held.get("sha") != repo.info.get("sha"):
        # Another commit: until all of it is here, there is no info.json, and it counts as not looked at.
        (where / "info.json").unlink()
        stale = [path for path in (where / "files").rglob("*") if path.is_file() and path not in texts]
        for path in stale + ([where / "refs.json"] if repo.refs is None else []):
            path.unlink(missing_ok=True)
    _put(root, files)
    _put(root, info)


def _tables(root: Path, snapshot: Snapshot) -> dict[Path, Mapping[str, Any]]:
    """Redirects, what is missing and what could not be looked at, brought up to date."""
    redirects = _object(root, root / "redirects.json")
    missing = _object(root, root / "missing.json")
    unseen = _object(root, root / "unseen.json")
    looks: Mapping[str, Mapping[str, object]]
    looks = {"models": snapshot.models, "datasets": snapshot.datasets, "github": snapshot.github}
    moved = {str(kind): table for kind, table in snapshot.redirects.items()}
    for kind, table in looks.items():
        there = {id for id, look in table.items() if isinstance(look, Repo | CodeRepo)}
        gone = {id for id, look in table.items() if look is MISSING}
        why = {id: look.why for id, look in table.items() if isinstance(look, NotLooked)}
        missing[kind] = sorted(({*_texts_in(missing.get(kind))} | gone) - there)
        unseen[kind] = _kept(_without(there | gone, _whys(unseen.get(kind)) | why))
        if kind != "github":
            redirects[kind] = _without(there | gone, _ids(redirects.get(kind)) | dict(moved.get(kind, {})))
    return {root / "redirects.json": redirects, root / "missing.json": missing, root / "unseen.json": unseen}


def _without(left_out: set[str], table: Mapping[str, str]) -> dict[str, str]:
    return {id: value for id, value in sorted(table.items()) if id not in left_out}


def _changed(files: Mapping[Path, Mapping[str, Any]], root: Path, ignoring: str = "") -> dict[Path, bytes]:
    """Those JSON files that say something else than what is there, a key left aside."""
    return {
        path: _as_json(value)
        for path, value in files.items()
        if not path.is_file() or {**_object(root, path), ignoring: None} != {**value, ignoring: None}
    }


def _same(path: Path, content: bytes, root: Path) -> bool:
    return _held(root, path) and path.read_bytes() == content


def _as_json(value: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, indent=1)
        return (text + "\n").encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
        return (json.dumps(value, indent=1) + "\n").encode()
    except RecursionError as problem:
        raise SnapshotError("an answer is nested too deep to be recorded") from problem


def _put(root: Path, files: Mapping[Path, bytes]) -> None:
    """Writes files of one repository. Raises SnapshotError for one that would leave the snapshot."""
    for path in files:
        if not path.parent.resolve().is_relative_to(root.resolve()):
            raise SnapshotError(f"{root}: a file would leave the snapshot: {path.name!r}")
    write_all(files, staging=root)
