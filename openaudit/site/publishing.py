"""Makes a whole site: the models in several processes, then what is about many, then everything in its place."""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from openaudit import glossary
from openaudit.batch.journal import Terms
from openaudit.batch.kept import Kept
from openaudit.errors import OutputError
from openaudit.languages import _, speaking
from openaudit.pages.site import Site, render
from openaudit.pages.values import OFF, OUTCOMES, RUNGS
from openaudit.result import Audit
from openaudit.site import api, compare, feeds, history, index, topics
from openaudit.site.addresses import name_of
from openaudit.site.feeds import in_language
from openaudit.site.folder import Aside, Folder, Written
from openaudit.site.models import Job, briefs, reply_of
from openaudit.site.overview import Overview
from openaudit.site.pictures import picture
from openaudit.site.settings import Settings
from openaudit.site.shelf import Listed, Shelf
from openaudit.translating import translate

# What the page of the history shows, the newest first: models, changes, and changes of one model.
_MODELS, _CHANGES, _OF_ONE = 500, 100, 30
_FEW = 12  # models: a process takes as long to start as making these
# Not -m: it would look for modules in the working directory first, which may be anybody's.
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from openaudit.site import publishing; publishing.serve()"
)


def publish(
    journal: Path, folder: Path, settings: Settings, languages: Sequence[str], processes: int | None = None
) -> Written:
    """Makes the site of a journal. The same journal and settings give the same bytes. Raises UsageError."""
    kept = Kept(journal)
    terms = kept.terms()
    frame = next((row.audit for row in kept.rows() if row.audit), None)
    with _told(folder), Folder(folder) as site:
        site.shelf.settle("models", ((reference, name_of(reference)) for reference in kept.references()))
        wanted = (os.cpu_count() or 1) if processes is None else processes
        most = sum(1 for _model in site.shelf.pages("models")) // _FEW
        processes = max(1, min(wanted, most))
        aside = (site.path.absolute(), site.staging.absolute())
        job = Job(journal.absolute(), settings, tuple(languages), *aside, processes)
        _models(job, site.shelf)
        _overview(Aside(site.path, site.staging, site.shelf), job, terms, Overview(site.shelf, frame))
        return site.finish()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What goes wrong with the database that a publishing works with, in one line."""
    try:
        yield
    except sqlite3.Error as problem:
        advice = "Make room on the disk, or choose another place with -o."
        raise OutputError(f"{folder}: the site could not be made: {problem}", advice) from problem


# --------------------------------------------------------------------------- what is about many


def _overview(out: Aside, job: Job, terms: Terms, found: Overview) -> None:
    entries = _history(job, out, terms, found)
    replies = {
        one.reference: held
        for one in found.models() if (held := job.settings.replies(one.name, one.reference, one.id))
    }  # fmt: skip
    sites = [job.site(language, terms.tool) for language in job.languages]
    for site in sites:
        with speaking(site.language):
            answers = {
                reference: {name: [reply_of(one, site.language) for one in each] for name, each in held.items()}
                for reference, held in replies.items()
            }
            frame = translate(found.frame, site.language) if found.frame else None
            for path, page in _pages(site, found, frame, terms, entries, answers):
                out.put(path, page)
            out.put(site.page("feed.xml").file, feeds.atom(site, entries))
    out.put("api/run.json", api.run(found, terms, job.languages))
    out.put(compare.JSON, compare.json(found))
    out.put(compare.CSV, compare.csv(found))
    out.put("api/criteria.json", api.criteria(found))
    out.put("api/licences.json", api.licences(found))
    out.put("api/datasets.json", api.datasets(found))
    out.put(history.FILE, history.written(entries))
    out.put("robots.txt", feeds.robots(job.settings.url))
    if job.settings.url:
        out.put(
            "sitemap.xml", feeds.sitemap(job.settings.url, (p for site in sites for p in api.pages_of(found, site)))
        )
        for label in (*RUNGS, *OFF):
            out.put(f"pictures/{label}.png", picture(label))


def _pages(
    site: Site, found: Overview, frame: Audit | None, terms: Terms, entries: Sequence[Mapping[str, Any]],
    replies: Mapping[str, Any],
) -> Iterator[tuple[str, Iterator[str]]]:  # fmt: skip
    yield site.page(index.PAGE).file, index.page(site, found, frame)
    yield from compare.pages(site, found, frame)
    if frame:
        yield site.page(topics.CRITERIA).file, topics.criteria(site, found, frame)
        yield from topics.each_criterion(site, found, frame, replies)
    else:
        yield site.page(topics.CRITERIA).file, topics.nothing(site, topics.CRITERIA, _("Criteria"))
    yield site.page(topics.LICENCES).file, topics.licences(site, found)
    yield from topics.each_licence(site, found)
    yield site.page(topics.DATASETS).file, topics.datasets(site, found)
    yield from topics.each_dataset(site, found)
    yield site.page("history.html").file, _history_page(site, found, entries)
    titles = {id: rubric.title for id, rubric in frame.rubrics.items()} if frame else {}
    rubrics = [(id, titles.get(id, id), version, sha) for id, (version, sha) in sorted(terms.rubrics.items())]
    about = _("How these pages were made, and what they cannot tell.")
    yield site.page("method.html").file, render(
        "site_method.html.j2", site.page("method.html"), title=_("Method"), description=about, section="method.html",
        rubrics=rubrics, source=terms.source, outcomes=list(OUTCOMES.items()),
    )  # fmt: skip
    terms_used = sorted(glossary.terms().values(), key=lambda term: _(term.title).casefold())
    about = _("The words of these pages, each explained in two lines.")
    yield site.page("glossary.html").file, render(
        "site_glossary.html.j2", site.page("glossary.html"), title=_("Words"), description=about,
        section="glossary.html", terms=terms_used,
    )  # fmt: skip


# --------------------------------------------------------------------------- what changed


def _history(job: Job, out: Aside, terms: Terms, found: Overview) -> list[dict[str, Any]]:
    """Everything that publishings told, the newest first: this one, too, where there is something to tell."""
    before = _listed(job.folder) if out.known("api/run.json") is not None else None
    entries = history.past(job.folder) if out.known(history.FILE) is not None else []
    date = found.newest() or feeds.NEVER
    models, _audited = found.count()
    if before is None or not entries:
        return [history.entry(date, terms.tool, models, first=True, news={})]
    found.remember(before)
    news: dict[str, list[dict[str, Any]]] = {
        "added": [{"name": one.name, "page": one.page} for one in found.added()],
        "removed": [{"name": name} for name in found.removed()],
    }
    for how in ("lost", "found", "changed"):
        news[how] = [_news(one, told) for one, told in found.became(how)]
    if not any(news.values()):
        return entries
    return [history.entry(date, terms.tool, models, first=False, news=news), *entries][: history.MOST]


def _news(one: Listed, told: Mapping[str, Any]) -> dict[str, Any]:
    named = {"name": one.name, "page": one.page}
    return named | {key: told[key] for key in ("old_revision", "new_revision", "note", "worse", "changes")}


def _listed(folder: Path) -> list[str] | None:
    """The models that were on the site before."""
    try:
        held = json.loads((folder / "api/run.json").read_bytes())
        return [str(one["name"]) for one in held["models"]] if held["schema"] == api.SCHEMA else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


class _Room:
    """What a page still takes of something. Whatever finds no room is counted."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._away = 0

    def take(self, each: Sequence[Any]) -> Sequence[Any]:
        """Those of them that find room."""
        found = each[: self._room]
        self._room -= len(found)
        self._away += len(each) - len(found)
        return found

    def turned_away(self) -> int:
        """How many found none, since this was last asked."""
        away, self._away = self._away, 0
        return away


