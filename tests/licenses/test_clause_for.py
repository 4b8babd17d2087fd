"""Which clause of a licence text is quoted for a restriction."""

from __future__ import annotations

from openaudit.licenses.clauses import clause_for
from openaudit.licenses.terms import Clause, Restriction

BOTH = "You may not use the Output to train a competing model."
ARMS = "You may not use the Model for military purposes."
FOUND = (
    Clause("output-restriction", BOTH, 18),
    Clause("use-restriction", BOTH, 18),
    Clause("use-restriction", ARMS, 30),
)


def test_a_sentence_of_two_kinds_is_quoted_for_one_of_them() -> None:
    assert clause_for(Restriction("use-restriction", "Military use is forbidden."), FOUND) == FOUND[2]


def test_the_words_that_are_known_of_a_clause_find_it() -> None:
    known = Restriction("use-restriction", "Military use is forbidden.", quote="for military purposes")
    assert clause_for(known, FOUND) == FOUND[2]


def test_no_quote_is_better_than_the_wrong_one() -> None:
    known = Restriction("use-restriction", "Military use is forbidden.", quote="for military purposes")
    assert clause_for(known, FOUND[:2]) is None
    assert clause_for(Restriction("territory", "Not everywhere."), FOUND) is None
