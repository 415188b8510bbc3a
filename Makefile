# Every target does all the set-up it needs, into .venv; what is in place already is left alone.
# Without make: `python tools/setup.py`, then `.venv/bin/python app.py`; docs/operations.md has the rest.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
# the machine's, or the one that set-up has put there
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --silent run

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test test-js test-slow check lint audit bench

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## virtual environment, requirements, front-end libraries, VGG-19's weights
	@$(PYTHON) tools/setup.py

setup-dev: ## the same, and what tests and checks need, a browser included
	@$(PYTHON) tools/setup.py --dev

run: setup ## serve the app; make run ARGS="--port 5001"
	@exec $(BIN)/python app.py $(ARGS)

test: setup-dev ## every test but the slow ones; make test ARGS=tests/images
ifeq ($(strip $(ARGS)),)
	@$(NPM) test
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" -n 2
else
	@$(BIN)/python -m pytest -m "not slow" $(ARGS)
endif

test-js: setup-dev ## the tests of the page's scripts that need no browser
	@$(NPM) test

test-slow: setup-dev ## the slow tests
	@$(BIN)/python -m pytest -m slow $(ARGS)

lint: setup-dev ## ruff, mypy and import-linter; ESLint, Prettier and tsc
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.page_types
	$(NPM) lint

audit: setup-dev ## known vulnerabilities of the requirements, where the indexes can be reached
	@$(BIN)/python tools/audit.py

check: lint audit test ## all that CI looks at: lint, audit, then test

bench: setup ## the figures of the README; takes some minutes
	@$(BIN)/python -m benchmarks.gatys $(ARGS)
	@$(BIN)/python -m benchmarks.sgan $(ARGS)
	@$(BIN)/python -m benchmarks.stream $(ARGS)
