"""Writes what the documentation says of the code from the code itself, so that the two cannot drift apart.

    python scripts/make_docs.py              writes
    python scripts/make_docs.py --check      writes nothing; tells what is out of step, and links that lead nowhere
    python scripts/make_docs.py --pictures   takes the pictures of the page anew (needs Chromium)

Nine files of ``docs/`` are made whole: see ``PAGES``. In every other page the examples are run: a block marked
``console`` whose lines begin with ``$ openaudit`` gets what these commands print, a block marked ``pycon`` what its
Python prints. A block of YAML or TOML that begins with ``# name.yaml`` or ``# name.toml`` is a file beside which the
commands of its page run.
"""

from __future__ import annotations

import argparse
import contextlib
import doctest
import io
import json
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

import click
from pydantic import BaseModel

import openaudit
from openaudit import licenses, result, runfile
from openaudit.auditing import load_rubrics
from openaudit.cli import cli, main
from openaudit.evidence import Fact, Outcome
from openaudit.formats import registry as formats
from openaudit.judging import conditions
from openaudit.judging.rubric import Criterion, Level, VerdictLevel, in_general
from openaudit.licenses import OBLIGATIONS, RESTRICTIONS, License
from openaudit.listings import registry as listings
from openaudit.policy.schema import schema as policy_schema
from openaudit.probes import registry as probes
from openaudit.probes import vocabulary
from openaudit.requirements import LADDERS

ROOT = Path(__file__).resolve().parent.parent
SHOWN = "deepseek-ai/DeepSeek-R1-Distill-Llama-8B"  # the model of the pictures and of the example in json.md
AGAIN = "python scripts/make_docs.py"


def _first_line(made_from: str) -> str:
    return f"<!-- Made from {made_from}. Do not edit: change that, then run {AGAIN}. -->"


def _cell(text: str) -> str:
    """Text for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _ended(text: str) -> str:
    return text.strip() + ("" if text.strip().endswith((".", "?", "!", ":")) else ".")


def _sentence(text: str) -> str:
    return _ended(text)[:1].upper() + _ended(text)[1:]


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", bare.strip().lower()).replace(" ", "-")


# --------------------------------------------------------------------------- the command line

ENVIRONMENT = {
    "HF_TOKEN": "A token of huggingface.co, for private and gated models. A login with `hf auth login` does as well.",
    "HF_ENDPOINT": "Another address for the Hub, such as a mirror. Links of that host are understood, too.",
    "HF_HUB_OFFLINE": "With `1`, nothing is asked of the network: the cache is read, as with `--offline`.",
    "GITHUB_TOKEN": "A token of GitHub. Without one GitHub answers about 60 questions an hour; the rest is unknown.",
    "GITHUB_API_URL": "Another address for GitHub's API.",
    "OPENAUDIT_CACHE_DIR": "Another folder for the cache than the one your system has for caches.",
    "HTTPS_PROXY": "And `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`: the usual proxy variables.",
    "NO_COLOR": "Set to anything: no colours on the terminal. There are none, either, where the output is piped.",
    "TERM": "With `dumb`, no colours.",
}
EXIT_CODES = {
    0: "Audited, whatever the verdict.",
    1: "Audited, and a `--require` or a rule of the `--policy` was not met.",
    2: "The call cannot be understood or carried out: an option, a rubric, a policy, a place to write to.",
    3: "A model could not be audited: it does not exist, is private or gated away, or the Hub did not answer.",
}
EXAMPLES = {
    "audit": ["audit openai/gpt-oss-20b --snapshot sample --require label=open-source-ai"],
    "policy init": ["policy init", "policy check", "policy show openai/gpt-oss-20b"],
    "rubric list": ["rubric list"],
    "license": ["license gemma"],
    "explain": ["explain openwashing"],
}


def commands(group: click.Group, path: str = "openaudit") -> Iterator[tuple[str, click.Command]]:
    """Every command that is not a group, with its full name."""
    for name in group.list_commands(click.Context(group)):
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _option(option: click.Option) -> tuple[str, str]:
    if isinstance(option.type, click.Choice):
        takes = "|".join(map(str, option.type.choices))
    else:
        takes = option.metavar or ("" if option.is_flag else option.type.name.upper())
    name = ", ".join(f"`{one}`" for one in (*option.opts, *option.secondary_opts))
    default = f" Default: `{option.default}`." if isinstance(option.default, str) and option.default else ""
    return f"{name}{f' `{takes}`' if takes else ''}".replace("|", "\\|"), _cell(_ended(option.help or "") + default)


def cli_page() -> str:
    """Every command with its options, from click."""
    one_model, many_models = (
        [(f"`{one.name}`", _cell(_sentence(one.about)), f"`{one.suffix}`") for one in offered.values()]
        for offered in (formats(), listings())
    )
    page = f"""{_first_line("openaudit/cli/")}

# The command line

Every command explains itself, too: `openaudit --help`, `openaudit audit --help`.

{"".join(_command(name, command) for name, command in commands(cli))}## Formats

Of `openaudit audit`, for one model:

{_table(("`--format`", "What it is for", "Files end in"), one_model)}
Of `openaudit batch` and `openaudit compare`, for many:

