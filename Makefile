# Yoin. `make help` lists the targets; each sets itself up.
#
# PYTHON=/path/to/python chooses the interpreter of a new .venv. Lambda's minor version is
# preferred, because only that one can compile the bytecode that is shipped.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Images often set it. Here it would have every test worker, and every process that a test starts,
# compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

LAMBDA_PYTHON := 3.13
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
REQUIREMENTS := requirements.txt requirements-dev.txt requirements-node.txt
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
WORKERS ?= 2
QUICK := $(addprefix tests/,architecture calendars contracts domain lifecycles messages sources usecases)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | \
		while IFS='|' read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

# --- set-up ------------------------------------------------------------------

.PHONY: setup
setup: $(STAMP) ## Create .venv with everything that the other targets need

# What is pinned is complete (a test asks `uv pip check`), so nothing has to be resolved, and most of
# the CDK is never imported, so nothing is compiled ahead. uv is several times faster than pip, but
# knows nothing of pip's settings (a company's own index): pip is asked where uv does not get through.
#
# The interpreter is tried, not only looked up: a version manager's shim may be there and refuse.
$(STAMP): $(REQUIREMENTS) pyproject.toml
	@if [ ! -x $(BIN)/python ]; then \
		python=""; \
		for candidate in $${PYTHON:-} python$(LAMBDA_PYTHON) python3 python3.14 python3.12 python3.11; do \
			if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
				>/dev/null 2>&1; then python="$$candidate"; break; fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "Yoin needs Python 3.11 or newer (with venv). Install it, or name it: make setup PYTHON=/path/to/python3" >&2; \
			exit 1; \
		fi; \
		echo "Creating $(VENV) with $$("$$python" --version)"; \
		"$$python" -m venv $(VENV); \
	fi
	@echo "Installing the pinned requirements"
	@$(BIN)/python -m infra.wheelhouse & wheels=$$!; \
		$(PIP) install --no-deps $$(grep '^uv==' requirements-dev.txt); \
		VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --system-certs --no-deps \
			-r requirements-dev.txt 2>/dev/null || \
			$(PIP) install --no-deps --no-compile -r requirements-dev.txt; \
		$(BIN)/python -m infra.node; \
		wait $$wheels
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@echo "Writing the templates that the local runtime plays"
	@$(BIN)/python -c "from infra.assembly import current; current('local')"
	@touch $(STAMP)

.PHONY: pin
pin: setup ## Renew the pinned versions from requirements*.in, and the table of holidays
	$(BIN)/uv pip compile --quiet --upgrade --no-python-downloads --no-annotate --no-header \
		--no-emit-index-url --python-version $(LAMBDA_PYTHON) --python-platform aarch64-manylinux_2_34 \
		--only-binary :all: --output-file requirements.txt requirements.in
	$(BIN)/uv pip compile --quiet --upgrade --no-python-downloads --no-annotate --no-header \
		--no-emit-index-url --universal --python-version 3.11 --constraint requirements.txt \
		--output-file requirements-dev.txt requirements-dev.in
	$(BIN)/python -m ops.holidays_table

# --- the product -------------------------------------------------------------

.PHONY: demo
demo: setup ## Play 120 days of four shops on this machine
	@$(BIN)/yoin demo

.PHONY: synth
synth: setup ## Write the CloudFormation templates to cdk.out (no account, network or Docker)
	@rm -rf cdk.out
	@$(BIN)/python app.py

# --- checks ------------------------------------------------------------------

.PHONY: test
test: setup ## The whole test suite
	@$(PYTEST) -n $(WORKERS) --dist worksteal -q

.PHONY: quick
quick: setup ## The fast tests only: decisions, messages, sources, contracts, documentation
	@$(PYTEST) -n $(WORKERS) --dist worksteal -q -m "not slow" $(QUICK)

.PHONY: thorough
thorough: setup ## The whole test suite, with twelve times as many random examples
	@HYPOTHESIS_PROFILE=thorough $(PYTEST) -n $(WORKERS) --dist worksteal -q

.PHONY: lint
lint: setup ## Style, types, import contracts and the rules of messages
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/yoin lint

# cdk-nag speaks during synthesis: an unacknowledged finding ends it with an error.
.PHONY: check
check: lint test synth ## Everything: lint, tests, synthesis with cdk-nag, cfn-lint
	@$(BIN)/cfn-lint cdk.out/*.template.json
	@echo "All checks passed."

.PHONY: format
format: setup ## Format and mend what can be mended
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: bench
bench: setup ## Time each adapter per payload, the imports of each function, the slowest tests
	@$(BIN)/python -m tests.sources.bench
	@for f in webhook ingest fetch decide send feedback; do \
		printf '%-10s' "$$f"; \
		$(BIN)/python -X importtime -c "import functions.$$f" 2>&1 | tail -1; done
	@$(PYTEST) -q --durations 25 --durations-min 0.5 tests

.PHONY: clean
clean: ## Remove what the tools wrote (keeps .venv and the wheelhouse)
	@rm -rf cdk.out .build .yoin .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
