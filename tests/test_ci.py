"""What CI needs, without a CI: the steps of the GitHub Action in a shell, the GitLab job, the pre-commit hooks."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from jsonschema import Draft7Validator, validators

from openaudit.cli import cli
from openaudit.listings import registry

ROOT = Path(__file__).resolve().parent.parent
OPEN, FREEWARE = "allenai/OLMo-2-1124-7B", "Qwen/Qwen2.5-72B-Instruct"
POLICY = '[rules.ours]\nrequire.label = "open-source-ai"\n'


@cache
def action() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return found


def schema(name: str) -> Any:
    """A schema of schemastore.org, as the package check-jsonschema brings it along."""
    vendored = files("check_jsonschema").joinpath(f"builtin_schemas/vendor/{name}.json")
    found = json.loads(vendored.read_text(encoding="utf-8"))
    return validators.validator_for(found, default=Draft7Validator)(found)


# --------------------------------------------------------------------------- the steps, run


class Job(NamedTuple):
    """What GitHub would hold when the job is over."""

    code: int
    log: str
    summary: str
    outputs: Mapping[str, str]
    temp: Path


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A place for temporary files, and a Python whose ``-m venv`` has openaudit without asking the network."""
    temp = tmp_path / "temp"
    temp.mkdir()
    (tmp_path / "work").mkdir()
    python = tmp_path / "python"
    python.write_text(
        f"""#!/usr/bin/env bash
echo "python $*" >>"{tmp_path}/installed"
[ "$1 $2" = "-m venv" ] || exit 0
mkdir -p "$3/bin"
cp "$0" "$3/bin/python"
printf '#!/bin/sh\\nexec "{sys.executable}" -m openaudit "$@"\\n' >"$3/bin/openaudit"
chmod +x "$3/bin/openaudit"
"""
    )
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def job(runner: Path, **inputs: str) -> Job:
    """Runs every step that is a script, as the runner does: bash, errors end it, its inputs in the environment."""
    for name in ("summary", "output"):
        (runner / name).write_text("")
    unknown = inputs.keys() - {name.replace("-", "_") for name in action()["inputs"]}
    assert not unknown
    outputs: dict[str, str] = {}
    log, code = "", 0

    def value(text: str) -> str:
        asked = re.fullmatch(r"\$\{\{ (inputs|steps)\.([\w.-]+) \}\}", text)
        assert asked, text
        if asked[1] == "steps":
            known = {"python.outputs.python-path": str(runner / "python")}
            return known.get(asked[2]) or outputs.get(asked[2].removeprefix("audit.outputs."), "")
        default = str(action()["inputs"][asked[2]].get("default", ""))
        return inputs.get(asked[2].replace("-", "_"), "" if default.startswith("${{") else default)

    for step in action()["runs"]["steps"]:
        if "run" not in step:
            continue
        assert "${{" not in step["run"], "an input inside a script is a hole in it"
        surroundings = {
            "PATH": os.environ["PATH"], "HOME": str(runner), "PYTHONPATH": str(ROOT),
            "RUNNER_TEMP": str(runner / "temp"), "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(runner / "summary"),
            "GITHUB_OUTPUT": str(runner / "output"), "CI": "true", "GITHUB_ACTIONS": "true",
        }  # fmt: skip
        surroundings |= {name: value(text) for name, text in step.get("env", {}).items()}
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        ran = subprocess.run(
            shell, env=surroundings, cwd=runner / "work", capture_output=True, text=True, timeout=240, check=False
        )
        log += ran.stdout + ran.stderr
        lines = (runner / "output").read_text().splitlines()
        outputs |= dict(line.split("=", 1) for line in lines)
        code = ran.returncode
        if code:
            break
    return Job(code, log, (runner / "summary").read_text(encoding="utf-8"), outputs, runner / "temp")


