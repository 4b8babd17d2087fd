#!/usr/bin/env bash
# The documentation says what the code does: what is made from the code is up to date, what examples print is what they
# print now, every key of the JSON has a meaning, and links lead somewhere. Mended with: python scripts/make_docs.py
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=.venv/bin/python
if [ ! -x "$python" ]; then python=${PYTHON:-python3}; fi
PYTHONPATH=. "$python" scripts/make_docs.py --check
echo "The documentation says what the code does."
