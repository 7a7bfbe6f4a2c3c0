# Two commands do everything on a fresh machine with Python >= 3.11 and make:
#   make demo   sets up, then plans, generates, verifies, and re-audits an example
#   make test   sets up, then runs the tests

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
HALF   := $(VENV)/.unfinished
LOGS   := $(VENV)/log

# The tests start hundreds of processes: without bytecode, each of them would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# A stage is a command whose output goes to a log: $(call stage,TITLE,LOG) COMMAND… A terminal sees one moving line,
# a file one line for each stage; where the command fails, the end of its log, and its exit status is kept. The command
# stays in the foreground, so that Ctrl-C reaches it, and the line ends with this shell.
define MAKE_STAGE
title=$$1 log=$$2 line=; shift 2
mkdir -p "$${log%/*}" || exit
if [ -t 2 ]; then
  { seconds=0
    while kill -0 $$$$; do
      printf '\r\033[K  %s … %s s' "$$title" "$$seconds" >&3
      sleep 1; seconds=$$((seconds + 1))
    done
  } 3>&2 >/dev/null 2>&1 &
  line=$$!
else
  printf '==> %s\n' "$$title" >&2
fi
erase() { [ -z "$$line" ] || { kill "$$line" 2>/dev/null; wait "$$line" 2>/dev/null; printf '\r\033[K' >&2; }; line=; }
trap erase EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
status=0
"$$@" >"$$log" 2>&1 || status=$$?
erase
[ "$$status" -eq 0 ] || { printf '%s: failed (exit status %s); the end of %s:\n' "$$title" "$$status" "$$log"; tail -n 15 "$$log"; } >&2
exit "$$status"
endef
export MAKE_STAGE
stage = sh -c "$$MAKE_STAGE" sh "$(1)" "$(LOGS)/$(2)"

.DEFAULT_GOAL := help
.PHONY: help setup tools demo test test-quick corpus record recorded shape mutants lint format docs lock bench clean

help: ## List the targets
	@grep -h -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

# An environment that make began is marked until it is complete: a partial one is made again.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 …")'
	@if [ -e $(HALF) ]; then rm -rf $(VENV); fi
	@if [ -e $(READY) ] || [ ! -e $(VENV) ]; then mkdir -p $(VENV) && touch $(HALF); fi
	@if command -v uv >/dev/null 2>&1; then \
	  $(call stage,setting up $(VENV) (once; about a minute),setup.log) sh -ec '\
	    uv venv --allow-existing --python "$$1" "$$2"; uv pip install --python "$$2/bin/python" -e ".[dev]"' sh $(PYTHON) $(VENV); \
	else \
	  $(call stage,setting up $(VENV) (once; about a minute),setup.log) sh -ec '\
	    "$$1" -m venv "$$2"; "$$2/bin/python" -m pip install --disable-pip-version-check --no-input --no-compile --progress-bar off -e ".[dev]"' sh $(PYTHON) $(VENV); \
	fi
	@touch $@ && rm -f $(HALF)

setup: $(READY) ## Create the environment that the other targets use

tools: $(READY) ## Install checkov into its own environment, unless it is installed
	@$(BIN)/ssm-harden tools path checkov >/dev/null 2>&1 || [ $$? -ne 1 ] || \
	  $(call stage,installing checkov (once; about a minute),checkov.log) $(BIN)/ssm-harden tools install

demo: tools ## Run the demo: plan, generate, verify, apply, and audit again
	@$(BIN)/ssm-harden demo

# A file's tests stay together: what they share is made once. Applies wait for minutes in all without computing
# anything (the provider sleeps until a setting has settled), so the whole suite has two workers more than processors.
SPREAD  := -n auto --dist loadfile
WAITING := -n "$$($(BIN)/python -c 'import os; print((os.cpu_count() or 1) + 2)')" --dist loadfile --no-loadscope-reorder
QUICK  := not terraform and not checkov and not packaging and not server and not process and not slow and not corpus

test: tools ## Run the tests, except those over long generated corpora
	@echo "==> tests"
	@SSM_HARDEN_CHECKOV="$${SSM_HARDEN_CHECKOV:-$$($(BIN)/ssm-harden tools path checkov)}" \
	  $(BIN)/python -m pytest $(WAITING) -m "not corpus"

test-quick: $(READY) ## Run the tests that start no other program (about a minute)
	@echo "==> quick tests"
	@$(BIN)/python -m pytest $(SPREAD) -m "$(QUICK)"

corpus: $(READY) ## Run the tests over long generated corpora
	@echo "==> corpora"
	@$(BIN)/python -m pytest $(SPREAD) -m corpus

recorded: $(READY) ## Compare verdicts, messages, exit codes, and generated files with the record
	@echo "==> recorder"
	@$(BIN)/python -m tests.recorder check

record: $(READY) ## Record all of that again, full reports included, after an intended change
	@$(BIN)/python -m tests.recorder record
	@SSM_HARDEN_GOLDEN=write $(BIN)/python -m pytest -q $(SPREAD) tests/report/test_golden.py tests/report/test_access.py

# The command stops at the first failing test, so fast tests that detect a lot come first.
MUTANTS_TEST ?= $(BIN)/python -m pytest -x -p no:cacheprovider --hypothesis-seed=0 \
  -m "$(QUICK)" \
  tests/rules/test_fixtures.py tests/iam tests/access tests/report tests/rules tests/remediation tests/docs
MUTANTS ?= --seed 1 --count 50

shape: $(READY) ## Measure the structure of the code against its limits
	@$(BIN)/python -m tests.shape

mutants: $(READY) ## Make small changes to the code and list those that no test detects
	@$(BIN)/python -m tests.mutants $(MUTANTS) -- $(MUTANTS_TEST)

lint: $(READY) ## Run ruff, mypy --strict, and import-linter
	@echo "==> lint"
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

format: $(READY) ## Format the code and fix what ruff can fix
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

docs: $(READY) ## Write the generated pages: rules, command line, and schemas
	@$(BIN)/python -m docs.generate

lock: $(READY) ## Pin the packages of checkov's environment again, with all hashes (needs uv)
	@$(BIN)/python -c 'from ssm_hardening.verification.tools import CHECKOV_VERSION; print(f"checkov=={CHECKOV_VERSION}")' \
	  | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade --quiet \
	    --custom-compile-command 'make lock' --output-file ssm_hardening/verification/checkov.txt

bench: tools ## Measure start-up, check against checkov, and reading speed, side by side
	@$(BIN)/python -m tests.bench.bench
	@$(BIN)/python -m tests.bench.live

clean: ## Remove what make created here
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist demo-output
