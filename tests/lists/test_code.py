"""Code as a list: what loads a model is found at its place; what only looks like one is not. Nothing is executed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openaudit.errors import ListError
from openaudit.lists.code import commands, configs, python, read
from openaudit.lists.code.found import Found
from openaudit.run import Named
from tests.commands import run

PYTHON = """
from transformers import AutoModel, pipeline
MODEL = "org-a/constant"
OTHER: str = "org-a/annotated"

def load(name="org-a/default", *, revision=None, size=3):
    other = "org-a/local" if size else "org-a/else"
    AutoModel.from_pretrained(MODEL, revision="v2.0")
    AutoModel.from_pretrained(OTHER)
    AutoModel.from_pretrained(name, token=True)
    AutoModel.from_pretrained(pretrained_model_name_or_path=other)
    AutoModel.from_pretrained("gpt2")
    pipeline("text-generation", model="org-a/piped")
    pipeline("text-generation", "org-a/second")

class Settings:
    model_id: str = "org-a/setting"
    where = "org-a/attribute"
    def load(self):
        self.late = "org-a/late"
        AutoModel.from_pretrained(self.where)
        AutoModel.from_pretrained(self.late)

SentenceTransformer("all-MiniLM-L6-v2")
hf_hub_download(repo_id="org-a/file", filename="config.json", revision="main")
snapshot_download("org-a/snapshot")
LLM("org-a/served")
parser.add_argument("--model", default="org-a/argument")
TrainingArguments(model_name_or_path="org-a/keyword")
config = {"base_model": "org-a/dict"}
fs.open("hf://org-a/pathed@v1/config.json")
timm.create_model("hf-hub:org-a/timm")
AutoModel.from_pretrained(os.environ.get("MODEL", "org-a/environment"))
AutoModel.from_pretrained(f"org-a/{'put'}-together" + "-here")
"""
FOUND = [
    "org-a/constant@v2.0", "org-a/annotated", "org-a/default", "org-a/local", "org-a/else", "gpt2", "org-a/piped",
    "org-a/second", "org-a/setting", "org-a/attribute", "org-a/late", "sentence-transformers/all-MiniLM-L6-v2",
    "org-a/file", "org-a/snapshot", "org-a/served", "org-a/argument", "org-a/keyword", "org-a/dict", "org-a/pathed@v1",
    "org-a/timm", "org-a/environment", "org-a/put-together-here",
]  # fmt: skip

NONE = '''
# AutoModel.from_pretrained("org-b/comment")
"""from_pretrained("org-b/docstring")"""
x = "org-b/any-text"
load_dataset("org-b/data")
snapshot_download("org-b/data", repo_type="dataset")
client.chat.completions.create(model="org-b/router")
AutoModel.from_pretrained(args.model)
AutoModel.from_pretrained("./org-b/relative")
AutoModel.from_pretrained("/mnt/org-b")
AutoModel.from_pretrained("checkpoints/best")
AutoModel.from_pretrained("my_models/best")
AutoModel.from_pretrained("path/to")
AutoModel.from_pretrained("your-username/model")
AutoModel.from_pretrained("org-b/model.bin")
AutoModel.from_pretrained("<org>/<name>")
AutoModel.from_pretrained(f"org-b/{size}")
AutoModel.from_pretrained("here/local")
fs.open("hf://datasets/org-b/data/x.csv")
name = "org-b/outside"
def load(name):
    AutoModel.from_pretrained(name)
for name in names:
    pass
LLM("llama")
make_pipeline("org-b/sklearn", model="org-b/sklearn")
'''


def code(folder: Path, files: dict[str, str]) -> list[Named]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return list(read(folder))


def test_python_names_models_where_it_loads_them(tmp_path: Path) -> None:
    found = code(tmp_path, {"app/main.py": PYTHON})
    assert sorted(one.reference for one in found) == sorted(FOUND)
    lines = PYTHON.split("\n")
    for one in found:
        [place] = one.places
        assert place.file == str(tmp_path / "app" / "main.py")
        assert place.text == lines[place.line - 1].strip()
        stands = lines[place.line - 1][place.column - 1 :]
        name = one.reference.partition("@")[0].removeprefix("sentence-transformers/")
        assert stands.startswith(name) or "together" in name, "the place is that of the text"


def test_python_that_names_none(tmp_path: Path) -> None:
    (tmp_path / "here" / "local").mkdir(parents=True)
    assert code(tmp_path, {"main.py": NONE}) == []


@pytest.mark.parametrize("as_list", [True, False])
def test_notebooks(as_list: bool, tmp_path: Path) -> None:
    source = "%pip install x\nif True:\n    !ls\nm = 'org-a/one'\nAutoModel.from_pretrained(m)\n"
    second = "AutoModel.from_pretrained('org-a/two')"
    cells = [
        {"cell_type": "markdown", "source": "from_pretrained('org-a/prose')"},
        {"cell_type": "code", "source": source.splitlines(keepends=True) if as_list else source},
        {"cell_type": "code", "source": [second] if as_list else second},
    ]
    text = json.dumps({"cells": cells}, indent=1)
    found = code(tmp_path, {"n.ipynb": text})
    assert [one.reference for one in found] == ["org-a/one", "org-a/two"]
    for one in found:
        [place] = one.places
        assert text.split("\n")[place.line - 1][place.column - 1 :].startswith(one.reference)


CONFIGS = {
    "adapter_config.json": '{\n "base_model_name_or_path": "org-a/json", "name": "org-b/no",\n "model": "org-b/no"}',
    "train.yaml": "base_model: org-a/yaml # ours\nmodel: org-b/no\nnested:\n"
    "- pretrained_model_name_or_path: 'org-a/deep'\n",
    "k8s.yml": "a: 1\n---\nspec:\n  env:\n  - name: MODEL_ID\n    value: org-a/variable\n"
    "  args: [--model, org-a/args]\n"
    "  command: |\n    set -e\n    vllm serve org-a/block --port 80\n",
    "compose.yaml": "services:\n  a:\n    image: vllm/vllm-openai\n    command: --model org-a/compose --dtype half\n"
    "    args:\n    - --model-id=org-a/joined\n    weights: hf://org-a/address/x\n",
    "config.toml": '[a]\n# base_model = "org-b/no"\nbase_model = "org-a/toml"\nmodel = "org-b/no"\n',
    "run.sh": 'MODEL="org-a/shell"\n# vllm serve org-b/no\npython -m vllm.server --model $MODEL  # --model org-b/no\n'
    "huggingface-cli download org-a/download\nhf download --repo-type dataset org-b/data\n"
    "hf download org-b/data --repo-type dataset\nvllm serve ${NAME:-org-a/fallback}\n",
    "Dockerfile.gpu": 'FROM vllm/vllm-openai:v1\nENV MODEL_ID=org-a/docker\nCMD ["--model", "org-a/cmd"]\n',
    "other.sh": "aider --model org-b/no --model-id org-a/sure\n",
    "chart.yaml": "{{- if .Values.x }}\nbase_model: org-b/template\n",
}
IN_CONFIGS = {
    "adapter_config.json": {"org-a/json"},
    "train.yaml": {"org-a/yaml", "org-a/deep"},
    "k8s.yml": {"org-a/variable", "org-a/args", "org-a/block"},
    "compose.yaml": {"org-a/compose", "org-a/joined", "org-a/address"},
    "config.toml": {"org-a/toml"},
    "run.sh": {"org-a/shell", "org-a/download", "org-a/fallback"},
    "Dockerfile.gpu": {"org-a/docker", "org-a/cmd"},
    "other.sh": {"org-a/sure"},
    "chart.yaml": set(),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_configuration_and_commands(name: str, tmp_path: Path) -> None:
    found = code(tmp_path, {name: CONFIGS[name]})
    assert {one.reference for one in found} == IN_CONFIGS[name]
    lines = CONFIGS[name].split("\n")
    for one in found:
        [place] = one.places
        assert lines[place.line - 1][place.column - 1 :].startswith((one.reference, "$")), place


def test_what_is_no_code_of_ours_is_not_read(tmp_path: Path) -> None:
    loads = 'AutoModel.from_pretrained("org-a/one")\n'
    skipped = [
        ".git/a.py",
        "node_modules/a.py",
        ".venv/a.py",
        "build/a.py",
        "a.txt",
        "README.md",
        "deep/site-packages/a.py",
    ]
    files = dict.fromkeys(skipped, loads) | {"odd/pyvenv.cfg": "", "odd/a.py": loads, "big.py": loads + "#" * (1 << 20)}
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "secret.py").write_text(loads)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.py").symlink_to(tmp_path / "out" / "secret.py")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "out")
    os.mkfifo(tmp_path / "in" / "pipe.py")
    assert code(tmp_path / "in", files) == []
    assert [one.reference for one in code(tmp_path / "in", {"a.py": loads, "old.py": "print 'two'\n"})] == ["org-a/one"]


def test_a_folder_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="no such folder"):
        list(read(tmp_path / "gone"))


def test_a_code_base_is_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = "openai/gpt-oss-20b"
    code(tmp_path / "src", {"a.py": f'AutoModel.from_pretrained("{model}")\n', "b.yaml": f"base_model: {model}\n"})
    ran = run("batch", "--from-code", "src", "--snapshot", "sample", "--format", "jsonl", "-o", "-")
    assert ran.code == 0
    [row] = map(json.loads, ran.out.splitlines())
    assert [(place["file"], place["line"], place["column"]) for place in row["places"]] == [
        ("src/a.py", 1, 28),
        ("src/b.yaml", 1, 13),
    ]
    ran = run("batch", "--from-code", tmp_path / "src" / "a.py", "--snapshot", "sample")
    assert (ran.code, "no such folder" in ran.err) == (2, True)
    code(tmp_path / "none", {"a.py": "pass\n"})
    ran = run("batch", "--from-code", "none", "--snapshot", "sample")
    assert (ran.code, "no model is named there" in ran.err) == (2, True)


# --------------------------------------------------------------------------- anything

READERS = [python.read, python.read_notebook, configs.read_json, configs.read_yaml, configs.read_toml, commands.read]
PIECES = """from_pretrained( 'a/b' ) ( [ ] { } : = base_model --model hf://a/b x f' {x} " , $X ${X:-a/b} vllm serve
lambda class A: \\ # - | cells "source": export X=a/b"""
WORDS = st.sampled_from(["\n", " ", *PIECES.split()])


@given(st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=100))
@settings(max_examples=400, deadline=2000)
def test_any_text_is_code_or_not(text: str) -> None:
    for reader in READERS:
        for found in reader(text):
            assert found.line >= 1
            assert found.column >= 1


