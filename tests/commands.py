"""The command line, driven in this process as a shell would; and snapshots written for it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from openaudit.cli import main

ROOT = Path(__file__).resolve().parent.parent
SHA = "0123456789abcdef0123456789abcdef01234567"
MODEL = "maker/model"
WEIGHTS = ["config.json", "model.safetensors"]
# Programs that tests start are compiled once, whatever is said about writing beside the code: it is a fifth of a start.
COMPILED = {"PYTHONPYCACHEPREFIX": str(ROOT / "build" / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
ENGLISH = "This is an open-weights model."


class Ran(NamedTuple):
    """What a run came to."""

    code: int
    out: str
    err: str


def run(*args: str | Path, encoding: str = "utf-8") -> Ran:
    """``openaudit ARGS`` in this process, piped."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2)]
    argv = ["openaudit", *map(str, args)]
    with (
        patch.object(sys, "argv", argv),
        patch.object(sys, "stdout", streams[0]),
        patch.object(sys, "stderr", streams[1]),
    ):
        try:
            main()
        except SystemExit as stop:
            code = stop.code
    for stream in streams:
        stream.flush()
    out, err = (stream.buffer.getvalue().decode(encoding) for stream in streams)  # type: ignore[attr-defined]
    assert isinstance(code, int)
    return Ran(code, out, err)


def start(*args: str | Path, env: Mapping[str, str] | None = None, **options: Any) -> subprocess.Popen[bytes]:
    """``openaudit ARGS`` as a process of its own, with pipes."""
    command = [sys.executable, "-m", "openaudit", *map(str, args)]
    surroundings = {**os.environ, **COMPILED, "PYTHONPATH": str(ROOT), **(env or {})}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=surroundings, **{**pipes, **options})


def process(*args: str | Path, env: Mapping[str, str] | None = None, **options: Any) -> Ran:
    """As ``start``, to its end. Bytes that are no UTF-8 stay visible."""
    with start(*args, env=env, **options) as child:
        out, err = child.communicate(timeout=60)
    return Ran(
        child.returncode,
        (out or b"").decode("utf-8", "backslashreplace"),
        (err or b"").decode("utf-8", "backslashreplace"),
    )


def python(code: str) -> str:
    """What a program of its own prints; it finds openaudit as this process does."""
    command = [sys.executable, "-c", code]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True).stdout


def model(id: str = MODEL, card: str | bytes | None = ENGLISH, files: Any = WEIGHTS, **info: Any) -> dict[str, Any]:
    """The files of one model in a snapshot (and in the double of the Hub), by path."""
    return repository("models", id, card, files, **info)


def repository(kind: str, id: str, card: str | bytes | None, files: Any, **info: Any) -> dict[str, Any]:
    where = f"{kind}/{id}"
    names = [*files, *(["README.md"] if card is not None else [])] if isinstance(files, list) else files
    listed = [{"rfilename": name} for name in names] if isinstance(names, list) else names
    plain = {"id": id, "sha": SHA, "gated": False, "tags": ["transformers"], "cardData": {}, "siblings": listed}
    found: dict[str, Any] = {f"{where}/info.json": {**plain, **info}}
    if card is not None:
        found[f"{where}/files/README.md"] = card
    return found


def slowness() -> float:
    """How many times slower this machine is, just now, than the one that promises of speed are meant for: at least 1.

    That one counts to two million in 0.13 s. Hosts that are shared are slower by the hour.
    """
    took = []
    for _ in range(3):
        before, count = time.process_time(), 0
        while count < 2_000_000:
            count += 1
        took.append(time.process_time() - before)
    return max(1.0, min(took) / 0.13)


def write_snapshot(folder: Path, store: Mapping[str, Any]) -> Path:
    """Writes a store as a snapshot folder: text and bytes as they are, everything else as JSON."""
    for name, content in store.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return folder
