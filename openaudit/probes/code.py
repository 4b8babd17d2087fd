"""Code: what the linked repositories hold — training, data processing, inference, evaluation. A link is not code.

A repository counts for this model when its maker published it, when the card names it as this model's own, or when
the card's words say that it is what the model was trained or processed with. Tools that the card merely uses
(a serving engine, a loader) do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from openaudit import licenses
from openaudit.evidence import CodeRepo, Finding, Missing, NotLooked, Source
from openaudit.probes import Case, Fact, probe
from openaudit.probes.case import maker
from openaudit.probes.license import governing
from openaudit.reading import Block, Link
from openaudit.reading.pointers import CODE_FIELD, MAX_LINKS, Pointer, github_link, sentence_of
from openaudit.reading.trees import entry_point, maker_of, names_entry, program, tuning_recipe
from openaudit.saying import listed, phrase

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
        "tuning": "only code for tuning the finished model further is public",
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

# Words around a link that make it this model's own code, and words that only name a tool it was made with.
_CODE_OF_IT = re.compile(
    r"\b(?:training|fine-?tuning|pre-?training|data[- ](?:prep\w*|processing|reconstruction)|source|evaluation) (?:code|scripts?|recipes?|configs?)\b|"
    r"core repo|official (?:code|implementation|repo)|\bour (?:code|repo|github)|训练代码|code d['’]entra[iî]nement",
    re.IGNORECASE,
)
_TRAINED_WITH = re.compile(
    r"\b(?:pre-?|post-?)?train(?:ing|ed)?\b.{0,50}?\b(?:framework|library|using|with|handbook|based on|software)\b|^\W*software\b|\bused for training\b",
    re.IGNORECASE,
)
_LIBRARY = re.compile(r"\W*library\b", re.IGNORECASE)
_DATA_WITH = re.compile(
    r"\bdata[- ]?(?:\w+ )?(?:prep\w*|processing|pipeline|reconstruction|collection|curation|generation|filter\w*)|"
    r"\b(?:prepar|process|filter|reconstruct|deduplicat)\w* .{0,30}\bdata\b",
    re.IGNORECASE,
)
# What the words of a link say that the repository behind it is.
_SAID = {
    "training": re.compile(
        r"\b(?:(?:pre-?|post-?)?training|(?:further )?fine-?tuning) (?:and \w+ )?(?:code|scripts?|recipes?)\b|训练代码|code d['’]entra[iî]nement",
        re.IGNORECASE,
    ),
    "data": re.compile(
        r"\bdata[- ]?(?:prep\w*|processing|pipelines?|reconstruction|collection|curation|generation|filter\w*)\b",
        re.IGNORECASE,
    ),
}
_NOT_YET = re.compile(r"\b(?:not|n't|will|soon|coming|plan\w*|upcoming|wip|framework|library)\b", re.IGNORECASE)
_NOT_OF_MODEL = re.compile(
    r"tokeni[sz]er|eval|benchmark|leaderboard|demo|cookbook|awesome|tech-?report|docs?$", re.IGNORECASE
)
# Libraries that train or run any model: its maker's own one is not yet the program that trained this model.
_LIBRARIES = frozenset(
    "google/jax jax-ml/jax google/flax google/maxtext tensorflow/tensorflow tensorflow/mesh keras-team/keras pytorch/pytorch "
    "huggingface/transformers huggingface/accelerate huggingface/peft huggingface/trl huggingface/diffusers huggingface/nanotron "
    "huggingface/datatrove huggingface/lighteval microsoft/deepspeed deepspeedai/deepspeed nvidia/megatron-lm nvidia/nemo nvidia-nemo/nemo "
    "nvidia/tensorrt-llm nvidia/apex paddlepaddle/paddle paddlepaddle/fastdeploy mindspore-ai/mindspore pytorch/torchtitan".split()
)
_TO_USE = re.compile(
    r"\b(?:inference|usage|deploy\w*|serv(?:e|ing)|demo|playground|run(?:ning)? (?:it|the|this)|self-?host\w*|local(?:ly)?|ui|webui|gui|app|plugin|"
    r"quanti[sz]\w*|cookbook|client|sdk)\b|推理|部署",
    re.IGNORECASE,
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
    pointer: Pointer

    @property
    def source(self) -> Source:
        return self.pointer.source

    @property
    def words(self) -> str:
        return self.source.quote or ""

    @property
    def section(self) -> str:
        return " ".join(self.pointer.block.section[-1:]) if self.pointer.block else ""


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
            yield Finding(LOOKED.name, False, pointer.source, pointer.id, phrase("looked for on GitHub, and not there"))
            continue
        linked.append(_Linked(pointer.id, found, own, pointer))
        if isinstance(found, NotLooked):
            yield Finding(LOOKED.name, None, pointer.source, pointer.id, phrase(found.why))
            continue
        source = Source(found.url(), gathered=found.gathered)
        note = phrase("archived: no longer maintained") if found.archived else ""
        yield Finding(LOOKED.name, True, source, pointer.id, note)
        spdx = found.license if found.license not in (None, "NOASSERTION") else "none"
        yield Finding(LICENSE.name, spdx, source, pointer.id)
        is_open = licenses.lookup(spdx).open if spdx != "none" else (None if found.license else False)
        yield Finding(
            OPEN.name,
            is_open,
            source,
            pointer.id,
            "" if is_open is not None else phrase("GitHub could not tell which licence it is"),
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
    text = pointer.source.quote or (pointer.block.text if pointer.block else "")
    if _alike(owner, maker(case.repo.id)) or _alike(name, maker(case.repo.id)):
        return pointer.id.lower() not in _LIBRARIES or bool(_CODE_OF_IT.search(text))
    if _bears(case, name):
        return True
    if pointer.block is None or re.search(r"eval|benchmark", " ".join(pointer.block.section[-1:]), re.IGNORECASE):
        return False
    return bool(CODE_FIELD.match(text) or _CODE_OF_IT.search(text))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _bears(case: Case, name: str) -> int:
    """How much of this model's name a repository's name bears, from its start: the length, 0 where it bears none."""
    plain, whole = _plain(name), _plain(case.repo.id.split("/")[-1])
    if not any(plain.startswith(_plain(n)) for n in case.names):
        return 0
    return next((i for i, (a, b) in enumerate(zip(plain, whole, strict=False)) if a != b), min(len(plain), len(whole)))


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
        note = phrase("{id} could not be looked into: {why}", id=unseen.id, why=phrase(unseen.look.why))
        return Finding(OWN_CODE.name, None, unseen.source, note=note)
    return case.unless_unread(OWN_CODE.name, False, phrase("links to code of this model"))


def _training(case: Case, linked: list[_Linked]) -> Finding:
    """Public: the maker's own training code. Tuning: recipes only. Framework: the card names the tool, not the program."""
    found = _find(case, "training", linked)
    if found.value is True:
        return Finding(TRAINING.name, "public", found.source, note=found.note)
    if found.value is False:
        for look in (link.look for link in linked if link.own):
            if isinstance(look, CodeRepo) and (path := tuning_recipe(look.tree, case.names)):
                source = Source(look.url(path.rstrip("/")), path, gathered=look.gathered)
                return Finding(TRAINING.name, "tuning", source, note=phrase("in {id}", id=look.id))
        if tool := _tool(case, linked):
            id, source = tool
            note = phrase("trained with {id}; the settings are not there", id=id)
            return Finding(TRAINING.name, "framework", source, note=note)
    return Finding(TRAINING.name, None if found.value is None else "none", found.source, note=found.note)


