"""Licences by text. The texts here are written for the tests; real ones are read only where they are at hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openaudit.licenses import Reading, lookup, read
from openaudit.licenses.page import Page
from openaudit.licenses.prints import Library, fingerprint, parse, write
from openaudit.licenses.reading import read_page

# A licence nobody uses, registered in the tests as if it were the Zlib licence (an open one) or Gemma's (a closed).
TITLE = "The Garden Gate Public Terms"
SENTENCES = (
    "Whoever finds this gate open is welcome to walk through the garden at every hour of the day.",
    "Visitors may pick apples, plant seeds, move stones and draw maps of every path they have seen.",
    "A map that was drawn here may be copied and handed on to neighbours, strangers and passing birds.",
    "Every copy of a map shall name the gardener who drew it first and the year in which the drawing was made.",
    "The gardener promises neither sunshine nor ripe fruit, and the stones are as slippery as they look.",
    "Nobody owes a visitor anything for wet shoes, for lost hats or for time that was spent dreaming by the pond.",
)
TEXT = f"{TITLE}\n\n" + "\n\n".join(SENTENCES) + "\n"
OPEN, CLOSED = (Library([fingerprint(id, "copy", TEXT, optional=TITLE)]) for id in ("Zlib", "gemma"))


def garden(text: str, known: Library = OPEN) -> Reading:
    return read_page(Page(text), known)


def quoted(quote: str, text: str) -> bool:
    return " ".join(quote.split()) in " ".join(text.split())


# --------------------------------------------------------------------------- the same text in other clothes


def reflowed(text: str) -> str:
    return " ".join(text.split())


def wrapped(text: str) -> str:
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) > 34:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def as_html(text: str) -> str:
    body = "".join(f"<p>{p.replace(',', ',&nbsp;')}</p>" for p in text.split("\n\n"))
    return f"<!DOCTYPE html><html><head><style>p {{ x: y }}</style></head><body><div>{body}</div></body></html>"


def translated(text: str) -> str:
    return text.replace(TITLE, "Conditions publiques de la porte du jardin")


def commented(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.split("\n"))


def starred(text: str) -> str:
    return "/*\n" + "\n".join(f" * {line}" for line in text.split("\n")) + "\n */"


def shouted(text: str) -> str:
    return text.upper()


def signed(text: str) -> str:
    return "Copyright (c) 2024 Ada Lovelace <ada@example.org>\nAll rights reserved.\n\n" + text


def numbered(text: str) -> str:
    title, *rest = text.strip().split("\n\n")
    return f"# **{title}**\n\n" + "\n\n".join(f"{n}. {p}" for n, p in enumerate(rest, 1))


DRESSES = [reflowed, wrapped, as_html, translated, commented, starred, shouted, signed, numbered]


@pytest.mark.parametrize("dress", DRESSES)
def test_a_true_copy_is_exact(dress: Callable[[str], str]) -> None:
    reading = garden(dress(TEXT))
    assert (reading.how, reading.added, reading.missing) == ("exact", (), 0)
    assert reading.license == lookup("Zlib")


@given(st.lists(st.sampled_from(DRESSES), max_size=3))
def test_several_changes_of_dress_at_once(dresses: list[Callable[[str], str]]) -> None:
    text = TEXT
    for dress in dresses:
        text = dress(text)
    # HTML inside something else is no copy that anybody makes.
    if as_html not in dresses[:-1]:
        assert garden(text).license == lookup("Zlib")


# --------------------------------------------------------------------------- edited texts

LIMITS = [
    ("non-commercial", "The garden may only be used for non-commercial purposes."),
    ("non-commercial", "You may not use the maps for commercial purposes."),
    ("use-restriction", "You shall not use the garden for any military purpose."),
    ("user-threshold", "If you have more than 700 million monthly active users, you must request a license from us."),
    ("territory", "This license does not apply in the European Union."),
    ("output-restriction", "You will not use the output of the garden to improve any other model."),
    ("naming", "You shall include “Garden” at the beginning of any such model name."),
    ("branding", "You shall prominently display “Built with Garden” on the user interface of such product."),
    ("remote-restriction", "We reserve the right to restrict (remotely or otherwise) usage of the garden."),
    ("termination", "We may terminate this license at any time, with or without cause."),
    ("no-redistribution", "You may not redistribute the maps."),
]


@pytest.mark.parametrize(("kind", "limit"), LIMITS)
@pytest.mark.parametrize("place", [0, 3, 6])
def test_an_added_limit_closes_an_open_licence(kind: str, limit: str, place: int) -> None:
    sentences = [*SENTENCES[:place], limit, *SENTENCES[place:]]
    text = f"{TITLE}\n\n" + "\n\n".join(sentences)
    reading = garden(text)
    assert reading.how == "edited"
    assert reading.license is not None
    assert reading.license.id == "Zlib (edited)"
    assert reading.license.open is False
    assert kind in {clause.kind for clause in reading.added}
    added = next(clause for clause in reading.added if clause.kind == kind)
    assert quoted(added.quote, text)
    assert text.split("\n")[added.line - 1].startswith(limit[:20])
    assert kind in {restriction.kind for restriction in reading.license.restrictions}


def test_what_cannot_be_judged_leaves_it_unknown() -> None:
    reading = garden(TEXT + "\nUse by governments is strictly excluded.\n")
    assert reading.how == "edited"
    assert reading.license is not None
    assert reading.license.open is None
    assert reading.license.use is None
    assert [clause.kind for clause in reading.added] == ["added"]


@pytest.mark.parametrize(
    "harmless",
    [
        "Copyright 2024 The Gardeners",
        "Version of the spring of 2024",
        "The maps are provided as is, without warranty of any kind.",
        "See https://garden.example/terms for the newest copy.",
    ],
)
def test_names_dates_and_warranties_change_nothing(harmless: str) -> None:
    assert garden(f"{TEXT}\n{harmless}\n").license == lookup("Zlib")


@given(st.integers(0, len(SENTENCES) - 1), st.sampled_from(DRESSES))
def test_a_sentence_taken_out_is_noticed(gone: int, dress: Callable[[str], str]) -> None:
    kept = [sentence for number, sentence in enumerate(SENTENCES) if number != gone]
    reading = garden(dress(f"{TITLE}\n\n" + "\n\n".join(kept)))
    assert reading.how == "edited"
    assert reading.missing == 1
    assert reading.license is not None
    assert reading.license.open is None


@given(
    st.sampled_from(LIMITS), st.integers(0, len(SENTENCES)), st.sampled_from([reflowed, wrapped, as_html, translated])
)
def test_an_added_limit_is_found_in_any_dress(limit: tuple[str, str], place: int, dress: Callable[[str], str]) -> None:
    text = f"{TITLE}\n\n" + "\n\n".join([*SENTENCES[:place], limit[1], *SENTENCES[place:]])
    reading = garden(dress(text))
    assert reading.license is not None
    assert reading.license.open is False


def test_a_first_sentence_is_no_title() -> None:
    reading = garden(f"Use by governments is excluded.\n\n{TEXT}")
    assert reading.license is not None
    assert reading.license.open is None


def test_a_word_slipped_into_a_grant_is_noticed() -> None:
    text = TEXT.replace("may be copied and handed on to", "may not be copied and handed on to")
    reading = garden(text)
    assert reading.how == "edited"
    assert reading.license is not None
    assert reading.license.open is not True


def test_a_closed_licence_stays_what_it_is_when_names_change() -> None:
    reading = garden(TEXT + "\nThe gate must be shut at night.\n", CLOSED)
    assert reading.how == "edited"
    assert reading.license == lookup("gemma")


def test_a_new_kind_of_limit_is_added_to_a_closed_licence() -> None:
    reading = garden(TEXT + "\nThe garden may only be used for non-commercial purposes.\n", CLOSED)
    assert reading.license is not None
    assert reading.license.id == "gemma (edited)"
    assert {clause.kind for clause in reading.license.restrictions} > {"non-commercial"}


def test_a_text_that_lacks_much_of_a_closed_licence_is_not_accused_of_it() -> None:
    assert garden(f"{TITLE}\n\n" + "\n\n".join(SENTENCES[:3]), CLOSED).license is None


def test_half_a_text_with_its_title_only_names_the_licence() -> None:
    text = TEXT.replace(TITLE, "zlib License")
    known = Library([fingerprint("Zlib", "garden", text)])
    reading = garden("\n\n".join(text.split("\n\n")[:3]), known)
    assert reading.how == "named"
    assert reading.license == lookup("Zlib")


SECOND = "\n\n".join(
    (
        "Behind the orchard stands a second gate that was painted blue by three sisters in a very cold winter.",
        "It may be opened, repainted, taken off its hinges and carried away by whoever has two strong friends.",
        "The sisters ask that their three names stay on the back of the gate wherever it is carried to.",
    )
)


def test_several_whole_licences_in_one_file_all_hold() -> None:
    both = Library([fingerprint("Zlib", "garden", TEXT), fingerprint("MIT", "gate", SECOND)])
    reading = garden(f"{TEXT}\n{SECOND}\n", both)
    assert reading.how == "exact"
    assert reading.license is not None
    assert (reading.license.id, reading.license.open) == ("MIT AND Zlib", True)


def test_which_of_several_licences_holds_is_not_guessed() -> None:
    both = Library([fingerprint("Zlib", "garden", TEXT), fingerprint("cc-by-nc-4.0", "gate", SECOND)])
    reading = garden(f"{TEXT}\n{SECOND}\n", both)
    assert reading.license is None or reading.license.open is None


def test_fingerprints_survive_being_written() -> None:
    known = fingerprint("Zlib", "garden", TEXT, optional=SENTENCES[-1])
    assert parse(write([known])) == [known]
    assert garden("\n\n".join(TEXT.strip().split("\n\n")[:-1]), Library([known])).how == "exact"


def test_fingerprints_hold_no_words() -> None:
    assert not {word.lower() for word in SENTENCES[0].split() if len(word) > 4} & set(
        write(OPEN.prints).lower().split()
    )


# --------------------------------------------------------------------------- named, or not recognised


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ('Licensed under the Apache License, Version 2.0 (the "License"); see the file LICENSE.', "Apache-2.0"),
        ("This work is licensed under a Creative Commons Attribution 4.0 International License.", "CC-BY-4.0"),
        ("Licensed under [CC BY-NC 4.0](https://creativecommons.org/licenses/by-nc/4.0/).", "CC-BY-NC-4.0"),
        ("Shared under a Creative Commons Attribution-NonCommercial 4.0 International License.", "CC-BY-NC-4.0"),
        ("Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright © Meta Platforms, Inc.", "llama3.1"),
        ("Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms", "gemma"),
        ("SPDX-License-Identifier: MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("license: apache-2.0", "Apache-2.0"),
        ("MIT License", "MIT"),
        ("Ce modèle est distribué sous licence Apache 2.0.", "Apache-2.0"),
        ("Falcon 180B TII License\n\nSee the website for the terms.", "falcon-180b"),
    ],
)
def test_a_short_notice_names_its_licence(text: str, id: str) -> None:
    reading = read(text)
    assert reading.how == "named"
    assert reading.license is not None
    assert reading.license.id == id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t\n",
        "This model is provided under a limited license. Contact us.",
        "A limited license is granted to permit reading.",
        "All rights reserved.",
        "This model is not licensed under the MIT license.",
        "The code is licensed under MIT. The weights are released under CC-BY-NC-4.0.",
        "This license would be compatible with files covered by the GNU General Public License.",
        "We love the community and the Apache helicopters.",
    ],
)
def test_what_is_no_licence_is_not_recognised(text: str) -> None:
    reading = read(text)
    assert (reading.license, reading.how) == (None, "unrecognised")


def test_a_long_text_that_mentions_a_licence_is_not_it() -> None:
    story = " ".join(
        f"On day {n} the gardeners walked along the wall and counted the snails they met." for n in range(40)
    )
    assert read(f"{story} The weights are licensed under the Llama 3.1 Community License. {story}").license is None


def test_a_stub_that_limits_is_not_the_licence_it_names() -> None:
    reading = read("MIT License\n\nYou may use this for non-commercial purposes only.")
    assert reading.how == "named"
    assert reading.license is not None
    assert (reading.license.id, reading.license.open) == ("MIT (edited)", False)


# --------------------------------------------------------------------------- clauses


@pytest.mark.parametrize(("kind", "sentence"), LIMITS)
def test_limits_are_found_in_texts_of_any_kind(kind: str, sentence: str) -> None:
    text = f"Some terms.\n\nBe welcome.\n{sentence}\nBe kind.\n"
    reading = read(text)
    assert reading.license is None
    found = {clause.kind: clause for clause in reading.clauses}
    assert kind in found
    assert quoted(found[kind].quote, text)


@pytest.mark.parametrize(
    "sentence",
    [
        "This license does not restrict commercial use.",
        "You may use the model for commercial and non-commercial purposes.",
        "Nothing in this license limits what you may use the model for.",
        "The name of the author must not be used to endorse or promote products derived from this software.",
        "You may not use this file except in compliance with the License.",
        "If you do not agree to these terms, do not use or redistribute the software.",
        "We may terminate this agreement if you breach it.",
        "In no event shall the authors be liable for any commercial damages or losses.",
        "By using the model, you agree to comply with all applicable law.",
        "There are 100 million users of this model.",
    ],
)
def test_what_only_looks_like_a_limit_is_none(sentence: str) -> None:
    assert read(sentence).clauses == ()


def test_a_list_of_forbidden_uses_hangs_on_its_first_line() -> None:
    text = "You will not, and will not permit others to:\n\na. use the model for military purposes;\n\nb. sleep.\n"
    assert {clause.kind for clause in read(text).clauses} == {"use-restriction"}


def test_quotes_are_short_and_at_their_line() -> None:
    text = "\n" * 6 + "The model may only be used for non-commercial purposes, " + "and so on " * 80 + "."
    clause = read(text).clauses[0]
    assert clause.line == 7
    assert len(clause.quote) <= 300
    assert quoted(clause.quote, text)
    assert not clause.quote.endswith(("an", "o", "s"))


# --------------------------------------------------------------------------- whatever comes


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=2000))
def test_no_text_makes_it_fail(text: str) -> None:
    for clause in read(text).clauses:
        assert clause.line >= 1
        assert len(clause.quote) <= 300


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*SENTENCES, *(limit for _, limit in LIMITS), "<p>", "&amp;", "1.", "\n\n", "license"]))
)
def test_no_mixture_makes_it_fail(pieces: list[str]) -> None:
    text = " ".join(pieces)
    for clause in (*garden(text).clauses, *garden(text).added):
        assert clause.line <= text.count("\n") + 1


@pytest.mark.parametrize(
    "unit",
    [
        "<a ",
        "<p><script ",
        "You may not use ",
        "may not: ",
        "1. ",
        "copyright (c) 2020 ",
        "&amp;",
        "in no event shall ",
        "solely for research only ",
        'prominently display "a ',
        "licensed under the ",
        "a",
        "\n",
        "@a",
        SENTENCES[0] + " ",
    ],
)
def test_the_time_it_takes_grows_with_the_text_alone(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        best = 9.0
        for _ in range(2):
            begin = time.perf_counter()
            garden(text)
            best = min(best, time.perf_counter() - begin)
        return best

    small, large = seconds(1 << 13), seconds(1 << 16)
    # Eight times the text; the slack is for the machine. Quadratic would be 64 times.
    assert large < 24 * small + 0.05


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
