"""Restricting clauses in any text, found sentence by sentence.

``clauses.yaml`` says which words make a sentence a restriction of a kind. What only looks like one (a sentence that
says there is no such limit, a warranty, a trademark clause) is left out: a wrong accusation is worse than a missed
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from openaudit.licenses.book import parse
from openaudit.licenses.page import Page, Sentence
from openaudit.licenses.terms import Clause, Restriction

# Longer texts are no licences; looking for clauses stays cheap whatever is fed in.
_FURTHEST = 1 << 17
_MOST_OF_A_KIND = 5
_SAME_CLAUSE = r"[^.;]{0,120}?"
_LISTS = ("no limit", "exceptions")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words that make a sentence a restriction of ``kind``: one of ``hints``, then ``says``, never ``but``."""

    kind: str
    hints: tuple[str, ...]
    says: re.Pattern[str]
    but: re.Pattern[str]


@cache
def patterns() -> tuple[Pattern, ...]:
    """The patterns of ``clauses.yaml``."""
    from pathlib import Path

    content = parse((Path(__file__).parent / "clauses.yaml").read_text(encoding="utf-8"))
    may_not = rf"\b(?:{'|'.join(content['may not'])})"

    def compiled(alternatives: Sequence[str]) -> re.Pattern[str]:
        whole: list[str] = []
        for one in alternatives:
            whole += content[one] if one in _LISTS else [one]
        text = "|".join(whole).replace("<may not>", may_not).replace("~", _SAME_CLAUSE)
        return re.compile(text, re.IGNORECASE)

    return tuple(
        Pattern(p["kind"], tuple(hint.lower() for hint in p["hints"]), compiled(p["says"]), compiled(p["but"]))
        for p in content["patterns"]
    )


def kinds(sentence: Sentence) -> Iterator[str]:
    """The kinds of restriction that a sentence is one of."""
    alone = sentence.text.lower()
    whole = f"{sentence.intro} {sentence.text}" if sentence.intro else sentence.text
    seen: set[str] = set()
    for pattern in patterns():
        if pattern.kind in seen or not any(hint in alone for hint in pattern.hints):
            continue
        for text in (sentence.text, whole) if sentence.intro else (sentence.text,):
            if pattern.says.search(text) and not pattern.but.search(text):
                seen.add(pattern.kind)
                yield pattern.kind
                break


def find(page: Page) -> tuple[Clause, ...]:
    """The restricting clauses in a text, each quoted from it, at most five of a kind."""
    found: list[Clause] = []
    counts: dict[str, int] = {}
    for sentence in page.sentences:
        if sentence.start > _FURTHEST:
            break
        for kind in kinds(sentence):
            counts[kind] = counts.get(kind, 0) + 1
            if counts[kind] <= _MOST_OF_A_KIND:
                found.append(Clause(kind, *page.quote(sentence.start, sentence.end)))
    return tuple(found)


def clause_for(restriction: Restriction, found: tuple[Clause, ...]) -> Clause | None:
    """The clause of a text that makes a restriction: the one with the known words, else one of that kind only."""
    of_kind = [clause for clause in found if clause.kind == restriction.kind]
    words = re.sub(r"\W+", " ", restriction.quote.lower()).strip()
    known = [c for c in of_kind if words and words in re.sub(r"\W+", " ", c.quote.lower())]
    shared = {c.quote for c in found if c.kind != restriction.kind}
    alone = [clause for clause in of_kind if clause.quote not in shared]
    # A sentence of two kinds says what one of them says; beside the sentence of the other it would be a wrong quote.
    return next(iter(known or alone or ([] if restriction.quote else of_kind)), None)
