# Entry points; docs/operating.md explains them. Everything is installed into .venv, running state lives in var/.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo run test test-full bench screenshots lint types lock browser

VENV := .venv
PY := $(VENV)/bin/python
BASE := $(VENV)/.installed-base
DEV := $(VENV)/.installed-dev
SOURCES := manage.py config tenancy webhooks connectors migrations_app sync sandbox

help:
	@echo "make demo         audit, migrate and verify the sample project, then stop"
	@echo "make run          the console with the sample project, until interrupted"
	@echo "make test         lint, types and tests on SQLite"
	@echo "make test-full    what make test leaves out: PostgreSQL, all seeds, long tiers"
	@echo "make bench        the benchmarks"
	@echo "make screenshots  a picture of every page"
	@echo "make lint, types  one check each"
	@echo "make lock         compile requirements/*.txt again"

# --- The virtual environment ---

# The first interpreter that runs, is 3.11 or 3.12, and can make environments. PYTHON=… names one.
define find_python
for candidate in $(PYTHON) python3.12 python3.11 python3 python; do \
  "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' \
    2>/dev/null && { command -v "$$candidate"; exit 0; }; \
done; \
echo "Isthmus needs Python 3.11 or 3.12 with its venv module (Debian: apt install python3-venv)." >&2; exit 1
endef

# An environment whose interpreter is gone (moved folder, upgraded system) is made anew.
define make_venv
@$(PY) -c '' 2>/dev/null || { found=$$($(find_python)) || exit 1; rm -rf $(VENV); "$$found" -m venv $(VENV); }
endef

$(BASE): requirements/base.txt
	$(make_venv)
	@echo "Installing the locked dependencies into $(VENV)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

$(DEV): requirements/dev.txt
	$(make_venv)
	@echo "Installing the locked dependencies into $(VENV)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $(BASE) $@

# --- Using it ---

demo: $(BASE)
	@$(PY) manage.py demo --standalone

run: $(BASE)
	@$(PY) manage.py demo --standalone --serve

# --- Checking it ---

lint: $(DEV)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(DEV)
	$(VENV)/bin/mypy $(SOURCES)

# pytest ends with 5 when nothing was selected; that is no failure of a tier.
define pytest
$(VENV)/bin/pytest $(1) || [ $$? -eq 5 ]
endef

test: lint types browser
	$(PY) manage.py makemigrations --check --dry-run
	$(call pytest,-n 2 -m "not full and not serial")
	$(call pytest,-n 0 -m "serial and not full")

test-full: $(DEV) browser
	$(PY) -m tests.servers postgresql -- $(VENV)/bin/pytest -n 2 \
	  -m "database and not full and not serial and not process and not browser and not contract" \
	  tests/config tests/tenancy tests/connectors tests/webhooks tests/migrations_app tests/sync
	$(call pytest,-n 2 -m "full and not serial")
	$(call pytest,-n 0 -m "full and serial")

# Without chromium the browser tests skip, saying so; in continuous integration they fail.
browser:
	@.ci/install chromium || true

bench: $(DEV)
	@mkdir -p var/bench
	@for script in benchmarks/bench_*.py; do \
	  [ -f "$$script" ] || { echo "There are no benchmarks."; exit 1; }; \
	  $(PY) "$$script" || exit 1; \
	done

screenshots: $(DEV) browser
	@$(PY) -m tests.browser.screenshots

# --- Locked dependencies ---

# Compiled by uv from an environment that is thrown away; the files name no index, machines configure theirs.
lock: pyproject.toml
	@rm -rf var/lock && mkdir -p var && found=$$($(find_python)) && "$$found" -m venv var/lock
	@var/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@for extra in base dev; do \
	  [ $$extra = dev ] && with="--extra dev" || with=""; \
	  var/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	    --no-header --no-annotate --no-emit-index-url --no-emit-find-links $$with \
	    pyproject.toml --output-file requirements/$$extra.txt || exit 1; \
	done
	@rm -rf var/lock
