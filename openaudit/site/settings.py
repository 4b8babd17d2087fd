"""How a site looks and who speaks on it: ``openaudit-site.toml``, or ``[tool.openaudit.site]`` in pyproject.toml.

Nothing that can be set here changes a verdict. A reply of a model's maker stands beside the finding; it replaces none.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from openaudit.errors import SiteError
from openaudit.files.mistakes import near
from openaudit.files.tomlfile import Day, Kind, Part, TomlFile, read
from openaudit.languages import ENGLISH, available
from openaudit.pages.colours import FIXED, SCHEMES, contrast, palette
from openaudit.pages.text import href

FILE = "openaudit-site.toml"
PROJECT = "pyproject.toml"
_TABLE = ("tool", "openaudit", "site")
SITE = Kind(
    SiteError, "a site's configuration", "docs/publish.md lists every key, with an example.",
    "docs/publish.md shows one to begin with.",
)  # fmt: skip
_LOGO = 64 << 10  # bytes: it is part of every page
_PICTURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_CODE = re.compile(r"[a-z]{2,3}")  # one that no report speaks yet does no harm
LEAST = 4.5  # contrast of text, WCAG 2.2 AA

Text = Annotated[str, Field(pattern=r"\S")]


def _by_language(value: object) -> object:
    """A text for all languages, or one for each: ``{ en = "…", fr = "…" }``."""
    if isinstance(value, str):
        return {"": value}
    if isinstance(value, Mapping):
        strange = [one for one in value if not _CODE.fullmatch(str(one))]
        if strange:
            raise ValueError(f"{strange[0]!r} is no code of a language, such as en{near(strange[0], available())}")
    return value


Texts = Annotated[Mapping[str, Text], BeforeValidator(_by_language)]


class Operator(Part):
    """Who publishes the site, and how to reach them: an address of the web, or of mail."""

    name: Text
    contact: Text

    @property
    def link(self) -> str | None:
        """The address as a link."""
        return f"mailto:{self.contact}" if _MAIL.fullmatch(self.contact) else href(self.contact)


class Scheme(Part):
    """Colours that are not the usual ones, as ``#rrggbb``."""

    paper: Text | None = None
    wash: Text | None = None
    ink: Text | None = None
    soft: Text | None = None
    line: Text | None = None
    link: Text | None = None
    quote: Text | None = None


class Colours(Part):
    """Colours by day and by night."""

    light: Scheme = Scheme()
    dark: Scheme = Scheme()


class Response(Part):
    """What a model's maker answers: to a finding (``rubric/criterion``), or to the whole."""

    model: Text
    text: Texts
    author: Text
    date: Day
    criterion: Text | None = None
    link: Annotated[str, Field(pattern="^https://")] | None = None


class _File(Part):
    title: Texts | None = None
    intro: Texts | None = None
    url: Annotated[str, Field(pattern="^https://")] | None = None
    logo: Text | None = None
    operator: Operator | None = None
    colours: Colours = Colours()
    responses: tuple[Response, ...] = ()

    @model_validator(mode="after")
    def _address(self) -> _File:
        if self.url and (not href(self.url) or "?" in self.url or "#" in self.url):
            raise ValueError("url: the address that the site is published under is wanted, without ? and #")
        return self


_KEYS = {name for kind in (_File, Operator, Scheme, Colours, Response) for name in kind.model_fields}


@dataclass(frozen=True)
class Settings:
    """How a site looks. ``logo`` is a ``data:`` address; ``colours`` what is otherwise, by scheme and name."""

    title: Mapping[str, str] = field(default_factory=dict)
    intro: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    logo: str | None = None
    operator: Operator | None = None
    colours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    responses: tuple[Response, ...] = ()

    def replies(self, *names: str) -> dict[str, tuple[Response, ...]]:
        """What the maker of a model answers, by criterion (``""``: to the whole), in the order of days."""
        called = {name.casefold() for name in names}
        found: dict[str, tuple[Response, ...]] = {}
        for one in sorted(self.responses, key=lambda one: one.date):
            if one.model.casefold() in called:
                found[one.criterion or ""] = (*found.get(one.criterion or "", ()), one)
        return found


