"""The page: whole, valid, readable by everyone, and unable to do anything to whoever opens it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest

import openaudit
from openaudit import glossary
from openaudit.formats import html, registry
from openaudit.languages import dates
from openaudit.pages import text
from openaudit.pages.environment import TEMPLATES
from openaudit.pages.values import OFF, RUNGS
from openaudit.result import Audit
from tests.formats.hostile import PAYLOADS, full, poisoned

SAMPLE = (
    "allenai/OLMo-2-1124-7B",
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
    "meta-llama/Llama-3.1-8B",
    "bigscience/bloomz",
)


@cache
def sample(id: str) -> Audit:
    return openaudit.audit(id, snapshot="sample")


@cache
def page_of(name: str) -> str:
    return html.render(PAGES[name])


@cache
def tree_of(name: str) -> ElementTree.Element:
    return parse(page_of(name))


def parse(page: str) -> ElementTree.Element:
    """The page as browsers understand it; the first thing in it that is not HTML fails the test."""
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    found: ElementTree.Element = parser.parse(page)
    return found


def elements(tree: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return (one for one in tree.iter() if isinstance(one.tag, str))


def words(one: ElementTree.Element) -> str:
    return " ".join("".join(one.itertext()).split())


def every_page() -> Iterator[tuple[str, Audit]]:
    yield "full", full()
    yield "bare", bare()
    for name, payload in PAYLOADS.items():
        yield name, poisoned(payload)


def bare() -> Audit:
    """An audit with nothing in it but what must be there."""
    nothing: dict[str, Any] = dict.fromkeys(("claims", "lineage", "datasets", "steps", "limits"), ())
    return full().model_copy(update=nothing | {"rubrics": {}, "evidence": {}, "label": "unknown"})


PAGES = dict(every_page())


# --------------------------------------------------------------------------- whole


def test_it_registers_itself() -> None:
    assert registry()["html"].suffix == ".html"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_valid_html_and_the_same_each_time(name: str) -> None:
    tree_of(name)
    assert page_of(name) == html.render(PAGES[name])


@pytest.mark.parametrize("id", SAMPLE)
def test_a_real_model(id: str) -> None:
    audit = sample(id)
    page = html.render(audit)
    tree = parse(page)
    said = words(tree)
    assert len(page.encode()) < 300_000
    assert id.rpartition("/")[2] in said
    assert (RUNGS | OFF)[audit.label] in said
    for rubric in audit.rubrics.values():
        assert rubric.sha256 in said
        for criterion in rubric.criteria.values():
            assert text.clean(criterion.because, 400).strip() in said
    at = f"@{audit.subject.revision}" if audit.subject.revision else ""
    assert f"openaudit audit {id}{at} --format html" in said


def test_everything_an_audit_holds_is_on_the_page() -> None:
    audit = full()
    said = words(parse(html.render(audit)))
    hidden = [leaf for path, leaf in leaves(audit.to_dict()) if not shown(path, leaf) and leaf not in said]
    assert hidden == []


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    elif isinstance(value, str):
        yield path, value


def shown(path: str, leaf: str) -> bool:
    """What stands on the page in another form: as a shape, a date, a link, an anchor or a word of the page's own."""
    forms = (
        r"\.schema|\.summary|\.label|\.source$|url$|gathered|last_modified|\.outcome|possible|\.role|\.verdict$|\.level|"
        r"steps\.criteria|\.kind|claims|\.status|\.stage|\.form|relation|parent|\.(use|study|modify|share)$|"
        r"criteria\.\w+\.evidence|evidence\..*(value|fact)|change\.fact|maker|says|decided|note"
    )
    return bool(re.search(forms, path))


@pytest.mark.parametrize("label", [*RUNGS, *OFF])
def test_the_ladder_shows_where_the_model_stands(label: str) -> None:
    tree = parse(html.render(full().model_copy(update={"label": label})))
    ladder = next(one for one in elements(tree) if one.get("class", "").startswith("ladder"))
    lit = [words(rung) for rung in ladder if rung.get("aria-current") == "true"]
    assert lit == ([RUNGS[label]] if label in RUNGS else [])
    assert len(ladder) == 4
    big = [words(one) for one in elements(tree) if one.tag == "strong"]
    assert big[0] == (RUNGS | OFF)[label]


def test_what_cannot_be_told_shows_what_is_possible() -> None:
    audit = full()
    head = audit.rubrics["ladder"].model_copy(update={"possible": ("open-weights", "weights-available")})
    page = html.render(audit.model_copy(update={"label": "unknown", "rubrics": audit.rubrics | {"ladder": head}}))
    assert page.count('<li class="possible">') == 2


