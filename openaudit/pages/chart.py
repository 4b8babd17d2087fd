"""The chart of a comparison: what models claim against the rung they stand on, as bubbles on a grid, and bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from textwrap import wrap

from openaudit.evidence import Outcome
from openaudit.languages import _
from openaudit.pages.field import CLAIMS, Bubble, Field
from openaudit.pages.values import RUNGS, SIGNS, label_title

_WIDTH, _LEFT, _TOP, _STEP, _RADIUS = 720, 112, 56, 58, 25  # in the chart's own units


@dataclass(frozen=True)
class Spot:
    """A bubble of the chart, where it stands."""

    bubble: Bubble
    x: int
    y: int
    radius: float


class Chart:
    """Where everything stands in the picture."""

    def __init__(self, field: Field) -> None:
        self._field = field

    @cached_property
    def across(self) -> list[tuple[str, str, int]]:
        """The labels from the least open to the most, with their titles and places in the chart."""
        shown = [*reversed(self._field.rungs())]
        step = (_WIDTH - _LEFT) / len(shown)
        return [(label, title, round(_LEFT + step * (i + 0.5))) for i, (label, title, _n) in enumerate(shown)]

    @cached_property
    def down(self) -> list[tuple[str, str, int]]:
        """The claims from the strongest, with their words and places in the chart."""
        shown = [said for said in CLAIMS if said != "unknown" or self._field.claims[said]]
        return [(said, _(CLAIMS[said]), round(_TOP + _STEP * (i + 0.5))) for i, said in enumerate(shown)]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return _WIDTH, _TOP + _STEP * len(self.down) + 4

    @property
    def kept_promises(self) -> list[tuple[int, int]]:
        """Where a claim and the rung of the same name meet."""
        across = {label: x for label, _title, x in self.across}
        down = [y for said, _word, y in self.down if said not in ("none", "unknown")]
        return [(across[label], y) for label, y in zip(RUNGS, down, strict=False) if label in across]

    @property
    def spots(self) -> list[Spot]:
        """The bubbles, each as large as the number of its models."""
        across = {label: x for label, _title, x in self.across}
        down = {said: y for said, _word, y in self.down}
        bubbles = self._field.bubbles()
        most = max((bubble.count for bubble in bubbles), default=1)
        return [
            Spot(one, across[one.label], down[one.claim], round(max(9.0, _RADIUS * sqrt(one.count / most)), 1))
            for one in bubbles
        ]

    def title_of(self, label: str) -> str:
        """A label in words."""
        return label_title(label)

    def lines(self, title: str) -> list[str]:
        """A title in lines that fit above a column of the chart."""
        return wrap(title, 16)[:3]

    def count(self, said: str, label: str) -> int:
        """How many models say the one and are the other."""
        return sum(one.count for one in self._field.bubbles() if (one.claim, one.label) == (said, label))

    def segments(self, counts: Iterable[tuple[Outcome, int]], total: int) -> list[tuple[str, float, float]]:
        """A bar of 100 in parts: the class of each, where it begins, and how long it is."""
        found, at = [], 0
        for outcome, n in counts:
            found.append((SIGNS[outcome], round(100 * at / total, 2), round(100 * n / total, 2)))
            at += n
        return found


__all__ = ["Chart", "Spot"]