def said(texts: Mapping[str, str], language: str) -> str:
    """A text of the operator's in this language, else in English, else in whatever there is."""
    return texts.get(language) or texts.get("") or texts.get(ENGLISH) or next(iter(texts.values()), "")


def load(path: Path | None, criteria: Collection[str] | None = None) -> Settings:
    """Reads the configuration; without ``path``, that of the folder one is in, or the usual look where there is none.

    ``criteria`` are the names that a reply may be about. Raises SiteError naming file, line and key.
    """
    file = _found() if path is None else _file(path)
    if file is None:
        return Settings()
    held = file.parts(_File, _KEYS)
    for place, one in enumerate(held.responses):
        if one.criterion and criteria is not None and one.criterion not in criteria:
            message = f"there is no criterion {one.criterion!r}{near(one.criterion, criteria)}"
            raise file.error(("responses", place, "criterion"), message)
    if held.operator and held.operator.link is None:
        raise file.error(("operator", "contact"), "an address of mail, or one that begins with https://, is wanted")
    return Settings(
        title=held.title or {}, intro=held.intro or {}, url=held.url.rstrip("/") + "/" if held.url else None,
        logo=_logo(file, held.logo) if held.logo else None, operator=held.operator,
        colours=_colours(file, held.colours), responses=held.responses,
    )  # fmt: skip


def _found() -> TomlFile | None:
    if Path(FILE).exists():
        return read(Path(FILE), SITE)
    return read(Path(PROJECT), SITE).below(*_TABLE) if Path(PROJECT).exists() else None


def _file(path: Path) -> TomlFile:
    file = read(path, SITE)
    below = file.below(*_TABLE) if path.name == PROJECT else file
    if below is None:
        raise SiteError(f"{path}: there is no table [{'.'.join(_TABLE)}]", f"Write one, or a file {FILE}.")
    return below


def _logo(file: TomlFile, name: str) -> str:
    """The picture as a ``data:`` address: in this form nothing in it can run, nor be opened by itself."""
    try:
        with (file.path.parent / name).open("rb") as picture:
            raw = picture.read(_LOGO + 1)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise file.error(("logo",), f"{name} cannot be read: {why}") from problem
    kind = next((kind for start, kind in _PICTURES if raw.startswith(start)), None)
    kind = kind or ("image/webp" if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP" else None)
    kind = kind or (
        "image/svg+xml" if re.match(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg[\s>]", raw, re.DOTALL) else None
    )
    if kind is None:
        raise file.error(("logo",), f"{name} is no PNG, JPEG, GIF, WebP or SVG")
    if len(raw) > _LOGO:
        raise file.error(("logo",), f"{name} is larger than {_LOGO >> 10} KiB, and is part of every page")
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def _colours(file: TomlFile, colours: Colours) -> dict[str, dict[str, str]]:
    """What is not as usual; every text has to be legible on everything that it stands on."""
    found: dict[str, dict[str, str]] = {}
    for scheme in SCHEMES:
        chosen: Mapping[str, Any] = getattr(colours, scheme).model_dump(exclude_none=True)
        for name, value in chosen.items():
            if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
                raise file.error(("colours", scheme, name), f"a colour such as #1c4e7e is wanted, not {value!r}")
        whole = dict(palette(scheme)) | {name: value.lower() for name, value in chosen.items()}
        for front in ("ink", "soft", "link", *FIXED):
            for back in ("paper", "wash", *(["quote"] if front in ("ink", "soft") else [])):
                ratio = contrast(whole[front], whole[back])
                if ratio < LEAST:
                    blamed = next(name for name in (front, back) if name in chosen)
                    message = (
                        f"{front} on {back} has a contrast of {ratio:.1f} to 1; people need {LEAST} to 1 to read it"
                    )
                    raise file.error(("colours", scheme, blamed), message)
        if chosen:
            found[scheme] = {name: value.lower() for name, value in chosen.items()}
    return found
