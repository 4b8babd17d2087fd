"""The command line: the only place that prints, exits and wires things together.

Exit codes: 0 audited, whatever the verdict; 1 a ``--require`` was not met; 2 the call cannot be understood or carried
out; 3 the subject could not be audited.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from openaudit import __version__
from openaudit.errors import OpenAuditError, OutputError, UsageError

if TYPE_CHECKING:
    from openaudit.result import Audit

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
REQUIREMENT_FAILED = 1


def plain(text: str) -> str:
    """Text that cannot command a terminal: control and direction characters become ``?``."""
    return _CONTROL.sub("?", text)


def main() -> NoReturn:
    """The entry point: every error a user or the network can cause is one line and an exit code."""
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except OpenAuditError as problem:
        _fail(str(problem), problem.advice, problem.exit_code)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped", "", 130)
    except BrokenPipeError:
        # the reader (head, less) went away: nothing to say, and nothing left to flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, advice: str, code: int) -> NoReturn:
    click.echo(plain(f"openaudit: {message}" + (f" — {advice}" if advice else "")), err=True)
    sys.exit(code)


class _Choices(click.ParamType):
    """A choice among the registered formats, looked up only when it is needed: importing them all costs time."""

    name = "format"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from openaudit.formats import registry

        if value not in registry():
            self.fail(f"{value!r} is none of {', '.join(registry())}.", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        from openaudit.formats import registry

        return [CompletionItem(name) for name in registry() if name.startswith(incomplete)]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="openaudit %(version)s")
def cli() -> None:
    """Audits how open an "open source AI" model really is: what was released, what one may do, and what is claimed.

    Exit codes: 0 audited, 1 a --require was not met, 2 wrong call, 3 the model could not be audited.
    """


@cli.command()
@click.argument("ref", metavar="REF")
@click.option("--snapshot", metavar="DIR|sample", help="Read a recorded snapshot instead of the live Hub; 'sample' is the one shipped.")
@click.option("--record", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Save what was gathered as a snapshot.")
@click.option("--rubric", "rubrics", multiple=True, metavar="ID|FILE", help="Judge by this rubric (repeatable). Default: all shipped ones.")
@click.option("--format", "formats", multiple=True, type=_Choices(), metavar="FORMAT", help="html, json, markdown or text (repeatable). Default: text.")
@click.option("-o", "--output", metavar="PATH|-", help="A file, a folder for several formats, or - for standard output.")
@click.option("--require", "requirements", multiple=True, metavar="WHAT=VALUE", help="Exit 1 unless this holds: label=open-weights (or a higher rung), RUBRIC=VERDICT or RUBRIC/CRITERION=OUTCOME.")
@click.option("--open", "open_page", is_flag=True, help="Open the HTML page in the browser.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on the terminal.")
def audit(
    ref: str,
    snapshot: str | None,
    record: Path | None,
    rubrics: Sequence[str],
    formats: Sequence[str],
    output: str | None,
    requirements: Sequence[str],
    open_page: bool,
    quiet: bool,
) -> int:
    """Audit one model.

    REF is owner/name, owner/name@revision, a huggingface.co link, or a model's folder (./my-model). Environment:
    HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE, GITHUB_TOKEN, GITHUB_API_URL, NO_COLOR and the usual proxy variables.
    """
    from openaudit.auditing import judge, load_rubrics, look

    wanted = _parse(requirements)
    targets = _targets(ref, list(dict.fromkeys(formats)), output, open_page)
    judges = load_rubrics(rubrics)
    with _Progress(quiet) as progress:
        found = look(ref, snapshot, progress, record)
    result = judge(found, judges)
    failed = [why for check in wanted if (why := _unmet(result, *check))]
    page = _write(result, targets)
    if ("text", None) in targets:
        from openaudit.formats import text

        click.echo(text.render(result, color=_color(), page=str(page) if page else None), nl=False)
    if open_page and page:
        click.launch(page.resolve().as_uri())
    for why in failed:
        click.echo(plain(f"openaudit: required, and not so: {why}"), err=True)
    return REQUIREMENT_FAILED if failed else 0


def _color() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


# --------------------------------------------------------------------------- outputs


def _targets(ref: str, formats: list[str], output: str | None, open_page: bool) -> list[tuple[str, Path | None]]:
    """Where each format goes; ``None`` is standard output. Checked before anything is gathered."""
    from openaudit.formats import registry

    known = registry()
    path = Path(output) if output not in (None, "-") else None
    if not formats and path and path.suffix:
        formats = [f.name for f in known.values() if f.suffix == path.suffix.lower()]
        if not formats:
            raise UsageError(f"{output}: no format writes {path.suffix} files", f"Choose one with --format: {', '.join(known)}.")
    if open_page and "html" not in formats:
        formats = [*formats, "html"]
    stem = re.sub(r"[^\w.-]+", "--", ref.rstrip("/").split("://")[-1]).strip("-.") or "audit"
    if path is None:
        targets: list[tuple[str, Path | None]] = []
        for name in formats or ["text"]:
            to_file = name != "text" and output is None and (sys.stdout.isatty() or len(formats) > 1)
            targets.append((name, Path(f"{stem}{known[name].suffix}") if to_file else None))
        if sum(where is None for _, where in targets) > 1:
            raise UsageError("several formats cannot share standard output", "Give a folder: -o DIR.")
        return targets
    folder = path.is_dir() or str(output).endswith("/") or (len([f for f in formats if f != "text"]) > 1)
    targets = []
    for name in formats or ["html"]:
        if name == "text" and len(formats) > 1:
            targets.append((name, None))
        else:
            targets.append((name, path / f"{stem}{known[name].suffix}" if folder else path))
    return targets


def _write(result: Audit, targets: list[tuple[str, Path | None]]) -> Path | None:
    """Renders every format before any file is touched, then writes each whole. Returns the page, if one was made."""
    from openaudit.formats import registry

    rendered = [(name, where, registry()[name].render(result)) for name, where in targets if (name, where) != ("text", None)]
    page = None
    for name, where, content in rendered:
        if where is None:
            click.echo(content.encode("utf-8", "replace"), nl=False)
            continue
        _save(where, content)
        click.echo(plain(f"wrote {where}"), err=True)
        page = where if name == "html" else page
    return page


def _save(path: Path, content: str) -> None:
    """Writes a file whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".openaudit-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode("utf-8", "replace"))
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as problem:
        raise OutputError(f"{path}: cannot be written: {problem.strerror or problem}", "Choose another place with -o.") from problem


