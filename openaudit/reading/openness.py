"""Whether a sentence calls its model open, in French, German, Spanish, Italian or Chinese: with polarity and subject.

Words around "open source" decide. The nouns before it say what is called open: a model, or its code, its data, a tool.
A negation, a promise or a comparison in the same clause takes the claim away. English, with which most cards are
written and which says it in many more ways, is read by the probe itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

LEVELS = ("open weights", "open source", "fully open")
_MOST = 8  # times the words are weighed in one clause: nobody claims a thing more often in one breath
_NEAR = 90  # characters before the words in which their subject stands


class Tongue:
    """The words of one language, each a pattern. It is compiled when it is first needed: most cards are in English.

    ``source`` and ``weights`` say that something is open, ``fully`` stands before them, ``thing`` is a model, ``other``
    what is not one, ``of`` makes a model the owner of what stands before ("le code *du* modèle"), ``joins`` adds one
    thing to another, ``own`` refers to this model or its makers, ``denies`` and ``others`` take a claim away.
    """

    source: re.Pattern[str]
    weights: re.Pattern[str]
    fully: re.Pattern[str]
    thing: re.Pattern[str]
    other: re.Pattern[str]
    of: re.Pattern[str]
    joins: re.Pattern[str]
    own: re.Pattern[str]
    denies: re.Pattern[str]
    others: re.Pattern[str]

    def __init__(self, **words: str) -> None:
        self._words = words

    def __getattr__(self, name: str) -> re.Pattern[str]:
        words = self.__dict__.get("_words", {})
        if name not in words:
            raise AttributeError(name)
        pattern = re.compile(words[name], re.IGNORECASE)
        setattr(self, name, pattern)
        return pattern


_FRENCH = Tongue(
    source=r"\b(?:open[- ]?source|(?:[àa] )?(?:code )?source ouverte?|sous licence libre)\b|(?<=modèle )libre\b|\bmodèle ouvert\b",
    weights=r"\bpoids (?:\w+ )?ouverts?\b|\bpoids (?:sont|en) (?:\w+ )?(?:libre accès|ouverts?)\b",
    fully=r"\b(?:enti[èe]rement|totalement|compl[èe]tement|100\s?%|pleinement)\s*$",
    thing=r"\b(?:mod[èe]les?|LLM|poids|checkpoints?)\b",
    other=r"\b(?:code|donn[ée]es|jeux? de donn[ée]es|corpus|outils?|biblioth[èe]ques?|logiciels?|projets?|communaut[ée]|frameworks?|licence)\b",
    of=r"\b(?:du|(?<!sur )(?<!avec )des|de ce|de notre|de nos|de)\b\s*(?:\w+ )?$|\bd['’]$",
    joins=r"\b(?:et|ainsi que)\s+(?:(?:le|la|les|l['’]|son|sa|ses|notre|nos|ce|ces)\s*)?$",
    own=r"\b(?:ce mod[èe]le|le mod[èe]le|les mod[èe]les|notre|nos|ces mod[èe]les|(?<!\w )c['’]est|il est|voici|nous (?:avons |sommes )?(?:\w+ment )?(?:publi|partag|pr[ée]sent|lib[ée]r|mett|diffus|ouvr|rend)\w*)\b",
    denies=r"\b(?:n['’]est|ne sont|ne (?:\w+ )?(?:pas|plus)|n['’](?:a|ont)|pas|jamais|ni|non|bient[ôo]t|sera|seront|si|devrait|pr[ée]v\w+)\b",
    others=r"\b(?:autres?|existants?|plusieurs|certains|compar\w*|par rapport|que (?:les|des|d['’])|parmi|contrairement|alternative|[àa] partir|bas[ée]s? sur|rivalis\w*|surpass\w*|d[ée]pass\w*|meilleure?s? que|aux?)\b[^,;]{0,40}$",
)  # fmt: skip
_GERMAN = Tongue(
    source=r"\b(?:open[- ]?source|quelloffen(?:e[nrsm]?)?)(?=\b|-)|\boffene[nrsm]? (?=(?:\w+-)?\w*modelle?\b)",
    weights=r"\boffene[nrsm]? (?:modell)?gewichte?n?\b|\bgewichte? (?:sind|ist) (?:\w+ )?(?:offen|frei verf[üu]gbar)\b",
    fully=r"\b(?:vollst[äa]ndig|komplett|v[öo]llig|ganz|g[äa]nzlich|100\s?%)(?:e[nrs]?)?\s*$",
    thing=r"(?:modelle?s?|\bLLMs?|gewichte?n?|\bcheckpoints?)\b",
    other=r"(?:code|daten|datens[äa]tze?|korpus|werkzeuge?|bibliotheke?n?|software|projekte?|gemeinschaft|community|lizenz|tools?)\b",
    of=r"\b(?:des|der|von|unseres|dieses|f[üu]r|zum|vom)\b\s*(?:\w+ )?$",
    joins=r"\b(?:und|sowie)\s+(?:(?:das|die|der|sein|seine|unser|unsere|dessen)\s*)?$",
    own=r"\b(?:dieses (?:\w+ )?\w*modell|das (?:\w+ )?\w*modell|unser\w*|die modelle|es ist|dies ist|wir (?:ver[öo]ffentlich|stell|teil|pr[äa]sentier|geb|mach)\w*)\b",
    denies=r"\b(?:nicht|kein\w*|nie|niemals|weder|noch nicht|bald|wird|werden|wenn|soll\w*|geplant)\b",
    others=r"\b(?:ander\w+|bestehend\w*|viele\w*|einige\w*|vergleich\w*|vergl\w+|als|unter den|gegen[üu]ber|alternative|basier\w*|auf basis|[üu]bertrifft|besser|im gegensatz)\b[^,;]{0,40}$",
)  # fmt: skip
_SPANISH = Tongue(
    source=r"\b(?:open[- ]?source|(?:de )?c[óo]digo (?:fuente )?abierto|(?:de )?fuente abierta|software libre)\b|\bmodelo abierto\b",
    weights=r"\bpesos (?:\w+ )?abiertos\b|\bpesos (?:son|est[áa]n) (?:\w+ )?abiertos\b",
    fully=r"\b(?:completamente|totalmente|enteramente|plenamente|100\s?%)\s*(?:de )?$",
    thing=r"\b(?:modelos?|LLM|pesos|checkpoints?)\b",
    other=r"\b(?:(?<!de )c[óo]digo(?! (?:fuente )?abierto)|datos|conjuntos? de datos|corpus|herramientas?|bibliotecas?|librer[íi]as?|software|proyectos?|comunidad|licencia)\b",
    of=r"\b(?:del?|de la|de los|de nuestro|de este)\b\s*(?:\w+ )?$",
    joins=r"\b(?:y|e|as[íi] como)\s+(?:(?:el|la|los|las|su|sus|nuestro|nuestros)\s*)?$",
    own=r"\b(?:este modelo|el modelo|los modelos|nuestros?|estos modelos|(?<!\w )es un|presentamos|publicamos|lanzamos|compartimos|liberamos|ofrecemos|hemos (?:publicado|liberado|lanzado))\b",
    denies=r"\b(?:no|nunca|tampoco|ni|pronto|ser[áa]n?|si|planea\w*|todav[íi]a no|a[úu]n no)\b",
    others=r"\b(?:otros?|otras?|existentes?|muchos?|varios?|algunos?|compar\w*|que (?:los|otros)|frente a|entre los|alternativa|a diferencia|basad\w+ en|a partir|supera\w*|mejor que|respecto)\b[^,;]{0,40}$",
)  # fmt: skip
_ITALIAN = Tongue(
    source=r"\b(?:open[- ]?source|(?:a )?(?:codice|sorgente) (?:sorgente )?apert[oa]|software libero)\b|\bmodello aperto\b",
    weights=r"\bpesi (?:\w+ )?aperti\b|\bpesi sono (?:\w+ )?aperti\b",
    fully=r"\b(?:completamente|totalmente|interamente|pienamente|100\s?%)\s*(?:a )?$",
    thing=r"\b(?:modell[oi]|LLM|pesi|checkpoint)\b",
    other=r"\b(?:codice(?! (?:sorgente )?aperto)|dati|dataset|corpus|strument[oi]|librerie?a?|software|progett[oi]|comunit[àa]|licenza)\b",
    of=r"\b(?:del|dei|della|di|del nostro|di questo)\b\s*(?:\w+ )?$",
    joins=r"\b(?:e|ed|nonch[ée])\s+(?:(?:il|i|lo|la|le|suo|nostro|nostri)\s*)*$",
    own=r"\b(?:questo modello|il modello|i modelli|il nostro|i nostri|questi modelli|(?<!\w )è un|presentiamo|pubblichiamo|rilasciamo|condividiamo|abbiamo (?:pubblicato|rilasciato))\b",
    denies=r"\b(?:non|mai|n[ée]|presto|sar[àa]|saranno|se|prevediamo|ancora)\b",
    others=r"\b(?:altr[ioae]|esistenti|molti|diversi|alcuni|rispetto|confront\w*|dei|tra i|alternativa|a differenza|basat\w+ su|partire da|supera\w*|meglio|migliore di)\b[^,;]{0,40}$",
)  # fmt: skip
_CHINESE = Tongue(
    source=r"开源|开放源代码",
    weights=r"开放(?:模型)?(?:的)?权重|权重(?:已|均已|完全)?开放|开源(?:了)?(?:模型|预训练)?权重|权重(?:已|均已)?开源",
    fully=r"(?:完全|全面|彻底|100%)\s*$",
    thing=r"模型|权重|参数|检查点",
    other=r"代码|数据集?|语料|工具|社区|框架|项目|平台|协议|许可|脚本|软件|生态|贡献|榜|仓库",
    of=r"(?!)",  # the owner stands first: 模型的代码
    joins=r"(?:和|与|及|以及|、)\s*$",
    own=r"本模型|该模型|此模型|这个模型|我们|本项目|我司",
    denies=r"不|并非|没有|未|即将|将(?:会|于|在|要|很快|陆续|逐步)?\s*$|如果|计划|暂",
    others=r"(?:其他|其它|现有|基于|相比|超越|超过|优于|对比|同类|众多|许多|诸多|各种|主流|使用|采用|感谢|微软|谷歌|最强的?|领先)[^，。；]{0,14}$",
)  # fmt: skip
# The little words by which the language of a sentence is told; a loan like "open source" is in all of them.
_LITTLE = (
    (None, re.compile(r"\b(?:the|is|are|of|and|a|an|to|for|with|this|that|we|our|in|on|by|it|as)\b", re.IGNORECASE)),
    (_FRENCH, re.compile(r"\b(?:le|la|les|un|une|des|du|est|sont|et|nous|ce|notre|nos|pour|avec|par|sur|sera)\b|['’]", re.IGNORECASE)),
    (_GERMAN, re.compile(r"\b(?:der|die|das|des|ein|eine|ist|sind|und|wir|dieses|unser\w*|mit|f[üu]r|nicht|kein|wurde|hat|zu)\b", re.IGNORECASE)),
    (_SPANISH, re.compile(r"\b(?:el|la|los|las|un|una|es|son|y|de|este|nuestros?|con|para|por|no|se|del|publicamos)\b|¿", re.IGNORECASE)),
    (_ITALIAN, re.compile(r"\b(?:il|lo|la|i|gli|un|una|sono|e|di|del|questo|nostr[oi]|con|per|non|ha|su|ai)\b|\bè\b", re.IGNORECASE)),
)  # fmt: skip
_CJK = re.compile(r"[\u4e00-\u9fff]")


def claimed(text: str, speaks_of: Callable[[str], bool]) -> str | None:
    """The level of openness that a sentence claims for its model, or ``None``.

    ``speaks_of`` says whether words name the model.
    """
    if text.rstrip().endswith(("?", "？")):
        return None
    tongue = _tongue_of(text)
    if tongue is None:
        return None
    found: list[str] = []
    for clause in re.split(r"[。；;！!]|\.\s", text):
        found += _in_clause(clause, tongue, speaks_of)
    return max(found, key=LEVELS.index, default=None)


def _tongue_of(text: str) -> Tongue | None:
    """The language of a sentence, if it is one of these; ``None`` for English and for all others."""
    if _CJK.search(text):
        return _CHINESE
    return max(_LITTLE, key=lambda pair: len(pair[1].findall(text)))[0]


def _in_clause(clause: str, tongue: Tongue, speaks_of: Callable[[str], bool]) -> Iterator[str]:
    for level, pattern in (("open weights", tongue.weights), ("open source", tongue.source)):
        for match in islice(pattern.finditer(clause), _MOST):
            before, after = clause[: match.start()], clause[match.end() :]
            near = re.split(r"[,，:：]", before)[-1][-_NEAR:]
            if tongue.denies.search(near) or tongue.others.search(before):
                continue
            fully = tongue.fully.search(before)
            rest = before[: fully.start()] if fully else before
            if level == "open source" and not _is_model(rest[-_NEAR:], after, match[0], tongue, speaks_of):
                continue
            about = before + (match[0] + after[:6] if tongue is _CHINESE else match[0])
            if tongue.own.search(about) or speaks_of(before):
                yield "fully open" if fully and level == "open source" else level


def _is_model(before: str, after: str, words: str, tongue: Tongue, speaks_of: Callable[[str], bool]) -> bool:
    """Whether a model is what these words call open: the noun that follows at once decides, else those before."""
    next_to = r"[\s\-了的「“]*(?:(?!\s*(?:et|und|y|e)\b)[^\s,，。、]{1,20}[\s-]+){0,2}?[^\s,，。、]{0,24}?"
    things = re.match(next_to + f"(?P<noun>{tongue.thing.pattern})", after, re.IGNORECASE)
    others = re.match(next_to + f"(?P<noun>{tongue.other.pattern})", after, re.IGNORECASE)
    if others and (not things or others.start("noun") < things.start("noun")):
        if re.search(r"[、和与及]|\b(?:et|und|y|e)\b", after[others.end() : others.end() + 6]):
            tail = after[others.end() : others.end() + 16]
            return bool(tongue.thing.search(tail))  # "the code, data and models that we open-source"
        return False
    if things:
        return True
    nouns = [(m.start(), True) for m in tongue.thing.finditer(before + words)]
    nouns += [(m.start(), False) for m in tongue.other.finditer(before)]
    found = False
    for start, is_thing in sorted(nouns):
        owner = is_thing and tongue.of.search(before[:start]) and any(n < start and not t for n, t in nouns)
        joined = tongue.joins.search(before[:start])
        found = (found or not owner) if is_thing else found and bool(joined or tongue.of.search(before[:start]))
    return found if nouns else speaks_of(before)
