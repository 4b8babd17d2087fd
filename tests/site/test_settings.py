"""A site's configuration: what is wrong is told with file, line and key, and no colour makes a page unreadable."""

from __future__ import annotations

from pathlib import Path

import pytest

from openaudit.errors import SiteError
from openaudit.site import settings

CRITERIA = {"full-data/naming", "four-freedoms/use"}


def load(folder: Path, text: str, name: str = settings.FILE) -> settings.Settings:
    (folder / name).write_text(text, encoding="utf-8")
    return settings.load(folder / name, CRITERIA)


RESPONSE = '[[responses]]\nmodel = "a/b"\ntext = "x"\nauthor = "y"\ndate = 2026-01-01\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "x"\nlgoo = "x.png"\n', ":2: lgoo: there is no such key here (did you mean 'logo'?)"),
        ('url = "http://example.org"\n', ":1: url: a link is wanted that begins with https://"),
        ('\nurl = "https://example.org/?a"\n', "without ? and #"),
        ('title = { english = "y" }\n', ":1: title: 'english' is no code of a language, such as en"),
        ('operator = { name = "x", contact = "javascript:hit()" }\n', ":1: operator.contact: an address of mail"),
        ('[colours.light]\nlink = "red"\n', ":2: colours.light.link: a colour such as #1c4e7e is wanted, not 'red'"),
        ('[colours.light]\nlink = "#bbbbbb"\n', ":2: colours.light.link: link on paper has a contrast of 1.9 to 1"),
        ('[colours.dark]\npaper = "#ffffff"\n', ":2: colours.dark.paper: ink on paper has a contrast of"),
        ('logo = "none.png"\n', ":1: logo: none.png cannot be read: No such file"),
        ('logo = "openaudit-site.toml"\n', ":1: logo: openaudit-site.toml is no PNG, JPEG, GIF, WebP or SVG"),
        (RESPONSE + 'criterion = "full-data/namingx"\n', "'full-data/namingx' (did you mean 'full-data/naming'?)"),
        (RESPONSE + 'link = "javascript:hit()"\n', ":6: responses.0.link: a link is wanted"),
        (RESPONSE.replace("2026-01-01", '"yesterday"'), ":5: responses.0.date: a day is wanted, such as 2027-06-30"),
        ("title = \n", ":1: not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SiteError) as told:
        load(tmp_path, text)
    assert f"{tmp_path / settings.FILE}" in str(told.value)
    assert said in str(told.value)
    assert told.value.advice


def test_a_logo_is_part_of_the_page_and_can_run_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_text("<?xml version='1.0'?>\n<svg onload='hit()'/>")
    held = load(tmp_path, 'logo = "x.svg"\n').logo
    assert held is not None
    assert held.startswith("data:image/svg+xml;base64,")
    (tmp_path / "big.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(70_000))
    with pytest.raises(SiteError, match="larger than 64 KiB"):
        load(tmp_path, 'logo = "big.png"\n')


def test_a_project_may_hold_it_and_a_policy_beside_it(tmp_path: Path) -> None:
    from openaudit.auditing import load_rubrics
    from openaudit.policy import load as load_policy

    text = '[tool.openaudit.rules.r]\nrequire = { label = "open-weights" }\n[tool.openaudit.site]\ntitle = "x"\n'
    assert load(tmp_path, text, "pyproject.toml").title == {"": "x"}
    policy = load_policy(tmp_path / "pyproject.toml", load_rubrics())
    assert policy is not None
    assert [check.id for check in policy.checks] == ["r/label"]


def test_a_text_is_said_in_the_language_of_the_reader_or_in_what_there_is() -> None:
    assert settings.said({"en": "Hello", "fr": "Bonjour"}, "fr") == "Bonjour"
    assert settings.said({"": "Hello"}, "fr") == "Hello"
    assert settings.said({"fr": "Bonjour"}, "en") == "Bonjour"
    assert settings.said({}, "en") == ""
