"""Keeps the catalogues of the other languages in step with what the project says in English.

    python scripts/make_catalogs.py            every catalogue gets what is new and loses what is gone; .mo files anew
    python scripts/make_catalogs.py --check    says what is missing, gone or left in English, and ends with 1
    python scripts/make_catalogs.py --new de   starts a catalogue for another language

Texts come from the code (``_``, ``plural``, ``phrase``, ``marked``, ``in_context``), from the templates, and from what
is written as data: rubrics, the facts of the probes, the glossary and the table of licences.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from openaudit import glossary
from openaudit.auditing import SAMPLE, load_rubrics
from openaudit.judging.rubric import PLACEHOLDER, Rubric
from openaudit.languages import DOMAIN, ENGLISH, FOLDER
from openaudit.licenses import OBLIGATIONS, RESTRICTIONS
from openaudit.licenses.book import book
from openaudit.probes import vocabulary
from openaudit.reading.known_sets import notes
from openaudit.reading.subjects import TRAITS
from openaudit.saying import in_sentences

ROOT = Path(__file__).resolve().parent.parent
AGAIN = "python scripts/make_catalogs.py"
_CALLS = {
    "_": None,
    "phrase": None,
    "marked": None,
    "plural": (1, 2),
    "counted": (1, 2),
    "in_context": ((1, "c"), 2),
}
_NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # a catalogue has to have one; what is made twice has to be the same
_HEADERS = ("Language: ", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
_PLACE = re.compile(r"\{([^{}]*)\}")

Text = str | tuple[str, str]  # one text, or its forms for one and for many
Message = tuple[Text, str | None, str]  # the text, its context, where it stands


def messages() -> Iterator[Message]:
    """Every text of ours, its context, and where it stands; some more than once."""
    for path in sorted((ROOT / "openaudit").rglob("*")):
        where = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py":
            yield from ((text, context, where) for text, context in in_code(path.read_text(encoding="utf-8")))
        elif path.suffix == ".j2":
            with path.open("rb") as file:
                for _line, text, _comments, context in extract("jinja2.ext:babel_extract", file, _CALLS):
                    yield (text if isinstance(text, str) else (str(text[0]), str(text[1]))), context, where
    for rubric in sorted(load_rubrics(), key=lambda one: one.id):
        yield from ((text, None, f"rubrics/{rubric.id}.yaml") for text in _of_rubric(rubric))
    yield from ((name, None, "openaudit/reading/subjects.py") for name in TRAITS)
    yield from ((note, None, "openaudit/reading/datasets.yaml") for note in notes())
    shown = {name for rubric in load_rubrics() for name in _named_in(rubric)}
    for fact in vocabulary().values():
        named = (value for value in fact.says if isinstance(value, str) and value != "*" and fact.name in shown)
        yield from (
            (text, None, f"fact:{fact.name}")
            for text in (fact.asks, *fact.says.values(), fact.per, *fact.words, *named)
        )
    for term in glossary.terms().values():
        yield from ((text, None, f"glossary:{term.id}") for text in (term.title, term.text))
        if not term.quiet:
            yield glossary.spellings_of(term), glossary.SPELLINGS, f"glossary:{term.id}"
    for entry in book().entries.values():
        each = (*entry.license.restrictions, *entry.license.obligations)
        yield from ((clause.says, None, f"licence:{entry.license.id}") for clause in each)
    for path in sorted(SAMPLE.glob("*/*/*/gathered.json")):
        if note := json.loads(path.read_bytes()).get("note"):
            yield note, None, "openaudit/sample"
    yield from ((text, None, "openaudit/licenses/terms.py") for text in (*OBLIGATIONS.values(), *RESTRICTIONS.values()))


def in_code(source: str) -> Iterator[tuple[Text, str | None]]:
    """The texts in a module: what stands, as it is, in a call of one of the functions that say something.

    Babel's own reader sees nothing inside an f-string before Python 3.12.
    """
    for node in ast.walk(ast.parse(source)):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if not isinstance(node, ast.Call) or name not in _CALLS:
            continue
        given = [one.value if isinstance(one, ast.Constant) else None for one in node.args[:2]]
        texts = [one for one in given if isinstance(one, str)]
        match name, texts:
            case "plural" | "counted", [one, many]:
                yield (one, many), None
            case "in_context", [context, text]:
                yield text, context
            case "_" | "phrase" | "marked", [text, *_]:
                yield text, None


def _named_in(rubric: Rubric) -> Iterator[str]:
    """The facts that a rubric's texts name: their values are shown."""
    for level in (level for criterion in rubric.criteria for level in criterion.levels):
        yield from PLACEHOLDER.findall(f"{level.because} {level.remedy}")
    for verdict in rubric.verdicts:
        yield from PLACEHOLDER.findall(verdict.because)


