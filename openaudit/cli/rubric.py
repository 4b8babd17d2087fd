"""``openaudit rubric``: list, show and check rubrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from openaudit.cli import completion
from openaudit.cli.terminal import plain, say
from openaudit.errors import UsageError


@click.group()
def rubric() -> None:
    """List, show and check rubrics."""


@rubric.command("list")
def rubric_list() -> None:
    """List the shipped rubrics."""
    from openaudit.auditing import load_rubrics

    for one in sorted(load_rubrics(), key=lambda r: r.id):
        say(f"{one.id:<16} {one.version:<5} {one.title} — {one.source.title}")


@rubric.command("show")
@click.argument("name", metavar="ID|FILE", shell_complete=completion.rubrics)
def rubric_show(name: str) -> None:
    """Show a rubric: its questions, where they come from, and how it answers them."""
    from openaudit.auditing import load_rubric

    one = load_rubric(name)
    source = f"{one.source.title}, {one.source.version}: {one.source.url}"
    lines = [f"{one.title} ({one.id} {one.version})", one.about, *([one.note] if one.note else []), f"Source: {source}"]
    for criterion in one.criteria:
        lines += ["", f"{criterion.id}: {criterion.question}", f"  {criterion.why}", f"  [{criterion.source.clause}]"]
        lines += _levels((level.outcome, level.because) for level in criterion.levels)
    lines += ["", "Verdicts, the first that holds:"]
    lines += _levels((verdict.verdict, verdict.because) for verdict in one.verdicts)
    say(plain("\n".join(lines)))


def _levels(levels: Iterable[tuple[str, str]]) -> list[str]:
    return [f"  - {name}: {because}" for name, because in levels]


@rubric.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def rubric_check(files: Sequence[str]) -> int:
    """Check rubric files; an error names file, line and key."""
    from openaudit.auditing import load_rubric, load_rubrics

    wrong = 0
    for name in files:
        try:
            if not Path(name).is_file():
                raise UsageError(f"{name}: there is no such file")
            one = load_rubric(name)
            load_rubrics([name])  # with those it asks about
        except UsageError as problem:
            wrong = problem.exit_code
            say(plain(f"openaudit: {problem}"), error=True)
        else:
            say(plain(f"{name}: right — {one.id} {one.version}, {len(one.criteria)} criteria"))
    return wrong
