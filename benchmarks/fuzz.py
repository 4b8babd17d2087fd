"""Every reader of what strangers write, fed with what nobody would write.

    python benchmarks/fuzz.py [--inputs N] [--seed S] [--only READER] [--again READER:NUMBER]

Inputs are made from real ones (the sample that comes with openaudit) and from small ones written here: cut, doubled,
spliced, with pieces of syntax thrown in; one in 500 is a piece repeated some thousand times. A reader takes whatever
comes, or refuses it with an error of ours, in time that grows with the length and not with its square. Anything else
is printed, with the command that makes the same input again, and the exit code is 1. Every input hangs on the seed, the
reader and its number only.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import click

sys.path.insert(0, str(Path(__file__).resolve().parent))

import odd

from openaudit import auditing, lists, policy
from openaudit.errors import ListError, OpenAuditError, PolicyError, RubricError, SubjectError
from openaudit.evidence import CodeRepo, Looked, LookedCode, NotLooked, Repo
from openaudit.judging.rubric import load
from openaudit.licenses import page as pages
from openaudit.licenses.prints import library
from openaudit.licenses.reading import read_page
from openaudit.lists.code import commands, configs, python
from openaudit.probes import vocabulary
from openaudit.reading.card import read_card
from openaudit.reading.frontmatter import read_front_matter
from openaudit.sources import at_once
from openaudit.sources.files import choose, decode
from openaudit.sources.gather import gather
from openaudit.sources.hub import checked
from openaudit.sources.hubhttp import Refusal
from openaudit.sources.wire import read_object

_NEAR, _FAR = 4_000, 16_000  # characters of a piece that is repeated
_REPEATED = 500  # one input in so many is a piece repeated
_STEEP, _BESIDES = 9, 0.1  # four times the text takes 16 times as long where time grows with the square
_SLOW = 2.0  # seconds of the processor for one input, whatever it is

_LINE_END = re.compile(r"\r\n?|\n")  # as Markdown and YAML end lines


class Reader(NamedTuple):
    """What is fed: seeds to begin with, pieces to throw in, what is done with a text, and how it may be refused."""

    seeds: Callable[[], Sequence[str]]
    pieces: Sequence[str]
    read: Callable[[str, Random], object]
    refusal: type[OpenAuditError] | tuple[()] = ()
    share: int = 100  # of the inputs, in thousandths
    make: Callable[[Random, Sequence[str], Sequence[str]], str] | None = None


# --------------------------------------------------------------------------- what is read


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="openaudit-fuzz-"))


def _in_file(name: str, text: str) -> Path:
    path = _folder() / name
    path.write_bytes(_bytes(text))
    return path


def _list(text: str, random: Random) -> None:
    suffix = random.choice(["", "", ".txt", ".csv", ".tsv", ".yaml", ".json", ".jsonl"])
    if not suffix:
        found = list(lists.read(lists.STDIN, io.BytesIO(_bytes(text))))
    else:
        found = list(lists.read(str(_in_file(f"list{suffix}", text))))
    for one in found:
        assert one.reference == one.reference.strip() != ""
        assert all(place.line > 0 and place.column > 0 for place in one.places)


_CODE = (python.read, python.read_notebook, configs.read_json, configs.read_yaml, configs.read_toml, commands.read)


def _code(text: str, random: Random) -> None:
    for found in random.choice(_CODE)(decode(_bytes(text))):
        assert found.line > 0
        assert found.column > 0


@cache
def _rubrics() -> list[Any]:
    return auditing.load_rubrics()


def _policy(text: str, random: Random) -> None:
    name = random.choice([policy.FILE, policy.PROJECT])
    try:
        policy.load(_in_file(name, text), _rubrics(), date(2026, 7, 1))
    except PolicyError as problem:
        assert "\n" not in str(problem)
        raise


def _rubric(text: str, random: Random) -> None:
    load(_in_file("rubric.yaml", text), vocabulary())


def _front(text: str, random: Random) -> None:
    front = read_front_matter(text)
    assert all(0 < line <= front.lines for line in front.line_of.values())


def _card(text: str, random: Random) -> None:
    card = read_card.__wrapped__(text)  # not the answer that is remembered: it is timed
    last = len(_LINE_END.findall(text)) + 1
    assert all(0 < block.line <= last for block in card.blocks)
    assert all(sentence.text for sentence in card.sentences())
    assert all(0 < link.line <= last for link, _ in card.links())


def _licence(text: str, random: Random) -> None:
    page = pages.Page(text)
    reading = read_page(page, library())
    for clause in reading.clauses:
        assert 0 < clause.line <= text.count("\n") + 1 + text.count("\u2028") + text.count("\x0c")


class _Told:
    """A Hub that answers every question with one of these JSON texts and this page."""

    def __init__(self, answers: Sequence[str], card: str, random: Random) -> None:
        self._answers = answers
        self._card = card
        self._random = random

    def _look(self, kind: Any, id: str) -> Looked:
        try:
            info = checked(read_object(_bytes(self._random.choice(self._answers))))
        except (ValueError, Refusal) as problem:
            return NotLooked(str(problem))
        sizes = {entry["rfilename"]: entry.get("size") for entry in info.get("siblings") or ()}
        paths, _ = choose(sizes)
        return Repo(kind, id if kind == "datasets" else info["id"], info, None, dict.fromkeys(paths, self._card))

    def subject(self, id: str, revision: str | None = None, early: Any = None) -> Repo:
        found = self._look("models", id)
        if not isinstance(found, Repo):
            raise SubjectError(found.why if isinstance(found, NotLooked) else "missing")
        if early:
            early(found)
        return found

    def model(self, id: str, early: Any = None) -> Looked:
        return self._look("models", id)

    def dataset(self, id: str) -> Looked:
        return self._look("datasets", id)

    def code(self, id: str) -> LookedCode:
        try:
            return CodeRepo(id, read_object(_bytes(self._random.choice(self._answers))))
        except ValueError as problem:
            return NotLooked(str(problem))

    def redirects(self) -> Mapping[Any, Mapping[str, str]]:
        return {"models": {}, "datasets": {}}

    submit = staticmethod(at_once)


@cache
def _auditor() -> auditing.Auditor:
    return auditing.Auditor(_rubrics())


def _hub(text: str, random: Random) -> None:
    card = odd.mutated(random, odd.cards(), odd.MARKDOWN)[:1000]
    found = gather(_Told([text, odd.some_json(random, odd.infos(), ())], card, random), "maker/model")
    audit = _auditor().judge(found)
    audit.to_json().encode()


READERS: Mapping[str, Reader] = {
    "lists": Reader(lambda: odd.LISTS, (*odd.YAML, *odd.JSON, "model", "a/b", "id"), _list, ListError, 240),
    "code": Reader(lambda: odd.CODES, (*odd.PYTHON, *odd.JSON, *odd.TOML), _code, share=200),
    "policy": Reader(odd.policies, odd.TOML, _policy, PolicyError, 100),
    "rubric": Reader(odd.rubrics, odd.YAML, _rubric, RubricError, 20),
    "front": Reader(odd.fronts, odd.YAML, _front, share=160),
    "card": Reader(odd.cards, odd.MARKDOWN, _card, share=150),
    "licence": Reader(odd.licences, odd.LEGAL, _licence, share=110),
    "hub": Reader(odd.infos, (), _hub, SubjectError, 20, odd.some_json),
}


# --------------------------------------------------------------------------- running


def _seconds(reader: Reader, text: str, key: str) -> float:
    """The time of the processor that reading takes; the refusals it may end with are taken, everything else raised."""
    random = Random(key)
    began = time.process_time()
    with suppress(reader.refusal):
        reader.read(text, random)
    return time.process_time() - began


def feed(name: str, number: int, seed: int) -> str | None:
    """Feeds a reader one input. Returns what is wrong with what it made of it."""
    reader, key = READERS[name], f"{seed}:{name}:{number}"
    random = Random(key)
    text = ""
    try:
        if number % _REPEATED == _REPEATED - 1:
            longer = odd.repeating(random, reader.seeds(), reader.pieces)
            text = longer(_FAR)
            near, far = (min(_seconds(reader, longer(length), key) for _ in range(2)) for length in (_NEAR, _FAR))
            if far > _STEEP * near + _BESIDES:
                return f"{_NEAR} characters take {near:.2f} s, {_FAR} take {far:.2f} s: {text[:200]!r}"
            return None
        text = (reader.make or odd.mutated)(random, reader.seeds(), reader.pieces)
        if (took := _seconds(reader, text, key)) > _SLOW and min(_seconds(reader, text, key) for _ in range(2)) > _SLOW:
            return f"{len(text)} characters take {took:.2f} s: {text[:200]!r}"
    except Exception:  # noqa: BLE001 - this is what is looked for
        return f"{traceback.format_exc()}{text[:2000]!r}"
    return None


def planned(inputs: int) -> Iterator[tuple[str, int]]:
    """The readers in turn, each with the numbers of its inputs, by their shares."""
    whole = sum(reader.share for reader in READERS.values())
    fed = dict.fromkeys(READERS, 0)
    for done in range(1, inputs + 1):
        name = max(READERS, key=lambda one: READERS[one].share * done / whole - fed[one])
        yield name, fed[name]
        fed[name] += 1


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--inputs", default=20_000, show_default=True, help="How many, over all readers.")
@click.option("--seed", default=0, show_default=True)
@click.option("--only", type=click.Choice(list(READERS)), help="One reader alone.")
@click.option("--again", metavar="READER:NUMBER", help="The same input again, and nothing else.")
def main(inputs: int, seed: int, only: str | None, again: str | None) -> None:
    """Feeds, counts, and prints what went wrong."""
    if again:
        name, _, number = again.partition(":")
        chosen: Iterator[tuple[str, int]] = iter([(name, int(number))])
    else:
        chosen = ((only, number) for number in range(inputs)) if only else planned(inputs)
    fed = dict.fromkeys(READERS, 0)
    took = dict.fromkeys(READERS, 0.0)
    wrong = 0
    for name, number in chosen:
        began = time.process_time()
        problem = feed(name, number, seed)
        took[name] += time.process_time() - began
        fed[name] += 1
        if problem:
            wrong += 1
            click.echo(
                f"{name}:{number}\n{problem}\n  python benchmarks/fuzz.py --seed {seed} --again {name}:{number}\n"
            )
    for name, count in fed.items():
        if count:
            click.echo(f"{name:8} {count:8} inputs  {1000 * took[name] / count:7.2f} ms each")
    click.echo(f"{sum(fed.values())} inputs, {wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
