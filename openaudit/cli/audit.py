"""``openaudit audit REF``: one model."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaudit.cli import options
from openaudit.cli.terminal import Looking, color, plain, pour, say

if TYPE_CHECKING:
    from openaudit.judging.rubric import Rubric
    from openaudit.policy import Policy
    from openaudit.result import Audit

REQUIREMENT_FAILED = 1


@click.command()
@click.argument("ref", metavar="REF")
@options.sources
@click.option("--record", metavar="DIR", type=click.Path(path_type=Path), help="Add what is gathered to this snapshot.")
@options.rubrics
@options.formats
@options.output
@click.option(
    "--require", "requirements", multiple=True, metavar="WHAT=VALUE",
    help="Exit 1 unless this holds (repeatable): label=RUNG or a higher one, openwashing=LEVEL or a lower one, "
    "RUBRIC=VERDICT, RUBRIC/CRITERION=OUTCOME.",
)  # fmt: skip
@click.option(
    "--policy", "policy_file", metavar="FILE", type=click.Path(path_type=Path),
    help="Exit 1 if the model breaks this policy (openaudit.toml, pyproject.toml).",
)  # fmt: skip
@options.language
@options.open_page
@options.quiet
def audit(
    ref: str,
    snapshot: str | None,
    offline: bool,
    no_cache: bool,
    record: Path | None,
    rubrics: Sequence[str],
    formats: Sequence[str],
    output: str | None,
    requirements: Sequence[str],
    policy_file: Path | None,
    language: str | None,
    open_page: bool,
    quiet: bool,
) -> int:
    """Audit one model.

    REF is owner/name, owner/name@revision, a huggingface.co link, or a model's folder (./my-model). Environment:
    HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, GITHUB_TOKEN, GITHUB_API_URL, OPENAUDIT_CACHE_DIR, NO_COLOR and the usual
    proxy variables.
    """
    from openaudit.auditing import judge, load_rubrics, look
    from openaudit.outputs import make_plan, write
    from openaudit.requirements import parse_requirement, unmet
    from openaudit.sources.reference import parse

    what = parse(ref)
    plan = make_plan(what.stem, formats, output, open_page=open_page, terminal=sys.stdout.isatty())
    judges = load_rubrics(rubrics)
    demands = [parse_requirement(text, judges) for text in requirements]
    policy = _policy(policy_file, judges)
    with Looking(quiet) as progress:
        found = look(what, snapshot, progress, record, cache=not no_cache, offline=offline)
    result = judge(found, judges)
    again = _command(ref, snapshot, rubrics, offline=offline)
    printed = write(result, plan, language=language, color=color(), command=again)
    for path in plan.files.values():
        say(plain(f"wrote {path}"), error=True)
    if plan.printed == "text":
        say(printed, end="")
    else:
        pour(printed)
    if open_page and plan.page:
        open_in_browser(plan.page)
    failed = [why for demand in demands if (why := unmet(demand, result))]
    for why in failed:
        say(plain(f"openaudit: required {why}"), error=True)
    broken = policy is not None and _tell(policy, ref, result)
    return REQUIREMENT_FAILED if failed or broken else 0


def _command(ref: str, snapshot: str | None, rubrics: Sequence[str], *, offline: bool) -> str:
    """The call that makes the page of the same audit."""
    words = ["openaudit", "audit", ref]
    words += ["--snapshot", snapshot] if snapshot is not None else []
    words += [word for rubric in rubrics for word in ("--rubric", rubric)]
    words += ["--offline"] if offline else []
    return plain(shlex.join([*words, "--format", "html"]))


def _policy(path: Path | None, judges: Sequence[Rubric]) -> Policy | None:
    if path is None:
        return None
    from openaudit.policy import load

    return load(path, judges)


def _tell(policy: Policy, ref: str, result: Audit) -> bool:
    """Says on standard error what a model breaks, and whether that fails it."""
    from openaudit.result import Line
    from openaudit.run import Named, Row

    row = policy.apply(Row(1, Named(ref), Line(result)))
    for breach in row.breaches:
        why = " ".join(f"{breach.rule}: {breach.says}, but {breach.because}".split())
        if breach.exempt:
            kind = f"exempt until {breach.exempt.until} ({breach.exempt.reason} — {breach.exempt.author})"
        else:
            kind = "known" if breach.known else "broken" if breach.fails else "warning"
        say(plain(f"openaudit: {policy.name}: {kind}: {why}"), error=True)
    for notice in policy.told([row], part=True):
        say(plain(f"openaudit: {notice}"), error=True)
    return any(breach.fails for breach in row.breaches)


def open_in_browser(page: Path) -> None:
    """Opens a page; says so where there is no browser."""
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        say(plain(f"openaudit: no browser could be started; the page is {page}"), error=True)
