"""What belongs to one model: its page in each language, its badge, its JSON, what changed since, and a brief of it all.

Each process makes a part of the models, and holds one at a time; the brief goes to the shelf.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from openaudit.batch.kept import Kept
from openaudit.languages import _, speaking
from openaudit.pages.field import claim, judging
from openaudit.pages.site import Look, Site, render
from openaudit.pages.values import OFF, RUNGS, label_title
from openaudit.pages.view import Reply, View
from openaudit.result import Audit
from openaudit.run import Row
from openaudit.runfile import line_of
from openaudit.saying import as_data
from openaudit.site.addresses import Address
from openaudit.site.badges import badge
from openaudit.site.folder import Aside
from openaudit.site.history import became
from openaudit.site.settings import Response, Settings, said
from openaudit.site.shelf import Brief, Listed, Shelf, Spoken
from openaudit.translating import made_from, translate

SCHEMA = "openaudit.site.model/1"
_SWEPT = 4  # models after which what their pages leave behind is cleared away; Python alone would let it pile up


@dataclass(frozen=True)
class Job:
    """What a site is made of: the journal, how it is to look, in which languages (the first stands at the top)."""

    journal: Path
    settings: Settings
    languages: tuple[str, ...]
    folder: Path
    staging: Path
    processes: int = 1

    def site(self, language: str, tool: str) -> Site:
        """What every page of a language has."""
        held = self.settings
        with speaking(language):
            sections = (
                ("index.html", _("Models")),
                ("compare.html", _("Comparison")),
                ("criteria.html", _("Criteria")),
                ("licences.html", _("Licences")),
                ("datasets.html", _("Data sets")),
                ("history.html", _("What changed")),
                ("method.html", _("Method")),
                ("glossary.html", _("Words")),
            )
            title = said(held.title, language) or _("How open is it, really?")
        return Site(
            look=Look(held.colours), language=language, languages=self.languages, title=title,
            intro=said(held.intro, language), logo=held.logo, url=held.url,
            operator=held.operator.name if held.operator else "",
            contact=held.operator.link if held.operator else None, tool=tool, sections=sections,
        )  # fmt: skip


def briefs(job: Job, shelf: Shelf, part: int = 0) -> Iterator[Brief]:
    """Makes one part of the models, and tells of each as it is done."""
    kept = Kept(job.journal)
    tool = kept.terms().tool
    sites = [job.site(language, tool) for language in job.languages]
    out = Aside(job.folder, job.staging, shelf)
    try:
        made = map(partial(_brief, job, out, sites), kept.rows(part, job.processes))  # one audit at a time is held
        for n, brief in enumerate(made):
            yield brief
            if n % _SWEPT == 0:
                gc.collect()
                gc.freeze()  # what is left stays: only what comes is looked through the next time
    finally:
        gc.unfreeze()


def _brief(job: Job, out: Aside, sites: Sequence[Site], row: Row) -> Brief:
    address = out.shelf.address(row.named.reference)
    names = (address.name, row.named.reference, *([row.audit.subject.id] if row.audit else []))
    replies = job.settings.replies(*names)
    before = out.known(address.data)
    changed = out.put(address.data, _data(row, address, replies)) != before
    old = job.folder / address.data
    found = became(address.name, old, row, job.languages) if before is not None and changed else None
    spoken = {site.language: _page(out, row, address, site, replies) for site in sites}
    with speaking(job.languages[0]):
        title = label_title(row.audit.label) if row.audit else _("not audited")
    out.put(address.badge, badge(row.audit.label if row.audit else "", "openaudit", title))
    place = (row.position, row.named.reference, address)
    if row.audit is None:
        failure = row.failure.message if row.failure else ""
        return Brief(Listed(*place, failure=failure), spoken=spoken, became=found)
    outcomes = {
        f"{id}/{name}": one.outcome.value
        for id, rubric in row.audit.rubrics.items() for name, one in rubric.criteria.items()
    }  # fmt: skip
    datasets = tuple(
        {**one.model_dump(mode="json"), "note": as_data(made_from(row.audit, one.note))} for one in row.audit.datasets
    )
    return Brief(Listed(*place, **_said_of(row.audit)), outcomes, datasets, spoken, found)


def _said_of(audit: Audit) -> dict[str, Any]:
    head, data, judge = audit.role("label"), audit.role("data"), judging(audit)
    limit = audit.license.inherited_from
    in_force = next((one.license for one in audit.lineage if one.id == limit), None) if limit else audit.license.id
    score = head.score.low if head and head.score.low is not None else 0.0
    return {
        "id": audit.subject.id, "label": audit.label, "level": audit.openwashing.level,
        "claim": claim(audit), "score": score, "verdict": judge.outcome.value if judge else "",
        "data": data.outcome.value if data else "unknown",
        "own_license": audit.license.id, "license": in_force, "revision": audit.subject.revision,
        "gathered": audit.subject.gathered, "modified": audit.subject.last_modified,
    }  # fmt: skip


def _page(out: Aside, row: Row, address: Address, site: Site, replies: Mapping[str, Sequence[Response]]) -> Spoken:
    here = site.page(address.page)
    answers = {name: [reply_of(one, site.language) for one in each] for name, each in replies.items()}
    if row.audit is None:
        page = render(
            "site_failed.html.j2", here, title=address.name, description=address.name, section="",
            failure=row.failure, replies=answers.get("", ()),
        )  # fmt: skip
        out.put(here.file, page)
        return Spoken({}, "", "")
    audit = translate(row.audit, site.language)
    picture = audit.label if audit.label in RUNGS | OFF else "unknown"
    page = render(
        "site_model.html.j2", here, audit=audit, view=View(audit, answers), csp=site.look.csp(), address=address,
        picture=picture,
    )  # fmt: skip
    out.put(here.file, page)
    data, judge = audit.role("data"), judging(audit)
    because = {f"{id}/{n}": one.because for id, r in audit.rubrics.items() for n, one in r.criteria.items()}
    return Spoken(because, data.verdict_title if data else "", judge.verdict_title if judge else "")


def reply_of(one: Response, language: str) -> Reply:
    """What a maker answers, in this language or in the one it was given in."""
    given = language if language in one.text else "" if "" in one.text else next(iter(one.text))
    return Reply(said(one.text, language), one.author, one.date.isoformat(), one.link, given)


def _data(row: Row, address: Address, replies: Mapping[str, Sequence[Response]]) -> str:
    """One model as JSON: what a run says of it, and what its maker answers."""
    answers = [
        {
            "criterion": one.criterion, "text": dict(one.text), "author": one.author, "date": one.date.isoformat(),
            "link": one.link,
        }
        for each in replies.values() for one in each
    ]  # fmt: skip
    head = {"schema": SCHEMA, "name": address.name, "page": address.page, "badge": address.badge, "responses": answers}
    told = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return f"{told[:-1]},{line_of(row)[1:]}\n"
