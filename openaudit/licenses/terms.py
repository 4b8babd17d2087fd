"""What a licence lets you do: the values the rest of openaudit is given.

A ``License`` says four things about the freedoms to use, study, modify and share, and for each limit which clause
makes it. Limits that take a freedom away are ``restrictions``; duties that leave it whole (say who made it, pass
on the same licence) are ``obligations``. Both are ``Restriction`` values, told apart by the list they stand in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Grant = Literal["granted", "limited", "denied"]
Scope = Literal["software", "data", "content", "model"]
How = Literal["exact", "edited", "named", "unrecognised"]
Origin = Literal[
    "OSI list",
    "FSF list",
    "SPDX list",
    "clause table",
    "its name",
    "expression",
    "licence text",
    "",
]

RESTRICTIONS: Mapping[str, str] = MappingProxyType(
    {
        "non-commercial": "Commercial use is not allowed.",
        "research-only": "Only research or evaluation is allowed.",
        "non-production": "It may be tried out, not used in production.",
        "use-restriction": "Some uses are forbidden.",
        "user-threshold": "Whoever has more than a certain number of users needs another licence.",
        "revenue-threshold": "Whoever earns more than a certain amount needs another licence.",
        "territory": "The licence does not hold everywhere in the world.",
        "output-restriction": "What the model produces may not be used for everything.",
        "no-derivatives": "Changed versions may not be passed on.",
        "no-redistribution": "It may not be passed on.",
        "no-patents": "Patents that using it may need are not licensed, and nobody lists the licence as open.",
        "hosting": "Offering it to others as a service is limited.",
        "permission": "Some uses need a registration or a permission first.",
        "naming": "A model made from it must carry its name.",
        "branding": "Products made with it must show its maker's name.",
        "remote-restriction": "The maker reserves the right to restrict use from afar.",
        "termination": "The maker may take the licence back although nothing was broken.",
        "revision": "The maker may change the terms later on.",
    }
)
"""Each kind of restriction, with the plain sentence that is true of every one of that kind."""

OBLIGATIONS: Mapping[str, str] = MappingProxyType(
    {
        "attribution": "You must say who made it.",
        "notice": "You must pass on a copy of the licence.",
        "changes": "You must say what you changed.",
        "same-licence": "Changed versions must carry the same licence.",
        "source": "Whoever gets the program must be able to get its source.",
        "pass-on": "You must bind those you pass it on to by the same limits.",
    }
)
"""Each kind of obligation, with its plain sentence. None of them makes a licence unopen."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """One clause: its kind (a key of ``RESTRICTIONS`` or ``OBLIGATIONS``), what it says, where, in which words.

    ``quote`` holds at most 25 words of the licence; empty where no text could be checked.
    """

    kind: str
    says: str
    clause: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class License:
    """A licence and what it lets you do.

    ``id`` is the SPDX identifier where there is one, else ours (the Hub's where the Hub has one). ``GPL-3.0`` and
    its like keep the old SPDX form: a text or a tag tells the version, not whether later ones are allowed too.
    ``open`` is true for what the OSI approved or the FSF calls free, for open data and content licences and for
    OpenMDW; ``None``, like a grant that is ``None``, means that it cannot be told.
    """

    id: str
    name: str
    open: bool | None
    use: Grant | None = None
    study: Grant | None = None
    modify: Grant | None = None
    share: Grant | None = None
    restrictions: tuple[Restriction, ...] = ()
    obligations: tuple[Restriction, ...] = ()
    url: str = ""
    scope: Scope | None = None
    source: Origin = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause as found in a text: at most 300 characters of that very text, and its 1-based line."""

    kind: str
    quote: str
    line: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text is.

    ``exact``: the complete known text. ``edited``: a known text with sentences added (``added``) or taken out
    (``missing`` counts them). ``named``: it only names or abridges the licence. ``unrecognised``: none of these;
    ``license`` is then ``None``. ``clauses`` are the restricting clauses found, whatever the text is.
    """

    license: License | None
    how: How
    clauses: tuple[Clause, ...] = ()
    added: tuple[Clause, ...] = ()
    missing: int = 0
