"""The benchmark that measures agreement: its figures on examples computed by hand, its page, and a run without data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import agreement  # noqa: E402 - a script beside the package, found only after its folder is

SAMPLE = ROOT / "openaudit" / "sample"
PAGE = f"# Agreement\n\nBefore.\n\n{agreement.BEGIN}\n{agreement.END}\n\nAfter.\n"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    file = tmp_path / "labels.csv"
    file.write_text(
        "model,match,preprint,modelcard\n"
        "allenai/OLMo-2-1124-7B,exact,open,closed\n"
        "no-such-owner/no-such-model,exact,open,open\n",
        encoding="utf-8",
    )
    return file


def run(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / "agreement.py"), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, env={"PYTHONPATH": str(ROOT)})


def test_kappa_weighs_a_far_miss_four_times_a_near_one() -> None:
    assert agreement.kappa([0, 1, 2, 0, 1, 2], [0, 1, 2, 0, 1, 2]) == 1
    # Observed: (1 + 0 + 4) / 3. By chance (0, 1, 2 with 1, 1, 0): (1 + 1 + 0 + 0 + 0 + 1 + 1 + 1 + 4) / 9.
    assert agreement.kappa([0, 1, 2], [1, 1, 0]) == pytest.approx(1 - (5 / 3) / (9 / 9))
    assert agreement.kappa([1, 1], [1, 1]) == 0


def test_spearman_shares_ranks_among_equals() -> None:
    assert agreement.spearman([1, 2, 3], [10, 20, 90]) == pytest.approx(1)
    assert agreement.spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert agreement.spearman([1, 2, 2, 4], [1, 3, 2, 4]) == pytest.approx(0.9486832980505138)


def test_what_cannot_be_compared_is_counted(labels: Path) -> None:
    measured = agreement.measure(SAMPLE, labels, "osai-index")
    assert [cell[1:3] for cell in measured.pairs["preprint"].cells] == [("open", "open")]
    assert [cell[1] for cell in measured.pairs["modelcard"].cells] == ["closed"]
    assert len(measured.missing) == 1
    assert "no-such-owner/no-such-model" in measured.missing[0]


def test_the_overall_scores_are_compared_like_with_like_and_as_a_report_gives_them(tmp_path: Path) -> None:
    """The experts' mean over the cells they filled, beside the middle of our range over all twelve dimensions."""
    file = tmp_path / "labels.csv"
    file.write_text(
        "model,database,preprint,modelcard,paper\n"
        "allenai/OLMo-2-1124-7B,one,open,closed,\n"
        "google/gemma-3-4b-it,two,closed,partial,partial\n",
        encoding="utf-8",
    )
    measured = agreement.measure(SAMPLE, file, "osai-index")
    for model, experts in (("allenai/OLMo-2-1124-7B", 1 / 2), ("google/gemma-3-4b-it", 1 / 3)):
        score = measured.audits[model].rubrics["osai-index"].score
        assert measured.reports[model] == pytest.approx((experts, (score.low + score.high) / 2))
    assert measured.databases == {"one": {"allenai/OLMo-2-1124-7B"}, "two": {"google/gemma-3-4b-it"}}
    table = "\n".join(agreement._table(measured))
    assert "the middle of the range: rho" in table
    assert "only the 1 models judged in `one`" in table


def test_the_page_is_written_between_its_marks_and_checked(labels: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    assert run(SAMPLE, labels, "--write", page).returncode == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Agreement\n\nBefore.\n")
    assert text.endswith("After.\n")
    assert agreement.digest(SAMPLE) in text
    assert "| `preprint` | 1 | 0 | 1.00 |" in text
    checked = run(SAMPLE, labels, "--check", page)
    assert (checked.returncode, "says what was measured" in checked.stdout) == (0, True)
    page.write_text(text.replace("| `preprint` | 1 | 0 | 1.00 |", "| `preprint` | 1 | 0 | 0.99 |"), encoding="utf-8")
    checked = run(SAMPLE, labels, "--check", page)
    assert (checked.returncode, "out of step" in checked.stdout) == (1, True)


@pytest.mark.parametrize("missing", ["snapshot", "labels"])
def test_without_data_it_says_why_and_does_not_fail(missing: str, labels: Path, tmp_path: Path) -> None:
    absent = tmp_path / "absent"
    places = (absent, labels) if missing == "snapshot" else (SAMPLE, absent)
    result = run(*places, "--check", ROOT / "docs" / "agreement.md")
    assert result.returncode == 0
    assert f"Nothing measured: {absent} is not there" in result.stdout


def test_another_snapshot_is_not_held_against_the_page(labels: Path) -> None:
    result = run(SAMPLE, labels, "--check", ROOT / "docs" / "agreement.md")
    assert result.returncode == 0
    assert "was measured on another snapshot" in result.stdout