{_table(("`--format`", "What it is for", "Files end in"), many_models)}
Several formats go to a folder: `-o reports/ --format html --format json`. More on lists: [batch.md](batch.md).

## What can be required

`--require` says what must hold; it may be given several times. What could not be told does not hold, unless it would
hold whatever came out. `label` and `openwashing` are ladders, where a better rung will do as well; so is the outcome of
a criterion, where `partial` is content with `met`. A [policy](policy.md) keeps such demands in a file.

{_table(("`--require`", "Values"), _requirements())}
A criterion is named as in [rubrics.md](rubrics.md): `four-freedoms/use=met`. One that is not applicable stands in
nobody's way.

## Exit codes

{_table(("Code", "Meaning"), ((str(code), text) for code, text in EXIT_CODES.items()))}
An audit that fails with 2 or 3 leaves no report behind; `openaudit batch` reports what could not be audited.
Stopped with Ctrl-C, it ends with 130.

## Environment

{_table(("Variable", "What it does"), ((f"`{name}`", text) for name, text in ENVIRONMENT.items()))}
Tokens go to the host they belong to, and into no report, snapshot or message.

## Completion

Put one of these into the file that your shell reads when it starts.

    eval "$(_OPENAUDIT_COMPLETE=bash_source openaudit)"      # ~/.bashrc
    eval "$(_OPENAUDIT_COMPLETE=zsh_source openaudit)"       # ~/.zshrc
    _OPENAUDIT_COMPLETE=fish_source openaudit | source       # ~/.config/fish/completions/openaudit.fish
"""
    return run_examples(page)


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name, **cli.context_settings)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    options = [one for one in command.params if isinstance(one, click.Option)]
    paragraphs = (" ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n"))
    parts = [f"## `{name}`\n", f"    {usage}\n", *(f"{paragraph}\n" for paragraph in paragraphs)]
    if options:
        parts.append(_table(("Option", "What it does"), map(_option, options)))
    examples = EXAMPLES.get(name.removeprefix("openaudit "), ())
    parts += [f"```console\n$ openaudit {example}\n```\n" for example in examples]
    return "\n".join(parts) + "\n"


def _requirements() -> Iterator[tuple[str, str]]:
    for rubric in sorted(load_rubrics(), key=lambda one: (one.role != "label", one.role != "openwashing", one.id)):
        ladder = LADDERS.get(rubric.role or "", ())
        values = [f"`{value}`" for value in ladder or dict.fromkeys(level.verdict for level in rubric.verdicts)]
        yield f"`{rubric.role if ladder else rubric.id}=…`", (", then " if ladder else ", ").join(values)
    yield "`RUBRIC/CRITERION=…`", ", ".join(f"`{outcome.value}`" for outcome in Outcome)
    yield "`FACT=…`", "a value of the fact, as in [facts.md](facts.md); of a fact about data sets or other parts, each"


# --------------------------------------------------------------------------- facts

_OF = {
    "ancestor": "each model it was made from",
    "claim": "each claim of the page",
    "clause": "each restricting clause of the licence",
    "dataset": "each data set",
    "license-file": "each licence file",
    "repository": "each code repository",
    "stage": "each stage of training",
}


def _value(value: object) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def facts_page() -> str:
    """The vocabulary: every fact with its question, its values and their sentences."""
    head = f"""{_first_line("the probes in openaudit/probes/")}

# The facts

Rubrics are written in these words. A probe looks at what was gathered and tells facts; each comes with the place where
it was seen. Every fact can also be **unknown**: it could not be looked at. Unknown is never no.

A fact is told of the model, or of each member of a collection. The second kind is asked inside `every:` or `some:`,
with the name of the collection ([how to](writing-a-rubric.md)).

There are {len(vocabulary())} facts.
"""
    parts = [head]
    for name, (probe, told) in probes().items():
        about = (sys.modules[probe.__module__].__doc__ or "").partition("\n\n")[0]
        parts += [f"## {name.capitalize()}\n", f"{' '.join(about.split())}\n"]
        for per in dict.fromkeys(fact.per for fact in told):
            of = f"Of {_OF.get(per, f'each {per}')} (collection `{per}`)" if per else "Of the model"
            rows = ((f"`{fact.name}`", _cell(fact.asks), _says(fact)) for fact in told if fact.per == per)
            parts += [f"{of}:\n", _table(("Fact", "Question", "Values, and what each says"), rows)]
    return "\n".join(parts)


def _says(fact: Fact) -> str:
    values = (
        f"{'any other text' if len(fact.says) > 1 else 'any text'}: {sentence.replace('{value}', '…')}"
        if value == "*"
        else f"{_value(value)}: {sentence}"
        for value, sentence in sorted(fact.says.items(), key=lambda one: one[0] == "*")
    )
    return "<br>".join(map(_cell, values))


# --------------------------------------------------------------------------- rubrics

_ROLES = {
    "label": "its verdict is the headline",
    "freedoms": "its criteria are the four tiles",
    "data": "its verdict stands beside the four freedoms",
    "openwashing": "its verdict is the distance between claim and fact",
}
_MEANS = {"met": "met", "partial": "partly met", "unmet": "not met", "not_applicable": "not applicable"}


def rubrics_page() -> str:
    """Every rubric in plain words."""
    rubrics = sorted(load_rubrics(), key=lambda one: one.id)
    listed = (f"- [{one.title}](#{slug(one.title)}): `{one.id}`, {len(one.criteria)} criteria" for one in rubrics)
    head = f"""{_first_line("the files in rubrics/")}

