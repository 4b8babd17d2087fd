"""Where each page of a site is: names that any file system and any web server takes, the same at every publishing."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
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


def addresses(references: Sequence[str]) -> dict[str, Address]:
    """The address of each model, by how the list writes it.

    A model is called without its revision, so that its page stays where it is when a new commit is audited; where a
    list has one model at several revisions, each keeps its revision.
    """
    plain = {reference: _name(reference) for reference in references}
    often = Counter(plain.values())
    names = {reference: name if often[name] == 1 else reference for reference, name in plain.items()}
    paths = unique(names.values())
    return {reference: Address(name, paths[name]) for reference, name in names.items()}


def _name(reference: str) -> str:
    try:
        return parse(reference).id
    except OpenAuditError:  # a folder that is no more
        return reference


def unique(names: Iterable[str]) -> dict[str, str]:
    """A path for each name: the name itself where it will do, else what is left of it and a fingerprint.

    No two are the same to a file system that does not tell capital letters from small ones.
    """
    paths = {name: _path(name) for name in names}
    often = Counter(path.casefold() for path in paths.values())
    return {
        name: path if often[path.casefold()] == 1 else f"{path}-{_fingerprint(name)}" for name, path in paths.items()
    }


def _path(name: str) -> str:
    parts = name.split("/")
    if len(parts) <= 2 and all(map(_will_do, parts)):
        return name
    left = "-".join(re.findall(r"[A-Za-z0-9]+", name))[:60].lower()
    return f"{left or 'x'}-{_fingerprint(name)}"


def _will_do(part: str) -> bool:
    return bool(_PART.fullmatch(part)) and not part.endswith(".") and not _RESERVED.fullmatch(part)


def _fingerprint(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]


def anchor(prefix: str, name: str) -> str:
    """An id within a page."""
    return f"{prefix}-{_fingerprint(name)}"
