"""Gathering: follow what a model's page points to, and hold everything an audit may look at.

The subject, the models it was made from (five generations), the data sets each of them names and the code each of
them links. Independent questions are asked side by side, each once; how fast each is answered changes nothing. What
the metadata of a page names is asked for as soon as the metadata is there, while the page itself is still read. After
this nothing touches the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import RLock
from typing import Generic, TypeVar

from openaudit.evidence import Kind, Looked, LookedCode, NotLooked, Repo, Snapshot
from openaudit.reading.pointers import Pointer, base_models, card_of, code_repos
from openaudit.reading.training_data import data_sets, evaluation_sets
from openaudit.saying import phrase
from openaudit.sources import Early, Source, at_once

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
    visit = _Visit(source, tell, id)
    try:
        subject = source.subject(id, revision, visit.ahead(0))
        return visit.follow(subject, id)
    finally:
        visit.end()


class _Visit:
    """One gathering under way."""

    def __init__(self, source: Source, tell: Progress, id: str) -> None:
        self._source = source
        self._own = {id}  # what the subject is called
        self._models: _Table[Looked] = _Table("models", MAX_MODELS, tell, source)
        self._datasets: _Table[Looked] = _Table("datasets", MAX_DATASETS, tell, source)
        self._code: _Table[LookedCode] = _Table("github", MAX_CODE, tell, source)

    def follow(self, subject: Repo, id: str) -> Snapshot:
        """Everything the subject, which was asked for as ``id``, points to."""
        models, datasets, code = self._models, self._datasets, self._code
        models.hold(subject.id, subject)
        models.hold(id, subject)
        generation = [subject]
        for depth in range(GENERATIONS + 1):
            parents: list[Pointer] = []
            for repo in generation:
                card = card_of(repo)
                parents += base_models(repo, card)
                named = (p.id for p in data_sets(repo, card) if p.how in ("metadata", "card", "named"))
                datasets.ask(named, self._source.dataset)
                if repo is subject:
                    datasets.ask((p.id for p in evaluation_sets(repo, card)), self._source.dataset)
                code.ask((pointer.id.lower() for pointer in code_repos(repo, card)), self._source.code)
            # Each generation is awaited: whoever answers first, the same models are then asked for their parents.
            asked = models.ask((p.id for p in parents), self._ancestor(depth)) if depth < GENERATIONS else []
            generation = [found for found in map(models.answer, asked) if isinstance(found, Repo)]
        redirects: dict[Kind, dict[str, str]] = {"models": models.moved(), "datasets": datasets.moved()}
        return Snapshot(
            subject.id, models.by_id(), datasets.by_id(), code.answers(), redirects, local=not subject.endpoint
        )

    def ahead(self, depth: int) -> Early:
        """Asks for what the metadata of a model names, ``depth`` generations away from the subject.

        Only what is asked for later anyway: where metadata names something, the card can add to it and not take away.
        """

        def early(repo: Repo) -> None:
            if depth == 0:
                self._own.add(repo.id)
            if repo.card_data:
                self._datasets.expect((p.id for p in data_sets(repo, None)), self._source.dataset)
                if depth < GENERATIONS:
                    parents = (p.id for p in base_models(repo, None) if p.id not in self._own)
                    self._models.expect(parents, self._ancestor(depth))

        return early

    def _ancestor(self, depth: int) -> Callable[[str], Looked]:
        return lambda id: self._source.model(id, self.ahead(depth + 1))

    def end(self) -> None:
        """Take back what was not begun yet."""
        for table in (self._models, self._datasets, self._code):
            table.drop()


class _Table(Generic[T]):
    """The questions of one kind and their answers. Only the calling thread changes it; any may ``expect``."""

    def __init__(self, kind: str, limit: int, tell: Progress, source: Source) -> None:
        self._kind = kind
        self._limit = limit
        self._tell = tell
        self._source = source
        self._asked: dict[str, Future[T | NotLooked]] = {}
        self._begun: dict[str, Future[T | NotLooked]] = {}
        self._dropped = False
        self._lock = RLock()  # a source that answers at once may do so early, too

    def hold(self, id: str, answer: T | NotLooked) -> None:
        """Takes an answer that is known already."""
        self._asked[id] = at_once(lambda: answer)

    def expect(self, ids: Iterable[str], question: Callable[[str], T]) -> None:
        """Asks for what will be asked for later, as far as the limit allows."""
        with self._lock:
            for id in ids:
                if len(self._begun) < self._limit and not self._dropped:
                    self._begin(id, question)

    def ask(self, ids: Iterable[str], question: Callable[[str], T]) -> list[str]:
        """Asks for those not asked yet, without waiting; returns them."""
        new = [id for id in dict.fromkeys(ids) if id not in self._asked]
        for id in new:
            if len(self._asked) >= self._limit:
                self.hold(id, NotLooked(phrase("there are more than {n}, and no more are looked at", n=self._limit)))
                continue
            self._tell(self._kind, id)
            with self._lock:
                self._asked[id] = self._begin(id, question)
        return new

    def _begin(self, id: str, question: Callable[[str], T]) -> Future[T | NotLooked]:
        if id not in self._begun:
            self._begun[id] = self._source.submit(lambda: question(id))
        return self._begun[id]

    def drop(self) -> None:
        """Takes back what was not begun yet."""
        with self._lock:
            self._dropped = True
            for future in self._begun.values():
                future.cancel()

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
