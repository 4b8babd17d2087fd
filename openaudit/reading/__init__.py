"""Reading what people wrote: a model card as Markdown, its metadata as YAML, its prose as sentences."""

from openaudit.reading.card import Block, Card, Link, Sentence, read_card
from openaudit.reading.frontmatter import FrontMatter, read_front_matter

__all__ = ["Block", "Card", "FrontMatter", "Link", "Sentence", "read_card", "read_front_matter"]
