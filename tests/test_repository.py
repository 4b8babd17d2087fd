"""What the repository promises of itself, whatever its code does."""

from __future__ import annotations

import ast
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import get_args

import pytest

from openaudit.judging.rubric import Role

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "openaudit"

ONLY_IN = {  # the module, and the one part of the package that may import it
    "huggingface_hub": "sources",
    "httpx": "sources",
    "httpx2": "sources",
    "requests": "sources",
    "jinja2": "pages",
    "markupsafe": "pages",
    "click": "cli",
}


@cache
def repository() -> tuple[Path, ...]:
    """Every file of the repository: what git knows and what is new; of an unpacked archive, everything."""
    if not (ROOT / ".git").exists():
        made = {"build", "dist", "__pycache__"}
        found = [path for path in ROOT.rglob("*") if not made & set(path.parts) and ".venv" not in path.parts]
    else:
        asked = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        found = [ROOT / name for name in listed.split("\0") if name]
    return tuple(sorted(path for path in found if path.is_file()))


@cache
def modules() -> tuple[tuple[Path, str, ast.Module], ...]:
    """Each module of the package: its path inside the package, its text, its syntax tree."""
    texts = ((path, path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py")))
    return tuple((path.relative_to(PACKAGE), text, ast.parse(text, path)) for path, text in texts)


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and module of each import, wherever in the file it stands; ``import_module("name")`` is one, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ""
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from ((node.lineno, str(arg.value)) for arg in node.args[:1] if isinstance(arg, ast.Constant))


def part(module: Path) -> str:
    """The room a module stands in: ``sources`` for ``sources/hub.py``, ``cli`` for ``cli.py``."""
    return module.parts[0].removesuffix(".py")


def grep(pattern: str) -> list[str]:
    """Where a pattern stands in the repository's text, as ``file:line: text``."""
    sought = re.compile(pattern)
    found = []
    for path in repository():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        if sought.search(text):
            lines = enumerate(text.splitlines(), 1)
            found += [f"{path.relative_to(ROOT)}:{at}: {line.strip()}" for at, line in lines if sought.search(line)]
    return found


# --------------------------------------------------------------------------- what it says


def test_nobody_is_told_to_install_the_other_openaudit() -> None:
    # The name openaudit on the package index belongs to somebody else; ours is openaudit-ai.
    installers = r"(?:pip3?|pipx|uv pip|uv tool|uv) (?:install|add|run)|uvx"
    assert grep(rf"(?:{installers})(?: +-\S+)* +[\"']?openaudit(?![\w/.-])") == []


def test_no_path_of_a_machine_is_written_down() -> None:
    home = str(Path.home())
    places = [f"/{'work'}/", f"/{'root'}/", *([f"{home}/"] if len(home) > 1 else [])]
    assert grep(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, places))})") == []


# --------------------------------------------------------------------------- how it is built


def test_every_module_says_what_it_is_for_and_stays_short() -> None:
    silent = [str(path) for path, _, tree in modules() if not ast.get_docstring(tree)]
    long = {str(path): lines for path, text, _ in modules() if (lines := len(text.splitlines())) > 400}
    assert (silent, long) == ([], {})


def test_code_names_no_rubric() -> None:
    # A rubric is data. Code that knows one by name would treat it differently from the one that you write.
    # Roles are no names: they are places in the report, and whichever rubric claims one fills it.
    rubrics = {path.stem for path in (ROOT / "rubrics").glob("*.yaml")}
    ids = {name for name in rubrics if "-" in name}  # no word of English: wherever it stands, the rubric is meant
    inside = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(ids)))})(?![\w-])")
    found = []
    for path, _, tree in modules():
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                whole = node.value in rubrics and node.value not in get_args(Role)
                if whole or inside.search(node.value):
                    found.append(f"{path}:{node.lineno}: {node.value!r}")
    assert rubrics
    assert found == []


def test_imports_stay_in_their_rooms() -> None:
    strays = [
        f"{path}:{line}: {name}"
        for path, _, tree in modules()
        for line, name in imports(tree)
        if part(path) != ONLY_IN.get(name.partition(".")[0], part(path))
    ]
    assert strays == []


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_normal(re.split(r"[\s<>=!~;\[]", entry, maxsplit=1)[0]) for entry in project["dependencies"]}
    distributions = packages_distributions()
    used: dict[str, str] = {}
    for path, _, tree in modules():
        for line, name in imports(tree):
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and top not in ("openaudit", ""):
                [distribution, *_] = distributions.get(top, [top])
                used.setdefault(_normal(distribution), f"{path}:{line}: {top}")
    undeclared = {where for distribution, where in used.items() if distribution not in declared}
    assert (undeclared, declared - used.keys()) == (set(), set())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# --------------------------------------------------------------------------- how it is tested


def test_no_test_reaches_the_network() -> None:
    with socket.socket() as sock, pytest.raises(pytest.fail.Exception, match="reached for the network"):
        sock.connect(("198.51.100.1", 80))  # an address set aside for documentation
    with pytest.raises(pytest.fail.Exception, match="reached for the network"):
        socket.getaddrinfo("huggingface.co", 443)