# --------------------------------------------------------------------------- requirements

_LADDER = ("not-released", "weights-available", "open-weights", "open-source-ai", "open-source-ai-open-data")


def _parse(requirements: Sequence[str]) -> list[tuple[str, str]]:
    checks = []
    for text in requirements:
        what, found, value = text.partition("=")
        if not found or not what or not value:
            raise UsageError(f"--require {text!r}: not WHAT=VALUE", "For instance: --require label=open-weights.")
        if what == "label" and value not in _LADDER:
            raise UsageError(f"--require {text!r}: there is no such label", f"Labels, from the lowest: {', '.join(_LADDER)}.")
        checks.append((what, value))
    return checks


def _unmet(result: Audit, what: str, value: str) -> str | None:
    """Why a requirement does not hold, or ``None``. What cannot be told does not hold."""
    if what == "label":
        high_enough = result.label in _LADDER and _LADDER.index(result.label) >= _LADDER.index(value)
        return None if high_enough else f"label is {result.label}, not {value} or higher"
    if what == "openwashing":
        return None if result.openwashing.level == value else f"openwashing is {result.openwashing.level}, not {value}"
    rubric, _, criterion = what.partition("/")
    if rubric not in result.rubrics:
        raise UsageError(f"--require {what}: no such rubric was run", f"Rubrics of this run: {', '.join(result.rubrics)}.")
    found = result.rubrics[rubric]
    if not criterion:
        return None if value in (found.verdict, found.outcome.value) else f"{rubric} is {found.verdict}, not {value}"
    if criterion not in found.criteria:
        raise UsageError(f"--require {what}: the rubric has no such criterion", f"It has: {', '.join(found.criteria)}.")
    outcome = found.criteria[criterion].outcome.value
    return None if outcome == value else f"{what} is {outcome}, not {value}"


