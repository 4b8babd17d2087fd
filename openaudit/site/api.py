"""The site as data: ``api/run.json`` and one file each for criteria, licences and data sets, beside one a model."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from openaudit import licenses
from openaudit.batch.journal import Terms
from openaudit.evidence import Outcome
from openaudit.pages.site import Site
from openaudit.site.overview import Overview

SCHEMA = "openaudit.site.run/1"


def run(found: Overview, terms: Terms, languages: tuple[str, ...]) -> str:
    """What the site is made of: every model with its label, and where its pages are."""
    labels = Counter(one.label for one in found.audited)
    return as_document({
        "schema": SCHEMA, "tool": terms.tool, "source": terms.source, "date": found.newest, "languages": languages,
        "rubrics": {id: {"version": version, "sha256": sha} for id, (version, sha) in sorted(terms.rubrics.items())},
        "counts": {
            "models": len(found.models), "audited": len(found.audited), "labels": dict(sorted(labels.items())),
        },
        "models": [
            {
                "name": one.name, "reference": one.reference, "label": one.label or None, "openwashing": one.level,
                "license": one.license, "revision": one.revision, "gathered": one.gathered,
                "failure": one.failure or None, "page": one.page, "badge": one.address.badge, "data": one.address.data,
            }
            for one in found.models
        ],
    })  # fmt: skip


def criteria(found: Overview) -> str:
    """What was asked, and how it came out for whom."""
    held = found.frame.rubrics if found.frame else {}
    return as_document({
        "schema": "openaudit.site.criteria/1",
        "criteria": [
            {
                "id": f"{id}/{name}", "rubric": rubric.title, "title": one.title, "question": one.question,
                "clause": one.clause, "url": one.url, "page": found.criteria[f"{id}/{name}"],
                "outcomes": {
                    outcome.value: models
                    for outcome in Outcome
                    if (models := [m.name for m in found.audited if m.outcomes.get(f"{id}/{name}") == outcome.value])
                },
            }
            for id, rubric in held.items() for name, one in rubric.criteria.items()
        ],
    })  # fmt: skip


def licences(found: Overview) -> str:
    """The licences, and the models that name them or are limited by them."""
    each = [(id, page, licenses.lookup(id)) for id, page in found.licences.items()]
    return as_document({
        "schema": "openaudit.site.licences/1",
        "licences": [
            {
                "id": id, "name": known.name, "open": known.open, "url": known.url or None, "page": page,
                "named_by": [one.name for one in found.audited if one.own_license == id],
                "limits": [one.name for one in found.audited if one.license == id],
            }
            for id, page, known in each
        ],
    })  # fmt: skip


def datasets(found: Overview) -> str:
    """The data sets, as they were when last looked at, and the models that name them."""
    held: list[dict[str, Any]] = []
    for id, page in found.datasets.items():
        row = found.last(id)
        models = [
            {"name": one.name, "stages": stages}
            for one in found.audited
            if (stages := [str(each["stage"]) for each in one.datasets if each["id"] == id])
        ]
        held.append({
            "id": id, "status": row.status, "license": row.license, "form": row.form, "open": row.open, "url": row.url,
            "page": page, "models": models,
        })  # fmt: skip
    return as_document({"schema": "openaudit.site.datasets/1", "datasets": held})


def pages_of(found: Overview, site: Site) -> list[tuple[str, str | None]]:
    """Every page of a language, with the day of what it shows."""
    paths = [path for path, _title in site.sections]
    paths += [*found.criteria.values(), *found.licences.values(), *found.datasets.values()]
    pages = [(site.page(path).file, found.newest) for path in paths]
    return pages + [(site.page(one.page).file, one.gathered or one.modified) for one in found.models]


def as_document(held: Any) -> str:
    """JSON, as every file of a site's ``api/`` is written."""
    text = json.dumps(held, ensure_ascii=False, indent=1) + "\n"
    return text.encode("utf-8", "replace").decode()
