"""A published site: whole, valid, the same each time, and nothing in the folder that it does not know is touched."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import html5lib
import pytest

from openaudit.batch.journal import Terms
from openaudit.errors import OutputError
from openaudit.evidence import Outcome
from openaudit.languages import speaking
from openaudit.result import Audit
from openaudit.site import api, compare, feeds, history, index, overview, publishing, settings, shelf, topics
from openaudit.site.folder import MANIFEST, Aside, Folder
from openaudit.site.models import Job
from openaudit.site.overview import Overview
from openaudit.site.publishing import publish
from openaudit.site.settings import Settings
from openaudit.site.shelf import Shelf
from tests.commands import run
from tests.formats.hostile import PAYLOADS, poisoned
from tests.site.journals import SAMPLE, audit, keep, many, sample

ATOM = "{http://www.w3.org/2005/Atom}"
CONFIG = """
title = "Open or not"
intro = { en = "Who gives what." }
url = "https://example.org/open"
logo = "logo.svg"
operator = { name = "Somebody", contact = "some.body@example.org" }

[colours.light]
link = "#7a1f5c"

[[responses]]
model = "meta-llama/Llama-3.1-8B"
criterion = "full-data/naming"
text = "We answered this elsewhere."
author = "The maker"
date = 2026-03-01
link = "https://example.org/answer"

