"""What judging says: reasons, remedies and open questions, as sentences that can be said in any language.

The words of a rubric are filled with what was found; what cannot be told is asked. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce

from openaudit.evidence import Outcome
from openaudit.judging.change import Wish
from openaudit.judging.logic import Leaf, World
from openaudit.judging.questions import ANOTHER
from openaudit.judging.rubric import PLACEHOLDER
from openaudit.saying import Said, counted, in_sentences, listed, phrase, series, shortened

NAMED = 3  # how many things a sentence names before it counts the rest
_TEXTS = 2048  # texts of rubrics whose parts are kept: several times those of the shipped ones
_LONGEST = 120  # characters of a note or a name inside a sentence
_WORDS = {
    Outcome.MET: phrase("met"),
    Outcome.PARTIAL: phrase("partly met"),
    Outcome.UNMET: phrase("not met"),
    Outcome.NOT_APPLICABLE: phrase("beside the point"),
}


# --------------------------------------------------------------------------- a rubric's words, filled in


def filled(text: str, world: World, leaves: Iterable[Leaf]) -> str:
    """Fills ``{fact}``, ``{model}``, ``{which}`` (members that decided) and ``{where}`` (ancestors that decided)."""
    decided = tuple(leaves)
    whole, parts = _parts(text)
    if whole is not None:
        return whole
    return listed(
        [said or Said(one, {name: _value(name, world, decided) for name in names}) for one, names, said in parts], " "
    )


@lru_cache(maxsize=_TEXTS)
def _parts(text: str) -> tuple[str | None, tuple[tuple[str, tuple[str, ...], Said | None], ...]]:
    """The whole text if nothing is to be filled in; and its sentences, the names in each, and, if none, it said."""
    if not text:
        return "", ()
    parts = []
    for one in in_sentences(text):
        names = tuple(dict.fromkeys(PLACEHOLDER.findall(one)))
        parts.append((one, names, None if names else Said(one, {})))
    sure = [said for *_, said in parts if said is not None]
    return listed(sure, " ") if len(sure) == len(parts) else None, tuple(parts)


def _value(name: str, world: World, leaves: tuple[Leaf, ...]) -> str:
    match name:
        case "model":
            return world.evidence.id
        case "which":
            return some(leaf.finding.about for leaf in leaves) or phrase("none")
        case "where":
            models = some(leaf.model for leaf in leaves if leaf.model != world.evidence.id)
            return models or phrase("a model that is not named")
    decided = [leaf.finding for leaf in leaves if leaf.finding.fact == name]
    fact = world.vocabulary[name]
    values = [one.value for one in decided or world.evidence.all(name) if one.value is not None]
    return some(some(fact.names(value)) for value in values) or phrase("unknown")


def unless(remedy: str) -> str:
    """A remedy for what may be so already."""
    return phrase("Unless it is so already: {remedy}", remedy=remedy) if remedy else ""


def one_of(reasons: Iterable[str]) -> str:
    """Reasons of which one holds, nobody can tell which."""
    each = list(dict.fromkeys(reasons))
    if len(each) == 1:
        return each[0]
    return phrase(
        "One of these is so, it can't be told which: {reasons}", reasons=_apart(each, phrase("{one} — or: {other}"))
    )


# --------------------------------------------------------------------------- what is open


def open_question(leaves: Iterable[Leaf], possible: Sequence[Outcome], world: World) -> str:
    """Why an outcome is not known: the questions that are open, each once, and of what."""
    asked: dict[str, tuple[list[str], list[str]]] = {}
    for leaf in leaves:
        fact = world.vocabulary.get(leaf.finding.fact)
        question = quoted(fact.asks) if fact else phrase("what it was made from")
        of, notes = asked.setdefault(question, ([], []))
        model = leaf.model if leaf.model != world.evidence.id else ""
        parts = list(dict.fromkeys(part for part in (leaf.finding.about, model) if part))
        of.append(phrase("{thing} in {model}", thing=parts[0], model=parts[1]) if parts[1:] else next(iter(parts), ""))
        notes.append(leaf.finding.note)
    either = _either(words for outcome, words in _WORDS.items() if outcome in possible)
    if not asked:
        return phrase("Can't tell whether this is {either}: another rubric's verdict is open.", either=either)
    questions: str = series([_asked(question, *of) for question, of in list(asked.items())[:NAMED]])
    if len(asked) > NAMED:
        more = len(asked) - NAMED
        questions = counted("{questions}, and {n} more", "{questions}, and {n} more", more, questions=questions)
    said = (
        phrase("Can't tell whether this is {either}.", either=either),
        phrase("No answer was found to {questions}.", questions=questions),
    )
    return listed(said, " ")


def _asked(question: str, of: Iterable[str], notes: Sequence[str]) -> str:
    things, why = some(of), series(list(dict.fromkeys(_short(note) for note in notes[:NAMED] if note)))
    if things:
        question = phrase("{question} of {things}", question=question, things=things)
    return phrase("{question} ({why})", question=question, why=why) if why else question


def open_verdict(titles: Iterable[str], hangs: Iterable[str]) -> str:
    """Why a verdict is not known: what it could be, and the questions that it hangs on."""
    either = _either(map(phrase, dict.fromkeys(titles)))
    what = some(hangs, most=2 * NAMED)
    if not what:
        return phrase("It could be {either}: another rubric's verdict is open.", either=either)
    said = (
        phrase("It could be {either}.", either=either),
        phrase("That hangs on what could not be told: {what}.", what=what),
    )
    return listed(said, " ")


@lru_cache(maxsize=_TEXTS)
def quoted(text: str) -> Said:
    """A question or a title inside a sentence."""
    return phrase("“{text}”", text=phrase(text))


# --------------------------------------------------------------------------- what decided, what would


def says(leaf: Leaf, world: World) -> str:
    """What one finding says, and of what."""
    fact = world.vocabulary.get(leaf.finding.fact)
    said = fact.sentence(leaf.finding.value) if fact else leaf.finding.note
    model = leaf.model if leaf.model != world.evidence.id else ""
    things = dict.fromkeys(part for part in (model, leaf.finding.about) if part)
    return phrase("{of}: {said}", of=listed(things, " — "), said=said) if things else said


def wished(wish: Wish, world: World) -> str:
    """What would have to be so instead."""
    fact = world.vocabulary.get(wish.finding.fact)
    if wish.value is None or fact is None:
        return phrase("it can be looked at, and the same holds for it")
    unseen = wish.finding.value is None
    if wish.value == ANOTHER:
        others = series(list(map(fact.sentence, wish.instead_of)))
        if unseen:
            return phrase("it can be seen that it is something other than: {others}", others=others)
        return phrase("something other than: {others}", others=others)
    said = fact.sentence(wish.value)
    return phrase("it can be seen that {said}", said=said) if unseen else said


# --------------------------------------------------------------------------- lists


def some(names: Iterable[str], most: int = NAMED) -> str:
    """The first few names, and how many more there are; empty where there is none."""
    each = list(dict.fromkeys(_short(name) for name in names if name))
    if not each:
        return ""
    first = listed(each[:most])
    more = len(each) - most
    return counted("{first} and {n} more", "{first} and {n} more", more, first=first) if more > 0 else first


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return phrase("{first} or {last}", first=listed(first), last=last) if first else last


def _apart(parts: Sequence[str], template: str) -> str:
    return reduce(lambda one, other: phrase(template, one=one, other=other), parts)


def _short(text: str) -> str:
    return shortened(text, _LONGEST)
