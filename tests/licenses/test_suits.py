"""Whether an expression suits somebody who knows of each licence whether it does."""

from __future__ import annotations

import pytest

from openaudit.licenses.expressions import suits

KNOWN = {"good": True, "bad": False}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("good", True),
        ("bad", False),
        ("what", None),
        ("good AND good", True),
        ("good AND bad", False),
        ("good AND what", None),
        ("bad AND what", False),
        ("good OR bad", True),
        ("bad OR bad", False),
        ("good OR what", True),
        ("bad OR what", None),
        ("good AND (bad OR good)", True),
        ("good or bad and bad", True),  # AND binds more tightly
        ("good WITH more", True),
        ("bad WITH more OR what", None),
        ("good AND", True),  # no expression: one name
        ("(" * 5000 + "good", None),
    ],
)
def test_an_expression_suits(expression: str, expected: bool | None) -> None:
    def leaf(name: str, exception: str) -> bool | None:
        assert exception in ("", "more")
        return KNOWN.get(name.partition(" ")[0])

    assert suits(expression, leaf) is expected
