"""Why something came out otherwise: what the two audits do not share, told apart by where it was seen.

A cause is named if it cannot be excluded. A text that was read at the same commit cannot have changed: if it was read
otherwise, openaudit was. What was seen outside the model's repository, or is not in a file (a gate, what a link leads
to), can change at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from openaudit.languages import _, plural
from openaudit.result import Audit, Entry

Kind = Literal["model", "evidence", "rubric", "tool", "unclear"]
_SHOWN = 3  # findings that are told one by one


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason. ``url`` is where it can be seen in the new audit."""

    kind: Kind
    says: str
    url: str | None = None


@dataclass(frozen=True)
class Causes:
    """What two audits of one model do not share."""

    old: Audit
    new: Audit

    def of(self, rubric: str, keys: Collection[str]) -> tuple[Cause, ...]:
        """Why something that stands on these findings came out otherwise, by this rubric (empty: by none)."""
        found = list(self._findings([key for key in keys if key in self._differing]))
        found += self._rubrics([rubric] if rubric else [])
        if not found and self._tool:
            found.append(self._tool)
        if not found:  # it stands on something that it does not name: another finding, or another rubric's verdict
            found = [*self._findings(list(self._differing)), *self._rubrics(list(self.new.rubrics))]
        return tuple(found) or (Cause("unclear", _("nothing that was recorded explains it")),)

    def about(self, *, fact: tuple[str, ...] = (), thing: str = "") -> tuple[Cause, ...]:
        """Why something that is no criterion changed: by the facts that begin so, or that are about this thing."""
        both = {**self.old.evidence, **self.new.evidence}
        named = [
            key
            for key, entry in both.items()
            if entry.fact.startswith(fact or ("\0",)) or (thing and entry.about == thing)
        ]
        return self.of("", named)

    @cached_property
    def _differing(self) -> dict[str, tuple[Entry | None, Entry | None]]:
        keys = dict.fromkeys((*self.old.evidence, *self.new.evidence))
        pairs = {key: (self.old.evidence.get(key), self.new.evidence.get(key)) for key in keys}
        both = {_content(one) for one in self.old.evidence.values()} & {
            _content(one) for one in self.new.evidence.values()
        }
        return {
            key: (a, b)
            for key, (a, b) in pairs.items()
            if (a.value != b.value if a and b else not any(one and _content(one) in both for one in (a, b)))
        }

    @cached_property
    def _tool(self) -> Cause | None:
        if self.old.tool == self.new.tool:
            return None
        return Cause("tool", _("it was made with {old}, and now with {new}", old=self.old.tool, new=self.new.tool))

    @property
    def _moved(self) -> bool:
        """Whether the model's own files may differ: another commit, or a folder, which has none."""
        return self.old.subject.revision != self.new.subject.revision or self.new.subject.source == "local"

    def _findings(self, keys: Collection[str]) -> Iterator[Cause]:
        told = [self._finding(*self._differing[key]) for key in keys]
        yield from dict.fromkeys(told[:_SHOWN])
        if len(told) > _SHOWN:
            more = len(told) - _SHOWN
            yield Cause(told[_SHOWN].kind, plural("and {n} more finding", "and {n} more findings", more))

    def _finding(self, old: Entry | None, new: Entry | None) -> Cause:
        about = next((one.about for one in (new, old) if one and one.about), "")
        was, now = (one.says if one else _("nothing was found") for one in (old, new))
        url = new.source.url if new and new.source else None
        kind = self._kind(old, new)
        says = _("{now} (before: {was})", now=now, was=was)
        says = _("{about}: {says}", about=about, says=says) if about else says
        if kind == "tool" and self._tool:
            says = _("{one}; {other}", one=says, other=self._tool.says)
        return Cause(kind, says, url)

    def _kind(self, old: Entry | None, new: Entry | None) -> Kind:
        sources = [one.source for one in (old, new) if one and one.source]
        outside = [
            source for source in sources if not _within(source.url, self.old) and not _within(source.url, self.new)
        ]
        if self._moved and not (old and new and outside):
            return "model"
        read_again = len(sources) == 2 and sources[0].file and sources[0].url == sources[1].url
        return "tool" if self._tool and read_again else "evidence"

    def _rubrics(self, ids: Collection[str]) -> Iterator[Cause]:
        for id in ids:
            old, new = self.old.rubrics.get(id), self.new.rubrics.get(id)
            if old is None or new is None:
                only = _("{rubric} judged only the new one", rubric=id)
                yield Cause("rubric", only if new else _("{rubric} judged only the old one", rubric=id))
            elif old.sha256 != new.sha256:
                says = _("{rubric} {old}, now {new}", rubric=id, old=old.version, new=new.version)
                if old.version == new.version:
                    was, now = old.sha256[:8], new.sha256[:8]
                    says = _("{change} (another file: {old}, now {new})", change=says, old=was, new=now)
                yield Cause("rubric", says)


def _content(entry: Entry) -> tuple[object, ...]:
    """What a finding says, wherever it stands now: a sentence that moved to another line is the same finding."""
    about = "" if entry.fact == "claims.claim" and entry.source and entry.source.line else entry.about
    return entry.fact, entry.model, about, entry.value, entry.source.quote if entry.source else None


def _within(url: str, audit: Audit) -> bool:
    """Whether an address is in the repository of the model that was audited."""
    home = audit.subject.url.partition("/tree/")[0]
    return not home or url == home or url.startswith(f"{home}/")
