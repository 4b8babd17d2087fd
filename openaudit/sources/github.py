"""GitHub as a source of code: is the repository there, what licence did GitHub detect, which files does it hold?

Two questions a repository; with a token a third, for the commit, so that links can be pinned (without one GitHub
answers sixty questions an hour, and thirty repositories tell more than twenty pinned ones). What GitHub refuses for
now (its rate limit, an unusable token, a failure) is ``NotLooked``, never ``MISSING``. What was asked before is taken
from a ``Cache``, or only confirmed, which GitHub does not count against its limit for those with a token.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple, NoReturn
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from openaudit import __version__
from openaudit.errors import UsageError
from openaudit.evidence import MISSING, CodeRepo, LookedCode, NotLooked
from openaudit.saying import figure, phrase
from openaudit.sources.cache import Cache
from openaudit.sources.store import Held, place
from openaudit.sources.traffic import PATIENT, Again, GaveUp, OutOfTime, Patience, Quota, Traffic, persist
from openaudit.sources.wire import Once, Told, TooLarge, one_line, read_body, read_object, retry_after, stamp

MAX_REPO = 1 << 20
MAX_TREE = 16 << 20
MAX_PATHS = 20_000

_HOPS = 4
_ID = re.compile(r"[A-Za-z0-9-]{1,39}/(?!\.\.?$)[\w.-]{1,100}", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{40}")


class _Answered(Exception):
    """The question is settled without a repository."""

    def __init__(self, answer: LookedCode) -> None:
        super().__init__()
        self.answer = answer


class _Got(NamedTuple):
    """What an attempt brought, and what the cache is to hold of it (``None``: nothing)."""

    value: dict[str, Any]
    held: Held | None


class _NoLogin(AuthBase):
    """Adds nothing. With an ``auth`` set, requests does not look for a password in ``~/.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: asked not to follow, requests would still read the whole answer to prepare for it."""


class GitHub:
    """Looks code repositories up. ``api`` defaults to GITHUB_API_URL, ``token`` to GITHUB_TOKEN.

    Once the rate limit is used up nothing is asked until it ends, and after a refused token nothing at all: every
    further answer is ``NotLooked`` at once. ``offline``: only the cache is read. May be used from several threads.
    """

    def __init__(
        self,
        api: str | None = None,
        token: str | None = None,
        *,
        patience: Patience = PATIENT,
        traffic: Traffic | None = None,
        cache: Cache | None = None,
        offline: bool = False,
    ) -> None:
        self._api = (api or os.environ.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/")
        if urlsplit(self._api).scheme not in ("http", "https") or not urlsplit(self._api).hostname:
            raise UsageError("GitHub's address has to be an http(s) address (GITHUB_API_URL)")
        self._host = urlsplit(self._api).netloc
        self._token = token or os.environ.get("GITHUB_TOKEN") or None
        self._patience = patience
        self._traffic = traffic or Traffic()
        self._cache = cache or Cache(None)
        self._offline = offline
        self._quota = Quota()
        self._silent: tuple[float, str] = (0.0, "")  # until when (monotonic) nothing is asked, and why
        self._known: Once[LookedCode] = Once(lambda answer: not isinstance(answer, NotLooked))
        self._session = _Session()
        self._session.auth = _NoLogin()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=self._traffic.workers))

    def close(self) -> None:
        """End every pause and close the connections."""
        self._traffic.close()
        self._session.close()
        self._cache.close()

    def code(self, id: str) -> LookedCode:
        """The repository ``owner/name``, under the name it has today."""
        if not _ID.fullmatch(id):
            return NotLooked(phrase("not a valid GitHub id"))
        return self._known.get(id.lower(), lambda: self._look(id))

    def _look(self, id: str) -> LookedCode:
        try:
            repo, since = self._ask(f"/repos/{id}", MAX_REPO)
            branch, name = repo.get("default_branch"), repo.get("full_name")
            if not isinstance(name, str) or not _ID.fullmatch(name) or not isinstance(branch, str):
                return self._not_looked(phrase("the answer does not have the shape of a repository"))
            found = repo.get("license")
            spdx = found.get("spdx_id") if isinstance(found, dict) else None
            info: dict[str, Any] = {
                "full_name": name,
                "license": {"spdx_id": spdx} if isinstance(spdx, str) else None,
                "archived": repo.get("archived") is True,
            }
            at, pinned = branch, False
            if self._token:
                ref = self._ask(f"/repos/{name}/git/ref/heads/{quote(branch)}", MAX_REPO, empty={})
                head, since = ref.value.get("object"), min(since, ref.at)
                commit = head.get("sha") if isinstance(head, dict) else None
                if isinstance(commit, str) and _SHA.fullmatch(commit):
                    at, pinned = commit, repo.get("private") is False
                    info["sha"] = commit
            where = f"/repos/{name}/git/trees/{quote(at, safe='')}?recursive=1"
            tree = self._ask(where, MAX_TREE, empty={"tree": []}, fixed=pinned)
            since = since if pinned else min(since, tree.at)
            info["tree"], cut = _paths(tree.value.get("tree"))
        except _Answered as settled:
            return settled.answer
        except TypeError as error:
            return self._not_looked(error.args[0])
        if cut or tree.value.get("truncated") is True:
            info["truncated"] = True
        return CodeRepo(name, info, stamp(since))

    def _ask(
        self, path: str, limit: int, empty: dict[str, Any] | None = None, *, fixed: bool = False
    ) -> Told[dict[str, Any]]:
        """One JSON answer. ``empty`` stands for it where GitHub says the repository holds nothing yet."""
        name = "\0".join(("github", self._api, self._token or "", path)).encode("utf-8", "surrogatepass")
        if self._cache.refusal(name):
            raise _Answered(MISSING)
        held = self._cache.find(name)
        try:
            known = _Got(read_object(held.body(limit)), held) if held else None
        except ValueError:  # the version before may have read others
            held = known = None
        if held and known and (self._offline or self._cache.fresh(held) or (fixed and held.fixed)):
            return Told(known.value, held.at)
        if self._offline:
            raise _Answered(NotLooked(phrase("offline, and not in the cache")))
        until, why = self._silent
        if time.monotonic() < until:
            raise _Answered(NotLooked(why))

        def attempt(deadline: float) -> Callable[[], _Got]:
            return self._attempt(path, limit, empty, known, fixed, deadline)

        try:
            got = persist(attempt, self._patience, self._traffic, self._quota)
        except OutOfTime as late:
            raise _Answered(NotLooked(late.why)) from None
        except GaveUp as given_up:
            raise _Answered(self._not_looked(given_up.why)) from None
        except TooLarge:
            raise _Answered(self._not_looked(phrase("the answer is larger than {n} MiB", n=limit >> 20))) from None
        except _Answered as settled:
            if settled.answer is MISSING:
                self._cache.refuse(name, "missing")
            raise
        if got.held:
            self._cache.keep(name, got.held, held)
        return Told(got.value, got.held.at if got.held else time.time())

    def _attempt(
        self, path: str, limit: int, empty: dict[str, Any] | None, known: _Got | None, fixed: bool, deadline: float
    ) -> Callable[[], _Got]:
        """What makes the answer of what GitHub sends."""
        url = self._api + path
        held = known.held if known else None
        for _ in range(_HOPS):
            mark = held.etag if held and held.place == place(url) else ""
            try:
                with closing(self._open(url, deadline, mark)) as response:
                    status = response.status_code
                    self._heed(response)
                    body = read_body(response.iter_content(1 << 16), limit, deadline)
                    if status == 304 and known and held and mark:
                        return partial(known._replace, held=held._replace(at=time.time()))
                    if status == 409 and empty is not None:
                        return partial(_Got, empty, None)
                    if status not in (200, 301, 302, 307, 308):
                        self._refuse(response, at_all=empty is None)
            except requests.Timeout:
                raise Again(phrase("no answer within {n} s", n=figure(f"{self._patience.timeout:.3g}"))) from None
            except requests.exceptions.ProxyError:
                raise Again(phrase("the proxy refused")) from None
            except requests.exceptions.ConnectionError:
                raise Again(phrase("no connection, or it broke off")) from None
            except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
                raise Again(phrase("the connection broke off")) from None
            except (requests.RequestException, UnicodeEncodeError):  # not even sent; the words may hold the token
                raise GaveUp(phrase("the request cannot be made: check GITHUB_TOKEN and the proxy settings")) from None
            if status == 200:
                return partial(_read, body, time.time(), response.headers.get("ETag", ""), url, fixed)
            try:
                url = urljoin(url, response.headers.get("Location", ""))
                home = urlsplit(url)[:2] == urlsplit(self._api)[:2]
            except ValueError:
                home = False
            if not home:
                raise GaveUp(phrase("it redirects to another host"))
        raise GaveUp(phrase("more than {n} redirects", n=_HOPS - 1))

    def _heed(self, response: requests.Response) -> None:
        """Take in what GitHub says of how many more questions it will answer."""
        left = response.headers.get("X-RateLimit-Remaining", "")
        if response.status_code < 400 and left.isascii() and left.isdigit():
            self._quota.told(int(left[:9]), _until(response.headers.get("X-RateLimit-Reset", "")))

    def _open(self, url: str, deadline: float, mark: str) -> requests.Response:
        headers = {"Accept": "application/vnd.github+json", "User-Agent": f"openaudit/{__version__}"}
        if self._token:  # every URL that comes here is on the API's own host
            headers["Authorization"] = f"Bearer {self._token}"
        if mark:
            headers["If-None-Match"] = mark
        patience = min(self._patience.timeout, max(0.001, deadline - time.monotonic()))
        return self._session.get(url, headers=headers, timeout=patience, stream=True, allow_redirects=False)

    def _refuse(self, response: requests.Response, at_all: bool) -> NoReturn:
        """Say what an answer other than 200 means. Always raises. ``at_all``: the repository itself was asked for."""
        status, after = response.status_code, retry_after(response.headers)
        if status == 404 and at_all:
            raise _Answered(MISSING)
        if status == 401:
            self._silent = (float("inf"), phrase("{host} does not accept the token (GITHUB_TOKEN)", host=self._host))
            raise _Answered(NotLooked(self._silent[1]))
        spent = after is not None or response.headers.get("X-RateLimit-Remaining") == "0"
        if status == 429 or (status == 403 and spent):
            wait = after if after is not None else _until(response.headers.get("X-RateLimit-Reset", ""))
            used_up = phrase("the rate limit of {host} is used up", host=self._host)
            if not self._token:
                used_up = phrase("{problem}; GITHUB_TOKEN raises it", problem=used_up)
            self._silent = (time.monotonic() + wait, used_up)
            raise _Answered(NotLooked(self._silent[1]))
        if status >= 500 or status == 408:
            raise Again(phrase("it answers {status}", status=status), after)
        reason = one_line(response.reason, 80) if response.reason else phrase("no reason")
        raise _Answered(self._not_looked(phrase("it answers {status} ({reason})", status=status, reason=reason)))

    def _not_looked(self, why: str) -> NotLooked:
        return NotLooked(phrase("{host}: {why}", host=self._host, why=phrase(why)))


def _read(body: bytes, at: float, etag: str, url: str, fixed: bool) -> _Got:
    try:
        return _Got(read_object(body), Held.of(body, at, etag, url, fixed=fixed))
    except ValueError:
        raise Again(phrase("the answer is not the JSON it should be")) from None


def _until(reset: str) -> float:
    """Seconds until the moment (Unix time) the rate limit ends; a minute where GitHub does not tell, as it advises."""
    return max(1.0, int(reset[:12]) - time.time()) if reset.isascii() and reset.isdigit() else 60.0


def _paths(tree: object) -> tuple[list[str], bool]:
    """The paths in a tree, folders with a ``/`` at the end, and whether there were too many to keep."""
    if not isinstance(tree, list):
        raise TypeError(phrase("the list of files does not have the shape of one"))
    paths = []
    for entry in tree:
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str):
            raise TypeError(phrase("the list of files does not have the shape of one"))
        paths.append(f"{path}/" if entry.get("type") == "tree" else path)
    return paths[:MAX_PATHS], len(paths) > MAX_PATHS
