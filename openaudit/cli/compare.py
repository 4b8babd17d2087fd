"""``openaudit compare REF REF …``: several models on one page."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaudit.cli import completion
from openaudit.cli.audit import open_in_browser
from openaudit.cli.batch import kept_journal, report, source_of
from openaudit.cli.terminal import Counting
from openaudit.errors import UsageError

if TYPE_CHECKING:
    from openaudit.batch.journal import Journal

STEM = "comparison"  # of files in a folder
_JOBS = 8  # models that are asked for at once


@click.command()
@click.argument("refs", metavar="REF REF...|JOURNAL", nargs=-1, required=True)
@click.option("--snapshot", metavar="DIR|sample", help="Read this recorded snapshot, not the Hub; sample is shipped.")
@click.option("--offline", is_flag=True, help="Ask nothing of the network: read the cache of earlier audits.")
@click.option("--no-cache", is_flag=True, help="Ask for everything anew, and keep no answers.")
@click.option(
    "--rubric", "rubrics", multiple=True, metavar="ID|FILE", shell_complete=completion.rubrics,
    help="Judge by this rubric (repeatable). Default: all shipped ones.",
)  # fmt: skip
@click.option(
    "--format", "formats", multiple=True, metavar="FORMAT",
    callback=completion.known_formats, shell_complete=completion.listings,
    help="html, csv, json or another format for many models (repeatable). Default: what the name after -o says, else "
    "text.",
)  # fmt: skip
@click.option("-o", "--output", metavar="PATH|-", help="A file, a folder (for several formats), or standard output.")
@completion.language
@click.option("--open", "open_page", is_flag=True, help="Open the HTML page in the browser.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def compare(
    refs: Sequence[str],
    snapshot: str | None,
    offline: bool,
    no_cache: bool,
    rubrics: Sequence[str],
    formats: Sequence[str],
    output: str | None,
    language: str | None,
    open_page: bool,
    quiet: bool,
) -> int:
    """Compare models: a table of models and questions, sorted by openness.

    REF is what openaudit audit takes. Two models are set side by side, what differs first. One JOURNAL of openaudit
    batch shows what is in it, and asks for nothing.

    Environment: as for openaudit audit.
    """
    from openaudit.outputs import COMPARISON, make_plan

    plan = make_plan(STEM, formats, output, menu=COMPARISON, open_page=open_page, terminal=sys.stdout.isatty())
    opened: AbstractContextManager[Journal]
    one = Path(refs[0]) if len(refs) == 1 else None
    if one is None:
        options = {"workers": _JOBS, "budget": None, "cache": not no_cache, "offline": offline}
        opened = _audited(refs, snapshot, options, rubrics, quiet=quiet)
    elif not _is_journal(one):
        raise UsageError("a comparison takes two models or more, or the journal of a run", "openaudit audit takes one.")
    elif snapshot or rubrics or offline or no_cache:
        raise UsageError("a journal holds what was looked up and judged already", "Leave out the other options.")
    else:
        from openaudit.batch.journal import Journal

        opened = Journal(one, None, resume=True)
    with opened as journal:
        code = report(journal, None, plan, None, language=language, lenient=False)
    if open_page and plan.page:
        open_in_browser(plan.page)
    return code


@contextmanager
def _audited(
    refs: Sequence[str], snapshot: str | None, options: Mapping[str, Any], rubrics: Sequence[str], *, quiet: bool
) -> Iterator[Journal]:
    """The journal of a run over the models that were named, which goes when the comparison is made."""
    from openaudit import __version__
    from openaudit.auditing import load_rubrics
    from openaudit.batch.engine import Engine
    from openaudit.batch.journal import Terms
    from openaudit.batch.judging import Judges
    from openaudit.batch.naming import checked
    from openaudit.run import Named

    judged_by = load_rubrics(rubrics)
    versions = {rubric.id: (rubric.version, rubric.sha256) for rubric in judged_by}
    named = list(checked(map(Named, refs)))
    with (
        source_of(snapshot, options) as (source, where),
        kept_journal(None, Terms(f"openaudit {__version__}", where, versions), resume=False) as journal,
    ):
        todo = journal.plan(named)
        with Judges(judged_by, todo) as judges, Counting(todo, 0, quiet=quiet) as tell:
            Engine(journal, source, judges, jobs=_JOBS, tell=tell).run()
        yield journal


def _is_journal(path: Path) -> bool:
    from openaudit.batch.kept import is_journal

    try:
        return is_journal(path)
    except (OSError, ValueError):  # no such file, a folder, a name that no file can have
        return False
