"""Every error openaudit raises on purpose: one tree, each with advice.

An error's text is one line that says what is wrong and where; ``advice`` says what to do about it.
``exit_code`` is what the command line ends with. Nothing here knows how an error is shown.
"""

from __future__ import annotations


class OpenAuditError(Exception):
    """The root: anything a user, a file or the network can cause."""

    exit_code = 2
    advice = ""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        if advice:
            self.advice = advice


class UsageError(OpenAuditError):
    """What was asked for cannot be understood: a reference, an option, a format."""


class RubricError(UsageError):
    """A rubric file cannot be used. The text names file, line and key."""


class PolicyError(UsageError):
    """A policy or a baseline cannot be used. The text names file, line and key."""


class SiteError(UsageError):
    """The configuration of a site cannot be used. The text names file, line and key."""


class ListError(UsageError):
    """A list of models cannot be read. The text names file, line and what stands there."""


class OutputError(UsageError):
    """A result cannot be written where it was asked for."""


class SnapshotError(UsageError):
    """A snapshot directory cannot be read or written."""


class SubjectError(OpenAuditError):
    """The subject could not be audited. A failure is never scored.

    ``passing`` says whether trying again, with nothing changed, may help.
    """

    exit_code = 3
    passing = False


class NotFound(SubjectError):
    """There is no such model (or it is private, and no token with access was given)."""

    advice = "Check the spelling on huggingface.co; for a private model, set HF_TOKEN to a token that may read it."


class Gated(SubjectError):
    """Not even the model's description can be read without being let in."""

    advice = "Ask for access on the model's page, then set HF_TOKEN to the token of that account."


class NotLookedAt(SubjectError):
    """The snapshot says nothing of this model."""

    advice = "Record it first: openaudit audit REF --record DIR."


class Unreachable(SubjectError):
    """The Hub did not answer, or not in a way that can be used."""

    passing = True
    advice = "Check the connection (and HF_ENDPOINT, proxies, HF_HUB_OFFLINE), then try again."


class OutOfTime(SubjectError):
    """The time that a run was given was over before this model could be audited."""

    passing = True
    advice = "Go on with --resume, or give it more time with --budget."


class Crashed(SubjectError):
    """Judging a model broke down: a mistake in openaudit, which must not cost the other models their audit."""

    passing = True
    advice = "Please report it, with the name of the model."
