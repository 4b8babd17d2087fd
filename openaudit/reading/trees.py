"""What a code repository is for, by the names of its files and folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

# What makes data. What only feeds them to the training (loaders, samplers, collators) lies in the same folders, and does not.
_MAKES = re.compile(
    r"prepare|preparation|preproc\w*|process|make|create|build|generate|convert|collect|download|fetch|get|crawl|scrape|parse|extract|"
    r"clean|filter|dedup\w*|mix|merge|split|tokeni[sz]e|anonymi[sz]e"
)
_DATA = re.compile(r"data|corpus|corpora")
_FEEDS = re.compile(
    r"[a-z0-9]*(?:datasets?|loaders?|samplers?)|data|base|collat\w*|iterators?|utils?|transforms?|augment\w*|types|config|"
)
_AT_THE_TOP = re.compile(r"(?:src/|llm-)?data/")
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
        r"tokeni[sz]e[-_]?(?:data|corpus)?|dedup\w*|filter(?:ing)?s?|crawl\w*)(?:/|\.py$|\.sh$|[-_][\w-]+\.py$)",
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
# In a folder for training, and for something else by its own name: what prepares data, or handles finished weights.
_NO_TRAINING = re.compile(
    r"(?:^|/)(?:data|eval\w*|tokeni[sz]er)/|(?:^|/)(?:__init__|(?:merge|convert|export)(?:_\w+)?)\.(?:py|sh)$",
    re.IGNORECASE,
)
_CODE = frozenset(
    (
        "",
        *".py .sh .yaml .yml .ipynb .slurm .scala .java .kt .rs .go .c .cc .cpp .cu .pyx .js .ts .pl .r .jl .lua .sql".split(),
    )
)


def names_entry(kind: str, path: str) -> bool:
    """Whether a path is named as an entry point of this kind: training, data, inference or evaluation."""
    return bool(_ENTRY[kind].search(path)) or (kind == "data" and _makes_data(path.lower()))


def _makes_data(path: str) -> bool:
    """Whether a program is named as one that makes data, or lies among those that do."""
    *folders, file = path.split("/")
    name, dot, ending = file.rpartition(".")
    if file and not (dot and ending in ("py", "sh")):
        return False
    for part in (*folders, name):
        first, *rest = re.split(r"[-_]", part)
        if rest and _MAKES.fullmatch(first) and any(_DATA.search(word) for word in rest):
            return True
    words = re.split(r"[-_]", name)
    if {"data", "dataset", "datasets", "llm-data"} & set(folders) and any(map(_MAKES.fullmatch, words)):
        return True
    feeds = words[0].startswith("base") or _FEEDS.fullmatch(words[-1])
    return bool(name) and bool(_AT_THE_TOP.match(path)) and not feeds


def entry_point(kind: str, tree: Iterable[str], names: Iterable[str] = ()) -> str | None:
    """The first path that is an entry point of this kind: one that bears the model's name before any other.

    A recipe for tuning a finished model further is not the code that trained it: see ``tuning_recipe``.
    """
    return _first((p for p in _entries(kind, tree) if kind != "training" or not _OF_USE.search(p)), names)


def tuning_recipe(tree: Iterable[str], names: Iterable[str] = ()) -> str | None:
    """The first path that is a recipe for fine-tuning."""
    return _first((p for p in _entries("training", tree) if _OF_USE.search(p)), names)


def maker_of(sets: Iterable[str], tree: Iterable[str]) -> str | None:
    """The first program that is named as one that makes a data set of one of these names."""
    plain = [flat for one in sets if len(flat := re.sub(r"[^a-z0-9]", "", one.split("/")[-1].lower())) > 2]

    def makes(path: str) -> bool:
        name = PurePosixPath(path.lower())
        first, _, rest = name.stem.replace("-", "_").partition("_")
        made = re.sub(r"[^a-z0-9]", "", rest)
        return name.suffix in (".py", ".sh") and bool(_MAKES.fullmatch(first)) and made.startswith(tuple(plain))

    return _first((p for p in tree if not _PASSED_OVER.search(p) and makes(p)), ())


def program(tree: Iterable[str]) -> str | None:
    """The first program at all, where words already tell what the repository is for."""
    programs = (p for p in tree if not _PASSED_OVER.search(p) and PurePosixPath(p).suffix in (".py", ".sh", ".ipynb"))
    return _first((p for p in programs if not re.search(r"(?:^|/)(?:setup|__init__)\.py$|eval", p)), ())


def _first(paths: Iterable[str], names: Iterable[str]) -> str | None:
    plain = [re.sub(r"[^a-z0-9]", "", name) for name in names]

    def order(path: str) -> tuple[bool, int, str]:
        flat = re.sub(r"[^a-z0-9]", "", path.lower())
        return (not any(name and name in flat for name in plain), path.count("/"), path)

    return min(paths, key=order, default=None)


def _entries(kind: str, tree: Iterable[str]) -> Iterator[str]:
    for path in tree:
        if _PASSED_OVER.search(path) or not names_entry(kind, path):
            continue
        name = PurePosixPath(path).name
        if kind == "training" and (_NO_TRAINING.search(path) or names_entry("data", name)):
            continue
        if PurePosixPath(path).suffix in _CODE or path.endswith("/"):
            yield path
