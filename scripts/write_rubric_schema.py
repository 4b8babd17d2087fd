"""Writes rubrics/rubric.schema.json, with which an editor checks and completes a rubric while it is written.

The schema names the facts that the probes can tell; run this when one is added, or when a rubric may say more.
"""

from __future__ import annotations

import json
from pathlib import Path

from openaudit.judging.rubric import schema
from openaudit.probes import vocabulary

SCHEMA = Path(__file__).resolve().parent.parent / "rubrics" / "rubric.schema.json"


def text() -> str:
    """The file's text: UTF-8, two spaces, keys in the order of the schema's making."""
    return json.dumps(schema(vocabulary()), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="utf-8")
    print(f"wrote {SCHEMA}")
