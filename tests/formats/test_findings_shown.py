"""What weighs most stands on the page as a finding, with the words it was found in."""

from __future__ import annotations

import re
from html import unescape

import pytest

from openaudit.auditing import judge, load_rubrics
from openaudit.formats import registry
from tests.casefiles import snapshot_of

CHILD = {
    "metadata": {"license": "apache-2.0", "base_model": "other/base", "datasets": ["lost/set", "shut/set"]},
    "card": "# Model\n\nLicense: Apache-2.0 license under the condition that it is not used to compete\n\n"
    "The training data has not been released.\n",
    "gated": "manual",
}
SAYS = {
    "model": CHILD,
    "models": {"other/base": {"metadata": {"license": "llama3.1"}}},
    "datasets": {"lost/set": "missing", "shut/set": {"gated": "auto"}},
}


@pytest.fixture(scope="module")
def words() -> str:
    page = registry()["html"].render(judge(snapshot_of(SAYS), load_rubrics()))
    page = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize(
    ("says", "quote"),
    [
        ("say different things of the licence", "under the condition that it is not used to compete"),
        ("training data are not released", "The training data has not been released."),
        ("It is not on the Hub (any more)", "- lost/set"),
        ("The maker decides who may download", ""),
        ("accept conditions, to download it", "shut/set"),
    ],
)
def test_a_finding_stands_on_the_page_with_its_quote(words: str, says: str, quote: str) -> None:
    assert says in words
    assert quote in words


def test_laundering_stands_on_the_page() -> None:
    says = {"model": {"metadata": {"license": "mit", "base_model": "other/base"}}, "models": SAYS["models"]}
    page = unescape(registry()["html"].render(judge(snapshot_of(says), load_rubrics())))
    assert "promises more than a model it was made from allows" in page
    assert "license: mit" in page
    assert "llama3.1" in page
