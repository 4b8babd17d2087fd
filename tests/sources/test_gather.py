"""Gathering asks for what a page points to: each once, side by side, and alike however fast the answers come."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pytest

from openaudit.errors import NotFound
from openaudit.evidence import MISSING, CodeRepo, Kind, Looked, LookedCode, NotLooked, Repo
from openaudit.sources import Early
from openaudit.sources import gather as module
from openaudit.sources.gather import GENERATIONS, gather

T = TypeVar("T")


class World:
    """A source in memory: what each model points to. ``slow`` says how long an answer takes (seconds)."""

    def __init__(self, models: Mapping[str, Mapping[str, object]], slow: float = 0.0, workers: int = 4) -> None:
        self.models = models
        self.moved = {"old/base": "new/base"}
        self.asked: list[tuple[str, str]] = []
        self._pool = ThreadPoolExecutor(workers)
        self.at_once = self.most_at_once = 0
        self._slow = slow
        self._lock = threading.Lock()

    def submit(self, question: Callable[[], T]) -> Future[T]:
        return self._pool.submit(question)

    def subject(self, id: str, revision: str | None, early: Early | None = None) -> Repo:
        found = self.model(id, early)
        if not isinstance(found, Repo):
            raise NotFound(id)
        return found

    def model(self, id: str, early: Early | None = None) -> Looked:
        if early and id in self.models:
            early(Repo("models", id, {"id": id, "cardData": dict(self.models[id])}))
        return self._answer("models", id)

    def dataset(self, id: str) -> Looked:
        return self._answer("datasets", id)

    def code(self, id: str) -> LookedCode:
        with self._lock:
            self.asked.append(("github", id))
        return CodeRepo(id, {})

    def redirects(self) -> Mapping[Kind, Mapping[str, str]]:
        return {}

    def _answer(self, kind: Kind, id: str) -> Looked:
        with self._lock:
            self.asked.append((kind, id))
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        time.sleep(random.random() * self._slow)
        with self._lock:
            self.at_once -= 1
        id = self.moved.get(id, id)
        if kind == "datasets":
            return Repo(kind, id, {"id": id})
        if id not in self.models:
            return MISSING
        data = dict(self.models[id])
        return Repo(
            kind, id, {"id": id, "cardData": data, "siblings": []}, files={"README.md": str(data.get("card", ""))}
        )


def chain(length: int) -> dict[str, dict[str, object]]:
    return {f"m/{i}": {"base_model": f"m/{i + 1}"} for i in range(length)}


def test_everything_a_page_points_to_is_asked_for_once() -> None:
    card = "[c](https://github.com/O/Code) and [again](https://github.com/o/code)"
    world = World(
        {
            "a/a": {"base_model": ["b/b", "b/b"], "datasets": ["o/d", "o/d"], "card": card},
            "b/b": {"datasets": ["o/d", "o/e"], "card": card},
        }
    )
    told: list[tuple[str, str]] = []
    found = gather(world, "a/a", progress=lambda kind, id: told.append((kind, id)))
    asked = [("models", "a/a"), ("models", "b/b"), ("datasets", "o/d"), ("datasets", "o/e"), ("github", "o/code")]
    assert sorted(world.asked) == sorted(told) == sorted(asked)
    assert set(found.models) == {"a/a", "b/b"}
    assert set(found.datasets) == {"o/d", "o/e"}
    assert isinstance(found.code("O/Code"), CodeRepo)


def test_what_cannot_be_had_is_a_value_but_for_the_subject() -> None:
    assert gather(World({"a/a": {"base_model": "gone/gone"}}), "a/a").model("gone/gone") is MISSING
    with pytest.raises(NotFound):
        gather(World({}), "a/a")


def test_five_generations_and_no_more() -> None:
    world = World(chain(10))
    found = gather(world, "m/0")
    assert set(found.models) == {f"m/{i}" for i in range(GENERATIONS + 1)}
    assert isinstance(found.model(f"m/{GENERATIONS + 1}"), NotLooked)


def test_an_ancestor_on_a_short_and_a_long_way_is_followed_from_the_short_one() -> None:
    """Whoever answers first: the same is gathered, with answers that come in any order."""
    models = {**chain(5), "a/a": {"base_model": ["m/0", "m/4"]}, "m/4": {"base_model": "x/1"}}
    models |= {"x/1": {"base_model": "x/2"}, "x/2": {"base_model": "x/3"}, "x/3": {"base_model": "x/4"}, "x/4": {}}
    seen = {tuple(gather(World(models, slow=0.01), "a/a").models) for _ in range(10)}
    assert len(seen) == 1
    assert {"x/3", "x/4"} <= set(next(iter(seen)))


@pytest.mark.parametrize("circle", [["a/a"], ["b/b", "a/a"], ["b/b", "c/c", "a/a"]])
def test_a_circle_ends(circle: list[str]) -> None:
    models = {id: {"base_model": base} for id, base in zip(["a/a", *circle], circle, strict=False)}
    world = World(models)
    assert set(gather(world, "a/a").models) == {"a/a", *circle}
    assert len(world.asked) == len({"a/a", *circle})


def test_old_ids_lead_to_those_of_today() -> None:
    models = {"a/a": {"base_model": ["old/base", "new/base"]}, "new/base": {"base_model": "a/a"}}
    found = gather(World(models), "a/a")
    assert set(found.models) == {"a/a", "new/base"}
    assert found.redirects["models"] == {"old/base": "new/base"}
    assert found.model("old/base") is found.model("new/base")


def test_the_subject_stays_as_it_was_asked_for() -> None:
    """Met again under an old name (at main, perhaps), it does not take the place of the revision asked for."""
    world = World({"new/base": {"base_model": "other/x"}, "other/x": {"base_model": "old/base"}})
    subject = world.subject("new/base", None)
    world.subject = lambda id, revision, early: subject  # type: ignore[method-assign]
    assert gather(world, "new/base", "v1").models["new/base"] is subject
    found = gather(world, "old/base", "v1")
    assert (found.subject, found.redirects["models"]["old/base"]) == ("new/base", "new/base")


def test_questions_are_asked_side_by_side_within_bounds() -> None:
    models = {"a/a": {"base_model": [f"b/{i}" for i in range(12)]}, **{f"b/{i}": {} for i in range(12)}}
    world = World(models, slow=0.05, workers=4)
    gather(world, "a/a")
    assert 1 < world.most_at_once <= 5  # four, and the subject


def test_beyond_a_limit_nothing_is_asked_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_DATASETS", 10)
    world = World({"a/a": {"datasets": [f"o/d{i}" for i in range(30)]}})
    found = gather(world, "a/a")
    assert sum(kind == "datasets" for kind, _ in world.asked) == 10
    beyond = found.dataset("o/d29")
    assert isinstance(beyond, NotLooked)
    assert "more than 10" in beyond.why
