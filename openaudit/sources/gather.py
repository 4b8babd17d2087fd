"""Gathering: follow what a model's page points to, and hold everything an audit may look at.

The subject, the models it was made from (five generations), the data sets each of them names and the code each of
them links. Independent questions are asked side by side, each once. After this nothing touches the network.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from openaudit.evidence import Looked, LookedCode, Repo, Snapshot
from openaudit.reading.pointers import base_models, card_of, code_repos, data_sets
from openaudit.sources import Source

GENERATIONS = 5

Progress = Callable[[str, str], None]


def gather(source: Source, id: str, revision: str | None = None, progress: Progress | None = None) -> Snapshot:
    """Gathers one model and all it points to. Raises what ``source.subject`` raises; every other failure is a value.

    ``progress`` is told ("models" | "datasets" | "github", id) before each question.
    """
    tell = progress or (lambda kind, id: None)
    tell("models", id)
    subject = source.subject(id, revision)
    walk = _Walk(source, tell)
    walk.models[subject.id] = subject
    with ThreadPoolExecutor(max_workers=source.workers) as pool:
        walk.follow(subject, 0, pool)
        walk.run(pool)
    redirects = {kind: dict(table) for kind, table in source.redirects().items()}
    if subject.id != id:
        redirects.setdefault("models", {})[id] = subject.id
    local = subject.info.get("local") is True
    return Snapshot(subject.id, walk.models, walk.datasets, walk.github, redirects, local)


class _Walk:
    """The questions asked so far and their answers. Only the calling thread changes it."""

    def __init__(self, source: Source, tell: Progress) -> None:
        self.source = source
        self.tell = tell
        self.models: dict[str, Looked] = {}
        self.datasets: dict[str, Looked] = {}
        self.github: dict[str, LookedCode] = {}
        self.asked: set[tuple[str, str]] = set()
        self.pending: dict[Future[Any], tuple[str, str, int]] = {}

    def follow(self, repo: Repo, depth: int, pool: ThreadPoolExecutor) -> None:
        """Asks for everything one model points to."""
        card = card_of(repo)
        if depth < GENERATIONS:
            for pointer in base_models(repo, card):
                if pointer.how != "named" and pointer.id not in self.models:
                    self.ask("models", pointer.id, depth + 1, pool)
        for pointer in data_sets(repo, card):
            self.ask("datasets", pointer.id, depth, pool)
        for pointer in code_repos(repo, card):
            self.ask("github", pointer.id.lower(), depth, pool)

    def ask(self, kind: str, id: str, depth: int, pool: ThreadPoolExecutor) -> None:
        if (kind, id) in self.asked:
            return
        self.asked.add((kind, id))
        self.tell(kind, id)
        question: Callable[[str], Any] = {"models": self.source.model, "datasets": self.source.dataset, "github": self.source.code}[kind]
        self.pending[pool.submit(question, id)] = (kind, id, depth)

    def run(self, pool: ThreadPoolExecutor) -> None:
        while self.pending:
            done, _ = wait(self.pending, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda f: self.pending[f]):
                kind, id, depth = self.pending.pop(future)
                answer = future.result()
                if kind == "models":
                    self._keep(self.models, id, answer)
                    if isinstance(answer, Repo):
                        self.follow(answer, depth, pool)
                elif kind == "datasets":
                    self._keep(self.datasets, id, answer)
                else:
                    self.github[id] = answer

    @staticmethod
    def _keep(table: dict[str, Looked], id: str, answer: object) -> None:
        table[answer.id if isinstance(answer, Repo) else id] = answer  # type: ignore[assignment]
