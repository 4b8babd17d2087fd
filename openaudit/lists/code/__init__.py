"""Code as a list: the models that a code base names, each with the line that does.

Nothing is executed. Python is read as the syntax tree that it is, notebooks, JSON, YAML and TOML as what they are;
shell scripts and Dockerfiles by their words. What is found is what is handed to something that loads a model; a name
in a comment or in prose is none. A path of the code base is no model, and neither is a place-holder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from openaudit.errors import ListError
from openaudit.lists.code import commands, configs, python
from openaudit.lists.code.found import Found, plausible
from openaudit.run import Named, Place

MAX_BYTES = 1 << 20  # of one file; a notebook may be larger, because it holds pictures
MAX_NOTEBOOK = 16 << 20
MAX_FILES = 100_000
_SHOWN = 300  # characters of a line
_SKIPPED = frozenset(
    ".git .hg .svn node_modules site-packages __pycache__ venv env .venv .env .tox .nox .mypy_cache .pytest_cache"
    " .ruff_cache .cache .idea .vscode .eggs .ipynb_checkpoints build dist target vendor third_party".split()
)

Reader = Callable[[str], Iterable[Found]]
_BY_SUFFIX: dict[str, Reader] = {
    ".py": python.read,
    ".pyi": python.read,
    ".ipynb": python.read_notebook,
    ".json": configs.read_json,
    ".yaml": configs.read_yaml,
    ".yml": configs.read_yaml,
    ".toml": configs.read_toml,
    ".sh": commands.read,
    ".bash": commands.read,
    ".zsh": commands.read,
    ".slurm": commands.read,
    ".sbatch": commands.read,
    ".env": commands.read,
    ".mk": commands.read,
    ".dockerfile": commands.read,
}
_BY_NAME = ("dockerfile", "containerfile", "makefile", "justfile", "procfile", ".env")


def read(root: Path) -> Iterator[Named]:
    """Every place in a folder that names a model, in the order of the paths. Raises ListError."""
    if not root.is_dir():
        raise ListError(f"{_shown(root)}: there is no such folder", "Give the folder of a code base.")
    for path in _files(root):
        reader = _reader(path.name.lower())
        text = _text(path, MAX_NOTEBOOK if path.suffix == ".ipynb" else MAX_BYTES) if reader else None
        if reader is None or text is None:
            continue
        lines = text.split("\n")
        for found in sorted(set(reader(text))):
            if plausible(found.model) and not _is_here(found.model, path, root):
                line = lines[found.line - 1] if found.line <= len(lines) else ""
                yield Named(found.reference, (Place(_shown(path), found.line, found.column, line.strip()[:_SHOWN]),))


def _reader(name: str) -> Reader | None:
    suffix = name[name.rfind(".") :] if "." in name else ""
    if any(name == one or name.startswith(f"{one}.") for one in _BY_NAME):
        return commands.read
    return _BY_SUFFIX.get(suffix)


def _files(root: Path) -> Iterator[Path]:
    """Every file that may name a model. Links are not followed: they lead out, or to what is read anyway."""
    number = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders if name.lower() not in _SKIPPED and not Path(folder, name, "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            path = Path(folder, name)
            number += 1
            if number > MAX_FILES:
                raise ListError(f"{_shown(root)}: more than {MAX_FILES} files", "Give the folder of one code base.")
            if path.is_file() and not path.is_symlink():
                yield path


def _text(path: Path, limit: int) -> str | None:
    """The text of a file, lines ended by LF; ``None`` for what is too large, not text or not to be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError:
        return None
    if len(raw) > limit or b"\0" in raw:
        return None
    return raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def _is_here(model: str, path: Path, root: Path) -> bool:
    """Whether this is the path of something in the code base."""
    return any((folder / model).exists() for folder in {path.parent, root})


def _shown(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "replace")
