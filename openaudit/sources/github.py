"""GitHub as a source of code: is the repository there, what licence did GitHub detect, which files does it hold?

Two questions a repository; with a token a third, for the commit, so that links can be pinned (without one GitHub
answers sixty questions an hour, and thirty repositories tell more than twenty pinned ones). What GitHub refuses for
now (its rate limit, an unusable token, a failure) is ``NotLooked``, never ``MISSING``.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import closing
from threading import Event
from typing import Any, NoReturn
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.auth import AuthBase

from openaudit import __version__
from openaudit.errors import UsageError
from openaudit.evidence import MISSING, CodeRepo, LookedCode, NotLooked
from openaudit.sources.wire import (
    PATIENT,
    Again,
    GaveUp,
    Once,
    Patience,
    TooLarge,
    now,
    one_line,
    persist,
    read_body,
    read_object,
    retry_after,
)

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


class _NoLogin(AuthBase):
    """Adds nothing. With an ``auth`` set, requests does not look for a password in ``~/.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: asked not to follow, requests would still read the whole answer to prepare for it."""


class GitHub:
    """Looks code repositories up. ``api`` defaults to GITHUB_API_URL, ``token`` to GITHUB_TOKEN.

    After a rate limit nothing is asked until it ends, and after a refused token nothing at all: every further
    answer is ``NotLooked`` at once. May be used from several threads.
    """

    def __init__(self, api: str | None = None, token: str | None = None, *, patience: Patience = PATIENT) -> None:
        self._api = (api or os.environ.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/")
        if urlsplit(self._api).scheme not in ("http", "https") or not urlsplit(self._api).hostname:
            raise UsageError("GitHub's address has to be an http(s) address (GITHUB_API_URL)")
        self._host = urlsplit(self._api).netloc
        self._token = token or os.environ.get("GITHUB_TOKEN") or None
        self._patience = patience
        self._stop = Event()
        self._silent: tuple[float, str] = (0.0, "")  # until when (monotonic) nothing is asked, and why
        self._known: Once[LookedCode] = Once(lambda answer: not isinstance(answer, NotLooked))
        self._session = _Session()
        self._session.auth = _NoLogin()

    def close(self) -> None:
        """End every pause and close the connections."""
        self._stop.set()
        self._session.close()

    def code(self, id: str) -> LookedCode:
        """The repository ``owner/name``, under the name it has today."""
        if not _ID.fullmatch(id):
            return NotLooked("not a valid GitHub id")
        return self._known.get(id.lower(), lambda: self._look(id))

    def _look(self, id: str) -> LookedCode:
        try:
            repo = self._ask(f"/repos/{id}", MAX_REPO)
            branch, name = repo.get("default_branch"), repo.get("full_name")
            if not isinstance(name, str) or not _ID.fullmatch(name) or not isinstance(branch, str):
                return NotLooked(f"{self._host}: the answer does not have the shape of a repository")
            found = repo.get("license")
            spdx = found.get("spdx_id") if isinstance(found, dict) else None
            info: dict[str, Any] = {
                "full_name": name,
                "license": {"spdx_id": spdx} if isinstance(spdx, str) else None,
                "archived": repo.get("archived") is True,
            }
            at = branch
            if self._token:
                head = self._ask(f"/repos/{name}/git/ref/heads/{quote(branch)}", MAX_REPO, empty={}).get("object")
                commit = head.get("sha") if isinstance(head, dict) else None
                if isinstance(commit, str) and _SHA.fullmatch(commit):
                    at = info["sha"] = commit
            tree = self._ask(f"/repos/{name}/git/trees/{quote(at, safe='')}?recursive=1", MAX_TREE, empty={"tree": []})
            info["tree"], cut = _paths(tree.get("tree"))
        except _Answered as settled:
            return settled.answer
        except TypeError as error:
            return NotLooked(f"{self._host}: {error}")
        if cut or tree.get("truncated") is True:
            info["truncated"] = True
        return CodeRepo(name, info, now())

    def _ask(self, path: str, limit: int, empty: dict[str, Any] | None = None) -> dict[str, Any]:
        """One JSON answer. ``empty`` stands for it where GitHub says the repository holds nothing yet."""
        until, why = self._silent
        if time.monotonic() < until:
            raise _Answered(NotLooked(why))
        try:
            return persist(lambda deadline: self._attempt(path, limit, empty, deadline), self._patience, self._stop)
        except GaveUp as given_up:
            raise _Answered(NotLooked(f"{self._host}: {given_up.why}")) from None
        except TooLarge:
            raise _Answered(NotLooked(f"{self._host}: the answer is larger than {limit >> 20} MiB")) from None

    def _attempt(self, path: str, limit: int, empty: dict[str, Any] | None, deadline: float) -> dict[str, Any]:
        url = self._api + path
        for _ in range(_HOPS):
            try:
                with closing(self._open(url, deadline)) as response:
                    status = response.status_code
                    if status == 409 and empty is not None:
                        return empty
                    if status not in (200, 301, 302, 307, 308):
                        self._refuse(response, at_all=empty is None)
                    body = read_body(response.iter_content(1 << 16), limit, deadline)
            except requests.Timeout:
                raise Again(f"no answer within {self._patience.timeout:.3g} s") from None
            except requests.exceptions.ProxyError:
                raise Again("the proxy refused") from None
            except requests.exceptions.ConnectionError:
                raise Again("no connection, or it broke off") from None
            except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
                raise Again("the connection broke off") from None
            except (requests.RequestException, UnicodeEncodeError):  # not even sent; the words may hold the token
                raise GaveUp("the request cannot be made: check GITHUB_TOKEN and the proxy settings") from None
            try:
                if status == 200:
                    return read_object(body)
                url = urljoin(url, response.headers.get("Location", ""))
                home = urlsplit(url)[:2] == urlsplit(self._api)[:2]
            except ValueError:
                raise Again("the answer is not the JSON it should be") from None
            if not home:
                raise GaveUp("it redirects to another host")
        raise GaveUp(f"more than {_HOPS - 1} redirects")

    def _open(self, url: str, deadline: float) -> requests.Response:
        headers = {"Accept": "application/vnd.github+json", "User-Agent": f"openaudit/{__version__}"}
        if self._token:  # every URL that comes here is on the API's own host
            headers["Authorization"] = f"Bearer {self._token}"
        patience = min(self._patience.timeout, max(0.001, deadline - time.monotonic()))
        return self._session.get(url, headers=headers, timeout=patience, stream=True, allow_redirects=False)

    def _refuse(self, response: requests.Response, at_all: bool) -> NoReturn:
        """Say what an answer other than 200 means. Always raises. ``at_all``: the repository itself was asked for."""
        status, after = response.status_code, retry_after(response.headers)
        if status == 404 and at_all:
            raise _Answered(MISSING)
        if status == 401:
            self._silent = (float("inf"), f"{self._host} does not accept the token (GITHUB_TOKEN)")
            raise _Answered(NotLooked(self._silent[1]))
        spent = after is not None or response.headers.get("X-RateLimit-Remaining") == "0"
        if status == 429 or (status == 403 and spent):
            wait = after if after is not None else _until(response.headers.get("X-RateLimit-Reset", ""))
            hint = "" if self._token else "; GITHUB_TOKEN raises it"
            self._silent = (time.monotonic() + wait, f"the rate limit of {self._host} is used up{hint}")
            raise _Answered(NotLooked(self._silent[1]))
        if status >= 500 or status == 408:
            raise Again(f"it answers {status}", after)
        reason = one_line(response.reason or "no reason", 80)
        raise _Answered(NotLooked(f"{self._host}: it answers {status} ({reason})"))


def _until(reset: str) -> float:
    """Seconds until the moment (Unix time) the rate limit ends; a minute where GitHub does not tell, as it advises."""
    return max(1.0, int(reset[:12]) - time.time()) if reset.isascii() and reset.isdigit() else 60.0


def _paths(tree: object) -> tuple[list[str], bool]:
    """The paths in a tree, folders with a ``/`` at the end, and whether there were too many to keep."""
    if not isinstance(tree, list):
        raise TypeError("the list of files does not have the shape of one")
    paths = []
    for entry in tree:
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str):
            raise TypeError("the list of files does not have the shape of one")
        paths.append(f"{path}/" if entry.get("type") == "tree" else path)
    return paths[:MAX_PATHS], len(paths) > MAX_PATHS
