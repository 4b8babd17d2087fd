"""A licence in plain words: what ``openaudit license`` prints, as text and as JSON."""

from __future__ import annotations

import json
from typing import Any

from openaudit import licenses
from openaudit.languages import _, marked, say
from openaudit.licenses import License
from openaudit.saying import phrase

_GRANT = {
    "granted": marked("yes"),
    "limited": marked("within limits"),
    "denied": marked("no"),
    None: marked("can't tell"),
}
_FREEDOMS = {
    "use": marked("use it"),
    "study": marked("study it"),
    "modify": marked("change it"),
    "share": marked("pass it on"),
}


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
        else {**_sheet(licenses.lookup("unknown")), "id": None, "name": phrase("not a licence text that is known here")}
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


def translated(sheet: dict[str, Any]) -> dict[str, Any]:
    """The sheet in the language spoken; what a licence says itself stays as it is written."""
    clauses = {
        kind: [{**one, **{name: say(one[name]) for name in ("says", "clause") if name in one}} for one in sheet[kind]]
        for kind in ("restrictions", "obligations")
    }
    return {**sheet, **clauses, "name": say(sheet["name"])}


def as_json(sheet: dict[str, Any]) -> str:
    """The sheet for a program."""
    return json.dumps(sheet, ensure_ascii=False, indent=2) + "\n"


def as_text(sheet: dict[str, Any]) -> str:
    """The sheet for a person."""
    verdict = {
        True: _("an open licence"),
        False: _("not an open licence"),
        None: _("can't tell whether it is open"),
    }[sheet["open"]]
    id = f" ({say(sheet['id'])})" if sheet["id"] and sheet["id"] != sheet["name"] else ""
    lines = [_("{licence}: {verdict}", licence=f"{sheet['name']}{id}", verdict=verdict)]
    width = max(12, *(len(_(label)) for label in _FREEDOMS.values()))
    lines += [f"  {_(label):<{width}} {_(_GRANT[sheet['freedoms'][name]])}" for name, label in _FREEDOMS.items()]
    for title, key in (
        (_("What it forbids or limits:"), "restrictions"),
        (_("What it asks for:"), "obligations"),
        (_("What was added to the known text:"), "added"),
    ):
        if sheet.get(key):
            lines += ["", title]
            for one in sheet[key]:
                place = one.get("clause") or (_("line {n}", n=one["line"]) if one.get("line") else "")
                quote = _("“{text}”", text=one["quote"]) if one.get("quote") else ""
                says = one.get("says") or _(one["kind"])
                lines.append("  - " + " ".join(filter(None, (says, f"[{place}]" if place else "", quote))))
    if sheet["url"]:
        lines += ["", _("Text: {address}", address=sheet["url"])]
    return "\n".join(lines) + "\n"
