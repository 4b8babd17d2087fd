"""What is known of all models together: what the pages about many ask the shelf. Nothing is answered in lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from openaudit.result import Audit, DatasetRow
from openaudit.saying import from_data
from openaudit.site.shelf import Listed, Shelf, listed

# The most open first; within one label, the most open and the least openwashing first.
_BY_OPENNESS = """
INSERT INTO by_openness (position) SELECT position
FROM audited JOIN (SELECT label, min(position) AS first FROM audited GROUP BY label) USING (label)
ORDER BY rank, first, score DESC, far, fold, name, position
"""
_BY_NAME = "INSERT INTO by_name SELECT position, row_number() OVER (ORDER BY fold, name, position) FROM audited"
_FOR_THIS = "FROM why JOIN by_name USING (position) WHERE criterion = ? AND outcome = ? AND language = ?"
# As it was when last looked at; of two looks at once, the one that saw something.
_LAST = """
SELECT status, held FROM seen WHERE id = ?
ORDER BY status <> 'unknown' DESC, coalesce(gathered, '') DESC, position, number LIMIT 1
"""
_BY_LICENCE = {  # how a model may stand to a licence: given on its page, in force over it, or both
    "given": "own_license = ?1",
    "in force": "license = ?1",
    "either": "(own_license = ?1 OR license = ?1)",
    "under": "own_license = ?1 AND license = ?1",
    "limited": "license = ?1 AND own_license IS NOT ?1",
    "named": "own_license = ?1 AND license IS NOT ?1",
}


class Overview:
    """Everything that is about many models. ``frame`` is one audit, whose rubrics say what was asked of all."""

    def __init__(self, shelf: Shelf, frame: Audit | None) -> None:
        self._shelf = shelf
        self.frame = frame
        held = frame.rubrics if frame else {}
        names = [f"{id}/{name}" for id, rubric in held.items() for name in rubric.criteria]
        shelf.settle("criteria", ((name, name) for name in names))
        licences = shelf.each("SELECT own_license FROM audited UNION SELECT license FROM audited")
        shelf.settle("licences", ((id, id) for (id,) in licences if id and id != "none"))
        shelf.settle("datasets", shelf.each("SELECT DISTINCT id, id FROM seen"))
        shelf.each(_BY_OPENNESS)
        shelf.each(_BY_NAME)
        pages = dict(shelf.pages("criteria"))
        self.criteria = {name: pages[name] for name in names}  # the page of each, by ``rubric/criterion``

    # ------------------------------------------------------------------ models

    def models(self) -> Iterator[Listed]:
        """All, in the order of the list."""
        return self._listed("SELECT * FROM model ORDER BY position")

    def audited(self) -> Iterator[Listed]:
        """Those that were, in the order of the list."""
        return self._listed("SELECT * FROM audited ORDER BY position")

    def failed(self) -> Iterator[Listed]:
        """Those that could not be."""
        query = "SELECT * FROM model WHERE position NOT IN (SELECT position FROM audited) ORDER BY position"
        return self._listed(query)

    def ranked(self) -> Iterator[Listed]:
        """Those that were, by label, the most open first."""
        return self._listed("SELECT audited.* FROM by_openness JOIN audited USING (position) ORDER BY place")

    def count(self) -> tuple[int, int]:
        """How many models there are, and how many were audited."""
        return self._number("SELECT count(*) FROM model"), self._number("SELECT count(*) FROM audited")

    def labels(self) -> dict[str, int]:
        """How many have each label."""
        return dict(self._shelf.each("SELECT label, count(*) FROM audited GROUP BY label ORDER BY label"))

    def newest(self) -> str | None:
        """The last time that anything was looked at."""
        query = "SELECT max(coalesce(nullif(gathered, ''), nullif(modified, ''))) FROM audited"
        [newest] = self._shelf.one(query)
        return str(newest) if newest is not None else None

    def outcomes(self, one: Listed) -> dict[str, str]:
        """How each criterion came out for a model."""
        return dict(self._shelf.each("SELECT criterion, outcome FROM came WHERE position = ?", one.position))

    def spoken(self, one: Listed, language: str) -> tuple[str, str]:
        """What the verdict on a model's data is called, and the one on whether it is open source."""
        query = "SELECT data, verdict FROM spoken WHERE position = ? AND language = ?"
        data, verdict = self._shelf.one(query, one.position, language)
        return data, verdict

    # ------------------------------------------------------------------ criteria

    def came(self, criterion: str) -> dict[str, int]:
        """How often each outcome is there."""
        query = "SELECT outcome, count(*) FROM came JOIN audited USING (position) WHERE criterion = ? GROUP BY outcome"
        return dict(self._shelf.each(query, criterion))

    def names(self, criterion: str, outcome: str) -> Iterator[str]:
        """The models for which it came out so."""
        query = "SELECT name FROM came JOIN audited USING (position) WHERE criterion = ? AND outcome = ?"
        return (name for (name,) in self._shelf.each(f"{query} ORDER BY position", criterion, outcome))

    def reasons(self, criterion: str, outcome: str, language: str) -> Iterator[tuple[str, Iterator[Listed]]]:
        """The same by the reason that is given, the most frequent one first."""
        asked = (criterion, outcome, language)
        query = f"SELECT because {_FOR_THIS} GROUP BY because ORDER BY count(*) DESC, min(place)"
        for (because,) in self._shelf.each(query, *asked):
            same = self._shelf.each(f"SELECT position {_FOR_THIS} AND because = ? ORDER BY place", *asked, because)
            yield because, (self._at(position) for (position,) in same)

    # ------------------------------------------------------------------ licences

    def licences(self) -> Iterator[tuple[str, str, int]]:
        """Each licence by its name in the metadata, its page, and how many models have to do with it."""
        return ((id, page, self.licensed(id, "either")) for id, page in self._shelf.pages("licences"))

    def licence(self, id: str | None) -> str | None:
        """The page of a licence."""
        found = self._shelf.one("SELECT path FROM address WHERE folder = 'licences' AND id = ?", id)
        return f"licences/{found[0]}.html" if found else None

    def licensed(self, id: str, how: str) -> int:
        """How many models stand so to a licence."""
        return self._number(f"SELECT count(*) FROM audited WHERE {_BY_LICENCE[how]}", id)  # noqa: S608 - from above

    def under(self, id: str, how: str) -> Iterator[Listed]:
        """The models that do."""
        query = f"SELECT * FROM audited WHERE {_BY_LICENCE[how]} ORDER BY position"  # noqa: S608 - likewise
        return self._listed(query, id)

    # ------------------------------------------------------------------ data sets

    def datasets(self) -> Iterator[tuple[str, str, str, int]]:
        """Each data set by its name, its page, whether one can have it, and how many models name it."""
        for id, page in self._shelf.pages("datasets"):
            status, _held = self._shelf.one(_LAST, id)
            yield id, page, status, self.named(id)

    def named(self, id: str) -> int:
        """How many models name a data set."""
        return self._number("SELECT count(DISTINCT position) FROM seen WHERE id = ?", id)

    def last(self, id: str) -> DatasetRow:
        """How it was when it was last looked at."""
        _status, held = self._shelf.one(_LAST, id)
        row = json.loads(held)
        return DatasetRow.model_validate({**row, "note": from_data(row["note"])})

    def states(self, id: str) -> int:
        """In how many states it was found."""
        query = "SELECT count(*) FROM (SELECT DISTINCT status, license, open FROM seen WHERE id = ?)"
        return self._number(query, id)

    def users(self, id: str) -> Iterator[tuple[Listed, list[str]]]:
        """The models that name it, with the stages in which they do."""
        query = "SELECT stage, audited.* FROM dataset JOIN audited USING (position) WHERE dataset.id = ?"
        rows = self._shelf.each(f"{query} ORDER BY position, number", id)
        for _position, some in groupby(rows, itemgetter(1)):
            (first, *model), *more = some
            yield listed(model), [first, *(stage for stage, *_model in more)]

    # ------------------------------------------------------------------ since the last time

    def remember(self, names: list[str]) -> None:
        """Takes the models that were on the site before."""
        self._shelf.many("INSERT INTO earlier VALUES (?)", ((name,) for name in names))

    def added(self) -> Iterator[Listed]:
        """The models that were not."""
        return self._listed("SELECT * FROM model WHERE name NOT IN (SELECT name FROM earlier) ORDER BY position")

    def removed(self) -> Iterator[str]:
        """The models that are no longer."""
        query = "SELECT name FROM earlier WHERE name NOT IN (SELECT name FROM model) ORDER BY rowid"
        return (name for (name,) in self._shelf.each(query))

    def became(self, how: str) -> Iterator[tuple[Listed, dict[str, Any]]]:
        """The models of which this became, and what there is to tell of it."""
        query = "SELECT told, model.* FROM became JOIN model USING (position) WHERE how = ? ORDER BY position"
        return ((listed(row), json.loads(told)) for told, *row in self._shelf.each(query, how))

    def has(self, page: str) -> bool:
        """Whether this is the page of a model."""
        path = page.removeprefix("models/").removesuffix(".html")
        found = self._shelf.one("SELECT path FROM model WHERE path = ?", path)
        return bool(found) and page == f"models/{path}.html"

    # ------------------------------------------------------------------

    def _listed(self, query: str, *values: Any) -> Iterator[Listed]:
        return map(listed, self._shelf.each(query, *values))

    def _at(self, position: int) -> Listed:
        return listed(self._shelf.one("SELECT * FROM model WHERE position = ?", position))

    def _number(self, query: str, *values: Any) -> int:
        return int(self._shelf.one(query, *values)[0])
