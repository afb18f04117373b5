# Nothing but Python 3.11 or newer, make and git is assumed. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SOURCES := solver_models scheduler api benchmarks tests
# Two for each core: many tests wait for a process, a database or a lock.
TEST_WORKERS ?= $(shell echo $$(( 2 * $$(getconf _NPROCESSORS_ONLN) )))

# The tools that install the rest, at fixed versions; everything else is in uv.lock.
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export UV_PROJECT_ENVIRONMENT := $(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where it is set, every process compiles every library anew, and the tests start hundreds; empty means not set.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format-check lint types contracts openapi-check permissions-check format openapi permissions bench bench-full mutants lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv and install everything at the locked versions

$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Muster needs Python 3.11 or newer; this is $$($(PYTHON) --version). Name another: make setup PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python cannot create virtual environments; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install -qq "uv==$(UV_VERSION)"
	@$(BIN)/uv sync --quiet --frozen --extra dev --python $(BIN)/python || $(MAKE) --no-print-directory install-with-pip
	@$(BIN)/python -m solver_models.staffing.kernel
	@$(BIN)/python -m solver_models.staffing.verify_ready
	@touch $@

# For networks where only pip knows the way to a package index: the same locked versions, fetched by pip.
.PHONY: install-with-pip
install-with-pip:
	@echo "uv could not reach its package index; installing the same versions with pip" >&2
	@$(BIN)/uv export --quiet --frozen --extra dev --no-hashes --no-emit-project --output-file $(VENV)/requirements.txt
	@$(BIN)/python -m pip install -qq --requirement $(VENV)/requirements.txt
	@$(BIN)/python -m pip install -qq --no-deps --editable .

demo: $(READY) ## plan a sample firm, print the plan, serve the API (ARGS=--exit: stop after the print)
	@$(BIN)/muster demo $(ARGS)

test: $(READY) ## run the tests on SQLite and a PostgreSQL of their own (ARGS=... goes to pytest)
	@$(BIN)/pytest -q -n $(TEST_WORKERS) --dist worksteal $(ARGS)

check: format-check lint types contracts openapi-check permissions-check test ## everything CI checks

format-check: $(READY)
	@$(BIN)/ruff format --check --quiet $(SOURCES)

lint: $(READY) ## ruff
	@$(BIN)/ruff check --quiet $(SOURCES)

types: $(READY) ## mypy --strict
	@$(BIN)/mypy

contracts: $(READY) ## import contracts: calls only go down
	@$(BIN)/lint-imports --no-logo

openapi-check: $(READY)
	@$(BIN)/python -m api.openapi --check

format: $(READY) ## format the sources and mend what ruff can mend
	@$(BIN)/ruff check --quiet --fix-only $(SOURCES)
	@$(BIN)/ruff format --quiet $(SOURCES)

openapi: $(READY) ## write api/openapi.json anew
	@$(BIN)/python -m api.openapi

permissions-check: $(READY)
	@$(BIN)/python -m api.permissions --check

permissions: $(READY) ## write docs/permissions.md anew
	@$(BIN)/python -m api.permissions

bench: $(READY) ## Muster and other solvers on one small seeded firm, about a minute (ARGS="--seed 2 --seconds 30")
	@$(BIN)/python -m benchmarks.suite quick $(ARGS)

bench-full: $(READY) ## measure every cell that has no result yet, and write the tables (ARGS=--list, ARGS='--only "M@60"')
	@$(BIN)/python -m benchmarks.suite full $(ARGS)

mutants: $(READY) ## change the rules of billing one by one, and see whether a test fails (ARGS='scheduler.domain.billing.caps*': some of them)
	@$(BIN)/mutmut run $(ARGS)
	@$(BIN)/mutmut results

lock: $(READY) ## resolve the dependencies anew into uv.lock
	@$(BIN)/uv lock --default-index https://pypi.org/simple

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
