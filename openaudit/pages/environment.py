"""Where templates become pages: what every value passes through, and what a page allows itself."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openaudit.languages import _, plural, spoken
from openaudit.languages.dates import date, machine_date
from openaudit.pages import text
from openaudit.pages.field import CLAIMS
from openaudit.pages.values import SIGNS, licence_title
from openaudit.saying import pieces

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Fills in templates. Whatever is not markup of our own macros is cleaned and escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,  # for every template: the default looks at the suffix, and .html.j2 is not one it knows
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        optimized=False,  # each template is compiled once and used a few times: folding constants does not pay
    )
    env.globals.update(_=_, plural=plural, pieces=pieces, language=spoken, date=date, machine_date=machine_date)
    env.globals.update(href=text.href, at_line=text.at_line, slug=text.slug, where=text.where, host=text.host)
    env.globals.update(licence_title=licence_title, claims=CLAIMS, signs=SIGNS)
    env.filters.update(short=text.clean, sentence=text.sentence)
    return env


def _finalize(value: Any) -> Any:
    """What every value passes through before it is escaped. Markup made by our own macros is let through."""
    return value if hasattr(value, "__html__") or not isinstance(value, str) else _escaped(value)


@lru_cache(maxsize=1 << 13)
def _escaped(value: str) -> Any:
    from markupsafe import escape

    return escape(text.clean(value))


@cache
def policy(style: str = "page.css", script: str | None = None) -> str:
    """Nothing may be loaded or sent. The one style sheet, and the one script if there is one, are named by hash."""
    runs = f"script-src '{_hash(script)}'; " if script else ""
    return f"default-src 'none'; {runs}style-src '{_hash(style)}'; img-src data:; base-uri 'none'; form-action 'none'"


def _hash(template: str) -> str:
    text = environment().get_template(template).render()
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
