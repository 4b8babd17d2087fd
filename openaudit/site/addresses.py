"""Where each page of a site is: names that any file system and any web server takes, the same at every publishing."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from openaudit.errors import OpenAuditError
from openaudit.sources.reference import parse

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,79}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # no names of files on Windows


@dataclass(frozen=True, slots=True)
class Address:
    """What a model is called on the site, and the path of what belongs to it, without folder and suffix."""

    name: str
    path: str

    @property
    def page(self) -> str:
        return f"models/{self.path}.html"

    @property
    def badge(self) -> str:
        return f"badges/{self.path}.svg"

    @property
    def data(self) -> str:
        return f"api/models/{self.path}.json"


def name_of(reference: str) -> str:
    """What a model is called: without its revision, so that its page stays where it is when a new commit is audited."""
    try:
        return parse(reference).id
    except OpenAuditError:  # a folder that is no more
        return reference


def path_of(name: str) -> str:
    """A path for a name: the name itself where it will do, else what is left of it and a fingerprint."""
    parts = name.split("/")
    if len(parts) <= 2 and all(map(_will_do, parts)):
        return name
    left = "-".join(re.findall(r"[A-Za-z0-9]+", name))[:60].lower()
    return f"{left or 'x'}-{fingerprint(name)}"


def _will_do(part: str) -> bool:
    return bool(_PART.fullmatch(part)) and not part.endswith(".") and not _RESERVED.fullmatch(part)


def fingerprint(name: str) -> str:
    """A few letters that stand for a name."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]


def anchor(prefix: str, name: str) -> str:
    """An id within a page."""
    return f"{prefix}-{fingerprint(name)}"
