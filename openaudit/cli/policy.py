"""``openaudit policy``: begin one, check it, and show what it asks of which model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaudit.cli import completion
from openaudit.cli.terminal import plain, say
from openaudit.errors import OutputError, PolicyError

if TYPE_CHECKING:
    from openaudit.policy import Policy

_path = click.argument("path", metavar="[PATH]", required=False, type=click.Path(path_type=Path))
_rubrics = click.option(
    "--rubric", "rubrics", multiple=True, metavar="ID|FILE", shell_complete=completion.rubrics,
    help="It may ask about this rubric (repeatable). Default: all shipped ones.",
)  # fmt: skip


@click.group()
def policy() -> None:
    """Say what must hold for the models you use: begin a policy, check it, show it."""


@policy.command("init")
@_path
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def policy_init(path: Path | None, force: bool) -> None:
    """Write a policy to begin with, with comments. PATH: default openaudit.toml."""
    from openaudit.files.writing import write_all
    from openaudit.policy import FILE, PROJECT, starter

    where = path or Path(FILE)
    if where.is_dir():
        where /= FILE
    if where.name == PROJECT:
        raise OutputError(f"{where}: holds more than a policy", f"Write {FILE}, and copy from it what you want.")
    if where.exists() and not force:
        raise OutputError(f"{where}: is there already", "Name another file, or write over it with --force.")
    write_all({where: starter().encode()})
    say(plain(f"wrote {where}"), error=True)


@policy.command("check")
@_path
@_rubrics
def policy_check(path: Path | None, rubrics: Sequence[str]) -> None:
    """Check a policy; an error names file, line and key. PATH: default openaudit.toml, else pyproject.toml."""
    found = _load(path, rubrics)
    counts = [(len({check.rule_name for check in found.checks}), "rule"), (len(found.checks), "demand")]
    counts += [(len(found.waivers), "exemption")] if found.waivers else []
    said = ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts)
    say(plain(f"{found.name}: right — {said}"))
    for notice in found.notices:
        say(plain(f"openaudit: {notice}"), error=True)


@policy.command("show")
@click.argument("model", metavar="[MODEL]", required=False)
@click.option("--policy", "path", metavar="FILE", type=click.Path(path_type=Path), help="Default: as for check.")
@_rubrics
def policy_show(model: str | None, path: Path | None, rubrics: Sequence[str]) -> None:
    """Show in plain words what a policy asks: of all models, or of MODEL (owner/name)."""
    from openaudit.sources.reference import parse

    found = _load(path, rubrics)
    say(plain("\n".join(_in_words(found, parse(model).id if model else None))))
    for notice in found.notices:
        say(plain(f"openaudit: {notice}"), error=True)


def _in_words(found: Policy, model: str | None) -> Iterator[str]:
    checks = found.applying(model) if model else found.checks
    yield f"{found.name} asks nothing of {model}." if model and not checks else f"{found.name}, for {model or 'all'}:"
    last = ""
    for check in checks:
        rule = check.rule
        if check.rule_name != last:
            last = check.rule_name
            of = ("all models" if "*" in rule.models else ", ".join(rule.models)) + (
                f" (but not {', '.join(rule.except_)})" if rule.except_ else ""
            )
            yield ""
            yield f"{last}: {rule.about}" if rule.about else last
            yield f"  for {of}; {_EFFECT[rule.level, rule.unknown or rule.level]}"
        yield f"  - {check.demand.says}  [{check.id}]"
    for one in found.exemptions(model):
        ended = "" if one.until >= found.today else " (it ran out, and counts no more)"
        yield f"\nexempt until {one.until}{ended}: {one.model} from {one.rule}"
        yield f"  {one.reason} ({one.author})"
    if found.baseline and (known := found.baseline.of(model)):
        yield f"\nknown already ({found.baseline.name}):"
        yield from (f"  - {one}: {', '.join(rules)}" for one, rules in known)


_EFFECT = {
    ("fail", "fail"): "a breach fails, and so does what cannot be told",
    ("fail", "warn"): "a breach fails, what cannot be told is a warning",
    ("warn", "warn"): "a breach is a warning, and so is what cannot be told",
}


def _load(path: Path | None, rubrics: Sequence[str]) -> Policy:
    from openaudit.auditing import load_rubrics
    from openaudit.policy import FILE, load

    found = load(path, load_rubrics(rubrics))
    if found is None:
        raise PolicyError(
            f"there is no {FILE} here, and no [tool.openaudit] in a pyproject.toml",
            "openaudit policy init writes one to begin with.",
        )
    return found
