"""``openaudit policy`` and ``openaudit audit --policy``, as a shell drives them, with real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openaudit.policy import FILE, starter
from tests.commands import run

SAMPLE = ("--snapshot", "sample")
OLMO = "allenai/OLMo-2-1124-7B"
GEMMA = "google/gemma-3-4b-it"
COMMAND_R = "CohereForAI/c4ai-command-r-v01"
RULES = """\
[rules.usable]
about = "For our product."
except = ["openai/*"]
require.label = "open-weights"
licenses.deny = ["CC-BY-NC-*"]
[rules.known]
level = "warn"
forbid."access.gated" = ["auto", "manual"]
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def exempt(until: str, model: str = COMMAND_R, rule: str = "usable") -> str:
    return f'[[exemptions]]\nmodel = "{model}"\nrule = "{rule}"\nreason = "A test."\nauthor = "ada"\nuntil = {until}\n'


# --------------------------------------------------------------------------- init, check, show


def test_init_writes_a_policy_that_is_right_and_never_over_another() -> None:
    ran = run("policy", "init")
    assert (ran.code, ran.out, ran.err) == (0, "", "wrote openaudit.toml\n")
    assert Path(FILE).read_text(encoding="utf-8") == starter()
    assert run("policy", "check").code == 0
    Path(FILE).write_text("mine")
    ran = run("policy", "init")
    assert (ran.code, Path(FILE).read_text()) == (2, "mine")
    assert ran.err.startswith("openaudit: openaudit.toml: is there already — ")
    assert run("policy", "init", "--force").code == 0
    assert Path(FILE).read_text(encoding="utf-8") == starter()


def test_init_takes_a_path_or_a_folder(tmp_path: Path) -> None:
    assert run("policy", "init", "deep/ours.toml").code == 0
    assert run("policy", "init", "deep").code == 0
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == [FILE, "ours.toml"]
    assert run("policy", "init", "deep/ours.toml/x").code == 2


def test_init_never_writes_over_a_project(tmp_path: Path) -> None:
    Path("pyproject.toml").write_text("mine")
    for args in ([], ["--force"]):
        assert run("policy", "init", "pyproject.toml", *args).code == 2
        assert Path("pyproject.toml").read_text() == "mine"


def test_check_says_what_is_right_and_what_ran_out() -> None:
    Path(FILE).write_text(RULES + exempt("2001-01-01"))
    ran = run("policy", "check")
    assert (ran.code, ran.out) == (0, "openaudit.toml: right — 2 rules, 3 demands, 1 exemption\n")
    said = f"openaudit.toml: the exemption of {COMMAND_R} from usable ran out on 2001-01-01, and counts no more"
    assert ran.err == f"openaudit: {said}\n"


def test_check_says_what_is_wrong_in_one_line() -> None:
    Path("x.toml").write_text("[rules.r]\nrequire.label = 'open-weight'\n")
    ran = run("policy", "check", "x.toml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(
        "openaudit: x.toml:2: rules.r.require.label: it never comes to 'open-weight' (did you mean "
    )
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "args", [["check"], ["show"], ["check", "none.toml"], ["show", "--policy", "none.toml"], ["show", OLMO]]
)
def test_where_there_is_no_policy(args: list[str]) -> None:
    ran = run("policy", *args)
    assert (ran.code, ran.out) == (2, "")
    assert "openaudit policy init" in ran.err


def test_show_says_what_is_asked_of_whom() -> None:
    Path(FILE).write_text('baseline = "known.json"\n' + RULES + exempt("2099-01-01"))
    known = {"schema": "openaudit.baseline/1", "known": {GEMMA: ["usable/label"], OLMO: ["known/forbid/access.gated"]}}
    Path("known.json").write_text(json.dumps(known))
    everything, gemma, exempted, openai = (
        run("policy", "show", *a).out for a in ([], [GEMMA], [COMMAND_R], ["OpenAI/x"])
    )
    for text in (everything, gemma, exempted):
        assert "label is open-weights or better  [usable/label]" in text
        assert "for all models (but not openai/*); a breach fails, and so does what cannot be told" in text
    assert "usable" not in openai
    assert "a breach is a warning, and so is what cannot be told" in openai
    assert "For our product." in everything
    told = f"exempt until 2099-01-01: {COMMAND_R} from usable"
    assert [told in text for text in (everything, gemma, exempted, openai)] == [True, False, True, False]
    assert [text.count("known already") for text in (everything, gemma, exempted)] == [1, 1, 0]
    assert OLMO in everything
    assert OLMO not in gemma


def test_show_says_that_nothing_is_asked() -> None:
    Path(FILE).write_text('[rules.r]\nmodels = ["a/*"]\nrequire.label = "open-weights"\n')
    assert run("policy", "show", "b/c").out == "openaudit.toml asks nothing of b/c.\n"
    assert "r/label" in run("policy", "show", "https://huggingface.co/a/c/tree/main").out
    assert run("policy", "show", "no model at all").code == 2


