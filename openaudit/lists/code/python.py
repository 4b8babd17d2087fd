"""Python: what is handed to the functions that load models, as the syntax tree has it. Notebooks are Python in cells.

A name is followed to the texts that its scope gives it (``MODEL = "…"``, a default of a parameter); what is worked out
otherwise is not guessed.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from openaudit.lists.code.configs import KEYS
from openaudit.lists.code.found import Found, Lines, address, owned, revision
from openaudit.lists.jsontext import Node, NotJson, parse

_DEEP = 5  # names that lead to names

# Functions that load a model from the Hub, by their last name: the names of the parameter, its place (None: by name
# only), and whether a name without an owner is a model, too.
_LOADERS: Mapping[str, tuple[tuple[str, ...], int | None, bool]] = {
    "from_pretrained": (("pretrained_model_name_or_path", "model_name_or_path", "repo_id", "model_id"), 0, True),
    "pipeline": (("model",), 1, True),
    "snapshot_download": (("repo_id",), 0, True),
    "hf_hub_download": (("repo_id",), 0, True),
    "hf_hub_url": (("repo_id",), 0, True),
    "try_to_load_from_cache": (("repo_id",), 0, True),
    "from_model_id": (("model_id",), 0, True),
    "load_model_from_hub": (("repo_id", "model_id"), 0, False),
    "SentenceTransformer": (("model_name_or_path",), 0, True),
    "CrossEncoder": (("model_name", "model_name_or_path"), 0, False),
    "LLM": (("model",), 0, False),
    "EngineArgs": (("model",), 0, False),
    "AsyncEngineArgs": (("model",), 0, False),
    "InferenceClient": (("model",), 0, False),
    "AsyncInferenceClient": (("model",), 0, False),
    "HuggingFaceEndpoint": (("repo_id",), None, False),
    "HuggingFaceEmbeddings": (("model_name", "model"), None, False),
    "HuggingFaceBgeEmbeddings": (("model_name",), None, False),
    "HuggingFaceEmbedding": (("model_name",), 0, False),
    "HuggingFaceLLM": (("model_name",), None, False),
    "SetFitModel": (("model_id",), 0, False),
    "WhisperModel": (("model_size_or_path",), 0, False),
}
_SHORT = "sentence-transformers"  # the owner that this library puts before a name without one
_OTHER_KINDS = frozenset({"dataset", "space", "datasets", "spaces"})
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)

Scope: TypeAlias = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
_SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def read(text: str) -> Iterator[Found]:
    """The models that a Python file names; none for what is not Python."""
    tree = _tree(text)
    if tree is not None:
        yield from _Reading(tree, text.split("\n")).found()


def _tree(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a backslash that means nothing: somebody else's
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deep to be read
            return None


def read_notebook(text: str) -> Iterator[Found]:
    """The models that the code of a notebook names, at the lines of the file that holds it."""
    try:
        cells = parse(text).get("cells")
    except NotJson:
        return
    code: list[str] = []
    starts: list[int] = []  # where in the file each line of the code begins
    fresh = True
    lines = Lines(text)
    for cell in (cells.items or ()) if cells else ():
        kind, source = cell.get("cell_type"), cell.get("source")
        if not kind or kind.value != "code" or not source:
            continue
        for piece in (*(source.items or (source,)), Node(source.at, "\n")):
            for line in _LINES.findall(piece.value if isinstance(piece.value, str) else ""):
                starts += [piece.at] if fresh else []
                fresh = line.endswith("\n")
                code.append(line)
    for found in read(_MAGIC.sub(r"\1pass", "".join(code))):
        at = starts[min(found.line, len(starts)) - 1]
        end = text.find("\n", at)
        at = max(at, text.find(found.model, at, end if end >= 0 else len(text)))
        yield lines.found(at, found.model, found.revision)


@dataclass
class _Bound:
    """What a scope gives its names: the expressions, and the names that it binds otherwise, too."""

    values: dict[str, list[ast.expr]] = field(default_factory=dict)
    other: set[str] = field(default_factory=set)


class _Reading:
    """One file: its scopes, what they bind, and what is handed to whom."""

    def __init__(self, tree: ast.Module, lines: list[str]) -> None:
        self._lines = lines
        self._tree = tree
        self._outer: dict[ast.AST, Scope] = {}
        self._bound: dict[ast.AST, _Bound] = {tree: _Bound()}
        self._attributes: dict[str, list[ast.expr]] = {}
        self._nodes: list[tuple[ast.AST, Scope]] = []
        stack: list[tuple[ast.AST, Scope]] = [(node, tree) for node in reversed(tree.body)]
        while stack:  # no recursion: expressions may be nested deeper than Python's stack
            node, scope = stack.pop()
            self._nodes.append((node, scope))
            self._bind(node, scope)
            inner = scope
            if isinstance(node, _SCOPES):
                self._outer[node] = scope
                self._bound.setdefault(node, _Bound())
                if not isinstance(node, ast.Module | ast.ClassDef):
                    self._parameters(node)
                inner = node
            stack += [(child, inner) for child in reversed(list(ast.iter_child_nodes(node)))]

    def _bind(self, node: ast.AST, scope: Scope) -> None:
        bound = self._bound[scope]
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value, scope)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, value, scope)
            case ast.Name(id=name, ctx=ast.Store()) if name not in bound.values:
                bound.other.add(name)

    def _assign(self, target: ast.expr, value: ast.expr, scope: Scope) -> None:
        match target:
            case ast.Name(id=name):
                self._bound[scope].values.setdefault(name, []).append(value)
                if isinstance(scope, ast.ClassDef):
                    self._attributes.setdefault(name, []).append(value)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                self._attributes.setdefault(name, []).append(value)

    def _parameters(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        args, bound = node.args, self._bound[node]
        plain = [*args.posonlyargs, *args.args]
        defaults = dict(zip((arg.arg for arg in reversed(plain)), reversed(args.defaults), strict=False))
        defaults |= {arg.arg: one for arg, one in zip(args.kwonlyargs, args.kw_defaults, strict=True) if one}
        for arg in (*plain, *args.kwonlyargs):
            if arg.arg in defaults:
                bound.values.setdefault(arg.arg, []).append(defaults[arg.arg])
            else:
                bound.other.add(arg.arg)

    # ------------------------------------------------------------------ what is named

    def found(self) -> Iterator[Found]:
        """Every model, where its text stands."""
        for node, scope in self._nodes:
            match node:
                case ast.Call():
                    yield from self._call(node, scope)
                case ast.Constant(value=str(text)) if "hf" in text and (said := address(text)):
                    yield self._at(node, said[0], said[1])
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.lower() in KEYS:
                    yield from self._named(value, scope)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name.lower() in KEYS:
                    yield from self._named(value, scope)
                case ast.Dict(keys=keys, values=values):
                    for key, value in zip(keys, values, strict=True):
                        if isinstance(key, ast.Constant) and str(key.value).lower() in KEYS:
                            yield from self._named(value, scope)

    def _call(self, call: ast.Call, scope: Scope) -> Iterator[Found]:
        name = _last(call.func)
        given = {one.arg: one.value for one in call.keywords if one.arg}
        for key, value in given.items():
            if key.lower() in KEYS:
                yield from self._named(value, scope)
        if name == "add_argument" and "default" in given:
            options = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if any(option.strip("-").replace("-", "_").lower() in {*KEYS, "model"} for option in options):
                yield from self._named(given["default"], scope)
        loader = _LOADERS.get(name)
        if loader is None or any(text in _OTHER_KINDS for text, _ in self._texts(given.get("repo_type"), scope)):
            return
        names, place, alone = loader
        handed = next((given[one] for one in names if one in given), None)
        if handed is None and place is not None and len(call.args) > place:
            handed = call.args[place]
        at = next((revision(text) for text, _ in self._texts(given.get("revision"), scope)), "")
        for text, node in self._texts(handed, scope):
            if "/" not in text and name == "SentenceTransformer":
                yield self._at(node, f"{_SHORT}/{text}", at, text)
            elif owned(text) or (alone and "/" not in text):
                yield self._at(node, text, at)

    def _named(self, value: ast.expr, scope: Scope) -> Iterator[Found]:
        """What stands under a name that says that it is a model."""
        return (self._at(node, text) for text, node in self._texts(value, scope) if owned(text))

    def _at(self, node: ast.expr, model: str, at: str = "", said: str = "") -> Found:
        """Where a model is written: the place of the text in its line, if it stands there as it is."""
        line = self._lines[node.lineno - 1] if node.lineno <= len(self._lines) else ""
        start = len(line.encode()[: node.col_offset].decode("utf-8", "replace"))
        inside = line.find(said or model, start)
        return Found(node.lineno, (inside if inside >= 0 else start) + 1, model, at)

    # ------------------------------------------------------------------ what an expression says

    def _texts(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> Iterator[tuple[str, ast.expr]]:
        """The texts that an expression may come to, as far as they are written down, each with where."""
        if depth > _DEEP:
            return
        match node:
            case ast.Constant(value=str(text)):
                yield text, node
            case ast.Name(id=name):
                for value, where in self._values(name, scope):
                    yield from self._texts(value, where, depth + 1)
            case ast.Attribute(value=ast.Name(), attr=name):
                for value in self._attributes.get(name, ()):
                    yield from self._texts(value, self._tree, depth + 1)
            case ast.IfExp(body=one, orelse=other):
                yield from chain(self._texts(one, scope, depth + 1), self._texts(other, scope, depth + 1))
            case ast.BoolOp(op=ast.Or(), values=values):
                for value in values[:10]:
                    yield from self._texts(value, scope, depth + 1)
            case ast.BinOp(op=ast.Add()) | ast.JoinedStr():
                whole = self._joined(node, scope, depth + 1)
                if whole is not None:
                    yield whole, node
            case ast.Call(func=func, args=[_, default]) if _last(func) in ("getenv", "get"):
                yield from self._texts(default, scope, depth + 1)

    def _joined(self, node: ast.expr, scope: Scope, depth: int) -> str | None:
        """A text that is put together from texts that are written down."""
        parts: list[ast.expr]
        match node:
            case ast.BinOp(left=left, right=right):
                parts = [left, right]
            case ast.JoinedStr(values=values):
                parts = [one.value if isinstance(one, ast.FormattedValue) else one for one in values]
            case _:
                return None
        said = [list(self._texts(part, scope, depth)) for part in parts[:20]]
        return "".join(one[0][0] for one in said) if all(len(one) == 1 for one in said) else None

    def _values(self, name: str, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
        """What the nearest scope that binds a name gives it."""
        at: Scope | None = scope
        while at is not None:
            bound = self._bound[at]
            if name in bound.values or name in bound.other:
                yield from ((value, at) for value in bound.values.get(name, ())[:10])
                return
            at = self._outer.get(at)


def _last(func: ast.expr) -> str:
    """The last name of what is called."""
    match func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
