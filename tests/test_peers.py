"""Nine failures of other tools, each driven through the command line from end to end, and none of them ours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from openaudit.auditing import load_rubrics
from openaudit.formats import registry
from openaudit.result import Audit
from tests.commands import MODEL, WEIGHTS, model, repository, run, write_snapshot
from tests.hubdouble import HubDouble

APACHE = """
                                 Apache License
                           Version 2.0, January 2004
                        http://www.apache.org/licenses/
"""


def audit(store: Mapping[str, Any], folder: Path, *args: str) -> Audit:
    """The result of one run of the command line over a recorded snapshot."""
    ran = run("audit", MODEL, "--snapshot", write_snapshot(folder, store), "--format", "json", *args)
    assert ran.code == 0, ran.err
    return Audit.model_validate_json(ran.out)


def outcome(result: Audit, criterion: str) -> str:
    rubric, _, name = criterion.partition("/")
    return result.rubrics[rubric].criteria[name].outcome.value


def licence_file(text: str, declared: str = "other") -> dict[str, Any]:
    store = model(files=["LICENSE", *WEIGHTS], cardData={"license": declared})
    return {**store, f"models/{MODEL}/files/LICENSE": text}


# 1 -------------------------------------------------------------------------- letters within words


def test_1_a_limited_license_is_not_mit(tmp_path: Path) -> None:
    result = audit(licence_file("Example Model Agreement\n\nYou are granted a limited license.\n"), tmp_path)
    assert result.license.id is None
    assert result.evidence["license.weights"].value != "MIT"
    assert outcome(result, "g7-openness/licence") != "met"


def test_1_a_true_apache_text_is_apache_and_not_mit(tmp_path: Path, root: Path) -> None:
    text = (root / "LICENSES" / "Apache-2.0.txt").read_text(encoding="utf-8")
    result = audit(licence_file(text), tmp_path)
    assert (result.license.id, result.license.open) == ("Apache-2.0", True)


# 2 -------------------------------------------------------------------------- a keyword is never evidence

WORDS = {
    "Trained on web data.": ("dataset.stage", []),
    "This model was trained on web data and books.": ("dataset.stage", []),
    "Training dataset is not disclosed.": ("data.withheld", True),
    "A newspaper-trained model.": ("documents.preprint", "none"),
    "This model is an alternative to open-source models.": ("claims.strongest", "none"),
    "This model is not open source.": ("claims.strongest", "none"),
    "Our code is open source.": ("claims.strongest", "none"),
    "Made with open-source tools.": ("claims.strongest", "none"),
    "Training code will be released soon.": ("code.training", "none"),
    "No intermediate checkpoints are available.": ("weights.checkpoints", False),
}


@pytest.mark.parametrize("words", WORDS)
def test_2_a_keyword_is_never_evidence(words: str, tmp_path: Path) -> None:
    store = {**model(card=f"# Model\n\n{words}\n"), f"models/{MODEL}/refs.json": {"branches": [], "tags": []}}
    result = audit(store, tmp_path)
    fact, expected = WORDS[words]
    found = [entry.value for entry in result.evidence.values() if entry.fact == fact]
    assert found == (expected if isinstance(expected, list) else [expected])
    assert result.datasets == ()


def test_2_what_is_not_disclosed_is_not_included(tmp_path: Path) -> None:
    result = audit(model(card="## Training data\n\nTraining dataset is not disclosed.\n"), tmp_path)
    assert outcome(result, "full-data/naming") == "unmet"
    assert outcome(result, "full-data/availability") == "unmet"


# 3 -------------------------------------------------------------------------- what is not there is not scored


def test_3_a_model_that_does_not_exist_is_an_error_and_no_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    with HubDouble({}) as double:
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        ran = run("audit", "maker/not-there", "-o", page)
    assert (ran.code, ran.out) == (3, "")
    assert "maker/not-there" in ran.err
    assert not page.exists()


def test_3_a_failed_look_is_unknown_and_never_a_fact(tmp_path: Path) -> None:
    card = "## Training\n\nTraining code: [maker/code](https://github.com/maker/code)\n"
    store = model(card=card, cardData={"license": "mit", "datasets": ["maker/data"]})
    result = audit(store, tmp_path)  # neither the code nor the data set are in the snapshot
    for criterion in ("full-data/availability", "full-data/training-code", "full-data/form", "full-data/terms"):
        assert outcome(result, criterion) == "unknown"
    score = result.rubrics["full-data"].score
    assert score.low is not None
    assert score.high is not None
    assert score.low < score.high


# 4 -------------------------------------------------------------------------- licences


@pytest.mark.parametrize(
    "id",
    [
        "openrail",
        "bigscience-openrail-m",
        "creativeml-openrail-m",
        "bigcode-openrail-m",
        "bigscience-bloom-rail-1.0",
        "openrail++",
        "llama3.1",
        "gemma",
        "cc-by-nc-4.0",
        "cc-by-nd-4.0",
    ],
)
def test_4_a_licence_with_restrictions_is_not_open(id: str, tmp_path: Path) -> None:
    result = audit(model(cardData={"license": id}), tmp_path)
    assert result.license.open is False
    assert result.label == "weights-available"
    assert json.loads(run("license", id, "--format", "json").out)["open"] is False


@pytest.mark.parametrize(
    "id",
    ["apache-2.0", "Apache-2.0", "APACHE-2.0", "mit", "MIT", "bsd-3-clause", "BSD-3-Clause", "cc-by-4.0", "CC-BY-4.0"],
)
def test_4_licence_ids_are_compared_without_case(id: str, tmp_path: Path) -> None:
    result = audit(model(cardData={"license": id}), tmp_path)
    assert result.license.open is True
    assert outcome(result, "g7-openness/licence") == "met"


# 5 -------------------------------------------------------------------------- lineage


def test_5_an_apache_child_of_llama_does_not_pass(tmp_path: Path) -> None:
    store = {
        **model(cardData={"license": "apache-2.0", "base_model": "meta-llama/Llama-3.1-8B"}),
        **model("meta-llama/Llama-3.1-8B", cardData={"license": "llama3.1"}, gated="manual"),
    }
    result = audit(store, tmp_path)
    assert result.label == "weights-available"
    assert result.license.inherited_from == "meta-llama/Llama-3.1-8B"
    assert [(one.id, one.license) for one in result.lineage] == [("meta-llama/Llama-3.1-8B", "llama3.1")]
    assert outcome(result, "openwashing/licence-tag") == "unmet"
    ran = run("audit", MODEL, "--snapshot", tmp_path, "--require", "label=open-weights", "-o", "-")
    assert ran.code == 1


def test_5_nor_does_a_grandchild(tmp_path: Path) -> None:
    store = {
        **model(cardData={"license": "apache-2.0", "base_model": "other/tuned"}),
        **model("other/tuned", cardData={"license": "apache-2.0", "base_model": "meta-llama/Llama-3.1-8B"}),
        **model("meta-llama/Llama-3.1-8B", cardData={"license": "llama3.1"}),
    }
    result = audit(store, tmp_path)
    assert [one.id for one in result.lineage] == ["other/tuned", "meta-llama/Llama-3.1-8B"]
    assert result.label == "weights-available"


# 6 -------------------------------------------------------------------------- the whole tree


def test_6_weights_deep_in_a_large_tree_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [f"assets/{i:04}.png" for i in range(3000)] + ["zz/onnx/deep/decoder.onnx"]
    with HubDouble(model(files=files, cardData={"license": "mit"})) as double:
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        ran = run("audit", MODEL, "--format", "json", "--record", tmp_path)
        assert double.count(f"/api/models/{MODEL}") == 1
    result = Audit.model_validate_json(ran.out)
    assert result.evidence["weights.present"].value is True
    assert result.evidence["weights.formats"].value == ("onnx",)


# 7 -------------------------------------------------------------------------- formats show and do not decide


def test_7_no_template_decides_how_good_something_is(root: Path) -> None:
    """A template may ask how many there are of something; never how high a score is, and it grades nothing."""
    templates = sorted((root / "openaudit" / "pages").rglob("*.j2"))
    read = ((path.name, re.sub(r'"[^"]*"', "", path.read_text("utf-8"))) for path in templates)
    statements = [(name, code) for name, text in read for code in re.findall(r"{[{%].*?[%}]}", text)]
    decides = re.compile(
        r"\b(?:excellent|good|poor|bad|great)\b|\b(?:score|low|high)\b\s*[<>]|[<>]=?\s*\S*\b(?:low|high)\b"
    )
    assert statements
    assert [found for found in statements if decides.search(found[1])] == []


def test_7_words_of_the_card_stay_words(tmp_path: Path) -> None:
    card = "# Model\n\nThis model is a fully open model </script><script>alert(1)</script>.\n"
    folder = write_snapshot(tmp_path / "snapshot", model(card=card))
    for name in registry():
        run("audit", MODEL, "--snapshot", folder, "--format", name, "-o", f"{tmp_path}/out/")
    page = next((tmp_path / "out").glob("*.html")).read_text(encoding="utf-8")
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "Content-Security-Policy" in page


# 8 -------------------------------------------------------------------------- what a rubric says reaches the score


def test_8_the_weight_of_a_criterion_reaches_the_score(tmp_path: Path, root: Path) -> None:
    text = (root / "rubrics" / "four-freedoms.yaml").read_text(encoding="utf-8")
    heavy = tmp_path / "heavy.yaml"
    heavy.write_text(
        text.replace("  - id: use\n", "  - id: use\n    weight: 9\n").replace("id: four-freedoms", "id: heavy")
    )
    store = model(cardData={"license": "mit"})
    result = audit(store, tmp_path / "s", "--rubric", str(heavy), "--rubric", "four-freedoms")
    light = result.rubrics["four-freedoms"].criteria
    points = {name: {"met": 1.0, "partial": 0.5, "unmet": 0.0}[one.outcome.value] for name, one in light.items()}
    weights = dict.fromkeys(points, 1.0) | {"use": 9.0}
    expected = round(100 * sum(points[name] * weights[name] for name in points) / sum(weights.values()), 1)
    assert result.rubrics["heavy"].score.low == expected
    assert result.rubrics["heavy"].score.low != result.rubrics["four-freedoms"].score.low


def test_8_no_verdict_and_no_weight_is_kept_in_code() -> None:
    """Whatever a shipped rubric says can be changed in its file alone: it is data, with a hash in the result."""
    assert all(re.fullmatch(r"[0-9a-f]{64}", rubric.sha256) for rubric in load_rubrics())


# 9 -------------------------------------------------------------------------- gated


def test_9_a_gated_model_is_gated_and_its_licence_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = model(card="# Model\n", files=["LICENSE", *WEIGHTS], gated="manual", cardData={"license": "other"})
    store[f"models/{MODEL}/files/LICENSE"] = APACHE
    with HubDouble(store, tokens={"let-in": True}) as double:
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        ran = run("audit", MODEL, "--format", "json")
    assert ran.code == 0, ran.err
    result = Audit.model_validate_json(ran.out)
    assert result.evidence["access.gated"].value == "manual"
    assert result.evidence["license.weights"].value is None
    assert result.label == "unknown"
    assert any("LICENSE" in limit and "gated" in limit for limit in result.limits)


def test_9_a_gated_data_set_is_gated_not_missing(tmp_path: Path) -> None:
    store = {
        **model(cardData={"datasets": ["o/d"]}),
        **repository("datasets", "o/d", "words", ["a.parquet"], gated="auto"),
    }
    result = audit(store, tmp_path)
    assert [(one.id, one.status) for one in result.datasets] == [("o/d", "gated")]
