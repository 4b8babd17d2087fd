"""A model card as a person reads it: headings, paragraphs, list items, table cells, links — each with its line.

Markdown is read with a real parser; HTML inside it is read for its text and links, never kept. Code blocks are kept
apart: what stands in an example is not a statement about the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Literal

from openaudit.reading.frontmatter import FrontMatter, read_front_matter
from openaudit.reading.shipped import once

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

BlockKind = Literal["heading", "paragraph", "item", "row", "code", "html"]

_END = re.compile(r"(?<=[.!?。！？])[\"'”»)\]*_]*(?:\s+|(?<=[。！？]))")
_NOT_AN_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|et al|Dr|Mr|Ms|Fig|Sec|No|Inc|Ltd|approx|resp|ca|p|pp|v|S\.A)|\b[A-Z])\.$"
)
_VISIBLE_BREAKS = frozenset({"br", "p", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "summary"})
_HIDDEN = frozenset({"script", "style", "template"})
_UNSHOWN = re.compile(r"<!--.*?(?:-->|\Z)|<!\[[^>]*(?:>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Link:
    """A link as shown: its text and where it leads."""

    text: str
    url: str
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a card. ``section`` are the headings above it, outermost first; ``cells`` those of a table row.

    ``header`` are the cells of the table's head for a row. ``line`` counts from 1 in the whole file.
    """

    kind: BlockKind
    text: str
    line: int
    section: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    level: int = 0
    cells: tuple[str, ...] = ()
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of prose with its line and the block it stands in."""

    text: str
    line: int
    block: Block


@dataclass(frozen=True)
class Card:
    """A card: its metadata and its blocks in reading order."""

    front: FrontMatter
    blocks: tuple[Block, ...]
    text: str = field(repr=False)

    @cached_property
    def prose(self) -> tuple[Block, ...]:
        """Blocks that say something: no code."""
        return tuple(block for block in self.blocks if block.kind != "code")

    @cached_property
    def _sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for block in self.prose for sentence in sentences_of(block))

    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences of the prose; a heading, a list item or a table row is at least one."""
        return self._sentences

    def links(self) -> Iterator[tuple[Link, Block]]:
        """Every link with the block it stands in."""
        for block in self.prose:
            for link in block.links:
                yield link, block


@once
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # The library fills its tables of characters in addresses when it first needs them, and hands them to other threads
    # half filled: a link read meanwhile would be a wrong one. So they are filled here, before anybody reads.
    parser = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])
    for fill in (parser.normalizeLink, parser.normalizeLinkText):
        fill("https://example.org/%41")
    return parser


@lru_cache(maxsize=32)  # gathering, lineage and probes read the same few cards
def read_card(text: str) -> Card:
    """Reads a card. Any text will do; nothing raises."""
    front = read_front_matter(text)
    lines = text.split("\n")
    body = "\n".join(lines[front.lines :])
    return Card(front, tuple(_blocks(body, front.lines)), text)


def _blocks(body: str, offset: int) -> Iterator[Block]:
    tokens = _parser().parse(body)
    section: list[tuple[int, str]] = []
    containers: list[str] = []
    header: tuple[str, ...] = ()
    row: list[tuple[str, tuple[Link, ...]]] = []
    row_line = 0
    for i, token in enumerate(tokens):
        line = (token.map[0] if token.map else 0) + offset + 1
        heads = tuple(title for _, title in section)
        match token.type:
            case "list_item_open" | "blockquote_open" | "tr_open" | "thead_open":
                containers.append(token.type)
                if token.type == "tr_open":
                    row = []
                    row_line = line
            case "list_item_close" | "blockquote_close" | "thead_close":
                containers.pop()
            case "tr_close":
                containers.pop()
                cells = tuple(text for text, _ in row)
                if "thead_open" in containers:
                    header = cells
                links = tuple(link for _, found in row for link in found)
                text = " | ".join(cell for cell in cells if cell)
                yield Block("row", text, row_line, heads, links, cells=cells, header=header)
            case "inline":
                text, links = _inline(token, line)
                if "tr_open" in containers:
                    row.append((text, links))
                    continue
                before = tokens[i - 1]
                if before.type == "heading_open":
                    level = int(before.tag[1])
                    while section and section[-1][0] >= level:
                        section.pop()
                    yield Block("heading", text, line, tuple(title for _, title in section), links, level)
                    section.append((level, text))
                elif text or links:
                    kind: BlockKind = "item" if "list_item_open" in containers else "paragraph"
                    yield Block(kind, text, line, heads, links)
            case "fence" | "code_block":
                told = f"{token.info}\n" if token.info.startswith("@") else ""  # an entry begun beside the fence
                yield Block("code", told + token.content, line, heads)
            case "html_block":
                yield from _html(token.content, line, section)


def _inline(token: Token, line: int) -> tuple[str, tuple[Link, ...]]:
    """The words of one run of text, with the links in it. Line breaks are kept: they locate sentences."""
    words: list[str] = []
    links: list[Link] = []
    open_links: list[tuple[str, int, int]] = []
    at = line

    def close() -> None:
        url, start, seen_at = open_links.pop()
        links.append(Link("".join(words[start:]).strip(), url, seen_at))

    for child in token.children or ():
        match child.type:
            case "text" | "code_inline":
                words.append(child.content)
            case "softbreak" | "hardbreak":
                words.append("\n")
                at += 1
            case "link_open":
                open_links.append((str(child.attrs.get("href", "")), len(words), at))
            case "link_close" if open_links:
                close()
            case "html_inline":
                html = _Html()
                html.feed(_without_comments(child.content))
                if html.broke:
                    words.append(" ")
                if html.opened:
                    open_links.append((html.opened, len(words), at))
                elif child.content.lower().startswith("</a") and open_links:
                    close()
    while open_links:
        close()
    text = "".join(words).strip()
    links.extend(_bare_links(text, line, {link.url for link in links}))
    return text, tuple(links)


