"""How long a site takes to be made, and how much memory.

    python benchmarks/site.py [--models 100 --models 1000] [--lang en] [--check]

The models are those of the sample, under as many names as are asked for, in the journal of a batch; what is timed is
``openaudit publish`` into an empty folder. Processor time is that of all its processes together: where other work runs
on the machine, divided by its cores it says what the machine alone would take. Memory (on Linux) is the most that each
process held, added up. With ``--check``: exit 1 where a site of 1,000 models took a minute or more, or the longest list
took more than 1.1 times the memory of the shortest.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parent))

from memory import family, high_water

import openaudit
from openaudit.auditing import load_rubrics
from openaudit.batch.journal import Journal, Settled, Terms, pack
from openaudit.run import Named

SAMPLE = Path(openaudit.__file__).parent / "sample" / "models"
SECONDS = 60.0  # promised for 1,000 models
GROWTH = 1.1  # promised for the memory, from the shortest list to the longest


def journal(path: Path, models: int) -> None:
    """A journal of so many models."""
    names = sorted(str(info.parent.relative_to(SAMPLE)) for info in SAMPLE.glob("*/*/info.json"))
    audits = [openaudit.audit(name, snapshot="sample") for name in names]
    rubrics = {rubric.id: (rubric.version, rubric.sha256) for rubric in load_rubrics()}
    each = {f"maker-{n % 90}/A-Model-{n:05}-Instruct": audits[n % len(audits)] for n in range(models)}

    def settled() -> Iterator[Settled]:
        for name, audit in each.items():
            yield Settled(
                name, pack(audit.model_copy(update={"subject": audit.subject.model_copy(update={"id": name})}))
            )

    with Journal(
        path, Terms(f"openaudit {openaudit.__version__}", "the snapshot sample", rubrics), resume=False
    ) as run:
        run.plan(map(Named, each))
        run.keep(settled())


def publish(models: int, languages: Sequence[str]) -> tuple[float, float, float, int]:
    """Seconds, seconds of processor, MiB, and the bytes of the largest page."""
    with tempfile.TemporaryDirectory(prefix="openaudit-bench-") as folder:
        journal(Path(folder, "run.journal"), models)
        chosen = [f"--lang={language}" for language in languages]
        command = [sys.executable, "-m", "openaudit", "publish", "run.journal", "-o", "site", "--quiet", *chosen]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        held: dict[int, float] = {}
        root = str(Path(openaudit.__file__).parent.parent)
        with subprocess.Popen(command, cwd=folder, env=os.environ | {"PYTHONPATH": root}) as child:
            while child.poll() is None:
                for pid in family(child.pid):
                    held[pid] = max(held.get(pid, 0.0), high_water(pid))
                time.sleep(0.1)
        took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if child.returncode:
            sys.exit(f"publishing ended with {child.returncode}")
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        pages = list(Path(folder, "site").rglob("*.html"))
        if len(pages) < models * len(languages):
            sys.exit(f"{len(pages)} pages for {models} models")
        return took, busy, sum(held.values()), max(page.stat().st_size for page in pages)


@click.command()
@click.option("--models", "lengths", multiple=True, type=int, default=(100, 1000))
@click.option("--lang", "languages", multiple=True, default=("en",))
@click.option("--check", is_flag=True)
def main(lengths: Sequence[int], languages: Sequence[str], check: bool) -> None:
    """Measures, and prints."""
    found = {}
    for models in lengths:
        found[models] = took, busy, memory, largest = publish(models, languages)
        print(
            f"{models} models, {' and '.join(languages)}: {took:.0f} s ({busy:.0f} s of processor on {os.cpu_count()} "
            f"cores), {memory:.0f} MiB in all, largest page {largest / 1000:.0f} kB",
            flush=True,
        )
    growth = found[max(lengths)][2] / found[min(lengths)][2]
    print(f"the longest list takes {growth:.2f} times the memory of the shortest (promised: {GROWTH})")
    slow = [models for models, (took, *_rest) in found.items() if took >= SECONDS * max(1, models / 1000)]
    if check and (slow or growth > GROWTH):
        sys.exit("slower, or more memory, than promised")


if __name__ == "__main__":
    main()
