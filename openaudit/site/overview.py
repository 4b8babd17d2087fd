"""The pages about many models: the index, the criteria, the licences, the data sets. They are made of briefs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from openaudit import licenses
from openaudit.evidence import Outcome
from openaudit.languages import _, plural, say
from openaudit.pages.site import Site, render
from openaudit.pages.values import FORMS, FREEDOMS, GRANTS, LEVELS, OFF, OUTCOMES, RUNGS, STAGES, STATUSES, label_title
from openaudit.pages.view import View
from openaudit.result import Audit, DatasetRow
from openaudit.saying import from_data
from openaudit.site.addresses import anchor, unique
from openaudit.site.models import Brief

_LEVELS = {level: place for place, level in enumerate(LEVELS)}


@dataclass(frozen=True)
class Overview:
    """Everything that is about many models. ``frame`` is one audit, whose rubrics say what was asked of all."""

    models: tuple[Brief, ...]
    frame: Audit | None

    @cached_property
    def audited(self) -> list[Brief]:
        return [one for one in self.models if not one.failure and one.id]

    @cached_property
    def groups(self) -> list[tuple[str, list[Brief]]]:
        """The models by label, the most open first; within one, the most open and the least openwashing first."""
        found: dict[str, list[Brief]] = {label: [] for label in (*RUNGS, *OFF)}
        for one in self.audited:
            found.setdefault(one.label, []).append(one)
        for each in found.values():
            each.sort(key=lambda one: (-one.score, _LEVELS.get(one.level, 9), one.name.casefold(), one.name))
        return [(label, each) for label, each in found.items() if each]

    @cached_property
    def criteria(self) -> dict[str, str]:
        """The page of each criterion, by ``rubric/criterion``."""
        held = self.frame.rubrics if self.frame else {}
        names = [f"{id}/{name}" for id, rubric in held.items() for name in rubric.criteria]
        return {name: f"criteria/{path}.html" for name, path in unique(names).items()}

    @cached_property
    def licences(self) -> dict[str, str]:
        """The page of each licence, by its name in the metadata."""
        held = {id for one in self.audited for id in (one.own_license, one.license) if id and id != "none"}
        return {id: f"licences/{path}.html" for id, path in unique(sorted(held)).items()}

    @cached_property
    def datasets(self) -> dict[str, str]:
        """The page of each data set, by name."""
        held = sorted({str(row["id"]) for one in self.audited for row in one.datasets})
        return {id: f"datasets/{path}.html" for id, path in unique(held).items()}

    @cached_property
    def newest(self) -> str | None:
        """The last time that anything was looked at."""
        return max((day for one in self.audited if (day := one.gathered or one.modified)), default=None)

    # ------------------------------------------------------------------ criteria

    def all_criteria(self, site: Site, frame: Audit) -> str:
        """What is asked, with how it came out."""
        groups = [
            {
                "anchor": anchor("rubric", id), "title": rubric.title, "about": rubric.about,
                "entries": [
                    {
                        "page": self.criteria[f"{id}/{name}"], "title": one.title, "note": "",
                        "counts": self._counts(f"{id}/{name}", rubric.role),
                    }
                    for name, one in rubric.criteria.items()
                ],
            }
            for id, rubric in View(frame).rubrics.items()
        ]  # fmt: skip
        return self._list(
            site, "criteria.html", _("Criteria"), _("Everything that is asked, and who meets it."), groups
        )

    def _counts(self, name: str, role: str | None) -> list[tuple[str, str, int]]:
        held = Counter(one.outcomes.get(name) for one in self.audited)
        words = FREEDOMS if role == "freedoms" else OUTCOMES
        return [(outcome.value, _(words[outcome]), held[outcome.value]) for outcome in Outcome if held[outcome.value]]

    def each_criterion(self, site: Site, frame: Audit, replies: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """One page a criterion: who meets it, and who does not, and why."""
        anchors = View(frame).anchors
        for id, rubric in frame.rubrics.items():
            for name, one in rubric.criteria.items():
                key = f"{id}/{name}"
                here = site.page(self.criteria[key])
                page = render(
                    "site_criterion.html.j2", here, title=one.title, description=one.question, section="criteria.html",
                    rubric=rubric, rubric_anchor=anchor("rubric", id), criterion=one,
                    anchor=f"#{anchors[key]}", groups=self._by_outcome(key, rubric.role, site.language, replies),
                )  # fmt: skip
                yield here.file, page

    def _by_outcome(
        self, key: str, role: str | None, language: str, replies: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        words = FREEDOMS if role == "freedoms" else OUTCOMES
        found: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        for one in sorted(self.audited, key=lambda one: (one.name.casefold(), one.name)):
            if key in one.outcomes:
                answers = replies.get(one.reference, {}).get(key, ())
                model = {"page": one.page, "name": one.name, "replies": answers}
                found[one.outcomes[key]][one.spoken[language].because[key]].append(model)
        return [
            {
                "outcome": outcome.value, "word": _(words[outcome]),
                "n": sum(map(len, found[outcome.value].values())),
                "reasons": sorted(found[outcome.value].items(), key=lambda item: -len(item[1])),
            }
            for outcome in Outcome if outcome.value in found
        ]  # fmt: skip

    # ------------------------------------------------------------------ licences

    def all_licences(self, site: Site) -> str:
        """The licences, by whether they are open."""
        parts: dict[bool | None, list[dict[str, Any]]] = {True: [], False: [], None: []}
        held = Counter(id for one in self.audited for id in {one.own_license, one.license})
        for id, page in self.licences.items():
            note = plural("{n} model", "{n} models", held[id])
            parts[licenses.lookup(id).open].append({"page": page, "title": id, "note": note, "counts": ()})
        titles = {True: _("Open licences"), False: _("Licences that are not open"), None: _("It cannot be told")}
        groups = [
            {"anchor": anchor("open", str(key)), "title": titles[key], "about": "", "entries": each}
            for key, each in parts.items() if each
        ]  # fmt: skip
        about = _("What the licences of these models allow, and which model is under which.")
        return self._list(site, "licences.html", _("Licences"), about, groups)

    def each_licence(self, site: Site) -> Iterator[tuple[str, str]]:
        """One page a licence: what it allows, and the models under it."""
        verbs = {"use": _("use it"), "study": _("study it"), "modify": _("change it"), "share": _("share it")}
        for id, path in self.licences.items():
            license, here = licenses.lookup(id), site.page(path)
            grants = [(GRANTS.get(getattr(license, name) or "", Outcome.UNKNOWN), verb) for name, verb in verbs.items()]
            page = render(
                "site_licence.html.j2", here, title=license.name, description=license.name, section="licences.html",
                id=id, license=license, grants=[(verb, one, FREEDOMS[one]) for one, verb in grants],
                lists=[(title, name, self._named(id, own, force)) for title, name, own, force in (
                    (_("Models under it"), "under", True, True),
                    (_("Models that it limits through what they were made from"), "limited", False, True),
                    (_("Models that name it, while another licence limits them"), "named", True, False),
                )],
            )  # fmt: skip
            yield here.file, page

    def _named(self, id: str, own: bool, force: bool) -> list[dict[str, str]]:
        return [
            {"page": one.page, "name": one.name, "label_title": label_title(one.label)}
            for one in self.audited
            if (one.own_license == id) is own and (one.license == id) is force
        ]

    # ------------------------------------------------------------------ data sets

    @cached_property
    def _rows(self) -> dict[str, list[tuple[Brief, DatasetRow]]]:
        found: dict[str, list[tuple[Brief, DatasetRow]]] = defaultdict(list)
        for one in self.audited:
            for row in one.datasets:
                seen = DatasetRow.model_validate({**row, "note": from_data(row["note"])})
                found[str(row["id"])].append((one, seen))
        return found

    def all_datasets(self, site: Site) -> str:
        """The data sets, by whether one can have them."""
        parts: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for id, page in self.datasets.items():
            n = len({one.name for one, _row in self._rows[id]})
            note = plural("named by {n} model", "named by {n} models", n)
            parts[self.last(id).status].append({"page": page, "title": id, "note": note, "counts": ()})
        groups = [
            {
                "anchor": anchor("status", status), "about": "", "entries": parts[status],
                "title": _(STATUSES[status][0]) if status in STATUSES else _("Can’t tell"),
            }
            for status in sorted(parts, key=lambda one: list(STATUSES).index(one) if one in STATUSES else 9)
        ]  # fmt: skip
        about = _("The data sets that these models name, whether anyone can have them, and under which terms.")
        return self._list(site, "datasets.html", _("Data sets"), about, groups)

    def last(self, id: str) -> DatasetRow:
        """How a data set was when it was last looked at; of two looks at once, the one that saw something."""
        return max(self._rows[id], key=lambda pair: (pair[1].status != "unknown", pair[0].gathered or ""))[1]

    def each_dataset(self, site: Site) -> Iterator[tuple[str, str]]:
        """One page a data set: whether one can have it, and the models that name it."""
        for id, path in self.datasets.items():
            row, here = self.last(id), site.page(path)
            status, shape = STATUSES.get(row.status, (OUTCOMES[Outcome.UNKNOWN], Outcome.UNKNOWN))
            stages: dict[str, list[str]] = defaultdict(list)
            for one, found in self._rows[id]:
                stages[one.reference].append(_(STAGES[found.stage]) if found.stage in STAGES else found.stage)
            models = [
                (one, ", ".join(dict.fromkeys(stages[one.reference])))
                for one in self.audited
                if one.reference in stages
            ]
            states = {(found.status, found.license, found.open) for _one, found in self._rows[id]}
            page = render(
                "site_dataset.html.j2", here, title=id, description=_(status), section="datasets.html",
                row=row.model_copy(update={"note": say(row.note)}),
                status=status, shape=shape, form=_(FORMS.get(row.form, "can’t tell")), models=models,
                several=len(states) > 1,
            )  # fmt: skip
            yield here.file, page

    def nothing(self, site: Site, path: str, title: str) -> str:
        """A list of which there is nothing to show, because no model was audited."""
        return self._list(site, path, title, _("No model was audited."), ())

    def _list(self, site: Site, path: str, title: str, about: str, groups: Sequence[Mapping[str, Any]]) -> str:
        here = site.page(path)
        return render("site_list.html.j2", here, title=title, description=about, section=path, groups=groups)
