"""Makes ``reports/``: the site of the sample snapshot, in every language, as openaudit itself publishes it.

    python scripts/make_gallery.py            writes what changed
    python scripts/make_gallery.py --check    says what is not as the code makes it, and ends with 1

Every date in it is that of the sample, so it changes only where the code, a rubric or the sample does. It is made from
nothing each time, and so tells of no change.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import openaudit
from openaudit.auditing import load_rubrics
from openaudit.batch.journal import Journal, Settled, Terms, pack
from openaudit.languages import available
from openaudit.run import Named
from openaudit.site import settings
from openaudit.site.folder import MANIFEST
from openaudit.site.publishing import publish

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "reports"
CONFIG = ROOT / "scripts" / "gallery.toml"
MODELS = ROOT / "openaudit" / "sample" / "models"
AGAIN = "python scripts/make_gallery.py"


def make(folder: Path) -> None:
    """Publishes the sample into an empty folder."""
    rubrics = {rubric.id: (rubric.version, rubric.sha256) for rubric in load_rubrics()}
    names = sorted(str(info.parent.relative_to(MODELS).as_posix()) for info in MODELS.glob("*/*/info.json"))
    with tempfile.TemporaryDirectory() as work:
        path = Path(work, "journal")
        terms = Terms(f"openaudit {openaudit.__version__}", "the snapshot sample", rubrics)
        with Journal(path, terms, resume=False) as journal:
            journal.plan(Named(name) for name in names)
            journal.keep(Settled(name, pack(openaudit.audit(name, snapshot="sample"))) for name in names)
        publish(path, folder, settings.load(CONFIG), available())


def out_of_step() -> list[str]:
    """Every file of ``reports/`` that is not as the code makes it, is missing, or should not be there."""
    with tempfile.TemporaryDirectory() as work:
        make(Path(work, "site"))
        return _differing(_files(Path(work, "site")), _files(REPORTS))


def _differing(made: dict[str, bytes], there: dict[str, bytes]) -> list[str]:
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def _write() -> None:
    """Puts a fresh site in the place of the old one; what did not change is left as it is."""
    with tempfile.TemporaryDirectory() as work:
        make(Path(work, "site"))
        made, there = _files(Path(work, "site")), _files(REPORTS)
    for name in _differing(made, there):
        path = REPORTS / name
        if name in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made[name])
        else:
            path.unlink()
    print(f"{len(made) - 1} files in {REPORTS.name}/, listed in {MANIFEST}")


def _main() -> int:
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__)
        return 2
    if not sys.argv[1:]:
        _write()
        return 0
    wrong = out_of_step()
    for name in wrong[:20]:
        print(f"reports/{name}: not as the code makes it")
    if wrong:
        print(f"{len(wrong)} files. To mend: {AGAIN}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(_main())
