"""One badge a model: its label as a small picture for the model's own page. It reads aloud, and without colour."""

from __future__ import annotations

from openaudit.escaping import xml

_HEIGHT = 20
_COLOURS = {
    "open-source-ai-open-data": "#0a695d",
    "open-source-ai": "#0a695d",
    "open-weights": "#8a5600",
    "weights-available": "#a52a1a",
    "not-released": "#a52a1a",
}  # those of the outcomes, on which white is legible
_NOT_KNOWN = "#545b6e"
_NARROW, _WIDE = "fijl.,:;'|!I()[]t", "mwMW@%—"


def badge(label: str, name: str, value: str) -> str:
    """The picture: ``name`` on the left (“openaudit”), ``value`` (the label in words) on the right."""
    left, right = (_width(text) + 12 for text in (name, value))
    whole = left + right
    told = xml(f"{name}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{_HEIGHT}" viewBox="0 0 {whole} {_HEIGHT}"'
        f' role="img" aria-label="{told}"><title>{told}</title>'
        f'<rect width="{whole}" height="{_HEIGHT}" rx="3" fill="#3a372f"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{left}z"'
        f' fill="{_COLOURS.get(label, _NOT_KNOWN)}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
        f'<text x="6" y="14" textLength="{left - 12}">{xml(name)}</text>'
        f'<text x="{left + 6}" y="14" textLength="{right - 12}">{xml(value)}</text></g></svg>\n'
    )


def _width(text: str) -> int:
    """About how wide a text is, in the units of the picture; the browser fits the letters into it."""
    units = (4 if char in _NARROW else 10.5 if char in _WIDE else 7.6 if char.isupper() else 6.6 for char in text)
    return round(sum(units))
