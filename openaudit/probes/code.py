"""Code: what the linked repositories hold — training, data processing, inference, evaluation. A link is not code.

A repository counts for this model when its maker published it, when the card names it as this model's own, or when
the card's words say that it is what the model was trained or processed with. Tools that the card merely uses
(a serving engine, a loader) do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from openaudit import licenses
from openaudit.evidence import CodeRepo, Finding, Missing, NotLooked, Source
from openaudit.probes import Case, Fact, probe
from openaudit.probes.case import maker
from openaudit.probes.license import governing
from openaudit.reading.pointers import Pointer

LOOKED = Fact(
    "repository.looked",
    "Could this code repository be looked at?",
    {True: "the code repository was looked at", False: "the code repository does not exist (any more)"},
    per="repository",
)
OWN = Fact(
    "repository.own",
    "Is it the code of this model?",
    {True: "it is the code of this model", False: "it is a tool the card mentions"},
    per="repository",
)
LICENSE = Fact(
    "repository.license",
    "Under which licence is the code?",
    {"*": "the code is under {value}", "none": "the code has no licence that GitHub recognises"},
    per="repository",
)


OPEN = Fact(
    "repository.open",
    "Is the code under an open licence?",
    {True: "the code is under an open licence", False: "the code is under no open licence"},
    per="repository",
)
TRAINING = Fact(
    "code.training",
    "Is the code that trained the model public?",
    {
        "public": "the code that trained the model is public",
        "framework": "only the general framework it was trained with is named",
        "none": "no code that trained the model was found",
    },
)


def _holds(kind: str, thing: str) -> Fact:
    return Fact(
        f"code.{kind}",
        f"Is the code for {thing} public?",
        {True: f"the code for {thing} is public", False: f"no public code for {thing} was found"},
    )


DATA = _holds("data", "collecting and processing the training data")
OWN_CODE = Fact(
    "code.own",
    "Is there a code repository of this model with code in it?",
    {
        True: "there is a code repository of this model, with code in it",
        False: "no code repository of this model was found",
    },
)
INFERENCE = _holds("inference", "running the model")
EVALUATION = _holds("evaluation", "evaluation")

# What a file or folder name says that it is for. Tests, docs and examples of use are looked past.
_ENTRY = {
    "training": re.compile(
        r"(?:^|/)(?:[\w-]+[_-])?(?:pre-?)?train(?:er|ing)?(?:/|\.py$|\.sh$|\.ya?ml$|\.slurm$)|"
        r"(?:^|/)(?:run_)?(?:pre-?)?train(?:er|ing)?[_-](?:gpt|bert|t5|llama|llm|lm|vlm|clm|mlm|model|main|net|dist\w*|fsdp|ddp|deepspeed|multi\w*|unet|vae|"
        r"text_to_image|mamba|moe|sft|dpo|rm|reward|ppo|\d+[bm])\w*\.(?:py|sh)$|"
        r"(?:^|/)run_(?:pre-?)?train\w*\.(?:py|sh)$|(?:^|/)(?:run_)?(?:fine-?tun\w*|sft|dpo|ppo|rlhf|ptuning)(?:_[\w-]+)?\.(?:py|sh)$|"
        r"(?:^|/)(?:fine-?tune?|finetuning|pre-?training|training|sft|rlhf)/[^/]+",
        re.IGNORECASE,
    ),
    "data": re.compile(
        r"(?:^|/)(?:data[-_]?(?:prep\w*|process\w*|pipelines?|generation|collection|clean\w*|curation)|preprocess\w*|"
        r"prepare[-_]?data\w*|create[-_]pretraining[-_]data|tokeni[sz]e[-_]?(?:data|corpus)?|dedup\w*|filter(?:ing)?s?|crawl\w*)(?:/|\.py$|\.sh$|[-_][\w-]+\.py$)|"
        r"(?:^|/)(?:llm-)?data/[\w/-]+\.py$",
        re.IGNORECASE,
    ),
    "inference": re.compile(
        r"(?:^|/)(?:infer(?:ence)?|generat(?:e|ion)|chat|serv(?:e|ing|er)|sampl(?:e|ing)|cli[-_]?demo|web[-_]?demo|api|demo|app|predict)(?:[-_][\w-]+)?(?:/|\.py$|\.ipynb$)|"
        r"(?:^|/)(?:scripts/)?(?:txt2img|img2img)\.py$|(?:^|/)model(?:ing|ling)?(?:_\w+)?\.py$",
        re.IGNORECASE,
    ),
    "evaluation": re.compile(
        r"(?:^|/)(?:eval(?:s|uat(?:e|ion|or))?|benchmarks?|lm[-_]eval\w*)(?:[-_][\w-]+)?(?:/|\.py$|\.sh$)", re.IGNORECASE
    ),
}  # fmt: skip
_PASSED_OVER = re.compile(
    r"(?:^|/)(?:tests?|docs?|assets?|\.github|locales?|node_modules|third_party|website)/", re.IGNORECASE
)
_OF_USE = re.compile(
    r"llama[-_]?factory|axolotl|(?:^|/)examples?/.*(?:finetun|lora|sft)|(?:^|/)(?:finetun\w*|fine-tun\w*|ptuning|lora)",
    re.IGNORECASE,
)

# Words around a link that make it this model's own code, and words that only name a tool it was made with.
_CODE_OF_IT = re.compile(
    r"\b(?:training|fine-?tuning|pre-?training|data[- ](?:prep\w*|processing|reconstruction)|source|evaluation) (?:code|scripts?|recipes?|configs?)\b|"
    r"core repo|official (?:code|implementation|repo)|\bour (?:code|repo|github)|训练代码|code d['’]entra[iî]nement",
    re.IGNORECASE,
)
_TRAINED_WITH = re.compile(
    r"\b(?:pre-?|post-?)?train(?:ing|ed)?\b.{0,50}?\b(?:framework|library|using|with|handbook|based on|software)\b|^\W*(?:library|software)\b|\bused for training\b",
    re.IGNORECASE,
)
_DATA_WITH = re.compile(
    r"\bdata[- ]?(?:\w+ )?(?:prep\w*|processing|pipeline|reconstruction|collection|curation|generation|filter\w*)|"
    r"\b(?:prepar|process|filter|reconstruct|deduplicat)\w* .{0,30}\bdata\b",
    re.IGNORECASE,
)
_OWN_FIELD = re.compile(
    r"^\W*(?:repositor(?:y|ies)|github(?: repo(?:sitory)?)?|code|source code|codebase|official code|代码|仓库|dépôt)\b[^.]{0,20}[:：]?",
    re.IGNORECASE,
)
_NOT_OF_MODEL = re.compile(
    r"tokeni[sz]er|eval|benchmark|leaderboard|demo|cookbook|awesome|tech-?report|docs?$", re.IGNORECASE
)
_OPEN_RUNTIMES = frozenset(
    "transformers diffusers sentence-transformers timm peft adapter-transformers gguf llama.cpp onnx keras spacy flair fairseq "
    "espnet nemo speechbrain open_clip stanza allennlp asteroid mlx setfit span-marker tensorflowtts pyannote-audio ctranslate2 "
    "fasttext sklearn stable-baselines3 ml-agents mamba-ssm open_lm bertopic transformers.js paddlenlp vllm audiocraft "
    "diffusion-single-file voicecraft bark whisper".split()
)


@dataclass(frozen=True, slots=True)
class _Linked:
    """A linked repository: what a look at it gave, whether it is this model's own, and the words around the link."""

    id: str
    look: CodeRepo | NotLooked
    own: bool
    source: Source

    @property
    def words(self) -> str:
        return self.source.quote or ""


