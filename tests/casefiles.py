"""Cases as files: a plain description of a model becomes a snapshot in memory. The keys: tests/cases/README.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from openaudit.evidence import MISSING, CodeRepo, Kind, Looked, LookedCode, NotLooked, Repo, Snapshot

CASES = Path(__file__).parent / "cases"
FACTS = "facts"
SHA = "0123456789abcdef0123456789abcdef01234567"
GATHERED = "2026-11-01T00:00:00Z"

_REPO = {"id", "metadata", "card", "files", "texts", "gated", "tags", "branches", "size"}
_CASE = {"case", "model", "models", "datasets", "code", "expect", "of"}
_CASE |= {"because", "verdict", "label", "openwashing", "wrong"}


@dataclass(frozen=True, eq=False)
class CaseFile:
    """One case: where it stands, and what it says."""

    path: Path
    says: Mapping[str, Any]

    @property
    def folder(self) -> tuple[str, str]:
        """The rubric and the criterion; or "facts" and the fact."""
        return self.path.parent.parent.name, self.path.parent.name

    @property
    def name(self) -> str:
        return self.path.relative_to(CASES).with_suffix("").as_posix()

    def snapshot(self) -> Snapshot:
        return snapshot_of(self.says)


def collect() -> list[CaseFile]:
    """Every case, in the order of their paths. Raises ValueError for a file that is none."""
    return list(_read())


def _read() -> Iterator[CaseFile]:
    for path in sorted(CASES.rglob("*.yaml")):
        says = yaml.safe_load(path.read_text(encoding="utf-8"))
        _only(says, _CASE, path.name)
        if not says.get("case") or "expect" not in says:
            raise ValueError(f"{path}: a case needs `case` (what it shows) and `expect`")
        if len(path.relative_to(CASES).parts) != 3:
            raise ValueError(f"{path}: a case stands in <rubric>/<criterion>/ or facts/<fact>/")
        yield CaseFile(path, says)


def _only(says: Mapping[str, Any], allowed: set[str], where: str) -> None:
    if strange := set(says) - allowed:
        raise ValueError(f"{where}: {', '.join(sorted(strange))}: no such key; there are {', '.join(sorted(allowed))}")


def snapshot_of(says: Mapping[str, Any]) -> Snapshot:
    """The snapshot that a case describes."""
    subject = repo_of("models", str((says.get("model") or {}).get("id", "maker/model")), says.get("model") or {})
    models: dict[str, Looked] = {subject.id: subject}
    models |= {id: _looked("models", id, one) for id, one in (says.get("models") or {}).items()}
    datasets = {id: _looked("datasets", id, one) for id, one in (says.get("datasets") or {}).items()}
    code = {id.lower(): _looked_code(id, one) for id, one in (says.get("code") or {}).items()}
    return Snapshot(subject.id, models, datasets, code)


def _looked(kind: Kind, id: str, says: Any) -> Looked:
    if says in ("missing", "unknown"):
        return MISSING if says == "missing" else NotLooked()
    return repo_of(kind, id, says or {})


def _looked_code(id: str, says: Any) -> LookedCode:
    if says in ("missing", "unknown"):
        return MISSING if says == "missing" else NotLooked("GitHub's rate limit was reached")
    _only(says, {"license", "files", "archived"}, id)
    info = {"full_name": id, "archived": says.get("archived", False), "tree": list(says.get("files", ()))}
    return CodeRepo(id, {**info, "license": {"spdx_id": says.get("license")}}, GATHERED)


def repo_of(kind: Kind, id: str, says: Mapping[str, Any]) -> Repo:
    """One repository of the Hub from its description."""
    _only(says, _REPO, id)
    metadata, words = says.get("metadata"), says.get("card", "")
    texts = dict(says.get("texts") or {})
    unread = {}
    if words == "unread":
        unread["README.md"] = "gated"
    elif words != "none":
        head = f"---\n{yaml.safe_dump(metadata, allow_unicode=True, sort_keys=False)}---\n" if metadata else ""
        texts["README.md"] = head + words
    plain = ["data/train.parquet"] if kind == "datasets" else ["config.json", "model.safetensors"]
    info: dict[str, Any] = {"id": id, "sha": SHA, "tags": says.get("tags", ["transformers"])}
    if words != "unread":
        info["cardData"] = metadata or {}
    if (files := says.get("files", plain)) != "unknown":
        info["siblings"] = [{"rfilename": path} for path in sorted({*files, *texts, *unread})]
    if (gated := says.get("gated", False)) != "unknown":
        info["gated"] = gated
    if "size" in says:
        info["mainSize"] = says["size"]
    refs = None
    if (branches := says.get("branches", [])) != "unknown":
        refs = {"branches": [{"name": name, "targetCommit": SHA} for name in ["main", *branches]], "tags": []}
    return Repo(kind, id, info, refs, texts, unread, GATHERED)
