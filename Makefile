# Thin names for the commands of the README. Each works on a bare Debian-like machine with Python 3.11 or newer.
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin

.PHONY: demo test test-fast lab bench clean tools

demo: $(VENV)/.course | tools
	$(BIN)/python -m grader demo --out demo

# A group of tests, or a file, in one of the processes: what it sets up once for all of its tests stays together. Slow
# ones go first (tests/conftest.py). No more processes than cores: some checks compare CPU times, which a busy machine blurs.
PYTEST = $(BIN)/python -m pytest --dist=loadgroup --no-loadscope-reorder

test: $(VENV)/.dev | tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(PYTEST) --numprocesses=2 $(TEST_OPTIONS)

# About a minute on two cores: linters, and the tests to run before a commit.
test-fast: $(VENV)/.dev | tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(PYTEST) --numprocesses=2 -m 'not slow'

# One BLAS thread: on matrices as small as these, more of them only get into each other's way.
lab: $(VENV)/.course
	OPENBLAS_NUM_THREADS=1 $(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks/loss_and_optimization/1_gradient_check.ipynb

bench: $(VENV)/.dev | tools
	$(BIN)/python -m benchmarks.one_submission

clean:
	rm -rf demo $(VENV)

# What apt brings: the sandbox, and Python's venv module where Debian ships it apart.
tools:
	@command -v bwrap >/dev/null || $(call apt_install,bubblewrap)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(call apt_install,python3-venv)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.course: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.course

define apt_install
{ if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq $(1) >/dev/null; \
  elif sudo -n true 2>/dev/null; then sudo apt-get update -qq && sudo apt-get install -y -qq $(1) >/dev/null; \
  else echo "$(1) is missing. Run: sudo apt-get install $(1), then make again." >&2; exit 1; fi; }
endef