INFERENCE_OPEN = Fact(
    "code.inference_open",
    "Is the code that runs the model under an open licence?",
    {
        True: "the code that runs the model is under an open licence",
        False: "the code that runs the model is under no open licence",
    },
)


@probe(LOOKED, OWN, LICENSE, OPEN, OWN_CODE, TRAINING, DATA, INFERENCE, EVALUATION, INFERENCE_OPEN)
def code(case: Case) -> Iterator[Finding]:
    """Looks into the repositories that the card links, and at the code beside the weights."""
    linked: list[_Linked] = []
    for pointer in case.code_repos:
        found = case.snapshot.code(pointer.id.lower())
        own = _is_own(case, pointer)
        yield Finding(OWN.name, own, pointer.source, pointer.id)
        if isinstance(found, Missing):
            yield Finding(LOOKED.name, False, pointer.source, pointer.id, "looked for on GitHub, and not there")
            continue
        linked.append(_Linked(pointer.id, found, own, pointer.source))
        if isinstance(found, NotLooked):
            yield Finding(LOOKED.name, None, pointer.source, pointer.id, found.why)
            continue
        source = Source(found.url(), gathered=found.gathered)
        yield Finding(LOOKED.name, True, source, pointer.id, "archived: no longer maintained" if found.archived else "")
        spdx = found.license if found.license not in (None, "NOASSERTION") else "none"
        yield Finding(LICENSE.name, spdx, source, pointer.id)
        is_open = licenses.lookup(spdx).open if spdx != "none" else (None if found.license else False)
        yield Finding(
            OPEN.name,
            is_open,
            source,
            pointer.id,
            "" if is_open is not None else "GitHub could not tell which licence it is",
        )
    yield _own_code(case, linked)
    yield _training(case, linked)
    for kind in ("data", "evaluation"):
        yield _find(case, kind, linked)
    inference = _inference(case, linked)
    yield inference
    yield _inference_open(case, linked, inference)


