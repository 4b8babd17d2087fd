"""The Hugging Face Hub as a source: repositories as they are today, each read at one commit.

Everything goes through huggingface_hub's own session and headers, so its settings hold here too: HF_ENDPOINT,
HF_TOKEN or a login, HF_HUB_OFFLINE, proxies. A repository costs its JSON first; then, all at once, the card, the
licence and policy files, ``config.json`` and the refs, at the commit the JSON names. Weights are never asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import quote

from openaudit.errors import Gated, NotFound, SubjectError, Unreachable
from openaudit.evidence import MISSING, Kind, Looked, LookedCode, NotLooked, Repo
from openaudit.sources import MAX_BYTES
from openaudit.sources.files import choose, decode
from openaudit.sources.github import GitHub
from openaudit.sources.hubhttp import TOO_LARGE, HubClient, Refusal
from openaudit.sources.wire import PATIENT, Once, Patience, now, one_line

_ID = re.compile(r"(?!.*\.\.)[\w-][\w.-]{0,95}(/[\w-][\w.-]{0,95})?", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{40}")


class HubSource:
    """Looks repositories up on the Hub, and code on GitHub. Use as a context manager, or ``close`` it.

    ``endpoint`` defaults to HF_ENDPOINT or huggingface.co, ``token`` to the login. At most ``workers`` requests to
    the Hub are under way at once, however many threads ask; ``patience`` bounds each of them. No
    repository is read twice.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        token: str | None = None,
        *,
        workers: int = 8,
        patience: Patience = PATIENT,
        github: GitHub | None = None,
    ) -> None:
        self._hub = HubClient(endpoint, token, patience)
        self._github = github or GitHub(patience=patience)
        self._workers = workers
        self._moved: dict[Kind, dict[str, str]] = {"models": {}, "datasets": {}}
        self._lock = Lock()
        self._asked: Once[_Answer] = Once(lambda answer: answer.lasts)
        self._read: Once[_Answer] = Once(lambda answer: answer.lasts)
        # Every request runs here, so that no more are ever under way. Nothing in here waits for anything in here.
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="openaudit-hub")

    def __enter__(self) -> HubSource:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every pause and every pending request, and let the threads go. huggingface_hub's session stays."""
        self._hub.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._github.close()

    # ------------------------------------------------------------------ the protocol

    @property
    def workers(self) -> int:
        """How many questions may be asked at once."""
        return self._workers

    def subject(self, id: str, revision: str | None = None) -> Repo:
        """The model to audit, at a revision (branch, tag, commit) or where ``main`` is now. Raises SubjectError."""
        found = self._look("models", id, revision)
        if isinstance(found, Repo):
            return found
        raise self._as_error(found, id, revision)

    def model(self, id: str) -> Looked:
        """An ancestor, with the text files an audit reads."""
        return _as_value(self._look("models", id, None))

    def dataset(self, id: str) -> Looked:
        """A data set: its info and its card."""
        return _as_value(self._look("datasets", id, None))

    def code(self, id: str) -> LookedCode:
        """A GitHub repository. Offline means offline: GitHub is not asked either."""
        return NotLooked("offline") if self._hub.offline else self._github.code(id)

    def redirects(self) -> Mapping[Kind, Mapping[str, str]]:
        """Old id → id of today, for what was asked so far."""
        with self._lock:
            return {kind: dict(moved) for kind, moved in self._moved.items()}

    # ------------------------------------------------------------------ one repository

    def _look(self, kind: Kind, id: str, revision: str | None) -> Repo | Refusal:
        if not _ID.fullmatch(id):
            return Refusal("invalid", "not a valid id")
        return self._asked.get((kind, id, revision), lambda: self._ask(kind, id, revision)).found

    def _ask(self, kind: Kind, id: str, revision: str | None) -> _Answer:
        at = f"/revision/{quote(revision, safe='')}" if revision else ""
        # Sizes decide what is read of a model. Of a data set only the card is, and its size is asked for as one number:
        # the sizes of 100,000 files take long.
        sizes = "?blobs=true" if kind == "models" else ""
        try:
            info = _checked(self._pool.submit(self._hub.json, f"/api/{kind}/{id}{at}{sizes}").result())
        except Refusal as refusal:
            return _Answer(refusal, refusal.lasts)
        today: str = info["id"]
        # Two names, or a branch and its commit, are one repository at one commit: its files are read once.
        key = (kind, today, info.get("sha") or revision)
        answer = self._read.get(key, lambda: self._gather(kind, info, revision))
        if today != id:
            with self._lock:
                self._moved[kind][id] = today
            self._asked.offer((kind, today, revision), answer)
        return answer

    def _gather(self, kind: Kind, info: Mapping[str, Any], revision: str | None) -> _Answer:
        sizes = {entry["rfilename"]: entry.get("size") for entry in info.get("siblings") or ()}
        chosen, left = choose(sizes) if kind == "models" else ([p for p in ("README.md",) if p in sizes], [])
        unread = dict.fromkeys(left, f"more than {len(chosen)} such files")
        for path in chosen:
            size = sizes[path]
            if isinstance(size, int) and size > MAX_BYTES:
                unread[path] = TOO_LARGE
        at = info.get("sha") or revision or "main"
        where = f"/{'datasets/' if kind == 'datasets' else ''}{info['id']}/resolve/{quote(at, safe='')}/"
        submit, lasts = self._pool.submit, True
        refs = submit(self._refs, kind, info["id"]) if kind == "models" else None
        size = submit(self._size, info["id"], at) if kind == "datasets" else None
        asked = {path: submit(self._text, where + quote(path, safe="/")) for path in chosen if path not in unread}
        files: dict[str, str] = {}
        for path, future in asked.items():
            answer = future.result()
            if isinstance(answer, Refusal):
                unread[path] = answer.why
                lasts &= answer.lasts
            else:
                files[path] = answer
        total = size.result() if size else None
        return _Answer(
            Repo(
                kind=kind,
                id=info["id"],
                info=info if total is None else {**info, "mainSize": total},
                refs=refs.result() if refs else None,
                files=files,
                unread=unread,
                gathered=now(),
                endpoint=self._hub.endpoint,
            ),
            lasts,
        )

    def _text(self, path: str) -> str | Refusal:
        try:
            return decode(self._hub.file(path))
        except Refusal as refusal:
            return refusal

    def _refs(self, kind: Kind, id: str) -> Mapping[str, Any] | None:
        try:
            return self._hub.json(f"/api/{kind}/{id}/refs")
        except Refusal:
            return None  # the same as not having asked: nothing is known of branches and tags

    def _size(self, id: str, at: str) -> int | None:
        """The bytes of all files of a data set, as the Hub adds them up; ``None`` where it does not tell."""
        try:
            size = self._hub.json(f"/api/datasets/{id}/treesize/{quote(at, safe='')}").get("size")
        except Refusal:
            return None  # as of the refs: nothing is known, and nothing else depends on it
        return size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None

    # ------------------------------------------------------------------ words

    def _as_error(self, refusal: Refusal, id: str, revision: str | None) -> SubjectError:
        shown, why = one_line(id), refusal.why
        match refusal.reason:
            case "missing":
                return NotFound(f"{shown}: not found on {self._hub.host}: it {why}")
            case "invalid":
                return NotFound(f"{shown}: {why}: no model can be called this", "Give owner/name.")
            case "revision":
                advice = "Choose a branch, a tag or a commit from the model's page."
                return NotFound(f"{shown}: the model has no revision {one_line(revision or 'main')!r}", advice)
            case "gated":
                return Gated(f"{shown}: {why}")
            case "disabled":
                return NotFound(f"{shown}: {why}", "The model's page on the Hub may say why.")
            case "token":
                return Unreachable(f"{shown}: {why}", "Check HF_TOKEN, or log in again.")
            case "offline":
                advice = "Unset HF_HUB_OFFLINE, or audit a recorded snapshot."
                return Unreachable(f"{shown}: offline (HF_HUB_OFFLINE): the Hub was not asked", advice)
            case _:
                return Unreachable(f"{shown}: {why}")


class _Answer(NamedTuple):
    """What a look came to, and whether it would be the same a moment later."""

    found: Repo | Refusal
    lasts: bool


def _as_value(found: Repo | Refusal) -> Looked:
    if isinstance(found, Repo):
        return found
    return MISSING if found.reason == "missing" else NotLooked(found.why)


def _checked(info: dict[str, Any]) -> dict[str, Any]:
    """The info, if it has the shape everything after this relies on."""

    def has(name: str, kind: type) -> bool:
        return info.get(name) is None or isinstance(info[name], kind)

    siblings = info.get("siblings") or ()
    if (
        isinstance(info.get("id"), str)
        and _ID.fullmatch(info["id"])
        and has("sha", str)
        and _SHA.fullmatch(info.get("sha") or "0" * 40)
        and has("siblings", list)
        and all(isinstance(entry, dict) and isinstance(entry.get("rfilename"), str) for entry in siblings)
        and has("cardData", dict)
        and has("tags", list)
    ):
        return info
    raise Refusal("other", "the answer does not have the shape of a repository")