# The rubrics

A rubric asks questions and says, for every answer, when it is given and why. It is read from the top: the first level
that holds is the outcome. What is not known may leave several outcomes open; then the outcome is *unknown*
([method](method.md)). An ellipsis (…) stands for what a report fills in.

These are the ones that come with openaudit; [you can write your own](writing-a-rubric.md).

{chr(10).join(listed)}
"""
    parts = [head]
    for rubric in rubrics:
        titles = {one.id: one.title for one in rubric.criteria}
        source = f"[{rubric.source.title}]({rubric.source.url}), {rubric.source.version}"
        date = f" ({rubric.source.date})" if rubric.source.date not in ("", rubric.source.version) else ""
        parts += [f"## {rubric.title}\n", f"`{rubric.id}`, version {rubric.version}. After {source}{date}.\n"]
        parts.append(f"{' '.join(rubric.about.split())}\n")
        if rubric.note:
            parts.append(f"*{' '.join(rubric.note.split())}*\n")
        if rubric.role:
            parts.append(f"In a report, {_ROLES[rubric.role]}.\n")
        for criterion in rubric.criteria:
            parts += _criterion(criterion)
        parts.append(f"### Verdict of `{rubric.id}`\n")
        parts += [
            f"- **{verdict.title}** (`{verdict.verdict}`). {in_general(verdict.because)}\n{_when(verdict, titles)}"
            for verdict in rubric.verdicts
        ]
    return "\n".join(parts)


def _criterion(criterion: Criterion) -> Iterator[str]:
    weight = f" Counts {criterion.weight:g} times." if criterion.weight != 1 else ""
    yield f"### {criterion.title} (`{criterion.id}`)\n"
    yield f"{in_general(criterion.question)} {in_general(criterion.why)}{weight}\n"
    yield f"Source: [{in_general(criterion.source.clause)}]({criterion.source.url})\n"
    for level in criterion.levels:
        remedy = f"  - What would help: {in_general(level.remedy)}\n" if level.remedy else ""
        yield f"- **{_sentence(_MEANS[level.outcome])}** {in_general(level.because)}\n{_when(level, {})}{remedy}"


def _when(level: Level | VerdictLevel, titles: Mapping[str, str]) -> str:
    if level.when is None:
        return "  - When: nothing above holds.\n"
    first, *rest = _in_words(level.when, titles)
    return "".join(["  - When: ", first, "\n", *(f"  {line}\n" for line in rest)])


def _in_words(condition: object, titles: Mapping[str, str]) -> list[str]:
    """A condition in words: a line, and indented lines of a list below it for its parts."""
    match condition:
        case conditions.FactIs():
            return [_fact_in_words(condition)]
        case conditions.All(all=parts) | conditions.Any_(any=parts):
            if len(parts) == 1:
                return _in_words(parts[0], titles)
            head = "all of these hold:" if isinstance(condition, conditions.All) else "at least one of these holds:"
            return [head, *_listed(parts, titles)]
        case conditions.Not(not_=part):
            return _led_by("this does **not** hold:", part, titles)
        case conditions.Ancestors(ancestors=part):
            return _led_by("for every model it was made from:", part, titles)
        case conditions.Every(every=of, where=where, that=that) | conditions.Some(some=of, where=where, that=that):
            one = _OF.get(of, f"each {of}").removeprefix("each ")
            many = "for every" if isinstance(condition, conditions.Every) else "for at least one"
            if where is None:
                return _led_by(f"{many} {one}:", that, titles)
            of_those = _in_words(where, titles)
            if len(of_those) == 1:
                return _led_by(f"{many} {one} of which it holds that {of_those[0]}:", that, titles)
            return [f"{many} {one} that counts:", *_listed((where,), titles, "counts if "), *_listed((that,), titles)]
        case conditions.CriterionIs(criterion=id, values=values):
            return [f"“{titles[id]}” is {_or(_MEANS[one] for one in _MEANS if one in values)}"]
        case conditions.CriteriaAre(are=are):
            return [f"every criterion that applies is {_MEANS[are]}"]
        case conditions.VerdictIs(verdict_of=id):
            asked = condition.in_ or (str(condition.is_),)
            return [f"the verdict of `{id}` is {_or(f'`{one}`' for one in asked)}"]
    raise TypeError(f"a condition that the docs have no words for: {condition!r}")


def _led_by(head: str, part: object, titles: Mapping[str, str]) -> list[str]:
    first, *rest = _in_words(part, titles)
    return [f"{head} {first}", *rest]


def _listed(parts: Iterable[object], titles: Mapping[str, str], head: str = "") -> Iterator[str]:
    for part in parts:
        first, *rest = _in_words(part, titles)
        yield f"  - {head}{first}"
        yield from (f"  {line}" for line in rest)


def _fact_in_words(asked: conditions.FactIs) -> str:
    fact = vocabulary()[asked.fact]
    if asked.includes is not None or asked.at_least is not None:
        how = f"includes `{asked.includes}`" if asked.includes is not None else f"is {asked.at_least:g} or more"
        return f"`{fact.name}` {how}"
    listed = [one for one in asked.values if one in fact.says]
    free = [_value(one) for one in asked.values if one not in fact.says]
    words = [fact.sentence(one) for one in listed] + ([f"`{fact.name}` is {_or(free)}"] if free else [])
    return f"{'; or '.join(words)} (`{fact.name}`)" if listed else words[0]


def _or(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


# --------------------------------------------------------------------------- licences

_SCOPES = {
    "model": ("Made for models", "Most of these limit something. A model under them is not open source."),
    "data": ("Made for data", ""),
    "content": ("Made for texts, pictures and other works", ""),
    "software": ("Made for programs", "Only those for which the lists of OSI and FSF do not suffice stand here."),
}
_GRANTS = {"granted": "yes", "limited": "limited", "denied": "no", None: "?"}


def licenses_page() -> str:
    """What each licence of the clause table allows."""
    known = licenses.known()
    head = f"""{_first_line("the table in openaudit/licenses/table/")}

