"""The language that is asked for is the one that is spoken: on the command line, in listings, in the library."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import openaudit
from openaudit import formats, listings
from openaudit.errors import UsageError
from openaudit.outputs import language_of
from openaudit.run import Named, Row
from openaudit.saying import phrase
from tests.commands import run
from tests.languages import pseudo
from tests.listings import runs

MODEL = "allenai/OLMo-2-1124-7B"
SAID = {"en": "Everything seen", "fr": "Tout ce qui a été vu"}
POLICY = """
[rules.usable.licenses]
allow = ["Apache-2.0"]
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    path = tmp_path / "models.txt"
    path.write_text(f"{MODEL}\nbigscience/bloomz\nnobody/nothing\n")
    return path


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("how", ["option", "terminal"])
def test_a_report_is_in_the_language_of_its_reader(
    language: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", f"{language}_XX.UTF-8" if how == "terminal" else "C")
    asked = ["--lang", language] if how == "option" else []
    page = tmp_path / "page.html"
    ran = run("audit", MODEL, "--snapshot", "sample", "-q", "-o", page, *asked)
    assert ran.code == 0
    assert SAID[language] in page.read_text(encoding="utf-8")
    assert ("Ce qu’il est" in ran.out) == (language == "fr")


def test_programs_read_english_unless_asked_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    told = json.loads(run("audit", MODEL, "--snapshot", "sample", "--format", "json", "-q").out)
    assert told == openaudit.audit(MODEL, snapshot="sample").to_dict()
    asked = json.loads(run("audit", MODEL, "--snapshot", "sample", "--format", "json", "-q", "--lang", "fr").out)
    assert asked == openaudit.audit(MODEL, snapshot="sample", language="fr").to_dict()
    assert (asked["language"], asked["label"]) == ("fr", told["label"])
    assert asked["summary"] != told["summary"]


def test_which_formats_people_read() -> None:
    offered = {**formats.registry(), **listings.registry()}
    assert {name for name, offer in offered.items() if offer.people} == {"html", "markdown", "text"}
    assert {language_of(offer, "fr") for offer in offered.values()} == {"fr"}


@pytest.mark.parametrize(
    "command", [["audit", MODEL], ["explain", "commit"], ["license", "mit"], ["rubric", "show", "x"]]
)
def test_a_language_that_there_is_not_is_a_wrong_call(command: list[str]) -> None:
    ran = run(*command, "--lang", "tlh")
    assert (ran.code, ran.out) == (2, "")
    assert "tlh: no report speaks this language" in ran.err
    with pytest.raises(UsageError, match="tlh"):
        openaudit.audit(MODEL, snapshot="sample", language="tlh")


def test_small_commands_speak_it() -> None:
    said = run("explain", "licence", "ouverte", "--lang", "fr").out
    assert said == run("explain", "open", "licence", "--lang", "fr").out
    assert said.startswith("licence ouverte\n")
    assert "Voir aussi\u00a0: " in said
    assert "L’usage commercial n’est pas permis." in run("license", "cc-by-nc-4.0", "--lang", "fr").out
    assert (
        json.loads(run("license", "cc-by-nc-4.0", "--lang", "fr", "--format", "json").out)["freedoms"]["use"]
        == "limited"
    )
    shown = run("rubric", "show", "four-freedoms", "--lang", "fr").out
    assert "Verdicts, le premier qui s’applique\u00a0:" in shown
    assert "The weights" not in shown


def test_a_batch_speaks_it_and_so_does_its_policy(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "openaudit.toml").write_text(POLICY)
    told = ["--snapshot", "sample", "-q", "--lang", "fr"]
    ran = run("batch", models, *told)
    assert ran.code == 3, ran.err
    assert "3 modèles, 2 audités, 1 non audité, 1 en échec" in ran.out
    assert "il est sous bigscience-bloom-rail-1.0" in ran.out
    assert "recherche dans l’instantané sample" in ran.out
    for line in map(json.loads, run("batch", models, *told, "--format", "jsonl").out.splitlines()):
        assert line["audit"] is None or line["audit"]["language"] == "fr"
    page = run(
        "compare", MODEL, "bigscience/bloomz", "--snapshot", "sample", "-q", "--lang", "fr", "--format", "html"
    ).out
    assert '<html lang="fr">' in page
    assert "IA open source avec données ouvertes" in page


# --------------------------------------------------------------------------- nothing of ours is left in English


@pytest.fixture
def speaks_pseudo() -> Iterator[None]:
    with pseudo.installed():
        yield


THEIRS = re.compile(
    r"https?://\S+|[\w.\\-]+/[\w.\\/-]+|models\.txt:\d|\S+\.toml|openaudit \d[\d.]*|nobody/nothing.*|ada@\S+|\bsample\b"
    r"|--format markdown.*|The product ends in May\.|data/one is gated\.|Needs another licence\.|\bMIT\b|\b[Aa]pache\S*"
    r"|Llama [\d.]+ Community License Agreement|\b(?:llama|qwen|no)[\w.\\-]*|\b(?:label|licence|audited)\b(?=:)"
)


@pytest.mark.usefixtures("speaks_pseudo")
@pytest.mark.parametrize("name", ["text", "markdown"])
def test_listings_say_nothing_in_english(name: str) -> None:
    rows = [
        Row(one.position, Named(one.named.reference, one.named.places), one.line, one.failure, one.breaches, one.asked)
        for one in runs.real().rows()
    ]
    spoken = runs.run_of(
        rows,
        policy="openaudit.toml",
        source=phrase("the snapshot {name}", name="sample"),
        language=pseudo.CODE,
        notices=(phrase("{file}: the baseline is not there: every breach counts", file="x.toml"),),
    )
    said = "".join(listings.registry()[name].render(spoken))
    left = [line for line in THEIRS.sub("", pseudo.outside(said)).split("\n") if re.search(r"[^\W\d_]{3}", line)]
    assert left == []


def test_who_takes_a_piece_of_a_listing_speaks_his_own_language() -> None:
    from openaudit.languages import spoken

    spoken_run = runs.run_of(runs.real().rows(), language="fr")
    for _piece in listings.registry()["text"].render(spoken_run):
        assert spoken() == "en"


def test_what_changed_is_told_in_it(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    audit = openaudit.audit(MODEL, snapshot="sample")
    old.write_text(audit.to_json())
    worse = audit.model_copy(update={"datasets": (), "tool": "openaudit 9"})
    new.write_text(worse.to_json())
    said = run("diff", old, new, "--lang", "fr").out
    assert said.startswith("1 modèle sur 1 a changé. Avant")
    assert "La page ne le nomme plus." in said
    assert "disponible, licence\u00a0: odc-by, conditions ouvertes → –" in said
    assert "l’audit a été fait avec" in said
    with pseudo.installed():
        told = run("diff", old, new, "--lang", pseudo.CODE, "--format", "markdown").out
    left = re.sub(r"https?://\S+|[\w.\\-]+/[\w.\\/-]+|openaudit[ \d.]*|odc\\-by|\w+\.json", "", pseudo.outside(told))
    assert not re.search(r"[^\W\d_]{3}", left)
