"""openaudit: how open is an "open source AI" model really?

    import openaudit
    result = openaudit.audit("owner/name")
    result.label, result.rubrics["g7-openness"].because, result.to_json()

``audit`` is the whole library for most; ``openaudit.auditing`` holds its steps, ``openaudit.result`` what comes out.
Importing this package alone costs nothing: what an audit needs is imported when one is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from openaudit.errors import OpenAuditError

if TYPE_CHECKING:
    from openaudit.result import Audit

__version__ = "0.1.0"
__all__ = ["OpenAuditError", "__version__", "audit"]


def audit(
    reference: str,
    *,
    snapshot: str | Path | None = None,
    rubrics: Sequence[str | Path] = (),
    cache: bool = True,
    offline: bool = False,
    language: str = "en",
) -> Audit:
    """Audits one model and returns the typed result.

    ``reference``: ``owner/name``, ``owner/name@revision``, a huggingface.co link or a folder (``./my-model``).
    ``snapshot``: a recorded folder, or ``"sample"``, instead of the live Hub. ``rubrics``: ids of shipped rubrics or
    paths of one's own; the default is every shipped one. ``cache``: keep the Hub's answers, and fetch again only what
    changed; ``offline``: read the cache, and nothing else. ``language``: of the texts (``"en"``, ``"fr"``). Raises
    ``OpenAuditError``: a ``SubjectError`` where the model could not be audited, a ``UsageError`` where what was asked
    for cannot be understood.
    """
    from openaudit.auditing import judge, load_rubrics, look
    from openaudit.languages import checked
    from openaudit.translating import translate

    checked([language])
    judges = load_rubrics(rubrics)
    return translate(judge(look(reference, snapshot, cache=cache, offline=offline), judges), language)
