"""The Hugging Face Hub as a source: repositories as they are today, each read at one commit.

Everything goes through huggingface_hub's own session and headers, so its settings hold here too: HF_ENDPOINT,
HF_TOKEN or a login, HF_HUB_OFFLINE, proxies. A repository costs its JSON first; then, all at once, the card, the
licence and policy files, ``config.json`` and the refs, at the commit the JSON names. Weights are never asked for.
What was asked before is taken from a ``Cache``, or only confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, NamedTuple, TypedDict, TypeVar
from urllib.parse import quote

from openaudit.errors import Gated, NotFound, SubjectError, Unreachable, UsageError
from openaudit.evidence import MISSING, Kind, Looked, LookedCode, NotLooked, Repo
from openaudit.saying import phrase
from openaudit.sources import MAX_BYTES, Early
from openaudit.sources.cache import Cache, standard_folder
from openaudit.sources.files import beyond, choose, decode
from openaudit.sources.github import GitHub
from openaudit.sources.hubhttp import TOO_LARGE, HubClient, Refusal
from openaudit.sources.traffic import PATIENT, Patience, Traffic, share_a_core
from openaudit.sources.wire import Once, Told, one_line, stamp

T = TypeVar("T")

_ID = re.compile(r"(?!.*\.\.)[\w-][\w.-]{0,95}(/[\w-][\w.-]{0,95})?", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{40}")


class HubSource:
    """Looks repositories up on the Hub, and code on GitHub. Use as a context manager, or ``close`` it.

    ``endpoint`` defaults to HF_ENDPOINT or huggingface.co, ``token`` to the login, ``github`` (the address of its API)
    to GITHUB_API_URL. One source may serve any number of audits, from several threads: each repository is asked for
    once, and at most ``workers`` requests are under way at once, however many ask. ``patience`` bounds each question.

    ``cache``: the folder of the cache; True: the standard one; False: none, what is learnt goes with the source.
    ``offline``: nothing is sent, only the cache is read. ``budget``: seconds from now after which nothing is sent any
    more and every open question ends at once; a rate limit is waited for that long instead of ``patience``.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        token: str | None = None,
        *,
        workers: int = 8,
        patience: Patience = PATIENT,
        budget: float | None = None,
        cache: Path | bool = True,
        offline: bool = False,
        github: str | None = None,
    ) -> None:
        if offline and cache is False:
            raise UsageError("offline without a cache, there is nothing to look at", "Leave one of the two out.")
        folder = standard_folder() if cache is True else cache or None
        self._cache = Cache(folder)
        self._traffic = Traffic(workers, budget)
        shared: _Shared = {"patience": patience, "traffic": self._traffic, "cache": self._cache}
        self._hub = HubClient(endpoint, token, offline=offline, **shared)
        self._github = GitHub(github, offline=self._hub.offline, **shared)
        self._moved: dict[Kind, dict[str, str]] = {"models": {}, "datasets": {}}
        self._lock = Lock()
        self._asked: Once[_Answer] = Once(lambda answer: answer.lasts)
        self._read: Once[_Answer] = Once(lambda answer: answer.lasts)
        # Questions wait for requests, and for each other where several models have the same; so there are many of them.
        # Requests wait for nothing but their turn: more of these than turns, so that one which pauses before its next
        # attempt keeps no other waiting.
        self._questions = ThreadPoolExecutor(4 * workers, "openaudit-question", initializer=share_a_core)
        self._requests = ThreadPoolExecutor(2 * workers, "openaudit-request", initializer=share_a_core)

    def __enter__(self) -> HubSource:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every pause and every pending request, and let the threads go. huggingface_hub's session stays."""
        in_time = self._traffic.left > 0
        self._traffic.close()
        self._questions.shutdown(wait=in_time, cancel_futures=True)
        self._requests.shutdown(wait=in_time, cancel_futures=True)
        self._github.close()
        self._cache.close()

    # ------------------------------------------------------------------ the protocol

    @property
    def endpoint(self) -> str:
        """The address that is asked."""
        return self._hub.endpoint

    def submit(self, question: Callable[[], T]) -> Future[T]:
        """Has a question asked, by a thread of its own."""
        return self._questions.submit(question)

    def subject(self, id: str, revision: str | None = None, early: Early | None = None) -> Repo:
        """The model to audit, at a revision (branch, tag, commit) or where ``main`` is now. Raises SubjectError."""
        found = self._look("models", id, revision, early)
        if isinstance(found, Repo):
            return found
        raise self._as_error(found, id, revision)

    def model(self, id: str, early: Early | None = None) -> Looked:
        """An ancestor, with the text files an audit reads."""
        return _as_value(self._look("models", id, None, early))

    def dataset(self, id: str) -> Looked:
        """A data set: its info and its card."""
        return _as_value(self._look("datasets", id, None))

    def code(self, id: str) -> LookedCode:
        """A GitHub repository."""
        try:
            return self._now(self._github.code, id)
        except Refusal as refusal:
            return NotLooked(refusal.why)

    def redirects(self) -> Mapping[Kind, Mapping[str, str]]:
        """Old id → id of today, for what was asked so far."""
        with self._lock:
            return {kind: dict(moved) for kind, moved in self._moved.items()}

    # ------------------------------------------------------------------ one repository

    def _look(self, kind: Kind, id: str, revision: str | None, early: Early | None = None) -> Repo | Refusal:
        if not _ID.fullmatch(id):
            return Refusal("invalid", phrase("not a valid id"))
        return self._asked.get((kind, id, revision), lambda: self._ask(kind, id, revision, early)).found

    def _ask(self, kind: Kind, id: str, revision: str | None, early: Early | None) -> _Answer:
        at = f"/revision/{quote(revision, safe='')}" if revision else ""
        # Sizes decide what is read of a model. Of a data set only the card is, and its size is asked for as one number:
        # the sizes of 100,000 files take long.
        sizes = "?blobs=true" if kind == "models" else ""
        try:
            told = self._now(self._hub.json, f"/api/{kind}/{id}{at}{sizes}")
            info = checked(told.value)
        except Refusal as refusal:
            return _Answer(refusal, refusal.lasts)
        today: str = info["id"]
        if early:
            early(Repo(kind, today, info, endpoint=self._hub.endpoint))
        # Two names, or a branch and its commit, are one repository at one commit: its files are read once.
        key = (kind, today, info.get("sha") or revision)
        answer = self._read.get(key, lambda: self._gather(kind, told, revision))
        if today != id:
            with self._lock:
                self._moved[kind][id] = today
            self._asked.offer((kind, today, revision), answer)
        return answer

    def _now(self, request: Callable[..., T], *args: str) -> T:
        """What a request brings: made by the thread that waits for it, unless time may be up before it ends."""
        if self._traffic.left == float("inf"):
            return request(*args)
        return self._wait(self._requests.submit(request, *args))

    def _wait(self, future: Future[T]) -> T:
        """What a request brings; a refusal once time is up, however long the request still takes."""
        left = self._traffic.left
        try:
            return future.result(None if left == float("inf") else left)
        except (TimeoutError, CancelledError):
            raise Refusal("time", phrase("out of time")) from None

    def _gather(self, kind: Kind, told: Told[dict[str, Any]], revision: str | None) -> _Answer:
        info = told.value
        sizes = {entry["rfilename"]: entry.get("size") for entry in info.get("siblings") or ()}
        chosen, left = choose(sizes) if kind == "models" else ([p for p in ("README.md",) if p in sizes], [])
        unread = dict.fromkeys(left, beyond(len(chosen)))
        for path in chosen:
            size = sizes[path]
            if isinstance(size, int) and size > MAX_BYTES:
                unread[path] = TOO_LARGE
        at = info.get("sha") or revision or "main"
        where = f"/{'datasets/' if kind == 'datasets' else ''}{info['id']}/resolve/{quote(at, safe='')}/"
        # The words at a commit stay the same. Whether one may read them does not, where somebody has to be let in.
        closed = info.get("gated") or info.get("private") or info.get("disabled")
        commit = info["sha"] if info.get("sha") and not closed else ""
        submit, lasts, since = self._requests.submit, True, told.at
        refs = submit(self._hub.json, f"/api/{kind}/{info['id']}/refs") if kind == "models" else None
        all_files = f"/api/{kind}/{info['id']}/treesize/{quote(at, safe='')}"
        size = submit(self._hub.json, all_files, commit) if kind == "datasets" else None
        paths = [path for path in chosen if path not in unread]
        urls = {path: where + quote(path, safe="/") for path in paths}
        asked = {path: submit(self._hub.file, urls[path], commit) for path in paths[1:]}
        files: dict[str, str] = {}
        for path in paths:
            try:
                text = self._wait(asked[path]) if path in asked else self._now(self._hub.file, urls[path], commit)
            except Refusal as refusal:
                unread[path] = refusal.why
                lasts &= refusal.lasts
            else:
                files[path] = decode(text.value)
                since = since if commit else min(since, text.at)
        named = self._if_told(refs)
        weighed = self._if_told(size)
        since = min([since, *(one.at for one in (named, weighed) if one)])
        total = _bytes(weighed.value.get("size")) if weighed else None
        return _Answer(
            Repo(
                kind=kind,
                id=info["id"],
                info=info if total is None else {**info, "mainSize": total},
                refs=named.value if named else None,
                files=files,
                unread=unread,
                gathered=stamp(since),
                endpoint=self._hub.endpoint,
            ),
            lasts,
        )

    def _if_told(self, asked: Future[Told[dict[str, Any]]] | None) -> Told[dict[str, Any]] | None:
        """An answer that nothing else hangs on; ``None`` where it is refused, the same as not having asked."""
        try:
            return self._wait(asked) if asked else None
        except Refusal:
            return None

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
                advice = "Audit it once without --offline and HF_HUB_OFFLINE, or from a recorded snapshot."
                return Unreachable(f"{shown}: offline, and the model is not in the cache", advice)
            case "time":
                return Unreachable(f"{shown}: {why}", "Allow more time.")
            case _:
                return Unreachable(f"{shown}: {why}")


class _Shared(TypedDict):
    """What both servers are asked with."""

    patience: Patience
    traffic: Traffic
    cache: Cache


class _Answer(NamedTuple):
    """What a look came to, and whether it would be the same a moment later."""

    found: Repo | Refusal
    lasts: bool


def _as_value(found: Repo | Refusal) -> Looked:
    if isinstance(found, Repo):
        return found
    return MISSING if found.reason == "missing" else NotLooked(found.why)


def _bytes(size: object) -> int | None:
    """A number of bytes, if it is one."""
    return size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None


def checked(info: dict[str, Any]) -> dict[str, Any]:
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
    raise Refusal("other", phrase("the answer does not have the shape of a repository"))
