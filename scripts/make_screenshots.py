"""Makes ``docs/images/``: pictures of each kind of page of the gallery, on a desk and in a hand, by day and by night.

    python scripts/make_screenshots.py

Needs Chromium ($CHROMIUM, or the first on PATH). Letters look otherwise with other fonts, so nothing checks these
pictures: look at them, and keep them if the pages changed. docs/screenshots.md shows them all.
"""

from __future__ import annotations

import base64
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "reports"
IMAGES = ROOT / "docs" / "images"
KINDS = {
    "index": "index.html",
    "model": "models/deepseek-ai/DeepSeek-R1-Distill-Llama-8B.html",
    "evidence": "models/meta-llama/Llama-3.1-8B.html#c-full-data-naming",
    "comparison": "compare.html",
    "criterion": "criteria/full-data/naming.html",
    "licence": "licences/llama3.1.html",
    "data-set": "datasets/allenai/olmo-mix-1124.html",
    "method": "method.html",
    "french": "fr/models/allenai/OLMo-2-1124-7B.html",
}
WINDOWS = {"desk": (1280, 860), "hand": (390, 844)}  # CSS pixels
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_WEBP = """async png => {
    const picture = new Image();
    picture.src = `data:image/png;base64,${png}`;
    await picture.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [picture.width, picture.height];
    canvas.getContext('2d').drawImage(picture, 0, 0);
    return canvas.toDataURL('image/webp', 0.7).split(',')[1];
}"""


def _shots(browser: Browser, kind: str, path: str) -> None:
    for window, (width, height) in WINDOWS.items():
        for scheme in SCHEMES:
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
            )
            page.goto(f"{REPORTS.as_uri()}/{path}")
            png = base64.b64encode(page.screenshot()).decode()
            page.close()
            blank = browser.new_page()
            webp = base64.b64decode(blank.evaluate(_WEBP, png))
            blank.close()
            (IMAGES / f"{kind}-{window}-{scheme}.webp").write_bytes(webp)


def _main() -> int:
    from playwright.sync_api import sync_playwright

    if sys.argv[1:]:
        print(__doc__)
        return 2
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for kind, path in KINDS.items():
            _shots(browser, kind, path)
        browser.close()
    made = list(IMAGES.glob("*.webp"))
    print(f"{len(made)} pictures, {sum(one.stat().st_size for one in made) >> 10} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
