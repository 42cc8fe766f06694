# `make` alone lists the targets. Needs make and any Python 3.8+; brings its own uv and, if need be, its own Python.

.DEFAULT_GOAL := help
.PHONY: help setup app test check format bench screenshots words notebooks wheel lock chromium clean

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WARM := $(VENV)/.warm
# A shim that fails when run is as good as absent, hence `uv --version` and not only `command -v`.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .uv/bin/uv)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(WARM) ## build .venv from requirements.lock and compile the numerical kernels

app: $(WARM) ## open the example portfolio in the browser
	$(BIN)/bush app --demo

# Two workers fill two cores; threads of the libraries under them would only be in each other's way.
test: export OMP_NUM_THREADS = 1
test: $(WARM) chromium ## run all tests; FAST=1 leaves the slow ones out
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(if $(FAST),-m "not slow")

check: $(INSTALLED) ## lint, formatting, types and the import rule
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/contracts/test_layers.py

format: $(INSTALLED) ## format the code and sort its imports
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(WARM) ## measure what the README claims about speed and accuracy
	@missed=; for script in benchmarks/*.py; do \
	  echo "== $$script"; $(BIN)/python "$$script" || missed="$$missed $$script"; done; \
	$(BIN)/python -m benchmarks.decisions || missed="$$missed decisions"; \
	if [ -n "$$missed" ]; then echo "A bar is missed in:$$missed"; exit 1; fi

screenshots: $(WARM) chromium ## take the pictures of the README anew
	$(BIN)/python docs/screenshots.py

words: $(INSTALLED) ## gather all texts for translators, and bring every language up to them
	$(BIN)/python docs/words.py

notebooks: $(WARM) ## rebuild the notebooks from their text and run them
	$(BIN)/jupytext --to ipynb --update notebooks/*.py
	$(BIN)/pytest --nbmake --nbmake-timeout=600 --timeout=0 notebooks

wheel: $(INSTALLED) ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

# The lock carries hashes and no address: whoever installs from it uses the package index of their own choice.
lock: | $(UV) ## compile requirements.lock anew from pyproject.toml
	env -u UV_FIND_LINKS -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_DEFAULT_INDEX \
	  $(UV) pip compile --no-config --quiet --universal --python-version 3.12 --generate-hashes --no-header \
	  --upgrade --extra test --extra book --extra login pyproject.toml -o requirements.lock
	@if grep -nE '://|--(extra-)?index|--find-links' requirements.lock; then \
	  echo "requirements.lock holds an address; it must not."; exit 1; fi

clean: ## remove the environment, caches and builds
	rm -rf $(VENV) .uv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium:
	@if [ -x /usr/bin/chromium ]; then :; \
	elif [ "$$(id -u)" = 0 ] && [ -f /etc/debian_version ] && \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium </dev/null; then :; \
	else echo "NOTE: no /usr/bin/chromium, the browser tests will be skipped. On Debian: sudo apt-get install chromium"; fi

# Without bytecode the first start would compile some thousand modules; where Python may not keep it, each start would.
$(WARM): $(INSTALLED)
	$(BIN)/python -m compileall -q app model
	$(BIN)/bush warm-up || echo "NOTE: the kernels were not compiled ahead; the first answer will take longer."
	@touch $@

# Every candidate is run, not only found, and must have the modules the app stands on. With none, uv fetches a Python.
# An environment that works is kept and only brought up to the lock.
$(INSTALLED): requirements.lock pyproject.toml | $(UV)
	@if ! $(BIN)/python -c '' 2>/dev/null; then \
	  python=; for candidate in python3.13 python3.14 python3.12 python3 /usr/bin/python3 \
	      "$$HOME"/.pyenv/versions/3.13.*/bin/python3 "$$HOME"/.pyenv/versions/3.1[24].*/bin/python3; do \
	    python=$$($$candidate -c 'import sys, sqlite3, ssl, ctypes; (3, 12) <= sys.version_info < (3, 15) or sys.exit(1); print(sys.executable)' 2>/dev/null) && break; \
	    python=; done; \
	  echo "Python: $${python:-3.13, fetched by uv}"; \
	  $(UV) venv --quiet --clear --python "$${python:-3.13}" $(VENV) || { \
	    echo "No Python 3.12, 3.13 or 3.14 works here and uv could not fetch one: install one of them and run make again."; exit 1; }; \
	fi
	@echo "Installing the locked packages into $(VENV)"
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

# Any Python that can make a virtual environment will do here; Debian ships one that cannot.
.uv/bin/uv:
	@for candidate in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do \
	  $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || continue; \
	  $$candidate -m venv --clear .uv >/dev/null 2>&1 && break; rm -rf .uv; done; \
	if [ ! -x .uv/bin/pip ]; then \
	  echo "No Python here can make a virtual environment. Install one and run make again (Debian: apt-get install python3-venv)."; \
	  exit 1; fi; \
	.uv/bin/pip install --quiet uv || { rm -rf .uv; echo "uv could not be installed; the reason stands above."; exit 1; }
