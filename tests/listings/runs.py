"""Runs for the tests: real audits of the sample, every kind of breach, and strangers' text in every field."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import openaudit
from openaudit.listings import registry
from openaudit.result import Audit, Line
from openaudit.run import Breach, Exemption, Failure, Named, Place, Row, Run
from tests.formats.hostile import PAYLOADS, poisoned

SAMPLE = (
    "allenai/OLMo-2-1124-7B",
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
    "meta-llama/Llama-3.1-8B",
    "Qwen/Qwen2.5-72B-Instruct",
)
EXEMPT = Exemption("The product ends in May.", "ada@example.org", "2027-05-01")
FAILURE = Failure("NotFound", "nobody/nothing: there is no such model", "Check the spelling on huggingface.co.")
GATED = Breach(
    "no-gated-data", "fail", "No data set may be gated.", "data/one is gated.", "https://example.org/a?b=(c)"
)


@cache
def audit(id: str) -> Audit:
    return openaudit.audit(id, snapshot="sample")


def run_of(rows: Iterable[Row], **fields: Any) -> Run:
    """A run of these rows, judged by the rubrics of its first audit."""
    kept = list(rows)
    first = next((row.audit for row in kept if row.audit), None)
    rubrics = {id: (one.version, one.sha256) for id, one in first.rubrics.items()} if first else {}
    plain: dict[str, Any] = {"tool": "openaudit 1.2.3", "source": "the snapshot sample", "rubrics": rubrics}
    return Run(**plain | {"read": lambda: iter(kept)} | fields)


def row(position: int, reference: str, *, file: str = "models.txt", audit: Audit | None = None, **fields: Any) -> Row:
    place = Place(file, position, 3, f"- {reference}  # ours")
    return Row(position, Named(reference, (place,)), Line(audit) if audit else None, **fields)


@cache
def real() -> Run:
    """Four models of the sample, one that is not there, and one breach of each kind."""
    olmo, distilled, llama, qwen = map(audit, SAMPLE)
    rules = ("no-gated-data", "label", "licence")
    rows = [
        row(1, SAMPLE[0], audit=olmo, asked=rules),
        row(2, SAMPLE[1], audit=distilled, asked=rules, breaches=(GATED, _breach("label", "warn"))),
        row(3, "nobody/nothing", failure=FAILURE, asked=rules),
        row(4, SAMPLE[2], audit=llama, asked=rules, breaches=(_breach("licence", "fail", exempt=EXEMPT),)),
        row(5, SAMPLE[3], audit=qwen, asked=rules, breaches=(_breach("label", "fail", known=True),)),
    ]
    return run_of(rows, policy="openaudit.toml", notices=("The exemption of x/y ran out on 2026-01-01.",))


def _breach(rule: str, level: Any, **fields: Any) -> Breach:
    return Breach(rule, level, f"What {rule} demands.", f"It was found wanting ({rule}).", **fields)


def bare() -> Run:
    """The same models without a policy."""
    rows = [dataclasses.replace(one, breaches=(), asked=()) for one in real().rows()]
    return run_of(rows)


def empty() -> Run:
    return run_of([])


def hostile(payload: str) -> Run:
    """A payload wherever a stranger, or whoever wrote the list or the policy, can write."""
    exempt = Exemption(payload, payload, payload)
    breaches = tuple(
        Breach(f"{kind}{payload}", level, payload, payload, f"https://example.org/{payload}", known, pardon)
        for kind, level, known, pardon in (
            ("a", "fail", False, None),
            ("b", "warn", False, None),
            ("c", "fail", True, None),
            ("d", "warn", False, exempt),
        )
    )
    places = (Place(payload, 1, 1, payload), Place(f"dir/{payload}", 7, 2, payload))
    named = Named(payload, places)
    rows = [
        Row(1, named, line=Line(poisoned(payload)), breaches=breaches, asked=(payload,)),
        Row(2, Named(f"{payload}2", places), failure=Failure(payload, payload, payload), breaches=breaches),
    ]
    texts = {"source": payload, "policy": payload, "notices": (payload,), "tool": f"openaudit {payload}"}
    return run_of(rows, **texts)


def every_run() -> Iterator[tuple[str, Run]]:
    yield "real", real()
    yield "bare", bare()
    yield "empty", empty()
    for name, payload in PAYLOADS.items():
        yield name, hostile(payload)


def text_of(name: str, run: Run) -> str:
    return "".join(registry()[name].render(run))
