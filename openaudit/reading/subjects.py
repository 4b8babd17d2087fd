"""What a card tells of the model: the subjects one expects of a model card, and whether there is something under each.

The subjects are those of Mitchell et al. (2019) and of the Hub's card template. A section counts by what stands in it, not
by its title; where a card has no section for a subject, sentences that speak of it count. A template's placeholder, a
sentence that promises, and code to copy tell nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from openaudit.reading.card import Block, Card, sentences_of

TEMPLATE = re.compile(r"\[?more information needed\]?|\{\{.*?\}\}|\[optional\]|^\W*(?:n/?a|none|tbd|todo|-+)\W*$", re.IGNORECASE)  # fmt: skip
PROMISED = re.compile(
    r"\b(?:coming soon|stay tuned|will (?:follow|be (?:added|updated|published|released|available|shared))|to be (?:added|announced|updated)|"
    r"(?:we )?plan to|in preparation|not (?:yet )?(?:available|evaluated|tested|been evaluated))\b|敬请期待",
    re.IGNORECASE,
)
# Said to somebody else, of a model of theirs
_OF_YOURS = re.compile(r"\byour (?:new|own|latest) (?:\w+ )?model\b", re.IGNORECASE)
_HEADINGS = 1024  # headings whose subjects are kept: a heading is asked about for every sentence under it
_A_FIGURE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Subject:
    """How a title says that a section is about it, and how a sentence speaks of it."""

    title: re.Pattern[str]
    says: re.Pattern[str]
    figure: bool = False  # only what holds a figure tells something of it


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_SUBJECTS = {
    "architecture": _Subject(
        _words(r"architectur", r"\bmodel (?:structure|specifications?)\b", r"technical specifications?", r"架构|模型结构"),
        _words(
            r"\b\d+ (?:decoder |encoder |transformer |hidden )?(?:layers|blocks|attention heads|heads|experts)\b", r"\b(?:n_?layers?|n_?heads?|d_?model|hidden (?:size|dim\w*)|head dim\w*|attention heads?|vocab\w* size|"
            r"number of (?:\w+ )?(?:layers|heads|parameters|experts)|context (?:length|window)|sequence length|intermediate size)\b\W{0,6}\d?",
            r"\b(?:decoder|encoder|encoder-decoder|auto-?regressive|causal|diffusion|mixture[- ]of[- ]experts|moe|transformer|dense|state[- ]space|recurrent|rnn)\b[^.]{0,40}\b(?:model|architecture|network|transformer|decoder)\b",
            r"\b(?:architecture|backbone)\b[^.]{0,40}\b(?:is|are|of|based|from|uses?|with|as)\b", r"\b(?:rope|rotary|alibi|swiglu|geglu|rmsnorm|flash ?attention|multi-?query|grouped[- ]query|\bgqa\b|\bmla\b|sliding window|u-?net|vae|vit\b)\b",
            r"\b\d+(?:\.\d+)?\s?(?:b|m|t|billion|million|trillion)\b[ -]param", r"^\W*(?:model )?(?:type|architecture|(?:total |number of )*param\w+|size)\W*[:|：]", r"架构|层数|注意力头",
        ),
    ),
    "training": _Subject(
        _words(r"\btrain(?:ing|ed)\b(?! (?:data|corpus|set))", r"\bhow it was (?:made|trained)\b", r"\bcompute\b", r"infrastructure", r"procedure", r"pre-?training", r"hyper-?param", r"训练", r"entra[iî]nement"),
        _words(
            r"\b(?:pre-?|post-?)?train(?:ed|ing)\b[^.]{0,80}\b(?:on|with|using|for|over|by|in|from)\b[^.]{0,60}(?:\d|gpu|tpu|a100|h100|v100|nodes|steps|epochs|tokens|hours|days|objective|loss|framework|deepspeed|megatron|fsdp|jax|parallelism)",
            r"\b(?:learning rate|batch size|epochs?|optimi[sz]er|warm-?up|adamw?|weight decay|gradient accumulation|lora[_ ](?:r|rank|alpha)|bfloat16 (?:mixed )?precision|mixed precision)\b", r"训练(?:了|过程|步)", r"\bentra[iî]né\b",
        ),
    ),
    "data": _Subject(
        _words(r"\b(?:training |pre-?training |fine-?tuning )(?:data|corpus|mix\w*|sets?)", r"\bdata\s?(?:sets?|sources?|mix\w*|composition|overview|collection)?\b", r"\bcorp(?:us|ora)\b", r"数据", r"données"),
        _words(
            r"\b(?:train(?:ed|ing)|fine-?tuned?|finetuned?|fine-?tuning|learn(?:ed|t))\b[^.]{0,80}\b(?:on|from|with|using|of|over)\b[^.]{0,80}\b(?:tokens|data|data\s?sets?|corpus|corpora|images|hours|conversations|instructions|examples|pairs|samples|text|code|pages|documents|wikipedia|books)\b",
            r"\b(?:data|data\s?sets?|corpus|corpora)\b[^.]{0,60}\b(?:contains?|consists?|includes?|compris\w+|collected|filtered|deduplicated|sourced|curated|derived)\b", r"训练数据|语料|数据集", r"données d['’]entra[iî]nement",
        ),
    ),
    "tuning": _Subject(
        _words(r"fine-?tun", r"post-?train", r"\b(?:sft|rlhf|dpo|alignment|instruction[- ]tun\w*)\b", r"微调"),
        _words(r"\bfine-?tun(?:ed|ing)\b[^.]{0,60}\b(?:on|with|using|from|by|for|of)\b", r"\b(?:sft|rlhf|rlvr|dpo|ppo|grpo|orpo|preference optimi[sz]ation|reinforcement learning|instruction[- ]tun\w+|supervised fine-?tun\w*|post-?train\w*)\b", r"微调"),
    ),
    "evaluation": _Subject(
        _words(r"evaluat", r"benchmark", r"\bresults?\b", r"performance", r"\bscores?\b", r"评测|评估", r"évaluation"),
        _words(r"\b(?:scor(?:es?|ed|ing)|achiev\w+|accuracy|evaluated|evaluations?|outperform\w*|win[- ]rate|perplexity|\bwer\b|\bfid\b|elo)\b", r"评测|得分"),
        figure=True,
    ),
    "use": _Subject(
        _words(r"intended (?:use|purpose)", r"\b(?:direct|downstream|out-of-scope) use", r"\buse cases?\b", r"\bmisuse", r"^\W*uses?\W*$", r"用途", r"utilisations? prévues?"),
        _words(r"\b(?:is |are |be )?(?:intended|designed|meant|suitable|suited|aimed) (?:for|to|as)\b", r"out[- ]of[- ]scope", r"\b(?:use cases?|intended uses?|direct use|downstream use|misuse)\b", r"should not be used", r"\bresearch (?:purposes|use) only\b"),
    ),
    "limits": _Subject(
        _words(r"limit", r"\bbias", r"\brisks?\b", r"ethic", r"safety", r"\bresponsib", r"broader impl", r"局限|风险", r"limites"),
        _words(r"\blimitations?\b", r"\bbias(?:es|ed)?\b", r"\brisks?\b", r"hallucinat", r"\b(?:harmful|offensive|toxic|unsafe|inaccurate|incorrect|misleading|stereotyp\w+)\b", r"\bcannot\b[^.]{0,60}\b(?:reliabl|render|guarantee|generate)", r"局限|偏见"),
    ),
}  # fmt: skip
SUBJECTS = tuple(_SUBJECTS)
_ABOUT_OTHERS = re.compile(r"\b(?:citation|bibtex|acknowledg\w*|licen[cs]e|references?|contact|how to (?:use|get started|cite)|usage|quick ?start|install\w*|deploy\w*|inference|prompt (?:format|template)|changelog|news|table of contents)\b|快速|安装|部署|引用|协议", re.IGNORECASE)  # fmt: skip


# What one would have to know to build the same network: each is told once, however often it is said.
_BUILT = {
    "kind": r"\b(?:decoder|encoder|auto-?regressive|causal|diffusion|mixture[- ]of[- ]experts|moe|state[- ]space|recurrent|rnn|convolutional|u-?net|vae|vit)\b",
    "size": r"\b\d+(?:\.\d+)?\s?(?:b|m|t|billion|million|trillion)\b[ -]param|\bparam\w*\W{1,6}\d",
    "depth": r"\b\d+ (?:\w+ )?(?:layers|blocks)\b|\b(?:n_)?layers?\b\W{1,6}\d|层数",
    "heads": r"\b\d+ (?:\w+ )?heads\b|\b(?:n_)?(?:attention |kv )?heads?\b\W{1,6}\d|注意力头",
    "width": r"\b(?:hidden|embedding|intermediate|model) (?:size|dim\w*)\b|\bd_?model\b|\bd_?ff\b",
    "vocabulary": r"\bvocab\w*\b",
    "context": r"\b(?:context|sequence) (?:length|window|size)\b|\bmax[ _]seq",
    "parts": r"\b(?:rope|rotary|alibi|swiglu|geglu|gelu|rmsnorm|layer ?norm|flash ?attention|multi-?query|grouped[- ]query|gqa|mla|sliding window)\b",
}  # fmt: skip
TRAITS = tuple(_BUILT)
_BUILT_OF = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _BUILT.items()}


@dataclass(frozen=True, slots=True)
class Telling:
    """What a card tells of one subject: how many separate statements, and the first of them."""

    statements: int
    first: Block | None
    sectioned: bool  # the card has a section for it, with something in it


def built_of(card: Card) -> frozenset[str]:
    """Which traits of the network the card tells: kind, size, depth, heads, width, vocabulary, context, parts."""
    found: set[str] = set()
    for sentence in card.sentences():
        block = sentence.block
        if block.kind == "heading" or _about_others(block.section) or _OF_YOURS.search(block.text):
            continue
        found.update(name for name, says in _BUILT_OF.items() if says.search(sentence.text))
    return frozenset(found)


def told(card: Card) -> dict[str, Telling]:
    """What the card tells of each subject, in the order of ``SUBJECTS``."""
    found: dict[str, list[tuple[Block, bool]]] = {name: [] for name in _SUBJECTS}
    for block in card.prose:
        if block.kind == "heading" or _empty(block) or _OF_YOURS.search(block.text):
            continue
        title = next((name for head in reversed(block.section[1:] or block.section) for name in _titled(head)), None)
        apart = _about_others(block.section)
        for sentence in sentences_of(block):
            if PROMISED.search(sentence.text):
                continue
            for name, subject in _SUBJECTS.items():
                own = name == title
                if subject.figure and not _A_FIGURE.search(sentence.text):
                    continue
                if own or (not apart and subject.says.search(sentence.text)):
                    found[name].append((block, own))
    return {
        name: Telling(len(said), said[0][0] if said else None, any(own for _, own in said))
        for name, said in found.items()
    }


@lru_cache(maxsize=_HEADINGS)
def _titled(head: str) -> tuple[str, ...]:
    """The subjects that a heading names; the more particular first."""
    order = ("evaluation", "limits", "use", "data", "tuning", "training", "architecture")
    return tuple(name for name in order if _SUBJECTS[name].title.search(head))


def _about_others(section: tuple[str, ...]) -> bool:
    return bool(section) and _names_others(section[-1])


@lru_cache(maxsize=_HEADINGS)
def _names_others(head: str) -> bool:
    return bool(_ABOUT_OTHERS.search(head))


def _empty(block: Block) -> bool:
    """Too short to say anything: what is left beside a template's words. A row of a table with a figure says enough."""
    left = TEMPLATE.sub("", block.text).strip(" :-*_|")
    return len(left) < (5 if block.kind == "row" and _A_FIGURE.search(left) else 15)