# What each licence allows

The {len(known)} licences whose clauses openaudit keeps itself. For all others with an SPDX id it takes the judgement of
the Open Source Initiative and of the Free Software Foundation from the SPDX list. `openaudit license ID` shows one of
them with the words of its clauses; `openaudit license FILE` reads a text.

*yes*: anyone may, for any purpose. *limited*: not for everyone, or not for everything. *no*: nobody may. *?*: it cannot
be told. **Open**: approved by OSI or called free by FSF, an open licence for data or content, or OpenMDW. These are
summaries in our own words, and no legal advice.
"""
    parts = [head]
    for scope, (title, about) in _SCOPES.items():
        of_scope = sorted((one for one in known if one.scope == scope), key=lambda one: one.name.lower())
        parts += [f"## {title}\n", *([f"{about}\n"] if about else [])]
        columns = ("Licence", "Open", "Use", "Study", "Change", "Share", "What it limits", "What it asks for")
        parts.append(_table(columns, map(_license_row, of_scope)))
    for title, kinds in (("The kinds of limits", RESTRICTIONS), ("What may be asked", OBLIGATIONS)):
        parts += [f"## {title}\n"]
        parts.append(_table(("Kind", "What it means"), ((f"`{kind}`", text) for kind, text in kinds.items())))
        if kinds is OBLIGATIONS:
            parts.append("None of these makes a licence less than open.\n")
    return "\n".join(parts)


def _license_row(one: License) -> Iterator[str]:
    yield f"{f'[{_cell(one.name)}]({one.url})' if one.url else _cell(one.name)}<br>`{one.id}`"
    yield {True: "**yes**", False: "no", None: "?"}[one.open]
    yield from (_GRANTS[grant] for grant in (one.use, one.study, one.modify, one.share))
    yield "<br>".join(_cell(clause.says) for clause in one.restrictions) or "–"
    yield ", ".join(clause.kind for clause in one.obligations) or "–"


# --------------------------------------------------------------------------- the JSON contract

MEANINGS = {
    "Audit.schema": "Which contract this is.",
    "Audit.tool": "The program and version that made it.",
    "Audit.subject": "What was audited.",
    "Audit.label": "The rung on the G7 ladder: the verdict of the rubric that fills the place `label`.",
    "Audit.summary": "One or two sentences: what it is, and how that compares with what it says.",
    "Audit.rubrics": "Every rubric that ran, by id.",
    "Audit.claims": "What the page says of the model's openness.",
    "Audit.openwashing": "The distance between what is claimed and what was found.",
    "Audit.license": "What the licence over the weights lets anyone do.",
    "Audit.lineage": "The models it was made from, the nearest first.",
    "Audit.datasets": "The data sets that its page names.",
    "Audit.steps": "What the maker could do, the step that changes most criteria first.",
    "Audit.limits": "What this audit could not see.",
    "Audit.evidence": "Everything that was seen, by key. Criteria and claims name these keys.",
    "Subject.id": "`owner/name`, or the name of the folder.",
    "Subject.revision": "The commit everything was read at; `null` where not known.",
    "Subject.source": "From the Hub (a snapshot of it, too), or a folder.",
    "Subject.url": "The page at that commit; empty for a folder.",
    "Subject.maker": "The owner; empty for a folder.",
    "Subject.gathered": "When it was looked at.",
    "Subject.last_modified": "When its maker changed it last.",
    "Subject.note": "What a snapshot says of itself, such as that its texts are abridged.",
    "Subject.task": "The Hub's name for what it does, such as `text-generation`.",
    "RubricResult.version": "The version that the rubric gives itself.",
    "RubricResult.sha256": "The fingerprint of the rubric's file.",
    "RubricResult.title": "Its title.",
    "RubricResult.about": "What it asks, in a few sentences.",
    "RubricResult.note": "What it does not claim.",
    "RubricResult.role": "The place of the report it fills; most have none.",
    "RubricResult.source_title": "The text it puts into practice.",
    "RubricResult.source_url": "A link to that text.",
    "RubricResult.source_version": "Which version of that text.",
    "RubricResult.outcome": "How good the verdict is.",
    "RubricResult.verdict": "The verdict's id; `unknown` where several are possible.",
    "RubricResult.verdict_title": "The verdict in words.",
    "RubricResult.possible": "Every verdict that what is unknown still allows.",
    "RubricResult.because": "Why, in a sentence.",
    "RubricResult.score": "The share of points.",
    "RubricResult.criteria": "Every criterion, by id.",
    "CriterionResult.title": "Its title.",
    "CriterionResult.question": "What is asked.",
    "CriterionResult.why": "Why it matters.",
    "CriterionResult.clause": "The clause it stands on.",
    "CriterionResult.url": "A link to that clause.",
    "CriterionResult.outcome": "How it came out.",
    "CriterionResult.possible": "Every outcome that what is unknown still allows.",
    "CriterionResult.words": "The outcome in a few words, where the rubric has some.",
    "CriterionResult.because": "Why, in a sentence. Never empty.",
    "CriterionResult.remedy": "What its maker could do; empty where nothing is wanting.",
    "CriterionResult.evidence": "Keys of `evidence`: what decided, and what is worth reading beside it.",
    "CriterionResult.decided": "What decided, in sentences.",
    "CriterionResult.change": "The least that would have to be otherwise for it to be met.",
    "Change.fact": "The fact.",
    "Change.about": "The data set, stage or file it is about; empty: the model.",
    "Change.model": "The ancestor it is about; empty: the model itself.",
    "Change.says": "The sentence that would have to be true.",
    "Score.low": "If everything unknown turned out badly.",
    "Score.high": "If everything unknown turned out well.",
    "Claim.text": "What is claimed, in our words.",
    "Claim.level": "How much is claimed.",
    "Claim.quote": "The words of the page.",
    "Claim.evidence": "A key of `evidence`.",
    "Openwashing.level": "How far the claim is from the facts.",
    "Openwashing.because": "Why, in a sentence.",
    "Ancestor.id": "`owner/name`.",
    "Ancestor.relation": "How one was made from the other, such as `finetune`.",
    "Ancestor.license": "The licence of its weights; `none`: it has none; `null`: not known.",
    "Ancestor.label": "Its own rung on the ladder.",
    "Ancestor.depth": "How many generations away.",
    "Ancestor.parent": "The model that was made from it.",
    "Ancestor.url": "Where it was seen.",
    "Ancestor.note": "Why it could not be looked at.",
    "DatasetRow.id": "The name on the Hub, or as the page gives it.",
    "DatasetRow.stage": "The stage of training, or `unspecified`.",
    "DatasetRow.status": "Whether anyone can download it: a value of `dataset.status`, or `unknown`.",
    "DatasetRow.license": "Its licence; `none`: it has none; `null`: not known.",
    "DatasetRow.form": "Whether it is the data themselves: a value of `dataset.form`, or `unknown`.",
    "DatasetRow.size": "The size of its files in bytes, or null where that was not gathered.",
    "DatasetRow.open": "Whether its terms are open; `null`: not known.",
    "DatasetRow.url": "Where it was seen.",
    "DatasetRow.note": "What was looked for, or why it is not known.",
    "LicenseSummary.id": "The licence the model's own page gives; `null`: none, or not known.",
    "LicenseSummary.name": "The name of the licence that sets the limits.",
    "LicenseSummary.open": "Whether the licences of model and ancestors are open; `null`: not known.",
    "LicenseSummary.use": "What it lets anyone do.",
    "LicenseSummary.study": "The same.",
    "LicenseSummary.modify": "The same.",
    "LicenseSummary.share": "The same.",
    "LicenseSummary.url": "A link to its text.",
    "LicenseSummary.clauses": "What it forbids and demands.",
    "LicenseSummary.inherited_from": "The ancestor whose licence sets the limits; `null`: the model's own does.",
    "LicenseClause.kind": "The kind, as in [licenses.md](licenses.md#the-kinds-of-limits).",
    "LicenseClause.says": "What it says, in plain words.",
    "LicenseClause.quote": "The words it was read in.",
    "LicenseClause.clause": "Where in the licence.",
    "LicenseClause.url": "A link to it.",
    "LicenseClause.restricts": "Whether it takes a freedom away; a duty such as attribution does not.",
    "Place.url": "The page, pinned to the commit.",
    "Place.file": "The file.",
    "Place.line": "The line, from 1.",
    "Place.quote": "The words as published.",
    "Place.gathered": "When it was seen.",
    "Entry.fact": "The fact, as in [facts.md](facts.md).",
    "Entry.value": "Its value; `null`: it could not be told.",
    "Entry.says": "The finding in a sentence.",
    "Entry.about": "The data set, stage or file it is about; empty: the model.",
    "Entry.model": "The ancestor it is about; empty: the model itself.",
    "Entry.note": "Why it could not be told, or what was looked for.",
    "Entry.source": "Where it was seen; `null`: what was looked for is not there, or in many places.",
    "Step.text": "What to do.",
    "Step.criteria": "What it would change, as `rubric/criterion`.",
    "Run.schema": "Which contract this is.",
    "Run.tool": "The program and version that made it.",
    "Run.source": "Where the models were looked up.",
    "Run.policy": "The file of the policy that was applied; `null`: none was.",
    "Run.notices": "What to know of the run itself, such as an exemption that ran out.",
    "Run.rubrics": "The rubrics that judged, by id.",
    "Run.counts": "What it came to.",
    "Run.models": "Every model, in the order of the list.",
    "Model.reference": "The model, as the list writes it.",
    "Model.places": "Where the list, or the code, names it.",
    "Model.audit": "The audit; `null`: it could not be audited.",
    "Model.failure": "Why it could not be audited; `null`: it was.",
    "Model.asked": "The rules of the policy that it was held to.",
    "Model.breaches": "The rules that it does not keep.",
    "Named place.file": "The file, as it was given; `-`: standard input.",
    "Named place.line": "The line, from 1.",
    "Named place.column": "The character in the line, from 1.",
    "Named place.text": "The line.",
    "Failure.kind": "The kind of error.",
    "Failure.message": "What is wrong.",
    "Failure.advice": "What to do about it.",
    "Breach.rule": "The rule, as the policy calls it.",
    "Breach.level": "Whether the rule fails a run, or only warns.",
    "Breach.says": "What it demands.",
    "Breach.because": "What was found instead.",
    "Breach.url": "Where it was seen.",
    "Breach.known": "Whether it stands in the baseline: then it fails nothing.",
    "Breach.exempt": "Why it may stand; `null`: it is not exempt.",
    "Exemption.reason": "Why.",
    "Exemption.author": "Who decided it.",
    "Exemption.until": "The last day it holds.",
    "Judge.version": "The version that the rubric gives itself.",
    "Judge.sha256": "The fingerprint of the rubric's file.",
    "Totals.models": "How many models the list names.",
    "Totals.audited": "How many were audited.",
    "Totals.not_audited": "How many could not be audited.",
    "Totals.failing": "How many fail the policy.",
    "Totals.warned": "How many have a warning of the policy.",
    "Totals.labels": "How many came to each label.",
}


def schema() -> dict[str, Any]:
    """The JSON Schema of the contract, without the titles that pydantic makes up."""
    return _schema(result.Audit, "openaudit/result.py", {"Audit": result.SCHEMA})


def run_schema() -> dict[str, Any]:
    """The JSON Schema of a run, the audits in it included."""
    return _schema(runfile.Document, "openaudit/runfile.py", {"Document": runfile.SCHEMA, "Audit": result.SCHEMA})


def _schema(kind: type[BaseModel], made_from: str, ids: Mapping[str, str]) -> dict[str, Any]:
    made = kind.model_json_schema(by_alias=True, mode="serialization")
    comment = f"Made from {made_from}. Do not edit: change that, then run {AGAIN}."
    found: dict[str, Any] = {"$comment": comment, "$schema": "https://json-schema.org/draft/2020-12/schema"}
    found |= _bare(made)
    for name, part in {kind.__name__: found, **found["$defs"]}.items():
        if name in ids:
            part["properties"]["schema"] = {"const": ids[name]}
        if "properties" in part:  # a default is written, too
            part["required"] = list(part["properties"])
    return found


def _bare(part: Any, named: bool = False) -> Any:
    """A schema without titles and defaults; ``named``: its keys are names, and none of them is the schema's own."""
    if isinstance(part, list):
        return [_bare(one) for one in part]
    if not isinstance(part, dict):
        return part
    left_out = () if named else ("title", "default")
    names = ("properties", "$defs")
    return {
        key: " ".join(value.split()) if key == "description" and isinstance(value, str)
        else _bare(value, key in names and not named)
        for key, value in part.items() if key not in left_out
    }  # fmt: skip


