"""A double of the Hub and of GitHub's API: a real HTTP server on loopback, for tests, rehearsals and benchmarks.

    with HubDouble(Path("snapshot")) as double:                     # a saved snapshot, or …
    with HubDouble({"models/o/n/info.json": {...}, "models/o/n/files/README.md": "# n"}) as double:
        double.fault("/api/models/o/n", status=503, times=2)        # the first two answers
        HubSource(double.url), GitHub(double.url)
        assert double.count("/api/models/o/n") == 3

Both kinds of store have the layout of a saved snapshot, and JSON is served as it is stored. Known revisions are
``main``, the sha in ``info.json``, and the branches and tags in ``refs.json`` with their commits; all serve the same
files. Where a store holds no ``refs.json`` the answer is 404, because there is nothing true to say.

What it answers like the Hub: X-Error-Code and X-Error-Message; 401 for what is unknown to those without a token and
404 to those with one; 401 or 403 for files of gated repositories (all but README.md); 307 for renamed repositories;
304 to an If-None-Match with the ETag of what it would answer. Who is let in is told by ``tokens``: {token: whether it
may read gated and private repositories}. With a ``quota`` of (requests, seconds) it counts as the Hub does, for its API
and for files apart, says so in RateLimit and RateLimit-Policy, and answers 429 to those who do not listen.

``ProxyDouble`` is a forward proxy: it sends every request on to one server, whatever its host is called.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_API = re.compile(r"/api/(models|datasets)/([^/]+(?:/[^/]+)??)(?:/(refs)|/(treesize|revision)/([^/]+))?")
_FILE = re.compile(r"/(?:(datasets)/)?([^/]+(?:/[^/]+)??)/resolve/([^/]+)/(.+)")
_CODE = re.compile(r"/repos/([^/]+/[^/]+)(?:/(git/ref/heads|git/trees)/([^/]+))?")
_BRANCH = "main"


@dataclass
class Fault:
    """What is answered instead of the truth, for the next ``times`` requests (``None``: for all).

    ``status``/``headers``/``body`` are an answer; ``cut`` sends only so many bytes of it and hangs up; ``reset``
    hangs up without any; ``delay`` waits before, ``drip`` before every single byte (seconds). Without a status the
    truth is told, cut, slowed or delayed. ``every`` spares all requests but each n-th, ``share`` strikes that part of
    them by chance (always the same).
    """

    status: int | None = None
    times: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    reset: bool = False
    delay: float = 0.0
    drip: float = 0.0
    every: int = 1
    share: float = 1.0
    met: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(0))

    def strikes(self) -> bool:
        """Whether the next request gets it."""
        self.met += 1
        if self.times == 0 or self.met % self.every or self.chance.random() >= self.share:
            return False
        self.times = None if self.times is None else self.times - 1
        return True


@dataclass
class Request:
    """One request that was received. ``path`` is decoded and without the query; ``raw`` is as sent.

    ``status`` is that of the answer (0: none was given), which was sent at ``done``.
    """

    path: str
    raw: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    at: float
    status: int = 0
    done: float = float("inf")


@dataclass
class _Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class HubDouble:
    """Serves until closed. ``latency`` (seconds) delays every answer. Safe to ask from many threads."""

    def __init__(
        self,
        store: Path | Mapping[str, Any],
        *,
        tokens: Mapping[str, bool] | None = None,
        latency: float = 0.0,
        host: str = "127.0.0.1",
        quota: tuple[int, float] | None = None,
        etags: bool = True,
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.max_in_flight = 0
        self.latency = latency
        self.etags = etags
        self._quota = quota
        self._windows: dict[str, tuple[float, int]] = {}  # of each bucket: when it ends, and what was asked in it
        self._store = store
        self._tokens = dict(tokens or {})
        self._faults: dict[str, list[Fault]] = {}
        self._in_flight = 0
        self._lock = threading.Lock()
        self._server = _Server((host, 0), self)
        self.url = f"http://{host}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def __enter__(self) -> HubDouble:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # ------------------------------------------------------------------ for tests

    def fault(self, path: str, **what: Any) -> None:
        """Answer a path (decoded, without query; ``*`` for every path) with a ``Fault``. Several follow each other."""
        with self._lock:
            self._faults.setdefault(path, []).append(Fault(**what))

    def count(self, path: str | None = None) -> int:
        """How often a path was asked for; all requests without one."""
        with self._lock:
            return sum(path in (None, request.path) for request in self.requests)

    def repeated(self) -> list[str]:
        """What was asked for more than once."""
        with self._lock:
            return [raw for raw, times in Counter(request.raw for request in self.requests).items() if times > 1]

    def statuses(self) -> Counter[int]:
        """How often each status was answered."""
        with self._lock:
            return Counter(request.status for request in self.requests)

    def depth(self) -> int:
        """How many requests waited for each other in a row. Means something with a latency that outlasts thinking."""
        deep: list[tuple[float, int]] = []  # when an answer was sent, and how many had to come before it
        with self._lock:
            for request in sorted(self.requests, key=lambda request: request.at):
                deep.append((request.done, 1 + max((d for done, d in deep if done <= request.at), default=0)))
        return max((d for _, d in deep), default=0)

    def forget(self) -> None:
        """Begin the log anew."""
        with self._lock:
            self.requests.clear()
            self.connections = self.max_in_flight = 0

    # ------------------------------------------------------------------ serving

    def connected(self) -> None:
        """Count one connection."""
        with self._lock:
            self.connections += 1

    def answer(self, handler: _Handler) -> None:
        """Record one request and answer it."""
        parts = urlsplit(handler.path)
        request = Request(
            unquote(parts.path), handler.path, parse_qs(parts.query), dict(handler.headers), time.monotonic()
        )
        with self._lock:
            self.requests.append(request)
            self._in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self._in_flight)
            fault = self._next_fault(request.path)
        try:
            time.sleep(self.latency + fault.delay)
            limits, spent = self._counted(request.path)
            if fault.status is not None:
                reply = _Reply(fault.status, fault.body, dict(fault.headers))
            elif spent:
                reply = _refusal(429, "", "Too many requests")
            else:
                reply = self._truth(parts.path, handler.headers.get("Authorization", ""))
            reply.headers |= limits
            if reply.status == 200 and self.etags:
                reply.headers["ETag"] = f'"{hashlib.sha1(reply.body).hexdigest()}"'
                if handler.headers.get("If-None-Match") == reply.headers["ETag"]:
                    reply = _Reply(304, headers=reply.headers)
            request.status = 0 if fault.reset else reply.status
            request.done = time.monotonic()
        finally:
            with self._lock:
                self._in_flight -= 1
        handler.send(reply, fault)

    def _next_fault(self, path: str) -> Fault:
        for faults in (self._faults.get(path, []), self._faults.get("*", [])):
            for fault in faults:
                if fault.strikes():
                    return fault
        return Fault()

    def _counted(self, path: str) -> tuple[dict[str, str], bool]:
        """Count a request against its quota: what the headers say of it, and whether it was one too many."""
        if self._quota is None:
            return {}, False
        (most, seconds), bucket = self._quota, "resolvers" if "/resolve/" in path else "api"
        with self._lock:
            now = time.monotonic()
            ends, used = self._windows.get(bucket, (0.0, 0))
            if now >= ends:
                ends, used = now + seconds, 0
            used += 1
            self._windows[bucket] = (ends, used)
        left, wait = max(0, most - used), int(ends - now) + 1
        policy = f'"fixed window";"{bucket}";q={most};w={seconds:.0f}'
        return {"RateLimit": f'"{bucket}";r={left};t={wait}', "RateLimit-Policy": policy}, used > most

    def _truth(self, path: str, authorization: str) -> _Reply:
        token = authorization.removeprefix("Bearer ")
        if code := _CODE.fullmatch(path):
            return self._code(code[1].lower(), code[2], unquote(code[3] or ""))
        if token and token not in self._tokens:
            return _refusal(401, "", "Invalid credentials in Authorization header")
        if api := _API.fullmatch(path):
            kind, id, refs, revision = api[1], unquote(api[2]), api[3], unquote(api[5] or "")
            moved = self._moved(kind, id)
            if moved:
                return _Reply(307, headers={"Location": path.replace(api[2], moved, 1)})
            info = self._info(kind, id, token)
            if isinstance(info, _Reply):
                return info
            if refs:
                found = self._json(f"{kind}/{id}/refs.json")
                return _refusal(404, "EntryNotFound", "Not recorded") if found is None else _json_reply(found)
            at = self._commit(kind, id, info, revision or _BRANCH)
            if at is None:
                return _refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            if api[4] == "treesize":
                sizes = [entry.get("size") or 0 for entry in info.get("siblings", ())]
                return _json_reply({"path": "", "size": info.get("mainSize", sum(sizes))})
            return _json_reply({**info, "sha": at} if at else info)
        if file := _FILE.fullmatch(path):
            return self._file(file[1] or "models", unquote(file[2]), unquote(file[3]), unquote(file[4]), token)
        return _Reply(404, b"Not found")

    def _info(self, kind: str, id: str, token: str) -> dict[str, Any] | _Reply:
        info = self._json(f"{kind}/{id}/info.json")
        if info is None or (info.get("private") is True and not self._tokens.get(token)):
            if token:
                return _refusal(404, "RepoNotFound", "Repository not found")
            return _refusal(401, "", "Invalid username or password.")
        if info.get("disabled") is True:
            return _refusal(403, "", "Access to this resource is disabled.")
        return info

    def _commit(self, kind: str, id: str, info: Mapping[str, Any], revision: str) -> str | None:
        """The commit of a revision; empty where the store names no commits, ``None`` for an unknown revision."""
        sha = str(info.get("sha") or "")
        if revision in (sha, _BRANCH):
            return sha
        refs = self._json(f"{kind}/{id}/refs.json") or {}
        named = {ref["name"]: str(ref["targetCommit"]) for group in refs.values() for ref in group}
        return named.get(revision) or (revision if revision in named.values() else None)

    def _file(self, kind: str, id: str, revision: str, name: str, token: str) -> _Reply:
        info = self._info(kind, id, token)
        if isinstance(info, _Reply):
            return info
        if self._commit(kind, id, info, revision) is None:
            return _refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if info.get("gated") and name != "README.md" and not self._tokens.get(token):
            return _refusal(403 if token else 401, "GatedRepo", f"Access to model {id} is restricted.")
        data = self._bytes(f"{kind}/{id}/files/{name}")
        if data is None:
            return _refusal(404, "EntryNotFound", "Entry not found")
        return _Reply(200, data, {"Content-Type": "text/plain", "X-Repo-Commit": revision})

    def _code(self, id: str, what: str | None, at: str) -> _Reply:
        renamed = (self._json("redirects.json") or {}).get("github", {}).get(id)
        if renamed:
            return _Reply(301, headers={"Location": f"/repos/{renamed}"})
        info = self._json(f"github/{id}.json")
        if info is None:
            return _Reply(404, b'{"message": "Not Found"}', {"Content-Type": "application/json"})
        if what is None:
            return _json_reply({**{k: v for k, v in info.items() if k != "tree"}, "default_branch": _BRANCH})
        if what == "git/ref/heads":
            sha = info.get("sha") or hashlib.sha1(id.encode()).hexdigest()
            return _json_reply({"ref": f"refs/heads/{at}", "object": {"sha": sha, "type": "commit"}})
        paths = [(name.rstrip("/"), name.endswith("/")) for name in info.get("tree", ())]
        tree = [{"path": path, "type": "tree" if folder else "blob"} for path, folder in paths]
        return _json_reply({"sha": "0" * 40, "tree": tree, "truncated": info.get("truncated") is True})

    # ------------------------------------------------------------------ the store

    def _moved(self, kind: str, id: str) -> str | None:
        found = (self._json("redirects.json") or {}).get(kind, {}).get(id)
        return None if found is None else str(found)

    def _bytes(self, path: str) -> bytes | None:
        if isinstance(self._store, Path):
            file = self._store / path
            if path.startswith("github/") and not file.is_file():  # GitHub does not tell cases apart
                file = next((p for p in self._store.glob("github/*/*.json") if _same(p, self._store, path)), file)
            inside = file.resolve().is_relative_to(self._store.resolve())
            return file.read_bytes() if inside and file.is_file() else None
        found = self._store.get(path)
        if found is None and path.startswith("github/"):
            found = next((value for key, value in self._store.items() if key.lower() == path.lower()), None)
        if found is None or isinstance(found, bytes):
            return found
        return (found if isinstance(found, str) else json.dumps(found)).encode()

    def _json(self, path: str) -> dict[str, Any] | None:
        data = self._bytes(path)
        return None if data is None else json.loads(data)


def _same(file: Path, root: Path, path: str) -> bool:
    return file.relative_to(root).as_posix().lower() == path.lower()


def _refusal(status: int, code: str, message: str) -> _Reply:
    headers = {"X-Error-Message": message, "Content-Type": "application/json"}
    if code:
        headers["X-Error-Code"] = code
    return _Reply(status, json.dumps({"error": message}).encode(), headers)


def _json_reply(value: object) -> _Reply:
    return _Reply(200, json.dumps(value).encode(), {"Content-Type": "application/json; charset=utf-8"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a handler that waits for the next request of a kept connection would hold this up
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], double: HubDouble) -> None:
        self.double = double
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up (it has read enough, or waited too long) is no error of the server's."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet
    timeout = 30
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.double.connected()

    def do_GET(self) -> None:
        self.server.double.answer(self)

    def send(self, reply: _Reply, fault: Fault) -> None:
        """Write a reply, or what a fault leaves of it."""
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in reply.headers:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        body = reply.body if fault.cut is None else reply.body[: fault.cut]
        if fault.drip:
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
                time.sleep(fault.drip)
        else:
            self.wfile.write(body)
        self.wfile.flush()
        if fault.cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: ``HubDouble.requests`` is the log."""


class ProxyDouble:
    """A forward proxy on loopback, for plain HTTP. ``asked`` lists the addresses it was asked for, whole."""

    def __init__(self, target: str) -> None:
        self.asked: list[str] = []
        proxy, host = self, urlsplit(target).netloc

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                proxy.asked.append(self.path)
                parts = urlsplit(self.path)
                onward = http.client.HTTPConnection(host, timeout=10)
                headers = {name: value for name, value in self.headers.items() if name.lower() != "proxy-connection"}
                onward.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path, headers=headers)
                answer = onward.getresponse()
                body = answer.read()
                onward.close()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "connection", "server", "date"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def __enter__(self) -> ProxyDouble:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
