"""How much memory a batch takes, at its highest, for lists of different lengths.

    python benchmarks/memory.py [--models 100 --models 1000 --models 10000] [--jobs 16] [--check]

Measured on Linux: the most that each process of the run ever held (VmHWM of /proc/PID/status), added up, whether it was
at the same moment or not. The Hub is a double in a process that does not count. With ``--check``: exit 1 where the
longest list takes more than 1.2 times the memory of the one before.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parent))

from hub import Hub, name

MOST = 1.2


def peak(hub: Hub, models: int, jobs: int) -> tuple[dict[int, float], float]:
    """The most that each process held (MiB), the run itself first, and how long it took (seconds)."""
    held: dict[int, float] = {}
    with tempfile.TemporaryDirectory(prefix="openaudit-bench-") as folder:
        Path(folder, "many.txt").write_text("".join(f"{name(number)}\n" for number in range(models)))
        args = ["many.txt", "--jobs", str(jobs), "--format", "jsonl", "-o", "out.jsonl", "--quiet"]
        began = time.perf_counter()
        command = [sys.executable, "-m", "openaudit", "batch", *args]
        with subprocess.Popen(command, env=hub.environment(Path(folder)), cwd=folder, stderr=subprocess.PIPE) as child:
            held[child.pid] = 0.0
            while child.poll() is None:
                for pid in family(child.pid):
                    held[pid] = max(held.get(pid, 0.0), high_water(pid))
                time.sleep(0.2)
            said = child.stderr.read().decode() if child.stderr else ""
        if child.returncode:
            sys.exit(f"the batch ended with {child.returncode}: {said}")
        lines = Path(folder, "out.jsonl").read_bytes().count(b"\n")
        if lines != models:
            sys.exit(f"{lines} lines for {models} models")
        return held, time.perf_counter() - began


def family(pid: int) -> list[int]:
    """A process and its children."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        found = []
    return [pid, *map(int, found)]


def high_water(pid: int) -> float:
    """The most memory a process ever held, in MiB; 0 where it is gone."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


@click.command()
@click.option("--models", "lengths", multiple=True, type=int, default=(100, 1000, 10_000))
@click.option("--jobs", default=16)
@click.option("--check", is_flag=True)
def main(lengths: Sequence[int], jobs: int, check: bool) -> None:
    """Measures, and prints."""
    sums = []
    with Hub(max(lengths)) as hub:
        for models in lengths:
            held, seconds = peak(hub, models, jobs)
            own, *others = held.values()
            sums.append(sum(held.values()))
            parts = f"{own:.0f} and {' and '.join(f'{one:.0f}' for one in others)} MiB" if others else f"{own:.0f} MiB"
            print(f"{models} models: {sums[-1]:.0f} MiB in all ({parts}), in {seconds:.0f} s", flush=True)
    if len(sums) > 1:
        print(f"the longest takes {sums[-1] / sums[-2]:.2f} times the memory of the one before (promised: {MOST})")
    if check and len(sums) > 1 and sums[-1] > MOST * sums[-2]:
        sys.exit("more memory than promised")


if __name__ == "__main__":
    main()