def test_what_a_file_says_cannot_command_the_terminal() -> None:
    Path(FILE).write_text('[rules.r]\nabout = "\\u001b[31mred"\nrequire.label = "open-weights"\n')
    assert "\x1b" not in run("policy", "show").out


def test_a_policy_may_ask_about_a_rubric_of_ones_own(root: Path) -> None:
    own = (root / "rubrics" / "full-data.yaml").read_text(encoding="utf-8")
    Path("own.yaml").write_text(own.replace("id: full-data", "id: ours", 1).replace("role: data\n", ""))
    Path(FILE).write_text('[rules.r]\nrequire.ours = "open source"\n')
    assert run("policy", "check").code == 2
    assert run("policy", "check", "--rubric", "own.yaml").code == 0
    assert "ours is open source" in run("policy", "show", "--rubric", "own.yaml").out
    assert run("audit", OLMO, *SAMPLE, "--rubric", "own.yaml", "--policy", FILE).code == 0
    assert run("audit", GEMMA, *SAMPLE, "--rubric", "own.yaml", "--policy", FILE).code == 1


# --------------------------------------------------------------------------- audit --policy


@pytest.mark.parametrize(
    ("model", "code", "said"),
    [
        (OLMO, 0, []),
        (GEMMA, 1, ["broken: usable/label", "broken: usable/licenses/deny", "warning: known/forbid/access.gated"]),
        (COMMAND_R, 1, ["broken: usable/label", "broken: usable/licenses/deny", "warning: known/forbid/access.gated"]),
        ("openai/gpt-oss-20b", 0, []),
    ],
)
def test_audit_tells_what_is_broken_and_ends_with_1(model: str, code: int, said: list[str]) -> None:
    Path(FILE).write_text(RULES)
    without = run("audit", model, *SAMPLE, "--format", "json", "-o", "-")
    ran = run("audit", model, *SAMPLE, "--policy", FILE, "--format", "json", "-o", "-")
    assert (ran.code, ran.out) == (code, without.out)  # a policy changes no audit
    lines = ran.err.splitlines()
    assert [line.removeprefix("openaudit: openaudit.toml: ").rpartition(": ")[0] for line in lines] != [] or not said
    assert len(lines) == len(said)
    assert all(
        line.startswith(f"openaudit: openaudit.toml: {words}: ") for line, words in zip(lines, said, strict=True)
    )


def test_an_exemption_keeps_the_breach_in_sight_until_it_ends() -> None:
    Path(FILE).write_text(RULES + exempt("2099-01-01"))
    ran = run("audit", COMMAND_R, *SAMPLE, "--policy", FILE)
    assert ran.code == 0
    assert ran.err.count("exempt until 2099-01-01 (A test. — ada): usable/") == 2
    Path(FILE).write_text(RULES + exempt("2001-01-01"))
    ran = run("audit", COMMAND_R, *SAMPLE, "--policy", FILE)
    assert ran.code == 1
    assert "ran out on 2001-01-01" in ran.err


def test_an_exemption_that_is_not_needed_is_told_of_its_own_model_only() -> None:
    Path(FILE).write_text(RULES + exempt("2099-01-01", model=OLMO))
    assert "nothing needs the exemption" in run("audit", OLMO, *SAMPLE, "--policy", FILE).err
    assert "nothing needs" not in run("audit", "openai/gpt-oss-20b", *SAMPLE, "--policy", FILE).err


def test_what_is_known_does_not_fail_and_what_is_mended_is_told() -> None:
    Path(FILE).write_text('baseline = "known.json"\n' + RULES)
    rules = ["usable/label", "usable/licenses/deny"]
    known = {"schema": "openaudit.baseline/1", "known": {COMMAND_R: rules, OLMO: rules[:1]}}
    Path("known.json").write_text(json.dumps(known))
    ran = run("audit", COMMAND_R, *SAMPLE, "--policy", FILE)
    assert ran.code == 0
    assert ran.err.count("openaudit.toml: known: usable/") == 2
    ran = run("audit", OLMO, *SAMPLE, "--policy", FILE)
    assert (ran.code, ran.err) == (0, f"openaudit: {OLMO} keeps usable/label now: take it out of known.json\n")


def test_a_policy_that_is_wrong_is_told_before_anything_is_gathered(tmp_path: Path) -> None:
    Path(FILE).write_text("[rules.r]\n")
    ran = run("audit", OLMO, *SAMPLE, "--policy", FILE, "--record", "rec", "-o", "page.html")
    assert (ran.code, ran.out) == (2, "")
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_policy_that_nobody_named_changes_nothing() -> None:
    Path(FILE).write_text(RULES)
    assert run("audit", GEMMA, *SAMPLE).code == 0
