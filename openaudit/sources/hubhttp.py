"""One question to the Hub: sent with huggingface_hub's session and headers, bounded, repeated where that may help.

What comes back is bytes, a JSON object, or a ``Refusal`` that says in plain words why not.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from threading import Event, Lock
from typing import Any, Literal, NoReturn, TypeVar
from urllib.parse import urljoin, urlsplit

from huggingface_hub import constants, errors, get_session, hf_raise_for_status
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented there, yet not in __all__

from openaudit import __version__
from openaudit.errors import UsageError
from openaudit.sources import MAX_BYTES
from openaudit.sources.wire import (
    Again,
    GaveUp,
    Patience,
    TooLarge,
    one_line,
    persist,
    read_body,
    read_object,
    retry_after,
)

# The library speaks through httpx (1.x) or httpx2 (2.x). Errors have to be caught from the one it uses.
_httpx: Any = import_module(errors.HfHubHTTPError.__mro__[1].__module__.partition(".")[0])

T = TypeVar("T")

MAX_INFO = 64 << 20  # the JSON of the largest repositories (100,000 files) is about 30 MiB
TOO_LARGE = f"larger than {MAX_BYTES >> 20} MiB"
_UNUSABLE = "the request cannot be made: check HF_TOKEN, HF_ENDPOINT and the proxy settings"
_HOPS = 5
_RESET = re.compile(r"\br\s*=\s*0\s*;\s*t\s*=\s*(\d{1,9})")
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})

Reason = Literal["missing", "invalid", "revision", "entry", "gated", "disabled", "token", "offline", "large", "other"]


class Refusal(Exception):
    """A final answer that is not what was asked for: of what kind, and ``why`` in plain words."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason = reason
        self.why = why

    @property
    def lasts(self) -> bool:
        """Whether asking again a moment later would change nothing."""
        return self.reason != "other"


