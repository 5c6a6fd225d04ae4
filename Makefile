# The commands of the project; `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash

.PHONY: help install run demo test lint bench soak screenshots translations pins tools

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.txt
	touch $@

CATALOGUES := $(patsubst %.po,%.mo,$(wildcard kiosk/translations/*/LC_MESSAGES/messages.po))

%.mo: %.po .venv/installed
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale zh

translations: $(CATALOGUES)

install: .venv/installed translations  ## make .venv with the pinned requirements

run: install  ## serve on 0.0.0.0:8000
	$(BIN)/python -m kiosk.launcher

demo: install  ## the same, on a database of its own with the Quality Month in it
	$(BIN)/python -m kiosk.launcher --demo

tools:
	tools/install_test_tools.sh

# Three at a time, a file at a time, because tests of browsers and servers mostly wait: on two cores a tenth sooner than
# two at a time. What measures a moment on screen goes alone afterwards.
test: install .venv/installed-dev tools  ## run every test
	$(BIN)/pytest -n 3 --dist loadfile -m "not alone"
	$(BIN)/pytest -m alone

lint: install .venv/installed-dev  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --lint templates --quiet

bench: install .venv/installed-dev  ## the benchmarks, as ratios within one run
	$(BIN)/python -m bench

soak: install .venv/installed-dev tools  ## the long fault and load rounds
	SOAK=1 $(BIN)/pytest -m server --timeout 3600

screenshots: install .venv/installed-dev tools  ## pictures of every screen, in screenshots/
	$(BIN)/python -m tools.screenshots

pins:  ## write the pinned requirements anew
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements.txt requirements-dev.in -o requirements-dev.txt
