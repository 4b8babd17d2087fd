"""Every text of ours can be translated, and is, in every language; what strangers wrote is never touched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

import openaudit
from openaudit import formats, languages, translating
from openaudit.errors import UsageError
from openaudit.languages import available, in_context, plural, preferred, speaking
from openaudit.languages.dates import date
from openaudit.pages.values import COSTS
from openaudit.probes import vocabulary
from openaudit.probes.footprint import THINGS
from openaudit.result import Audit, Words
from openaudit.translating import translate
from scripts import make_catalogs
from tests.languages import pseudo

MODELS = (
    "allenai/OLMo-2-1124-7B",
    "bigscience/bloomz",
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
    "meta-llama/Llama-3.1-8B",
    "openai/whisper-large-v3",
)
OTHERS = [language for language in available() if language != "en"]
_LETTERS = re.compile(r"[^\W\d_]{2}")


@cache
def audited(model: str) -> Audit:
    return openaudit.audit(model, snapshot="sample")


@pytest.fixture
def speaks_pseudo() -> Iterator[None]:
    with pseudo.installed():
        yield


# --------------------------------------------------------------------------- catalogues


def test_catalogues_are_in_step_and_whole() -> None:
    """If this fails: python scripts/make_catalogs.py, and translate what is new."""
    assert make_catalogs.languages() == OTHERS
    assert "fr" in OTHERS
    assert make_catalogs.main(["--check"]) == 0


@pytest.mark.parametrize("wrong", [("{n} Dateien", "{n} {m}"), ("", ""), ("{n} Dateien", "")])
def test_a_catalogue_with_a_mistake_is_told(wrong: tuple[str, str]) -> None:
    catalog = make_catalogs.Catalog("de")
    catalog.add(("{n} file", "{n} files"), ("{n} Datei", "{n} Dateien"))
    assert list(make_catalogs.mistakes(catalog)) == []
    catalog["{n} file"].string = wrong
    assert len(list(make_catalogs.mistakes(catalog))) == 1


def test_nothing_but_texts_of_ours_is_in_it() -> None:
    known = {message.id if isinstance(message.id, str) else message.id[1] for message in make_catalogs.template()}
    assert not known & {"apache-2.0", "allenai/OLMo-2-1124-7B", "license.weights", "html", "g7-openness"}
    assert all(text.strip() == text for text in known)


# --------------------------------------------------------------------------- what an audit says


def texts(audit: Audit) -> list[tuple[str, Words]]:
    """Every text of ours in an audit, however deep."""
    found: list[tuple[str, Words]] = []

    def note(text: str, kind: Words) -> str:
        found.append((text, kind))
        return text

    translating._each(audit, note)
    return found


@pytest.mark.usefixtures("speaks_pseudo")
@pytest.mark.parametrize("model", MODELS)
def test_all_that_an_audit_says_can_be_translated(model: str) -> None:
    audit = translate(audited(model), pseudo.CODE)
    venues = (entry.note for entry in audit.evidence.values() if entry.fact == "documents.reviewed")
    names = {audit.license.name, *venues}
    for text, kind in texts(audit):
        left = re.sub(r"arXiv:|[\w.-]+/[\w.-]+", "", pseudo.outside(text))
        assert kind.name or text in names or not _LETTERS.search(left), text


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("model", MODELS)
def test_an_audit_of_last_year_can_be_said_in_it(model: str, language: str) -> None:
    audit = audited(model)
    read_back = Audit.model_validate_json(audit.to_json())
    said = translate(read_back, language)
    assert said == translate(audit, language)
    assert (said.language, said.sentences) == (language, {})
    assert said.summary != audit.summary
    assert [claim.quote for claim in said.claims] == [claim.quote for claim in audit.claims]
    assert {key: entry.source for key, entry in said.evidence.items()} == {
        key: entry.source for key, entry in audit.evidence.items()
    }
    with pytest.raises(ValueError, match="lost what its sentences"):
        translate(said, "en")


def test_a_sentence_that_somebody_made_up_stays_as_it_is() -> None:
    audit = audited(MODELS[0]).model_copy(update={"summary": "x", "sentences": {"x": {"template": ["{a}"]}}})
    assert translate(audit, "fr").summary == "x"


# --------------------------------------------------------------------------- what formats say


class Ours(HTMLParser):
    """What a page says itself, without names, quotations and code."""

    THEIRS = frozenset({"style", "script", "code", "pre", "bdi", "svg", "blockquote", "q", "mark"})
    SAID = ("aria-label", "title", "alt", "placeholder", "data-label")
    VOID = frozenset({"meta", "link", "br", "wbr", "use", "circle", "path"})

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.said += [given[name] or "" for name in self.SAID if name in given]
        foreign = tag in self.THEIRS or given.get("translate") == "no" or given.get("class") in ("at", "address")
        if tag not in self.VOID:
            self._open.append((tag, foreign))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(foreign for _, foreign in self._open):
            self.said.append(data)


def ours_in_page(page: str) -> str:
    parser = Ours()
    parser.feed(page)
    return "\n".join(parser.said)


def ours_in_markdown(text: str) -> str:
    """Without what stands in quotation marks, behind links, and tags."""
    return re.sub(r"\]\([^\s)]*\)|</?(?:details|summary)>|`[^`]*`", "", text)


# Addresses, ids, files, licences and venues by their names, and the command that makes the page.
STRANGERS = re.compile(
    r"https?://\S+|[\w.\\-]+/[\w.\\/-]+|\barXiv:\S+|[\w\\-]+\.(?:json|safetensors|msgpack|txt|md|py|sh|pdf)\b"
    r"|\bopenaudit\b|\baudit\b|--format html|\bmain\b|\b(?:ACL|ICML) \d{4}|\b(?:apache|odc)\\?-[\w.]+"
    r"|Apache License 2\.0|Llama 3\.1 Community License Agreement"
)


@pytest.mark.usefixtures("speaks_pseudo")
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("format", "ours"), [("html", ours_in_page), ("markdown", ours_in_markdown), ("text", lambda text: text)]
)
def test_nothing_is_left_in_english(model: str, format: str, ours: Callable[[str], str]) -> None:
    said = formats.registry()[format].render(translate(audited(model), pseudo.CODE))
    left = [line for line in STRANGERS.sub("", pseudo.outside(ours(said))).split("\n") if _LETTERS.search(line)]
    assert left == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_page_tells_its_language_and_that_of_quotations(language: str) -> None:
    page = formats.registry()["html"].render(translate(audited(MODELS[2]), language))
    assert f'<html lang="{language}">' in page
    quotations = re.findall(r"<(?:blockquote|q)\b[^>]*>", page)
    assert quotations
    assert all('lang=""' in one and 'translate="no"' in one for one in quotations)


def test_the_same_audit_gives_the_same_page_whatever_was_spoken_before() -> None:
    render, audit = formats.registry()["html"].render, audited(MODELS[0])
    english, french = render(audit), render(translate(audit, "fr"))
    assert (render(audit), render(translate(audit, "fr"))) == (english, french)
    with speaking("fr"):
        assert render(audit) == english


def test_an_audit_in_a_language_that_is_not_there_is_shown() -> None:
    audit = audited(MODELS[0]).model_copy(update={"language": "tlh"})
    assert '<html lang="en">' in formats.registry()["html"].render(audit)


def test_what_costs_are_called_is_what_the_probe_asks() -> None:
    assert {name: text for name, text in COSTS.items() if name != "costs.compute"} == THINGS
    assert {name for name in vocabulary() if name.startswith("costs.")} == set(COSTS)


# --------------------------------------------------------------------------- the language itself


def test_french_has_its_own_plurals_days_and_marks() -> None:
    with speaking("fr"):
        assert plural("{n} file of code", "{n} files of code", 0) == "0 fichier de code"
        assert plural("{n} file of code", "{n} files of code", 2) == "2 fichiers de code"
        assert date("2026-05-01") == "1er mai 2026"
        assert date("2026-08-02T10:00:00Z") == "2 août 2026"
        assert in_context("openwashing", "none") == "aucun"
    assert date("2026-05-01") == "1 May 2026"


def test_french_typography() -> None:
    """Narrow spaces inside « » and before ; ! ? %, a wide one before a colon: none of them breaks a line."""
    wrong = re.compile(r"[^\u202f][;!?%»](?!\w)|«(?!\u202f)|[^\u00a0]:(?=\s|$)|\w'\w|\.\.\.|[“”\"]")
    for message in make_catalogs.updated("fr", make_catalogs.template()):
        for said in [message.string] if isinstance(message.string, str) else message.string or ():
            prose = re.sub(r"`[^`]*`|https?://\S+|« license »", "x", str(said))
            assert not message.id or not wrong.search(prose), said


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_CA"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB", "LC_MESSAGES": "fr_BE.UTF-8"}, "fr"),
        ({"LANG": "tlh_XX"}, "en"),
    ],
)
def test_the_language_of_the_terminal(environment: dict[str, str], spoken: str) -> None:
    assert preferred(environment) == spoken


def test_a_language_that_there_is_not_is_refused() -> None:
    for wrong in ("tlh", "", "../fr", "FR"):
        with pytest.raises(UsageError, match="no report speaks this language"), speaking(wrong):
            pass
    assert languages.spoken() == "en"


def test_the_brackets_tell_what_was_not_translated() -> None:
    """The test of the tests: a text that no translator was given stands outside."""
    with pseudo.installed(), speaking(pseudo.CODE):
        known: Any = languages._("Every question")
        assert pseudo.outside(known).strip() == ""
        assert pseudo.outside(languages._("never given to a translator")) == "never given to a translator"
