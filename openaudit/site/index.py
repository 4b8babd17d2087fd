"""The first page of a site: what was found, in one sentence, and every model with what it is."""

from __future__ import annotations

from typing import Any

from openaudit.evidence import Outcome
from openaudit.languages import _
from openaudit.pages.field import CLAIMS, DISTANCES
from openaudit.pages.site import Site, render
from openaudit.pages.values import LEVELS, SIGNS, label_title, licence_title
from openaudit.result import Audit
from openaudit.site.compare import field_of
from openaudit.site.models import Brief
from openaudit.site.overview import Overview

PAGE = "index.html"


def page(site: Site, found: Overview, frame: Audit | None) -> str:
    """The first page. ``frame`` is one audit in the language of the site."""
    field = field_of(found, frame, site.language)
    finding = field.finding()
    groups = [(label, label_title(label), [_line(one, found, site) for one in each]) for label, each in found.groups]
    return render(
        "site_index.html.j2", site.page(PAGE), title=site.title, description=finding, section=PAGE, script=True,
        intro=site.intro, field=field, date_of=found.newest, groups=groups,
        failed=[one for one in found.models if one.failure or not one.id],
    )  # fmt: skip


def _line(one: Brief, found: Overview, site: Site) -> dict[str, Any]:
    return {
        "page": one.page, "name": one.name,
        "sign": SIGNS[Outcome(one.data)], "data": one.spoken[site.language].data or _("Can’t tell"),
        "license": licence_title(one.license), "license_page": found.licences.get(one.license or ""),
        "says": _(CLAIMS[one.claim]), "claim": list(CLAIMS).index(one.claim),
        "level": one.level, "distance": _(LEVELS[one.level]), "far": DISTANCES.index(one.level),
    }  # fmt: skip
