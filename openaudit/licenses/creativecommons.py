"""Creative Commons licences, told from their ids: the letters of the id say what is allowed."""

from __future__ import annotations

import re
from dataclasses import replace

from openaudit.licenses.book import duty, restrict
from openaudit.licenses.terms import Grant, License, Restriction

_ID = re.compile(r"cc-by(?P<letters>(?:-(?:nc|nd|sa))*)(?:-(?P<version>\d\.\d)(?:-[a-z]+)?)?", re.IGNORECASE)


def judge(licence: License) -> License | None:
    """The licence with what its letters say of it; ``None`` where it is no CC-BY licence."""
    match = _ID.fullmatch(licence.id)
    if match is None:
        return None
    letters = match["letters"].lower()
    version = match["version"] or ""
    noncommercial, unchanged, alike = "-nc" in letters, "-nd" in letters, "-sa" in letters
    restrictions = []
    if noncommercial:
        restrictions.append(_noncommercial(version))
    if unchanged:
        restrictions.append(_no_derivatives(version))
    obligations = [duty("attribution"), *([] if unchanged else [duty("changes")])]
    if alike:
        obligations.append(duty("same-licence"))
    return replace(
        licence,
        open=not restrictions,
        use="limited" if noncommercial else "granted",
        study="granted",
        modify=_modify(version, noncommercial, unchanged),
        share="limited" if restrictions else "granted",
        restrictions=tuple(restrictions),
        obligations=tuple(obligations),
        url=f"https://creativecommons.org/licenses/by{letters}/{version}/" if version else licence.url,
        scope="content",
        source="clause table" if restrictions or licence.source == "SPDX list" else licence.source,
    )


def _modify(version: str, noncommercial: bool, unchanged: bool) -> Grant:
    if unchanged and version != "4.0":
        # Only from 4.0 on may one change the work for oneself.
        return "denied"
    return "limited" if unchanged or noncommercial else "granted"


def _noncommercial(version: str) -> Restriction:
    quote, clause = {
        "4.0": ("for NonCommercial purposes only", "section 2(a)(1)"),
        "3.0": ("primarily intended for or directed toward commercial advantage", "section 4"),
    }.get(version, ("", ""))
    return restrict("non-commercial", clause=clause, quote=quote)


def _no_derivatives(version: str) -> Restriction:
    if version == "4.0":
        return restrict("no-derivatives", clause="section 2(a)(1)", quote="but not Share, Adapted Material")
    return restrict("no-derivatives")
