"""How long an audit and a batch take over a network, against the least that the network allows.

    python benchmarks/latency.py [--models 200] [--latency 0.05] [--jobs 16] [--times 3] [--check]

The Hub is a double on this machine that waits before each answer (seconds). Nothing is in the cache. Start-up is the
same command with one model and no latency: what Python, the rubrics and one judgement take. The least an audit can take
is start-up and four answers one after the other; a batch, start-up and requests × latency ÷ jobs. The best of
``--times`` runs counts: what else the machine does only ever adds. With ``--check``: exit 1 beyond what is promised.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

sys.path.insert(0, str(Path(__file__).resolve().parent))

from hub import Hub, name

AUDIT = 0.5  # seconds that one cold audit may take above start-up and four latencies
ROUNDS = 4
BATCH = 1.3  # times the least


class Measured(NamedTuple):
    """One run: its time (seconds), its requests, those that were made twice, and the longest chain of them."""

    wall: float
    requests: int
    twice: int
    depth: int


def run(hub: Hub, args: Sequence[str], times: int) -> Measured:
    """The best of so many cold runs."""
    return min((once(hub, args) for _ in range(times)), key=lambda one: one.wall)


def once(hub: Hub, args: Sequence[str]) -> Measured:
    """One cold run of ``openaudit ARGS``."""
    with tempfile.TemporaryDirectory(prefix="openaudit-bench-") as folder:
        began = time.perf_counter()
        done = subprocess.run(  # noqa: PLW1510 - told below, with what it said
            [sys.executable, "-m", "openaudit", *args],
            env=hub.environment(Path(folder)),
            cwd=folder,
            capture_output=True,
        )
        wall = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"openaudit {' '.join(args)}: {done.returncode}\n{done.stderr.decode()}")
    told = hub.told()
    paths = [path for path, *_ in told]
    return Measured(wall, len(told), len(paths) - len(set(paths)), depth([(at, end) for _, at, end in told]))


def depth(spans: Sequence[tuple[float, float]]) -> int:
    """The most requests of which each began after the one before was answered."""
    found, free = 0, float("-inf")
    for at, end in sorted(spans, key=lambda span: span[1]):
        if at >= free:
            found, free = found + 1, end
    return found


@click.command()
@click.option("--models", default=200)
@click.option("--latency", default=0.05)
@click.option("--jobs", default=16)
@click.option("--times", default=3)
@click.option("--check", is_flag=True)
def main(models: int, latency: float, jobs: int, times: int, check: bool) -> None:
    """Measures, and prints."""
    with tempfile.TemporaryDirectory(prefix="openaudit-bench-") as folder:
        one, many = Path(folder, "one.txt"), Path(folder, "many.txt")
        one.write_text(f"{name(0)}\n")
        many.write_text("".join(f"{name(number)}\n" for number in range(models)))
        batch = ["--jobs", str(jobs), "--format", "jsonl", "-o", "out.jsonl", "--quiet"]
        audit = ["audit", name(0), "--format", "json", "-o", "out.json", "--quiet"]
        with Hub(1) as hub:
            starts = run(hub, audit, times).wall, run(hub, ["batch", str(one), *batch], times).wall
        with Hub(models, latency) as hub:
            single, several = run(hub, audit, times), run(hub, ["batch", str(many), *batch], times)
    least = starts[0] + ROUNDS * latency
    print(f"one cold audit at {latency * 1000:.0f} ms: {single.requests} requests, {single.depth} one after the other")
    print(f"  {single.wall:.2f} s; start-up {starts[0]:.2f} s and {ROUNDS} answers: {least:.2f} s")
    print(f"  above that: {single.wall - least:+.2f} s (promised: at most {AUDIT} s)")
    floor = starts[1] + several.requests * latency / jobs
    each = several.requests / models
    print(
        f"{models} models at {latency * 1000:.0f} ms, {jobs} at once: {several.requests} requests, {each:.1f} a model"
    )
    print(f"  made twice: {several.twice}")
    print(f"  {several.wall:.2f} s; start-up {starts[1]:.2f} s and the answers: {floor:.2f} s")
    print(f"  {several.wall / floor:.2f} times that (promised: at most {BATCH})")
    if check and (single.wall - least > AUDIT or several.wall > BATCH * floor):
        sys.exit("slower than promised")


if __name__ == "__main__":
    main()
