"""The site as data: ``api/run.json`` and one file each for criteria, licences and data sets, beside one a model."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from openaudit import licenses
from openaudit.batch.journal import Terms
from openaudit.evidence import Outcome
from openaudit.pages.site import Site
from openaudit.site.documents import Pairs, document
from openaudit.site.overview import Overview

SCHEMA = "openaudit.site.run/1"


def run(found: Overview, terms: Terms, languages: tuple[str, ...]) -> Iterator[str]:
    """What the site is made of: every model with its label, and where its pages are."""
    models, audited = found.count()
    return document({
        "schema": SCHEMA, "tool": terms.tool, "source": terms.source, "date": found.newest(), "languages": languages,
        "rubrics": {id: {"version": version, "sha256": sha} for id, (version, sha) in sorted(terms.rubrics.items())},
        "counts": {"models": models, "audited": audited, "labels": found.labels()},
        "models": (
            {
                "name": one.name, "reference": one.reference, "label": one.label or None, "openwashing": one.level,
                "license": one.license, "revision": one.revision, "gathered": one.gathered,
                "failure": one.failure or None, "page": one.page, "badge": one.address.badge, "data": one.address.data,
            }
            for one in found.models()
        ),
    })  # fmt: skip


def criteria(found: Overview) -> Iterator[str]:
    """What was asked, and how it came out for whom."""
    held = found.frame.rubrics if found.frame else {}
    return document({
        "schema": "openaudit.site.criteria/1",
        "criteria": (
            {
                "id": f"{id}/{name}", "rubric": rubric.title, "title": one.title, "question": one.question,
                "clause": one.clause, "url": one.url, "page": found.criteria[f"{id}/{name}"],
                "outcomes": Pairs(_outcomes(found, f"{id}/{name}")),
            }
            for id, rubric in held.items() for name, one in rubric.criteria.items()
        ),
    })  # fmt: skip


def _outcomes(found: Overview, criterion: str) -> Iterator[tuple[str, Iterator[str]]]:
    there = found.came(criterion)
    return ((one.value, found.names(criterion, one.value)) for one in Outcome if one.value in there)


def licences(found: Overview) -> Iterator[str]:
    """The licences, and the models that name them or are limited by them."""
    each = ((id, page, licenses.lookup(id)) for id, page, _n in found.licences())
    return document({
        "schema": "openaudit.site.licences/1",
        "licences": (
            {
                "id": id, "name": known.name, "open": known.open, "url": known.url or None, "page": page,
                "named_by": (one.name for one in found.under(id, "given")),
                "limits": (one.name for one in found.under(id, "in force")),
            }
            for id, page, known in each
        ),
    })  # fmt: skip


def datasets(found: Overview) -> Iterator[str]:
    """The data sets, as they were when last looked at, and the models that name them."""
    each = ((id, page, found.last(id)) for id, page, _status, _n in found.datasets())
    return document({
        "schema": "openaudit.site.datasets/1",
        "datasets": (
            {
                "id": id, "status": row.status, "license": row.license, "form": row.form, "open": row.open,
                "url": row.url, "page": page,
                "models": ({"name": one.name, "stages": stages} for one, stages in found.users(id)),
            }
            for id, page, row in each
        ),
    })  # fmt: skip


def pages_of(found: Overview, site: Site) -> Iterator[tuple[str, str | None]]:
    """Every page of a language, with the day of what it shows."""
    about_many = chain(
        (path for path, _title in site.sections),
        found.criteria.values(),
        (page for _id, page, _n in found.licences()),
        (page for _id, page, *_rest in found.datasets()),
    )
    newest = found.newest()
    for path in about_many:
        yield site.page(path).file, newest
    for one in found.models():
        yield site.page(one.page).file, one.gathered or one.modified
