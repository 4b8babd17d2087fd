"""``openaudit batch LIST``: many models."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaudit.cli import options
from openaudit.cli.terminal import Counting, plain, pour, say
from openaudit.errors import OpenAuditError, SubjectError, UsageError

if TYPE_CHECKING:
    from openaudit.batch.journal import Journal, Terms
    from openaudit.judging.rubric import Rubric
    from openaudit.outputs import Plan
    from openaudit.policy import Policy
    from openaudit.run import Named, Row
    from openaudit.sources import Source

POLICY_FAILED = 1
_SNAPSHOT = "the snapshot "
STEM = "openaudit"  # of files in a folder
_TOLD = 20  # models that could not be audited are told one by one, up to so many; the report has all


@click.command()
@click.argument("list_", metavar="[LIST]", required=False)
@click.option("--from-code", metavar="DIR", type=click.Path(path_type=Path), help="Audit the models that code names.")
@click.option(
    "--journal", "kept", metavar="FILE", type=click.Path(path_type=Path),
    help="Keep what is done in this file, so that a run that was stopped can go on.",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on with the journal, if there is one; what is done is not redone.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 64), default=8, help="Ask so much at once. Default: 8.")
@click.option("--budget", metavar="SECONDS", type=click.FloatRange(min=0, min_open=True), help="Stop asking then.")
@options.sources
@options.rubrics
@click.option(
    "--policy", "policy_file", metavar="FILE", type=click.Path(path_type=Path),
    help="Exit 1 if a model breaks this policy. Default: openaudit.toml or [tool.openaudit] in pyproject.toml.",
)  # fmt: skip
@click.option(
    "--baseline", metavar="FILE", type=click.Path(path_type=Path),
    help="Breaches that were there before, and fail nothing. Default: the one that the policy names.",
)  # fmt: skip
@click.option(
    "--write-baseline", metavar="FILE", type=click.Path(path_type=Path),
    help="Write what fails now as a baseline. Exit 0 then, whatever the policy says.",
)  # fmt: skip
@click.option("--allow-unaudited", is_flag=True, help="A model that could not be audited does not fail the run.")
@options.listings
@options.output
@options.language
@options.quiet
def batch(
    list_: str | None,
    from_code: Path | None,
    kept: Path | None,
    resume: bool,
    jobs: int,
    budget: float | None,
    snapshot: str | None,
    offline: bool,
    no_cache: bool,
    rubrics: Sequence[str],
    policy_file: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
    allow_unaudited: bool,
    formats: Sequence[str],
    output: str | None,
    language: str | None,
    quiet: bool,
) -> int:
    """Audit many models.

    LIST names them: a text file with one a line and # before comments, CSV or TSV with a column model, YAML, JSON, JSON
    lines, or - for standard input. A line that names no model is an error before anything is asked.
    With --from-code they are those that the code in a folder loads; nothing of it is executed.

    Environment: as for openaudit audit.

    Exit code 3 if any model could not be audited (but see --allow-unaudited), else 1 if the policy does not hold, or 0.
    """
    from openaudit import __version__
    from openaudit.auditing import load_rubrics
    from openaudit.batch.engine import Engine
    from openaudit.batch.journal import Terms
    from openaudit.batch.judging import Judges
    from openaudit.batch.naming import checked
    from openaudit.outputs import RUN, make_plan

    deadline = time.monotonic() + (budget or float("inf"))
    if resume and kept is None:
        raise UsageError("--resume: go on with what?", "Name the journal: --journal FILE.")
    entries = _entries(list_, from_code)
    plan = make_plan(STEM, formats, output, menu=RUN, open_page=False, terminal=sys.stdout.isatty())
    judged_by = load_rubrics(rubrics)
    policy = _policy(policy_file, baseline, judged_by, needed=write_baseline is not None)
    versions = {rubric.id: (rubric.version, rubric.sha256) for rubric in judged_by}
    how = {"workers": jobs, "budget": budget, "cache": not no_cache, "offline": offline}
    with source_of(snapshot, how) as (source, where):
        terms = Terms(f"openaudit {__version__}", where, versions)
        with kept_journal(kept, terms, resume=resume) as journal:
            todo = journal.plan(checked(entries))
            counting = Counting(todo, journal.models - todo, quiet=quiet)
            with Judges(judged_by, todo) as judges, counting as tell:
                in_time = Engine(journal, source, judges, jobs=jobs, tell=tell, deadline=deadline).run()
            if not in_time:
                say(f"openaudit: the time was over after {budget:g} s", error=True)
            return report(journal, policy, plan, write_baseline, language=language, lenient=allow_unaudited)


def _entries(list_: str | None, from_code: Path | None) -> Iterator[Named]:
    from openaudit.lists import code, read

    if from_code is not None and list_ is None:
        return code.read(from_code)
    if list_ is None or from_code is not None:
        advice = "Give a file, - for standard input, or --from-code DIR."
        raise UsageError("name the models in one way: a LIST, or the code that names them", advice)
    return read(list_, sys.stdin.buffer if sys.stdin else None)


def _policy(path: Path | None, baseline: Path | None, judges: Sequence[Rubric], *, needed: bool) -> Policy | None:
    from openaudit.policy import FILE, load
    from openaudit.policy.baseline import read

    policy = load(path, judges)
    if policy is None and (baseline or needed):
        raise UsageError("a baseline belongs to a policy, and there is none", f"openaudit policy init writes {FILE}.")
    return policy.against(read(baseline)) if policy and baseline else policy


@contextmanager
def source_of(snapshot: str | None, how: Mapping[str, Any]) -> Iterator[tuple[Source, str]]:
    """Where models are looked up, shared by the whole run, and what to call it."""
    from openaudit.auditing import saved

    if snapshot is not None:
        yield saved(snapshot), f"{_SNAPSHOT}{plain(snapshot)}"
        return
    from openaudit.sources.hub import HubSource  # takes long to import

    hub = HubSource(**how)
    try:
        yield hub, hub.endpoint
    except OpenAuditError:
        hub.close()
        raise
    hub.close()  # not when interrupted: it would wait for the answers under way


@contextmanager
def kept_journal(kept: Path | None, terms: Terms, *, resume: bool) -> Iterator[Journal]:
    """The journal that was named, or one of this run's own, which stays only where the run does not end in order."""
    from openaudit.batch.journal import Journal

    own = None if kept else Path(tempfile.mkdtemp(prefix="openaudit-"))
    path = kept or Path(str(own), "journal")
    done = 0
    try:
        with Journal(path, terms, resume=resume) as journal:
            try:
                yield journal
            except BaseException:
                with suppress(OpenAuditError):
                    done = journal.done
                raise
    except BaseException:
        if done:
            say(plain(f"openaudit: {done} models are done; to go on, add: --journal {path} --resume"), error=True)
        raise
    finally:
        if own and not (done and sys.exc_info()[0]):
            shutil.rmtree(own, ignore_errors=True)


