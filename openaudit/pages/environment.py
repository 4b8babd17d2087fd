"""Where templates become pages: what every value passes through, and what a page allows itself."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openaudit.languages import _, plural, speaking, spoken
from openaudit.languages.dates import date, machine_date
from openaudit.pages import text
from openaudit.pages.field import CLAIMS
from openaudit.pages.values import SIGNS, licence_title
from openaudit.saying import pieces

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def environment() -> Environment:
    """Fills in templates, in the language spoken. Whatever is not markup of our own macros is cleaned and escaped."""
    return _environment(spoken())


@cache
def _environment(language: str) -> Environment:
    """One environment a language: our own texts are put into a template when it is compiled, and not on every page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
    from jinja2.runtime import Context
    from jinja2.visitor import NodeTransformer

    class Texts(NodeTransformer):
        """Puts the text of ``_("…")`` in the place of the call."""

        def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the name that the visitor looks for
            self.generic_visit(node)
            plain = isinstance(node.node, nodes.Name) and node.node.name == "_" and len(node.args) == 1
            text = node.args[0] if plain and not node.kwargs else None
            return nodes.Const(_(text.value), lineno=node.lineno) if isinstance(text, nodes.Const) else node

    class Direct(Context):
        """Calls what is called, without asking first whether it wants the context: nothing of ours does."""

        def call(self, called: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
            named.pop("_loop_vars", None)  # what Jinja hands on to those that want the context
            named.pop("_block_vars", None)
            return called(*args, **named)

    class Spoken(Environment):
        context_class = Direct

        def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
            text = super().preprocess(source, name, filename)
            return squeezed(text, name or "")

        def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
            tree: nodes.Template = super()._parse(source, name, filename)
            with speaking(language):
                Texts().visit(tree)
            return tree

    env = Spoken(
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
    env.filters.update(short=text.clean, sentence=text.sentence, isolated=_isolated)
    return env


@lru_cache(maxsize=text.REMEMBERED)
def _isolated(value: str) -> Any:
    """A stranger's words, kept from turning ours around; plain letters and digits cannot."""
    from markupsafe import Markup

    shown = _escaped(value)
    return shown if value.isascii() else Markup("<bdi>") + shown + Markup("</bdi>")


def squeezed(text: str, name: str) -> str:
    """A style sheet or a script of ours without what only its authors read: it is part of every page."""
    lines = (line.strip() for line in text.splitlines())
    if name.endswith(".js"):
        return "\n".join(line for line in lines if line and not line.startswith("//"))
    if name.endswith(".css"):
        lines = (line.strip() for line in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).splitlines())
        ends = {"{": "\n", "}": "", ";": "", ",": ""}  # “{#” would begin a comment of a template
        return "".join(line + ends.get(line[-1], " ") for line in lines if line)
    return text


def _finalize(value: Any) -> Any:
    """What every value passes through before it is escaped. Markup made by our own macros is let through."""
    return value if hasattr(value, "__html__") or not isinstance(value, str) else _escaped(value)


@lru_cache(maxsize=text.REMEMBERED)
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