def test_a_circle_of_ancestors_is_cut() -> None:
    audit = full()
    first, *_ = audit.lineage
    circle = (
        first.model_copy(update={"id": "a/a", "parent": "b/b"}),
        first.model_copy(update={"id": "b/b", "parent": "a/a"}),
        first.model_copy(update={"id": "c/c", "parent": "c/c"}),
        first.model_copy(update={"id": "d/d", "parent": audit.subject.id}),
    )
    assert "d/d" in html.render(audit.model_copy(update={"lineage": circle}))


# --------------------------------------------------------------------------- harmless


@pytest.mark.parametrize("name", PAGES)
def test_nothing_in_it_can_run_load_or_send(name: str) -> None:
    tree = tree_of(name)
    for one in elements(tree):
        assert one.tag not in {"script", "iframe", "object", "embed", "img", "form", "base", "video", "audio", "input"}
        for attribute, value in one.attrib.items():
            assert not attribute.startswith("on"), (one.tag, attribute)
            assert attribute not in {"style", "src", "srcset", "action", "formaction", "ping", "target"}, attribute
            if attribute == "href" and one.tag == "a":
                assert re.match(r"https?://[a-z0-9.-]+(:\d+)?([/?#]|$)|#[a-z0-9-]+$", value, re.IGNORECASE), value
            elif attribute == "href":
                assert value.startswith(("#m-", "data:image/svg+xml,")), value
    assert len([one for one in elements(tree) if one.tag == "style"]) == 1


@pytest.mark.parametrize("name", PAGES)
def test_nothing_in_it_is_unseen(name: str) -> None:
    unseen = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
    assert unseen.findall(page_of(name)) == []


def test_the_policy_names_the_one_style_sheet() -> None:
    tree = tree_of("full")
    policy = next(one.get("content", "") for one in elements(tree) if one.get("http-equiv"))
    style = next(one.text or "" for one in elements(tree) if one.tag == "style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style
    assert "@import" not in style
    assert "</" not in style


def test_templates_let_nothing_through_and_name_no_rubric(root: Path) -> None:
    rubrics = [path.stem for path in (root / "rubrics").glob("*.yaml") if "-" in path.stem]
    for template in TEMPLATES.glob("*.j2"):
        source = template.read_text(encoding="utf-8")
        assert "safe" not in re.findall(r"\|\s*(\w+)", source), template.name
        assert "autoescape" not in source
        assert [id for id in rubrics if id in source] == [], template.name


# --------------------------------------------------------------------------- readable


@pytest.mark.parametrize("name", PAGES)
def test_its_parts_are_named_and_in_order(name: str) -> None:
    tree = tree_of(name)
    all_of = list(elements(tree))
    levels = [int(one.tag[1]) for one in all_of if re.fullmatch(r"h[1-6]", one.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert name == "empty" or all(
        words(one) for one in all_of if re.fullmatch(r"h[1-6]|a|button|summary|caption|th", one.tag)
    )
    assert [one.tag for one in all_of if one.tag in ("main", "header", "nav", "footer")].count("main") == 1
    for table in (one for one in all_of if one.tag == "table"):
        assert table.find("caption") is not None
        assert all(cell.get("scope") for cell in table.iter("th"))
    ids = [one.get("id") for one in all_of if one.get("id")]
    assert len(ids) == len(set(ids))
    for one in all_of:
        for attribute in ("href", "popovertarget", "aria-labelledby"):
            to = one.get(attribute, "")
            if attribute != "href" or to.startswith("#"):
                assert not to or to.removeprefix("#") in ids, to


def palettes() -> dict[str, dict[str, str]]:
    css = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    light, dark, paper = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block)) for block in blocks)
    return {"light": light, "dark": dark, "paper": paper}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", ["light", "dark", "paper"])
def test_contrast_is_enough(palette: str) -> None:
    colours = palettes()[palette]
    for front in ("ink", "soft", "link", "met", "partial", "unmet", "unknown"):
        for back in ("paper", "wash", *(["quote"] if front in ("ink", "soft") else [])):
            one, two = sorted((luminance(colours[front]), luminance(colours[back])))
            assert (two + 0.05) / (one + 0.05) >= 4.5, (front, back)


def test_no_outcome_is_told_by_colour_alone() -> None:
    tree = tree_of("full")
    outcomes = [one for one in elements(tree) if one.get("class", "").startswith("outcome o-")]
    assert len({one.get("class") for one in outcomes}) == 6
    for one in outcomes:
        assert words(one)
        assert any(part.tag.endswith("}use") for part in one.iter())


