"""``openaudit license`` and ``openaudit explain``: what a licence lets one do, and what a term means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import click

from openaudit.cli import completion, options
from openaudit.cli.terminal import plain, say
from openaudit.errors import UsageError


@click.command()
@click.argument("what", metavar="ID|FILE")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, JSON for programs.",
)
@options.language
def license(what: str, shape: str, language: str | None) -> None:
    """Say what a licence lets you do: by its id, or by the text of a licence file."""
    from openaudit.languages import ENGLISH, preferred, speaking
    from openaudit.licenses import sheet
    from openaudit.sources import MAX_BYTES, TOO_LARGE
    from openaudit.sources.files import decode

    path = Path(what)
    if len(what) < 1000 and path.is_file():
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{what}: {TOO_LARGE}", "A licence text is smaller; is this the right file?")
        found = sheet.of_text(decode(path.read_bytes()))
    elif re.search(r"[/\\]", what) and not re.search(r"\s", what):
        raise UsageError(
            f"{what}: there is no such file", "Give a licence id (apache-2.0) or the path of a licence file."
        )
    else:
        found = sheet.of_id(what)
    with speaking(language or (preferred() if shape == "text" else ENGLISH)):
        said = sheet.translated(found)
        text = sheet.as_json(said) if shape == "json" else plain(sheet.as_text(said))
    say(text, end="")


@click.command()
@click.argument("term", nargs=-1, required=True, shell_complete=completion.terms)
@options.language
def explain(term: Sequence[str], language: str | None) -> None:
    """Explain a term of the reports in plain words."""
    from openaudit import glossary
    from openaudit.languages import _, preferred, speaking

    asked = " ".join(term)
    with speaking(language or preferred()):
        found = glossary.find(asked)
        if found is None:
            near = glossary.nearest(asked) or [one.title for one in glossary.terms().values()]
            raise UsageError(f"{asked!r} is not in the glossary", f"There is: {', '.join(near)}.")
        say(f"{found.title}\n{found.text}")
        if found.see:
            say(_("See also: {terms}", terms=", ".join(glossary.terms()[id].title for id in found.see)))
