"""A team's policy: what must hold for which models. It judges audits, and never changes one.

``load`` reads it, ``Policy.apply`` tells the breaches of one model, ``Policy.told`` what a whole run says of the policy
itself: exemptions that ran out or that nothing needs, known breaches that were mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from openaudit.errors import PolicyError
from openaudit.files.tomlfile import TomlFile, read
from openaudit.judging.rubric import Rubric
from openaudit.policy import baseline as baselines
from openaudit.policy.baseline import Baseline
from openaudit.policy.file import POLICY, Waiver
from openaudit.policy.reading import Check, read_policy
from openaudit.result import Audit
from openaudit.run import Breach, Exemption, Row
from openaudit.saying import phrase

FILE = "openaudit.toml"
PROJECT = "pyproject.toml"
_TABLE = ("tool", "openaudit")
_SITE = "site"  # the table beside it that says how a published site looks


@dataclass(frozen=True)
class Policy:
    """One policy, on one day (``today``): an exemption counts up to and on the day that it names.

    ``name`` is the file as reports call it, ``baseline`` the breaches that are known already, ``notices`` what is to be
    said before any model is looked at.
    """

    name: str
    checks: tuple[Check, ...]
    waivers: tuple[Waiver, ...]
    today: date
    baseline: Baseline | None = None
    notices: tuple[str, ...] = ()

    def apply(self, row: Row) -> Row:
        """The row with what it is held to and its breaches, in the order of the file; of no audit, none is known."""
        if row.audit is None:
            return row
        called = names(row)
        asked = tuple(check.id for check in self.checks if check.applies(called))
        return replace(row, asked=asked, breaches=tuple(self._breaches(row.audit, called)))

    def _breaches(self, audit: Audit, called: tuple[str, ...]) -> Iterator[Breach]:
        for check in self.checks:
            lacking = check.demand.shortfall(audit) if check.applies(called) else None
            if lacking:
                waiver = next((one for one in self._valid if _covers(one, called, check.id)), None)
                yield Breach(
                    rule=check.id,
                    level=check.rule.level if lacking.told else check.rule.unknown or check.rule.level,
                    says=check.demand.says,
                    because=lacking.because,
                    url=lacking.url,
                    known=self.baseline is not None and self.baseline.has(audit.subject.id, check.id),
                    exempt=Exemption(waiver.reason, waiver.author, waiver.until.isoformat()) if waiver else None,
                )

    @cached_property
    def _valid(self) -> tuple[Waiver, ...]:
        return tuple(one for one in self.waivers if one.until >= self.today)

    def told(self, rows: Iterable[Row], *, part: bool = False) -> tuple[str, ...]:
        """All notices, once a run is over: ``rows`` are all of its models, each with its breaches.

        If they are only a ``part`` of those the policy is for, an exemption that names none of them says nothing.
        """
        named, needed, unseen = set[int](), set[int](), set[int]()
        mended: list[str] = []
        for row in rows:
            called = names(row)
            for place in (i for i, one in enumerate(self._valid) if _names(one, called)):
                named.add(place)
                if row.audit is None:
                    unseen.add(place)
                if any(_covers(self._valid[place], called, breach.rule) for breach in row.breaches):
                    needed.add(place)
            if row.audit and self.baseline:
                model, where = row.audit.subject.id, self.baseline.name
                mended += [
                    phrase("{model} keeps {rule} now: take it out of {file}", model=model, rule=rule, file=where)
                    for rule in self.baseline.mended(row)
                ]
        idle = []
        for place, one in enumerate(self._valid):
            why = phrase("it is not broken") if place in named else phrase("no such model is in this run")
            if place not in needed | unseen and (place in named or not part):
                idle.append(
                    phrase(
                        "{file}: nothing needs the exemption of {model} from {rule}: {why}",
                        file=self.name,
                        model=one.model,
                        rule=one.rule,
                        why=why,
                    )
                )
        return (*self.notices, *idle, *mended)

    def against(self, baseline: Baseline) -> Policy:
        """The same policy with another baseline."""
        return replace(self, baseline=baseline)

    def applying(self, model: str) -> tuple[Check, ...]:
        """What is demanded of a model."""
        return tuple(check for check in self.checks if check.applies((model.casefold(),)))

    def exemptions(self, model: str | None = None) -> tuple[Waiver, ...]:
        """All exemptions, those that ran out too; or those of one model."""
        return tuple(one for one in self.waivers if model is None or _names(one, (model.casefold(),)))


def names(row: Row) -> tuple[str, ...]:
    """What a model is called, in lower case: as it is called today, and as the list has it."""
    today = row.audit.subject.id if row.audit else ""
    written = row.named.reference.partition("@")[0]
    return tuple(dict.fromkeys(name.casefold() for name in (today, written) if name))


def _names(waiver: Waiver, called: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, waiver.model.casefold()) for name in called)


def _covers(waiver: Waiver, called: tuple[str, ...], rule: str) -> bool:
    return waiver.rule in (rule, rule.partition("/")[0]) and _names(waiver, called)


# --------------------------------------------------------------------------- loading


def starter() -> str:
    """The policy that ``openaudit policy init`` writes."""
    return (Path(__file__).parent / "starter.toml").read_text(encoding="utf-8")


def load(path: Path | None, rubrics: Sequence[Rubric], today: date | None = None) -> Policy | None:
    """Reads a policy; without ``path``, that of the folder one is in, or ``None`` where it has none.

    Exemptions are held against ``today`` (default: the day it is, UTC). Raises PolicyError naming file, line and key.
    """
    file = _found() if path is None else _file(path)
    if file is None:
        return None
    day = today or datetime.now(UTC).date()
    checks, content = read_policy(file, rubrics)
    notices = [
        phrase(
            "{file}: the exemption of {model} from {rule} ran out on {day}, and counts no more",
            file=file.path,
            model=one.model,
            rule=one.rule,
            day=one.until,
        )
        for one in content.exemptions
        if one.until < day
    ]
    known = None
    if content.baseline is not None:
        where = file.path.parent / content.baseline
        if where.exists():
            known = baselines.read(where)
            rules = {check.id for check in checks}
            lost = sorted({rule for broken in known.known.values() for rule in broken} - rules)
            notices += [
                phrase("{baseline}: {file} has no rule {rule}", baseline=where, file=file.path, rule=rule)
                for rule in lost
            ]
        else:
            notices.append(phrase("{file}: the baseline is not there: every breach counts", file=where))
    return Policy(str(file.path), checks, content.exemptions, day, known, tuple(notices))


def _found() -> TomlFile | None:
    if Path(FILE).exists():
        return read(Path(FILE), POLICY)
    return _below(read(Path(PROJECT), POLICY)) if Path(PROJECT).exists() else None


def _file(path: Path) -> TomlFile:
    file = read(path, POLICY)
    if path.name != PROJECT:
        return file
    below = _below(file)
    if below is None:
        raise PolicyError(f"{path}: there is no table [{'.'.join(_TABLE)}]", f"Write one, or a file {FILE}.")
    return below


def _below(project: TomlFile) -> TomlFile | None:
    """The policy in a pyproject.toml. What is said there of a site is not part of it."""
    table = project.below(*_TABLE)
    if table is None or not isinstance(table.data, dict) or _SITE not in table.data:
        return table
    rest = {key: value for key, value in table.data.items() if key != _SITE}
    return replace(table, data=rest) if rest else None


__all__ = ["FILE", "PROJECT", "Baseline", "Check", "Policy", "Waiver", "load", "names", "starter"]
