"""What the shell is offered for an argument half typed. Looked up only when it is asked for: importing takes time."""

from __future__ import annotations

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

    from openaudit.judging.rubric import shipped

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
