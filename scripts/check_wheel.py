"""Is the wheel what it promises to be?

1. Built twice, from trees that differ in everything that is not content (folder, file times and modes, zone, locale;
   once straight from the tree and once from the unpacked source archive), it is the same to the byte.
2. It holds the package, the rubrics and the licences, and nothing else; the source archive holds the whole repository.
3. Installed into an empty environment, away from the repository, it audits as the repository itself does.

Run it with the development environment's Python: ``make wheel``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AUDIT = ("audit", "allenai/OLMo-2-1124-7B", "--snapshot", "sample", "--format", "json")


class Failed(Exception):
    """A promise is not kept."""


def tracked() -> list[str]:
    """What belongs to the repository: known to git, or new and not ignored; deleted files are left out."""
    asked = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(path for path in set(listed.split("\0")) if path and (ROOT / path).is_file())


def copy(paths: list[str], to: Path, umask: int, when: float) -> None:
    """Lay the tree anew, with modes and times of its own."""
    before = os.umask(umask)
    try:
        for path in paths:
            (to / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, to / path)
            os.utime(to / path, (when, when))
    finally:
        os.umask(before)


def build(tree: Path, kind: str, out: Path, **env: str) -> Path:
    """Build ``sdist`` or ``wheel`` with the pinned builder; returns the file."""
    unset = ("SOURCE_DATE_EPOCH", "PYTHONPATH")
    given = {name: value for name, value in os.environ.items() if name not in unset} | env
    command = (sys.executable, "-m", "build", f"--{kind}", "--outdir", out, tree)
    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"building the {kind} failed:\n{done.stdout}\n{done.stderr}")
    [built] = out.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


def build_twice(paths: list[str], work: Path) -> Path:
    """The wheel, after seeing that circumstances leave no trace in it."""
    here, there = work / "a", work / "somewhere" / "else with a space"
    copy(paths, here, 0o022, 1_000_000_000)
    copy(list(reversed(paths)), there, 0o077, 1_700_000_001)
    first = build(here, "wheel", work / "first", TZ="UTC", LC_ALL="C", PYTHONHASHSEED="1")
    other = {"TZ": "XXX-12:45", "LC_ALL": "fr_FR.UTF-8", "PYTHONHASHSEED": "2"}
    archive = build(there, "sdist", work / "archive", **other)
    shutil.unpack_archive(archive, work / "unpacked")
    [unpacked] = (work / "unpacked").iterdir()
    archived = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    if lost := set(paths) - archived:
        raise Failed(f"in the source archive are missing {sorted(lost)}")
    second = build(unpacked, "wheel", work / "second", **other)
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second)]
    print("\n".join(f"{total}  {path.name}" for total, path in zip(sums, (first, second), strict=True)))
    if sums[0] != sums[1]:
        with zipfile.ZipFile(first) as a, zipfile.ZipFile(second) as b:
            left, right = ({i.filename: (i.CRC, i.date_time, i.external_attr) for i in z.infolist()} for z in (a, b))
        differ = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
        raise Failed(f"two builds of one content differ: {differ or 'in the order of their files'}")
    return first


def check_contents(wheel: Path, paths: list[str]) -> None:
    """Every file of the package and of rubrics/, the licences, and nothing else."""
    with zipfile.ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
        about = {name.partition(".dist-info/")[2] for name in opened.namelist()} - {""}
    wanted = {path for path in paths if path.startswith("openaudit/")}
    wanted |= {f"openaudit/_{path}" for path in paths if path.startswith("rubrics/")}
    wanted_about = {"METADATA", "RECORD", "WHEEL", "entry_points.txt"}
    wanted_about |= {f"licenses/{path}" for path in paths if path.startswith("LICENSES/")}
    if (held, about) != (wanted, wanted_about):
        missing, extra = (wanted | wanted_about) - (held | about), (held | about) - (wanted | wanted_about)
        raise Failed(f"in the wheel are missing {sorted(missing)}; and too much are {sorted(extra)}")
    print(f"{len(held)} files, none missing, none too much")


def check_installed(wheel: Path, work: Path) -> None:
    """From another folder, zone and locale, the installed wheel must print the same bytes as the repository."""
    made = work / "venv"
    venv.create(made, with_pip=True)
    subprocess.run((made / "bin" / "pip", "--disable-pip-version-check", "-qq", "install", wheel), check=True)
    theirs = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    outputs = []
    for scripts, cwd, env in (
        (Path(sys.prefix) / "bin", ROOT, {}),
        (made / "bin", work, {"TZ": "XXX-12:45", "LC_ALL": "C"}),
    ):
        done = subprocess.run(
            (scripts / "openaudit", *AUDIT), cwd=cwd, env=theirs | env, capture_output=True, check=False
        )
        if done.returncode:
            raise Failed(f"openaudit {' '.join(AUDIT)} failed in {cwd}:\n{done.stderr.decode(errors='replace')}")
        outputs.append(done.stdout)
    if outputs[0] != outputs[1]:
        raise Failed("the installed wheel's audit differs from the repository's")
    print(f"installed, it audits as the repository does: the same {len(outputs[0])} bytes")


def main() -> int:
    """Check all three; 1 at the first that is not kept."""
    paths = tracked()
    with tempfile.TemporaryDirectory(prefix="openaudit-wheel-") as folder:
        work = Path(folder)
        try:
            wheel = build_twice(paths, work)
            check_contents(wheel, paths)
            check_installed(wheel, work)
        except Failed as failed:
            print(f"check_wheel: {failed}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
