"""One question to the Hub: answered from the cache, or sent with huggingface_hub's session and headers.

What is sent is bounded, repeated where that may help, and only confirmed where the cache holds the answer. What comes
back is bytes, a JSON object, or a ``Refusal`` that says in plain words why not.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from importlib import import_module
from threading import Lock
from typing import Any, Generic, Literal, NamedTuple, NoReturn, TypeVar, get_args
from urllib.parse import urljoin, urlsplit

from huggingface_hub import constants, errors, get_session, hf_raise_for_status
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented there, yet not in __all__

from openaudit import __version__
from openaudit.errors import UsageError
from openaudit.saying import as_data, figure, from_data, phrase
from openaudit.sources import MAX_BYTES
from openaudit.sources.cache import Cache
from openaudit.sources.store import Held, place
from openaudit.sources.traffic import Again, GaveUp, OutOfTime, Patience, Quota, Traffic, persist
from openaudit.sources.wire import Told, TooLarge, one_line, read_body, read_object, retry_after

# The library speaks through httpx (1.x) or httpx2 (2.x). Errors have to be caught from the one it uses.
_httpx: Any = import_module(errors.HfHubHTTPError.__mro__[1].__module__.partition(".")[0])
_OPENING = Lock()  # older versions of the library open a session for each thread that asks for the first

T = TypeVar("T")

MAX_INFO = 64 << 20  # the JSON of the largest repositories (100,000 files) is about 30 MiB
TOO_LARGE = phrase("larger than {n} MiB", n=MAX_BYTES >> 20)
_UNUSABLE = phrase("the request cannot be made: check HF_TOKEN, HF_ENDPOINT and the proxy settings")
_HOPS = 5
_LEFT = re.compile(r"\br\s*=\s*(\d{1,9})\s*;\s*t\s*=\s*(\d{1,9})")
_WINDOW = re.compile(r"\bw\s*=\s*(\d{1,9})")
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})

Reason = Literal[
    "missing", "invalid", "revision", "entry", "gated", "disabled", "token", "offline", "large", "time", "other"
]
_LASTING = frozenset(get_args(Reason)) - {"offline", "time", "other"}


class Refusal(Exception):
    """A final answer that is not what was asked for: of what kind, and ``why`` in plain words."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason = reason
        self.why = why

    @property
    def lasts(self) -> bool:
        """Whether asking again a moment later would change nothing."""
        return self.reason in _LASTING


class _Got(NamedTuple, Generic[T]):
    """What an attempt brought: the answer, what the cache is to hold of it, and the address it came from in the end."""

    value: T
    held: Held
    url: str