[[responses]]
model = "allenai/olmo-2-1124-7b"
text = { en = "Thank you." }
author = "The other maker"
date = "2026-04-01"
"""


def files(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def written(folder: Path) -> dict[str, int]:
    """When each file was last written: ``replace`` gives a new inode."""
    return {str(one.relative_to(folder)): one.stat().st_ino for one in folder.rglob("*") if one.is_file()}


def configured(folder: Path, text: str = CONFIG) -> Settings:
    (folder / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='hit()'/>")
    (folder / settings.FILE).write_text(text, encoding="utf-8")
    return settings.load(folder / settings.FILE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("site")
    publish(sample(work / "journal"), work / "site", configured(work), ["en", "fr"], 1)
    return work / "site"


@lru_cache(maxsize=400)  # several tests look at the same pages
def parsed(page: bytes) -> ElementTree.Element:
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    found: ElementTree.Element = parser.parse(page.decode())
    return found


def elements(tree: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return (one for one in tree.iter() if isinstance(one.tag, str))


def text(path: Path) -> str:
    return " ".join(" ".join(parsed(path.read_bytes()).itertext()).split())


def dead_links(folder: Path) -> list[str]:
    """Every link and every anchor within the site that leads nowhere."""
    trees = {name: parsed(raw) for name, raw in files(folder).items() if name.endswith(".html")}
    ids = {name: {one.get("id") for one in elements(tree)} for name, tree in trees.items()}
    dead = []
    for name, tree in trees.items():
        for one in elements(tree):
            to = one.get("href", "") if one.tag in ("a", "link") else ""
            parts = urlsplit(to)
            if not to or parts.scheme:
                continue
            target = (folder / name).parent.joinpath(unquote(parts.path)).resolve() if parts.path else folder / name
            inside = target.is_relative_to(folder.resolve()) if parts.path else True
            if not inside or not target.is_file():
                dead.append(f"{name}: {to}")
            elif parts.fragment:
                there = str(target.relative_to(folder.resolve())) if parts.path else name
                if there in ids and parts.fragment not in ids[there]:
                    dead.append(f"{name}: {to}")
    return dead


# --------------------------------------------------------------------------- whole


def test_every_kind_of_page_is_there(site: Path) -> None:
    found = set(files(site))
    assert {"index.html", "criteria.html", "licences.html", "datasets.html", "history.html", "method.html"} <= found
    assert {"glossary.html", "feed.xml", "sitemap.xml", "robots.txt", "api/run.json", "api/history.json"} <= found
    for id in SAMPLE:
        assert {f"models/{id}.html", f"badges/{id}.svg", f"api/models/{id}.json"} <= found
    assert "criteria/full-data/naming.html" in found
    assert "licences/Apache-2.0.html" in found
    assert "datasets/allenai/olmo-mix-1124.html" in found
    assert "models/nobody/nothing.html" in found


def test_every_page_is_valid_and_small(site: Path) -> None:
    for name, raw in files(site).items():
        if name.endswith(".html"):
            ids = [id for one in elements(parsed(raw)) if (id := one.get("id"))]
            assert len(ids) == len(set(ids)), name
            assert parsed(raw).get("lang") == ("fr" if name.startswith("fr/") else "en")
            assert len(raw) < 300_000, name


def test_every_link_leads_somewhere(site: Path) -> None:
    assert dead_links(site) == []


def test_the_index_says_which_model_is_what(site: Path) -> None:
    said = text(site / "index.html")
    assert (
        "One model calls itself open source or fully open; it is freeware (measured by “The full training data”)."
        in said
    )
    assert "Open source AI with open data 1 Open source AI 0 Open weights 0 Weights available 2" in said
    assert said.index(SAMPLE[0]) < said.index(SAMPLE[1])
    for id in SAMPLE:
        assert id in said
    assert "nobody/nothing" in said[said.index("Not audited") :]
    assert "Open or not" in said
    assert "Who gives what." in said


def test_a_criterion_says_who_meets_it_and_why(site: Path) -> None:
    tree = parsed((site / "criteria/full-data/naming.html").read_bytes())
    parts = {one.get("aria-labelledby"): " ".join(one.itertext()) for one in elements(tree) if one.tag == "section"}
    for id in SAMPLE:
        came = audit(id).rubrics["full-data"].criteria["naming"]
        assert id in parts[came.outcome.value]
        assert came.because[:60] in " ".join(parts[came.outcome.value].split())


def test_a_licence_names_the_models_that_it_limits_through_others(site: Path) -> None:
    said = text(site / "licences/llama3.1.html")
    assert SAMPLE[1] in said[said.index("Models that it limits through") :]
    assert "700 million" in said


def test_a_response_stands_beside_the_finding_and_in_the_data(site: Path) -> None:
    page = parsed((site / f"models/{SAMPLE[2]}.html").read_bytes())
    criterion = next(one for one in elements(page) if one.get("id") == "c-full-data-naming")
    assert "We answered this elsewhere." in " ".join(criterion.itertext())
    assert "We answered this elsewhere." in text(site / "criteria/full-data/naming.html")
    data = json.loads((site / f"api/models/{SAMPLE[2]}.json").read_bytes())
    assert data["responses"][0]["author"] == "The maker"
    assert data["responses"][0]["date"] == "2026-03-01"
    assert Audit.model_validate(data["audit"]) == audit(SAMPLE[2])
    assert "Thank you." in text(site / f"models/{SAMPLE[0]}.html")


def test_the_data_say_what_the_pages_say(site: Path) -> None:
    held = json.loads((site / "api/run.json").read_bytes())
    assert [one["name"] for one in held["models"]] == [*SAMPLE, "nobody/nothing"]
    assert held["counts"]["models"] == 4
    assert held["counts"]["audited"] == 3
    for one in held["models"]:
        assert all((site / one[key]).is_file() for key in ("page", "badge", "data"))
    criteria = json.loads((site / "api/criteria.json").read_bytes())["criteria"]
    for one in criteria:
        rubric, _slash, name = one["id"].partition("/")
        for outcome in Outcome:
            meant = [id for id in SAMPLE if audit(id).rubrics[rubric].criteria[name].outcome is outcome]
            assert one["outcomes"].get(outcome.value, []) == meant


# --------------------------------------------------------------------------- for programs


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_feed_is_atom(site: Path, language: str) -> None:
    root = site if language == "en" else site / language
    feed = ElementTree.fromstring((root / "feed.xml").read_bytes())
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert feed.tag == f"{ATOM}feed"
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    ids = []
    for one in (feed, *feed.findall(f"{ATOM}entry")):
        for key in ("id", "title", "updated"):
            assert len(one.findall(f"{ATOM}{key}")) == 1
        assert re.fullmatch(stamp, one.findtext(f"{ATOM}updated", ""))
        id = one.findtext(f"{ATOM}id", "")
        assert uuid.UUID(id.removeprefix("urn:uuid:")).version == 5
        ids.append(id)
        for link in one.findall(f"{ATOM}link"):
            to = link.get("href", "")
            assert to.startswith("https://example.org/open/") or (root / to).is_file()
    assert len(ids) == len(set(ids)) == 2
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None


def test_the_map_names_every_page(site: Path) -> None:
    tree = ElementTree.fromstring((site / "sitemap.xml").read_bytes())
    found = {one.text for one in tree.iter() if one.tag.endswith("}loc")}
    assert found == {f"https://example.org/open/{name}" for name in files(site) if name.endswith(".html")}


def test_a_badge_is_a_picture_that_can_be_read_aloud(site: Path) -> None:
    for id in SAMPLE:
        svg = ElementTree.fromstring((site / f"badges/{id}.svg").read_bytes())
        assert svg.get("role") == "img"
        title = svg.find("{http://www.w3.org/2000/svg}title")
        assert title is not None
        assert title.text == svg.get("aria-label")
        assert str(title.text).startswith("openaudit: ")
        assert not [one for one in svg.iter() if one.tag.endswith(("}script", "}foreignObject", "}image", "}a"))]


def test_what_is_shared_has_a_picture_only_where_the_address_is_known(site: Path, tmp_path: Path) -> None:
    page = (site / f"models/{SAMPLE[0]}.html").read_text()
    assert 'content="https://example.org/open/pictures/open-source-ai-open-data.png"' in page
    raw = (site / "pictures/open-source-ai-open-data.png").read_bytes()
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    publish(keep(tmp_path / "j", [(SAMPLE[0], audit(SAMPLE[0]))]), tmp_path / "s", Settings(), ["en"], 1)
    plain = (tmp_path / f"s/models/{SAMPLE[0]}.html").read_text()
    assert "og:title" in plain
    assert "og:image" not in plain
    assert not (tmp_path / "s/sitemap.xml").exists()


# --------------------------------------------------------------------------- the same each time


def test_the_same_journal_gives_the_same_bytes_in_one_process_or_two(tmp_path: Path) -> None:
    names = [(f"{id}@v{n}", audit(id)) for id in SAMPLE[:2] for n in range(1, 13)]
    journal = keep(tmp_path / "journal", names)
    publish(journal, tmp_path / "one", Settings(), ["en"], 1)
    publish(journal, tmp_path / "two", Settings(), ["en"], 2)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_only_what_changed_is_written_and_what_is_gone_is_taken_away(tmp_path: Path) -> None:
    journal = sample(tmp_path / "journal")
    folder = tmp_path / "site"
    first = publish(journal, folder, Settings(), ["en"], 1)
    before, stamps = files(folder), written(folder)
    assert first.changed == len(before) - 1  # the list of files is not one of them
    again = publish(journal, folder, Settings(), ["en"], 1)
    assert again == (0, 0, first.changed)
    assert (files(folder), written(folder)) == (before, stamps)

    own = folder / "models" / "meta-llama" / "notes.txt"
    own.write_text("mine")
    (folder / "CNAME").write_text("example.org")
    fewer = keep(tmp_path / "fewer", [(id, audit(id)) for id in SAMPLE[:2]])
    publish(fewer, folder, Settings(), ["en"], 1)
    left = files(folder)
    assert f"models/{SAMPLE[2]}.html" not in left
    assert not (folder / "models/nobody").exists()
    assert own.read_text() == "mine"
    assert left["CNAME"] == b"example.org"
    assert written(folder)[f"badges/{SAMPLE[0]}.svg"] == stamps[f"badges/{SAMPLE[0]}.svg"]
    assert dead_links(folder) == []


def test_a_file_that_was_changed_by_hand_is_written_again(tmp_path: Path) -> None:
    journal = keep(tmp_path / "journal", [(SAMPLE[0], audit(SAMPLE[0]))])
    publish(journal, tmp_path / "site", Settings(), ["en"], 1)
    page = tmp_path / "site/index.html"
    page.unlink()
    assert publish(journal, tmp_path / "site", Settings(), ["en"], 1).changed == 1
    assert page.is_file()


def test_somebody_elses_folder_and_files_are_refused(tmp_path: Path) -> None:
    journal = keep(tmp_path / "journal", [(SAMPLE[0], audit(SAMPLE[0]))])
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "index.html").write_text("theirs")
    with pytest.raises(OutputError, match="did not write"):
        publish(journal, theirs, Settings(), ["en"], 1)
    assert files(theirs) == {"index.html": b"theirs"}
    ours = tmp_path / "ours"
    publish(keep(tmp_path / "none", [("nobody/nothing", None)]), ours, Settings(), ["en"], 1)
    before = files(ours)
    (ours / "models/allenai").mkdir(parents=True)
    (ours / f"models/{SAMPLE[0]}.html").write_text("theirs")
    with pytest.raises(OutputError, match="publishing did not write it"):
        publish(journal, ours, Settings(), ["en"], 1)
    assert files(ours) == before | {f"models/{SAMPLE[0]}.html": b"theirs"}


def test_a_list_of_files_cannot_have_others_removed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / MANIFEST).write_text(json.dumps({"schema": "openaudit.site/1", "files": {"../precious": "0"}}))
    with pytest.raises(OutputError, match="cannot be understood"):
        publish(keep(tmp_path / "j", [("nobody/nothing", None)]), folder, Settings(), ["en"], 1)
    assert (tmp_path / "precious").exists()


def test_a_publishing_that_was_killed_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = sample(tmp_path / "journal")
    folder = tmp_path / "site"
    publish(keep(tmp_path / "fewer", [(SAMPLE[0], audit(SAMPLE[0]))]), folder, Settings(), ["en"], 1)
    real, moved = Path.replace, []

    def killed(self: Path, target: Any) -> Path:
        moved.append(target)
        if len(moved) == 9:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        publish(journal, folder, Settings(), ["en"], 1)
    monkeypatch.undo()
    publish(journal, folder, Settings(), ["en"], 1)
    assert dead_links(folder) == []
    assert {f"models/{id}.html" for id in SAMPLE} <= set(files(folder))


# --------------------------------------------------------------------------- memory does not grow with the models


def test_lists_are_read_while_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"maker-{n % 7}/A-Model-{n:03}" for n in range(90)]
    read = []
    monkeypatch.setattr(overview, "listed", lambda row: read.append(row) or shelf.listed(row))
    with many(tmp_path, names, "en") as (here, found), speaking("en"):
        frame = found.frame
        assert frame
        makers = {
            "index": lambda: index.page(here, found, frame),
            "criterion": lambda: dict(topics.each_criterion(here, found, frame, {}))["criteria/full-data/naming.html"],
            "licence": lambda: dict(topics.each_licence(here, found))["licences/llama3.1.html"],
            "comparison": lambda: dict(compare.pages(here, found, frame))[compare.PAGE],
            "run": lambda: api.run(found, Terms("x", "y", {}), ("en",)),
            "csv": lambda: compare.csv(found),
            "map": lambda: feeds.sitemap("https://example.org/", api.pages_of(found, here)),
        }
        for name, make in makers.items():
            start, told = len(read), set[str]()
            page = make()
            assert len(read) - start <= len(names), name  # counted once, before anything is written
            start = len(read)
            for piece in page:
                told.update(re.findall(r"A-Model-\d+", piece))
                assert len(read) - start <= len(told) + 2, name
            assert len(told) >= 30, name


def test_a_long_file_is_written_while_it_is_made(tmp_path: Path) -> None:
    with Folder(tmp_path / "site") as folder:
        there = []

        def pieces() -> Iterator[str]:
            for _n in range(1000):
                yield "x" * 1000
                there.append(sum(one.stat().st_size for one in tmp_path.rglob("long.html")))

        out = Aside(folder.path, folder.staging, folder.shelf)
        digest = out.put("a/long.html", pieces())
        assert there[-1] > 500_000
        assert digest == hashlib.sha256(b"x" * 1_000_000).hexdigest()
        assert folder.finish() == (1, 0, 0)
    assert (tmp_path / "site/a/long.html").stat().st_size == 1_000_000


# --------------------------------------------------------------------------- what changed


def test_the_history_tells_what_changed_and_why(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish(sample(tmp_path / "first"), folder, Settings(), ["en"], 1)
    old = audit(SAMPLE[0])
    named = old.rubrics["full-data"].criteria["naming"]
    worse = named.model_copy(update={"outcome": Outcome.UNMET, "because": "It is withheld now."})
    rubric = old.rubrics["full-data"]
    rubrics = old.rubrics | {"full-data": rubric.model_copy(update={"criteria": rubric.criteria | {"naming": worse}})}
    subject = old.subject.model_copy(update={"revision": "f" * 40, "gathered": "2027-01-02T03:04:05Z"})
    new = old.model_copy(update={"rubrics": rubrics, "subject": subject})
    second = [
        (SAMPLE[0], new),
        (SAMPLE[1], audit(SAMPLE[1])),
        ("nobody/nothing", None),
        ("bigscience/bloomz", audit("bigscience/bloomz")),
    ]
    publish(keep(tmp_path / "second", second), folder, Settings(), ["en"], 1)
    said = text(folder / "history.html")
    assert "2 January 2027" in said
    assert "It is withheld now." in said
    assert re.search(r"met → unmet", said)
    held = json.loads((folder / "api/history.json").read_bytes())["entries"]
    assert [one["first"] for one in held] == [False, True]
    assert [one["name"] for one in held[0]["added"]] == ["bigscience/bloomz"]
    assert [one["name"] for one in held[0]["removed"]] == [SAMPLE[2]]
    assert [one["name"] for one in held[0]["changed"]] == [SAMPLE[0]]
    feed = ElementTree.fromstring((folder / "feed.xml").read_bytes())
    assert SAMPLE[0] in [one.findtext(f"{ATOM}title") for one in feed.findall(f"{ATOM}entry")]
    assert dead_links(folder) == []


def test_a_history_of_everything_is_a_page_that_can_be_read(tmp_path: Path) -> None:
    change = {"name": "n" * 300, "old": "o" * 200, "new": "w" * 200, "because": "b" * 400, "direction": "", "causes": [
        {"kind": "model", "says": "s" * 300, "url": f"https://example.org/{'u' * 100}"} for _n in range(2)
    ]}  # fmt: skip
    models = [{"name": f"owner/{'m' * 90}-{n}", "changes": {"en": [change] * 40}} for n in range(1000)]
    entries = [
        history.entry("2027-01-02T03:04:05Z", "openaudit", 1000, first=False, news={"changed": models, "lost": models}),
        history.entry("2027-01-01T03:04:05Z", "openaudit", 1000, first=True, news={}),
    ]
    site = Job(tmp_path, Settings(), ("en",), tmp_path, 1).site("en", "openaudit")
    with Shelf(tmp_path / "shelf") as shelf:
        page = "".join(publishing._history_page(site, Overview(shelf, None), entries))
    assert len(page.encode()) < 300_000
    assert page.count("m" * 90) == 500
    assert "1,500 more models are in the JSON of the history." in page
    half = [{**one, "page": None} for one in models[:10]]
    entries[0] = history.entry("2027-01-02T03:04:05Z", "openaudit", 10, first=False, news={"changed": half})
    with Shelf(tmp_path / "another") as shelf:
        page = "".join(publishing._history_page(site, Overview(shelf, None), entries))
    assert len(page.encode()) < 300_000
    assert page.count("n" * 200) == 100
    assert page.count("10 more are in the JSON of the history.") == 3
    assert page.count("30 more are in the JSON of the history.") == 1
    assert page.count("40 more are in the JSON of the history.") == 6
    assert "more model" not in page


# --------------------------------------------------------------------------- hostile


@pytest.mark.parametrize("name", PAYLOADS)
def test_nothing_strangers_write_becomes_markup_or_a_path(name: str, tmp_path: Path) -> None:
    payload = PAYLOADS[name]
    bad = poisoned(payload).model_copy(update={"language": "en"})  # of an audit in another, nothing can be published
    journal = keep(
        tmp_path / "journal", [(payload or "x", None), (f"../{payload}", None), ("CON/aux", bad), (".", None)]
    )
    written = payload.encode("utf-8", "replace").decode() or "x"  # a file holds no half characters
    reply = settings.Response(model="CON/aux", text=written, author=written, date="2026-01-01")
    held = Settings(title={"": payload or "x"}, intro={"": payload or "x"}, responses=(reply,))
    publish(journal, tmp_path / "site", held, ["en"], 1)
    assert {one.name for one in tmp_path.iterdir()} == {"journal", "site"}
    for path, raw in files(tmp_path / "site").items():
        assert re.fullmatch(r"[A-Za-z0-9._/-]+", path), path
        if path.endswith(".html"):
            for one in elements(parsed(raw)):
                assert one.tag not in {"iframe", "object", "embed", "base", "video", "audio"}
                assert one.tag != "script" or path in ("index.html", "compare.html")
                assert not [key for key in one.attrib if key.startswith("on") or key == "style"]
                assert not re.match(r"\s*(javascript|data|vbscript):", one.get("href", "") if one.tag == "a" else "")
        elif path.endswith((".svg", ".xml")):
            tree = ElementTree.fromstring(raw)
            assert not [one for one in tree.iter() if one.tag.endswith("}script")]
        elif path.endswith(".json"):
            json.loads(raw)
    assert dead_links(tmp_path / "site") == []


# --------------------------------------------------------------------------- the command


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sample(tmp_path / "journal")
    (tmp_path / "pyproject.toml").write_text('[tool.openaudit.site]\ntitle = "From the project"\n')
    told = run("publish", "journal")
    assert (told.code, told.out) == (0, "")
    assert told.err.startswith("wrote site/index.html (")
    assert "From the project" in text(tmp_path / "site/index.html")
    assert run("publish", "journal", "-q").err == ""


def test_a_disk_that_is_full_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keep(tmp_path / "journal", [("nobody/nothing", None)])

    def full(self: shelf.Shelf, brief: shelf.Brief) -> None:
        self.each("PRAGMA max_page_count = 1")
        self.many("INSERT INTO why VALUES (?, '', '', ?, 1)", ((str(n), "x" * 1000) for n in range(1000)))

    monkeypatch.setattr(shelf.Shelf, "put", full)
    told = run("publish", "journal")
    assert told.code == 2
    assert "site: the site could not be made: database or disk is full" in told.err
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none"], "none: not a journal that can be read: unable to open"),
        (["pyproject.toml"], "pyproject.toml: not a journal that can be read"),
        (["journal", "--lang", "xx"], "xx: no report speaks this language"),
        (
            ["journal", "--config", "wrong.toml"],
            "wrong.toml:1: titel: there is no such key here (did you mean 'title'?)",
        ),
        (["journal", "-o", "pyproject.toml"], "pyproject.toml: is no folder"),
    ],
)
def test_mistakes_are_told_in_one_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keep(tmp_path / "journal", [("nobody/nothing", None)])
    (tmp_path / "pyproject.toml").write_text("# a project\n" * 50)
    (tmp_path / "wrong.toml").write_text('titel = "x"\n')
    told = run("publish", *arguments)
    assert told.code == 2
    assert said in told.err
    assert told.err.count("\n") == 1
