"""``openaudit rubric``: list, show and check rubrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaudit.cli import completion, options
from openaudit.cli.terminal import plain, say
from openaudit.errors import UsageError
from openaudit.languages import _, preferred, speaking
from openaudit.saying import in_sentences

if TYPE_CHECKING:
    from openaudit.judging.rubric import Rubric


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
@options.language
def rubric_show(name: str, language: str | None) -> None:
    """Show a rubric: its questions, where they come from, and how it answers them."""
    from openaudit.auditing import load_rubric

    one = load_rubric(name)
    with speaking(language or preferred()):
        say(plain("\n".join(_shown(one))))


def _shown(one: Rubric) -> Iterator[str]:
    from openaudit.pages.values import outcome_word

    yield f"{_(one.title)} ({one.id} {one.version})"
    yield from (_(text) for text in (one.about, one.note) if text)
    where = _("{about}: {says}", about=f"{one.source.title}, {one.source.version}", says=one.source.url)
    yield _("Source: {source}", source=where)
    for criterion in one.criteria:
        yield from ("", _("{id}: {note}", id=criterion.id, note=_(criterion.question)))
        yield from (f"  {_(criterion.why)}", f"  [{_(criterion.source.clause)}]")
        yield from _levels((outcome_word(level.outcome), level.because) for level in criterion.levels)
    yield from ("", _("Verdicts, the first that holds:"))
    yield from _levels((_(verdict.title), verdict.because) for verdict in one.verdicts)


def _levels(levels: Iterable[tuple[str, str]]) -> Iterator[str]:
    from openaudit.judging.rubric import in_general

    for name, because in levels:
        yield "  - " + _("{id}: {note}", id=name, note=in_general(" ".join(map(_, in_sentences(because)))))


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
