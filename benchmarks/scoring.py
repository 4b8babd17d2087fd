"""How many models a second are probed, scored and explained, on one core.

    python benchmarks/scoring.py [SNAPSHOT] [--rounds N]

SNAPSHOT is a recorded snapshot (default: the sample that comes with openaudit); each of its models is one subject.
Everything is gathered first, and that is not timed. Then all models are probed, what was found is scored by every
shipped rubric, and each verdict says why: the first time by an auditor that has seen no model yet, then by one that has
seen them all. A list of thousands goes from the one to the other: the longer it is, the more criteria look as they did
for another model. Times are CPU times of this process, the best of the rounds.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path

import click

from openaudit import auditing
from openaudit.errors import OpenAuditError
from openaudit.evidence import Evidence, Snapshot
from openaudit.judging.scoring import Verdict
from openaudit.lineages import Observer
from openaudit.sources.gather import gather
from openaudit.sources.saved import SavedSource


@click.command(help=__doc__.split("\n\n")[0])
@click.argument("snapshot", type=click.Path(exists=True, file_okay=False, path_type=Path), default=auditing.SAMPLE)
@click.option("--rounds", default=5, show_default=True, help="How often each is measured; the best counts.")
def main(snapshot: Path, rounds: int) -> None:
    """Prints one line for each."""
    models = list(_gathered(snapshot))
    rubrics = auditing.load_rubrics()
    found: list[dict[str, Evidence]] = []

    def probe() -> None:
        observer = Observer()
        found[:] = [observer.observe(one) for one in models]

    auditors: list[auditing.Auditor] = []
    scored: list[dict[str, Verdict]] = []

    def score_anew() -> None:
        auditors[:] = [auditing.Auditor(rubrics)]
        score()

    def score() -> None:
        scored[:] = [auditors[0].score(seen[one.subject]) for one, seen in zip(models, found, strict=True)]

    def explain() -> None:
        for one in scored:
            for verdict in one.values():
                verdict.explained()

    probe()  # what is read once for all models: the lists of licences, of names
    score_anew()
    gc.freeze()  # what was gathered and loaded stays; it is not looked through again and again
    click.echo(f"{len(models)} models, {len(rubrics)} rubrics")
    for name, before, step in (
        ("scoring, first", None, score_anew),
        ("explaining, first", score_anew, explain),
        ("scoring, again", None, score),
        ("explaining, again", None, explain),
        ("probing", None, probe),  # last: what it leaves behind is looked through again and again, too
    ):
        seconds = min(_timed(step, before) for _ in range(rounds))
        click.echo(f"{name:18} {len(models) / seconds:8.0f} models/s  {1000 * seconds / len(models):7.2f} ms a model")


def _gathered(folder: Path) -> list[Snapshot]:
    source = SavedSource(folder)
    found = []
    for path in sorted((folder / "models").rglob("info.json")):
        id = path.parent.relative_to(folder / "models").as_posix()
        try:
            found.append(gather(source, id))
        except OpenAuditError as problem:
            click.echo(f"left out: {id}: {problem}", err=True)
    return found


def _timed(step: Callable[[], None], before: Callable[[], None] | None) -> float:
    if before:
        before()
    start = time.process_time()
    step()
    return time.process_time() - start


if __name__ == "__main__":
    main()