@pytest.mark.parametrize(
    ("reader", "piece"),
    [
        (python.read, "f("),
        (python.read, "-"),
        (python.read, "x = 'a/b'\nfrom_pretrained(x)\n"),
        (python.read, "from_pretrained('a' + 'b')\n"),
        (configs.read_json, "["),
        (configs.read_json, '{"base_model": "a/b"},'),
        (configs.read_yaml, "- base_model: a/b\n"),
        (configs.read_toml, "[[a]]\nbase_model = 'a/b'\n"),
        (commands.read, "vllm serve a/b\n"),
        (commands.read, "$X "),
        (commands.read, "X=$X$X\n"),
    ],
)
def test_reading_takes_time_in_proportion(reader: Callable[[str], Iterable[Found]], piece: str) -> None:
    def seconds(times: int) -> float:
        best = 99.0
        for _ in range(2):
            began = time.perf_counter()
            list(reader(piece * times))
            best = min(best, time.perf_counter() - began)
        return best

    assert seconds(4_000) < 30 * seconds(400) + 0.3


def test_defaults_that_never_end_take_time_in_proportion() -> None:
    def seconds(times: int) -> float:
        best = 99.0
        for _ in range(3):
            began = time.process_time()
            list(commands.read("X=" + "${M:-a/b" * times))
            best = min(best, time.process_time() - began)
        return best

    assert seconds(2_400) < 25 * seconds(240) + 0.05  # a line may have 20,000 characters
