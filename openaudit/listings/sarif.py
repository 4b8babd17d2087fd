"""SARIF 2.1.0, which code scanning reads: a result a breach, at the line of the list or of the code that names it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from openaudit.escaping import line, markdown, markdown_address
from openaudit.languages import _
from openaudit.listings import _told, register
from openaudit.run import Breach, Place, Row, Run

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PLACES = 20  # of a model, besides the first
_ROOT = "%SRCROOT%"


@register("sarif", ".sarif", "SARIF 2.1.0: each breach at the line that names the model, for code scanning")
def render(run: Run) -> Iterator[str]:
    """The results first, as they come, and then the rules they name: no more than one model is held."""
    yield f'{{\n"$schema": "{_SCHEMA}",\n"version": "2.1.0",\n"runs": [{{\n'
    yield '"columnKind": "unicodeCodePoints",\n"results": ['
    rules: dict[str, dict[str, Any]] = {}
    separator = "\n"
    for row in run.rows():
        for problem in _told.problems(row):
            rule = _rule(problem)
            rules.setdefault(rule["id"], rule)
            index = list(rules).index(rule["id"])
            yield separator + _written(_result(row, problem, rule["id"], index))
            separator = ",\n"
    name, _space, version = line(run.tool, _told.NAME).partition(" ")
    driver = {"name": name, "version": version, "rules": list(rules.values())}
    about = _("The folder that the list of models was read from, or the root of the code that was searched.")
    notices = [{"level": "warning", "message": {"text": _plain(line(one, _told.REASON))}} for one in run.told()]
    invocation = {"executionSuccessful": True, **({"toolConfigurationNotifications": notices} if notices else {})}
    yield (
        "\n],\n"
        + ",\n".join(
            f'"{key}": {_written(value)}'
            for key, value in {
                "tool": {"driver": driver},
                "originalUriBaseIds": {_ROOT: {"description": {"text": about}}},
                "invocations": [invocation],
            }.items()
        )
        + "\n}]\n}\n"
    )


def _rule(problem: Breach) -> dict[str, Any]:
    says = line(problem.says, _told.REASON) or _("A rule of the policy.")
    level = "error" if problem.level == "fail" else "warning"
    more = _("The rule stands in the policy; an exemption there, with a reason and a date, lets a model pass it.")
    help = f"{says} {more}"
    if problem.rule == _told.AUDITED:
        help = _("What could not be looked at is never judged. Check the name, the token and the connection.")
    return {
        "id": line(problem.rule, _told.NAME) or "rule",
        "shortDescription": {"text": _plain(says)},
        "fullDescription": {"text": _plain(says)},
        "help": {"text": _plain(help), "markdown": markdown(help)},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["openness", "licence"]},
    }


def _result(row: Row, problem: Breach, rule: str, index: int) -> dict[str, Any]:
    name, because = _told.name(row), line(problem.because, _told.REASON)
    link = f" [{_('What was seen')}]({markdown_address(problem.url)})" if problem.url else ""
    found: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": index,
        "level": "error" if problem.level == "fail" else "warning",
        "message": {"text": _plain(f"{name}: {because}"), "markdown": f"{markdown(name)}: {markdown(because)}{link}"},
        "partialFingerprints": {"openauditModelAndRule/v1": _fingerprint(row, rule)},
    }
    logical = {"logicalLocations": [{"fullyQualifiedName": name, "kind": "model"}]}
    first, *others = row.named.places or (None,)
    found["locations"] = [_location(first, row.named.reference) | logical]
    if others:
        found["relatedLocations"] = [
            {"id": number, **_location(place, row.named.reference), "message": {"text": _("It is named here, too.")}}
            for number, place in enumerate(others[:_PLACES], 1)
        ]
    if pardon := _told.pardon(problem):
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": pardon}]
    return found


def _fingerprint(row: Row, rule: str) -> str:
    """The same for one model and one rule, wherever the list names it and whatever words say why."""
    return hashlib.sha256(f"{rule}\0{row.named.reference}".encode("utf-8", "replace")).hexdigest()


def _location(place: Place | None, reference: str) -> dict[str, Any]:
    path = _told.path(place) if place else None
    if place is None or path is None:
        return {}
    region: dict[str, Any] = {"startLine": max(place.line, 1), "startColumn": max(place.column, 1)}
    at = place.column - 1
    if reference and place.text[at : at + len(reference)] == reference:
        region["endColumn"] = place.column + len(reference)
    if place.text:
        region["snippet"] = {"text": line(place.text, _told.REASON)}
    uri = quote(path, safe="/", errors="replace")
    return {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": region}}


def _plain(text: str) -> str:
    """Text for a message: brackets would be a link in it, braces a place for an argument."""
    return re.sub(r"([\\\[\]])", r"\\\1", text).replace("{", "{{").replace("}", "}}")


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
