"""The documentation says what the code does. Mended with: python scripts/make_docs.py."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

import openaudit
from openaudit.cli import cli
from openaudit.formats import registry
from openaudit.judging.rubric import shipped
from openaudit.licenses import known
from openaudit.probes import vocabulary
from scripts import make_docs, make_screenshots

ROOT = Path(__file__).resolve().parent.parent
ADVICE = "run: python scripts/make_docs.py"


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def plain(name: str) -> str:
    """A page on one line, without the marks of quotes and emphasis."""
    return " ".join(re.sub(r"^> ?|\*\*", "", text(name), flags=re.MULTILINE).split())


# --------------------------------------------------------------------------- made from the code


@pytest.mark.parametrize("name", make_docs.PAGES)
def test_what_is_made_from_the_code_is_up_to_date(name: str) -> None:
    assert text(name) == make_docs.PAGES[name](), ADVICE


@pytest.mark.parametrize("page", [str(path.relative_to(ROOT)) for path in make_docs.written_by_hand()])
def test_examples_print_what_they_print(page: str) -> None:
    assert text(page) == make_docs.run_examples(text(page)), ADVICE


@pytest.mark.parametrize("name", make_docs.PAGES)
def test_a_file_made_from_the_code_says_so_at_its_top(name: str) -> None:
    assert "Do not edit" in "".join(text(name).splitlines()[:2])


def test_every_key_of_the_json_has_a_meaning() -> None:
    assert make_docs.undescribed() == []


# --------------------------------------------------------------------------- nothing is left out


def every_command(group: click.Group, path: str = "openaudit") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path} {name}")


def test_every_command_and_option_is_documented() -> None:
    page = text("docs/cli.md")
    commands = [(name, command) for name, command in every_command(cli) if not isinstance(command, click.Group)]
    parts = {name: page.partition(f"## `{name}`\n")[2].partition("\n## ")[0] for name, _ in commands}
    missing = [
        f"{name} {spelt}"
        for name, command in commands
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden
        for spelt in option.opts
        if f"`{spelt}`" not in parts[name]
    ]
    assert [name for name, part in parts.items() if not part] == []
    assert missing == []


def test_every_option_says_what_it_does() -> None:
    options = [(name, one) for name, command in every_command(cli) for one in command.params]
    assert [f"{name} {one.name}" for name, one in options if isinstance(one, click.Option) and not one.help] == []


def test_every_fact_rubric_licence_and_format_is_documented() -> None:
    missing = {
        "docs/facts.md": [fact for fact in vocabulary() if f"`{fact}`" not in text("docs/facts.md")],
        "docs/rubrics.md": [id for id in shipped() if f"`{id}`, version" not in text("docs/rubrics.md")],
        "docs/licenses.md": [one.id for one in known() if f"`{one.id}`" not in text("docs/licenses.md")],
        "docs/cli.md": [name for name in registry() if f"`{name}`" not in text("docs/cli.md")],
    }
    assert missing == {page: [] for page in missing}


def test_every_environment_variable_is_documented() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "openaudit").rglob("*.py"))
    read = set(re.findall(r"""environ(?:\.get\(|\[)\s*["']([A-Z_]+)["']""", code)) - {"_OPENAUDIT_COMPLETE"}
    in_readme = {name for name in read if f"`{name}`" in text("README.md")} | {"TERM"}
    assert read
    assert (read - set(make_docs.ENVIRONMENT), read - in_readme) == (set(), set())


def test_every_exit_code_is_documented() -> None:
    errors = [openaudit.OpenAuditError, *openaudit.OpenAuditError.__subclasses__()]
    codes = {0, 1, *(error.exit_code for error in errors)}
    in_readme = set(map(int, re.findall(r"^\| (\d) \|", text("README.md"), re.MULTILINE)))
    assert codes == set(make_docs.EXIT_CODES) == in_readme


def test_every_condition_is_in_the_tutorial() -> None:
    page = text("docs/writing-a-rubric.md")
    assert [name for name in make_docs.conditions.OPERATORS if not re.search(rf"\b{name}:", page)] == []


# --------------------------------------------------------------------------- what is written is so


def test_links_lead_somewhere() -> None:
    assert make_docs.dead_links() == []


def test_a_dead_link_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = "# One\n[a](#one) [b](#two) [c](gone.md) [d](https://x.org/) `[e](gone.md)`\n```\n[f](gone.md)\n```\n"
    (tmp_path / "a.md").write_text(page)
    monkeypatch.setattr(make_docs, "ROOT", tmp_path)
    assert make_docs.dead_links() == ["a.md: #two", "a.md: gone.md"]


def test_the_readme_quotes_what_is_said() -> None:
    for model in ("allenai/OLMo-2-1124-7B", "deepseek-ai/DeepSeek-R1-Distill-Llama-8B"):
        head = openaudit.audit(model, snapshot="sample").role("label")
        assert head is not None
        quoted = rf"{re.escape(model)}[^.]*: {head.verdict_title.lower()}\. {re.escape(head.because)}"
        assert re.search(quoted, plain("README.md"), re.IGNORECASE), (
            f"README: {model}: {head.verdict_title}. {head.because}"
        )


def test_the_readme_knows_every_label() -> None:
    titles = {level.title for rubric in make_docs.load_rubrics() if rubric.role == "label" for level in rubric.verdicts}
    assert {title for title in titles if f"\n| {title} |" not in text("README.md")} == set()


def test_make_knows_the_targets_that_are_named() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    pages = (path.read_text(encoding="utf-8") for path in make_docs.texts())
    named = {name for page in pages for name in re.findall(r"(?:^ {4}|`)make ([a-z]+)", page, re.MULTILINE)}
    assert named >= {"audit", "test"}
    assert named <= targets


def test_the_schema_fits_real_audits_and_nothing_less() -> None:
    schema = json.loads(text("docs/audit.schema.json"))
    Draft202012Validator.check_schema(schema)
    fits = Draft202012Validator(schema)
    for model in ("Qwen/Qwen2.5-72B-Instruct", "deepseek-ai/DeepSeek-R1-Distill-Llama-8B"):
        audit = json.loads(openaudit.audit(model, snapshot="sample").to_json())
        assert [f"{error.json_path}: {error.message}" for error in fits.iter_errors(audit)] == []
        assert not fits.is_valid(audit | {"schema": "openaudit.audit/2"})
        assert not fits.is_valid({key: value for key, value in audit.items() if key != "limits"})


def test_pictures_of_every_kind_of_page_are_there_shown_and_light() -> None:
    folder = ROOT / "docs" / "images"
    wanted = {
        f"{kind}-{window}-{scheme}.webp"
        for kind in make_screenshots.KINDS
        for window in make_screenshots.WINDOWS
        for scheme in make_screenshots.SCHEMES
    }
    assert {path.name for path in folder.iterdir()} == wanted
    assert all(path.read_bytes()[8:12] == b"WEBP" for path in folder.iterdir())
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_500_000
    shown = text("docs/screenshots.md") + text("README.md").replace("docs/images/", "images/")
    assert {name for name in wanted if f"images/{name}" not in shown} == set()
    assert all((ROOT / "reports" / path.partition("#")[0]).is_file() for path in make_screenshots.KINDS.values())
