"""What each licence lets you do: by name (``lookup``) and by text (``read``).

Facts come from three places, and ``License.source`` says which: the OSI's and FSF's judgements as the SPDX list
carries them, and a clause table (``table/*.yaml``) for data and model licences, which those lists leave out.
No licence text is kept here: known texts are recognised by fingerprints of their sentences.
"""

from openaudit.licenses.names import known, lookup
from openaudit.licenses.terms import (
    OBLIGATIONS,
    RESTRICTIONS,
    Clause,
    Grant,
    License,
    Reading,
    Restriction,
)


def read(text: str) -> Reading:
    """What licence a text is, and the restricting clauses in it. Never raises; linear in the text.

    Mark-up, line breaks, comment marks, names and dates make no difference, nor does a foreign title or a missing
    appendix. Only the first MiB is looked at.
    """
    # Most who ask for a licence ask by its name; what reading a text needs is loaded for those who have one.
    from openaudit.licenses.reading import read

    return read(text)


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