def schema_page() -> str:
    """The JSON Schema as a file."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def policy_schema_page() -> str:
    """The JSON Schema of a policy as a file, for editors."""
    comment = f"Made from openaudit/policy/ and the rubrics. Do not edit: change these, then run {AGAIN}."
    return json.dumps({"$comment": comment} | policy_schema(load_rubrics(), vocabulary()), indent=2) + "\n"


def run_schema_page() -> str:
    """The JSON Schema of a run over many models, as a file."""
    return json.dumps(run_schema(), ensure_ascii=False, indent=2) + "\n"


def _kind(value: Mapping[str, Any]) -> str:
    """The type of a value, in words."""
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return ", ".join(f"`{json.dumps(one)}`" for one in value["enum"])
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        if name == "Outcome":
            return ", ".join(f'`"{outcome.value}"`' for outcome in Outcome)
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(_kind(one) for one in value["anyOf"])
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}"
    if isinstance(value.get("additionalProperties"), Mapping):
        return f"by id: {_kind(value['additionalProperties'])}"
    return {"string": "text", "boolean": "`true`, `false`", "null": "`null`"}.get(value["type"], str(value["type"]))


def json_page() -> str:
    """The contract as tables, from the schema, the docstrings and ``MEANINGS``."""
    found = schema()
    head = f"""{_first_line("openaudit/result.py")}

