"""The command line: every command and option, every exit code, and nothing left behind by a run that failed."""

from __future__ import annotations

import functools
import json
import os
import pty
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest

import openaudit
from openaudit.cli import cli
from openaudit.formats import registry
from openaudit.judging.rubric import shipped
from openaudit.requirements import LADDERS
from openaudit.result import Audit
from tests.commands import MODEL, model, process, python, run, slowness, start, write_snapshot
from tests.hubdouble import HubDouble

SAMPLE = ("--snapshot", "sample")
OLMO = "allenai/OLMo-2-1124-7B"
GEMMA = "google/gemma-3-4b-it"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lands in the working directory lands in an empty one."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


# --------------------------------------------------------------------------- what is printed


def test_the_summary_is_about_ten_lines_of_plain_text() -> None:
    ran = run("audit", OLMO, *SAMPLE)
    assert (ran.code, ran.err) == (0, "")
    assert 6 <= ran.out.count("\n") <= 12
    assert "\x1b" not in ran.out
    assert OLMO in ran.out.splitlines()[0]
    for word in ("What it is", "Freedoms", "Data", "It says", "Report"):
        assert word in ran.out


@pytest.mark.parametrize("name", sorted(registry()))
def test_each_format_is_printed_when_piped(name: str, tmp_path: Path) -> None:
    piped = run("audit", OLMO, *SAMPLE, "--format", name)
    dash = run("audit", OLMO, *SAMPLE, "--format", name, "-o", "-")
    filed = run("audit", OLMO, *SAMPLE, "--format", name, "-o", tmp_path / "x")
    assert (piped.code, piped.err) == (0, "")
    assert piped.out == dash.out == (tmp_path / "x").read_text(encoding="utf-8")
    assert (filed.out, filed.err) == ("", f"wrote {tmp_path / 'x'}\n")
    assert files(tmp_path) == ["x"]


