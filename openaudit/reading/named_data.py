"""Names that words give to training data where no link or id does: "fine-tuned on the Foo dataset".

Such a name cannot be looked up: what is told of it stays unknown. But data that have a name are not undisclosed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from openaudit.reading.card import Block, Card, Sentence

# What libraries write for data that somebody loaded from files of their own: names of loaders, not of data sets.
# https://huggingface.co/docs/datasets/loading and the model cards that trainers write.
LOADERS = frozenset(
    "arrow audiofolder cache csv custom dataset generator hdf5 imagefolder json jsonl none null other pandas parquet "
    "spark sql text tsv unknown unkown videofolder webdataset xml".split()
)
# What a template leaves for its author to fill in
PLACEHOLDER = re.compile(
    r"^\W*(?:(?:\w+/)?your[-_ ](?:data\s?set|data|corpus)|(?:data\s?set|user)[-_ ]?name\b)|^\W*$", re.IGNORECASE
)
_WORD = r"(?:[A-Z0-9][\w./@+'-]*|[a-z][\w./@+-]*[\d_/][\w./@+-]*|[a-z]+[A-Z][\w./@+-]*)"
_NAMED = re.compile(
    rf"\b(?:on|using|with|from|used)\s+(?:the\s+|our\s+|an?\s+)?(?:(?:[\w-]+\s+){{0,3}}(?:subset|part|portion|split|section)\s+of\s+(?:the\s+)?)?(?P<name>{_WORD}(?:[ ]{_WORD}){{0,5}})\s*(?:\([^)]{{0,60}}\)\s*)?"
    r"(?:training |train |instruction |speech )?\b(?<![_/])(?:data\s?sets?|corpus|corpora)\b(?!/)"
)
_FIELD = re.compile(
    r"^\W*(?:training )?data\s?sets?(?: used)?\s*[:：]\s*(?P<name>\w[\w./+-]{1,95})\W*(?:\(.*)?$", re.IGNORECASE
)
_BY_A_TRAINER = re.compile(r"\bversion of \S+ on the (?P<name>[\w./@-]+)(?: - \w+)? data\s?sets?\b", re.IGNORECASE)
# Words that say what kind of data it is: a language, a task, a format. They name nothing by themselves.
KINDS = frozenset(
    """a an the english chinese french german spanish italian portuguese russian japanese korean arabic hindi turkish
    dutch swedish polish danish norwegian finnish greek hebrew persian thai vietnamese indonesian ukrainian czech
    romanian hungarian bengali urdu tamil telugu catalan basque galician welsh irish swahili multilingual bilingual
    monolingual parallel qa nlp asr ner sft dpo rlhf nli mt tts ocr q&a it its this these that our my in-house
    open-source opensource web huggingface hf github kaggle json csv new own large small custom synthetic gpt-4 gpt4
    chatgpt gpt-3.5 llm ai ml stem medical legal financial scientific clinical""".split()
)


_TRAINED_ON_A = r"\b(?:trained|tuned) on (?:the |an? )?$"
# Where no data set lives: people, tools, machines, and pages of the Hub that are no data set's
_PAGE = re.compile(
    r"^https?://(?:www\.)?(?:twitter|x|youtube|facebook|instagram|wandb|colab|console|cloud|aws|(?:huggingface\.co|hf\.co)/(?!datasets/))\b",
    re.IGNORECASE,
)
_OF_DATA = re.compile(r"\b(?:data\s?sets?|corpus|corpora|benchmark|treebank|task|subset|speech|text|sentences|examples)\b", re.IGNORECASE)  # fmt: skip
_DATA_HEAD = re.compile(
    r"\b(?:training|fine-?tuning|pre-?training)? ?(?:data|data\s?sets?|corpus|corpora)\b", re.IGNORECASE
)
_TITLE = 100  # characters before a name in which it may begin
_LINKS = 16  # of one paragraph that are weighed


def linked_name(sentence: Sentence) -> Iterator[str]:
    """The name of a data set that a link gives, right behind "trained on the", where the sentence tells of data."""
    if not re.search(r"\b(?:trained|tuned) on\b", sentence.text, re.IGNORECASE):
        return
    for link in sentence.block.links[:_LINKS]:
        shown = " ".join(link.text.split())
        before, found, after = sentence.text.partition(shown) if shown else ("", "", "")
        if re.match(r"[- ](?:like|style)\b", after):
            continue
        named = (
            re.match(rf"{_WORD}(?:[ -]|\(|$)", shown)
            and not re.search(r"'s\b|\b(?:model|checkpoint)\b", shown, re.IGNORECASE)
            and not _PAGE.match(link.url)
        )
        of_data = _OF_DATA.search(sentence.text) or _DATA_HEAD.search(" ".join(sentence.block.section[-1:]))
        if found and named and of_data and re.search(_TRAINED_ON_A, before, re.IGNORECASE):
            name = re.sub(r"\s+(?:data\s?sets?|corpus)$", "", shown, flags=re.IGNORECASE)
            words = {word.lower() for word in name.split()}
            if not words <= KINDS and "://" not in name and len(name) > 1:
                yield name[:96]


def configured(card: Card) -> Iterator[tuple[str, int, str]]:
    """The data sets, with line and stage, that the settings of a training name, printed on the page.

    Trainers that are told what to do by a file print it there, with ``datasets:`` and a list of names or ``path: …``:
    https://docs.axolotl.ai/docs/config-reference.html. Under one heading its parts may stand in blocks of their own.
    """
    settings = tuple(printed_settings(card))
    whole, parts = set(map(id, settings)), {block.section for block in settings if block.section}
    for block in card.blocks:
        if block.kind != "code" or not (id(block) in whole or block.section in parts):
            continue
        stage = "preference" if re.search(r"^rl: *\w", block.text, re.MULTILINE) else ""
        for name, at in _listed(block.text):
            file = re.search(r"\.\w{2,5}$", name)
            if not file and name.lower() not in LOADERS | _NO_NAMES and not PLACEHOLDER.search(name):
                yield name[:96], block.line + 1 + at, stage


def printed_settings(card: Card) -> Iterator[Block]:
    """The settings of a training, as a trainer reads them, where they are printed on the page; none for its readers' own."""
    for block in card.blocks:
        if block.kind == "code" and _SETTINGS.search(block.text) and not _FOR_OTHERS.search(" ".join(block.section)):
            yield block


