"""Journals for the tests: real audits of the sample, kept as a run keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import openaudit
from openaudit.batch.journal import Journal, Settled, Terms, pack
from openaudit.pages.site import Site
from openaudit.result import Audit
from openaudit.run import Failure, Named
from openaudit.site.addresses import Address
from openaudit.site.models import Job, briefs
from openaudit.site.overview import Overview
from openaudit.site.settings import Settings
from openaudit.site.shelf import Shelf

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


@contextmanager
def many(folder: Path, names: Sequence[str], language: str) -> Iterator[tuple[Site, Overview]]:
    """What there is to tell of so many models, which are those of the sample under other names."""
    job = Job(sample(folder / "some"), Settings(), (language,), folder, folder / "aside")
    with Shelf(folder / "few") as few, Shelf(folder / "shelf") as shelf:
        few.settle("models", ((id, id) for id in (*SAMPLE, "nobody/nothing")))
        some = [one for one in briefs(job, few) if one.outcomes]
        for n, name in enumerate(names):
            one = some[n % len(some)]
            model = replace(one.model, position=n + 1, reference=name, address=Address(name, name))
            shelf.put(replace(one, model=model))
        yield job.site(language, "x"), Overview(shelf, audit(SAMPLE[0]))
