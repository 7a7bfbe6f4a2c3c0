# Two commands do everything on a fresh machine with Python >= 3.11 and make:
#   make demo   sets up, then plans, generates, verifies and re-audits an example
#   make test   sets up, then runs the tests

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup tools demo test mutants lint format docs bench clean

help: ## Show what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

$(READY): pyproject.toml
	@echo "==> setting up $(VENV) (once; again when pyproject.toml changes)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 …")'
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && uv pip install --quiet --python $(BIN)/python -e '.[dev]'; \
	else \
	  $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'; \
	fi
	@touch $@

setup: $(READY) ## Make the environment that everything below uses

tools: $(READY) ## Install checkov into an environment of its own (skipped where it is there)
	@$(BIN)/ssm-harden tools install

demo: tools ## Run the whole loop on an example: plan, generate, verify
	@$(BIN)/ssm-harden demo

test: tools ## Run the tests
	@echo "==> tests"
	@SSM_HARDEN_CHECKOV="$${SSM_HARDEN_CHECKOV:-$$($(BIN)/ssm-harden tools path checkov)}" $(BIN)/python -m pytest -n auto

# The command stops at the first failing test, so fast tests that detect a lot come first.
MUTANTS_TEST ?= $(BIN)/python -m pytest -x -p no:cacheprovider --hypothesis-seed=0 \
  -m "not terraform and not checkov and not packaging" \
  tests/rules/test_fixtures.py tests/iam tests/access tests/report tests/rules tests/remediation
MUTANTS ?= --seed 1 --count 50

mutants: $(READY) ## Make small changes to the code, list those that no test detects
	@$(BIN)/python -m tests.mutants $(MUTANTS) -- $(MUTANTS_TEST)

lint: $(READY) ## ruff, mypy --strict, import-linter
	@echo "==> lint"
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

format: $(READY) ## Format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

docs: $(READY) ## Write the generated pages: rules, command line, schemas
	@$(BIN)/python docs/generate.py

bench: tools ## Measure start-up, check against checkov, and reading speed, side by side
	@$(BIN)/python -m tests.bench.bench
	@$(BIN)/python -m tests.bench.live

clean: ## Remove what make created here
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist demo-output
