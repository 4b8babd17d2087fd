"""What the shell is offered for an argument half typed. Looked up only when it is asked for: importing takes time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click


def formats(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Names of formats for one audit."""
    from openaudit.formats import registry

    return [name for name in registry() if name.startswith(incomplete)]


def listings(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Names of formats for a run over many models."""
    from openaudit.listings import registry

    return [name for name in registry() if name.startswith(incomplete)]


def rubrics(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[Any]:
    """Ids of shipped rubrics, else files."""
    from click.shell_completion import CompletionItem

    from openaudit.rubric import shipped

    found = [name for name in shipped() if name.startswith(incomplete)]
    return [CompletionItem(name) for name in found] or [CompletionItem(incomplete, type="file")]


def terms(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Terms of the glossary."""
    from openaudit import glossary

    return [id for id in glossary.terms() if id.startswith(incomplete)]


def languages(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Languages that reports speak."""
    from openaudit.languages import available

    return [name for name in available() if name.startswith(incomplete)]


def _known_language(_ctx: click.Context, _param: click.Parameter, chosen: str | None) -> str | None:
    from openaudit.languages import checked

    return checked([chosen])[0] if chosen is not None else None


language = click.option(
    "--lang", "language", metavar="LANG", callback=_known_language, shell_complete=languages,
    help="The language of the report, such as fr. Default: for people that of the terminal, for programs English.",
)  # fmt: skip


def known_formats(ctx: click.Context, param: click.Parameter, chosen: Sequence[str]) -> Sequence[str]:
    """Formats of the command, each once. They are looked up only when one is named."""
    offered = listings if ctx.command.name in ("batch", "compare") else formats
    if chosen and (strange := [name for name in chosen if name not in (names := offered(ctx, param, ""))]):
        raise click.BadParameter(f"{strange[0]!r} is none of {', '.join(names)}.")
    return list(dict.fromkeys(chosen))