def _of_rubric(rubric: Rubric) -> Iterator[str]:
    yield from (rubric.title, rubric.about, rubric.note)
    for criterion in rubric.criteria:
        yield from (
            criterion.title,
            criterion.question,
            criterion.why,
            criterion.source.clause,
            *criterion.words.values(),
        )
        for level in criterion.levels:
            yield from (*in_sentences(level.because), *in_sentences(level.remedy))
    for verdict in rubric.verdicts:
        yield from (verdict.title, *in_sentences(verdict.because))


def template() -> Catalog:
    """All texts, each once, in the order in which they are found."""
    catalog = Catalog(project="openaudit", charset="utf-8")
    for text, context, where in messages():
        if text and text != ("", ""):
            catalog.add(text, context=context, locations=[(where, 0)])
    return catalog


# --------------------------------------------------------------------------- one language


def updated(language: str, texts: Catalog) -> Catalog:
    """The language's catalogue with all texts of today; what is new in it is empty, what is gone is gone."""
    path = _po(language)
    if path.is_file():
        with path.open("rb") as file:
            held = read_po(file, locale=language, domain=DOMAIN)
    else:
        held = Catalog(locale=language, domain=DOMAIN)
    made = Catalog(language, DOMAIN, project="openaudit", creation_date=_NO_DAY, revision_date=_NO_DAY, fuzzy=False)
    for message in texts:
        if not message.id:
            continue
        before = held.get(message.id, context=message.context)
        said = before.string if before else None
        made.add(message.id, said, context=message.context, locations=message.locations)
    return made


def as_po(catalog: Catalog) -> bytes:
    """The catalogue as text: no dates, no line numbers, so that it changes only where its content does."""
    written = io.BytesIO()
    catalog.header_comment = (
        f"# {catalog.locale.english_name if catalog.locale else ''} of openaudit. Kept in step by {AGAIN}."
    )
    write_po(written, catalog, width=110, include_lineno=False)
    text = written.getvalue().decode()
    kept = re.sub(rf'^"(?!{"|".join(_HEADERS)})[A-Z][A-Za-z-]+: .*\n', "", text, flags=re.MULTILINE)
    return kept.encode()


def as_mo(catalog: Catalog) -> bytes:
    """The catalogue as gettext reads it, from its content alone."""
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def mistakes(catalog: Catalog) -> Iterator[str]:
    """What is left in English, and places that a translation does not fill or invents."""
    for message in catalog:
        if not message.id:
            continue
        said = [message.string] if isinstance(message.string, str) else list(message.string or ("",))
        first = message.id if isinstance(message.id, str) else message.id[1]
        if not all(said):
            yield f"not translated: {first!r}"
            continue
        for one in said:
            wanted, got = set(_PLACE.findall(first)), set(_PLACE.findall(one))
            if got - wanted or (wanted - got - {"n"}):
                yield f"other places than in the English text ({', '.join(sorted(wanted ^ got))}): {one!r}"


def _po(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def languages() -> list[str]:
    """Every language that has a catalogue."""
    return sorted(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def main(argv: Sequence[str] | None = None) -> int:
    """The command line of this script."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; end with 1 where something is missing")
    parser.add_argument("--new", metavar="CODE", help="start a catalogue for this language (ISO 639-1)")
    asked = parser.parse_args(argv)
    texts = template()
    wrong = 0
    for language in [*languages(), *([asked.new] if asked.new and asked.new != ENGLISH else [])]:
        catalog = updated(language, texts)
        files = {_po(language): as_po(catalog), _po(language).with_suffix(".mo"): as_mo(catalog)}
        stale = [path for path, content in files.items() if not path.is_file() or path.read_bytes() != content]
        if asked.check:
            problems = [*mistakes(catalog), *(f"out of step: {path.name}; run {AGAIN}" for path in stale)]
            wrong += len(problems)
            print(*(f"{language}: {problem}" for problem in problems), sep="\n", end="\n" if problems else "")
            continue
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[path])
        left = sum(problem.startswith("not") for problem in mistakes(catalog))
        print(f"{language}: {len(catalog)} texts, {left} not translated")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