def test_the_steps_audit_a_list_and_show_what_they_found(runner: Path) -> None:
    work = runner / "work"
    (work / "models.txt").write_text(f"# ours\n{OPEN}\n{FREEWARE}  # the chat\n")
    (work / "openaudit.toml").write_text(POLICY)
    done = job(runner, models="models.txt", snapshot="sample", formats="junit\ncsv", rubrics="g7-openness")
    assert (done.code, done.outputs["exit-code"]) == (1, "1"), done.log
    assert "# How open are these models?" in done.summary
    assert "## Fails" in done.summary
    failing = r"^::error file=models\.txt,line=3,col=1,title=Qwen/Qwen2\.5-72B-Instruct%3A ours/label::"
    assert re.search(failing, done.log, re.MULTILINE)
    sarif = json.loads(Path(done.outputs["sarif"]).read_text(encoding="utf-8"))
    [result] = sarif["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "models.txt"
    reports = {path.name for path in Path(done.outputs["reports"]).iterdir()}
    assert reports == {f"openaudit{registry()[one].suffix}" for one in ("markdown", "sarif", "github", "junit", "csv")}
    installed = (runner / "installed").read_text()
    assert f"-m venv {done.temp}/openaudit" in installed
    assert installed.splitlines()[-1].endswith(f"install --quiet {ROOT}")


def test_the_steps_audit_the_models_that_code_names(runner: Path) -> None:
    code = runner / "work" / "src" / "chat #1.py"
    code.parent.mkdir()
    code.write_text(f'import transformers\n\nchat = transformers.AutoModel.from_pretrained("{FREEWARE}")\n')
    (runner / "work" / "openaudit.toml").write_text(POLICY)
    done = job(runner, from_code="src", snapshot="sample", rubrics="g7-openness")
    assert (done.code, done.outputs["exit-code"]) == (1, "1"), done.log
    assert "::error file=src/chat #1.py,line=3,col=" in done.log
    sarif = json.loads(Path(done.outputs["sarif"]).read_text(encoding="utf-8"))
    [result] = sarif["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/chat%20%231.py", "uriBaseId": "%SRCROOT%"}
    line = code.read_text().splitlines()[place["region"]["startLine"] - 1]
    assert line[place["region"]["startColumn"] - 1 : place["region"]["endColumn"] - 1] == FREEWARE


def test_what_is_open_passes(runner: Path) -> None:
    (runner / "work" / "our models.txt").write_text(f"{OPEN}\n")
    (runner / "work" / "openaudit.toml").write_text(POLICY)
    done = job(runner, models="our models.txt", snapshot="sample")
    assert (done.code, done.outputs["exit-code"]) == (0, "0"), done.log
    assert "none fails the policy" in done.summary


@pytest.mark.parametrize(("fail_on", "code"), [("all", 3), ("policy", 0), ("nothing", 0)])
def test_what_fails_the_step(fail_on: str, code: int, runner: Path) -> None:
    (runner / "work" / "models.txt").write_text(f"{OPEN}\nnobody/nothing\n")
    done = job(runner, models="models.txt", snapshot="sample", fail_on=fail_on)
    assert done.code == code, done.log
    assert "::error file=models.txt,line=2,col=1,title=nobody/nothing%3A audited::" in done.log
    assert "1 could not be audited" in done.summary


def test_a_wrong_call_says_so_and_leaves_nothing(runner: Path) -> None:
    done = job(runner, models="not-there.txt", snapshot="sample", fail_on="nothing")
    assert (done.code, done.outputs["exit-code"]) == (2, "2")
    assert "not-there.txt" in done.log
    assert done.outputs.get("sarif", "") == ""
    assert done.summary == ""


@pytest.mark.parametrize("name", ["$(touch hit).txt", "`touch hit`.txt", '"; touch hit; ".txt', "--help", "a\nb.txt"])
def test_an_input_is_no_command(name: str, runner: Path) -> None:
    done = job(runner, models=name, policy=name, snapshot="sample")
    assert done.code == 2, done.log
    assert not (runner / "work" / "hit").exists()
    assert "Usage:" not in done.log


def test_strangers_words_are_no_commands_to_the_runner(runner: Path) -> None:
    (runner / "work" / "models.txt").write_text("::error::x\n")
    log = job(runner, models="models.txt", snapshot="sample").log.splitlines()
    stop = next(line for line in log if line.startswith("::stop-commands::"))
    word = stop.removeprefix("::stop-commands::")
    assert re.fullmatch(r"[0-9a-f]{32}", word)
    assert f"::{word}::" in log


# --------------------------------------------------------------------------- what is written


def test_the_action_is_one() -> None:
    assert [error.message for error in schema("github-actions").iter_errors(action())] == []
    for name, one in action()["inputs"].items():
        assert one["description"], name
    for step in action()["runs"]["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)?@[0-9a-f]{40}", step["uses"]), "pinned to a commit"


def test_every_input_is_used_and_described() -> None:
    steps = json.dumps(action()["runs"]["steps"])
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    for name in action()["inputs"]:
        assert f"inputs.{name} " in steps, name
        assert f"`{name}`" in page, name
    for name in action()["outputs"]:
        assert f"`{name}`" in page, name


def test_the_gitlab_job_is_one() -> None:
    template = yaml.safe_load((ROOT / "docs/ci/openaudit.gitlab-ci.yml").read_text(encoding="utf-8"))
    assert [error.message for error in schema("gitlab-ci").iter_errors(template)] == []
    found = template["openaudit"]
    written = {f"openaudit-reports/openaudit{registry()[one].suffix}" for one in ("junit", "codequality")}
    assert set(found["artifacts"]["reports"].values()) == written
    assert options(" ".join(found["script"])) <= options_of("batch")


def test_the_gitlab_job_runs(tmp_path: Path) -> None:
    template = yaml.safe_load((ROOT / "docs/ci/openaudit.gitlab-ci.yml").read_text(encoding="utf-8"))
    command = tmp_path / "bin" / "openaudit"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m openaudit "$@"\n')
    command.chmod(0o755)
    (tmp_path / "models.txt").write_text(f"{FREEWARE}\n")
    (tmp_path / "openaudit.toml").write_text(POLICY)
    plain = {name: value for name, value in template["openaudit"]["variables"].items() if "$" not in value}
    surroundings = {
        **plain, "OPENAUDIT_OPTIONS": "--snapshot sample", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT),
        "PATH": f"{command.parent}:{os.environ['PATH']}",
    }  # fmt: skip
    _, audit = template["openaudit"]["script"]
    ran = subprocess.run(
        ["bash", "-e", "-c", audit],
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    for path in template["openaudit"]["artifacts"]["reports"].values():
        assert FREEWARE in (tmp_path / path).read_text(encoding="utf-8")


def test_the_pre_commit_hooks_call_what_there_is() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    for hook in hooks:
        assert {"id", "name", "description", "entry", "language", "files"} <= hook.keys()
        assert hook["language"] == "python"
        program, command, *rest = hook["entry"].split()
        assert program == "openaudit"
        assert command in cli.commands
        assert options(hook["entry"]) <= options_of(command) or command == "policy", rest
        re.compile(hook["files"])
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    assert [hook["id"] for hook in hooks if f"id: {hook['id']}" not in page] == []


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--(?!disable-pip|quiet \"\$\{OPENAUDIT_SOURCE)[a-z][a-z-]*", text))


def options_of(command: str) -> set[str]:
    return {spelt for one in cli.commands[command].params for spelt in one.opts}
