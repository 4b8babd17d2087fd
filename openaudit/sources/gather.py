"""Gathering: follow what a model's page points to, and hold everything an audit may look at.

The subject, the models it was made from (five generations), the data sets each of them names and the code each of
them links. Independent questions are asked side by side, each once; how fast each is answered changes nothing. After
this nothing touches the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from openaudit.evidence import Kind, Looked, LookedCode, NotLooked, Repo, Snapshot
from openaudit.reading.pointers import Pointer, base_models, card_of, code_repos
from openaudit.reading.training_data import data_sets
from openaudit.sources import Source

GENERATIONS = 5
# How many of each one audit looks at. What is beyond is unknown, and says why. Real lineages stay far below.
MAX_MODELS, MAX_DATASETS, MAX_CODE = 100, 300, 100

Progress = Callable[[str, str], None]
T = TypeVar("T")


def gather(source: Source, id: str, revision: str | None = None, progress: Progress | None = None) -> Snapshot:
    """Gathers one model and all it points to. Raises what ``source.subject`` raises; every other failure is a value.

    ``progress`` is told ("models" | "datasets" | "github", id) before each question.
    """
    tell: Progress = progress or (lambda *_: None)
    tell("models", id)
    subject = source.subject(id, revision)
    pool = ThreadPoolExecutor(source.workers, thread_name_prefix="openaudit-gather")
    models: _Table[Looked] = _Table("models", source.model, MAX_MODELS, tell, pool)
    datasets: _Table[Looked] = _Table("datasets", source.dataset, MAX_DATASETS, tell, pool)
    code: _Table[LookedCode] = _Table("github", source.code, MAX_CODE, tell, pool)
    models.hold(subject.id, subject)
    models.hold(id, subject)
    try:
        generation = [subject]
        for depth in range(GENERATIONS + 1):
            parents: list[Pointer] = []
            for repo in generation:
                card = card_of(repo)
                parents += base_models(repo, card)
                datasets.ask(p.id for p in data_sets(repo, card) if p.how != "collection")
                code.ask(pointer.id.lower() for pointer in code_repos(repo, card))
            # Each generation is awaited: whoever answers first, the same models are then asked for their parents.
            asked = models.ask(pointer.id for pointer in parents) if depth < GENERATIONS else []
            generation = [found for found in map(models.answer, asked) if isinstance(found, Repo)]
        redirects: dict[Kind, dict[str, str]] = {"models": models.moved(), "datasets": datasets.moved()}
        return Snapshot(
            subject.id, models.by_id(), datasets.by_id(), code.answers(), redirects, local=not subject.endpoint
        )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Table(Generic[T]):
    """The questions of one kind and their answers. Only the calling thread changes it."""

    def __init__(
        self, kind: str, question: Callable[[str], T], limit: int, tell: Progress, pool: ThreadPoolExecutor
    ) -> None:
        self._kind = kind
        self._question = question
        self._limit = limit
        self._tell = tell
        self._pool = pool
        self._asked: dict[str, Future[T | NotLooked]] = {}

    def hold(self, id: str, answer: T | NotLooked) -> None:
        """Takes an answer that is known already."""
        self._asked[id] = Future()
        self._asked[id].set_result(answer)

    def ask(self, ids: Iterable[str]) -> list[str]:
        """Asks for those not asked yet, without waiting; returns them."""
        new = [id for id in dict.fromkeys(ids) if id not in self._asked]
        for id in new:
            if len(self._asked) >= self._limit:
                self.hold(id, NotLooked(f"there are more than {self._limit}, and no more are looked at"))
                continue
            self._tell(self._kind, id)
            self._asked[id] = self._pool.submit(self._question, id)
        return new

    def answer(self, id: str) -> T | NotLooked:
        return self._asked[id].result()

    def answers(self) -> dict[str, T | NotLooked]:
        return {id: future.result() for id, future in self._asked.items()}

    def by_id(self) -> dict[str, T | NotLooked]:
        """The answers by the id of today; where two ids lead to one repository, the first answer stands."""
        found: dict[str, T | NotLooked] = {}
        for id, answer in self.answers().items():
            found.setdefault(answer.id if isinstance(answer, Repo) else id, answer)
        return found

    def moved(self) -> dict[str, str]:
        """Old id → id of today, for what was asked under an old one."""
        answers = self.answers().items()
        return {id: answer.id for id, answer in answers if isinstance(answer, Repo) and answer.id != id}
