"""The benchmarks of a batch run, and count what they say they count."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import COMPILED

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from latency import depth  # noqa: E402 - found by the line above


def run(name: str, *args: str) -> str:
    command = [sys.executable, f"benchmarks/{name}", *args]
    surroundings = {**os.environ, **COMPILED}
    return subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True, timeout=120
    ).stdout


def test_depth_is_the_longest_chain() -> None:
    assert depth([]) == 0
    assert depth([(0, 1), (0, 1), (0.5, 1.5)]) == 1
    assert depth([(0, 1), (1, 2), (0, 3), (2.5, 4)]) == 3


def test_latency_is_measured() -> None:
    said = run("latency.py", "--models", "4", "--latency", "0.01", "--jobs", "4", "--times", "1")
    # One model: itself, its base, two data sets, and the code; each file of a repository apart.
    assert "one cold audit at 10 ms: 17 requests" in said
    assert "4 models at 10 ms, 4 at once:" in said
    assert "made twice: 0" in said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_memory_is_measured() -> None:
    said = run("memory.py", "--models", "2", "--models", "30")
    assert "2 models: " in said
    assert "30 models: " in said
    assert "times the memory of the one before" in said