# The JSON contract: `{result.SCHEMA}`

`openaudit audit REF --format json` prints it, `openaudit.audit("owner/name").to_json()` returns it, and every other
format is made from it and from nothing else. A [JSON Schema](audit.schema.json) describes it.

Every key is always there. Keys may be added; one that goes, or changes what it means, makes it `openaudit.audit/2`. The
same audit gives the same bytes: UTF-8, two spaces, no time but that of gathering.

A part of the audit of `{SHOWN}` in the sample:

```json
{json.dumps(_excerpt(), ensure_ascii=False, indent=2)}
```
"""
    parts = [head]
    for name, part in {"Audit": found, **found["$defs"]}.items():
        kind = getattr(result, name)
        if not issubclass(kind, BaseModel):
            continue
        about = " ".join(part.get("description", "").replace("``", "`").split())
        rows = [(f"`{key}`", _kind(value).replace("|", "\\|"), _meaning(name, key, value))
                for key, value in part["properties"].items()]  # fmt: skip
        parts += [f"## {name}\n", *([f"{about}\n"] if about else [])]
        parts.append(_table(("Key", "Value", "What it says"), rows))
    return "\n".join(parts)


def _meaning(name: str, key: str, value: Mapping[str, Any]) -> str:
    return _cell(value.get("description") or MEANINGS.get(f"{name}.{key}", "*not described*"))


def undescribed() -> list[str]:
    """Keys of the contracts without a meaning, and meanings without a key."""
    parts = {"Audit": schema(), **schema()["$defs"], **_run_parts()}
    keys = {(name, key): value for name, part in parts.items() for key, value in part.get("properties", {}).items()}
    wanted = {f"{name}.{key}" for (name, key), value in keys.items() if "description" not in value}
    return sorted(wanted ^ MEANINGS.keys())


# --------------------------------------------------------------------------- runs over many models

_RUN_ONLY = ("Model", "Named place", "Failure", "Breach", "Exemption", "Judge", "Totals")


def _run_parts() -> dict[str, Any]:
    """What a run has beside the audits in it, by name. Its places are not those of an audit."""
    found = run_schema()
    parts = {"Run": found, **found["$defs"]}
    parts["Named place"] = next(part for name, part in parts.items() if name.endswith("run__Place"))
    return {name: parts[name] for name in ("Run", *_RUN_ONLY)}


def run_page() -> str:
    """The listings, and the contract of a run as tables."""
    about = [(f"`{one.name}`", _cell(_sentence(one.about)), f"`{one.suffix}`") for one in listings().values()]
    head = f"""{_first_line("openaudit/runfile.py and openaudit/listings/")}

