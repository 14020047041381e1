# Everything runs in .venv, made on first use. A stamp per set of packages says what is installed there; only a
# change of pyproject.toml makes pip run again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
STUDY  := data/pchp-study
PEERS_OF := cells eis indentation sorption xps
PEERS  := $(VENV)-bench $(addprefix $(VENV)-bench-,$(PEERS_OF))

.DEFAULT_GOAL := help
.PHONY: help demo lab test fuzz check bench docs lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## build the bundled demo study and write a report on the whole of it
	$(BIN)/pchp build $(STUDY) --jobs 2
	$(BIN)/pchp report full_study --study $(STUDY) -o build/full_study.html
	@echo
	@echo "The report:        $(CURDIR)/build/full_study.html"
	@echo "The live panels:   make lab"

lab: $(VENV)/.installed ## open JupyterLab on the workbench
	$(BIN)/jupyter lab notebooks/explore/workbench.ipynb

test: $(VENV)/.test ## the whole test suite: unit, property, notebooks, reports, browser
	.ci/chromium
	$(BIN)/python -m pytest -n 2 --nbval-lax --nbval-current-env --nbval-sanitize-with tests/notebooks/sanitize.cfg tests notebooks

fuzz: $(VENV)/.test ## ten thousand damaged files of every format: a sound result or a refusal (an hour)
	PCHP_MUTATIONS=10000 $(BIN)/python -m pytest -n 2 tests/io/test_fuzz.py

check: $(VENV)/.dev ## lint, format, types, layers, workflows and repository conventions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet .
	$(BIN)/repo-review .

bench: $(VENV)/.dev $(PEERS:=/.peers) ## measure speed beside peers, open every real file; write both to docs/
	$(BIN)/python benchmarks/run.py

docs: $(VENV)/.docs ## build the documentation into site/
	$(BIN)/mkdocs build --strict

lock: $(VENV)/.installed ## renew the exact pins of binder/environment.yml
	$(BIN)/python binder/lock.py

clean: ## remove what the other targets built, environments included
	rm -rf $(VENV) $(PEERS) build dist site .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; say which: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP) install --upgrade "pip>=25.1"
	$(PIP) install --editable .
	touch $@

$(VENV)/.test: $(VENV)/.installed
	$(PIP) install --editable ".[test]"
	touch $@

$(VENV)/.docs: $(VENV)/.installed
	$(PIP) install --editable ".[docs]"
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(PIP) install --group dev
	touch $@

$(VENV)-bench/.peers: benchmarks/requirements.txt
$(PEERS_OF:%=$(VENV)-bench-%/.peers): $(VENV)-bench-%/.peers: benchmarks/requirements-%.txt
$(PEERS:=/.peers):
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check --quiet install --requirement $<
	touch $@
