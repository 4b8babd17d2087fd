"""What a card says of training: which of its sentences speak of it, of which stage, and whether they tell of data.

What is not read with certainty is told apart from what is not there: a sentence that may tell of the data makes them
unknown, and never "nothing is said".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from openaudit.reading.card import Block, Card, Sentence
from openaudit.reading.known_sets import any_known
from openaudit.reading.named_data import KINDS, LOADERS

STAGES = (
    ("preference", re.compile(r"\b(?:dpo|rlhf|rlvr|ppo|grpo|preference|reward model|reinforcement learning|alignment)\b", re.IGNORECASE)),
    ("fine-tuning", re.compile(r"\b(?:pos(?:t-?)?train\w*|(?:supervised )?fine-?tun\w*|finetun\w*|sft|instruct(?:ion)?(?:[- ]tun\w*)?|chat data)\b|微调|指令", re.IGNORECASE)),
    ("mid-training", re.compile(r"\b(?:mid-?train\w*|anneal\w*|continued pre-?train\w*|stage 2|long[- ]context (?:extension|train\w*))\b", re.IGNORECASE)),
    ("pre-training", re.compile(r"\bpre-?train\w*|预训练|pré-?entra[iî]nement", re.IGNORECASE)),
)  # fmt: skip
TRAINING_TALK = re.compile(
    r"\b(?:pre-?|post-?|pos)?train(?:ed|ing)\b.{0,60}?\b(?:on|with|using|from|data|data\s?sets?|corpus|corpora|tokens)\b|"
    r"\b(?:training|pre-?training|fine-?tuning) (?:data|data\s?set|corpus|mix\w*)|\bpre-?training of \S+ on\b|"
    r"(?<!the )(?:fine-?tuned|finetuned|finetuning|fine-?tuning) (?:[\w./@-]+ ){0,8}?(?:on|with|using)\b|"
    r"^\W*(?:(?:training )?data\s?sets?(?: used)?|sources)\s*[:：|]\s*(?!n/?a\b|none\b|unkn?own\b|[\d.]+$)\S|"
    r"\bused (?:for|to) (?:the )?(?:fine-?|pre-?)?(?:train|tun)|\bfine-?tuning (?:of|for)\b.{0,60}\b(?:utili[sz]ed|used|employed)\b|\b(?:we|i) used\b.{0,100}\bfor (?:the )?(?:fine-?|pre-?)?(?:train|tun)ing\b|"
    r"\bfor (?:the )?(?:fine-?|pre-?)?(?:train|tun)ing,? (?:we|i) used\b|训练数据|数据集|données d['’]entra[iî]nement|"
    r"datos de entrenamiento|Trainingsdaten|dati di addestramento",
    re.IGNORECASE,
)
ABOUT_DATA = re.compile(
    r"\b(?:tokens|corpus|corpora|data\s?sets?|data sources?|web (?:data|documents|pages|text)|crawl\w*|wikipedia|books|code|images?|audio|hours|sources?|documents|texts?|articles|examples|tweets|posts|"
    r"pairs|sentences|recordings|speech|transcripts|reviews|comments|conversations|dialogues?|abstracts|podcasts|audiobooks|subtitles|passages|songs|lyrics|stories|poems|novels?|utterances|captions|videos|photos)\b|数据|语料|données|datos",
    re.IGNORECASE,
)
# "trained on tweets": whatever stands there is data, unless it is a machine, a task, a length or another model
_OBJECT = re.compile(
    r"\b(?:pre-?|post-?|fine-?)?(?:trained|tuned) (?:on|with(?= \d[\d.,]*[km]? (?!(?:\w+ )?(?:steps|epochs|layers|heads|parameters|hours|days|times|workers|samples per)\b)[a-z]{4})) (?!(?:\W|\w+\W){0,5}?(?:v?\d*-?(?:tpus?|gpus?)|nvidia|[ahv]100s?|rtx|colab|aws|azure|cloud|clusters?|machines?|"
    r"servers?|nodes?|hardware|top|steps|epochs|models?|checkpoints?|weights|objectives?|project)\b)"
    r"(?!(?:\S+ ){0,6}?tasks?\b(?!.*\b(?:data\s?sets?|corpus)))(?!(?:the )?(?:mlm|ner|pos|nli|qa|asr|question[- ]answering|summari[sz]ation|translation|classification)\W*$)[\w@\"'“(]",
    re.IGNORECASE,
)
# "fine-tuned text models": what kind of models these are, not what they learned from
_ADJECTIVE = re.compile(
    r"\b(?:pre-?|fine-?|instruction-?)?(?:trained|tuned)(?:,? (?:and|or|and/or) (?:pre-?|fine-?)?(?:trained|tuned)){0,2} "
    r"(?:(?!(?:on|with|using|from|by|for|in|over|to|and)\b)[\w-]+ ){0,4}?(?:[\w-]*models?|[\w-]*encoders|networks?|checkpoints?|weights|llms?|versions?|variants?)\b(?! (?:on|with|using|of|from)\b)",
    re.IGNORECASE,
)
# What speaks of training and tells nothing of this model's data
_TELLS_NOTHING = re.compile(
    r"\b(?:can|could|may|might|should|must|to) (?:\w+ )?be (?:\w+ )?(?:fine-?tuned|finetuned|trained)\b|"
    r"\bis the process\b|\b(?:amounts?|sizes?|numbers?) of (?:the )?(?:pre-?)?training (?:data|examples|samples)\b|\b(?:unkn?own|unspecified|undisclosed) data\s?set\b|\bsee the \W*(?:data\s?set|data|training data) section\b|\bcalibration (?:data|samples)|\ban offline data\s?set\b|\bon the (?:None|generator|json|csv|text|parquet|arrow|imagefolder|audiofolder|custom) data\s?set\b|more information needed|"
    r"\btrained (?:on|with|using) (?:a |an )?(?:\w+ )?(?:context|sequence|input|batch)[- ](?:lengths?|windows?|sizes?)\b|(?:trained|tuned) (?:on|with) (?:a |an )?\d+k? (?:tokens? )?(?:context|sequence|window)|"
    r"\bmodels are (?:pre-?)?trained to\b|\bthe same (?:data\s?set|data|corpus) used in (?:stage|step|phase)\b|"
    r"\btraining (?:of )?the teacher\b|\bteacher (?:llms?|models?|networks?) (?:is|was|are|were) |\b(?:prior|previous|earlier) works? (?:has|have|had|show\w*)\b|"
    r"\b(?:base|original|underlying|parent|teacher) models? (?:is|was|were|has been|have been) (?:pre-?)?trained\b|"
    r"^(?!.*(?:trained|tuned) on\b).*\b(?:using|with|by) (?:the )?(?:[\w-]+ ){0,4}(?:token(?:iz|is)ers?|prompts?|hyper-?parameters?|optimi[sz]ers?)\b",
    re.IGNORECASE,
)
_TASKS = re.compile(r"\b(?:fine-?)?(?:trained|tuned) (?:on|for) (?:the |an? )?(?:[\w-]+ ){0,6}?tasks?\b(?!.*\b(?:data\s?sets?|corpus))", re.IGNORECASE)  # fmt: skip
_DATA_SECTION = re.compile(
    r"\btrain(?:ing)? (?:and|&|/) (?:evaluation|test(?:ing)?|validation) data\b|"
    r"\b(?:(?:pre-?|fine-?tuning |training )?(?:training|fine-?tuning|pre-?training) (?:data|data\s?sets?|corpus)|data\s?sets?|data mix\w*|data sources?|corpus|data composition|data overview)\b|^\W*data\W*$|训练数据|données",
    re.IGNORECASE,
)
APART = re.compile(r"\b(?:evaluat\w*|benchmark\w*|results?|citation|bibtex|references?|usage|how to|quick ?start|inference|limitations?|bias\w*|risks?|intended use|(?:base|original|parent|teacher) model|details of the language model|abstract|acknowledg\w*|table of contents|framework versions?)\b", re.IGNORECASE)  # fmt: skip
EVALUATION = re.compile(r"\b(?:evaluat|benchmark|leaderboard|test set|results?\b|metric)", re.IGNORECASE)


def about_training(text: str) -> str:
    """A sentence without the words that only say what kind of models these are ("pre-trained models")."""
    return _ADJECTIVE.sub("", text)


def in_data_section(block: Block) -> bool:
    """Whether a block stands under a heading about training data, with nothing else between."""
    return any(_DATA_SECTION.search(head) for head in block.section[-1:] + block.section[1:-1]) and not any(
        APART.search(head) for head in block.section[1:] if not _DATA_SECTION.search(head)
    )


_FIRST_TOLD = re.compile(
    r"\bpre-?train(?:ed|ing)?\b(?: [\w-]+){0,6}? (?:on|from|using|with|data|data\s?sets?|corpus|corpora)\b|^\W*pre-?training\b|\b(?:from|à partir de) (?:scratch|zéro)\b|预训练|从头",
    re.IGNORECASE,
)


def tells_first_training(card: Card) -> bool:
    """Whether a card says of its model that it was pre-trained, or trained from scratch, and does not only call it a "pre-trained model"."""
    return any(_FIRST_TOLD.search(about_training(sentence.text)) for sentence in card.sentences())


# What leads to a list of data sets: "Datasets for fine-tuning this model", "It has been pre-trained on:"
_LEADS_TO_DATA = re.compile(
    r"^\W*(?:training |fine-?tuning |pre-?training )?(?:data|data\s?sets?|corpus|corpora)\b(?: (?:used|for)\b.{0,60})?\W*$|"
    r"\b(?:trained|tuned) (?:on|with|using)(?: [\w ]{0,60})?[:：]?\W*$",
    re.IGNORECASE,
)


def leads_to_data(text: str) -> bool:
    """Whether a line says that what follows it are training data."""
    return bool(_LEADS_TO_DATA.search(text))


def training_sentences(card: Card, about_data: bool = True) -> Iterator[Sentence]:
    """Sentences in which the card speaks of its training (and, unless told otherwise, of data)."""
    leading = leads(card)
    for sentence in card.sentences():
        block = sentence.block
        lead = leading.get(id(block), "")
        in_section = in_data_section(block) or leads_to_data(lead)
        if (
            block.kind == "heading"
            or (block.kind == "row" and block.cells == block.header)
            or (APART.search(" ".join(block.section[-1:])) and not in_section)
            or _TELLS_NOTHING.search(sentence.text)
            or (_TASKS.search(sentence.text) and not block.links)
        ):
            continue
        heads = " ".join(block.section[1:] or block.section)
        words = about_training(sentence.text)
        speaks = in_section or TRAINING_TALK.search(words)
        tells = not about_data or ABOUT_DATA.search(words) or _OBJECT.search(words)
        if (speaks or _OBJECT.search(sentence.text)) and tells and not APART.search(heads):
            yield sentence


_MENTIONED = re.compile(
    r"\b(?:training|pre-?training|fine-?tuning) (?:data|data\s?sets?|set|corpus|examples|samples)\b", re.IGNORECASE
)
# Words that may tell of the data, in a sentence that is not read as one that does: "3.7M pairs were used"
_MAY_TELL = re.compile(
    r"\b(?:data\s?sets?|corpus|corpora|treebank)\b|\b(?:(?:fine-)?(?:trained|tuned|tune) (?!to\b|for\b)(?:\S+ ){0,6}?|learned )(?:on|over|from) "
    r"(?!(?:top|scratch|google|colab|aws)\b|(?:\S+ ){0,4}?(?:[gt]pus?|nvidia|rtx|geforce|[avh]100s?|steps|epochs|nodes|machines?|tasks?)\b)[\w\"'@(]|"
    r"\bdata (?:from|comes?|(?:is|are|was|were) (?:from|taken|collected))\b|^\W*(?:training )?data\s*[:：]|"
    r"(?<!-)\b\d[\d,.]*\s?[kmb]?\b (?!(?:\w+ )?tokens)(?:\w+ ){0,2}(?:words|pairs|sentences|images|examples|samples|documents|articles|tweets|hours)\b",
    re.IGNORECASE,
)
_OF_TESTS = re.compile(r"\b(?:compar\w+|scores?|tests?|validation|preprocess\w*|you|your|download\w*)\b", re.IGNORECASE)
# Letters of writings that none of the words looked for are written in
_UNREAD_LETTERS = re.compile(r"[\u0370-\u1fff\u3040-\u30ff\uac00-\ud7af]")
_PLACEHOLDER_LINE = re.compile(r"[:：|]\W*$|[:：|]\W*(?:n/?a|none|unknown)\b|\b(?:describe|provide|add|fill in|todo|tbd)\b|\{\{|\[\w* ?dataset", re.IGNORECASE)  # fmt: skip


def mentioned(card: Card) -> Iterator[Sentence]:
    """Sentences that speak of training data without saying what they are, or may do so in words that are not read."""
    spoken = (s for s in training_sentences(card, about_data=False) if _MENTIONED.search(s.text))
    return (s for s in chain(spoken, _unsure(card)) if not _PLACEHOLDER_LINE.search(s.text))


def _unsure(card: Card) -> Iterator[Sentence]:
    for sentence in card.sentences():
        block, text = sentence.block, sentence.text
        unread = len(_UNREAD_LETTERS.findall(text)) > len(text) // 4
        if unread and len(text) > 20:
            yield sentence
        apart = any(APART.search(head) for head in block.section) and not in_data_section(block)
        if apart or text.startswith("http"):
            continue
        if _names_object(text):
            yield sentence
        if block.kind == "heading" and not re.search(r"\btrained on\b", text, re.IGNORECASE):
            continue
        if _TELLS_NOTHING.search(text) or EVALUATION.search(text) or _OF_TESTS.search(text):
            continue
        column = block.kind == "row" and any(_DATA_SECTION.search(cell) for cell in block.header)
        if column or (block.kind != "row" and _MAY_TELL.search(about_training(text))):
            yield sentence


def leads(card: Card) -> dict[int, str]:
    """What leads to a list, by the ids of the blocks of its items: a line that ends in a colon, or is short and has no end."""
    found: dict[int, str] = {}
    lead = ""
    for block in card.prose:
        if block.kind == "item" and lead:
            found[id(block)] = lead
        elif block.kind != "item":
            last = block.text.strip().rsplit("\n", 1)[-1][-200:]
            lead = (
                last
                if block.kind in ("paragraph", "html")
                and (last.endswith((":", "：")) or not re.search(r"[.!?。]\W*$", last))
                else ""
            )
    return found


# "fine-tuned through DPO": the method tells what was learned from
_BY_PREFERENCE = re.compile(
    r"tuned (?:through|with|using|by|via) (?:[\w()-]+ ){0,5}?(?:dpo|ppo|preference|alignment)\b", re.IGNORECASE
)


def stage_in(text: str) -> str:
    """The one stage of training that a text speaks of; empty for none or several."""
    found = [stage for stage, words in STAGES if words.search(text)]
    if found == ["preference", "fine-tuning"] and _BY_PREFERENCE.search(text):
        return found[0]
    return found[0] if len(found) == 1 else ""


_NAMED_OBJECT = re.compile(
    r"\b(?:[Pp]re-?|[Ff]ine-?)?(?:[Tt]rained|[Tt]un(?:ed|ing \S+)) (?:on|using|with|from)(?: the| an?| our)? (?:(?:[a-z-]+ ){0,3}(?:of|from) (?:the )?|[A-Z][a-z]+ (?:part|portion|subset|split|section)s? of (?:the )?|(?:[a-z-]+ ){1,2})?[\"'`]?"
    r"(?:The )?(?P<name>[A-Z][\w+/-]*|[a-z]\w*[A-Z][\w+/-]*|[a-z]\w*_\w+)"
    r"(?! (?:optimi[sz]er|librar|framework|loss|objective|method|algorithm|script|code|trainer|[GT]PUs?)\b)"
)
# What trains is no data: libraries, methods, machines
_TOOLS = frozenset(
    """trl unsloth peft lora qlora autotrain autonlp huggingface hf transformers pytorch tensorflow keras jax flax fairseq
    espnet nemo speechbrain spacy flair axolotl deepspeed megatron sagemaker colab google aws azure nvidia tesla gpu gpus tpu
    tpus rtx dreambooth adam adamw dpo orpo kto ppo grpo rlhf sft textattack trainer hugging mlm nsp ctc""".split()
)
# "extracted from Wikipedia-ITA", "the “Large Dataset of Letters”"
# "on AIC-ICC Chinese image caption dataset", "Openorca instruction finetuning dataset"
_LONG_NAME = re.compile(
    r"\b(?:on|using|with)(?: the)? (?P<name>[A-Z][\w/+-]*)(?: [\w-]+){1,5} (?:data\s?set|corpus)\b|^\W*(?P<first>[A-Z][\w/+-]*)(?: [\w-]+){1,5} (?:data\s?set|corpus)\W*$"
)
_A_CODE = re.compile(r"\b(?:an?|our) (?P<name>[a-z-]*\d[\w-]*|[b-df-hj-np-tv-xz]{3,}) (?:data\s?set|corpus)\b")
_TAKEN_FROM = re.compile(
    r"\b(?:extracted|taken|collected|derived|sourced|obtained|built|crawled|sampled) from(?: the)? (?P<name>[A-Z][\w+/-]*)"
)
_TITLED = re.compile(
    r"\b[A-Z][\w-]*(?: (?:[A-Z][\w-]*|of|for|and|on|in)){0,6} (?:Data ?[Ss]et|Corpus|Corpora|Treebank|Collection)\b"
)
_A_DATA_SET = re.compile(
    r"\bthe (?!(?:same|original|full|entire|whole|large|small|final|training|new|following|above|resulting|combined|public|given|raw|own|base|first|"
    r"second|other|latest|main|target|big|huge|available|labell?ed|clean\w*|filtered|custom|private)\b)(?P<name>[a-z][\w-]*) (?:data\s?set|corpus)\b"
)


def _names_object(text: str) -> bool:
    """Whether what a sentence says the model was trained on is written like a name."""
    if _TELLS_NOTHING.search(text):
        return False
    if _TITLED.search(text):
        return True
    found = chain(
        _NAMED_OBJECT.finditer(text),
        _A_DATA_SET.finditer(text),
        _A_CODE.finditer(text),
        _LONG_NAME.finditer(text),
        _TAKEN_FROM.finditer(text),
    )
    called = (next(filter(None, one.groupdict().values()), "") for one in found)
    return any(name.lower().partition("-")[0] not in KINDS | LOADERS | _TOOLS for name in called)


# A linked word in a list of data that is written like a name: two capitals, or a digit
_NAME_OF_A_SET = re.compile(r"[A-Z][\w-]*[A-Z0-9][\w-]*$")


def may_name(card: Card, sentence: Sentence, about: Iterable[Sentence] = ()) -> bool:
    """Whether a sentence that describes data, or others ``about`` them, may call them by a name: "trained on SQuAD v2"."""
    others = tuple(about)
    if any(_names_object(one.text) for one in (sentence, *others)):
        return True
    items = (one.block for one in others if one.block.kind == "item")
    if any(_NAME_OF_A_SET.match(link.text.strip()) for block in items for link in block.links):
        return True
    row = sentence.block.cells[1:] if sentence.block.kind == "row" else ()
    if any(re.search(r"[A-Z]", cell) for cell in row):
        return True
    return any(any_known().search(one.text) for one in card.sentences() if len(one.text) < 1200)