@pytest.mark.parametrize("name", sorted(registry()))
def test_the_name_of_a_file_says_its_format(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{registry()[name].suffix.upper()}"
    ran = run("audit", OLMO, *SAMPLE, "-o", path)
    assert ran.code == 0
    assert "What it is" in ran.out, "the summary is printed beside a file"
    assert path.read_text(encoding="utf-8") == run("audit", OLMO, *SAMPLE, "--format", name).out


def test_the_summary_says_where_the_page_is(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert f"Report     {page}\n" in run("audit", OLMO, *SAMPLE, "-o", page).out


@pytest.mark.parametrize("folder", ["there", "new/", "new/deep/", "new"])
def test_several_formats_go_into_a_folder(folder: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    ran = run(
        "audit",
        f"{OLMO}@main",
        *SAMPLE,
        "--format",
        "html",
        "--format",
        "json",
        "--format",
        "html",
        "-o",
        f"{tmp_path}/{folder}",
    )
    assert (ran.code, ran.out) == (0, "")
    stem = f"{folder.rstrip('/')}/allenai--OLMo-2-1124-7B--main"
    assert files(tmp_path) == [f"{stem}.html", f"{stem}.json"]


def test_without_a_page_the_summary_says_how_to_make_it() -> None:
    """The same audit: from where it was read, by what it was judged."""
    made = run("audit", OLMO, *SAMPLE, "--rubric", "g7-openness", "--rubric", "mof").out.splitlines()[-1]
    assert (
        made == f"  Report     openaudit audit {OLMO} --snapshot sample --rubric g7-openness --rubric mof --format html"
    )


def test_a_folder_alone_gets_the_page(tmp_path: Path) -> None:
    run("audit", OLMO, *SAMPLE, "-o", f"{tmp_path}/pages/")
    assert files(tmp_path) == ["pages/allenai--OLMo-2-1124-7B.html"]


def test_several_formats_without_a_place_go_here(tmp_path: Path) -> None:
    ran = run("audit", OLMO, *SAMPLE, "--format", "html", "--format", "text", "--format", "json")
    assert "What it is" in ran.out
    assert files(tmp_path / "cwd") == ["allenai--OLMo-2-1124-7B.html", "allenai--OLMo-2-1124-7B.json"]


def test_open_opens_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    assert "What it is" in run("audit", OLMO, *SAMPLE, "--open").out
    assert opened == [(tmp_path / "cwd" / "allenai--OLMo-2-1124-7B.html").as_uri()]
    run("audit", OLMO, *SAMPLE, "--open", "-o", "here.html", "-q")
    assert opened[1:] == [(tmp_path / "cwd" / "here.html").as_uri()]
    monkeypatch.setattr("webbrowser.open", lambda url: False)
    ran = run("audit", OLMO, *SAMPLE, "--open", "--format", "json", "-o", "out/")
    assert (ran.code, files(tmp_path / "cwd" / "out")) == (
        0,
        ["allenai--OLMo-2-1124-7B.html", "allenai--OLMo-2-1124-7B.json"],
    )
    assert "no browser" in ran.err


def on_a_terminal(*args: str, env: dict[str, str] | None = None) -> str:
    """What a run shows on a terminal, both streams."""
    ours, theirs = pty.openpty()
    with start(*args, env={"TERM": "xterm", **(env or {})}, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        shown = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            shown += chunk
        child.wait(30)
    os.close(ours)
    return shown.decode()


def test_colours_and_progress_are_for_terminals_only() -> None:
    shown = on_a_terminal("audit", GEMMA, *SAMPLE)
    assert "\x1b[31m" in shown
    assert "looking at 1: model google/gemma-3-4b-it" in shown
    assert "looking" not in shown.rpartition("\r\x1b[K")[2], "the progress is wiped away"
    plain = on_a_terminal("audit", GEMMA, *SAMPLE, "--quiet", env={"NO_COLOR": "1"})
    assert "\x1b" not in plain
    assert "looking" not in plain
    assert "\x1b[3" not in on_a_terminal("audit", GEMMA, *SAMPLE, "-q", env={"TERM": "dumb"})


def test_a_page_is_not_poured_over_a_terminal(tmp_path: Path) -> None:
    assert "<html" not in on_a_terminal("audit", GEMMA, *SAMPLE, "--format", "html")
    assert files(tmp_path / "cwd") == ["google--gemma-3-4b-it.html"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_any_encoding_will_do(encoding: str) -> None:
    ran = run("audit", OLMO, *SAMPLE, encoding=encoding)
    assert ran.code == 0
    mark = "●" if encoding == "utf-8" else "[+]"
    assert f"{mark} use granted" in ran.out
    assert "?" not in ran.out, "a question mark means something here"
    for args in (["rubric", "show", "full-data"], ["license", "llama3.1"], ["explain", "weights"], ["rubric", "list"]):
        assert run(*args, encoding=encoding).code == 0
    assert run("license", "é●", encoding=encoding).code == 0


@pytest.mark.parametrize(
    "env", [{"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}]
)
def test_a_locale_without_unicode(env: dict[str, str]) -> None:
    ran = process("audit", OLMO, *SAMPLE, env=env)
    assert (ran.code, ran.err) == (0, "")
    assert "[+] use granted" in ran.out


def test_json_is_utf_8_whatever_the_terminal_speaks() -> None:
    expected = run("audit", OLMO, *SAMPLE, "--format", "json").out
    assert process("audit", OLMO, *SAMPLE, "--format", "json", env={"PYTHONIOENCODING": "ascii"}).out == expected
    Audit.model_validate_json(expected)


# --------------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    "args",
    [
        ["audit"],
        ["audit", "a/b", "c/d"],
        ["audit", "--nonsense", OLMO],
        ["audit", OLMO, *SAMPLE, "--format", "docx"],
        ["audit", OLMO, *SAMPLE, "-o", "report.docx"],
        ["audit", OLMO, *SAMPLE, "--format", "html", "--format", "json", "-o", "one.html"],
        ["audit", OLMO, *SAMPLE, "--format", "html", "--format", "json", "-o", "-"],
        ["audit", OLMO, *SAMPLE, "--open", "-o", "-"],
        ["audit", OLMO, *SAMPLE, "--format"],
        ["audit", "not a model", *SAMPLE],
        ["audit", "./nowhere", *SAMPLE],
        ["audit", OLMO, "--snapshot", "nowhere"],
        ["audit", OLMO, "--snapshot", "."],
        ["audit", OLMO, *SAMPLE, "--rubric", "nonsense"],
        ["audit", OLMO, *SAMPLE, "--require", "label"],
        ["audit", OLMO, *SAMPLE, "--require", "=x"],
        ["audit", OLMO, *SAMPLE, "--require", "label="],
        ["audit", OLMO, *SAMPLE, "--require", "label=opensource"],
        ["audit", OLMO, *SAMPLE, "--require", "nonsense=met"],
        ["audit", OLMO, *SAMPLE, "--require", "full-data=opensource"],
        ["audit", OLMO, *SAMPLE, "--require", "full-data/nonsense=met"],
        ["audit", OLMO, *SAMPLE, "--require", "full-data/naming=yes"],
        ["audit", OLMO, *SAMPLE, "--require", "openwashing=some"],
        ["audit", OLMO, *SAMPLE, "--require", "weights.remote_cod=false"],
        ["audit", OLMO, *SAMPLE, "--require", "weights.remote_code=no"],
        ["nonsense"],
        ["rubric", "nonsense"],
        ["rubric", "show"],
        ["rubric", "show", "nonsense"],
        ["rubric", "check"],
        ["rubric", "check", "nowhere.yaml"],
        ["license"],
        ["license", "no/such/file"],
        ["license", "mit", "--format", "html"],
        ["explain"],
        ["explain", "blockchain"],
    ],
    ids=" ".join,
)
def test_a_wrong_call_ends_with_2_and_leaves_nothing(args: list[str], tmp_path: Path) -> None:
    ran = run(*args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.strip()
    assert "Traceback" not in ran.err
    assert files(tmp_path) == []


def test_nothing_is_gathered_for_a_call_that_cannot_end_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with HubDouble(model()) as double:
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        for args in (
            ["--require", "label=x"],
            ["--rubric", "x"],
            ["-o", "x.docx"],
            ["-o", f"{tmp_path}/file/x.html"],
            ["-o", "-", "--open"],
        ):
            assert run("audit", MODEL, *args).code == 2
        assert double.count() == 0


def test_a_model_that_cannot_be_audited_ends_with_3_and_one_line(tmp_path: Path) -> None:
    ran = run("audit", "maker/not-there", *SAMPLE, "--format", "html", "-o", "page.html", "--record", tmp_path / "rec")
    assert (ran.code, ran.out, files(tmp_path)) == (3, "", [])
    assert re.fullmatch(r"openaudit: maker/not-there: .+ — .+\n", ran.err)
    assert "Did you mean google/gemma-3-4b-it?" in run("audit", "Google/gemma-3-4b", *SAMPLE).err
    assert run("audit", f"{OLMO}@v9", *SAMPLE).code == 3


REQUIRED = [
    ("label=open-weights", 0, 1),
    ("label=weights-available", 0, 0),
    ("label=open-source-ai-open-data", 0, 1),
    ("g7-openness=open-source-ai", 0, 1),
    ("openwashing=none", 0, 1),
    ("openwashing=high", 0, 0),
    ("four-freedoms=conforms", 0, 1),
    ("four-freedoms=does-not-conform", 1, 0),
    ("full-data=open source", 0, 1),
    ("four-freedoms/use=met", 0, 1),
    ("four-freedoms/use=partial", 0, 0),
    ("four-freedoms/use=unmet", 0, 0),
    ("full-data/training-code=met", 0, 1),
    ("weights.remote_code=false", 0, 0),
    ("dataset.status=available", 0, 0),
    ("access.gated=no", 0, 1),
    ("license.weights=Apache-2.0", 0, 1),
    ("full-data/lineage=met", 0, 0),  # there is no ancestor: the question does not arise
]


@pytest.mark.parametrize(("demand", "olmo", "gemma"), REQUIRED)
def test_require(demand: str, olmo: int, gemma: int) -> None:
    if demand == "full-data/lineage=met":
        assert run("audit", OLMO, *SAMPLE, "--require", demand).code == olmo
        return
    for id, code in ((OLMO, olmo), (GEMMA, gemma)):
        ran = run("audit", id, *SAMPLE, "--require", demand)
        assert ran.code == code, (id, ran.err)
        assert "What it is" in ran.out, "audited, whatever is required"
        assert (ran.err == "") == (code == 0)


def test_every_demand_that_fails_is_told_and_outputs_are_kept(tmp_path: Path) -> None:
    demands = ["--require", "label=open-weights", "--require", "four-freedoms/use=met", "--require", "openwashing=high"]
    ran = run("audit", GEMMA, *SAMPLE, *demands, "-o", tmp_path / "page.html")
    assert (ran.code, files(tmp_path)) == (1, ["page.html"])
    assert len([line for line in ran.err.splitlines() if line.startswith("openaudit: required")]) == 2


def test_what_cannot_be_told_does_not_hold(tmp_path: Path) -> None:
    folder = write_snapshot(tmp_path / "s", model(cardData={"license": "other"}))
    for demand in ("label=open-weights", "openwashing=none", "four-freedoms/use=partial", "license.open=true"):
        assert run("audit", MODEL, "--snapshot", folder, "--require", demand).code == 1, demand
    # It is weights-available or open-weights, and openwashing is low or none: whichever it is, this holds.
    for demand in ("label=weights-available", "openwashing=low"):
        assert run("audit", MODEL, "--snapshot", folder, "--require", demand).code == 0, demand


def test_the_rungs_that_can_be_required_are_those_of_the_rubrics(root: Path) -> None:
    from openaudit.auditing import load_rubrics

    for rubric in load_rubrics():
        if rubric.role in LADDERS:
            assert {level.verdict for level in rubric.verdicts} == set(LADDERS[rubric.role])


# --------------------------------------------------------------------------- files: whole, all, or none


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.html").mkdir()
    for place in (f"{tmp_path}/file/page.html", "/proc/nowhere/page.html", f"{tmp_path}/{'x' * 300}.html"):
        ran = run("audit", OLMO, *SAMPLE, "-o", place)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), place
        assert " — " in ran.err
    assert files(tmp_path) == ["file"]


def test_what_is_already_there_is_replaced_whole(tmp_path: Path) -> None:
    page = tmp_path / "page.json"
    page.write_text("old")
    assert run("audit", OLMO, *SAMPLE, "-o", page).code == 0
    Audit.model_validate_json(page.read_text(encoding="utf-8"))
    assert page.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("old", [None, "old"])
def test_the_second_of_two_formats_fails_and_neither_is_left(
    old: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    if old:
        (tmp_path / "out" / "allenai--OLMo-2-1124-7B.json").write_text(old)
    real, asked = Path.replace, []

    def fail_the_second(self: Path, target: Path) -> Path:
        asked.append(target)
        if len(asked) == 2:
            raise OSError(28, "No space left on device", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", fail_the_second)
    ran = run("audit", OLMO, *SAMPLE, "--format", "html", "--format", "json", "-o", tmp_path / "out")
    assert (ran.code, ran.out) == (2, "")
    assert "No space left on device" in ran.err
    assert files(tmp_path / "out") == (["allenai--OLMo-2-1124-7B.json"] if old else [])


def test_a_format_that_breaks_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openaudit.formats.markdown.markdown", lambda text: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("audit", OLMO, *SAMPLE, "--format", "json", "--format", "markdown", "-o", f"{tmp_path}/new/")
    assert not (tmp_path / "new").exists()


# --------------------------------------------------------------------------- readers that go, users that interrupt


def test_a_reader_that_goes_away_is_no_error() -> None:
    for args in (["audit", OLMO, *SAMPLE, "--format", "html"], ["--help"]):
        with start(*args) as child:
            assert child.stdout
            assert child.stderr
            child.stdout.close()
            assert child.wait(30) in (0, 141)
            assert child.stderr.read() == b""


def test_an_interrupt_ends_at_once(tmp_path: Path) -> None:
    with HubDouble(model()) as double:
        double.fault(f"/api/models/{MODEL}", delay=20.0)
        args = ("audit", MODEL, "-o", tmp_path / "page.html", "--record", tmp_path / "rec")
        # A process that was started in the background ignores this signal, and so would its children.
        heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        with start(*args, env={"HF_ENDPOINT": double.url}, preexec_fn=heard) as child:
            while not double.count():
                time.sleep(0.01)
            began = time.monotonic()
            child.send_signal(signal.SIGINT)
            _, err = child.communicate(timeout=15)
    assert time.monotonic() - began < 5
    assert child.returncode == 130
    assert err.decode().strip().splitlines()[-1] == "openaudit: stopped"
    assert b"Traceback" not in err
    assert files(tmp_path) == []


# --------------------------------------------------------------------------- the other commands


def test_rubric_list_names_every_shipped_rubric() -> None:
    out = run("rubric", "list").out
    assert [line.split()[0] for line in out.splitlines()] == sorted(shipped())


@pytest.mark.parametrize("id", sorted(shipped()))
def test_rubric_show_and_check(id: str) -> None:
    shown = run("rubric", "show", id)
    assert (shown.code, shown.err) == (0, "")
    assert "https://" in shown.out
    assert not set("{}") & set(shown.out), "nobody can read what only a report fills in"
    assert run("rubric", "show", str(shipped()[id])).out == shown.out
    checked = run("rubric", "check", str(shipped()[id]))
    assert (checked.code, checked.err) == (0, "")
    assert id in checked.out


OWN = """\
id: own
version: "1"
title: My question
about: One question.
source: {title: Mine, url: "https://example.org/mine", version: "1"}
criteria:
  - id: formats
    title: Safe formats
    question: Can it be loaded without running code?
    why: A pickle can run anything.
    source: {clause: mine, url: "https://example.org/mine"}
    levels:
      - outcome: met
        when: {fact: weights.formats, includes: safetensors}
        because: The weights are in a safe format.
      - outcome: unmet
        because: The weights are in no safe format.
        remedy: Publish them as safetensors.
verdicts:
  - {verdict: safe, title: Safe, outcome: met, when: {criteria: all, are: met}, because: Yes.}
  - {verdict: unsafe, title: Unsafe, outcome: unmet, because: "No."}
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_ones_own_rubric(end: str, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_bytes(OWN.replace("\n", end).encode())
    assert run("rubric", "check", own).code == 0
    ran = run("audit", OLMO, *SAMPLE, "--rubric", own, "--format", "json", "--require", "own=safe")
    result = Audit.model_validate_json(ran.out)
    assert ran.code == 0
    assert result.rubrics["own"].verdict == "safe"
    assert set(result.rubrics) == {"own", "g7-openness", "openwashing"}, "and those that fill the head of a report"
    assert result.label != "unknown"
    assert run("audit", OLMO, *SAMPLE, "--rubric", own, "--rubric", own, "--format", "json").out == ran.out


def test_two_rubrics_of_one_name(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(OWN)
    ran = run("audit", OLMO, *SAMPLE, "--rubric", tmp_path / "a.yaml", "--rubric", tmp_path / "b.yaml")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "'own'" in ran.err


def test_rubric_check_tells_of_each_file(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(OWN)
    (tmp_path / "bad.yaml").write_text(OWN.replace("weights.formats", "weights.fromats"))
    (tmp_path / "needs.yaml").write_text(
        OWN.replace("fact: weights.formats, includes: safetensors", "verdict_of: nothing, is: x")
    )
    ran = run("rubric", "check", tmp_path / "bad.yaml", tmp_path / "good.yaml", tmp_path / "needs.yaml")
    assert ran.code == 2
    assert re.search(r"bad\.yaml:14: .*weights\.formats", ran.err)
    assert "good.yaml: right" in ran.out
    assert "nothing" in ran.err


@pytest.mark.parametrize(
    "id", ["mit", "Apache-2.0", "llama3.1", "cc-by-nc-4.0", "openrail", "MIT OR Apache-2.0", "zorblatt"]
)
def test_license_by_id(id: str) -> None:
    ran = run("license", id, "--format", "json")
    sheet = json.loads(ran.out)
    assert ran.code == 0
    assert {"id", "open", "freedoms", "restrictions"} <= set(sheet)
    assert set(sheet["freedoms"]) == {"use", "study", "modify", "share"}
    assert sheet["open"] == {"mit": True, "Apache-2.0": True, "MIT OR Apache-2.0": True, "zorblatt": None}.get(
        id, False
    )
    assert all({"kind", "quote"} <= set(one) for one in sheet["restrictions"])
    assert bool(sheet["restrictions"]) == (sheet["open"] is False)
    assert run("license", id).out.count("\n") >= 5


def test_license_by_file(tmp_path: Path, root: Path) -> None:
    for name, content in (
        ("apache", (root / "LICENSES" / "Apache-2.0.txt").read_bytes()),
        ("crlf", (root / "LICENSES" / "Apache-2.0.txt").read_bytes().replace(b"\n", b"\r\n")),
        ("bom", b"\xef\xbb\xbf" + (root / "LICENSES" / "Apache-2.0.txt").read_bytes()),
    ):
        (tmp_path / name).write_bytes(content)
        assert json.loads(run("license", tmp_path / name, "--format", "json").out)["id"] == "Apache-2.0"
    (tmp_path / "odd").write_bytes("Commercial use is prohibited. \x1b[31m é".encode("latin-1"))
    odd = run("license", tmp_path / "odd")
    assert odd.code == 0
    assert "\x1b" not in odd.out
    (tmp_path / "large").write_bytes(b"x" * (1 << 21))
    assert run("license", tmp_path / "large").code == 2
    assert run("license", "x" * 5000).code == 0


def test_explain() -> None:
    ran = run("explain", "weights")
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.out.splitlines()) >= 2
    assert run("explain", "open", "weights").out == run("explain", "Open-Weights").out
    assert "weights" in run("explain", "wieghts").err


# --------------------------------------------------------------------------- help, completion, speed


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    for name, command in group.commands.items():
        found += commands(command, (*path, name)) if isinstance(command, click.Group) else [(*path, name)]
    return found


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_command_and_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    ran = run(*path, "--help")
    assert ran.code == 0
    assert run(*path, "-h").out == ran.out
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    assert command.help
    for param in command.params:
        assert isinstance(param, click.Argument) or (isinstance(param, click.Option) and param.help)
    if path == ("audit",):
        for name in registry():
            assert name in ran.out, "every format is named"


def test_version() -> None:
    assert run("--version").out == f"openaudit {openaudit.__version__}\n"
    assert process("--version").out == f"openaudit {openaudit.__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(shell: str) -> None:
    source = process(env={"_OPENAUDIT_COMPLETE": f"{shell}_source"})
    assert "openaudit" in source.out


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("openaudit ", {"audit", "rubric", "license", "explain"}),
        ("openaudit audit --", {"--snapshot", "--record", "--require", "--format"}),
        ("openaudit audit --format ", set(registry())),
        ("openaudit audit --rubric f", {"four-freedoms", "full-data"}),
        ("openaudit rubric ", {"list", "show", "check"}),
        ("openaudit rubric show g7", {"g7-openness"}),
        ("openaudit explain w", {"weights"}),
    ],
)
def test_what_completion_offers(words: str, found: set[str]) -> None:
    env = {"_OPENAUDIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    offered = {line.partition(",")[2] for line in process(env=env).out.splitlines()}
    assert found <= offered


def best_of_three(action: Callable[[], object], enough: float = 0) -> float:
    """Seconds of a processor of the usual speed, the best of three runs: what else the machine does is left out.

    One that took less than ``enough`` is the last: no other would change what comes of it.
    """
    took = []
    for _ in range(3):
        before = os.times()
        action()
        after = os.times()
        spent = after.children_user - before.children_user + after.children_system - before.children_system
        took.append(spent / slowness())
        if took[-1] < enough:
            break
    return min(took)


@pytest.mark.speed
def test_it_starts_fast() -> None:
    assert best_of_three(lambda: process("--help"), enough=0.3) < 0.3
    assert best_of_three(lambda: python("import openaudit")) - best_of_three(lambda: python("pass")) < 0.05


def test_help_and_import_bring_in_nothing_heavy() -> None:
    loaded = python("import sys, openaudit, openaudit.cli; print(*{name.partition('.')[0] for name in sys.modules})")
    assert not {"pydantic", "yaml", "jinja2", "markdown_it", "huggingface_hub", "requests"} & set(loaded.split())


@pytest.mark.speed
def test_an_audit_of_the_sample_is_fast() -> None:
    assert best_of_three(lambda: process("audit", OLMO, *SAMPLE), enough=1.5) < 1.5
    assert best_of_three(lambda: process("audit", OLMO, *SAMPLE, "-o", "page.html"), enough=2) < 2


def test_a_replay_never_loads_what_speaks_to_the_network() -> None:
    loaded = python(f"import sys, openaudit; openaudit.audit({OLMO!r}, snapshot='sample'); print(*sys.modules)")
    assert not {"huggingface_hub", "requests", "httpx", "httpx2"} & set(loaded.split())
