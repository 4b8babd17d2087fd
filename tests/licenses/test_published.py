"""Real licence files, read only where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from openaudit.licenses import lookup, read
from tests.licenses.garden import commented, quoted, reflowed

# --------------------------------------------------------------------------- real texts, where they are at hand

DEBIAN = Path("/usr/share/common-licenses")
SHARED = Path(__file__).parents[3] / "shared"


@pytest.mark.parametrize(
    ("file", "id"),
    [
        ("Apache-2.0", "Apache-2.0"),
        ("GPL-3", "GPL-3.0"),
        ("LGPL-2.1", "LGPL-2.1"),
        ("MPL-2.0", "MPL-2.0"),
        ("CC0-1.0", "CC0-1.0"),
        ("BSD", "BSD-3-Clause"),
        ("GFDL-1.3", "GFDL-1.3"),
    ],
)
def test_the_systems_own_licences(file: str, id: str) -> None:
    if not (DEBIAN / file).exists():
        pytest.skip("this system keeps no licence texts")
    text = (DEBIAN / file).read_text(encoding="utf-8", errors="replace")
    for dressed in (text, reflowed(text), commented(text)):
        reading = read(dressed)
        assert (reading.how, reading.license) == ("exact", lookup(id))
    edited = read(text + "\n\nThe Work may only be used for non-commercial purposes.\n")
    assert edited.license is not None
    assert (edited.how, edited.license.open) == ("edited", False)


# file of a model: the licence (None: not one), and the kinds of clauses that have to be found in it
PUBLISHED: dict[str, tuple[str | None, set[str]]] = {
    "Qwen/Qwen2.5-32B/files/LICENSE": ("Apache-2.0", set()),
    "openai/gpt-oss-120b/files/LICENSE": ("Apache-2.0", set()),
    "openai/gpt-oss-120b/files/USAGE_POLICY": (None, set()),
    "baidu/ERNIE-4.5-21B-A3B-Thinking/files/LICENSE": ("Apache-2.0", set()),
    "deepseek-ai/DeepSeek-V3-Base/files/LICENSE-CODE": ("MIT", set()),
    "deepseek-ai/DeepSeek-V3-Base/files/LICENSE-MODEL": ("deepseek-license", {"use-restriction", "remote-restriction"}),
    "meta-llama/Llama-2-7b-chat-hf/files/LICENSE.txt": ("llama2", {"user-threshold", "output-restriction"}),
    "meta-llama/Llama-3.1-8B/files/LICENSE": ("llama3.1", {"user-threshold", "naming", "branding", "use-restriction"}),
    "meta-llama/Llama-3.2-1B/files/LICENSE.txt": ("llama3.2", {"user-threshold", "naming", "branding"}),
    "meta-llama/Llama-3.3-70B-Instruct/files/LICENSE": ("llama3.3", {"user-threshold", "naming", "branding"}),
    "meta-llama/Llama-4-Scout-17B-16E-Instruct/files/LICENSE": ("llama4", {"user-threshold", "naming", "branding"}),
    "meta-llama/Llama-4-Scout-17B-16E-Instruct/files/USE_POLICY.md": (None, {"territory", "use-restriction"}),
    "cognitivecomputations/dolphin-2.9-llama3-8b/files/LICENSE": ("llama3", {"user-threshold", "output-restriction"}),
    "facebook/opt-125m/files/LICENSE.md": ("opt", {"non-commercial", "termination"}),
    "THUDM/chatglm-6b/files/MODEL_LICENSE": ("chatglm-6b", {"non-commercial", "use-restriction"}),
    "THUDM/codegeex4-all-9b/files/LICENSE": ("codegeex4", {"permission", "naming", "branding"}),
    "moonshotai/Kimi-K2-Instruct/files/LICENSE": ("kimi-modified-mit", {"branding"}),
    "apple/OpenELM-3B/files/LICENSE": ("apple-ascl", set()),
    "stabilityai/stablelm-2-1_6b/files/LICENSE.md": ("stabilityai-community", {"revenue-threshold", "permission"}),
    "LGAI-EXAONE/EXAONE-Deep-32B/files/LICENSE": ("exaone", {"research-only", "non-commercial", "output-restriction"}),
    "Qwen/Qwen2.5-72B/files/LICENSE": ("qwen", {"user-threshold", "branding"}),
    "black-forest-labs/FLUX.1-dev/files/LICENSE.md": (
        "flux-1-dev-non-commercial-license",
        {"non-commercial", "output-restriction", "use-restriction"},
    ),
    "tencent/Hunyuan-A13B-Instruct/files/LICENSE": (
        "tencent-hunyuan-community",
        {"territory", "user-threshold", "output-restriction", "use-restriction"},
    ),
    "tencent/Hunyuan-A13B-Instruct/files/Notice.txt": (None, set()),
}


@pytest.mark.parametrize("path", PUBLISHED)
def test_licence_files_as_published(path: str) -> None:
    file = SHARED / "hub" / "models" / path
    if not file.exists():
        pytest.skip("the sample of published licence files is not here")
    text = file.read_text(encoding="utf-8", errors="replace")
    id, kinds = PUBLISHED[path]
    reading = read(text)
    assert (reading.license.id if reading.license else None) == id
    assert kinds <= {clause.kind for clause in reading.clauses}
    for clause in reading.clauses:
        assert quoted(clause.quote, text)
        assert clause.quote.split()[0] in text.split("\n")[clause.line - 1]


def test_every_published_licence_file_is_looked_at() -> None:
    models = SHARED / "hub" / "models"
    if not models.exists():
        pytest.skip("the sample of published licence files is not here")
    for file in (path for path in models.glob("*/*/files/**/*LICENSE*") if path.is_file()):
        reading = read(file.read_text(encoding="utf-8", errors="replace"))
        assert reading.how == "exact", file
