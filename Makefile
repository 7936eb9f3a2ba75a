# Everything a fresh Debian machine with Python and make needs: each target does its own set-up.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= out
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test test-apps check bench format clean browser apps

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "Python 3.11 to 3.13 is needed; give it by: make PYTHON=python3.12 / 需要 Python 3.11 至 3.13"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; } \
	  || { echo "install the venv module by: sudo apt-get install python3-venv / 请安装 python3-venv"; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,studies]'
	@touch $@ $(VENV)/.run

browser:  # Chromium and a CJK font: by apt where we are root, else say what to install
	@tests/browser/provide.sh

apps:  # LibreOffice, QGIS and a CJK font, likewise
	@tests/apps/provide.sh

demo: $(VENV)/.run  ## run the sample county from its files to the report
	$(BIN)/tonggou demo --out $(OUT)/demo

test: $(VENV)/.dev browser  ## all tests, the browser's included
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-apps: $(VENV)/.dev apps  ## open the documents in LibreOffice and QGIS; pictures stay in out/apps
	TONGGOU_APPS=$(abspath $(OUT))/apps $(BIN)/python -m pytest -m apps tests/apps

check: $(VENV)/.dev  ## ruff, format, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## print the benchmark tables
	$(BIN)/python -m benchmarks

clean:  ## remove what the targets made
	rm -rf $(VENV) $(OUT) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
