"""Which text files of a repository an audit reads, and how their bytes become text.

The same for every source: the card, licence and notice files, terms and use policies, and the root ``config.json``.
Everything here is decided by the path alone, so that nothing has to be opened to decide it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from openaudit.saying import counted

MAX_FILES = 40  # real repositories hold one to five; more is a vendored tree, and its root says the same
MAX_PATH = 500

_ROOT = ("README.md", "config.json")
_TELLS = re.compile(
    r"licen[cs]e"
    r"|copying"
    r"|(?<![a-z])notices?(?![a-z])"
    r"|(use|usage)[-_ .]?polic(y|ies)"
    r"|acceptable[-_ ]?use"
    r"|prohibited[-_ ]?uses?"
    r"|(?<![a-z])(terms|eula)(?![a-z])",
    re.IGNORECASE,
)
# A dot before a number belongs to a version in the name ("LICENSE-2.0", "Llama-3.1-LICENSE"), it starts no suffix.
_TEXT = re.compile(r"[^.]*(\.\d+(?![\da-z])[^.]*)*(\.(txt|md|markdown|rst|html|htm))?", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")


def safe(path: str) -> bool:
    """Whether a path stays inside its repository and can be a URL and a file name on every system."""
    if not path or len(path) > MAX_PATH or _UNSAFE.search(path):
        return False
    return all(part not in ("", ".", "..") for part in path.split("/"))


def wanted(path: str) -> bool:
    """Whether an audit reads the file at this path (relative to the repository, ``/`` between folders)."""
    if not safe(path):
        return False
    if path in _ROOT:
        return True
    name = path.rpartition("/")[2]
    return bool(_TELLS.search(name) and _TEXT.fullmatch(name))


def choose(paths: Iterable[str], limit: int = MAX_FILES) -> tuple[list[str], list[str]]:
    """The wanted files, the card first and then those nearest the root, and those left out by the limit."""
    found = sorted(
        {path for path in paths if wanted(path)}, key=lambda path: (path not in _ROOT, path.count("/"), path)
    )
    return found[:limit], found[limit:]


def beyond(limit: int) -> str:
    """Why a file was left out by the limit."""
    return counted("more than {n} such file", "more than {n} such files", limit)


def decode(data: bytes) -> str:
    """UTF-8 with replacement: a licence with one broken byte is still that licence. A byte order mark is dropped."""
    return data.decode("utf-8-sig", errors="replace")
