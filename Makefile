# Every target works on a fresh clone with nothing but Python 3.11+, make and a package index.
PYTHON ?= python3
BIN := .venv/bin
BASELINE := evals/baselines/seeds_dev.json
JOBS ?= 3
export RAG_HOME ?= $(CURDIR)/.rag
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export Q

.DEFAULT_GOAL := help
.PHONY: help setup run ask test check score eval baseline bench clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-8s  %s\n' "$$name" "$$text"; done

setup: .venv/.installed  ## install everything and build the embedding model, once
	@test -e "$(RAG_HOME)/.set-up" || { $(BIN)/rag doctor --build && touch "$(RAG_HOME)/.set-up"; }

run: setup  ## set up, ingest the seed documents, open the web UI
	$(BIN)/rag ingest seeds
	$(BIN)/rag ui

ask:  ## ask one question of the seed documents: make ask Q="…"
	@test -n "$$Q" || { echo 'No question. Ask one with: make ask Q="…"' >&2; exit 2; }
	@$(MAKE) --no-print-directory setup
	@$(BIN)/rag ingest seeds > /dev/null
	@$(BIN)/rag ask -- "$$Q"

test: setup  ## run the tests, in JOBS processes (3)
	$(BIN)/pytest -n $(JOBS) --dist loadfile

check: .venv/.installed  ## lint, format and types, changing nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

score: setup  ## score the development questions, without comparing
	$(BIN)/rag ingest seeds
	$(BIN)/rag-eval run --out "$(RAG_HOME)/evals/seeds_dev.json" --html "$(RAG_HOME)/evals/seeds_dev.html"

eval: score  ## score the development questions, compare with the baseline; fails on a significant regression
	$(BIN)/rag-eval compare $(BASELINE) "$(RAG_HOME)/evals/seeds_dev.json"

baseline: score  ## score the development questions and make the result the new baseline
	$(BIN)/rag-eval show "$(RAG_HOME)/evals/seeds_dev.json" --slim $(BASELINE)

bench: setup  ## measure time and memory
	$(BIN)/rag-eval bench

clean:  ## remove the virtual environment, the caches and the default RAG_HOME
	rm -rf .venv .rag .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "policy-rag needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another with: make PYTHON=python3.12 …" >&2; \
		exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
