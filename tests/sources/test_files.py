"""Which files are read, and how."""

from __future__ import annotations

import pytest

from openaudit.sources.files import choose, decode, safe, wanted

WANTED = """README.md config.json meta/LICENSE.txt a/b/c/USE_POLICY.md
LICENSE LICENCE License.txt LICENSE.md LICENSE.rst LICENSE.html LICENSE-2.0 LICENSE_llama3.1 Llama-3.1-LICENSE
Llama-3.1-LICENSE.txt MODEL_LICENSE LICENSE-MODEL LICENSE-CODE UNLICENSE THIRD_PARTY_LICENSES COPYING COPYING.txt
NOTICE Notice.txt THIRD-PARTY-NOTICES.txt USE_POLICY.md USAGE_POLICY use-policy.txt PROHIBITED_USE_POLICY
ACCEPTABLE_USE.md acceptable-use-policy.md TERMS TERMS_OF_USE.md Terms.html EULA""".split()

UNWANTED = """LICENSE.pdf LICENSE.py license.json LICENSE.png LICENSE.7z LICENSE.docx sub/README.md sub/config.json
generation_config.json model.safetensors noticed.txt unnoticed.md determs.txt NOTICE.bin data.txt ../LICENSE /LICENSE
a/../LICENSE a//LICENSE ./LICENSE a\\LICENSE""".split()


@pytest.mark.parametrize("path", WANTED)
def test_read(path: str) -> None:
    assert wanted(path)


@pytest.mark.parametrize("path", UNWANTED)
def test_left_alone(path: str) -> None:
    assert not wanted(path)


@pytest.mark.parametrize("path", ["", "a\x00b", "a\nb", "a\x9fb", "\ud800", "x" * 501, "..", "a/.", "a/", "C:\\x"])
def test_not_safe(path: str) -> None:
    assert not safe(path)


@pytest.mark.parametrize("path", ["a b", "é/LICENSE", "..a", "a/...", "LLAMA 2 LICENSE/LICENSE.txt"])
def test_safe(path: str) -> None:
    assert safe(path)


def test_the_root_comes_first_and_the_rest_is_told() -> None:
    paths = ["z/y/LICENSE", "z/NOTICE", "LICENSE", "config.json", "README.md", "LICENSE", "model.bin"]
    assert choose(paths, 4) == (["README.md", "config.json", "LICENSE", "z/NOTICE"], ["z/y/LICENSE"])


def test_any_bytes_are_text() -> None:
    assert decode(b"\xef\xbb\xbf---\r\n\xff\x00") == "---\r\n\ufffd\x00"
