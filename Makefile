# The project's commands. `make demo` and `make test` set up whatever they need.
PYTHON ?= python3
BIN := .venv/bin
DATA ?=
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help setup setup-test setup-system demo test check format docs benchmark lock clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/.installed ## Make .venv with bin/splitshelf

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; say which: make setup PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	$(BIN)/splitshelf doctor # also compiles the kernels, once
	@touch $@

setup-test: .venv/.tested

.venv/.tested: .venv/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

setup-system:
	@sh scripts/install-system.sh

demo: setup ## A shop with its dashboard and live shoppers [DATA=folder of a real log] [PORT=8000]
	$(BIN)/splitshelf demo --port $(PORT) $(if $(DATA),--data "$(DATA)")

test: setup-test setup-system ## Every test, those of the browser and the servers too
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: setup-test ## Format, lint, types, architecture, spelling, documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/typos
	$(BIN)/python -m mkdocs build --quiet --strict --site-dir .venv/site

format: setup-test ## Let ruff mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup-test ## The documentation on http://127.0.0.1:8001
	$(BIN)/python -m mkdocs serve --dev-addr 127.0.0.1:8001

benchmark: setup ## Every benchmark that needs no data of its own, small
	$(BIN)/splitshelf benchmark ingest
	$(BIN)/splitshelf benchmark serve --products 2000 --shoppers 10000 --events 200000

lock: ## Renew the lock files (needs uv)
	uv export --quiet --no-emit-project --no-default-groups --format requirements-txt --no-header -o requirements.lock
	uv export --quiet --no-emit-project --all-groups --format requirements-txt --no-header -o requirements-dev.lock
	rm -f uv.lock

clean: ## Remove what was built
	rm -rf .venv splitshelf-demo site dist