def own_repositories(case: Case) -> list[CodeRepo | NotLooked]:
    """What a look at each of this model's own repositories gave; those that do not exist are left out."""
    looks = [case.snapshot.code(p.id.lower()) for p in case.code_repos if _is_own(case, p)]
    return [look for look in looks if not isinstance(look, Missing)]


def _is_own(case: Case, pointer: Pointer) -> bool:
    """Whether a linked repository is this model's own code, by its owner, its name or the words around the link."""
    owner, name = pointer.id.lower().split("/")
    if _alike(owner, maker(case.repo.id)) or _alike(name, maker(case.repo.id)):
        return True
    plain = re.sub(r"[^a-z0-9]", "", name)
    if any(plain.startswith(re.sub(r"[^a-z0-9]", "", n)) for n in case.names):
        return True
    if pointer.block is None:
        return False
    text = pointer.source.quote or pointer.block.text
    if re.search(r"eval|benchmark", " ".join(pointer.block.section[-1:]), re.IGNORECASE):
        return False
    return bool(_OWN_FIELD.match(text) or _CODE_OF_IT.search(text))


def _alike(github: str, hub: str) -> bool:
    """The same owner on both sites, as far as names tell: ``qwenlm`` and ``qwen``, ``swiss-ai`` and ``swiss-ai``."""
    a, b = (re.sub(r"[^a-z0-9]", "", x) for x in (github, hub))
    if not a or not b:
        return False
    return a == b or (min(len(a), len(b)) >= 4 and (a.startswith(b) or b.startswith(a)))


def _own_code(case: Case, linked: list[_Linked]) -> Finding:
    """Whether a repository of this model holds code at all, of whatever kind."""
    own = [link for link in linked if link.own]
    for link in own:
        if isinstance(link.look, CodeRepo) and any(
            p.endswith((".py", ".sh", ".ipynb", ".cpp", ".rs", ".cu")) for p in link.look.tree
        ):
            return Finding(OWN_CODE.name, True, Source(link.look.url(), gathered=link.look.gathered))
    unseen = next((link for link in own if isinstance(link.look, NotLooked)), None)
    if unseen and isinstance(unseen.look, NotLooked):
        return Finding(
            OWN_CODE.name, None, unseen.source, note=f"{unseen.id} could not be looked into: {unseen.look.why}"
        )
    return case.unless_unread(OWN_CODE.name, False, "links to code of this model")


def _training(case: Case, linked: list[_Linked]) -> Finding:
    """Public: the maker's own training code. Framework: the card names the tool, not the program that used it."""
    found = _find(case, "training", linked)
    if found.value is True:
        return Finding(TRAINING.name, "public", found.source, note=found.note)
    tool = next((link for link in linked if not link.own and _TRAINED_WITH.search(link.words)), None)
    if tool and found.value is False:
        return Finding(
            TRAINING.name, "framework", tool.source, note=f"trained with {tool.id}; the settings are not there"
        )
    return Finding(TRAINING.name, None if found.value is None else "none", found.source, note=found.note)


