"""``openaudit compare REF REF …``: several models on one page."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaudit.cli import options
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
@options.sources
@options.rubrics
@options.listings
@options.output
@options.language
@options.open_page
@options.quiet
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
        how = {"workers": _JOBS, "budget": None, "cache": not no_cache, "offline": offline}
        opened = _audited(refs, snapshot, how, rubrics, quiet=quiet)
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
    refs: Sequence[str], snapshot: str | None, how: Mapping[str, Any], rubrics: Sequence[str], *, quiet: bool
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
        source_of(snapshot, how) as (source, where),
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
