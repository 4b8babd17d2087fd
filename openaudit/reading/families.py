"""Families of models that all come under one licence of their own: naming the family names the licence.

Only families whose every member is under that licence stand here. Sources: the licence texts, linked in the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FAMILIES: tuple[tuple[str, str], ...] = (
    ("llama4", r"llama[- ]?4"),
    ("llama3.3", r"llama[- ]?3\.3"),
    ("llama3.2", r"llama[- ]?3\.2"),
    ("llama3.1", r"llama[- ]?3\.1"),
    ("llama3", r"llama[- ]?3(?![.\d])"),
    ("llama2", r"llama[- ]?2(?![.\d])|code[- ]?llama"),
    ("llama1", r"llama(?![- ]?[\d.])(?![- ]?(?:cpp|index|factory|guard))"),
    ("gemma", r"gemma(?:[- ]?\d)?(?![\w.])"),
)
_NAMES = re.compile(
    "|".join(rf"(?P<f{i}>\b(?:meta[- ])?(?:{pattern}))(?:[- ]?\d+[bB])?" for i, (_, pattern) in enumerate(_FAMILIES)), re.IGNORECASE
)


def families(text: str) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, the words, licence id) for each family named in a text."""
    for match in _NAMES.finditer(text):
        index = next(i for i in range(len(_FAMILIES)) if match[f"f{i}"])
        yield match.start(), match.end(), match[0], _FAMILIES[index][0]
