"""``openaudit diff OLD NEW``: what changed between two audits or two runs, and why."""

from __future__ import annotations

from pathlib import Path

import click

from openaudit.cli import options
from openaudit.cli.terminal import plain, pour, say
from openaudit.errors import SubjectError

GOT_WORSE = 1
_file = click.Path(path_type=Path)


@click.command()
@click.argument("old", type=_file)
@click.argument("new", type=_file)
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Text for people, Markdown for job summaries, JSON for programs.",
)
@click.option(
    "--exit-code",
    is_flag=True,
    help="Exit 1 if something got worse, else 3 if a model cannot be audited any more. A change of a rubric or of "
    "openaudit does not count.",
)
@options.language
def diff(old: Path, new: Path, shape: str, exit_code: bool, language: str | None) -> int:
    """Tell what changed between two audits or two runs, and why.

    OLD and NEW are files that --format json or jsonl wrote, or the --journal of a batch. For each change it says
    whether the model changed (another commit), what is found (the same commit, but a data set is gated now), the
    rubric, or openaudit itself.
    """
    from openaudit.comparing import compare, read, telling
    from openaudit.languages import ENGLISH, preferred, speaking

    tell = {"text": telling.as_text, "markdown": telling.as_markdown, "json": telling.as_json}[shape]
    with speaking(language or (ENGLISH if shape == "json" else preferred())):
        found = compare(read(old), read(new))
        for piece in tell(found):
            if shape == "text":
                say(plain(piece), end="")
            else:
                pour(piece)
    if exit_code and found.worse:
        return GOT_WORSE
    return SubjectError.exit_code if exit_code and found.lost else 0
