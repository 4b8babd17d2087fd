"""``openaudit publish JOURNAL``: a site made of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from openaudit.cli.terminal import plain, say


@click.command()
@click.argument("journal", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="DIR", type=click.Path(path_type=Path), default=Path("site"), show_default=True,
    help="The folder of the site: an empty one, or one that was published before.",
)  # fmt: skip
@click.option(
    "--lang", "languages", multiple=True, metavar="LANG", help="A language of its pages (repeatable). Default: en."
)
@click.option(
    "--config", metavar="FILE", type=click.Path(path_type=Path),
    help="Title, logo, colours, responses. Default: openaudit-site.toml or [tool.openaudit.site] in pyproject.toml.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Do not say what was written.")
def publish(journal: Path, output: Path, languages: Sequence[str], config: Path | None, quiet: bool) -> int:
    """Make a site of a run: plain files for any host, which can also be read from the folder.

    JOURNAL is what openaudit batch LIST --journal FILE keeps. Published again into the same folder, only what changed
    is written, and the site says what changed.
    """
    from openaudit.batch.kept import Kept
    from openaudit.languages import ENGLISH, checked
    from openaudit.site import settings
    from openaudit.site.publishing import publish as make

    spoken = checked(languages or (ENGLISH,))
    first = next((row.audit for row in Kept(journal).rows() if row.audit), None)
    rubrics = first.rubrics if first else {}
    criteria = {f"{id}/{name}" for id, rubric in rubrics.items() for name in rubric.criteria}
    done = make(journal, output, settings.load(config, criteria or None), spoken)
    if not quiet:
        told = f"{done.changed} written, {done.removed} removed, {done.kept} as they were"
        say(plain(f"wrote {output / 'index.html'} ({told})"), error=True)
    return 0
