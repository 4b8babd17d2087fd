"""What a probe may look at: one model in its snapshot, its card read once, and the evidence about its ancestors."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

from openaudit.evidence import Evidence, Finding, Repo, Snapshot, Source, Value
from openaudit.reading import Card, Sentence
from openaudit.reading.pointers import Pointer, base_models, card_of, card_source, code_repos, names_of
from openaudit.reading.training_data import data_sets
from openaudit.saying import phrase

_SELF = re.compile(
    r"\b(?:this (?:is|model|release|repository|version|checkpoint)|these (?:are|models)|our (?:(?:new|latest|first|own|best|\w+est) )?(?:[\w.-]+ ){0,3}?(?:models?|series|family|release|llms?|checkpoints?)|the models?|"
    r"it(?:'s| is| was)|we(?:'re| are| have)? (?:\w+ )?(?:introduc\w+|present\w*|releas\w+|announc\w+|propos\w+|provid\w+|develop\w+|shar\w+|"
    r"offer\w*|publish\w*|produc\w+|open[- ]?sourc\w+)|introducing|welcome to|meet|producing|ce mod[èe]le|nous (?:pr[ée]sentons|publions)|"
    r"dieses modell|este modelo|questo modello)\b|^\W*(?:model )?(?:description|type|summary)\b|本模型|我们|该模型",
    re.IGNORECASE,
)
_TUNED = re.compile(
    r"\b(?:is|are|was|were|been|and|an?|models?|subsequently|then)(?:,| \w+ly)? (?:fine-?\s?tuned|finetuned|instruction[- ]tuned) "
    r"(?:version|variant|checkpoint|from|on|with|using|for \d)\b|,\s(?:fine-?tuned|finetuned) (?:from|on|with)\b|"
    r"\bwe(?: then| further| also| subsequently)? (?:fine-?tuned?|finetuned?) (?!several|some|many|other|these|different)\w|"
    r"\bcontinual(?:ly)? (?:pre-?)?train\w*|\bfurther (?:pre-?)?trained (?:from|on)\b",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"\b(?:not|never|without|n't|can|could|may|might|be|to|should|before|when|if|intended|those|other|versions|variants|also)\b[^.]{0,20}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class Case:
    """One model to look at. Everything derived from its page is computed once; a case is equal to itself only."""

    snapshot: Snapshot
    repo: Repo
    ancestors: tuple[Evidence | str, ...] = ()

    def descending(self, ancestors: tuple[Evidence | str, ...]) -> Case:
        """The same case, with what was found of its ancestors. What was read stays read: it does not hang on them."""
        case = replace(self, ancestors=ancestors)
        vars(case).update({name: read for name, read in vars(self).items() if name not in vars(case)})
        return case

    @cached_property
    def card(self) -> Card | None:
        return card_of(self.repo)

    @cached_property
    def card_state(self) -> str:
        """``read``, ``absent`` (looked for, not there) or ``unread`` (there, but it could not be read)."""
        if self.card is not None:
            return "read"
        return "unread" if "README.md" in self.repo.paths or "README.md" in self.repo.unread else "absent"

    @cached_property
    def bases(self) -> tuple[Pointer, ...]:
        return base_models(self.repo, self.card)

    @cached_property
    def data_sets(self) -> tuple[Pointer, ...]:
        return data_sets(self.repo, self.card)

    @cached_property
    def code_repos(self) -> tuple[Pointer, ...]:
        return code_repos(self.repo, self.card)

    @cached_property
    def files_source(self) -> Source:
        """The list of files: what is looked for there and isn't, is not there."""
        return Source(self.repo.url(), gathered=self.repo.gathered)

    @cached_property
    def page_source(self) -> Source:
        """The card as a whole, or the repository's page where there is none."""
        if self.card is None:
            return self.files_source
        return Source(self.repo.url("README.md"), "README.md", gathered=self.repo.gathered)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names by which a card may call this model, longest first, in lower case.

        The repository's name, with spaces for separators, and the family name before sizes and versions.
        """
        return names_of(self.repo.id)

    def speaks_of(self, text: str) -> bool:
        """Whether these words name this model or refer to it: "this model", "it", "we release"."""
        low = re.sub(r"[\s_-]+", "", text.lower())
        if any(re.sub(r"[\s_-]+", "", name) in low for name in self.names):
            return True
        return bool(_SELF.search(text))

    @cached_property
    def tuned(self) -> Sentence | None:
        """The sentence that says that this model was tuned, if the card has one."""
        for sentence in self.card.sentences() if self.card else ():
            block = sentence.block
            if (
                block.kind == "heading"
                or sentence.text.lower().startswith("example")
                or (block.kind == "row" and len(block.cells) > 2)
            ):
                continue
            match = _TUNED.search(sentence.text)
            before = sentence.text[: match.start() + 1] if match else ""
            if (
                (
                    match
                    and not _NOT_YET.search(before[-40:])
                    and not re.search(r"\b(?:unlike|whereas|than)\b", before, re.IGNORECASE)
                )
                and (
                    match.start() <= 1  # "A fine-tuned version of …": a sentence without a subject is about this model
                    or match[0].lower().startswith("we")
                    or self.speaks_of(sentence.text[: match.end()])
                )
            ):
                return sentence
        return None

    def file_source(self, path: str, line: int | None = None, quote: str | None = None) -> Source:
        return Source(self.repo.url(path), path, line, quote, self.repo.gathered)

    def said(self, line: int, quote: str) -> Source:
        """A place in the card."""
        return card_source(self.repo, line, quote)

    def unless_unread(self, fact: str, value: Value, looked_for: str, about: str = "") -> Finding:
        """The finding that something is not in the card — or unknown, if the card could not be read."""
        if self.card_state == "unread":
            why = self.why_unread("README.md")
            return Finding(
                fact, None, self.files_source, about, phrase("the model card could not be read: {why}", why=why)
            )
        if self.card_state == "read":
            note = phrase("looked for {thing} in the model card", thing=looked_for)
        else:
            note = phrase("looked for {thing} in the repository: it has no model card", thing=looked_for)
        return Finding(fact, value, self.page_source, about, note)

    def why_unread(self, path: str) -> str:
        """Why a file of the repository was not read."""
        return phrase(self.repo.unread.get(path, phrase("it was not gathered")))


def maker(id: str) -> str:
    """The owner of a repository, as far as its id tells, in lower case."""
    return id.split("/")[0].lower() if "/" in id else ""
