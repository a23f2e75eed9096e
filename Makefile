# `make` alone lists what there is. Every target makes the environment it needs, once, in $(VENV).

VENV ?= .venv
# the first of these that runs; tools/setup_env.py says what is missing when none does
PYTHON ?= $(shell for p in python3.11 python3.12 python3; do $$p -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null && echo $$p && exit; done; echo python3)
CONFIG ?= configs/quickstart/epalm_smollm2_stamps.py
TIMINGS ?= work_dirs/benchmarks/benchmarks.json

# test processes at once, of one thread each: tiny tensors gain nothing from more
WORKERS ?= $(shell cores=$$(nproc 2>/dev/null || echo 2); echo $$((cores < 8 ? cores : 8)))

BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help env train test test-slow bench lint format lock clean distclean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  Variables: VENV=.venv  PYTHON=python3.11  WORKERS=$(WORKERS)  CONFIG=$(CONFIG)'

env:  ## the environment alone, from requirements/lock.txt
	@$(PYTHON) tools/setup_env.py --venv $(VENV)

train: env  ## fetch the quickstart's models and pictures, then train eP-ALM on them
	$(BIN)/python tools/zoo.py fetch
	$(BIN)/python tools/train.py $(CONFIG)

test: env  ## the unit tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

test-slow: env  ## the tests on the real models and data as well, and with other versions of transformers and MMEngine
	$(BIN)/python tools/zoo.py fetch
	$(BIN)/python -m pytest -q -m 'not gpu'

bench: env  ## time what the project claims to be fast
	@mkdir -p $(dir $(TIMINGS))
	$(BIN)/python -m pytest -q -o addopts= --import-mode=importlib --benchmark-only --benchmark-json=$(TIMINGS) tests/benchmarks
	$(BIN)/python tools/timings.py $(TIMINGS)

lint: env  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: env  ## put style and formatting right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:  ## resolve requirements/*.txt into requirements/lock.txt (needs uv)
	requirements/make_lock.sh

clean:  ## remove caches and build leftovers; runs and the environment stay
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .benchmarks
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean  ## remove the environment too
	rm -rf $(VENV)