class HubClient:
    """Asks one endpoint. ``host`` is what messages call it; ``offline`` means that nothing is ever sent."""

    def __init__(self, endpoint: str | None, token: str | None, patience: Patience) -> None:
        asked = endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
        self.endpoint, self.host, self._origin = _address(asked)
        # The library reads the variable when it is imported, which may have been long ago.
        set_since = os.environ.get("HF_HUB_OFFLINE", "").upper() in constants.ENV_VARS_TRUE_VALUES
        self.offline = constants.HF_HUB_OFFLINE or set_since
        self._token = token
        self._patience = patience
        self._headers: dict[str, str] | None = None
        self._lock = Lock()
        self._closed = Event()
        self._quiet: dict[str, float] = {}  # part of the Hub's quota → when it may be asked again (monotonic)

    def close(self) -> None:
        """End every pause: what is under way gives up instead of asking again. huggingface_hub's session stays."""
        self._closed.set()

    def json(self, path: str) -> dict[str, Any]:
        """The JSON object at a path. Raises Refusal."""

        def parse(body: bytes) -> dict[str, Any]:
            try:
                return read_object(body)
            except ValueError:  # cut off, or the page of a proxy: the next try may bring the answer
                raise Again("the answer is not the JSON it should be") from None

        return self._ask(path, MAX_INFO, parse)

    def file(self, path: str) -> bytes:
        """The bytes at a path, at most MAX_BYTES of them. Raises Refusal."""
        return self._ask(path, MAX_BYTES, bytes)

    def _ask(self, path: str, limit: int, parse: Callable[[bytes], T]) -> T:
        if self.offline:
            raise Refusal("offline", "offline")
        try:
            return persist(lambda deadline: parse(self._attempt(path, limit, deadline)), self._patience, self._closed)
        except GaveUp as given_up:
            raise Refusal("other", f"{self.host}: {given_up.why}") from None
        except TooLarge:
            raise Refusal("large", TOO_LARGE if limit == MAX_BYTES else f"larger than {limit >> 20} MiB") from None

    def _attempt(self, path: str, limit: int, deadline: float) -> bytes:
        quota = "api" if path.startswith("/api/") else "files"  # the Hub counts the two apart
        pause = self._quiet.get(quota, 0.0) - time.monotonic()
        if pause > 0 and (time.monotonic() + pause >= deadline or self._closed.wait(pause)):
            raise GaveUp(f"it asked to be left alone for {pause:.0f} s more (rate limit)")
        url = self.endpoint + path
        for _ in range(_HOPS):
            with self._open(url, deadline) as response:
                if response.status_code == 200:
                    return read_body(response.iter_bytes(), limit, deadline)
                target: str = response.headers.get("Location", "")
                if not (300 <= response.status_code < 400 and target):
                    self._refuse(response, quota, deadline)
                with suppress(TooLarge):  # a connection whose answer was read to its end can be used again
                    read_body(response.iter_bytes(), MAX_BYTES, deadline)
            url = _next(url, target)
        raise Refusal("other", f"{self.host}: more than {_HOPS} redirects")

    @contextmanager
    def _open(self, url: str, deadline: float) -> Iterator[Any]:
        """One streamed request. Redirects are followed by hand: the token goes to the endpoint and nowhere else."""
        patience = min(self._patience.timeout, max(0.001, deadline - time.monotonic()))
        headers = self._headers_for(url)
        try:
            client = get_session()
            request = client.build_request("GET", url, headers=headers, timeout=patience)
        except (_httpx.InvalidURL, ValueError, ImportError):  # ImportError: a SOCKS proxy without its package
            # Not quoted: the original words may hold the token, or the password of a proxy.
            raise Refusal("other", _UNUSABLE) from None
        try:
            with closing(client.send(request, stream=True, follow_redirects=False)) as response:
                yield response
        except errors.OfflineModeIsEnabled:
            raise Refusal("offline", "offline") from None
        except _httpx.TimeoutException:
            raise Again(f"no answer within {patience:.3g} s") from None
        except _httpx.ProxyError as error:
            raise Again(f"the proxy refused ({self._clean(error)})") from None
        except _httpx.ConnectError as error:
            raise Again(f"no connection ({self._clean(error)})") from None
        except (_httpx.NetworkError, _httpx.RemoteProtocolError):
            raise Again("the connection broke off") from None
        except _httpx.DecodingError:
            raise Again("the answer is garbled") from None
        except _httpx.HTTPError:  # what is left concerns the request, such as a line break in the token
            raise Refusal("other", _UNUSABLE) from None

    def _headers_for(self, url: str) -> dict[str, str]:
        with self._lock:
            if self._headers is None:  # late, because finding the token may read files and the network
                try:
                    self._headers = build_hf_headers(
                        token=self._token, library_name="openaudit", library_version=__version__
                    )
                except (OSError, getattr(errors, "OIDCError", OSError)):
                    raise Refusal("token", "the token cannot be read: log in again") from None
            headers = dict(self._headers)
        if _origin(url) != self._origin:
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        return headers

    def _refuse(self, response: Any, quota: str, deadline: float) -> NoReturn:
        """Say what an answer other than 200 means. Always raises."""
        status, message = response.status_code, one_line(response.headers.get("X-Error-Message", ""))
        if status in _RETRIED:
            after = retry_after(response.headers)
            if status == 429:
                spent = _RESET.search(response.headers.get("RateLimit", ""))
                after = float(spent[1]) if spent and after is None else after
                self._quiet[quota] = time.monotonic() + (after or 0.0)
                raise Again(f"it answers 429 (rate limit{f', wait {after:.0f} s' if after else ''})", after)
            raise Again(f"it answers {status}", after)
        try:
            # The body is used up first: the library would read it whole, however long, to quote it.
            read_body(response.iter_bytes(), MAX_BYTES, deadline)
            hf_raise_for_status(response)
        except TooLarge:
            pass
        except errors.GatedRepoError:  # before its base, RepositoryNotFoundError
            raise Refusal("gated", "gated: only those who were let in can read it") from None
        except errors.DisabledRepoError:
            raise Refusal("disabled", "the Hub has disabled it") from None
        except errors.RevisionNotFoundError:
            raise Refusal("revision", "no such revision") from None
        except errors.RepositoryNotFoundError:
            raise Refusal("missing", "does not exist, or is private") from None
        except errors.EntryNotFoundError:
            raise Refusal("entry", "listed, but not there") from None
        except errors.HfHubHTTPError:
            pass
        if status == 401 and message.startswith("Invalid credentials"):
            raise Refusal("token", f"{self.host} does not accept the token")
        if status == 401:  # the library knows this answer to those without a token only over https
            raise Refusal("missing", "does not exist, or is private")
        raise Refusal("other", f"{self.host}: it answers {status}{f' ({self._clean(message)})' if message else ''}")

    def _clean(self, error: object) -> str:
        token = (self._headers or {}).get("authorization", "").removeprefix("Bearer ")
        text = one_line(str(error)) or "no reason given"
        return text.replace(token, "***") if token else text


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
        raise Refusal("other", "a redirect leads to an address that is not safe to follow")
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
