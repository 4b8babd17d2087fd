"""Judging beside gathering: in processes of its own where there is enough to do, because one Python judges on one core.

Each is this program with its standard input and output as pipes: it ends when they do, so a killed run leaves none
behind, and one that breaks down, however badly, costs one model its audit.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import struct
import subprocess
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from types import TracebackType
from typing import IO

from openaudit.auditing import Auditor
from openaudit.batch.journal import pack
from openaudit.errors import Crashed
from openaudit.evidence import Snapshot
from openaudit.judging.rubric import Rubric

_FEW = 12  # models: a process takes as long to start as judging these
_AHEAD = 2  # snapshots that a process holds: the one that it judges, and the next
_SIZE = struct.Struct("<cQ")  # of a message: what it is, and how many bytes follow
# Not -m: it would look for modules in the working directory first, which may be anybody's.
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from openaudit.batch import judging; judging.serve()"


class Judges:
    """Judges snapshots, several at once. Use as a context manager, or ``close`` it.

    ``models`` says how many there will be at most, ``processes`` how many may judge side by side (default: one a core,
    less one: gathering takes a core, too).
    """

    def __init__(self, rubrics: Sequence[Rubric], models: int, processes: int | None = None) -> None:
        most = max(1, (os.cpu_count() or 1) - 1) if processes is None else processes
        self.processes = min(most, models // _FEW)
        self._auditor = None if self.processes else Auditor(rubrics)  # which takes a while to make ready
        self._free: SimpleQueue[_Process] = SimpleQueue()
        all_of_them = [_Process(rubrics) for _ in range(self.processes)]
        for process in all_of_them * _AHEAD:
            self._free.put(process)
        self._pool = ThreadPoolExecutor(max(1, _AHEAD * self.processes), thread_name_prefix="openaudit-judge")
        for process in all_of_them:
            self._pool.submit(process.prepare)  # beside: it takes until the process runs

    def submit(self, snapshot: Snapshot) -> Future[bytes]:
        """The audit of a snapshot, packed, when it is made; Crashed if it cannot be."""
        return self._pool.submit(self._judge, snapshot)

    def _judge(self, snapshot: Snapshot) -> bytes:
        if self._auditor:
            return judged(snapshot, self._auditor)
        process = self._free.get()
        try:
            return process.judge(snapshot)
        finally:
            self._free.put(process)

    def __enter__(self) -> Judges:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes; what they have not judged is left."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in {self._free.get() for _ in range(_AHEAD * self.processes)}:
            process.close()


class _Process:
    """A process that judges one snapshot at a time, and is started anew if it breaks down.

    While it judges one, it may be sent the next: else it would wait, model by model, for this process to find the time.
    """

    def __init__(self, rubrics: Sequence[Rubric]) -> None:
        self._rubrics = tuple(rubrics)
        self._child = _start()
        self._prepared: subprocess.Popen[bytes] | None = None  # the child that has the rubrics
        self._sending, self._receiving = Lock(), Lock()

    def prepare(self) -> None:
        """Hands over the rubrics, which may take until the process runs and reads them."""
        with self._sending:
            self._hand(self._child)

    def judge(self, snapshot: Snapshot) -> bytes:
        """The audit, packed. Raises Crashed."""
        packed = pickle.dumps(snapshot)
        with self._sending:
            child = self._child
            self._hand(child, packed)
            self._receiving.acquire()  # hand over hand: answers are taken in the order of the questions
            if child is not self._child:  # it ended over the model before this one
                child = self._child
                self._hand(child, packed)
        try:
            assert child.stdout  # noqa: S101 - for the type checker: a pipe was asked for
            kind, body = _receive(child.stdout)
        except (OSError, EOFError):
            self.close()
            self._child = _start()
            raise Crashed(f"{snapshot.subject}: the process that judged it ended ({child.returncode})") from None
        finally:
            self._receiving.release()
        if kind != b"A":
            raise Crashed(f"{snapshot.subject}: judging it broke down: {body.decode()}")
        return body

    def close(self) -> None:
        """Ends the process, at once."""
        self._child.kill()
        self._child.communicate()

    def _hand(self, child: subprocess.Popen[bytes], snapshot: bytes = b"") -> None:
        """Sends the rubrics, if it was sent none yet, and a snapshot. It may have ended: its answer will tell."""
        assert child.stdin  # noqa: S101 - for the type checker: a pipe was asked for
        with suppress(OSError, ValueError):  # ValueError: it was closed meanwhile
            if self._prepared is not child:
                self._prepared = child
                _send(child.stdin, b"R", pickle.dumps(self._rubrics))
            if snapshot:
                _send(child.stdin, b"S", snapshot)


def _start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-c", _START, json.dumps(sys.path)]
    # A group of its own: Ctrl-C is for the run, which then closes the pipes.
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)  # noqa: S603 - this very program


def _send(pipe: IO[bytes], kind: bytes, body: bytes) -> None:
    pipe.write(_SIZE.pack(kind, len(body)))
    pipe.write(body)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    """A message: what it is, and its body. Raises EOFError where there is none."""
    head = pipe.read(_SIZE.size)
    if len(head) < _SIZE.size:
        raise EOFError
    kind, size = _SIZE.unpack(head)
    body = pipe.read(size)
    if len(body) < size:
        raise EOFError
    return kind, body


def in_words(problem: BaseException) -> str:
    """What nobody foresaw, in one line, and where it happened."""
    words = " ".join(f"{type(problem).__name__}: {problem}".split())[:300].encode("utf-8", "replace").decode()
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [frame for frame in frames if "openaudit" in Path(frame.filename).parts]
    return f"{words} ({Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else words


# --------------------------------------------------------------------------- in a process of its own


def serve() -> None:
    """Judges what comes in, by the rubrics that come first, until nothing more does."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints must not be taken for an answer
    with suppress(EOFError, BrokenPipeError), ThreadPoolExecutor(1) as pool:
        auditor = Auditor(pickle.loads(_receive(sys.stdin.buffer)[1]))  # noqa: S301 - from the process that started this one
        gc.freeze()  # what is there by now stays: the collector need not look at it again and again
        while True:
            snapshot = pickle.loads(_receive(sys.stdin.buffer)[1])  # noqa: S301 - likewise
            done = pool.submit(judged, snapshot, auditor)  # as a future, it tells of its failure, whatever that is
            if problem := done.exception():
                _send(answers, b"E", in_words(problem).encode())
            else:
                _send(answers, b"A", done.result())


def judged(snapshot: Snapshot, auditor: Auditor) -> bytes:
    """The audit of a snapshot, packed."""
    return pack(auditor.judge(snapshot))