def _find(case: Case, kind: str, linked: list[_Linked]) -> Finding:
    """Whether code of a kind is in this model's own repositories or beside the weights."""
    fact = f"code.{kind}"
    own = [link for link in linked if link.own or (kind == "data" and _DATA_WITH.search(link.words))]
    for link in own:
        if kind == "training" and _NOT_OF_MODEL.search(link.id):
            continue
        if isinstance(link.look, CodeRepo) and (
            path := _entry(kind, link.look.tree, derived=bool(case.bases or case.tuned))
        ):
            source = Source(link.look.url(path.rstrip("/")), path, gathered=link.look.gathered)
            return Finding(fact, True, source, note=f"in {link.look.id}")
    held = next(
        (p for p in case.repo.paths if kind != "evaluation" and p.endswith(".py") and _ENTRY[kind].search(p)), None
    )
    if held:
        return Finding(fact, True, case.file_source(held), note="beside the weights")
    unseen = next((link for link in own if isinstance(link.look, NotLooked) and _may_hold(kind, link)), None)
    if unseen and isinstance(unseen.look, NotLooked):
        return Finding(
            fact, None, unseen.source, note=f"{unseen.id} is linked and could not be looked into: {unseen.look.why}"
        )
    looked = [link.look for link in own if isinstance(link.look, CodeRepo)]
    if looked:
        return Finding(
            fact, False, Source(looked[0].url()), note=f"looked through {', '.join(repo.id for repo in looked[:3])}"
        )
    return case.unless_unread(fact, False, "links to code of this model")


def _may_hold(kind: str, link: _Linked) -> bool:
    """Whether a repository that could not be looked into may hold this kind, by the words around its link."""
    says = {
        "training": bool(_TRAINED_WITH.search(link.words) or _CODE_OF_IT.search(link.words)),
        "data": bool(_DATA_WITH.search(link.words)),
        "evaluation": bool(re.search(r"eval|benchmark", link.words, re.IGNORECASE)),
    }
    if kind == "training" and _NOT_OF_MODEL.search(link.id):
        return False
    return says.get(kind, False) or not any(says.values())


def _entry(kind: str, tree: tuple[str, ...], derived: bool) -> str | None:
    """The first path that is an entry point of this kind.

    For a model that was not made from another one, a recipe for fine-tuning it is not the code that trained it.
    """
    for path in sorted(tree, key=lambda p: (p.count("/"), p)):
        if _PASSED_OVER.search(path) or not _ENTRY[kind].search(path):
            continue
        if kind == "training" and (
            (not derived and _OF_USE.search(path)) or re.search(r"(?:^|/)(?:data|eval\w*|tokeni[sz]er)/", path)
        ):
            continue
        if PurePosixPath(path).suffix in ("", ".py", ".sh", ".yaml", ".yml", ".ipynb", ".slurm") or path.endswith("/"):
            return path
    return None


def _inference_open(case: Case, linked: list[_Linked], inference: Finding) -> Finding:
    """The licence of the code that runs the model: its own where it is in a repository or library, else the model's."""
    if inference.value is not True:
        note = "no code that runs the model was found" if inference.value is False else inference.note
        return Finding(INFERENCE_OPEN.name, inference.value, inference.source, note=note)
    if inference.note == "beside the weights":
        license = governing(case)
        return Finding(INFERENCE_OPEN.name, license.license.open if license.license else False, license.source)
    held = next(
        (link.look for link in linked if isinstance(link.look, CodeRepo) and inference.note == f"in {link.look.id}"),
        None,
    )
    if held is None:
        return Finding(INFERENCE_OPEN.name, True, inference.source, note=inference.note)
    return Finding(
        INFERENCE_OPEN.name, licenses.lookup(held.license or "").open if held.license else False, inference.source
    )


def _inference(case: Case, linked: list[_Linked]) -> Finding:
    """Code that runs the model: an open runtime that knows it, files beside the weights, or the maker's repository."""
    tags = case.repo.info.get("tags")
    names = {str(t).lower() for t in tags} if isinstance(tags, list) else set()
    library = case.repo.info.get("library_name")
    runtimes = sorted((names | ({str(library).lower()} if library else set())) & _OPEN_RUNTIMES)
    if runtimes:
        return Finding(INFERENCE.name, True, case.files_source, note=f"runs in {runtimes[0]}, which is open source")
    beside = next((p for p in case.repo.paths if p.endswith(".py")), None)
    if beside:
        return Finding(INFERENCE.name, True, case.file_source(beside), note="beside the weights")
    config = case.repo.info.get("config")
    if isinstance(config, dict) and config.get("model_type"):
        note = (
            f"its configuration names the architecture {config['model_type']!r}, which the transformers library reads"
        )
        return Finding(INFERENCE.name, True, case.files_source, note=note[:200])
    return _find(case, "inference", linked)