def _tool(case: Case, linked: list[_Linked]) -> tuple[str, Source] | None:
    """The first tool that the page says it was trained with, and where; each may be linked more than once."""
    others = {link.id.lower(): link.id for link in linked if not link.own}
    links: dict[tuple[str, Link], Block] = {}  # each once, however often a line gives it
    for link, block in case.card.links() if case.card else ():
        if (id := (github_link(link.url) or "").lower()) in others and len(links) < MAX_LINKS:
            links.setdefault((id, link), block)
    for (id, link), block in links.items():
        words = sentence_of(block, link)
        names_it = _LIBRARY.match(words) and id.split("/")[-1] not in _OPEN_RUNTIMES  # else it is what runs the model
        if names_it or _TRAINED_WITH.search(words):
            return others[id], case.said(link.line, words)
    return None


def _find(case: Case, kind: str, linked: list[_Linked]) -> Finding:
    """Whether code of a kind is in this model's own repositories or beside the weights."""
    fact = f"code.{kind}"
    own = [
        link
        for link in linked
        if (link.own or (kind == "data" and _DATA_WITH.search(link.words)))
        and (kind == "evaluation" or not re.search(r"eval|benchmark", link.section, re.IGNORECASE))
    ]
    looked = [link.look for link in own if isinstance(link.look, CodeRepo)]
    for link in own:
        look = link.look
        if not isinstance(look, CodeRepo):
            continue
        if kind == "training" and _NOT_OF_MODEL.search(look.id):
            continue
        path = entry_point(kind, look.tree, case.names)
        if path is None and kind == "training" and _tuned_by_itself(case):
            path = tuning_recipe(look.tree, case.names)
        if path is None and kind == "data":
            path = maker_of((pointer.id for pointer in case.data_sets), look.tree)
        if path is None and kind in _SAID and _SAID[kind].search(link.words) and not _NOT_YET.search(link.words):
            path = program(look.tree)
        if path:
            source = Source(look.url(path.rstrip("/")), path, gathered=look.gathered)
            return Finding(fact, True, source, note=phrase("in {id}", id=look.id))
    held = next(
        (p for p in case.repo.paths if kind != "evaluation" and p.endswith(".py") and names_entry(kind, p)), None
    )
    if held:
        return Finding(fact, True, case.file_source(held), note=phrase("beside the weights"))
    nearest = max((_bears(case, look.id.split("/")[-1]) for look in looked), default=0)
    for link in own:
        if isinstance(link.look, NotLooked) and _may_hold(case, kind, link, nearest):
            why = phrase(link.look.why)
            note = phrase("{id} is linked and could not be looked into: {why}", id=link.id, why=why)
            return Finding(fact, None, link.source, note=note)
    if looked:
        note = phrase("looked through {ids}", ids=listed(repo.id for repo in looked[:3]))
        return Finding(fact, False, Source(looked[0].url()), note=note)
    return case.unless_unread(fact, False, phrase("links to code of this model"))