_SETTINGS = re.compile(r"^ *(?:base_model|learning_rate|num_(?:train_)?epochs):", re.MULTILINE)
_FOR_OTHERS = re.compile(
    r"\b(?:your(?:self|s| own)?|how to|usage|examples?|quick ?start|get(?:ting)? started|further|evaluat\w*)\b",
    re.IGNORECASE,
)
_LIST = re.compile(r"^ *datasets: *(?:#.*)?$")
_TESTS = re.compile(r"^ *(?:eval|test|valid)\w*: *(?:#.*)?$")
_ADDRESS = re.compile(r"^ *(?:- +)?path: *['\"]?(?P<name>[\w.-]+/[\w.-]+)['\"]? *(?:#.*)?$")
_ENTRY = re.compile(r"^ *- +['\"]?(?P<name>[A-Za-z][\w./-]*)['\"]?:? *(?:#.*)?$")
# What stands where a name does, and is none
_NO_NAMES = frozenset(
    "data data_files dataset_files default eval files path paths private test train train_data training type valid "
    "validation".split()
)


def _listed(text: str) -> Iterator[tuple[str, int]]:
    """The names, with the number of their line, in a list that is called ``datasets``."""
    indent = entries = -1  # of the list, and of its entries
    tests = -1  # the indent of what is about tests
    for i, line in enumerate(text.split("\n")):
        depth = len(line) - len(line.lstrip(" "))
        if line.strip() and depth <= tests:
            tests = -1
        if tests < 0 and _TESTS.match(line):
            tests = depth
        if _LIST.match(line) and tests < 0:
            indent, entries = depth, -1
        elif line.strip() and (depth < indent or (depth == indent and not line.lstrip().startswith("- "))):
            indent = -1
        elif indent >= 0 and (address := _ADDRESS.match(line)):
            yield address["name"], i
        elif indent >= 0 and (entry := _ENTRY.match(line)) and entries in (-1, depth):
            entries = depth
            yield entry["name"], i


# A title before the preposition is the beginning of the name: "the Counting Otter Calls on Twitter dataset"
_BEGINS = re.compile(r"\b(?:the|from|of) (?P<begin>[A-Z][\w-]+(?: [A-Z][\w-]+){2,7}) $")


def names(sentence: str) -> Iterator[str]:
    """The names that a sentence about training gives to data sets."""
    for pattern in (_FIELD, _BY_A_TRAINER, _NAMED):
        for match in pattern.finditer(sentence):
            name = match["name"].strip(" .,;'")
            words = [word.lower() for word in name.split()]
            if all(word in KINDS or re.fullmatch(r"[\d.,]+[kmb]?", word) for word in words):
                continue
            begins = _BEGINS.search(sentence[max(0, match.start() - _TITLE) : match.start()])
            if begins and pattern is _NAMED:
                name = f"{begins['begin']} {sentence[match.start() : match.end('name')]}"
            if name.lower() not in LOADERS and len(name) > 1:
                yield name[:96]
