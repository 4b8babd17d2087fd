"""A licence in plain words: what ``openaudit license`` prints, as text and as JSON."""

from __future__ import annotations

import json
from typing import Any

from openaudit import licenses
from openaudit.licenses import License

_GRANT = {"granted": "yes", "limited": "within limits", "denied": "no", None: "can't tell"}
_FREEDOMS = {"use": "use it", "study": "study it", "modify": "change it", "share": "pass it on"}


def of_id(id: str) -> dict[str, Any]:
    """What a licence id (or SPDX expression, or common name) allows."""
    return _sheet(licenses.lookup(id))


def of_text(text: str) -> dict[str, Any]:
    """What a licence text is and allows; the clauses are quoted from the text itself."""
    reading = licenses.read(text)
    found = reading.license
    sheet = (
        _sheet(found)
        if found
        else {**_sheet(licenses.lookup("unknown")), "id": None, "name": "not a licence text that is known here"}
    )
    quoted = [{"kind": c.kind, "quote": c.quote, "line": c.line} for c in reading.clauses]
    known = {c["kind"] for c in quoted}
    sheet["restrictions"] = quoted + [r for r in sheet["restrictions"] if r["kind"] not in known]
    sheet["recognised"] = reading.how
    sheet["added"] = [{"kind": c.kind, "quote": c.quote, "line": c.line} for c in reading.added]
    return sheet


def _sheet(license: License) -> dict[str, Any]:
    return {
        "id": license.id,
        "name": license.name,
        "open": license.open,
        "freedoms": {name: getattr(license, name) for name in _FREEDOMS},
        "restrictions": [
            {"kind": r.kind, "quote": r.quote, "says": r.says, "clause": r.clause} for r in license.restrictions
        ],
        "obligations": [
            {"kind": o.kind, "quote": o.quote, "says": o.says, "clause": o.clause} for o in license.obligations
        ],
        "url": license.url,
    }


def as_json(sheet: dict[str, Any]) -> str:
    """The sheet for a program."""
    return json.dumps(sheet, ensure_ascii=False, indent=2) + "\n"


def as_text(sheet: dict[str, Any]) -> str:
    """The sheet for a person."""
    verdict = {True: "an open licence", False: "not an open licence", None: "can't tell whether it is open"}[
        sheet["open"]
    ]
    id = f" ({sheet['id']})" if sheet["id"] and sheet["id"] != sheet["name"] else ""
    lines = [f"{sheet['name']}{id}: {verdict}"]
    lines += [f"  {label:<12} {_GRANT[sheet['freedoms'][name]]}" for name, label in _FREEDOMS.items()]
    for title, key in (
        ("What it forbids or limits", "restrictions"),
        ("What it asks for", "obligations"),
        ("What was added to the known text", "added"),
    ):
        if sheet.get(key):
            lines += ["", f"{title}:"]
            for one in sheet[key]:
                where = (
                    f" [{one['clause']}]" if one.get("clause") else f" [line {one['line']}]" if one.get("line") else ""
                )
                lines.append(
                    f"  - {one.get('says') or one['kind']}{where}" + (f" “{one['quote']}”" if one.get("quote") else "")
                )
    if sheet["url"]:
        lines += ["", f"Text: {sheet['url']}"]
    return "\n".join(lines) + "\n"