# A run over many models

What came of a list of models can be told in several ways. The same run gives the same bytes, in the order of the list.
What strangers wrote is escaped; a run of any length is written as it is read.

{_table(("Listing", "What it is for", "Files end in"), about)}
A model that **could not be audited** is told of everywhere, and never as if it had been judged: it is the rule
`audited`, which holds without a policy, too. What a **baseline** knows and what is **exempt** fails nothing, and is
left out nowhere: in JUnit it is skipped, in SARIF suppressed, a notice on GitHub, an information on GitLab.

How to use them in a pipeline: [ci.md](ci.md).

## The JSON contract: `{runfile.SCHEMA}`

The listing `json` is one document; a [JSON Schema](run.schema.json) describes it. Each model stands on a line of its
own. The listing `jsonl` has only these lines: one [Model](#model) each. Every key is always there. Keys may be added;
one that goes, or changes what it means, makes it `openaudit.run/2`.
"""
    parts = [head]
    for name, part in _run_parts().items():
        rows = [(f"`{key}`", _run_kind(value).replace("|", "\\|"), _meaning(name, key, value))
                for key, value in part["properties"].items()]  # fmt: skip
        text = " ".join(part.get("description", "").replace("``", "`").split())
        parts += [f"## {name}\n", *([f"{text}\n"] if text else [])]
        parts.append(_table(("Key", "Value", "What it says"), rows))
    return "\n".join(parts)


def _run_kind(value: Mapping[str, Any]) -> str:
    """The type of a value, in words; an audit is described on its own page."""
    told = re.sub(r"\[openaudit__run__Place\]\(.*?\)", "[Named place](#named-place)", _kind(value))
    return told.replace("(#audit)", "(json.md#audit)")


def _excerpt() -> dict[str, Any]:
    """The head of a real audit, one criterion of it and the first thing that decided it."""
    audit = openaudit.audit(SHOWN, snapshot="sample").to_dict()
    rubric, of = next((id, one) for id, one in audit["rubrics"].items() if one["role"] == "label")
    id, criterion = next((id, one) for id, one in of["criteria"].items() if one["outcome"] == "unmet")
    key = criterion["evidence"][0]
    some_of = ("outcome", "because", "remedy", "evidence")
    shown = {"version": of["version"], "outcome": of["outcome"], "verdict": of["verdict"], "score": of["score"]}
    shown["criteria"] = {id: {name: criterion[name] for name in some_of}}
    head = {name: audit[name] for name in ("schema", "tool", "label", "summary")}
    parts = {"openwashing": audit["openwashing"], "lineage": audit["lineage"][:1]}
    return head | {"rubrics": {rubric: shown}} | parts | {"evidence": {key: audit["evidence"][key]}}


# --------------------------------------------------------------------------- examples in pages written by hand

_BLOCK = re.compile(r"^```(?P<kind>console|pycon|yaml|toml)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def run_examples(page: str) -> str:
    """The page with what its examples print today. Files that it shows, and commands write, live in a folder."""
    with tempfile.TemporaryDirectory(prefix="openaudit-docs-") as folder, contextlib.chdir(folder):
        names: dict[str, Any] = {}

        def run(block: re.Match[str]) -> str:
            text = block["text"]
            match block["kind"]:
                case "yaml" | "toml" if file := re.match(r"# ([\w-]+\.(?:yaml|toml))\n", text):
                    Path(file[1]).write_text(text, encoding="utf-8")
                case "console" if text.startswith("$ "):
                    text = "".join(map(_ran, re.findall(r"^\$ (.*)$", text, re.MULTILINE)))
                case "pycon":
                    text = "".join(_evaluated(one, names) for one in doctest.DocTestParser().get_examples(text))
            return f"```{block['kind']}\n{text}```"

        return _BLOCK.sub(run, page)


_LAST = [0]


def _ran(command: str) -> str:
    """A command with what it prints, errors included. ``echo $?`` tells how the one before ended."""
    if command == "echo $?":
        return f"$ {command}\n{_LAST[0]}\n"
    program, *words = shlex.split(command)
    if program != "openaudit":
        raise ValueError(f"an example can only run openaudit: {command}")
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    plain = {key: value for key, value in os.environ.items() if not key.startswith("_OPENAUDIT")}
    with (
        patch.object(sys, "argv", [program, *words]),
        patch.object(sys, "stdout", out),
        patch.object(sys, "stderr", out),
        patch.dict(os.environ, plain | {"NO_COLOR": "1", "LC_ALL": "C"}, clear=True),
    ):
        try:
            main()
        except SystemExit as stop:
            _LAST[0] = int(stop.code or 0)
    out.flush()
    assert isinstance(out.buffer, io.BytesIO)  # noqa: S101 - said for mypy
    return f"$ {command}\n{out.buffer.getvalue().decode()}"


def _evaluated(example: doctest.Example, names: dict[str, Any]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(example.source, "<example>", "single"), names)  # noqa: S102 - our own pages
    first, *rest = example.source.rstrip("\n").split("\n")
    return "\n".join([f">>> {first}", *(f"... {line}" for line in rest), out.getvalue()])


# --------------------------------------------------------------------------- everything together

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/cli.md": cli_page,
    "docs/facts.md": facts_page,
    "docs/rubrics.md": rubrics_page,
    "docs/licenses.md": licenses_page,
    "docs/json.md": json_page,
    "docs/audit.schema.json": schema_page,
    "docs/policy.schema.json": policy_schema_page,
    "docs/run.md": run_page,
    "docs/run.schema.json": run_schema_page,
}


def written_by_hand() -> list[Path]:
    """The README and the pages of docs/ that are not made whole."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path for path in found if path.relative_to(ROOT).as_posix() not in PAGES]


def make() -> dict[Path, str]:
    """Every file that this script answers for, with the text it should have."""
    made = {ROOT / name: page() for name, page in PAGES.items()}
    return made | {path: run_examples(path.read_text(encoding="utf-8")) for path in written_by_hand()}


def out_of_step() -> list[str]:
    """The files that are not as they would be made now."""
    return [
        path.relative_to(ROOT).as_posix()
        for path, text in make().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_CODE = re.compile(r"^(```|~~~).*?^\1|^(?: {4}|\t).*?$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def texts() -> list[Path]:
    """Every Markdown file of the repository, but those of snapshots: they are other people's."""
    strange = {".venv", "build", "dist", "node_modules", ".git", "files", "cases", ".pytest_cache"}
    return [path for path in sorted(ROOT.rglob("*.md")) if not strange & set(path.relative_to(ROOT).parts)]


def dead_links() -> list[str]:
    """Relative links, of all Markdown files, to what is not there: a file, or a heading in it."""
    dead = []
    for path in texts():
        for link in _LINK.finditer(_CODE.sub("", path.read_text(encoding="utf-8"))):
            address = link[1] or link[2]
            if re.match(r"[a-z][a-z+.-]*:", address):
                continue
            name, _, anchor = unquote(address).partition("#")
            aim = (path.parent / name).resolve() if name else path
            if not aim.exists() or (anchor and aim.suffix == ".md" and anchor not in _anchors(aim)):
                dead.append(f"{path.relative_to(ROOT)}: {address}")
    return dead


def _anchors(path: Path) -> set[str]:
    text = re.sub(r"^(```|~~~).*?^\1", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+)$", text, re.MULTILINE):
        base = slug(heading)
        found.add(base if base not in found else f"{base}-1")
    return found


def _main() -> int:
    parser = argparse.ArgumentParser(description="Makes the documentation from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where something is out of step")
    asked = parser.parse_args()
    if not asked.check:
        for path, text in make().items():
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                print(f"wrote {path.relative_to(ROOT)}")
    stale, dead, mute = (out_of_step() if asked.check else []), dead_links(), undescribed()
    for name in stale:
        print(f"{name}: not what the code says now", file=sys.stderr)
    for link in dead:
        print(f"{link}: leads nowhere", file=sys.stderr)
    for key in mute:
        print(f"{key}: say in Field(description=…) what it means, or mend MEANINGS in this script", file=sys.stderr)
    if stale:
        print(f"Run `{AGAIN}`, read what changed, and commit it.", file=sys.stderr)
    return 1 if stale or dead or mute else 0


if __name__ == "__main__":
    sys.exit(_main())
