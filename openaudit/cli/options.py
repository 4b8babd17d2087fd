"""Options and arguments that several commands take, each worded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from openaudit.cli import completion

F = TypeVar("F", bound=Callable[..., Any])


def _known_language(_ctx: click.Context, _param: click.Parameter, chosen: str | None) -> str | None:
    from openaudit.languages import checked

    return checked([chosen])[0] if chosen is not None else None


def _known_formats(ctx: click.Context, param: click.Parameter, chosen: Sequence[str]) -> Sequence[str]:
    """Formats of the command, each once. They are looked up only when one is named."""
    if not chosen:
        return []
    names = [item.value for item in param.shell_complete(ctx, "")]
    if strange := [name for name in chosen if name not in names]:
        raise click.BadParameter(f"{strange[0]!r} is none of {', '.join(names)}.")
    return list(dict.fromkeys(chosen))


snapshot = click.option(
    "--snapshot", metavar="DIR|sample", help="Read this recorded snapshot, not the Hub; sample is shipped."
)
offline = click.option("--offline", is_flag=True, help="Ask nothing of the network: read the cache of earlier audits.")
no_cache = click.option("--no-cache", is_flag=True, help="Ask for everything anew, and keep no answers.")
rubrics = click.option(
    "--rubric", "rubrics", multiple=True, metavar="ID|FILE", shell_complete=completion.rubrics,
    help="Judge by this rubric (repeatable). Default: all shipped ones.",
)  # fmt: skip
formats = click.option(
    "--format", "formats", multiple=True, metavar="FORMAT", callback=_known_formats, shell_complete=completion.formats,
    help="html, json, letter, markdown or text (repeatable). Default: what the name after -o says, else text.",
)  # fmt: skip
listings = click.option(
    "--format", "formats", multiple=True, metavar="FORMAT", callback=_known_formats, shell_complete=completion.listings,
    help="html, csv, json or another format for many models (repeatable). Default: what the name after -o says, else "
    "text.",
)  # fmt: skip
output = click.option(
    "-o", "--output", metavar="PATH|-", help="A file, a folder (for several formats), or standard output."
)
language = click.option(
    "--lang", "language", metavar="LANG", callback=_known_language, shell_complete=completion.languages,
    help="The language of the report, such as fr. Default: for people that of the terminal, for programs English.",
)  # fmt: skip
open_page = click.option("--open", "open_page", is_flag=True, help="Open the HTML page in the browser.")
quiet = click.option("-q", "--quiet", is_flag=True, help="No progress.")


def sources(command: F) -> F:
    """Where an audit reads from: ``--snapshot``, ``--offline``, ``--no-cache``."""
    return snapshot(offline(no_cache(command)))
