"""A Hub for benchmarks: the tests' double, in a process of its own, with models that share what real models share.

Each model is made from one of a few base models, names two data sets and links a repository of code, as most do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.commands import SHA, model, repository  # noqa: E402 - found by the line above
from tests.hubdouble import HubDouble  # noqa: E402 - likewise

_REFS = {"branches": [{"name": "main", "ref": "refs/heads/main", "targetCommit": SHA}], "converts": [], "tags": []}
_CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "bfloat16"}
_SHARED = 20  # models that have the same base


def name(number: int) -> str:
    """The id of a model."""
    return f"maker-{number % 50}/model-{number:05}"


def world(models: int) -> dict[str, Any]:
    """The store of a double that holds so many models, and what they point to."""
    found: dict[str, Any] = {}
    for number in range(models):
        base, sets = f"base/model-{number // _SHARED}", [f"data/set-{number // 5}", "data/common"]
        meta = {"license": "apache-2.0", "base_model": base, "datasets": sets}
        card = (
            f"---\nlicense: apache-2.0\nbase_model: {base}\ndatasets: [{', '.join(sets)}]\n---\n# Model {number}\n\n"
            f"This is open model {number}, tuned from {base}. "
            f"[Code](https://github.com/maker/code-{number // _SHARED}).\n\n"
            "## Training\n\nIt was trained on the data sets named above, for three epochs on 8 A100 GPUs.\n"
        )
        found |= model(name(number), card, cardData=meta)
        found |= {f"models/{id}/refs.json": _REFS for id in (name(number), base)}
        found |= {f"models/{id}/files/config.json": _CONFIG for id in (name(number), base)}
        found |= model(base, f"# {base}\n\nA base model.\n", cardData={"license": "apache-2.0"})
        for one in sets:
            found |= repository("datasets", one, "# Data\n", ["data.parquet"], cardData={"license": "cc-by-4.0"})
        code = f"maker/code-{number // _SHARED}"
        tree = ["LICENSE", "README.md", "train.py", "requirements.txt"]
        found[f"github/{code}.json"] = {"full_name": code, "license": {"spdx_id": "Apache-2.0"}, "tree": tree}
    return found


class Hub:
    """The double, running. Use as a context manager; ``url`` is where it listens."""

    def __init__(self, models: int, latency: float = 0.0) -> None:
        command = [sys.executable, __file__, str(models), str(latency)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._line()

    def _line(self) -> str:
        assert self._child.stdout  # noqa: S101 - said for mypy
        return self._child.stdout.readline().strip()

    def told(self) -> list[tuple[str, float, float]]:
        """The requests since the last time this was asked: what for, and when they came and were answered (seconds)."""
        assert self._child.stdin  # noqa: S101 - said for mypy
        print("tell", file=self._child.stdin, flush=True)
        return [(path, at, done) for path, at, done in json.loads(self._line())]

    def environment(self, cache: Path) -> dict[str, str]:
        """What a program that is to ask this Hub finds around it: no token, and a cache of its own."""
        ours = {
            name: value for name, value in os.environ.items() if not name.startswith(("HF_", "GITHUB_", "OPENAUDIT_"))
        }
        where = {"HF_ENDPOINT": self.url, "GITHUB_API_URL": self.url, "OPENAUDIT_CACHE_DIR": str(cache)}
        return {**ours, **where, "HF_HOME": str(cache), "PYTHONPATH": str(ROOT)}

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._child.kill()
        self._child.communicate()


def _serve(models: int, latency: float) -> None:
    double = HubDouble(world(models), latency=latency)
    print(double.url, flush=True)
    for _ in sys.stdin:
        time.sleep(0.2)  # the last answer may still be on its way
        print(json.dumps([(one.raw, one.at, one.done) for one in double.requests]), flush=True)
        double.requests.clear()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), float(sys.argv[2]))
