"""The command line: the only place that prints, exits and wires things together.

Exit codes: 0 audited, whatever the verdict; 1 a ``--require`` was not met; 2 the call cannot be understood or carried
out; 3 the subject could not be audited.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

import click

from openaudit import __version__
from openaudit.errors import OpenAuditError, UsageError

REQUIREMENT_FAILED = 1
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ASCII = dict(zip("●◐○–—“”„‘’…→", ["[+]", "[~]", "[-]", "-", "--", '"', '"', '"', "'", "'", "...", "->"], strict=True))


def plain(text: str) -> str:
    """Text that cannot command a terminal: control and direction characters become ``?``; line ends are kept."""
    return _CONTROL.sub("?", text)


def main() -> NoReturn:
    """The entry point: every error a user or the network can cause is one line and an exit code."""
    codecs.register_error("openaudit", _spelt_out)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed before we started
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - for as long as the program runs
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="openaudit")
    try:
        code = _call()
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        code = done.exit_code
    except OpenAuditError as problem:
        _fail(problem.exit_code, str(problem), problem.advice)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say("openaudit: stopped", error=True)
        os._exit(130)  # at once: leaving in order would wait for answers that are under way
    except BrokenPipeError:
        _hang_up()
    except OSError as problem:
        _fail(2, f"{problem.filename or 'the system'}: {problem.strerror or problem}")
    sys.exit(code if isinstance(code, int) else 0)


def _call() -> object:
    """What click's own ``main`` does, but for its exit code 1 when the reader goes away: that one means something."""
    if "_OPENAUDIT_COMPLETE" in os.environ:
        cli.main(prog_name="openaudit")
    with cli.make_context("openaudit", sys.argv[1:]) as context:
        return cli.invoke(context)


def say(text: str, *, error: bool = False, end: str = "\n") -> None:
    """Prints in the encoding that was asked for; click would write UTF-8 where that is ASCII."""
    stream = sys.stderr if error else sys.stdout
    stream.write(text + end)
    stream.flush()


def _fail(code: int, message: str, advice: str = "") -> NoReturn:
    line = f"openaudit: {message} — {advice}" if advice else f"openaudit: {message}"
    say(" ".join(plain(line).split()), error=True)
    sys.exit(code)


def _hang_up() -> NoReturn:
    """The reader (head, less) went away: nothing to say, and nothing left to flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(141)


def _spelt_out(problem: UnicodeError) -> tuple[str, int]:
    """What the terminal's encoding does not have, in characters that it does have."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    lost = problem.object[problem.start : problem.end]
    return "".join(_ASCII.get(c, f"\\u{ord(c):04x}") for c in lost), problem.end


# --------------------------------------------------------------------------- completion