class HubClient:
    """Asks one endpoint. ``host`` is what messages call it; ``offline`` means that nothing is ever sent."""

    def __init__(
        self,
        endpoint: str | None,
        token: str | None,
        *,
        patience: Patience,
        traffic: Traffic,
        cache: Cache,
        offline: bool = False,
    ) -> None:
        asked = endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
        self.endpoint, self.host, self._origin = _address(asked)
        # The library reads the variable when it is imported, which may have been long ago.
        set_since = os.environ.get("HF_HUB_OFFLINE", "").upper() in constants.ENV_VARS_TRUE_VALUES
        self.offline = offline or constants.HF_HUB_OFFLINE or set_since
        self._token = token
        self._patience = patience
        self._traffic = traffic
        self._cache = cache
        self._headers: dict[str, str] | None = None
        self._lock = Lock()
        self._quotas = {"api": Quota(), "files": Quota()}  # the Hub counts the two apart

    def json(self, path: str, commit: str = "") -> Told[dict[str, Any]]:
        """The JSON object at a path. ``commit``: it can never change. Raises Refusal."""

        def parse(body: bytes) -> dict[str, Any]:
            try:
                return read_object(body)
            except ValueError:  # cut off, or the page of a proxy: the next try may bring the answer
                raise Again(phrase("the answer is not the JSON it should be")) from None

        return self._ask(path, MAX_INFO, parse, commit)

    def file(self, path: str, commit: str = "") -> Told[bytes]:
        """The bytes at a path, at most MAX_BYTES of them. ``commit``: they can never change. Raises Refusal."""
        return self._ask(path, MAX_BYTES, bytes, commit)

    def _ask(self, path: str, limit: int, parse: Callable[[bytes], T], commit: str = "") -> Told[T]:
        name = self._name(path)
        if refused := _remembered(self._cache.refusal(name)):
            raise refused
        known = self._known(path, name, limit, parse)
        if known and (self.offline or self._cache.fresh(known.held) or (commit and known.held.fixed)):
            return Told(known.value, known.held.at)
        if self.offline:
            raise Refusal("offline", phrase("offline, and not in the cache"))
        try:
            got = persist(
                lambda deadline: self._attempt(path, limit, parse, commit, known, deadline),
                self._patience,
                self._traffic,
                self._quota(path),
            )
        except OutOfTime as late:
            raise Refusal("time", late.why) from None
        except GaveUp as given_up:
            raise Refusal("other", self._from_host(given_up.why)) from None
        except TooLarge:
            why = TOO_LARGE if limit == MAX_BYTES else phrase("larger than {n} MiB", n=limit >> 20)
            self._refused(name, too_large := Refusal("large", why))
            raise too_large from None
        except Refusal as refusal:
            if refusal.lasts:
                self._refused(name, refusal)
            raise
        self._cache.keep(name, got.held, known.held if known else None)
        today = got.url.removeprefix(self.endpoint)
        if today not in (path, got.url):  # renamed: the next may ask for it by the name of today
            self._cache.keep(self._name(today), got.held)
        return Told(got.value, got.held.at)

    def _refused(self, name: bytes, refusal: Refusal) -> None:
        self._cache.refuse(name, json.dumps([refusal.reason, as_data(refusal.why)]))

    def _name(self, path: str) -> bytes:
        """What an answer is held under: it may be another one for each token."""
        token = self._own_headers().get("authorization", "")
        return "\0".join((self.endpoint, token, path)).encode("utf-8", "surrogatepass")

    def _known(self, path: str, name: bytes, limit: int, parse: Callable[[bytes], T]) -> _Got[T] | None:
        """What the cache holds for a path, if it is still an answer today: the version before may have read others."""
        held = self._cache.find(name)
        try:
            return _Got(parse(held.body(limit)), held, self.endpoint + path) if held else None
        except Again:
            return None

    def _quota(self, path: str) -> Quota:
        return self._quotas["api" if path.startswith("/api/") else "files"]

    def _attempt(
        self, path: str, limit: int, parse: Callable[[bytes], T], commit: str, known: _Got[T] | None, deadline: float
    ) -> Callable[[], _Got[T]]:
        """What makes the answer of what the Hub sends."""
        url, told_commit = self.endpoint + path, ""
        for _ in range(_HOPS):
            mark = known.held.etag if known and known.held.place == place(url) else ""
            with self._open(url, deadline, mark) as response:
                self._heed(response, path)
                if _origin(url) == self._origin:
                    told_commit = response.headers.get("X-Repo-Commit", told_commit)
                if response.status_code == 304 and known and mark:
                    _use_up(response, deadline)
                    confirmed = known._replace(held=known.held._replace(at=time.time()), url=url)
                    return lambda: confirmed
                if response.status_code == 200:
                    body = read_body(response.iter_bytes(), limit, deadline)
                    # Only the Hub itself says which commit a file is of: the page of a proxy is not kept for good.
                    fixed = bool(commit) and told_commit == commit
                    etag, at, came_from = response.headers.get("ETag", ""), time.time(), url
                    return lambda: _Got(parse(body), Held.of(body, at, etag, came_from, fixed=fixed), came_from)
                target: str = response.headers.get("Location", "")
                if not (300 <= response.status_code < 400 and target):
                    self._refuse(response, deadline)
                _use_up(response, deadline)
            url = _next(url, target)
            if url.startswith(f"{self.endpoint}/api/"):  # renamed: perhaps it was asked for by the name of today
                today = url.removeprefix(self.endpoint)
                known = self._known(today, self._name(today), limit, parse) or known
                if known and known.held.place == place(url) and self._cache.fresh(known.held):
                    held = known._replace(url=url)
                    return lambda: held
        raise Refusal("other", self._from_host(phrase("more than {n} redirects", n=_HOPS)))

    def _heed(self, response: Any, path: str) -> None:
        """Take in what the Hub says of how many more questions it will answer."""
        if told := _LEFT.search(response.headers.get("RateLimit", "")):
            self._quota(path).told(int(told[1]), float(told[2]))

    @contextmanager
    def _open(self, url: str, deadline: float, mark: str) -> Iterator[Any]:
        """One streamed request. Redirects are followed by hand: the token goes to the endpoint and nowhere else."""
        patience = min(self._patience.timeout, max(0.001, deadline - time.monotonic()))
        headers = self._headers_for(url) | ({"If-None-Match": mark} if mark else {})
        try:
            with _OPENING:
                client = get_session()
            request = client.build_request("GET", url, headers=headers, timeout=patience)
        except (_httpx.InvalidURL, ValueError, ImportError):  # ImportError: a SOCKS proxy without its package
            # Not quoted: the original words may hold the token, or the password of a proxy.
            raise Refusal("other", _UNUSABLE) from None
        try:
            with closing(client.send(request, stream=True, follow_redirects=False)) as response:
                yield response
        except errors.OfflineModeIsEnabled:
            raise Refusal("offline", phrase("offline")) from None
        except _httpx.TimeoutException:
            raise Again(phrase("no answer within {n} s", n=figure(f"{patience:.3g}"))) from None
        except _httpx.ProxyError as error:
            raise Again(phrase("the proxy refused ({error})", error=self._clean(error))) from None
        except _httpx.ConnectError as error:
            raise Again(phrase("no connection ({error})", error=self._clean(error))) from None
        except (_httpx.NetworkError, _httpx.RemoteProtocolError):
            raise Again(phrase("the connection broke off")) from None
        except _httpx.DecodingError:
            raise Again(phrase("the answer is garbled")) from None
        except _httpx.HTTPError:  # what is left concerns the request, such as a line break in the token
            raise Refusal("other", _UNUSABLE) from None

    def _headers_for(self, url: str) -> dict[str, str]:
        headers = self._own_headers()
        if _origin(url) != self._origin:
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        return headers

    def _own_headers(self) -> dict[str, str]:
        """For the endpoint itself; with the token, if there is one."""
        with self._lock:
            if self._headers is None:  # late, because finding the token may read files and the network
                try:
                    self._headers = build_hf_headers(
                        token=self._token, library_name="openaudit", library_version=__version__
                    )
                except (OSError, getattr(errors, "OIDCError", OSError)):
                    raise Refusal("token", phrase("the token cannot be read: log in again")) from None
            return self._headers

    def _refuse(self, response: Any, deadline: float) -> NoReturn:
        """Say what an answer other than 200 means. Always raises."""
        status, message = response.status_code, one_line(response.headers.get("X-Error-Message", ""))
        # First, because the library would read the body whole, however long, to quote it.
        whole = _use_up(response, deadline)
        if status in _RETRIED:
            after = retry_after(response.headers)
            if status == 429:
                after = _reset(response.headers) if after is None else after
                why = phrase("it answers 429 (rate limit)")
                if after:
                    why = phrase("it answers 429 (rate limit, wait {n} s)", n=f"{after:.0f}")
                raise Again(why, after, spent=True)
            raise Again(phrase("it answers {status}", status=status), after)
        try:
            if whole:
                hf_raise_for_status(response)
        except errors.GatedRepoError:  # before its base, RepositoryNotFoundError
            raise Refusal("gated", phrase("gated: only those who were let in can read it")) from None
        except errors.DisabledRepoError:
            raise Refusal("disabled", phrase("the Hub has disabled it")) from None
        except errors.RevisionNotFoundError:
            raise Refusal("revision", phrase("no such revision")) from None
        except errors.RepositoryNotFoundError:
            raise Refusal("missing", phrase("does not exist, or is private")) from None
        except errors.EntryNotFoundError:
            raise Refusal("entry", phrase("listed, but not there")) from None
        except errors.HfHubHTTPError:
            pass
        if status == 401 and message.startswith("Invalid credentials"):
            raise Refusal("token", phrase("{host} does not accept the token", host=self.host))
        if status == 401:  # the library knows this answer to those without a token only over https
            raise Refusal("missing", phrase("does not exist, or is private"))
        why = phrase("it answers {status}", status=status)
        if message:
            why = phrase("it answers {status} ({reason})", status=status, reason=self._clean(message))
        raise Refusal("other", self._from_host(why))

    def _from_host(self, why: str) -> str:
        return phrase("{host}: {why}", host=self.host, why=why)

    def _clean(self, error: object) -> str:
        token = (self._headers or {}).get("authorization", "").removeprefix("Bearer ")
        text = one_line(str(error)) or phrase("no reason given")
        return text.replace(token, "***") if token else text