_URL = re.compile(r"https?://[^\s<>\"'`|]+", re.IGNORECASE)


def _bare_links(text: str, line: int, known: set[str]) -> Iterator[Link]:
    for match in _URL.finditer(text):
        url = match[0].rstrip(".,;:!?*_)]}") if "(" not in match[0] else match[0].rstrip(".,;:!?*_")
        if url not in known:
            yield Link(url, url, line + text.count("\n", 0, match.start()))


def _without_comments(content: str) -> str:
    """Comments are not shown, and the parser takes quadratic time over ones that never end. Line breaks stay.

    What begins with ``<![`` is a comment to a browser, too; the parser knows some such sections and fails at others.
    Nothing new may begin where one was taken out: a ``<`` before it is set apart from what follows.
    """
    return _UNSHOWN.sub(lambda m: " " * content.endswith("<", 0, m.start()) + "\n" * m[0].count("\n"), content)


class _Html(HTMLParser):
    """Collects the visible text of a piece of HTML, its links and headings."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[tuple[str, int]] = []
        self.links: list[tuple[str, int, int]] = []
        self.done: list[tuple[str, int, int, int]] = []
        self.headings: list[tuple[int, int, int]] = []
        self.opened = ""
        self.broke = False
        self.hidden = 0

    def end(self) -> None:
        """Take what is left, a tag that never ends, for words. ``close`` would try it again at each of its characters."""
        rest, self.rawdata = self.rawdata, ""
        self.handle_data(rest)

    def parse_html_declaration(self, i: int) -> int:
        """What begins with ``<!`` is not shown. The library knows some such sections, and fails at others."""
        return self.parse_bogus_comment(i)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self.hidden += 1
        if tag in _VISIBLE_BREAKS:
            self.broke = True
            self.parts.append(("\n", self.getpos()[0]))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), len(self.parts), self.getpos()[0]))
        href = next((value for name, value in attrs if name == "href" and value), "")
        if tag == "a" and href:
            self.opened = href
            self.links.append((href, len(self.parts), self.getpos()[0]))

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN and self.hidden:
            self.hidden -= 1
        if tag in _VISIBLE_BREAKS:
            self.parts.append(("\n", self.getpos()[0]))
        if tag == "a" and self.links:
            href, start, line = self.links.pop()
            self.done.append((href, start, len(self.parts), line))

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append((data, self.getpos()[0]))


def _html(content: str, line: int, section: list[tuple[int, str]]) -> Iterator[Block]:
    html = _Html()
    html.feed(_without_comments(content))
    html.end()
    pieces = [text for text, _ in html.parts]
    starts = {start: (level, at) for level, start, at in html.headings}
    links = [
        Link(re.sub(r"\s+", " ", "".join(pieces[start:end])).strip(), href, line + at - 1)
        for href, start, end, at in html.done
    ] + [Link("", href, line + at - 1) for href, _, at in html.links]
    current: list[str] = []
    current_line = line
    level, said = 0, False  # whether the current block says anything yet

    def block() -> Iterator[Block]:
        text = re.sub(r"[ \t]+", " ", "".join(current)).strip()
        if not text:
            return
        if level:
            while section and section[-1][0] >= level:
                section.pop()
            yield Block("heading", text, current_line, tuple(t for _, t in section), (), level)
            section.append((level, text))
        else:
            held = tuple(link for link in links if current_line <= link.line <= current_line + text.count("\n"))
            yield Block("html", text, current_line, tuple(t for _, t in section), held)

    for i, (text, at) in enumerate(html.parts):
        if i in starts or (text == "\n" and (level or not said)):
            yield from block()
            current, level, said = [], 0, False
        if i in starts:
            level = starts[i][0]
        if not said and text.strip():
            current_line, said = line + at - 1 + (len(text) - len(text.lstrip("\n"))), True
        if text == "\n" and current and current[-1] != "\n":
            yield from block()
            current, level, said = [], 0, False
        elif text != "\n":
            current.append(text)
    yield from block()
    shown = {link.url for link in links if link.text}
    silent = tuple(link for link in links if not link.text and link.url not in shown)
    if silent:
        yield Block("html", "", line, tuple(t for _, t in section), silent)


def sentences_of(block: Block) -> Iterator[Sentence]:
    """The sentences of one block; a table row that says something is one."""
    if block.kind == "row":
        if block.text:
            yield Sentence(block.text, block.line, block)
        return
    text = block.text
    cuts = [
        match.end()
        for match in _END.finditer(text)
        if not _NOT_AN_END.search(text[max(0, match.start() - 12) : match.start()])
        and not (
            text[match.start() - 1] == "!" and text[match.end() : match.end() + 1].islower()
        )  # a name, not an end: "the Yahoo! data"
    ]
    start, line = 0, block.line
    for cut in [*cuts, len(text)]:
        piece = text[start:cut]
        stripped = piece.strip()
        if stripped:
            leading = piece[: len(piece) - len(piece.lstrip())].count("\n")
            yield Sentence(re.sub(r"\s+", " ", stripped), line + leading, block)
        line += piece.count("\n")
        start = cut
