"""What a probe may look at: one model in its snapshot, its card read once, and the evidence about its ancestors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from openaudit.evidence import Evidence, Finding, Repo, Snapshot, Source
from openaudit.reading import Card
from openaudit.reading.pointers import Pointer, base_models, card_of, card_source, code_repos, data_sets


@dataclass(frozen=True)
class Case:
    """One model to look at. Everything derived from its page is computed once."""

    snapshot: Snapshot
    repo: Repo
    ancestors: tuple[Evidence | str, ...] = ()

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
        name = self.repo.id.split("/")[-1].lower()
        family = re.split(r"[-_ .](?=\d|v\d|instruct|chat|base|it\b|hf\b)", name)[0]
        names = {name, re.sub(r"[-_]", " ", name), family, re.sub(r"[-_]", " ", family)}
        return tuple(sorted((n for n in names if len(n) > 2), key=lambda n: (-len(n), n)))

    def file_source(self, path: str, line: int | None = None, quote: str | None = None) -> Source:
        return Source(self.repo.url(path), path, line, quote, self.repo.gathered)

    def said(self, line: int, quote: str) -> Source:
        """A place in the card."""
        return card_source(self.repo, line, quote)

    def unless_unread(self, fact: str, value: bool | str, looked_for: str, about: str = "") -> Finding:
        """The finding that something is not in the card — or unknown, if the card could not be read."""
        if self.card_state == "unread":
            why = self.repo.unread.get("README.md", "it was not gathered")
            return Finding(fact, None, self.files_source, about, f"the model card could not be read: {why}")
        where = "the model card" if self.card_state == "read" else "the repository: it has no model card"
        return Finding(fact, value, self.page_source, about, f"looked for {looked_for} in {where}")


def maker(id: str) -> str:
    """The owner of a repository, as far as its id tells, in lower case."""
    return id.split("/")[0].lower() if "/" in id else ""