def _remembered(refused: str | None) -> Refusal | None:
    """A refusal that the cache holds; ``None`` where what it holds is none."""
    try:
        reason, why = json.loads(refused or "null")
        return Refusal(reason, phrase(from_data(why))) if reason in _LASTING else None
    except (TypeError, ValueError):
        return None


def _use_up(response: Any, deadline: float) -> bool:
    """Read an answer to its end, so that its connection can be used again; False if it is too long for that."""
    try:
        read_body(response.iter_bytes(), MAX_BYTES, deadline)
    except TooLarge:
        return False
    return True


def _reset(headers: Mapping[str, str]) -> float | None:
    """The seconds after which the Hub answers again: what is left of the window, or the length of a whole one."""
    left = _LEFT.search(headers.get("RateLimit", ""))
    if left and left[1].strip("0") == "":
        return float(left[2])
    window = _WINDOW.search(headers.get("RateLimit-Policy", ""))
    return float(window[1]) if window else None


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _next(url: str, location: str) -> str:
    """Where a redirect leads. The question's ``?blobs=true`` goes along; from https never back to http."""
    was = urlsplit(url)
    try:
        target = urljoin(url, location)
        will, scheme = urlsplit(target), _origin(target)[0]
    except ValueError:
        target, will, scheme = "", was, ""
    if scheme not in ("http", "https") or (was.scheme == "https" and scheme == "http"):
        raise Refusal("other", phrase("a redirect leads to an address that is not safe to follow"))
    if was.query and not will.query and will.path.startswith("/api/"):
        target = f"{target}?{was.query}"
    return target


def _address(endpoint: str) -> tuple[str, str, tuple[str, str, int | None]]:
    """An endpoint without its last slash, how to call it in messages, and its origin."""
    try:
        parts, origin = urlsplit(endpoint.rstrip("/")), _origin(endpoint)
    except ValueError:
        parts, origin = urlsplit(""), ("", "", None)
    if origin[0] not in ("http", "https") or not origin[1] or "@" in parts.netloc or parts.query or parts.fragment:
        # Not quoted whole: what does not parse may hold a password.
        raise UsageError("the Hub's endpoint has to be an http(s) address without user name or query (HF_ENDPOINT)")
    return endpoint.rstrip("/"), parts.netloc, origin
