"""Make ``openaudit/licenses/fingerprints.txt`` from licence texts that stay where they are.

    python scripts/fingerprint_licenses.py --scancode SITE-PACKAGES/licensedcode/data --copy llama3=path/to/LICENSE …

``--scancode`` is the data folder of an installed ScanCode (``pip install scancode-toolkit-mini``, in a virtual
environment of its own): it gives the texts of ``TEXTS``, and for a few short licences other wordings in use.
``--copy`` adds any other text file as a copy of a licence. Only hashes of words are written, never a text.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from openaudit.licenses.names import lookup
from openaudit.licenses.page import Page
from openaudit.licenses.prints import Print, fingerprint, write

OUT = Path(__file__).resolve().parent.parent / "openaudit" / "licenses" / "fingerprints.txt"

# Our id of a licence: the keys of its texts in ScanCode.
TEXTS = {
    "MIT": "mit",
    "MIT-0": "mit-0",
    "ISC": "isc",
    "0BSD": "bsd-zero",
    "X11": "x11-xconsortium",
    "BSD-2-Clause": "bsd-simplified",
    "BSD-3-Clause": "bsd-new",
    "BSD-3-Clause-Clear": "clear-bsd",
    "BSD-4-Clause": "bsd-original",
    "NCSA": "uoi-ncsa",
    "Zlib": "zlib",
    "BSL-1.0": "boost-1.0",
    "PostgreSQL": "postgresql",
    "Unlicense": "unlicense",
    "WTFPL": "wtfpl-2.0",
    "MS-PL": "ms-pl",
    "Apache-2.0": "apache-2.0",
    "AFL-3.0": "afl-3.0",
    "ECL-2.0": "ecl-2.0",
    "Artistic-1.0": "artistic-1.0",
    "Artistic-1.0-Perl": "artistic-perl-1.0",
    "Artistic-2.0": "artistic-2.0",
    "LPPL-1.3c": "lppl-1.3c",
    "OSL-3.0": "osl-3.0",
    "MulanPSL-2.0": "mulanpsl-2.0",
    "OFL-1.1": "ofl-1.1",
    "EPL-1.0": "epl-1.0",
    "EPL-2.0": "epl-2.0",
    "MPL-1.1": "mpl-1.1",
    "MPL-2.0": "mpl-2.0",
    "EUPL-1.1": "eupl-1.1",
    "EUPL-1.2": "eupl-1.2",
    "GPL-1.0": "gpl-1.0",
    "GPL-2.0": "gpl-2.0",
    "GPL-3.0": "gpl-3.0",
    "LGPL-2.0": "lgpl-2.0",
    "LGPL-2.1": "lgpl-2.1",
    "LGPL-3.0": "lgpl-3.0",
    "AGPL-3.0": "agpl-3.0",
    "GFDL-1.2": "gfdl-1.2",
    "GFDL-1.3": "gfdl-1.3",
    "LGPLLR": "lgpllr",
    "CC0-1.0": "cc0-1.0",
    **{
        f"CC-BY{letters.upper()}-{version}": f"cc-by{letters}-{version}"
        for letters in ("", "-sa", "-nc", "-nd", "-nc-sa", "-nc-nd")
        for version in ("2.0", "2.5", "3.0", "4.0")
    },
    "CDLA-Permissive-1.0": "cdla-permissive-1.0",
    "CDLA-Permissive-2.0": "cdla-permissive-2.0",
    "CDLA-Sharing-1.0": "cdla-sharing-1.0",
    "ODC-By-1.0": "odc-by-1.0",
    "ODbL-1.0": "odbl-1.0",
    "PDDL-1.0": "pddl-1.0",
    "OGL-UK-3.0": "ogl-uk-3.0",
    "etalab-2.0": "etalab-2.0-fr etalab-2.0-en",
    "O-UDA-1.0": "o-uda-1.0",
    "C-UDA-1.0": "c-uda-1.0",
    "OpenMDW-1.0": "openmdw-1.0",
    "SSPL-1.0": "mongodb-sspl-1.0",
    "BUSL-1.1": "bsl-1.1",
    "Elastic-2.0": "elastic-license-v2",
    "PolyForm-Noncommercial-1.0.0": "polyform-noncommercial-1.0.0",
    "Commons-Clause": "commons-clause",
    "JSON": "json",
    "llama1": "llama-license-2023",
    "llama2": "llama-2-license-2023",
    "llama3.1": "llama-3.1-license-2024",
    "llama3.2": "llama-3.2-license-2024",
    "llama3.3": "llama-3.3-license-2024",
    "llama4": "llama-4-cla-2025",
    "gemma": "gemma-tou-2024-04-01 gemma-tou-2025-03-24",
    "bigscience-openrail-m": "bigscience-open-rail-m bigscience-open-rail-m2",
    "bigscience-bloom-rail-1.0": "bigscience-rail-1.0",
    "bigcode-openrail-m": "bigcode-open-rail-m-v1",
    "creativeml-openrail-m": "stable-diffusion-2022-08-22",
    "rail-source-code": "responsible-ai-source-1.0 responsible-ai-source-1.1",
    "deepseek-license": "deepseek-la-1.0",
    "tongyi-qianwen": "tongyi-qianwen-2023",
    "qwen": "qwen-2024",
    "tencent-hunyuan-community": "tencent-hunyuan-3d-2.0-cla",
    "kimi-modified-mit": "moonshot-ai-modified-mit-2025",
    "falcon-llm-license": "falcon-2-11b-1.0",
    "stabilityai-nc-research-community": "stability-ai-nc-2023-12-06",
    "stabilityai-community": "stability-ai-community-2024",
    "flux-1-dev-non-commercial-license": "flux-1-nc",
    "nvidia-open-model-license": "nvidia-open-model-2025-04-28",
    "exaone": "exaone-ai-model-1.1-nc",
    "msr-la-materials": "ms-research-license-terms",
    "apple-ascl": "apple-ml-ferret-2023",
}
# Short licences that are often copied with a word or two changed.
REWORDED = {"MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"}

# From here to the end, or up to here: what a complete copy may leave out.
_OPTIONAL_TAIL = re.compile(
    r"^[ \t]*(?:appendix: how to apply|how to apply the|addendum: how to use|exhibit a\b|appendix\b"
    r"|creative commons (?:is not a party|notice)|creative commons may be contacted).*",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_OPTIONAL_HEAD = re.compile(
    r"\A.*?(?:^by exercising the licensed rights|^license\s*$|^statement of purpose)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


def main() -> None:
    """Read the texts that the command line names, and write the fingerprints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scancode", type=Path, metavar="DIR", help="the licensedcode/data folder of a ScanCode")
    parser.add_argument("--copy", action="append", default=[], metavar="ID=FILE", help="another copy of a licence")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE")
    arguments = parser.parse_args()
    prints = list(_from_scancode(arguments.scancode)) if arguments.scancode else []
    for given in arguments.copy:
        id, _, file = given.partition("=")
        prints.append(_print(lookup(id).id, Path(file).name, Path(file).read_text(encoding="utf-8", errors="replace")))
    distinct = {(known.id, tuple(chunk.key for chunk in known.chunks)): known for known in prints}
    text = write(distinct.values())
    arguments.out.write_text(text, encoding="ascii")
    print(f"{len(distinct)} texts of {len({known.id for known in prints})} licences, {len(text):,} bytes")


