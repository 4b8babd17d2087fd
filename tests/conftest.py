"""What every test stands on: no network but loopback, an environment of its own, and the shared fixtures."""

from __future__ import annotations

import ipaddress
import itertools
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:  # the browser group is installed for the browser tests only
    from playwright.sync_api import Browser, BrowserContext, Page, Route

ROOT = Path(__file__).resolve().parent.parent

_numbers = itertools.count()

# Proxies too: through one on loopback, a blocked connection would get out all the same.
_LEFT_OUT = ("HF_", "HUGGING", "GITHUB_", "GH_", "OPENAUDIT_", "SOURCE_DATE_EPOCH")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


# --------------------------------------------------------------------------- surroundings


def pytest_configure(config: pytest.Config) -> None:
    """Before any test module is imported: libraries read the environment when they are."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(time.tzset)
    config.add_cleanup(patch.undo)
    _surroundings(config, patch)
    _no_network(patch)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One more than there are cores: many tests wait for an answer, or for time to pass. Browsers do not wait."""
    return None if config.getoption("markexpr") == "browser" else (os.cpu_count() or 1) + 1


def _surroundings(config: pytest.Config, patch: pytest.MonkeyPatch) -> None:
    """Nobody's token, cache, language or clock. The zone is one that nobody lives in, so that local time shows."""
    for name in list(os.environ):
        if name.startswith(_LEFT_OUT) or name.lower() in _PROXIES:
            patch.delenv(name)
    home = tempfile.TemporaryDirectory(prefix="openaudit-tests-")
    config.add_cleanup(home.cleanup)
    patch.setenv("HF_HOME", home.name)
    patch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    patch.setenv("OPENAUDIT_CACHE_DIR", f"{home.name}/openaudit")
    patch.setenv("LC_ALL", "C")
    patch.setenv("TZ", "XXX-12:45")
    time.tzset()


def _is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _only_here(real: Callable[..., Any], host_of: Callable[..., object]) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        host = host_of(*args, **kwargs)
        if not _is_here(host):
            # Not an OSError: code that turns a network failure into "unreachable" would swallow it.
            pytest.fail(f"a test reached for the network: {host!r}. Serve it on 127.0.0.1, or replay a snapshot.")
        return real(*args, **kwargs)

    return guarded


def _peer(sock: socket.socket, *args: Any) -> object:
    """The host that a connect(address) or a sendto(data[, flags], address) is about."""
    address = args[-1]
    return address[0] if sock.family in (socket.AF_INET, socket.AF_INET6) else None


def _no_network(patch: pytest.MonkeyPatch) -> None:
    """Every connection and every look-up of a name outside this machine fails the test that made it."""
    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, _only_here(getattr(socket.socket, name), _peer))
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        patch.setattr(socket, name, _only_here(getattr(socket, name), lambda host, *_, **__: host))


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports are used again: without a cache of its own, a test would be told what another one's Hub said."""
    base = os.environ["OPENAUDIT_CACHE_DIR"]
    monkeypatch.setenv("OPENAUDIT_CACHE_DIR", f"{base}/{next(_numbers)}")


# --------------------------------------------------------------------------- what tests ask for


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real models, cards and hand-checked verdicts, kept beside the repository and not in it."""
    folder = ROOT.parent / "shared"
    if not (folder / "hub").is_dir():
        pytest.skip("needs the data folder ../shared, which is not part of the repository")
    return folder


# --------------------------------------------------------------------------- a browser

# As root in a container there is no sandbox; and a browser that phones home would need the network.
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, headless. Its path: $CHROMIUM, or the first found on PATH."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail("no Chromium: install Debian's package chromium, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=[*_QUIET])
        yield running
        running.close()


@dataclass
class Window:
    """A window of the browser, and what pages in it asked other machines for."""

    context: BrowserContext
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[Window]:
    """One window for all tests: what a page asks of another machine is refused there, and noted."""
    opened = Window(browser.new_context())

    def at_home(route: Route) -> None:
        if not _is_here(urlsplit(route.request.url).hostname):  # None: a file, or data in the page itself
            opened.asked.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    opened.context.route("**/*", at_home)
    yield opened
    opened.context.close()


@pytest.fixture
def page(window: Window) -> Iterator[Page]:
    """An empty page. What it asks of another machine is refused and fails the test; so does an error in a script."""
    broken: list[str] = []
    window.asked.clear()
    opened = window.context.new_page()
    opened.on("pageerror", lambda error: broken.append(str(error)))
    yield opened
    opened.close()
    assert not window.asked, f"the page asked for {window.asked}"
    assert not broken, f"the page's scripts failed: {broken}"
