"""What each licence lets you do: by name (``lookup``) and by text (``read``).

Facts come from three places, and ``License.source`` says which: the OSI's and FSF's judgements as the SPDX list
carries them, and a clause table (``table/*.yaml``) for data and model licences, which those lists leave out.
No licence text is kept here: known texts are recognised by fingerprints of their sentences.
"""

from openaudit.licenses.names import known, lookup
from openaudit.licenses.reading import read
from openaudit.licenses.terms import (
    OBLIGATIONS,
    RESTRICTIONS,
    Clause,
    Grant,
    License,
    Reading,
    Restriction,
)

__all__ = [
    "OBLIGATIONS",
    "RESTRICTIONS",
    "Clause",
    "Grant",
    "License",
    "Reading",
    "Restriction",
    "known",
    "lookup",
    "read",
]
