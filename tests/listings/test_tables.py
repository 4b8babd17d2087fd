"""CSV, JSON, GitLab's report, and what people read: the terminal, the job summary, the annotations."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from openaudit.runfile import Document
from tests.listings import runs

ROOT = Path(__file__).resolve().parents[2]
RUNS = dict(runs.every_run())


# --------------------------------------------------------------------------- csv


def table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(runs.text_of("csv", RUNS[name]), newline=""), strict=True))


def test_csv_has_one_row_a_model_and_every_verdict() -> None:
    rows = table("real")
    for row, told in zip(runs.real().rows(), rows, strict=True):
        assert told["reference"] == row.named.reference
        if row.audit is None:
            assert told["failure"].startswith("NotFound: nobody/nothing")
            assert told["label"] == ""
            continue
        assert (told["label"], told["openwashing"]) == (row.audit.label, row.audit.openwashing.level)
        assert told["licence_in_force"] == row.audit.license.name
        freedoms = row.audit.role("freedoms")
        assert freedoms is not None
        assert told["freedom_use"] == freedoms.criteria["use"].outcome
        for id, rubric in row.audit.rubrics.items():
            assert told[f"rubric.{id}"] == rubric.verdict
            assert [told[f"rubric.{id}.low"], told[f"rubric.{id}.high"]] == [
                f"{rubric.score.low:g}",
                f"{rubric.score.high:g}",
            ]
    assert [(told["fails"], told["warns"]) for told in rows] == [
        ("0", "0"),
        ("1", "1"),
        ("0", "0"),
        ("0", "0"),
        ("0", "0"),
    ]
    assert "Exempt until 2027-05-01" in rows[3]["breaches"]


@pytest.mark.parametrize("name", RUNS)
def test_csv_is_rfc_4180(name: str) -> None:
    text = runs.text_of("csv", RUNS[name])
    head = next(csv.reader(io.StringIO(text, newline="")))
    assert len(set(head)) == len(head)
    assert re.fullmatch(r'(?:(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,(?:"(?:[^"]|"")*"|[^",\r\n]*))*\r\n)+', text)
    assert len({len(row) for row in csv.reader(io.StringIO(text, newline=""))}) == 1


@pytest.mark.parametrize("start", [*"=+-@", "\t=", "\r@", "\n+", " =", "\ufeff=", "＝", "\x00-"])
def test_no_cell_is_a_formula(start: str) -> None:
    for row in csv.reader(io.StringIO(runs.text_of("csv", runs.hostile(f'{start}HYPERLINK("x")')), newline="")):
        for cell in row:
            assert cell.lstrip(" \t\r\n\ufeff\x00")[:1] not in tuple("=+-@＝"), cell


# --------------------------------------------------------------------------- json


@pytest.mark.parametrize("name", RUNS)
def test_json_fits_its_schema_and_reads_back(name: str) -> None:
    text = runs.text_of("json", RUNS[name])
    fits = Draft202012Validator(json.loads((ROOT / "docs/run.schema.json").read_text(encoding="utf-8")))
    found = json.loads(text)
    assert [f"{error.json_path}: {error.message[:200]}" for error in fits.iter_errors(found)] == []
    read = Document.model_validate_json(text)
    assert len(read.models) == found["counts"]["models"] == sum(1 for _ in RUNS[name].rows())
    assert read.model_dump(mode="json", by_alias=True) == found


def test_json_keeps_every_value() -> None:
    read = Document.model_validate_json(runs.text_of("json", runs.real()))
    for row, model in zip(runs.real().rows(), read.models, strict=True):
        kept = (model.reference, model.places, model.audit, model.failure, model.breaches, model.asked)
        assert kept == (row.named.reference, row.named.places, row.audit, row.failure, row.breaches, row.asked)


def test_the_schema_of_a_run_refuses_what_is_none() -> None:
    fits = Draft202012Validator(json.loads((ROOT / "docs/run.schema.json").read_text(encoding="utf-8")))
    found = json.loads(runs.text_of("json", runs.real()))
    assert fits.is_valid(found)
    assert not fits.is_valid(found | {"schema": "openaudit.run/2"})
    for key in found:
        assert not fits.is_valid({name: value for name, value in found.items() if name != key}), key


# --------------------------------------------------------------------------- gitlab


@pytest.mark.parametrize("name", RUNS)
def test_code_quality_has_what_gitlab_asks_for(name: str) -> None:
    issues = json.loads(runs.text_of("codequality", RUNS[name]))
    assert len(issues) == sum(len(row.breaches) + bool(row.failure) for row in RUNS[name].rows())
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    for issue in issues:
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["lines"]["begin"] >= 1
        assert not issue["location"]["path"].startswith("/home")


def test_what_is_pardoned_is_only_information() -> None:
    issues = json.loads(runs.text_of("codequality", runs.real()))
    assert [issue["severity"] for issue in issues] == ["major", "minor", "major", "info", "info"]


# --------------------------------------------------------------------------- annotations


@pytest.mark.parametrize("name", RUNS)
def test_annotations_are_one_command_a_line(name: str) -> None:
    for line in runs.text_of("github", RUNS[name]).splitlines():
        command = r"::(error|warning|notice) ((file|line|col|title)=[^,:\r\n]*,?)+::[^\r\n]*"
        assert re.fullmatch(command, line) or re.fullmatch(r"\d+ more of the kind \w+ stand in the job summary\.", line)


def test_an_annotation_says_where_and_why() -> None:
    text = runs.text_of("github", runs.real())
    assert (
        "::error file=models.txt,line=2,col=3,title=deepseek-ai/DeepSeek-R1-Distill-Llama-8B%3A no-gated-data::"
        "data/one is gated.\n"
    ) in text
    assert [line.split()[0] for line in text.splitlines()] == [
        "::error",
        "::warning",
        "::error",
        "::notice",
        "::notice",
    ]


def test_annotations_escape_what_commands_are_made_of() -> None:
    breach = runs.GATED.__class__("a,b:c%", "fail", "", "100 %0A::error::x\r\n::stop-commands::y")
    row = runs.row(1, "a/b", file="d,e:f%.txt", audit=runs.audit(runs.SAMPLE[0]), breaches=(breach,))
    [line] = runs.text_of("github", runs.run_of([row])).splitlines()
    assert line == (
        "::error file=d%2Ce%3Af%25.txt,line=1,col=3,title=a/b%3A a%2Cb%3Ac%25::100 %250A::error::x ::stop-commands::y"
    )


def test_no_more_annotations_than_are_shown() -> None:
    rows = [runs.row(n, f"a/m{n}", failure=runs.FAILURE) for n in range(1, 26)]
    lines = runs.text_of("github", runs.run_of(rows)).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "15 more of the kind error stand in the job summary."


# --------------------------------------------------------------------------- for people


def test_the_summary_on_the_terminal() -> None:
    text = runs.text_of("text", runs.real())
    assert text.startswith("5 models, 4 audited, 1 not audited, 1 failing, 1 with warnings.\n")
    assert "held to openaudit.toml" in text
    assert "     3  Weights available\n" in text
    assert "  nobody/nothing  (models.txt:3)\n    audited: nobody/nothing: there is no such model" in text
    assert "    no-gated-data: data/one is gated.\n" in text
    assert "The exemption of x/y ran out" in text
    assert runs.SAMPLE[0] not in text  # nothing is wrong with it
    assert runs.SAMPLE[0] in runs.text_of("text", runs.bare())


def long(count: int) -> Any:
    audit = runs.audit(runs.SAMPLE[1])
    name = "very-long-name-" * 12
    return runs.run_of(
        (
            runs.row(n, f"{name}/{n}", audit=audit, breaches=(runs.GATED,) * 30)
            if n % 3
            else runs.row(n, f"{name}/{n}", failure=runs.FAILURE)
            for n in range(1, count + 1)
        ),
        policy="openaudit.toml",
        notices=("An exemption ran out. " * 20,) * 500,
    )


def test_the_summaries_are_bounded() -> None:
    run = long(3000)
    text = runs.text_of("text", run)
    assert len(text.splitlines()) < 250
    assert "… and 980 more" in text
    page = runs.text_of("markdown", run)
    assert 100_000 < len(page.encode()) <= 2**20 - 2**10
    for title in ("Not audited", "Fails", "Every model"):
        part = page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
        shown = len(re.findall(r"^(?:- \*\*|\| \[?very)", part, re.MULTILINE))
        [more] = re.findall(r"… and ([\d,]+) more, which would not fit here\.", part)
        assert shown + int(more.replace(",", "")) == {"Not audited": 1000, "Fails": 2000, "Every model": 3000}[title]


def test_the_job_summary_says_what_fails_and_what_would_mend_it() -> None:
    page = MarkdownIt("gfm-like", {"linkify": False}).render(runs.text_of("markdown", runs.real()))
    assert "<h2>Fails</h2>" in page
    assert 'data/one is gated. (<a href="https://example.org/a?b=%28c%29">seen here</a>)' in page
    step = runs.audit(runs.SAMPLE[1]).steps[0].text
    assert step in page
    assert page.count("<tr>") == 6
    assert "<td>MIT (its base: Llama 3.1 Community License Agreement)</td>" in page
    assert "Exempt until 2027-05-01, by ada@example.org: The product ends in May." in page


@pytest.mark.parametrize("name", RUNS)
def test_strangers_text_stays_text_in_markdown(name: str) -> None:
    page = runs.text_of("markdown", RUNS[name])
    reader = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
    tokens = list(reader.parse(page))
    kinds = {inner.type for token in tokens for inner in (token, *(token.children or ()))}
    assert not kinds & {"html_block", "html_inline", "image", "code_inline", "fence", "code_block"}, kinds
    headings = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    ours = {"How open are these models?", "Not audited", "Fails", "Warnings", "Known or exempt", "Every model"}
    assert set(headings) <= ours
    links = [inner.attrs["href"] for token in tokens for inner in token.children or () if inner.type == "link_open"]
    assert [link for link in links if not re.match(r"https?://[a-z]|#$", str(link))] == []
    rows = sum(token.type == "tr_open" for token in tokens)
    assert rows == (sum(1 for _ in RUNS[name].rows()) + 1 if rows else 0)
