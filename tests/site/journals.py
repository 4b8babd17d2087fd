"""Journals for the tests: real audits of the sample, kept as a run keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import openaudit
from openaudit.batch.journal import Journal, Settled, Terms, pack
from openaudit.result import Audit
from openaudit.run import Failure, Named

SAMPLE = (
    "allenai/OLMo-2-1124-7B",
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
    "meta-llama/Llama-3.1-8B",
)
GONE = Failure("NotFound", "nobody/nothing: there is no such model", "Check the spelling.")


@cache
def audit(id: str) -> Audit:
    return openaudit.audit(id, snapshot="sample")


def keep(path: Path, models: Iterable[tuple[str, Audit | None]]) -> Path:
    """A journal of these models, by how the list names them; of one that has no audit, it is not known."""
    each = [(name.encode("utf-8", "replace").decode(), one) for name, one in models]
    first = next((one for _name, one in each if one), None)
    rubrics = {id: (one.version, one.sha256) for id, one in first.rubrics.items()} if first else {}
    with Journal(path, Terms("openaudit 1.2.3", "the snapshot sample", rubrics), resume=False) as journal:
        journal.plan(Named(name) for name, _audit in each)
        journal.keep(
            Settled(name, pack(one)) if one else Settled(name, failure=GONE) for name, one in each
        )  # fmt: skip
    return path


def sample(path: Path) -> Path:
    """Three models of the sample, and one that is not there."""
    return keep(path, [*((id, audit(id)) for id in SAMPLE), ("nobody/nothing", None)])
