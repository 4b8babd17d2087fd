"""The shipped sample is a valid snapshot, small, abridged where it says so, and refreshed without losing its stubs."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from openaudit.errors import NotLookedAt
from openaudit.evidence import MISSING, CodeRepo, Kind, Looked, LookedCode, NotLooked, Repo
from openaudit.sources import Source
from openaudit.sources.saved import SavedSource
from scripts.refresh_sample import SAMPLE, Refresher, join_card, main, split_card, trim_code, trim_info

MODELS = [
    "CohereForAI/c4ai-command-r-v01",
    "OpenLLM-France/Lucie-7B",
    "Qwen/Qwen2.5-72B-Instruct",
    "allenai/OLMo-2-1124-7B",
    "bigscience/bloomz",
    "black-forest-labs/FLUX.1-dev",
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
    "google/gemma-3-4b-it",
    "meta-llama/Llama-3.1-8B",
    "openai/gpt-oss-20b",
    "openai/whisper-large-v3",
    "swiss-ai/Apertus-8B-2509",
]
DATASETS = [
    "OpenLLM-France/Lucie-Training-Dataset",
    "allenai/dolmino-mix-1124",
    "allenai/olmo-mix-1124",
    "bigscience/xP3",
]
CODE = sorted(path.relative_to(SAMPLE / "github").with_suffix("").as_posix() for path in SAMPLE.glob("github/*/*.json"))
REPOS: list[tuple[Kind, str]] = [("models", id) for id in MODELS] + [("datasets", id) for id in DATASETS]
STUBS = sorted(path for path in SAMPLE.glob("*/*/*/files/**/*") if path.is_file())


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def look(source: Source, kind: Kind, id: str) -> Repo:
    found = source.model(id) if kind == "models" else source.dataset(id)
    assert isinstance(found, Repo), f"{kind}/{id}: {found}"
    return found


def name_of(path: Path) -> str:
    return path.relative_to(SAMPLE).as_posix()


# --------------------------------------------------------------------------- what is shipped


def test_it_holds_these_models_and_data_sets_and_no_others() -> None:
    def ids(kind: str) -> list[str]:
        return sorted(path.parent.relative_to(SAMPLE / kind).as_posix() for path in SAMPLE.glob(f"{kind}/**/info.json"))

    assert ids("models") == sorted(MODELS)
    assert ids("datasets") == sorted(DATASETS)


def test_every_file_belongs_to_the_layout() -> None:
    repository = r"(models|datasets)/[^/]+/[^/]+/(info\.json|refs\.json|gathered\.json|files/.+)"
    layout = re.compile(rf"README\.md|redirects\.json|missing\.json|github/[^/]+/[^/]+\.json|{repository}")
    strangers = [name_of(path) for path in SAMPLE.rglob("*") if path.is_file() and not layout.fullmatch(name_of(path))]
    assert strangers == []


def test_it_is_small() -> None:
    sizes = {name_of(path): path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()}
    assert {name: size for name, size in sizes.items() if size >= 20_000} == {}
    assert sum(sizes.values()) < 500_000


def test_nothing_leads_out_of_it() -> None:
    for path in SAMPLE.rglob("*"):
        assert not path.is_symlink(), name_of(path)
        assert path.resolve().is_relative_to(SAMPLE), name_of(path)


@pytest.mark.parametrize("id", MODELS)
def test_a_saved_source_reads_it_as_a_subject(id: str) -> None:
    assert SavedSource(SAMPLE).subject(id, None).id == id


def test_a_model_that_is_not_in_it_was_not_looked_at() -> None:
    with pytest.raises(NotLookedAt):
        SavedSource(SAMPLE).subject("bigscience/bloom", None)


@pytest.mark.parametrize(("kind", "id"), REPOS)
class TestRepository:
    def test_it_is_the_hubs_json_of_that_id(self, kind: Kind, id: str) -> None:
        repo = look(SavedSource(SAMPLE), kind, id)
        assert repo.info["id"] == id
        assert repo.revision is None or re.fullmatch(r"[0-9a-f]{40}", repo.revision)
        assert repo.info["gated"] in (False, "auto", "manual")
        assert repo.gathered is not None
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", repo.gathered)

    def test_trimming_it_again_changes_nothing(self, kind: Kind, id: str) -> None:
        info = look(SavedSource(SAMPLE), kind, id).info
        assert trim_info(info, kind) == info

    def test_what_is_shipped_is_in_the_file_list(self, kind: Kind, id: str) -> None:
        repo = look(SavedSource(SAMPLE), kind, id)
        assert "README.md" in repo.files
        assert set(repo.files) <= set(repo.paths)

    def test_file_names_are_plain_relative_paths_each_once(self, kind: Kind, id: str) -> None:
        paths = look(SavedSource(SAMPLE), kind, id).paths
        assert len(set(paths)) == len(paths)
        for path in paths:
            assert not path.startswith("/")
            assert not {"..", ".", ""} & set(path.split("/"))

    def test_the_front_matter_is_the_cards_metadata(self, kind: Kind, id: str) -> None:
        repo = look(SavedSource(SAMPLE), kind, id)
        data, _ = split_card(repo.files["README.md"])
        assert data == repo.card_data

    def test_data_sets_of_the_metadata_are_shipped(self, kind: Kind, id: str) -> None:
        named = look(SavedSource(SAMPLE), kind, id).card_data.get("datasets", [])
        assert set(named) <= set(DATASETS)

    def test_the_card_is_a_stub(self, kind: Kind, id: str) -> None:
        _, body = split_card(look(SavedSource(SAMPLE), kind, id).files["README.md"])
        lines = body.strip().splitlines()
        assert lines[0].startswith("> Abridged on ")
        assert "<!--" not in body
        least, most = (15, 60) if kind == "models" else (3, 15)
        assert least <= sum(1 for line in lines if line.strip()) <= most


@pytest.mark.parametrize("path", STUBS, ids=name_of)
class TestStub:
    def test_it_says_that_it_is_abridged_and_links_the_text_at_the_commit(self, path: Path) -> None:
        kind, owner, name, _, file = name_of(path).split("/", 4)
        at = read(path.parents[len(Path(file).parts)] / "info.json").get("sha", "main")
        link = f"<https://huggingface.co/{'datasets/' * (kind == 'datasets')}{owner}/{name}/blob/{at}/{file}>"
        said = re.findall(r"Abridged on (\d{4}-\d\d-\d\d) for openaudit's sample: .* is at (<\S+>)\.", path.read_text())
        assert [there for _, there in said] == [link]

    def test_its_quotes_are_short(self, path: Path) -> None:
        _, body = split_card(path.read_text())
        assert [quote for quote in re.findall(r'"([^"\n]*)"', body) if len(quote.split()) > 15] == []

    def test_no_line_is_long_prose(self, path: Path) -> None:
        assert [line for line in path.read_text().splitlines() if len(line) > 500] == []


def test_the_safetensors_shards_of_every_model_are_all_listed() -> None:
    for id in MODELS:
        shards: dict[tuple[str, str], set[int]] = {}
        for path in look(SavedSource(SAMPLE), "models", id).paths:
            if found := re.fullmatch(r"(.*[-_.])(\d+)-of-(\d+)\.safetensors", path):
                shards.setdefault((found[1], found[3]), set()).add(int(found[2]))
        for (name, count), there in shards.items():
            assert set(range(1, int(count) + 1)) <= there, f"{id}: {name}"


@pytest.mark.parametrize("id", CODE)
def test_a_code_repository_is_trimmed(id: str) -> None:
    path = SAMPLE / "github" / f"{id}.json"
    info = read(path)
    assert info["full_name"] == id
    assert 0 < len(info["tree"]) <= 40
    assert len(set(info["tree"])) == len(info["tree"])
    assert not [one for one in info["tree"] if one.startswith("/") or ".." in one.split("/")]
    assert trim_code(info, info["tree"]) == info


def test_every_code_repository_is_linked_by_a_card() -> None:
    cards = " ".join(path.read_text() for path in STUBS)
    assert [id for id in CODE if f"https://github.com/{id}" not in cards] == []


def test_redirects_lead_to_what_is_shipped_and_nothing_shipped_is_missing() -> None:
    shipped: dict[str, list[str]] = {"models": MODELS, "datasets": DATASETS, "github": CODE}
    for kind, table in read(SAMPLE / "redirects.json").items():
        assert set(table.values()) <= set(shipped[kind])
        assert not set(table) & set(shipped[kind])
    for kind, ids in read(SAMPLE / "missing.json").items():
        assert not set(ids) & set(shipped[kind])


# --------------------------------------------------------------------------- trimming


def test_trimming_leaves_out_what_no_audit_reads_and_all_prose() -> None:
    info = {
        "_id": "66a",
        "id": "a/b",
        "likes": 3,
        "downloads": 4,
        "sha": "0" * 40,
        "gated": False,
        "library_name": None,
        "config": {"architectures": ["X"], "model_type": "x", "tokenizer_config": {"chat_template": "…"}},
        "cardData": {
            "license": "mit",
            "widget": [{"text": "hi"}],
            "extra_gated_prompt": "w" * 300,
            "extra_gated_fields": {"I accept " * 20: "checkbox", "Name": "text"},
            "model-index": [{"name": "b", "results": [1, 2, 3, 4]}, "not an entry"],
            "configs": [{"config_name": str(n)} for n in range(20)],
        },
        "siblings": [{"rfilename": "README.md", "size": 0, "blobId": "f"}, {"rfilename": "x/events.out.tfevents.1"}],
    }
    kept = trim_info(info, "models")
    assert set(kept) == {"id", "sha", "gated", "config", "cardData", "siblings"}
    assert kept["config"] == {"architectures": ["X"], "model_type": "x"}
    assert kept["siblings"] == [{"rfilename": "README.md", "size": 0}]
    card = kept["cardData"]
    assert card["extra_gated_prompt"] == "(a text of 300 characters, left out)"
    assert [len(key) for key in card["extra_gated_fields"]] == [80, 4]
    assert card["model-index"] == [{"name": "b", "results": [1, 2, 3]}]
    assert len(card["configs"]) == 8
    assert trim_info(kept, "models") == kept


def test_trimming_keeps_all_shards_of_one_format() -> None:
    names = [
        f"{stem}_{n:05}-of-00072.{end}"
        for n in range(1, 73)
        for stem, end in (("pytorch_model", "bin"), ("model", "safetensors"))
    ]
    info = {"id": "a/b", "siblings": [{"rfilename": name} for name in names]}
    kept = [file["rfilename"] for file in trim_info(info, "models")["siblings"]]
    assert kept == [name for name in names if name.endswith("safetensors")]
    few = {"id": "a/b", "siblings": [{"rfilename": "pytorch_model.bin"}, {"rfilename": "model.safetensors"}]}
    assert trim_info(few, "models") == few


def test_trimming_keeps_a_few_files_of_each_folder_of_a_data_set() -> None:
    names = ["README.md", *(f"data/{folder}/{n}.parquet" for folder in range(30) for n in range(9))]
    trimmed = trim_info({"id": "a/b", "siblings": [{"rfilename": name} for name in names]}, "datasets")
    kept = [file["rfilename"] for file in trimmed["siblings"]]
    assert kept[:5] == ["README.md", "data/0/0.parquet", "data/0/1.parquet", "data/0/2.parquet", "data/1/0.parquet"]
    assert len(kept) == 41
    assert trim_info(trimmed, "datasets") == trimmed


def test_trimming_a_tree_keeps_what_was_shipped_before_the_root() -> None:
    tree = [*(f"f{n}.py" for n in range(50)), "src/train.py", "src/other.py"]
    info = {"full_name": "a/b", "license": {"spdx_id": "MIT", "name": "MIT License"}, "tree": tree, "stargazers": 1}
    kept = trim_code(info, ["src/train.py", "gone.py"])
    assert kept["license"] == {"spdx_id": "MIT"}
    assert kept["archived"] is False
    assert len(kept["tree"]) == 40
    assert "src/train.py" in kept["tree"]
    assert "src/other.py" not in kept["tree"]
    assert trim_code({"full_name": "a/b", "license": None, "archived": True}) == {
        "full_name": "a/b",
        "license": None,
        "archived": True,
        "tree": [],
    }


def test_a_card_is_split_and_joined() -> None:
    data = {"license": "mit", "language": ["no", "fr"], "pretty_name": "Éclair: 1"}
    assert split_card(join_card(data, "\n# Title\n")) == (data, "\n# Title\n")
    assert split_card("# Title\n") == ({}, "# Title\n")
    assert join_card({}, "# Title\n") == "# Title\n"
    with pytest.raises(yaml.YAMLError):
        split_card("---\na: [\n---\n")


# --------------------------------------------------------------------------- refreshing


class Today:
    """A Source that tells what the sample tells, except for what a test has changed."""

    workers = 1

    def __init__(self, sample: Path) -> None:
        self._saved = SavedSource(sample)
        self.changed: dict[str, Looked] = {}
        self.code_changed: dict[str, LookedCode] = {}
        self.moved: dict[Kind, dict[str, str]] = {}

    def subject(self, id: str, revision: str | None) -> Repo:
        return self._saved.subject(id, revision)

    def model(self, id: str) -> Looked:
        return self.changed.get(id) or self._saved.model(id)

    def dataset(self, id: str) -> Looked:
        return self.changed.get(id) or self._saved.dataset(id)

    def code(self, id: str) -> LookedCode:
        return self.code_changed.get(id) or self._saved.code(id)

    def redirects(self) -> Mapping[Kind, Mapping[str, str]]:
        return self.moved

    def change(self, kind: Kind, id: str, /, **info: Any) -> None:
        repo = look(self._saved, kind, id)
        self.changed[id] = replace(repo, info={**repo.info, **info})


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return shutil.copytree(SAMPLE, tmp_path / "sample")


@pytest.fixture
def today(sample: Path) -> Today:
    return Today(sample)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def unchanged(sample: Path) -> Iterator[None]:
    before = contents(sample)
    yield
    assert contents(sample) == before


@pytest.mark.usefixtures("unchanged")
def test_refreshing_changes_nothing_when_nothing_has_changed(sample: Path, today: Today) -> None:
    report = Refresher(today, sample).run()
    assert list(report.lines()) == ["nothing has changed"]


def test_a_new_commit_refreshes_the_facts_keeps_the_stubs_and_reports_them(sample: Path, today: Today) -> None:
    id = "meta-llama/Llama-3.1-8B"
    where = sample / "models" / id
    before = look(today, "models", id)
    card = {**before.card_data, "license": "llama9", "extra_gated_prompt": "Long terms. " * 100}
    today.change("models", id, sha="f" * 40, likes=9, cardData=card)
    report = Refresher(today, sample).run()

    info = read(where / "info.json")
    assert info["sha"] == "f" * 40
    assert "likes" not in info
    assert info["cardData"] == {**before.card_data, "license": "llama9"}  # the sentence of ours stays
    data, body = split_card((where / "files/README.md").read_text())
    assert data == info["cardData"]
    assert body == split_card(before.files["README.md"])[1]
    assert (where / "files/LICENSE").read_text() == before.files["LICENSE"]
    assert report.changed == [f"models/{id}/info.json: cardData, sha"]
    assert [line.partition(":")[0] for line in report.look_at] == [
        f"models/{id}/files/{file}" for file in ("LICENSE", "README.md", "USE_POLICY.md")
    ]
    assert not report.failed


def test_files_without_a_stub_and_stubs_without_a_file_are_reported(sample: Path, today: Today) -> None:
    id = "Qwen/Qwen2.5-72B-Instruct"
    repo = look(today, "models", id)
    files = [{"rfilename": name} for name in ("README.md", "NOTICE", "config.json")]
    texts = {"README.md": repo.files["README.md"], "NOTICE": "new", "config.json": "{}"}
    today.changed[id] = replace(repo, info={**repo.info, "siblings": files}, files=texts)
    assert Refresher(today, sample).run().look_at == [
        f"models/{id}/files/LICENSE: the file is no longer in the repository",
        f"models/{id}: NOTICE has no stub yet",
    ]


@pytest.mark.usefixtures("unchanged")
def test_what_could_not_be_looked_at_stays_as_it_was_and_is_reported(sample: Path, today: Today) -> None:
    today.changed["openai/gpt-oss-20b"] = NotLooked("the Hub answers 503")
    today.changed["bigscience/xP3"] = MISSING
    today.code_changed["openai/whisper"] = NotLooked("rate limit")
    today.code_changed["allenai/OLMo"] = MISSING
    assert Refresher(today, sample).run().failed == [
        "models/openai/gpt-oss-20b: the Hub answers 503",
        "datasets/bigscience/xP3: it is not there any more",
        "github/allenai/OLMo: it is not there any more",
        "github/openai/whisper: rate limit",
    ]


@pytest.mark.usefixtures("unchanged")
def test_checking_reports_and_writes_nothing(sample: Path, today: Today) -> None:
    today.change("datasets", "bigscience/xP3", sha="e" * 40)
    report = Refresher(today, sample, write=False).run()
    assert report.changed == ["datasets/bigscience/xP3/info.json: sha"]
    assert len(report.look_at) == 1


def test_a_moved_repository_stays_under_the_id_it_is_shipped_with(sample: Path, today: Today) -> None:
    old, new = "CohereForAI/c4ai-command-r-v01", "CohereLabs/c4ai-command-r-v01"
    today.change("models", old, id=new)
    today.moved = {"models": {old: new, "openai/gpt-oss": "openai/gpt-oss-20b"}}
    report = Refresher(today, sample).run()
    assert read(sample / "models" / old / "info.json")["id"] == old
    assert read(sample / "redirects.json")["models"] == {
        "meta-llama/Meta-Llama-3.1-8B": "meta-llama/Llama-3.1-8B",
        "openai/gpt-oss": "openai/gpt-oss-20b",
    }
    assert report.changed == ["redirects.json: models"]


def test_branches_and_trees_stay_short(sample: Path, today: Today) -> None:
    id = "allenai/OLMo-2-1124-7B"
    repo = look(today, "models", id)
    assert repo.refs is not None
    many = [{"name": f"step{n}", "ref": f"refs/heads/step{n}", "targetCommit": "a" * 40} for n in range(900)]
    today.changed[id] = replace(repo, refs={**repo.refs, "branches": [*repo.refs["branches"][:1], *many]})
    code = today.code("allenai/OLMo")
    assert isinstance(code, CodeRepo)
    tree = [path for path in code.tree if path != "scripts/train.py"] + ["new.py", "deep/new.py"]
    today.code_changed["allenai/OLMo"] = replace(code, info={**code.info, "archived": True, "tree": tree})
    report = Refresher(today, sample).run()
    assert read(sample / "models" / id / "refs.json") == {
        "branches": [{"name": "main", "ref": "refs/heads/main"}],
        "tags": [],
    }
    after = read(sample / "github/allenai/OLMo.json")
    assert after["archived"] is True
    assert "new.py" in after["tree"]
    assert not {"deep/new.py", "scripts/train.py"} & set(after["tree"])
    assert report.changed == [f"models/{id}/refs.json: branches", "github/allenai/OLMo.json: archived, tree"]


def test_the_script_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    assert "--check" in capsys.readouterr().out
