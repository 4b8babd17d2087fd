"""From the parts of a policy file to what they demand: every name in it is one that an audit can answer to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from openaudit.files.mistakes import Misplaced, near
from openaudit.files.tomlfile import TomlFile
from openaudit.judging.rubric import Rubric
from openaudit.policy import licenses
from openaudit.policy.file import PolicyFile, Rule, parts
from openaudit.probes import vocabulary
from openaudit.requirements import LADDERS, Demand, found, understand

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Check:
    """One demand of one rule. ``id`` is its name in reports, exemptions and baselines: ``RULE/WHAT``."""

    id: str
    rule_name: str
    rule: Rule
    demand: Demand

    def applies(self, names: Sequence[str]) -> bool:
        """Whether it is demanded of a model that goes by these names (in lower case)."""
        return _any(self.rule.models, names) and not _any(self.rule.except_, names)


def _any(patterns: Sequence[str], names: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern.casefold()) for pattern in patterns for name in names)


def read_policy(file: TomlFile, rubrics: Sequence[Rubric]) -> tuple[tuple[Check, ...], PolicyFile]:
    """What a policy demands, in the order of the file, and its parts. Raises PolicyError naming file, line and key."""
    content = parts(file, (*LADDERS, *(rubric.id for rubric in rubrics), *vocabulary()))
    checks: dict[str, Check] = {}
    for name, rule in content.rules.items():
        if not _NAME.fullmatch(name):
            raise file.error(("rules", name), "a rule's name is made of letters, digits, hyphens and underscores")
        for check, where in _checks(file, name, rule, rubrics):
            if check.id in checks:
                raise file.error(("rules", name, *where), f"two demands would be called {check.id}")
            checks[check.id] = check
    known = [*content.rules, *checks]
    for place, waiver in enumerate(content.exemptions):
        if waiver.rule not in known:
            message = f"there is no rule {waiver.rule!r}{near(waiver.rule, known)}"
            raise file.error(("exemptions", place, "rule"), message)
    return tuple(checks.values()), content


def _checks(
    file: TomlFile, name: str, rule: Rule, rubrics: Sequence[Rubric]
) -> Iterator[tuple[Check, tuple[str, ...]]]:
    def check(id: str, demand: Demand, *where: str) -> tuple[Check, tuple[str, ...]]:
        return Check(f"{name}/{id}", name, rule, demand), where

    for what, value in rule.require.items():
        try:
            yield check(what, understand(what, value, rubrics), "require", what)
        except Misplaced as wrong:
            message = _quotes_forgotten(what, value, rubrics) or str(wrong)
            raise file.error(("rules", name, "require", what), message) from wrong
    for what, value in rule.forbid.items():
        try:
            yield check(f"forbid/{what}", found(what, value, forbidden=True), "forbid", what)
        except Misplaced as wrong:
            message = _quotes_forgotten(what, value, ()) or str(wrong)
            if any(what.partition("/")[0] in (rubric.id, rubric.role) for rubric in rubrics):
                message = "only facts can be forbidden: say what a rubric has to come to below require"
            raise file.error(("rules", name, "forbid", what), message) from wrong
    if rule.licenses:
        for key, listed in (("allow", rule.licenses.allow), ("deny", rule.licenses.deny)):
            try:
                if listed is not None:
                    demand = licenses.understand(list(listed), denied=key == "deny")
                    yield check(f"licenses/{key}", demand, "licenses", key)
            except Misplaced as wrong:
                raise file.error(("rules", name, "licenses", key, *wrong.where), str(wrong)) from wrong


def _quotes_forgotten(what: str, value: object, rubrics: Sequence[Rubric]) -> str:
    """``weights.remote_code = false`` without quotes is a table in TOML, and was meant as a name."""
    keys = list(value) if isinstance(value, dict) else []
    meant = [f"{what}.{key}" for key in keys if f"{what}.{key}" in vocabulary()]
    asked = (rubric for rubric in rubrics if rubric.id == what)
    meant += [f"{what}/{criterion.id}" for rubric in asked for criterion in rubric.criteria if criterion.id in keys]
    return f'a name with a dot or a slash stands in quotes: "{meant[0]}"' if meant else ""