def _history_page(site: Site, found: Overview, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    kinds = {
        "model": _("the model changed"), "evidence": _("what is found changed"), "rubric": _("the rubric changed"),
        "tool": _("openaudit changed"), "unclear": _("unclear why"),
    }  # fmt: skip

    def still(held: Mapping[str, Any]) -> dict[str, Any]:
        """A model of an entry, with a way to its page if there still is one."""
        page = held.get("page")
        return {
            "name": str(held.get("name", "")),
            "note": str(held.get("note", "")),
            "page": page if page and found.has(str(page)) else None,
        }

    headings = {
        "added": _("New here"), "removed": _("No longer here"), "lost": _("Cannot be audited any more"),
        "found": _("Can be audited now"),
    }  # fmt: skip
    models, changes = _Room(_MODELS), _Room(_CHANGES)

    def changed(held: Mapping[str, Any]) -> dict[str, Any]:
        each = in_language(held, site.language)
        told = changes.take(each[:_OF_ONE])
        return still(held) | {"changes": told, "more": len(each) - len(told)}

    shown = [
        {
            "anchor": f"e{len(entries) - place}", "date": entry["date"], "tool": str(entry.get("tool", "")),
            "first": entry.get("first"), "models": int(entry.get("models", 0)),
            "lists": [(title, [still(one) for one in models.take(entry[key])]) for key, title in headings.items()],
            "changed": [changed(one) for one in models.take(entry["changed"])],
            "more": models.turned_away(),
        }
        for place, entry in enumerate(entries)
    ]  # fmt: skip
    return render(
        "site_history.html.j2", site.page("history.html"), title=_("What changed"), section="history.html",
        description=_("What came out otherwise than the last time, and why."), entries=shown, kinds=kinds,
    )  # fmt: skip


# --------------------------------------------------------------------------- several processes


def _models(job: Job, shelf: Shelf) -> None:
    """Everything of each model: one part of them is made here, each other one in a process of its own."""
    with ExitStack() as stack:
        children = [_child((job, shelf.path.absolute(), part), stack) for part in range(1, job.processes)]
        for brief in briefs(job, shelf):
            shelf.put(brief)
        if any(child.wait() != 0 for child in children):
            raise OutputError(f"{job.folder}: the site could not be made: one of its processes ended early")


def _child(work: tuple[Job, Path, int], stack: ExitStack) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-c", _START, json.dumps(sys.path)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603 - this very program
    stack.callback(_end, child)
    assert child.stdin  # noqa: S101 - for the type checker: a pipe was asked for
    child.stdin.write(pickle.dumps(work))
    child.stdin.close()
    return child


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()


def serve() -> None:
    """In a process of its own: makes the part that comes in."""
    job, path, part = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    with Shelf(path) as shelf:
        for brief in briefs(job, shelf, part):
            shelf.put(brief)
