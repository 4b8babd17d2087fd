"""Refresh the facts of the shipped sample from the live Hub; keep the hand-written stubs.

    python scripts/refresh_sample.py [--sample DIR] [--check]

The sample (``openaudit/sample``) holds facts (the Hub's metadata, file lists, branches, GitHub trees, redirects) and
stubs (cards and licences, abridged in our own words). Facts are fetched again and trimmed by ``trim_info`` and
``trim_code``. Stubs are never overwritten: where a repository has a new commit, or a licence or policy file that has
no stub yet, the report says which ones a person has to look at again; ``gathered.json`` keeps the day of the stub until
then. ``--check`` writes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from openaudit.evidence import CodeRepo, Kind, Missing, NotLooked, Repo

if TYPE_CHECKING:
    from openaudit.sources import Source

SAMPLE = Path(__file__).resolve().parent.parent / "openaudit" / "sample"

_INFO_KEYS = (
    "id",
    "sha",
    "lastModified",
    "private",
    "gated",
    "disabled",
    "library_name",
    "pipeline_tag",
    "tags",
    "cardData",
    "config",
    "siblings",
)
_CONFIG_KEYS = ("architectures", "model_type", "auto_map")
_CARD_KEYS_LEFT_OUT = frozenset(
    {"widget", "dataset_info", "extra_gated_heading", "extra_gated_description", "extra_gated_button_content"}
)
_CARD_LISTS = {"configs": 8}  # longer lists of the card's metadata are cut to so many entries
_EVALUATIONS = 3  # results kept of a model-index
_TEXT = 240  # characters; longer values of the card's metadata are prose, and left out
_KEY = 80  # characters; longer keys of the card's metadata are cut
_PER_FOLDER = 3  # data files kept of each folder of a data set
_DATA_FILES = 40  # data files kept of a data set
_PATHS = 40  # paths kept of a GitHub repository


# --------------------------------------------------------------------------- trimming


def trim_info(info: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """What the sample keeps of a repository's JSON. Trimming twice changes nothing.

    Values are never altered, only left out; the one exception is prose in the card's metadata (the body of a
    licence in ``extra_gated_prompt``), which is replaced by a note of its length.
    """
    kept: dict[str, Any] = {key: info[key] for key in _INFO_KEYS if info.get(key) is not None}
    if "cardData" in kept:
        kept["cardData"] = _trim_card(kept["cardData"])
    if "config" in kept:
        kept["config"] = {key: kept["config"][key] for key in _CONFIG_KEYS if key in kept["config"]}
    if "siblings" in kept:
        kept["siblings"] = [_trim_file(file) for file in _trim_files(kept["siblings"], kind)]
    return kept


def _trim_card(card: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in card.items() if key not in _CARD_KEYS_LEFT_OUT}
    for key, most in _CARD_LISTS.items():
        if isinstance(kept.get(key), list):
            kept[key] = kept[key][:most]
    if isinstance(kept.get("model-index"), list):
        kept["model-index"] = [
            {**entry, "results": entry["results"][:_EVALUATIONS]} if isinstance(entry.get("results"), list) else entry
            for entry in kept["model-index"]
            if isinstance(entry, Mapping)
        ]
    shortened: dict[str, Any] = _without_prose(kept)
    return shortened


def _without_prose(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _TEXT else f"(a text of {len(value)} characters, left out)"
    if isinstance(value, Mapping):
        return {
            key if len(key) <= _KEY else f"{key[: _KEY - 1]}…": _without_prose(inner) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_prose(inner) for inner in value]
    return value


def _trim_file(file: Mapping[str, Any]) -> dict[str, Any]:
    return {key: file[key] for key in ("rfilename", "size") if file.get(key) is not None}


def _trim_files(files: Sequence[Mapping[str, Any]], kind: Kind) -> list[Mapping[str, Any]]:
    """Every weight file of one format stays; training logs, a second format of many shards and most data go."""
    if kind == "models":
        kept = [file for file in files if "tfevents" not in file["rfilename"]]
        if any(file["rfilename"].endswith(".safetensors") for file in kept) and len(kept) > 100:
            kept = [file for file in kept if not file["rfilename"].startswith("pytorch_model")]
        return kept
    kept = []
    in_folder: dict[PurePosixPath, int] = {}
    data = 0
    for file in files:
        folder = PurePosixPath(file["rfilename"]).parent
        if folder == PurePosixPath("."):
            kept.append(file)
            continue
        in_folder[folder] = in_folder.get(folder, 0) + 1
        if in_folder[folder] <= _PER_FOLDER and data < _DATA_FILES:
            data += 1
            kept.append(file)
    return kept


def trim_code(info: Mapping[str, Any], shipped: Sequence[str] = ()) -> dict[str, Any]:
    """What the sample keeps of a GitHub repository: the paths shipped before that are still there, and the root."""
    license = info.get("license")
    tree = [path for path in info.get("tree", ()) if isinstance(path, str)]
    same = {path.rstrip("/") for path in shipped}
    chosen = [path for path in tree if path.rstrip("/") in same]
    root = [path for path in tree if "/" not in path.rstrip("/") and path not in chosen]
    kept = set([*chosen, *root][:_PATHS])
    return {
        "full_name": info.get("full_name"),
        **({"sha": info["sha"]} if isinstance(info.get("sha"), str) else {}),
        "license": {"spdx_id": license.get("spdx_id")} if isinstance(license, Mapping) else None,
        "archived": info.get("archived") is True,
        "tree": [path for path in tree if path in kept],
    }


# --------------------------------------------------------------------------- cards


def split_card(text: str) -> tuple[Mapping[str, Any], str]:
    """The front matter of a card and its body. A card without front matter has an empty one."""
    if not text.startswith("---\n"):
        return {}, text
    front, _, body = text[4:].partition("\n---\n")
    data = yaml.safe_load(front)
    return (data if isinstance(data, Mapping) else {}), body


def join_card(data: Mapping[str, Any], body: str) -> str:
    """A card from its metadata and its body; ``split_card`` is the way back."""
    front = yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True, width=110)
    return f"---\n{front}---\n{body}" if data else body


# --------------------------------------------------------------------------- refreshing


@dataclass
class Report:
    """What a refresh changed, and what a person has to look at."""

    changed: list[str] = field(default_factory=list)
    look_at: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        yield from (f"changed    {line}" for line in self.changed)
        yield from (f"look at    {line}" for line in self.look_at)
        yield from (f"failed     {line}" for line in self.failed)
        if not (self.changed or self.look_at or self.failed):
            yield "nothing has changed"


class Refresher:
    """Refreshes one sample folder from a source."""

    def __init__(self, source: Source, sample: Path = SAMPLE, *, write: bool = True) -> None:
        self.source = source
        self.sample = sample
        self.write = write
        self.report = Report()

    def run(self) -> Report:
        """Refresh everything the sample holds; nothing is added and no stub is rewritten."""
        for info in sorted(self.sample.glob("models/**/info.json")):
            id = info.parent.relative_to(self.sample / "models").as_posix()
            self._repository("models", id, self.source.model(id))
        for info in sorted(self.sample.glob("datasets/**/info.json")):
            id = info.parent.relative_to(self.sample / "datasets").as_posix()
            self._repository("datasets", id, self.source.dataset(id))
        for path in sorted(self.sample.glob("github/*/*.json")):
            id = path.relative_to(self.sample / "github").with_suffix("").as_posix()
            self._code(path, id)
        self._redirects()
        return self.report

    def _repository(self, kind: Kind, id: str, found: Repo | Missing | NotLooked) -> None:
        where = self.sample / kind / id
        name = where.relative_to(self.sample).as_posix()
        if not isinstance(found, Repo):
            why = found.why if isinstance(found, NotLooked) else "it is not there any more"
            self.report.failed.append(f"{name}: {why}")
            return
        before = _read(where / "info.json")
        after = trim_info(found.info, kind)
        after["id"] = before.get("id", after.get("id"))  # a moved repository stays under the id it is shipped with
        if "cardData" in after:
            after["cardData"] = _keep_own_words(before.get("cardData", {}), after["cardData"], found.card_data)
        self._save(where / "info.json", before, after)
        if found.refs is not None and (where / "refs.json").exists():
            shipped = _read(where / "refs.json")
            self._save(where / "refs.json", shipped, _trim_refs(found.refs, shipped))
        self._stubs(where, before, after, found)

    def _stubs(self, where: Path, before: Mapping[str, Any], after: Mapping[str, Any], found: Repo) -> None:
        name = where.relative_to(self.sample).as_posix()
        files = where / "files"
        stubs = {path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file()}
        if before.get("sha") != after.get("sha"):
            old, new = before.get("sha") or "no commit", after.get("sha") or "no commit"
            for stub in sorted(stubs):
                self.report.look_at.append(f"{name}/files/{stub}: {old} → {new}")
        for stub in sorted(stubs - set(found.paths)):
            self.report.look_at.append(f"{name}/files/{stub}: the file is no longer in the repository")
        for path in sorted(set(found.files) - stubs):
            if PurePosixPath(path).suffix != ".json":
                self.report.look_at.append(f"{name}: {path} has no stub yet")
        card = files / "README.md"
        if card.exists():
            data, body = split_card(card.read_text(encoding="utf-8"))
            if data != after.get("cardData", {}):
                self._write(card, join_card(after.get("cardData", {}), body))

    def _code(self, path: Path, id: str) -> None:
        found = self.source.code(id)
        if not isinstance(found, CodeRepo):
            why = found.why if isinstance(found, NotLooked) else "it is not there any more"
            self.report.failed.append(f"github/{id}: {why}")
            return
        before = _read(path)
        after = trim_code(found.info, before.get("tree", ()))
        after["full_name"] = before.get("full_name", after["full_name"])
        self._save(path, before, after)

    def _redirects(self) -> None:
        """Old ids the sample knows or the source met; a repository shipped under its old id is not redirected."""
        path = self.sample / "redirects.json"
        before = _read(path)
        after: dict[str, dict[str, str]] = {}
        told = self.source.redirects()
        kinds: tuple[Kind, ...] = ("models", "datasets")
        for kind in kinds:
            table = {**before.get(kind, {}), **told.get(kind, {})}
            after[kind] = {old: table[old] for old in sorted(table) if not (self.sample / kind / old).is_dir()}
        self._save(path, before, after)

    def _save(self, path: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        if before == after:
            return
        keys = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
        self.report.changed.append(f"{path.relative_to(self.sample).as_posix()}: {', '.join(keys)}")
        self._write(path, dump(after))

    def _write(self, path: Path, text: str) -> None:
        """Write a file whole: a crash leaves the old one."""
        if not self.write:
            return
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)


def _keep_own_words(shipped: Mapping[str, Any], trimmed: dict[str, Any], full: Mapping[str, Any]) -> dict[str, Any]:
    """Where prose was left out, keep the sentence a person wrote for it."""
    for key, value in full.items():
        if isinstance(value, str) and len(value) > _TEXT and isinstance(shipped.get(key), str):
            trimmed[key] = shipped[key]
    return trimmed


def _trim_refs(refs: Mapping[str, Any], shipped: Mapping[str, Any]) -> dict[str, Any]:
    """The branches and tags shipped before that are still there: some models have a thousand."""
    kept: dict[str, Any] = {}
    for group in ("branches", "tags"):
        names = {ref.get("name") for ref in shipped.get(group, ())}
        kept[group] = [
            {key: ref[key] for key in ("name", "ref") if key in ref}
            for ref in refs.get(group) or ()
            if ref.get("name") in names
        ]
    return kept


def _read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def dump(data: Mapping[str, Any]) -> str:
    """The JSON the sample is written in."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Refresh the shipped sample from the live Hub; 1 when something could not be looked at."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sample", type=Path, default=SAMPLE, help="the folder to refresh (default: the shipped one)")
    parser.add_argument("--check", action="store_true", help="report only, write nothing")
    args = parser.parse_args(argv)
    from openaudit.sources.hub import HubSource

    with HubSource() as source:
        report = Refresher(source, args.sample, write=not args.check).run()
    sys.stdout.writelines(f"{line}\n" for line in report.lines())
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
