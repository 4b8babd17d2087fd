# Two commands for a newcomer: `make audit` and `make test`. `make` alone lists the others.
# Needs make, git and Python 3.11 or newer. Everything goes into .venv/ and build/; nothing else is touched.

MODEL ?= allenai/OLMo-2-1124-7B
PAGE ?= build/audit.html
SNAPSHOT ?= ../shared/hub
LABELS ?= ../shared/experts/labels.csv

# The first Python on PATH that is new enough; `make test PYTHON=/path/to/python` names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)

VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check -qq

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help audit test check lint types imports licences wheel oldest speed browser docs gallery bench fuzz agreement format clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile | expand -t 18

audit: $(VENV)/.audit ## audit one model of the sample: a summary here, and a page to read
	@mkdir -p $(dir $(PAGE))
	@$(VENV)/bin/openaudit audit $(MODEL) --snapshot sample --format text
	@$(VENV)/bin/openaudit audit $(MODEL) --snapshot sample --format html -o $(PAGE)
	@echo "The page: $(PAGE)"

test: $(VENV)/.test ## the tests (ARGS="-k licence" is handed to pytest)
	@$(RUN) -m pytest -n auto $(ARGS)

check: lint types imports licences docs gallery wheel oldest speed browser ## everything slower that CI runs too

lint: $(VENV)/.dev ## style and likely mistakes
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check

types: $(VENV)/.dev ## mypy, strict
	$(RUN) -m mypy

imports: $(VENV)/.dev ## who may import whom
	$(VENV)/bin/lint-imports

licences: $(VENV)/.dev ## every file has a licence (REUSE)
	$(RUN) -m reuse lint --lines

wheel: $(VENV)/.dev ## the wheel: complete, the same to the byte wherever it is built, and it audits
	$(RUN) scripts/check_wheel.py

# What speaks to other packages. The rest is our own Python, and says the same with any of their versions.
SPEAK_TO_OTHERS := tests/sources tests/formats tests/test_cli.py tests/test_rubric.py tests/test_sample.py tests/test_tomlfile.py

oldest: $(VENV)/.dev ## the tests, with the oldest versions that pyproject.toml allows
	$(VENV)/bin/uv --quiet venv --clear --python $(RUN) build/oldest
	$(VENV)/bin/uv --quiet pip install --python build/oldest --resolution lowest-direct --editable . --group test
	build/oldest/bin/python -m pytest --quiet -n auto $(SPEAK_TO_OTHERS) $(ARGS)

speed: $(VENV)/.test ## how fast it starts: nothing may run beside it
	$(RUN) -m pytest --quiet -m speed tests/test_cli.py $(ARGS)

browser: $(VENV)/.dev ## the pages in a real Chromium
	$(RUN) -m pytest -m browser -n auto $(ARGS)

bench: $(VENV)/.test ## speed and memory, against a Hub on this machine (docs/performance.md has our figures)
	$(RUN) benchmarks/latency.py
	$(RUN) benchmarks/memory.py
	$(RUN) benchmarks/scoring.py
	$(RUN) benchmarks/site.py

INPUTS ?= 1000000
fuzz: $(VENV)/.test ## every reader of what strangers write, fed a million inputs that nobody would write (INPUTS=20000: fewer)
	$(RUN) benchmarks/fuzz.py --inputs $(INPUTS) --seed $(or $(SEED),0)

docs: $(VENV)/.dev ## the documentation says what the code does, and every language says all of it
	$(RUN) scripts/make_docs.py --check
	$(RUN) scripts/make_catalogs.py --check

gallery: $(VENV)/.dev ## reports/ is the site that the code makes of the sample
	$(RUN) scripts/make_gallery.py --check

agreement: $(VENV)/.test ## how far the verdicts agree with experts (SNAPSHOT=dir LABELS=csv; none there: it says so)
	@$(RUN) benchmarks/agreement.py $(SNAPSHOT) $(LABELS) --check docs/agreement.md

format: $(VENV)/.dev ## put the code into its usual form
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

clean: ## away with everything that was made here
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# A stamp says what .venv holds. Each is touched last, so an interrupted install is taken up again; a changed
# pyproject.toml asks for all of them anew, and pip then installs only what is missing.

# An environment knows its own path and its Python: in a moved clone, or with that Python gone, it is made anew.
ifneq ($(shell test -x $(RUN) && cat $(VENV)/.made 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/.made
endif

$(VENV)/.made:
	@p="$(PYTHON)"; if [ -z "$$p" ] || ! $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
		echo "openaudit needs Python 3.11 or newer; found: $$($${p:-python3} --version 2>&1 || true)" >&2; \
		echo "Install it, or name the one to use: make test PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
	$$p -m venv --clear $(VENV) || { echo "On Debian and Ubuntu, venv is a package: apt install python3-venv" >&2; exit 1; }
	@$(PIP) install --upgrade 'pip>=25.1' # the first that knows dependency groups
	@echo "$(CURDIR)" > $@

$(VENV)/.audit: $(VENV)/.made pyproject.toml
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.audit
	@$(PIP) install --group test
	@touch $@

$(VENV)/.dev: $(VENV)/.test
	@$(PIP) install --group dev
	@touch $@
