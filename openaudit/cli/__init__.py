"""The command line: the only place that prints, exits and wires things together. Each file is one command.

Exit codes: 0 audited, whatever the verdict; 1 what was demanded does not hold; 2 the call cannot be understood or
carried out; 3 a model could not be audited.
"""

from __future__ import annotations

import codecs
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

import click

from openaudit import __version__
from openaudit.cli.audit import audit
from openaudit.cli.batch import batch
from openaudit.cli.compare import compare
from openaudit.cli.diff import diff
from openaudit.cli.policy import policy
from openaudit.cli.publish import publish
from openaudit.cli.rubric import rubric
from openaudit.cli.terminal import complain, say, spelt_out
from openaudit.cli.words import explain, license
from openaudit.errors import OpenAuditError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="openaudit %(version)s")
def cli() -> None:
    """Audits how open an "open source AI" model really is: what was released, what one may do, and what is claimed.

    Exit codes: 0 audited, 1 a --require or a policy was not met, 2 wrong call, 3 a model could not be audited.

    Completion in bash: eval "$(_OPENAUDIT_COMPLETE=bash_source openaudit)"; likewise zsh_source, fish_source.
    """


for _command in (audit, batch, compare, diff, publish, policy, rubric, license, explain):
    cli.add_command(_command)


def main() -> NoReturn:
    """The entry point: every error a user or the network can cause is one line and an exit code."""
    codecs.register_error("openaudit", spelt_out)
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
        complain(str(problem), problem.advice)
        sys.exit(problem.exit_code)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        say("openaudit: stopped", error=True)
        os._exit(130)  # at once: leaving in order would wait for answers that are under way
    except BrokenPipeError:
        _hang_up()
    except OSError as problem:
        complain(f"{problem.filename or 'the system'}: {problem.strerror or problem}")
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


def _call() -> object:
    """What click's own ``main`` does, but for its exit code 1 when the reader goes away: that one means something."""
    if "_OPENAUDIT_COMPLETE" in os.environ:
        cli.main(prog_name="openaudit")
    with cli.make_context("openaudit", sys.argv[1:]) as context:
        return cli.invoke(context)


def _hang_up() -> NoReturn:
    """The reader (head, less) went away: nothing to say, and nothing left to flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(141)
