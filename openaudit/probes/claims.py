"""Claims: what the page says of this model's openness — with polarity and subject resolved.

"An alternative to open-source models", "not open source", "our code is open source", a list of open-source tools: none
of these is a claim about the model. A sentence counts when its subject is this model (its name, "this model", "it",
"we … release …"), its verb affirms, and the thing called open is the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from openaudit.evidence import Finding
from openaudit.probes import Case, Fact, probe
from openaudit.reading import Sentence
from openaudit.reading.openness import LEVELS, claimed
from openaudit.saying import phrase

CLAIM = Fact(
    "claims.claim",
    "What does the page claim of the model?",
    {"*": "the page calls the model {value}"},
    per="claim",
    words=LEVELS,
)
STRONGEST = Fact(
    "claims.strongest",
    "What is the strongest claim of openness the page makes?",
    {
        "fully open": "the page calls the model fully open, or says that its data and training are open",
        "open source": "the page calls the model open source",
        "open weights": "the page calls the model's weights open",
        "none": "the page makes no claim of openness",
    },
)

_OPEN_SOURCE = r"open[- ]?sourced?"
_THING = (
    r"(?:(?:large |small |multilingual |bilingual |foundation |base |chat |instruct(?:ion)? |reasoning |vision[- ]?|multimodal |diffusion |"
    r"text[- ]to[- ]\w+ |code |coding |speech |video |image |embedding |generative |conversational |language |causal |state-of-the-art |"
    r"decoder-only |mixture[- ]of[- ]experts |moe |reward |math |\d+[bm] (?:parameters? )?|"
    r"(?!(?:for|of|to|with|in|on|that|from|by|as)\b)[\w-]+ )"
    r"{0,5}?(?:models?|llms?|vlms?|checkpoints?|version|alternative|release|series|family|mod[èe]les?|modelos?|modell\w*|modelli?|assistant|chatbot))"
)
_FULLY = r"(?:fully|truly|completely|entirely|100\s?%|totally)"
# "the model is open source": here the thing stands before the claim, and tells whose claim it is
_PREDICATE = re.compile(
    rf"\b{_THING}(?: \w+)? (?:is|are) (?:now |fully |also )?{_OPEN_SOURCE}\b(?! (?:code|community|tool|librar|dataset|data))",
    re.IGNORECASE,
)
_OF_MODEL: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("fully open", re.compile(rf"\b{_FULLY}[- ]+(?:transparent(?: and)? )?open(?:[- ]?sourced?)?\b(?: (?:and|,) [\w-]+)?(?: {_THING}|\s*(?:$|[.,;:!]))", re.IGNORECASE)),
    ("fully open", re.compile(r"\bopen[- ]weights?\b.{0,40}\bopen[- ](?:training )?data\b", re.IGNORECASE)),
    ("open source", re.compile(rf"\b{_OPEN_SOURCE}\b,?(?: (?:and|et|und|y|e) [\w-]+)?(?: [\w-]+,)*? {_THING}", re.IGNORECASE)),
    ("open source", _PREDICATE),
    ("open weights", re.compile(rf"\bopen(?:ly)?[- ](?:weights?|available|released|access|parameters?)(?: {_THING})?\b", re.IGNORECASE)),
    ("open weights", re.compile(rf"\bopen(?:,| and [\w-]+)? (?!sources?\b){_THING}\b", re.IGNORECASE)),
)  # fmt: skip
# "we open-source …", "the team open sources …", "has been open-sourced": what is released decides whose claim it is
_RELEASED = re.compile(
    r"\b(?:we|i)\b(?: (?:have|are|also|now|fully|further|hereby|officially|proudly|happily|gladly|excited to|glad to|happy to|decided to))*? (?:open[- ]?sourc(?:ed?|ing)|releas(?:ed?|ing) .{0,60}? (?:as|under an?) open[- ]source)\b(?P<what>[^.;]{0,160})|"
    r"\bopen[- ]?sources (?P<one>(?!of|for|and|or|in|on|to|are|is|from|like|such|including)\w[^.;]{0,160})|\bopen[- ]?sourced (?P<this>this\b[^.;]{0,80})|"
    r"\b(?:has|have) been (?:fully )?open[- ]?sourced\b",
    re.IGNORECASE,
)
# "this model was trained and open-sourced by …", "is released under an open-source licence": the subject decides
_SOURCED = re.compile(
    r"(?P<subject>[^.;:]{2,120}?)\b(?:is|are|was|were|been)\b[^.;:]{0,60}?\b(?:open[- ]?sourced\b(?! \w*-?(?:code|data))|"
    r"(?:licen[cs]ed|released|available|distributed|published) (?:under|as) (?:an? |the )?(?:\w+ ){0,3}?open[- ]source(?:d licen[cs]e| licen[cs]e|(?= (?:in|to|for|by)\b)|(?=$|[.,;!])))|"
    r"(?P<ours>\bwe (?:releas|provid|publish|shar|distribut)\w* [^.;:]{2,80}?) under (?:an? |the )?(?:\w+ ){0,3}?open[- ]source licen[cs]e",
    re.IGNORECASE,
)

_NEGATED = re.compile(
    r"\b(?:not|isn't|aren't|never|no longer|nor|neither|without|cannot|yet to|will be|plan(?:s|ned)? to|coming soon|to be|soon|would|if|should|not yet|(?:don't|didn't|did not) have)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:other|others|existing|leading|current|previous|all|many|most|several|popular|available|among|amongst|than|versus|vs\.?|against|over|like|such as|"
    r"compar(?:ed|able|ing|ison)|(?:comparabl|similar|equal|equivalent)\w*[- ]sized|outperform\w*|surpass\w*|exceed\w*|rival\w*|beat\w*|match\w*|competitive with|equivalently[- ]sized|"
    r"based on|built on|using|use of|uses|from|derived from|fine-?tuned (?:from|on)|trained (?:on|with)|alternative to|community|closed|by fine-?tuning|thanks?|acknowledg\w*)\b[^,;:]{0,40}$",
    re.IGNORECASE,
)
_NOT_THE_MODEL = re.compile(
    r"^\W*(?:source\s+)?(?:community|communities|datasets?|data|tools?|toolkits?|librar\w+|frameworks?|benchmarks?|software|code|codebase|implementations?|projects?|"
    r"package|repositor\w+|licen[cs]e\w*|research|science|ecosystem|initiative|llm leaderboard|platform|leaderboard|evaluation|movement|counterparts?|domain|question|zoo|weights? models? like)\b",
    re.IGNORECASE,
)
_APART = re.compile(r"\b(?:citation|cite|bibtex|references?|acknowledg\w*|evaluat\w*|benchmark\w*|results?|leaderboard|comparison|related|example\w*|license terms)\b", re.IGNORECASE)  # fmt: skip
_REFERENCE = re.compile(
    r"^\W*(?:learn more|read more|blog(?: ?post)?s?|(?:research |technical |our )?(?:paper|report)s?|article|news|title)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"arxiv\.org|doi\.org|blog|openreview|aclanthology|/papers?/|proceedings|medium\.com", re.IGNORECASE
)
_TAGS = {"open-source": "open source", "opensource": "open source", "open_source": "open source", "fully-open": "fully open", "open-weights": "open weights"}  # fmt: skip


@probe(CLAIM, STRONGEST)
def claims(case: Case) -> Iterator[Finding]:
    """Reads every sentence of the card, and the tags."""
    found: list[tuple[str, Finding]] = []
    for sentence in case.card.sentences() if case.card else ():
        level = _claim(case, sentence)
        if level:
            about = phrase("line {n}", n=sentence.line)
            if all(f.about != about for _, f in found):
                found.append((level, Finding(CLAIM.name, level, case.said(sentence.line, sentence.text), about)))
    tags = case.repo.info.get("tags")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, str) and tag.lower() in _TAGS:
            level = _TAGS[tag.lower()]
            about, note = phrase("tag {tag}", tag=tag), phrase("the tag {tag}", tag=repr(tag))
            found.append((level, Finding(CLAIM.name, level, case.files_source, about, note)))
    for _, finding in found:
        yield finding
    if found:
        level, first = max(found, key=lambda f: LEVELS.index(f[0]))
        yield Finding(STRONGEST.name, level, first.source)
    else:
        yield case.unless_unread(STRONGEST.name, "none", phrase("sentences that call the model open"))


def _claim(case: Case, sentence: Sentence) -> str | None:
    """The level this sentence claims for this model, or ``None``."""
    text = sentence.text
    block = sentence.block
    if (block.kind == "row" and len(block.cells) > 2) or len(text) > 1500:
        return None
    if _APART.search(" ".join(block.section[-1:])) or text.endswith("?"):
        return None
    if block.kind == "heading" and not (any(name in text.lower() for name in case.names) and _SAYS.search(text)):
        return None  # a title names things; it says something of them only where it has a verb
    if level := claimed(text, case.speaks_of):
        return level
    return _released(case, text) or _called(case, sentence)


def _released(case: Case, text: str) -> str | None:
    """The claim of a sentence in which somebody open-sources something, or in which something is open-sourced."""
    released = _RELEASED.search(text)
    if released and not _NEGATED.search(text[: released.end()]) and _released_this(case, released):
        return "open source"
    words = re.search(r"\bopen[- ]?source", text, re.IGNORECASE)
    sourced = _SOURCED.search(text[max(0, words.start() - 240) : words.end() + 40]) if words else None
    if not sourced or _NEGATED.search(sourced[0]):
        return None
    subject = sourced["ours"] or sourced["subject"]
    things = _listed_things(subject)
    if things is None:
        return "open source" if _is_this(case, subject) else None
    if not things & _MODELS or not (_is_this(case, subject) or len(things) > 1):
        return None
    return "fully open" if things & _DATA else "open source"


def _called(case: Case, sentence: Sentence) -> str | None:
    """The claim of a sentence that gives the model a name of openness: "an open-source model", "with open weights"."""
    text = sentence.text
    for level, pattern in _OF_MODEL:
        for match in islice(pattern.finditer(text), 8):  # nobody says it more often in one sentence
            before = text[: match.start()]
            after = text[match.end() : match.end() + 40]
            if (
                _NOT_THE_MODEL.match(_after_open(match[0]))
                or _NOT_THE_MODEL.match(after)
                or _in_title(sentence, match[0])
            ):
                continue
            if level == "open weights" and re.match(r"Open[- ][A-Z]", match[0]):
                continue  # a name that begins with "Open", not a claim
            spoken_of = before + (match[0] if pattern is _PREDICATE else "")
            if _affirmed(before) and _subject(case, sentence, spoken_of):
                return level
    named = re.search(r"\bopen[- ]source[d]? ", text, re.IGNORECASE)
    if named and _affirmed(text[: named.start()]):
        rest = text[named.end() :].lower()
        if any(len(name) > 3 and re.match(rf"{re.escape(name)}(?![\w-])", rest) for name in case.names):
            return "open source"
    return None


def _in_title(sentence: Sentence, words: str) -> bool:
    """Whether the words are part of the title of a paper, a post or the like that the sentence cites."""
    if _REFERENCE.match(sentence.text):
        return True
    return any(words.lower() in link.text.lower() and _ELSEWHERE.search(link.url) for link in sentence.block.links)


def _affirmed(before: str) -> bool:
    clause = re.split(r"[,;:](?= )", before)[-1]
    return not _NEGATED.search(clause[-60:]) and not _OTHERS.search(before)


def _after_open(words: str) -> str:
    return re.sub(r"^.*?\bopen(?:[- ]?sourced?|[- ]?weights?)?\b", "", words, flags=re.IGNORECASE)


def _released_this(case: Case, match: re.Match[str]) -> bool:
    """Whether what "we open-sourced" is this model: it is named, or called the model, weights or checkpoints."""
    what = match["what"] or match["one"] or match["this"]
    if what is None:
        before = match.string[: match.start()].lower()
        return any(name in before for name in case.names)
    head = re.split(r"\s(?:of|for|behind|used|that|which|to|so|in|on|as)\s", what.lower())[0]
    chunks = re.split(r"\s+and\s+|,\s*|\s*&\s*", head)
    models = (chunk for chunk in chunks if not re.search(_NO_MODEL, chunk))
    return any(any(name in chunk for name in case.names) or re.search(_A_MODEL, chunk) for chunk in models)


_NO_MODEL = (
    r"\b(?:code|codebase|dataset|data|toolkit|tools?|framework|benchmark|library|scripts?|pipeline|several|some|many)\b"
)
_A_MODEL = r"\b(?:models?|weights|checkpoints?|llms?)\b"
_MODELS = frozenset({"model", "models", "weights", "checkpoint", "checkpoints", "llm", "llms"})
_DATA = frozenset({"data", "dataset", "datasets"})
_THINGS = re.compile(
    r"\b(?:models?|weights|checkpoints?|llms?|code|codebase|data|datasets?|benchmarks?|tools?|toolkits?|scripts?|librar(?:y|ies)|frameworks?|pipelines?|"
    r"corpus|corpora|software|implementations?|projects?)\b",
    re.IGNORECASE,
)
_SAYS = re.compile(r"\b(?:is|are)\b|[:–—]\s+(?:an?|the)\s", re.IGNORECASE)


def _listed_things(subject: str) -> frozenset[str] | None:
    """The things a subject lists ("code, data and model"); for another subject its first noun; ``None`` for none."""
    listed = [item for item in re.split(r",\s*(?:and\s+)?|\s+and\s+", subject.strip()) if item.strip()]
    found = [_THINGS.search(item) for item in listed]
    if len(listed) > 1 and all(noun and len(item.split()) <= 4 for noun, item in zip(found, listed, strict=True)):
        return frozenset(noun[0].lower() for noun in found if noun)
    first = _THINGS.search(subject)
    return frozenset({first[0].lower()}) if first else None


def _is_this(case: Case, subject: str) -> bool:
    """Whether a subject is this model: named, "this model", or "the … models" of a card that is about them."""
    return case.speaks_of(subject) or bool(
        re.match(r"\W*(?:this|(?:the|all|our) (?:[\w-]+ ){0,3}models?)\b", subject, re.IGNORECASE)
    )


def _subject(case: Case, sentence: Sentence, before: str) -> bool:
    """Whether the sentence speaks of this model: its name or a self-reference stands before the claim."""
    if case.speaks_of(before) or _short_name(case, before):
        return True
    if re.search(r"\b(?:this|these|our)\s*$|^\W*they are\b", before, re.IGNORECASE):
        return True
    if _SLOGAN.fullmatch(before) and _under_title(case, sentence):
        return True
    bare = not re.search(r"\w", before)
    return (
        bare
        and sentence.block.kind in ("item", "row")
        and bool(re.search(r"\*\*|:|：", sentence.text[:60]) or sentence.block.text == sentence.text)
    )


_SLOGAN = re.compile(r"\W*(?:an?|the)\b(?: [\w-]+,?){0,2}\s*", re.IGNORECASE)


_OPENING = 32  # blocks, from the top of a card, of which one may be the slogan


def _under_title(case: Case, sentence: Sentence) -> bool:
    """Whether a sentence is the first thing said under a title that names the model: then it is said of the model."""
    block = sentence.block
    if case.card is None or not block.section or not case.speaks_of(block.section[-1]) or len(sentence.text) > 200:
        return False
    first = next(
        (b for b in islice(case.card.blocks, _OPENING) if b.kind in ("paragraph", "html") and len(b.text) > 3), None
    )
    return first is block and block.text.startswith(sentence.text)


def _short_name(case: Case, before: str) -> bool:
    """Whether a sentence begins with a short form of the repository's name: "Command R is …" of ``command-r-v01``."""
    start = re.match(r"\W*(?P<name>[A-Z0-9][\w.+-]*(?: [A-Z0-9][\w.+-]*){0,4}) (?:is|are)\b", before)
    if not start:
        return False
    words = start["name"].split()
    whole = re.sub(r"[\W_]+", "", case.repo.id.split("/")[-1].lower())
    ends = (re.sub(r"[\W_]+", "", " ".join(words[i:]).lower()) for i in range(len(words)))
    return any(end == whole or (len(end) > 4 and end in whole) for end in ends)
