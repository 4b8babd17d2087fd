"""The criteria, the licences and the data sets: a list of each, and a page of each with the models it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from openaudit import licenses
from openaudit.evidence import Outcome
from openaudit.languages import _, plural, say
from openaudit.pages.site import Site, render
from openaudit.pages.values import FORMS, FREEDOMS, GRANTS, OUTCOMES, STAGES, STATUSES, label_title
from openaudit.pages.view import View
from openaudit.result import Audit
from openaudit.site.addresses import anchor
from openaudit.site.overview import Overview
from openaudit.site.shelf import Listed

CRITERIA, LICENCES, DATASETS = "criteria.html", "licences.html", "datasets.html"


def nothing(site: Site, path: str, title: str) -> Iterator[str]:
    """A list of which there is nothing to show, because no model was audited."""
    return _list(site, path, title, _("No model was audited."), ())


def _list(site: Site, path: str, title: str, about: str, groups: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    here = site.page(path)
    return render("site_list.html.j2", here, title=title, description=about, section=path, groups=groups)


# --------------------------------------------------------------------------- criteria


def criteria(site: Site, found: Overview, frame: Audit) -> Iterator[str]:
    """What is asked, with how it came out."""
    groups = [
        {
            "anchor": anchor("rubric", id), "title": rubric.title, "about": rubric.about,
            "entries": [
                {
                    "page": found.criteria[f"{id}/{name}"], "title": one.title, "note": "",
                    "counts": [
                        (outcome.value, word, n) for outcome, word, n in _counts(found, f"{id}/{name}", rubric.role)
                    ],
                }
                for name, one in rubric.criteria.items()
            ],
        }
        for id, rubric in View(frame).rubrics.items()
    ]  # fmt: skip
    return _list(site, CRITERIA, _("Criteria"), _("Everything that is asked, and who meets it."), groups)


def _counts(found: Overview, criterion: str, role: str | None) -> Iterator[tuple[Outcome, str, int]]:
    words, held = FREEDOMS if role == "freedoms" else OUTCOMES, found.came(criterion)
    return ((one, _(words[one]), held[one.value]) for one in Outcome if one.value in held)


def each_criterion(
    site: Site, found: Overview, frame: Audit, replies: Mapping[str, Any]
) -> Iterator[tuple[str, Iterator[str]]]:
    """One page a criterion: who meets it, and who does not, and why. ``replies`` are by model and criterion."""
    anchors = View(frame).anchors
    for id, rubric in frame.rubrics.items():
        for name, one in rubric.criteria.items():
            key = f"{id}/{name}"
            here = site.page(found.criteria[key])
            groups = [
                {
                    "outcome": outcome.value, "word": word, "n": n,
                    "reasons": _reasons(found, key, outcome.value, site.language, replies),
                }
                for outcome, word, n in _counts(found, key, rubric.role)
            ]  # fmt: skip
            yield here.file, render(
                "site_criterion.html.j2", here, title=one.title, description=one.question, section=CRITERIA,
                rubric=rubric, rubric_anchor=anchor("rubric", id), criterion=one,
                anchor=f"#{anchors[key]}", groups=groups,
            )  # fmt: skip


def _reasons(
    found: Overview, criterion: str, outcome: str, language: str, replies: Mapping[str, Any]
) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    def shown(one: Listed) -> dict[str, Any]:
        answers = replies.get(one.reference, {}).get(criterion, ())
        return {"page": one.page, "name": one.name, "replies": answers}

    return ((because, map(shown, models)) for because, models in found.reasons(criterion, outcome, language))


# --------------------------------------------------------------------------- licences


def licences(site: Site, found: Overview) -> Iterator[str]:
    """The licences, by whether they are open."""

    def entries(open: bool | None) -> Iterator[dict[str, Any]]:
        for id, page, n in found.licences():
            if licenses.lookup(id).open is open:
                yield {"page": page, "title": id, "note": plural("{n} model", "{n} models", n), "counts": ()}

    titles = {True: _("Open licences"), False: _("Licences that are not open"), None: _("It cannot be told")}
    there = {licenses.lookup(id).open for id, _page, _n in found.licences()}
    groups = [
        {"anchor": anchor("open", str(key)), "title": title, "about": "", "entries": entries(key)}
        for key, title in titles.items() if key in there
    ]  # fmt: skip
    about = _("What the licences of these models allow, and which model is under which.")
    return _list(site, LICENCES, _("Licences"), about, groups)


def each_licence(site: Site, found: Overview) -> Iterator[tuple[str, Iterator[str]]]:
    """One page a licence: what it allows, and the models under it."""
    verbs = {"use": _("use it"), "study": _("study it"), "modify": _("change it"), "share": _("share it")}
    lists = {
        "under": _("Models under it"),
        "limited": _("Models that it limits through what they were made from"),
        "named": _("Models that name it, while another licence limits them"),
    }
    for id, path, _n in found.licences():
        license, here = licenses.lookup(id), site.page(path)
        grants = [(GRANTS.get(getattr(license, name) or "", Outcome.UNKNOWN), verb) for name, verb in verbs.items()]
        yield here.file, render(
            "site_licence.html.j2", here, title=license.name, description=license.name, section=LICENCES,
            id=id, license=license, grants=[(verb, one, FREEDOMS[one]) for one, verb in grants],
            lists=[(title, how, found.licensed(id, how), _titled(found, id, how)) for how, title in lists.items()],
        )  # fmt: skip


def _titled(found: Overview, id: str, how: str) -> Iterator[dict[str, str]]:
    for one in found.under(id, how):
        yield {"page": one.page, "name": one.name, "label_title": label_title(one.label)}


# --------------------------------------------------------------------------- data sets


def datasets(site: Site, found: Overview) -> Iterator[str]:
    """The data sets, by whether one can have them."""

    def entries(wanted: str) -> Iterator[dict[str, Any]]:
        for id, page, status, n in found.datasets():
            if status == wanted:
                note = plural("named by {n} model", "named by {n} models", n)
                yield {"page": page, "title": id, "note": note, "counts": ()}

    there = dict.fromkeys(status for _id, _page, status, _n in found.datasets())
    groups = [
        {
            "anchor": anchor("status", status), "about": "", "entries": entries(status),
            "title": _(STATUSES[status][0]) if status in STATUSES else _("Can’t tell"),
        }
        for status in sorted(there, key=lambda one: list(STATUSES).index(one) if one in STATUSES else 9)
    ]  # fmt: skip
    about = _("The data sets that these models name, whether anyone can have them, and under which terms.")
    return _list(site, DATASETS, _("Data sets"), about, groups)


def each_dataset(site: Site, found: Overview) -> Iterator[tuple[str, Iterator[str]]]:
    """One page a data set: whether one can have it, and the models that name it."""
    for id, path, _status, n in found.datasets():
        row, here = found.last(id), site.page(path)
        status, shape = STATUSES.get(row.status, (OUTCOMES[Outcome.UNKNOWN], Outcome.UNKNOWN))
        yield here.file, render(
            "site_dataset.html.j2", here, title=id, description=_(status), section=DATASETS,
            row=row.model_copy(update={"note": say(row.note)}),
            status=status, shape=shape, form=_(FORMS.get(row.form, "can’t tell")), n=n, models=_staged(found, id),
            several=found.states(id) > 1,
        )  # fmt: skip


def _staged(found: Overview, id: str) -> Iterator[tuple[Listed, str]]:
    for one, stages in found.users(id):
        told = (_(STAGES[stage]) if stage in STAGES else stage for stage in stages)
        yield one, ", ".join(dict.fromkeys(told))
