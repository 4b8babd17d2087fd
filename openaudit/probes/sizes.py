"""How large a data set is, as its list of files tells."""

from __future__ import annotations

from openaudit.evidence import Repo
from openaudit.saying import counted, figure, phrase


def size_of(repo: Repo) -> int | None:
    """The bytes of all its files: as the Hub adds them up, else the sum of the list where that tells each."""
    total = repo.info.get("mainSize")
    if isinstance(total, int) and not isinstance(total, bool) and total >= 0:
        return total
    listed = repo.info.get("siblings")
    sizes = [s.get("size") if isinstance(s, dict) else None for s in listed] if isinstance(listed, list) else []
    told = [size for size in sizes if isinstance(size, int)]
    return sum(told) if told and len(told) == len(sizes) else None


def files_note(repo: Repo, files: list[str]) -> str:
    """How many of its files hold data, how large all are, and what stands before them."""
    total = size_of(repo)
    held = counted("{n} data file of {all} files", "{n} data files of {all} files", len(files), all=len(repo.paths))
    if total:
        held = phrase("{files}, {size} in all", files=held, size=_in_bytes(total))
    gate = _GATES.get(str(repo.info.get("gated")))
    return phrase("{one}; {other}", one=gate, other=held) if gate else held


_GATES = {"auto": phrase("access after accepting conditions"), "manual": phrase("access granted by hand")}


def _in_bytes(size: int) -> str:
    """A size as people write it, in powers of 1000: ``4.2 GB``."""
    units = (phrase("{n} TB"), 10**12), (phrase("{n} GB"), 10**9), (phrase("{n} MB"), 10**6), (phrase("{n} kB"), 10**3)
    for unit, bytes_ in units:
        if size >= bytes_:
            return phrase(unit, n=figure(f"{size / bytes_:.1f}"))
    return counted("{n} byte", "{n} bytes", size)
