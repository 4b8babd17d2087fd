"""The first page of a site: what was found, in one sentence, and every model with what it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openaudit.evidence import Outcome
from openaudit.languages import _
from openaudit.pages.field import CLAIMS, DISTANCES
from openaudit.pages.site import Site, render
from openaudit.pages.table import Table
from openaudit.pages.values import LEVELS, SIGNS, licence_title
from openaudit.result import Audit
from openaudit.site.compare import field_of
from openaudit.site.overview import Overview
from openaudit.site.shelf import Listed

PAGE = "index.html"


def page(site: Site, found: Overview, frame: Audit | None) -> Iterator[str]:
    """The first page. ``frame`` is one audit in the language of the site."""
    field = field_of(found, frame, site.language)
    rows = ((one.label, _line(one, found, site)) for one in found.ranked())
    return render(
        "site_index.html.j2", site.page(PAGE), title=site.title, description=field.finding(), section=PAGE,
        script=True, intro=site.intro, field=field, date_of=found.newest(), groups=Table(field).grouped(rows),
        failed=found.failed(),
    )  # fmt: skip


def _line(one: Listed, found: Overview, site: Site) -> dict[str, Any]:
    data, _verdict = found.spoken(one, site.language)
    return {
        "page": one.page, "name": one.name,
        "sign": SIGNS[Outcome(one.data)], "data": data or _("Can’t tell"),
        "license": licence_title(one.license), "license_page": found.licence(one.license),
        "says": _(CLAIMS[one.claim]), "claim": list(CLAIMS).index(one.claim),
        "level": one.level, "distance": _(LEVELS[one.level]), "far": DISTANCES.index(one.level),
    }  # fmt: skip