class _Progress:
    """One line on a terminal that says what is being looked at; silence when piped."""

    def __init__(self, quiet: bool) -> None:
        self._shown = sys.stderr.isatty() and not quiet
        self._asked = 0

    def __call__(self, kind: str, id: str) -> None:
        self._asked += 1
        if self._shown:
            what = {"models": "model", "datasets": "data set", "github": "code"}[kind]
            click.echo(f"\r\x1b[Klooking at {self._asked}: {what} {plain(id)[:60]}", nl=False, err=True)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)


# --------------------------------------------------------------------------- rubrics, licences, terms


@cli.group()
def rubric() -> None:
    """List, show and check rubrics."""


@rubric.command("list")
def rubric_list() -> None:
    """List the shipped rubrics."""
    from openaudit.auditing import load_rubrics

    for one in sorted(load_rubrics(), key=lambda r: r.id):
        click.echo(f"{one.id:<16} {one.version:<5} {one.title} — {one.source.title}")


@rubric.command("show")
@click.argument("id", metavar="ID|FILE")
def rubric_show(id: str) -> None:
    """Show a rubric: its questions, where they come from, and how it answers them."""
    from openaudit.auditing import load_rubrics

    one = next(r for r in load_rubrics([id]) if r.id == id or Path(id).is_file())
    click.echo(f"{one.title} ({one.id} {one.version})\n{one.about}\nSource: {one.source.title}, {one.source.version}: {one.source.url}")
    for criterion in one.criteria:
        click.echo(f"\n{criterion.id}: {criterion.question}\n  {criterion.why}\n  [{criterion.source.clause}]")
        for level in criterion.levels:
            click.echo(f"  - {level.outcome}: {level.because}")
    click.echo("\nVerdicts, the first that holds:")
    for verdict in one.verdicts:
        click.echo(f"  - {verdict.verdict}: {verdict.because}")


@rubric.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def rubric_check(files: Sequence[Path]) -> None:
    """Check rubric files; an error names file, line and key."""
    from openaudit.probes import vocabulary
    from openaudit.rubric import load

    for path in files:
        found = load(path, vocabulary())
        click.echo(f"{path}: right — {found.id} {found.version}, {len(found.criteria)} criteria")


@cli.command()
@click.argument("what", metavar="ID|FILE")
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print it.")
def license(what: str, shape: str) -> None:
    """Say what a licence lets you do: by its id, or by the text of a licence file."""
    from openaudit.licenses import sheet

    path = Path(what)
    if path.is_file():
        if path.stat().st_size > 1 << 20:
            raise UsageError(f"{what}: larger than 1 MiB", "A licence text is smaller; is this the right file?")
        try:
            found = sheet.of_text(path.read_bytes().decode("utf-8", "replace"))
        except OSError as problem:
            raise UsageError(f"{what}: cannot be read: {problem.strerror}") from problem
    elif re.search(r"[/\\]", what) and not re.search(r"\s", what):
        raise UsageError(f"{what}: there is no such file", "Give a licence id (apache-2.0) or the path of a licence file.")
    else:
        found = sheet.of_id(what)
    click.echo(sheet.as_json(found) if shape == "json" else plain_lines(sheet.as_text(found)), nl=False)


def plain_lines(text: str) -> str:
    """As ``plain``, with line ends kept."""
    return "\n".join(plain(line) for line in text.split("\n"))


@cli.command()
@click.argument("term")
def explain(term: str) -> None:
    """Explain a term of the reports in plain words."""
    from openaudit import glossary

    found = glossary.find(term)
    if found is None:
        import difflib

        near = difflib.get_close_matches(term.lower(), glossary.terms(), n=3)
        raise UsageError(f"{plain(term)!r} is not in the glossary", f"Near it: {', '.join(near)}." if near else f"It has: {', '.join(glossary.terms())}.")
    click.echo(f"{found.title}\n{found.text}")
    if found.see:
        click.echo(f"See also: {', '.join(found.see)}")


if __name__ == "__main__":
    main()