def _named(source: str) -> str:
    """What to call the source that a journal names."""
    from openaudit.saying import phrase

    snapshot = source.removeprefix(_SNAPSHOT)
    return source if snapshot == source else phrase("the snapshot {name}", name=snapshot)


def report(
    journal: Journal, policy: Policy | None, plan: Plan, baseline: Path | None, *, language: str | None, lenient: bool
) -> int:
    """Writes what was asked for, tells what nobody may overlook, and returns the exit code.

    ``lenient``: what could not be audited is told, and fails nothing.
    """
    from openaudit.outputs import write_run
    from openaudit.policy.baseline import write
    from openaudit.run import Run

    def rows() -> Iterator[Row]:
        return map(policy.apply, journal.rows()) if policy else journal.rows()

    terms = journal.terms
    notices = policy.told(rows()) if policy else ()
    run = Run(terms.tool, _named(terms.source), terms.rubrics, rows, policy.name if policy else None, notices)
    for piece in write_run(run, plan, language=language):
        if plan.printed == "text":
            say(piece, end="")
        else:
            pour(piece)
    if baseline:
        write(baseline, rows())
    for path in (*plan.files.values(), *([baseline] if baseline else [])):
        say(plain(f"wrote {path}"), error=True)
    failing = run.counts.failing if policy else 0
    if plan.printed != "text":
        for failure in journal.failures(_TOLD):
            say(" ".join(plain(f"openaudit: not audited: {failure.message}").split()), error=True)
        for notice in notices:
            say(plain(f"openaudit: {notice}"), error=True)
    if missing := journal.models - journal.done:
        say(f"openaudit: {missing} of {journal.models} models could not be audited", error=True)
    if failing and not baseline:
        say(plain(f"openaudit: {failing} of {journal.models} models break {run.policy}"), error=True)
    return SubjectError.exit_code if missing and not lenient else POLICY_FAILED if failing and not baseline else 0