def _tuned_by_itself(case: Case) -> bool:
    """Whether all of this model's own training was tuning: it was made from somebody else's model."""
    if case.bases:
        return all(maker(pointer.id) != maker(case.repo.id) for pointer in case.bases)
    return case.tuned is not None


def _may_hold(case: Case, kind: str, link: _Linked, nearest: int) -> bool:
    """Whether a repository that could not be looked into may hold this kind, by its name and the words around its link.

    ``nearest``: how much of the model's name the repositories that were looked into bear. One that bears less, and is
    not said to hold this kind, is about another model.
    """
    says = {
        "training": bool(_TRAINED_WITH.search(link.words) or _CODE_OF_IT.search(link.words)),
        "data": bool(_DATA_WITH.search(link.words)),
        "evaluation": bool(re.search(r"eval|benchmark|metrics", link.words, re.IGNORECASE)),
    }
    bears = _bears(case, link.id.split("/")[-1])
    if kind == "training" and _NOT_OF_MODEL.search(link.id):
        return False
    if says.get(kind) or (any(says.values()) and kind in says):
        return bool(says.get(kind))
    if nearest and bears < nearest:
        return False
    return bears > 0 or not (
        _TO_USE.search(link.words) or _TO_USE.search(link.id.split("/")[-1]) or _TO_USE.search(link.section)
    )


def _inference_open(case: Case, linked: list[_Linked], inference: Finding) -> Finding:
    """The licence of the code that runs the model: its own where it is in a repository or library, else the model's."""
    if inference.value is not True:
        note = phrase("no code that runs the model was found") if inference.value is False else inference.note
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
        note = phrase("runs in {runtime}, which is open source", runtime=runtimes[0])
        return Finding(INFERENCE.name, True, case.files_source, note=note)
    beside = next((p for p in case.repo.paths if p.endswith(".py")), None)
    if beside:
        return Finding(INFERENCE.name, True, case.file_source(beside), note=phrase("beside the weights"))
    config = case.repo.info.get("config")
    if isinstance(config, dict) and config.get("model_type"):
        note = phrase(
            "its configuration names the architecture {name:90}, which the transformers library reads",
            name=repr(config["model_type"]),
        )
        return Finding(INFERENCE.name, True, case.files_source, note=note)
    return _find(case, "inference", linked)
