"""Whatever strangers write on the Hub: a clear outcome or one clear line, and nothing written outside the output."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from openaudit import OpenAuditError
from openaudit.auditing import judge, load_rubrics, look
from openaudit.formats import registry
from openaudit.judging.rubric import Rubric
from openaudit.reading.trees import names_entry
from openaudit.result import Audit
from openaudit.saying import phrase
from tests.commands import ENGLISH, MODEL, SHA, WEIGHTS, Ran, model, repository, run, slowness, write_snapshot
from tests.hubdouble import HubDouble

SCRIPT = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
ESCAPES = "\x1b]0;owned\x07\x1b[31mred\x1b[0m \x9b31m \u202etxt.exe"
AUDIT = "audit"

Store = Mapping[str, Any]


def front(text: str, body: str = ENGLISH) -> str:
    return f"---\n{text}\n---\n{body}\n"


def chain(*ids: str) -> dict[str, Any]:
    """Models of which each names the next as its base, and the last the first."""
    found: dict[str, Any] = {}
    for id, base in zip(ids, (*ids[1:], ids[0]), strict=True):
        found |= model(id, front(f"base_model: {base}"), cardData={"base_model": base, "license": "mit"})
    return found


LATIN = "Modèle entraîné sur des données ouvertes. Ce modèle est ouvert.".encode("latin-1")
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = 100_000

# What it is called → what the Hub holds. Each comes to an audit.
ODD: dict[str, Callable[[], Store]] = {
    "empty repository": lambda: model(card=None, files=[]),
    "card without front matter": lambda: model(card="# A model\n\nThis is an open-source model.\n"),
    "card of nothing": lambda: model(card=""),
    "broken YAML": lambda: model(card=front("license: [apache-2.0\n  x: :: {")),
    "front matter without an end": lambda: model(card="---\nlicense: mit\n# Model\n"),
    "front matter that is a list": lambda: model(card=front("- a\n- b")),
    "5 MB card": lambda: model(card="This is an open model. " * 220_000),
    "Latin-1 card": lambda: model(card=LATIN),
    "UTF-16 card": lambda: model(card="This model is open.".encode("utf-16")),
    "NUL bytes": lambda: model(card="This model\0 is \0open source.\0"),
    "byte order mark": lambda: model(card="\ufeff" + front("license: mit")),
    "carriage returns": lambda: model(card=front("license: mit").replace("\n", "\r\n")),
    "alias bomb": lambda: model(card=front(BOMB)),
    "alias to itself": lambda: model(card=front("a: &a [*a]")),
    "deep YAML": lambda: model(card=front("a: " + "[" * 5000)),
    "deep YAML mapping": lambda: model(card=front("\n".join(" " * i + "a:" for i in range(500)))),
    "deep Markdown": lambda: model(card="> " * 5000 + "x\n\n" + "".join("  " * i + "- x\n" for i in range(500))),
    "deep HTML": lambda: model(card="<div>" * DEEP + "x" + "</div>" * DEEP),
    "deep cardData": lambda: model(cardData=_nested(40)),
    "self-parent": lambda: chain(MODEL),
    "two in a circle": lambda: chain(MODEL, "other/base"),
    "three in a circle": lambda: chain(MODEL, "other/base", "third/base"),
    "parent in another case": lambda: model(cardData={"base_model": MODEL.upper()}),
    "50 parents": lambda: model(cardData={"base_model": [f"o/m{i}" for i in range(50)]}),
    "10,000 files": lambda: model(files=[f"data/part-{i:05}.safetensors" for i in range(10_000)]),
    "names that climb": lambda: {
        **model(
            files=["../../../outside", "/etc/passwd", "..\\windows", "C:\\x", "a/../../LICENSE", "LICENSE", *WEIGHTS]
        ),
        f"models/{MODEL}/files/LICENSE": "MIT License",
    },
    "licence file that is code": lambda: {
        **model(files=["LICENSE", *WEIGHTS]),
        f"models/{MODEL}/files/LICENSE": SCRIPT,
    },
}


def _nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.fixture(params=["snapshot", "hub"])
def ask(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Ran]]:
    """Runs an audit over a store: once as a snapshot folder, once over HTTP. Everything is written into ``out``."""
    servers: list[HubDouble] = []

    def call(store: Store, *args: str, id: str = MODEL) -> Ran:
        out = ("-o", f"{tmp_path}/out/", *(part for name in registry() for part in ("--format", name)))
        if request.param == "snapshot":
            folder = write_snapshot(tmp_path / "snapshot", store or {"missing.json": {}})
            return run(AUDIT, id, "--snapshot", folder, *out, *args)
        servers.append(HubDouble({path: content for path, content in store.items() if path != "missing.json"}))
        monkeypatch.setenv("HF_ENDPOINT", servers[-1].url)
        monkeypatch.setenv("GITHUB_API_URL", servers[-1].url)
        return run(AUDIT, id, "--record", str(tmp_path / "recorded"), *out, *args)

    yield call
    for server in servers:
        server.close()


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def check_harmless(ran: Ran, folder: Path) -> Audit:
    """Audited; no traceback; nothing but the output written; no command for a terminal, no code in the page."""
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
    stray = {name for name in written(folder) if name.split("/")[0] not in ("snapshot", "recorded", "out")}
    assert stray == set()
    made = {path.name.partition(".")[2]: path.read_text(encoding="utf-8") for path in (folder / "out").iterdir()}
    texts = {f".{suffix}": text for suffix, text in made.items()}
    assert set(texts) == {one.suffix for one in registry().values()}
    for text in (ran.out, ran.err, texts[".md"], texts[".letter.md"], texts[".txt"], texts[".html"]):
        assert not re.search(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert not re.search(r"<script>alert|<img|<svg/onload|(?:href|src)=.?\s*javascript:", texts[".html"], re.IGNORECASE)
    assert not re.search(r"(?<!\\)<(?!/?(?:details|summary)>)|(?<!\\)\]\(javascript:", texts[".md"], re.IGNORECASE)
    result = Audit.model_validate_json(texts[".json"])
    assert all(criterion.because for rubric in result.rubrics.values() for criterion in rubric.criteria.values())
    return result


@pytest.mark.parametrize("name", ODD)
def test_an_odd_model_comes_to_an_audit(name: str, ask: Callable[..., Ran], tmp_path: Path) -> None:
    """What was read live is recorded, and comes to the same again."""
    began = time.monotonic()
    result = check_harmless(ask(ODD[name]()), tmp_path)
    assert result.subject.id == MODEL
    assert time.monotonic() - began < 20
    if (recorded := tmp_path / "recorded").is_dir():
        [live] = (tmp_path / "out").glob("*.json")
        replayed = run(AUDIT, MODEL, "--format", "json", "--snapshot", recorded)
        assert (replayed.code, replayed.out) == (0, live.read_text(encoding="utf-8"))


def test_ten_thousand_data_sets_do_not_take_long(tmp_path: Path) -> None:
    ids = [f"o/d{i}" for i in range(10_000)]
    store = model(card=front("datasets:\n" + "\n".join(f"- {id}" for id in ids)), cardData={"datasets": ids})
    began = time.process_time()
    audited(store, tmp_path)
    assert time.process_time() - began < 5


# --------------------------------------------------------------------------- what there is to say of each


@cache
def rubrics() -> list[Rubric]:
    return load_rubrics()


def audited(store: Store, tmp_path: Path, id: str = MODEL) -> Audit:
    return judge(look(id, write_snapshot(tmp_path / "snapshot", store)), rubrics())


def test_an_empty_repository_releases_nothing(tmp_path: Path) -> None:
    result = audited(ODD["empty repository"](), tmp_path)
    assert result.label == "not-released"
    assert result.evidence["weights.present"].value is False


def test_a_card_that_is_too_large_is_unknown_not_empty(tmp_path: Path) -> None:
    result = audited(ODD["5 MB card"](), tmp_path)
    assert "README.md was not read: larger than 1 MiB." in result.limits
    assert result.evidence["claims.strongest"].value is None


def test_broken_front_matter_leaves_the_words(tmp_path: Path) -> None:
    store = model(card=front("license: [apache-2.0", "This is an open-source model."))
    result = audited(store, tmp_path)
    assert [claim.level for claim in result.claims] == ["open source"]


def test_one_broken_byte_does_not_hide_a_card(tmp_path: Path) -> None:
    result = audited(model(card=b"Caf\xe9. This is an open-source model."), tmp_path)
    assert [claim.level for claim in result.claims] == ["open source"]


@pytest.mark.parametrize("others", [(), ("other/base",), ("other/base", "third/base")])
def test_a_circle_of_ancestors_is_walked_once(others: tuple[str, ...], tmp_path: Path) -> None:
    result = audited(chain(MODEL, *others), tmp_path)
    assert [ancestor.id for ancestor in result.lineage] == list(others)


@pytest.mark.parametrize("count", [50, 150])
def test_no_parent_is_dropped_in_silence(count: int, tmp_path: Path) -> None:
    parents = [f"o/m{i}" for i in range(count)]
    store = model(cardData={"license": "mit", "base_model": parents})
    for id in parents:
        store |= model(id, cardData={"license": "mit"})
    store |= model(parents[-1], cardData={"license": "llama3.1"})
    result = audited(store, tmp_path)
    assert {ancestor.id for ancestor in result.lineage} == set(parents)
    assert result.rubrics["g7-openness"].criteria["licence"].outcome in ("unmet", "unknown")


def test_no_data_set_is_dropped_in_silence(tmp_path: Path) -> None:
    ids = [f"o/d{i}" for i in range(400)]
    store = model(cardData={"license": "mit", "datasets": ids})
    for id in ids[:-1]:
        store |= repository("datasets", id, "words", ["data.parquet"], cardData={"license": "mit"})
    result = audited(store, tmp_path)
    assert result.rubrics["full-data"].criteria["availability"].outcome in ("partial", "unknown")


# --------------------------------------------------------------------------- code and commands in every field


@pytest.mark.parametrize(
    "evil", [SCRIPT, ESCAPES, "[x](javascript:alert(1))", "`|*_#>\n# x", "{{7*7}}", "'\"><svg/onload=alert(1)>"]
)
def test_no_field_runs_anywhere(evil: str, ask: Callable[..., Ran], tmp_path: Path) -> None:
    fields: dict[str, Any] = dict.fromkeys(("pipeline_tag", "library_name", "lastModified", "author"), evil)
    data = dict.fromkeys(("license_name", "license_link", "language", "license"), evil)
    card = (
        f"{front(json.dumps({**data, 'datasets': [evil], 'base_model': [evil]}), '')}# {evil}\n\n"
        f"This model {evil} is an open-source model {evil}.\n\n## Training data\n\nIt was trained on {evil} data.\n\n"
        f"[{evil}](https://huggingface.co/datasets/o/{evil}) [x](https://github.com/o/{evil})\n\n"
        f"| {evil} | {evil} |\n|---|---|\n"
    )
    evil_name = evil.replace("/", "_").replace("\n", " ") + ".safetensors"
    store = {
        **model(
            card=card,
            files=[evil_name, f"LICENSE-{evil_name}", "LICENSE"],
            tags=[evil, f"license:{evil}", f"base_model:{evil}"],
        ),
        f"models/{MODEL}/files/LICENSE": f"{evil}\n\nMIT License\n{evil}",
    }
    store[f"models/{MODEL}/info.json"] |= {
        **fields,
        "cardData": {**data, "datasets": [evil, "o/d"], "base_model": [evil]},
    }
    store |= repository("datasets", "o/d", f"# {evil}", [evil_name], cardData=data)
    check_harmless(ask(store), tmp_path)


# --------------------------------------------------------------------------- wrong types everywhere

WRONG: list[Any] = [None, True, 0, -1, 1e308, 10**30, "", "x", [], ["x"], [[]], [None], [1], {}, {"x": 1}, [{"x": []}]]
INFO = (
    "id siblings tags cardData gated sha config private disabled lastModified pipeline_tag library_name "
    "modelId downloads safetensors transformersInfo"
).split()
DATA = (
    "license license_name license_link base_model base_model_relation datasets language tags "
    "co2_eq_emissions model-index extra_gated_prompt library_name inference"
).split()


@pytest.mark.parametrize("key", INFO)
def test_wrong_types_in_the_info(key: str, tmp_path: Path) -> None:
    for i, value in enumerate(WRONG):
        store = model()
        store[f"models/{MODEL}/info.json"][key] = value
        result = audited(store, tmp_path / str(i))
        assert result.subject.id == MODEL


@pytest.mark.parametrize("key", DATA)
def test_wrong_types_in_the_metadata(key: str, tmp_path: Path) -> None:
    for i, value in enumerate(WRONG):
        audited(model(card=front(json.dumps({key: value})), cardData={key: value}), tmp_path / str(i))


def test_wrong_types_in_the_list_of_files(tmp_path: Path) -> None:
    for i, value in enumerate(
        [*WRONG, [{"rfilename": 7}], [{"rfilename": "a", "size": "big"}, {"rfilename": "b", "size": -1}]]
    ):
        store = model()
        store[f"models/{MODEL}/info.json"]["siblings"] = value
        result = audited(store, tmp_path / str(i))
        if not isinstance(value, list) or any(
            not isinstance(s, dict) or not isinstance(s.get("rfilename"), str) for s in value
        ):
            assert result.evidence["weights.present"].value is None, "a list that cannot be read is not an empty one"


@pytest.mark.parametrize(
    "name", ["refs.json", "gathered.json", "../../../redirects.json", "../../../missing.json", "../../../unseen.json"]
)
def test_wrong_types_beside_the_info(name: str, tmp_path: Path) -> None:
    keys = ["branches", "tags", "at", "from", "unread", "models", "datasets", "github"]
    for i, value in enumerate(WRONG):
        store = {**model(), f"models/{MODEL}/{name}": dict.fromkeys(keys, value)}
        audited({Path(path).as_posix(): content for path, content in store.items()}, tmp_path / str(i))


def test_wrong_types_of_a_data_set_and_of_code(tmp_path: Path) -> None:
    card = "## Training\n\nTraining code: [o/c](https://github.com/o/c)\n"
    for i, value in enumerate(WRONG):
        store = model(card=card, cardData={"datasets": ["o/d"]})
        store["datasets/o/d/info.json"] = {"id": value, **dict.fromkeys([*INFO[1:], "gated"], value)}
        store["github/o/c.json"] = dict.fromkeys(["full_name", "license", "archived", "tree", "sha", "gathered"], value)
        audited(store, tmp_path / str(i))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "7",
        '"x"',
        "{",
        "{" * 100_000,
        '{"a":' * 100_000,
        "\xff",
        "NaN",
        '{"sha": 1e999}',
        '{"likes": ' + "9" * 5000 + "}",
    ],
)
def test_a_damaged_record_is_one_clear_line(text: str, tmp_path: Path) -> None:
    folder = write_snapshot(tmp_path / "s", {f"models/{MODEL}/info.json": text.encode("latin-1")})
    ran = run(AUDIT, MODEL, "--snapshot", folder)
    if text.startswith('{"sha'):
        assert ran.code == 0
    else:
        assert (ran.code, ran.err.count("\n")) == (3, 1)
        assert "Record it again" in ran.err


def test_a_damaged_ancestor_is_unknown(tmp_path: Path) -> None:
    store = {**model(cardData={"license": "mit", "base_model": "o/base"}), "models/o/base/info.json": "{"}
    result = audited(store, tmp_path)
    assert [(ancestor.label, ancestor.note) for ancestor in result.lineage] == [
        ("unknown", "models/o/base/info.json: not JSON")
    ]


def test_lone_surrogates_reach_every_format(ask: Callable[..., Ran], tmp_path: Path) -> None:
    store = model(
        card="This is an open-source model.",
        files=["\ud800.safetensors", *WEIGHTS],
        pipeline_tag="\ud83d",
        tags=["\udc00"],
    )
    check_harmless(ask(store), tmp_path)


def test_half_a_character_inside_a_sentence_can_be_written(tmp_path: Path) -> None:
    whole = audited(model(card="An open-source model."), tmp_path)
    half = whole.model_copy(update={"summary": phrase("It is called {name}.", name="\ud800")})
    assert half.to_dict()["summary"] == "It is called \ud800."
    assert "It is called ?." in half.to_json()
    assert "It is called ?." in half.to_line()
    assert half.to_dict() == {**whole.to_dict(), "summary": half.summary}


# --------------------------------------------------------------------------- not there, not let in

GONE = [
    ("does not exist", {}, 3),
    ("private", model(private=True), 3),
    ("disabled", model(disabled=True), 3),
]


@pytest.mark.parametrize(("name", "store", "code"), GONE, ids=[name for name, *_ in GONE])
def test_a_subject_that_cannot_be_had(
    name: str, store: Store, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubDouble(store) as double:
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        ran = run(AUDIT, MODEL, "-o", tmp_path / "out" / "page.html", "--record", tmp_path / "recorded")
    assert (ran.code, ran.out, ran.err.count("\n")) == (code, "", 1)
    assert MODEL in ran.err
    assert " — " in ran.err, "what to do about it"
    assert written(tmp_path) == set()


def test_a_gated_model_is_gated_not_without_a_licence(ask: Callable[..., Ran], tmp_path: Path) -> None:
    """The card can be read, the files cannot."""
    store = model(
        card=front("license: other"), files=["LICENSE", *WEIGHTS], gated="manual", cardData={"license": "other"}
    )
    result = check_harmless(ask(store), tmp_path)
    assert result.evidence["access.gated"].value == "manual"
    assert result.evidence["license.weights"].value is None
    assert result.rubrics["four-freedoms"].criteria["use"].outcome == "unknown"


def test_a_model_whose_card_cannot_be_read_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with HubDouble(model(gated="manual")) as double:
        for status in (401, 403):
            double.fault(
                f"/{MODEL}/resolve/{SHA}/README.md", status=status, headers={"X-Error-Code": "GatedRepo"}, times=1
            )
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        ran = run(AUDIT, MODEL, "--format", "json")
    result = Audit.model_validate_json(ran.out)
    assert result.evidence["claims.strongest"].value is None
    assert any(limit.startswith("README.md was not read") for limit in result.limits)


def test_a_hub_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    ran = run(AUDIT, MODEL)
    assert (ran.code, ran.out, ran.err.count("\n")) == (3, "", 1)
    assert "connection" in ran.err


# --------------------------------------------------------------------------- leaving the snapshot


def test_links_that_lead_out_of_a_snapshot_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "info.json").write_text(json.dumps({"id": "stolen", "pipeline_tag": "SECRET", "siblings": []}))
    (secret / "README.md").write_text("This is an open-source model SECRET.")
    folder = write_snapshot(tmp_path / "snapshot", model(card=None, files=["README.md", *WEIGHTS]))
    files = folder / "models" / MODEL / "files"
    files.mkdir()
    (files / "README.md").symlink_to(secret / "README.md")
    (folder / "models" / "maker" / "linked").symlink_to(secret)
    (folder / "models" / MODEL / "refs.json").symlink_to(secret / "info.json")
    (folder / "redirects.json").symlink_to(secret / "nowhere.json")
    ran = run(AUDIT, MODEL, "--snapshot", folder, "--format", "json")
    assert ran.code == 0
    assert "SECRET" not in ran.out
    assert run(AUDIT, "maker/linked", "--snapshot", folder).code == 3
    (folder / "models" / MODEL / "files").rename(tmp_path / "moved")
    (folder / "models" / MODEL / "files").symlink_to(secret)
    assert "SECRET" not in run(AUDIT, MODEL, "--snapshot", folder, "--format", "json").out


def test_ids_do_not_lead_out_of_a_snapshot(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "info.json").write_text('{"id": "SECRET", "pipeline_tag": "SECRET"}')
    targets = [
        "../../outside",
        str(tmp_path / "outside"),
        "..",
        ".",
        "",
        "a\0b",
        "x" * 5000,
        "maker/model/../../../outside",
    ]
    for target in targets:
        folder = write_snapshot(
            tmp_path / "s",
            {
                **model("a/b", cardData={"base_model": "o/base", "datasets": ["o/d"]}),
                "redirects.json": {"models": {"o/base": target}, "datasets": {"o/d": target}},
            },
        )
        ran = run(AUDIT, "a/b", "--snapshot", folder, "--format", "json")
        assert ran.code == 0
        assert "SECRET" not in ran.out


def test_redirects_in_a_circle(tmp_path: Path) -> None:
    store = {**model("a/b"), **model("c/d"), "redirects.json": {"models": {"a/b": "c/d", "c/d": "a/b", "e/f": "e/f"}}}
    folder = write_snapshot(tmp_path, store)
    assert run(AUDIT, "a/b", "--snapshot", folder).code == 0
    assert run(AUDIT, "e/f", "--snapshot", folder).code == 3


TRICKS = [
    "..",
    "a/../b",
    "a/..",
    "%2e%2e/%2e%2e",
    "..%2f..%2fetc",
    "a/b/c",
    "a//b",
    "/",
    "a/b@../..",
    "a/b@",
    "@",
    "a/b\x00",
    "x" * 300,
    "a/" + "b" * 300,
    "a/b?x=1",
    "a/b#c",
    "a b/c",
    "-a/b",
    "a/-b",
    "https://evil.example/a/b",
    "https://huggingface.co.evil.example/a/b",
    "https://huggingface.co@evil.example/a/b",
    "file:///etc/passwd",
    "ftp://huggingface.co/a/b",
    "https://huggingface.co/datasets/a/b",
    "https://huggingface.co/%2e%2e/%2e%2e",
    "https://[",
    "a/b\x1b[31m",
    "\ud800/x",
]


@pytest.mark.parametrize("id", TRICKS, ids=ascii)
def test_a_reference_that_is_none_is_one_clear_line(id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / "below")
    folder = write_snapshot(tmp_path / "s", model())
    before = written(tmp_path)
    ran = run(AUDIT, "--snapshot", folder, "-o", tmp_path / "out.html", "--", id)
    if id in ("..", "/"):
        monkeypatch.undo()
        return  # folders, like any other
    assert ran.code in (2, 3), ran
    assert "Traceback" not in ran.err
    assert "\x1b" not in ran.err
    assert written(tmp_path) == before


def test_a_model_of_another_script_is_looked_for(tmp_path: Path) -> None:
    folder = write_snapshot(tmp_path, model("中文/模型"))
    assert run(AUDIT, "中文/模型", "--snapshot", folder).code == 0


# --------------------------------------------------------------------------- anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*INFO, *DATA, "a"]), inner, max_size=5)
    ),
    max_leaves=20,
)
CARD = st.text(max_size=400) | st.lists(
    st.sampled_from(
        [
            "---\n",
            "license: mit\n",
            "base_model: o/b\n",
            "datasets:\n- o/d\n",
            "# ",
            "> ",
            "- ",
            "| a | b |\n",
            "|---|---|\n",
            "<div>",
            "</div>",
            "<a href='x'>",
            "```\n",
            "`",
            "**",
            "[",
            "](",
            ")",
            "\n\n",
            "open source ",
            "this model is ",
            "not ",
            "trained on ",
            "https://github.com/o/c ",
            "https://huggingface.co/datasets/o/d ",
            "\r\n",
            "\t",
            "\0",
            "é",
            "开源",
        ]
    ),
    max_size=60,
).map("".join)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    info=st.dictionaries(st.sampled_from(INFO), JSON, max_size=8),
    data=st.dictionaries(st.sampled_from(DATA), JSON, max_size=8),
    card=CARD,
)
@example(info={"siblings": [{"rfilename": "a"}, 7]}, data={}, card="")
def test_any_description_comes_to_a_result_or_an_error_of_ours(
    info: dict[str, Any], data: dict[str, Any], card: str, tmp_path: Path
) -> None:
    store = model(card=card)
    store[f"models/{MODEL}/info.json"] |= {"cardData": data, **info}
    try:
        result = audited(store, tmp_path)
    except OpenAuditError:
        return
    for name, one in registry().items():
        assert one.render(result).encode("utf-8", "replace"), name


# --------------------------------------------------------------------------- how long it takes

MIB = 1 << 20
SLOW = {
    "brackets": "[" * MIB,
    "bracket pairs": "[](" * (MIB // 3),
    "image brackets": "![" * (MIB // 2),
    "stars": "*" * MIB,
    "stars and words": "*a " * (MIB // 3),
    "underscores": "_a" * (MIB // 2),
    "tildes": "~~a" * (MIB // 3),
    "angle brackets": "<" * MIB,
    "tags": "<a href='" * (MIB // 9),
    "open tags": "<div>\n" * (MIB // 6),
    "closing tags": "</a>" * (MIB // 4),
    "comments": "<!--" * (MIB // 4),
    "entities": "&#" * (MIB // 2),
    "backticks": "`" * MIB,
    "backtick runs": "".join("`" * (i % 60 + 1) + " " for i in range(MIB // 31)),
    "quotes": "> " * (MIB // 2),
    "quoted lines": "> > > > x\n" * (MIB // 10),
    "lists": "- " * (MIB // 2),
    "list lines": "- x\n" * (MIB // 4),
    "nested lists": "".join("  " * (i % 50) + "- x\n" for i in range(MIB // 54)),
    "numbers": "1. " * (MIB // 3),
    "one long line": "word " * (MIB // 5),
    "one long word": "a" * MIB,
    "one long sentence of claims": "open source model " * (MIB // 18),
    "this model is": "this model is " * (MIB // 14),
    "we have": "we have " * (MIB // 8),
    "trained": "trained on data not " * (MIB // 20),
    "not released": "data not " * (MIB // 9),
    "commas": ", " * (MIB // 2),
    "dots": ". " * (MIB // 2),
    "dashes": "-" * MIB,
    "hashes": "# x\n" * (MIB // 4),
    "headings": "# open source model\n\ntext\n\n" * (MIB // 26),
    "newlines": "\n" * MIB,
    "spaces": " " * MIB,
    "table cells": "| a " * 100_000 + "|\n" + "|---" * 100_000 + "|\n" + "| b " * 50_000 + "|\n",
    "table rows": "| a | b |\n|---|---|\n" + "| open source model | trained on data |\n" * (MIB // 40),
    "links": "[x](https://huggingface.co/datasets/o/d) " * (MIB // 41),
    "bare links": "https://github.com/o/c " * (MIB // 23),
    "different links": "".join(f"[x](https://github.com/o/c{i})\n" for i in range(MIB // 33)),
    "reference links": "[a]: b\n" * (MIB // 7),
    "licence words": "licensed under the license " * (MIB // 27),
    "fine-tuned": "fine-tuned version of " * (MIB // 22),
    "front matter": "---\n" + "a: b\n" * (MIB // 8) + "---\n",
    "keys": "---\n" + "".join(f"k{i}: v\n" for i in range(MIB // 12)) + "---\n",
    "front matter without an end": "---\n" + "a: b\n" * (MIB // 5),
}


@pytest.mark.parametrize("name", SLOW)
def test_no_card_takes_long(name: str, tmp_path: Path) -> None:
    """16 KiB, more than nearly all real cards, in seconds of a processor; make fuzz asks how time grows."""
    began = time.process_time()
    audited(model(card=SLOW[name][: MIB // 64]), tmp_path)
    assert time.process_time() - began < 2 * slowness()


LONG_PATHS = {
    "words": "make_" + "data_" * 800,
    "lines": "make_" + "_" * 4000 + ".py",
    "hyphens": "data/" + "a-" * 2000 + ".py",
    "folders": "make_x/" * 600 + "x.py",
    "feeders": "data/" + "collat" * 700 + ".sh",
}


@pytest.mark.parametrize("name", LONG_PATHS)
def test_no_path_in_a_repository_takes_long(name: str) -> None:
    """What a file is for is read from its name, as long as file systems let names be (4 KiB)."""
    began = time.process_time()
    for kind in ("training", "data", "inference", "evaluation"):
        names_entry(kind, LONG_PATHS[name])
    assert time.process_time() - began < 0.2 * slowness()