def _from_scancode(data: Path) -> Iterator[Print]:
    for id, keys in TEXTS.items():
        for key in keys.split():
            file = data / "licenses" / f"{key}.LICENSE"
            if not file.exists():
                print(f"not there: {file.name}")
                continue
            whole = _print(lookup(id).id, key, _body(file))
            yield whole
            if id in REWORDED:
                yield from _rewordings(data / "rules", key, whole)


def _rewordings(rules: Path, key: str, whole: Print) -> Iterator[Print]:
    """Other wordings of a whole licence that ScanCode takes for it: most of the text, and not much beside it."""
    known = {chunk.key for chunk in whole.chunks}
    for file in sorted(rules.glob(f"{key}_*.RULE")):
        text = file.read_text(encoding="utf-8")
        if f"license_expression: {key}\n" not in text or "is_license_text: yes" not in text or "{{" in text:
            continue
        found = _print(whole.id, file.stem, _body(file))
        keys = {chunk.key for chunk in found.chunks}
        # In a text of a dozen chunks, a changed word weighs more. A shorter text is an abridgement, not a wording.
        same, more = (0.8, 0.2) if len(known) > 50 else (0.6, 0.4) if len(known) > 16 else (0.4, 0.6)
        if len(keys & known) >= same * len(known) and 0.92 <= len(keys) / len(known) <= 1 + more / 2:
            yield found


def _print(id: str, name: str, text: str) -> Print:
    optional = [match[0] for match in (_OPTIONAL_TAIL.search(text),) if match]
    if id.startswith("CC"):
        optional += [match[0] for match in (_OPTIONAL_HEAD.search(text),) if match]
    first = Page(text).sentences[:1]
    # The title: a copy may have another one, or one in another language.
    optional += [sentence.text for sentence in first if len(sentence.text.split()) < 15]
    return fingerprint(id, name, text, "\n\n".join(optional))


def _body(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    return text.split("\n---\n", 1)[1] if text.startswith("---\n") else text


if __name__ == "__main__":
    main()