def _formats(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from openaudit.formats import registry

    return [name for name in registry() if name.startswith(incomplete)]


def _rubrics(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    from openaudit.rubric import shipped

    found = [name for name in shipped() if name.startswith(incomplete)]
    return [CompletionItem(name) for name in found] or [CompletionItem(incomplete, type="file")]


def _terms(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from openaudit import glossary

    return [id for id in glossary.terms() if id.startswith(incomplete)]


def _known(ctx: click.Context, param: click.Parameter, chosen: Sequence[str]) -> Sequence[str]:
    """Formats, each once. They are looked up only when one is named: importing them takes time."""
    if chosen and (strange := [name for name in chosen if name not in (names := _formats(ctx, param, ""))]):
        raise click.BadParameter(f"{strange[0]!r} is none of {', '.join(names)}.")
    return list(dict.fromkeys(chosen))


# --------------------------------------------------------------------------- audit


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="openaudit %(version)s")
def cli() -> None:
    """Audits how open an "open source AI" model really is: what was released, what one may do, and what is claimed.

    Exit codes: 0 audited, 1 a --require was not met, 2 wrong call, 3 the model could not be audited.

    Completion in bash: eval "$(_OPENAUDIT_COMPLETE=bash_source openaudit)"; likewise zsh_source, fish_source.
    """


@cli.command()
@click.argument("ref", metavar="REF")
@click.option("--snapshot", metavar="DIR|sample", help="Read this recorded snapshot, not the Hub; sample is shipped.")
@click.option("--record", metavar="DIR", type=click.Path(path_type=Path), help="Add what is gathered to this snapshot.")
@click.option(
    "--rubric", "rubrics", multiple=True, metavar="ID|FILE", shell_complete=_rubrics,
    help="Judge by this rubric (repeatable). Default: all shipped ones.",
)  # fmt: skip
@click.option(
    "--format", "formats", multiple=True, metavar="FORMAT", callback=_known, shell_complete=_formats,
    help="html, json, markdown or text (repeatable). Default: what the name after -o says, else text.",
)  # fmt: skip
@click.option("-o", "--output", metavar="PATH|-", help="A file, a folder (for several formats), or standard output.")
@click.option(
    "--require", "requirements", multiple=True, metavar="WHAT=VALUE",
    help="Exit 1 unless this holds (repeatable): label=RUNG or a higher one, openwashing=LEVEL or a lower one, "
    "RUBRIC=VERDICT, RUBRIC/CRITERION=OUTCOME.",
)  # fmt: skip
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
    from openaudit.outputs import make_plan, write
    from openaudit.requirements import parse_requirement, unmet
    from openaudit.sources.reference import parse

    what = parse(ref)
    plan = make_plan(what.stem, formats, output, open_page=open_page, terminal=sys.stdout.isatty())
    judges = load_rubrics(rubrics)
    demands = [parse_requirement(text, judges) for text in requirements]
    with _Progress(quiet) as progress:
        found = look(what, snapshot, progress, record)
    result = judge(found, judges)
    printed = write(result, plan, color=_color())
    for path in plan.files.values():
        say(plain(f"wrote {path}"), error=True)
    if plan.printed == "text":
        say(printed, end="")
    else:  # for a program: UTF-8, whatever the terminal speaks
        sys.stdout.buffer.write(printed.encode("utf-8", "replace"))
        sys.stdout.flush()
    if open_page and plan.page:
        _open(plan.page)
    failed = [why for demand in demands if (why := unmet(demand, result))]
    for why in failed:
        say(plain(f"openaudit: required {why}"), error=True)
    return REQUIREMENT_FAILED if failed else 0


def _open(page: Path) -> None:
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        say(plain(f"openaudit: no browser could be started; the page is {page}"), error=True)


def _color() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class _Progress:
    """One line on a terminal that says what is being looked at; silence when piped."""

    def __init__(self, quiet: bool) -> None:
        self._shown = sys.stderr.isatty() and not quiet
        self._asked = 0

    def __call__(self, kind: str, id: str) -> None:
        self._asked += 1
        if self._shown:
            what = {"models": "model", "datasets": "data set", "github": "code"}[kind]
            say(f"\r\x1b[Klooking at {self._asked}: {what} {plain(id)[:60]}", error=True, end="")

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            say("\r\x1b[K", error=True, end="")


# --------------------------------------------------------------------------- rubrics, licences, terms


@cli.group()
def rubric() -> None:
    """List, show and check rubrics."""


@rubric.command("list")
def rubric_list() -> None:
    """List the shipped rubrics."""
    from openaudit.auditing import load_rubrics

    for one in sorted(load_rubrics(), key=lambda r: r.id):
        say(f"{one.id:<16} {one.version:<5} {one.title} — {one.source.title}")


@rubric.command("show")
@click.argument("name", metavar="ID|FILE", shell_complete=_rubrics)
def rubric_show(name: str) -> None:
    """Show a rubric: its questions, where they come from, and how it answers them."""
    from openaudit.auditing import load_rubric

    one = load_rubric(name)
    source = f"{one.source.title}, {one.source.version}: {one.source.url}"
    lines = [f"{one.title} ({one.id} {one.version})", one.about, *([one.note] if one.note else []), f"Source: {source}"]
    for criterion in one.criteria:
        lines += ["", f"{criterion.id}: {criterion.question}", f"  {criterion.why}", f"  [{criterion.source.clause}]"]
        lines += _levels((level.outcome, level.because) for level in criterion.levels)
    lines += ["", "Verdicts, the first that holds:"]
    lines += _levels((verdict.verdict, verdict.because) for verdict in one.verdicts)
    say(plain("\n".join(lines)))


def _levels(levels: Iterable[tuple[str, str]]) -> list[str]:
    return [f"  - {name}: {because}" for name, because in levels]


@rubric.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def rubric_check(files: Sequence[str]) -> int:
    """Check rubric files; an error names file, line and key."""
    from openaudit.auditing import load_rubric, load_rubrics

    wrong = 0
    for name in files:
        try:
            if not Path(name).is_file():
                raise UsageError(f"{name}: there is no such file")
            one = load_rubric(name)
            load_rubrics([name])  # with those it asks about
        except UsageError as problem:
            wrong = problem.exit_code
            say(plain(f"openaudit: {problem}"), error=True)
        else:
            say(plain(f"{name}: right — {one.id} {one.version}, {len(one.criteria)} criteria"))
    return wrong


@cli.command()
@click.argument("what", metavar="ID|FILE")
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How.")
def license(what: str, shape: str) -> None:
    """Say what a licence lets you do: by its id, or by the text of a licence file."""
    from openaudit.licenses import sheet
    from openaudit.sources import MAX_BYTES, TOO_LARGE
    from openaudit.sources.files import decode

    path = Path(what)
    if len(what) < 1000 and path.is_file():
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{what}: {TOO_LARGE}", "A licence text is smaller; is this the right file?")
        found = sheet.of_text(decode(path.read_bytes()))
    elif re.search(r"[/\\]", what) and not re.search(r"\s", what):
        raise UsageError(
            f"{what}: there is no such file", "Give a licence id (apache-2.0) or the path of a licence file."
        )
    else:
        found = sheet.of_id(what)
    say(sheet.as_json(found) if shape == "json" else plain(sheet.as_text(found)), end="")


@cli.command()
@click.argument("term", nargs=-1, required=True, shell_complete=_terms)
def explain(term: Sequence[str]) -> None:
    """Explain a term of the reports in plain words."""
    from openaudit import glossary

    asked = " ".join(term)
    found = glossary.find(asked)
    if found is None:
        near = glossary.nearest(asked) or [one.title for one in glossary.terms().values()]
        raise UsageError(f"{asked!r} is not in the glossary", f"There is: {', '.join(near)}.")
    say(f"{found.title}\n{found.text}")
    if found.see:
        say(f"See also: {', '.join(glossary.terms()[id].title for id in found.see)}")


if __name__ == "__main__":
    main()