def test_every_word_of_ours_can_be_translated() -> None:
    markup = re.compile(
        r'{#.*?#}|{%.*?%}|{{.*?}}|<svg.*?</svg>|<b translate="no">openaudit</b>|<!doctype html>|</?\w[^>]*>', re.DOTALL
    )
    for template in TEMPLATES.glob("*.j2"):
        source = template.read_text(encoding="utf-8")
        loose = re.findall(r"[^\W\d_]+", markup.sub(" ", source))
        assert loose == [], template.name
        named = "|no-referrer|light dark|website|summary|summary_large_image|600|315"
        for attribute in re.findall(r'(?:aria-label|title|alt|content)="([^"]*)"', source):
            assert "{{" in attribute or re.match(f"{named}$|width=", attribute), attribute


def test_terms_are_explained_where_they_stand() -> None:
    tree = tree_of("full")
    used = {one.get("popovertarget") for one in elements(tree) if one.tag == "button"}
    explained = {one.get("id"): words(one) for one in elements(tree) if one.get("popover") is not None}
    assert used <= explained.keys()
    for id, said in explained.items():
        assert id is not None
        assert glossary.terms()[id.removeprefix("w-")].text in said


# --------------------------------------------------------------------------- strangers' text


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"),
        *("//evil.example", "https://", "https:///x", "http://[::1", "", None, "https://a.example/" + "x" * 3000),
        *("https://user:pass@evil.example/", "https://huggingface.co@evil.example", "https://exa mple.org"),
        *("https://exa\u202emple.org", "https://xn\u2013.example", "https://\u0440aypal.com/"),
        *("ht\ntps://example.org", " https://example.org", "https://example.org/\x00"),
    ],
)
def test_addresses_that_may_not_be_followed(url: str | None) -> None:
    assert text.href(url) is None


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        ("https://huggingface.co/a/b", "https://huggingface.co/a/b"),
        ("http://127.0.0.1:8080/x?y=1#z", "http://127.0.0.1:8080/x?y=1#z"),
        ("HTTPS://Example.org/A", "HTTPS://Example.org/A"),
        ('https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"),
        ("https://example.org/données", "https://example.org/donn%C3%A9es"),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
    ],
)
def test_addresses_that_may(url: str, followed: str) -> None:
    assert text.href(url) == followed


def test_what_is_unseen_is_named_and_what_is_endless_is_cut() -> None:
    assert text.clean("a\u202eb\x00\x1b[31m\ud800") == "a[U+202E]b[U+0000][U+001B][31m[U+D800]"
    assert text.clean("one\n\t two\u2028three") == "one two three"
    assert text.clean("می\u200cخواهم") == "می\u200cخواهم"
    assert len(text.clean("x" * 10_000)) == text.LONGEST
    assert text.clean("\U0001ffff") == "[U+1FFFF]"
    assert text.clean("\U0001f600") == "\U0001f600"


def test_sentences_begin_with_a_capital_unless_they_begin_with_a_name() -> None:
    assert text.sentence("the page says so") == "The page says so."
    assert text.sentence("openai/gpt is there") == "openai/gpt is there."
    assert text.sentence("Done!") == "Done!"
    assert text.sentence("") == ""


def test_days_are_read_in_utc_and_what_is_no_day_is_left_alone() -> None:
    assert dates.date("2026-11-22T23:30:00-05:00") == "23 November 2026"
    assert dates.date("2026-11-22") == "22 November 2026"
    assert dates.date("yesterday") == "yesterday"
    assert dates.date(None) is None
    assert dates.machine_date("2026-11-22T10:00:00Z") == "2026-11-22T10:00:00Z"
    assert dates.machine_date("9999-12-31T23:59:59-23:59") is None


def test_a_line_is_linked_where_the_page_can_show_it() -> None:
    hub = "https://huggingface.co/a/b/blob/0/README.md"
    assert text.at_line(hub, "README.md", 12) == f"{hub}?code=true#L12"
    assert text.at_line("https://github.com/a/b/blob/0/x.py", "x.py", 3) == "https://github.com/a/b/blob/0/x.py#L3"
    assert (
        text.at_line("https://github.com/a/b/blob/0/x.md", "x.md", 3) == "https://github.com/a/b/blob/0/x.md?plain=1#L3"
    )
    assert text.at_line("https://example.org/", "x", 3) == "https://example.org/"
    assert text.at_line(hub, "README.md", None) == hub


def test_the_command_can_be_pasted() -> None:
    assert text.command("openaudit", "audit", "a; rm -rf ~") == "openaudit audit 'a; rm -rf ~'"
    assert text.slug("Ünï/code <b>") == "uni-code-b"
    assert text.slug("数据") == "x"
